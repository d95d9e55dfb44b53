import Foundation
import Glibc

/// A synchronous standby of an installation's PostgreSQL: what the primary acknowledges, this one
/// has too. Made as `Services/Operations/database` makes it.
package final class PostgresStandby: Sendable {
    package let port = FreePort.take()
    private let installation: Installation
    private let folder: String
    private let binaries: String
    private let account: [String]
    private let process: ChildProcess

    /// Returns when nothing is acknowledged any more that it does not have.
    package init(of installation: Installation) throws {
        self.installation = installation
        binaries = try PostgresCluster.findBinaries()
        folder = installation.data + "/standby"
        account = try Self.prepare(folder)
        let place = "host=127.0.0.1 port=\(try installation.port("postgres"))"
        try Self.run(
            account + ["\(binaries)/pg_basebackup", "-R", "-X", "stream", "-c", "fast"]
                + ["-D", folder, "-d", "\(place) user=postgres application_name=standby"],
            installation)
        // The copy of a primary that waits for a standby must not wait for itself.
        let settings = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/\(Self.own)"))
        try settings.seekToEnd()
        try settings.write(contentsOf: Data("synchronous_standby_names = ''\n".utf8))
        try settings.close()
        let words =
            account + ["\(binaries)/postgres", "-D", folder]
            + [
                "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=",
                "max_connections=200", "shared_buffers=64MB",
            ].flatMap { ["-c", $0] }
        process = try ChildProcess(words[0], Array(words.dropFirst()), workingFolder: "/")
        try installation.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        try installation.sql("SELECT pg_reload_conf()")
        try awaitState("sync")
    }

    deinit { process.end(seconds: 10) }

    /// The settings that `ALTER SYSTEM` writes.
    private static let own = "postgresql.auto.conf"

    private func awaitState(_ state: String) throws {
        let question = """
            SELECT count(*) FROM pg_stat_replication
            WHERE application_name = 'standby' AND sync_state = '\(state)'
            """
        for _ in 0..<300 where try !installation.sql(question).hasPrefix("1") {
            guard process.exitStatus == nil else { break }
            usleep(100_000)
        }
        guard try installation.sql(question).hasPrefix("1") else {
            throw Installation.Failed(description: "no standby: \(process.output)")
        }
    }

    /// Makes it the primary; returns when it writes.
    package func promote() throws {
        try Self.run(
            account + ["\(binaries)/pg_ctl", "promote", "-s", "-w", "-D", folder], installation)
    }

    /// Runs SQL as the superuser; rows as lines, columns separated by `|`.
    @discardableResult
    package func sql(_ text: String) throws -> String {
        let words = ["\(binaries)/psql", "-X", "-h", "127.0.0.1", "-p", "\(port)"]
        let more = ["-U", "postgres", "-d", "dubbelslot", "-v", "ON_ERROR_STOP=1", "-Atqc", text]
        return try Self.run(words + more, installation)
    }

    @discardableResult
    private static func run(_ words: [String], _ installation: Installation) throws -> String {
        let password = try String(
            contentsOfFile: installation.file("secrets/postgres.password"), encoding: .utf8)
        var environment = ProcessInfo.processInfo.environment
        environment["PGPASSWORD"] = password.trimmingCharacters(in: .newlines)
        let outcome = try ChildProcess.run(
            words[0], Array(words.dropFirst()), environment: environment, workingFolder: "/",
            seconds: 120)
        guard outcome.status == 0 else {
            throw Installation.Failed(description: "\(words): \(outcome.output)")
        }
        return outcome.output
    }

    /// Makes the folder of whom the server runs as; the words that make a program run so.
    private static func prepare(_ folder: String) throws -> [String] {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700])
        guard getuid() == 0 else { return ["/usr/bin/env"] }
        let name = try PostgresCluster.unprivilegedAccount()
        guard let entry = getpwnam(name),
            chown(folder, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0
        else { throw Installation.Failed(description: "cannot give \(folder) to \(name)") }
        return ["/usr/bin/setpriv", "--reuid", name, "--regid", name, "--init-groups"]
    }
}
