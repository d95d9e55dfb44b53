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

/// What users bring with them. What a user has already is left as it is.
package struct ImportAuthenticators: Message {
    package static let name = "ImportAuthenticators"
    package static let about =
        "What users bring with them. What a user has already is left as it is."

    package var users: [ImportedAuthenticators]

    package init(users: [ImportedAuthenticators]) {
        self.users = users
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        users = try coder.list(1, "users", it?.users, max: 256, "Each user once.")
    }
}

/// What one user brings with him.
package struct ImportedAuthenticators: Message {
    package static let name = "ImportedAuthenticators"
    package static let about = "What one user brings with him."

    package var user: UserID
    package var password: String
    package var totp: String
    package var phone: String
    package var phoneVerifier: String
    package var totpVerifier: String

    package init(
        user: UserID, password: String, totp: String, phone: String, phoneVerifier: String,
        totpVerifier: String
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
        totp = try coder.field(3, "totp", it?.totp, max: 1024, "An otpauth URI; empty for none.")
        phone = try coder.field(
            4, "phone", it?.phone, max: 32,
            "In E.164 form, to be bound under the verifier; empty for none.")
        phoneVerifier = try coder.field(
            5, "phoneVerifier", it?.phoneVerifier, max: 64,
            "A verifier of type sms; empty for none.")
        totpVerifier = try coder.field(
            6, "totpVerifier", it?.totpVerifier, max: 64, "A verifier of type totp; empty for none."
        )
    }
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

    package init(user: UserID, passwordSet: Bool, bound: UInt32) {
        self.user = user
        self.passwordSet = passwordSet
        self.bound = bound
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        passwordSet = try coder.field(
            2, "passwordSet", it?.passwordSet, "True when the password was taken now.")
        bound = try coder.field(3, "bound", it?.bound, "How many second factors were bound now.")
    }
}
