import Foundation

extension Installation {
    /// Sends a signal to a process that runs; to PostgreSQL's first process, SIGINT is a fast
    /// shutdown and SIGQUIT an immediate one.
    package func signal(_ name: Name, _ number: Int32) throws {
        let process = try process(name)
        guard Glibc.kill(process, number) == 0 else {
            throw Failed(description: "\(name.rawValue): \(String(cString: strerror(errno)))")
        }
    }

    /// Signals it to end and waits until it is gone; how many seconds that took.
    @discardableResult
    package func end(_ name: Name, by number: Int32, within seconds: Double) throws -> Double {
        let process = try process(name)
        let start = ContinuousClock.now
        try signal(name, number)
        while Self.lives(process) {
            guard Self.seconds(since: start) < seconds else {
                throw Failed(description: "\(name.rawValue) lives on after \(seconds) s")
            }
            usleep(1_000)
        }
        return Self.seconds(since: start)
    }

    /// SIGKILL to PostgreSQL and all its processes at once.
    package func killPostgres() throws {
        let main = try process(.postgres)
        for process in try [main] + PostgresCluster.children(of: main) {
            _ = Glibc.kill(process, SIGKILL)
        }
    }

    /// Nothing reaches PostgreSQL or comes from it any more, without a word to anybody, as when
    /// its machine is lost.
    package func cutOffPostgres() throws {
        for side in ["--dport", "--sport"] {
            let words = ["-A", "INPUT", "-p", "tcp", side, "\(try port("postgres"))", "-j", "DROP"]
            let outcome = try ChildProcess.run("/usr/sbin/iptables", words)
            guard outcome.status == 0 else { throw Failed(description: outcome.output) }
        }
    }

    package static func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start) / .seconds(1)
    }

    /// What `Services/up` gave the service when it started it.
    package func environment(of name: Name) throws -> [String: String] {
        let text = try String(
            contentsOfFile: file("run/\(name.rawValue).environment"), encoding: .utf8)
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        let inherited = ProcessInfo.processInfo.environment["PATH"].map { ["PATH": $0] } ?? [:]
        return inherited.merging(pairs) { _, later in later }
    }

    /// Starts a service's program beside `Services/up` and waits until it says that it is ready.
    package static func serve(
        _ name: Name, _ environment: [String: String], seconds: Double = 30
    ) throws -> ChildProcess {
        let program = name == .secondGateway ? Name.gateway.rawValue : name.rawValue
        let process = try ChildProcess(
            RepositoryRoot.binaries + "/" + program, ["serve"], environment: environment)
        let start = ContinuousClock.now
        while !process.output.contains("\"ready\"") {
            guard process.exitStatus == nil, Self.seconds(since: start) < seconds else {
                throw Failed(description: "\(name.rawValue): \(process.output)")
            }
            usleep(500)
        }
        return process
    }
}
