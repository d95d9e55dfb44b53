import Contracts
import Crypto
import Reactor
import Testing
import Wire

@testable import VerificationService

extension Vault {
    /// What the database was set back to forgets that it was used.
    fileprivate func voidAll() async throws -> Int {
        let replica = replicas[0]
        return try await replica.loop.run {
            try await Restored(pool: replica.pool).voidAll(Self.call)
        }
    }

    fileprivate func discard(known: [String]) async throws -> Int {
        let replica = replicas[0]
        return try await replica.loop.run {
            try await LostKeys(pool: replica.pool, known: known).discard(Self.call)
        }
    }

    fileprivate func answer(_ request: CheckCode) async throws -> Reason? {
        try await refusal { (it) throws(Fault) in try await it.checkCode(request, Self.call) }?
            .reason
    }
}

/// What is done where the database or the key ring is not what it was.
@Suite struct BreakGlassTests {
    @Test func `no code of before works where the database was set back`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            // As a backup has it that is older than what was used since.
            try vault.sql("UPDATE verification.authenticators SET last_step = last_step - 100")
            #expect(try await vault.voidAll() == 1)
            for offset: Int64 in [-1, 0, 1] {
                let reason = try await vault.answer(bound.check(bound.code(offset)))
                #expect(reason == .codeUsed || reason == .codeWrong, "\(offset)")
            }
            #expect(
                try vault.sql(
                    "SELECT count(*) FROM verification.recovery_codes WHERE used_at IS NULL")
                    == "0")
            #expect(
                try vault.sql(
                    "SELECT count(*) FROM verification.audit WHERE event = 'database_restored'")
                    == "1")
        }
    }

    @Test func `an app of a period of its own goes on from now, one that counts is disabled`()
        async throws
    {
        try await withVault { vault in
            let slow = try await vault.bind()
            let counting = try await vault.bind()
            try vault.sql(
                """
                UPDATE verification.authenticators
                SET parameters = 'totp-sha1-6-60', last_step = 5 WHERE id = '\(slow.authenticator)';
                UPDATE verification.authenticators
                SET parameters = 'hotp-sha1-6', last_step = 5
                WHERE id = '\(counting.authenticator)'
                """)
            #expect(try await vault.voidAll() == 2)
            #expect(
                try vault.sql(
                    """
                    SELECT last_step - floor(extract(epoch FROM clock_timestamp()) / 60)
                        BETWEEN 0 AND 1
                    FROM verification.authenticators WHERE id = '\(slow.authenticator)'
                    """) == "t")
            #expect(
                try vault.sql(
                    """
                    SELECT state FROM verification.authenticators
                    WHERE id = '\(counting.authenticator)'
                    """) == "disabled")
        }
    }

    @Test func `a second run finds nothing left to void`() async throws {
        try await withVault { vault in
            _ = try await vault.bind()
            _ = try await vault.voidAll()
            // But for a time step that has begun meanwhile.
            #expect(try await vault.voidAll() <= 1)
        }
    }

    @Test func `what the ring opens is kept, and what lost keys sealed goes`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let kept = try await vault.bind(user)
            let lost = try await vault.bind()
            try vault.sql(
                """
                UPDATE verification.authenticators SET key_id = 'lost'
                WHERE user_id = '\(lost.user)' AND kind = 'totp';
                UPDATE verification.recovery_codes SET key_id = 'lost'
                WHERE user_id = '\(lost.user)'
                """)
            #expect(try await vault.discard(known: vault.keys.names) == 1)
            let left = "SELECT count(*) FROM verification"
            #expect(
                try vault.sql("\(left).recovery_codes WHERE user_id = '\(lost.user)'") == "0")
            for (authenticator, count) in [(lost.authenticator, "0"), (kept.authenticator, "1")] {
                let found = try vault.sql("\(left).authenticators WHERE id = '\(authenticator)'")
                #expect(found == count)
            }
            #expect(try await vault.discard(known: vault.keys.names) == 0)
        }
    }
}
