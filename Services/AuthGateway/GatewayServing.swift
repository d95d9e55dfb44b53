import Contracts
import Daemon
import HTTP
import Hosting
import Postgres
import RPC
import Reactor
import Wire

/// Starts the gateway: on every loop its own database connections and its own clients of the two
/// services behind it, then both doors.
enum GatewayServing {
    /// The services behind the gateway may start later than it does; `/readyz` says when they
    /// answer.
    static func start(
        _ settings: GatewaySettings, _ runtime: Runtime
    ) async throws -> Serving<GatewaySettings> {
        try settings.host.requireFreePorts([("HTTP_LISTEN", settings.httpListen)])
        let tls = try settings.edge.certificate.map { try HTTPSDoor($0, log: runtime.log) }
        let pages = try Self.pages(settings)
        let host = try await ServiceHost(.gateway, settings.host, schema: "auth", runtime)
        let versions = PolicyVersions(edgeLifetime: policyInterval)
        let limits = CallLimits(settings.edge.rates)
        let signIns = SignInMeters(host.islands.map { $0.loop }, host.metrics)
        let desks = host.islands.map {
            Desk($0, settings, versions, limits, signIns.meter(on: $0.loop))
        }
        let byLoop = Dictionary(uniqueKeysWithValues: desks.map { ($0.island.loop.name, $0) })
        let rpc = try host.openRPC(
            contracts: GatewayDispatcher.contracts, registered: settings.registeredCallers
        ) { island in
            byLoop[island.loop.name]!.dispatcher
        }
        let http = try openHTTP(desks, settings, tls, pages, host.metrics, runtime)
        host.addCertificates(of: tls)
        let watch = RevocationWatch(desks.map { $0.dispatcher.gateway.revocations.bell })
        if let first = desks.first {
            sweep(first, runtime.log)
            followPolicy(first, limits)
            let mending = Mending(gateway: first.dispatcher.gateway, log: runtime.log)
            first.island.loop.spawn { await mending.run(on: first.island.loop) }
            let pool = first.island.pool
            try await first.island.loop.run { watch.start(pool) }
        }
        let operations = try host.openOperations(Desk.conditions(of: desks), runtime)
        return Serving(
            announce: {
                operations.drain()
                http.announceEnd()
            },
            drain: {
                watch.stop()
                await http.close()
                await rpc.close()
                await host.closeDatabase()
                await operations.close()
            },
            reload: { fresh in
                host.reload(fresh.host)
                tls?.reload()
                for desk in desks { desk.dispatcher.gateway.replace(fresh.frontends.tokens) }
            })
    }

    private static func pages(_ settings: GatewaySettings) throws(SetupFault) -> WebPages {
        do {
            return try WebPages(folder: settings.web)
        } catch {
            throw SetupFault("WEB", "\(error)")
        }
    }

    private static func openHTTP(
        _ desks: [Desk], _ settings: GatewaySettings, _ tls: HTTPSDoor?, _ pages: WebPages,
        _ metrics: Metrics, _ runtime: Runtime
    ) throws -> ServiceDoor {
        let isSecure =
            tls != nil || settings.publicOrigins.contains { $0.description.hasPrefix("https") }
        let rows = GatewayHTTP.methods
        let names = rows.names + ["forward-auth"]
        let meters = HTTPMeters(names, desks.map { $0.island.loop }, metrics) { request in
            if let method = GatewayHTTP.routes[request.path] { return rows.row(of: method.number) }
            return ForwardAuth.isAsked(at: request.path) ? rows.names.count : 0
        }
        let servers = desks.map { desk in
            HTTPServer(
                loop: desk.island.loop,
                handler: GatewayHTTP(
                    dispatcher: desk.dispatcher, log: runtime.log,
                    ownOrigins: settings.publicOrigins,
                    frontendOrigins: settings.frontends.origins, proxies: settings.edge.proxies,
                    pages: pages),
                isSecure: isSecure,
                wallClock: { runtime.clock.now() },
                observe: meters.observer(on: desk.island.loop))
        }
        let admission = NetworkConnections(
            max: settings.edge.connectionsMax, proxies: settings.edge.proxies, log: runtime.log)
        let listeners = try zip(desks, servers).map { desk, server in
            try TCPListener(
                loop: desk.island.loop, address: settings.httpListen, admission: admission
            ) { stream in
                if let tls { tls.accept(stream, for: server) } else { server.accept(stream) }
            }
        }
        runtime.log.info(
            "http_listening", ["address": .address(settings.httpListen), "tls": .flag(tls != nil)])
        return ServiceDoor(
            listeners: listeners, announceEnd: { for server in servers { server.announceEnd() } },
            drain: { for server in servers { await server.drain() } })
    }

    /// Well within the second in which a change of policy is in force.
    private static let policyInterval: Duration = .milliseconds(300)

    /// Keeps up with what policy says of networks and limits. While it cannot be asked, what was
    /// last heard holds, and before the first word what an operator has set.
    private static func followPolicy(_ desk: Desk, _ limits: CallLimits) {
        let gateway = desk.dispatcher.gateway
        desk.island.loop.spawn {
            while !Task.isCancelled {
                let call = Call(caller: .service(identity: "auth-gateway"), trace: .none)
                if let edge = await gateway.heardEdge(call) { limits.follow(edge.limits) }
                await desk.island.loop.sleep(for: policyInterval)
            }
        }
    }

    private static let sweepInterval: Duration = .seconds(600)

    /// Expired rows go after their time of grace.
    private static func sweep(_ desk: Desk, _ log: Log) {
        let gateway = desk.dispatcher.gateway
        desk.island.loop.spawn {
            while true {
                await desk.island.loop.sleep(for: sweepInterval)
                if Task.isCancelled { return }
                do throws(PostgresFault) {
                    let pending = try await gateway.pendingSignIns.sweep()
                    let sessions = try await gateway.sessions.sweep()
                    let devices = try await gateway.devices.sweep()
                    let trusted = try await gateway.trustedDevices.sweep()
                    let handOvers = try await gateway.handOvers.sweep()
                    let revocations = try await gateway.revocations.sweep()
                    log.debug(
                        "swept",
                        [
                            "pending_sign_ins": .integer(pending),
                            "sessions": .integer(sessions), "known_devices": .integer(devices),
                            "hand_overs": .integer(handOvers),
                            "revocations": .integer(revocations),
                            "trusted_devices": .integer(trusted),
                        ])
                } catch {
                    log.warning("sweep_failed", ["why": .text(error.detail)])
                }
                await tellOfReuses(gateway, log)
                await noteAdoption(gateway, log)
            }
        }
    }

    private static func tellOfReuses(_ gateway: Gateway, _ log: Log) async {
        do throws(Fault) {
            try await gateway.tellOfReuses()
        } catch {
            log.warning("notices_late", ["why": .text(error.detail)])
        }
    }

    private static func noteAdoption(_ gateway: Gateway, _ log: Log) async {
        do throws(Fault) {
            try await gateway.noteAdoption(Call(caller: .service(identity: "auth-gateway")))
        } catch {
            log.warning("adoption_not_noted", ["why": .text(error.detail)])
        }
    }
}

/// What one loop of the gateway works with.
struct Desk: Sendable {
    let island: Island
    let dispatcher: GatewayDispatcher
    private let verification: RPCClient
    private let policy: RPCClient

    init(
        _ island: Island, _ settings: GatewaySettings, _ versions: PolicyVersions,
        _ limits: CallLimits? = nil, _ signIns: SignInMeter? = nil
    ) {
        self.island = island
        verification = island.client(of: .verification, at: settings.peers.verification)
        policy = island.client(of: .policy, at: settings.peers.policy)
        var gateway = Gateway(
            pool: island.pool,
            verification: VerificationClient(
                verification, limits: { versions.knownEdge?.limits }),
            policy: PolicyDecisionClient(policy), policyVersions: versions,
            defaultLocale: settings.defaultLocale,
            knownDeviceLifetime: settings.knownDeviceLifetime,
            trustLifetimes: settings.trustLifetimes,
            protectedHosts: settings.protectedHosts,
            signedTokens: settings.frontends.tokens, ssoCallers: settings.ssoCallers,
            allowsSignUp: settings.allowsSignUp)
        gateway.signIns = signIns
        dispatcher = GatewayDispatcher(gateway: gateway, limits: limits)
    }

    /// The database and both services answer. On the loop.
    var isReady: Bool {
        island.pool.isConnected && verification.isHealthy && policy.isHealthy
    }

    /// What the operations port names when it is missing, beside the database.
    static func conditions(of desks: [Desk]) -> [Condition] {
        let loop = { @Sendable (desk: Desk) in desk.island.loop }
        return [
            Condition("verification-service", ofEach: desks, on: loop) {
                $0.verification.isHealthy
            },
            Condition("policy-service", ofEach: desks, on: loop) { $0.policy.isHealthy },
        ]
    }
}
