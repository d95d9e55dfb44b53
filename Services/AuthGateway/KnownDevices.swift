import Contracts
import Crypto
import Postgres
import Wire

/// `auth.known_devices`: browsers that have signed in to an account before (OWASP, *Slow Down
/// Online Guessing Attacks with Device Cookies*). A known one has failures counted by itself, so
/// that whoever guesses elsewhere does not keep the owner out. It is no trusted device: it opens
/// nothing and spares no factor.
///
/// - Only a completed sign-in makes a browser known, and gives it a new cookie: a copy of the old
///   one, or one that somebody planted before, is worth nothing from then on.
/// - A row belongs to an epoch of its user, as sessions do. An administrator's reset and disabling
///   end all; a password or an authenticator that the owner changes ends all but the one he does
///   it on.
/// - Whether a cookie is known is asked at every sign-in by the same statement, also without a
///   cookie and for names that nobody has.
struct KnownDevices: Sendable {
    let pool: ConnectionPool
    /// From the last sign-in on.
    let lifetime: Duration

    /// Browsers that one user is known by; with one more the one longest not used goes.
    static let ofUserMax: Int64 = 8
    /// Users that one browser is known to; with one more it is forgotten by the one who has not
    /// signed in for longest.
    static let usersMax: Int64 = 8

    /// The device that `token` is for `user`; nil when it is none in force.
    func find(_ token: DeviceToken?, of user: UserID) async throws(PostgresFault) -> DeviceID? {
        let rows = try await pool.query(
            """
            SELECT k.id FROM auth.known_devices k JOIN auth.users u ON u.id = k.user_id
            WHERE k.digest = \(Self.digest(token)) AND k.user_id = \(user)
                AND k.expires_at > clock_timestamp()
                AND u.state = 'active' AND u.epoch = k.user_epoch
            """)
        return try rows.first.map { row throws(PostgresFault) in try row.decode(DeviceID.self) }
    }

    /// What the browser that ends a sign-in is known by from then on.
    func rotation(from old: DeviceToken?) throws(Fault) -> DeviceRotation {
        DeviceRotation(old: old, new: try .fresh(), id: try .fresh(), lifetime: lifetime)
    }

    /// Of no cookie: nothing hashes to it.
    private static let digestOfNone = Bytes([UInt8](repeating: 0, count: 32))

    private static func digest(_ token: DeviceToken?) -> Bytes { token?.digest ?? digestOfNone }

    /// Removes rows that have expired.
    func sweep() async throws(PostgresFault) -> Int {
        try await pool.execute(
            "DELETE FROM auth.known_devices WHERE expires_at < clock_timestamp()")
    }
}

/// What a browser is known by from the end of a sign-in on.
struct DeviceRotation: Sendable {
    /// The cookie that came with the last step.
    let old: DeviceToken?
    let new: DeviceToken
    /// Of the row, where the browser was not known to this user.
    let id: DeviceID
    let lifetime: Duration
}

extension KnownDevices {
    /// The common table expressions that make the browser of a sign-in known, ending with
    /// `device`, which has its id. `gate` has the user and his epoch, and his row is locked.
    ///
    /// All users that the browser is known to go over to the new cookie; their rows are locked in
    /// one order, so that two who sign in at once wait for one another and no more.
    static func rotate(_ rotation: DeviceRotation?) -> SQL {
        guard let rotation else { return "device AS (SELECT NULL::uuid AS id)" }
        let expiry: SQL = "clock_timestamp() + \(rotation.lifetime)"
        return """
            seats AS (
                SELECT k.id, k.user_id, k.used_at
                FROM gate JOIN auth.known_devices k ON k.digest = \(digest(rotation.old))
                ORDER BY k.user_id FOR UPDATE OF k
            ), own AS (
                UPDATE auth.known_devices k SET digest = \(rotation.new.digest),
                    user_epoch = gate.user_epoch, used_at = clock_timestamp(),
                    expires_at = \(expiry)
                FROM gate JOIN seats ON seats.user_id = gate.user_id
                WHERE k.id = seats.id RETURNING k.id
            ), others AS (
                UPDATE auth.known_devices k SET digest = \(rotation.new.digest)
                WHERE k.id IN (
                    SELECT seats.id FROM seats JOIN gate ON gate.user_id <> seats.user_id
                    ORDER BY seats.used_at DESC LIMIT \(usersMax - 1))
            ), made AS (
                INSERT INTO auth.known_devices (id, user_id, user_epoch, digest, expires_at)
                SELECT \(rotation.id), gate.user_id, gate.user_epoch, \(rotation.new.digest),
                    \(expiry)
                FROM gate WHERE NOT EXISTS (SELECT FROM own)
                RETURNING id
            ), crowded AS (
                DELETE FROM auth.known_devices k WHERE k.id IN (
                    SELECT o.id FROM gate JOIN auth.known_devices o ON o.user_id = gate.user_id
                    WHERE o.digest <> \(digest(rotation.old))
                    ORDER BY o.used_at DESC OFFSET \(ofUserMax - 1) FOR UPDATE OF o SKIP LOCKED)
            ), device AS (
                SELECT id FROM own UNION ALL SELECT id FROM made
            )
            """
    }

    /// The common table expression that takes a device over into the epoch its user has been
    /// raised to, where it was in force until then.
    /// - Parameter gate: Has the `device_id`, the `user_id` and the new epoch as `user_epoch`.
    static func keep(from gate: StaticString) -> SQL {
        """
        kept_device AS (
            UPDATE auth.known_devices k SET user_epoch = g.user_epoch
            FROM \(unsafe: gate.description) g
            WHERE k.id = g.device_id AND k.user_id = g.user_id
                AND k.user_epoch = g.user_epoch - 1
        )
        """
    }
}
