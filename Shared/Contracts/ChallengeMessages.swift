import Wire

/// Asks for a challenge of an offered authenticator: a message, or a passkey request.
package struct BeginVerification: Message {
    package static let name = "BeginVerification"
    package static let about =
        "Asks for a challenge of an offered authenticator: a message, or a passkey request."

    package var ticket: Ticket
    package var authenticator: AuthenticatorID

    package init(ticket: Ticket, authenticator: AuthenticatorID) {
        self.ticket = ticket
        self.authenticator = authenticator
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "From the offer.")
        authenticator = try coder.required(
            2, "authenticator", it?.authenticator, "One of those offered.")
    }
}

/// Asks for a challenge of one's own authenticator inside a session.
package struct BeginProof: Message {
    package static let name = "BeginProof"
    package static let about = "Asks for a challenge of one's own authenticator inside a session."

    package var authenticator: AuthenticatorID
    package var purpose: Purpose

    package init(authenticator: AuthenticatorID, purpose: Purpose) {
        self.authenticator = authenticator
        self.purpose = purpose
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticator = try coder.required(1, "authenticator", it?.authenticator, "Any bound one.")
        purpose = try coder.required(2, "purpose", it?.purpose, "What the proof is to open.")
    }
}

/// A challenge that waits for its answer. A later one of the same kind makes it void.
package struct ChallengeStarted: Message {
    package static let name = "ChallengeStarted"
    package static let about =
        "A challenge that waits for its answer. A later one of the same kind makes it void."

    package enum Challenge: Sendable, Equatable {
        case message(MessageSent)
        case passkey(PasskeyRequest)

        fileprivate var message: MessageSent? {
            if case .message(let it) = self { it } else { nil }
        }
        fileprivate var passkey: PasskeyRequest? {
            if case .passkey(let it) = self { it } else { nil }
        }
    }

    package var expiresAt: Timestamp
    package var challenge: Challenge

    package init(expiresAt: Timestamp, challenge: Challenge) {
        self.expiresAt = expiresAt
        self.challenge = challenge
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        expiresAt = try coder.required(
            1, "expiresAt", it?.expiresAt, "Until when it can be answered.")
        var one = OneOf<Challenge>("challenge")
        try one.take(
            coder.option(of: "challenge", 2, "message", it?.challenge.message, "A code was sent."),
            Challenge.message)
        try one.take(
            coder.option(
                of: "challenge", 3, "passkey", it?.challenge.passkey, "A passkey is asked."),
            Challenge.passkey)
        challenge = try one.picked()
    }
}

/// A code is on its way.
package struct MessageSent: Message {
    package static let name = "MessageSent"
    package static let about = "A code is on its way."

    package var receiver: String
    package var digits: UInt32
    package var resendAfter: Timestamp

    package init(receiver: String, digits: UInt32, resendAfter: Timestamp) {
        self.receiver = receiver
        self.digits = digits
        self.resendAfter = resendAfter
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        receiver = try coder.field(
            1, "receiver", it?.receiver, max: 64, "Where it was sent, masked.")
        digits = try coder.field(2, "digits", it?.digits, "How many digits the code has.")
        resendAfter = try coder.required(
            3, "resendAfter", it?.resendAfter, "From when a further one can be asked for.")
    }
}

/// What a browser's passkey call takes.
package struct PasskeyRequest: Message {
    package static let name = "PasskeyRequest"
    package static let about = "What a browser's passkey call takes."

    package var options: String

    package init(options: String) {
        self.options = options
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        options = try coder.field(
            1, "options", it?.options, max: 65_536,
            "JSON for PublicKeyCredential.parse(Creation or Request)OptionsFromJSON.")
    }
}

/// A browser's answer to a creation: the fields of its toJSON().
package struct PasskeyAttestation: Message {
    package static let name = "PasskeyAttestation"
    package static let about = "A browser's answer to a creation: the fields of its toJSON()."

    package var id: Bytes
    package var clientDataJson: Bytes
    package var attestationObject: Bytes
    package var transports: [String]

    package init(id: Bytes, clientDataJson: Bytes, attestationObject: Bytes, transports: [String]) {
        self.id = id
        self.clientDataJson = clientDataJson
        self.attestationObject = attestationObject
        self.transports = transports
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.field(1, "id", it?.id, max: 1_023, "The credential's identifier.")
        clientDataJson = try coder.field(
            2, "clientDataJson", it?.clientDataJson, max: 8_192, "response.clientDataJSON.")
        attestationObject = try coder.field(
            3, "attestationObject", it?.attestationObject, max: 32_768,
            "response.attestationObject.")
        transports = try coder.list(
            4, "transports", it?.transports, max: 8, each: 32, "response.transports.")
    }
}

/// A browser's answer to a request: the fields of its toJSON().
package struct PasskeyAssertion: Message {
    package static let name = "PasskeyAssertion"
    package static let about = "A browser's answer to a request: the fields of its toJSON()."

    package var id: Bytes
    package var clientDataJson: Bytes
    package var authenticatorData: Bytes
    package var signature: Bytes
    package var userHandle: Bytes?

    package init(
        id: Bytes, clientDataJson: Bytes, authenticatorData: Bytes, signature: Bytes,
        userHandle: Bytes? = nil
    ) {
        self.id = id
        self.clientDataJson = clientDataJson
        self.authenticatorData = authenticatorData
        self.signature = signature
        self.userHandle = userHandle
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.field(1, "id", it?.id, max: 1_023, "The credential's identifier.")
        clientDataJson = try coder.field(
            2, "clientDataJson", it?.clientDataJson, max: 8_192, "response.clientDataJSON.")
        authenticatorData = try coder.field(
            3, "authenticatorData", it?.authenticatorData, max: 8_192, "response.authenticatorData."
        )
        signature = try coder.field(
            4, "signature", it?.signature, max: 1_024, "response.signature.")
        userHandle = try coder.optional(
            5, "userHandle", it?.userHandle, max: 64, "response.userHandle, when there is one.")
    }
}

/// Begins a sign-in without a user name.
package struct BeginPasskeySignIn: Message {
    package static let name = "BeginPasskeySignIn"
    package static let about = "Begins a sign-in without a user name."

    package var bearer: Bool

    package init(bearer: Bool) {
        self.bearer = bearer
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        bearer = try coder.field(
            1, "bearer", it?.bearer, "True for a session token instead of a cookie.")
    }
}

/// Which passkey the browser may offer: any of this site's.
package struct PasskeySignIn: Message {
    package static let name = "PasskeySignIn"
    package static let about = "Which passkey the browser may offer: any of this site's."

    package var ticket: Ticket
    package var expiresAt: Timestamp
    package var passkey: PasskeyRequest

    package init(ticket: Ticket, expiresAt: Timestamp, passkey: PasskeyRequest) {
        self.ticket = ticket
        self.expiresAt = expiresAt
        self.passkey = passkey
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "For the answer.")
        expiresAt = try coder.required(
            2, "expiresAt", it?.expiresAt, "Until when it can be answered.")
        passkey = try coder.required(3, "passkey", it?.passkey, "For the browser.")
    }
}

/// A passkey that says by itself who signs in. It must have verified its user.
package struct CompletePasskeySignIn: Message {
    package static let name = "CompletePasskeySignIn"
    package static let about =
        "A passkey that says by itself who signs in. It must have verified its user."

    package var ticket: Ticket
    package var passkey: PasskeyAssertion
    package var bearer: Bool
    package var trustDevice: Bool

    package init(
        ticket: Ticket, passkey: PasskeyAssertion, bearer: Bool, trustDevice: Bool = false
    ) {
        self.ticket = ticket
        self.passkey = passkey
        self.bearer = bearer
        self.trustDevice = trustDevice
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "From the beginning.")
        passkey = try coder.required(2, "passkey", it?.passkey, "The browser's answer.")
        bearer = try coder.field(
            3, "bearer", it?.bearer, "True for a session token instead of a cookie.")
        trustDevice = try coder.field(
            4, "trustDevice", it?.trustDevice,
            """
            Let this device stand in for the second factor when a password signs in next time, \
            where that is allowed.
            """)
    }
}

/// Asks for a link to choose a new password. The answer is the same for every name.
package struct BeginPasswordReset: Message {
    package static let name = "BeginPasswordReset"
    package static let about =
        "Asks for a link to choose a new password. The answer is the same for every name."

    package var identifier: String

    package init(identifier: String) {
        self.identifier = identifier
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        identifier = try coder.field(
            1, "identifier", it?.identifier, max: 320, "User name, e-mail address or phone number.")
    }
}

/// If the account exists and has an address, a link is on its way.
package struct PasswordResetSent: Message {
    package static let name = "PasswordResetSent"
    package static let about = "If the account exists and has an address, a link is on its way."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// A new password, by the link's token. It opens no session.
package struct CompletePasswordReset: Message {
    package static let name = "CompletePasswordReset"
    package static let about = "A new password, by the link's token. It opens no session."

    package var token: ResetToken
    package var newPassword: String

    package init(token: ResetToken, newPassword: String) {
        self.token = token
        self.newPassword = newPassword
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        token = try coder.required(1, "token", it?.token, "What stands behind the # of the link.")
        newPassword = try coder.field(
            2, "newPassword", it?.newPassword, max: 1024,
            "8 code points at least where a second factor is asked, 15 else.")
    }
}

/// The new password is in force; all sessions have ended.
package struct PasswordWasReset: Message {
    package static let name = "PasswordWasReset"
    package static let about = "The new password is in force; all sessions have ended."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Wants new recovery codes; the old ones are void. Wants a fresh proof.
package struct RegenerateRecoveryCodes: Message {
    package static let name = "RegenerateRecoveryCodes"
    package static let about =
        "Wants new recovery codes; the old ones are void. Wants a fresh proof."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Told this once. Each works once in the place of a second factor.
package struct RecoveryCodes: Message {
    package static let name = "RecoveryCodes"
    package static let about = "Told this once. Each works once in the place of a second factor."

    package var codes: [String]

    package init(codes: [String]) {
        self.codes = codes
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        codes = try coder.list(1, "codes", it?.codes, max: 16, each: 32, "In groups of four.")
    }
}

/// What was bound.
package struct AuthenticatorBound: Message {
    package static let name = "AuthenticatorBound"
    package static let about = "What was bound."

    package var authenticator: AuthenticatorView
    package var recoveryCodes: [String]

    package init(authenticator: AuthenticatorView, recoveryCodes: [String] = []) {
        self.authenticator = authenticator
        self.recoveryCodes = recoveryCodes
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticator = try coder.required(
            1, "authenticator", it?.authenticator, "As it is listed.")
        recoveryCodes = try coder.list(
            2, "recoveryCodes", it?.recoveryCodes, max: 16, each: 32,
            "With the first authenticator: told this once.")
    }
}
