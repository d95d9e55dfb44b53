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
