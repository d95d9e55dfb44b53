import Contracts
import Crypto
import Fixtures
import Testing
import Wire

@testable import VerificationService

@Suite struct PasswordTests {
    private func check(_ user: UserID, _ password: String = Vault.password) -> CheckPassword {
        CheckPassword(user: user, password: password)
    }

    @Test func `a password is right or wrong`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let verdict = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user), Vault.call)
            }
            #expect(!verdict.mustChange)
            let wrong = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(check(user, "wrong"), Vault.call)
            }
            #expect(wrong == Fault(.passwordWrong))
            #expect(try vault.standing(user, kind: "password") == "1 0 active")
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user), Vault.call)
            }
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            #expect(try vault.audited(user, "password_proved") == 2)
            #expect(try vault.audited(user, "password_refused") == 1)
        }
    }

    @Test func `L-21 a password set composed is right when typed decomposed`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser(password: "pässwörd über alles ß")
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(
                    check(user, "pa\u{308}sswo\u{308}rd u\u{308}ber alles ß"), Vault.call)
            }
        }
    }

    @Test func `L-18 100 right passwords at once lock nobody`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let answers = try await vault.parallel(100) { (it, _) throws(Fault) in
                try await it.checkPassword(check(user), Vault.call)
            }
            #expect(answers.allSatisfy { $0 == nil })
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
        }
    }

    @Test func `L-25 150 wrong passwords at once are counted exactly and stop at the limit`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let answers = try await vault.parallel(150) { (it, number) throws(Fault) in
                try await it.checkPassword(check(user, "wrong \(number)"), Vault.call)
            }
            #expect(!answers.contains(nil))
            let checked =
                try vault.audited(user, "password_refused", "payload->>'reason' IS NULL")
                + vault.audited(user, "authenticator_disabled")
            #expect((5...100).contains(checked))
            let state = checked == 100 ? "disabled" : "active"
            #expect(try vault.standing(user, kind: "password") == "\(checked) 0 \(state)")
        }
    }

    @Test func `a full hash queue refuses and counts nothing`() async throws {
        let slow = try #require(PasswordHash.Parameters(log2N: 14, r: 8, p: 4))
        try await withVault(.init(cost: slow, queueMax: 1)) { vault in
            let user = try await vault.makeUser()
            let answers = try await vault.parallel(20) { (it, _) throws(Fault) in
                try await it.checkPassword(check(user, "wrong"), Vault.call)
            }
            let counted = answers.count { $0 == .passwordWrong }
            #expect(answers.contains(.overloaded))
            #expect(answers.allSatisfy { $0 == .passwordWrong || $0 == .overloaded })
            #expect(try vault.standing(user, kind: "password") == "\(counted) 0 active")
        }
    }

    @Test func `X-03 while the hash queue is full, nothing is written for another try`()
        async throws
    {
        let slow = try #require(PasswordHash.Parameters(log2N: 14, r: 8, p: 16))
        try await withVault(.init(cost: slow, queueMax: 1)) { vault in
            let user = try await vault.makeUser()
            // Two are being hashed and one waits, for as long as this takes.
            async let busy = vault.parallel(3) { (it, _) throws(Fault) in
                try await it.checkPassword(check(user, "wrong"), Vault.call)
            }
            while try vault.standing(user, kind: "password") != "0 3 active" {}
            let unknown = try Vault.newUser()
            let refusal = try await vault.refusal { (it) throws(Fault) in
                _ = try await it.checkPassword(check(unknown, "wrong"), Vault.call)
            }
            #expect(refusal?.reason == .overloaded)
            let rows = "SELECT FROM verification.authenticators WHERE user_id = '\(unknown)'"
            #expect(try vault.sql("SELECT EXISTS (\(rows))").hasPrefix("f"))
            _ = try await busy
        }
    }

    @Test func `L-22 and L-23 whoever does not exist is refused alike, word by word`() async throws
    {
        try await withVault { vault in
            let known = try await vault.makeUser()
            let unknown = try Vault.newUser()
            @Sendable func answers(_ user: UserID) async throws -> [Fault?] {
                var answers: [Fault?] = []
                for step in 0..<14 {
                    if step > 5 { try vault.endRests() }
                    if step == 9 {
                        try vault.sql(
                            "UPDATE verification.authenticators SET failed = 98 "
                                + "WHERE user_id = '\(user)'")
                    }
                    let fault = try await vault.refusal { (it) throws(Fault) in
                        try await it.checkPassword(check(user, "wrong"), Vault.call)
                    }
                    // The seconds left of a rest depend on the moment, no more.
                    let rests = fault?.retryAfterSeconds.map { _ in UInt32(0) }
                    answers.append(
                        fault.map {
                            Fault(
                                $0.reason, retryAfterSeconds: rests,
                                attemptsLeft: $0.attemptsLeft, detail: $0.detail)
                        })
                }
                return answers
            }
            let answersToKnown = try await answers(known)
            #expect(try await answers(unknown) == answersToKnown)
            let reasons = answersToKnown.map { $0?.reason }
            #expect(reasons[..<5].allSatisfy { $0 == .passwordWrong })
            #expect(reasons[5] == .attemptsDelayed)
            #expect(reasons.last == .attemptsExhausted)
            #expect(try vault.standing(known, kind: "password") == "100 0 disabled")
            #expect(try vault.standing(unknown, kind: "password") == "100 0 disabled")
        }
    }

    @Test func `L-22 whoever does not exist takes as long to be refused`() async throws {
        let slow = try #require(PasswordHash.Parameters(log2N: 14, r: 8, p: 1))
        try await withVault(.init(cost: slow)) { vault in
            let users = [try await vault.makeUser(), try Vault.newUser()]
            var times: [[Duration]] = [[], []]
            // In turns, so that whatever else the machine does meets both alike.
            for turn in 0..<22 {
                try vault.sql(
                    "UPDATE verification.authenticators SET failed = 0, delayed_until = NULL")
                let user = users[turn % 2]
                let start = ContinuousClock.now
                _ = try await vault.refusal { (it) throws(Fault) in
                    try await it.checkPassword(check(user, "wrong"), Vault.call)
                }
                times[turn % 2].append(.now - start)
            }
            let medians = times.map { $0.sorted()[$0.count / 2] }
            #expect((0.5...2).contains(medians[0] / medians[1]), "\(medians)")
        }
    }

    @Test func `L-23 parallel tries of a name nobody has are counted in one row`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let unknown = try Vault.newUser()
            let answers = try await vault.parallel(4) { (it, _) throws(Fault) in
                try await it.checkPassword(check(unknown), Vault.call)
            }
            #expect(answers == [.passwordWrong, .passwordWrong, .passwordWrong, .passwordWrong])
            #expect(try vault.standing(unknown, kind: "password") == "4 0 active")
        }
    }

    @Test func `a record made with weaker parameters is renewed by a success`() async throws {
        let keys = try KeyRing(parsing: Array(#require(try KeyRing.generate()).utf8))
        let stronger = try #require(PasswordHash.Parameters(log2N: 11, r: 2, p: 1))
        try await withVault(.init(cost: stronger, keys: keys)) { vault in
            let user = try await vault.makeUser()
            let id = AuthenticatorID(
                try vault.sql("SELECT id FROM verification.authenticators"))!
            let weak = try PasswordRecord(of: Password(Vault.password), Vault.cheap)
            let handlers = vault.replicas[0].handlers
            let sealed = try handlers.sealing.seal(weak.text, authenticator: id, of: user)
            try vault.sql(
                "UPDATE verification.authenticators "
                    + "SET sealed = '\\x\(Base16.encode(sealed.sealed.array))'")
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user), Vault.call)
            }
            let renewed = try await vault.on { (it) throws(Fault) in
                try await it.passwords.current(user)
            }
            let text = try handlers.sealing.open(
                try #require(renewed).sealed, authenticator: id, of: user)
            #expect(try PasswordRecord(parsing: text).derivation == .scrypt(stronger))
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user), Vault.call)
            }
        }
    }

    @Test func `a record moved to another user opens nothing and is no failure`() async throws {
        try await withVault { vault in
            let mallory = try await vault.makeUser(password: "mallory knows this one well")
            let alice = try await vault.makeUser()
            try vault.sql(
                "UPDATE verification.authenticators a SET sealed = b.sealed "
                    + "FROM verification.authenticators b "
                    + "WHERE a.user_id = '\(alice)' AND b.user_id = '\(mallory)'")
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(
                    check(alice, "mallory knows this one well"), Vault.call)
            }
            #expect(refusal?.reason == .internal)
            #expect(try vault.standing(alice, kind: "password") == "0 0 active")
        }
    }
}
