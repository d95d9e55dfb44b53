import Audit
import Contracts
import Crypto
import Daemon
import Fixtures
import OTP
import Reactor
import Testing
import Wire

@testable import VerificationService

@Suite struct CodeTests {
    @Test func `O-01 a code proves its authenticator once`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            let request = bound.check(bound.code())
            let proof = try await vault.on { (it) throws(Fault) in
                try await it.checkCode(request, Vault.call)
            }
            #expect(
                proof
                    == Proof(
                        authenticator: bound.authenticator, kind: .totp,
                        verifier: Vault.verifier))
            let listed = try await vault.on { (it) throws(Fault) in
                try await it.listAuthenticators(
                    ListAuthenticators(user: bound.user), Vault.call)
            }
            #expect(listed.authenticators.first?.lastUsedAt != nil)
            let again = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(request, Vault.call)
            }
            #expect(again?.reason == .codeUsed)
            #expect(try vault.standing(bound.user) == "0 0 active")
            #expect(try vault.audited(bound.user, "factor_proved") == 1)
            #expect(try vault.audited(bound.user, "code_reused") == 1)
        }
    }

    @Test func `O-03 to O-05 a code is good in its own step and the next, once, and in its order`()
        async throws
    {
        try await withVault { vault in
            // Where a step ends in between, what was asked has no one answer: once more.
            for attempt in 1... {
                let step = OneTimePassword.standard.step(at: WallClock.system.now())
                var reasons: [[Reason?]] = []
                for offsets in [[-2], [1], [2], [-1, 0, -1, 0], [0, -1]] as [[Int64]] {
                    let bound = try await vault.bind()
                    var met: [Reason?] = []
                    for offset in offsets {
                        let refusal = try await vault.refusal { (it) throws(Fault) in
                            try await it.checkCode(bound.check(bound.code(offset)), Vault.call)
                        }
                        met.append(refusal?.reason)
                    }
                    reasons.append(met)
                }
                let after = OneTimePassword.standard.step(at: WallClock.system.now())
                guard after != step, attempt < 5 else {
                    #expect(
                        reasons == [
                            [.codeWrong], [.codeWrong], [.codeWrong],
                            [nil, nil, .codeUsed, .codeUsed], [nil, .codeUsed],
                        ])
                    break
                }
            }
        }
    }

    @Test func `O-13 the code that bound an authenticator is used`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            try vault.sql("UPDATE verification.authenticators SET last_step = last_step + 10")
            let code = bound.code()
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(code), Vault.call)
            }
            // Unless a new time step has begun in between, the code is the confirming one.
            #expect(refusal == nil || refusal?.reason == .codeUsed)
        }
    }

    @Test func `O-02 of 64 submissions of one code over two replicas exactly one succeeds`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            for _ in 0..<5 {
                let bound = try await vault.bind()
                let request = bound.check(bound.code())
                let answers = try await vault.parallel(64) { (it, _) throws(Fault) in
                    try await it.checkCode(request, Vault.call)
                }
                #expect(answers.count { $0 == nil } == 1)
                // At most thirty run at once, the others are told to wait.
                #expect(
                    answers.allSatisfy {
                        $0 == nil || $0 == .codeUsed || $0 == .attemptsDelayed
                    })
                #expect(try vault.standing(bound.user) == "0 0 active")
                #expect(try vault.audited(bound.user, "factor_proved") == 1)
            }
        }
    }

    @Test
    func
        `O-07 200 wrong codes at once over two replicas are counted exactly and stop at the limit`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let bound = try await vault.bind()
            let answers = try await vault.parallel(200) { (it, number) throws(Fault) in
                try await it.checkCode(bound.check(bound.wrongCode(number)), Vault.call)
            }
            #expect(!answers.contains(nil))
            let checked =
                try vault.audited(
                    bound.user, "factor_refused", "payload->>'reason' IS NULL")
                + vault.audited(bound.user, "authenticator_disabled")
            let refused = try vault.audited(
                bound.user, "factor_refused", "payload->>'reason' = 'not_admitted'")
            #expect(checked <= 30)
            #expect(checked >= 5)
            #expect(checked + refused == 200)
            let state = checked == 30 ? "disabled" : "active"
            #expect(try vault.standing(bound.user) == "\(checked) 0 \(state)")
            let told = answers.count { $0 == .codeWrong }
            #expect(told == (checked == 30 ? 29 : checked))
        }
    }

    @Test func `O-06 after the fifth failure one try at a time, each followed by its rest`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let bound = try await vault.bind()
            try vault.sql("UPDATE verification.authenticators SET failed = 5")
            for failures in 6...29 {
                try vault.endRests()
                let answers = try await vault.parallel(20) { (it, number) throws(Fault) in
                    try await it.checkCode(bound.check(bound.wrongCode(number)), Vault.call)
                }
                #expect(answers.count { $0 == .codeWrong } == 1)
                #expect(answers.count { $0 == .attemptsDelayed } == 19)
                #expect(try vault.standing(bound.user) == "\(failures) 0 active")
                let rest = try vault.sql(
                    "SELECT ceil(extract(epoch FROM delayed_until - clock_timestamp())) "
                        + "FROM verification.authenticators WHERE kind = 'totp'")
                let seconds = Rests.standard.seconds(after: failures)
                #expect((seconds - 20...seconds).contains(Int(rest) ?? -1))
            }
            try vault.endRests()
            let last = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.wrongCode()), Vault.call)
            }
            #expect(last == Fault(.attemptsExhausted))
            try vault.endRests()
            let right = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.code()), Vault.call)
            }
            #expect(right == Fault(.attemptsExhausted))
        }
    }

    @Test func `O-09 a right code during a rest is refused without a check, like any other`()
        async throws
    {
        try await withVault { vault in
            let bound = try await vault.bind()
            for _ in 0..<5 {
                _ = try await vault.refusal { (it) throws(Fault) in
                    try await it.checkCode(bound.check(bound.wrongCode()), Vault.call)
                }
            }
            let during = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.code()), Vault.call)
            }
            #expect(during?.reason == .attemptsDelayed)
            #expect((1...30).contains(during?.retryAfterSeconds ?? 0))
            for _ in 0..<10 {
                let answers = try await vault.parallel(100) { (it, number) throws(Fault) in
                    let code = number % 10 == 0 ? bound.code() : bound.wrongCode(number)
                    return try await it.checkCode(bound.check(code), Vault.call)
                }
                #expect(answers.allSatisfy { $0 == .attemptsDelayed })
            }
            #expect(try vault.standing(bound.user) == "5 0 active")
            try vault.endRests()
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.code()), Vault.call)
            }
            #expect(try vault.standing(bound.user) == "0 0 active")
        }
    }

    @Test func `a try that nobody settles becomes a failure after a minute`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            try vault.sql(
                "UPDATE verification.authenticators SET failed = 1, reserved = 2, "
                    + "reserved_at = clock_timestamp() - interval '59 seconds'")
            _ = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.wrongCode()), Vault.call)
            }
            #expect(try vault.standing(bound.user) == "2 2 active")
            try vault.sql(
                "UPDATE verification.authenticators "
                    + "SET reserved_at = clock_timestamp() - interval '61 seconds'")
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.code()), Vault.call)
            }
            #expect(try vault.standing(bound.user) == "0 0 active")
            // 29 failures and one abandoned try: the limit is reached by what nobody settled.
            try vault.sql(
                "UPDATE verification.authenticators SET failed = 29, reserved = 1, "
                    + "reserved_at = clock_timestamp() - interval '61 seconds'")
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.code(1)), Vault.call)
            }
            #expect(refusal == Fault(.attemptsExhausted))
            #expect(try vault.standing(bound.user) == "30 0 disabled")
        }
    }

    @Test func `whoever settles after that changes nothing`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            let audit = AuditContext(Vault.call, actor: bound.user)
            let replica = vault.replicas[0]
            try await replica.loop.run {
                let codes = replica.handlers.codes
                let factors = replica.handlers.factors
                guard
                    case .admitted(let late)? = try await factors.admit(
                        bound.user, bound.authenticator, nil, .code, audit)
                else { throw Unexpected() }
                try vault.sql(
                    "UPDATE verification.authenticators "
                        + "SET reserved_at = clock_timestamp() - interval '61 seconds'")
                guard
                    case .admitted(let next)? = try await factors.admit(
                        bound.user, bound.authenticator, nil, .code, audit)
                else { throw Unexpected() }
                #expect(next.attempt.round == late.attempt.round + 1)
                await #expect(throws: Fault.overtaken) {
                    try await codes.succeed(
                        late.attempt, step: .max, drift: ClockDrift.none.stored, from: nil,
                        resealed: nil, audit)
                }
                await #expect(throws: Fault.overtaken) {
                    try await replica.handlers.attempts.fail(
                        late.attempt, .code, .factorRefused, audit)
                }
            }
            #expect(try vault.standing(bound.user) == "1 1 active")
        }
    }

    @Test func `O-11 a code must be six ASCII digits and nothing else`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            let code = bound.code()
            let digits = code.unicodeScalars.map(\.value)
            func written(from zero: UInt32) -> String {
                String(
                    String.UnicodeScalarView(
                        digits.compactMap { Unicode.Scalar(zero + $0 - 0x30) }))
            }
            let wrong = [
                " " + code, code + " ", "+" + code.dropFirst(), "", code + "0", code + "\n",
                String(code.dropLast()), code.prefix(3) + " " + code.suffix(3),
                written(from: 0x0660), written(from: 0xFF10), code + "\u{200B}",
            ]
            for (index, text) in wrong.enumerated() {
                try vault.endRests()
                let refusal = try await vault.refusal { (it) throws(Fault) in
                    try await it.checkCode(bound.check(text), Vault.call)
                }
                #expect(refusal?.reason == .codeWrong)
                #expect(try vault.standing(bound.user) == "\(index + 1) 0 active")
            }
        }
    }

    @Test func `O-10 codes are not judged when the clocks disagree`() async throws {
        let late = WallClock {
            Timestamp(microseconds: WallClock.system.now().microseconds + 6_000_000)
        }
        try await withVault(.init(clock: late)) { vault in
            let user = try Vault.newUser()
            let bound = BoundUser(
                user: user, authenticator: try .fresh(), seed: try .random(count: 20))
            let handlers = vault.replicas[0].handlers
            let sealed = try handlers.sealing.seal(
                bound.seed, authenticator: bound.authenticator, of: user)
            try vault.sql(
                """
                INSERT INTO verification.verifiers (uid, type, title, description, issuer)
                VALUES ('totp', 'totp', 'App', '', '');
                INSERT INTO verification.authenticators
                    (user_id, id, kind, verifier, sealed, key_id)
                VALUES ('\(user)', '\(bound.authenticator)', 'totp', 'totp',
                    '\\x\(Base16.encode(sealed.sealed.array))', '\(sealed.keyName)')
                """)
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.code()), Vault.call)
            }
            #expect(refusal?.reason == .unavailable)
            #expect(try vault.standing(user) == "0 0 active")
        }
    }
}
