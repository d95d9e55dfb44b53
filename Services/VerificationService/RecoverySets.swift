import Audit
import Contracts
import Crypto
import OTP
import Postgres
import Wire

/// `verification.recovery_codes`, and the one row of kind `recovery` among a user's authenticators
/// that carries their counters. The id of that row names the set in force: a new set gives it a
/// new one, so that of two sets made at once the codes of exactly one are good.
///
/// A set comes into being with the first second factor, and goes with the last one: without a
/// factor there is nothing that a code could stand in for.
struct RecoverySets: Sendable {
    let pool: ConnectionPool

    /// A set that is not stored yet.
    struct New: Sendable {
        let id: AuthenticatorID
        let user: UserID
        let sealed: SealedValue
        let digests: [Bytes]
        let keyName: String
        /// To be told once, when the set is stored.
        let printed: [String]
    }

    /// What a user has left.
    struct Left: Sendable, Equatable {
        let authenticator: AuthenticatorID
        let count: Int
        let isDisabled: Bool
    }

    /// nil where none were made, or no second factor is bound that a code could stand in for.
    func left(_ user: UserID) async throws(Fault) -> Left? {
        let sql: SQL = """
            SELECT a.id, a.state = 'disabled',
                (SELECT count(*) FROM verification.recovery_codes c
                    WHERE c.user_id = a.user_id AND c.set_id = a.id AND c.used_at IS NULL)
            FROM verification.authenticators a
            WHERE a.user_id = \(user) AND a.kind = 'recovery' AND EXISTS (
                SELECT FROM verification.authenticators f
                WHERE f.user_id = \(user) AND f.verifier IS NOT NULL)
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (id, isDisabled, count) = try row.decode(
                AuthenticatorID.self, Bool.self, Int.self)
            return Left(authenticator: id, count: count, isDisabled: isDisabled)
        }
    }

    // MARK: Making

    /// The common table expressions that store a set where `gate` has a row, `made` being its
    /// codes. The counters begin anew, and tries of an older set settle nothing any more.
    static func making(_ new: New, from gate: StaticString, _ audit: AuditContext) -> SQL {
        """
        recovery AS (
            INSERT INTO verification.authenticators AS a (user_id, id, kind, sealed, key_id)
            SELECT \(new.user), \(new.id), 'recovery', \(new.sealed.sealed),
                \(new.sealed.keyName)
            FROM \(unsafe: gate.description)
            ON CONFLICT (user_id) WHERE kind = 'recovery'
            DO UPDATE SET id = EXCLUDED.id, sealed = EXCLUDED.sealed, key_id = EXCLUDED.key_id,
                state = 'active', failed = 0, reserved = 0, reserved_at = NULL,
                round = a.round + 1, delayed_until = NULL, bound_at = EXCLUDED.bound_at,
                last_used_at = NULL
            RETURNING a.id
        ),
        made AS (
            INSERT INTO verification.recovery_codes
                (user_id, digest, key_id, authenticator_id, set_id)
            SELECT \(new.user), digests.digest, \(new.keyName), recovery.id, recovery.id
            FROM recovery, unnest(\(new.digests)) AS digests (digest)
            RETURNING 1
        ),
        voided AS (
            DELETE FROM verification.recovery_codes c USING recovery
            WHERE c.user_id = \(new.user) AND c.set_id <> recovery.id
        ),
        forgotten_devices AS (
            DELETE FROM verification.device_counters d
            USING recovery, verification.authenticators old
            WHERE old.user_id = \(new.user) AND old.kind = 'recovery'
                AND d.user_id = old.user_id AND d.authenticator_id = old.id
        ),
        \(audit.entry(.recoveryCodesMade, new.user).row(
            from: "recovery", named: "audited_recovery"))
        """
    }

    /// Replaces the set. False where no second factor is bound.
    func make(
        _ new: New, telling queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let sql: SQL = """
            WITH bound AS (
                SELECT FROM verification.authenticators a
                WHERE a.user_id = \(new.user) AND a.verifier IS NOT NULL LIMIT 1
            ),
            \(Self.making(new, from: "bound", audit)),
            \(queued.row(from: "recovery"))
            SELECT EXISTS (SELECT FROM made)
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Bool.self)
        }
    }

    // MARK: Using

    /// How a set stands before one of its codes is used.
    struct Standing: Sendable, Equatable {
        let unused: Int
        /// What every use of a code changes.
        let lastUsedAt: Timestamp?
    }

    /// Throws where the try is not the caller's to settle any more.
    func standing(_ attempt: Attempt) async throws(Fault) -> Standing {
        let sql: SQL = """
            SELECT a.last_used_at,
                (SELECT count(*) FROM verification.recovery_codes c
                    WHERE c.user_id = a.user_id AND c.set_id = a.id AND c.used_at IS NULL)
            FROM verification.authenticators a WHERE \(Counting.settlingCondition(attempt))
            """
        let standing = try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (lastUsedAt, unused) = try row.decode(Timestamp?.self, Int.self)
            return Standing(unused: unused, lastUsedAt: lastUsedAt)
        }
        guard let standing else { throw .overtaken }
        return standing
    }

    /// What using a code came to.
    enum Use: Sendable, Equatable {
        case consumed
        /// It was used before: released, no failure.
        case used
        /// It is none of the set in force. The reservation stands, to be settled as a failure.
        case wrong
        /// Another code was used meanwhile, or the try is not the caller's any more.
        case overtaken
    }

    /// Of any number of tries with one code, on any number of replicas, exactly one finds it
    /// unused. The authenticator's row is locked first, as a new set does, so that neither waits
    /// for the other in a circle. How many codes are left goes into the audit.
    /// - Parameters:
    ///   - digests: Of what was typed, under each key of the ring; none for what cannot be a code.
    ///   - standing: As it was when the message was written, which says how many are left.
    func use(
        _ attempt: Attempt, _ digests: [Bytes], after standing: Standing,
        resealed: SealedValue?, telling queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) -> Use {
        let proof = audit.entry(.recoveryCodeUsed, attempt.user)
        let left: SQL = "jsonb_build_object('left', \(String(standing.unused - 1)))"
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            standing AS MATERIALIZED (
                SELECT a.id FROM verification.authenticators a
                WHERE \(Counting.settlingCondition(attempt))
                    AND a.last_used_at IS NOT DISTINCT FROM \(standing.lastUsedAt) FOR UPDATE
            ),
            spent AS (
                UPDATE verification.recovery_codes c SET used_at = clock.now
                FROM clock, standing
                WHERE c.user_id = \(attempt.user) AND c.set_id = standing.id
                    AND c.digest = ANY(\(digests)) AND c.used_at IS NULL
                RETURNING c.set_id
            ),
            known AS (
                SELECT FROM verification.recovery_codes c, standing
                WHERE c.user_id = \(attempt.user) AND c.set_id = standing.id
                    AND c.digest = ANY(\(digests))
            ),
            consumed AS (
                UPDATE verification.authenticators a
                SET \(Counting.successAssignments), last_used_at = clock.now,
                    sealed = COALESCE(\(resealed?.sealed), a.sealed),
                    key_id = COALESCE(\(resealed?.keyName), a.key_id)
                FROM clock
                WHERE \(Counting.settlingCondition(attempt)) AND EXISTS (SELECT FROM spent)
                RETURNING a.id
            ),
            released AS (
                UPDATE verification.authenticators a SET \(Counting.releaseAssignments)
                WHERE \(Counting.settlingCondition(attempt))
                    AND NOT EXISTS (SELECT FROM spent) AND EXISTS (SELECT FROM known)
                RETURNING a.id
            ),
            settled AS (
                SELECT true AS is_right FROM consumed UNION ALL SELECT false FROM released
            ),
            \(Counting.deviceSettlement(attempt, Counting.onceOnlyAssignments, from: "settled")),
            \(queued.row(from: "consumed")),
            \(proof.row(from: "consumed", details: left, named: "audited_use")),
            \(audit.entry(.codeReused, attempt.user).row(
                from: "released", named: "audited_reuse"))
            SELECT (SELECT count(*) FROM standing), (SELECT count(*) FROM consumed),
                (SELECT count(*) FROM released)
            """
        let (held, consumed, released) = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self, Int.self, Int.self)
        }
        if consumed == 1 { return .consumed }
        if released == 1 { return .used }
        return held == 1 ? .wrong : .overtaken
    }
}
