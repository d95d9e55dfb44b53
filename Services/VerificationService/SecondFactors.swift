import Audit
import Contracts
import OTP
import Postgres
import Wire

/// The second factors in `verification.authenticators`, of every kind: whether they may be tried,
/// and what a user has bound. What is tried is checked and settled where its kind stands.
struct SecondFactors: Sendable {
    let pool: ConnectionPool
    let sealing: Sealing

    /// An authenticator whose check was admitted.
    struct Admitted: Sendable {
        let attempt: Attempt
        /// What is stated once the check has been settled as right.
        let proof: Proof
        let sealed: Bytes
        /// The last accepted step or counter; `TOTPCheck.noStep` when there is none.
        let lastStep: Int64
        /// In the form of the code's own: of its device's clock, or of its counter.
        let drift: Int64
        /// How an app's codes are made, where not in the usual way.
        let parameters: String
        /// A passkey's last signature counter.
        let signCount: UInt32
        let now: Timestamp
        /// From where it is tried, as far as that is known.
        var origin: ProofOrigin?
    }

    /// When, from where and with what an authenticator was last used: assignments of the
    /// statement that settles a right answer, so that the three are of one use.
    static func lastUse(_ origin: ProofOrigin?, at moment: SQL) -> SQL {
        """
        last_used_at = \(moment), last_used_from = \(origin?.address ?? ""),
        last_used_device = \(origin?.device ?? "")
        """
    }

    /// Reserves a try; nil when the user has no such authenticator.
    /// - Parameter device: Where a known device tries, which its own counter has admitted.
    func admit(
        _ user: UserID, _ id: AuthenticatorID, _ device: DeviceReservation?,
        _ limits: AttemptLimits, _ audit: AuditContext
    ) async throws(Fault) -> Admission<Admitted>? {
        let counting = Counting(limits: limits, now: "clock.now", rests: device == nil)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            seen AS (
                SELECT a.kind, a.state, a.delayed_until, a.verifier
                FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.kind <> 'password'
            ),
            tried AS (
                UPDATE verification.authenticators a
                SET \(counting.admittingAssignments)
                FROM clock
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.kind <> 'password'
                    AND \(counting.admittingCondition)
                RETURNING a.id, a.reserved, a.round, a.state, a.delayed_until, a.sealed,
                    a.last_step, a.drift, a.parameters, a.sign_count
            ),
            refused AS (
                SELECT FROM seen WHERE NOT EXISTS (SELECT FROM tried WHERE tried.reserved > 0)
            ),
            \(audit.entry(.factorRefused, user).row(from: "refused", details: Counting.notAdmitted))
            SELECT clock.now, seen.kind, seen.verifier, tried.reserved > 0, tried.round,
                tried.sealed, COALESCE(tried.last_step, \(TOTPCheck.noStep)), tried.drift,
                tried.parameters, tried.sign_count,
                COALESCE(tried.state, seen.state) = 'disabled',
                COALESCE(tried.delayed_until, seen.delayed_until)
            FROM clock, seen LEFT JOIN tried ON true
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try Self.admission(user, id, device, row)
        }
    }

    private static func admission(
        _ user: UserID, _ id: AuthenticatorID, _ device: DeviceReservation?, _ row: Row
    ) throws(PostgresFault) -> Admission<Admitted> {
        let (
            now, kind, verifier, isAdmitted, round, sealed, lastStep, drift, parameters,
            signCount, isDisabled, delayedUntil
        ) = try row.decode(
            Timestamp.self, ProofKind.self, VerifierUID?.self, Bool?.self, Int64?.self,
            Bytes?.self, Int64.self, Int64?.self, String?.self, Int64?.self, Bool.self,
            Timestamp?.self)
        guard isAdmitted == true, let round, let sealed, let drift, let parameters else {
            let standing = AttemptStanding(
                isDisabled: isDisabled, delayedUntil: device == nil ? delayedUntil : nil)
            return .refused(standing.refusal(now: now))
        }
        return .admitted(
            Admitted(
                attempt: Attempt(user: user, authenticator: id, round: round, device: device),
                proof: Proof(authenticator: id, kind: kind, verifier: verifier), sealed: sealed,
                lastStep: lastStep, drift: drift, parameters: parameters,
                signCount: UInt32(clamping: signCount ?? 0), now: now))
    }
}

// MARK: - What a user has bound

extension SecondFactors {
    /// A statement that gives how many are `active` and how many `disabled`.
    static func counts(_ user: UserID) -> SQL {
        """
        SELECT count(*) FILTER (WHERE c.state = 'active') AS active,
            count(*) FILTER (WHERE c.state = 'disabled') AS disabled
        FROM verification.authenticators c
        WHERE c.user_id = \(user) AND c.verifier IS NOT NULL
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
            SELECT a.id, v.uid, v.type, v.title, a.name, a.sealed, a.bound_at, a.last_used_at,
                a.last_used_from, a.last_used_device, a.state = 'disabled'
            FROM verification.authenticators a
            JOIN verification.verifiers v ON v.uid = a.verifier
            WHERE a.user_id = \(user) ORDER BY a.bound_at, a.id
            """
        let rows = try await pool.all(sql) { (row) throws(PostgresFault) in
            let (
                id, uid, type, title, name, sealed, boundAt, usedAt, from, device, isDisabled
            ) = try row.decode(
                AuthenticatorID.self, VerifierUID.self, VerifierType.self, String.self,
                String.self, Bytes.self, Timestamp.self, Timestamp?.self, String.self, String.self,
                Bool.self)
            let view = AuthenticatorView(
                id: id, verifier: uid, type: type, title: title, hint: "", boundAt: boundAt,
                lastUsedAt: usedAt, disabled: isDisabled, name: name, lastUsedFrom: from,
                lastUsedDevice: device)
            return (view, sealed)
        }
        var views: [AuthenticatorView] = []
        for (view, sealed) in rows {
            var view = view
            view.hint = try hint(view, of: user, sealed)
            views.append(view)
        }
        return views
    }

    /// The mail addresses that a user has bound, disabled ones too.
    func addresses(of user: UserID) async throws(Fault) -> [String] {
        let sql: SQL = """
            SELECT a.id, a.sealed FROM verification.authenticators a
            WHERE a.user_id = \(user) AND a.kind = 'email' ORDER BY a.bound_at, a.id
            """
        let rows = try await pool.all(sql) { (row) throws(PostgresFault) in
            try row.decode(AuthenticatorID.self, Bytes.self)
        }
        var addresses: [String] = []
        for (id, sealed) in rows {
            let opened = try sealing.open(sealed, authenticator: id, of: user)
            addresses.append(try Receiver(.email, opened).text)
        }
        return addresses
    }

    /// What many users have bound, with the recovery codes that are left and may be tried.
    func listBound(_ users: [UserID]) async throws(Fault) -> [BoundFactor] {
        let sql: SQL = """
            SELECT a.user_id, a.id, a.kind, a.verifier, a.state = 'disabled'
            FROM verification.authenticators a
            WHERE a.user_id = ANY (\(users)) AND (a.verifier IS NOT NULL
                OR a.kind = 'recovery' AND a.state = 'active' AND EXISTS (
                    SELECT FROM verification.recovery_codes c
                    WHERE c.user_id = a.user_id AND c.set_id = a.id AND c.used_at IS NULL))
            ORDER BY a.user_id, a.bound_at, a.id
            """
        return try await pool.all(sql) { (row) throws(PostgresFault) in
            let (user, id, kind, verifier, isDisabled) = try row.decode(
                UserID.self, AuthenticatorID.self, ProofKind.self, VerifierUID?.self, Bool.self)
            return BoundFactor(
                user: user, authenticator: id, kind: kind, verifier: verifier,
                disabled: isDisabled)
        }
    }

    /// Which one it is, masked: only what is sent somewhere has anything to show.
    private func hint(
        _ view: AuthenticatorView, of user: UserID, _ sealed: Bytes
    ) throws(Fault) -> String {
        switch view.type {
        case .totp, .passkey: ""
        case .sms, .email:
            try Receiver(view.type, sealing.open(sealed, authenticator: view.id, of: user)).masked
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

    /// All of the user's rows are locked first: of two that are unbound at once, one stays. With
    /// the last one the recovery codes go, which would stand in for nothing.
    func unbind(
        _ user: UserID, _ id: AuthenticatorID, keepingOne: Bool, telling queued: Outbox.Queued,
        _ audit: AuditContext
    ) async throws(Fault) -> Unbinding {
        let entry = audit.entry(.authenticatorUnbound, user)
        let sql: SQL = """
            WITH own AS (
                SELECT a.id, a.state FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.verifier IS NOT NULL ORDER BY a.id FOR UPDATE
            ),
            unbound AS (
                DELETE FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.verifier IS NOT NULL
                    AND (\(!keepingOne) OR EXISTS (
                        SELECT FROM own WHERE own.id <> \(id) AND own.state = 'active'))
                RETURNING a.id
            ),
            recovery AS (
                DELETE FROM verification.authenticators a USING unbound
                WHERE a.user_id = \(user) AND a.kind = 'recovery'
                    AND NOT EXISTS (SELECT FROM own WHERE own.id <> \(id))
            ),
            \(queued.row(from: "unbound")),
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
        let begun: SQL = """
            WITH challenges AS (
                DELETE FROM verification.challenges c WHERE c.user_id = \(user)
            )
            DELETE FROM verification.bindings b WHERE b.user_id = \(user)
            """
        _ = try await pool.all(begun) { (_) throws(PostgresFault) in }
        let sql: SQL = """
            WITH reset AS (
                DELETE FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.kind <> 'password'
                RETURNING a.verifier
            ),
            decision AS (SELECT count(reset.verifier) AS removed FROM reset),
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
