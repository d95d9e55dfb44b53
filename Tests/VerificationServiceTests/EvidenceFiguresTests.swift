import Audit
import Contracts
import Postgres
import RPC
import Testing
import Wire

@testable import VerificationService

/// What is told of all users together.
@Suite struct EvidenceFiguresTests {
    private func overview(_ vault: Vault) async throws -> EvidenceOverview {
        try await vault.on { (it) throws(Fault) in
            try await it.getOverview(GetEvidenceOverview(), Vault.call)
        }
    }

    private func checkPassword(
        _ vault: Vault, _ user: UserID, _ text: String
    ) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.checkPassword(CheckPassword(user: user, password: text), Vault.call)
        }?.reason
    }

    @Test func `users are counted once, whatever they have bound, and by each kind`() async throws {
        try await withVault { vault in
            _ = try await vault.makeUser()
            let ann = try await vault.bind()
            _ = try await vault.bind(ann.user, additional: true)
            _ = try await vault.bind()
            let passkey = try await vault.bindPasskey(ann.user, additional: true)
            #expect(passkey.user == ann.user)
            try vault.sql(
                "UPDATE verification.authenticators SET state = 'disabled' WHERE kind = 'totp'")
            let told = try await overview(vault)
            #expect(told.bound == 2)
            let kinds = [BoundKind(type: .totp, users: 2), BoundKind(type: .passkey, users: 1)]
            #expect(told.kinds == kinds)
        }
    }

    @Test func `users are counted whom failures keep out, and nobody who does not exist`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let nobody = try Vault.newUser()
            for _ in 1...5 {
                #expect(try await checkPassword(vault, user, "wrong") == .passwordWrong)
                #expect(try await checkPassword(vault, nobody, "wrong") == .passwordWrong)
            }
            let bound = try await vault.bind(user)
            #expect(try await overview(vault).locked == 1)
            try vault.sql(
                "UPDATE verification.authenticators SET state = 'disabled' "
                    + "WHERE id = '\(bound.authenticator)'")
            #expect(try await overview(vault).locked == 1)
            try vault.endRests()
            #expect(try await overview(vault).locked == 1)
            try vault.sql("UPDATE verification.authenticators SET state = 'active'")
            #expect(try await overview(vault).locked == 0)
        }
    }

    @Test func `what was refused is told by the hour`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let bound = try await vault.bind(user)
            #expect(try await checkPassword(vault, user, "wrong") == .passwordWrong)
            _ = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(bound.check(bound.wrongCode()), Vault.call)
            }
            try vault.sql(
                "INSERT INTO verification.audit (at, event, source) "
                    + "VALUES (now() - interval '30 hours', 'password_refused', 'x')")
            let hours = try await overview(vault).hours
            #expect(hours.reduce(0) { $0 + $1.refused } == 3)
            #expect(hours.first?.refused == 1 && hours.allSatisfy { $0.completed == 0 })
            #expect(hours.map(\.start) == hours.map(\.start).sorted())
        }
    }

    @Test func `messages are counted, those whose codes were right, and what is allowed`()
        async throws
    {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            let code = try await it.send(phone, context)
            let right = try await it.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(phone.check(code, context), Vault.call)
            }
            #expect(right == nil)
            _ = try await it.vault.bind()
            let later = try ContextID.fresh()
            _ = try await it.on { (handlers) throws(Fault) in
                try await handlers.beginChallenge(phone.begin(later), Vault.call)
            }
            func messages(_ limits: LimitSettings? = nil) async throws -> MessageFigures {
                try await it.on { (handlers) throws(Fault) in
                    try await handlers.getOverview(
                        GetEvidenceOverview(limits: limits), Vault.call)
                }.messages
            }
            let told = try await messages()
            #expect(told.sentThisHour == 1 && told.fullestThisHour == 1)
            #expect(told.sentToday == 3, "one to bind, two to prove")
            #expect(told.verifiedToday == 2)
            #expect(told.hourMax == 1000 && !told.alarm)
            var limits = LimitSettings()
            limits.messagesPerHour = 12
            #expect(try await messages(limits).hourMax == 12)
            try it.vault.sql(
                "INSERT INTO verification.audit (event, source) VALUES ('message_alarm', 'x')")
            try it.vault.sql(
                "UPDATE verification.message_counters SET sent = '{}'; "
                    + "UPDATE verification.audit SET at = at - interval '25 hours' "
                    + "WHERE event <> 'message_alarm'")
            let then = try await messages()
            #expect(then.sentThisHour == 0 && then.sentToday == 0 && then.verifiedToday == 0)
            #expect(then.alarm)
        }
    }

    @Test func `the audit is told a page at a time, with what each row says`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let bound = try await vault.bind(user)
            let code = bound.check(bound.code())
            _ = try await vault.on { (it) throws(Fault) in try await it.checkCode(code, Vault.call)
            }
            func page(_ request: ReadAudit) async throws -> AuditPage {
                try await vault.on { (it) throws(Fault) in
                    try await it.listAudit(request, Vault.call)
                }
            }
            let newest = try await page(ReadAudit(limit: 1))
            let row = try #require(newest.rows.first)
            #expect(row.event == "factor_proved" && row.actor == user && row.subject == user)
            #expect(row.details.contains(AuditDetail(key: "kind", value: "totp")))
            #expect(row.trace == Vault.call.trace.audited)
            #expect(newest.reached == row.position)
            let all = try await page(ReadAudit(user: user, subjectOnly: true, limit: 200))
            #expect(all.reached == nil && all.rows.first == row)
            #expect(all.rows.contains { $0.event == "authenticator_bound" })
            #expect(
                try await page(ReadAudit(user: try Vault.newUser(), limit: 200))
                    == AuditPage(rows: []))
        }
    }

    @Test func `no count of users reads the table from end to end`() async throws {
        try await withVault { vault in
            try await vault.on { (it) throws(Fault) in try await it.ensureVerifier() }
            try vault.sql(
                """
                INSERT INTO verification.authenticators
                    (user_id, id, kind, verifier, sealed, key_id)
                SELECT gen_random_uuid(), gen_random_uuid(), 'totp', 'totp',
                    decode(repeat('00', 300), 'hex'), 'k'
                FROM generate_series(1, 20000) AS n
                """)
            try vault.sql("VACUUM ANALYZE verification.authenticators")
            let plan = try await vault.on { (it) throws(Fault) in
                try await it.outbox.pool.all("EXPLAIN \(EvidenceFigures.counting)") {
                    (row) throws(PostgresFault) in try row.decode(String.self)
                }
            }.joined(separator: "\n")
            #expect(plan.contains("authenticators_bound"), "\(plan)")
            #expect(!plan.contains("Seq Scan on authenticators"), "\(plan)")
        }
    }
}
