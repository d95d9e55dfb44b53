import Audit
import Daemon
import Fixtures
import Foundation
import Hosting
import Reactor
import Testing

@testable import PolicyService

struct SchemaTests {
    @Test func `the audit's table is the one of all services`() throws {
        let text = try String(
            contentsOfFile: RepositoryRoot.path(
                "Services/PolicyService/Migrations/0001_settings.sql"), encoding: .utf8)
        /// Lines may be broken elsewhere.
        func words(_ sql: String) -> String {
            sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        #expect(words(text).contains(words(AuditTable.sql(role: "dubbelslot_policy"))))
    }

    @Test func `the audit has the indexes that it has in all services`() throws {
        let text = try String(
            contentsOfFile: RepositoryRoot.path(
                "Services/PolicyService/Migrations/0004_audit_pages.sql"), encoding: .utf8)
        #expect(text.contains(AuditTable.indexes))
    }

    @Test func `P-10 and P-11 a role does what it has to, and the audit only grows`() async throws {
        let forbidden = [
            ("dubbelslot_policy", "SELECT * FROM auth.thing"),
            ("dubbelslot_policy", "SELECT * FROM verification.thing"),
            ("dubbelslot_auth", "SELECT * FROM policy.settings"),
            ("dubbelslot_verification", "SELECT * FROM policy.settings"),
            ("dubbelslot_auth", "SELECT * FROM policy.audit"),
            (
                "dubbelslot_auth",
                "INSERT INTO policy.settings (version, enforcement, verifiers, reason) "
                    + "VALUES (2, 'administrators', '{x}', 'x')"
            ),
            ("dubbelslot_policy", "UPDATE policy.settings SET enforcement = 'administrators'"),
            ("dubbelslot_policy", "DELETE FROM policy.settings"),
            ("dubbelslot_policy", "TRUNCATE policy.settings"),
            ("dubbelslot_policy", "UPDATE policy.pending_settings SET due_at = now()"),
            ("dubbelslot_policy", "UPDATE policy.pending_settings SET proposed_by = NULL"),
            ("dubbelslot_policy", "UPDATE policy.pending_settings SET book = '{}'"),
            ("dubbelslot_policy", "DELETE FROM policy.pending_settings"),
            ("dubbelslot_auth", "SELECT * FROM policy.pending_settings"),
            ("dubbelslot_policy", "UPDATE policy.audit SET event = 'x'"),
            ("dubbelslot_policy", "DELETE FROM policy.audit"),
            ("dubbelslot_policy", "TRUNCATE policy.audit"),
            (
                "dubbelslot_policy",
                "INSERT INTO policy.audit (event, source, at) VALUES ('x', 'y', now())"
            ),
            ("dubbelslot_policy", "ALTER TABLE policy.settings ADD x text"),
            ("dubbelslot_policy", "DROP TABLE policy.settings"),
            ("dubbelslot_policy", "CREATE TABLE policy.x (y text)"),
            ("dubbelslot_policy", "CREATE TABLE public.x (y text)"),
            ("dubbelslot_policy", "SET ROLE dubbelslot_policy_owner"),
        ]
        try await withCouncil { council in
            for schema in ["auth", "verification"] {
                try council.sql("CREATE TABLE \(schema).thing (x text)")
            }
            for (role, statement) in forbidden {
                let error = #expect(throws: PostgresCluster.Failure.self, "\(statement)") {
                    try council.sql("SET SESSION AUTHORIZATION \(role); \(statement)")
                }
                let words = error?.description ?? ""
                #expect(words.contains("denied") || words.contains("must be owner"), "\(words)")
            }
        }
    }

    @Test func `settings that no decision could follow are refused by the table itself`()
        async throws
    {
        try await withCouncil { council in
            for values in [
                "2, 'nobody', '{totp}', 'x', '{\"base\": {}}'",
                "2, 'everyone', '{}', 'x', '{\"base\": {}}'",
                "2, 'everyone', '{totp}', '', '{\"base\": {}}'",
                "0, 'everyone', '{totp}', 'x', '{\"base\": {}}'",
                "2, 'everyone', '{totp}', repeat('x', 1025), '{\"base\": {}}'",
                "2, 'everyone', '{totp}', 'x', '{\"base\": []}'",
            ] {
                let error = #expect(throws: PostgresCluster.Failure.self, "\(values)") {
                    try council.sql(
                        "INSERT INTO policy.settings (version, enforcement, verifiers, reason, "
                            + "book) VALUES (\(values))")
                }
                #expect(error?.description.contains("violates check constraint") == true)
            }
        }
    }

    @Test func `the service has the settings of every service, and says what is missing`() {
        var reader = SettingsReader(SettingsSource(environment: [:]))
        let settings = PolicySettings(&reader)
        #expect(settings.host.rpcListen.description == "127.0.0.1:9000")
        for name in ["CERTIFICATE_FILE", "KEY_FILE", "AUTHORITY_FILE", "DATABASE", "MIGRATIONS"] {
            #expect(reader.problems.contains { $0.contains("DUBBELSLOT_\(name) must be set") })
        }
    }
}
