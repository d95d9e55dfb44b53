import Contracts
import Fixtures
import RPC
import Testing
import WebAuthn
import Wire

@testable import VerificationService

/// What a passkey's counter, its owner and its row have to say.
struct PasskeyCounterTests {
    /// A right answer of the passkey to a challenge of its own.
    private func answer(
        _ vault: Vault, _ user: PasskeyUser, _ saying: SoftwarePasskey.Saying = .init()
    ) async throws -> CheckCode {
        let context = try ContextID.fresh()
        let options = try await vault.challenge(user, in: context)
        return user.check(try user.passkey.assertion(options, saying), in: context)
    }

    private func refusal(_ vault: Vault, _ check: CheckCode) async throws -> Reason? {
        try await vault.refusal { (handlers) throws(Fault) in
            try await handlers.checkCode(check, Vault.call)
        }?.reason
    }

    @Test func `W-136 of two signatures with one counter one is taken`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.bindPasskey()
            var checks: [CheckCode] = []
            for _ in 0..<4 {
                checks.append(try await answer(vault, user, .init(counter: 9)))
            }
            let all = checks
            let answers = try await vault.parallel(4) { (handlers, number) throws(Fault) in
                try await handlers.checkCode(all[number], Vault.call)
            }
            #expect(answers.filter { $0 == nil }.count == 1)
            // Who is not admitted while it is being disabled is told to come back in a moment.
            let told = Set(answers.compactMap { $0 })
            #expect(
                told.isSubset(of: [.passkeyRefused, .attemptsExhausted, .attemptsDelayed]),
                "\(told)")
            #expect(try vault.signCount(user) == "9")
            #expect(try vault.standing(user.user, kind: "passkey") == "0 0 disabled")
            #expect(try vault.audited(user.user, "passkey_counter_regressed") == 1)
        }
    }

    @Test func `W-136 passkeys without a counter say zero for ever`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey(saying: .init(counter: 0))
            for _ in 1...3 {
                let check = try await answer(vault, user, .init(counter: 0))
                #expect(try await refusal(vault, check) == nil)
            }
            #expect(try vault.signCount(user) == "0")
        }
    }

    @Test(arguments: [0, 3, 7] as [UInt32], [false, true])
    func `W-137 a copy whose counter is behind is refused, disabled and told once`(
        counter: UInt32, alone: Bool
    ) async throws {
        try await withMessages { it in
            let vault = it.vault
            let user = try await vault.bindPasskey()
            #expect(
                try await refusal(vault, try await answer(vault, user, .init(counter: 7))) == nil)
            for reason in [Reason.passkeyRefused, alone ? .passkeyRefused : .attemptsExhausted] {
                let context = try ContextID.fresh()
                let check = CheckPasskey(
                    context: context,
                    passkey: try user.passkey.assertion(
                        try await vault.challenge(in: context), .init(counter: counter)),
                    notify: Self.receiver)
                var beside = user.check(nil, in: context)
                if reason == .passkeyRefused, !alone {
                    beside = try await answer(vault, user, .init(counter: counter))
                    beside.notify = Self.receiver
                }
                let checkBeside = beside
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    if alone {
                        _ = try await handlers.checkPasskey(check, Vault.call)
                    } else {
                        _ = try await handlers.checkCode(checkBeside, Vault.call)
                    }
                }
                #expect(refusal?.reason == reason)
                #expect(try vault.standing(user.user, kind: "passkey") == "0 0 disabled")
            }
            #expect(try vault.signCount(user) == "7")
            #expect(try vault.audited(user.user, "passkey_counter_regressed") == 1)
            let told = "SELECT string_agg(subject, ' ') FROM verification.outbox"
            #expect(try vault.sql(told) == "passkey_disabled")
        }
    }

    private static let receiver = NoticeReceiver(
        address: "owner@example.org", locale: "nl", displayName: "Ann")

    @Test func `W-136 a signature that a later one has overtaken disables nothing`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            try vault.sql(
                "UPDATE verification.authenticators SET sign_count = 7 WHERE kind = 'passkey'")
            for (count, isCopied) in [(6, false), (7, true)] as [(UInt32, Bool)] {
                let isDisabled = try await vault.on { (handlers) throws(Fault) in
                    try await handlers.disable(
                        user.user, user.authenticator, nil, standingAt: count, telling: nil,
                        AuditContext(Vault.call, actor: nil))
                }
                #expect(isDisabled == isCopied)
            }
        }
    }

    @Test func `W-138 alone it must have seen its user, now and when it was bound`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            let blind = try await vault.bindPasskey(saying: .init(isUserVerified: false))
            let cases: [(PasskeyUser, SoftwarePasskey.Saying, Reason?)] = [
                (user, .init(), nil),
                (user, .init(isUserVerified: false), .passkeyRefused),
                (user, .init(namesUser: false), .passkeyRefused),
                (blind, .init(), .passkeyRefused),
            ]
            for (user, saying, expected) in cases {
                let context = try ContextID.fresh()
                let options = try await vault.challenge(in: context)
                let assertion = try user.passkey.assertion(options, saying)
                let check = CheckPasskey(context: context, passkey: assertion)
                let refusal = try await vault.refusal { (handlers) throws(Fault) in
                    let verdict = try await handlers.checkPasskey(check, Vault.call)
                    guard verdict.user == user.user,
                        verdict.authenticator.id == user.authenticator
                    else { throw Fault(.internal) }
                }
                #expect(refusal?.reason == expected)
                let again = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.checkPasskey(check, Vault.call)
                }
                #expect(again?.reason == .passkeyRefused)
            }
            // Beside a password it serves all the same.
            #expect(try await refusal(vault, try await answer(vault, blind)) == nil)
        }
    }

    @Test func `W-139 a passkey that was removed under way proves nothing`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            let check = try await answer(vault, user)
            try await vault.on { (handlers) throws(Fault) in
                _ = try await handlers.unbind(
                    RemoveAuthenticator(
                        user: user.user, authenticator: user.authenticator, keepsOne: false),
                    Vault.call)
            }
            #expect(try await refusal(vault, check) == .authenticatorNotFound)
            let context = try ContextID.fresh()
            let assertion = try user.passkey.assertion(try await vault.challenge(in: context))
            let alone = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.checkPasskey(
                    CheckPasskey(context: context, passkey: assertion), Vault.call)
            }
            #expect(alone?.reason == .passkeyRefused)
        }
    }

    @Test func `W-142 a passkey changed in the database proves nothing`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            let other = try await vault.bindPasskey()
            try vault.sql(
                """
                UPDATE verification.authenticators a SET sealed = o.sealed
                FROM verification.authenticators o
                WHERE a.id = '\(user.authenticator)' AND o.id = '\(other.authenticator)'
                """)
            let refused = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.beginChallenge(
                    BeginChallenge(
                        user: user.user, authenticator: user.authenticator, context: .sample,
                        purpose: .signIn, locale: "en"), Vault.call)
            }
            #expect(refused?.reason == .internal)
            let check = try await answer(vault, other)
            try vault.sql(
                "UPDATE verification.authenticators SET sign_count = 0 WHERE kind = 'passkey'")
            #expect(try await refusal(vault, check) == .internal)
        }
    }

    @Test func `whoever tries a passkey alone is named in the audit once it is proved`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            for isRight in [false, true] {
                let context = try ContextID.fresh()
                var assertion = try user.passkey.assertion(
                    try await vault.challenge(in: context))
                if !isRight { assertion.signature = [1, 2, 3] }
                let check = CheckPasskey(context: context, passkey: assertion)
                let refusal = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.checkPasskey(check, Vault.call)
                }
                #expect(refusal?.reason == (isRight ? nil : .passkeyRefused))
            }
            let alone = "payload ->> 'passkey_alone' = 'true' AND actor"
            #expect(try vault.audited(user.user, "factor_refused", "\(alone) IS NULL") == 1)
            #expect(try vault.audited(user.user, "factor_refused", "\(alone) IS NOT NULL") == 0)
            #expect(
                try vault.audited(user.user, "factor_proved", "\(alone) = '\(user.user)'") == 1)
        }
    }

    /// Presents a wrong signature by itself.
    private func tryAlone(
        _ vault: Vault, _ user: PasskeyUser, _ saying: SoftwarePasskey.Saying = .init(),
        isRight: Bool = false
    ) async throws -> Fault? {
        let context = try ContextID.fresh()
        var assertion = try user.passkey.assertion(
            try await vault.challenge(in: context), saying)
        if !isRight { assertion.signature = [1, 2, 3] }
        let check = CheckPasskey(context: context, passkey: assertion)
        return try await vault.refusal { (handlers) throws(Fault) in
            try await handlers.checkPasskey(check, Vault.call)
        }
    }

    @Test func `thirty wrong answers disable a passkey beside a password, and alone none counts`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            for _ in 1...31 {
                let fault = try #require(try await tryAlone(vault, user))
                #expect(fault.reason == .passkeyRefused)
                #expect(fault.attemptsLeft == nil && fault.retryAfterSeconds == nil)
            }
            #expect(try vault.standing(user.user, kind: "passkey") == "0 0 active")
            #expect(try await tryAlone(vault, user, isRight: true) == nil)

            for number in 1...30 {
                var check = try await answer(vault, user)
                check.passkey?.signature = [1, 2, 3]
                try vault.endRests()
                #expect(
                    try await refusal(vault, check)
                        == (number < 30 ? .passkeyRefused : .attemptsExhausted))
            }
            #expect(try vault.standing(user.user, kind: "passkey") == "30 0 disabled")
            // Bound anew, not tried in another way: nor is it told that it is disabled.
            #expect(
                try await tryAlone(vault, user, isRight: true)?.reason == .passkeyRefused)
            let refused = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.beginChallenge(
                    BeginChallenge(
                        user: user.user, authenticator: user.authenticator, context: .sample,
                        purpose: .signIn, locale: "en"), Vault.call)
            }
            #expect(refused?.reason == .attemptsExhausted)
        }
    }

    @Test func `L-25 whoever waits for failures beside a password still enters by it alone`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            for _ in 1...5 {
                var check = try await answer(vault, user)
                check.passkey?.signature = [1, 2, 3]
                #expect(try await refusal(vault, check) == .passkeyRefused)
            }
            #expect(try await refusal(vault, try await answer(vault, user)) == .attemptsDelayed)
            #expect(try await tryAlone(vault, user, isRight: true) == nil)
            #expect(try await refusal(vault, try await answer(vault, user)) == nil)
        }
    }

    @Test func `an answer that nobody waits for is no failure`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            let check = try await answer(vault, user)
            try vault.sql("UPDATE verification.challenges SET expires_at = clock_timestamp()")
            for _ in 1...7 {
                #expect(try await refusal(vault, check) == .challengeExpired)
            }
            #expect(try vault.standing(user.user, kind: "passkey") == "0 0 active")
        }
    }
}
