import Audit
import Contracts
import Postgres
import Wire

/// `auth.sign_ups`: addresses whose owners may become users. Nothing but the address is known
/// until whoever reads its mail follows the link; name and password are chosen there, so a
/// stranger can choose neither for him.
struct SignUps: Sendable {
    let pool: ConnectionPool

    static let lifetime = Duration.seconds(24 * 3600)
    /// Mails to one address within `lifetime`, whoever asks.
    static let mailsMax = 3

    /// What is to be sent.
    enum Mail: Sendable, Equatable {
        case link, alreadyKnown, nothing
    }

    /// A sign-up whose link is good.
    struct Open: Sendable {
        /// Whoever becomes of it.
        let user: UserID
        let email: String
        let locale: String
    }

    struct Expired: Sendable {
        let user: UserID
        /// A password may have been made for it.
        let wasTried: Bool
    }

    /// One row and one statement, whether the address is known, was asked for before, or neither.
    /// Its user's identifier stays the same, so what was tried and has expired waits to be swept.
    func begin(
        _ email: EmailAddress, locale: String, _ token: SignUpToken, newUser: UserID,
        audit: AuditEntry
    ) async throws(PostgresFault) -> (user: UserID, mail: Mail) {
        let isOver: SQL = "s.begun_since <= clock_timestamp() - \(Self.lifetime)"
        let rows = try await pool.query(
            """
            WITH known AS (
                SELECT EXISTS (SELECT FROM auth.users WHERE email_key = \(email.key)) AS it
            ), begun AS (
                INSERT INTO auth.sign_ups AS s
                    (email_key, email, locale, user_id, digest, expires_at, begun, begun_since)
                SELECT \(email.key), \(email.text), \(locale), \(newUser),
                    CASE WHEN NOT known.it THEN \(token.digest) END,
                    clock_timestamp() + \(Self.lifetime), 1, clock_timestamp()
                FROM known
                ON CONFLICT (email_key) DO UPDATE
                    SET email = EXCLUDED.email, locale = EXCLUDED.locale,
                        digest = EXCLUDED.digest, expires_at = EXCLUDED.expires_at,
                        begun = CASE WHEN \(isOver) THEN 1 ELSE s.begun + 1 END,
                        begun_since = CASE WHEN \(isOver) THEN EXCLUDED.begun_since
                            ELSE s.begun_since END
                    WHERE (\(isOver) OR s.begun < \(Self.mailsMax))
                        AND (s.expires_at > clock_timestamp() OR NOT s.tried)
                RETURNING s.user_id
            ), \(audit.row(from: "begun", subject: "begun.user_id"))
            SELECT begun.user_id, known.it FROM known LEFT JOIN begun ON true
            """)
        guard let row = rows.first else { throw .decoding("no row of an EXISTS") }
        let (user, isKnown) = try row.decode(UserID?.self, Bool.self)
        guard let user else { return (newUser, .nothing) }
        return (user, isKnown ? .alreadyKnown : .link)
    }

    /// Nil when the link is good no more. From now on something may have been made elsewhere.
    func open(_ token: SignUpToken) async throws(PostgresFault) -> Open? {
        let rows = try await pool.query(
            """
            UPDATE auth.sign_ups SET tried = true
            WHERE digest = \(token.digest) AND expires_at > clock_timestamp()
            RETURNING user_id, email, locale
            """)
        return try rows.first.map { row throws(PostgresFault) in
            let (user, email, locale) = try row.decode(UserID.self, String.self, String.self)
            return Open(user: user, email: email, locale: locale)
        }
    }

    /// Uses the link and makes the user, in one statement; nil when another was faster. Where the
    /// name is taken the link stays good.
    func confirm(
        _ token: SignUpToken, _ name: UserName, _ displayName: DisplayName, audit: AuditEntry
    ) async throws(AccountConflict) -> UserID? {
        do throws(PostgresFault) {
            let rows = try await pool.query(
                """
                WITH used AS (
                    DELETE FROM auth.sign_ups
                    WHERE digest = \(token.digest) AND expires_at > clock_timestamp()
                    RETURNING user_id, email, email_key, locale
                ), u AS (
                    INSERT INTO auth.users (id, user_name, name_key, display_name, email,
                        email_key, locale, roles, state)
                    SELECT used.user_id, \(name.text), \(name.key), \(displayName.text),
                        used.email, used.email_key, used.locale, '{}', 'active'
                    FROM used RETURNING id
                ), \(audit.row(from: "u", subject: "u.id"))
                SELECT id FROM u
                """)
            return try rows.first.map { row throws(PostgresFault) in
                try row.decode(UserID.self)
            }
        } catch {
            throw AccountConflict(error)
        }
    }

    /// Whether the name is free now. Only the statement that takes it decides.
    func isFree(_ name: UserName) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            "SELECT NOT EXISTS (SELECT FROM auth.users WHERE name_key = \(name.key))")
        guard let row = rows.first else { throw .decoding("no row of an EXISTS") }
        return try row.decode(Bool.self)
    }

    /// Those whose time has been over for as long as a call may take, so that nobody is at them.
    func expired(max: Int64) async throws(PostgresFault) -> [Expired] {
        let rows = try await pool.query(
            """
            SELECT user_id, tried FROM auth.sign_ups
            WHERE expires_at <= clock_timestamp() - \(Unfinished.patience)
            ORDER BY expires_at LIMIT \(max)
            """)
        var found: [Expired] = []
        for row in rows {
            let (user, wasTried) = try row.decode(UserID.self, Bool.self)
            found.append(Expired(user: user, wasTried: wasTried))
        }
        return found
    }

    func remove(_ expired: Expired) async throws(PostgresFault) {
        _ = try await pool.execute(
            """
            DELETE FROM auth.sign_ups
            WHERE user_id = \(expired.user)
                AND expires_at <= clock_timestamp() - \(Unfinished.patience)
            """)
    }
}
