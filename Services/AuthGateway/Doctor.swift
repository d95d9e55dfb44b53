import Contracts
import Crypto
import Daemon
import Hosting
import Postgres
import RPC
import Reactor
import Wire

/// What `doctor` is told: as the gateway itself, and how to look at what the verification service
/// keeps.
struct DoctorSettings: Settings {
    let gateway: GatewaySettings
    let verificationDatabase: String?
    let verificationPassword: SecretText?
    /// Where secrets stand that it can see: its own and the gateway's.
    let secretFiles: [String]

    init(_ reader: inout SettingsReader) {
        gateway = GatewaySettings(&reader)
        verificationDatabase = reader.optionalText(
            "DOCTOR_DATABASE",
            """
            How to reach PostgreSQL as the verification service's role, without the password; only \
            the doctor is told, to see that seeds are sealed.
            """)
        verificationPassword = reader.optionalSecret(
            "DOCTOR_DATABASE_PASSWORD", "The password of that role.")
        secretFiles =
            [gateway.host.files.key] + (gateway.edge.certificate.map { [$0.key] } ?? [])
            + reader.secretFiles
    }
}

/// The command `doctor`: looks at the running system, says on standard output what is set up
/// safely, and ends with `success`, `failure` where something is wrong, or `untried`.
///
/// It looks at the database by itself before it starts as a gateway does: a gateway refuses to
/// start on much of what the doctor is there to tell.
enum Doctor {
    static func run(_ settings: DoctorSettings, _ runtime: Runtime) async throws -> ExitCode {
        guard runtime.arguments.isEmpty else {
            runtime.log.error("usage", ["text": .text("doctor")])
            return .usage
        }
        let report = DoctorReport(await DoctorVisit(settings, runtime).facts())
        print(report.table, terminator: "")
        return report.exitCode
    }
}

/// Goes and sees. Every look that is refused leaves a fact unknown, and the others are had.
private struct DoctorVisit {
    private let settings: DoctorSettings
    private let runtime: Runtime
    private let resolver = Resolver(pool: BlockingPool(name: "doctor", threads: 1, queueMax: 8))

    private static let readyMax: Duration = .seconds(10)

    init(_ settings: DoctorSettings, _ runtime: Runtime) {
        self.settings = settings
        self.runtime = runtime
    }

    private struct Obstacle: Error, CustomStringConvertible {
        let description: String
    }

    func facts() async -> DoctorFacts {
        let host = settings.gateway.host
        let database = await Gathered.of {
            try await open(host.database, host.databasePassword, schema: "auth")
        }
        let durability = await database.look { try await $0.durability() }
        let system = await startGateway(durability)
        let (canary, sealing) = await visitCanary(system, database)
        let visited = await system.look { try await doors($0) }
        return DoctorFacts(
            canary: canary, sealing: sealing,
            excessiveRights: await database.look { try await $0.excessiveRights() },
            doors: visited,
            clockSkew: await database.look { try await $0.clockSkew(runtime.clock) },
            durability: durability, certificates: await Gathered.of { try certificates(visited) },
            openSecrets: await Gathered.of {
                try HostSettings.openSecrets(in: settings.secretFiles)
            })
    }

    private func open(
        _ connection: String, _ password: SecretText?, schema: String
    ) async throws -> DoctorDatabase {
        var reached = try ConnectionSettings(
            connection: connection, password: password.map { Bytes($0.reveal()) }, schema: schema,
            application: "doctor")
        reached.toleratesForgetting = true
        var limits = ConnectionPool.Limits()
        limits.connections = 1
        let pool = ConnectionPool(
            loop: runtime.mainLoop, settings: reached, limits: limits, resolver: resolver)
        do throws(PostgresFault) {
            try await pool.start()
        } catch {
            throw Obstacle(description: "the database: \(error.detail)")
        }
        return DoctorDatabase(pool: pool)
    }

    /// A gateway with its peers. Where it would refuse its database that is not waited for.
    private func startGateway(
        _ durability: Gathered<[DurabilityFact]>
    ) async -> Gathered<System> {
        await durability.look { durability in
            guard durability.allSatisfy({ $0.role != nil || $0.isKept }) else {
                throw Obstacle(description: "no gateway starts on a database that forgets")
            }
            let host = try await ServiceHost(
                .gateway, settings.gateway.host, schema: "auth", runtime)
            guard let island = host.islands.first else {
                throw Obstacle(description: "there is no loop")
            }
            let desk = Desk(island, settings.gateway, PolicyVersions())
            // Those that do not answer are told of by what is tried with them.
            _ = await desk.becomesReady(within: Self.readyMax)
            return System(island: island, gateway: desk.dispatcher.gateway)
        }
    }

    private struct System: Sendable {
        let island: Island
        let gateway: Gateway
    }

    private func visitCanary(
        _ system: Gathered<System>, _ database: Gathered<DoctorDatabase>
    ) async -> (Gathered<CanaryFacts>, Gathered<SealingFacts>) {
        let canary = await system.look { system in
            let isAlone = await database.look { try await $0.isAlone() }
            if case .known(false) = isAlone {
                throw Obstacle(description: "another doctor is at work")
            }
            return DoctorCanary(system.gateway, on: system.island.loop)
        }
        switch canary {
        case .known(let canary): return await canary.run { await sealing(of: $0) }
        case .unknown(let why): return (.unknown(why), .unknown(why))
        }
    }

    private func sealing(of seed: SecretBytes) async -> Gathered<SealingFacts> {
        guard let connection = settings.verificationDatabase else {
            return .unknown("DUBBELSLOT_DOCTOR_DATABASE is not set")
        }
        return await Gathered.of {
            let database = try await open(
                connection, settings.verificationPassword, schema: "verification")
            return try await database.sealing(of: DoctorCanary.user, seed)
        }
    }

    private func doors(_ system: System) async throws -> [DoorFact] {
        let peers = settings.gateway.peers
        let doors =
            peers.verification.map { (ServiceRole.verification, $0) }
            + peers.policy.map { (ServiceRole.policy, $0) }
        var facts: [DoorFact] = []
        for (role, peer) in doors {
            let visit = try await system.island.showForeignCertificate(
                to: role, at: peer, authorityFile: settings.gateway.host.files.authority)
            if case .unreachable(let why) = visit.finding {
                throw Obstacle(description: "\(role.rawValue) at \(peer): \(why)")
            }
            facts.append(
                DoorFact(
                    role: role, place: peer.description, finding: visit.finding,
                    life: visit.life))
        }
        return facts
    }

    /// Our own, and those that the doors of others have shown.
    private func certificates(_ doors: Gathered<[DoorFact]>) throws -> [CertificateFact] {
        var lives = try settings.gateway.host.remainingLives()
        if let web = settings.gateway.edge.certificate {
            lives.append((web.certificate, try web.remainingLife()))
        }
        let own = lives.map { CertificateFact(file: $0.file, left: $0.left) }
        guard case .known(let doors) = doors else { return own }
        return own
            + doors.compactMap { door in
                let shown = "that of \(door.role.rawValue) at \(door.place)"
                return door.life.map { CertificateFact(file: shown, left: $0) }
            }
    }
}

extension Gathered {
    /// What is seen from here, where one is here.
    fileprivate func look<Seen: Sendable>(
        _ look: (Fact) async throws -> Seen
    ) async -> Gathered<Seen> {
        switch self {
        case .known(let fact): await Gathered<Seen>.of { try await look(fact) }
        case .unknown(let why): .unknown(why)
        }
    }
}
