import Fixtures
import Postgres
import Reactor
import Testing
import Wire

struct ConnectionPoolTests {
    @Test func `a statement cannot smuggle in another`() async throws {
        try await withPool { pool in
            _ = try await pool.execute("CREATE TABLE account (name text)")
            let hostile = "x'; DROP TABLE account; --"
            _ = try await pool.execute("INSERT INTO account VALUES (\(hostile))")
            let rows = try await pool.query("SELECT name FROM account WHERE name = \(hostile)")
            #expect(try rows.map { try $0.decode(String.self) } == [hostile])
            let fault = await #expect(throws: PostgresFault.self) {
                _ = try await pool.query("SELECT 1; DROP TABLE account")
            }
            guard case .sqlState(.syntaxError, _)? = fault else { throw try #require(fault) }
            #expect(try await pool.query("SELECT 1 FROM account").count == 1)
        }
    }

    @Test func `the number of affected rows is told`() async throws {
        try await withPool { pool in
            let counts = [
                try await pool.execute("CREATE TABLE t (n int)"),
                try await pool.execute("INSERT INTO t SELECT generate_series(1, 5)"),
                try await pool.execute("UPDATE t SET n = 0 WHERE n > \(3)"),
                try await pool.execute("DELETE FROM t WHERE n = \(9)"),
            ]
            #expect(counts == [0, 5, 2, 0])
        }
    }

    @Test func `a violated constraint is named and its value is not told`() async throws {
        try await withPool { pool in
            _ = try await pool.execute("CREATE TABLE t (n text CONSTRAINT t_key UNIQUE)")
            _ = try await pool.execute("INSERT INTO t VALUES (\("secret"))")
            let fault = await #expect(throws: PostgresFault.self) {
                _ = try await pool.execute("INSERT INTO t VALUES (\("secret"))")
            }
            guard case .sqlState(.uniqueViolation, let message)? = fault else {
                throw try #require(fault)
            }
            #expect(message.constraint == "t_key")
            #expect(try !#require(fault).detail.contains("secret"))
        }
    }

    @Test func `a constraint that fails at the commit is a failure`() async throws {
        try await withPool { pool in
            _ = try await pool.execute(
                "CREATE TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let fault = await #expect(throws: PostgresFault.self) {
                _ = try await pool.execute("INSERT INTO t VALUES (1), (1)")
            }
            guard case .sqlState(.uniqueViolation, _)? = fault else { throw try #require(fault) }
            #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
        }
    }

    @Test func `ten thousand statements, every seventh failing, take none with them`() async throws
    {
        var limits = ConnectionPool.Limits()
        limits.connections = 8
        limits.waitingMax = 10_000
        try await withPool(limits: limits, settings: { $0.statementTimeout = .seconds(60) }) {
            pool in
            _ = try await pool.execute("CREATE TABLE t (n bigint PRIMARY KEY)")
            let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
                for number in 0..<10_000 {
                    group.addTask(executorPreference: pool.loop) {
                        (number, await Self.insert(number, pool))
                    }
                }
                return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            for number in 0..<10_000 {
                #expect(outcomes[number] == (number % 7 != 0), "\(number)")
            }
            let rows = try await pool.query(
                "SELECT count(*), count(*) FILTER (WHERE n % 7 = 0) FROM t")
            #expect(try rows[0].decode(Int.self, Int.self) == (8571, 0))
        }
    }

    /// True when the row is in. Those divisible by 7 fail, in four ways in turn.
    private static func insert(_ number: Int, _ pool: ConnectionPool) async -> Bool {
        let id = Int64(number)
        let statement: SQL
        switch number % 7 == 0 ? number / 7 % 4 : 9 {
        case 0: statement = "INSERT INTO t VALUES (\(id) / (\(id) - \(id)))"
        case 1: statement = "INSERT INTO t VALUES (NULL)"
        case 2: statement = "INSERT INTO no_table VALUES (\(id))"
        case 3: statement = "INSERT INTO t VALUES (\(id)"
        case _: statement = "INSERT INTO t VALUES (\(id))"
        }
        do throws(PostgresFault) {
            return try await pool.execute(statement) == 1
        } catch .sqlState {
            return false
        } catch {
            Issue.record(error)
            return false
        }
    }

    @Test func `a text that cannot be prepared tells each of its callers why`() async throws {
        try await withPool { pool in
            let states = await withTaskGroup(of: SQLState?.self) { group in
                for number in 0..<100 {
                    group.addTask(executorPreference: pool.loop) {
                        do throws(PostgresFault) {
                            _ = try await pool.query("SELECT 1 FROM nowhere WHERE n = \(number)")
                        } catch .sqlState(let state, _) {
                            return state
                        } catch {}
                        return nil
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(states == Array(repeating: .undefinedTable, count: 100))
        }
    }

    @Test func `a plan that a changed table has aged is made anew`() async throws {
        try await withPool { pool in
            _ = try await pool.execute("CREATE TABLE t (a int)")
            _ = try await pool.execute("INSERT INTO t VALUES (1)")
            for _ in 0..<20 { _ = try await pool.query("SELECT * FROM t") }
            _ = try await pool.execute("ALTER TABLE t ADD COLUMN b text DEFAULT 'x'")
            for _ in 0..<20 {
                let rows = try await pool.query("SELECT * FROM t")
                #expect(try rows[0].decode(Int.self, String.self) == (1, "x"))
            }
        }
    }

    @Test func `statements of one task keep their order`() async throws {
        var limits = ConnectionPool.Limits()
        limits.connections = 4
        try await withPool(limits: limits) { pool in
            _ = try await pool.execute("CREATE TABLE t (id int, n int)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 0..<20 {
                    group.addTask(executorPreference: pool.loop) {
                        _ = try await pool.execute("INSERT INTO t VALUES (\(Int32(id)), 0)")
                        for step in 0..<20 {
                            let count = try await pool.execute(
                                """
                                UPDATE t SET n = n + 1
                                WHERE id = \(Int32(id)) AND n = \(Int32(step))
                                """)
                            #expect(count == 1)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `the session is set up as the service needs it`() async throws {
        try await withPool { pool in
            let names = [
                "search_path", "statement_timeout", "lock_timeout", "TimeZone",
                "idle_in_transaction_session_timeout", "application_name", "client_encoding",
                "synchronous_commit", "transaction_isolation",
            ]
            let rows = try await pool.query(
                "SELECT array(SELECT current_setting(n) FROM unnest(\(names)) AS n)")
            let values = try rows[0].decode([String].self)
            #expect(
                values == [
                    "public,pg_temp", "5s", "2s", "UTC", "10s", "tests", "UTF8", "on",
                    "read committed",
                ])
        }
    }

    @Test func `D-04 two tasks that deadlock both get through`() async throws {
        try await withPool(settings: { $0.lockTimeout = .seconds(4) }) { pool in
            _ = try await pool.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
            _ = try await pool.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (first, second) in [(Int32(1), Int32(2)), (2, 1)] {
                    group.addTask(executorPreference: pool.loop) {
                        try await pool.transaction(within: .seconds(10)) {
                            it throws(PostgresFault) in
                            _ = try await it.execute("UPDATE t SET n = n + 1 WHERE id = \(first)")
                            _ = try await it.query("SELECT pg_sleep(0.2)::text")
                            _ = try await it.execute("UPDATE t SET n = n + 1 WHERE id = \(second)")
                            return .commit(())
                        }
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await pool.query("SELECT array_agg(n) FROM t")
            #expect(try rows[0].decode([Int32].self) == [2, 2])
        }
    }
}
