import Audit
import Contracts
import Postgres
import RPC
import SMS
import Wire

/// What is read of all users together: the audit, and figures for administrators. Each is counted
/// from an index.
extension VerificationHandlers {
    func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage {
        try await AuditLog(pool: outbox.pool).page(request)
    }

    func getOverview(
        _ request: GetEvidenceOverview, _ call: Call
    ) async throws(Fault) -> EvidenceOverview {
        let figures = EvidenceFigures(pool: outbox.pool)
        let (bound, kinds) = try await figures.bound()
        let refused = try await AuditLog(pool: outbox.pool).hours(
            of: [.passwordRefused, .factorRefused], last: EvidenceFigures.hours)
        let hours = Dictionary(grouping: refused.counts, by: \.start).map { start, counts in
            SignInHour(
                start: start, completed: 0,
                refused: UInt32(clamping: counts.reduce(0) { $0 + $1.count }))
        }
        return EvidenceOverview(
            bound: bound, kinds: kinds, locked: try await locks.count(),
            hours: hours.sorted { $0.start < $1.start }, completeSince: refused.completeSince,
            messages: try await figures.messages(
                hourMax: under(request.limits).budget.everyoneHourMax))
    }
}

struct EvidenceFigures: Sendable {
    let pool: ConnectionPool

    static let hours: Int32 = 48

    /// The statement of `bound`: both counts walk the index of what is bound.
    static let counting: SQL = """
        SELECT NULL, count(*) FROM (
            SELECT DISTINCT a.user_id FROM verification.authenticators a
            WHERE a.verifier IS NOT NULL
        ) AS each
        UNION ALL
        SELECT each.kind, count(*) FROM (
            SELECT DISTINCT a.user_id, a.kind FROM verification.authenticators a
            WHERE a.verifier IS NOT NULL
        ) AS each GROUP BY each.kind
        """

    /// How many users have bound a second factor, a disabled one too, and which kinds.
    func bound() async throws(Fault) -> (users: UInt32, kinds: [BoundKind]) {
        let rows = try await pool.all(Self.counting) { (row) throws(PostgresFault) in
            try row.decode(VerifierType?.self, Int64.self)
        }
        let counts = Dictionary(rows.map { ($0.0, UInt32(clamping: $0.1)) }) { first, _ in first }
        return (
            counts[nil] ?? 0,
            VerifierType.allCases.compactMap { type in
                counts[type].map { BoundKind(type: type, users: $0) }
            }
        )
    }

    /// Codes that were sent, and how many of them were right.
    /// - Parameter hourMax: What each of the counters of everyone admits in an hour.
    func messages(hourMax: Int) async throws(Fault) -> MessageFigures {
        let kinds = [VerifierType.sms, .email].map(\.rawValue)
        let sent = today([.messageSent])
        let proved = today([.factorProved, .authenticatorBound])
        let sql: SQL = """
            SELECT counted.sent, counted.fullest,
                (SELECT count(*) FROM (\(sent)) AS each),
                (SELECT count(*) FROM (\(proved)) AS each
                    WHERE each.payload->>'kind' = ANY (\(kinds))),
                EXISTS (SELECT FROM audit a
                    WHERE a.event = \(AuditEvent.messageAlarm.rawValue)
                        AND a.at > now() - \(MessageBudget.windowMax))
            FROM (
                SELECT COALESCE(sum(each.sent), 0)::bigint AS sent,
                    COALESCE(max(each.sent), 0)::bigint AS fullest
                FROM (
                    SELECT (SELECT count(*) FROM unnest(c.sent) AS t
                        WHERE t > now() - \(MessageBudget.windowMax)) AS sent
                    FROM verification.message_counters c
                    WHERE c.scope = \(MessageBudget.Scope.everyone.rawValue)
                ) AS each
            ) AS counted
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            let (sent, fullest, today, verified, alarm) = try row.decode(
                Int64.self, Int64.self, Int64.self, Int64.self, Bool.self)
            return MessageFigures(
                sentThisHour: UInt32(clamping: sent), sentToday: UInt32(clamping: today),
                verifiedToday: UInt32(clamping: verified), hourMax: UInt32(clamping: hourMax),
                fullestThisHour: UInt32(clamping: fullest), alarm: alarm)
        }
    }

    /// What happened since midnight, UTC; of each event as much as is counted.
    private func today(_ events: [AuditEvent]) -> SQL {
        """
        SELECT own.payload FROM unnest(\(events.map(\.rawValue))) AS wanted (event)
        CROSS JOIN LATERAL (
            SELECT a.payload FROM audit a
            WHERE a.event = wanted.event AND a.at >= date_trunc('day', now(), 'UTC')
            ORDER BY a.at DESC LIMIT \(AuditLog.Limits.countedMax)
        ) AS own
        """
    }
}
