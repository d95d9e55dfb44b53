import Audit
import Contracts
import OTP
import Postgres
import Wire

/// The authenticators in `verification.authenticators` that prove by codes of an app or token.
struct CodeAuthenticators: Sendable {
    let pool: ConnectionPool

    /// What settling a right code came to.
    enum Settlement: Sendable {
        /// When.
        case consumed(Timestamp)
        /// Another try was first with this step or a later one: released, no failure.
        case used
    }

    /// A right code. Of any number of tries with one step, on any number of replicas, exactly one
    /// finds the last step smaller and consumes it; where codes come from a counter, that is the
    /// step.
    func succeed(
        _ attempt: Attempt, step: Int64, drift: Int64, from origin: ProofOrigin?,
        resealed: SealedValue?, _ audit: AuditContext
    ) async throws(Fault) -> Settlement {
        let proof = audit.entry(.factorProved, attempt.user)
        let reuse = audit.entry(.codeReused, attempt.user)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            consumed AS (
                UPDATE verification.authenticators a
                SET \(Counting.successAssignments), last_step = \(step), drift = \(drift),
                    \(SecondFactors.lastUse(origin, at: "clock.now")),
                    sealed = COALESCE(\(resealed?.sealed), a.sealed),
                    key_id = COALESCE(\(resealed?.keyName), a.key_id)
                FROM clock
                WHERE \(Counting.settlingCondition(attempt))
                    AND (a.last_step IS NULL OR a.last_step < \(step))
                RETURNING a.last_used_at
            ),
            released AS (
                UPDATE verification.authenticators a SET \(Counting.releaseAssignments)
                WHERE \(Counting.settlingCondition(attempt))
                    AND NOT EXISTS (SELECT FROM consumed)
                RETURNING a.id
            ),
            settled AS (
                SELECT true AS is_right FROM consumed UNION ALL SELECT false FROM released
            ),
            \(Counting.deviceSettlement(attempt, Counting.onceOnlyAssignments, from: "settled")),
            \(proof.row(from: "consumed", named: "audited_proof")),
            \(reuse.row(from: "released", named: "audited_reuse"))
            SELECT consumed.last_used_at, (SELECT count(*) FROM released)
            FROM clock LEFT JOIN consumed ON true
            """
        let (usedAt, released) = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Timestamp?.self, Int.self)
        }
        if let usedAt { return .consumed(usedAt) }
        guard released == 1 else { throw .overtaken }
        return .used
    }

    /// A code whose step was consumed before it was checked: released, no failure.
    func releaseUsed(_ attempt: Attempt, _ audit: AuditContext) async throws(Fault) {
        let sql: SQL = """
            WITH released AS (
                UPDATE verification.authenticators a SET \(Counting.releaseAssignments)
                WHERE \(Counting.settlingCondition(attempt))
                RETURNING a.id
            ),
            \(Counting.deviceSettlement(attempt, Counting.releaseAssignments, from: "released")),
            \(audit.entry(.codeReused, attempt.user).row(from: "released"))
            SELECT count(*) FROM released
            """
        let count = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
        guard count == 1 else { throw .overtaken }
    }
}
