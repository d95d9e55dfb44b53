import Daemon
import Postgres
import RPC
import Reactor
import TLS
import Wire

/// The common frame of the three services: database, mutual TLS and the RPC door on every event
/// loop. A service's main says what is answered; the rest stands here.
package struct ServiceHost: Sendable {
    package let role: ServiceRole
    package let settings: HostSettings
    package let log: Log
    package let islands: [Island]
    /// What the operations port tells; a service adds what only it has.
    package let metrics = Metrics()
    private let serverContext: TLSContext
    private let clientContext: TLSContext
    private let connection: ConnectionSettings

    /// Connects every loop to the database, whose schema must be current. Waits a while for a
    /// database that is not there yet, so that processes may be started in any order. Throws what
    /// keeps the service from starting; its description is for the operator.
    package init(
        _ role: ServiceRole, _ settings: HostSettings, schema: String, _ runtime: Runtime
    ) async throws {
        self.role = role
        self.settings = settings
        log = runtime.log
        let resolver = Resolver(pool: BlockingPool(name: "names", threads: 1, queueMax: 64))
        serverContext = try TLSContext(.server, settings, role)
        clientContext = try TLSContext(.client, settings, role)
        let dialing = Island.Dialing(
            context: clientContext, trustDomain: settings.trustDomain,
            resolver: resolver, log: runtime.log)
        connection = try ConnectionSettings(
            "DATABASE", settings.database, password: settings.databasePassword,
            schema: schema, application: role.rawValue)
        let migrations = try Migration.read(settings.migrations)
        var limits = ConnectionPool.Limits()
        limits.connections = settings.databaseConnections
        islands = runtime.loops.loops.map { [limits, connection] loop in
            Island(
                loop: loop,
                pool: ConnectionPool(
                    loop: loop, settings: connection, limits: limits, resolver: resolver,
                    report: { runtime.log.heard($0) }),
                dialing: dialing)
        }
        HostMetrics.add(to: metrics, role.rawValue, islands, runtime.clock)
        try await connectDatabase(migrations)
    }

    private func connectDatabase(_ migrations: [Migration]) async throws {
        for island in islands {
            try await island.loop.run { [log] in try await Self.connect(island, log) }
        }
        guard let first = islands.first else { return }
        try await first.loop.run { try await Migrator.requireCurrent(migrations, first.pool) }
    }

    /// How long a database that is away at the start is waited for.
    private static let databaseWait: Duration = .seconds(60)

    private static func connect(_ island: Island, _ log: Log) async throws(PostgresFault) {
        do throws(PostgresFault) {
            return try await island.pool.start()
        } catch .unavailable(let why) {
            log.warning("database_awaited", ["why": .text(why)])
            // The pool goes on trying by itself.
            let end = island.loop.now + databaseWait
            while !island.pool.isConnected {
                let isOver = ContinuousClock.now > end
                guard !isOver, await island.loop.sleepWhole(.milliseconds(50)) else {
                    throw .unavailable(why)
                }
            }
        }
    }

    /// Opens the RPC door on every loop, with the dispatcher made for it.
    package func openRPC<D: Dispatcher>(
        contracts: [any Contract.Type], registered: [RegisteredCaller] = [],
        _ dispatcher: @Sendable (Island) -> D
    ) throws -> ServiceDoor {
        let directory = CallerDirectory(trustDomain: settings.trustDomain, registered: registered)
        let methods = MethodRows(contracts)
        let meters = CallMeters(methods, islands.map { $0.loop }, metrics)
        let servers = islands.map { island in
            RPCServer(
                loop: island.loop, dispatcher: dispatcher(island),
                methods: contracts.flatMap { $0.methods }, callers: directory,
                notice: { [log] in log.heard($0, of: methods) },
                observer: meters.observer(on: island.loop, log))
        }
        let context = serverContext
        let listeners = try zip(islands, servers).map { [log] island, server in
            try TCPListener(loop: island.loop, address: settings.rpcListen) { stream in
                island.loop.spawn { await Self.greet(stream, context, server, log) }
            }
        }
        log.info("rpc_listening", ["address": .address(settings.rpcListen)])
        return ServiceDoor(listeners: listeners) {
            for server in servers { await server.drain() }
        }
    }

    private static func greet<D: Dispatcher>(
        _ stream: SocketStream, _ context: TLSContext, _ server: RPCServer<D>, _ log: Log
    ) async {
        do {
            server.accept(try await TLSStream.accept(over: stream, context: context))
        } catch {
            log.info(
                "caller_refused",
                ["peer": .host(stream.remoteAddress), "why": .text("\(error)")])
        }
    }

    /// Takes the certificates for calls to and from other services, and the database's password,
    /// for connections made from now on: what SIGHUP asks for. Those that are open go on.
    package func reload(_ fresh: HostSettings) {
        log.reload(serverContext)
        log.reload(clientContext)
        do throws(ConnectionSettings.Refusal) {
            try connection.replace(password: fresh.databasePassword.map { Bytes($0.reveal()) })
        } catch {
            log.error("password_not_loaded", ["why": .text(error.description)])
        }
    }

    /// Tells how long certificates are valid still: the one between services, and that of a door
    /// to the outside where there is one.
    package func addCertificates(of door: HTTPSDoor? = nil) {
        var contexts = [(use: "services", context: serverContext)]
        if let door { contexts.append((use: "public", context: door.context)) }
        metrics.add(HostMetrics.certificates(contexts))
    }

    /// Closes the database connections once their statements have ended.
    package func closeDatabase() async {
        for island in islands {
            do {
                try await island.loop.run { await island.pool.close() }
            } catch {
                log.debug("loop_ended_before_its_pool")
            }
        }
    }

    /// The command `migrate` of every service.
    package static func migrate(
        _ settings: MigrationSettings, schema: String, _ runtime: Runtime
    ) async throws -> ExitCode {
        let migrator = Migrator(
            migrations: try Migration.read(settings.migrations), loop: runtime.mainLoop,
            settings: try ConnectionSettings(
                "MIGRATION_DATABASE", settings.database, password: settings.password,
                schema: schema, application: "migrate"),
            resolver: Resolver(pool: BlockingPool(name: "names", threads: 1, queueMax: 8)))
        let applied = try await migrator.migrate()
        for title in applied { runtime.log.info("migrated", ["migration": .text(title)]) }
        if applied.isEmpty { runtime.log.info("schema_current") }
        return .success
    }
}

/// Listeners and the way to end what came in through them.
package struct ServiceDoor: Sendable {
    private let listeners: [TCPListener]
    /// Its connections are asked to come back elsewhere; all are served still.
    package let announceEnd: @Sendable () -> Void
    private let drain: @Sendable () async -> Void

    package init(
        listeners: [TCPListener], announceEnd: @escaping @Sendable () -> Void = {},
        drain: @escaping @Sendable () async -> Void
    ) {
        self.listeners = listeners
        self.announceEnd = announceEnd
        self.drain = drain
    }

    /// Takes no new connection, answers what is open, and returns when all have gone.
    package func close() async {
        for listener in listeners { listener.close() }
        await drain()
    }
}

extension ConnectionSettings {
    /// - Parameter setting: The one that holds the connection string.
    fileprivate init(
        _ setting: StaticString, _ connection: String, password: SecretText?, schema: String,
        application: String
    ) throws(SetupFault) {
        do throws(Refusal) {
            try self.init(
                connection: connection, password: password.map { Bytes($0.reveal()) },
                schema: schema, application: application)
        } catch {
            throw SetupFault(setting, error.description)
        }
    }
}

extension Migration {
    fileprivate static func read(_ folder: String) throws(SetupFault) -> [Migration] {
        do throws(MigrationFault) {
            return try read(folder: folder)
        } catch {
            throw SetupFault("MIGRATIONS", "\(error)")
        }
    }
}
