import Fixtures
import Foundation
import Synchronization

/// What sessions feel of a flood of sign-ins: introspections at a steady rate, alternately with
/// and without sign-ins of random users from random networks beside them. Both come at fixed
/// times whatever the answers do, and each latency counts from the time its request was due, so
/// that nobody who is slow is asked less often.
struct FloodBenchmark {
    struct Row: Codable {
        let phase: String
        let door: String
        let introspections: Int
        let p50Milliseconds: Double
        let p99Milliseconds: Double
        let p50Ratio: Double
        let p99Ratio: Double
        let signIns: Int
        /// Sign-ins whose password was checked.
        let checked: Int
        /// Told that the service is overloaded.
        let refused: Int
        /// Sign-ins that came to anything else, by word.
        let others: [String: Int]
        /// Milliseconds until an overloaded answer.
        let refusalP99Milliseconds: Double
        let failed: Int
    }

    let rounds: Int
    let seconds: Double
    let introspectionsPerSecond: Double
    let signInsPerSecond: Double
    /// The limits of all networks together as an operator gets them; else only the queue of
    /// hashes stands before the hashes.
    let limited: Bool

    /// What one phase of all rounds came to.
    private struct Phase: Sendable {
        var http: [Double] = []
        var rpc: [Double] = []
        var refusals: [Double] = []
        var checked = 0
        var others: [String: Int] = [:]
        var failed = 0
    }

    func run() throws -> [Row] {
        let installation = try Installation(
            gateways: 1,
            settings: [
                .gateway: ["DUBBELSLOT_TRUSTED_PROXIES": "127.0.0.1"],
                .verification: ["DUBBELSLOT_PASSWORD_HASH": "small_memory"],
            ], limited: limited)
        let token = try BenchmarkAdministrator(installation).token
        let port = try installation.port("auth-gateway.http")
        let service = try SessionCaller(installation)
        Thread.sleep(forTimeInterval: 1)  // until it has connected
        var idle = Phase()
        var flooded = Phase()
        for round in 1...rounds {
            FileHandle.standardError.write(Data("round \(round) of \(rounds)\n".utf8))
            try measure(port, service, token, &idle, flooding: false)
            try measure(port, service, token, &flooded, flooding: true)
            Thread.sleep(forTimeInterval: 8)  // until the queue is empty again
        }
        return [("idle", idle), ("flood", flooded)].flatMap { name, phase in
            [
                row(name, "HTTP", phase.http, beside: idle.http, phase),
                row(name, "RPC", phase.rpc, beside: idle.rpc, phase),
            ]
        }
    }

    private func row(
        _ name: String, _ door: String, _ own: [Double], beside idle: [Double], _ phase: Phase
    ) -> Row {
        Row(
            phase: name, door: door, introspections: own.count,
            p50Milliseconds: own.quantile(0.5), p99Milliseconds: own.quantile(0.99),
            p50Ratio: own.quantile(0.5) / idle.quantile(0.5),
            p99Ratio: own.quantile(0.99) / idle.quantile(0.99),
            signIns: phase.checked + phase.refusals.count
                + phase.others.values.reduce(0, +),
            checked: phase.checked, refused: phase.refusals.count, others: phase.others,
            refusalP99Milliseconds: phase.refusals.quantile(0.99), failed: phase.failed)
    }

    private func measure(
        _ port: UInt16, _ service: SessionCaller, _ token: String, _ phase: inout Phase,
        flooding: Bool
    ) throws {
        let seen = Mutex(Phase())
        let asking = [0, 1].map { _ in
            OpenLoop(perSecond: introspectionsPerSecond / 2, seconds: seconds, threads: 8)
        }
        let flood = OpenLoop(perSecond: signInsPerSecond, seconds: seconds, threads: 384)
        let body = #"{"token":"\#(token)"}"#
        let introspect = { @Sendable (client: HTTPTestClient, due: UInt64) in
            let answer = try client.call("SessionService/Introspect", body)
            let time = Double(Core.nanoseconds() - due) / 1e6
            let isActive = answer.value("active") as? Bool == true
            seen.withLock {
                $0.http.append(time)
                $0.failed += isActive ? 0 : 1
            }
        }
        let introspectByRPC = { @Sendable (_: HTTPTestClient, due: UInt64) in
            let isActive = try service.isActive(token)
            let time = Double(Core.nanoseconds() - due) / 1e6
            seen.withLock {
                $0.rpc.append(time)
                $0.failed += isActive ? 0 : 1
            }
        }
        let signIn = { @Sendable (client: HTTPTestClient, due: UInt64) in
            let answer = try client.call(
                "SignInService/Start", EnumerationCases.body(of: EnumerationCases.nobody()))
            let time = Double(Core.nanoseconds() - due) / 1e6
            let word = answer.reason ?? "none"
            let saysNoTime = word == "overloaded" && answer.header("retry-after") == nil
            seen.withLock {
                switch word {
                case "overloaded": $0.refusals.append(time)
                case "password_wrong": $0.checked += 1
                case _: $0.others[word, default: 0] += 1
                }
                $0.failed += saysNoTime ? 1 : 0
            }
        }
        var failures = 0
        let start = Core.nanoseconds()
        if flooding { flood.begin(port, at: start, signIn) }
        asking[0].begin(port, at: start, introspect)
        asking[1].begin(port, at: start, introspectByRPC)
        failures += asking[0].wait() + asking[1].wait()
        if flooding { failures += flood.wait() }
        seen.withLock { seen in
            phase.http += seen.http
            phase.rpc += seen.rpc
            phase.refusals += seen.refusals
            phase.checked += seen.checked
            phase.others.merge(seen.others, uniquingKeysWith: +)
            phase.failed += seen.failed + failures
        }
    }

    private static func words(_ numbers: [String: Int]) -> String {
        if numbers.isEmpty { return "0" }
        return numbers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            .joined(separator: ", ")
    }

    static func table(_ rows: [Row]) -> String {
        let head = """
            | phase | introspections by | number | p50 ms | p99 ms | p50 ratio | p99 ratio \
            | sign-ins | checked | refused | refusal p99 ms | others | failed |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
            """
        let lines = rows.map { row in
            String(
                format: "| %@ | %@ | %d | %.2f | %.2f | %.2f | %.2f | %d | %d | %d | %.1f | %@ | "
                    + "%d |",
                row.phase, row.door, row.introspections, row.p50Milliseconds, row.p99Milliseconds,
                row.p50Ratio, row.p99Ratio, row.signIns, row.checked, row.refused,
                row.refusalP99Milliseconds, words(row.others), row.failed)
        }
        return ([head] + lines + ["The bar: a p99 ratio of at most 2."]).joined(separator: "\n")
    }
}

/// Requests that are due at fixed times, each by whichever of some threads is free, with a
/// connection for each thread.
final class OpenLoop: Sendable {
    private let interval: Double
    private let count: Int
    private let threads: Int
    private let group = DispatchGroup()
    private let next = Atomic<Int>(0)
    private let failures = Atomic<Int>(0)

    init(perSecond: Double, seconds: Double, threads: Int) {
        interval = 1e9 / perSecond
        count = Int(perSecond * seconds)
        self.threads = threads
    }

    /// Every request is given the time it was due, in nanoseconds of `Core`.
    func begin(
        _ port: UInt16, at start: UInt64,
        _ request: @escaping @Sendable (HTTPTestClient, UInt64) throws -> Void
    ) {
        for _ in 0..<threads {
            group.enter()
            Thread.detachNewThread { [self] in
                let client = HTTPTestClient(port: port)
                while true {
                    let number = next.add(1, ordering: .relaxed).oldValue
                    guard number < count else { break }
                    let due = start + UInt64(Double(number) * interval)
                    let now = Core.nanoseconds()
                    if now < due { usleep(UInt32((due - now) / 1000)) }
                    client.headers["X-Forwarded-For"] = Self.network()
                    do {
                        try request(client, due)
                    } catch {
                        failures.add(1, ordering: .relaxed)
                    }
                }
                group.leave()
            }
        }
    }

    /// How many requests got no answer.
    func wait() -> Int {
        group.wait()
        return failures.load(ordering: .relaxed)
    }

    private static func network() -> String {
        "10.\(UInt8.random(in: 0 ... .max)).\(UInt8.random(in: 0 ... .max)).7"
    }
}
