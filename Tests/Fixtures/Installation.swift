import Foundation

/// The three real services with a PostgreSQL of their own, started by `Services/up` as an
/// operator starts them, from the executables of this build. It is stopped and removed when the
/// last reference goes or the test process ends.
package final class Installation: Sendable {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// What `Services/up` calls its processes.
    package enum Name: String, CaseIterable, Sendable {
        case postgres
        case verification = "verification-service"
        case policy = "policy-service"
        case gateway = "auth-gateway"
        case secondGateway = "auth-gateway-2"
    }

    /// The data folder of `Services/up`.
    package var data: String { folder + "/data" }
    package let initialPassword: String
    private let folder: String
    private let watchdog: Watchdog

    /// - Parameter settings: by process, further settings by full name, as in
    ///   `[.gateway: ["DUBBELSLOT_LOOPS": "1"]]`.
    /// - Parameter limited: Calls of one network are limited as they are for everybody.
    package init(
        gateways: Int = 2, settings: [Name: [String: String]] = [:], limited: Bool = false,
        initialPassword: String = "first and only once 7"
    ) throws {
        folder = TemporaryFolder.make("installation")
        self.initialPassword = initialPassword
        // PostgreSQL's own user has to get through.
        try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: folder)
        let password = folder + "/initial-password"
        try Data(initialPassword.utf8).write(to: URL(fileURLWithPath: password))
        try FileManager.default.createDirectory(
            atPath: folder + "/data/settings", withIntermediateDirectories: true)
        var settings = settings
        for name in [Name.gateway, .secondGateway] where !limited {
            settings[name, default: [:]].merge(Self.wideLimits) { given, _ in given }
        }
        for (name, values) in settings {
            let lines = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
            let file = URL(fileURLWithPath: folder + "/data/settings/\(name.rawValue)")
            try Data(lines.joined().utf8).write(to: file)
        }
        watchdog = try Watchdog(folder)
        try Self.run(
            folder + "/data",
            [
                "--binaries", RepositoryRoot.binaries, "--port", String(FreePort.take()),
                "--gateways", String(gateways),
            ], ["DUBBELSLOT_INITIAL_PASSWORD_FILE": password], seconds: 120)
    }

    /// All requests of a test come from one network, many more than people make, and at once.
    private static let wideLimits = [
        "NETWORK_CALLS_BURST", "NETWORK_CALLS_PER_MINUTE", "NETWORK_PASSWORDS_BURST",
        "NETWORK_PASSWORDS_PER_MINUTE", "PASSWORDS_BURST", "PASSWORDS_PER_MINUTE",
    ].reduce(into: ["DUBBELSLOT_NETWORK_CONNECTIONS": "10000"]) {
        $0["DUBBELSLOT_" + $1] = "100000"
    }

    /// A client with an empty cookie jar.
    package func client(of gateway: Name = .gateway) throws -> HTTPTestClient {
        HTTPTestClient(port: try port("\(gateway.rawValue).http"))
    }

    /// The port of `auth-gateway.http`, `policy-service.rpc` and so on, or of `postgres`.
    package func port(_ name: String) throws -> UInt16 {
        let lines = try read("installation").split(separator: "\n")
        for line in lines where line.hasPrefix(name + " ") {
            if let port = UInt16(line.dropFirst(name.count + 1)) { return port }
        }
        throw Failed(description: "no port of \(name)")
    }

    /// The path of `certificates/demo-caller.pem` and the like.
    package func file(_ name: String) -> String { data + "/" + name }

    /// In an orderly way, as an operator does.
    package func stop(_ names: Name...) throws {
        try Self.run(data, ["stop"] + names.map(\.rawValue))
    }

    /// Returns when they are ready.
    package func start(_ names: Name...) throws { try start(names) }

    /// In this order; whatever has to wait for another does.
    package func start(_ names: [Name]) throws {
        try Self.run(data, ["start"] + names.map(\.rawValue))
    }

    /// SIGKILL; returns when the process is gone, so that a start right after it does not take
    /// it for alive.
    package func kill(_ name: Name) throws {
        try end(name, by: SIGKILL, within: 5)
    }

    /// False for what is gone and for what only waits to be reaped.
    static func lives(_ process: Int32) -> Bool {
        guard let stat = FileManager.default.contents(atPath: "/proc/\(process)/stat") else {
            return false
        }
        let words = String(decoding: stat, as: UTF8.self).split(separator: ")").last ?? ""
        return words.split(separator: " ").first != "Z"
    }

    package func process(_ name: Name) throws -> Int32 {
        let words = try read("run/\(name.rawValue).pid").split(separator: " ")
        guard let first = words.first, let process = Int32(first) else {
            throw Failed(description: "\(name.rawValue) does not run")
        }
        return process
    }

    /// What the process has logged so far.
    package func log(_ name: Name) throws -> String {
        try read(name == .postgres ? "postgres/log" : "logs/\(name.rawValue).log")
    }

    /// Runs SQL as the superuser; rows as lines, columns separated by `|`.
    @discardableResult
    package func sql(_ text: String) throws -> String {
        try Self.run(data, ["psql", "-v", "ON_ERROR_STOP=1", "-Atqc", text])
    }

    private func read(_ name: String) throws -> String {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file(name)))
        return String(decoding: bytes, as: UTF8.self)
    }

    @discardableResult
    private static func run(
        _ data: String, _ words: [String], _ extra: [String: String] = [:], seconds: Double = 60
    ) throws -> String {
        var environment = ProcessInfo.processInfo.environment
        environment["DUBBELSLOT_DATA"] = data
        environment.merge(extra) { _, later in later }
        let outcome = try ChildProcess.run(
            RepositoryRoot.path("Services/up"), words, environment: environment, seconds: seconds)
        guard outcome.status == 0 else {
            throw Failed(
                description: "Services/up \(words.joined(separator: " ")): \(outcome.output)")
        }
        return outcome.output
    }

    /// A shell that stops the services and removes the folder as soon as the test process lets
    /// go of it or is gone, however that ended.
    ///
    /// `@unchecked Sendable`: only `deinit` touches the process, which is never shared.
    private final class Watchdog: @unchecked Sendable {
        private let process = Process()
        private let lifeline: Lifeline

        init(_ folder: String) throws {
            lifeline = try Lifeline()
            // A session of its own: what interrupts the tests must not interrupt it. Without
            // `--wait` a dead child would be left, at which Swift Testing's exit tests hang.
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            let script = #"cat; "$1" --data "$2/data" stop > /dev/null 2>&1; rm -rf "$2""#
            process.arguments = [
                "setsid", "--wait", "sh", "-c", script, "watchdog",
                RepositoryRoot.path("Services/up"), folder,
            ]
            process.standardInput = lifeline.watched
            try process.run()
        }

        deinit {
            close(lifeline.held)
            process.awaitEnd()
        }
    }
}
