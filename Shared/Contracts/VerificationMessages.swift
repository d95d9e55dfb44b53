import Wire

/// A password to check. A user unknown here behaves as one with another password.
package struct CheckPassword: Message {
    package static let name = "CheckPassword"
    package static let about =
        "A password to check. A user unknown here behaves as one with another password."

    package var user: UserID
    package var password: String
    package var device: DeviceID?
    package var notify: NoticeReceiver?
    package var limits: LimitSettings?

    package init(
        user: UserID, password: String, device: DeviceID? = nil, notify: NoticeReceiver? = nil,
        limits: LimitSettings? = nil
    ) {
        self.user = user
        self.password = password
        self.device = device
        self.notify = notify
        self.limits = limits
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(
            1, "user", it?.user,
            "Whose password; for unknown names an identifier derived from the name.")
        password = try coder.field(2, "password", it?.password, max: 1024, "As typed.")
        device = try coder.optional(3, "device", it?.device, DeviceID.about)
        notify = try coder.optional(
            4, "notify", it?.notify, "Who is told where failures disable the password.")
        limits = try coder.optional(
            5, "limits", it?.limits, "Those of policy, where they are stricter than others.")
    }
}

extension DeviceID {
    fileprivate static var about: StaticString {
        "The known device that tries, which has a counter of its own; absent for any other."
    }
}

/// The password is right.
package struct PasswordVerdict: Message {
    package static let name = "PasswordVerdict"
    package static let about = "The password is right."

    package var mustChange: Bool
    package var password: AuthenticatorID

    package init(mustChange: Bool, password: AuthenticatorID) {
        self.mustChange = mustChange
        self.password = password
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        mustChange = try coder.field(
            1, "mustChange", it?.mustChange,
            "True for an initial password: it opens nothing before it is replaced.")
        password = try coder.required(
            2, "password", it?.password, "Which one was proved; a later one is another.")
    }
}

/// Wants a random password.
package struct SetInitialPassword: Message {
    package static let name = "SetInitialPassword"
    package static let about = "Wants a random password."

    package var user: UserID
    package var actor: UserID?
    package var password: String?

    package init(user: UserID, actor: UserID? = nil, password: String? = nil) {
        self.user = user
        self.actor = actor
        self.password = password
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        actor = try coder.optional(
            2, "actor", it?.actor,
            "The administrator; absent for the installation itself.")
        password = try coder.optional(
            3, "password", it?.password, max: 1024,
            "One that was prepared outside; random when absent.")
    }
}

/// Sets the password a user chose.
package struct ReplacePassword: Message {
    package static let name = "ReplacePassword"
    package static let about = "Sets the password a user chose."

    package var user: UserID
    package var newPassword: String
    package var currentPassword: String?
    package var secondFactorAsked: Bool
    package var contextWords: [String]
    package var proved: AuthenticatorID?
    package var device: DeviceID?
    package var notify: NoticeReceiver?
    package var reset: ResetToken?
    package var lengthMin: UInt32
    package var limits: LimitSettings?

    package init(
        user: UserID, newPassword: String, currentPassword: String? = nil,
        secondFactorAsked: Bool, contextWords: [String], proved: AuthenticatorID? = nil,
        device: DeviceID? = nil, notify: NoticeReceiver? = nil, reset: ResetToken? = nil,
        lengthMin: UInt32 = 0
    ) {
        self.user = user
        self.newPassword = newPassword
        self.currentPassword = currentPassword
        self.secondFactorAsked = secondFactorAsked
        self.contextWords = contextWords
        self.proved = proved
        self.device = device
        self.notify = notify
        self.reset = reset
        self.lengthMin = lengthMin
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        newPassword = try coder.field(2, "newPassword", it?.newPassword, max: 1024, "As typed.")
        currentPassword = try coder.optional(
            3, "currentPassword", it?.currentPassword, max: 1024,
            "Checked and counted first; absent where `proved` says what was.")
        secondFactorAsked = try coder.field(
            4, "secondFactorAsked", it?.secondFactorAsked,
            "True where a second factor is asked: 8 code points are enough.")
        contextWords = try coder.list(
            5, "contextWords", it?.contextWords, max: 8, each: 320,
            "What the password must not be: user name, address.")
        proved = try coder.optional(
            6, "proved", it?.proved,
            "The password that the sign-in proved; no later one is replaced.")
        device = try coder.optional(7, "device", it?.device, DeviceID.about)
        notify = try coder.optional(8, "notify", it?.notify, "Who is told.")
        reset = try coder.optional(
            9, "reset", it?.reset, "From a link, in the place of the current password; good once.")
        lengthMin = try coder.field(
            10, "lengthMin", it?.lengthMin,
            "The fewest code points that policy wants; fewer than above mean nothing.")
        limits = try coder.optional(
            11, "limits", it?.limits, "Those of policy, where they are stricter than others.")
    }
}

/// The new password is in force.
package struct PasswordReplaced: Message {
    package static let name = "PasswordReplaced"
    package static let about = "The new password is in force."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Asks for a user's second factors.
package struct ListAuthenticators: Message {
    package static let name = "ListAuthenticators"
    package static let about = "Asks for a user's second factors."

    package var user: UserID

    package init(user: UserID) {
        self.user = user
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
    }
}

/// A user's second factors.
package struct AuthenticatorList: Message {
    package static let name = "AuthenticatorList"
    package static let about = "A user's second factors."

    package var authenticators: [AuthenticatorView]
    package var recovery: AuthenticatorID?
    package var recoveryCodesLeft: UInt32

    package init(
        authenticators: [AuthenticatorView], recovery: AuthenticatorID? = nil,
        recoveryCodesLeft: UInt32 = 0
    ) {
        self.authenticators = authenticators
        self.recovery = recovery
        self.recoveryCodesLeft = recoveryCodesLeft
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticators = try coder.list(
            1, "authenticators", it?.authenticators, max: 64,
            "Disabled ones too.")
        recovery = try coder.optional(
            2, "recovery", it?.recovery, "Present when recovery codes are left and not disabled.")
        recoveryCodesLeft = try coder.field(
            3, "recoveryCodesLeft", it?.recoveryCodesLeft, "How many are unused.")
    }
}

/// Wants a seed. It belongs to one context and is void after ten minutes.
package struct BeginBinding: Message {
    package static let name = "BeginBinding"
    package static let about =
        "Wants a seed. It belongs to one context and is void after ten minutes."

    package var user: UserID
    package var verifier: VerifierUID
    package var context: ContextID
    package var accountName: String
    package var additional: Bool
    package var receiver: String
    package var locale: String
    package var limits: LimitSettings?

    package init(
        user: UserID, verifier: VerifierUID, context: ContextID, accountName: String,
        additional: Bool, receiver: String = "", locale: String = ""
    ) {
        self.user = user
        self.verifier = verifier
        self.context = context
        self.accountName = accountName
        self.additional = additional
        self.receiver = receiver
        self.locale = locale
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        verifier = try coder.required(2, "verifier", it?.verifier, "Under which verifier.")
        context = try coder.required(
            3, "context", it?.context,
            "The pending sign-in or session that binds.")
        accountName = try coder.field(
            4, "accountName", it?.accountName, max: 256,
            "What the app shows for the account.")
        additional = try coder.field(
            5, "additional", it?.additional,
            "An active second factor was proved; without it only the first can be bound.")
        receiver = try coder.field(
            6, "receiver", it?.receiver, max: 320,
            "A phone number or an address, for verifiers that send messages.")
        locale = try coder.field(
            7, "locale", it?.locale, max: 35, "The language of messages (BCP 47).")
        limits = try coder.optional(
            8, "limits", it?.limits, "Those of policy, where they are stricter than others.")
    }
}

/// The first code.
package struct ConfirmBinding: Message {
    package static let name = "ConfirmBinding"
    package static let about = "The first code."

    package var user: UserID
    package var context: ContextID
    package var code: String
    package var additional: Bool
    package var passkey: PasskeyAttestation?
    package var name: String
    package var notify: NoticeReceiver?

    package init(
        user: UserID, context: ContextID, code: String, additional: Bool,
        passkey: PasskeyAttestation? = nil, name: String = "", notify: NoticeReceiver? = nil
    ) {
        self.user = user
        self.context = context
        self.code = code
        self.additional = additional
        self.passkey = passkey
        self.name = name
        self.notify = notify
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        context = try coder.required(2, "context", it?.context, "The one that began.")
        code = try coder.field(3, "code", it?.code, max: 64, "As typed.")
        additional = try coder.field(
            4, "additional", it?.additional,
            "An active second factor was proved.")
        passkey = try coder.optional(
            5, "passkey", it?.passkey, "The answer of a browser, in the place of a code.")
        name = try coder.field(6, "name", it?.name, max: 256, "What its owner calls it.")
        notify = try coder.optional(7, "notify", it?.notify, "Who is told.")
    }
}

/// A code to check and consume.
package struct CheckCode: Message {
    package static let name = "CheckCode"
    package static let about = "A code to check and consume."

    package var user: UserID
    package var authenticator: AuthenticatorID
    package var code: String
    package var purpose: Purpose
    package var device: DeviceID?
    package var context: ContextID?
    package var passkey: PasskeyAssertion?
    package var notify: NoticeReceiver?
    package var alone: Bool
    package var limits: LimitSettings?
    package var origin: ProofOrigin?

    package init(
        user: UserID, authenticator: AuthenticatorID, code: String, purpose: Purpose,
        device: DeviceID? = nil, context: ContextID? = nil, passkey: PasskeyAssertion? = nil,
        notify: NoticeReceiver? = nil, alone: Bool = false, origin: ProofOrigin? = nil
    ) {
        self.user = user
        self.authenticator = authenticator
        self.code = code
        self.purpose = purpose
        self.device = device
        self.context = context
        self.passkey = passkey
        self.notify = notify
        self.alone = alone
        self.origin = origin
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        authenticator = try coder.required(2, "authenticator", it?.authenticator, "Which of his.")
        code = try coder.field(3, "code", it?.code, max: 64, "As typed.")
        purpose = try coder.required(4, "purpose", it?.purpose, "What it is to open.")
        device = try coder.optional(5, "device", it?.device, DeviceID.about)
        context = try coder.optional(
            6, "context", it?.context, "Where the challenge was begun, for kinds that have one.")
        passkey = try coder.optional(
            7, "passkey", it?.passkey, "The answer of a browser, in the place of a code.")
        notify = try coder.optional(
            8, "notify", it?.notify, "Who is told of what its owner should know.")
        alone = try coder.field(
            9, "alone", it?.alone,
            "True where no password stands beside it: a passkey must verify its user.")
        limits = try coder.optional(
            10, "limits", it?.limits, "Those of policy, where they are stricter than others.")
        origin = try coder.optional(11, "origin", it?.origin, ProofOrigin.kept)
    }
}

/// Removes one second factor.
package struct RemoveAuthenticator: Message {
    package static let name = "RemoveAuthenticator"
    package static let about = "Removes one second factor."

    package var user: UserID
    package var authenticator: AuthenticatorID
    package var keepsOne: Bool
    package var notify: NoticeReceiver?

    package init(
        user: UserID, authenticator: AuthenticatorID, keepsOne: Bool, notify: NoticeReceiver? = nil
    ) {
        self.user = user
        self.authenticator = authenticator
        self.keepsOne = keepsOne
        self.notify = notify
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        authenticator = try coder.required(2, "authenticator", it?.authenticator, "Which.")
        keepsOne = try coder.field(
            3, "keepsOne", it?.keepsOne,
            "True when an active one has to remain.")
        notify = try coder.optional(5, "notify", it?.notify, "Who is told.")
    }
}

/// It is gone.
package struct AuthenticatorRemoved: Message {
    package static let name = "AuthenticatorRemoved"
    package static let about = "It is gone."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Removes all second factors of a user.
package struct RemoveAuthenticators: Message {
    package static let name = "RemoveAuthenticators"
    package static let about = "Removes all second factors of a user."

    package var user: UserID
    package var actor: UserID?
    package var reason: String

    package init(user: UserID, actor: UserID?, reason: String) {
        self.user = user
        self.actor = actor
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        actor = try coder.optional(
            2, "actor", it?.actor,
            "The administrator; absent for the installation itself.")
        reason = try coder.field(3, "reason", it?.reason, max: 1024, "For the audit.")
    }
}

/// Sets a verifier up.
package struct MakeVerifier: Message {
    package static let name = "MakeVerifier"
    package static let about = "Sets a verifier up."

    package var actor: UserID?
    package var verifier: CreateVerifier

    package init(actor: UserID? = nil, verifier: CreateVerifier) {
        self.actor = actor
        self.verifier = verifier
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        actor = try coder.optional(
            1, "actor", it?.actor,
            "The administrator; absent for the installation itself.")
        verifier = try coder.required(2, "verifier", it?.verifier, "What it shall be.")
    }
}

/// Tries a verifier with a message that is no code.
package struct TryVerifier: Message {
    package static let name = "TryVerifier"
    package static let about = "Tries a verifier with a message that is no code."

    package var actor: UserID
    package var verifier: TestVerifier

    package init(actor: UserID, verifier: TestVerifier) {
        self.actor = actor
        self.verifier = verifier
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        actor = try coder.required(
            1, "actor", it?.actor, "The administrator, whose messages are counted.")
        verifier = try coder.required(2, "verifier", it?.verifier, "Which, and where to.")
    }
}

/// Changes a verifier.
package struct ChangeVerifier: Message {
    package static let name = "ChangeVerifier"
    package static let about = "Changes a verifier."

    package var actor: UserID
    package var verifier: UpdateVerifier

    package init(actor: UserID, verifier: UpdateVerifier) {
        self.actor = actor
        self.verifier = verifier
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        actor = try coder.required(1, "actor", it?.actor, "The administrator.")
        verifier = try coder.required(2, "verifier", it?.verifier, "What it shall be.")
    }
}

/// Deletes verifiers. The caller has made sure that policy does not use them.
package struct RemoveVerifiers: Message {
    package static let name = "RemoveVerifiers"
    package static let about =
        "Deletes verifiers. The caller has made sure that policy does not use them."

    package var actor: UserID
    package var verifiers: DeleteVerifiers

    package init(actor: UserID, verifiers: DeleteVerifiers) {
        self.actor = actor
        self.verifiers = verifiers
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        actor = try coder.required(1, "actor", it?.actor, "The administrator.")
        verifiers = try coder.required(2, "verifiers", it?.verifiers, "Which.")
    }
}
