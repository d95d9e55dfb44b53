import Audit
import Contracts
import Fixtures
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Sign-ins of people whom an identity provider has signed in.
struct SingleSignOnTests {
    private static let now = Timestamp(seconds: 4_000_000_000)

    private static func service(_ name: String) -> Call {
        Call(caller: .service(identity: "spiffe://example.test/\(name)"))
    }

    private func open(
        _ house: Gatehouse, _ caller: String, _ name: String,
        _ amr: [AuthenticationMethod] = [.password, .multipleFactors], at time: Timestamp = now
    ) async throws -> NextStep {
        try await house.on {
            try await $0.directory().openForSSO(
                OpenForSSO(identifier: name, provider: "idp.example", amr: amr, authTime: time),
                Self.service(caller))
        }
    }

    private func session(
        _ house: Gatehouse, _ caller: String, _ name: String,
        _ amr: [AuthenticationMethod] = [.password, .multipleFactors], at time: Timestamp = now
    ) async throws -> SessionView {
        let step = try await open(house, caller, name, amr, at: time).step
        guard case .signedIn(let it) = step else { throw Unexpected() }
        return it.session
    }

    private func refusal(
        _ house: Gatehouse, _ caller: String, _ name: String,
        _ amr: [AuthenticationMethod] = [.password, .multipleFactors]
    ) async throws -> Reason? {
        do {
            _ = try await open(house, caller, name, amr)
            return nil
        } catch let fault as Fault {
            return fault.reason
        }
    }

    @Test func `a list of networks lets in nobody whose address is not said`() async throws {
        try await withGatehouse { house in
            _ = try await house.makeUser()
            house.policy.state.withLock {
                $0.networks = NetworkLists(allowed: [NetworkRange("192.0.2.0/24")!])
            }
            #expect(try await refusal(house, "portal", "ann") == .networkRefused)
            house.policy.state.withLock { $0.networks = nil }
            #expect(try await refusal(house, "portal", "ann") == nil)
        }
    }

    @Test func `a named caller opens a session up to its level, and the audit knows how`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let view = try await session(house, "portal", "ann")
            #expect(view.aal == 2 && view.amr == [.password, .multipleFactors])
            let token = try #require(view.token)
            #expect(try await house.opens(token))
            let row = try house.sql(
                """
                SELECT payload->>'method', payload->>'provider', payload->>'by', source
                FROM auth.audit WHERE event = 'sign_in_completed' AND subject = '\(user.id)'
                """)
            let portal = "spiffe://example.test/portal"
            #expect(row == "single_sign_on|idp.example|\(portal)|\(portal)")
            let listed = try await house.on {
                try await $0.account().listSessions(ListOwnSessions(), .from(token)).sessions
            }
            #expect(listed.map(\.caller) == [portal])
            #expect(house.policy.state.withLock { $0.asked.map(\.method) } == [.singleSignOn])
        }
    }

    @Test(arguments: [
        ("portal", [AuthenticationMethod.password], [AuthenticationMethod.password], UInt32(1)),
        ("portal", [.oneTimePassword], [], 1),
        (
            "portal", [.oneTimePassword, .multipleFactors, .oneTimePassword],
            [.oneTimePassword, .multipleFactors], 2
        ),
        ("weak", [.password, .oneTimePassword, .multipleFactors], [.password], 1),
    ])
    func `S-06 no word of a provider is worth more than the setting says`(
        caller: String, amr: [AuthenticationMethod], noted: [AuthenticationMethod], level: UInt32
    ) async throws {
        try await withGatehouse { house in
            _ = try await house.makeUser()
            let view = try await session(house, caller, "ann", amr)
            #expect(view.amr == noted && view.aal == level)
        }
    }

    @Test func `P-09 nobody else opens one, and for an administrator nobody does`() async throws {
        try await withGatehouse { house in
            _ = try await house.makeUser()
            let root = try await house.makeUser("root", roles: [.administrator], factors: 1)
            #expect(try await refusal(house, "stranger", "ann") == .callerNotAllowed)
            #expect(try await refusal(house, "portal", "root") == .callerNotAllowed)
            #expect(try house.audited("caller_refused", root.id) == 1)
            #expect(try await refusal(house, "mail", "ann") == .callerNotAllowed)
            #expect(try await refusal(house, "portal", "nobody") == .userNotFound)
            #expect(try await refusal(house, "portal", "ann", []) == .malformed)
            let outside = try await house.refusal {
                try await $0.directory(Door(.http)).openForSSO(
                    OpenForSSO(
                        identifier: "ann", provider: "x", amr: [.password], authTime: Self.now),
                    .from())
            }
            #expect(outside == .callerNotAllowed)
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
            try house.sql(
                """
                UPDATE auth.users SET email = 'ann@Example.org', email_key = 'ann@example.org'
                WHERE name_key = 'ann'
                """)
            #expect(try await refusal(house, "mail", "ann") == nil)
            try house.sql(
                "UPDATE auth.users SET email = 'ann@example.org.evil' WHERE name_key = 'ann'")
            #expect(try await refusal(house, "mail", "ann") == .callerNotAllowed)
            try house.sql("UPDATE auth.users SET state = 'disabled' WHERE name_key = 'ann'")
            #expect(try await refusal(house, "portal", "ann") == .userNotFound)
        }
    }

    @Test func `L-13 whoever has bound a second factor proves it, whatever the provider says`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let step = try await open(house, "weak", "ann", [.password, .multipleFactors])
            #expect(step.name == "verify")
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
            let request = house.complete(user, try #require(step.ticket))
            let done = try await house.on(1) {
                try await $0.signIn(Door(.rpc)).completeVerification(
                    request, Self.service("weak"))
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            #expect(it.session.aal == 2)
            #expect(it.session.amr == [.password, .oneTimePassword, .multipleFactors])
            let token = try #require(it.session.token)
            let found = try await house.on { try await $0.sessions.find(token) }
            #expect(found?.caller == "spiffe://example.test/weak" && found?.isFresh == true)
            let methods = house.policy.state.withLock { $0.asked.map(\.method) }
            #expect(methods == [.singleSignOn, .singleSignOn])
            let provider = try house.number(
                """
                SELECT count(*) FROM auth.audit WHERE payload->>'provider' = 'idp.example'
                    AND event IN ('sign_in_started', 'sign_in_completed')
                """)
            #expect(provider == 2)
        }
    }

    @Test func `a rule for single sign-on may ask for a second factor, or refuse`() async throws {
        try await withGatehouse { house in
            _ = try await house.makeUser()
            house.policy.change(.everyone)
            let step = try await open(house, "portal", "ann")
            #expect(step.name == "bind")
            house.policy.state.withLock {
                $0.answer = Decision(version: 9, outcome: .deny, verifiers: [], rule: "denied")
            }
            #expect(try await refusal(house, "portal", "ann") == .noVerifierAvailable)
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
        }
    }

    @Test func `without policy or verification no session opens`() async throws {
        try await withGatehouse { house in
            _ = try await house.makeUser()
            house.policy.stand.isAway = true
            #expect(try await refusal(house, "portal", "ann") == .unavailable)
            house.policy.stand.isAway = false
            house.verification.stand.isAway = true
            #expect(try await refusal(house, "portal", "ann") == .unavailable)
        }
    }

    @Test func `P-02 a session is as fresh as the provider's proof, and its token is new`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let old = Timestamp(seconds: 1_700_000_000)
            let view = try await session(house, "portal", "ann", at: old)
            #expect(view.authTime == old)
            let token = try #require(view.token)
            let refused = try await house.refusal {
                try await $0.account().changePassword(
                    ChangePassword(
                        currentPassword: user.password,
                        newPassword: "a long new password of mine"),
                    .from(token))
            }
            #expect(refused == .stepUpRequired)
            // A provider whose clock is ahead proves nothing for the future.
            let ahead = try await session(house, "portal", "ann")
            #expect(ahead.authTime < Self.now)
            #expect(ahead.token != token && ahead.id != view.id)
        }
    }

    @Test func `S-02 and S-06 a proof in the session renews the token, and gives its own level`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let step = try await open(house, "portal", "ann", [.oneTimePassword, .multipleFactors])
            let request = house.complete(user, try #require(step.ticket))
            let done = try await house.on {
                try await $0.signIn(Door(.rpc)).completeVerification(
                    request, Self.service("portal"))
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            let old = try #require(it.session.token)
            let mail = house.verification.bind(user.id, VerificationDouble.spare, .email)
            func prove(
                _ authenticator: AuthenticatorID, _ token: SessionToken, raising: Bool = false
            ) async throws -> SessionView {
                try await house.on(1) {
                    try await $0.account(Door(.rpc)).stepUp(
                        StepUp(
                            authenticator: authenticator, code: VerificationDouble.rightCode,
                            raising: raising),
                        .from(token)
                    ).session
                }
            }
            let raised = try await prove(user.authenticator, old, raising: true)
            #expect(raised.aal == 2 && raised.amr == [.oneTimePassword, .multipleFactors])
            for replica in 0...1 { #expect(!(try await house.opens(old, replica: replica))) }
            let token = try #require(raised.token)
            let lowered = try await prove(mail.id, token)
            #expect(lowered.aal == 1 && lowered.amr == [.oneTimePassword])
        }
    }

    @Test(arguments: [
        "spiffe://a/b", "spiffe://a/b=", "spiffe://a/b=3", "a=1", "spiffe://a/b=1@",
        "spiffe://a/b=1x", "spiffe://a/b=1@a@b", "spiffe://a/b=1=1", "",
    ])
    func `a caller without a level, or with another word, is refused`(word: String) {
        #expect(SSOCallers([word]) == nil)
        #expect(SSOCallers(["spiffe://a/b=1", "spiffe://a/b=2"]) == nil)
    }

    @Test func `F-08 and P-09 a caller may be let call some methods, and nothing else`() {
        let all = RegisteredCaller("spiffe://a/b")
        #expect(all?.methods == Set(GatewayDispatcher.methods.map(\.number)))
        let some = RegisteredCaller("spiffe://a/b=SessionService/Introspect+AccountService")
        let expected = AccountContract.methods.map(\.number) + [SessionContract.introspect.number]
        #expect(some?.identity == "spiffe://a/b" && some?.methods == Set(expected))
        for word in [
            "a", "", "spiffe://a/b=", "spiffe://a/b=Session", "spiffe://a/b=SessionService/",
            "spiffe://a/b=SessionService+", "spiffe://a/b=VerificationService",
            "spiffe://a/b=SessionService/Introspect=2", "spiffe://a/b=/Introspect",
        ] {
            #expect(RegisteredCaller(word) == nil, "\(word)")
        }
    }
}
