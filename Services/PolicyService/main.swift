import Daemon
import Hosting
import RPC

Lifecycle.main(
    "policy-service", serve: Serve(PolicySettings.self, PolicyServing.start),
    commands: [
        Command("migrate", "Brings the schema up to date.", MigrationSettings.self) {
            try await ServiceHost.migrate($0, schema: "policy", $1)
        },
        Command("health", "Asks the running service whether it serves.", HostSettings.self) {
            try await Health.check(.policy, $0, $1)
        },
        Command(
            "after-restore", "Takes back what an older state of the database has waiting.",
            PolicySettings.self, AfterRestore.run),
    ])
