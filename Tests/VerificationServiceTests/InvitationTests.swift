import Contracts
import Crypto
import Mail
import Testing
import Wire

@testable import VerificationService

/// First passwords: by an invitation, and of whoever signed up.
@Suite struct InvitationTests {
    private static func open(_ handlers: VerificationHandlers) -> VerificationHandlers {
        VerificationHandlers(
            pool: handlers.passwords.pool, sealing: handlers.sealing, hashing: handlers.hashing,
            issuer: "Dubbelslot", exits: MessageExits(channels: [.mail]) {}, log: .silent)
    }

    private func invite(_ vault: Vault, _ user: UserID) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await Self.open(it).sendInvitation(
                SendInvitation(user: user, receiver: OutboxTests.receiver, actor: .sample),
                Vault.call)
        }?.reason
    }

    /// What the mails carry, the last one first.
    private func messages(_ vault: Vault) async throws -> [OutboundMessage] {
        let outbox = Outbox(
            pool: vault.replicas[0].pool, sealing: Sealing(keys: vault.keys), exits: .none)
        let taken = try await vault.on { (_) throws(Fault) in
            try await outbox.take(.mail, max: 100)
        }
        try vault.sql("UPDATE verification.outbox SET due_at = clock_timestamp()")
        return try taken.sorted { $0.createdAt > $1.createdAt }.map { try outbox.open($0) }
    }

    private func token(_ vault: Vault) async throws -> ResetToken {
        try ResetToken(raw: try #require(try await messages(vault).first).secret)
    }

    private func accept(
        _ vault: Vault, _ user: UserID, _ token: ResetToken,
        _ password: String = "four quiet grey herons"
    ) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.replacePassword(
                ReplacePassword(
                    user: user, newPassword: password, secondFactorAsked: false,
                    contextWords: [], reset: token),
                Vault.call)
        }?.reason
    }

    private func found(_ vault: Vault, _ token: ResetToken) async throws -> UserID? {
        do {
            return try await vault.on { (it) throws(Fault) in
                try await it.findReset(FindReset(token: token), Vault.call)
            }.user
        } catch let fault as Fault where fault.reason == .resetExpired {
            return nil
        }
    }

    @Test func `an invitation sets the first password, once, of sixty-four tries on two replicas`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try Vault.newUser()
            #expect(try await invite(vault, user) == nil)
            let token = try await token(vault)
            #expect(try await found(vault, token) == user)
            let answers = try await vault.parallel(64) { (it, number) throws(Fault) in
                try await it.replacePassword(
                    ReplacePassword(
                        user: user, newPassword: "four quiet grey herons \(number)",
                        secondFactorAsked: false, contextWords: [], reset: token),
                    Vault.call)
            }
            #expect(answers.count { $0 == nil } == 1)
            #expect(try await found(vault, token) == nil)
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            #expect(try vault.audited(user, "invitation_sent", "actor IS NOT NULL") == 1)
            #expect(try vault.sql("SELECT count(*) FROM verification.invitations") == "0")
        }
    }

    @Test func `an invitation works for seven days, and not beside a newer one or for another`()
        async throws
    {
        try await withVault { vault in
            let user = try Vault.newUser()
            #expect(try await invite(vault, user) == nil)
            let first = try await token(vault)
            #expect(try await invite(vault, user) == nil)
            let second = try await token(vault)
            #expect(first != second)
            #expect(try await accept(vault, user, first) == .resetExpired)
            #expect(try await accept(vault, try Vault.newUser(), second) == .resetExpired)
            let days = try vault.sql(
                "SELECT round(extract(epoch FROM expires_at - clock_timestamp()) / 86400) "
                    + "FROM verification.invitations")
            #expect(days == "7")
            try vault.sql("UPDATE verification.invitations SET expires_at = clock_timestamp()")
            #expect(try await accept(vault, user, second) == .resetExpired)
            let pool = vault.replicas[0].pool
            _ = try await vault.on { (_) throws(Fault) in
                try await Sweep(pool: pool, log: .silent).once()
            }
            #expect(try vault.sql("SELECT count(*) FROM verification.invitations") == "0")
        }
    }

    @Test func `whoever has a password is not invited, and any password ends an invitation`()
        async throws
    {
        try await withVault { vault in
            let settled = try await vault.makeUser()
            #expect(try await invite(vault, settled) == .passwordExists)
            let user = try Vault.newUser()
            #expect(try await invite(vault, user) == nil)
            let token = try await token(vault)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(SetInitialPassword(user: user), Vault.call)
            }
            #expect(try await accept(vault, user, token) == .resetExpired)
        }
    }

    @Test func `what strangers ask for leaves an invitation, and a reset that is used ends it`()
        async throws
    {
        try await withVault { vault in
            let user = try Vault.newUser()
            #expect(try await invite(vault, user) == nil)
            let invitation = try await token(vault)
            _ = try await vault.on { (it) throws(Fault) in
                try await Self.open(it).beginReset(
                    BeginReset(user: user, receiver: OutboxTests.receiver), Vault.call)
            }
            let reset = try await token(vault)
            #expect(try await found(vault, invitation) == user)
            #expect(try await accept(vault, user, reset) == nil)
            #expect(try await accept(vault, user, invitation) == .resetExpired)
        }
    }

    @Test func `links to an earlier address work no more, and it is told, with or without mail`()
        async throws
    {
        try await withVault { vault in
            let user = try Vault.newUser()
            let other = try Vault.newUser()
            #expect(try await invite(vault, user) == nil)
            let invitation = try await token(vault)
            #expect(try await invite(vault, other) == nil)
            let others = try await token(vault)
            _ = try await vault.on { (it) throws(Fault) in
                try await Self.open(it).beginReset(
                    BeginReset(user: user, receiver: OutboxTests.receiver), Vault.call)
            }
            let reset = try await token(vault)
            _ = try await vault.on { (it) throws(Fault) in
                try await Self.open(it).endLinks(
                    EndLinks(user: user, notify: OutboxTests.receiver), Vault.call)
            }
            for link in [invitation, reset] {
                #expect(try await found(vault, link) == nil)
                #expect(try await accept(vault, user, link) == .resetExpired)
            }
            #expect(try await found(vault, others) == other)
            let told = try #require(try await messages(vault).first)
            #expect(told.subject == .addressChanged)
            #expect(told.receiver == OutboxTests.receiver.address)
            // Again, and where no mail goes out.
            _ = try await vault.on { (it) throws(Fault) in
                try await it.endLinks(
                    EndLinks(user: user, notify: OutboxTests.receiver), Vault.call)
            }
            #expect(try await messages(vault).count { $0.subject == .addressChanged } == 1)
            // Another link goes to the address of now.
            #expect(try await invite(vault, user) == nil)
            #expect(try await accept(vault, user, try await token(vault)) == nil)
        }
    }

    @Test func `the languages that users choose among are those of mails`() {
        #expect(
            MessageLanguage.allCases.map(\.rawValue) == MailLanguage.allCases.map(\.rawValue))
    }

    @Test func `without a mail server nobody is invited and nobody signs up`() async throws {
        try await withVault { vault in
            let refusals = [
                try await vault.refusal { (it) throws(Fault) in
                    try await it.sendInvitation(
                        SendInvitation(user: .sample, receiver: OutboxTests.receiver), Vault.call)
                },
                try await vault.refusal { (it) throws(Fault) in
                    try await it.sendSignUp(
                        SendSignUp(
                            user: .sample, receiver: OutboxTests.receiver, token: .sample),
                        Vault.call)
                },
            ]
            #expect(refusals.map { $0?.reason } == [.messageSendFailed, .messageSendFailed])
            #expect(try vault.sql("SELECT count(*) FROM verification.invitations") == "0")
        }
    }

    // MARK: Signing up

    @Test func `L-23 a sign-up writes one row, whatever is true of its address`() async throws {
        try await withVault { vault in
            for (receiver, token) in [
                (OutboxTests.receiver, SignUpToken.sample), (OutboxTests.receiver, nil),
                (nil, SignUpToken.sample),
            ] as [(NoticeReceiver?, SignUpToken?)] {
                try await vault.on { (it) throws(Fault) in
                    _ = try await Self.open(it).sendSignUp(
                        SendSignUp(user: .sample, receiver: receiver, token: token), Vault.call)
                }
            }
            #expect(try vault.sql("SELECT count(*) FROM verification.outbox") == "3")
            let messages = try await messages(vault)
            #expect(Set(messages.map(\.subject)) == [.signUp, .signUpKnown])
            for message in messages {
                #expect((message.secret == SignUpToken.sample.text) == (message.subject == .signUp))
            }
        }
    }

    @Test func `a chosen password follows the rules, and replaces none that was proved`()
        async throws
    {
        try await withVault { vault in
            let user = try Vault.newUser()
            func choose(_ password: String, factor: Bool = false) async throws -> Reason? {
                try await vault.refusal { (it) throws(Fault) in
                    try await it.setChosenPassword(
                        SetChosenPassword(
                            user: user, password: password, secondFactorAsked: factor,
                            contextWords: ["annabelle-of-arnhem"], lengthMin: 0),
                        Vault.call)
                }?.reason
            }
            #expect(try await choose("eight ch") == .passwordTooShort)
            #expect(try await choose("annabelle-of-arnhem") == .passwordTooCommon)
            #expect(try await choose(String(repeating: "a b", count: 100)) == .passwordTooLong)
            #expect(try await choose("eight ch", factor: true) == nil)
            // Nobody has proved it, so the one who chooses may choose again.
            #expect(try await choose(Vault.password) == nil)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(
                    CheckPassword(user: user, password: Vault.password), Vault.call)
            }
            #expect(try await choose("another rather long phrase") == .passwordExists)
        }
    }
}
