import Contracts
import Crypto
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// The list of locked accounts and unlocking, at the gateway: who may, and whose locks are shown.
struct LockedAccountTests {
    @Test func `locks are shown with the names of their users`() async throws {
        try await withGatehouse { house in
            let admin = try await house.makeUser("admin", roles: [.administrator], factors: 1)
            let user = try await house.makeUser("ann", factors: 2)
            let free = try await house.makeUser("bob", factors: 1)
            let gone = try Random.identifier(UserKind.self)
            let token = try await house.session(admin)
            _ = house.verification.bind(gone)
            house.verification.disable(user.id)
            house.verification.disable(gone)
            let list = try await house.on {
                try await $0.admin.listLockedAccounts(
                    ListLockedAccounts(limit: 0), .from(token))
            }
            #expect(list.accounts.map(\.userName) == ["ann", "ann"])
            #expect(list.accounts.map(\.displayName) == ["ann", "ann"])
            #expect(list.accounts.allSatisfy { !$0.disabled && $0.lock.user == user.id })
            #expect(!list.accounts.contains { $0.lock.user == free.id })
            let refused = try await house.refusal {
                try await $0.admin.listLockedAccounts(
                    ListLockedAccounts(limit: 201), .from(token))
            }
            #expect(refused == .malformed)
        }
    }

    @Test func `unlocking wants an administrator, a fresh proof, a reason and a user`()
        async throws
    {
        try await withGatehouse { house in
            let admin = try await house.makeUser("admin", roles: [.administrator], factors: 1)
            let user = try await house.makeUser("ann", factors: 1)
            house.verification.disable(user.id)
            let own = try await house.makeUser("bob")
            let token = try await house.session(admin)
            let plain = try await house.session(own)
            func unlock(
                _ id: UserID, _ reason: String, _ token: SessionToken?
            ) async throws -> Reason? {
                try await house.refusal {
                    try await $0.admin.unlockUser(
                        UnlockUser(user: id, reason: reason), .from(token))
                }
            }
            #expect(try await unlock(user.id, "called", nil) == .notSignedIn)
            #expect(try await unlock(user.id, "called", plain) == .administratorRequired)
            #expect(try await unlock(own.id, "me", plain) == .administratorRequired)
            #expect(try house.audited("caller_refused", own.id) == 2)
            #expect(try await unlock(user.id, " \t", token) == .reasonRequired)
            #expect(try await unlock(user.id, "called", token) == nil)
            let nobody = try Random.identifier(UserKind.self)
            #expect(try await unlock(nobody, "called", token) == .userNotFound)
            try house.sql(
                "UPDATE auth.sessions SET proved_at = proved_at - interval '302 seconds'")
            #expect(try await unlock(user.id, "called", token) == .stepUpRequired)
            #expect(try await house.opens(token), "nobody's session ends by it")
        }
    }
}

extension VerificationDouble {
    /// What is disabled is all that is locked here; nothing is counted.
    func listLocked(_ request: ListLocked, _ call: Call) async throws(Fault) -> LockedList {
        try await stand.enter("listLocked", call)
        let factors = state.withLock { $0.factors }
        return LockedList(
            locks: factors.flatMap { user, views in
                views.filter(\.disabled).map { view in
                    AuthenticatorLock(
                        user: user, authenticator: view.id, kind: .totp, title: view.title,
                        failed: 30, disabled: true, since: Timestamp(seconds: 1))
                }
            })
    }

    func unlock(_ request: Unlock, _ call: Call) async throws(Fault) -> UserUnlocked {
        try await stand.enter("unlock", call)
        let disabled = factors(of: request.user).count { $0.disabled }
        return UserUnlocked(unlocked: 0, stillDisabled: UInt32(clamping: disabled))
    }
}
