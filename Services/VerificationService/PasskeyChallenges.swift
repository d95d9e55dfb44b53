import Contracts
import Postgres
import WebAuthn
import Wire

/// The rows of `verification.challenges` that passkeys answer. One belongs to where it was begun,
/// what it is to open and which passkey may answer; taking it consumes it, so that of any number
/// of answers, on any number of processes, one at most is looked at.
struct PasskeyChallenges: Sendable {
    let pool: ConnectionPool

    /// WebAuthn §15.1 recommends 5 to 10 minutes.
    static let lifetime = Duration.seconds(300)

    /// Who may answer, where.
    struct Place: Sendable, Equatable {
        let context: ContextID
        let purpose: Purpose
        /// Nil: any passkey of this site, which says by itself whose it is.
        let owner: Owner?

        struct Owner: Sendable, Equatable {
            let user: UserID
            let authenticator: AuthenticatorID
        }

        fileprivate var subject: AuthenticatorID {
            owner?.authenticator ?? AuthenticatorID(high: 0, low: 0)
        }
    }

    /// Takes the place of an earlier one; when it expires. Nil where the passkey that is to answer
    /// is gone or disabled.
    func begin(_ challenge: Challenge, at place: Place) async throws(Fault) -> Timestamp? {
        let owner = place.owner
        let sql: SQL = """
            INSERT INTO verification.challenges AS c
                (context, purpose, subject, user_id, kind, answer, expires_at)
            SELECT \(place.context), \(place.purpose.rawValue), \(place.subject), \(owner?.user),
                'passkey', \(Bytes(challenge.bytes)), clock_timestamp() + \(Self.lifetime)
            WHERE \(owner == nil) OR EXISTS (
                SELECT FROM verification.authenticators a
                WHERE a.user_id = \(owner?.user) AND a.id = \(place.subject)
                    AND a.kind = 'passkey' AND a.state = 'active')
            ON CONFLICT (context, purpose, subject)
            DO UPDATE SET user_id = EXCLUDED.user_id, kind = EXCLUDED.kind,
                answer = EXCLUDED.answer, tries = 0, resend_at = NULL,
                expires_at = EXCLUDED.expires_at
            RETURNING c.expires_at
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(Timestamp.self)
        }
    }

    /// Consumes; nil when there is none, or no longer.
    func take(at place: Place) async throws(Fault) -> Challenge? {
        let sql: SQL = """
            DELETE FROM verification.challenges c
            WHERE c.context = \(place.context) AND c.purpose = \(place.purpose.rawValue)
                AND c.subject = \(place.subject) AND c.kind = 'passkey'
                AND c.user_id IS NOT DISTINCT FROM \(place.owner?.user)
                AND c.expires_at > clock_timestamp()
            RETURNING c.answer
            """
        let answer = try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(Bytes.self)
        }
        return answer.flatMap { Challenge($0.array) }
    }
}
