import Audit
import Contracts
import Daemon
import Fixtures
import Foundation
import RPC
import Reactor
import Testing

@testable import AuthGateway

struct SchemaTests {
    @Test func `the audit's table is the one of all services`() throws {
        let text = try String(
            contentsOfFile: RepositoryRoot.path(
                "Services/AuthGateway/Migrations/0001_accounts.sql"), encoding: .utf8)
        /// Lines may be broken elsewhere.
        func words(_ sql: String) -> String {
            sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        #expect(words(text).contains(words(AuditTable.sql(role: "dubbelslot_auth"))))
    }

    @Test func `the audit has the indexes that it has in all services`() throws {
        let text = try String(
            contentsOfFile: RepositoryRoot.path(
                "Services/AuthGateway/Migrations/0013_audit_pages.sql"), encoding: .utf8)
        #expect(text.contains(AuditTable.indexes))
    }

    /// Statements that a hole in a running service would like to make.
    private static let forbidden = [
        ("dubbelslot_auth", "SELECT * FROM verification.thing"),
        ("dubbelslot_auth", "SELECT * FROM policy.thing"),
        ("dubbelslot_auth", "INSERT INTO verification.thing VALUES ('x')"),
        ("dubbelslot_verification", "SELECT * FROM auth.users"),
        ("dubbelslot_verification", "SELECT * FROM auth.sessions"),
        ("dubbelslot_verification", "SELECT * FROM auth.audit"),
        ("dubbelslot_policy", "SELECT * FROM auth.users"),
        ("dubbelslot_policy", "INSERT INTO auth.audit (event, source) VALUES ('x', 'y')"),
        ("dubbelslot_auth", "UPDATE auth.audit SET event = 'x'"),
        ("dubbelslot_auth", "DELETE FROM auth.audit"),
        ("dubbelslot_auth", "TRUNCATE auth.audit"),
        (
            "dubbelslot_auth",
            "INSERT INTO auth.audit (event, source, at) VALUES ('x', 'y', now())"
        ),
        (
            "dubbelslot_auth",
            "INSERT INTO auth.audit (event, source, digest, sealed_at) "
                + "VALUES ('x', 'y', sha256('z'), now())"
        ),
        ("dubbelslot_auth", "DELETE FROM auth.users"),
        ("dubbelslot_auth", "TRUNCATE auth.sessions"),
        ("dubbelslot_auth", "UPDATE auth.users SET roles = '{administrator}'"),
        ("dubbelslot_auth", "UPDATE auth.users SET name_key = 'x', user_name = 'x'"),
        ("dubbelslot_auth", "UPDATE auth.users SET email = NULL, email_key = NULL"),
        ("dubbelslot_auth", "UPDATE auth.users SET display_name = 'x', locale = 'en'"),
        ("dubbelslot_auth", "UPDATE auth.users SET phone = NULL"),
        ("dubbelslot_verification", "SELECT auth.change_profile(NULL, 'x', 'en')"),
        ("dubbelslot_policy", "SELECT auth.change_addresses(NULL, NULL, NULL, NULL)"),
        ("dubbelslot_auth", "UPDATE auth.sessions SET user_id = id"),
        ("dubbelslot_auth", "UPDATE auth.sessions SET expires_at = 'infinity'"),
        ("dubbelslot_auth", "UPDATE auth.sessions SET idle_seconds = 1000000"),
        ("dubbelslot_auth", "UPDATE auth.pending_sign_ins SET user_id = id"),
        ("dubbelslot_auth", "UPDATE auth.pending_sign_ins SET expires_at = 'infinity'"),
        ("dubbelslot_auth", "UPDATE auth.pending_sign_ins SET policy_version = 0"),
        ("dubbelslot_auth", "UPDATE auth.known_devices SET user_id = id"),
        ("dubbelslot_auth", "UPDATE auth.sessions SET device_id = id"),
        ("dubbelslot_auth", "UPDATE auth.sessions SET caller = 'x', place = 'y', agent = 'z'"),
        ("dubbelslot_auth", "UPDATE auth.pending_sign_ins SET sso_level = 2, sso_caller = 'x'"),
        ("dubbelslot_auth", "INSERT INTO auth.revocations (session_id) VALUES (NULL)"),
        ("dubbelslot_auth", "UPDATE auth.revocations SET made_by = '1'"),
        ("dubbelslot_auth", "TRUNCATE auth.revocations"),
        ("dubbelslot_auth", "ALTER TABLE auth.sessions DISABLE TRIGGER note_end"),
        ("dubbelslot_verification", "SELECT * FROM auth.revocations"),
        ("dubbelslot_auth", "UPDATE auth.trusted_devices SET user_id = id"),
        ("dubbelslot_auth", "UPDATE auth.trusted_devices SET user_epoch = 9"),
        ("dubbelslot_auth", "UPDATE auth.trusted_devices SET expires_at = 'infinity'"),
        ("dubbelslot_auth", "UPDATE auth.trusted_devices SET bound_authenticators = '{}'"),
        ("dubbelslot_auth", "UPDATE auth.used_trust_tokens SET digest = digest"),
        ("dubbelslot_auth", "DELETE FROM auth.used_trust_tokens"),
        ("dubbelslot_verification", "SELECT * FROM auth.trusted_devices"),
        ("dubbelslot_verification", "SELECT * FROM auth.known_devices"),
        ("dubbelslot_auth", "UPDATE auth.adoption SET day = day - 1"),
        ("dubbelslot_auth", "DELETE FROM auth.adoption"),
        ("dubbelslot_verification", "SELECT * FROM auth.adoption"),
        ("dubbelslot_auth", "ALTER TABLE auth.users ADD x text"),
        ("dubbelslot_auth", "DROP TABLE auth.sessions"),
        ("dubbelslot_auth", "CREATE TABLE auth.x (y text)"),
        ("dubbelslot_auth", "CREATE TABLE public.x (y text)"),
        ("dubbelslot_auth", "CREATE SCHEMA x"),
        ("dubbelslot_auth", "CREATE FUNCTION auth.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        ("dubbelslot_auth", "SET ROLE dubbelslot_auth_owner"),
        ("dubbelslot_auth", "COPY auth.users TO PROGRAM 'cat'"),
        ("dubbelslot_auth", "COPY auth.users TO '/etc/x'"),
        ("dubbelslot_auth", "SELECT pg_read_file('/etc/passwd')"),
    ]

    @Test func `P-10 and P-11 a role does what it has to, and the audit only grows`() async throws {
        try await withGatehouse { house in
            for schema in ["verification", "policy"] {
                try house.sql("CREATE TABLE \(schema).thing (x text)")
            }
            for (role, statement) in Self.forbidden {
                // As the session's own user: a superuser who has set his role may set it back.
                let error = #expect(throws: PostgresCluster.Failure.self, "\(statement)") {
                    try house.sql("SET SESSION AUTHORIZATION \(role); \(statement)")
                }
                let words = error?.description ?? ""
                let refusals = ["denied", "must be owner", "must be superuser"]
                #expect(refusals.contains(where: words.contains), "\(words)")
            }
        }
    }

    @Test func `rows that no decision makes are refused by the tables themselves`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            _ = try await house.session(user)
            for statement in [
                "UPDATE auth.users SET roles = '{root}'", "UPDATE auth.users SET state = 'x'",
                "UPDATE auth.users SET phone = '12'", "UPDATE auth.users SET user_name = ''",
                "UPDATE auth.users SET email = 'a@b.c'",
                "UPDATE auth.sessions SET level = 3", "UPDATE auth.sessions SET idle_seconds = 0",
                "UPDATE auth.sessions SET token_digest = 'short'",
                "UPDATE auth.pending_sign_ins SET stage = 'deciding'",
                "UPDATE auth.pending_sign_ins SET proved_verifiers = '{totp}'",
                "INSERT INTO auth.audit (event, source) VALUES ('Not A Word', 'x')",
            ] {
                let error = #expect(throws: PostgresCluster.Failure.self, "\(statement)") {
                    try house.sql(statement)
                }
                #expect(error?.description.contains("violates check constraint") == true)
            }
        }
    }

    @Test func `each setting is declared, has its bounds, and comes from the environment`() {
        func read(_ more: [String: String]) -> (GatewaySettings, [String]) {
            let environment = more.reduce(into: [:]) { $0["DUBBELSLOT_" + $1.key] = $1.value }
            var reader = SettingsReader(SettingsSource(environment: environment))
            let settings = GatewaySettings(&reader)
            let names = [
                "HTTP_LISTEN", "PUBLIC_ORIGINS", "VERIFICATION_PEERS", "POLICY_PEERS",
                "REGISTERED_CALLERS", "DEFAULT_LOCALE", "KNOWN_DEVICE_DAYS", "SSO_CALLERS",
                "TRUSTED_DEVICE_DAYS", "TRUSTED_DEVICE_ADMINISTRATOR_DAYS",
            ]
            for name in names {
                #expect(reader.declarations.contains { $0.name == "DUBBELSLOT_" + name })
            }
            return (
                settings,
                reader.problems.filter {
                    $0.contains(/ORIGIN|LOCALE|HTTP_LISTEN|DEVICE|SSO|REGISTERED/)
                }
            )
        }
        let (standard, problems) = read([:])
        #expect(problems.isEmpty)
        #expect(standard.httpListen.description == "127.0.0.1:8080")
        #expect(standard.publicOrigins.isEmpty && standard.registeredCallers.isEmpty)
        #expect(standard.defaultLocale == "en")
        #expect(standard.knownDeviceLifetime == .seconds(180 * 86_400))
        #expect(standard.trustLifetimes == .standard)
        let short = read(["TRUSTED_DEVICE_DAYS": "3"]).0.trustLifetimes
        #expect(short.ofUsers == .seconds(3 * 86_400) && short.ofAdministrators == short.ofUsers)
        let (given, _) = read([
            "HTTP_LISTEN": "[::1]:81", "PUBLIC_ORIGINS": "https://a.example,http://b.example:8080",
            "REGISTERED_CALLERS": "spiffe://x/y", "SSO_CALLERS": "spiffe://x/y=1@example.org",
            "DEFAULT_LOCALE": "nl-NL",
        ])
        #expect(given.httpListen.description == "[::1]:81")
        #expect(given.publicOrigins.count == 2)
        #expect(given.registeredCallers.map(\.identity) == ["spiffe://x/y"])
        #expect(
            given.ssoCallers.grant(of: "spiffe://x/y")
                == SSOCallers.Grant(level: 1, domain: "example.org"))
        #expect(given.defaultLocale == "nl-NL")
        for (name, value) in [
            ("HTTP_LISTEN", "here"), ("PUBLIC_ORIGINS", "a.example"), ("DEFAULT_LOCALE", "en_US"),
            ("KNOWN_DEVICE_DAYS", "0"), ("KNOWN_DEVICE_DAYS", "401"),
            ("SSO_CALLERS", "spiffe://x/y=2"), ("SSO_CALLERS", "x=2"),
            ("REGISTERED_CALLERS", "x"), ("REGISTERED_CALLERS", "spiffe://x/y=Nothing"),
            ("REGISTERED_CALLERS", "spiffe://x/y,spiffe://x/y=SessionService"),
            ("TRUSTED_DEVICE_DAYS", "0"), ("TRUSTED_DEVICE_DAYS", "91"),
            ("TRUSTED_DEVICE_ADMINISTRATOR_DAYS", "31"),
        ] {
            #expect(read([name: value]).1.count == 1, "\(name)")
        }
    }
}
