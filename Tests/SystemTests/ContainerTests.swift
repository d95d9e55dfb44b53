import Fixtures
import Foundation
import Testing

/// The unchanged docker-compose.yml in a real engine. Where none runs, TidyTests and the tests of
/// each service's settings still read the files.
@Suite(
    .serialized,
    .enabled(
        if: ContainerInstallation.canRun, "no container engine answers: only files are checked"))
struct ContainerTests {
    private static let services = ["auth-gateway", "verification-service", "policy-service"]
    private static let imageBytesMax = 60_000_000

    @Test func `compose comes up healthy and the walk of the README works`() throws {
        let containers = try ContainerInstallation()
        for name in Self.services { try examine(name, containers) }

        let folder = TemporaryFolder("walk")
        try FileManager.default.createDirectory(
            atPath: folder.file("secrets"), withIntermediateDirectories: false)
        let password = try containers.output("docker compose run --rm prepare password")
        #expect(!password.isEmpty)
        try folder.write("secrets/initial-password", password)
        let readme = try String(contentsOfFile: RepositoryRoot.path("README.md"), encoding: .utf8)
        let walk = try containers.runOutside(
            "set -eu\n" + WalkTests.lines(of: "sh", in: readme),
            [
                "DUBBELSLOT_URL": "http://localhost:\(containers.port)",
                "DUBBELSLOT_DATA": folder.path,
            ])
        #expect(walk.status == 0, "\(walk.output)")
        #expect(walk.output.filter { !$0.isWhitespace }.contains(#""enforcement":"everyone""#))

        try backUpAndRestore(containers, folder)
        // Of what is there after all that.
        let doctor = try containers.run("docker compose run --rm doctor")
        #expect(doctor.status == 0, "\(doctor.output)")
    }

    /// A small image without a shell, a number as user, a root that cannot be written.
    private func examine(_ name: String, _ containers: ContainerInstallation) throws {
        let id = try containers.output("docker compose ps -q \(name)")
        #expect(!id.isEmpty, "\(name) does not run")
        let image = try containers.output(
            "docker image inspect -f '{{.Size}}' $(docker inspect -f '{{.Image}}' \(id))")
        let size = try #require(Int(image), "\(image)")
        #expect(size <= Self.imageBytesMax, "the image of \(name) has \(size) bytes")
        let shape = try containers.output(
            "docker inspect -f '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}' \(id)")
        #expect(shape == "10001:10001 true", "\(name): \(shape)")

        let files = try containers.output("docker export \(id) | tar -t").split(separator: "\n")
        #expect(files.contains("app/\(name)"))
        let programs: Set<Substring> = ["sh", "bash", "dash", "busybox", "ls", "cat", "perl"]
        let found = files.filter { programs.contains($0.split(separator: "/").last ?? "") }
        #expect(found.isEmpty, "\(name): \(found)")
        let shell = try containers.run("docker exec \(id) sh -c true")
        #expect(shell.status != 0)
        let secrets = try containers.output("docker inspect -f '{{.Config.Env}}' \(id)")
        #expect(!secrets.isEmpty && !secrets.contains("PASSWORD="), "\(name)")
    }

    /// After a restore no session of the backup is left, and people sign in again.
    private func backUpAndRestore(
        _ containers: ContainerInstallation, _ folder: TemporaryFolder
    ) throws {
        let file = folder.file("backup.dump")
        let query = "docker compose exec -T database psql -U postgres -d dubbelslot -Atc"
        let live = """
            \(query) "SELECT count(*) FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
                WHERE s.ended_at IS NULL AND u.epoch = s.user_epoch"
            """
        #expect(try containers.output(live) != "0")
        let made = try containers.run("Services/Operations/backup make \(file)")
        #expect(made.status == 0, "\(made.output)")
        let restored = try containers.run(
            "Services/Operations/backup restore \(file)", seconds: 300)
        #expect(restored.status == 0, "\(restored.output)")
        #expect(try containers.output(live) == "0")
        #expect(try containers.output("\(query) 'SELECT count(*) FROM auth.users'") == "2")
        let health = try containers.run(
            "docker compose exec auth-gateway /app/auth-gateway health")
        #expect(health.status == 0, "\(health.output)")
    }

    @Test func `two of each come up behind a balancer, and the standby has all there is`() throws {
        let containers = try ContainerInstallation(
            environmentFile: "Services/Operations/scale.env")
        let state = try containers.output(
            """
            docker compose exec -T database psql -U postgres -Atc \
                "SELECT application_name, sync_state FROM pg_stat_replication"
            """)
        #expect(state == "standby|sync")
        let ready = try containers.runOutside(
            "curl -sS -o /dev/null -w '%{http_code}' http://localhost:\(containers.port)/", [:])
        #expect(ready.output == "200", "\(ready.output)")
    }
}
