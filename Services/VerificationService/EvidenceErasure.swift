import Audit
import Contracts
import Postgres
import RPC
import Wire

/// All that there is of a user here goes, by statements that may be made again. What the audit
/// keeps is his identifier.
extension VerificationHandlers {
    func eraseUser(_ request: EraseEvidence, _ call: Call) async throws(Fault) -> EvidenceErased {
        let user = request.user
        let audit = AuditContext(call, actor: request.actor).entry(.userErased, user)
        // First and by itself: it waits for a confirmation under way, whose authenticator the
        // second statement then sees.
        let begun: SQL = """
            WITH challenges AS (
                DELETE FROM verification.challenges c WHERE c.user_id = \(user)
            ),
            resets AS (DELETE FROM verification.resets r WHERE r.user_id = \(user)),
            invitations AS (DELETE FROM verification.invitations i WHERE i.user_id = \(user)),
            messages AS (DELETE FROM verification.outbox o WHERE o.user_id = \(user))
            DELETE FROM verification.bindings b WHERE b.user_id = \(user)
            """
        let sql: SQL = """
            WITH authenticators AS (
                DELETE FROM verification.authenticators a WHERE a.user_id = \(user)
                RETURNING a.id
            ),
            owners AS (DELETE FROM verification.passkey_owners p WHERE p.user_id = \(user)),
            imports AS (DELETE FROM verification.imports i WHERE i.user_id = \(user)),
            messages AS (DELETE FROM verification.outbox o WHERE o.user_id = \(user)),
            decision AS (SELECT FROM authenticators LIMIT 1),
            \(audit.row(from: "decision"))
            SELECT count(*) FROM decision
            """
        _ = try await outbox.pool.all(begun) { (_) throws(PostgresFault) in }
        _ = try await outbox.pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
        return EvidenceErased()
    }
}
