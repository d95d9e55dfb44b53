import Foundation

/// The unchanged docker-compose.yml as a project of its own in a container engine; gone, with
/// its volumes, when the last reference goes.
package final class ContainerInstallation: Sendable {
    /// Whether an engine answers on this machine, and compose is there.
    package static let canRun: Bool = {
        do {
            return try ["version", "compose version"].allSatisfy {
                try ChildProcess.run("bash", ["-c", "docker \($0)"], seconds: 20).status == 0
            }
        } catch {
            return false
        }
    }()

    package let port: UInt16
    private let environment: [String: String]

    /// The network namespace of an engine that is kept apart from the machine's own network:
    /// published ports answer there.
    private static let namespace = "/run/netns/engine"
    private static let buildSeconds: Double = 1800

    /// Builds, starts, and returns when all are healthy.
    /// - Parameter environmentFile: For `--env-file`, from the root of the repository.
    package init(environmentFile: String? = nil) throws {
        port = FreePort.take()
        var environment = ProcessInfo.processInfo.environment
        environment["COMPOSE_PROJECT_NAME"] = "dubbelslot-test-\(port)"
        environment["DUBBELSLOT_HTTP_PORT"] = String(port)
        if environmentFile != nil {
            environment["DUBBELSLOT_GATEWAY_PORT"] = String(FreePort.take())
        }
        environment["COMPOSE_ENV_FILES"] = environmentFile
        self.environment = environment
        let outcome = try run(
            "docker compose up --build --wait", seconds: Self.buildSeconds)
        guard outcome.status == 0 else {
            let logs = try run("docker compose logs --tail 20")
            throw ChildProcess.SpawnFailed(description: outcome.output + logs.output)
        }
    }

    deinit {
        do {
            _ = try run("docker compose down --volumes --rmi local --timeout 20", seconds: 120)
        } catch {
            FileHandle.standardError.write(Data("containers are left behind: \(error)\n".utf8))
        }
    }

    /// Runs a line of shell where docker-compose.yml is, for this project.
    package func run(_ line: String, seconds: Double = 120) throws -> ChildProcess.Outcome {
        try ChildProcess.run(
            "bash", ["-c", line], environment: environment, workingFolder: RepositoryRoot.path,
            seconds: seconds)
    }

    /// The same, where published ports answer, and with `more` in the environment.
    package func runOutside(
        _ script: String, _ more: [String: String], seconds: Double = 200
    ) throws -> ChildProcess.Outcome {
        let isApart = FileManager.default.fileExists(atPath: Self.namespace)
        let place = isApart ? ["nsenter", "--net=\(Self.namespace)"] : []
        return try ChildProcess.run(
            "env", place + ["bash", "-c", script],
            environment: environment.merging(more) { _, new in new },
            workingFolder: RepositoryRoot.path, seconds: seconds)
    }

    /// What a line of shell prints, without the end of its last line; nothing when it fails.
    package func output(_ line: String) throws -> String {
        let outcome = try run("{ \(line); } 2> /dev/null")
        return outcome.status == 0
            ? outcome.output.trimmingCharacters(in: .newlines) : ""
    }
}
