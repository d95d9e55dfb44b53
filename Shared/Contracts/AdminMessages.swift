import Wire

/// A new user.
package struct CreateUser: Message {
    package static let name = "CreateUser"
    package static let about = "A new user."

    package var userName: String
    package var displayName: String
    package var email: String
    package var phone: String
    package var locale: String
    package var roles: [Role]

    package init(
        userName: String, displayName: String, email: String, phone: String, locale: String,
        roles: [Role]
    ) {
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.phone = phone
        self.locale = locale
        self.roles = roles
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        userName = try coder.field(
            1, "userName", it?.userName, max: 256,
            "1 to 50 characters without @ < > quotes or slash.")
        displayName = try coder.field(
            2, "displayName", it?.displayName, max: 256,
            "The name to be called by; the user name when empty.")
        email = try coder.field(3, "email", it?.email, max: 320, "Also signs in; empty for none.")
        phone = try coder.field(
            4, "phone", it?.phone, max: 32,
            "Also signs in, in E.164 form; empty for none.")
        locale = try coder.field(
            5, "locale", it?.locale, max: 35,
            "BCP 47; empty for the installation's default.")
        roles = try coder.list(
            6, "roles", it?.roles, max: 16,
            "What the user may do beyond his own account.")
    }
}

/// The user and his first password.
package struct UserCreated: Message {
    package static let name = "UserCreated"
    package static let about = "The user and his first password."

    package var user: UserView
    package var initialPassword: String

    package init(user: UserView, initialPassword: String) {
        self.user = user
        self.initialPassword = initialPassword
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "As stored.")
        initialPassword = try coder.field(
            2, "initialPassword", it?.initialPassword, max: 256,
            "Good for one sign-in within seven days; told this once.")
    }
}

/// A user as administrators see him.
package struct UserView: Message {
    package static let name = "UserView"
    package static let about = "A user as administrators see him."

    package var id: UserID
    package var userName: String
    package var displayName: String
    package var email: String
    package var phone: String
    package var locale: String
    package var roles: [Role]
    package var disabled: Bool
    package var createdAt: Timestamp
    package var lastSignInAt: Timestamp?
    package var boundFactors: UInt32?
    package var locked: Bool?

    package init(
        id: UserID, userName: String, displayName: String, email: String, phone: String,
        locale: String, roles: [Role], disabled: Bool, createdAt: Timestamp,
        lastSignInAt: Timestamp? = nil, boundFactors: UInt32? = nil, locked: Bool? = nil
    ) {
        self.id = id
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.phone = phone
        self.locale = locale
        self.roles = roles
        self.disabled = disabled
        self.createdAt = createdAt
        self.lastSignInAt = lastSignInAt
        self.boundFactors = boundFactors
        self.locked = locked
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "The user.")
        userName = try coder.field(
            2, "userName", it?.userName, max: 256,
            "The name to sign in with.")
        displayName = try coder.field(
            3, "displayName", it?.displayName, max: 256,
            "The name to be called by.")
        email = try coder.field(4, "email", it?.email, max: 320, "Empty for none.")
        phone = try coder.field(5, "phone", it?.phone, max: 32, "Empty for none.")
        locale = try coder.field(6, "locale", it?.locale, max: 35, "BCP 47.")
        roles = try coder.list(
            7, "roles", it?.roles, max: 16,
            "What the user may do beyond his own account.")
        disabled = try coder.field(8, "disabled", it?.disabled, "True when sign-ins are refused.")
        createdAt = try coder.required(9, "createdAt", it?.createdAt, "When the user was made.")
        lastSignInAt = try coder.optional(
            10, "lastSignInAt", it?.lastSignInAt,
            "When a session was last opened.")
        boundFactors = try coder.optional(
            11, "boundFactors", it?.boundFactors,
            "How many second factors are bound, disabled ones too; absent where nobody can tell.")
        locked = try coder.optional(
            12, "locked", it?.locked,
            "True when failures have locked something of his; absent where nobody can tell.")
    }
}

/// Asks for one user.
package struct GetUser: Message {
    package static let name = "GetUser"
    package static let about = "Asks for one user."

    package var user: UserID

    package init(user: UserID) {
        self.user = user
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
    }
}

/// Stops a user.
package struct DisableUser: Message {
    package static let name = "DisableUser"
    package static let about = "Stops a user."

    package var user: UserID
    package var reason: String

    package init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
        reason = try coder.field(
            2, "reason", it?.reason, max: 1024,
            "For the audit; must not be empty.")
    }
}

/// Gives a user roles.
package struct SetRoles: Message {
    package static let name = "SetRoles"
    package static let about = "Gives a user these roles and no others."

    package var user: UserID
    package var roles: [Role]
    package var reason: String

    package init(user: UserID, roles: [Role], reason: String) {
        self.user = user
        self.roles = roles
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user; not oneself.")
        roles = try coder.list(2, "roles", it?.roles, max: 16, "All that he is to have.")
        reason = try coder.field(
            3, "reason", it?.reason, max: 1024,
            "For the audit; must not be empty.")
    }
}

/// Lets a user in again.
package struct EnableUser: Message {
    package static let name = "EnableUser"
    package static let about = "Lets a user in again."

    package var user: UserID
    package var reason: String

    package init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
        reason = try coder.field(
            2, "reason", it?.reason, max: 1024,
            "For the audit; must not be empty.")
    }
}

/// Unbinds all second factors of a user.
package struct ResetAuthenticators: Message {
    package static let name = "ResetAuthenticators"
    package static let about = "Unbinds all second factors of a user."

    package var user: UserID
    package var reason: String

    package init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
        reason = try coder.field(
            2, "reason", it?.reason, max: 1024,
            "For the audit; must not be empty.")
    }
}

/// They are gone; the next sign-in binds anew where policy asks.
package struct AuthenticatorsReset: Message {
    package static let name = "AuthenticatorsReset"
    package static let about = "They are gone; the next sign-in binds anew where policy asks."

    package var removed: UInt32

    package init(removed: UInt32) {
        self.removed = removed
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        removed = try coder.field(1, "removed", it?.removed, "How many were unbound.")
    }
}

/// Replaces a user's password.
package struct ResetPassword: Message {
    package static let name = "ResetPassword"
    package static let about = "Replaces a user's password."

    package var user: UserID
    package var reason: String

    package init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
        reason = try coder.field(
            2, "reason", it?.reason, max: 1024,
            "For the audit; must not be empty.")
    }
}

/// The user's first password.
package struct InitialPasswordSet: Message {
    package static let name = "InitialPasswordSet"
    package static let about = "The user's first password."

    package var initialPassword: String

    package init(initialPassword: String) {
        self.initialPassword = initialPassword
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        initialPassword = try coder.field(
            1, "initialPassword", it?.initialPassword, max: 256,
            "Good for one sign-in within seven days; told this once.")
    }
}
