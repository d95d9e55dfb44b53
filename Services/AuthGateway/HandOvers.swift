import Audit
import Contracts
import Crypto
import HTTP
import Postgres
import RPC
import Wire

enum HostTokenKind: IdentifierKind { static let noun = "host token" }
enum HandOverCodeKind: IdentifierKind { static let noun = "hand-over code" }
enum HandOverSecretKind: IdentifierKind { static let noun = "hand-over secret" }

/// What a browser holds at a protected host. It opens that host and nothing else.
typealias HostToken = OpaqueToken<HostTokenKind>
/// What carries a session to a protected host; it stands in an address for a moment.
typealias HandOverCode = OpaqueToken<HandOverCodeKind>
/// What a browser holds at a protected host while its owner signs in elsewhere. Only its digest
/// leaves that host (as `code_challenge` of RFC 7636), so no code is worth anything in another
/// browser, and nobody can be made to take over another's session.
typealias HandOverSecret = OpaqueToken<HandOverSecretKind>

extension HandOverSecret {
    var challenge: HandOverChallenge? { HandOverChallenge(random: digest.array) }
}

/// `auth.hand_overs` and `auth.host_sessions`: how a session gets to a host of another name, and
/// what it is there.
struct HandOvers: Sendable {
    let pool: ConnectionPool

    /// From the code to the cookie; a browser needs no second.
    static let lifetime: Duration = .seconds(60)

    /// A code for a session in force. False when it has ended since it was read.
    func begin(
        _ code: HandOverCode, of session: SessionRecord, to host: Origin,
        _ challenge: HandOverChallenge, _ target: PageTarget, audit: AuditEntry
    ) async throws(PostgresFault) -> Bool {
        guard let digest = Base64URL.decode(challenge.text.utf8) else { return false }
        let rows = try await pool.query(
            """
            WITH made AS (
                INSERT INTO auth.hand_overs (code_digest, session_id, level, host, challenge,
                    target, expires_at)
                SELECT \(code.digest), s.id, least(s.level, \(Int32(clamping: session.level))),
                    \(host.description), \(Bytes(digest)), \(target.text),
                    clock_timestamp() + \(Self.lifetime)
                FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
                WHERE s.id = \(session.id) AND \(Sessions.inForce)
                RETURNING session_id
            ), \(audit.row(from: "made"))
            SELECT true FROM made
            """)
        return !rows.isEmpty
    }

    /// What a code opened.
    struct Arrival: Sendable, Equatable {
        let target: PageTarget
        let secondsLeft: Int64
    }

    /// Consumes a code: of any number of tries at once one gets the cookie, and only in the
    /// browser, at the host, and within the time it was made for. One that was shown elsewhere is
    /// spent too: it stands in somebody's log. The cookie that the session had there before opens
    /// nothing any more.
    func finish(
        _ code: HandOverCode, at host: Origin, _ secret: HandOverSecret, token: HostToken
    ) async throws(PostgresFault) -> Arrival? {
        let rows = try await pool.query(
            """
            WITH taken AS (
                DELETE FROM auth.hand_overs
                WHERE code_digest = \(code.digest)
                RETURNING session_id, level, host, target, host = \(host.description)
                    AND challenge = \(secret.digest) AND expires_at > clock_timestamp() AS fits
            ), open AS (
                SELECT s.id, taken.level, taken.host, taken.target,
                    floor(extract(epoch FROM s.expires_at - clock_timestamp()))::bigint
                        AS seconds_left
                FROM taken JOIN auth.sessions s ON s.id = taken.session_id
                    JOIN auth.users u ON u.id = s.user_id
                WHERE taken.fits AND \(Sessions.inForce)
            ), made AS (
                INSERT INTO auth.host_sessions (session_id, host, token_digest, level)
                SELECT id, host, \(token.digest), level FROM open
                ON CONFLICT (session_id, host) DO UPDATE
                    SET token_digest = excluded.token_digest, level = excluded.level
            )
            SELECT target, seconds_left FROM open
            """)
        guard let row = rows.first else { return nil }
        let (target, left) = try row.decode(String.self, Int64.self)
        return Arrival(target: PageTarget(target) ?? .root, secondsLeft: left)
    }

    /// Removes codes that nobody used.
    func sweep() async throws(PostgresFault) -> Int {
        try await pool.execute(
            "DELETE FROM auth.hand_overs WHERE expires_at < clock_timestamp()")
    }
}
