import Contracts
import Crypto
import Daemon
import Postgres
import Wire

/// What the doctor asks of a database. Whatever role it has may ask all but `sealing`.
struct DoctorDatabase: Sendable {
    let pool: ConnectionPool

    /// By how much the database's clock is ahead of ours; half of the way there and back is
    /// taken off.
    func clockSkew(_ clock: WallClock) async throws -> Duration {
        let before = clock.now()
        let rows = try await pool.query("SELECT clock_timestamp()")
        let after = clock.now()
        let theirs = try rows.first?.decode(Timestamp.self) ?? before
        let middle = before.microseconds + (after.microseconds - before.microseconds) / 2
        return .microseconds(theirs.microseconds - middle)
    }

    /// As our connections have them, and what roles are given beside.
    func durability() async throws -> [DurabilityFact] {
        let rows = try await pool.query(
            """
            SELECT s.name, NULL AS role, s.setting FROM pg_catalog.pg_settings s
            WHERE s.name IN ('fsync', 'synchronous_commit', 'full_page_writes')
            UNION ALL
            SELECT split_part(c.line, '=', 1), COALESCE(r.rolname::text, 'all roles'),
                split_part(c.line, '=', 2)
            FROM pg_catalog.pg_db_role_setting d
            LEFT JOIN pg_catalog.pg_roles r ON r.oid = d.setrole,
                unnest(d.setconfig) AS c (line)
            WHERE split_part(c.line, '=', 1) = 'synchronous_commit'
                AND d.setdatabase IN (0,
                    (SELECT b.oid FROM pg_catalog.pg_database b
                    WHERE b.datname = current_database()))
            ORDER BY 1, 2
            """)
        return try rows.map { row in
            let (name, role, value) = try row.decode(String.self, String?.self, String.self)
            return DurabilityFact(name: name, role: role, value: value)
        }
    }

    /// False where another doctor is at work. This one is until his connection ends.
    func isAlone() async throws -> Bool {
        let rows = try await pool.query(
            "SELECT pg_try_advisory_lock(hashtextextended('dubbelslot doctor', 0))")
        return try rows.first?.decode(Bool.self) ?? false
    }

    /// A sentence for each right that the role of a service has and should not.
    func excessiveRights() async throws -> [String] {
        let rows = try await pool.query(
            """
            WITH service (role, own) AS (VALUES ('dubbelslot_auth', 'auth'),
                ('dubbelslot_verification', 'verification'), ('dubbelslot_policy', 'policy')),
            serving AS (
                SELECT r.oid, s.role, s.own, r.rolsuper OR r.rolcreaterole OR r.rolcreatedb
                    OR r.rolreplication OR r.rolbypassrls AS is_powerful
                FROM service s JOIN pg_catalog.pg_roles r ON r.rolname = s.role
            ),
            foreign_schema AS (
                SELECT s.oid AS role_id, s.role, n.oid AS schema_id, n.nspname::text AS name
                FROM serving s JOIN pg_catalog.pg_namespace n ON n.nspname <> s.own
                WHERE n.nspname IN ('auth', 'verification', 'policy')
            )
            SELECT s.role || ' does not exist' FROM service s
            WHERE NOT EXISTS (SELECT FROM serving i WHERE i.role = s.role)
            UNION ALL
            SELECT s.role || ' has rights over the whole server' FROM serving s
            WHERE s.is_powerful
            UNION ALL
            SELECT s.role || ' is a member of ' || o.rolname FROM serving s
            JOIN pg_catalog.pg_auth_members m ON m.member = s.oid
            JOIN pg_catalog.pg_roles o ON o.oid = m.roleid
            UNION ALL
            SELECT f.role || ' may use the schema ' || f.name FROM foreign_schema f
            WHERE has_schema_privilege(f.role_id, f.schema_id, 'USAGE')
            UNION ALL
            SELECT f.role || ' has rights over ' || f.name || '.' || c.relname
            FROM foreign_schema f
            JOIN pg_catalog.pg_class c ON c.relnamespace = f.schema_id
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND
                (has_table_privilege(f.role_id, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
                OR has_any_column_privilege(f.role_id, c.oid, 'SELECT, INSERT, UPDATE'))
            ORDER BY 1 LIMIT 20
            """)
        return try rows.map { row in try row.decode(String.self) }
    }

    /// How seeds stand in the verification service's schema; only its role may look. The canary's
    /// seed is looked for by us, so that it never goes into a statement.
    func sealing(of user: UserID, _ seed: SecretBytes) async throws -> SealingFacts {
        let rows = try await pool.query(
            """
            SELECT a.sealed FROM verification.authenticators a
            WHERE a.user_id = \(user) AND a.sealed IS NOT NULL
            """)
        guard !rows.isEmpty else {
            throw DoctorCanary.Refusal(description: "the trial account is in another database")
        }
        let stored = try rows.map { row in try row.decode(Bytes.self).array }
        let unsealed = try await pool.query(
            """
            SELECT count(*) FROM verification.authenticators a
            WHERE a.sealed IS NOT NULL AND (octet_length(a.sealed) < 2
                OR get_byte(a.sealed, 0) <> 1
                OR substring(a.sealed FROM 3 FOR get_byte(a.sealed, 1))
                    <> convert_to(a.key_id, 'UTF8'))
            """)
        return SealingFacts(
            showsSeed: stored.contains { Self.shows(seed, in: $0) },
            unsealedRows: try unsealed.first?.decode(Int.self) ?? 0)
    }

    /// In the raw, or as people and programs write it.
    static func shows(_ seed: SecretBytes, in stored: [UInt8]) -> Bool {
        let raw = seed.revealed()
        let forms = [
            raw, Array(Base32.encode(raw).utf8), Array(Base16.encode(raw).utf8),
            Array(Base64.encode(raw).utf8),
        ]
        let folded = stored.map { $0 | 0x20 }
        return forms.contains { form in
            folded.contains(form.map { $0 | 0x20 })
        }
    }
}
