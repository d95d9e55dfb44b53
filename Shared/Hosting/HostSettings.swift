import Daemon
import Postgres
import RPC
import Reactor
import Wire

/// What every service is told: where it listens, who it is, where its database is. A service's
/// own settings hold these beside their own.
package struct HostSettings: Settings {
    package let rpcListen: SocketAddress
    package let operationsListen: SocketAddress
    package let trustDomain: String
    package let files: CertificateFiles
    package let database: String
    package let databasePassword: SecretText?
    package let databaseConnections: Int
    package let migrations: String

    /// The files of mutual TLS.
    package struct CertificateFiles: Sendable {
        package let certificate: String
        package let key: String
        package let authority: String
    }

    package init(_ reader: inout SettingsReader) {
        rpcListen = reader.address(
            "RPC_LISTEN", default: "127.0.0.1:9000", "Where binary RPC is served, by mutual TLS.")
        operationsListen = reader.address(
            "OPERATIONS_LISTEN", default: "127.0.0.1:9100",
            "Where /livez and /readyz are served, by plain HTTP; not for the outside.")
        trustDomain = Self.trustDomain(&reader)
        files = CertificateFiles(
            certificate: reader.path(
                "CERTIFICATE_FILE", "This service's certificate, PEM, with its chain."),
            key: reader.path("KEY_FILE", "The certificate's key, PEM, readable by us alone."),
            authority: reader.path(
                "AUTHORITY_FILE", "The installation's own certificate authority, PEM."))
        database = reader.text(
            "DATABASE", "How to reach PostgreSQL, as libpq writes it, without the password.")
        databasePassword = reader.optionalSecret(
            "DATABASE_PASSWORD", "The password of the service's database role.")
        databaseConnections = reader.integer(
            "DATABASE_CONNECTIONS", default: 2, in: 1...32, unit: "connections",
            "Database connections of each event loop.")
        migrations = reader.path(
            "MIGRATIONS", "The folder of the service's migrations, which must all be applied.")
    }

    static func trustDomain(_ reader: inout SettingsReader) -> String {
        reader.text(
            "TRUST_DOMAIN", default: "dubbelslot.internal", max: 255,
            "The domain in the services' identities, spiffe://<trust domain>/<service>.")
    }
}

/// What `migrate` is told beside: another role, which owns the schema.
package struct MigrationSettings: Settings {
    package let database: String
    package let password: SecretText?
    package let migrations: String

    package init(_ reader: inout SettingsReader) {
        database = reader.text(
            "MIGRATION_DATABASE",
            "How to reach PostgreSQL as the role that owns the schema, without the password.")
        password = reader.optionalSecret(
            "MIGRATION_DATABASE_PASSWORD", "The password of that role.")
        migrations = reader.path(
            "MIGRATIONS", "The folder of the service's migrations, which must all be applied.")
    }
}
