import Wire

/// Asks for a page of users.
package struct ListUsers: Message {
    package static let name = "ListUsers"
    package static let about = "Asks for a page of users."

    package var after: String
    package var limit: UInt32
    package var search: String
    package var only: String

    package init(after: String, limit: UInt32, search: String, only: String = "") {
        self.after = after
        self.limit = limit
        self.search = search
        self.only = only
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        after = try coder.field(
            1, "after", it?.after, max: 256,
            "The last page's `next`; empty for the first page.")
        limit = try coder.field(2, "limit", it?.limit, "Users a page, 1 to 200; 50 when zero.")
        search = try coder.field(
            3, "search", it?.search, max: 320,
            "Only users whose name, e-mail or phone begins so.")
        only = try coder.field(
            4, "only", it?.only, max: 64,
            """
            Only users of one kind: `bound`, `not_bound`, `locked`, `disabled` or \
            `administrators`; empty for all.
            """)
    }
}

/// A page of users.
package struct UserList: Message {
    package static let name = "UserList"
    package static let about =
        """
        A page of users. It may be short of what was asked for, or empty, and not be the last: a \
        call looks at so many users and no more.
        """

    package var users: [UserView]
    package var next: String

    package init(users: [UserView], next: String) {
        self.users = users
        self.next = next
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        users = try coder.list(1, "users", it?.users, max: 200, "By user name.")
        next = try coder.field(
            2, "next", it?.next, max: 256,
            "What to ask for next; empty on the last page.")
    }
}

/// Asks what a user has bound.
package struct ListUserAuthenticators: Message {
    package static let name = "ListUserAuthenticators"
    package static let about = "Asks what a user has bound."

    package var user: UserID

    package init(user: UserID) {
        self.user = user
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
    }
}

/// What a user has bound.
package struct UserAuthenticators: Message {
    package static let name = "UserAuthenticators"
    package static let about = "What a user has bound."

    package var authenticators: [AuthenticatorView]
    package var recoveryCodesLeft: UInt32

    package init(authenticators: [AuthenticatorView], recoveryCodesLeft: UInt32) {
        self.authenticators = authenticators
        self.recoveryCodesLeft = recoveryCodesLeft
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticators = try coder.list(
            1, "authenticators", it?.authenticators, max: 64,
            "Disabled ones too, as their owner sees them.")
        recoveryCodesLeft = try coder.field(
            2, "recoveryCodesLeft", it?.recoveryCodesLeft, "How many recovery codes are unused.")
    }
}
