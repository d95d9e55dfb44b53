import Contracts
import Crypto
import Fixtures
import OTP
import Testing
import Wire

@testable import VerificationService

/// What users bring from another system: taken once, sealed, and good for a sign-in.
@Suite struct ImportTests {
    private static let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    private static let uri = "otpauth://totp/alice?secret=\(seed)"
    private static let small = PasswordHash.Parameters.smallMemory

    /// A record of the cheapest kind that may be imported, of this password.
    private static func record(_ password: String) throws -> String {
        let record = try PasswordRecord(of: Password(password), Vault.cheap)
        return String(decoding: record.text.revealed(), as: UTF8.self)
    }

    @Test(arguments: [
        ("admin123", "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae", true),
        ("123456", "deadbeefcafebabe5197f688af93f4e9c17a039f881375557333575ea8db7764", true),
        (
            "pässwörd €🔑", "00ff00ff00ff00ffd4584847d6ae3bba0624ff12b03fe04db3e0c572867fbbc8",
            true
        ),
        ("admin123", "0123456789abcdef84f10db7834062c7c77a8dfe6988b8014269b095d0689d3b", false),
    ])
    func `a record of the system that is replaced opens once and is made anew`(
        password: String, record: String, fits: Bool
    ) async throws {
        try await withVault(.init(cost: .standard)) { vault in
            let user = try Vault.newUser()
            let results = try await vault.take([
                ImportedAuthenticators(user: user, password: record)
            ])
            #expect(results == [ImportResult(user: user, passwordSet: true)])
            let before = try vault.sealedPassword(user)
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: password), Vault.call)
            }
            #expect(refusal?.reason == (fits ? nil : .passwordWrong))
            #expect(try (vault.sealedPassword(user) != before) == fits)
            let isWeaker = try await vault.record(of: user).isWeaker(than: .standard)
            #expect(isWeaker == !fits)
        }
    }

    @Test func `what a user brings is taken once, and nothing that was removed comes back`()
        async throws
    {
        try await withVault { vault in
            try await vault.makeVerifiers()
            let user = try Vault.newUser()
            let brought = ImportedAuthenticators(
                user: user, password: try Self.record("a"), totp: [Self.uri, Self.uri],
                phone: "+31612345678", phoneVerifier: Vault.smsVerifier,
                totpVerifier: Vault.verifier)
            #expect(
                try await vault.take([brought])
                    == [ImportResult(user: user, passwordSet: true, bound: 3)])
            let listed = try await vault.on { (it) throws(Fault) in
                try await it.listAuthenticators(ListAuthenticators(user: user), Vault.call)
            }
            #expect(
                listed.authenticators.map(\.type).sorted { $0.rawValue < $1.rawValue }
                    == [.sms, .totp, .totp])
            #expect(listed.authenticators.contains { $0.hint == "+31•••••78" })
            #expect(try await vault.take([brought]) == [ImportResult(user: user)])
            _ = try await vault.on { (it) throws(Fault) in
                try await it.resetAuthenticators(
                    RemoveAuthenticators(user: user, actor: user, reason: "lost"), Vault.call)
            }
            #expect(try await vault.take([brought]) == [ImportResult(user: user)])
            #expect(try vault.rows(user) == "password")
            #expect(try vault.audited(user, "authenticators_imported") == 1)
        }
    }

    @Test func `what a user has already is left as it is`() async throws {
        try await withVault { vault in
            try await vault.makeVerifiers()
            let user = try await vault.makeUser()
            let bound = try await vault.bind(user)
            let before = try vault.sealedPassword(user)
            let results = try await vault.take([
                ImportedAuthenticators(
                    user: user, password: try Self.record("a"), totp: [Self.uri],
                    totpVerifier: Vault.verifier)
            ])
            #expect(results == [ImportResult(user: user)])
            #expect(try vault.sealedPassword(user) == before)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.code()), Vault.call)
            }
            #expect(try vault.rows(user) == "password recovery totp")
        }
    }

    @Test func `what stands in for the password of nobody makes room for one that is imported`()
        async throws
    {
        try await withVault { vault in
            let user = try Vault.newUser()
            let check = CheckPassword(user: user, password: "a kettle")
            #expect(
                try await vault.refusal { (it) throws(Fault) in
                    try await it.checkPassword(check, Vault.call)
                }?.reason == .passwordWrong)
            let results = try await vault.take([
                ImportedAuthenticators(user: user, password: try Self.record("a kettle"))
            ])
            #expect(results.map(\.passwordSet) == [true])
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check, Vault.call)
            }
        }
    }

    @Test func `64 imports of one user at once over two replicas take it once`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            try await vault.makeVerifiers()
            let user = try Vault.newUser()
            let request = ImportAuthenticators(users: [
                ImportedAuthenticators(
                    user: user, password: try Self.record("a"), totp: [Self.uri],
                    totpVerifier: Vault.verifier)
            ])
            let answers = try await vault.parallel(64) { (it, _) throws(Fault) in
                try await it.importAuthenticators(request, Vault.call)
            }
            #expect(answers.allSatisfy { $0 == nil })
            #expect(try vault.rows(user) == "password totp")
            #expect(try vault.audited(user, "authenticators_imported") == 1)
        }
    }

    @Test func `whoever brings what cannot be kept is refused, and the others come`() async throws {
        try await withVault(.init(cost: Self.small)) { vault in
            try await vault.makeVerifiers()
            var users: [ImportedAuthenticators] = []
            for _ in 0..<5 { users.append(ImportedAuthenticators(user: try Vault.newUser())) }
            users[0].password = "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae"
            users[1].password = "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"
            users[2].totp = [Self.uri, "otpauth://totp/alice?secret=AAAA"]
            users[2].totpVerifier = Vault.verifier
            users[3].phone = "+99912345678"
            users[3].phoneVerifier = Vault.smsVerifier
            users[4].password = try Self.record("a")
            // A hash of the first wants 16 MiB, and a permit is for 8.
            let refusals: [ImportRefusal?] = [.passwordCost, .password, .totp, .phone, nil]
            let checked = try await vault.take(users, checkOnly: true)
            #expect(checked.map(\.refusal) == refusals)
            #expect(try vault.sql("SELECT count(*) FROM verification.imports") == "0")
            let taken = try await vault.take(users)
            #expect(taken.map(\.refusal) == refusals)
            #expect(taken.map(\.passwordSet) == [false, false, false, false, true])
            #expect(try vault.sql("SELECT count(*) FROM verification.imports") == "1")
        }
    }

    @Test func `a call that makes no sense is refused whole`() async throws {
        try await withVault { vault in
            try await vault.makeVerifiers()
            let user = try Vault.newUser()
            let plain = ImportedAuthenticators(user: user)
            var seeded = plain
            seeded.totp = [Self.uri]
            var elsewhere = seeded
            elsewhere.totpVerifier = Vault.smsVerifier
            var nowhere = seeded
            nowhere.totpVerifier = VerifierUID("nowhere")
            let calls: [([ImportedAuthenticators], Reason)] = [
                ([plain, plain], .malformed), ([seeded], .malformed),
                ([elsewhere], .verifierNotFound), ([nowhere], .verifierNotFound),
            ]
            for (users, reason) in calls {
                let refusal = try await vault.refusal { (it) throws(Fault) in
                    try await it.importAuthenticators(
                        ImportAuthenticators(users: users), Vault.call)
                }
                #expect(refusal?.reason == reason)
            }
            #expect(try vault.sql("SELECT count(*) FROM verification.imports") == "0")
        }
    }
}

extension Vault {
    static let smsVerifier = VerifierUID("sms")!

    /// One for codes of apps, and one for messages.
    func makeVerifiers() async throws {
        try await on { (it) throws(Fault) in try await it.ensureVerifier() }
        try sql(
            """
            INSERT INTO verification.verifiers
                (uid, type, title, description, issuer, settings, settings_key)
            VALUES ('sms', 'sms', 'Message', '', '', 'x', 'x')
            """)
    }

    func take(
        _ users: [ImportedAuthenticators], checkOnly: Bool = false
    ) async throws -> [ImportResult] {
        try await on { (it) throws(Fault) in
            try await it.importAuthenticators(
                ImportAuthenticators(users: users, checkOnly: checkOnly), Self.call
            ).results
        }
    }

    /// The kinds a user has rows of, in order.
    func rows(_ user: UserID) throws -> String {
        try sql(
            """
            SELECT string_agg(kind, ' ' ORDER BY kind) FROM verification.authenticators
            WHERE user_id = '\(user)'
            """)
    }

    func sealedPassword(_ user: UserID) throws -> String {
        try sql(
            """
            SELECT encode(sealed, 'hex') FROM verification.authenticators
            WHERE user_id = '\(user)' AND kind = 'password'
            """)
    }

    fileprivate func record(of user: UserID) async throws -> PasswordRecord {
        try await on { (it) throws(Fault) in
            guard let current = try await it.passwords.current(user) else {
                throw Fault(.userNotFound)
            }
            let text = try it.sealing.open(current.sealed, authenticator: current.id, of: user)
            do throws(CryptoFault) {
                return try PasswordRecord(parsing: text)
            } catch {
                throw error.fault
            }
        }
    }
}
