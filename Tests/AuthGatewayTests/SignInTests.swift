import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// `SignInService` step by step, and each refusal by its word.
struct SignInTests {
    @Test func `a password alone opens a session of level 1 where nothing more is asked`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            guard case .signedIn(let it) = try await house.start(user).step else {
                throw Unexpected()
            }
            #expect(it.session.aal == 1 && it.session.amr == [.password])
            #expect(it.session.userId == user.id)
            #expect(try await house.opens(try #require(it.session.token)))
        }
    }

    @Test func `L-22 an unknown name, a wrong password and a disabled user are refused alike`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let disabled = try await house.makeUser("bob")
            try house.sql("UPDATE auth.users SET state = 'disabled' WHERE id = '\(disabled.id)'")
            for (name, password) in [
                (user.name, "wrong"), ("nobody", user.password), (disabled.name, disabled.password),
            ] {
                let request = StartSignIn(identifier: name, password: password, bearer: true)
                let reason = try await house.refusal {
                    try await $0.signIn().start(request, .from())
                }
                #expect(reason == .passwordWrong)
            }
            // Each was counted against somebody, and always the same for one name.
            #expect(UserID.nobody(SignInKey("Nobody")) == UserID.nobody(SignInKey("nobody")))
            #expect(UserID.nobody(SignInKey("nobody")) != UserID.nobody(SignInKey("nobodx")))
        }
    }

    @Test func `L-23 a decoy whose password is accepted opens nothing`() async throws {
        try await withGatehouse { house in
            house.verification.state.withLock {
                $0.passwords[.nobody(SignInKey("nobody"))] = "accepted"
            }
            let request = StartSignIn(identifier: "nobody", password: "accepted", bearer: true)
            let reason = try await house.refusal { try await $0.signIn().start(request, .from()) }
            #expect(reason == .passwordWrong)
        }
    }

    @Test func `a bound factor is proved, though no rule asks for it`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 2)
            guard case .verify(let offer) = try await house.start(user).step else {
                throw Unexpected()
            }
            #expect(offer.authenticators.map(\.id) == user.factors.map(\.id))
            let request = CompleteVerification(
                ticket: offer.ticket, authenticator: user.factors[1].id,
                code: VerificationDouble.rightCode)
            let done = try await house.on {
                try await $0.signIn().completeVerification(request, .from())
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            #expect(it.session.aal == 2)
            #expect(it.session.amr == [.password, .oneTimePassword, .multipleFactors])
        }
    }

    @Test func `who has bound nothing binds where policy asks, and ends what was open`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let old = try await house.session(user)
            house.policy.change(.everyone)
            let ticket = try await house.binding(user)
            let other = try await house.binding(user)
            let begin = BeginSignInBinding(ticket: ticket, verifier: VerificationDouble.totp)
            _ = try await house.on { try await $0.signIn().beginBinding(begin, .from()) }
            let confirm = ConfirmSignInBinding(ticket: ticket, code: VerificationDouble.rightCode)
            let done = try await house.on {
                try await $0.signIn().confirmBinding(confirm, .from())
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            #expect(it.session.aal == 2)
            // A session of level 1 of a user with a second factor does not stay.
            #expect(!(try await house.opens(old)))
            let late = BeginSignInBinding(ticket: other, verifier: VerificationDouble.totp)
            let reason = try await house.refusal {
                try await $0.signIn().beginBinding(late, .from())
            }
            #expect(reason == .signInExpired)
        }
    }

    @Test func `an initial password is replaced after the factor, and only then a session opens`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1, initial: true)
            let ticket = try await house.verifying(user)
            let complete = house.complete(user, ticket)
            let next = try await house.on {
                try await $0.signIn().completeVerification(complete, .from())
            }
            #expect(next.name == "changePassword" && next.ticket == ticket)
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
            let change = ChangeSignInPassword(ticket: ticket, newPassword: "a new one")
            let done = try await house.on {
                try await $0.signIn().changePassword(change, .from())
            }
            #expect(done.name == "signedIn")
            let replaced = house.verification.state.withLock { $0.replaced }
            #expect(replaced.map(\.secondFactorAsked) == [true])
            #expect(replaced.map(\.contextWords) == [["ann", "ann"]])
            let again = try await house.refusal {
                try await $0.signIn().changePassword(change, .from())
            }
            #expect(again == .signInExpired)
        }
    }

    @Test
    func `L-01 and L-13 a sign-in that verifies refuses what was not offered or is out of turn`()
        async throws
    {
        try await withGatehouse { house in
            let bound = try await house.makeUser(factors: 1)
            house.policy.change(.everyone)
            let verify = try await house.verifying(bound)
            let code = VerificationDouble.rightCode
            let foreign = AuthenticatorID(high: 9, low: 9)
            let steps: [(Reason, @Sendable (SignInHandlers) async throws -> Void)] = [
                (
                    .authenticatorNotOffered,
                    { it in
                        _ = try await it.completeVerification(
                            CompleteVerification(
                                ticket: verify, authenticator: foreign, code: code),
                            .from())
                    }
                ),
                (
                    .codeWrong,
                    { it in
                        _ = try await it.completeVerification(
                            CompleteVerification(
                                ticket: verify, authenticator: bound.authenticator, code: "000000"),
                            .from())
                    }
                ),
                (
                    .stepOutOfOrder,
                    { it in
                        _ = try await it.beginBinding(
                            BeginSignInBinding(ticket: verify, verifier: VerificationDouble.totp),
                            .from())
                    }
                ),
                (
                    .stepOutOfOrder,
                    { it in
                        _ = try await it.changePassword(
                            ChangeSignInPassword(ticket: verify, newPassword: "x"), .from())
                    }
                ),
            ]
            for (expected, step) in steps {
                #expect(try await house.refusal { try await step($0.signIn()) } == expected)
            }
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
        }
    }

    @Test
    func `L-01 and L-13 a sign-in that binds refuses what was not offered or is out of turn`()
        async throws
    {
        try await withGatehouse { house in
            let unbound = try await house.makeUser("bob")
            house.policy.change(.everyone)
            let bind = try await house.binding(unbound)
            let code = VerificationDouble.rightCode
            let foreign = AuthenticatorID(high: 9, low: 9)
            let steps: [(Reason, @Sendable (SignInHandlers) async throws -> Void)] = [
                (
                    .verifierNotOffered,
                    { it in
                        _ = try await it.beginBinding(
                            BeginSignInBinding(ticket: bind, verifier: VerificationDouble.spare),
                            .from())
                    }
                ),
                (
                    .bindingExpired,
                    { it in
                        _ = try await it.confirmBinding(
                            ConfirmSignInBinding(ticket: bind, code: code), .from())
                    }
                ),
                (
                    .stepOutOfOrder,
                    { it in
                        _ = try await it.completeVerification(
                            CompleteVerification(ticket: bind, authenticator: foreign, code: code),
                            .from())
                    }
                ),
                (
                    .signInExpired,
                    { it in
                        _ = try await it.confirmBinding(
                            ConfirmSignInBinding(ticket: .sample, code: code), .from())
                    }
                ),
            ]
            for (expected, step) in steps {
                #expect(try await house.refusal { try await step($0.signIn()) } == expected)
            }
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
        }
    }

    @Test func `L-06 and L-10 of 32 right codes at once one opens a session`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let request = house.complete(user, try await house.verifying(user))
            let names = try await house.parallel(32) { gateway, _ -> String in
                do throws(Fault) {
                    return try await gateway.signIn().completeVerification(request, .from()).name
                } catch {
                    return error.reason.rawValue
                }
            }
            #expect(names.count { $0 == "signedIn" } == 1)
            #expect(Set(names).subtracting(["signedIn"]) == ["sign_in_expired"])
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 1)
        }
    }

    @Test func `L-08 a ticket is no session, and a session's token is no ticket`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            let session = try await house.session(user)
            let asToken = try SessionToken(raw: ticket.text)
            let asTicket = try Ticket(raw: session.text)
            #expect(!(try await house.opens(asToken)))
            let request = house.complete(user, asTicket)
            let reason = try await house.refusal {
                try await $0.signIn().completeVerification(request, .from())
            }
            #expect(reason == .signInExpired)
            let introspection = try await house.on {
                try await $0.directory().introspect(Introspect(token: asToken), .from())
            }
            #expect(!introspection.active && introspection.session == nil)
        }
    }

    @Test func `a browser's session is a cookie without a token in the body, over RPC a token`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let request = StartSignIn(
                identifier: user.name, password: user.password, bearer: false)
            let door = Door(.http)
            let step = try await house.on { try await $0.signIn(door).start(request, .from()) }
            guard case .signedIn(let it) = step.step else { throw Unexpected() }
            #expect(it.session.token == nil)
            guard case .set(let token, let seconds) = door.cookie else { throw Unexpected() }
            #expect(try await house.opens(token))
            #expect((86_390...86_400).contains(seconds))
            let overRPC = try await house.refusal {
                try await $0.signIn(Door(.rpc)).start(request, .from())
            }
            #expect(overRPC == .malformed)
        }
    }

    @Test func `a sign-in given up is over, and giving up nothing is no error`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            for _ in 0..<2 {
                _ = try await house.on {
                    try await $0.signIn().cancel(CancelSignIn(ticket: ticket), .from())
                }
            }
            let request = house.complete(user, ticket)
            let reason = try await house.refusal {
                try await $0.signIn().completeVerification(request, .from())
            }
            #expect(reason == .signInExpired)
        }
    }
}
