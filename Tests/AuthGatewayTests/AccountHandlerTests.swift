import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// `AccountService`: always the session's own user, and what ends beside a change.
struct AccountHandlerTests {
    private static let code = VerificationDouble.rightCode

    /// Lets the proof of every session grow old.
    private func age(_ house: Gatehouse, seconds: Int = 301) throws {
        try house.sql(
            "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '\(seconds) s'")
    }

    @Test func `without a session in force nothing is answered`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            try house.sql("UPDATE auth.sessions SET ended_at = clock_timestamp()")
            let calls = [
                Call.from(), .from(token), .from(.sample),
                Call(caller: .service(identity: "spiffe://x/y"), bearer: Bytes(utf8: "short")),
                Call(caller: .service(identity: "spiffe://x/y"), bearer: Bytes([0xff, 0xfe])),
            ]
            for call in calls {
                let reasons = [
                    try await house.refusal { try await $0.account().get(GetAccount(), call) },
                    try await house.refusal { try await $0.account().signOut(SignOut(), call) },
                    try await house.refusal {
                        try await $0.account().listAuthenticators(ListOwnAuthenticators(), call)
                    },
                ]
                #expect(reasons == [.notSignedIn, .notSignedIn, .notSignedIn])
            }
        }
    }

    @Test func `a fresh proof is wanted before anything is changed`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let call = Call.from(try await house.session(user))
            let changes: [@Sendable (AccountHandlers) async throws -> Void] = [
                { it in
                    _ = try await it.beginBinding(
                        BeginOwnBinding(verifier: VerificationDouble.totp), call)
                },
                { it in
                    _ = try await it.confirmBinding(ConfirmOwnBinding(code: Self.code), call)
                },
                { it in
                    _ = try await it.changePassword(
                        ChangePassword(
                            currentPassword: user.password, newPassword: "another one"), call)
                },
            ]
            func reasons() async throws -> [Reason?] {
                var all: [Reason?] = []
                for change in changes {
                    all.append(try await house.refusal { try await change($0.account()) })
                }
                return all
            }
            try age(house)
            #expect(try await reasons() == [.stepUpRequired, .stepUpRequired, .stepUpRequired])
            try age(house, seconds: 295)
            #expect(try await reasons() == [nil, nil, nil])
            // Fresh by the password alone, of a user who has a second factor since.
            try house.sql("UPDATE auth.sessions SET level = 1")
            #expect(try await reasons() == [.stepUpRequired, .stepUpRequired, .stepUpRequired])
        }
    }

    @Test
    func `S-07 a binding wants a verifier that policy has chosen, and ends the other sessions`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let other = try await house.session(user)
            let token = try await house.session(user)
            let call = Call.from(token)
            let spare = BeginOwnBinding(verifier: VerificationDouble.spare)
            #expect(
                try await house.refusal { try await $0.account().beginBinding(spare, call) }
                    == .verifierNotOffered)
            let totp = BeginOwnBinding(verifier: VerificationDouble.totp)
            _ = try await house.on { try await $0.account().beginBinding(totp, call) }
            let begun = house.verification.state.withLock { $0.begun[user.id] }
            #expect(begun?.additional == false)
            let foreign = Call.from(other)
            let confirm = ConfirmOwnBinding(code: Self.code)
            #expect(
                try await house.refusal { try await $0.account().confirmBinding(confirm, foreign) }
                    == .bindingExpired)
            let wrong = ConfirmOwnBinding(code: "000000")
            #expect(
                try await house.refusal { try await $0.account().confirmBinding(wrong, call) }
                    == .codeWrong)
            #expect(try await house.opens(other))
            _ = try await house.on { try await $0.account().confirmBinding(confirm, call) }
            #expect(!(try await house.opens(other)))
            #expect(try await house.opens(token))
            // What was proved is still the password alone.
            let view = try await house.on { try await $0.account().get(GetAccount(), call) }
            #expect(view.session.aal == 1)
        }
    }

    @Test func `P-04 unbinding wants a code and an authenticator of one's own`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 2)
            let foreign = try await house.makeUser("bob", factors: 1)
            let other = try await house.session(user)
            let token = try await house.session(user)
            func unbind(
                _ it: AuthenticatorID, with proof: AuthenticatorID, _ code: String = Self.code
            ) async throws -> Reason? {
                let request = Unbind(authenticator: it, provedWith: proof, code: code)
                return try await house.refusal {
                    try await $0.account().unbind(request, .from(token))
                }
            }
            let own = user.factors.map(\.id)
            #expect(
                try await unbind(foreign.authenticator, with: own[0]) == .authenticatorNotFound)
            #expect(
                try await unbind(own[0], with: foreign.authenticator) == .authenticatorNotFound)
            #expect(try await unbind(own[0], with: own[1], "000000") == .codeWrong)
            #expect(house.verification.factors(of: user.id).count == 2)
            #expect(try await house.opens(other))
            #expect(try await unbind(own[0], with: own[1]) == nil)
            #expect(house.verification.factors(of: user.id).map(\.id) == [own[1]])
            #expect(house.verification.factors(of: foreign.id).count == 1)
            #expect(!(try await house.opens(other)))
            #expect(try await house.opens(token))
        }
    }

    @Test func `P-08 the last authenticator stays where one is asked for`() async throws {
        try await withGatehouse { house in
            let admin = try await house.makeUser("root", roles: [.administrator], factors: 2)
            let user = try await house.makeUser(factors: 1)
            let (roots, anns) = (try await house.session(admin), try await house.session(user))
            func unbind(_ it: AuthenticatorView, _ token: SessionToken) async throws -> Reason? {
                let request = Unbind(authenticator: it.id, provedWith: it.id, code: Self.code)
                return try await house.refusal {
                    try await $0.account().unbind(request, .from(token))
                }
            }
            // An administrator keeps one whatever policy says, also where it does not answer.
            house.policy.stand.isAway = true
            #expect(try await unbind(admin.factors[0], roots) == nil)
            #expect(try await unbind(admin.factors[1], roots) == .lastFactor)
            #expect(try await unbind(user.factors[0], anns) == .unavailable)
            house.policy.stand.isAway = false
            house.policy.change(.everyone)
            #expect(try await unbind(user.factors[0], anns) == .lastFactor)
            let bound = [admin, user].map { house.verification.factors(of: $0.id).count }
            #expect(bound == [1, 1])
            // Two at once: both looked before either was gone.
            let second = house.verification.bind(user.id)
            house.verification.stand.before("checkCode") {
                house.verification.unbindNow(user.id, user.factors[0].id)
            }
            #expect(try await unbind(second, anns) == .lastFactor)
            #expect(house.verification.factors(of: user.id).map(\.id) == [second.id])
            house.policy.change(.administrators)
            #expect(try await unbind(second, anns) == nil)
        }
    }

    @Test func `S-02 and P-04 stepping up proves one's own authenticator and changes the token`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let foreign = try await house.makeUser("bob", factors: 1)
            let token = try await house.session(user)
            try age(house)
            let strange = StepUp(authenticator: foreign.authenticator, code: Self.code)
            #expect(
                try await house.refusal { try await $0.account().stepUp(strange, .from(token)) }
                    == .authenticatorNotFound)
            let own = StepUp(authenticator: user.authenticator, code: Self.code)
            let view = try await house.on { try await $0.account().stepUp(own, .from(token)) }
            let raised = try #require(view.session.token)
            #expect(raised != token && view.session.aal == 2)
            #expect(!(try await house.opens(token)))
            let session = try await house.on { try await $0.sessions.find(raised) }
            #expect(session?.isFresh == true)
            #expect(try house.audited("stepped_up", user.id) == 1)
            // By cookie the new token is in the cookie, and nowhere else.
            let door = Door(.http, byCookie: true)
            let shown = try await house.on {
                try await $0.account(door).stepUp(own, .from(raised))
            }
            #expect(shown.session.token == nil)
            guard case .set(let kept, _) = door.cookie else { throw Unexpected() }
            #expect(try await house.opens(kept))
            #expect(!(try await house.opens(raised)))
        }
    }

    @Test func `S-06 the password steps up whoever has bound nothing, and raises no level`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            func stepUp(_ request: StepUp, _ token: SessionToken) async throws -> Reason? {
                try await house.refusal { try await $0.account().stepUp(request, .from(token)) }
            }
            let right = StepUp(password: user.password)
            var both = right
            both.authenticator = .sample
            var neither = right
            neither.password = nil
            #expect(try await stepUp(both, token) == .malformed)
            #expect(try await stepUp(neither, token) == .malformed)
            #expect(try await stepUp(StepUp(password: "another"), token) == .passwordWrong)
            try age(house)
            let begin = BeginOwnBinding(verifier: VerificationDouble.totp)
            let stale = try await house.refusal {
                try await $0.account().beginBinding(begin, .from(token))
            }
            #expect(stale == .stepUpRequired)
            // Also of a session that had another level before.
            try house.sql("UPDATE auth.sessions SET level = 2")
            let view = try await house.on { try await $0.account().stepUp(right, .from(token)) }
            #expect(view.session.aal == 1 && view.session.amr == [.password])
            let renewed = try #require(view.session.token)
            #expect(!(try await house.opens(token)))
            _ = try await house.on { try await $0.account().beginBinding(begin, .from(renewed)) }
            // Not for long: whoever has bound something proves that, disabled or not.
            house.verification.bind(user.id)
            #expect(try await stepUp(right, renewed) == .authenticatorNotOffered)
            house.verification.disable(user.id)
            #expect(try await stepUp(right, renewed) == .authenticatorNotOffered)
        }
    }

    /// Between the new password and the end of the sessions the old ones still stand.
    @Test func `S-06 an initial password steps nobody up`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            house.verification.state.withLock { _ = $0.initial.insert(user.id) }
            let refused = try await house.refusal {
                try await $0.account().stepUp(StepUp(password: user.password), .from(token))
            }
            #expect(refused == .notSignedIn)
        }
    }

    @Test func `S-02 a session that ends while a code is checked is not raised`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let token = try await house.session(user)
            house.verification.stand.before("checkCode") {
                try house.sql("UPDATE auth.sessions SET ended_at = clock_timestamp()")
            }
            let own = StepUp(authenticator: user.authenticator, code: Self.code)
            #expect(
                try await house.refusal { try await $0.account().stepUp(own, .from(token)) }
                    == .notSignedIn)
        }
    }

    @Test
    func `L-11 and S-02 changing the password ends other sessions and sign-ins and keeps this one`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let other = try await house.session(user)
            let ticket = try await house.verifying(user)
            let token = try await house.session(user)
            let wrong = ChangePassword(currentPassword: "", newPassword: "another one")
            #expect(
                try await house.refusal {
                    try await $0.account().changePassword(wrong, .from(token))
                } == .passwordWrong)
            #expect(try await house.opens(other))
            let right = ChangePassword(
                currentPassword: user.password, newPassword: "another one")
            _ = try await house.on { try await $0.account().changePassword(right, .from(token)) }
            #expect(try await house.opens(token))
            #expect(!(try await house.opens(other)))
            let late = house.complete(user, ticket)
            #expect(
                try await house.refusal {
                    try await $0.signIn().completeVerification(late, .from())
                } == .signInExpired)
            let replaced = house.verification.state.withLock { $0.replaced }
            #expect(replaced.map(\.currentPassword) == ["", user.password])
            #expect(replaced.allSatisfy { $0.secondFactorAsked && $0.user == user.id })
        }
    }

    @Test func `signing out ends this session alone, and clears the cookie that brought it`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let other = try await house.session(user)
            for byCookie in [false, true] {
                let token = try await house.session(user)
                let door = Door(.http, byCookie: byCookie)
                _ = try await house.on {
                    try await $0.account(door).signOut(SignOut(), .from(token))
                }
                #expect(door.cookie == (byCookie ? .clear : .none))
                #expect(!(try await house.opens(token)))
                #expect(try await house.opens(other))
            }
            #expect(try house.audited("session_ended", user.id) == 2)
        }
    }

    @Test func `verification away is a refusal and not an answer of nothing bound`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            house.verification.stand.isAway = true
            let change = ChangePassword(
                currentPassword: user.password, newPassword: "another one")
            let reasons = [
                try await house.refusal {
                    try await $0.account().changePassword(change, .from(token))
                },
                try await house.refusal {
                    try await $0.account().listAuthenticators(
                        ListOwnAuthenticators(), .from(token))
                },
            ]
            #expect(reasons == [.unavailable, .unavailable])
            #expect(try await house.opens(token))
        }
    }

    @Test func `a session is told to whoever holds its token, and to nobody else`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(roles: [.administrator], factors: 1)
            let token = try await house.session(user)
            func ask(_ request: Introspect, _ call: Call) async throws -> Introspection {
                try await house.on { try await $0.directory().introspect(request, call) }
            }
            let byRequest = try await ask(Introspect(token: token), .from())
            #expect(byRequest.active && byRequest.userName == "ann")
            #expect(byRequest.roles == [.administrator] && byRequest.session?.token == nil)
            #expect(try await ask(Introspect(), .from(token)).session?.userId == user.id)
            // What is asked about counts, not who asks.
            let other = try await ask(Introspect(token: .sample), .from(token))
            #expect(other == Introspection(active: false, userName: "", roles: []))
            #expect(try await !ask(Introspect(), .from()).active)
        }
    }
}
