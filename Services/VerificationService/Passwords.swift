import Audit
import Contracts
import Crypto
import Postgres
import Wire

/// The passwords in `verification.authenticators`: one row per user, and one for everybody whose
/// name was tried here and who does not exist. The same statements count both.
struct Passwords: Sendable {
    let pool: ConnectionPool

    /// A password whose check was admitted.
    struct Admitted: Sendable {
        let attempt: Attempt
        /// nil for a decoy.
        let sealed: Bytes?
        /// nil for a password the user chose.
        let initial: InitialPassword?
        let now: Timestamp
    }

    /// Reserves a try; the row of a user unknown here is made by his first.
    /// - Parameter device: Where a known device tries, which its own counter has admitted.
    func admit(
        _ user: UserID, newRow: AuthenticatorID, _ device: DeviceReservation?,
        _ limits: AttemptLimits, _ audit: AuditContext
    ) async throws(Fault) -> Admission<Admitted> {
        let counting = Counting(
            limits: limits, now: "EXCLUDED.reserved_at", rests: device == nil)
        let refusal = audit.entry(.passwordRefused, user)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            seen AS (
                SELECT a.state, a.delayed_until FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.kind = 'password'
            ),
            tried AS (
                INSERT INTO verification.authenticators AS a
                    (user_id, id, kind, reserved, reserved_at)
                SELECT \(user), \(newRow), 'password', 1, clock.now FROM clock
                ON CONFLICT (user_id) WHERE kind = 'password'
                DO UPDATE SET \(counting.admittingAssignments)
                WHERE \(counting.admittingCondition)
                RETURNING a.id, a.reserved, a.round, a.state, a.delayed_until, a.sealed,
                    a.initial_expires_at, a.initial_used_at
            ),
            refused AS (
                SELECT FROM clock WHERE NOT EXISTS (SELECT FROM tried WHERE tried.reserved > 0)
            ),
            \(refusal.row(from: "refused", details: Counting.notAdmitted))
            SELECT clock.now, tried.id, tried.reserved > 0, tried.round, tried.sealed,
                tried.initial_expires_at, tried.initial_used_at,
                COALESCE(tried.state, seen.state) = 'disabled',
                COALESCE(tried.delayed_until, seen.delayed_until)
            FROM clock LEFT JOIN seen ON true LEFT JOIN tried ON true
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            let (now, id, isAdmitted, round, sealed, expiresAt, usedAt, isDisabled, delayedUntil) =
                try row.decode(
                    Timestamp.self, AuthenticatorID?.self, Bool?.self, Int64?.self, Bytes?.self,
                    Timestamp?.self, Timestamp?.self, Bool?.self, Timestamp?.self)
            guard isAdmitted == true, let id, let round else {
                let standing = AttemptStanding(
                    isDisabled: isDisabled ?? false,
                    delayedUntil: device == nil ? delayedUntil : nil)
                return .refused(standing.refusal(now: now))
            }
            return .admitted(
                Admitted(
                    attempt: Attempt(
                        user: user, authenticator: id, round: round, device: device),
                    sealed: sealed,
                    initial: expiresAt.map { InitialPassword(expiresAt: $0, usedAt: usedAt) },
                    now: now))
        }
    }

    /// A right password. `stronger` replaces the record where it was made with weaker parameters.
    func succeed(_ attempt: Attempt, stronger: SealedValue?, _ audit: AuditContext)
        async throws(Fault)
    {
        let settled: SQL = """
            UPDATE verification.authenticators a
            SET \(Counting.successAssignments), last_used_at = clock.now,
                initial_used_at =
                    CASE WHEN a.must_change THEN COALESCE(a.initial_used_at, clock.now) END,
                sealed = COALESCE(\(stronger?.sealed), a.sealed),
                key_id = COALESCE(\(stronger?.keyName), a.key_id)
            FROM clock
            WHERE \(Counting.settlingCondition(attempt)) AND a.sealed IS NOT NULL
            RETURNING a.id
            """
        try await settle(
            attempt, settled, Counting.successAssignments,
            audit.entry(.passwordProved, attempt.user))
    }

    /// A right initial password that came too late: no failure, and no success either.
    func releaseExpired(_ attempt: Attempt, _ audit: AuditContext) async throws(Fault) {
        let settled: SQL = """
            UPDATE verification.authenticators a SET \(Counting.releaseAssignments)
            WHERE \(Counting.settlingCondition(attempt)) RETURNING a.id
            """
        let expired: SQL = "jsonb_build_object('reason', 'initial_password_expired')"
        try await settle(
            attempt, settled, Counting.releaseAssignments,
            audit.entry(.passwordRefused, attempt.user), details: expired)
    }

    private func settle(
        _ attempt: Attempt, _ settled: SQL, _ ofDevice: SQL, _ audit: AuditEntry,
        details: SQL? = nil
    ) async throws(Fault) {
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            settled AS (\(settled)),
            \(Counting.deviceSettlement(attempt, ofDevice, from: "settled")),
            \(audit.row(from: "settled", details: details))
            SELECT count(*) FROM settled
            """
        let count = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
        guard count == 1 else { throw .overtaken }
    }
}

// MARK: - Records

extension Passwords {
    /// What a new password is compared with, and the row it then replaces.
    struct Current: Sendable {
        let id: AuthenticatorID
        let sealed: Bytes
    }

    /// nil when the user has no password here.
    func current(_ user: UserID) async throws(Fault) -> Current? {
        let sql: SQL = """
            SELECT id, sealed FROM verification.authenticators
            WHERE user_id = \(user) AND kind = 'password' AND sealed IS NOT NULL
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (id, sealed) = try row.decode(AuthenticatorID.self, Bytes.self)
            return Current(id: id, sealed: sealed)
        }
    }

    /// The password a user chose takes the place of `old`, with counters at zero. It is a new
    /// authenticator: tries of the old one that are still under way settle nothing. Throws
    /// `.versionConflict` when another password has come in between.
    /// - Parameter queued: What its owner is told.
    func replace(
        _ old: AuthenticatorID, of user: UserID, by id: AuthenticatorID, _ record: SealedValue,
        telling queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) {
        let sql: SQL = """
            WITH replaced AS (
                UPDATE verification.authenticators a
                SET id = \(id), sealed = \(record.sealed), key_id = \(record.keyName),
                    \(Self.freshAssignments), must_change = false, initial_expires_at = NULL
                WHERE a.user_id = \(user) AND a.id = \(old) AND a.kind = 'password'
                RETURNING a.id
            ),
            forgotten AS (
                DELETE FROM verification.device_counters d USING replaced
                WHERE d.user_id = \(user) AND d.authenticator_id = \(old)
            ),
            \(Resets.end(of: user, from: "replaced")),
            \(queued.row(from: "replaced")),
            \(audit.entry(.passwordChanged, user).row(from: "replaced"))
            SELECT count(*) FROM replaced
            """
        let count = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
        guard count == 1 else { throw Fault(.versionConflict) }
    }

    /// The password that a link permits, which is used by this statement, or `.resetExpired`: any
    /// other password that came in between has ended it. Whoever had none has one now.
    /// - Parameter queued: What its owner is told.
    func reset(
        _ user: UserID, by id: AuthenticatorID, _ record: SealedValue, _ token: ResetToken,
        telling queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) {
        let sql: SQL = """
            WITH \(Resets.use(token, of: user)),
            \(Self.writing(user, id, record, from: "used")),
            \(queued.row(from: "written")),
            \(audit.entry(.passwordChanged, user).row(from: "written"))
            SELECT count(*) FROM written
            """
        let count = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
        guard count == 1 else { throw Fault(.resetExpired) }
    }

    /// The first password of somebody who chose it himself; once more as long as nobody has
    /// proved it. Throws `.passwordExists`.
    func setFirst(
        _ user: UserID, _ id: AuthenticatorID, _ record: SealedValue, _ audit: AuditContext
    ) async throws(Fault) {
        let sql: SQL = """
            WITH proved AS (
                SELECT a.id FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.kind = 'password' AND a.sealed IS NOT NULL
                    AND (a.must_change OR a.last_used_at IS NOT NULL)
            ),
            gate AS (SELECT WHERE NOT EXISTS (SELECT FROM proved)),
            \(Self.writing(user, id, record, from: "gate")),
            \(audit.entry(.passwordChanged, user).row(from: "written"))
            SELECT count(*) FROM written
            """
        let count = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
        guard count == 1 else { throw Fault(.passwordExists) }
    }

    func setInitial(
        _ user: UserID, _ id: AuthenticatorID, _ record: SealedValue, _ audit: AuditContext
    ) async throws(Fault) {
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            \(Self.writing(user, id, record, isInitial: true, from: "clock")),
            \(Resets.end(of: user, from: "written")),
            \(audit.entry(.initialPasswordSet, user).row(from: "written"))
            SELECT count(*) FROM written
            """
        _ = try await pool.one(sql) { (row) throws(PostgresFault) in try row.decode(Int.self) }
    }

    /// The common table expressions `written AS (…)` and `forgotten AS (…)`: where `gate` has a
    /// row, a password takes the place of whatever stood there, a decoy or nothing too.
    private static func writing(
        _ user: UserID, _ id: AuthenticatorID, _ record: SealedValue, isInitial: Bool = false,
        from gate: StaticString
    ) -> SQL {
        """
        written AS (
            INSERT INTO verification.authenticators AS a
                (user_id, id, kind, sealed, key_id, must_change, initial_expires_at)
            SELECT \(user), \(id), 'password', \(record.sealed), \(record.keyName), \(isInitial),
                CASE WHEN \(isInitial) THEN clock_timestamp() + \(InitialPassword.lifetime) END
            FROM \(unsafe: gate.description)
            ON CONFLICT (user_id) WHERE kind = 'password'
            DO UPDATE SET id = EXCLUDED.id, sealed = EXCLUDED.sealed,
                key_id = EXCLUDED.key_id, \(freshAssignments),
                must_change = EXCLUDED.must_change,
                initial_expires_at = EXCLUDED.initial_expires_at
            RETURNING a.id
        ),
        forgotten AS (
            DELETE FROM verification.device_counters d
            USING written, verification.authenticators old
            WHERE old.user_id = \(user) AND old.kind = 'password'
                AND d.user_id = old.user_id AND d.authenticator_id = old.id
        )
        """
    }

    /// A new record starts from nothing.
    static let freshAssignments: SQL = """
        state = 'active', failed = 0, reserved = 0, reserved_at = NULL, round = 0,
        delayed_until = NULL, initial_used_at = NULL, bound_at = clock_timestamp(),
        last_used_at = NULL
        """
}
