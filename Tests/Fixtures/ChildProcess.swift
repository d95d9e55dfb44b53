import Foundation

/// A program under test in a process group of its own. Whatever it started in that group ends
/// with it; it is ended when the last reference goes or the test process exits. What makes a
/// session of its own, as `Services/up` does for the services, is left alone. Its output goes
/// to one file.
///
/// `@unchecked Sendable`: `status` is only read and written under `changed`, the rest is `let`.
package final class ChildProcess: @unchecked Sendable {
    package struct SpawnFailed: Error, CustomStringConvertible {
        package let description: String
    }

    package struct Outcome: Sendable {
        /// The exit code, or 128 + the signal that ended it, as a shell counts.
        package let status: Int32
        package let output: String
    }

    package let identifier: Int32
    private let outputPath: String
    private let folder: TemporaryFolder?
    private let changed = NSCondition()
    private var status: Int32?

    /// Starts `program` (a path, or a name looked up in PATH). `environment` replaces the
    /// inherited one when given. Output goes to `output`, or to a file of its own.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        workingFolder: String? = nil, output: String? = nil
    ) throws {
        folder = output == nil ? TemporaryFolder("child") : nil
        outputPath = output ?? folder?.file("output") ?? "/dev/null"
        let place = workingFolder.map { ["env", "-C", $0] } ?? []
        identifier = try Self.spawn(
            place + [program] + arguments, environment ?? ProcessInfo.processInfo.environment,
            outputPath)
        Self.registry.add(identifier)
        let pid = identifier
        Thread.detachNewThread { [weak self] in
            // While its end is not collected its number cannot be another group's.
            var seen = siginfo_t()
            while waitid(P_PID, id_t(pid), &seen, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            kill(-pid, SIGKILL)
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            Self.registry.remove(pid)
            self?.finish(raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f))
        }
    }

    deinit {
        if exitStatus == nil { kill(-identifier, SIGKILL) }
    }

    /// nil while it runs.
    package var exitStatus: Int32? {
        changed.lock()
        defer { changed.unlock() }
        return status
    }

    /// Everything written to standard output and error so far.
    package var output: String {
        guard let data = FileManager.default.contents(atPath: outputPath) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Signals the program alone, not its group.
    package func signal(_ number: Int32) {
        if exitStatus == nil { kill(identifier, number) }
    }

    /// Blocks until it has ended; nil when `seconds` pass first.
    package func waitForExit(seconds: Double) -> Int32? {
        let limit = Date(timeIntervalSinceNow: seconds)
        changed.lock()
        defer { changed.unlock() }
        while status == nil {
            if !changed.wait(until: limit) { break }
        }
        return status
    }

    /// SIGTERM, then after `seconds` SIGKILL to the whole group. Returns the exit status.
    @discardableResult
    package func end(seconds: Double = 15) -> Int32 {
        signal(SIGTERM)
        if let status = waitForExit(seconds: seconds) { return status }
        kill(-identifier, SIGKILL)
        return waitForExit(seconds: 5) ?? 128 + SIGKILL
    }

    /// Runs a program to its end. Past `seconds` it is killed and the status is 137.
    package static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil,
        workingFolder: String? = nil, seconds: Double = 60
    ) throws -> Outcome {
        let child = try ChildProcess(
            program, arguments, environment: environment, workingFolder: workingFolder)
        let status = child.waitForExit(seconds: seconds) ?? child.end(seconds: 0)
        return Outcome(status: status, output: child.output)
    }

    private func finish(_ value: Int32) {
        changed.lock()
        status = value
        changed.broadcast()
        changed.unlock()
    }

    private static func spawn(
        _ words: [String], _ environment: [String: String], _ output: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        keepDescriptorsHome()

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for word in arguments + variables { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawnp(&pid, words[0], &actions, &attributes, &arguments, &variables)
        guard failure == 0 else {
            throw SpawnFailed(description: "\(words[0]): \(String(cString: strerror(failure)))")
        }
        return pid
    }

    /// Descriptors of other tests must not leak into a child, or their peers never see the end.
    private static func keepDescriptorsHome() {
        for number in 3..<Int32(min(sysconf(Int32(_SC_OPEN_MAX)), 4_096)) {
            let flags = fcntl(number, F_GETFD)
            if flags >= 0 { _ = fcntl(number, F_SETFD, flags | FD_CLOEXEC) }
        }
    }

    private static let registry = Registry()

    /// The groups still running, ended when the test process exits in an orderly way.
    ///
    /// `@unchecked Sendable`: `running` is only touched under `lock`.
    private final class Registry: @unchecked Sendable {
        private let lock = NSLock()
        private var running: Set<Int32> = []

        init() {
            atexit { ChildProcess.registry.endAll() }
        }

        func add(_ identifier: Int32) { lock.withLock { _ = running.insert(identifier) } }
        func remove(_ identifier: Int32) { lock.withLock { _ = running.remove(identifier) } }
        func endAll() { lock.withLock { for group in running { kill(-group, SIGKILL) } } }
    }
}
