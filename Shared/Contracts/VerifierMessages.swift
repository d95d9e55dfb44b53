import Wire

/// A new verifier.
package struct CreateVerifier: Message {
    package static let name = "CreateVerifier"
    package static let about = "A new verifier."

    package var uid: VerifierUID?
    package var type: VerifierType
    package var title: String
    package var description: String
    package var totp: TOTPSettings?
    package var sms: SMSSettings?
    package var email: EmailSettings?
    package var passkey: PasskeySettings?

    package init(
        uid: VerifierUID? = nil, type: VerifierType, title: String, description: String,
        totp: TOTPSettings? = nil, sms: SMSSettings? = nil, email: EmailSettings? = nil,
        passkey: PasskeySettings? = nil
    ) {
        self.uid = uid
        self.type = type
        self.title = title
        self.description = description
        self.totp = totp
        self.sms = sms
        self.email = email
        self.passkey = passkey
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        uid = try coder.optional(
            1, "uid", it?.uid,
            "Fixed once made; v_ and random characters when absent.")
        type = try coder.required(2, "type", it?.type, "What kind it is.")
        title = try coder.field(3, "title", it?.title, max: 256, "What people call it.")
        description = try coder.field(
            4, "description", it?.description, max: 1024,
            "What it is for.")
        totp = try coder.optional(5, "totp", it?.totp, "For type totp; usual values when absent.")
        sms = try coder.optional(6, "sms", it?.sms, "For type sms.")
        email = try coder.optional(7, "email", it?.email, "For type email.")
        passkey = try coder.optional(8, "passkey", it?.passkey, "For type passkey.")
    }
}

/// How authenticator apps show codes of a verifier.
package struct TOTPSettings: Message {
    package static let name = "TOTPSettings"
    package static let about = "How authenticator apps show codes of a verifier."

    package var issuer: String

    package init(issuer: String) {
        self.issuer = issuer
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        issuer = try coder.field(
            1, "issuer", it?.issuer, max: 128,
            "The name apps show beside the account; the installation's when empty.")
    }
}

/// A verifier as administrators see it; secrets are never returned.
package struct VerifierView: Message {
    package static let name = "VerifierView"
    package static let about = "A verifier as administrators see it; secrets are never returned."

    package var uid: VerifierUID
    package var type: VerifierType
    package var title: String
    package var description: String
    package var totp: TOTPSettings?
    package var bindings: UInt32
    package var version: UInt64
    package var sms: SMSSettings?
    package var email: EmailSettings?
    package var passkey: PasskeySettings?

    package init(
        uid: VerifierUID, type: VerifierType, title: String, description: String,
        totp: TOTPSettings? = nil, bindings: UInt32, version: UInt64, sms: SMSSettings? = nil,
        email: EmailSettings? = nil, passkey: PasskeySettings? = nil
    ) {
        self.uid = uid
        self.type = type
        self.title = title
        self.description = description
        self.totp = totp
        self.bindings = bindings
        self.version = version
        self.sms = sms
        self.email = email
        self.passkey = passkey
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        uid = try coder.required(1, "uid", it?.uid, "Fixed once made.")
        type = try coder.required(2, "type", it?.type, "What kind it is.")
        title = try coder.field(3, "title", it?.title, max: 256, "What people call it.")
        description = try coder.field(
            4, "description", it?.description, max: 1024,
            "What it is for.")
        totp = try coder.optional(5, "totp", it?.totp, "For type totp.")
        bindings = try coder.field(6, "bindings", it?.bindings, "How many users have bound it.")
        version = try coder.field(7, "version", it?.version, "Raised by every change.")
        sms = try coder.optional(8, "sms", it?.sms, "For type sms.")
        email = try coder.optional(9, "email", it?.email, "For type email.")
        passkey = try coder.optional(10, "passkey", it?.passkey, "For type passkey.")
    }
}

/// Asks for all verifiers.
package struct ListVerifiers: Message {
    package static let name = "ListVerifiers"
    package static let about = "Asks for all verifiers."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// All verifiers.
package struct VerifierList: Message {
    package static let name = "VerifierList"
    package static let about = "All verifiers."

    package var verifiers: [VerifierView]

    package init(verifiers: [VerifierView]) {
        self.verifiers = verifiers
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        verifiers = try coder.list(1, "verifiers", it?.verifiers, max: 64, "By uid.")
    }
}

/// Changes a verifier; the type stays.
package struct UpdateVerifier: Message {
    package static let name = "UpdateVerifier"
    package static let about = "Changes a verifier; the type stays."

    package var uid: VerifierUID
    package var version: UInt64
    package var title: String
    package var description: String
    package var totp: TOTPSettings?
    package var sms: SMSSettings?
    package var email: EmailSettings?
    package var passkey: PasskeySettings?

    package init(
        uid: VerifierUID, version: UInt64, title: String, description: String,
        totp: TOTPSettings? = nil, sms: SMSSettings? = nil, email: EmailSettings? = nil,
        passkey: PasskeySettings? = nil
    ) {
        self.uid = uid
        self.version = version
        self.title = title
        self.description = description
        self.totp = totp
        self.sms = sms
        self.email = email
        self.passkey = passkey
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        uid = try coder.required(1, "uid", it?.uid, "Which.")
        version = try coder.field(
            2, "version", it?.version,
            "The version that was read; another one is a conflict.")
        title = try coder.field(3, "title", it?.title, max: 256, "What people call it.")
        description = try coder.field(
            4, "description", it?.description, max: 1024,
            "What it is for.")
        totp = try coder.optional(5, "totp", it?.totp, "For type totp.")
        sms = try coder.optional(6, "sms", it?.sms, "For type sms.")
        email = try coder.optional(7, "email", it?.email, "For type email.")
        passkey = try coder.optional(8, "passkey", it?.passkey, "For type passkey.")
    }
}

/// Deletes verifiers and, when confirmed, the bindings under them.
package struct DeleteVerifiers: Message {
    package static let name = "DeleteVerifiers"
    package static let about = "Deletes verifiers and, when confirmed, the bindings under them."

    package var uids: [VerifierUID]
    package var deleteBindings: Bool

    package init(uids: [VerifierUID], deleteBindings: Bool) {
        self.uids = uids
        self.deleteBindings = deleteBindings
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        uids = try coder.list(1, "uids", it?.uids, max: 64, "Which.")
        deleteBindings = try coder.field(
            2, "deleteBindings", it?.deleteBindings,
            "Confirms that users lose what they bound under them.")
    }
}

/// They are gone.
package struct VerifiersDeleted: Message {
    package static let name = "VerifiersDeleted"
    package static let about = "They are gone."

    package var bindings: UInt32

    package init(bindings: UInt32) {
        self.bindings = bindings
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        bindings = try coder.field(1, "bindings", it?.bindings, "How many bindings went with them.")
    }
}
