import Fixtures
import Foundation
import Postgres
import Reactor
import Testing
import Wire

struct OutageTests {
    /// Numbers by how their INSERT ended.
    private struct Outcomes {
        var acknowledged: [Int64] = []
        var unknown: [Int64] = []
        var neverSent: [Int64] = []
    }

    /// Inserts numbers from many tasks until something goes wrong in each.
    private static func insertUntilItFails(_ pool: ConnectionPool) async -> Outcomes {
        await withTaskGroup(of: Outcomes.self) { group in
            for task in 0..<32 {
                group.addTask(executorPreference: pool.loop) {
                    var outcomes = Outcomes()
                    var number = Int64(task) << 32
                    while true {
                        number += 1
                        do throws(PostgresFault) {
                            _ = try await pool.execute("INSERT INTO t VALUES (\(number))")
                            outcomes.acknowledged.append(number)
                        } catch .outcomeUnknown {
                            outcomes.unknown.append(number)
                            return outcomes
                        } catch {
                            outcomes.neverSent.append(number)
                            return outcomes
                        }
                    }
                }
            }
            return await group.reduce(into: Outcomes()) {
                $0.acknowledged += $1.acknowledged
                $0.unknown += $1.unknown
                $0.neverSent += $1.neverSent
            }
        }
    }

    @Test func `D-02 a killed server loses nothing acknowledged and adds nothing never sent`()
        async throws
    {
        let cluster = try PostgresCluster.start()
        defer { cluster.stop() }
        try await withPool(cluster: cluster) { pool in
            _ = try await pool.execute("CREATE TABLE t (n bigint PRIMARY KEY)")
            async let running = Self.insertUntilItFails(pool)
            while try await pool.query("SELECT 1 FROM t LIMIT 200").count < 200 {}
            try await Self.elsewhere { try cluster.kill() }
            let outcomes = await running
            // Of those counted, one for each task may not have been heard of yet.
            #expect(outcomes.acknowledged.count >= 200 - 32)
            #expect(!outcomes.unknown.isEmpty)

            try await Self.elsewhere { try cluster.restart() }
            let rows = try await eventually(pool) { () throws(PostgresFault) in
                try await pool.query("SELECT array_agg(n) FROM t")
            }
            let kept = Set(try rows[0].decode([Int64].self))
            #expect(kept.isSuperset(of: outcomes.acknowledged))
            #expect(kept.isDisjoint(with: outcomes.neverSent))
            let known = outcomes.acknowledged + outcomes.unknown
            #expect(kept.isSubset(of: known))
        }
    }

    /// Blocking work, off the loop.
    private static func elsewhere(_ work: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedThrowingContinuation {
            (waiter: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread { waiter.resume(with: Result { try work() }) }
        }
    }

    @Test func `D-02 with the server away a statement is refused at once, and it comes back`()
        async throws
    {
        let cluster = try PostgresCluster.start()
        defer { cluster.stop() }
        try await withPool(cluster: cluster) { pool in
            try await Self.elsewhere { try cluster.shutDown() }
            while await Self.fault(pool, "SELECT 1") == nil {}
            await pool.loop.sleep(for: .milliseconds(300))
            let start = ContinuousClock.now
            for _ in 0..<100 {
                let fault = await Self.fault(pool, "SELECT 1")
                guard case .unavailable? = fault else { throw try #require(fault) }
            }
            #expect(ContinuousClock.now - start < .seconds(1))
            let during = await Self.transactionFault(pool)
            guard case .unavailable? = during else { throw try #require(during) }

            try await Self.elsewhere { try cluster.restart() }
            let back = ContinuousClock.now
            _ = try await eventually(pool) { () throws(PostgresFault) in
                try await pool.query("SELECT 1")
            }
            #expect(ContinuousClock.now - back < .seconds(5))
            #expect(await Self.transactionFault(pool) == nil)
        }
    }

    private static func fault(_ pool: ConnectionPool, _ sql: SQL) async -> PostgresFault? {
        do throws(PostgresFault) {
            _ = try await pool.query(sql)
            return nil
        } catch {
            return error
        }
    }

    private static func transactionFault(_ pool: ConnectionPool) async -> PostgresFault? {
        do throws(PostgresFault) {
            return try await pool.transaction { it throws(PostgresFault) in
                _ = try await it.query("SELECT 1")
                return .commit(nil)
            }
        } catch {
            return error
        }
    }

    @Test func `D-01 a terminated session is replaced, its statement's outcome unknown`()
        async throws
    {
        try await withPool { pool in
            let before = try await pool.query("SELECT pg_backend_pid()")[0].decode(Int32.self)
            for _ in 0..<5 {
                let fault = await Self.fault(pool, "SELECT pg_terminate_backend(pg_backend_pid())")
                guard case .outcomeUnknown? = fault else { throw try #require(fault) }
                let rows = try await eventually(pool) { () throws(PostgresFault) in
                    try await pool.query("SELECT pg_backend_pid()")
                }
                #expect(try rows[0].decode(Int32.self) != before || pool.isConnected)
            }
        }
    }

    @Test func `D-01 a transaction whose session is terminated leaves nothing`() async throws {
        try await withPool { pool in
            _ = try await pool.execute("CREATE TABLE t (n int)")
            var seen: PostgresFault?
            do throws(PostgresFault) {
                try await pool.transaction { it throws(PostgresFault) in
                    _ = try await it.execute("INSERT INTO t VALUES (1)")
                    _ = try await it.query("SELECT pg_terminate_backend(pg_backend_pid())")
                    return .commit(())
                }
            } catch {
                seen = error
            }
            guard case .unavailable? = seen else { throw try #require(seen) }
            #expect(try await pool.query("SELECT 1 FROM t").isEmpty)
            #expect(await Self.transactionFault(pool) == nil)
        }
    }

    @Test func `a server that says nothing any more is left after a while`() async throws {
        var limits = ConnectionPool.Limits()
        limits.connections = 1
        try await withPool(
            limits: limits, settings: { $0.statementTimeout = .milliseconds(200) }
        ) { pool in
            let backend = try await pool.query("SELECT pg_backend_pid()")[0].decode(Int32.self)
            kill(backend, SIGSTOP)
            defer {
                kill(backend, SIGCONT)
            }
            let fault = await Self.fault(pool, "SELECT 1")
            guard case .outcomeUnknown? = fault else { throw try #require(fault) }
            let rows = try await eventually(pool) { () throws(PostgresFault) in
                try await pool.query("SELECT pg_backend_pid()")
            }
            #expect(try rows[0].decode(Int32.self) != backend)
        }
    }

    @Test func `a server that would forget acknowledged work is refused`() async throws {
        for value in ["off", "local", "remote_write"] {
            let cluster = try PostgresCluster.shared()
            let database = try cluster.makeDatabase()
            try cluster.run("ALTER DATABASE \(database) SET synchronous_commit = \(value)")
            let fault = await #expect(throws: PostgresFault.self) {
                try await withPool(database: database) { _ in }
            }
            #expect(try #require(fault).detail.contains("synchronous_commit is \(value)"))
        }
    }
}
