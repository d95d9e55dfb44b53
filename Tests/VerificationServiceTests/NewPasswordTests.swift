import Contracts
import Crypto
import Testing
import Wire

@testable import VerificationService

@Suite struct NewPasswordTests {
    private func check(_ user: UserID, _ password: String) -> CheckPassword {
        CheckPassword(user: user, password: password)
    }

    /// `proved` is what a sign-in would have proved, where no current password is given.
    private func replace(
        _ user: UserID, _ new: String, current: String? = nil, secondFactor: Bool = false,
        words: [String] = [], proved: AuthenticatorID? = nil
    ) -> ReplacePassword {
        ReplacePassword(
            user: user, newPassword: new, currentPassword: current,
            secondFactorAsked: secondFactor, contextWords: words, proved: proved)
    }

    @Test func `a sign-in replaces only the password it began with`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let initial = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(SetInitialPassword(user: user), Vault.call)
            }.initialPassword
            let verdict = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user, initial), Vault.call)
            }
            let first = replace(user, Vault.password, proved: verdict.password)
            let second = replace(user, "another rather long phrase", proved: verdict.password)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.replacePassword(first, Vault.call)
            }
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.replacePassword(second, Vault.call)
            }
            #expect(refusal == Fault(.versionConflict))
            let neither = try await vault.refusal { (it) throws(Fault) in
                try await it.replacePassword(replace(user, "a third long phrase"), Vault.call)
            }
            #expect(neither?.reason == .malformed)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user, Vault.password), Vault.call)
            }
        }
    }

    @Test func `an initial password is random and has to be changed`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let admin = try Vault.newUser()
            let set = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(
                    SetInitialPassword(user: user, actor: admin), Vault.call)
            }
            #expect(set.initialPassword.utf8.count == 23)
            let verdict = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user, set.initialPassword), Vault.call)
            }
            #expect(verdict.mustChange)
            let next = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(SetInitialPassword(user: user), Vault.call)
            }
            #expect(next.initialPassword != set.initialPassword)
            let old = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(check(user, set.initialPassword), Vault.call)
            }
            #expect(old == Fault(.passwordWrong))
            #expect(
                try vault.audited(user, "initial_password_set", "actor = '\(admin)'") == 1)
        }
    }

    @Test func `a prepared initial password is taken within its bounds`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let wrong: [(String, Reason)] = [
                ("1234567", .passwordTooShort),
                (String(repeating: "a", count: 257), .passwordTooLong),
            ]
            for (text, reason) in wrong {
                let refusal = try await vault.refusal { (it) throws(Fault) in
                    try await it.setInitialPassword(
                        SetInitialPassword(user: user, password: text), Vault.call)
                }
                #expect(refusal == Fault(reason))
            }
            let set = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(
                    SetInitialPassword(user: user, password: "from a file"), Vault.call)
            }
            #expect(set.initialPassword == "from a file")
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user, "from a file"), Vault.call)
            }
        }
    }

    @Test func `an initial password opens one sign-in within seven days`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let initial = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(SetInitialPassword(user: user), Vault.call)
            }.initialPassword
            func refusal(after change: String) async throws -> Fault? {
                try vault.sql("UPDATE verification.authenticators SET \(change)")
                return try await vault.refusal { (it) throws(Fault) in
                    try await it.checkPassword(check(user, initial), Vault.call)
                }
            }
            #expect(try await refusal(after: "initial_used_at = NULL") == nil)
            // The sign-in may be begun again for ten minutes, and not longer.
            #expect(try await refusal(after: "failed = 0") == nil)
            let minutes = "initial_used_at = clock_timestamp() - interval '10 minutes'"
            #expect(try await refusal(after: minutes) == Fault(.initialPasswordExpired))
            let days = "initial_used_at = NULL, initial_expires_at = clock_timestamp()"
            #expect(try await refusal(after: days) == Fault(.initialPasswordExpired))
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            let wrong = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(check(user, "wrong"), Vault.call)
            }
            #expect(wrong == Fault(.passwordWrong))
        }
    }

    @Test func `a chosen password replaces the one before and counts from zero`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let initial = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(SetInitialPassword(user: user), Vault.call)
            }.initialPassword
            try vault.sql("UPDATE verification.authenticators SET failed = 99")
            let first = replace(user, Vault.password, proved: try vault.passwordID(user))
            _ = try await vault.on { (it) throws(Fault) in
                try await it.replacePassword(first, Vault.call)
            }
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
            let verdict = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user, Vault.password), Vault.call)
            }
            #expect(!verdict.mustChange)
            let old = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(check(user, initial), Vault.call)
            }
            #expect(old == Fault(.passwordWrong))
        }
    }

    @Test func `the current password is checked and counted first`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            let new = "another good long pass phrase"
            let wrong = try await vault.refusal { (it) throws(Fault) in
                try await it.replacePassword(replace(user, new, current: "wrong"), Vault.call)
            }
            #expect(wrong == Fault(.passwordWrong))
            #expect(try vault.standing(user, kind: "password") == "1 0 active")
            _ = try await vault.on { (it) throws(Fault) in
                try await it.replacePassword(
                    replace(user, new, current: Vault.password), Vault.call)
            }
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user, new), Vault.call)
            }
        }
    }

    @Test func `of two replacements at once one is told of the other`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try await vault.makeUser()
            let proved = try vault.passwordID(user)
            let answers = try await vault.parallel(6) { (it, number) throws(Fault) in
                try await it.replacePassword(
                    replace(user, "a rather long phrase no \(number)", proved: proved),
                    Vault.call)
            }
            #expect(answers.contains(nil))
            #expect(answers.allSatisfy { $0 == nil || $0 == .versionConflict })
            let changes = try vault.audited(user, "password_changed")
            #expect(changes == 1 + answers.count { $0 == nil })
        }
    }

    @Test func `the same password again is refused, said or not`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            for current in [nil, Vault.password] {
                let proved = current == nil ? try vault.passwordID(user) : nil
                let refusal = try await vault.refusal { (it) throws(Fault) in
                    try await it.replacePassword(
                        replace(user, Vault.password, current: current, proved: proved),
                        Vault.call)
                }
                #expect(refusal == Fault(.passwordUnchanged))
            }
        }
    }

    @Test func `L-21 fifteen characters alone, eight beside a second factor`() async throws {
        try await withVault { vault in
            let user = try await vault.makeUser()
            func refusal(_ request: ReplacePassword) async throws -> Reason? {
                var request = request
                request.proved = try vault.passwordID(user)
                let asked = request
                let fault = try await vault.refusal { (it) throws(Fault) in
                    try await it.replacePassword(asked, Vault.call)
                }
                return fault?.reason
            }
            #expect(try await refusal(replace(user, "vj8#kw2!pm4zqt")) == .passwordTooShort)
            #expect(
                try await refusal(replace(user, "vj8#kw2", secondFactor: true))
                    == .passwordTooShort)
            #expect(
                try await refusal(
                    replace(user, "alice.example", secondFactor: true, words: ["alice.example"]))
                    == .passwordTooCommon)
            #expect(try await refusal(replace(user, "passwordpassword")) == .passwordTooCommon)
            #expect(
                try await refusal(replace(user, String(repeating: "x1", count: 129)))
                    == .passwordTooLong)
            #expect(try await refusal(replace(user, "vj8#kw2!", secondFactor: true)) == nil)
            #expect(try await refusal(replace(user, "vj8#kw2!pm4zqt6")) == nil)
        }
    }

    @Test func `nobody's password cannot be replaced`() async throws {
        try await withVault { vault in
            let nobody = try Vault.newUser()
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.replacePassword(
                    replace(nobody, Vault.password, proved: .sample), Vault.call)
            }
            #expect(refusal == Fault(.userNotFound))
            let guessed = try await vault.refusal { (it) throws(Fault) in
                try await it.replacePassword(
                    replace(nobody, Vault.password, current: "guess"), Vault.call)
            }
            #expect(guessed == Fault(.passwordWrong))
        }
    }

    @Test func `a decoy becomes the password of a user who is made later`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            _ = try await vault.refusal { (it) throws(Fault) in
                try await it.checkPassword(check(user, "guess"), Vault.call)
            }
            let initial = try await vault.on { (it) throws(Fault) in
                try await it.setInitialPassword(SetInitialPassword(user: user), Vault.call)
            }.initialPassword
            _ = try await vault.on { (it) throws(Fault) in
                try await it.checkPassword(check(user, initial), Vault.call)
            }
            #expect(try vault.standing(user, kind: "password") == "0 0 active")
        }
    }
}
