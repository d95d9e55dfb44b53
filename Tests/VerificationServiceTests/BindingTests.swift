import Contracts
import Crypto
import OTP
import Testing
import Wire

@testable import VerificationService

@Suite struct BindingTests {
    private func begin(
        _ user: UserID, _ context: ContextID, additional: Bool = false
    ) -> BeginBinding {
        BeginBinding(
            user: user, verifier: Vault.verifier, context: context, accountName: "alice",
            additional: additional)
    }

    /// Begins and gives the app that has read the enrolment.
    private func started(
        _ vault: Vault, _ user: UserID, _ context: ContextID, additional: Bool = false
    ) async throws -> BoundUser {
        let started = try await vault.on { (it) throws(Fault) in
            try await it.ensureVerifier()
            return try await it.beginBinding(
                begin(user, context, additional: additional), Vault.call)
        }
        guard case .totp(let enrolment) = started.enrolment else { throw Unexpected() }
        let seed = try #require(Base32.decode(Array(enrolment.secret.utf8)))
        return BoundUser(user: user, authenticator: try .fresh(), seed: SecretBytes(copying: seed))
    }

    private func confirm(
        _ app: BoundUser, _ context: ContextID, code: String? = nil, additional: Bool = false
    ) -> ConfirmBinding {
        ConfirmBinding(
            user: app.user, context: context, code: code ?? app.code(), additional: additional)
    }

    @Test func `the enrolment names issuer and account and holds 20 random bytes`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let context = try ContextID.fresh()
            let started = try await vault.on { (it) throws(Fault) in
                try await it.ensureVerifier()
                return try await it.beginBinding(begin(user, context), Vault.call)
            }
            guard case .totp(let totp) = started.enrolment else { throw Unexpected() }
            #expect(Base32.decode(Array(totp.secret.utf8))?.count == 20)
            #expect(
                totp.uri
                    == "otpauth://totp/Dubbelslot:alice?secret=\(totp.secret)"
                    + "&issuer=Dubbelslot&algorithm=SHA1&digits=6&period=30")
            let left = try vault.sql(
                "SELECT round(extract(epoch FROM expires_at - clock_timestamp())) "
                    + "FROM verification.bindings")
            #expect((500...600).contains(Int(left) ?? 0))
        }
    }

    @Test func `names of the greatest length still make an answer`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let context = try ContextID.fresh()
            let issuer = String(repeating: "ü", count: 64)
            _ = try await vault.on { (it) throws(Fault) in
                try await it.createVerifier(
                    MakeVerifier(
                        verifier: CreateVerifier(
                            uid: Vault.verifier, type: .totp, title: "T", description: "",
                            totp: TOTPSettings(issuer: issuer))), Vault.call)
            }
            let started = try await vault.on { (it) throws(Fault) in
                try await it.beginBinding(
                    BeginBinding(
                        user: user, verifier: Vault.verifier, context: context,
                        accountName: String(repeating: "é", count: 128), additional: false),
                    Vault.call)
            }
            #expect(!started.encoded().isEmpty)
        }
    }

    @Test func `L-08 and S-07 the first right code binds and another context's does not`()
        async throws
    {
        try await withVault { vault in
            let user = try Vault.newUser()
            let context = try ContextID.fresh()
            let app = try await started(vault, user, context)
            let elsewhere = try ContextID.fresh()
            let foreign = try await vault.refusal { (it) throws(Fault) in
                try await it.confirmBinding(confirm(app, elsewhere), Vault.call)
            }
            #expect(foreign == Fault(.bindingExpired))
            let view = try await vault.on { (it) throws(Fault) in
                try await it.confirmBinding(confirm(app, context), Vault.call).authenticator
            }
            #expect(view.verifier == Vault.verifier)
            let list = try await vault.on { (it) throws(Fault) in
                try await it.listAuthenticators(ListAuthenticators(user: user), Vault.call)
            }
            #expect(list.authenticators == [view])
            let again = try await vault.refusal { (it) throws(Fault) in
                try await it.confirmBinding(confirm(app, context), Vault.call)
            }
            #expect(again == Fault(.bindingExpired))
            #expect(try vault.sql("SELECT count(*) FROM verification.bindings") == "0")
            #expect(try vault.audited(user, "authenticator_bound") == 1)
        }
    }

    @Test func `O-14 of parallel confirmations one binds`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try Vault.newUser()
            let context = try ContextID.fresh()
            let app = try await started(vault, user, context)
            let request = confirm(app, context)
            let answers = try await vault.parallel(16) { (it, _) throws(Fault) in
                try await it.confirmBinding(request, Vault.call)
            }
            #expect(answers.count { $0 == nil } == 1, "\(answers)")
            #expect(try vault.audited(user, "authenticator_bound") == 1)
        }
    }

    @Test func `five wrong codes end a binding, however many come at once`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let user = try Vault.newUser()
            let context = try ContextID.fresh()
            let app = try await started(vault, user, context)
            let answers = try await vault.parallel(20) { (it, number) throws(Fault) in
                try await it.confirmBinding(
                    confirm(app, context, code: app.wrongCode(number)), Vault.call)
            }
            #expect(answers.count { $0 == .codeWrong } == 5)
            #expect(answers.count { $0 == .bindingExpired } == 15)
            let right = try await vault.refusal { (it) throws(Fault) in
                try await it.confirmBinding(confirm(app, context), Vault.call)
            }
            #expect(right == Fault(.bindingExpired))
        }
    }

    @Test func `a wrong first code tells how many tries are left`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let context = try ContextID.fresh()
            let app = try await started(vault, user, context)
            for left in [4, 3, 2, 1, 0] as [UInt32] {
                let fault = try await vault.refusal { (it) throws(Fault) in
                    try await it.confirmBinding(
                        confirm(app, context, code: app.wrongCode()), Vault.call)
                }
                #expect(fault == Fault(.codeWrong, attemptsLeft: left))
            }
        }
    }

    @Test func `O-14 a later beginning makes the earlier one void`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let first = try ContextID.fresh()
            let second = try ContextID.fresh()
            let old = try await started(vault, user, first)
            let new = try await started(vault, user, second)
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.confirmBinding(confirm(old, first), Vault.call)
            }
            #expect(refusal == Fault(.bindingExpired))
            _ = try await vault.on { (it) throws(Fault) in
                try await it.confirmBinding(confirm(new, second), Vault.call)
            }
        }
    }

    @Test func `an expired binding binds nothing and leaves nothing behind`() async throws {
        try await withVault { vault in
            let user = try Vault.newUser()
            let context = try ContextID.fresh()
            let app = try await started(vault, user, context)
            try vault.sql("UPDATE verification.bindings SET expires_at = clock_timestamp()")
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.confirmBinding(confirm(app, context), Vault.call)
            }
            #expect(refusal == Fault(.bindingExpired))
            let replica = vault.replicas[0]
            let swept = try await vault.on { (_) throws(Fault) in
                try await Sweep(pool: replica.pool, log: .silent).once()
            }
            #expect(swept == 1)
            #expect(try vault.sql("SELECT count(*) FROM verification.bindings") == "0")
        }
    }

    @Test func `another factor is bound only after one was proved`() async throws {
        try await withVault { vault in
            let user = try await vault.bind().user
            let context = try ContextID.fresh()
            let unproved = try await vault.refusal { (it) throws(Fault) in
                try await it.beginBinding(begin(user, context), Vault.call)
            }
            #expect(unproved == Fault(.alreadyBound))
            let app = try await started(vault, user, context, additional: true)
            let forgotten = try await vault.refusal { (it) throws(Fault) in
                try await it.confirmBinding(confirm(app, context), Vault.call)
            }
            #expect(forgotten == Fault(.alreadyBound))
            _ = try await vault.on { (it) throws(Fault) in
                try await it.confirmBinding(confirm(app, context, additional: true), Vault.call)
            }
            #expect(
                try vault.sql(
                    "SELECT count(*) FROM verification.authenticators WHERE kind = 'totp'") == "2")
        }
    }

    @Test func `a factor disabled by failures is not replaced behind its back`() async throws {
        try await withVault { vault in
            let user = try await vault.bind().user
            try vault.sql("UPDATE verification.authenticators SET state = 'disabled', failed = 30")
            let context = try ContextID.fresh()
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.beginBinding(begin(user, context), Vault.call)
            }
            #expect(refusal == Fault(.attemptsExhausted))
        }
    }

    @Test func `unbinding removes one of the user's own, a reset all of them`() async throws {
        try await withVault { vault in
            let alice = try await vault.bind()
            let bob = try await vault.bind()
            let foreign = try await vault.refusal { (it) throws(Fault) in
                try await it.unbind(
                    RemoveAuthenticator(
                        user: alice.user, authenticator: bob.authenticator, keepsOne: false),
                    Vault.call)
            }
            #expect(foreign == Fault(.authenticatorNotFound))
            _ = try await vault.on { (it) throws(Fault) in
                try await it.unbind(
                    RemoveAuthenticator(
                        user: alice.user, authenticator: alice.authenticator, keepsOne: false),
                    Vault.call)
            }
            let gone = try await vault.refusal { (it) throws(Fault) in
                try await it.checkCode(alice.check(alice.code()), Vault.call)
            }
            #expect(gone == Fault(.authenticatorNotFound))

            let context = try ContextID.fresh()
            let waiting = try await started(vault, bob.user, context, additional: true)
            let admin = try Vault.newUser()
            let reset = try await vault.on { (it) throws(Fault) in
                try await it.resetAuthenticators(
                    RemoveAuthenticators(user: bob.user, actor: admin, reason: "lost"), Vault.call)
            }
            #expect(reset.removed == 1)
            let late = try await vault.refusal { (it) throws(Fault) in
                try await it.confirmBinding(
                    confirm(waiting, context, additional: true), Vault.call)
            }
            #expect(late == Fault(.bindingExpired))
            #expect(
                try vault.audited(
                    bob.user, "authenticators_reset",
                    "actor = '\(admin)' AND payload->>'reason' = 'lost'") == 1)
        }
    }

    @Test func `P-08 of authenticators unbound at once one stays where one has to`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            for round in 0..<4 {
                let first = try await vault.bind()
                var all = [first.authenticator]
                for _ in 0..<3 {
                    all.append(try await vault.bind(first.user, additional: true).authenticator)
                }
                // What failures have disabled proves nothing, so it is none that stays.
                if round % 2 == 1 {
                    try vault.sql(
                        "UPDATE verification.authenticators SET state = 'disabled' "
                            + "WHERE id = '\(all.removeFirst())'")
                }
                let doomed = all
                let reasons = try await vault.parallel(doomed.count) {
                    (it, number) throws(Fault) in
                    try await it.unbind(
                        RemoveAuthenticator(
                            user: first.user, authenticator: doomed[number], keepsOne: true),
                        Vault.call)
                }
                #expect(reasons.count { $0 == .lastFactor } == 1, "\(reasons)")
                #expect(reasons.count { $0 == nil } == doomed.count - 1, "\(reasons)")
                let unbound = try vault.audited(first.user, "authenticator_unbound")
                #expect(unbound == doomed.count - 1)
            }
        }
    }
}
