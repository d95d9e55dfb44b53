import Fixtures
import Postgres
import Reactor
import Wire

/// A loop of its own with a pool on a database of its own; the body runs on the loop.
func withPool<T: Sendable>(
    cluster: PostgresCluster? = nil, database: String? = nil, user: String = "postgres",
    limits: ConnectionPool.Limits = .init(),
    settings adjust: @Sendable (inout ConnectionSettings) -> Void = { _ in },
    report: @escaping @Sendable (ConnectionPool.Event) -> Void = { _ in },
    _ body: @escaping @Sendable (ConnectionPool) async throws -> T
) async throws -> T {
    let cluster = try cluster ?? PostgresCluster.shared()
    let database = try database ?? cluster.makeDatabase()
    var settings = try ConnectionSettings(
        connection: cluster.connection(database: database, user: user), schema: "public",
        application: "tests")
    adjust(&settings)
    return try await withLoop { [settings] loop, resolver in
        let pool = ConnectionPool(
            loop: loop, settings: settings, limits: limits, resolver: resolver, report: report)
        try await pool.start()
        let result: Result<T, any Error>
        do { result = .success(try await body(pool)) } catch { result = .failure(error) }
        await pool.close()
        return try result.get()
    }
}

/// A running loop and a resolver beside it, both ended afterwards.
func withLoop<T: Sendable>(
    _ body: @escaping @Sendable (EventLoop, Resolver) async throws -> T
) async throws -> T {
    let loop = try EventLoop(name: "test")
    let threads = BlockingPool(name: "names", threads: 1, queueMax: 16)
    loop.start()
    let result: Result<T, any Error>
    do {
        result = .success(try await loop.run { try await body(loop, Resolver(pool: threads)) })
    } catch {
        result = .failure(error)
    }
    loop.stop()
    loop.join()
    threads.stop()
    return try result.get()
}

/// Tries again, every few milliseconds for at most ten seconds, until the database answers.
func eventually<T: Sendable>(
    _ pool: ConnectionPool, _ body: () async throws(PostgresFault) -> T
) async throws -> T {
    let end = ContinuousClock.now + .seconds(10)
    while true {
        do throws(PostgresFault) {
            return try await body()
        } catch {
            guard ContinuousClock.now < end else { throw error }
        }
        await pool.loop.sleep(for: .milliseconds(5))
    }
}

enum Thing: IdentifierKind {
    static var noun: String { "thing" }
}
