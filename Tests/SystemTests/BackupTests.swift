import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// `Services/Operations/backup` as an operator runs it. Where it calls compose, a script does
    /// the same with an installation that is not in containers.
    @Suite struct BackupTests {
        private let folder = TemporaryFolder("backup")
        private let system: System
        private let installation: Installation

        init() throws {
            system = try System()
            installation = system.installation
            try FileManager.default.createDirectory(
                atPath: folder.file("bin"), withIntermediateDirectories: true)
            try folder.write("bin/docker", Self.compose, mode: 0o700)
        }

        private static let compose = #"""
            #!/usr/bin/env bash
            set -euo pipefail
            export PGHOST=127.0.0.1 PGPORT PGPASSWORD
            PGPORT=$(sed -n 's/^postgres //p' "$DATA/installation")
            PGPASSWORD=$(< "$DATA/secrets/postgres.password")
            services=(verification-service policy-service auth-gateway auth-gateway-2)
            roles() {
                for name in {auth,verification,policy}{,-owner}; do
                    echo "\\set ${name//-/_}_password '$(< "$DATA/secrets/$name.password")'"
                done
                cat "$ROOT/Services/database.sql"
            }
            migrate() { # SCHEMA SERVICE FOLDER
                place="host=127.0.0.1 port=$PGPORT dbname=dubbelslot user=dubbelslot_$1_owner"
                env -i DUBBELSLOT_MIGRATION_DATABASE="$place" \
                    DUBBELSLOT_MIGRATION_DATABASE_PASSWORD_FILE="$DATA/secrets/$1-owner.password" \
                    DUBBELSLOT_MIGRATIONS="$ROOT/Services/$3/Migrations" "$BINARIES/$2" migrate
            }
            case "$*" in
                "compose exec -T database "*) shift 4; PATH=$PROGRAMS:$PATH "$@" ;;
                "compose config --services") printf '%s\n' database roles "${services[@]}" ;;
                "compose stop "*) shift 2; "$ROOT/Services/up" --data "$DATA" stop "$@" ;;
                "compose run --rm --no-deps roles") roles | psql -X -q -U postgres -d dubbelslot ;;
                *" migrate-gateway") migrate auth auth-gateway AuthGateway ;;
                *" migrate-policy") migrate policy policy-service PolicyService ;;
                *" migrate-verification")
                    migrate verification verification-service VerificationService
                    ;;
                "compose run --rm --no-deps "*)
                    shift 4
                    "$ROOT/Services/up" --data "$DATA" run "$@"
                    ;;
                "compose up --wait")
                    "$ROOT/Services/up" --data "$DATA" start "${services[@]}"
                    ;;
                *) echo "unexpected: $*" >&2; exit 9 ;;
            esac

            """#

        private func backup(_ words: String...) throws {
            var environment = ProcessInfo.processInfo.environment
            environment["PATH"] = "\(folder.file("bin")):\(environment["PATH"] ?? "")"
            environment["ROOT"] = RepositoryRoot.path
            environment["DATA"] = installation.data
            environment["BINARIES"] = RepositoryRoot.binaries
            environment["PROGRAMS"] = try PostgresCluster.findBinaries()
            let outcome = try ChildProcess.run(
                RepositoryRoot.path("Services/Operations/backup"), words,
                environment: environment, seconds: 240)
            #expect(outcome.status == 0, "\(words): \(outcome.output)")
        }

        @Test func `D-10 a database that was set back opens nothing that was used or ended since`()
            throws
        {
            let person = try system.person()
            var client = try installation.client()
            let unfinished = try person.start(client)
            let file = folder.file("dump")
            try backup("make", file)
            let rights = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(rights as? Int == 0o600)

            let code = try person.code()
            let ticket = try person.start(client)
            let done = try person.complete(client, ticket, code)
            let token = try #require(done.string("signedIn", "session", "token"), "\(done.text)")
            #expect(try person.call(client, "AccountService/SignOut").status == 200)
            let later = try system.initialPassword(of: "later")
            try backup("restore", file)
            client = try installation.client()

            // Open when the backup was made, and ended since; then one that the backup lacks.
            for token in [person.token, token, system.administrator.token] {
                client.headers["Authorization"] = "Bearer \(token)"
                #expect(try client.call("AccountService/Get").reason == "not_signed_in")
            }
            client.headers["Authorization"] = nil
            let finished = try person.complete(client, unfinished, code)
            #expect(finished.reason == "sign_in_expired", "\(finished.text)")
            let again = try person.complete(client, try person.start(client), code)
            #expect(["code_used", "code_wrong"].contains(again.reason), "\(again.text)")
            let gone = try client.call(
                "SignInService/Start", json(["identifier": "later", "password": later]))
            #expect(gone.reason == "password_wrong", "\(gone.text)")

            // As if the steps that count as used had passed.
            try system.rewind(person)
            try system.rewind(person)
            let ticketAfter = try person.start(client)
            let fresh = try person.complete(client, ticketAfter, try person.code())
            #expect(fresh.status == 200, "\(fresh.text)")
        }
    }
}
