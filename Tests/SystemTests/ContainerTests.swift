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

        try reload(containers)
        let folder = TemporaryFolder("walk")
        let walk = try walkOutside(containers, folder, try Self.readmeWalk())
        #expect(walk.filter { !$0.isWhitespace }.contains(#""enforcement":"everyone""#))

        try backUpAndRestore(containers, folder)
        // Of what is there after all that.
        let doctor = try containers.run("docker compose run --rm doctor")
        #expect(doctor.status == 0, "\(doctor.output)")
    }

    private static func readmeWalk() throws -> String {
        let readme = try String(contentsOfFile: RepositoryRoot.path("README.md"), encoding: .utf8)
        return WalkTests.lines(of: "sh", in: readme)
    }

    /// What lines of shell print that begin as the walk does, from outside of the containers.
    private func walkOutside(
        _ containers: ContainerInstallation, _ folder: TemporaryFolder, _ script: String
    ) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder.file("secrets"), withIntermediateDirectories: false)
        let password = try containers.output("docker compose run --rm prepare password")
        #expect(!password.isEmpty)
        try folder.write("secrets/initial-password", password)
        let outcome = try containers.runOutside(
            "set -eu\n" + script,
            [
                "DUBBELSLOT_URL": "http://localhost:\(containers.port)",
                "DUBBELSLOT_DATA": folder.path,
            ])
        #expect(outcome.status == 0, "\(outcome.output)")
        return outcome.output
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

    /// A process without rights reads again what it was told; elsewhere the tests may be root.
    private func reload(_ containers: ContainerInstallation) throws {
        for name in Self.services {
            let outcome = try containers.run(
                """
                docker compose kill -s HUP \(name)
                for _ in {1..60}; do
                    docker compose logs \(name) 2>&1 | grep -E '"(not_)?reloaded"' && break
                    sleep 0.5
                done
                """)
            #expect(outcome.output.contains("\"reloaded\""), "\(outcome.output)")
            #expect(!outcome.output.contains("not_reloaded"), "\(outcome.output)")
        }
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

    @Test func `two of each come up, and the standby goes on where the database is lost`() throws {
        let containers = try ContainerInstallation(
            environmentFile: "Services/Operations/scale.env")
        #expect(try followers(of: "database", containers) == "standby|sync")
        #expect(try frontPage(containers) == "200")
        let users = "psql -U postgres -d dubbelslot -Atc 'SELECT count(*) FROM auth.users'"
        let remove = try containers.run("docker compose rm --stop --force database")
        #expect(remove.status == 0, "\(remove.output)")

        let other = "DUBBELSLOT_PRIMARY=database-standby docker compose"
        let promote = try containers.run("\(other) up --no-deps --wait database-standby")
        #expect(promote.status == 0, "\(promote.output)")
        // What has written does not write again beside it.
        _ = try containers.run("\(other) up --no-deps -d database")
        let refusal = try containers.run(
            """
            for _ in {1..60}; do
                if docker compose logs database 2>&1 | grep 'it has written'; then break; fi
                sleep 0.5
            done
            """)
        #expect(refusal.output.contains("database-standby is the primary"), "\(refusal.output)")
        let copy = try containers.run(
            """
            docker compose rm --stop --force database &&
                docker volume rm "${COMPOSE_PROJECT_NAME}_database" && \(other) up --wait
            """, seconds: 300)
        #expect(copy.status == 0, "\(copy.output)")
        #expect(try followers(of: "database-standby", containers) == "standby|sync")
        let exec = "docker compose exec -T"
        #expect(try containers.output("\(exec) database-standby \(users)") == "1")
        #expect(try containers.output("\(exec) database \(users)") == "1")
        #expect(try frontPage(containers) == "200")
    }

    private func followers(
        of database: String, _ containers: ContainerInstallation
    ) throws -> String {
        try containers.output(
            """
            docker compose exec -T \(database) psql -U postgres -Atc \
                "SELECT application_name, sync_state FROM pg_stat_replication"
            """)
    }

    private func frontPage(_ containers: ContainerInstallation) throws -> String {
        try containers.runOutside(
            "curl -sS -o /dev/null -w '%{http_code}' http://localhost:\(containers.port)/", [:]
        ).output
    }

    @Test func `the sample is told who comes, and mail is there to be read`() throws {
        let containers = try ContainerInstallation(environmentFile: "Services/Operations/demo.env")
        // As far as the administrator's first session.
        let walk = try Self.readmeWalk()
        let end = try #require(walk.range(of: "call AccountService/SignOut"))
        let host = "sample.localhost:\(containers.port)"
        let sample = "curl -sS --resolve \(host):127.0.0.1 http://\(host)/"
        let output = try walkOutside(
            containers, TemporaryFolder("demo"),
            walk[..<end.lowerBound] + """
                call AdminService/InviteUser '{"userName": "carol", "displayName": "Carol",
                    "email": "carol@example.org"}'
                \(sample) -o /dev/null -w 'to a stranger: %{redirect_url}\n'
                \(sample) -H "Authorization: Bearer $token"
                """)
        #expect(output.contains("to a stranger: http://\(host)/.dubbelslot/start?to=/"))
        #expect(output.contains("Hello, admin"), "\(output)")
        let mail = try containers.run(
            """
            for _ in {1..60}; do
                if docker compose logs mail-catcher 2>&1 | grep 'To: carol@example.org'; then
                    break
                fi
                sleep 0.5
            done
            """)
        #expect(mail.output.contains("carol@example.org"))
    }
}
