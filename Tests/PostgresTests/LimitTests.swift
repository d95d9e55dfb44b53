import Fixtures
import Postgres
import Reactor
import Testing
import Wire

struct LimitTests {
    private func fault(
        _ body: () async throws(PostgresFault) -> Void
    ) async -> PostgresFault? {
        do throws(PostgresFault) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `a statement that takes too long has an unknown outcome at its deadline`()
        async throws
    {
        try await withPool { pool in
            let start = ContinuousClock.now
            let fault = await fault { () throws(PostgresFault) in
                _ = try await pool.query("SELECT pg_sleep(3)::text", within: .milliseconds(100))
            }
            guard case .outcomeUnknown? = fault else { throw try #require(fault) }
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }

    @Test func `D-07 the server stops a statement after the timeout`() async throws {
        try await withPool(settings: { $0.statementTimeout = .milliseconds(100) }) { pool in
            let fault = await fault { () throws(PostgresFault) in
                _ = try await pool.query("SELECT pg_sleep(3)::text", within: .seconds(10))
            }
            guard case .sqlState(.queryCanceled, _)? = fault else { throw try #require(fault) }
        }
    }

    @Test func `D-06 a full queue refuses at once and what is in it expires unsent`() async throws {
        var limits = ConnectionPool.Limits()
        limits.connections = 1
        limits.inFlightMax = 1
        limits.waitingMax = 3
        try await withPool(limits: limits) { [limits] pool in
            _ = try await pool.execute("CREATE TABLE t (n int)")
            let faults = await withTaskGroup(of: PostgresFault?.self) { group in
                group.addTask(executorPreference: pool.loop) {
                    await fault { () throws(PostgresFault) in
                        _ = try await pool.query("SELECT pg_sleep(0.5)::text")
                    }
                }
                for _ in 0..<5 {
                    group.addTask(executorPreference: pool.loop) {
                        await fault { () throws(PostgresFault) in
                            _ = try await pool.execute(
                                "INSERT INTO t VALUES (1)", within: .milliseconds(100))
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(faults.filter { $0 == nil }.count == 1)
            #expect(faults.filter { $0 == .overloaded }.count == 2)
            #expect(faults.filter { $0 == .deadline }.count == limits.waitingMax)
            #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
        }
    }

    @Test func `D-06 transactions wait for a lent connection, and not without bound`() async throws
    {
        var limits = ConnectionPool.Limits()
        limits.leases = 1
        limits.leaseWaitingMax = 1
        try await withPool(limits: limits) { pool in
            let faults = await withTaskGroup(of: PostgresFault?.self) { group in
                for _ in 0..<3 {
                    group.addTask(executorPreference: pool.loop) {
                        await fault { () throws(PostgresFault) in
                            try await pool.transaction { it throws(PostgresFault) in
                                _ = try await it.query("SELECT pg_sleep(0.2)::text")
                                return .commit(())
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(faults.filter { $0 == nil }.count == 2)
            #expect(faults.filter { $0 == .overloaded }.count == 1)
        }
    }

    @Test func `more binds than the protocol counts are refused`() async throws {
        try await withPool { pool in
            var many: SQL = "1 = \(1)"
            for _ in 0..<16 { many = "\(many) OR \(many)" }
            let statement: SQL = "SELECT 1 WHERE \(many)"
            let fault = await fault { () throws(PostgresFault) in
                _ = try await pool.query(statement)
            }
            guard case .sqlState(.tooManyArguments, _)? = fault else { throw try #require(fault) }
            #expect(try await pool.query("SELECT 1").count == 1)
        }
    }

    @Test func `large values go both ways while others are answered`() async throws {
        try await withPool { pool in
            let large = Bytes([UInt8](repeating: 7, count: 8 << 20))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask(executorPreference: pool.loop) {
                        let rows = try await pool.query("SELECT \(large)", within: .seconds(60))
                        #expect(try rows[0].decode(Bytes.self) == large)
                    }
                    group.addTask(executorPreference: pool.loop) {
                        let rows = try await pool.query("SELECT \(1)", within: .seconds(60))
                        #expect(try rows[0].decode(Int.self) == 1)
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
