import Audit
import Fixtures
import Postgres
import Reactor
import Testing
import Wire

enum Person: IdentifierKind {
    static var noun: String { "person" }
}

struct AuditEntryTests {
    private let audit: AuditDatabase

    init() throws {
        audit = try AuditDatabase(
            """
            CREATE TABLE door (id int PRIMARY KEY, owner uuid, is_open bool NOT NULL);
            INSERT INTO door VALUES (1, '01234567-89ab-4def-8123-456789abcdef', true);
            GRANT SELECT, UPDATE ON door TO dubbelslot_auth;
            """)
    }

    private func withPool(
        _ body: @escaping @Sendable (ConnectionPool) async throws -> Void
    ) async throws {
        try await audit.withPool(body)
    }

    private static func shut(_ entry: AuditEntry) -> SQL {
        """
        WITH gate AS (
            UPDATE door SET is_open = false WHERE id = 1 AND is_open RETURNING id, owner
        ), \(entry.row(from: "gate"))
        SELECT id FROM gate
        """
    }

    @Test func `the row stands exactly when the decision does`() async throws {
        try await withPool { pool in
            let actor = Identifier<Person>(high: 1, low: 2)
            let entry = AuditEntry(
                .sessionEnded, actor: actor, subject: nil, requestID: Bytes(0..<16),
                source: "spiffe://example.org/auth-gateway", ["door": "1", "quote": "\"'\\{}"])
            var shut = 0
            for _ in 0..<3 { shut += try await pool.query(Self.shut(entry)).count }
            #expect(shut == 1)
            let rows = try await pool.query(
                """
                SELECT event, actor, subject, request_id, source, payload, digest IS NULL,
                    at BETWEEN clock_timestamp() - interval '1 min' AND clock_timestamp()
                FROM audit
                """)
            #expect(rows.count == 1)
            let row = try rows[0].decode(
                String.self, Identifier<Person>?.self, Identifier<Person>?.self, Bytes?.self,
                String.self, JSONDocument.self, Bool.self, Bool.self)
            #expect(row.0 == "session_ended")
            #expect(row.1 == actor && row.2 == nil)
            #expect(row.3 == Bytes(0..<16))
            #expect(row.4 == "spiffe://example.org/auth-gateway")
            #expect(row.5.text == #"{"door": "1", "quote": "\"'\\{}"}"#)
            #expect(row.6 && row.7)
        }
    }

    @Test func `of many who try at once one decides and one row is written`() async throws {
        try await withPool { pool in
            let entry = AuditEntry(.sessionEnded, source: "test")
            let shut = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<64 {
                    group.addTask(executorPreference: pool.loop) {
                        try await pool.query(Self.shut(entry)).count
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(shut == 1)
            #expect(try await pool.query("SELECT 1 FROM audit").count == 1)
        }
    }

    @Test func `a failing audit undoes the decision`() async throws {
        try await withPool { pool in
            let entry = AuditEntry(.sessionEnded, requestID: Bytes([1]), source: "test")
            await #expect(throws: PostgresFault.self) { try await pool.query(Self.shut(entry)) }
            let open = try await pool.query("SELECT 1 FROM door WHERE is_open")
            #expect(open.count == 1)
        }
    }

    @Test func `the gate's own columns can name the subject and add details`() async throws {
        try await withPool { pool in
            let entry = AuditEntry(.authenticatorsReset, source: "test", ["why": "lost"])
            let reset = entry.row(
                from: "gate", subject: "owner", details: "jsonb_build_object('id', id)")
            let ended = AuditEntry(.sessionsEnded, source: "test")
                .row(from: "gate", named: "audited_too")
            _ = try await pool.query(
                """
                WITH gate AS (
                    UPDATE door SET is_open = false WHERE is_open RETURNING id, owner
                ), \(reset), \(ended)
                SELECT id FROM gate
                """)
            let rows = try await pool.query("SELECT subject, payload FROM audit ORDER BY event")
            let (subject, payload) = try rows[0].decode(Identifier<Person>?.self, JSONDocument.self)
            #expect(subject == .sample)
            #expect(payload.text == #"{"id": 1, "why": "lost"}"#)
            #expect(rows.count == 2)
        }
    }

    @Test func `a refusal alone is one statement, and every event can be written`() async throws {
        try await withPool { pool in
            for event in AuditEvent.allCases {
                _ = try await pool.execute(AuditEntry(event, source: "test").insert)
            }
            let rows = try await pool.query("SELECT array_agg(event ORDER BY id) FROM audit")
            let words = try rows[0].decode([String].self)
            #expect(words == AuditEvent.allCases.map(\.rawValue))
        }
    }

    @Test func `what comes from outside is cut to its bound`() async throws {
        try await withPool { pool in
            let long = String(repeating: "é", count: 5000)
            let entry = AuditEntry(
                .callerRefused, source: long + "\0", ["method": long, "zero": "a\0b"])
            #expect(entry.source.utf8.count == AuditEntry.Limits.sourceMax)
            #expect(entry.details[0].value.utf8.count == AuditEntry.Limits.valueMax)
            #expect(entry.details[1].value == "ab")
            _ = try await pool.execute(entry.insert)
        }
    }

    @Test func `rows are never changed, removed or forged by the service`() async throws {
        try await withPool { pool in
            _ = try await pool.execute(AuditEntry(.callerRefused, source: "test").insert)
            let forbidden: [SQL] = [
                "UPDATE audit SET source = 'x'", "DELETE FROM audit", "TRUNCATE audit",
                "DROP TABLE audit", "ALTER TABLE audit DISABLE TRIGGER ALL",
                "INSERT INTO audit (event, source, at) VALUES ('x', 'x', now())",
                "INSERT INTO audit (event, source, digest) VALUES ('x', 'x', '')",
                "SELECT setval('audit_id_seq', 1)",
            ]
            for sql in forbidden {
                do throws(PostgresFault) {
                    _ = try await pool.query(sql)
                    Issue.record("allowed: \(sql)")
                } catch .sqlState(.insufficientPrivilege, _) {
                } catch {
                    Issue.record(error, "\(sql)")
                }
            }
            #expect(try await pool.query("SELECT 1 FROM audit").count == 1)
        }
    }
}
