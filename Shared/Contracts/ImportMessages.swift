import Wire

/// Wants new recovery codes; the old ones are void.
package struct MakeRecoveryCodes: Message {
    package static let name = "MakeRecoveryCodes"
    package static let about = "Wants new recovery codes; the old ones are void."

    package var user: UserID
    package var notify: NoticeReceiver?

    package init(user: UserID, notify: NoticeReceiver? = nil) {
        self.user = user
        self.notify = notify
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        notify = try coder.optional(2, "notify", it?.notify, "Who is told.")
    }
}

/// What users bring with them. It is taken once of each user, and what he has already is left as
/// it is.
package struct ImportAuthenticators: Message {
    package static let name = "ImportAuthenticators"
    package static let about =
        "What users bring with them. It is taken once of each user, and what he has already is "
        + "left as it is."

    package var users: [ImportedAuthenticators]
    package var checkOnly: Bool

    package init(users: [ImportedAuthenticators], checkOnly: Bool = false) {
        self.users = users
        self.checkOnly = checkOnly
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        users = try coder.list(1, "users", it?.users, max: 256, "Each user once.")
        checkOnly = try coder.field(
            2, "checkOnly", it?.checkOnly, "True to be told what is refused, and take nothing.")
    }
}

/// What one user brings with him.
package struct ImportedAuthenticators: Message {
    package static let name = "ImportedAuthenticators"
    package static let about = "What one user brings with him."

    package var user: UserID
    package var password: String
    package var totp: [String]
    package var phone: String
    package var phoneVerifier: VerifierUID?
    package var totpVerifier: VerifierUID?

    package init(
        user: UserID, password: String = "", totp: [String] = [], phone: String = "",
        phoneVerifier: VerifierUID? = nil, totpVerifier: VerifierUID? = nil
    ) {
        self.user = user
        self.password = password
        self.totp = totp
        self.phone = phone
        self.phoneVerifier = phoneVerifier
        self.totpVerifier = totpVerifier
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        password = try coder.field(
            2, "password", it?.password, max: 512,
            "A stored password in one of the forms that are understood; empty for none.")
        totp = try coder.list(
            3, "totp", it?.totp, max: 8, each: 512,
            "otpauth URIs of codes by time or counter, to be bound under the verifier.")
        phone = try coder.field(
            4, "phone", it?.phone, max: 32,
            "In E.164 form, to be bound under the verifier; empty for none.")
        phoneVerifier = try coder.optional(
            5, "phoneVerifier", it?.phoneVerifier, "Of type sms; there where a phone is.")
        totpVerifier = try coder.optional(
            6, "totpVerifier", it?.totpVerifier, "Of type totp; there where a URI is.")
    }
}

/// Why nothing of a user is taken.
package enum ImportRefusal: String, Word, Error {
    case password, totp, phone
    /// Checking it takes more time or memory than this installation allows.
    case passwordCost = "password_cost"
}

/// How it went.
package struct AuthenticatorsImported: Message {
    package static let name = "AuthenticatorsImported"
    package static let about = "How it went."

    package var results: [ImportResult]

    package init(results: [ImportResult]) {
        self.results = results
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        results = try coder.list(1, "results", it?.results, max: 256, "In the order of the users.")
    }
}

/// How it went for one user.
package struct ImportResult: Message {
    package static let name = "ImportResult"
    package static let about = "How it went for one user."

    package var user: UserID
    package var passwordSet: Bool
    package var bound: UInt32
    package var refusal: ImportRefusal?

    package init(
        user: UserID, passwordSet: Bool = false, bound: UInt32 = 0, refusal: ImportRefusal? = nil
    ) {
        self.user = user
        self.passwordSet = passwordSet
        self.bound = bound
        self.refusal = refusal
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        passwordSet = try coder.field(
            2, "passwordSet", it?.passwordSet, "True when the password was taken now.")
        bound = try coder.field(3, "bound", it?.bound, "How many second factors were bound now.")
        refusal = try coder.optional(
            4, "refusal", it?.refusal, "Why nothing of him is taken; absent where it is.")
    }
}
