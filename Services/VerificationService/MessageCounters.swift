import Audit
import Contracts
import Crypto
import Mail
import Postgres
import SMS
import Wire

/// `verification.message_counters`: the table behind `MessageBudget`. Each message raises its
/// counters in the statement that writes it, or is refused by them and raises none.
struct MessageCounters: Sendable {
    let pool: ConnectionPool
    let sealing: Sealing

    /// A message's counters with the keys they stand under.
    struct Counted: Sendable {
        fileprivate let counters: [MessageBudget.Counter]
        fileprivate let keys: [Bytes]
    }

    /// What the deciding statement says of the budget.
    struct Verdict: Sendable {
        let isAdmitted: Bool
        /// The counter that refuses.
        let refusing: MessageBudget.Scope?
        /// Nil where it never would be admitted, or nothing refuses.
        let retryAfterSeconds: Int?
        /// Of the part of the world and of everyone, where they are counted.
        let conversions: [MessageBudget.Scope: MessageConversion]

        /// The columns of `MessageCounters.columns`.
        init(_ columns: Columns) {
            isAdmitted = columns.0
            refusing = columns.1.flatMap { MessageBudget.Scope(rawValue: $0) }
            retryAfterSeconds = columns.2.map { Int($0) }
            var conversions: [MessageBudget.Scope: MessageConversion] = [:]
            for (scope, sent, verified) in [
                (MessageBudget.Scope.prefix, columns.3, columns.4),
                (.everyone, columns.5, columns.6),
            ] {
                if let sent, let verified {
                    conversions[scope] = MessageConversion(
                        sent: Int(sent), verified: Int(verified))
                }
            }
            self.conversions = conversions
        }

        /// The scopes of which an operator has to know: a cap of many is reached, or nobody uses
        /// the codes that he asks for.
        var alarming: [MessageBudget.Scope] {
            let capped: [MessageBudget.Scope] =
                switch refusing {
                case .block, .prefix, .everyone: refusing.map { [$0] } ?? []
                case .user, .receiver, nil: []
                }
            return capped + conversions.filter { $0.value.isAlarming }.map(\.key)
        }
    }

    typealias Columns = (Bool, String?, Int64?, Int64?, Int64?, Int64?, Int64?)

    func counted(
        _ budget: MessageBudget, user: UserID, to receiver: Receiver,
        for use: MessageBudget.Use
    ) throws(Fault) -> Counted {
        let counters =
            switch receiver {
            case .phone(let number):
                budget.counters(user: user.description, to: number, for: use)
            case .address(let address):
                budget.counters(user: user.description, toAddress: address.text, for: use)
            }
        var digests: [Bytes] = []
        let keys = sealing.keys
        do throws(CryptoFault) {
            for counter in counters {
                digests.append(
                    Bytes(
                        try keys.digest(
                            SecretBytes(copying: Array(counter.key.utf8)),
                            purpose: "message counter", owner: UserID(high: 0, low: 0)
                        ).bytes))
            }
        } catch {
            throw error.fault
        }
        return Counted(counters: counters, keys: digests)
    }

    /// Before the deciding statement, which locks what is there.
    func prepare(_ counted: Counted) async throws(Fault) {
        let scopes = counted.counters.map(\.scope.rawValue)
        try await run(
            """
            INSERT INTO verification.message_counters (scope, key)
            SELECT * FROM unnest(\(scopes), \(counted.keys)) ON CONFLICT DO NOTHING
            """)
    }

    private func run(_ sql: SQL) async throws(Fault) {
        do throws(PostgresFault) {
            try await pool.execute(sql)
        } catch {
            throw error.fault
        }
    }
}

// MARK: - Deciding

extension MessageCounters.Counted {
    /// The common table expressions from `cap` to `verdict`, which has one row with `admitted`, and
    /// `raised`. They need `clock`. Counters are locked in one order, so none waits in a circle.
    var deciding: SQL {
        let caps = zip(counters, keys).enumerated().flatMap { place, counter in
            counter.0.caps.map { (place, counter.0.scope.rawValue, counter.1, $0) }
        }
        return """
            cap (place, scope, key, most, length) AS (
                SELECT p, s, k, m, make_interval(secs => l) FROM unnest(
                    \(caps.map(\.0)), \(caps.map(\.1)), \(caps.map(\.2)),
                    \(caps.map(\.3.count)), \(caps.map { $0.3.window.components.seconds })
                ) AS c (p, s, k, m, l)
            ),
            held AS MATERIALIZED (
                SELECT c.scope, c.key,
                    ARRAY(SELECT t FROM unnest(c.sent) AS t
                        WHERE t > clock.now - \(MessageBudget.windowMax)) AS sent,
                    ARRAY(SELECT t FROM unnest(c.verified) AS t
                        WHERE t > clock.now - \(MessageBudget.windowMax)) AS verified
                FROM verification.message_counters c CROSS JOIN clock
                WHERE (c.scope, c.key) IN (SELECT cap.scope, cap.key FROM cap)
                ORDER BY c.scope, c.key FOR UPDATE OF c
            ),
            judged AS (
                SELECT cap.place, cap.scope, cap.most = 0 AS never,
                    (SELECT t + cap.length - clock.now FROM unnest(held.sent) AS t
                        WHERE t > clock.now - cap.length
                        ORDER BY t DESC OFFSET GREATEST(cap.most - 1, 0) LIMIT 1) AS wait
                FROM cap JOIN held ON held.scope = cap.scope AND held.key = cap.key
                    CROSS JOIN clock
            ),
            refusing AS (
                SELECT judged.scope, bool_or(judged.never) AS never, max(judged.wait) AS wait
                FROM judged WHERE judged.never OR judged.wait IS NOT NULL
                GROUP BY judged.place, judged.scope ORDER BY judged.place LIMIT 1
            ),
            verdict AS MATERIALIZED (
                SELECT (SELECT count(*) FROM held) = \(counters.count)
                    AND NOT EXISTS (SELECT FROM refusing) AS admitted
            ),
            raised AS (
                UPDATE verification.message_counters c
                SET sent = held.sent || clock.now, verified = held.verified,
                    touched_at = clock.now
                FROM held, clock, verdict
                WHERE verdict.admitted AND c.scope = held.scope AND c.key = held.key
            )
            """
    }

    /// What `Verdict` takes of the row of `verdict`.
    var columns: SQL {
        """
        verdict.admitted, (SELECT scope FROM refusing),
        (SELECT CASE WHEN never THEN NULL ELSE ceil(extract(epoch FROM wait))::bigint END
            FROM refusing),
        (SELECT cardinality(sent)::bigint FROM held WHERE scope = 'prefix'),
        (SELECT cardinality(verified)::bigint FROM held WHERE scope = 'prefix'),
        (SELECT cardinality(sent)::bigint FROM held WHERE scope = 'everyone'),
        (SELECT cardinality(verified)::bigint FROM held WHERE scope = 'everyone')
        """
    }

    fileprivate func key(of scope: MessageBudget.Scope) -> Bytes? {
        zip(counters, keys).first { $0.0.scope == scope }?.1
    }
}

// MARK: - Conversion

extension MessageCounters {
    /// A code was right. What is counted here decides nothing but an alarm. Counters are locked in
    /// the order in which messages lock them.
    func verified(_ counted: Counted) async throws(Fault) {
        let watched: [MessageBudget.Scope] = [.prefix, .everyone]
        let keys = watched.compactMap { counted.key(of: $0) }
        try await run(
            """
            WITH held AS MATERIALIZED (
                SELECT c.scope, c.key FROM verification.message_counters c
                WHERE c.scope = ANY(\(watched.map(\.rawValue))) AND c.key = ANY(\(keys))
                ORDER BY c.scope, c.key FOR UPDATE
            )
            UPDATE verification.message_counters c
            SET verified = ARRAY(SELECT t FROM unnest(c.verified) AS t
                    WHERE t > clock_timestamp() - \(MessageBudget.windowMax))
                || clock_timestamp()
            FROM held WHERE c.scope = held.scope AND c.key = held.key
            """)
    }

    /// Once an hour for each counter: true when it is the first time.
    func alarm(
        _ counted: Counted, _ scope: MessageBudget.Scope, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        guard let key = counted.key(of: scope) else { return false }
        let entry = audit.entry(.messageAlarm, nil)
        let details: SQL = "jsonb_build_object('scope', alarmed.scope)"
        let sql: SQL = """
            WITH alarmed AS (
                UPDATE verification.message_counters c SET alarmed_at = clock_timestamp()
                WHERE c.scope = \(scope.rawValue) AND c.key = \(key)
                    AND COALESCE(
                        c.alarmed_at <= clock_timestamp() - \(MessageBudget.windowMax), true)
                RETURNING c.scope
            ),
            \(entry.row(from: "alarmed", details: details))
            SELECT count(*) FROM alarmed
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self) > 0
        }
    }
}
