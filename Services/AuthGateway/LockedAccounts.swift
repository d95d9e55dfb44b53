import Contracts
import Postgres
import RPC
import Wire

/// What failures have locked, for administrators: the verification service knows the locks, the
/// gateway knows whose they are.
extension AdminHandlers {
    /// Locks of users who do not exist here are left out; a page may be shorter for it.
    func listLockedAccounts(
        _ request: ListLockedAccounts, _ call: Call
    ) async throws(Fault) -> LockedAccountList {
        _ = try await gateway.administrator(of: call)
        guard request.limit <= 200 else { throw Fault(.malformed, detail: "limit over 200") }
        let page = try await gateway.verification.listLocked(
            ListLocked(after: request.after, limit: request.limit == 0 ? 50 : request.limit), call)
        let accounts = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.named(Set(page.locks.map(\.user)))
        }
        return LockedAccountList(
            accounts: page.locks.compactMap { lock in
                accounts[lock.user].map { account in
                    LockedAccount(
                        userName: account.userName, displayName: account.displayName,
                        disabled: account.disabled, lock: lock)
                }
            },
            next: page.next)
    }

    /// Sessions and pending sign-ins go on: what was proved in them was proved. What is unlocked,
    /// and what is not, is decided where the authenticators are kept; the audit row stands there,
    /// with the administrator and his reason.
    func unlockUser(_ request: UnlockUser, _ call: Call) async throws(Fault) -> UserUnlocked {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        let account = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.get(request.user)
        }
        guard let account else { throw Fault(.userNotFound) }
        return try await gateway.verification.unlock(
            Unlock(user: account.id, actor: admin.account.id, reason: request.reason), call)
    }
}

extension Accounts {
    /// Those of `ids` that exist.
    func named(_ ids: Set<UserID>) async throws(PostgresFault) -> [UserID: AccountRecord] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM auth.users u
            WHERE u.id = ANY (\(Array(ids)))
            """)
        var accounts: [UserID: AccountRecord] = [:]
        for row in rows {
            let account = try AccountRecord(row)
            accounts[account.id] = account
        }
        return accounts
    }
}
