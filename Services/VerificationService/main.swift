import Daemon
import Hosting
import RPC

Lifecycle.main(
    "verification-service", serve: Serve(VerificationSettings.self, VerificationServing.start),
    commands: [
        Command("migrate", "Brings the schema up to date.", MigrationSettings.self) {
            try await ServiceHost.migrate($0, schema: "verification", $1)
        },
        Command("health", "Asks the running service whether it serves.", HostSettings.self) {
            try await Health.check(.verification, $0, $1)
        },
    ])
