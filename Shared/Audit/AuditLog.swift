import Contracts
import Postgres
import Wire

/// The audit as it is read: a page at a time, the newest first, in the order of time and number.
/// Every statement walks an index from where the page begins, and stops when it has enough; so
/// what a page costs does not grow with the table.
///
/// Rows appear when their statement is committed, which may be a moment after the time that they
/// bear. Whoever reads on from an older page does not see them; whoever begins anew does.
package struct AuditLog: Sendable {
    private let pool: ConnectionPool

    package enum Limits {
        package static let rowsMax = 200
        /// Rows of a user that are looked at for one page, where only some events are wanted.
        package static let scannedMax: Int64 = 5000
        /// Bytes of a page's texts, so that it fits into a frame.
        package static let bytesMax = 128 * 1024
        package static let detailsMax: Int64 = 32
        /// Characters of one detail's value; what is longer is cut.
        package static let valueMax: Int32 = 1024
        /// Rows of one event that are counted.
        package static let countedMax: Int64 = 100_000
    }

    /// - Parameter pool: Of a role whose schema holds the audit.
    package init(pool: ConnectionPool) {
        self.pool = pool
    }

    package func page(_ request: ReadAudit) async throws(Fault) -> AuditPage {
        guard (1...Limits.rowsMax).contains(Int(request.limit)) else {
            throw Fault(.malformed, detail: "a limit of \(request.limit)")
        }
        var found: [AuditRecord] = []
        var reach: AuditPosition?
        do throws(PostgresFault) {
            for row in try await pool.query(Self.statement(request)) {
                let (record, position) = try Self.decode(row)
                reach = position
                if let record { found.append(record) }
            }
        } catch {
            throw error.fault
        }
        let rows = Self.fitting(found.prefix(Int(request.limit)))
        let isCut = rows.count < found.count
        return AuditPage(rows: rows, reached: isCut ? rows.last?.position : reach)
    }

    /// As many of them, one at least, as fit into a frame.
    private static func fitting(_ records: ArraySlice<AuditRecord>) -> [AuditRecord] {
        var bytes = 0
        let rows = records.prefix { record in
            bytes += record.encoded().count
            return bytes <= Limits.bytesMax
        }
        return Array(rows.isEmpty ? records.prefix(1) : rows)
    }
}

extension AuditRecord {
    package var position: AuditPosition { AuditPosition(at: at, id: id) }
}

// MARK: - The statement of a page

extension AuditLog {
    /// One row more than is asked for, to know whether there are more; beside each row where the
    /// looking ended, if it did not come to the end.
    package static func statement(_ request: ReadAudit) -> SQL {
        let limit = Int64(request.limit) + 1
        let isScanning = request.user != nil && !request.events.isEmpty
        let scanned = isScanning ? Limits.scannedMax : limit
        let wanted: SQL = isScanning ? "WHERE s.event = ANY (\(request.events))" : ""
        return """
            WITH scanned AS MATERIALIZED (
                SELECT c.* FROM (\(candidates(request, scanned))) AS c
                ORDER BY c.at DESC, c.id DESC LIMIT \(scanned)
            ),
            reach AS (
                SELECT s.at, s.id FROM scanned s
                ORDER BY s.at DESC, s.id DESC OFFSET \(scanned - 1) LIMIT 1
            ),
            found AS (
                SELECT s.* FROM scanned s \(wanted)
                ORDER BY s.at DESC, s.id DESC LIMIT \(limit)
            )
            SELECT reach.at, reach.id, f.id, f.at, f.event, f.actor, f.subject, f.source,
                f.payload->>'trace', \(details("k")), \(details("left(v, \(Limits.valueMax))"))
            FROM (SELECT) AS one LEFT JOIN reach ON true LEFT JOIN found f ON true
            ORDER BY f.at DESC, f.id DESC
            """
    }

    /// Where the newest `count` of what is wanted are among, each part from an index of its own.
    private static func candidates(_ request: ReadAudit, _ count: Int64) -> SQL {
        let (from, before) = bounds(request)
        guard let user = request.user else {
            guard request.events.isEmpty else {
                return """
                    SELECT each.* FROM unnest(\(request.events)) AS wanted (event)
                    CROSS JOIN LATERAL (
                        \(newest(of: "event", "wanted.event", from, before, count))
                    ) AS each
                    """
            }
            return """
                SELECT \(columns) FROM audit a
                WHERE a.at >= \(from) AND (a.at, a.id) < (\(before))
                ORDER BY a.at DESC, a.id DESC LIMIT \(count)
                """
        }
        let done = newest(of: "subject", "\(user)", from, before, count)
        guard !request.subjectOnly else { return done }
        return """
            SELECT done.* FROM (\(done)) AS done UNION ALL
            SELECT own.* FROM (\(newest(of: "actor", "\(user)", from, before, count))) AS own
            WHERE own.subject IS DISTINCT FROM \(user)
            """
    }

    /// The first moment, and the place that all is before.
    private static func bounds(_ request: ReadAudit) -> (from: SQL, before: SQL) {
        // Numbers are more than nothing, so nothing of that moment is before its number 0.
        let until = request.until.map { AuditPosition(at: $0, id: 0) }
        let ends = [request.before, until].compactMap { $0 }
        let end = ends.min { ($0.at, $0.id) < ($1.at, $1.id) }
        return (
            request.from.map { "\($0)" } ?? "'-infinity'",
            end.map { "\($0.at), \($0.id)" } ?? "'infinity', 0"
        )
    }

    private static let columns: SQL =
        "a.id, a.at, a.event, a.actor, a.subject, a.source, a.payload"

    /// The newest rows that have a value in a column. It is said by what lies before and behind
    /// them, in the order of the column's index: so no other index gives that order, and the
    /// server never goes through rows of all kinds in the hope of meeting the few that are wanted.
    private static func newest(
        of column: StaticString, _ value: SQL, _ from: SQL, _ before: SQL, _ count: Int64
    ) -> SQL {
        let column: SQL = "a.\(unsafe: column.description)"
        return """
            SELECT \(columns) FROM audit a
            WHERE \(column) IS NOT NULL AND (\(column), a.at) >= (\(value), \(from))
                AND (\(column), a.at, a.id) < (\(value), \(before))
            ORDER BY \(column) DESC, a.at DESC, a.id DESC LIMIT \(count)
            """
    }

    private static func details(_ part: SQL) -> SQL {
        """
        ARRAY(SELECT \(part) FROM jsonb_each_text(f.payload) AS detail (k, v)
            WHERE k <> 'trace' AND v IS NOT NULL ORDER BY k LIMIT \(Limits.detailsMax))
        """
    }

    private static func decode(
        _ row: Row
    ) throws(PostgresFault) -> (record: AuditRecord?, reach: AuditPosition?) {
        let (
            reachAt, reachID, id, at, event, actor, subject, source, trace, keys, values
        ) = try row.decode(
            Timestamp?.self, Int64?.self, Int64?.self, Timestamp?.self, String?.self,
            UserID?.self, UserID?.self, String?.self, String?.self, [String].self, [String].self)
        var reach: AuditPosition?
        if let reachAt, let reachID { reach = AuditPosition(at: reachAt, id: reachID) }
        guard let id, let at, let event, let source else { return (nil, reach) }
        let record = AuditRecord(
            id: id, at: at, event: event, actor: actor, subject: subject, source: source,
            trace: trace ?? "",
            details: zip(keys, values).map { AuditDetail(key: $0, value: $1) })
        return (record, reach)
    }
}

// MARK: - Counting

/// How often events happened, by the hour.
package struct AuditHours: Sendable, Equatable {
    package struct Count: Sendable, Equatable {
        package let event: AuditEvent
        package let start: Timestamp
        package let count: Int64
    }

    package let counts: [Count]
    /// Of earlier hours not all was counted; nil where all was.
    package let completeSince: Timestamp?

    package init(counts: [Count], completeSince: Timestamp?) {
        self.counts = counts
        self.completeSince = completeSince
    }
}

extension AuditLog {
    package static let hourSeconds: Int64 = 3600

    /// What happened in the last `hours` hours, the one that has begun among them.
    package func hours(
        of events: [AuditEvent], last hours: Int32
    ) async throws(Fault) -> AuditHours {
        do throws(PostgresFault) {
            var counts: [AuditHours.Count] = []
            for row in try await pool.query(Self.statement(events, last: hours)) {
                let (word, start, count) = try row.decode(
                    String.self, Timestamp.self, Int64.self)
                guard let event = AuditEvent(rawValue: word) else {
                    throw .decoding("the event \(word)")
                }
                counts.append(AuditHours.Count(event: event, start: start, count: count))
            }
            return AuditHours(counts: counts, max: Limits.countedMax)
        } catch {
            throw error.fault
        }
    }

    package static func statement(_ events: [AuditEvent], last hours: Int32) -> SQL {
        """
        SELECT each.event, date_bin('1 hour', each.at, 'epoch'), count(*)
        FROM unnest(\(events.map(\.rawValue))) AS wanted (event)
        CROSS JOIN LATERAL (
            SELECT a.event, a.at FROM audit a
            WHERE a.event = wanted.event AND a.at >= date_bin('1 hour', now(), 'epoch')
                - make_interval(hours => \(hours - 1))
            ORDER BY a.at DESC LIMIT \(Limits.countedMax)
        ) AS each
        GROUP BY 1, 2
        """
    }
}

extension AuditHours {
    /// - Parameter max: Of one event no more was counted. Where so much was found, the oldest of
    ///   its hours may be longer than what is known of it.
    init(counts: [Count], max: Int64) {
        var since: Timestamp?
        for (_, ofEvent) in Dictionary(grouping: counts, by: \.event) {
            guard ofEvent.reduce(0, { $0 + $1.count }) >= max,
                let oldest = ofEvent.map(\.start).min()
            else { continue }
            let complete = Timestamp(seconds: oldest.seconds + AuditLog.hourSeconds)
            since = Swift.max(since ?? complete, complete)
        }
        self.init(counts: counts, completeSince: since)
    }
}
