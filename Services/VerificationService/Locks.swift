import Audit
import Contracts
import Postgres
import RPC
import Wire

/// What failures have locked in `verification.authenticators`, for administrators to see and end.
/// Decoys are never listed and never unlocked: nobody is behind them.
///
/// What an administrator's word unlocks, and why no more:
///
/// ```
///  authenticator  delayed                            disabled
///  password       admits tries, failures back at 0   the same
///  code           admits tries, failures stay        stays disabled
/// ```
/// NIST SP 800-63B-4 §3.2.2 has a disabled authenticator bound anew. For codes that is done to the
/// letter: an administrator removes it (`ResetAuthenticators`) and the user binds another. Were it
/// enabled again, each unlocking would give thirty more guesses at 3 codes in 10^6 to somebody who
/// has the password already; for the same reason the failures that led to a delay are not
/// forgotten.
///
/// A password is enabled again. Any stranger can have it disabled, a hundred guesses come nowhere
/// near one that the blocklist let pass, and the way the letter wants, an initial password handed
/// over, is easier to intercept than a hundred guesses are to win. Each unlocking is the act of
/// a named administrator who has just proved himself, with his reason in the audit: so many
/// guesses cannot be had unnoticed.
///
/// The counters of known devices are among it: a browser that waits for its own failures is listed
/// with the authenticator it failed at, and unlocked by the same table.
///
/// Tries under way when the lock ends are settled as ever: a wrong one counts, and delays anew.
struct Locks: Sendable {
    let pool: ConnectionPool

    /// The common table expression `locked AS (…)`: what admits no tries now, of all or of these
    /// users. The first condition of each half is an index's.
    private static func locked(of users: [UserID]? = nil) -> SQL {
        let ofAuthenticators: SQL = users.map { "a.user_id = ANY (\($0))" } ?? "true"
        let ofDevices: SQL = users.map { "d.user_id = ANY (\($0))" } ?? "true"
        return """
            locked AS (
                SELECT a.user_id, a.id FROM verification.authenticators a
                WHERE a.sealed IS NOT NULL
                    AND (a.delayed_until IS NOT NULL OR a.state = 'disabled')
                    AND (a.delayed_until > clock_timestamp() OR a.state = 'disabled')
                    AND \(ofAuthenticators)
                UNION
                SELECT d.user_id, d.authenticator_id FROM verification.device_counters d
                WHERE d.delayed_until IS NOT NULL AND d.delayed_until > clock_timestamp()
                    AND \(ofDevices)
            )
            """
    }

    /// How many users have something that is locked now.
    func count() async throws(Fault) -> UInt32 {
        let sql: SQL = """
            WITH \(Self.locked())
            SELECT count(DISTINCT locked.user_id)
            FROM locked JOIN verification.authenticators a
                ON a.user_id = locked.user_id AND a.id = locked.id
            WHERE a.sealed IS NOT NULL
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            UInt32(clamping: try row.decode(Int64.self))
        }
    }

    /// Those of `users` of whom `page` would list something.
    func those(among users: [UserID]) async throws(Fault) -> [UserID] {
        let sql: SQL = """
            WITH \(Self.locked(of: users))
            SELECT DISTINCT a.user_id FROM locked JOIN verification.authenticators a
                ON a.user_id = locked.user_id AND a.id = locked.id
            WHERE a.sealed IS NOT NULL
            """
        return try await pool.all(sql) { (row) throws(PostgresFault) in
            try row.decode(UserID.self)
        }
    }

    /// Locks behind `after`, at most `limit`.
    func page(
        after: AuthenticatorID?, limit: Int
    ) async throws(Fault) -> [AuthenticatorLock] {
        let sql: SQL = """
            WITH \(Self.locked())
            SELECT a.user_id, a.id, a.kind, COALESCE(v.title, ''),
                GREATEST(a.failed, device.failed),
                CASE WHEN a.state = 'active' AND a.delayed_until > clock_timestamp()
                    THEN a.delayed_until
                    WHEN a.state = 'active' THEN device.delayed_until END,
                a.state = 'disabled', COALESCE(a.reserved_at, a.bound_at)
            FROM locked JOIN verification.authenticators a
                ON a.user_id = locked.user_id AND a.id = locked.id
            LEFT JOIN verification.verifiers v ON v.uid = a.verifier
            LEFT JOIN LATERAL (
                SELECT max(d.failed) AS failed, max(d.delayed_until) AS delayed_until
                FROM verification.device_counters d
                WHERE d.user_id = a.user_id AND d.authenticator_id = a.id
                    AND d.delayed_until > clock_timestamp()
            ) device ON true
            WHERE a.sealed IS NOT NULL AND (\(after) IS NULL OR a.id > \(after))
            ORDER BY a.id LIMIT \(limit)
            """
        return try await pool.all(sql) { (row) throws(PostgresFault) in
            let (user, id, kind, title, failed, delayedUntil, isDisabled, since) = try row.decode(
                UserID.self, AuthenticatorID.self, ProofKind.self, String.self, Int.self,
                Timestamp?.self, Bool.self, Timestamp.self)
            return AuthenticatorLock(
                user: user, authenticator: id, kind: kind, title: title,
                failed: UInt32(clamping: failed), delayedUntil: delayedUntil, disabled: isDisabled,
                since: since)
        }
    }

    /// Ends the locks of a user, as the table above says; one row in the audit, also where there
    /// was nothing to end.
    func end(_ user: UserID, _ audit: AuditContext) async throws(Fault) -> UserUnlocked {
        let counted: SQL = """
            jsonb_build_object('unlocked', decision.unlocked::text,
                'still_disabled', decision.still_disabled::text)
            """
        let entry = audit.entry(.userUnlocked, user)
        let sql: SQL = """
            WITH unlocked AS (
                UPDATE verification.authenticators a
                SET failed = CASE WHEN a.kind = 'password' THEN 0 ELSE a.failed END,
                    delayed_until = NULL, state = 'active'
                WHERE a.user_id = \(user) AND a.sealed IS NOT NULL
                    AND ((a.state = 'active' AND a.delayed_until > clock_timestamp())
                        OR (a.state = 'disabled' AND a.kind = 'password'))
                RETURNING a.id
            ),
            devices AS (
                UPDATE verification.device_counters d
                SET failed = CASE WHEN a.kind = 'password' THEN 0 ELSE d.failed END,
                    delayed_until = NULL, state = 'active'
                FROM verification.authenticators a
                WHERE a.user_id = \(user) AND a.sealed IS NOT NULL AND d.user_id = a.user_id
                    AND d.authenticator_id = a.id
                    AND ((d.state = 'active' AND d.delayed_until > clock_timestamp())
                        OR (d.state = 'disabled' AND a.kind = 'password'))
                RETURNING d.authenticator_id AS id
            ),
            decision AS (
                SELECT (SELECT count(*) FROM (
                        SELECT id FROM unlocked UNION SELECT id FROM devices
                    ) AS each) AS unlocked,
                    (SELECT count(*) FROM verification.authenticators a
                        WHERE a.user_id = \(user) AND a.kind <> 'password'
                            AND a.state = 'disabled') AS still_disabled
            ),
            \(entry.row(from: "decision", details: counted))
            SELECT unlocked, still_disabled FROM decision
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            let (unlocked, stillDisabled) = try row.decode(Int.self, Int.self)
            return UserUnlocked(
                unlocked: UInt32(clamping: unlocked),
                stillDisabled: UInt32(clamping: stillDisabled))
        }
    }
}

extension VerificationHandlers {
    /// One more than is asked for is read, to know whether there is a next page.
    func listLocked(_ request: ListLocked, _ call: Call) async throws(Fault) -> LockedList {
        guard (1...200).contains(request.limit) else {
            throw Fault(.malformed, detail: "a limit of \(request.limit)")
        }
        let limit = Int(request.limit)
        let found = try await locks.page(after: request.after, limit: limit + 1)
        let page = Array(found.prefix(limit))
        return LockedList(
            locks: page, next: found.count > limit ? page.last?.authenticator : nil)
    }

    func unlock(_ request: Unlock, _ call: Call) async throws(Fault) -> UserUnlocked {
        let audit = AuditContext(call, actor: request.actor, ["reason": request.reason])
        return try await locks.end(request.user, audit)
    }
}

extension ProofKind: SQLValue {}
