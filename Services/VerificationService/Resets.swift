import Audit
import Contracts
import Crypto
import Postgres
import Wire

/// `verification.resets`: links that replace a forgotten password. A token is 256 random bits and
/// stands here only as its digest. It is used once, by the statement that replaces the password,
/// and ends with any other change of it.
struct Resets: Sendable {
    let pool: ConnectionPool

    /// Links that are sent to one user within `budgetSpan`, whoever asks; more are asked for in
    /// vain as long as the last one is good for `remainder`. So whoever asks for his own has one
    /// that he can use, whatever others have asked for before; and of mails there are 3 in an
    /// hour, and one more for each quarter of it.
    static let budget = 3
    static let budgetSpan = Duration.seconds(3600)
    static let remainder = MessageSubject.passwordReset.lifetime / 2

    /// - Parameter queued: The message with the link, or what stands in its place for nobody.
    func begin(
        _ user: UserID, _ token: ResetToken, _ queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) {
        let lifetime = MessageSubject.passwordReset.lifetime
        let isOver: SQL = "r.begun_since <= EXCLUDED.begun_since - \(Self.budgetSpan)"
        let isWanting: SQL = """
            (r.digest IS NULL OR r.expires_at <= EXCLUDED.begun_since + \(Self.remainder))
            """
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            begun AS (
                INSERT INTO verification.resets AS r
                    (user_id, digest, expires_at, begun, begun_since)
                SELECT \(user), \(token.digest), clock.now + \(lifetime), 1, clock.now
                FROM clock
                ON CONFLICT (user_id)
                DO UPDATE SET digest = EXCLUDED.digest, expires_at = EXCLUDED.expires_at,
                    begun = CASE WHEN \(isOver) THEN 1
                        ELSE LEAST(r.begun + 1, \(Self.budget)) END,
                    begun_since = CASE WHEN \(isOver) THEN EXCLUDED.begun_since
                        ELSE r.begun_since END
                WHERE \(isOver) OR r.begun < \(Self.budget) OR \(isWanting)
                RETURNING r.user_id
            ),
            \(queued.row(from: "begun")),
            \(audit.entry(.passwordResetBegun, user).row(from: "begun"))
            SELECT count(*) FROM begun
            """
        _ = try await pool.one(sql) { (row) throws(PostgresFault) in try row.decode(Int.self) }
    }

    /// Whose password the token may replace; nil when it is good no more.
    func find(_ token: ResetToken) async throws(Fault) -> UserID? {
        let sql: SQL = """
            SELECT r.user_id FROM verification.resets r
            WHERE r.digest = \(token.digest) AND r.expires_at > clock_timestamp()
            UNION ALL
            SELECT i.user_id FROM verification.invitations i
            WHERE i.digest = \(token.digest) AND i.expires_at > clock_timestamp()
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(UserID.self)
        }
    }

    /// The common table expression `used AS (…)`, which has a row for the one who uses the token,
    /// of a reset or of an invitation: others wait for him at the row and find it used.
    static func use(_ token: ResetToken, of user: UserID) -> SQL {
        """
        reset_used AS (
            UPDATE verification.resets r SET digest = NULL
            WHERE r.user_id = \(user) AND r.digest = \(token.digest)
                AND r.expires_at > clock_timestamp()
            RETURNING r.user_id
        ),
        invitation_used AS (
            DELETE FROM verification.invitations i
            WHERE i.user_id = \(user) AND i.digest = \(token.digest)
                AND i.expires_at > clock_timestamp()
            RETURNING i.user_id
        ),
        used AS (
            SELECT user_id FROM reset_used UNION ALL SELECT user_id FROM invitation_used
        ),
        others_ended AS (
            DELETE FROM verification.invitations i USING reset_used
            WHERE i.user_id = reset_used.user_id
        )
        """
    }

    /// Ends a user's links, of resets and of invitations.
    func endAll(of user: UserID, telling queued: Outbox.Queued) async throws(Fault) {
        let sql: SQL = """
            WITH ending AS (SELECT 1), \(Self.end(of: user, from: "ending")),
            \(queued.row(from: "ending"))
            SELECT FROM ending
            """
        _ = try await pool.all(sql) { (_) throws(PostgresFault) in }
    }

    /// The common table expressions that end a user's links because he has another password.
    /// - Parameter gate: Has a row where he has.
    static func end(of user: UserID, from gate: StaticString) -> SQL {
        """
        reset_ended AS (
            UPDATE verification.resets r SET digest = NULL FROM \(unsafe: gate.description)
            WHERE r.user_id = \(user) AND r.digest IS NOT NULL
        ),
        invitation_ended AS (
            DELETE FROM verification.invitations i USING \(unsafe: gate.description)
            WHERE i.user_id = \(user)
        )
        """
    }
}

extension OpaqueToken {
    /// What is stored in its place. 256 random bits need no salt and no slow hash.
    var digest: Bytes { Bytes(Digest.sha256(Array(text.utf8))) }

    /// 256 bits from the system. Fails closed when there are none.
    static func fresh() throws(Fault) -> Self {
        do throws(CryptoFault) {
            guard let token = Self(random: try Random.bytes(32)) else {
                throw CryptoFault.malformed
            }
            return token
        } catch {
            throw error.fault
        }
    }
}
