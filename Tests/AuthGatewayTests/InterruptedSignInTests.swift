import Audit
import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What happens to a sign-in when something changes, fails or lies between its steps.
struct InterruptedSignInTests {
    private func complete(
        _ house: Gatehouse, _ user: TestUser, _ ticket: Ticket, replica: Int = 0
    ) async throws -> Reason? {
        let request = house.complete(user, ticket)
        return try await house.refusal(replica) {
            try await $0.signIn().completeVerification(request, .from())
        }
    }

    private func sessions(_ house: Gatehouse) throws -> Int {
        try house.number("SELECT count(*) FROM auth.sessions")
    }

    /// Changes that an administrator, or the user elsewhere, makes while a code is being checked.
    @Test(arguments: [
        "UPDATE auth.users SET state = 'disabled', epoch = epoch + 1",
        "UPDATE auth.users SET state = 'disabled'", "UPDATE auth.users SET epoch = epoch + 1",
        "UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp()",
    ]) func `L-11 and L-12 a change while the code is checked stops the session`(change: String)
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            for moment in ["checkCode", "listAuthenticators", "decide"] {
                try house.sql("UPDATE auth.users SET state = 'active'")
                let ticket = try await house.verifying(user)
                let hook: Stand.Hook = { try house.sql(change) }
                house.verification.stand.before(moment, hook)
                if moment == "decide" { house.policy.stand.before(moment, hook) }
                #expect(try await complete(house, user, ticket) == .signInExpired, "\(moment)")
            }
            #expect(try sessions(house) == 0)
            #expect(try house.audited("sign_in_completed") == 0)
        }
    }

    @Test func `L-11 a change while the password is checked stops the sign-in`() async throws {
        try await withGatehouse { house in
            for (name, factors) in [("ann", 0), ("bob", 1)] {
                let user = try await house.makeUser(name, factors: factors)
                house.verification.stand.before("checkPassword") {
                    try house.sql("UPDATE auth.users SET epoch = epoch + 1")
                }
                let request = StartSignIn(
                    identifier: name, password: user.password, bearer: true)
                let reason = try await house.refusal {
                    try await $0.signIn().start(request, .from())
                }
                #expect(reason == (factors == 0 ? .signInExpired : .passwordWrong))
            }
            #expect(try sessions(house) == 0)
        }
    }

    @Test
    func `L-15 and L-16 a service that is away stops the step, and the step works when it is back`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            for stand in [house.verification.stand, house.policy.stand] {
                stand.isAway = true
                #expect(try await complete(house, user, ticket) == .unavailable)
                let request = StartSignIn(
                    identifier: user.name, password: user.password, bearer: true)
                let start = try await house.refusal {
                    try await $0.signIn().start(request, .from())
                }
                #expect(start == .unavailable)
                #expect(try sessions(house) == 0)
                stand.isAway = false
            }
            #expect(try await complete(house, user, ticket) == nil)
        }
    }

    // MARK: Policy

    @Test func `L-11 a policy made stricter between two steps is the one that counts`() async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            house.policy.change(.everyone, [VerificationDouble.spare])
            let request = house.complete(user, ticket)
            let next = try await house.on {
                try await $0.signIn().completeVerification(request, .from())
            }
            #expect(next.name == "bind")
            #expect(try sessions(house) == 0)
            let asked = house.policy.state.withLock { $0.asked }
            #expect(asked.map(\.sinceVersion) == [0, 1])
            #expect(asked.map(\.proved) == [[], [VerificationDouble.totp]])
        }
    }

    @Test func `P-07 an answer by an older version than any seen is not used`() async throws {
        try await withGatehouse(replicas: 2) { house in
            house.policy.change(.everyone)
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            house.policy.state.withLock {
                $0.version = 1
                $0.enforcement = .administrators
            }
            #expect(try await complete(house, user, ticket) == .unavailable)
            // Neither at a replica that knows only by the sign-in what was in force.
            #expect(try await complete(house, user, ticket, replica: 1) == .unavailable)
            let other = try await house.makeUser("bob")
            let request = StartSignIn(identifier: "bob", password: other.password, bearer: true)
            for replica in 0...1 {
                let reason = try await house.refusal(replica) {
                    try await $0.signIn().start(request, .from())
                }
                #expect(reason == .unavailable)
            }
            #expect(try sessions(house) == 0)
        }
    }

    @Test func `L-17 whatever policy says, who has a factor proves it before anything else`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            for outcome in Outcome.allCases {
                for verifiers in [[], [VerificationDouble.spare], [VerificationDouble.totp]] {
                    house.policy.state.withLock {
                        $0.answer = Decision(
                            version: 1, outcome: outcome, verifiers: verifiers, rule: "?")
                    }
                    #expect(try await house.start(user).name == "verify")
                }
            }
            #expect(try sessions(house) == 0)
        }
    }

    @Test func `a denial, and an offer of nothing, are refusals`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let request = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            let answers: [(Outcome, [VerifierUID])] = [
                (.deny, []), (.verify, [VerificationDouble.totp]), (.bind, []),
                (.bind, [VerifierUID("gone")!]),
            ]
            for (outcome, verifiers) in answers {
                house.policy.state.withLock {
                    $0.answer = Decision(
                        version: 1, outcome: outcome, verifiers: verifiers, rule: "?")
                }
                let reason = try await house.refusal {
                    try await $0.signIn().start(request, .from())
                }
                #expect(reason == .noVerifierAvailable)
            }
        }
    }

    // MARK: Verification

    @Test func `L-15 a proof of something else than was asked is our error, and no session`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 2)
            let other = try await house.makeUser("bob", factors: 1)
            for wrong in [user.factors[1], other.factors[0]] {
                let ticket = try await house.verifying(user)
                house.verification.state.withLock { $0.mistakenFor = wrong }
                #expect(try await complete(house, user, ticket) == .internal)
            }
            #expect(try sessions(house) == 0)
        }
    }

    @Test func `L-11 and L-12 a factor gone since it was proved proves nothing`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1, initial: true)
            let ticket = try await house.verifying(user)
            #expect(try await complete(house, user, ticket) == nil)
            house.verification.disable(user.id)
            let change = ChangeSignInPassword(ticket: ticket, newPassword: "a new one")
            let reason = try await house.refusal {
                try await $0.signIn().changePassword(change, .from())
            }
            #expect(reason == .signInExpired)
            #expect(try sessions(house) == 0)
        }
    }

    @Test func `L-12 factors that failures have disabled lead nowhere`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            house.policy.change(.everyone)
            let ticket = try await house.verifying(user)
            house.verification.disable(user.id)
            #expect(try await complete(house, user, ticket) == .attemptsExhausted)
            let request = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            let start = try await house.refusal {
                try await $0.signIn().start(request, .from())
            }
            #expect(start == .attemptsExhausted)
        }
    }

    /// The password is new and the answer was lost: the way out is to sign in with it.
    @Test func `policy away after the password was replaced costs the sign-in only`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1, initial: true)
            let ticket = try await house.verifying(user)
            #expect(try await complete(house, user, ticket) == nil)
            house.policy.stand.before("decide") { throw Fault(.unavailable) }
            let change = ChangeSignInPassword(ticket: ticket, newPassword: "a new one")
            let reason = try await house.refusal {
                try await $0.signIn().changePassword(change, .from())
            }
            #expect(reason == .unavailable)
            let again = TestUser(
                id: user.id, name: user.name, password: "a new one", factors: user.factors)
            #expect(try await house.opens(try await house.session(again)))
        }
    }
}
