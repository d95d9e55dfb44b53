import Audit
import Contracts
import OTP
import Postgres
import Wire

/// `verification.bindings`: seeds that wait for their first code. A user has one at most, so a
/// later beginning makes an earlier one void.
struct Bindings: Sendable {
    let pool: ConnectionPool

    /// Minutes are enough to fetch a phone.
    static let lifetime = Duration.seconds(600)
    static let triesMax = 5

    struct New: Sendable {
        let id: AuthenticatorID
        let user: UserID
        let context: ContextID
        let verifier: VerifierUID
        let sealed: Bytes
        var lifetime = Bindings.lifetime
    }

    /// When it expires, or nil when the verifier is gone.
    func begin(_ new: New, _ audit: AuditContext) async throws(Fault) -> Timestamp? {
        let entry = audit.entry(.bindingBegun, new.user)
        let sql: SQL = """
            WITH begun AS (
                \(Self.beginning(new, from: "verification.verifiers v"))
                \(Self.replacing)
                RETURNING b.expires_at
            ),
            \(entry.row(from: "begun"))
            SELECT expires_at FROM begun
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(Timestamp.self)
        }
    }

    /// The beginning of a statement that begins a binding; further conditions and `replacing`
    /// follow.
    /// - Parameter source: With the verifiers as `v`.
    static func beginning(_ new: New, from source: StaticString) -> SQL {
        """
        INSERT INTO verification.bindings AS b
            (user_id, id, context, verifier, sealed, expires_at)
        SELECT \(new.user), \(new.id), \(new.context), v.uid, \(new.sealed),
            clock_timestamp() + \(new.lifetime)
        FROM \(unsafe: source.description) WHERE v.uid = \(new.verifier)
        """
    }

    static let replacing: SQL = """
        ON CONFLICT (user_id)
        DO UPDATE SET id = EXCLUDED.id, context = EXCLUDED.context,
            verifier = EXCLUDED.verifier, sealed = EXCLUDED.sealed, tries = 0,
            expires_at = EXCLUDED.expires_at
        """

    /// A binding whose next try has been counted.
    struct Tried: Sendable {
        let id: AuthenticatorID
        let verifier: VerifierUID
        let type: VerifierType
        let title: String
        let sealed: Bytes
        let triesLeft: Int
        let now: Timestamp

        /// Of any number of tries at once, one is.
        var isFirst: Bool { triesLeft == Bindings.triesMax - 1 }

        /// What the binding has become.
        func view(boundAt: Timestamp, hint: String = "", name: String = "") -> AuthenticatorView {
            AuthenticatorView(
                id: id, verifier: verifier, type: type, title: title, hint: hint, boundAt: boundAt,
                disabled: false, name: name)
        }
    }

    /// Counts a try before its check. nil when there is no binding of this context any more, or
    /// its tries are used up.
    func tryOnce(_ user: UserID, _ context: ContextID) async throws(Fault) -> Tried? {
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            tried AS (
                UPDATE verification.bindings b SET tries = b.tries + 1
                FROM clock
                WHERE b.user_id = \(user) AND b.context = \(context)
                    AND b.tries < \(Self.triesMax) AND b.expires_at > clock.now
                RETURNING b.id, b.verifier, b.sealed, b.tries, clock.now
            )
            SELECT tried.id, tried.sealed, tried.tries, tried.now, v.uid, v.type, v.title
            FROM tried JOIN verification.verifiers v ON v.uid = tried.verifier
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (id, sealed, tries, now, uid, type, title) = try row.decode(
                AuthenticatorID.self, Bytes.self, Int.self, Timestamp.self, VerifierUID.self,
                VerifierType.self, String.self)
            return Tried(
                id: id, verifier: uid, type: type, title: title, sealed: sealed,
                triesLeft: Self.triesMax - tries, now: now)
        }
    }

    /// What the deciding statement came to.
    enum Outcome: Sendable {
        /// With the first second factor its recovery codes were made too.
        case bound(Timestamp, withRecovery: Bool)
        /// Another try was first, or a later beginning made it void.
        case gone
        /// A passkey that is bound already, by this user or another one. The binding is consumed.
        case taken
        /// Factors have come in between that forbid it; the binding stands.
        case refused(BoundFactors)
    }

    /// What an authenticator is stored with.
    struct Confirmed: Sendable {
        /// For its new place.
        let sealed: SealedValue
        /// Of the confirming code, which counts as used.
        var step: Int64?
        var drift = ClockDrift.none
        /// What its owner calls it.
        var name = ""
        /// The digest that a passkey is found by.
        var credential: Bytes?
        var signCount: UInt32?
    }

    /// Consumes the binding and binds the authenticator, both or neither. Two confirmations meet
    /// at the user's one row: whoever deletes it is the only one.
    /// - Parameters:
    ///   - new: What is stored of it.
    ///   - recovery: What is made too where this is the user's first second factor.
    ///   - queued: What its owner is told.
    func confirm(
        _ tried: Tried, _ new: Confirmed, of user: UserID, additional: Bool,
        recovery: RecoverySets.New, telling queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) -> Outcome {
        let entry = audit.entry(.authenticatorBound, user)
        let details: SQL =
            """
            jsonb_build_object('authenticator', bound.id, 'verifier', bound.verifier,
                'kind', bound.kind)
            """
        let sql: SQL = """
            WITH bound_before AS MATERIALIZED (\(SecondFactors.counts(user))),
            consumed AS (
                DELETE FROM verification.bindings b USING bound_before f
                WHERE b.user_id = \(user) AND b.id = \(tried.id)
                    AND f.active + f.disabled < \(BoundFactors.countMax)
                    AND (\(additional) OR f.active + f.disabled = 0)
                RETURNING b.verifier
            ),
            bound AS (
                INSERT INTO verification.authenticators AS a
                    (user_id, id, kind, verifier, sealed, key_id, last_step, drift, name,
                        credential_digest, sign_count)
                SELECT \(user), \(tried.id), \(tried.type), consumed.verifier,
                    \(new.sealed.sealed), \(new.sealed.keyName), \(new.step),
                    \(new.drift.stored), \(new.name), \(new.credential),
                    \(new.signCount.map(Int64.init))
                FROM consumed
                ON CONFLICT (credential_digest) DO NOTHING
                RETURNING a.id, a.kind, a.verifier, a.bound_at
            ),
            first AS (
                SELECT FROM bound, bound_before f WHERE f.active + f.disabled = 0
            ),
            \(RecoverySets.making(recovery, from: "first", audit)),
            \(queued.row(from: "bound")),
            \(entry.row(from: "bound", details: details))
            SELECT bound.bound_at, EXISTS (SELECT FROM consumed), f.active, f.disabled,
                EXISTS (SELECT FROM made)
            FROM bound_before f LEFT JOIN bound ON true
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            let (boundAt, isConsumed, active, disabled, withRecovery) = try row.decode(
                Timestamp?.self, Bool.self, Int.self, Int.self, Bool.self)
            if let boundAt { return .bound(boundAt, withRecovery: withRecovery) }
            guard !isConsumed else { return .taken }
            let before = BoundFactors(active: active, disabled: disabled)
            return before.refusal(additional: additional) == nil ? .gone : .refused(before)
        }
    }

    /// Records a wrong first code, or what a passkey was refused for.
    func refused(
        _ user: UserID, _ audit: AuditContext, because why: String = "code_wrong"
    ) async throws(Fault) {
        let entry = audit.entry(.bindingRefused, user)
        let sql: SQL = """
            WITH refusal AS (SELECT \(why) AS word),
            \(entry.row(from: "refusal", details: "jsonb_build_object('refusal', refusal.word)"))
            SELECT FROM refusal
            """
        do throws(PostgresFault) {
            try await pool.execute(sql)
        } catch {
            throw error.fault
        }
    }
}
