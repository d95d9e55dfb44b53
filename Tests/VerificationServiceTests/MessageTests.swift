import Audit
import Contracts
import Crypto
import Daemon
import Fixtures
import Testing
import Wire

@testable import VerificationService

/// Codes that are sent: each is right in one place, once.
@Suite struct MessageTests {
    @Test func `a code that was sent binds a telephone, and the next one proves it, once`()
        async throws
    {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            let started = try await it.on { (handlers) throws(Fault) in
                try await handlers.beginChallenge(phone.begin(context), Vault.call)
            }
            guard case .message(let sent) = started.challenge else { throw Unexpected() }
            #expect(sent.receiver == "+31•••••78")
            #expect(sent.digits == 6)
            #expect(sent.resendAfter < started.expiresAt)
            let message = try #require(it.sink.sent.last)
            #expect(message.receiver == MessageVault.number)
            #expect(message.text.contains("is je code voor Dubbelslot"))
            let request = phone.check(message.code, context)
            let proof = try await it.on { (handlers) throws(Fault) in
                try await handlers.checkCode(request, Vault.call)
            }
            #expect(
                proof
                    == Proof(
                        authenticator: phone.authenticator, kind: .sms,
                        verifier: MessageVault.sms))
            let again = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(request, Vault.call)
            }
            #expect(again?.reason == .challengeExpired)
            #expect(try it.vault.standing(phone.user, kind: "sms") == "0 0 active")
            #expect(try it.vault.audited(phone.user, "factor_proved") == 1)
            let listed = try await it.on { (handlers) throws(Fault) in
                try await handlers.listAuthenticators(
                    ListAuthenticators(user: phone.user), Vault.call)
            }
            #expect(listed.authenticators.first?.hint == "+31•••••78")
        }
    }

    @Test func `O-19 and O-20 a code is wrong in another sign-in, purpose, phone and user`()
        async throws
    {
        try await withMessages { it in
            let phone = try await it.bind()
            let other = try await it.bind(phone.user, number: "+31612345679", additional: true)
            let stranger = try await it.bind(number: "+31612345670")
            let contexts = [try ContextID.fresh(), try ContextID.fresh()]
            var left: [UInt32?] = []
            // Each of the others waits for a code of its own.
            _ = try await it.send(phone, contexts[1])
            _ = try await it.send(phone, contexts[0], .stepUp)
            _ = try await it.send(other, contexts[0])
            _ = try await it.send(stranger, contexts[0])
            let code = try await it.send(phone, contexts[0])
            for request in [
                phone.check(code, contexts[1]), phone.check(code, contexts[0], .stepUp),
                other.check(code, contexts[0]), stranger.check(code, contexts[0]),
            ] {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(request, Vault.call)
                }
                #expect(refusal?.reason == .codeWrong)
                left.append(refusal?.attemptsLeft)
            }
            // Failures are the telephone's, wherever they were made.
            #expect(left == [4, 3, 4, 4])
            for purpose in [Purpose.unbind, .bind] {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(
                        phone.check(code, contexts[0], purpose), Vault.call)
                }
                #expect(refusal?.reason == .challengeExpired)
            }
            let right = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(phone.check(code, contexts[0]), Vault.call)
            }
            #expect(right == nil)
        }
    }

    @Test func `O-21 of several codes only the newest is right, and once`() async throws {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            var codes: [String] = []
            for _ in 0..<4 { codes.append(try await it.send(phone, context)) }
            let newest = codes.removeLast()
            for code in codes where code != newest {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(phone.check(code, context), Vault.call)
                }
                #expect(refusal?.reason == .codeWrong)
            }
            for reason in [nil, Reason.challengeExpired] {
                let met = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(phone.check(newest, context), Vault.call)
                }
                #expect(met?.reason == reason)
            }
        }
    }

    @Test func `O-22 five wrong answers end a code, and all of them count at the telephone`()
        async throws
    {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            var failures = 0
            var reasons: [Reason] = []
            while reasons.last != .attemptsExhausted, failures < 40 {
                let code = try await it.send(phone, context)
                for number in 1...5 {
                    try it.vault.endRests()
                    let refusal = try await it.refusal { (handlers) throws(Fault) in
                        try await handlers.checkCode(
                            phone.check(otherCode(code, number), context), Vault.call)
                    }
                    reasons.append(try #require(refusal?.reason))
                    failures += 1
                }
                try it.vault.endRests()
                let right = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(phone.check(code, context), Vault.call)
                }
                #expect(right?.reason == .challengeExpired || failures == 30)
            }
            #expect(failures == 30)
            #expect(reasons.dropLast().allSatisfy { $0 == .codeWrong })
            #expect(try it.vault.standing(phone.user, kind: "sms") == "30 0 disabled")
            let refusal = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.beginChallenge(phone.begin(context), Vault.call)
            }
            #expect(refusal?.reason == .attemptsExhausted)
        }
    }

    @Test func `O-23 a code ends with its time`() async throws {
        try await withMessages { it in
            let phone = try await it.bind()
            for (left, reason) in [("0", Reason.challengeExpired), ("2 minutes", nil)] {
                let context = try ContextID.fresh()
                let code = try await it.send(phone, context)
                let lifetime = try it.vault.sql(
                    """
                    SELECT expires_at - clock_timestamp() BETWEEN '4 minutes' AND '5 minutes'
                    FROM verification.challenges WHERE context = '\(context)'
                    """)
                #expect(lifetime == "t")
                try it.vault.sql(
                    "UPDATE verification.challenges "
                        + "SET expires_at = clock_timestamp() + interval '\(left)'")
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(phone.check(code, context), Vault.call)
                }
                #expect(refusal?.reason == reason)
            }
        }
    }

    @Test func `a resent code of a binding is the only one, and goes to the new number only`()
        async throws
    {
        try await withMessages { it in
            let (user, context) = (try Vault.newUser(), try ContextID.fresh())
            var codes: [String] = []
            for number in ["+31612345678", "+31612345679"] {
                _ = try await it.on { (handlers) throws(Fault) in
                    try await handlers.beginBinding(
                        MessageVault.beginBinding(user, context, number), Vault.call)
                }
                codes.append(it.sink.code)
                try it.forgetMessages()
            }
            #expect(it.sink.sent.map(\.receiver) == ["+31612345678", "+31612345679"])
            for (code, reason) in [(codes[0], Reason.codeWrong), (codes[1], nil)] {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.confirmBinding(
                        ConfirmBinding(
                            user: user, context: context, code: code, additional: false),
                        Vault.call)
                }
                #expect(refusal?.reason == reason)
            }
        }
    }
}

/// Every draw below the bound is as likely as any other, and a code has all its zeros.
@Suite struct MessageCodeTests {
    @Test func `a draw that would make some codes likelier is made again`() {
        var draws: [UInt32] = [4_294_967_295, 4_294_000_000, 4_293_999_999]
        let code = MessageCode.uniform(below: 1_000_000) { draws.removeFirst() }
        #expect(code == 999_999)
        #expect(draws.isEmpty)
    }

    @Test(arguments: [6, 7, 8] as [UInt32])
    func `a code has its digits`(digits: UInt32) throws {
        var seen: Set<String> = []
        for _ in 0..<200 { seen.insert(try MessageCode.fresh(digits: digits).digits) }
        #expect(seen.allSatisfy { $0.utf8.count == Int(digits) && Int($0) != nil })
        #expect(seen.count > 190)
    }

    @Test(arguments: ["12345", "123456789", "12345a", "１２３４５６", "+12345", ""])
    func `what is no code is none`(typed: String) {
        #expect(MessageCode(typed: typed) == nil)
    }

    @Test func `blanks of a code do not matter, and no print shows it`() throws {
        let code = try #require(MessageCode(typed: " 123 456 "))
        #expect(code.digits == "123456")
        var dumped = "\(code)" + String(reflecting: code)
        dump(code, to: &dumped)
        #expect(!dumped.contains("123456"))
    }
}
