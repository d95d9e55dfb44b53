import Fixtures
import Postgres
import Reactor
import Testing
import Wire

struct TransactionTests {
    private func withTable(
        _ body: @escaping @Sendable (ConnectionPool) async throws -> Void
    ) async throws {
        try await withPool { pool in
            _ = try await pool.execute("CREATE TABLE t (n int PRIMARY KEY)")
            try await body(pool)
        }
    }

    private func count(_ pool: ConnectionPool) async throws -> Int {
        try await pool.query("SELECT count(*) FROM t")[0].decode(Int.self)
    }

    @Test func `statements take effect together, and not before the commit`() async throws {
        try await withTable { pool in
            let seen = try await pool.transaction { it throws(PostgresFault) in
                _ = try await it.execute("INSERT INTO t VALUES (1)")
                _ = try await it.execute("INSERT INTO t VALUES (2)")
                let rows = try await pool.query("SELECT 1 FROM t")
                return .commit(rows.count)
            }
            #expect(seen == 0)
            #expect(try await count(pool) == 2)
        }
    }

    @Test func `rolled back or thrown, nothing stays, and the connection serves again`()
        async throws
    {
        try await withTable { pool in
            for number in 0..<6 {
                let value = try await pool.transaction { it throws(PostgresFault) in
                    _ = try await it.execute("INSERT INTO t VALUES (\(Int32(number)))")
                    return .rollBack(number)
                }
                #expect(value == number)
                await #expect(throws: PostgresFault.self) {
                    try await pool.transaction { it throws(PostgresFault) in
                        _ = try await it.execute("INSERT INTO t VALUES (1)")
                        _ = try await it.execute("INSERT INTO t VALUES (1)")
                        return .commit(())
                    }
                }
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test func `a failed statement that the body swallows cannot be committed`() async throws {
        try await withTable { pool in
            let fault = await #expect(throws: PostgresFault.self) {
                try await pool.transaction { it throws(PostgresFault) in
                    _ = try await it.execute("INSERT INTO t VALUES (1)")
                    do throws(PostgresFault) {
                        _ = try await it.execute("INSERT INTO t VALUES (1)")
                    } catch {}
                    return .commit(())
                }
            }
            guard case .sqlState(.inFailedTransaction, _)? = fault else {
                throw try #require(fault)
            }
            #expect(try await count(pool) == 0)
        }
    }

    @Test func `D-04 serializable transactions that collide run again`() async throws {
        try await withTable { pool in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask(executorPreference: pool.loop) {
                        try await pool.transaction(.serializable, within: .seconds(10)) {
                            it throws(PostgresFault) in
                            let rows = try await it.query("SELECT count(*) FROM t")
                            let next = Int32(try rows[0].decode(Int.self))
                            _ = try await it.execute(
                                "INSERT INTO t VALUES (\(next)) ON CONFLICT DO NOTHING")
                            return .commit(())
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await count(pool) == 4)
        }
    }

    @Test func `a transaction past its deadline is rolled back`() async throws {
        try await withTable { pool in
            let fault = await #expect(throws: PostgresFault.self) {
                try await pool.transaction(within: .milliseconds(200)) { it throws(PostgresFault) in
                    _ = try await it.execute("INSERT INTO t VALUES (1)")
                    _ = try await it.query("SELECT pg_sleep(2)::text")
                    return .commit(())
                }
            }
            guard case .unavailable? = fault else { throw try #require(fault) }
            #expect(try await count(pool) == 0)
        }
    }
}
