import Foundation

/// A PostgreSQL of the tests' own, with `fsync` and `synchronous_commit` on as in earnest, in a
/// folder that disappears with the test process however that ends.
///
/// Roles: `postgres` is the superuser. Over the Unix socket everybody is trusted; over TCP a
/// password (SCRAM) is asked, so that both ways can be tested.
///
/// `@unchecked Sendable`: the stored properties do not change after `init`, and the commands run
/// under a lock.
package final class PostgresCluster: @unchecked Sendable {
    /// The folder of the Unix socket.
    package let socketFolder: String
    /// The port on 127.0.0.1, also part of the socket's name.
    package let port: UInt16

    private let folder: String
    private let binaries: String
    private let account: String?
    private let lock = NSLock()
    private let watchdog = Process()
    /// The watchdog stops the server when this end closes, and the kernel closes it for us.
    private let lifeline: Int32

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let one = Result { try PostgresCluster() }
    private static let databaseNumbers = Numbers()

    /// The cluster all tests of this process share; started by the first who asks.
    package static func shared() throws -> PostgresCluster { try one.get() }

    /// A cluster for a test that breaks it.
    package static func start() throws -> PostgresCluster { try PostgresCluster() }

    private init() throws {
        binaries = try Self.findBinaries()
        account = getuid() == 0 ? try Self.unprivilegedAccount() : nil
        folder = try Self.makeFolder(ownedBy: account)
        socketFolder = folder
        port = FreePort.take()
        let line = try Lifeline()
        lifeline = line.held
        try startWatchdog(readingFrom: line.watched)
        try initialise()
        try restart()
    }

    /// Ends the cluster and removes its folder; the shared one needs no call.
    package func stop() {
        lock.withLock {
            close(lifeline)
            watchdog.awaitEnd()
        }
    }

    // MARK: Databases

    /// A fresh database; its name. `provision` runs in it as the superuser; a `template` made
    /// before saves running it (and the migrations) each time.
    package func makeDatabase(
        provision: String = "", template: String? = nil
    ) throws -> String {
        let name = "test_\(getpid())_\(Self.databaseNumbers.next())"
        try run("CREATE DATABASE \(name) TEMPLATE \(template ?? "template0")")
        if !provision.isEmpty { try run(provision, database: name) }
        return name
    }

    /// A fresh database with the schemas and roles of the services, made by the same script as in
    /// earnest; still without tables.
    package func makeServiceDatabase() throws -> String {
        let name = try makeDatabase()
        var script = try String(
            contentsOfFile: RepositoryRoot.path + "/Services/database.sql", encoding: .utf8)
        script.replace("DATABASE dubbelslot", with: "DATABASE \(name)")
        // The limits are meant for one installation, not for many tests side by side.
        script.replace(/CONNECTION LIMIT \d+/, with: "CONNECTION LIMIT -1")
        let variables = ["auth", "verification", "policy"].map { schema in
            "\\set \(schema)_password \(Self.password)\n"
                + "\\set \(schema)_owner_password \(Self.password)\n"
        }
        // Roles belong to the whole server, and two scripts at once would trip over them.
        try lock.withLock { _ = try run(variables.joined() + script, database: name) }
        return name
    }

    /// The password of every role of the services, where one is asked: over TCP.
    package static let password = "only-for-tests"

    /// A connection string over the Unix socket, where nobody is asked for a password.
    package func connection(database: String, user: String = "postgres") -> String {
        "host=\(socketFolder) port=\(port) dbname=\(database) user=\(user)"
    }

    /// Runs SQL as the superuser through psql, each statement by itself; what it printed,
    /// unaligned and without headers.
    @discardableResult
    package func run(_ sql: String, database: String = "postgres") throws -> String {
        let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", socketFolder]
        let scripts = TemporaryFolder("sql")
        let script = try scripts.write("script.sql", sql)
        let target = ["-p", "\(port)", "-U", "postgres", "-d", database, "-f", script]
        return try Self.output(asAccount: nil, "\(binaries)/psql", arguments + target)
    }

    // MARK: Breaking it

    /// SIGKILL to the server and all its processes at once, as when the power fails (but for the
    /// kernel's own memory, which survives).
    package func kill() throws {
        try lock.withLock {
            let text = try String(contentsOfFile: "\(data)/postmaster.pid", encoding: .utf8)
            guard let main = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else {
                throw Failure(description: "no postmaster.pid")
            }
            let all = try [main] + Self.children(of: main)
            for process in all { _ = Glibc.kill(process, SIGKILL) }
            while all.contains(where: { Glibc.kill($0, 0) == 0 && !Self.isZombie($0) }) {
                usleep(1000)
            }
        }
    }

    /// Starts the server after `kill` or `shutDown` and waits until it takes connections. Tried
    /// several times: a process born while its parent was killed holds the old one's memory for
    /// a moment.
    package func restart() throws {
        try lock.withLock {
            for _ in 0..<20 where try control("start", ["-w", "-t", "60", "-l", "\(folder)/log"]) {
                return
            }
            throw Failure(description: "the server does not start: \(try serverLog())")
        }
    }

    /// An orderly fast shutdown; `restart` brings it back.
    package func shutDown() throws {
        try lock.withLock {
            guard try control("stop", ["-m", "fast", "-w"]) else {
                throw Failure(description: "the server does not stop: \(try serverLog())")
            }
        }
    }

    /// What the server wrote to its log.
    package func serverLog() throws -> String {
        try String(contentsOfFile: "\(folder)/log", encoding: .utf8)
    }

    // MARK: Setting up

    private var data: String { "\(folder)/data" }

    /// True when pg_ctl did what it was told.
    private func control(_ verb: String, _ arguments: [String]) throws -> Bool {
        let words =
            Self.prefix(asAccount: account) + ["\(binaries)/pg_ctl", verb, "-D", data, "-s"]
        let outcome = try ChildProcess.run(
            words[0], Array(words.dropFirst()) + arguments, workingFolder: "/", seconds: 120)
        return outcome.status == 0
    }

    private func initialise() throws {
        let arguments = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]
        _ = try Self.output(
            asAccount: account, "\(binaries)/initdb", arguments + ["--locale=C.UTF-8"])
        let settings = """
            listen_addresses = '127.0.0.1'
            port = \(port)
            unix_socket_directories = '\(folder)'
            max_connections = 200
            shared_buffers = 32MB
            fsync = on
            synchronous_commit = on
            log_min_messages = warning

            """
        try append(settings, to: "\(data)/postgresql.conf")
        let access = """
            local all all trust
            host all all 127.0.0.1/32 scram-sha-256

            """
        try access.write(toFile: "\(data)/pg_hba.conf", atomically: false, encoding: .utf8)
    }

    private func append(_ text: String, to path: String) throws {
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw Failure(description: "cannot write \(path)")
        }
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
        try file.close()
    }

    /// A shell that waits for the end of its input, which comes when this process closes its end
    /// or dies in any way, then stops the server and removes the folder. In a session of its own,
    /// so that Ctrl-C does not reach it.
    private func startWatchdog(readingFrom input: FileHandle) throws {
        let prefix = Self.prefix(asAccount: account).joined(separator: " ")
        let script = """
            cat >/dev/null
            \(prefix) '\(binaries)/pg_ctl' stop -D '\(data)' -m immediate -s
            rm -rf '\(folder)'
            """
        watchdog.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        watchdog.arguments = ["--wait", "/bin/sh", "-c", script]
        watchdog.currentDirectoryURL = URL(fileURLWithPath: "/")
        watchdog.standardInput = input
        watchdog.standardOutput = FileHandle.nullDevice
        watchdog.standardError = FileHandle.nullDevice
        try watchdog.run()
    }

    package static func findBinaries() throws -> String {
        let root = "/usr/lib/postgresql"
        let manager = FileManager.default
        let isThere = manager.fileExists(atPath: root)
        let versions = isThere ? try manager.contentsOfDirectory(atPath: root) : []
        guard let newest = versions.compactMap(Int.init).max() else {
            throw Failure(description: "no PostgreSQL server below \(root)")
        }
        return "\(root)/\(newest)/bin"
    }

    /// The server refuses to run as root.
    static func unprivilegedAccount() throws -> String {
        for name in ["postgres", "nobody"] where getpwnam(name) != nil { return name }
        throw Failure(description: "no unprivileged account to run PostgreSQL under")
    }

    private static func makeFolder(ownedBy account: String?) throws -> String {
        // Short, because the path of a socket has at most 107 bytes.
        var template = Array((NSTemporaryDirectory() + "/dubbelslot-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure(description: "no folder") }
        let path = URL(fileURLWithPath: String(cString: made)).resolvingSymlinksInPath().path
        if let account, let entry = getpwnam(account) {
            guard chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
                throw Failure(description: "cannot give \(path) to \(account)")
            }
        }
        return path
    }

    // MARK: Processes

    private static func prefix(asAccount account: String?) -> [String] {
        account.map { ["/usr/sbin/runuser", "-u", $0, "--"] } ?? []
    }

    private static func output(
        asAccount account: String?, _ program: String, _ arguments: [String]
    ) throws -> String {
        let words = prefix(asAccount: account) + [program] + arguments
        let outcome = try ChildProcess.run(
            words[0], Array(words.dropFirst()), workingFolder: "/", seconds: 120)
        guard outcome.status == 0 else {
            throw Failure(description: "\(words): \(outcome.status): \(outcome.output)")
        }
        return outcome.output.trimmingCharacters(in: .newlines)
    }

    static func children(of parent: pid_t) throws -> [pid_t] {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        return names.compactMap(pid_t.init).filter { status(of: $0)?.parent == parent }
    }

    private static func isZombie(_ process: pid_t) -> Bool {
        status(of: process).map { $0.state == "Z" } ?? true
    }

    /// From /proc/PID/stat: `pid (name) state parent …`, where the name may hold anything.
    private static func status(of process: pid_t) -> (state: Substring, parent: pid_t)? {
        // A process may end while it is looked at; then there is nothing to read.
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/stat"),
            case let text = String(decoding: bytes, as: UTF8.self),
            let bracket = text.lastIndex(of: ")")
        else { return nil }
        let words = text[text.index(after: bracket)...].split(separator: " ")
        guard words.count > 1, let parent = pid_t(words[1]) else { return nil }
        return (words[0], parent)
    }
}

/// Numbers that are given out once each.
///
/// `@unchecked Sendable`: the count is touched only under the lock.
private final class Numbers: @unchecked Sendable {
    private var count = 0
    private let lock = NSLock()

    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
