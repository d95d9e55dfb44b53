import Contracts
import Fixtures
import Testing
import Wire

@testable import VerificationService

/// What many users have bound, told together, is what each is told to have by himself.
@Suite struct ListBoundTests {
    private func listBound(_ vault: Vault, _ users: [UserID]) async throws -> [BoundFactor] {
        try await vault.on { (it) throws(Fault) in
            try await it.listBound(ListBound(users: users), Vault.call).factors
        }
    }

    @Test func `those are told to be locked whom the list of locks names, and nobody else`()
        async throws
    {
        try await withVault { vault in
            let delayed = try await vault.makeUser()
            let disabled = try await vault.bind().user
            let device = try await vault.bind().user
            let rested = try await vault.bind().user
            let quiet = try await vault.makeUser()
            let nobody = try Vault.newUser()
            let users = [delayed, disabled, device, rested, quiet, nobody]
            try vault.sql(
                """
                UPDATE verification.authenticators
                SET failed = 5, delayed_until = clock_timestamp() + interval '1 minute'
                WHERE user_id = '\(delayed)';
                UPDATE verification.authenticators SET failed = 30, state = 'disabled'
                WHERE user_id = '\(disabled)' AND kind = 'totp';
                UPDATE verification.authenticators
                SET failed = 5, delayed_until = clock_timestamp() - interval '1 minute'
                WHERE user_id = '\(rested)';
                INSERT INTO verification.device_counters
                    (user_id, authenticator_id, device_id, failed, reserved_at, delayed_until)
                SELECT user_id, id, id, 5, clock_timestamp(),
                    clock_timestamp() + interval '1 minute'
                FROM verification.authenticators WHERE user_id = '\(device)' AND kind = 'totp'
                """)
            // Who does not exist is counted, and is not locked.
            for _ in 0..<5 {
                _ = try await vault.refusal { (it) throws(Fault) in
                    try await it.checkPassword(
                        CheckPassword(user: nobody, password: "wrong"), Vault.call)
                }
            }
            let list = try await vault.on { (it) throws(Fault) in
                try await it.listBound(ListBound(users: users), Vault.call)
            }
            #expect(Set(list.locked) == [delayed, disabled, device] && list.locked.count == 3)
            let locks = try await vault.on { (it) throws(Fault) in
                try await it.listLocked(ListLocked(limit: 200), Vault.call).locks
            }
            #expect(Set(locks.map(\.user)) == Set(list.locked))
            let few = try await vault.on { (it) throws(Fault) in
                try await it.listBound(ListBound(users: [quiet, device]), Vault.call)
            }
            #expect(few.locked == [device])
        }
    }

    private func list(_ vault: Vault, _ user: UserID) async throws -> AuthenticatorList {
        try await vault.on { (it) throws(Fault) in
            try await it.listAuthenticators(ListAuthenticators(user: user), Vault.call)
        }
    }

    @Test func `many users' factors are those that each is told of`() async throws {
        try await withVault { vault in
            let ann = try await vault.bind()
            _ = try await vault.bind(ann.user, additional: true)
            let bob = try await vault.bind()
            let spent = try await vault.bind()
            let nobody = try Vault.newUser()
            try vault.sql(
                """
                UPDATE verification.authenticators SET state = 'disabled', delayed_until = NULL
                WHERE user_id = '\(bob.user)' AND kind = 'totp'
                """)
            try vault.sql(
                """
                UPDATE verification.recovery_codes SET used_at = clock_timestamp()
                WHERE user_id = '\(spent.user)'
                """)
            let users = [ann.user, bob.user, spent.user, nobody]
            let all = try await listBound(vault, users)
            for user in users {
                let own = try await list(vault, user)
                let told = all.filter { $0.user == user }
                let factors = told.filter { $0.verifier != nil }
                #expect(factors.map(\.authenticator) == own.authenticators.map(\.id))
                #expect(factors.map(\.disabled) == own.authenticators.map(\.disabled))
                #expect(factors.map(\.verifier) == own.authenticators.map(\.verifier))
                #expect(factors.map(\.kind) == own.authenticators.map { ProofKind($0.type) })
                let recovery = told.filter { $0.kind == .recovery }
                #expect(recovery.map(\.authenticator) == (own.recovery.map { [$0] } ?? []))
            }
            #expect(Set(all.map(\.user)).count == 3)
        }
    }
}
