import Contracts
import Crypto
import Daemon
import Mail
import Testing
import Wire

@testable import VerificationService

/// Messages from the statement that decides to the mail server's hands.
@Suite struct OutboxTests {
    static let receiver = NoticeReceiver(
        address: "ann.canary@example.org", locale: "nl", displayName: "Ann Canary")

    private static func outbox(_ vault: Vault, _ replica: Int = 0) -> Outbox {
        Outbox(
            pool: vault.replicas[replica].pool, sealing: Sealing(keys: vault.keys),
            exits: MessageExits(channels: [.mail]) {})
    }

    @discardableResult
    private func add(
        _ vault: Vault, _ event: NoticeEvent = .authenticatorBound
    ) async throws -> UserID {
        let user = try Vault.newUser()
        let outbox = Self.outbox(vault)
        try await vault.on { (_) throws(Fault) in
            try await outbox.add(
                try outbox.notice(event, to: Self.receiver, of: user) { $0.title = "App" })
        }
        return user
    }

    private func take(
        _ vault: Vault, replica: Int = 0, max: Int = 10
    ) async throws -> [Outbox.Taken] {
        let outbox = Self.outbox(vault, replica)
        return try await vault.on(replica) { (_) throws(Fault) in
            try await outbox.take(.mail, max: max)
        }
    }

    @Test func `a message is taken by one of any number of processes`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            for _ in 0..<20 { try await add(vault) }
            let taken = try await withThrowingTaskGroup(of: [Outbox.Taken].self) { group in
                for number in 0..<16 {
                    group.addTask { try await take(vault, replica: number % 2, max: 5) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(taken.count == 20)
            #expect(Set(taken.map(\.id)).count == 20)
            #expect(try await take(vault).isEmpty)
        }
    }

    @Test func `whoever died while sending leaves the same message to another`() async throws {
        try await withVault { vault in
            let user = try await add(vault)
            let first = try #require(try await take(vault).first)
            try vault.sql("UPDATE verification.outbox SET due_at = clock_timestamp()")
            let second = try #require(try await take(vault).first)
            let outbox = Self.outbox(vault)
            let (message, again) = (try outbox.open(first), try outbox.open(second))
            #expect(message == again && message.title == "App")
            #expect(message.receiver == Self.receiver.address)
            #expect(first.id == second.id && second.user == user)
            // The one who was too slow settles nothing.
            try await vault.on { (_) throws(Fault) in try await outbox.settle(first, .sent) }
            let settled = "SELECT count(*) FROM verification.outbox WHERE sealed IS NULL"
            #expect(try vault.sql(settled).hasPrefix("0"))
            try await vault.on { (_) throws(Fault) in try await outbox.settle(second, .sent) }
            #expect(
                try vault.sql("SELECT outcome, sealed IS NULL FROM verification.outbox")
                    .hasPrefix("sent"))
            #expect(try await take(vault).isEmpty)
        }
    }

    @Test func `what was put back rests, and what has expired is erased`() async throws {
        try await withVault { vault in
            try await add(vault)
            let taken = try #require(try await take(vault).first)
            let outbox = Self.outbox(vault)
            try await vault.on { (_) throws(Fault) in
                try await outbox.putBack(taken, for: .seconds(60))
            }
            #expect(try await take(vault).isEmpty)
            try vault.sql(
                "UPDATE verification.outbox SET due_at = clock_timestamp(), "
                    + "expires_at = clock_timestamp()")
            #expect(try await take(vault).isEmpty)
            let expired = try await vault.on { (_) throws(Fault) in try await outbox.expire() }
            #expect(expired == 1)
            #expect(
                try vault.sql("SELECT outcome || (sealed IS NULL) FROM verification.outbox")
                    .hasPrefix("expiredtrue"))
        }
    }

    @Test func `codes go before notices`() async throws {
        try await withVault { vault in
            try await add(vault)
            let outbox = Self.outbox(vault)
            let user = try Vault.newUser()
            try await vault.on { (_) throws(Fault) in
                var message = OutboundMessage(.signInCode, to: Self.receiver)
                message.secret = "12345678"
                try await outbox.add(try outbox.queue(message, to: user, by: .mail))
            }
            let taken = try #require(try await take(vault, max: 1).first)
            #expect(taken.user == user)
        }
    }

    @Test func `a message that was moved to another row does not open`() async throws {
        try await withVault { vault in
            try await add(vault)
            try await add(vault)
            try vault.sql(
                "UPDATE verification.outbox SET sealed = "
                    + "(SELECT sealed FROM verification.outbox ORDER BY id LIMIT 1)")
            let outbox = Self.outbox(vault)
            let opened = try await take(vault).filter { taken in
                do { return try outbox.open(taken).title == "App" } catch { return false }
            }
            #expect(opened.count == 1)
        }
    }

    @Test func `without a mail server nothing is queued`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            try await vault.on { (handlers) throws(Fault) in
                _ = try await handlers.sendNotice(
                    SendNotice(
                        user: user, receiver: Self.receiver, event: .newDevice, place: "here"),
                    Vault.call)
            }
            #expect(try vault.sql("SELECT count(*) FROM verification.outbox").hasPrefix("0"))
        }
    }

    @Test func `the pauses between tries grow from seconds to minutes`() {
        for (tries, seconds) in [(1, 5), (2, 10), (4, 40), (8, 600), (1000, 600)] {
            let rest = OutboxSender.rest(after: tries)
            #expect(rest <= .seconds(seconds) && rest >= .seconds(seconds) * 0.75)
        }
    }

    @Test func `no print of a message shows whom it goes to or what it says`() {
        var message = OutboundMessage(.signInCode, to: Self.receiver)
        message.secret = "12345678"
        var dumped = ""
        dump(message, to: &dumped)
        for text in ["\(message)", String(reflecting: message), dumped] {
            #expect(!text.contains("12345678") && !text.contains("canary"))
        }
    }
}

/// Notices by the calls whose effect they tell.
@Suite struct NoticeTests {
    private static func queued(_ vault: Vault) throws -> [String] {
        try vault.sql("SELECT subject FROM verification.outbox ORDER BY created_at, subject")
            .split(separator: "\n").map(String.init)
    }

    /// The handlers with a way out, which nobody goes.
    private static func open(_ handlers: VerificationHandlers) -> VerificationHandlers {
        VerificationHandlers(
            pool: handlers.passwords.pool, sealing: handlers.sealing, hashing: handlers.hashing,
            issuer: "Dubbelslot", exits: MessageExits(channels: [.mail]) {}, log: .silent)
    }

    @Test func `binding, unbinding and a new password are told by the statement that does them`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let context = try ContextID.fresh()
            let started = try await vault.on { (handlers) throws(Fault) in
                try await handlers.ensureVerifier()
                return try await handlers.beginBinding(
                    BeginBinding(
                        user: user, verifier: Vault.verifier, context: context,
                        accountName: "ann", additional: false), Vault.call)
            }
            guard case .totp(let enrolment) = started.enrolment else { throw Unexpected() }
            let seed = SecretBytes(
                copying: try #require(Base32.decode(Array(enrolment.secret.utf8))))
            let pending = BoundUser(user: user, authenticator: .sample, seed: seed)
            func confirm(_ code: String) async throws -> AuthenticatorID {
                try await vault.on { (handlers) throws(Fault) in
                    try await Self.open(handlers).confirmBinding(
                        ConfirmBinding(
                            user: user, context: context, code: code, additional: false,
                            notify: OutboxTests.receiver), Vault.call
                    ).authenticator.id
                }
            }
            await #expect(throws: Fault.self) { _ = try await confirm(pending.wrongCode()) }
            #expect(try Self.queued(vault).isEmpty)
            let bound = try await confirm(pending.code())
            #expect(try Self.queued(vault) == ["authenticator_bound"])
            try await vault.on { (handlers) throws(Fault) in
                let open = Self.open(handlers)
                _ = try await open.unbind(
                    RemoveAuthenticator(
                        user: user, authenticator: bound, keepsOne: false,
                        notify: OutboxTests.receiver), Vault.call)
                _ = try await open.replacePassword(
                    ReplacePassword(
                        user: user, newPassword: "four quiet grey herons",
                        currentPassword: Vault.password, secondFactorAsked: false,
                        contextWords: [], notify: OutboxTests.receiver), Vault.call)
            }
            #expect(
                try Self.queued(vault)
                    == ["authenticator_bound", "authenticator_unbound", "password_changed"])
            let dump = try vault.sql("SELECT t::text FROM verification.outbox t")
            #expect(!dump.contains("canary"))
        }
    }

    @Test func `whose authenticator failures disable is told once`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            try vault.sql("UPDATE verification.authenticators SET failed = 28")
            for number in 0..<3 {
                _ = try await vault.refusal { (handlers) throws(Fault) in
                    var check = bound.check(bound.wrongCode(number))
                    check.notify = OutboxTests.receiver
                    return try await Self.open(handlers).checkCode(check, Vault.call)
                }
                try vault.endRests()
            }
            #expect(try vault.standing(bound.user) == "30 0 disabled")
            #expect(try Self.queued(vault) == ["authenticator_disabled"])
        }
    }

    // MARK: Links

    private static func begin(
        _ vault: Vault, _ user: UserID, _ receiver: NoticeReceiver? = OutboxTests.receiver
    ) async throws {
        try await vault.on { (handlers) throws(Fault) in
            _ = try await open(handlers).beginReset(
                BeginReset(user: user, receiver: receiver), Vault.call)
        }
    }

    /// The tokens of all links that wait to be sent, the last one first.
    private static func tokens(_ vault: Vault) async throws -> [ResetToken] {
        let outbox = Outbox(
            pool: vault.replicas[0].pool, sealing: Sealing(keys: vault.keys), exits: .none)
        let taken = try await vault.on { (_) throws(Fault) in
            try await outbox.take(.mail, max: 100)
        }
        return try taken.sorted { $0.createdAt > $1.createdAt }.map {
            try ResetToken(raw: try outbox.open($0).secret)
        }
    }

    private static func reset(
        _ user: UserID, _ token: ResetToken, _ password: String = "four quiet grey herons"
    ) -> ReplacePassword {
        ReplacePassword(
            user: user, newPassword: password, secondFactorAsked: false, contextWords: [],
            notify: OutboxTests.receiver, reset: token)
    }

    @Test func `without a mail server a link is refused, whoever it is asked for`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            for (user, receiver) in [(user, OutboxTests.receiver), (try Vault.newUser(), nil)] {
                let refusal = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.beginReset(
                        BeginReset(user: user, receiver: receiver), Vault.call)
                }
                #expect(refusal?.reason == .messageSendFailed)
            }
        }
    }

    @Test func `C-09 a link is used once, of sixty-four tries on two replicas too`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            try await Self.begin(vault, user)
            let token = try #require(try await Self.tokens(vault).first)
            let answers = try await vault.parallel(64) { (handlers, number) throws(Fault) in
                _ = try await handlers.replacePassword(
                    Self.reset(user, token, "four quiet grey herons \(number)"), Vault.call)
            }
            #expect(answers.count { $0 == nil } == 1)
            // Sixty-four hashes are more than wait at once where each takes ten times as long.
            let told = Set(answers.compactMap { $0 })
            #expect(told.isSubset(of: [.resetExpired, .overloaded]), "\(told)")
            #expect(try vault.audited(user, "password_changed") == 2)
        }
    }

    @Test func `C-09 a newer link, another password and time make a link void`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            func refusal(_ token: ResetToken) async throws -> Reason? {
                let found = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.findReset(FindReset(token: token), Vault.call)
                }
                let used = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.replacePassword(Self.reset(user, token), Vault.call)
                }
                #expect(found?.reason == used?.reason)
                return used?.reason
            }
            try await Self.begin(vault, user)
            try await Self.begin(vault, user)
            let two = try await Self.tokens(vault)
            #expect(try await refusal(two[1]) == .resetExpired)
            try await vault.on { (handlers) throws(Fault) in
                _ = try await handlers.replacePassword(
                    ReplacePassword(
                        user: user, newPassword: "nine slow blue barges",
                        currentPassword: Vault.password, secondFactorAsked: false,
                        contextWords: []), Vault.call)
            }
            #expect(try await refusal(two[0]) == .resetExpired)
            try await Self.begin(vault, user)
            let late = try #require(try await Self.tokens(vault).first)
            try vault.sql("UPDATE verification.resets SET expires_at = clock_timestamp()")
            #expect(try await refusal(late) == .resetExpired)
            #expect(try await refusal(.fresh()) == .resetExpired)
        }
    }

    @Test(arguments: [false, true])
    func `C-09 a link gives a password to whoever has none, once`(isTried: Bool) async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            if isTried {
                // A row without a password counts the tries at one.
                _ = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.checkPassword(
                        CheckPassword(user: user, password: "wrong"), Vault.call)
                }
            }
            try await Self.begin(vault, user)
            let token = try #require(try await Self.tokens(vault).first)
            let request = Self.reset(user, token)
            for reason in [nil, Reason.resetExpired] {
                let refusal = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.replacePassword(request, Vault.call)
                }
                #expect(refusal?.reason == reason)
            }
            let verdict = try await vault.on { (handlers) throws(Fault) in
                try await handlers.checkPassword(
                    CheckPassword(user: user, password: request.newPassword), Vault.call)
            }
            #expect(!verdict.mustChange)
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            #expect(try vault.audited(user, "password_changed") == 1)
        }
    }

    @Test func `C-09 a link of one user replaces no other's password`() async throws {
        try await withVault { vault in
            let (ann, bob) = (try await vault.makeUser(), try await vault.makeUser())
            try await Self.begin(vault, ann)
            let token = try #require(try await Self.tokens(vault).first)
            let refusal = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.replacePassword(Self.reset(bob, token), Vault.call)
            }
            #expect(refusal?.reason == .resetExpired)
            let weak = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.replacePassword(Self.reset(ann, token, "short"), Vault.call)
            }
            #expect(weak?.reason == .passwordTooShort)
            // What was refused has not used it.
            try await vault.on { (handlers) throws(Fault) in
                _ = try await handlers.replacePassword(Self.reset(ann, token), Vault.call)
            }
        }
    }

    @Test func `C-10 of a thousand requests three links go out, and nothing is locked`()
        async throws
    {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let answers = try await vault.parallel(1000) { (handlers, _) throws(Fault) in
                _ = try await Self.open(handlers).beginReset(
                    BeginReset(user: user, receiver: OutboxTests.receiver), Vault.call)
            }
            #expect(answers.compactMap(\.self) == [])
            #expect(try Self.queued(vault).count == 3)
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            try await vault.on { (handlers) throws(Fault) in
                _ = try await handlers.checkPassword(
                    CheckPassword(user: user, password: Vault.password), Vault.call)
            }
            try vault.sql(
                "UPDATE verification.resets SET begun_since = begun_since - interval '1 hour'")
            try await Self.begin(vault, user)
            #expect(try Self.queued(vault).count == 4)
        }
    }

    @Test func `C-10 an owner gets a link that works, whoever else has asked before`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.makeUser()
            for _ in 1...9 { try await Self.begin(vault, user) }
            #expect(try Self.queued(vault).count == 3)
            // Half its time is over.
            let passing = { (minutes: Int) in
                _ = try vault.sql(
                    "UPDATE verification.resets SET "
                        + "expires_at = expires_at - interval '\(minutes) minutes'")
            }
            try passing(14)
            try await Self.begin(vault, user)
            #expect(try Self.queued(vault).count == 3)
            try passing(1)
            for _ in 1...2 { try await Self.begin(vault, user) }
            #expect(try Self.queued(vault).count == 4)
            let newest = try #require(try await Self.tokens(vault).first)
            try await vault.on { (handlers) throws(Fault) in
                _ = try await handlers.replacePassword(Self.reset(user, newest), Vault.call)
            }
            // It was used, so there is none.
            for _ in 1...2 { try await Self.begin(vault, user) }
            #expect(try Self.queued(vault).count(where: { $0 == "password_reset" }) == 5)
        }
    }

    @Test func `a name that nobody has is counted as everybody is, and nothing is sent`()
        async throws
    {
        try await withVault { vault in
            let nobody = try Vault.newUser()
            for _ in 0..<5 { try await Self.begin(vault, nobody, nil) }
            #expect(try vault.sql("SELECT begun FROM verification.resets").hasPrefix("3"))
            #expect(try await Self.tokens(vault).isEmpty)
            #expect(try vault.audited(nobody, "password_reset_begun") == 3)
            let user = try await vault.makeUser()
            for _ in 0..<5 { try await Self.begin(vault, user) }
            #expect(try vault.audited(user, "password_reset_begun") == 3)
            let columns = "SELECT count(*) FROM verification.outbox WHERE user_id = "
            #expect(try vault.sql(columns + "'\(nobody)'") == vault.sql(columns + "'\(user)'"))
        }
    }

    @Test func `O-15 no token or address stands in the database`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            try await Self.begin(vault, user)
            let token = try #require(try await Self.tokens(vault).first)
            var dump = ""
            for table in ["outbox", "resets", "audit"] {
                dump += try vault.sql("SELECT t::text FROM verification.\(table) t")
            }
            #expect(dump.contains("\(user)"))
            let bytes = try #require(Base64URL.decode(token.text.utf8))
            for secret in [token.text, Base16.encode(bytes), "canary"] {
                #expect(!dump.lowercased().contains(secret.lowercased()))
            }
        }
    }
}
