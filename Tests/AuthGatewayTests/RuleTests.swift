import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// How the gateway follows what rules decide: which facts it gives, and what it does with every
/// part of the answer.
struct RuleTests {
    private static let passkey = VerifierUID("passkey")!

    private func admin(_ house: Gatehouse) async throws -> (TestUser, Call) {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return (user, .from(try await house.session(user)))
    }

    // MARK: Facts

    @Test func `policy is told who signs in, from where, how, and what resists phishing`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            house.verification.bindPasskey(user.id)
            _ = try await house.start(user)
            let facts = try #require(house.policy.state.withLock { $0.asked.last })
            #expect(facts.user == user.id && facts.address == "127.0.0.1")
            #expect(facts.method == .password)
            #expect(facts.bound == [VerificationDouble.totp, Self.passkey])
            #expect(facts.boundResistant == [Self.passkey] && facts.provedResistant == [])

            let begun = try await house.on {
                try await $0.signIn().beginPasskey(BeginPasskeySignIn(bearer: true), .from())
            }
            let request = CompletePasskeySignIn(
                ticket: begun.ticket, passkey: VerificationDouble.assertion(of: user.id),
                bearer: true)
            house.policy.change(.administrators, [Self.passkey])
            _ = try await house.on { try await $0.signIn().completePasskey(request, .from()) }
            let alone = try #require(house.policy.state.withLock { $0.asked.last })
            #expect(alone.method == .passkey && alone.provedResistant == [Self.passkey])
        }
    }

    @Test func `a caller who speaks for others tells of no address`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let request = StartSignIn(
                identifier: user.name, password: user.password, bearer: true)
            let call = Call(caller: .service(identity: "spiffe://test/portal"))
            _ = try await house.on {
                try await $0.signIn(Door(.rpc)).start(request, call)
            }
            #expect(house.policy.state.withLock { $0.asked.last?.address } == "")
        }
    }

    // MARK: Strength

    @Test func `a recovery code does not stand in for what has to resist phishing`() async throws {
        let key = SignInFlow.Factor(
            authenticator: AuthenticatorID(high: 1, low: 1), verifier: Self.passkey,
            kind: .passkey)
        let recovery = AuthenticatorID(high: 2, low: 2)
        let bound = SignInFlow.Bound(active: [key], recovery: recovery)
        var strong = Decision(
            version: 1, outcome: .verify, verifiers: [Self.passkey], rule: "",
            strength: .phishingResistant)
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(strong, bound, verifiers: []))
                == .offerVerification([key.authenticator]))
        strong.strength = .any
        var lax = SignInFlow(mustChangePassword: false)
        #expect(
            lax.on(.decided(strong, bound, verifiers: []))
                == .offerVerification([key.authenticator, recovery]))
        #expect(
            lax.on(.proved(.init(authenticator: recovery, verifier: nil, kind: .recovery)))
                == .askPolicy)
        let account = AccountRecord.sample
        let facts = lax.facts(of: account, bound, since: 1, from: "")
        #expect(facts.proved == [Self.passkey] && facts.provedResistant == [])
    }

    @Test func `where passkeys are asked for nothing else is offered to bind`() async throws {
        try await withGatehouse { house in
            house.policy.state.withLock {
                $0.enforcement = .everyone
                $0.parts.strength = .phishingResistant
            }
            let user = try await house.makeUser()
            let request = StartSignIn(
                identifier: user.name, password: user.password, bearer: true)
            let reason = try await house.refusal { try await $0.signIn().start(request, .from()) }
            #expect(reason == .noVerifierAvailable)
        }
    }

    // MARK: Grace

    private func grace(_ house: Gatehouse, _ seconds: Int64) throws {
        let now = try house.number("SELECT extract(epoch FROM clock_timestamp())::bigint")
        house.policy.state.withLock {
            $0.enforcement = .everyone
            $0.parts.graceUntil = Timestamp(seconds: Int64(now) + seconds)
        }
    }

    @Test func `whoever has bound nothing is let in until the date of the rules, by one grant`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            try grace(house, 3600)
            #expect(try await house.start(user).name == "signedIn")
            #expect(try await house.start(user, replica: 1).name == "signedIn")
            #expect(try house.audited("grace_granted", user.id) == 1)
            #expect(try house.number("SELECT max(level) FROM auth.sessions") == 1)
            // A later date of the rules does not lengthen what was granted, an earlier shortens it.
            try house.sql(
                "UPDATE auth.grace_grants SET until = clock_timestamp() - interval '1 s'")
            #expect(try await house.start(user).name == "bind")
            try house.sql(
                "UPDATE auth.grace_grants SET until = clock_timestamp() + interval '1 h'")
            try grace(house, -1)
            #expect(try await house.start(user).name == "bind")
            house.policy.state.withLock { $0.parts.graceUntil = nil }
            #expect(try await house.start(user).name == "bind")
        }
    }

    @Test func `of eight first sign-ins at once every one is let in, by one grant`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            try grace(house, 3600)
            let request = StartSignIn(
                identifier: user.name, password: user.password, bearer: true)
            let steps = try await house.parallel(8) { gateway, _ in
                try await gateway.signIn().start(request, .from())
            }
            #expect(steps.allSatisfy { $0.name == "signedIn" })
            #expect(try house.audited("grace_granted", user.id) == 1)
        }
    }

    @Test func `L-17 who has bound something has no grace, nor who was reset`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            try grace(house, 3600)
            #expect(try await house.start(user).name == "verify")
            let request = ResetAuthenticators(user: user.id, reason: "lost")
            _ = try await house.on { try await $0.admin.resetAuthenticators(request, call) }
            #expect(try await house.start(user).name == "bind")
            #expect(try house.audited("grace_granted", user.id) == 0)
        }
    }

    @Test func `an administrator extends a grace, up to a limit, and it stands in the audit`()
        async throws
    {
        try await withGatehouse { house in
            let (root, call) = try await admin(house)
            let user = try await house.makeUser()
            try grace(house, -1)
            #expect(try await house.start(user).name == "bind")
            func extend(_ days: Int64, because reason: String = "is away") async throws -> Reason? {
                let now = try house.number("SELECT extract(epoch FROM clock_timestamp())::bigint")
                let request = ExtendGrace(
                    user: user.id, until: Timestamp(seconds: Int64(now) + days * 86_400),
                    reason: reason)
                return try await house.refusal { try await $0.admin.extendGrace(request, call) }
            }
            #expect(try await extend(91) == .malformed)
            #expect(try await extend(10, because: " ") == .reasonRequired)
            #expect(try await extend(10) == nil)
            #expect(try await house.start(user).name == "signedIn")
            let row = try house.sql(
                """
                SELECT (actor = '\(root.id)') || ' ' || (payload ->> 'reason') FROM auth.audit
                WHERE event = 'grace_extended'
                """)
            #expect(row == "true is away")
            // Rules that know no grace are not got round by it.
            house.policy.state.withLock { $0.parts.graceUntil = nil }
            #expect(try await house.start(user).name == "bind")
            try grace(house, -1)
            #expect(try await extend(-1) == nil)
            #expect(try await house.start(user).name == "bind")
        }
    }

    // MARK: Sessions and passwords

    @Test func `a session lives, rests and serves as long as policy decided`() async throws {
        try await withGatehouse { house in
            house.policy.state.withLock {
                $0.parts.sessionSeconds = 600
                $0.parts.idleSeconds = 120
                $0.parts.stepUpSeconds = 90
            }
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let row = try house.sql(
                """
                SELECT round(extract(epoch FROM expires_at - created_at)) || ' ' || idle_seconds
                    || ' ' || step_up_seconds FROM auth.sessions
                """)
            #expect(row == "600 120 90")
            let change = ChangePassword(
                currentPassword: user.password, newPassword: "another password than before")
            try house.sql("UPDATE auth.sessions SET proved_at = proved_at - interval '92 s'")
            let reason = try await house.refusal {
                try await $0.account().changePassword(change, .from(token))
            }
            #expect(reason == .stepUpRequired)
        }
    }

    @Test func `the length that policy asks of a password goes with every new one`() async throws {
        try await withGatehouse { house in
            house.policy.state.withLock { $0.parts.passwordLengthMin = 20 }
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let change = ChangePassword(
                currentPassword: user.password, newPassword: "another password than before")
            _ = try await house.on { try await $0.account().changePassword(change, .from(token)) }
            let initial = try await house.makeUser("bob", initial: true)
            let step = try await house.start(initial)
            let request = ChangeSignInPassword(
                ticket: try #require(step.ticket), newPassword: "another password than before")
            _ = try await house.on { try await $0.signIn().changePassword(request, .from()) }
            let lengths = house.verification.state.withLock { $0.replaced.map(\.lengthMin) }
            #expect(lengths == [20, 20])
        }
    }

    @Test func `only verifiers that policy allows are offered on the account page`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            func offered() async throws -> [VerifierUID] {
                try await house.on {
                    try await $0.account().listAuthenticators(ListOwnAuthenticators(), .from(token))
                        .verifiers.map(\.uid)
                }
            }
            #expect(try await offered() == [VerificationDouble.totp])
            house.policy.change(.administrators, [VerificationDouble.spare])
            #expect(try await offered() == [VerificationDouble.spare])
            house.policy.state.withLock { $0.parts.strength = .phishingResistant }
            #expect(try await offered() == [])
        }
    }
}

extension AccountRecord {
    static let sample = AccountRecord(
        id: .sample, userName: "ann", displayName: "ann", email: nil, phone: nil, locale: "en",
        roles: [], epoch: 1, disabled: false, createdAt: Timestamp(seconds: 1),
        lastSignInAt: nil)
}
