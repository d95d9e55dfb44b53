import Postgres

/// The audit's table, the same in every service's schema: the migrations that make it repeat
/// these texts, and a test of the service compares.
///
/// Rows are only ever added: the service's role may insert the columns of a decision and read,
/// nothing else; who writes the columns of the chain is a role of its own. `sealed_at`,
/// `previous_digest` and `digest` wait for the sealer, which chains rows after their commit so
/// that decisions do not queue up for one another; it reads them in the order of `id`.
package enum AuditTable {
    /// - Parameter role: The service's role, for example `dubbelslot_auth`.
    package static func sql(role: String) -> String {
        """
        CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            event text NOT NULL CHECK (event ~ '^[a-z_]{1,64}$'),
            actor uuid,
            subject uuid,
            request_id bytea CHECK (octet_length(request_id) = 16),
            source text NOT NULL CHECK (octet_length(source) <= 256),
            payload jsonb NOT NULL DEFAULT '{}',
            sealed_at timestamptz,
            previous_digest bytea CHECK (octet_length(previous_digest) = 32),
            digest bytea CHECK (octet_length(digest) = 32),
            CHECK ((sealed_at IS NULL) = (digest IS NULL))
        );
        CREATE INDEX audit_subject ON audit (subject, id) WHERE subject IS NOT NULL;
        CREATE INDEX audit_unsealed ON audit (id) WHERE sealed_at IS NULL;
        GRANT SELECT ON audit TO \(role);
        GRANT INSERT (event, actor, subject, request_id, source, payload) ON audit TO \(role);

        """
    }

    /// What it takes to read the audit a page at a time, however long it has grown. A later
    /// migration than the one that makes the table.
    package static let indexes = """
        DROP INDEX audit_subject;
        DROP INDEX IF EXISTS audit_actor;
        CREATE INDEX audit_at ON audit (at, id);
        CREATE INDEX audit_event ON audit (event, at, id);
        CREATE INDEX audit_subject ON audit (subject, at, id) WHERE subject IS NOT NULL;
        CREATE INDEX audit_actor ON audit (actor, at, id) WHERE actor IS NOT NULL;

        """
}
