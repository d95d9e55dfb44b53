import Contracts
import Crypto
import Testing
import Wire

@testable import VerificationService

/// Users who are erased.
@Suite struct EvidenceErasureTests {
    private func erase(_ it: MessageVault, _ user: UserID) async throws {
        _ = try await it.on { (handlers) throws(Fault) in
            try await handlers.eraseUser(EraseEvidence(user: user, actor: .sample), Vault.call)
        }
    }

    /// How many rows of a user each table holds, but the audit.
    private func rows(_ vault: Vault, _ user: UserID) throws -> [String: Int] {
        let tables = try vault.sql(
            """
            SELECT string_agg(table_name, ' ') FROM information_schema.columns
            WHERE table_schema = 'verification' AND column_name = 'user_id'
            """)
        var found: [String: Int] = [:]
        for table in tables.split(separator: " ").map(String.init) {
            let count = try vault.sql(
                "SELECT count(*) FROM verification.\(table) WHERE user_id = '\(user)'")
            found[table] = Int(count)
        }
        return found
    }

    /// Somebody of whom every table has something.
    private func everything(_ it: MessageVault) async throws -> UserID {
        let vault = it.vault
        let user = try await vault.makeUser()
        _ = try await vault.bind(user)
        let phone = try await it.bind(user, additional: true)
        _ = try await vault.bindPasskey(user, additional: true)
        let context = try ContextID.fresh()
        _ = try await it.send(phone, context)
        try await it.on { (handlers) throws(Fault) in
            _ = try await handlers.beginBinding(
                BeginBinding(
                    user: user, verifier: Vault.verifier, context: context, accountName: "ann",
                    additional: true), Vault.call)
            _ = try await handlers.beginReset(
                BeginReset(user: user, receiver: OutboxTests.receiver), Vault.call)
        }
        let wrong = CheckPassword(user: user, password: "wrong", device: .sample)
        let refusal = try await it.refusal { (handlers) throws(Fault) in
            try await handlers.checkPassword(wrong, Vault.call)
        }
        #expect(refusal?.reason == .passwordWrong)
        try vault.sql(
            """
            INSERT INTO verification.imports (user_id) VALUES ('\(user)');
            INSERT INTO verification.invitations (user_id, digest, expires_at)
            VALUES ('\(user)', sha256('x'), now() + interval '1 day')
            """)
        return user
    }

    @Test func `nothing of an erased user is left in this schema but his identifier in the audit`()
        async throws
    {
        try await withMessages { it in
            let user = try await everything(it)
            let other = try await it.vault.makeUser()
            let before = try rows(it.vault, user)
            for (table, count) in before { #expect(count > 0, "\(table)") }
            try await erase(it, user)
            for (table, count) in try rows(it.vault, user) { #expect(count == 0, "\(table)") }
            #expect(try it.vault.audited(user, "user_erased", "actor IS NOT NULL") == 1)
            #expect(try rows(it.vault, other)["authenticators"] == 1)
            let audit = try it.vault.sql("SELECT t::text FROM verification.audit t")
            for word in ["canary", "31612345678", "@"] { #expect(!audit.contains(word)) }
            // Once more changes nothing, and is nothing to tell.
            try await erase(it, user)
            #expect(try it.vault.audited(user, "user_erased") == 1)
        }
    }

    @Test func `an erased user proves nothing, and what was begun is not confirmed`() async throws {
        try await withMessages { it in
            let user = try await it.vault.makeUser()
            let bound = try await it.vault.bind(user)
            let context = try ContextID.fresh()
            try await it.on { (handlers) throws(Fault) in
                _ = try await handlers.beginBinding(
                    MessageVault.beginBinding(user, context, additional: true), Vault.call)
            }
            let code = it.sink.code
            try await erase(it, user)
            let reasons = [
                try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkPassword(
                        CheckPassword(user: user, password: Vault.password), Vault.call)
                },
                try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(bound.check(bound.code()), Vault.call)
                },
                try await it.refusal { (handlers) throws(Fault) in
                    try await handlers.confirmBinding(
                        ConfirmBinding(user: user, context: context, code: code, additional: true),
                        Vault.call)
                },
            ].map { $0?.reason }
            #expect(reasons == [.passwordWrong, .authenticatorNotFound, .bindingExpired])
        }
    }

    @Test func `whatever is bound while a user is erased goes with him`() async throws {
        try await withMessages(.init(replicas: 2)) { it in
            for _ in 0..<8 {
                let user = try await it.vault.makeUser()
                let context = try ContextID.fresh()
                try await it.on { (handlers) throws(Fault) in
                    _ = try await handlers.beginBinding(
                        MessageVault.beginBinding(user, context), Vault.call)
                }
                let code = it.sink.code
                _ = try await it.parallel(2) { (handlers, number) throws(Fault) in
                    if number == 0 {
                        _ = try await handlers.eraseUser(EraseEvidence(user: user), Vault.call)
                    } else {
                        _ = try await handlers.confirmBinding(
                            ConfirmBinding(
                                user: user, context: context, code: code, additional: false),
                            Vault.call)
                    }
                }
                try it.forgetMessages()
                #expect(try rows(it.vault, user)["authenticators"] == 0)
            }
        }
    }
}
