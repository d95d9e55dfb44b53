import Audit
import Contracts
import Postgres
import Wire

/// `auth.reset_requests`: administrators' second factors are removed by two of them. One asks and
/// another approves, who is neither the one who asked nor the one whom it concerns.
struct ResetRequests: Sendable {
    let pool: ConnectionPool

    static let lifetime = Duration.seconds(24 * 3600)
    static let listMax: Int64 = 100

    /// A request that waits.
    struct Open: Sendable {
        let id: ResetRequestID
        let user: UserID
        let userName: String
        let askedBy: UserID
        let askedByName: String
        let reason: String
        let askedAt: Timestamp
        let expiresAt: Timestamp
    }

    /// A later request takes the place of an earlier one. Nil where the user is no administrator.
    func ask(
        _ id: ResetRequestID, of user: UserID, by asker: UserID, because reason: String,
        audit: AuditEntry
    ) async throws(PostgresFault) -> Open? {
        let rows = try await pool.query(
            """
            WITH r AS (
                INSERT INTO auth.reset_requests AS r (id, user_id, asked_by, reason, expires_at)
                SELECT \(id), u.id, \(asker), \(reason), clock_timestamp() + \(Self.lifetime)
                FROM auth.users u
                WHERE u.id = \(user) AND u.id <> \(asker) AND \(Self.isAdministrator("u"))
                ON CONFLICT (user_id) WHERE settled_at IS NULL
                DO UPDATE SET id = EXCLUDED.id, asked_by = EXCLUDED.asked_by,
                    reason = EXCLUDED.reason, asked_at = EXCLUDED.asked_at,
                    expires_at = EXCLUDED.expires_at
                RETURNING r.*
            ), \(audit.row(from: "r"))
            SELECT \(Self.columns) FROM r \(Self.names)
            """)
        return try rows.first.map { row throws(PostgresFault) in try Open(row) }
    }

    /// Those that wait, oldest first.
    func list() async throws(PostgresFault) -> [Open] {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM auth.reset_requests r \(Self.names)
            WHERE r.settled_at IS NULL AND r.expires_at > clock_timestamp()
            ORDER BY r.asked_at, r.id LIMIT \(Self.listMax)
            """)
        var found: [Open] = []
        for row in rows { found.append(try Open(row)) }
        return found
    }

    /// Settles a request, once, and begins what it asked for in the same statement. Nil where it
    /// waits no more, or the approver may not approve it.
    func approve(
        _ id: ResetRequestID, by approver: UserID, audit: AuditEntry
    ) async throws(PostgresFault) -> (user: UserID, reason: String)? {
        let rows = try await pool.query(
            """
            WITH r AS (
                UPDATE auth.reset_requests r SET settled_at = clock_timestamp(), settled_by = b.id
                FROM auth.users u, auth.users a, auth.users b
                WHERE r.id = \(id) AND r.settled_at IS NULL AND r.expires_at > clock_timestamp()
                    AND u.id = r.user_id AND u.state IN ('active', 'disabled')
                    AND a.id = r.asked_by AND a.state = 'active' AND \(Self.isAdministrator("a"))
                    AND b.id = \(approver) AND b.state = 'active' AND \(Self.isAdministrator("b"))
                    AND b.id <> r.user_id AND b.id <> r.asked_by
                    AND b.roles_since <= r.asked_at - \(Accounts.standingMin)
                RETURNING r.user_id AS id, r.reason, r.asked_by
            ), work AS (
                INSERT INTO auth.unfinished AS w (user_id, work, actor, reason, due_at)
                SELECT r.id, \(Unfinished.Work.authenticatorsReset.rawValue), \(approver),
                    r.reason, clock_timestamp() + \(Unfinished.patience)
                FROM r
                ON CONFLICT (user_id, work) DO UPDATE
                    SET actor = EXCLUDED.actor, reason = EXCLUDED.reason,
                        due_at = EXCLUDED.due_at, tries = 0
            ), \(audit.row(
                from: "r", subject: "r.id",
                details: "jsonb_build_object('asked_by', r.asked_by, 'asked_for', r.reason)"))
            SELECT id, reason FROM r
            """)
        guard let row = rows.first else { return nil }
        let (user, reason) = try row.decode(UserID.self, String.self)
        return (user, reason)
    }

    /// Settles a request without doing what it asked for. False where it waits no more.
    func refuse(
        _ id: ResetRequestID, by administrator: UserID, audit: AuditEntry
    ) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            WITH r AS (
                UPDATE auth.reset_requests r
                SET settled_at = clock_timestamp(), settled_by = \(administrator)
                WHERE r.id = \(id) AND r.settled_at IS NULL AND r.expires_at > clock_timestamp()
                RETURNING r.user_id AS id
            ), \(audit.row(from: "r", subject: "r.id"))
            SELECT true FROM r
            """)
        return !rows.isEmpty
    }

    private static func isAdministrator(_ user: StaticString) -> SQL {
        "'administrator' = ANY (\(unsafe: user.description).roles)"
    }

    private static let columns: SQL = """
        r.id, r.user_id, u.user_name, r.asked_by, a.user_name, r.reason, r.asked_at, r.expires_at
        """

    private static let names: SQL = """
        JOIN auth.users u ON u.id = r.user_id JOIN auth.users a ON a.id = r.asked_by
        """
}

extension ResetRequests.Open {
    init(_ row: Row) throws(PostgresFault) {
        let (id, user, userName, askedBy, askedByName, reason, askedAt, expiresAt) =
            try row.decode(
                ResetRequestID.self, UserID.self, String.self, UserID.self, String.self,
                String.self, Timestamp.self, Timestamp.self)
        self.init(
            id: id, user: user, userName: userName, askedBy: askedBy, askedByName: askedByName,
            reason: reason, askedAt: askedAt, expiresAt: expiresAt)
    }

    var view: ResetRequestView {
        ResetRequestView(
            id: id, user: user, userName: userName, askedBy: askedBy, askedByName: askedByName,
            reason: reason, askedAt: askedAt, expiresAt: expiresAt)
    }
}
