import Wire

/// Wants a challenge of an authenticator.
package struct BeginChallenge: Message {
    package static let name = "BeginChallenge"
    package static let about = "Wants a challenge of an authenticator."

    package var user: UserID
    package var authenticator: AuthenticatorID
    package var context: ContextID
    package var purpose: Purpose
    package var locale: String
    package var alone: Bool
    package var limits: LimitSettings?

    package init(
        user: UserID, authenticator: AuthenticatorID, context: ContextID, purpose: Purpose,
        locale: String, alone: Bool = false
    ) {
        self.user = user
        self.authenticator = authenticator
        self.context = context
        self.purpose = purpose
        self.locale = locale
        self.alone = alone
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        authenticator = try coder.required(2, "authenticator", it?.authenticator, "Which of his.")
        context = try coder.required(
            3, "context", it?.context,
            "The pending sign-in or session; only there it can be answered.")
        purpose = try coder.required(4, "purpose", it?.purpose, "What the proof is to open.")
        locale = try coder.field(
            5, "locale", it?.locale, max: 35, "The language of the message (BCP 47).")
        alone = try coder.field(
            6, "alone", it?.alone,
            "True where no password stands beside it: a passkey must verify its user.")
        limits = try coder.optional(
            7, "limits", it?.limits, "Those of policy, where they are stricter than others.")
    }
}

/// Wants a challenge that any passkey may answer.
package struct BeginPasskeyChallenge: Message {
    package static let name = "BeginPasskeyChallenge"
    package static let about = "Wants a challenge that any passkey may answer."

    package var context: ContextID

    package init(context: ContextID) {
        self.context = context
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        context = try coder.required(1, "context", it?.context, "The sign-in that it belongs to.")
    }
}

/// A challenge that any passkey may answer.
package struct PasskeyChallenge: Message {
    package static let name = "PasskeyChallenge"
    package static let about = "A challenge that any passkey may answer."

    package var expiresAt: Timestamp
    package var passkey: PasskeyRequest

    package init(expiresAt: Timestamp, passkey: PasskeyRequest) {
        self.expiresAt = expiresAt
        self.passkey = passkey
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        expiresAt = try coder.required(1, "expiresAt", it?.expiresAt, "Until when.")
        passkey = try coder.required(2, "passkey", it?.passkey, "For the browser.")
    }
}

/// An answer to a challenge that any passkey might answer.
package struct CheckPasskey: Message {
    package static let name = "CheckPasskey"
    package static let about = "An answer to a challenge that any passkey might answer."

    package var context: ContextID
    package var passkey: PasskeyAssertion
    package var notify: NoticeReceiver?
    package var origin: ProofOrigin?

    package init(
        context: ContextID, passkey: PasskeyAssertion, notify: NoticeReceiver? = nil,
        origin: ProofOrigin? = nil
    ) {
        self.context = context
        self.passkey = passkey
        self.notify = notify
        self.origin = origin
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        context = try coder.required(1, "context", it?.context, "Where it was begun.")
        passkey = try coder.required(2, "passkey", it?.passkey, "The browser's answer.")
        notify = try coder.optional(
            3, "notify", it?.notify, "Who is told where the passkey seems to be a copy.")
        origin = try coder.optional(4, "origin", it?.origin, ProofOrigin.kept)
    }
}

/// From where something is proved.
package struct ProofOrigin: Message {
    package static let name = "ProofOrigin"
    package static let about = "From where something is proved."

    package var address: String
    package var device: String

    package init(address: String, device: String) {
        self.address = address
        self.device = device
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        address = try coder.field(
            1, "address", it?.address, max: 64, "Of the network; empty where it is not known.")
        device = try coder.field(
            2, "device", it?.device, max: 64, "As `Firefox on Linux`; empty where it is not known.")
    }

    package static var kept: StaticString {
        "What a right answer is kept with, for the owner and administrators to see."
    }
}

/// Calls an authenticator by another name.
package struct NameAuthenticator: Message {
    package static let name = "NameAuthenticator"
    package static let about = "Calls an authenticator by another name."

    package var user: UserID
    package var authenticator: AuthenticatorID
    package var name: String

    package init(user: UserID, authenticator: AuthenticatorID, name: String) {
        self.user = user
        self.authenticator = authenticator
        self.name = name
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        authenticator = try coder.required(2, "authenticator", it?.authenticator, "Which of his.")
        name = try coder.field(3, "name", it?.name, max: 256, "What its owner calls it.")
    }
}

/// Asks whose a passkey would be, were it proved.
package struct FindPasskey: Message {
    package static let name = "FindPasskey"
    package static let about = "Asks whose a passkey would be, were it proved."

    package var id: Bytes

    package init(id: Bytes) {
        self.id = id
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.field(1, "id", it?.id, max: 1_023, "The credential's identifier.")
    }
}

/// Whom to tell of what becomes of it; nothing is proved by it.
package struct PasskeyFound: Message {
    package static let name = "PasskeyFound"
    package static let about = "Whom to tell of what becomes of it; nothing is proved by it."

    package var user: UserID?

    package init(user: UserID? = nil) {
        self.user = user
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.optional(1, "user", it?.user, "Absent where nobody has it.")
    }
}

/// The passkey is right and its user was verified.
package struct PasskeyVerdict: Message {
    package static let name = "PasskeyVerdict"
    package static let about = "The passkey is right and its user was verified."

    package var user: UserID
    package var authenticator: AuthenticatorView

    package init(user: UserID, authenticator: AuthenticatorView) {
        self.user = user
        self.authenticator = authenticator
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Who it is.")
        authenticator = try coder.required(2, "authenticator", it?.authenticator, "Which of his.")
    }
}

/// An authenticator was proved, and what proved it is consumed.
package struct Proof: Message {
    package static let name = "Proof"
    package static let about = "An authenticator was proved, and what proved it is consumed."

    package var authenticator: AuthenticatorID
    package var kind: ProofKind
    package var verifier: VerifierUID?

    package init(authenticator: AuthenticatorID, kind: ProofKind, verifier: VerifierUID? = nil) {
        self.authenticator = authenticator
        self.kind = kind
        self.verifier = verifier
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticator = try coder.required(
            1, "authenticator", it?.authenticator, "The one that was asked for.")
        kind = try coder.required(2, "kind", it?.kind, "What it is.")
        verifier = try coder.optional(
            3, "verifier", it?.verifier, "Absent for recovery codes, which are under none.")
    }
}
