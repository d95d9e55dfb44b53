import Contracts
import Postgres
import Testing
import Wire

@testable import Audit

/// The audit as it is read: whole, in order, and from an index however long it is.
struct AuditLogTests {
    private static let ann = UserID(high: 1, low: 1)
    private static let bob = UserID(high: 1, low: 2)
    private static let start = Timestamp(seconds: 1_700_000_000)

    /// Rows of three users by each other, several of one moment, at times that go up and down.
    private static let rows = """
        INSERT INTO auth.audit (at, event, actor, subject, source, payload)
        SELECT to_timestamp(1700000000 + n * 7 % 40),
            (ARRAY['sign_in_completed', 'password_refused', 'user_disabled'])[1 + n % 3],
            CASE WHEN n % 4 > 0 THEN ('00000000-0000-0001-0000-00000000000' || n % 4)::uuid END,
            CASE WHEN n % 5 > 0
                THEN ('00000000-0000-0001-0000-00000000000' || n % 5)::uuid END,
            'here', jsonb_build_object('n', n, 'trace', 't' || n)
        FROM generate_series(1, 300) AS n
        """

    /// What is asked for in every combination.
    private static var requests: [ReadAudit] {
        let middle = Timestamp(seconds: start.seconds + 11)
        let late = Timestamp(seconds: start.seconds + 30)
        var all: [ReadAudit] = []
        for (from, until) in [(nil, nil), (middle, nil), (nil, late), (middle, late)] {
            for events in [[], ["password_refused"], ["user_disabled", "sign_in_completed"]] {
                for (user, isSubject) in [(nil, false), (ann, false), (bob, true)] {
                    all.append(
                        ReadAudit(
                            from: from, until: until, events: events, user: user,
                            subjectOnly: isSubject, limit: 7))
                }
            }
        }
        return all
    }

    /// All that a request is answered with, page by page.
    private static func walk(
        _ request: ReadAudit, _ log: AuditLog
    ) async throws -> [[AuditRecord]] {
        var request = request
        var pages: [[AuditRecord]] = []
        while true {
            let page = try await log.page(request)
            pages.append(page.rows)
            #expect(page.rows.count <= Int(request.limit))
            guard let reached = page.reached else { return pages }
            if let last = request.before {
                try #require((reached.at, reached.id) < (last.at, last.id))
            }
            request.before = reached
        }
    }

    private static func expected(_ request: ReadAudit, of all: [AuditRecord]) -> [AuditRecord] {
        all.filter { row in
            (request.from.map { row.at >= $0 } ?? true)
                && (request.until.map { row.at < $0 } ?? true)
                && (request.events.isEmpty || request.events.contains(row.event))
                && (request.user.map { user in
                    row.subject == user || (row.actor == user && !request.subjectOnly)
                } ?? true)
        }
    }

    @Test func `pages join to all that was asked for, in the order of time and number`()
        async throws
    {
        let audit = try AuditDatabase()
        try audit.sql(Self.rows)
        try await audit.withPool { pool in
            let log = AuditLog(pool: pool)
            let all = try await Self.walk(ReadAudit(limit: 200), log).flatMap { $0 }
            #expect(all.count == 300)
            let places = all.map { ($0.at, $0.id) }
            #expect(zip(places, places.dropFirst()).allSatisfy { $0 > $1 })
            #expect(Set(all.map(\.at)).count == 40, "several are of one moment")
            for request in Self.requests {
                let pages = try await Self.walk(request, log)
                let wanted = Self.expected(request, of: all)
                #expect(!wanted.isEmpty && pages.flatMap { $0 } == wanted, "\(request)")
                #expect(pages.dropLast().allSatisfy { $0.count == 7 }, "\(request)")
            }
        }
    }

    @Test func `a row says its details as text, and its trace apart`() async throws {
        let audit = try AuditDatabase()
        try audit.sql(
            """
            INSERT INTO auth.audit (event, source, payload) VALUES ('user_erased', 'x',
                jsonb_build_object('trace', 'abc', 'number', 7, 'nothing', NULL, 'word', 'w',
                    'long', repeat('é', 5000)))
            """)
        let page = try await audit.withPool { pool in
            try await AuditLog(pool: pool).page(ReadAudit(limit: 1))
        }
        let row = try #require(page.rows.first)
        #expect(row.trace == "abc" && row.source == "x" && row.actor == nil)
        #expect(row.details.map(\.key) == ["long", "number", "word"])
        #expect(row.details.map(\.value).suffix(2) == ["7", "w"])
        #expect(row.details[0].value == String(repeating: "é", count: 1024))
    }

    @Test func `a page fits into a frame, whatever its rows hold`() async throws {
        let audit = try AuditDatabase()
        try audit.sql(
            """
            INSERT INTO auth.audit (event, source, payload)
            SELECT 'user_erased', 'x', (SELECT jsonb_object_agg('k' || k, repeat('😀', 1024))
                FROM generate_series(1, 40) AS k)
            FROM generate_series(1, 5)
            """)
        try await audit.withPool { pool in
            let pages = try await Self.walk(ReadAudit(limit: 200), AuditLog(pool: pool))
            #expect(pages.count == 5)
            #expect(pages.flatMap { $0 }.map(\.id) == [5, 4, 3, 2, 1])
            for page in pages { #expect(AuditPage(rows: page).encoded().count < 200 * 1024) }
        }
    }

    @Test func `of one user so many rows are looked at for a page, and then it goes on`()
        async throws
    {
        let audit = try AuditDatabase()
        try audit.sql(
            """
            INSERT INTO auth.audit (event, subject, source)
            SELECT CASE WHEN n = 1 THEN 'user_disabled' ELSE 'password_refused' END,
                '\(Self.ann)', 'x'
            FROM generate_series(1, \(AuditLog.Limits.scannedMax + 10)) AS n
            """)
        try await audit.withPool { pool in
            let request = ReadAudit(events: ["user_disabled"], user: Self.ann, limit: 50)
            let pages = try await Self.walk(request, AuditLog(pool: pool))
            #expect(pages.map { $0.map(\.id) } == [[], [1]])
        }
    }

    @Test func `a page of none or of too many rows is refused`() async throws {
        let audit = try AuditDatabase()
        try await audit.withPool { pool in
            for limit in [UInt32(0), 201, .max] {
                await #expect(throws: Fault.self) {
                    try await AuditLog(pool: pool).page(ReadAudit(limit: limit))
                }
            }
        }
    }

    @Test func `no page and no count reads the table from end to end`() async throws {
        let audit = try AuditDatabase()
        try audit.sql(
            """
            INSERT INTO auth.audit (at, event, actor, subject, source)
            SELECT now() - make_interval(mins => n),
                (ARRAY['sign_in_completed', 'sign_in_started', 'message_sent'])[1 + n % 3],
                u, CASE WHEN n % 2 = 0 THEN u END, 'here'
            FROM generate_series(1, 100000) AS n,
                LATERAL (SELECT lpad(to_hex(n % 500), 32, '0')::uuid) AS user_of (u)
            """)
        try audit.sql("VACUUM ANALYZE auth.audit")
        try await audit.withPool { pool in
            for request in Self.requests {
                var later = request
                later.before = AuditPosition(at: Self.start, id: .max)
                let isOfUser = request.user != nil
                let index =
                    isOfUser ? "audit_subject" : request.events.isEmpty ? "audit_at" : "audit_event"
                for request in [request, later] {
                    let plan = try await Self.plan(AuditLog.statement(request), pool)
                    #expect(plan.contains(" \(index) "), "\(plan)")
                    #expect(!plan.contains("Seq Scan on audit"), "\(plan)")
                    #expect(index == "audit_at" || !plan.contains("audit_at"), "\(plan)")
                    let isByActor = plan.contains(" audit_actor ")
                    #expect(isByActor == (isOfUser && !request.subjectOnly), "\(plan)")
                }
            }
            let counting = try await Self.plan(
                AuditLog.statement([.signInCompleted, .passwordRefused], last: 48), pool)
            #expect(counting.contains("using audit_event"), "\(counting)")
        }
    }

    private static func plan(_ statement: SQL, _ pool: ConnectionPool) async throws -> String {
        var plan = ""
        for row in try await pool.query("EXPLAIN \(statement)") {
            plan += try row.decode(String.self) + "\n"
        }
        return plan
    }

    // MARK: Counting

    @Test func `events are counted by the hour they happened in`() async throws {
        let audit = try AuditDatabase()
        try audit.sql(
            """
            INSERT INTO auth.audit (at, event, source)
            SELECT h.hour + interval '59 min 59.999999 s', e.event, 'x'
            FROM (SELECT date_trunc('hour', now(), 'UTC') - make_interval(hours => n) AS hour
                    FROM generate_series(1, 60) AS n) AS h,
                (VALUES ('factor_refused'), ('factor_refused'), ('factor_proved')) AS e (event)
            """)
        try await audit.withPool { pool in
            let hours = try await AuditLog(pool: pool).hours(
                of: [.factorRefused, .factorProved, .networkRefused], last: 48)
            #expect(hours.completeSince == nil)
            let refused = hours.counts.filter { $0.event == .factorRefused }
            #expect(refused.count == 47 && refused.allSatisfy { $0.count == 2 })
            #expect(refused.allSatisfy { $0.start.microseconds % 3_600_000_000 == 0 })
            #expect(hours.counts.count { $0.event == .factorProved } == 47)
            #expect(!hours.counts.contains { $0.event == .networkRefused })
        }
    }

    @Test func `where more happened than is counted, the hours that are whole are told`() {
        func counts(_ event: AuditEvent, _ numbers: [Int64]) -> [AuditHours.Count] {
            numbers.enumerated().map { hour, count in
                AuditHours.Count(
                    event: event, start: Timestamp(seconds: Int64(hour) * 3600), count: count)
            }
        }
        let few = counts(.factorRefused, [3, 3, 3])
        #expect(AuditHours(counts: few, max: 10).completeSince == nil)
        let many = few + counts(.passwordRefused, [0, 4, 6])
        #expect(AuditHours(counts: many, max: 10).completeSince == Timestamp(seconds: 3600))
        let later = Array(counts(.passwordRefused, [0, 4, 6]).dropFirst())
        #expect(AuditHours(counts: later, max: 10).completeSince == Timestamp(seconds: 7200))
    }
}
