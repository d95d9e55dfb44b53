import Contracts
import Fixtures
import Testing
import Wire

@testable import VerificationService

/// What is told when somebody may be at work who is not the owner: whom, and by which statement.
@Suite struct AlarmNoticeTests {
    private static let receiver = NoticeReceiver(
        address: "owner@example.org", locale: "nl", displayName: "Ann")

    /// `subject receiver` of all mails that wait, in the order of their making.
    private func waiting(_ it: MessageVault) async throws -> [String] {
        try await messages(it).map { "\($0.subject.rawValue) \($0.receiver)" }.sorted()
    }

    private func messages(_ it: MessageVault) async throws -> [OutboundMessage] {
        try it.vault.sql(
            "UPDATE verification.outbox SET due_at = clock_timestamp() WHERE sealed IS NOT NULL")
        let outbox = Outbox(
            pool: it.vault.replicas[0].pool, sealing: Sealing(keys: it.vault.keys), exits: .none)
        let taken = try await it.vault.on { (_) throws(Fault) in
            try await outbox.take(.mail, max: 100)
        }
        return try taken.map { try outbox.open($0) }
    }

    private func forget(_ it: MessageVault) throws {
        try it.vault.sql("DELETE FROM verification.outbox")
    }

    @Test func `whose password failures disable is told once, and of nobody's a row is written`()
        async throws
    {
        try await withMessages { it in
            let (owner, nobody) = (try await it.vault.makeUser(), try Vault.newUser())
            for (user, receiver) in [(owner, Self.receiver), (nobody, nil)] {
                let check = CheckPassword(user: user, password: "wrong", notify: receiver)
                for failed in [0, 98, 99, 100] {
                    let assignment = failed == 0 ? "" : "failed = \(failed), "
                    try it.vault.sql(
                        "UPDATE verification.authenticators SET \(assignment)"
                            + "delayed_until = NULL WHERE user_id = '\(user)' "
                            + "AND state = 'active'")
                    let refusal = try await it.refusal { (handlers) throws(Fault) in
                        try await handlers.checkPassword(check, Vault.call)
                    }
                    #expect(refusal != nil)
                }
                #expect(try it.vault.standing(user, kind: "password") == "100 0 disabled")
            }
            #expect(try await waiting(it) == ["password_disabled owner@example.org"])
            let rows = try it.vault.sql(
                "SELECT count(*) || ' ' || count(outcome) FROM verification.outbox")
            #expect(rows == "2 1")
        }
    }

    @Test func `whose passkey failures disable is told once`() async throws {
        try await withMessages { it in
            let user = try await it.vault.bindPasskey()
            try it.vault.sql(
                "UPDATE verification.authenticators SET failed = 28 "
                    + "WHERE user_id = '\(user.user)' AND kind = 'passkey'")
            for _ in 0..<2 {
                let context = try ContextID.fresh()
                let options = try await it.vault.challenge(user, in: context)
                var check = user.check(try user.passkey.assertion(options), in: context)
                check.passkey?.signature = [1, 2, 3]
                check.notify = Self.receiver
                let wrong = check
                _ = try await it.refusal { (handlers) throws(Fault) in
                    _ = try await handlers.checkCode(wrong, Vault.call)
                }
                try it.vault.endRests()
            }
            #expect(try it.vault.standing(user.user, kind: "passkey") == "30 0 disabled")
            #expect(try await waiting(it) == ["authenticator_disabled owner@example.org"])
        }
    }

    @Test func `who uses a recovery code is told truly how many are left, of many at once too`()
        async throws
    {
        try await withMessages(.init(replicas: 2)) { it in
            let bound = try await it.vault.bind()
            let list = try await it.on { (handlers) throws(Fault) in
                try await handlers.listAuthenticators(
                    ListAuthenticators(user: bound.user), Vault.call)
            }
            let recovery = try #require(list.recovery)
            try forget(it)
            let answers = try await it.parallel(4) { (handlers, number) throws(Fault) in
                try await handlers.checkCode(
                    CheckCode(
                        user: bound.user, authenticator: recovery,
                        code: bound.recoveryCodes[number], purpose: .signIn,
                        notify: Self.receiver), Vault.call)
            }
            #expect(answers == [nil, nil, nil, nil])
            #expect(try await messages(it).map(\.left).sorted() == [6, 7, 8, 9])
            let audited = try it.vault.sql(
                "SELECT string_agg(payload ->> 'left', ' ' ORDER BY payload ->> 'left') "
                    + "FROM verification.audit WHERE event = 'recovery_code_used'")
            #expect(audited == "6 7 8 9")
        }
    }

    @Test func `C-12 a recovery is told at every address that was known, not at one alone`()
        async throws
    {
        try await withMessages { it in
            let user = try await it.vault.makeUser()
            let box = try await it.bindMail(user)
            let codes = try await it.on { (handlers) throws(Fault) in
                try await handlers.makeRecoveryCodes(MakeRecoveryCodes(user: user), Vault.call)
            }.codes
            let list = try await it.on { (handlers) throws(Fault) in
                try await handlers.listAuthenticators(ListAuthenticators(user: user), Vault.call)
            }
            let recovery = try #require(list.recovery)
            try forget(it)
            try await it.on { (handlers) throws(Fault) in
                _ = try await handlers.checkCode(
                    CheckCode(
                        user: user, authenticator: recovery, code: codes[0], purpose: .signIn,
                        notify: Self.receiver), Vault.call)
            }
            let both = { (subject: String) in
                ["\(subject) \(MessageVault.address)", "\(subject) owner@example.org"]
            }
            #expect(try await waiting(it) == both("recovery_code_used"))
            #expect(try await messages(it).map(\.left) == [9, 9])

            try forget(it)
            try await it.on { (handlers) throws(Fault) in
                _ = try await handlers.beginReset(
                    BeginReset(user: user, receiver: Self.receiver), Vault.call)
            }
            let link = try #require(try await messages(it).first)
            #expect(link.receiver == "owner@example.org")
            let token = try ResetToken(raw: link.secret)
            try forget(it)
            try await it.on { (handlers) throws(Fault) in
                _ = try await handlers.replacePassword(
                    ReplacePassword(
                        user: user, newPassword: "four quiet grey herons",
                        secondFactorAsked: true, contextWords: [], notify: Self.receiver,
                        reset: token), Vault.call)
            }
            #expect(try await waiting(it) == both("password_changed"))
            #expect(box.user == user)
        }
    }
}
