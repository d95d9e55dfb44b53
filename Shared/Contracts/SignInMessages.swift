import Wire

/// A sign-in by password.
package struct StartSignIn: Message {
    package static let name = "StartSignIn"
    package static let about = "A sign-in by password."

    package var identifier: String
    package var password: String
    package var bearer: Bool
    package var trust: TrustToken?

    package init(
        identifier: String, password: String, bearer: Bool, trust: TrustToken? = nil
    ) {
        self.identifier = identifier
        self.password = password
        self.bearer = bearer
        self.trust = trust
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        identifier = try coder.field(
            1, "identifier", it?.identifier, max: 320,
            "User name, e-mail address or phone number.")
        password = try coder.field(
            2, "password", it?.password, max: 1024,
            "The password as typed; 256 code points at most.")
        bearer = try coder.field(
            3, "bearer", it?.bearer,
            "Answer with a token in the body instead of a cookie; RPC always does.")
        trust = try coder.optional(
            4, "trust", it?.trust,
            """
            With a bearer token only: what a trusted device was last given. It is good once; \
            whoever gets no answer forgets it.
            """)
    }
}

/// What a sign-in wants next. Nothing that works as a session exists before `signedIn`.
package struct NextStep: Message {
    package static let name = "NextStep"
    package static let about =
        "What a sign-in wants next. Nothing that works as a session exists before `signedIn`."

    package enum Step: Sendable, Equatable {
        case signedIn(SignedIn)
        case bind(BindOffer)
        case verify(VerifyOffer)
        case changePassword(ChangePasswordOffer)

        fileprivate var signedIn: SignedIn? {
            if case .signedIn(let it) = self { it } else { nil }
        }
        fileprivate var bind: BindOffer? {
            if case .bind(let it) = self { it } else { nil }
        }
        fileprivate var verify: VerifyOffer? {
            if case .verify(let it) = self { it } else { nil }
        }
        fileprivate var changePassword: ChangePasswordOffer? {
            if case .changePassword(let it) = self { it } else { nil }
        }
    }

    package var step: Step
    package var recoveryCodes: [String]

    package init(step: Step, recoveryCodes: [String] = []) {
        self.step = step
        self.recoveryCodes = recoveryCodes
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        var one = OneOf<Step>("step")
        try one.take(
            coder.option(
                of: "step", 1, "signedIn", it?.step.signedIn,
                "The session is open."),
            Step.signedIn)
        try one.take(
            coder.option(
                of: "step", 2, "bind", it?.step.bind,
                "Bind one of these verifiers."),
            Step.bind)
        try one.take(
            coder.option(
                of: "step", 3, "verify", it?.step.verify,
                "Prove one of these authenticators."),
            Step.verify)
        try one.take(
            coder.option(
                of: "step", 4, "changePassword", it?.step.changePassword,
                "Choose a new password."),
            Step.changePassword)
        step = try one.picked()
        recoveryCodes = try coder.list(
            5, "recoveryCodes", it?.recoveryCodes, max: 16, each: 32,
            "With the first authenticator bound: told this once.")
    }
}

/// The end of a sign-in.
package struct SignedIn: Message {
    package static let name = "SignedIn"
    package static let about = "The end of a sign-in."

    package var session: SessionView
    package var trusted: DeviceTrusted?

    package init(session: SessionView, trusted: DeviceTrusted? = nil) {
        self.session = session
        self.trusted = trusted
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        session = try coder.required(1, "session", it?.session, "The session that was opened.")
        trusted = try coder.optional(
            2, "trusted", it?.trusted,
            "Present where the device is trusted from now on, or its trust was used.")
    }
}

/// A session as its owner sees it.
package struct SessionView: Message {
    package static let name = "SessionView"
    package static let about = "A session as its owner sees it."

    package var id: SessionID
    package var userId: UserID
    package var expiresAt: Timestamp
    package var amr: [AuthenticationMethod]
    package var aal: UInt32
    package var authTime: Timestamp
    package var token: SessionToken?

    package init(
        id: SessionID, userId: UserID, expiresAt: Timestamp, amr: [AuthenticationMethod],
        aal: UInt32, authTime: Timestamp, token: SessionToken? = nil
    ) {
        self.id = id
        self.userId = userId
        self.expiresAt = expiresAt
        self.amr = amr
        self.aal = aal
        self.authTime = authTime
        self.token = token
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "The session's identifier; it opens nothing.")
        userId = try coder.required(2, "userId", it?.userId, "Whose session it is.")
        expiresAt = try coder.required(3, "expiresAt", it?.expiresAt, "When it ends at the latest.")
        amr = try coder.list(4, "amr", it?.amr, max: 8, "How its owner proved himself (RFC 8176).")
        aal = try coder.field(
            5, "aal", it?.aal,
            "Authenticator assurance level of that proof (NIST SP 800-63B), 1 or 2.")
        authTime = try coder.required(6, "authTime", it?.authTime, "When the last proof was given.")
        token = try coder.optional(
            7, "token", it?.token,
            "The bearer token, only when one was asked for.")
    }
}

/// The verifiers that this sign-in may bind.
package struct BindOffer: Message {
    package static let name = "BindOffer"
    package static let about = "The verifiers that this sign-in may bind."

    package var ticket: Ticket
    package var expiresAt: Timestamp
    package var verifiers: [OfferedVerifier]

    package init(ticket: Ticket, expiresAt: Timestamp, verifiers: [OfferedVerifier]) {
        self.ticket = ticket
        self.expiresAt = expiresAt
        self.verifiers = verifiers
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(
            1, "ticket", it?.ticket,
            "The handle of the pending sign-in; keep it secret.")
        expiresAt = try coder.required(
            2, "expiresAt", it?.expiresAt,
            "When the pending sign-in ends.")
        verifiers = try coder.list(3, "verifiers", it?.verifiers, max: 64, "One of them is enough.")
    }
}

/// A verifier that can be bound.
package struct OfferedVerifier: Message {
    package static let name = "OfferedVerifier"
    package static let about = "A verifier that can be bound."

    package var uid: VerifierUID
    package var type: VerifierType
    package var title: String

    package init(uid: VerifierUID, type: VerifierType, title: String) {
        self.uid = uid
        self.type = type
        self.title = title
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        uid = try coder.required(1, "uid", it?.uid, "The verifier.")
        type = try coder.required(2, "type", it?.type, "Its kind.")
        title = try coder.field(3, "title", it?.title, max: 256, "What people call it.")
    }
}

/// The authenticators that can complete this sign-in.
package struct VerifyOffer: Message {
    package static let name = "VerifyOffer"
    package static let about = "The authenticators that can complete this sign-in."

    package var ticket: Ticket
    package var expiresAt: Timestamp
    package var authenticators: [OfferedAuthenticator]
    package var recovery: AuthenticatorID?
    package var mayTrust: Bool
    package var trustSeconds: UInt32

    package init(
        ticket: Ticket, expiresAt: Timestamp, authenticators: [OfferedAuthenticator],
        recovery: AuthenticatorID? = nil, mayTrust: Bool = false, trustSeconds: UInt32 = 0
    ) {
        self.ticket = ticket
        self.expiresAt = expiresAt
        self.authenticators = authenticators
        self.recovery = recovery
        self.mayTrust = mayTrust
        self.trustSeconds = trustSeconds
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(
            1, "ticket", it?.ticket,
            "The handle of the pending sign-in; keep it secret.")
        expiresAt = try coder.required(
            2, "expiresAt", it?.expiresAt,
            "When the pending sign-in ends.")
        authenticators = try coder.list(
            3, "authenticators", it?.authenticators, max: 64,
            "One of them is enough.")
        recovery = try coder.optional(
            4, "recovery", it?.recovery,
            "Present when recovery codes are left; give it as the authenticator with one of them.")
        mayTrust = try coder.field(
            5, "mayTrust", it?.mayTrust, "Whether the device may be trusted with the proof.")
        trustSeconds = try coder.field(
            6, "trustSeconds", it?.trustSeconds, "For how long it would be, where it may be.")
    }
}

/// An authenticator that its owner may choose to prove.
package struct OfferedAuthenticator: Message {
    package static let name = "OfferedAuthenticator"
    package static let about = "An authenticator that its owner may choose to prove."

    package var id: AuthenticatorID
    package var verifier: VerifierUID
    package var type: VerifierType
    package var title: String
    package var hint: String

    package init(
        id: AuthenticatorID, verifier: VerifierUID, type: VerifierType, title: String,
        hint: String
    ) {
        self.id = id
        self.verifier = verifier
        self.type = type
        self.title = title
        self.hint = hint
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "The authenticator.")
        verifier = try coder.required(
            2, "verifier", it?.verifier,
            "The verifier it is bound under.")
        type = try coder.required(3, "type", it?.type, "Its kind.")
        title = try coder.field(4, "title", it?.title, max: 256, "What people call it.")
        hint = try coder.field(
            5, "hint", it?.hint, max: 256,
            "Which one it is, masked; empty where there is nothing to tell.")
    }
}

/// Everything is proved; the password has to be replaced.
package struct ChangePasswordOffer: Message {
    package static let name = "ChangePasswordOffer"
    package static let about = "Everything is proved; the password has to be replaced."

    package var ticket: Ticket
    package var expiresAt: Timestamp

    package init(ticket: Ticket, expiresAt: Timestamp) {
        self.ticket = ticket
        self.expiresAt = expiresAt
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(
            1, "ticket", it?.ticket,
            "The handle of the pending sign-in; keep it secret.")
        expiresAt = try coder.required(
            2, "expiresAt", it?.expiresAt,
            "When the pending sign-in ends.")
    }
}

/// Chooses the verifier to bind.
package struct BeginSignInBinding: Message {
    package static let name = "BeginSignInBinding"
    package static let about = "Chooses the verifier to bind."

    package var ticket: Ticket
    package var verifier: VerifierUID
    package var receiver: String

    package init(ticket: Ticket, verifier: VerifierUID, receiver: String = "") {
        self.ticket = ticket
        self.verifier = verifier
        self.receiver = receiver
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "From the offer.")
        verifier = try coder.required(2, "verifier", it?.verifier, "One of those offered.")
        receiver = try coder.field(
            3, "receiver", it?.receiver, max: 320,
            "A phone number or an address, for verifiers that send messages.")
    }
}

/// What the authenticator app needs. A later beginning makes an earlier one void.
package struct BindingStarted: Message {
    package static let name = "BindingStarted"
    package static let about =
        "What the authenticator app needs. A later beginning makes an earlier one void."

    package enum Enrolment: Sendable, Equatable {
        case totp(TOTPEnrolment)
        case message(MessageSent)
        case passkey(PasskeyRequest)

        fileprivate var totp: TOTPEnrolment? {
            if case .totp(let it) = self { it } else { nil }
        }
        fileprivate var message: MessageSent? {
            if case .message(let it) = self { it } else { nil }
        }
        fileprivate var passkey: PasskeyRequest? {
            if case .passkey(let it) = self { it } else { nil }
        }
    }

    package var expiresAt: Timestamp
    package var enrolment: Enrolment

    package init(expiresAt: Timestamp, enrolment: Enrolment) {
        self.expiresAt = expiresAt
        self.enrolment = enrolment
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        expiresAt = try coder.required(
            1, "expiresAt", it?.expiresAt,
            "Until when the binding can be confirmed.")
        var one = OneOf<Enrolment>("enrolment")
        try one.take(
            coder.option(
                of: "enrolment", 2, "totp", it?.enrolment.totp,
                "For a verifier of type totp."),
            Enrolment.totp)
        try one.take(
            coder.option(
                of: "enrolment", 3, "message", it?.enrolment.message,
                "A code was sent to the receiver."),
            Enrolment.message)
        try one.take(
            coder.option(
                of: "enrolment", 4, "passkey", it?.enrolment.passkey,
                "For a verifier of type passkey."),
            Enrolment.passkey)
        enrolment = try one.picked()
    }
}

/// A seed, told once.
package struct TOTPEnrolment: Message {
    package static let name = "TOTPEnrolment"
    package static let about = "A seed, told once."

    package var secret: String
    package var uri: String
    package var qr: String

    package init(secret: String, uri: String, qr: String = "") {
        self.secret = secret
        self.uri = uri
        self.qr = qr
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        secret = try coder.field(1, "secret", it?.secret, max: 128, "The setup key in base32.")
        uri = try coder.field(
            2, "uri", it?.uri, max: 1024,
            "The same as otpauth URI, for a QR code.")
        qr = try coder.field(3, "qr", it?.qr, max: 65_536, "The URI as QR code, an SVG image.")
    }
}

/// Proves that the app holds the seed.
package struct ConfirmSignInBinding: Message {
    package static let name = "ConfirmSignInBinding"
    package static let about = "Proves that the app holds the seed."

    package var ticket: Ticket
    package var code: String
    package var passkey: PasskeyAttestation?
    package var name: String

    package init(
        ticket: Ticket, code: String, passkey: PasskeyAttestation? = nil, name: String = ""
    ) {
        self.ticket = ticket
        self.code = code
        self.passkey = passkey
        self.name = name
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "From the offer.")
        code = try coder.field(2, "code", it?.code, max: 64, "The digits as shown.")
        passkey = try coder.optional(
            3, "passkey", it?.passkey, "The answer of a browser, in the place of a code.")
        name = try coder.field(
            4, "name", it?.name, max: 1024,
            "What its owner calls it: up to 64 code points without controls; may be empty.")
    }
}

/// Proves an authenticator.
package struct CompleteVerification: Message {
    package static let name = "CompleteVerification"
    package static let about = "Proves an authenticator."

    package var ticket: Ticket
    package var authenticator: AuthenticatorID
    package var code: String
    package var passkey: PasskeyAssertion?
    package var trustDevice: Bool

    package init(
        ticket: Ticket, authenticator: AuthenticatorID, code: String,
        passkey: PasskeyAssertion? = nil, trustDevice: Bool = false
    ) {
        self.ticket = ticket
        self.authenticator = authenticator
        self.code = code
        self.passkey = passkey
        self.trustDevice = trustDevice
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "From the offer.")
        authenticator = try coder.required(
            2, "authenticator", it?.authenticator,
            "One of those offered.")
        code = try coder.field(3, "code", it?.code, max: 64, "The digits as shown.")
        passkey = try coder.optional(
            4, "passkey", it?.passkey, "The answer of a browser, in the place of a code.")
        trustDevice = try coder.field(
            5, "trustDevice", it?.trustDevice,
            "Let this device stand in for the second factor next time, where that is allowed.")
    }
}

/// Replaces the initial or expired password.
package struct ChangeSignInPassword: Message {
    package static let name = "ChangeSignInPassword"
    package static let about = "Replaces the initial or expired password."

    package var ticket: Ticket
    package var newPassword: String

    package init(ticket: Ticket, newPassword: String) {
        self.ticket = ticket
        self.newPassword = newPassword
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "From the offer.")
        newPassword = try coder.field(
            2, "newPassword", it?.newPassword, max: 1024,
            "8 code points at least where a second factor is asked, 15 else.")
    }
}

/// Gives a pending sign-in up.
package struct CancelSignIn: Message {
    package static let name = "CancelSignIn"
    package static let about = "Gives a pending sign-in up."

    package var ticket: Ticket

    package init(ticket: Ticket) {
        self.ticket = ticket
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        ticket = try coder.required(1, "ticket", it?.ticket, "From an offer.")
    }
}

/// Nothing is left of the sign-in.
package struct SignInCanceled: Message {
    package static let name = "SignInCanceled"
    package static let about = "Nothing is left of the sign-in."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}
