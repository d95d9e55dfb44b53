import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Wire

/// For how long a device is trusted, from the first moment on.
struct TrustLifetimes: Sendable, Equatable {
    let ofUsers: Duration
    /// Never more than `ofUsers`.
    let ofAdministrators: Duration

    static let standard = TrustLifetimes(
        ofUsers: .seconds(30 * 86_400), ofAdministrators: .seconds(7 * 86_400))

    init(ofUsers: Duration, ofAdministrators: Duration) {
        self.ofUsers = ofUsers
        self.ofAdministrators = min(ofUsers, ofAdministrators)
    }

    func lifetime(of account: AccountRecord) -> Duration {
        account.isAdministrator ? ofAdministrators : ofUsers
    }
}

/// What the token is that a device shows, at the moment the sign-in begins.
enum TrustStanding: Sendable, Equatable {
    /// None in force, or one that was used a moment ago.
    case none
    case current(ShownTrust)
    /// It was used before, so two have it, or had.
    case reused(TrustedDeviceID)
}

/// A trust in force, as the token that a device shows has found it.
struct ShownTrust: Sendable, Equatable {
    let id: TrustedDeviceID
    let token: TrustToken
    let device: SignInFlow.TrustedDevice
    /// Nil where it was given to a passkey alone and has not been used since.
    let password: AuthenticatorID?
}

/// `auth.trusted_devices`: devices that stand in for a second factor at a sign-in with the right
/// password. Whether one may is decided by `SignInFlow`, on what policy says then.
///
/// - A token is good once. It is consumed by the statement that opens the session, which also
///   makes its successor: neither is there without the other.
/// - Nothing prolongs a trust: it ends a fixed time after the factor was proved.
/// - It belongs to its user, his epoch, his password and the authenticators he had: when any of
///   them changes it is over, also where a gateway dies between the change and the new epoch.
/// - A token that comes again was copied. Then the trust is over for whoever holds the newest, the
///   sessions that it opened end, and its owner is told.
///
/// It has nothing to do with `KnownDevices`, whose cookie spares nobody a factor.
struct TrustedDevices: Sendable {
    let pool: ConnectionPool
    let lifetimes: TrustLifetimes

    /// Devices that one user trusts; with one more the one longest not used goes.
    static let ofUserMax: Int64 = 10

    /// For so long after its use the newest used token is nobody's theft. An answer may be lost,
    /// and a button pressed twice; then an honest browser shows it once more. It opens nothing
    /// all the same: the factor is asked for, and who proves it ends what came of the lost answer
    /// (`OpeningTrust.shown`). So a thief gains nothing by being quick.
    static let lostAnswerTime: Duration = .seconds(30)

    /// What `token` is to `user`. Asked before the password is looked at, so that of tokens shown
    /// at once by one browser the later ones have not been used when they come; and always, also
    /// without a token and for names that nobody has.
    func find(_ token: TrustToken?, of user: UserID) async throws(PostgresFault) -> TrustStanding {
        let shown = token?.digest ?? Self.digestOfNone
        let rows = try await pool.query(
            """
            SELECT t.id, t.digest = \(shown),
                t.previous_digest = \(shown)
                    AND t.used_at + \(Self.lostAnswerTime) > clock_timestamp(),
                t.password_id, t.authenticator_id, t.verifier, t.kind, t.bound_authenticators
            FROM auth.trusted_devices t JOIN auth.users u ON u.id = t.user_id
            WHERE t.user_id = \(user) AND \(inForce)
                AND (t.digest = \(shown) OR EXISTS (
                    SELECT FROM auth.used_trust_tokens g
                    WHERE g.digest = \(shown) AND g.trusted_device_id = t.id))
            """)
        guard let token, let row = rows.first else { return .none }
        let (id, isCurrent, isJustUsed, password, authenticator, verifier, kind, bound) =
            try row.decode(
                TrustedDeviceID.self, Bool.self, Bool?.self, AuthenticatorID?.self,
                AuthenticatorID.self, String.self, String.self, [AuthenticatorID].self)
        guard isCurrent else { return isJustUsed == true ? .none : .reused(id) }
        guard let verifier = VerifierUID(verifier), let kind = ProofKind(rawValue: kind) else {
            throw .decoding("auth.trusted_devices \(id) holds no factor")
        }
        let factor = SignInFlow.Factor(
            authenticator: authenticator, verifier: verifier, kind: kind)
        return .current(
            ShownTrust(
                id: id, token: token,
                device: SignInFlow.TrustedDevice(factor: factor, bound: Set(bound)),
                password: password))
    }

    /// Whether `token` is in force for anybody: a browser keeps it then.
    func isCurrent(_ token: TrustToken) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            SELECT true FROM auth.trusted_devices t JOIN auth.users u ON u.id = t.user_id
            WHERE t.digest = \(token.digest) AND \(inForce)
            """)
        return !rows.isEmpty
    }

    /// Over `t`, a device, and `u`, its user. The strictest of what held then and what holds now.
    private var inForce: SQL {
        """
        t.reused_at IS NULL AND t.expires_at > clock_timestamp()
            AND t.trusted_at + \(lifetime) > clock_timestamp()
            AND u.state = 'active' AND u.epoch = t.user_epoch
        """
    }

    /// Over `u`, a user.
    private var lifetime: SQL {
        """
        CASE WHEN 'administrator' = ANY (u.roles) THEN \(lifetimes.ofAdministrators)
            ELSE \(lifetimes.ofUsers) END
        """
    }

    /// Of no token: nothing hashes to it.
    private static let digestOfNone = Bytes([UInt8](repeating: 0, count: 32))
}

// MARK: - A session that opens

/// What happens to trust in the statement that opens a session.
struct OpeningTrust: Sendable {
    enum Change: Sendable {
        /// It stands in for the factor, once.
        case used(ShownTrust)
        /// - Parameter password: Nil where a passkey signed in alone.
        case given(SignInFlow.TrustedDevice, id: TrustedDeviceID, password: AuthenticatorID?)
        /// The factor was proved, and the device is not to be trusted with it.
        case untouched
    }

    let change: Change
    /// What the device holds from then on.
    let next: TrustToken
    /// What it held until then. Whoever proves a factor while he shows what was used already has
    /// not got its successor: the answer was lost, or somebody else has it. That trust is over.
    let shown: TrustToken?
    let title: String
    let place: String
    let lifetime: Duration
    let audit: AuditEntry
    /// For each session that ends because of it.
    let auditOfEnded: AuditEntry
}

extension TrustedDevices {
    /// The common table expressions `gate` and `trust` of the statement that opens a session. `u`
    /// is its user, locked and in his epoch.
    ///
    /// A trust that is used is a guard of the gate: of any number of sign-ins at once that show
    /// one token one passes. `opens` is the device that the session then hangs on.
    /// - Parameter gate: What lets a session open besides.
    static func opening(_ trust: OpeningTrust?, gate: SQL) -> SQL {
        let none: SQL = """
            gate AS (\(gate)),
            trust AS (SELECT NULL::timestamptz AS expires_at, NULL::uuid AS opens)
            """
        guard let trust else { return none }
        switch trust.change {
        case .used(let shown): return using(shown, trust)
        case .given(let device, let id, let password):
            return """
                gate AS (\(gate)), \(leaving(trust, alsoCurrent: true)),
                \(giving(device, id, password, trust))
                """
        case .untouched: return "\(none), \(leaving(trust, alsoCurrent: false))"
        }
    }

    private static func using(_ shown: ShownTrust, _ trust: OpeningTrust) -> SQL {
        """
        trust AS (
            UPDATE auth.trusted_devices t SET digest = \(trust.next.digest),
                previous_digest = t.digest, used_at = clock_timestamp(),
                password_id = coalesce(t.password_id, \(shown.password)), place = \(trust.place)
            FROM u
            WHERE t.id = \(shown.id) AND t.user_id = u.id AND t.user_epoch = u.epoch
                AND t.digest = \(shown.token.digest) AND t.reused_at IS NULL
                AND t.expires_at > clock_timestamp()
            RETURNING t.id AS opens,
                least(t.expires_at, t.trusted_at + \(trust.lifetime)) AS expires_at
        ), gone AS (
            INSERT INTO auth.used_trust_tokens (digest, trusted_device_id)
            SELECT \(shown.token.digest), opens FROM trust
        ), \(trust.audit.row(from: "trust", named: "audited_trust")), gate AS (
            SELECT u.id AS user_id, u.epoch AS user_epoch FROM u CROSS JOIN trust
        )
        """
    }

    private static func giving(
        _ device: SignInFlow.TrustedDevice, _ id: TrustedDeviceID, _ password: AuthenticatorID?,
        _ trust: OpeningTrust
    ) -> SQL {
        let bound = device.bound.sorted { ($0.high, $0.low) < ($1.high, $1.low) }
        return """
            trust AS (
                INSERT INTO auth.trusted_devices (id, user_id, user_epoch, digest, password_id,
                    authenticator_id, verifier, kind, bound_authenticators, title, place,
                    expires_at)
                SELECT \(id), gate.user_id, gate.user_epoch, \(trust.next.digest), \(password),
                    \(device.factor.authenticator), \(device.factor.verifier?.text ?? ""),
                    \(device.factor.kind.rawValue), \(bound), \(trust.title), \(trust.place),
                    clock_timestamp() + \(trust.lifetime)
                FROM gate RETURNING expires_at, NULL::uuid AS opens
            ), crowding AS (
                DELETE FROM auth.trusted_devices t WHERE t.id IN (
                    SELECT o.id FROM gate JOIN auth.trusted_devices o ON o.user_id = gate.user_id
                    ORDER BY o.used_at DESC OFFSET \(ofUserMax - 1))
            ), \(trust.audit.row(from: "trust", named: "audited_trust"))
            """
    }

    /// The trust that the browser has left behind, with what it opened.
    private static func leaving(_ trust: OpeningTrust, alsoCurrent: Bool) -> SQL {
        let shown = trust.shown?.digest ?? digestOfNone
        return """
            left_behind AS (
                DELETE FROM auth.trusted_devices t USING gate
                WHERE t.user_id = gate.user_id AND t.reused_at IS NULL
                    AND (t.previous_digest = \(shown)
                        OR \(alsoCurrent) AND t.digest = \(shown))
                RETURNING t.id
            ), \(ending("left_behind", keeping: nil)),
            \(trust.auditOfEnded.row(from: "hanging", named: "audited_hanging"))
            """
    }

    /// `hanging`: the sessions that hang on the devices of `gate`, which end.
    private static func ending(_ gate: StaticString, keeping kept: SessionID?) -> SQL {
        """
        hanging AS (
            UPDATE auth.sessions s SET ended_at = clock_timestamp()
            WHERE s.trusted_device_id IN (SELECT id FROM \(unsafe: gate.description))
                AND s.ended_at IS NULL AND s.id IS DISTINCT FROM \(kept)
            RETURNING s.id
        )
        """
    }
}

// MARK: - Its end

extension TrustedDevices {
    /// The trust of a token that came again. False where that was known.
    func endReused(
        _ id: TrustedDeviceID, audit: AuditEntry, auditOfEnded: AuditEntry
    ) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            WITH reused AS (
                UPDATE auth.trusted_devices SET reused_at = clock_timestamp()
                WHERE id = \(id) AND reused_at IS NULL RETURNING id
            ), \(Self.ending("reused", keeping: nil)), \(audit.row(from: "reused")),
            \(auditOfEnded.row(from: "hanging", named: "audited_hanging"))
            SELECT true FROM reused
            """)
        return !rows.isEmpty
    }

    /// A reuse that an owner has not been told of, because a process died between.
    struct Untold: Sendable {
        let device: TrustedDeviceID
        let user: UserID
    }

    /// At most 50, and none that is being told just now.
    func untold() async throws(PostgresFault) -> [Untold] {
        let rows = try await pool.query(
            """
            SELECT id, user_id FROM auth.trusted_devices
            WHERE NOT told AND reused_at < clock_timestamp() - interval '60 s'
            ORDER BY reused_at LIMIT 50
            """)
        var found: [Untold] = []
        for row in rows {
            let (device, user) = try row.decode(TrustedDeviceID.self, UserID.self)
            found.append(Untold(device: device, user: user))
        }
        return found
    }

    func told(_ id: TrustedDeviceID) async throws(PostgresFault) {
        _ = try await pool.execute(
            "UPDATE auth.trusted_devices SET told = true WHERE id = \(id)")
    }

    /// Those that are trusted now; the one used last first.
    /// - Parameter shown: What the device holds that asks.
    func list(
        of user: UserID, showing shown: TrustToken?
    ) async throws(PostgresFault) -> [TrustedDeviceView] {
        let rows = try await pool.query(
            """
            SELECT t.id, t.title, t.trusted_at, t.used_at,
                least(t.expires_at, t.trusted_at + \(lifetime)), t.place,
                t.digest = \(shown?.digest ?? Self.digestOfNone)
            FROM auth.trusted_devices t JOIN auth.users u ON u.id = t.user_id
            WHERE t.user_id = \(user) AND \(inForce)
            ORDER BY t.used_at DESC, t.id
            """)
        var devices: [TrustedDeviceView] = []
        for row in rows {
            let (id, title, trustedAt, usedAt, expiresAt, place, isCurrent) = try row.decode(
                TrustedDeviceID.self, String.self, Timestamp.self, Timestamp.self,
                Timestamp.self, String.self, Bool.self)
            devices.append(
                TrustedDeviceView(
                    id: id, title: title, trustedAt: trustedAt, lastUsedAt: usedAt,
                    expiresAt: expiresAt, place: place, current: isCurrent))
        }
        return devices
    }

    /// Whose trust somebody ends.
    enum Forgotten: Sendable {
        case one(TrustedDeviceID, of: UserID)
        case all(of: UserID)
        /// Everybody's: policy allows no trust any more.
        case everybodys
    }

    /// How many there were. Sessions that they opened end too, but `kept`.
    func forget(
        _ which: Forgotten, keeping kept: SessionID? = nil, audit: AuditEntry,
        auditOfEnded: AuditEntry
    ) async throws(PostgresFault) -> Int {
        try await pool.query(Self.forgetting(which, keeping: kept, audit, auditOfEnded)).count
    }

    private static func forgetting(
        _ which: Forgotten, keeping kept: SessionID?, _ audit: AuditEntry,
        _ auditOfEnded: AuditEntry
    ) -> SQL {
        let condition: SQL =
            switch which {
            case .one(let id, let user):
                "id = \(id) AND user_id = \(user) AND reused_at IS NULL"
            case .all(let user): "user_id = \(user)"
            case .everybodys: "true"
            }
        let device: SQL = "jsonb_build_object('device', id)"
        return """
            WITH forgotten AS (
                DELETE FROM auth.trusted_devices
                WHERE \(condition) RETURNING id, user_id
            ), \(ending("forgotten", keeping: kept)),
            \(audit.row(from: "forgotten", subject: "user_id", details: device)),
            \(auditOfEnded.row(from: "hanging", named: "audited_hanging"))
            SELECT true FROM forgotten
            """
    }

    /// Removes what is over: expired, or of an older epoch. What came again stays until it
    /// expires, to be known.
    func sweep() async throws(PostgresFault) -> Int {
        try await pool.execute(
            """
            DELETE FROM auth.trusted_devices t USING auth.users u
            WHERE u.id = t.user_id AND (t.expires_at < clock_timestamp()
                OR u.epoch <> t.user_epoch AND t.reused_at IS NULL)
            """)
    }
}
