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
        Command(
            "after-restore", "Voids the codes that an older state of the database forgot as used.",
            HostSettings.self, AfterRestore.run),
        Command(
            "discard-lost",
            "Deletes what lost keys have sealed: discard-lost \(DiscardLost.confirmation).",
            VerificationSettings.self, DiscardLost.run),
    ])
