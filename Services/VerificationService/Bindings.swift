import Audit
import Contracts
import OTP
import Postgres
import Wire

/// `verification.bindings`: seeds that wait for their first code. A user has one at most, so a
/// later beginning makes an earlier one void.
struct Bindings: Sendable {
    let pool: ConnectionPool

    /// Minutes are enough to fetch a phone.
    static let lifetime = Duration.seconds(600)
    static let triesMax = 5

    struct New: Sendable {
        let id: AuthenticatorID
        let user: UserID
        let context: ContextID
        let verifier: VerifierUID
        let sealed: Bytes
    }

    /// When it expires, or nil when the verifier is gone.
    func begin(_ new: New, _ audit: AuditContext) async throws(Fault) -> Timestamp? {
        let entry = audit.entry(.bindingBegun, new.user)
        let sql: SQL = """
            WITH begun AS (
                INSERT INTO verification.bindings AS b
                    (user_id, id, context, verifier, sealed, expires_at)
                SELECT \(new.user), \(new.id), \(new.context), v.uid, \(new.sealed),
                    clock_timestamp() + \(Self.lifetime)
                FROM verification.verifiers v WHERE v.uid = \(new.verifier)
                ON CONFLICT (user_id)
                DO UPDATE SET id = EXCLUDED.id, context = EXCLUDED.context,
                    verifier = EXCLUDED.verifier, sealed = EXCLUDED.sealed, tries = 0,
                    expires_at = EXCLUDED.expires_at
                RETURNING b.expires_at
            ),
            \(entry.row(from: "begun"))
            SELECT expires_at FROM begun
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(Timestamp.self)
        }
    }

    /// A binding whose next try has been counted.
    struct Tried: Sendable {
        let id: AuthenticatorID
        let verifier: VerifierUID
        let type: VerifierType
        let title: String
        let sealed: Bytes
        let triesLeft: Int
        let now: Timestamp
    }

    /// Counts a try before its check. nil when there is no binding of this context any more, or
    /// its tries are used up.
    func tryOnce(_ user: UserID, _ context: ContextID) async throws(Fault) -> Tried? {
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            tried AS (
                UPDATE verification.bindings b SET tries = b.tries + 1
                FROM clock
                WHERE b.user_id = \(user) AND b.context = \(context)
                    AND b.tries < \(Self.triesMax) AND b.expires_at > clock.now
                RETURNING b.id, b.verifier, b.sealed, b.tries, clock.now
            )
            SELECT tried.id, tried.sealed, tried.tries, tried.now, v.uid, v.type, v.title
            FROM tried JOIN verification.verifiers v ON v.uid = tried.verifier
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (id, sealed, tries, now, uid, type, title) = try row.decode(
                AuthenticatorID.self, Bytes.self, Int.self, Timestamp.self, VerifierUID.self,
                VerifierType.self, String.self)
            return Tried(
                id: id, verifier: uid, type: type, title: title, sealed: sealed,
                triesLeft: Self.triesMax - tries, now: now)
        }
    }

    /// What the deciding statement came to.
    enum Outcome: Sendable {
        /// With the first second factor its recovery codes were made too.
        case bound(Timestamp, withRecovery: Bool)
        /// Another try was first, or a later beginning made it void.
        case gone
        /// Factors have come in between that forbid it; the binding stands.
        case refused(BoundFactors)
    }

    /// Consumes the binding and binds the authenticator, both or neither. Two confirmations meet
    /// at the user's one row: whoever deletes it is the only one.
    /// - Parameters:
    ///   - sealed: The seed, sealed for its new place.
    ///   - step: The confirming code's, which counts as used.
    ///   - recovery: What is made too where this is the user's first second factor.
    func confirm(
        _ tried: Tried, of user: UserID, sealed: SealedValue, step: Int64, drift: ClockDrift,
        additional: Bool, recovery: RecoverySets.New, _ audit: AuditContext
    ) async throws(Fault) -> Outcome {
        let entry = audit.entry(.authenticatorBound, user)
        let details: SQL =
            "jsonb_build_object('authenticator', bound.id, 'verifier', bound.verifier)"
        let sql: SQL = """
            WITH bound_before AS MATERIALIZED (\(SecondFactors.counts(user))),
            consumed AS (
                DELETE FROM verification.bindings b USING bound_before f
                WHERE b.user_id = \(user) AND b.id = \(tried.id)
                    AND f.active + f.disabled < \(BoundFactors.countMax)
                    AND (\(additional) OR f.active + f.disabled = 0)
                RETURNING b.verifier
            ),
            bound AS (
                INSERT INTO verification.authenticators AS a
                    (user_id, id, kind, verifier, sealed, key_id, last_step, drift)
                SELECT \(user), \(tried.id), \(tried.type), consumed.verifier, \(sealed.sealed),
                    \(sealed.keyName), \(step), \(drift.stored)
                FROM consumed
                RETURNING a.id, a.verifier, a.bound_at
            ),
            first AS (
                SELECT FROM bound, bound_before f WHERE f.active + f.disabled = 0
            ),
            \(RecoverySets.making(recovery, from: "first", audit)),
            \(entry.row(from: "bound", details: details))
            SELECT bound.bound_at, f.active, f.disabled, EXISTS (SELECT FROM made)
            FROM bound_before f LEFT JOIN bound ON true
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            let (boundAt, active, disabled, withRecovery) = try row.decode(
                Timestamp?.self, Int.self, Int.self, Bool.self)
            if let boundAt { return .bound(boundAt, withRecovery: withRecovery) }
            let before = BoundFactors(active: active, disabled: disabled)
            return before.refusal(additional: additional) == nil ? .gone : .refused(before)
        }
    }

    /// Records a wrong first code.
    func refused(_ user: UserID, _ audit: AuditContext) async throws(Fault) {
        do throws(PostgresFault) {
            try await pool.execute(audit.entry(.bindingRefused, user).insert)
        } catch {
            throw error.fault
        }
    }
}
