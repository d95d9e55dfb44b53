import Audit
import Contracts
import Postgres
import RPC
import Wire

/// A user is erased in an order that leaves nothing usable wherever it breaks off: first he stops
/// to be one here, with everything that is signed in; then goes what he proved himself with, then
/// what policy has on him, and his name and addresses last. Every step may be done again. What the
/// audit keeps of him is his identifier, which then stands for nobody.
extension Accounts {
    /// What a statement means that gave no user back: he is the last administrator, or nobody.
    private func refusal(_ id: UserID) async throws(PostgresFault) -> StateChange {
        guard let account = try await get(id), account.isAdministrator else { return .notFound }
        return .lastAdministrator
    }

    /// Nothing of the user works from now on. The rows of all active administrators are locked
    /// first, as where one is disabled. Whoever is being erased already stays so.
    func beginErasure(
        of id: UserID, by actor: UserID?, because reason: String, audit: AuditEntry
    ) async throws(PostgresFault) -> StateChange {
        let rows = try await pool.query(
            """
            WITH administrators AS (
                SELECT id FROM auth.users
                WHERE state = 'active' AND 'administrator' = ANY (roles)
                ORDER BY id FOR UPDATE
            ), u AS (
                UPDATE auth.users SET state = 'erasing', epoch = epoch + 1
                WHERE id = \(id) AND state <> 'erased' AND (state = 'erasing'
                    OR NOT 'administrator' = ANY (roles)
                    OR (SELECT count(*) FROM administrators a WHERE a.id <> \(id)) > 0)
                RETURNING *
            ), \(Unfinished.begun(.erasure, by: actor, because: reason, from: "u")),
            \(Unfinished.ended(Unfinished.Work.overtakenByErasure, from: "u")),
            \(audit.row(from: "u"))
            SELECT \(Self.columns) FROM u
            """)
        if let row = rows.first { return .done(try AccountRecord(row)) }
        return try await refusal(id)
    }

    /// The last step: all that is personal goes from this schema. False when he is not being
    /// erased, or is erased.
    func finishErasure(of id: UserID, audit: AuditEntry) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            WITH erased AS MATERIALIZED (SELECT auth.erase(\(id)) AS done),
            gate AS (SELECT FROM erased WHERE done),
            again AS (
                UPDATE auth.unfinished w SET work = \(Unfinished.Work.erasureAgain.rawValue),
                    reason = '', tries = 0, due_at = clock_timestamp() + \(Unfinished.aftermath)
                FROM gate
                WHERE w.user_id = \(id) AND w.work = \(Unfinished.Work.erasure.rawValue)
            ), \(audit.row(from: "gate"))
            SELECT true FROM gate
            """)
        return !rows.isEmpty
    }
}

extension Unfinished.Work {
    /// What ends where its user is erased.
    fileprivate static let overtakenByErasure: [Self] = [
        .creation, .invitation, .authenticatorsReset, .passwordReset, .addressChange,
    ]
}

extension Gateway {
    /// Begins and, where all services answer, ends it. Where one does not, the caller is told so,
    /// the user is nobody any more, and the rest is done later.
    func erase(
        _ user: UserID, by actor: UserID?, because reason: String, _ call: Call
    ) async throws(Fault) {
        let change = try await stored { () throws(PostgresFault) in
            try await accounts.beginErasure(
                of: user, by: actor, because: reason,
                audit: call.audit(
                    .userErasureBegun, actor: actor, subject: user, details: ["reason": reason]))
        }
        switch change {
        case .done: try await finishErasure(of: user, by: actor, call)
        case .notFound: throw Fault(.userNotFound)
        case .lastAdministrator: throw Fault(.lastAdministrator)
        }
    }

    /// The steps behind the first; each may have been done.
    func finishErasure(
        of user: UserID, by actor: UserID?, _ call: Call
    ) async throws(Fault) {
        try await eraseElsewhere(user, by: actor, call)
        _ = try await stored { () throws(PostgresFault) in
            try await accounts.finishErasure(
                of: user, audit: call.audit(.userErased, actor: actor, subject: user))
        }
    }

    /// What the services behind hold of a user.
    func eraseElsewhere(
        _ user: UserID, by actor: UserID?, _ call: Call
    ) async throws(Fault) {
        _ = try await verification.eraseUser(EraseEvidence(user: user, actor: actor), call)
        let erased = try await policy.eraseUser(EraseAssignments(user: user, actor: actor), call)
        policyVersions.note(erased.version)
    }
}

extension AdminHandlers {
    func eraseUser(_ request: EraseUser, _ call: Call) async throws(Fault) -> UserErased {
        let admin = try await administrator(over: request.user, because: request.reason, call)
        try await gateway.erase(
            request.user, by: admin.account.id, because: request.reason, call)
        return UserErased()
    }
}

extension AccountHandlers {
    /// Administrators leave by another one, who sees that somebody is left.
    func erase(_ request: EraseAccount, _ call: Call) async throws(Fault) -> AccountErased {
        let account = try await gateway.freshSession(of: call).account
        guard !account.isAdministrator else { throw Fault(.ownAccount) }
        try await gateway.erase(account.id, by: account.id, because: "his own wish", call)
        door.forget()
        return AccountErased()
    }
}
