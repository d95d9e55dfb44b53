import Contracts
import Crypto
import Daemon
import Fixtures
import Mail
import Testing
import Wire

@testable import VerificationService

/// What messages cost, where they go, and what becomes of those that do not arrive.
@Suite struct MessageBudgetTests {
    @Test func `O-24 of 1,000 numbers of one country 100 get a message, and an operator is told`()
        async throws
    {
        try await withMessages(.init(replicas: 2)) { it in
            let answers = try await it.parallel(1000) { (handlers, number) throws(Fault) in
                let context = try ContextID.fresh()
                let digits = String(1_000_000 + number * 7919)
                return try await handlers.beginBinding(
                    MessageVault.beginBinding(try .fresh(), context, "+3161\(digits)"),
                    Vault.call)
            }
            // No more than 60 a minute go out at all.
            #expect(answers.count { $0 == nil } == 60)
            #expect(answers.allSatisfy { $0 == nil || $0 == .messageRateLimited })
            #expect(it.sink.sent.count == 60)
            try it.vault.sql(
                """
                UPDATE verification.message_counters SET sent = ARRAY(
                    SELECT t - interval '2 minutes' FROM unnest(sent) AS t)
                """)
            let more = try await it.parallel(200) { (handlers, number) throws(Fault) in
                let context = try ContextID.fresh()
                let digits = String(2_000_000 + number * 7919)
                return try await handlers.beginBinding(
                    MessageVault.beginBinding(try .fresh(), context, "+3162\(digits)"),
                    Vault.call)
            }
            #expect(more.count { $0 == nil } == 40)
            #expect(it.sink.sent.count == 100)
            let alarms = try it.vault.sql(
                """
                SELECT string_agg(payload ->> 'scope', ' ' ORDER BY id)
                FROM verification.audit WHERE event = 'message_alarm'
                """)
            #expect(Set(alarms.split(separator: " ")) == ["prefix", "everyone"])
            let raised = try it.vault.sql(
                """
                SELECT cardinality(sent) FROM verification.message_counters
                WHERE scope = 'prefix'
                """)
            #expect(raised == "100")
        }
    }

    @Test func `a second message within a minute is refused, says when, and counts nothing`()
        async throws
    {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            for reason in [nil, Reason.messageRateLimited, .messageRateLimited] {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.beginChallenge(phone.begin(context), Vault.call)
                }
                #expect(refusal?.reason == reason)
                let wait = refusal?.retryAfterSeconds ?? 60
                #expect((40...60).contains(wait))
            }
            #expect(it.sink.sent.count == 2)
            // The code that was sent before the refusals is the one that works.
            let code = it.sink.code
            let right = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(phone.check(code, context), Vault.call)
            }
            #expect(right == nil)
            let counted = try it.vault.sql(
                "SELECT max(cardinality(sent)) FROM verification.message_counters")
            #expect(counted == "1")
            #expect(try it.vault.audited(phone.user, "message_refused") == 2)
        }
    }

    @Test func `O-24 whoever binds, or tries, keeps nobody from proving`() async throws {
        try await withMessages { it in
            let phone = try await it.bind()
            // All that may go to the number, and to the numbers around it.
            for number in 0..<20 {
                let receiver = number < 5 ? MessageVault.number : "+316123456\(10 + number)"
                _ = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.beginBinding(
                        MessageVault.beginBinding(try .fresh(), try .fresh(), receiver),
                        Vault.call)
                }
                try it.vault.sql(
                    """
                    UPDATE verification.message_counters SET sent = ARRAY(
                        SELECT t - interval '61 seconds' FROM unnest(sent) AS t)
                    """)
            }
            let binding = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.beginBinding(
                    MessageVault.beginBinding(phone.user, try .fresh(), additional: true),
                    Vault.call)
            }
            #expect(binding?.reason == .messageRateLimited)
            let proving = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.beginChallenge(phone.begin(try .fresh()), Vault.call)
            }
            #expect(proving == nil)
        }
    }

    @Test func `five messages an hour go to one number, whoever asks`() async throws {
        try await withMessages { it in
            for number in 0..<7 {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.beginBinding(
                        MessageVault.beginBinding(try .fresh(), try .fresh()), Vault.call)
                }
                #expect(refusal?.reason == (number < 5 ? nil : .messageRateLimited))
                try it.vault.sql(
                    """
                    UPDATE verification.message_counters SET sent = ARRAY(
                        SELECT t - interval '61 seconds' FROM unnest(sent) AS t)
                    """)
            }
            #expect(it.sink.sent.count == 5)
        }
    }

    @Test(arguments: [
        "+316١٢٣٤٥٦٧٨", "+31612345678\r\nBcc: x", "0612345678", "+1234567890123456789012345",
        "+31 612345678", "", "+31abcdefghi", "tel:+31612345678",
    ])
    func `O-25 no message goes to what is no number`(receiver: String) async throws {
        try await withMessages { it in
            let refusal = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.beginBinding(
                    MessageVault.beginBinding(try .fresh(), try .fresh(), receiver), Vault.call)
            }
            #expect(refusal?.reason == .phoneInvalid)
            #expect(it.sink.sent.isEmpty)
            #expect(try it.vault.sql("SELECT count(*) FROM verification.bindings") == "0")
        }
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_receiver"}"#, Reason.receiverInvalid, "refused"),
        (429, "{}", .messageRateLimited, "limited"),
        (500, "oh", .messageSendFailed, "failed"),
        (302, "", .messageSendFailed, "failed"),
    ])
    func `what a provider refuses is told by its own word, and nothing of it is kept`(
        status: Int, answer: String, reason: Reason, outcome: String
    ) async throws {
        try await withMessages { it in
            it.sink.answers(status, answer)
            let refusal = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.beginBinding(
                    MessageVault.beginBinding(try .fresh(), try .fresh()), Vault.call)
            }
            #expect(refusal?.reason == reason)
            let kept = try it.vault.sql(
                "SELECT outcome || ' ' || (sealed IS NULL)::text FROM verification.outbox")
            #expect(kept == "\(outcome) true")
        }
    }

    @Test func `O-28 a sender that was killed may send a code twice, and it is right once`()
        async throws
    {
        try await withMessages(.init(replicas: 2)) { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            // It ends after the commit and before the sending.
            _ = try await it.vault.refusal { (handlers) throws(Fault) in
                try await it.open(handlers, sends: false).beginChallenge(
                    phone.begin(context), Vault.call)
            }
            #expect(it.sink.sent.count == 1)
            for _ in 0..<2 {
                // The second one finds what the first did not mark as sent.
                try it.vault.sql(
                    "UPDATE verification.outbox SET due_at = clock_timestamp() "
                        + "WHERE sealed IS NOT NULL")
                try await it.vault.on(1) { (handlers) throws(Fault) in
                    let outbox = it.open(handlers).outbox
                    for taken in try await outbox.take(.sms, max: 9) {
                        _ = await it.carrier.carry(
                            try outbox.open(taken), taken, by: .sms, from: outbox)
                    }
                }
            }
            let sent = it.sink.sent.dropFirst()
            #expect(sent.count == 2)
            #expect(Set(sent.map(\.code)).count == 1 && Set(sent.map(\.id)).count == 1)
            let code = it.sink.code
            for reason in [nil, Reason.challengeExpired] {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(phone.check(code, context), Vault.call)
                }
                #expect(refusal?.reason == reason)
            }
        }
    }

    @Test func `D-04 a right code locks its counters in the order in which messages do`()
        async throws
    {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            let code = try await it.send(phone, context)
            let vault = it.vault
            // The first one that anybody locks.
            let holding = Task.detached {
                try vault.sql(
                    """
                    BEGIN;
                    SELECT FROM verification.message_counters WHERE scope = 'everyone'
                        FOR UPDATE;
                    SELECT pg_sleep(6); COMMIT
                    """)
            }
            try await it.until("wait_event = 'PgSleep'")
            let proving = Task.detached {
                try await it.on { (handlers) throws(Fault) in
                    try await handlers.checkCode(phone.check(code, context), Vault.call)
                }
            }
            try await it.until("wait_event_type = 'Lock'")
            // Whoever waits for it holds none of those that come after it.
            try vault.sql(
                "SELECT FROM verification.message_counters WHERE scope = 'prefix' "
                    + "FOR UPDATE NOWAIT")
            _ = try await holding.value
            _ = try await proving.value
        }
    }

    @Test func `a test message is no code, and counts like one`() async throws {
        try await withMessages { it in
            let (ann, ben) = (try Vault.newUser(), try Vault.newUser())
            for (actor, number, reason) in [
                (ann, MessageVault.number, nil),
                (ann, "+31612345679", Reason.messageRateLimited), (ben, "+31612345679", nil),
            ] {
                let refusal = try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.testVerifier(
                        TryVerifier(
                            actor: actor,
                            verifier: TestVerifier(uid: MessageVault.sms, receiver: number)),
                        Vault.call)
                }
                #expect(refusal?.reason == reason)
            }
            let text = "Dubbelslot: a test message, 000000."
            #expect(it.sink.sent.map(\.text) == [text, text])
            let audited = try it.vault.sql(
                "SELECT event || ' ' || (actor = '\(ann)')::text FROM verification.audit "
                    + "WHERE payload ->> 'purpose' = 'test' ORDER BY id")
            #expect(audited == "message_sent true\nmessage_refused true\nmessage_sent false")
            #expect(try it.vault.sql("SELECT count(*) FROM verification.challenges") == "0")
        }
    }

    @Test func `O-15 no code and no number stands in the database`() async throws {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            let code = try await it.send(phone, context)
            var dump = ""
            for table in [
                "verifiers", "authenticators", "bindings", "challenges", "outbox",
                "message_counters", "audit",
            ] {
                let rows = try it.vault.sql("SELECT t::text FROM verification.\(table) t")
                // Times have digits too.
                dump += rows.replacing(/\.\d+/, with: "")
            }
            #expect(dump.contains("\(phone.user)"))
            for secret in [code, it.sink.sent[0].code, "612345678", "whsec_"] {
                #expect(!dump.contains(secret), "\(secret)")
                #expect(!dump.contains(Base16.encode(Array(secret.utf8))))
            }
            let log = try it.vault.cluster.serverLog()
            #expect(!log.contains("612345678"))
        }
    }

    @Test(arguments: ["a@b\r\nBcc: c@d", "a@@b", "Ann <a@b.example>", "", "a b@c.example"])
    func `O-26 no message goes to what is no address`(receiver: String) async throws {
        try await withMessages { it in
            try await it.on { (handlers) throws(Fault) in
                _ = try await handlers.createVerifier(
                    MakeVerifier(
                        verifier: CreateVerifier(
                            uid: VerifierUID("mail")!, type: .email, title: "Mail",
                            description: "")),
                    Vault.call)
            }
            let refusal = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.beginBinding(
                    BeginBinding(
                        user: try .fresh(), verifier: VerifierUID("mail")!,
                        context: try .fresh(), accountName: "ann", additional: false,
                        receiver: receiver, locale: "en"), Vault.call)
            }
            #expect(refusal?.reason == .emailInvalid)
        }
    }
}

extension MessageVault {
    /// Returns once a connection to the database is in this state.
    fileprivate func until(_ condition: String) async throws {
        let sql = """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND \(condition)
            """
        let end = ContinuousClock.now + .seconds(5)
        while try vault.sql(sql) == "0", ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
