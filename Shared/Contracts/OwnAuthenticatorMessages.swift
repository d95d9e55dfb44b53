import Wire

/// Asks for one's own authenticators.
package struct ListOwnAuthenticators: Message {
    package static let name = "ListOwnAuthenticators"
    package static let about = "Asks for one's own authenticators."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// The personal centre's list: all verifiers, bound or not.
package struct OwnAuthenticators: Message {
    package static let name = "OwnAuthenticators"
    package static let about = "The personal centre's list: all verifiers, bound or not."

    package var authenticators: [AuthenticatorView]
    package var verifiers: [OfferedVerifier]
    package var recoveryCodesLeft: UInt32
    package var recovery: AuthenticatorID?

    package init(
        authenticators: [AuthenticatorView], verifiers: [OfferedVerifier],
        recoveryCodesLeft: UInt32 = 0, recovery: AuthenticatorID? = nil
    ) {
        self.authenticators = authenticators
        self.verifiers = verifiers
        self.recoveryCodesLeft = recoveryCodesLeft
        self.recovery = recovery
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticators = try coder.list(
            1, "authenticators", it?.authenticators, max: 64,
            "What is bound.")
        verifiers = try coder.list(2, "verifiers", it?.verifiers, max: 64, "What can be bound.")
        recoveryCodesLeft = try coder.field(
            3, "recoveryCodesLeft", it?.recoveryCodesLeft, "How many recovery codes are unused.")
        recovery = try coder.optional(
            4, "recovery", it?.recovery,
            "Present when recovery codes are left; give it as the authenticator with one of them.")
    }
}

/// A bound authenticator.
package struct AuthenticatorView: Message {
    package static let name = "AuthenticatorView"
    package static let about = "A bound authenticator."

    package var id: AuthenticatorID
    package var verifier: VerifierUID
    package var type: VerifierType
    package var title: String
    package var hint: String
    package var boundAt: Timestamp
    package var lastUsedAt: Timestamp?
    package var disabled: Bool
    package var name: String
    package var lastUsedFrom: String
    package var lastUsedDevice: String

    package init(
        id: AuthenticatorID, verifier: VerifierUID, type: VerifierType, title: String,
        hint: String, boundAt: Timestamp, lastUsedAt: Timestamp? = nil, disabled: Bool,
        name: String = "", lastUsedFrom: String = "", lastUsedDevice: String = ""
    ) {
        self.id = id
        self.verifier = verifier
        self.type = type
        self.title = title
        self.hint = hint
        self.boundAt = boundAt
        self.lastUsedAt = lastUsedAt
        self.disabled = disabled
        self.name = name
        self.lastUsedFrom = lastUsedFrom
        self.lastUsedDevice = lastUsedDevice
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "The authenticator.")
        verifier = try coder.required(
            2, "verifier", it?.verifier,
            "The verifier it is bound under.")
        type = try coder.required(3, "type", it?.type, "Its kind.")
        title = try coder.field(4, "title", it?.title, max: 256, "What people call it.")
        hint = try coder.field(5, "hint", it?.hint, max: 256, "Which one it is, masked.")
        boundAt = try coder.required(6, "boundAt", it?.boundAt, "When it was bound.")
        lastUsedAt = try coder.optional(
            7, "lastUsedAt", it?.lastUsedAt,
            "When it last proved anything.")
        disabled = try coder.field(
            8, "disabled", it?.disabled,
            "True when too many failures disabled it until it is bound anew.")
        name = try coder.field(
            9, "name", it?.name, max: 256, "What its owner calls it; may be empty.")
        lastUsedFrom = try coder.field(
            10, "lastUsedFrom", it?.lastUsedFrom, max: 64,
            "The network address from where, then; empty where that is not known.")
        lastUsedDevice = try coder.field(
            11, "lastUsedDevice", it?.lastUsedDevice, max: 64,
            "With what, then, as `Firefox on Linux`; empty where that is not known.")
    }
}

/// Chooses the verifier to bind.
package struct BeginOwnBinding: Message {
    package static let name = "BeginOwnBinding"
    package static let about = "Chooses the verifier to bind."

    package var verifier: VerifierUID
    package var receiver: String

    package init(verifier: VerifierUID, receiver: String = "") {
        self.verifier = verifier
        self.receiver = receiver
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        verifier = try coder.required(1, "verifier", it?.verifier, "The verifier.")
        receiver = try coder.field(
            2, "receiver", it?.receiver, max: 320,
            "A phone number or an address, for verifiers that send messages.")
    }
}

/// Proves that the app holds the seed.
package struct ConfirmOwnBinding: Message {
    package static let name = "ConfirmOwnBinding"
    package static let about = "Proves that the app holds the seed."

    package var code: String
    package var passkey: PasskeyAttestation?
    package var name: String

    package init(code: String, passkey: PasskeyAttestation? = nil, name: String = "") {
        self.code = code
        self.passkey = passkey
        self.name = name
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        code = try coder.field(1, "code", it?.code, max: 64, "The digits as shown.")
        passkey = try coder.optional(
            2, "passkey", it?.passkey, "The answer of a browser, in the place of a code.")
        name = try coder.field(
            3, "name", it?.name, max: 1024,
            "What its owner calls it: up to 64 code points without controls; may be empty.")
    }
}

/// Removes an authenticator.
package struct Unbind: Message {
    package static let name = "Unbind"
    package static let about = "Removes an authenticator."

    package var authenticator: AuthenticatorID
    package var provedWith: AuthenticatorID
    package var code: String
    package var passkey: PasskeyAssertion?

    package init(
        authenticator: AuthenticatorID, provedWith: AuthenticatorID, code: String,
        passkey: PasskeyAssertion? = nil
    ) {
        self.authenticator = authenticator
        self.provedWith = provedWith
        self.code = code
        self.passkey = passkey
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticator = try coder.required(
            1, "authenticator", it?.authenticator,
            "The one to remove.")
        provedWith = try coder.required(
            2, "provedWith", it?.provedWith,
            "Any bound one, also the one to remove.")
        code = try coder.field(3, "code", it?.code, max: 64, "The digits that prove it.")
        passkey = try coder.optional(
            5, "passkey", it?.passkey, "The answer of a browser, in the place of a code.")
    }
}

/// It is gone.
package struct Unbound: Message {
    package static let name = "Unbound"
    package static let about = "It is gone."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Calls an authenticator by another name.
package struct RenameAuthenticator: Message {
    package static let name = "RenameAuthenticator"
    package static let about = "Calls an authenticator by another name."

    package var authenticator: AuthenticatorID
    package var name: String

    package init(authenticator: AuthenticatorID, name: String) {
        self.authenticator = authenticator
        self.name = name
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticator = try coder.required(
            1, "authenticator", it?.authenticator, "One of one's own.")
        name = try coder.field(
            2, "name", it?.name, max: 1024,
            "Up to 64 code points (in form C) without controls; empty for none.")
    }
}
