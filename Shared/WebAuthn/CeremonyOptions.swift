import Wire

/// Whether the authenticator is to see that it is its owner. What counts afterwards is the flag
/// that was seen, never what was asked for.
package enum UserVerification: String, Sendable, CaseIterable {
    /// Refused without.
    case required
    case preferred
    case discouraged
}

/// A credential that is named to the browser, and the ways to reach its authenticator.
package struct CredentialDescriptor: Sendable, Equatable {
    package let id: CredentialID
    /// Hints only, such as `usb`.
    package let transports: [String]

    package init(id: CredentialID, transports: [String] = []) {
        self.id = id
        self.transports = transports
    }

    fileprivate var json: JSON {
        var members: [JSON.Member] = [
            .init("type", .string("public-key")), .init("id", .base64URL(id.bytes)),
        ]
        if !transports.isEmpty {
            members.append(.init("transports", .array(transports.map(JSON.string))))
        }
        return .object(members)
    }
}

/// What a browser is asked when a passkey is to be made (§5.4), and what its answer is held
/// against.
package struct RegistrationOptions: Sendable, Equatable {
    package var relyingParty: RelyingParty
    package var challenge: Challenge
    package var user: UserHandle
    /// Both are shown when the user chooses among passkeys; a person's own words.
    package var userName: String
    package var displayName: String
    /// At least one, the preferred one first.
    package var algorithms: [COSEAlgorithm] = COSEAlgorithm.allCases
    package var userVerification: UserVerification = .preferred
    /// Whether the authenticator must keep the user's handle, so that the passkey serves as a
    /// whole sign-in.
    package var isDiscoverable: Bool = true
    /// What the user has already; an authenticator that holds one of these makes no other.
    package var excluded: [CredentialDescriptor] = []
    package var attestation: Conveyance = .none
    /// How long the browser may wait for the user.
    package var timeout: Duration = .seconds(300)

    /// Whether the browser is to pass on what the authenticator states about itself (§5.4.7).
    package enum Conveyance: String, Sendable, CaseIterable {
        case none, direct
    }

    package init(
        relyingParty: RelyingParty, challenge: Challenge, user: UserHandle, userName: String,
        displayName: String
    ) {
        self.relyingParty = relyingParty
        self.challenge = challenge
        self.user = user
        self.userName = userName
        self.displayName = displayName
    }

    /// PublicKeyCredentialCreationOptionsJSON (§5.1.9), for `parseCreationOptionsFromJSON`.
    package var json: JSON {
        .object([
            .init(
                "rp",
                .object([
                    .init("id", .string(relyingParty.id)),
                    .init("name", .string(relyingParty.name)),
                ])),
            .init(
                "user",
                .object([
                    .init("id", .base64URL(user.bytes)), .init("name", .string(userName)),
                    .init("displayName", .string(displayName)),
                ])),
            .init("challenge", .string(challenge.text)),
            .init("pubKeyCredParams", .array(algorithms.map(Self.parameters))),
            .init("timeout", .milliseconds(timeout)),
            .init("excludeCredentials", .array(excluded.map(\.json))),
            .init(
                "authenticatorSelection",
                .object([
                    .init("residentKey", .string(isDiscoverable ? "required" : "discouraged")),
                    .init("requireResidentKey", .bool(isDiscoverable)),
                    .init("userVerification", .string(userVerification.rawValue)),
                ])),
            .init("attestation", .string(attestation.rawValue)),
        ])
    }

    private static func parameters(_ algorithm: COSEAlgorithm) -> JSON {
        .object([
            .init("type", .string("public-key")), .init("alg", .number("\(algorithm.rawValue)")),
        ])
    }
}

/// What a browser is asked when a passkey is to be proved (§5.5).
package struct AuthenticationOptions: Sendable, Equatable {
    package var relyingParty: RelyingParty
    package var challenge: Challenge
    /// Those of the user who was identified before; none where the passkey itself says who it is.
    package var allowed: [CredentialDescriptor]
    package var userVerification: UserVerification
    package var timeout: Duration = .seconds(300)

    package init(
        relyingParty: RelyingParty, challenge: Challenge, allowed: [CredentialDescriptor] = [],
        userVerification: UserVerification = .preferred
    ) {
        self.relyingParty = relyingParty
        self.challenge = challenge
        self.allowed = allowed
        self.userVerification = userVerification
    }

    /// PublicKeyCredentialRequestOptionsJSON (§5.1.10), for `parseRequestOptionsFromJSON`.
    package var json: JSON {
        .object([
            .init("challenge", .string(challenge.text)), .init("timeout", .milliseconds(timeout)),
            .init("rpId", .string(relyingParty.id)),
            .init("allowCredentials", .array(allowed.map(\.json))),
            .init("userVerification", .string(userVerification.rawValue)),
        ])
    }
}

extension JSON {
    fileprivate static func base64URL(_ bytes: [UInt8]) -> JSON { .string(Base64URL.encode(bytes)) }

    fileprivate static func milliseconds(_ duration: Duration) -> JSON {
        let (seconds, attoseconds) = duration.components
        return .number("\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)")
    }
}
