import Audit
import Contracts
import OTP
import Postgres
import SMS
import Wire

/// `verification.challenges` of codes that were sent: begun by the statement that spends the
/// budget and writes the message, answered by the one that consumes them.
struct MessageChallenges: Sendable {
    let pool: ConnectionPool

    /// What a message waits for.
    enum Gate: Sendable {
        /// An authenticator that is bound.
        case authenticator
        /// One that is to be bound.
        case binding(Bindings.New)

        var use: MessageBudget.Use {
            switch self {
            case .authenticator: .proving
            case .binding: .binding
            }
        }
    }

    struct New: Sendable {
        let place: CodePlace
        let kind: VerifierType
        let answer: Bytes
        /// What tells the code.
        let message: MessageID
        let gate: Gate
    }

    /// What the beginning came to.
    struct Begun: Sendable {
        let verdict: MessageCounters.Verdict
        /// Nil where nothing was begun.
        let times: Times?

        struct Times: Sendable {
            let resendAt: Timestamp
            let expiresAt: Timestamp
        }
    }

    /// Budget, challenge, message and what it is for: all of it or nothing. A later beginning
    /// takes the place of an earlier one, whose message is not sent any more.
    func begin(
        _ new: New, _ counted: MessageCounters.Counted, telling queued: Outbox.Queued,
        _ audit: AuditContext
    ) async throws(Fault) -> Begun {
        let place = new.place
        let sent = audit.entry(.messageSent, place.user)
        let refused = audit.entry(.messageRefused, place.user)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            \(counted.deciding),
            \(Self.gate(new)),
            \(Self.replacing(new)),
            challenge AS (
                INSERT INTO verification.challenges AS c
                    (context, purpose, subject, user_id, kind, answer, message, resend_at,
                        expires_at)
                SELECT \(place.context), \(place.purpose.rawValue), \(place.subject),
                    \(place.user), \(new.kind), \(new.answer), \(new.message),
                    clock.now + \(MessageCode.resendAfter), clock.now + \(MessageCode.lifetime)
                FROM gate, clock
                ON CONFLICT (context, purpose, subject)
                DO UPDATE SET user_id = EXCLUDED.user_id, kind = EXCLUDED.kind,
                    answer = EXCLUDED.answer, message = EXCLUDED.message, tries = 0,
                    resend_at = EXCLUDED.resend_at, expires_at = EXCLUDED.expires_at
                RETURNING c.resend_at, c.expires_at
            ),
            \(queued.row(from: "challenge")),
            capped AS (SELECT FROM verdict WHERE NOT verdict.admitted),
            \(sent.row(from: "challenge", named: "audited_sending")),
            \(refused.row(
                from: "capped",
                details: "jsonb_build_object('scope', (SELECT scope FROM refusing))",
                named: "audited_refusal"))
            SELECT challenge.resend_at, challenge.expires_at, \(counted.columns)
            FROM verdict LEFT JOIN challenge ON true
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            let (resendAt, expiresAt, c0, c1, c2, c3, c4, c5, c6) = try row.decode(
                Timestamp?.self, Timestamp?.self, Bool.self, String?.self, Int64?.self,
                Int64?.self, Int64?.self, Int64?.self, Int64?.self)
            var times: Begun.Times?
            if let resendAt, let expiresAt {
                times = Begun.Times(resendAt: resendAt, expiresAt: expiresAt)
            }
            return Begun(
                verdict: MessageCounters.Verdict((c0, c1, c2, c3, c4, c5, c6)), times: times)
        }
    }

    /// A message that waits for no answer.
    func beginTest(
        _ counted: MessageCounters.Counted, telling queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) -> MessageCounters.Verdict {
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            \(counted.deciding),
            gate AS (SELECT FROM verdict WHERE verdict.admitted),
            \(queued.row(from: "gate")),
            capped AS (SELECT FROM verdict WHERE NOT verdict.admitted),
            \(audit.entry(.messageSent, nil).row(from: "gate", named: "audited_sending")),
            \(audit.entry(.messageRefused, nil).row(
                from: "capped",
                details: "jsonb_build_object('scope', (SELECT scope FROM refusing))",
                named: "audited_refusal"))
            SELECT \(counted.columns) FROM verdict
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            MessageCounters.Verdict(
                try row.decode(
                    Bool.self, String?.self, Int64?.self, Int64?.self, Int64?.self, Int64?.self,
                    Int64?.self))
        }
    }

    /// The common table expression that takes out of the outbox what the new message makes void.
    /// A user has one binding at most, each with a subject of its own.
    private static func replacing(_ new: New) -> SQL {
        let place = new.place
        return """
            replaced AS (
                UPDATE verification.outbox o
                SET sealed = NULL, outcome = \(MessageOutcome.replaced), settled_at = clock.now
                FROM verification.challenges c, gate, clock
                WHERE c.user_id = \(place.user) AND c.purpose = \(place.purpose.rawValue)
                    AND (\(place.purpose == .bind)
                        OR c.context = \(place.context) AND c.subject = \(place.subject))
                    AND o.id = c.message AND o.sealed IS NOT NULL
            )
            """
    }

    private static func gate(_ new: New) -> SQL {
        switch new.gate {
        case .authenticator:
            return """
                gate AS (
                    SELECT FROM verification.authenticators a, verdict
                    WHERE verdict.admitted AND a.user_id = \(new.place.user)
                        AND a.id = \(new.place.subject) AND a.state = 'active'
                        AND a.kind = \(new.kind)
                )
                """
        case .binding(let binding):
            return """
                gate AS (
                    \(Bindings.beginning(binding, from: "verification.verifiers v, verdict"))
                        AND verdict.admitted
                    \(Bindings.replacing)
                    RETURNING 1
                )
                """
        }
    }

    /// A code whose next try has been counted.
    struct Tried: Sendable {
        let answer: Bytes
        let triesLeft: Int
    }

    /// Counts a try before its check. Nil when no code is waited for here any more.
    func tryOnce(_ place: CodePlace, _ kind: VerifierType) async throws(Fault) -> Tried? {
        let sql: SQL = """
            UPDATE verification.challenges c SET tries = c.tries + 1
            WHERE \(Self.condition(place, kind)) AND c.tries < \(MessageCode.triesMax)
                AND c.expires_at > clock_timestamp()
            RETURNING c.answer, c.tries
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (answer, tries) = try row.decode(Bytes.self, Int.self)
            return Tried(answer: answer, triesLeft: MessageCode.triesMax - tries)
        }
    }

    private static func condition(_ place: CodePlace, _ kind: VerifierType) -> SQL {
        """
        c.context = \(place.context) AND c.purpose = \(place.purpose.rawValue)
        AND c.subject = \(place.subject) AND c.user_id = \(place.user) AND c.kind = \(kind)
        """
    }

    /// The common table expression `answered AS (DELETE …)`: has a row for the one who consumes
    /// the challenge, of any number on any number of replicas.
    private static func consuming(
        _ place: CodePlace, _ kind: VerifierType, _ answer: Bytes
    ) -> SQL {
        """
        answered AS (
            DELETE FROM verification.challenges c
            WHERE \(condition(place, kind)) AND c.answer = \(answer)
                AND c.tries <= \(MessageCode.triesMax) AND c.expires_at > clock_timestamp()
            RETURNING c.subject
        )
        """
    }

    /// A right first code; false when another try was first, or a later message made it void.
    func consume(
        _ place: CodePlace, _ kind: VerifierType, _ answer: Bytes
    ) async throws(Fault) -> Bool {
        let sql: SQL = """
            WITH \(Self.consuming(place, kind, answer)) SELECT count(*) FROM answered
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self) == 1
        }
    }

    /// A right code: consumes it and settles the try, or releases the try where another one was
    /// first. True when it was this one.
    func succeed(
        _ attempt: Attempt, _ place: CodePlace, _ kind: VerifierType, _ answer: Bytes,
        from origin: ProofOrigin?, resealed: SealedValue?, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let proof = audit.entry(.factorProved, attempt.user)
        let reuse = audit.entry(.codeReused, attempt.user)
        let sql: SQL = """
            WITH \(Self.consuming(place, kind, answer)),
            consumed AS (
                UPDATE verification.authenticators a
                SET \(Counting.successAssignments),
                    \(SecondFactors.lastUse(origin, at: "clock_timestamp()")),
                    sealed = COALESCE(\(resealed?.sealed), a.sealed),
                    key_id = COALESCE(\(resealed?.keyName), a.key_id)
                FROM answered
                WHERE \(Counting.settlingCondition(attempt)) AND a.id = answered.subject
                RETURNING a.id
            ),
            released AS (
                UPDATE verification.authenticators a SET \(Counting.releaseAssignments)
                WHERE \(Counting.settlingCondition(attempt))
                    AND NOT EXISTS (SELECT FROM answered)
                RETURNING a.id
            ),
            settled AS (
                SELECT true AS is_right FROM consumed UNION ALL SELECT false FROM released
            ),
            \(Counting.deviceSettlement(
                attempt, Counting.onceOnlyAssignments, from: "settled")),
            \(proof.row(from: "consumed", named: "audited_proof")),
            \(reuse.row(from: "released", named: "audited_reuse"))
            SELECT (SELECT count(*) FROM consumed), (SELECT count(*) FROM released)
            """
        let (consumed, released) = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self, Int.self)
        }
        guard consumed + released == 1 else { throw .overtaken }
        return consumed == 1
    }
}

// MARK: - Where a code may go

extension MessageChallenges {
    /// A user's authenticator as far as sending to it is concerned.
    struct Target: Sendable {
        let kind: ProofKind
        let verifier: VerifierUID?
        let sealed: Bytes
        let isDisabled: Bool
    }

    func target(
        _ user: UserID, _ id: AuthenticatorID
    ) async throws(Fault) -> Target? {
        let sql: SQL = """
            SELECT a.kind, a.verifier, a.sealed, a.state = 'disabled'
            FROM verification.authenticators a
            WHERE a.user_id = \(user) AND a.id = \(id) AND a.kind <> 'password'
                AND a.sealed IS NOT NULL
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (kind, verifier, sealed, isDisabled) = try row.decode(
                ProofKind.self, VerifierUID?.self, Bytes.self, Bool.self)
            return Target(
                kind: kind, verifier: verifier, sealed: sealed, isDisabled: isDisabled)
        }
    }
}
