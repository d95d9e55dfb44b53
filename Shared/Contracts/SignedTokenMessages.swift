import Wire

/// Asks for a statement about the caller's own session that others can check.
package struct IssueToken: Message {
    package static let name = "IssueToken"
    package static let about =
        "Asks for a signed statement about the session that the call is made under."

    package static let audienceMax = 256

    package var audience: String

    package init(audience: String) {
        self.audience = audience
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        audience = try coder.field(
            1, "audience", it?.audience, max: Self.audienceMax,
            "Whom it is for: one of those that an operator has named.")
    }
}

/// A statement about a session.
package struct IssuedToken: Message {
    package static let name = "IssuedToken"
    package static let about =
        "A JWT (RFC 7519), signed with Ed25519; its keys stand at /.well-known/jwks.json."

    package var token: String
    package var expiresAt: Timestamp

    package init(token: String, expiresAt: Timestamp) {
        self.token = token
        self.expiresAt = expiresAt
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        token = try coder.field(
            1, "token", it?.token, max: 8192,
            """
            Claims: iss, sub, aud, exp, iat, jti, sid, auth_time, amr, acr (aal1 or aal2), \
            preferred_username, groups. A secret while it lasts.
            """)
        expiresAt = try coder.required(
            2, "expiresAt", it?.expiresAt, "Until when it holds, also where the session ends.")
    }
}
