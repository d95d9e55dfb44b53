import Fixtures
import Foundation
import Synchronization
import Testing

/// Two of each service behind Debian's HAProxy, over a primary and a synchronous standby of the
/// database, with the balancer's configuration and the settings that `Services/Operations` has for
/// containers.
final class ScaledSystem: Sendable {
    /// In the order in which they are replaced by a new version.
    enum Replica: String, CaseIterable {
        case secondVerification = "verification-service-2"
        case verification = "verification-service"
        case secondPolicy = "policy-service-2"
        case policy = "policy-service"
        case secondGateway = "auth-gateway-2"
        case gateway = "auth-gateway"

        /// Of which service.
        var name: Installation.Name {
            switch self {
            case .verification, .secondVerification: .verification
            case .policy, .secondPolicy: .policy
            case .gateway, .secondGateway: .gateway
            }
        }
    }

    struct Failed: Error {
        let description: String
    }

    let installation: Installation
    let standby: PostgresStandby
    /// Where the balancer listens.
    let door = FreePort.take()
    private let balancer: ChildProcess
    private let folder = TemporaryFolder("scaled")
    private let environments: [Replica: [String: String]]
    private let processes = Mutex<[Replica: ChildProcess]>([:])

    /// `Services/up` starts one of each and is then relieved of them.
    init() throws {
        let system = try System()
        installation = system.installation
        standby = try PostgresStandby(of: installation)
        environments = try Self.environments(installation, standby)
        try installation.stop(.gateway, .secondGateway, .verification, .policy)
        let settings = try folder.write(
            "haproxy.cfg", try Self.configuration(door, environments))
        var started: [Replica: ChildProcess] = [:]
        for replica in Replica.allCases {
            started[replica] = try Installation.serve(replica.name, environments[replica] ?? [:])
        }
        processes.withLock { [started] in $0 = started }
        balancer = try ChildProcess("haproxy", ["-db", "-f", settings])
        for replica in Replica.allCases { try awaitReady(replica) }
        try awaitBalancer()
    }

    deinit {
        balancer.end(seconds: 0)
        for process in processes.withLock({ $0.values.map { $0 } }) { process.signal(SIGTERM) }
        for process in processes.withLock({ $0.values.map { $0 } }) { process.end() }
    }

    // MARK: Settings

    /// What `scale.env` says.
    private static let scale: [String: String] = {
        let path = RepositoryRoot.path("Services/Operations/scale.env")
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        let pairs = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(uniqueKeysWithValues: pairs.map { ($0[0], $0[1]) })
    }()

    private static func environments(
        _ installation: Installation, _ standby: PostgresStandby
    ) throws -> [Replica: [String: String]] {
        var all: [Replica: [String: String]] = [:]
        let notice = "DUBBELSLOT_DRAIN_NOTICE_SECONDS"
        for replica in Replica.allCases {
            let name = replica == .secondGateway ? .secondGateway : replica.name
            var own = try installation.environment(of: name)
            own[notice] = scale[notice]
            let role = try #require(own["DUBBELSLOT_DATABASE"]?.split(separator: " ").last)
            own["DUBBELSLOT_DATABASE"] = """
                host=127.0.0.1,127.0.0.1 port=\(try installation.port("postgres")),\(standby.port) \
                dbname=dubbelslot \(role)
                """
            if replica == .secondVerification || replica == .secondPolicy {
                own["DUBBELSLOT_RPC_LISTEN"] = "127.0.0.1:\(FreePort.take())"
                own["DUBBELSLOT_OPERATIONS_LISTEN"] = "127.0.0.1:\(FreePort.take())"
            }
            all[replica] = own
        }
        let doors = all.mapValues { $0["DUBBELSLOT_RPC_LISTEN"] ?? "" }
        for gateway in [Replica.gateway, .secondGateway] {
            all[gateway]?["DUBBELSLOT_VERIFICATION_PEERS"] =
                "\(doors[.verification] ?? ""),\(doors[.secondVerification] ?? "")"
            all[gateway]?["DUBBELSLOT_POLICY_PEERS"] =
                "\(doors[.policy] ?? ""),\(doors[.secondPolicy] ?? "")"
            all[gateway]?["DUBBELSLOT_TRUSTED_PROXIES"] = "127.0.0.1"
        }
        return all
    }

    /// haproxy.cfg with the addresses of this machine in the place of names in containers.
    private static func configuration(
        _ door: UInt16, _ environments: [Replica: [String: String]]
    ) throws -> String {
        var text = try String(
            contentsOfFile: RepositoryRoot.path("Services/Operations/haproxy.cfg"), encoding: .utf8)
        for section in ["resolvers docker", "frontend health"] {
            text.replace(try Regex("\n\(section)\n(    .*\n)+"), with: "")
        }
        text.replace(/\n    default-server resolvers .*/, with: "")
        text.replace("maxconn 8000", with: "maxconn 200")
        text.replace("bind :8080", with: "bind 127.0.0.1:\(door)")
        for gateway in [Replica.gateway, .secondGateway] {
            let own = environments[gateway] ?? [:]
            let operations = own["DUBBELSLOT_OPERATIONS_LISTEN"]?.split(separator: ":").last
            text.replace(
                " \(gateway.rawValue):8080",
                with: " \(own["DUBBELSLOT_HTTP_LISTEN"] ?? "") port \(operations ?? "")")
        }
        return text
    }

    // MARK: Processes

    /// Whether all that it needs is there, by `/readyz` of its operations port.
    private func awaitReady(_ replica: Replica) throws {
        let place = environments[replica]?["DUBBELSLOT_OPERATIONS_LISTEN"]
        let port = try #require(place?.split(separator: ":").last.flatMap { UInt16($0) })
        var last = ""
        for _ in 0..<300 {
            do {
                let answer = try HTTPTestClient(port: port, seconds: 5).get("/readyz")
                if answer.status == 200 { return }
                last = answer.text
            } catch let failure as HTTPTestClient.Failed {
                last = failure.description
            }
            usleep(50_000)
        }
        throw Failed(description: "\(replica.rawValue) is not ready: \(last)")
    }

    private func awaitBalancer() throws {
        for _ in 0..<200 {
            do {
                if try HTTPTestClient(port: door, seconds: 5).get("/livez").status == 200 { return }
            } catch is HTTPTestClient.Failed {
                // It begins to listen in a moment.
            }
            usleep(50_000)
        }
        throw Failed(description: "no balancer: \(balancer.output)")
    }

    /// Ends it in an orderly way and starts it again, as an operator does; returns when it is
    /// ready. Seconds that it took to end, and to be ready again.
    func replace(
        _ replica: Replica, _ more: [String: String] = [:]
    ) throws -> (ended: Double, ready: Double) {
        let start = ContinuousClock.now
        let process = try #require(processes.withLock { $0[replica] })
        process.signal(SIGTERM)
        let status = process.waitForExit(seconds: 20)
        #expect(status == 0, "\(replica.rawValue): \(process.output.suffix(2_000))")
        let ended = ContinuousClock.now
        let next = try Installation.serve(replica.name, environment(of: replica, more))
        processes.withLock { $0[replica] = next }
        try awaitReady(replica)
        let ready = Installation.seconds(since: ended)
        usleep(500_000)  // nobody is quicker to go on with the next one
        return ((ended - start) / .seconds(1), ready)
    }

    private func environment(of replica: Replica, _ more: [String: String]) -> [String: String] {
        environments[replica, default: [:]].merging(more) { _, later in later }
    }

    /// Runs a command of a service, or the service itself, with the settings of one that serves,
    /// but for where that listens.
    func run(
        _ replica: Replica, _ words: [String], _ more: [String: String] = [:]
    ) throws -> ChildProcess.Outcome {
        var own = environment(of: replica, more)
        for name in own.keys where name.hasSuffix("_LISTEN") {
            own[name] = "127.0.0.1:\(FreePort.take())"
        }
        return try ChildProcess.run(
            RepositoryRoot.binaries + "/" + replica.name.rawValue, words, environment: own)
    }

    /// Brings users in.
    func importUsers(_ lines: [String]) throws {
        let file = try folder.write("users", lines.joined(separator: "\n") + "\n")
        let outcome = try run(.gateway, ["import-users", file, "--totp-verifier", "totp"])
        guard outcome.status == 0 else { throw Failed(description: outcome.output) }
    }
}
