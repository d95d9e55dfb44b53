import Audit
import Contracts
import HTTP
import Postgres
import RPC
import Wire

/// A session in force, with its user as he is now.
struct SessionRecord: Sendable {
    let id: SessionID
    let account: AccountRecord
    let methods: [AuthenticationMethod]
    let level: UInt32
    let provedAt: Timestamp
    let expiresAt: Timestamp
    /// The database's clock when the session was read.
    let readAt: Timestamp
    /// The browser it was opened on, which is known since.
    let device: DeviceID?
    /// The service that opened it for a single sign-on; nil for a sign-in here.
    var caller: String?
    /// How long a proof serves for changes of authenticators, password and policy.
    var stepUpSeconds = Self.freshSeconds
    /// How long it lasts where nobody uses it; zero where that was not read.
    var idleSeconds: Int64 = 0
    /// Just opened: until when its device is trusted, where it is.
    var trustedUntil: Timestamp?

    /// The same, where policy says nothing on it.
    static let freshSeconds: Int64 = 300

    var isFresh: Bool { isProved(within: stepUpSeconds) }

    /// Whether the last proof is at most this old; never where it is too old for policy.
    func isProved(within seconds: Int64) -> Bool {
        readAt.seconds - provedAt.seconds <= min(seconds, stepUpSeconds)
    }

    /// Until when the last proof serves for what is grave.
    var freshUntil: Timestamp {
        Timestamp(microseconds: provedAt.microseconds + stepUpSeconds * 1_000_000)
    }

    /// Until when it is in force for certain, unless it is ended. Use is noted once a minute, so
    /// the last that was noted may be that old.
    var restsUntil: Timestamp {
        min(expiresAt, Timestamp(seconds: readAt.seconds + max(0, idleSeconds - 60)))
    }

    /// More than the password was proved, be it what raises no level.
    var hasSecondFactor: Bool { methods.contains { $0 != .password } }

    /// It was opened by a passkey alone.
    var isWithoutPassword: Bool { !methods.contains(.password) && caller == nil }

    func view(token: SessionToken? = nil) -> SessionView {
        SessionView(
            id: id, userId: account.id, expiresAt: expiresAt, amr: methods, aal: level,
            authTime: provedAt, token: token)
    }
}

/// A session to open: what was proved, and for whom.
struct NewSession: Sendable {
    let id: SessionID
    let token: SessionToken
    let account: AccountRecord
    let methods: [AuthenticationMethod]
    let level: UInt32
    /// Nil for what holds where policy says nothing.
    var limits: SessionLimits?
    /// Nil where no browser signs in.
    var device: DeviceRotation?
    /// Nil where nobody trusts anything, nor did.
    var trust: OpeningTrust?
    /// Where from, and with what, as far as known.
    var origin = SessionOrigin()
    /// When that was proved; nil for now.
    var provedAt: Timestamp?
}

/// What a session's owner may know it by.
struct SessionOrigin: Sendable, Equatable {
    /// A network address.
    var place = ""
    /// What the browser calls itself.
    var agent = ""
    /// The service that opened it for a single sign-on; nil for a sign-in here.
    var caller: String?
}

/// What somebody has proved, and the level that a session has by it (NIST SP 800-63B §2.2).
struct SessionProof: Sendable, Equatable {
    let methods: [AuthenticationMethod]
    let level: UInt32

    static let password = SessionProof(password: true, [])

    init(methods: [AuthenticationMethod], level: UInt32) {
        self.methods = methods
        self.level = level
    }

    /// - Parameters:
    ///   - password: Whether the password was proved.
    ///   - kinds: The second factors that were. Mail is no channel of its own (§3.1.3.1): it
    ///     keeps a guess out, and raises no level.
    init(password: Bool, _ kinds: [ProofKind]) {
        var methods: [AuthenticationMethod] = password ? [.password] : []
        for kind in kinds {
            let method = AuthenticationMethod(kind)
            if !methods.contains(method) { methods.append(method) }
        }
        let isRaised = kinds.contains { $0 != .email && $0 != .password }
        self.methods = methods + (isRaised ? [.multipleFactors] : [])
        level = isRaised ? 2 : 1
    }
}

extension AuthenticationMethod {
    /// The words of RFC 8176 §2.
    init(_ kind: ProofKind) {
        switch kind {
        case .password: self = .password
        case .totp, .email, .recovery: self = .oneTimePassword
        case .sms: self = .textMessage
        case .passkey: self = .proofOfPossession
        }
    }
}

/// How long sessions live (NIST SP 800-63B §2.2.3; administrators shorter).
struct SessionLimits: Sendable, Equatable {
    let overallSeconds: Int64
    let idleSeconds: Int64
    let stepUpSeconds: Int64

    /// What policy decided; where it said nothing, what holds without policy.
    init(_ decision: Decision, of account: AccountRecord) {
        let otherwise = Self.of(account)
        func said(_ seconds: UInt32, _ other: Int64) -> Int64 {
            seconds == 0 ? other : Int64(seconds)
        }
        self.init(
            overallSeconds: said(decision.sessionSeconds, otherwise.overallSeconds),
            idleSeconds: said(decision.idleSeconds, otherwise.idleSeconds),
            stepUpSeconds: said(decision.stepUpSeconds, otherwise.stepUpSeconds))
    }

    init(
        overallSeconds: Int64, idleSeconds: Int64, stepUpSeconds: Int64 = SessionRecord.freshSeconds
    ) {
        self.overallSeconds = overallSeconds
        self.idleSeconds = idleSeconds
        self.stepUpSeconds = stepUpSeconds
    }

    static func of(_ account: AccountRecord) -> SessionLimits {
        account.isAdministrator
            ? SessionLimits(overallSeconds: 12 * 3600, idleSeconds: 15 * 60)
            : SessionLimits(overallSeconds: 24 * 3600, idleSeconds: 3600)
    }
}

/// `auth.sessions`. A session is found by the digest of its token, only while it has not ended,
/// not expired, not been idle for too long, and its user is active under the same epoch.
struct Sessions: Sendable {
    let pool: ConnectionPool

    /// Sessions of one user; with one more the oldest ends. Sign-ins that finish at the same
    /// moment do not see one another, so for a while there may be some more.
    static let countMax: Int64 = 20

    /// The statement that finishes a sign-in: guard, session, audit row in one. `pending` is the
    /// row that must still be where it was read; nil when no step was needed after the password.
    /// A trusted device that stands in for the factor is a guard as well.
    /// The user's row is locked first, so a disabling that runs at the same time either comes
    /// before and stops this, or comes later and ends the session by its epoch. Nil when the
    /// guard matched nothing.
    /// - Parameter auditOfEnded: For each session that has to make room.
    func open(
        _ new: NewSession, finishing pending: PendingSignIn?, audit: AuditEntry,
        auditOfEnded: AuditEntry
    ) async throws(PostgresFault) -> SessionRecord? {
        let limits = new.limits ?? .of(new.account)
        let rows = try await pool.query(
            """
            WITH u AS (
                SELECT id, epoch FROM auth.users
                WHERE id = \(new.account.id) AND epoch = \(new.account.epoch)
                    AND state = 'active'
                FOR NO KEY UPDATE
            ), \(TrustedDevices.opening(new.trust, gate: Self.gate(pending))),
            \(KnownDevices.rotate(new.device)), s AS (
                INSERT INTO auth.sessions (id, token_digest, user_id, user_epoch, methods, level,
                    proved_at, idle_seconds, step_up_seconds, expires_at, device_id, place,
                    agent, caller, trusted_device_id)
                SELECT \(new.id), \(new.token.digest), gate.user_id, gate.user_epoch,
                    \(new.methods.map(\.rawValue)), \(Int32(clamping: new.level)),
                    least(\(new.provedAt)::timestamptz, clock_timestamp()),
                    \(limits.idleSeconds), \(limits.stepUpSeconds),
                    clock_timestamp() + make_interval(secs => \(limits.overallSeconds)::bigint),
                    device.id, \(new.origin.place), \(new.origin.agent), \(new.origin.caller),
                    (SELECT opens FROM trust)
                FROM gate, device RETURNING proved_at, expires_at, created_at, device_id
            ), seen AS (
                UPDATE auth.users SET last_sign_in_at = clock_timestamp() FROM gate
                WHERE users.id = gate.user_id
            ), ended AS (
                UPDATE auth.sessions SET ended_at = clock_timestamp()
                WHERE ended_at IS NULL AND id IN (
                    SELECT s.id FROM gate JOIN auth.sessions s ON s.user_id = gate.user_id
                        JOIN auth.users u ON u.id = s.user_id
                    WHERE \(Self.inForce)
                    ORDER BY s.created_at DESC OFFSET \(Self.countMax - 1))
                RETURNING id
            ), \(audit.row(from: "s")),
            \(auditOfEnded.row(from: "ended", named: "audited_ended"))
            SELECT proved_at, expires_at, created_at, device_id,
                (SELECT expires_at FROM trust)
            FROM s
            """)
        guard let row = rows.first else { return nil }
        let (provedAt, expiresAt, readAt, device, trustedUntil) = try row.decode(
            Timestamp.self, Timestamp.self, Timestamp.self, DeviceID?.self, Timestamp?.self)
        return SessionRecord(
            id: new.id, account: new.account, methods: new.methods, level: new.level,
            provedAt: provedAt, expiresAt: expiresAt, readAt: readAt, device: device,
            caller: new.origin.caller, stepUpSeconds: limits.stepUpSeconds,
            trustedUntil: trustedUntil)
    }

    private static func gate(_ pending: PendingSignIn?) -> SQL {
        guard let pending else { return "SELECT id AS user_id, epoch AS user_epoch FROM u" }
        return """
            UPDATE auth.pending_sign_ins p SET stage = 'finished', version = p.version + 1 FROM u
            WHERE p.id = \(pending.id) AND p.version = \(pending.version) AND p.user_id = u.id
                AND p.user_epoch = u.epoch AND p.stage <> 'finished'
                AND p.expires_at > clock_timestamp()
            RETURNING p.user_id, p.user_epoch
            """
    }

    /// The session that `token` opens, nil when none; using it is noted once a minute at most.
    func find(_ token: SessionToken) async throws(PostgresFault) -> SessionRecord? {
        try await find(
            from: "auth.sessions s", "s.token_digest = \(token.digest)", level: "s.level")
    }

    /// The session that `token` opens at a protected host, with the level it was brought there
    /// with: a proof that its owner gave since has to be brought there too.
    func find(
        _ token: HostToken, at host: Origin
    ) async throws(PostgresFault) -> SessionRecord? {
        try await find(
            from: "auth.host_sessions h JOIN auth.sessions s ON s.id = h.session_id",
            "h.token_digest = \(token.digest) AND h.host = \(host.description)",
            level: "least(h.level, s.level)")
    }

    private func find(
        from tables: SQL, _ token: SQL, level: SQL
    ) async throws(PostgresFault) -> SessionRecord? {
        let rows = try await pool.query(
            """
            SELECT s.id, s.methods, \(level), s.proved_at, s.expires_at, clock_timestamp(),
                s.last_used_at < clock_timestamp() - interval '60 s', s.device_id,
                s.step_up_seconds, s.idle_seconds, s.caller, \(Accounts.columns)
            FROM \(tables) JOIN auth.users u ON u.id = s.user_id
            WHERE \(token) AND \(Self.inForce)
            """)
        guard let row = rows.first else { return nil }
        let (
            id, methods, level, provedAt, expiresAt, readAt, isStale, device, stepUpSeconds,
            idleSeconds, caller, userID, userName, displayName, email, phone, locale, roles, epoch,
            disabled,
            createdAt, lastSignInAt
        ) = try row.decode(
            SessionID.self, [String].self, Int64.self, Timestamp.self, Timestamp.self,
            Timestamp.self, Bool.self, DeviceID?.self, Int64.self, Int64.self, String?.self,
            UserID.self, String.self, String.self, String?.self, String?.self, String.self,
            [String].self, Int64.self, Bool.self, Timestamp.self, Timestamp?.self)
        if isStale { try await touch(id) }
        return SessionRecord(
            id: id,
            account: AccountRecord(
                id: userID, userName: userName, displayName: displayName, email: email,
                phone: phone, locale: locale, roles: roles.compactMap(Role.init), epoch: epoch,
                disabled: disabled, createdAt: createdAt, lastSignInAt: lastSignInAt),
            methods: methods.compactMap(AuthenticationMethod.init), level: UInt32(clamping: level),
            provedAt: provedAt, expiresAt: expiresAt, readAt: readAt, device: device,
            caller: caller, stepUpSeconds: stepUpSeconds, idleSeconds: idleSeconds)
    }

    /// Over `s`, a session, and `u`, its user.
    static let inForce: SQL = """
        s.ended_at IS NULL AND s.expires_at > clock_timestamp()
            AND s.last_used_at + make_interval(secs => s.idle_seconds) > clock_timestamp()
            AND u.state = 'active' AND u.epoch = s.user_epoch
        """

    private func touch(_ id: SessionID) async throws(PostgresFault) {
        _ = try await pool.execute(
            """
            UPDATE auth.sessions SET last_used_at = clock_timestamp()
            WHERE id = \(id) AND ended_at IS NULL
            """)
    }

    /// Notes a fresh proof, whose level the session has from now on: new token, the old one opens
    /// nothing. Nil when the session has ended since it was read.
    func renew(
        _ session: SessionRecord, by proof: SessionProof, token: SessionToken, audit: AuditEntry
    ) async throws(PostgresFault) -> SessionRecord? {
        let rows = try await pool.query(
            """
            WITH renewed AS (
                UPDATE auth.sessions s SET proved_at = clock_timestamp(),
                    level = \(Int32(clamping: proof.level)),
                    methods = \(proof.methods.map(\.rawValue)), token_digest = \(token.digest),
                    trusted_device_id = NULL
                FROM auth.users u
                WHERE s.id = \(session.id) AND u.id = s.user_id AND \(Self.inForce)
                RETURNING s.proved_at
            ), \(audit.row(from: "renewed"))
            SELECT proved_at FROM renewed
            """)
        guard let row = rows.first else { return nil }
        let provedAt = try row.decode(Timestamp.self)
        return SessionRecord(
            id: session.id, account: session.account, methods: proof.methods, level: proof.level,
            provedAt: provedAt, expiresAt: session.expiresAt, readAt: provedAt,
            device: session.device, caller: session.caller, stepUpSeconds: session.stepUpSeconds)
    }

    /// Ends a session: committed before the answer, and every replica asks the database.
    func end(_ session: SessionRecord, audit: AuditEntry) async throws(PostgresFault) {
        _ = try await pool.query(
            """
            WITH ended AS (
                UPDATE auth.sessions SET ended_at = clock_timestamp()
                WHERE id = \(session.id) AND ended_at IS NULL RETURNING id
            ), \(audit.row(from: "ended"))
            SELECT true FROM ended
            """)
    }

    /// Removes rows that expired more than a month ago.
    func sweep() async throws(PostgresFault) -> Int {
        try await pool.execute(
            "DELETE FROM auth.sessions WHERE expires_at < clock_timestamp() - interval '30 days'")
    }
}
