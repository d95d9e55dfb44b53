import Audit
import Contracts
import OTP
import Postgres
import Wire

/// The authenticators in `verification.authenticators` that prove by codes.
struct CodeAuthenticators: Sendable {
    let pool: ConnectionPool

    /// An authenticator whose check was admitted.
    struct Admitted: Sendable {
        let attempt: Attempt
        let sealed: Bytes
        /// The last accepted step; `TOTPCheck.noStep` when there is none.
        let lastStep: Int64
        let drift: ClockDrift
        let view: AuthenticatorView
        let now: Timestamp
    }

    /// Reserves a try; nil when the user has no such authenticator.
    /// - Parameter device: Where a known device tries, which its own counter has admitted.
    func admit(
        _ user: UserID, _ id: AuthenticatorID, _ device: DeviceReservation?, _ audit: AuditContext
    ) async throws(Fault) -> Admission<Admitted>? {
        let counting = Counting(limits: .code, now: "clock.now", rests: device == nil)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            seen AS (
                SELECT a.state, a.delayed_until, a.verifier
                FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.kind = 'totp'
            ),
            tried AS (
                UPDATE verification.authenticators a
                SET \(counting.admittingAssignments)
                FROM clock
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.kind = 'totp'
                    AND \(counting.admittingCondition)
                RETURNING a.id, a.reserved, a.round, a.state, a.delayed_until, a.sealed,
                    a.last_step, a.drift, a.bound_at, a.last_used_at
            ),
            refused AS (
                SELECT FROM seen WHERE NOT EXISTS (SELECT FROM tried WHERE tried.reserved > 0)
            ),
            \(audit.entry(.factorRefused, user).row(from: "refused", details: Counting.notAdmitted))
            SELECT clock.now, v.uid, v.type, v.title, tried.reserved > 0, tried.round,
                tried.sealed, COALESCE(tried.last_step, \(TOTPCheck.noStep)), tried.drift,
                tried.bound_at, tried.last_used_at,
                COALESCE(tried.state, seen.state) = 'disabled',
                COALESCE(tried.delayed_until, seen.delayed_until)
            FROM clock, seen JOIN verification.verifiers v ON v.uid = seen.verifier
            LEFT JOIN tried ON true
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try Self.admission(user, id, device, row)
        }
    }

    private static func admission(
        _ user: UserID, _ id: AuthenticatorID, _ device: DeviceReservation?, _ row: Row
    ) throws(PostgresFault) -> Admission<Admitted> {
        let (
            now, uid, type, title, isAdmitted, round, sealed, lastStep, drift, boundAt, usedAt,
            isDisabled, delayedUntil
        ) = try row.decode(
            Timestamp.self, VerifierUID.self, VerifierType.self, String.self, Bool?.self,
            Int64?.self, Bytes?.self, Int64.self, Int64?.self, Timestamp?.self, Timestamp?.self,
            Bool.self, Timestamp?.self)
        guard isAdmitted == true, let round, let sealed, let drift, let boundAt else {
            let standing = AttemptStanding(
                isDisabled: isDisabled, delayedUntil: device == nil ? delayedUntil : nil)
            return .refused(standing.refusal(now: now))
        }
        let view = AuthenticatorView(
            id: id, verifier: uid, type: type, title: title, hint: "", boundAt: boundAt,
            lastUsedAt: usedAt, disabled: false)
        return .admitted(
            Admitted(
                attempt: Attempt(user: user, authenticator: id, round: round, device: device),
                sealed: sealed, lastStep: lastStep, drift: ClockDrift(stored: drift), view: view,
                now: now))
    }

    /// What settling a right code came to.
    enum Settlement: Sendable {
        /// When.
        case consumed(Timestamp)
        /// Another try was first with this step or a later one: released, no failure.
        case used
    }

    /// A right code. Of any number of tries with one step, on any number of replicas, exactly one
    /// finds the last step smaller and consumes it.
    func succeed(
        _ attempt: Attempt, step: Int64, drift: ClockDrift, resealed: SealedValue?,
        _ audit: AuditContext
    ) async throws(Fault) -> Settlement {
        let proof = audit.entry(.factorProved, attempt.user)
        let reuse = audit.entry(.codeReused, attempt.user)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            consumed AS (
                UPDATE verification.authenticators a
                SET \(Counting.successAssignments), last_step = \(step), drift = \(drift.stored),
                    last_used_at = clock.now, sealed = COALESCE(\(resealed?.sealed), a.sealed),
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
            \(Counting.deviceSettlement(attempt, Self.ofDevice, from: "settled")),
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

    /// Success and release in one, for the statement that learns only at the end which it is.
    private static let ofDevice: SQL = """
        reserved = a.reserved - 1, failed = CASE WHEN settled.is_right THEN 0 ELSE a.failed END,
        delayed_until = CASE WHEN NOT settled.is_right THEN a.delayed_until END
        """

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

// MARK: - What a user has bound

extension CodeAuthenticators {
    /// A statement that gives how many are `active` and how many `disabled`.
    static func counts(_ user: UserID) -> SQL {
        """
        SELECT count(*) FILTER (WHERE c.state = 'active') AS active,
            count(*) FILTER (WHERE c.state = 'disabled') AS disabled
        FROM verification.authenticators c
        WHERE c.user_id = \(user) AND c.kind = 'totp'
        """
    }

    func bound(_ user: UserID) async throws(Fault) -> BoundFactors {
        try await pool.one(Self.counts(user)) { (row) throws(PostgresFault) in
            let (active, disabled) = try row.decode(Int.self, Int.self)
            return BoundFactors(active: active, disabled: disabled)
        }
    }

    /// Disabled ones too, oldest first.
    func list(_ user: UserID) async throws(Fault) -> [AuthenticatorView] {
        let sql: SQL = """
            SELECT a.id, v.uid, v.type, v.title, a.bound_at, a.last_used_at,
                a.state = 'disabled'
            FROM verification.authenticators a
            JOIN verification.verifiers v ON v.uid = a.verifier
            WHERE a.user_id = \(user) AND a.kind = 'totp' ORDER BY a.bound_at, a.id
            """
        return try await pool.all(sql) { (row) throws(PostgresFault) in
            let (id, uid, type, title, boundAt, usedAt, isDisabled) = try row.decode(
                AuthenticatorID.self, VerifierUID.self, VerifierType.self, String.self,
                Timestamp.self, Timestamp?.self, Bool.self)
            return AuthenticatorView(
                id: id, verifier: uid, type: type, title: title, hint: "", boundAt: boundAt,
                lastUsedAt: usedAt, disabled: isDisabled)
        }
    }

    /// What asking to unbind came to.
    enum Unbinding: Sendable {
        case unbound
        /// There is no such authenticator of this user.
        case notFound
        /// No other one is active, and one has to stay.
        case last
    }

    /// All of the user's rows are locked first: of two that are unbound at once, one stays.
    func unbind(
        _ user: UserID, _ id: AuthenticatorID, keepingOne: Bool, _ audit: AuditContext
    ) async throws(Fault) -> Unbinding {
        let entry = audit.entry(.authenticatorUnbound, user)
        let sql: SQL = """
            WITH own AS (
                SELECT a.id, a.state FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.kind = 'totp' ORDER BY a.id FOR UPDATE
            ),
            unbound AS (
                DELETE FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.kind = 'totp'
                    AND (\(!keepingOne) OR EXISTS (
                        SELECT FROM own WHERE own.id <> \(id) AND own.state = 'active'))
                RETURNING a.id
            ),
            \(entry.row(from: "unbound"))
            SELECT (SELECT count(*) FROM unbound), EXISTS (SELECT FROM own WHERE own.id = \(id))
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            let (count, isThere) = try row.decode(Int.self, Bool.self)
            if count > 0 { return .unbound }
            return isThere ? .last : .notFound
        }
    }

    /// Removes all, and a binding that waits for its first code; how many were bound. The
    /// password stays.
    func reset(_ user: UserID, _ audit: AuditContext) async throws(Fault) -> Int {
        // First and by itself: it waits for a confirmation under way, whose authenticator the
        // second statement then sees. So nothing that was begun before is bound after.
        _ = try await pool.all(
            "DELETE FROM verification.bindings b WHERE b.user_id = \(user)"
        ) { (_) throws(PostgresFault) in }
        let sql: SQL = """
            WITH reset AS (
                DELETE FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.kind = 'totp'
                RETURNING a.id
            ),
            decision AS (SELECT count(*) AS removed FROM reset),
            \(audit.entry(.authenticatorsReset, user).row(from: "decision"))
            SELECT removed FROM decision
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
    }
}

extension VerifierUID: SQLValue {
    package static var sqlType: SQLType { .text }
    package func write(to bytes: inout [UInt8]) { text.write(to: &bytes) }
    package init(sql field: SQLField) throws(SQLRefusal) {
        guard let it = Self(try String(sql: field)) else {
            throw SQLRefusal("no uid of a verifier")
        }
        self = it
    }
}

extension VerifierType: SQLValue {}
