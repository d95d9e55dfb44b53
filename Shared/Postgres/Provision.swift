/// What a superuser prepares once in a database, so that each service reaches its own schema and
/// nothing else: for the schema `auth` the role `dubbelslot_auth_owner`, which owns it and
/// migrates, and the role `dubbelslot_auth`, under which the service runs. What the latter may do
/// with each table stands in the migration that makes the table.
package enum Provision {
    /// The schemas of the services.
    package static let schemas = ["auth", "verification", "policy"]

    /// SQL for one schema, which can be run again. Roles have no password: one is set beside it,
    /// or the server knows them by certificate or by their account on the machine.
    /// - Parameter schema: A plain name, so that it is safe in the text.
    package static func sql(schema: String) -> String {
        precondition(ConnectionSettings.isPlainName(schema), "a schema has a plain name")
        let role = "dubbelslot_\(schema)"
        let owner = "\(role)_owner"
        return """
            \(makeRole(role, "CONNECTION LIMIT 200"))
            \(makeRole(owner, "CONNECTION LIMIT 5"))
            DO $$ BEGIN
                EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
                EXECUTE format('GRANT CONNECT ON DATABASE %I TO \(role), \(owner)',
                    current_database());
            END $$;
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            CREATE SCHEMA IF NOT EXISTS \(schema) AUTHORIZATION \(owner);
            REVOKE ALL ON SCHEMA \(schema) FROM PUBLIC;
            GRANT USAGE ON SCHEMA \(schema) TO \(role);
            ALTER DEFAULT PRIVILEGES FOR ROLE \(owner) REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

            """
    }

    /// Roles belong to the whole server, so another database's provision may make them first.
    private static func makeRole(_ name: String, _ limit: String) -> String {
        """
        DO $$ BEGIN
            CREATE ROLE \(name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$;
        ALTER ROLE \(name) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION
            NOBYPASSRLS \(limit);
        """
    }
}
