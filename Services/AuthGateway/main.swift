import Daemon
import Hosting

Lifecycle.main(
    "auth-gateway", serve: Serve(GatewaySettings.self, GatewayServing.start),
    commands: [
        Command("migrate", "Brings the schema up to date.", MigrationSettings.self) {
            try await ServiceHost.migrate($0, schema: "auth", $1)
        },
        Command("health", "Asks the running gateway whether it is ready.", GatewaySettings.self) {
            try await Health.check("/readyz", at: $0.host.operationsListen, $1)
        },
        Command(
            "create-admin", "Makes the first administrator: create-admin --name NAME.",
            CreateAdministratorSettings.self, CreateAdministrator.run),
        Command(
            "restore-admin",
            "Unbinds all of an administrator who lost it: restore-admin --name NAME.",
            GatewaySettings.self, RestoreAdministrator.run),
        Command(
            "after-restore", "Ends all that an older state of the database has open again.",
            HostSettings.self, AfterRestore.run),
        Command(
            "import-users", "Brings users of another system: \(ImportOptions.usage).",
            GatewaySettings.self, ImportUsers.run),
        Command(
            "certificates", "Makes and renews certificates: \(CertificateOptions.usage).",
            CertificatesSettings.self, Certificates.run),
        Command(
            "doctor", "Proves on the running system that it is set up safely.",
            DoctorSettings.self, Doctor.run),
    ])
