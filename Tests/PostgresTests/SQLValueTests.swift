import Postgres
import Testing
import Wire

enum Stage: String, SQLValue {
    case begun
    case proved
}

struct SQLValueTests {
    /// What goes in comes out, and the server sees the type it is meant to be.
    private func echo<V: SQLValue & Equatable>(
        _ values: [V], as type: String
    ) async throws {
        try await withPool(database: "postgres") { pool in
            for value in values {
                let rows = try await pool.query("SELECT \(value), pg_typeof(\(value))::text")
                let (back, typeSeen) = try #require(rows.first).decode(V.self, String.self)
                #expect(back == value)
                #expect(typeSeen == type)
            }
        }
    }

    @Test func `integers make the round trip`() async throws {
        try await echo([0, 1, -1, .min, .max] as [Int64], as: "bigint")
        try await echo([0, 1, -1, .min, .max] as [Int], as: "bigint")
        try await echo([0, 1, -1, .min, .max] as [Int32], as: "integer")
    }

    @Test func `texts make the round trip, hostile ones too`() async throws {
        let texts = ["", "a", "'; DROP TABLE x; --", "\\", "$1", "é\u{301}", "😀", "\u{1}\r\n\t\"%"]
        try await echo(texts + [String(repeating: "x", count: 100_000)], as: "text")
    }

    @Test func `bytes make the round trip, zeros too`() async throws {
        try await echo([[], [0], Bytes(0...255), Bytes([0, 0, 0])], as: "bytea")
    }

    @Test func `booleans, identifiers and enumerations make the round trip`() async throws {
        try await echo([true, false], as: "boolean")
        try await echo([Stage.begun, .proved], as: "text")
        let all = Identifier<Thing>(high: .max, low: .max)
        try await echo([Identifier(high: 0, low: 0), .sample, all], as: "uuid")
    }

    @Test func `moments and intervals make the round trip`() async throws {
        let moments: [Int64] = [0, -1, 1, 946_684_800_000_000, 1_700_000_000_123_456, -1 << 53]
        let type = "timestamp with time zone"
        try await echo(moments.map(Timestamp.init(microseconds:)), as: type)
        let durations: [Duration] = [.zero, .microseconds(1), .seconds(-90), .seconds(1 << 40)]
        try await echo(durations, as: "interval")
    }

    @Test func `NULL makes the round trip in every type`() async throws {
        try await echo([nil, 1] as [Int64?], as: "bigint")
        try await echo([nil, "", "a"] as [String?], as: "text")
        try await echo([nil, []] as [Bytes?], as: "bytea")
        try await echo([nil, .sample] as [Identifier<Thing>?], as: "uuid")
        try await echo([nil, .sample] as [Timestamp?], as: "timestamp with time zone")
        try await echo([nil, ["a"]] as [[String]?], as: "text[]")
    }

    @Test func `arrays make the round trip, empty and with NULL`() async throws {
        try await echo([[], ["a"], ["", "b,\"}{", "NULL"]] as [[String]], as: "text[]")
        try await echo([[], [1, -1], Array(0..<1000)] as [[Int64]], as: "bigint[]")
        try await echo([["a", nil, ""], [nil]] as [[String?]], as: "text[]")
        try await echo([[.sample, .sample]] as [[Identifier<Thing>]], as: "uuid[]")
        try await echo([[[], [0, 255]]] as [[Bytes]], as: "bytea[]")
        try await echo([[true, false]], as: "boolean[]")
        try await echo([[.sample]] as [[Timestamp]], as: "timestamp with time zone[]")
    }

    @Test func `a document keeps its meaning`() async throws {
        try await withPool(database: "postgres") { pool in
            let document = JSONDocument(text: #"{"b": [1, null], "a": "é"}"#)
            let rows = try await pool.query("SELECT \(document), \(document)->>'a'")
            let (back, a) = try #require(rows.first).decode(JSONDocument.self, String.self)
            #expect(back.text == #"{"a": "é", "b": [1, null]}"#)
            #expect(a == "é")
        }
    }

    @Test func `smaller integers are read as larger ones`() async throws {
        try await withPool(database: "postgres") { pool in
            let rows = try await pool.query("SELECT 7::smallint, 8::integer, 9::smallint")
            let values = try #require(rows.first).decode(Int64.self, Int.self, Int32.self)
            #expect(values == (7, 8, 9))
        }
    }

    @Test func `a moment the server cannot hold is refused, never shifted`() async throws {
        try await withPool(database: "postgres") { pool in
            let moments = [Int64.min, .min + 946_684_800_000_000].map(Timestamp.init(microseconds:))
            for moment in moments {
                await #expect(throws: PostgresFault.self) {
                    _ = try await pool.query(
                        "SELECT \(moment)::text")
                }
            }
            let rows = try await pool.query("SELECT 'infinity'::timestamptz")
            #expect(throws: PostgresFault.self) { try rows[0].decode(Timestamp.self) }
        }
    }

    @Test func `a row of another shape is a fault that names no value`() async throws {
        try await withPool(database: "postgres") { pool in
            let row = try await pool.query("SELECT 'secret' AS word, NULL::bigint AS number")[0]
            expectRefusal { _ = try row.decode(String.self) }
            expectRefusal { _ = try row.decode(Int.self, Int?.self) }
            expectRefusal { _ = try row.decode(String.self, Int.self) }
            expectRefusal { _ = try row.decode(Stage.self, Int?.self) }
            #expect(try row.decode(String.self, Int?.self) == ("secret", nil))
        }
    }

    private func expectRefusal(_ decode: () throws -> Void) {
        let fault = #expect(throws: PostgresFault.self) { try decode() }
        guard case .decoding(let why)? = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(!why.contains("secret"))
    }

    @Test func `an array of more dimensions is refused`() async throws {
        try await withPool(database: "postgres") { pool in
            let rows = try await pool.query("SELECT ARRAY[[1, 2], [3, 4]]::bigint[]")
            #expect(throws: PostgresFault.self) { try rows[0].decode([Int].self) }
        }
    }
}
