import Audit
import Fixtures
import Postgres
import Reactor

/// A database with an audit and nothing else, as the gateway has it.
struct AuditDatabase: Sendable {
    let cluster: PostgresCluster
    let database: String

    /// - Parameter more: What else its owner makes in it.
    init(_ more: String = "") throws {
        cluster = try PostgresCluster.shared()
        database = try cluster.makeServiceDatabase()
        let role = "SET ROLE dubbelslot_auth_owner; SET search_path = auth;\n"
        try sql(role + more + AuditTable.sql(role: "dubbelslot_auth") + AuditTable.indexes)
    }

    /// SQL as the superuser.
    @discardableResult
    func sql(_ text: String) throws -> String { try cluster.run(text, database: database) }

    /// Runs on the loop of a pool under the service's own role.
    func withPool<T: Sendable>(
        _ body: @escaping @Sendable (ConnectionPool) async throws -> T
    ) async throws -> T {
        let settings = try ConnectionSettings(
            connection: cluster.connection(database: database, user: "dubbelslot_auth"),
            schema: "auth", application: "tests")
        let loop = try EventLoop(name: "test")
        let names = BlockingPool(name: "names", threads: 1, queueMax: 1)
        loop.start()
        let result: Result<T, any Error>
        do {
            result = .success(
                try await loop.run {
                    let pool = ConnectionPool(
                        loop: loop, settings: settings, resolver: Resolver(pool: names))
                    try await pool.start()
                    let value = try await body(pool)
                    await pool.close()
                    return value
                })
        } catch {
            result = .failure(error)
        }
        loop.stop()
        loop.join()
        names.stop()
        return try result.get()
    }
}
