import Wire

/// Asks for a page of locked accounts.
package struct ListLockedAccounts: Message {
    package static let name = "ListLockedAccounts"
    package static let about = "Asks for a page of locked accounts."

    package var after: AuthenticatorID?
    package var limit: UInt32

    package init(after: AuthenticatorID? = nil, limit: UInt32) {
        self.after = after
        self.limit = limit
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        after = try coder.optional(
            1, "after", it?.after,
            "The last page's `next`; absent for the first page.")
        limit = try coder.field(2, "limit", it?.limit, "Locks a page, 1 to 200; 50 when zero.")
    }
}

/// A page of locked accounts.
package struct LockedAccountList: Message {
    package static let name = "LockedAccountList"
    package static let about = "A page of locked accounts."

    package var accounts: [LockedAccount]
    package var next: AuthenticatorID?

    package init(accounts: [LockedAccount], next: AuthenticatorID? = nil) {
        self.accounts = accounts
        self.next = next
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        accounts = try coder.list(
            1, "accounts", it?.accounts, max: 200,
            "One for each lock: a user may stand here with several.")
        next = try coder.optional(
            2, "next", it?.next,
            "What to ask for next; absent on the last page.")
    }
}

/// A user with an authenticator that admits no tries.
package struct LockedAccount: Message {
    package static let name = "LockedAccount"
    package static let about = "A user with an authenticator that admits no tries."

    package var userName: String
    package var displayName: String
    package var disabled: Bool
    package var lock: AuthenticatorLock

    package init(userName: String, displayName: String, disabled: Bool, lock: AuthenticatorLock) {
        self.userName = userName
        self.displayName = displayName
        self.disabled = disabled
        self.lock = lock
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        userName = try coder.field(
            1, "userName", it?.userName, max: 256,
            "The name to sign in with.")
        displayName = try coder.field(
            2, "displayName", it?.displayName, max: 256,
            "The name to be called by.")
        disabled = try coder.field(
            3, "disabled", it?.disabled,
            "True when an administrator has disabled the user himself.")
        lock = try coder.required(4, "lock", it?.lock, "What is locked.")
    }
}

/// An authenticator that admits no tries, after too many failures.
package struct AuthenticatorLock: Message {
    package static let name = "AuthenticatorLock"
    package static let about = "An authenticator that admits no tries, after too many failures."

    package var user: UserID
    package var authenticator: AuthenticatorID
    package var kind: ProofKind
    package var title: String
    package var failed: UInt32
    package var delayedUntil: Timestamp?
    package var disabled: Bool
    package var since: Timestamp

    package init(
        user: UserID, authenticator: AuthenticatorID, kind: ProofKind, title: String,
        failed: UInt32, delayedUntil: Timestamp? = nil, disabled: Bool, since: Timestamp
    ) {
        self.user = user
        self.authenticator = authenticator
        self.kind = kind
        self.title = title
        self.failed = failed
        self.delayedUntil = delayedUntil
        self.disabled = disabled
        self.since = since
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        authenticator = try coder.required(2, "authenticator", it?.authenticator, "Which.")
        kind = try coder.required(3, "kind", it?.kind, "What it proves by.")
        title = try coder.field(
            4, "title", it?.title, max: 256,
            "What people call it; empty for the password.")
        failed = try coder.field(5, "failed", it?.failed, "Failures in a row.")
        delayedUntil = try coder.optional(
            6, "delayedUntil", it?.delayedUntil,
            "When tries are admitted again by themselves; absent when disabled.")
        disabled = try coder.field(
            7, "disabled", it?.disabled,
            "True after the last failure it stands: time alone does not unlock it.")
        since = try coder.required(8, "since", it?.since, "The try that locked it.")
    }
}

/// Lets a locked user try again.
package struct UnlockUser: Message {
    package static let name = "UnlockUser"
    package static let about = "Lets a locked user try again."

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

/// What was unlocked, and what was not.
package struct UserUnlocked: Message {
    package static let name = "UserUnlocked"
    package static let about = "What was unlocked, and what was not."

    package var unlocked: UInt32
    package var stillDisabled: UInt32

    package init(unlocked: UInt32, stillDisabled: UInt32) {
        self.unlocked = unlocked
        self.stillDisabled = stillDisabled
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        unlocked = try coder.field(
            1, "unlocked", it?.unlocked,
            "How many authenticators admit tries again.")
        stillDisabled = try coder.field(
            2, "stillDisabled", it?.stillDisabled,
            "Disabled second factors, which stay so: ResetAuthenticators makes room for new ones.")
    }
}

/// Asks for a page of locks.
package struct ListLocked: Message {
    package static let name = "ListLocked"
    package static let about = "Asks for a page of locks."

    package var after: AuthenticatorID?
    package var limit: UInt32

    package init(after: AuthenticatorID? = nil, limit: UInt32) {
        self.after = after
        self.limit = limit
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        after = try coder.optional(
            1, "after", it?.after,
            "The last page's `next`; absent for the first page.")
        limit = try coder.field(2, "limit", it?.limit, "Locks a page, 1 to 200.")
    }
}

/// A page of locks.
package struct LockedList: Message {
    package static let name = "LockedList"
    package static let about = "A page of locks."

    package var locks: [AuthenticatorLock]
    package var next: AuthenticatorID?

    package init(locks: [AuthenticatorLock], next: AuthenticatorID? = nil) {
        self.locks = locks
        self.next = next
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        locks = try coder.list(1, "locks", it?.locks, max: 200, "By authenticator.")
        next = try coder.optional(
            2, "next", it?.next,
            "What to ask for next; absent on the last page.")
    }
}

/// Ends what failures have locked.
package struct Unlock: Message {
    package static let name = "Unlock"
    package static let about = "Ends what failures have locked."

    package var user: UserID
    package var actor: UserID
    package var reason: String

    package init(user: UserID, actor: UserID, reason: String) {
        self.user = user
        self.actor = actor
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        actor = try coder.required(2, "actor", it?.actor, "The administrator.")
        reason = try coder.field(3, "reason", it?.reason, max: 1024, "For the audit.")
    }
}
