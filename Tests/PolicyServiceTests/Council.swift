import Contracts
import Fixtures
import Postgres
import RPC
import Reactor
import Testing
import Wire

@testable import PolicyService

/// The policy service over a real database of its own: so many replicas, each with its own loop,
/// connections and memory, as in earnest.
struct Council: Sendable {
    let cluster: PostgresCluster
    let database: String
    let replicas: [Replica]

    struct Replica: Sendable {
        let loop: EventLoop
        let pool: ConnectionPool
        let handlers: PolicyHandlers
    }

    static let call = Call(caller: .service(identity: "spiffe://test/auth-gateway"))
    static let totp = VerifierUID("totp")!
    static let keys = VerifierUID("keys")!

    /// Runs a call on a replica.
    func on<T: Sendable>(
        _ replica: Int = 0, _ body: @escaping @Sendable (PolicyHandlers) async throws -> T
    ) async throws -> T {
        let handlers = replicas[replica].handlers
        return try await replicas[replica].loop.run { try await body(handlers) }
    }

    /// The refusal that a call meets; nil when it succeeds.
    func refusal<T: Sendable>(
        _ replica: Int = 0, _ body: @escaping @Sendable (PolicyHandlers) async throws -> T
    ) async throws -> Reason? {
        do {
            _ = try await on(replica, body)
            return nil
        } catch let fault as Fault {
            return fault.reason
        }
    }

    /// SQL as the superuser.
    @discardableResult
    func sql(_ text: String) throws -> String { try cluster.run(text, database: database) }

    func rest(_ time: Duration) async throws {
        let loop = replicas[0].loop
        try await loop.run { await loop.sleep(for: time) }
    }

    /// Asks a replica until its newest version is `version`; how long that took.
    func await(
        _ version: UInt64, at replica: Int, within limit: Duration = .seconds(10)
    ) async throws -> Duration {
        let start = ContinuousClock.now
        let memory = replicas[replica].handlers.memory
        while memory.newest != version, ContinuousClock.now - start < limit {
            try await rest(.milliseconds(5))
        }
        return ContinuousClock.now - start
    }
}

extension ChangeSettings {
    static func to(
        _ version: UInt64, _ enforcement: Enforcement = .everyone,
        _ verifiers: [VerifierUID] = [Council.totp], because reason: String = "tests"
    ) -> ChangeSettings {
        ChangeSettings(
            actor: .sample,
            settings: UpdateTwoFactorSettings(
                version: version, enforcement: enforcement, verifiers: verifiers, reason: reason))
    }
}

extension Decide {
    static func by(
        _ roles: [Role] = [], bound: [VerifierUID] = [], since version: UInt64 = 0
    ) -> Decide {
        Decide(
            roles: roles, method: .password, bound: bound, proved: [], sinceVersion: version)
    }
}

/// Runs a test with a council that ends with it.
func withCouncil<T: Sendable>(
    replicas: Int = 1, cluster: PostgresCluster? = nil,
    _ body: @escaping @Sendable (Council) async throws -> T
) async throws -> T {
    let cluster = try cluster ?? PostgresCluster.shared()
    let database = try cluster.makeServiceDatabase()
    let threads = BlockingPool(name: "names", threads: 1, queueMax: 16)
    let group = try EventLoopGroup(count: replicas, name: "test")
    group.start()
    defer {
        group.stop()
        group.join()
        threads.stop()
    }
    func settings(_ role: String) throws -> ConnectionSettings {
        try ConnectionSettings(
            connection: cluster.connection(database: database, user: role), schema: "policy",
            application: "tests")
    }
    let migrator = Migrator(
        migrations: try Migration.read(
            folder: RepositoryRoot.path("Services/PolicyService/Migrations")),
        loop: group.loops[0], settings: try settings("dubbelslot_policy_owner"),
        resolver: Resolver(pool: threads))
    _ = try await group.loops[0].run { try await migrator.migrate() }
    let serving = try settings("dubbelslot_policy")
    let all = group.loops.map { loop in
        let pool = ConnectionPool(
            loop: loop, settings: serving, resolver: Resolver(pool: threads))
        return Council.Replica(
            loop: loop, pool: pool,
            handlers: PolicyHandlers(memory: PolicyMemory(), table: SettingsTable(pool: pool)))
    }
    for replica in all { try await replica.loop.run { try await replica.pool.start() } }
    let council = Council(cluster: cluster, database: database, replicas: all)
    let result: Result<T, any Error>
    do { result = .success(try await body(council)) } catch { result = .failure(error) }
    for replica in all { try await replica.loop.run { await replica.pool.close() } }
    return try result.get()
}
