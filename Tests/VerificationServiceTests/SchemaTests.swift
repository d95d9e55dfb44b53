import Audit
import Contracts
import Crypto
import Daemon
import Fixtures
import Foundation
import Testing
import Wire

@testable import VerificationService

@Suite struct SchemaTests {
    @Test func `the audit's table is the one of all services`() throws {
        let text = try String(
            contentsOfFile: RepositoryRoot.path(
                "Services/VerificationService/Migrations/0001_authenticators.sql"),
            encoding: .utf8)
        /// Lines may be broken elsewhere.
        func words(_ sql: String) -> String {
            sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let table = AuditTable.sql(role: "dubbelslot_verification")
        #expect(words(text).contains(words(table)))
    }

    @Test func `the audit has the indexes that it has in all services`() throws {
        let text = try String(
            contentsOfFile: RepositoryRoot.path(
                "Services/VerificationService/Migrations/0013_audit_pages.sql"), encoding: .utf8)
        #expect(text.contains(AuditTable.indexes))
    }

    @Test func `P-10 and P-11 a role does what it has to, and the audit only grows`() async throws {
        let forbidden = [
            ("dubbelslot_verification", "SELECT * FROM auth.thing"),
            ("dubbelslot_verification", "SELECT * FROM policy.thing"),
            ("dubbelslot_auth", "SELECT * FROM verification.authenticators"),
            ("dubbelslot_policy", "SELECT * FROM verification.authenticators"),
            ("dubbelslot_auth", "SELECT * FROM verification.audit"),
            ("dubbelslot_verification", "UPDATE verification.audit SET event = 'x'"),
            ("dubbelslot_verification", "DELETE FROM verification.audit"),
            ("dubbelslot_verification", "TRUNCATE verification.audit"),
            ("dubbelslot_verification", "TRUNCATE verification.authenticators"),
            ("dubbelslot_verification", "UPDATE verification.authenticators SET user_id = id"),
            ("dubbelslot_verification", "UPDATE verification.authenticators SET kind = 'totp'"),
            (
                "dubbelslot_verification",
                "UPDATE verification.device_counters SET user_id = device_id"
            ),
            ("dubbelslot_auth", "SELECT * FROM verification.device_counters"),
            ("dubbelslot_verification", "UPDATE verification.recovery_codes SET digest = digest"),
            ("dubbelslot_auth", "SELECT * FROM verification.recovery_codes"),
            ("dubbelslot_verification", "UPDATE verification.verifiers SET uid = 'x'"),
            ("dubbelslot_verification", "ALTER TABLE verification.verifiers ADD x text"),
            ("dubbelslot_verification", "CREATE TABLE verification.x (y text)"),
        ]
        try await withVault { vault in
            for schema in ["auth", "policy"] {
                try vault.sql("CREATE TABLE \(schema).thing (x text)")
            }
            for (role, statement) in forbidden {
                let error = #expect(throws: PostgresCluster.Failure.self, "\(statement)") {
                    try vault.sql("SET ROLE \(role); \(statement)")
                }
                let words = error?.description ?? ""
                #expect(words.contains("denied") || words.contains("must be owner"), "\(words)")
            }
        }
    }

    @Test func `old decoys are swept away, young ones and passwords are not`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let names = [try Vault.newUser(), try Vault.newUser()]
            for name in names {
                _ = try await vault.refusal { (it) throws(Fault) in
                    try await it.checkPassword(
                        CheckPassword(user: name, password: "x"), Vault.call)
                }
            }
            try vault.sql(
                "UPDATE verification.authenticators "
                    + "SET reserved_at = clock_timestamp() - interval '31 days' "
                    + "WHERE user_id IN ('\(user)', '\(names[0])')")
            let pool = vault.replicas[0].pool
            let swept = try await vault.on { (_) throws(Fault) in
                try await Sweep(pool: pool, log: .silent).once()
            }
            #expect(swept == 1)
            #expect(try vault.standing(names[0], kind: "password").isEmpty)
            #expect(try vault.standing(names[1], kind: "password") == "1 0 active")
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
        }
    }

    @Test func `O-15 no password, code or seed stands in the database`() async throws {
        try await withVault { vault in
            let canary = "canary-Zq7 battery staple"
            let user = try await vault.makeUser(password: canary)
            let bound = try await vault.bind(user)
            let code = bound.code()
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkCode(bound.check(code), Vault.call)
            }
            _ = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: canary + "wrong"), Vault.call)
            }
            var dump = ""
            for table in ["verifiers", "authenticators", "bindings", "audit"] {
                dump += try vault.sql("SELECT t::text FROM verification.\(table) t")
            }
            #expect(dump.contains("\(user)"))
            #expect(!dump.contains("canary"))
            #expect(!dump.contains(Base16.encode(bound.seed.revealed())))
            #expect(!dump.contains(Base32.encode(bound.seed.revealed())))
            #expect(!dump.contains("scrypt"))
            let log = try vault.cluster.serverLog()
            #expect(!log.contains("canary"))
        }
    }

    @Test func `what an older key sealed is sealed anew by its next success`() async throws {
        let old = try #require(try KeyRing.generate(name: "old"))
        let new = try #require(try KeyRing.generate(name: "new"))
        let oldRing = try KeyRing(parsing: Array(old.utf8))
        let bothRing = try KeyRing(parsing: Array((old + new).utf8))
        try await withVault(.init(keys: oldRing)) { vault in
            let user = try await vault.makeUser()
            let bound = try await vault.bind(user)
            func keyNames() throws -> String {
                try vault.sql(
                    "SELECT key_id FROM verification.authenticators "
                        + "WHERE kind <> 'recovery' ORDER BY kind")
            }
            #expect(try keyNames() == "old\nold")
            let pool = vault.replicas[0].pool
            for _ in 0..<2 {
                try await vault.on { (it) throws(Fault) in
                    let renewing = VerificationHandlers(
                        pool: pool, sealing: Sealing(keys: bothRing), hashing: it.hashing,
                        issuer: "x", log: .silent)
                    _ = try await renewing.checkPassword(
                        CheckPassword(user: user, password: Vault.password), Vault.call)
                }
            }
            let code = bound.check(bound.code())
            try await vault.on { (it) throws(Fault) in
                let renewing = VerificationHandlers(
                    pool: pool, sealing: Sealing(keys: bothRing), hashing: it.hashing, issuer: "x",
                    log: .silent)
                _ = try await renewing.checkCode(code, Vault.call)
            }
            #expect(try keyNames() == "new\nnew")
            let lost = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: Vault.password), Vault.call)
            }
            #expect(lost?.reason == .internal)
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
        }
    }

    @Test func `the settings have their bounds`() throws {
        let ring = try #require(try KeyRing.generate())
        func read(_ more: [String: String]) -> (VerificationSettings, [String]) {
            var environment = ["DUBBELSLOT_KEY_RING": ring]
            environment.merge(more) { $1 }
            var reader = SettingsReader(SettingsSource(environment: environment))
            let settings = VerificationSettings(&reader)
            return (settings, reader.problems.filter { $0.contains("HASH") || $0.contains("RING") })
        }
        let (standard, problems) = read([:])
        #expect(problems.isEmpty)
        #expect(standard.hashCost.parameters == .standard)
        #expect(standard.hashThreads(cores: 4) == 3)
        #expect(standard.hashThreads(cores: 1) == 1)
        #expect(standard.hashQueueMax == 32)
        #expect(standard.issuer == "Dubbelslot")
        #expect(try standard.keyRing().names == ["key-1"])
        let (small, _) = read([
            "DUBBELSLOT_PASSWORD_HASH": "small_memory", "DUBBELSLOT_PASSWORD_HASH_THREADS": "2",
            "DUBBELSLOT_PASSWORD_HASH_QUEUE": "7", "DUBBELSLOT_ISSUER": "Example",
        ])
        #expect(small.hashCost.parameters == .smallMemory)
        #expect(small.hashThreads(cores: 8) == 2)
        #expect(small.hashQueueMax == 7)
        #expect(small.issuer == "Example")
        for (name, value) in [
            ("PASSWORD_HASH", "md5"), ("PASSWORD_HASH_THREADS", "65"),
            ("PASSWORD_HASH_QUEUE", "0"), ("KEY_RING", ""),
        ] {
            #expect(read(["DUBBELSLOT_\(name)": value]).1.count == 1, "\(name)")
        }
    }
}
