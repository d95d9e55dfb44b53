import Contracts
import Crypto
import Fixtures
import OTP
import Testing
import Wire

@testable import VerificationService

/// A user with the recovery codes that he was shown.
private struct Recovering: Sendable {
    let bound: BoundUser
    let recovery: AuthenticatorID
    let codes: [String]

    var user: UserID { bound.user }

    func check(_ code: String) -> CheckCode {
        CheckCode(user: user, authenticator: recovery, code: code, purpose: .signIn)
    }
}

extension Vault {
    fileprivate func list(_ user: UserID) async throws -> AuthenticatorList {
        try await on { (it) throws(Fault) in
            try await it.listAuthenticators(ListAuthenticators(user: user), Self.call)
        }
    }

    fileprivate func recovering(_ bound: BoundUser? = nil) async throws -> Recovering {
        let bound = if let bound { bound } else { try await bind() }
        let made = try await on { (it) throws(Fault) in
            try await it.makeRecoveryCodes(MakeRecoveryCodes(user: bound.user), Self.call)
        }
        return Recovering(
            bound: bound, recovery: try #require(try await list(bound.user).recovery),
            codes: made.codes)
    }

    fileprivate func use(_ request: CheckCode, replica: Int = 0) async throws -> Reason? {
        try await refusal(replica) { (it) throws(Fault) in
            try await it.checkCode(request, Self.call)
        }?.reason
    }
}

@Suite struct RecoveryCodeTests {
    @Test func `the first authenticator brings ten codes, another one brings none`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            #expect(bound.recoveryCodes.count == RecoveryCodeSet.count)
            #expect(try await vault.list(bound.user).recoveryCodesLeft == 10)
            let second = try await vault.bind(bound.user, additional: true)
            #expect(second.recoveryCodes.isEmpty)
            #expect(try await vault.list(bound.user).recoveryCodesLeft == 10)
            let recovery = try #require(try await vault.list(bound.user).recovery)
            let proof = try await vault.on { (it) throws(Fault) in
                try await it.checkCode(
                    CheckCode(
                        user: bound.user, authenticator: recovery,
                        code: bound.recoveryCodes[3].lowercased(), purpose: .stepUp), Vault.call)
            }
            #expect(proof == Proof(authenticator: recovery, kind: .recovery))
            #expect(try await vault.list(bound.user).recoveryCodesLeft == 9)
            #expect(try vault.audited(bound.user, "recovery_codes_made") == 1)
            #expect(
                try vault.audited(bound.user, "recovery_code_used", "payload->>'left' = '9'") == 1)
        }
    }

    @Test func `C-01 of sixty-four uses of one code on two replicas one proves`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.recovering()
            let request = user.check(user.codes[0])
            let answers = try await vault.parallel(64) { (it, _) throws(Fault) in
                try await it.checkCode(request, Vault.call)
            }
            #expect(answers.count { $0 == nil } == 1)
            // Those that found as many tries under way as may be were not even checked.
            #expect(answers.allSatisfy { [nil, .codeUsed, .attemptsDelayed].contains($0) })
            #expect(try vault.audited(user.user, "recovery_code_used") == 1)
            #expect(try vault.standing(user.user, kind: "recovery") == "0 0 active")
            #expect(try await vault.list(user.user).recoveryCodesLeft == 9)
            #expect(try await vault.use(request) == .codeUsed)
        }
    }

    @Test func `C-01 ten codes at once prove ten times`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.recovering()
            let answers = try await vault.parallel(10) { (it, number) throws(Fault) in
                try await it.checkCode(user.check(user.codes[number]), Vault.call)
            }
            #expect(answers.allSatisfy { $0 == nil }, "\(answers)")
            let list = try await vault.list(user.user)
            #expect(list.recoveryCodesLeft == 0)
            #expect(list.recovery == nil)
        }
    }

    @Test func `C-03 a code is its owner's alone, however it is typed`() async throws {
        try await withVault { vault in
            let alice = try await vault.recovering()
            let bob = try await vault.recovering()
            #expect(try await vault.use(bob.check(alice.codes[0])) == .codeWrong)
            // Named together, another's authenticator is none of the user's own.
            let mixed = CheckCode(
                user: bob.user, authenticator: alice.recovery, code: alice.codes[0],
                purpose: .signIn)
            #expect(try await vault.use(mixed) == .authenticatorNotFound)
            // Nor do digests prove anything that were moved to another's rows.
            try vault.sql(
                """
                UPDATE verification.recovery_codes c
                SET digest = (SELECT a.digest FROM verification.recovery_codes a
                    WHERE a.user_id = '\(alice.user)' ORDER BY a.digest LIMIT 1)
                WHERE c.ctid = (SELECT b.ctid FROM verification.recovery_codes b
                    WHERE b.user_id = '\(bob.user)' LIMIT 1)
                """)
            for code in alice.codes {
                try vault.endRests()
                #expect(try await vault.use(bob.check(code)) == .codeWrong)
            }
            try vault.sql("UPDATE verification.authenticators SET failed = 0, delayed_until = NULL")
            let spelt = alice.codes[1].replacing("-", with: " ").replacing("1", with: "l")
                .replacing("0", with: "o").lowercased()
            #expect(try await vault.use(alice.check(spelt)) == nil)
            #expect(try await vault.use(alice.check(alice.codes[1])) == .codeUsed)
            for wrong in ["", "0", String(alice.codes[2].dropLast()), alice.codes[2] + "0"] {
                #expect(try await vault.use(alice.check(wrong)) == .codeWrong)
            }
        }
    }

    @Test func `C-04 an old set is void as soon as there is a new one`() async throws {
        try await withVault { vault in
            let old = try await vault.recovering()
            #expect(try await vault.use(old.check(old.codes[0])) == nil)
            let new = try await vault.recovering(old.bound)
            #expect(try await vault.list(old.user).recoveryCodesLeft == 10)
            for code in old.codes.prefix(4) {
                #expect(try await vault.use(new.check(code)) == .codeWrong)
                #expect(try await vault.use(old.check(code)) == .authenticatorNotFound)
            }
            #expect(try await vault.use(new.check(new.codes[0])) == nil)
            #expect(try vault.sql("SELECT count(*) FROM verification.recovery_codes") == "10")
        }
    }

    @Test func `C-05 of sets made at once exactly one is good, and it was shown`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.bind().user
            let sets = try await withThrowingTaskGroup(of: [String].self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await vault.on(number % 2) { (it) throws(Fault) in
                            try await it.makeRecoveryCodes(
                                MakeRecoveryCodes(user: user), Vault.call
                            ).codes
                        }
                    }
                }
                return try await group.reduce(into: [[String]]()) { $0.append($1) }
            }
            let list = try await vault.list(user)
            #expect(list.recoveryCodesLeft == 10)
            let recovery = try #require(list.recovery)
            var good = 0
            for set in sets {
                try vault.endRests()
                let reason = try await vault.use(
                    CheckCode(
                        user: user, authenticator: recovery, code: set[0], purpose: .signIn))
                good += reason == nil ? 1 : 0
            }
            #expect(good == 1)
            #expect(try await vault.list(user).recoveryCodesLeft == 9)
        }
    }

    @Test func `C-06 a hundred wrong codes disable, until a new set is made`() async throws {
        try await withVault { vault in
            let user = try await vault.recovering()
            var checked = 0
            for _ in 0..<100 {
                try vault.endRests()
                let wrong = try RecoveryCode.random().printed
                switch try await vault.use(user.check(wrong)) {
                case .codeWrong: checked += 1
                case .attemptsExhausted: break
                case let other: Issue.record("\(String(describing: other))")
                }
            }
            #expect(checked == AttemptLimits.code.failuresMax - 1)
            #expect(try vault.standing(user.user, kind: "recovery") == "30 0 disabled")
            #expect(try vault.audited(user.user, "authenticator_disabled") == 1)
            #expect(try await vault.use(user.check(user.codes[0])) == .attemptsExhausted)
            #expect(try await vault.list(user.user).recovery == nil)
            // The app goes on, and can bring new codes.
            #expect(try vault.standing(user.user) == "0 0 active")
            let new = try await vault.recovering(user.bound)
            #expect(try await vault.use(new.check(new.codes[0])) == nil)
        }
    }

    @Test func `C-07 a thousand tries, a hundred at once, hash no password`() async throws {
        // A queue without places refuses what would be hashed beside two others.
        try await withVault(.init(cost: .standard, queueMax: 0)) { vault in
            let user = try await vault.recovering()
            let wrong = try RecoveryCode.random().printed
            var checked = 0
            for _ in 0..<10 {
                let answers = try await vault.parallel(100) { (it, _) throws(Fault) in
                    try await it.checkCode(user.check(wrong), Vault.call)
                }
                let refusals: Set<Reason?> = [.codeWrong, .attemptsDelayed, .attemptsExhausted]
                #expect(answers.allSatisfy { refusals.contains($0) })
                checked += answers.filter { $0 == .codeWrong }.count
            }
            #expect(checked < AttemptLimits.code.failuresMax)
            let passwords = try await vault.parallel(32) { (it, _) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user.user, password: "x"), Vault.call)
            }
            #expect(passwords.contains(.overloaded))
        }
    }

    @Test func `codes go with the last authenticator, and with a reset`() async throws {
        try await withVault { vault in
            let alice = try await vault.recovering()
            let bob = try await vault.recovering()
            _ = try await vault.on { (it) throws(Fault) in
                try await it.unbind(
                    RemoveAuthenticator(
                        user: alice.user, authenticator: alice.bound.authenticator,
                        keepsOne: false), Vault.call)
            }
            #expect(try await vault.use(alice.check(alice.codes[0])) == .authenticatorNotFound)
            let none = try await vault.refusal { (it) throws(Fault) in
                try await it.makeRecoveryCodes(MakeRecoveryCodes(user: alice.user), Vault.call)
            }
            #expect(none?.reason == .authenticatorNotFound)
            let reset = try await vault.on { (it) throws(Fault) in
                try await it.resetAuthenticators(
                    RemoveAuthenticators(
                        user: bob.user, actor: .sample, reason: "lost"), Vault.call)
            }
            #expect(reset.removed == 1)
            #expect(try await vault.use(bob.check(bob.codes[0])) == .authenticatorNotFound)
            #expect(try vault.sql("SELECT count(*) FROM verification.recovery_codes") == "0")
            #expect(try await vault.bind(bob.user).recoveryCodes.count == 10)
        }
    }

    @Test func `O-15 no recovery code stands in the database`() async throws {
        try await withVault { vault in
            let user = try await vault.recovering()
            _ = try await vault.use(user.check(user.codes[0]))
            _ = try await vault.use(user.check(user.codes[0]))
            var dump = ""
            for table in ["authenticators", "recovery_codes", "audit"] {
                dump += try vault.sql("SELECT t::text FROM verification.\(table) t")
            }
            dump += try vault.cluster.serverLog()
            for code in user.codes {
                #expect(!dump.contains(code))
                #expect(!dump.contains(code.replacing("-", with: "")))
                let bytes = CrockfordBase32.decode(lenient: code.utf8) ?? []
                #expect(!dump.contains(Base16.encode(bytes)))
            }
        }
    }

    @Test func `codes made under an older key are good while the ring has it`() async throws {
        let old = try #require(try KeyRing.generate(name: "old"))
        let new = try #require(try KeyRing.generate(name: "new"))
        let oldRing = try KeyRing(parsing: Array(old.utf8))
        let bothRing = try KeyRing(parsing: Array((old + new).utf8))
        try await withVault(.init(keys: oldRing)) { vault in
            let user = try await vault.recovering()
            let pool = vault.replicas[0].pool
            try await vault.on { (it) throws(Fault) in
                let renewing = VerificationHandlers(
                    pool: pool, sealing: Sealing(keys: bothRing), hashing: it.hashing, issuer: "x",
                    log: .silent)
                _ = try await renewing.checkCode(user.check(user.codes[0]), Vault.call)
            }
            let names = try vault.sql(
                "SELECT key_id FROM verification.authenticators WHERE kind = 'recovery'")
            #expect(names == "new")
        }
    }
}
