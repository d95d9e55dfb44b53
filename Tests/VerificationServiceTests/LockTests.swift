import Contracts
import Crypto
import Testing
import Wire

@testable import VerificationService

@Suite struct LockTests {
    private static let admin: UserID = UserID(high: 1, low: 2)

    private func list(
        _ vault: Vault, after: AuthenticatorID? = nil, limit: UInt32 = 200
    ) async throws -> LockedList {
        try await vault.on { (it) throws(Fault) in
            try await it.listLocked(ListLocked(after: after, limit: limit), Vault.call)
        }
    }

    private func unlock(_ vault: Vault, _ user: UserID) async throws -> UserUnlocked {
        try await vault.on { (it) throws(Fault) in
            try await it.unlock(
                Unlock(user: user, actor: Self.admin, reason: "called from home"), Vault.call)
        }
    }

    private func password(
        _ vault: Vault, _ user: UserID, _ text: String = Vault.password
    ) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.checkPassword(CheckPassword(user: user, password: text), Vault.call)
        }?.reason
    }

    private func code(_ vault: Vault, _ bound: BoundUser, _ text: String) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.checkCode(bound.check(text), Vault.call)
        }?.reason
    }

    /// Five wrong passwords.
    private func delay(_ vault: Vault, _ user: UserID) async throws {
        for _ in 1...5 { #expect(try await password(vault, user, "wrong") == .passwordWrong) }
    }

    private func delayCodes(_ vault: Vault, _ bound: BoundUser) async throws {
        for number in 1...5 {
            #expect(try await code(vault, bound, bound.wrongCode(number)) == .codeWrong)
        }
    }

    @Test func `what failures have locked is listed while it is locked`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let bound = try await vault.bind()
            _ = try await password(vault, user, "wrong")
            #expect(try await list(vault).locks.isEmpty)
            try vault.sql("UPDATE verification.authenticators SET failed = 0")
            try await delay(vault, user)
            try await delayCodes(vault, bound)
            let locks = try await list(vault).locks
            #expect(locks.map(\.failed) == [5, 5])
            #expect(locks.allSatisfy { !$0.disabled })
            let ofPassword = try #require(locks.first { $0.user == user })
            #expect(ofPassword.kind == .password && ofPassword.title.isEmpty)
            let until = try #require(ofPassword.delayedUntil)
            #expect((29...30).contains(until.seconds - ofPassword.since.seconds))
            let ofCode = try #require(locks.first { $0.user == bound.user })
            #expect(ofCode.kind == .totp && ofCode.title == "Authenticator app")
            #expect(ofCode.authenticator == bound.authenticator)
            try vault.endRests()
            #expect(try await list(vault).locks.isEmpty)
        }
    }

    @Test func `who does not exist is neither listed nor unlocked`() async throws {
        try await withVault { vault in
            let nobody = try Vault.newUser()
            try await delay(vault, nobody)
            #expect(try await password(vault, nobody) == .attemptsDelayed)
            #expect(try await list(vault).locks.isEmpty)
            #expect(try await unlock(vault, nobody).unlocked == 0)
            #expect(try await password(vault, nobody) == .attemptsDelayed)
        }
    }

    @Test func `a delayed password is right again at once`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            try await delay(vault, user)
            #expect(try await password(vault, user) == .attemptsDelayed)
            let unlocked = try await unlock(vault, user)
            #expect(unlocked == UserUnlocked(unlocked: 1, stillDisabled: 0))
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            #expect(try await password(vault, user) == nil)
            #expect(
                try vault.audited(
                    user, "user_unlocked",
                    "actor = '\(Self.admin)' AND payload->>'reason' = 'called from home' "
                        + "AND payload->>'unlocked' = '1' AND payload->>'still_disabled' = '0'")
                    == 1)
            // What is not locked is not unlocked; that it was asked stands in the audit too.
            #expect(try await unlock(vault, user).unlocked == 0)
            #expect(try vault.audited(user, "user_unlocked") == 2)
        }
    }

    @Test func `L-26 a disabled password is enabled, and counts from nothing`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            try vault.sql("UPDATE verification.authenticators SET failed = 99")
            #expect(try await password(vault, user, "wrong") == .attemptsExhausted)
            try vault.endRests()
            #expect(try await password(vault, user) == .attemptsExhausted)
            let locks = try await list(vault).locks
            #expect(locks.map(\.disabled) == [true])
            #expect(locks.map(\.failed) == [100])
            #expect(locks.allSatisfy { $0.delayedUntil == nil })
            #expect(try await unlock(vault, user).unlocked == 1)
            #expect(try await password(vault, user, "wrong") == .passwordWrong)
            #expect(try vault.standing(user, kind: "password") == "1 0 active")
            #expect(try await password(vault, user) == nil)
        }
    }

    @Test func `unlocking ends the delay of codes and forgets no failure`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            try await delayCodes(vault, bound)
            #expect(try await code(vault, bound, bound.code()) == .attemptsDelayed)
            #expect(try await unlock(vault, bound.user).unlocked == 1)
            #expect(try vault.standing(bound.user) == "5 0 active")
            #expect(try await code(vault, bound, bound.wrongCode()) == .codeWrong)
            #expect(try vault.standing(bound.user) == "6 0 active")
            #expect(try await code(vault, bound, bound.code()) == .attemptsDelayed)
            #expect(try await unlock(vault, bound.user).unlocked == 1)
            #expect(try await code(vault, bound, bound.code()) == nil)
            #expect(try vault.standing(bound.user) == "0 0 active")
        }
    }

    /// However often it is unlocked, thirty wrong codes in a row are all there are.
    @Test func `a disabled app stays disabled until it is bound anew`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            var tries = 0
            while tries < 40 {
                tries += 1
                let reason = try await code(vault, bound, bound.wrongCode(tries))
                if reason == .attemptsExhausted { break }
                #expect(reason == .codeWrong)
                _ = try await unlock(vault, bound.user)
            }
            #expect(tries == 30)
            let unlocked = try await unlock(vault, bound.user)
            #expect(unlocked == UserUnlocked(unlocked: 0, stillDisabled: 1))
            #expect(try await code(vault, bound, bound.code()) == .attemptsExhausted)
            #expect(try await list(vault).locks.map(\.disabled) == [true])
            _ = try await vault.on { (it) throws(Fault) in
                try await it.resetAuthenticators(
                    RemoveAuthenticators(user: bound.user, actor: Self.admin, reason: "stays"),
                    Vault.call)
            }
            #expect(try await list(vault).locks.isEmpty)
        }
    }

    @Test func `unlocking one user unlocks nobody else`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let other = try await vault.makeUser()
            try await delay(vault, user)
            try await delay(vault, other)
            #expect(try await unlock(vault, user).unlocked == 1)
            #expect(try await list(vault).locks.map(\.user) == [other])
            #expect(try await password(vault, other) == .attemptsDelayed)
        }
    }

    /// Unlocking resets no reservation, so a try under way is settled once, whatever comes first.
    @Test func `tries under way while a user is unlocked are all settled`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            try await delay(vault, user)
            let answers = try await vault.parallel(60) { (it, number) throws(Fault) in
                guard number % 6 == 0 else {
                    _ = try await it.checkPassword(
                        CheckPassword(user: user, password: "wrong"), Vault.call)
                    return
                }
                _ = try await it.unlock(
                    Unlock(user: user, actor: Self.admin, reason: "race"), Vault.call)
            }
            #expect(answers.count { $0 == nil } == 10)
            #expect(
                Set(answers.compactMap { $0 }).isSubset(of: [.passwordWrong, .attemptsDelayed]))
            let reserved = try vault.sql(
                "SELECT reserved FROM verification.authenticators WHERE user_id = '\(user)'")
            #expect(reserved == "0")
            #expect(try vault.audited(user, "user_unlocked") == 10)
        }
    }

    @Test func `the list comes in pages that leave nobody out`() async throws {
        try await withVault { vault in
            var users: Set<UserID> = []
            for _ in 1...5 { users.insert(try await vault.makeUser()) }
            try vault.sql(
                "UPDATE verification.authenticators SET failed = 100, state = 'disabled'")
            var seen: [UserID] = []
            var sizes: [Int] = []
            var after: AuthenticatorID?
            repeat {
                let page = try await list(vault, after: after, limit: 2)
                seen += page.locks.map(\.user)
                sizes.append(page.locks.count)
                after = page.next
            } while after != nil && sizes.count < 9
            #expect(sizes == [2, 2, 1])
            #expect(Set(seen) == users)
            for limit: UInt32 in [0, 201, .max] {
                let refused = try await vault.refusal { (it) throws(Fault) in
                    try await it.listLocked(ListLocked(limit: limit), Vault.call)
                }
                #expect(refused?.reason == .malformed)
            }
        }
    }
}
