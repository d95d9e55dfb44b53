import Contracts
import Fixtures
import SMS
import Testing
import Wire

@testable import VerificationService

/// Policy's limits, which come with each call: they make ours stricter and nothing else.
@Suite struct PolicyLimitTests {
    private func limits(_ fill: (inout LimitSettings) -> Void) -> LimitSettings {
        var limits = LimitSettings()
        fill(&limits)
        return limits
    }

    @Test func `whatever is said, no limit is laxer than what is built in`() throws {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        for _ in 0..<2000 {
            let said: LimitSettings = try RandomCoder.message(using: &dice)
            let guesses = GuessLimits().tightened(by: said)
            #expect((1...100).contains(guesses.password.failuresMax), "seed \(dice.seed)")
            #expect((1...30).contains(guesses.code.failuresMax), "seed \(dice.seed)")
            #expect(guesses.password.rests == guesses.code.rests)
            let rests = guesses.code.rests
            for failures in [1, 4, 5, 6, 12, 30, 100] {
                #expect(
                    rests.seconds(after: failures) >= Rests.standard.seconds(after: failures),
                    "seed \(dice.seed): \(rests)")
            }
            let (budget, ours) = (MessageBudget().tightened(by: said), MessageBudget())
            #expect(zip(budget.user, ours.user).allSatisfy { $0.count <= $1.count })
            #expect(zip(budget.receiver, ours.receiver).allSatisfy { $0.count <= $1.count })
            #expect(budget.prefixHourMax <= ours.prefixHourMax)
            #expect(budget.everyoneMinuteMax <= ours.everyoneMinuteMax)
            #expect(budget.everyoneHourMax <= ours.everyoneHourMax)
        }
        #expect(GuessLimits().tightened(by: LimitSettings()) == GuessLimits())
    }

    @Test func `rests begin and grow as policy says`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            let said = limits {
                $0.restingFrom = 2
                $0.restSeconds = 600
            }
            for (left, wait) in [(1, nil), (0, 600), (0, 1200)] as [(UInt32, UInt32?)] {
                try vault.endRests()
                let refusal = try await vault.refusal { (it) throws(Fault) in
                    var check = bound.check(bound.wrongCode())
                    check.limits = said
                    return try await it.checkCode(check, Vault.call)
                }
                let expected = Fault(.codeWrong, retryAfterSeconds: wait, attemptsLeft: left)
                #expect(refusal == expected)
            }
        }
    }

    @Test func `O-06 a limit passed before it was made stricter disables, and checks nothing`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let bound = try await vault.bind()
            let user = try await vault.makeUser()
            try vault.sql("UPDATE verification.authenticators SET failed = 20")
            let said = limits {
                $0.codeFailures = 10
                $0.passwordFailures = 15
            }
            let codes = try await vault.parallel(20) { (it, _) throws(Fault) in
                var check = bound.check(bound.code())
                check.limits = said
                return try await it.checkCode(check, Vault.call)
            }
            #expect(codes.allSatisfy { $0 == .attemptsExhausted || $0 == .attemptsDelayed })
            #expect(codes.contains(.attemptsExhausted))
            #expect(try vault.standing(bound.user) == "20 0 disabled")
            let passwords = try await vault.parallel(8) { (it, _) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: Vault.password, limits: said), Vault.call)
            }
            #expect(!passwords.contains(nil))
            #expect(try vault.standing(user, kind: "password") == "20 0 disabled")
        }
    }

    @Test func `L-25 40 wrong passwords at once stop at policy's limit`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let said = limits { $0.passwordFailures = 10 }
            _ = try await vault.parallel(40) { (it, number) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: "wrong \(number)", limits: said),
                    Vault.call)
            }
            let checked =
                try vault.audited(user, "password_refused", "payload->>'reason' IS NULL")
                + vault.audited(user, "authenticator_disabled")
            #expect((5...10).contains(checked))
        }
    }

    @Test func `O-24 policy sends fewer messages`() async throws {
        try await withMessages { it in
            let said = limits { $0.messagesPerMinute = 3 }
            let answers = try await it.parallel(10) { (handlers, number) throws(Fault) in
                let context = try ContextID.fresh()
                var begin = MessageVault.beginBinding(
                    try .fresh(), context, "+3161\(1_000_000 + number * 7919)")
                begin.limits = said
                return try await handlers.beginBinding(begin, Vault.call)
            }
            #expect(answers.count { $0 == nil } == 3)
            #expect(answers.count { $0 == .messageRateLimited } == 7)
        }
    }
}
