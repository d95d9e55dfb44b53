import Audit
import Contracts
import Postgres
import Wire

/// What a user's grant says, beside the date of the rules.
struct GraceGrant: Sendable, Equatable {
    let until: Timestamp
    /// By an administrator: it holds beyond the date of the rules.
    let extended: Bool

    /// Whether binding may be put off at `now`: until the rules' date, or the grant's where that
    /// is earlier or an administrator's. Rules without a date know no grace, whatever was granted.
    static func holds(_ grant: GraceGrant?, rules: Timestamp?, at now: Timestamp) -> Bool {
        guard let rules else { return false }
        guard let grant else { return rules > now }
        return (grant.extended ? grant.until : min(grant.until, rules)) > now
    }
}

/// `auth.grace_grants`: one row per user, ever. The database's clock decides.
struct GraceGrants: Sendable {
    let pool: ConnectionPool

    /// What an administrator may give at once.
    static let extensionDaysMax: Int64 = 90

    /// Whether the user may put off binding now, by rules that allow it until `date`. The first
    /// time that is asked he gets his one grant.
    func use(
        _ user: UserID, until date: Timestamp, audit: AuditEntry
    ) async throws(PostgresFault) -> Bool {
        // Of two sign-ins at once the later waits for the earlier's row and sees it the next time.
        for _ in 0..<2 {
            let rows = try await pool.query(
                """
                WITH granted AS (
                    INSERT INTO auth.grace_grants (user_id, until)
                    SELECT u.id, \(date) FROM auth.users u
                    WHERE u.id = \(user) AND \(date) > clock_timestamp()
                    ON CONFLICT (user_id) DO NOTHING RETURNING until, extended
                ), \(audit.row(from: "granted"))
                SELECT until, extended, clock_timestamp() FROM granted
                UNION ALL
                SELECT until, extended, clock_timestamp() FROM auth.grace_grants
                WHERE user_id = \(user)
                """)
            guard let row = rows.first else { continue }
            let (until, extended, now) = try row.decode(
                Timestamp.self, Bool.self, Timestamp.self)
            return GraceGrant.holds(
                GraceGrant(until: until, extended: extended), rules: date, at: now)
        }
        return false
    }

    /// The grants of users who have any, and the database's clock.
    func standing(
        of users: [UserID]
    ) async throws(PostgresFault) -> (grants: [UserID: GraceGrant], now: Timestamp) {
        let rows = try await pool.query(
            """
            SELECT g.user_id, g.until, g.extended, clock_timestamp()
            FROM (SELECT) one LEFT JOIN auth.grace_grants g ON g.user_id = ANY (\(users))
            """)
        var grants: [UserID: GraceGrant] = [:]
        var clock: Timestamp?
        for row in rows {
            let (user, until, extended, now) = try row.decode(
                UserID?.self, Timestamp?.self, Bool?.self, Timestamp.self)
            clock = now
            guard let user, let until, let extended else { continue }
            grants[user] = GraceGrant(until: until, extended: extended)
        }
        guard let clock else { throw .decoding("no row of a left join") }
        return (grants, clock)
    }

    /// An administrator's word. False where it is longer than he may give, or there is no such
    /// user.
    func extend(
        _ user: UserID, until date: Timestamp, audit: AuditEntry
    ) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            WITH extended AS (
                INSERT INTO auth.grace_grants (user_id, until, extended)
                SELECT u.id, \(date), true FROM auth.users u
                WHERE u.id = \(user) AND \(date) <= clock_timestamp()
                    + make_interval(days => \(Int32(Self.extensionDaysMax)))
                ON CONFLICT (user_id) DO UPDATE
                    SET until = excluded.until, extended = true
                RETURNING user_id
            ), \(audit.row(from: "extended"))
            SELECT true FROM extended
            """)
        return !rows.isEmpty
    }

    /// Ends a user's grant, also one he has not had yet: whoever had authenticators that were
    /// removed binds at the next sign-in.
    func end(_ user: UserID) async throws(PostgresFault) {
        _ = try await pool.execute(
            """
            INSERT INTO auth.grace_grants (user_id, until)
            SELECT u.id, clock_timestamp() FROM auth.users u WHERE u.id = \(user)
            ON CONFLICT (user_id) DO UPDATE
                SET until = least(grace_grants.until, clock_timestamp()), extended = false
            """)
    }
}
