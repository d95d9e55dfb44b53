import Contracts
import Crypto
import Fixtures
import HTTP
import Postgres
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Devices that stand in for a second factor: how they come to, that a token serves once, and what
/// happens when it comes again.
struct TrustedDeviceTests {
    // MARK: Giving and using

    @Test func `nothing is trusted where policy does not allow it, whatever is asked for`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeOwner()
            let visit = try await house.visit(user, trusting: true)
            #expect(visit.view?.aal == 2 && visit.trust == nil)
            guard case .verify(let offer) = visit.first.step else { throw Unexpected() }
            #expect(!offer.mayTrust && offer.trustSeconds == 0)
            #expect(try house.number("SELECT count(*) FROM auth.trusted_devices") == 0)
            house.allowTrust()
            let allowed = try await house.visit(user)
            guard case .verify(let next) = allowed.first.step else { throw Unexpected() }
            #expect(next.mayTrust && allowed.trust == nil, "and only where it is asked for")
            #expect(next.trustSeconds == 30 * 86_400)
        }
    }

    @Test func `a trusted device spares the factor, and the session says that it was spared`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let first = try await house.visit(user, trusting: true)
            #expect(first.view?.aal == 2)
            let token = try #require(first.trust)
            guard case .set(_, let seconds) = first.cookie else { throw Unexpected() }
            #expect((30 * 86_400 - 5...30 * 86_400).contains(Int(seconds)))
            let second = try await house.visit(user, holding: token)
            #expect(!second.wasAsked)
            #expect(second.view?.amr == [.password] && second.view?.aal == 1)
            let next = try #require(second.trust)
            #expect(next != token)
            #expect(try house.audited("device_trusted", user.id) == 1)
            #expect(try house.audited("trusted_device_used", user.id) == 1)
            // What is grave wants the factor all the same.
            let session = try #require(second.session)
            let refused = try await house.refusal {
                try await $0.account().changePassword(
                    ChangePassword(
                        currentPassword: user.password, newPassword: "four quiet grey herons"),
                    .from(session))
            }
            #expect(refused == .stepUpRequired)
            let raised = try await house.on {
                try await $0.account().stepUp(
                    StepUp(
                        authenticator: user.authenticator, code: VerificationDouble.rightCode),
                    .from(session))
            }
            #expect(raised.session.aal == 2)
            // Stored are digests.
            let rows = try house.sql(
                "SELECT * FROM auth.trusted_devices; SELECT * FROM auth.used_trust_tokens")
            #expect(!rows.contains(token.text) && !rows.contains(next.text))
        }
    }

    @Test func `P-02 an administrator on a trusted device proves himself before he administers`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let root = try await house.makeOwner("root", roles: [.administrator])
            let first = try await house.visit(root, trusting: true)
            guard case .set(let token, let seconds) = first.cookie else { throw Unexpected() }
            #expect((7 * 86_400 - 5...7 * 86_400).contains(Int(seconds)))
            let session = try #require(try await house.visit(root, holding: token).session)
            let refused = try await house.refusal {
                try await $0.admin.getUser(GetUser(user: root.id), .from(session))
            }
            #expect(refused == .stepUpRequired)
        }
    }

    @Test func `a token belongs to its user, and is nothing without the password`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let ann = try await house.makeOwner("ann")
            let bob = try await house.makeOwner("bob")
            let token = try await house.trust(ann)
            #expect(try await house.visit(bob, holding: token).wasAsked)
            let door = Door(.http, trust: token)
            let wrong = StartSignIn(identifier: "ann", password: "a guess", bearer: false)
            let refused = try await house.refusal {
                try await $0.signIn(door).start(wrong, .from())
            }
            #expect(refused == .passwordWrong && door.trustChange == .none)
            // Nor is a used one: who knows no password can do nothing to its owner.
            #expect(try await house.spares(ann, token))
            try house.letPass(seconds: 60)
            _ = try await house.refusal { try await $0.signIn(door).start(wrong, .from()) }
            #expect(try house.audited("trusted_device_reused") == 0)
            for other in [try TrustToken.fresh(), nil] {
                #expect(try await house.visit(ann, holding: other).wasAsked)
            }
        }
    }

    @Test func `nothing prolongs a trust`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            var token = try await house.trust(user)
            let end = try house.sql("SELECT expires_at FROM auth.trusted_devices")
            for _ in 0..<3 {
                let visit = try await house.visit(user, holding: token)
                #expect(!visit.wasAsked)
                token = try #require(visit.trust)
            }
            #expect(try house.sql("SELECT expires_at FROM auth.trusted_devices") == end)
            try house.sql("UPDATE auth.trusted_devices SET expires_at = clock_timestamp()")
            let late = try await house.visit(user, holding: token)
            #expect(late.wasAsked && late.cookie == .clear)
            #expect(try await house.on { try await $0.trustedDevices.sweep() } == 1)
        }
    }

    @Test func `what an operator makes shorter is shorter for trust that was given before`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            try house.sql(
                "UPDATE auth.trusted_devices SET trusted_at = trusted_at - interval '31 days'")
            #expect(try await house.visit(user, holding: token).wasAsked)
            let root = try await house.makeOwner("root", roles: [.administrator])
            let other = try await house.trust(root)
            try house.sql(
                """
                UPDATE auth.trusted_devices SET trusted_at = trusted_at - interval '8 days',
                    expires_at = expires_at + interval '20 days'
                """)
            #expect(try await house.visit(root, holding: other).wasAsked)
        }
    }

    @Test func `a program gets what it holds in the answer, and brings it itself`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let ticket = try await house.verifying(user)
            var proof = house.complete(user, ticket)
            proof.trustDevice = true
            let request = proof
            let done = try await house.on {
                try await $0.signIn(Door(.rpc)).completeVerification(request, .from())
            }
            guard case .signedIn(let it) = done.step, let token = it.trusted?.token else {
                throw Unexpected()
            }
            var start = StartSignIn(
                identifier: user.name, password: user.password, bearer: true, trust: token)
            let bearing = start
            let next = try await house.on {
                try await $0.signIn(Door(.rpc)).start(bearing, .from())
            }
            guard case .signedIn(let second) = next.step else { throw Unexpected() }
            #expect(second.session.aal == 1 && second.trusted?.token != nil)
            #expect(second.trusted?.expiresAt == it.trusted?.expiresAt)
            // A page of ours never sees it.
            start.bearer = false
            let byCookie = start
            let refused = try await house.refusal {
                try await $0.signIn().start(byCookie, .from())
            }
            #expect(refused == .malformed)
        }
    }

    @Test func `a passkey alone may give trust, which then spares a password its factor`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeUser()
            house.verification.bindPasskey(user.id)
            house.policy.change(.everyone, [VerifierUID("passkey")!])
            let door = Door(.http)
            let begun = try await house.on {
                try await $0.signIn(door).beginPasskey(BeginPasskeySignIn(bearer: false), .from())
            }
            let request = CompletePasskeySignIn(
                ticket: begun.ticket, passkey: VerificationDouble.assertion(of: user.id),
                bearer: false, trustDevice: true)
            _ = try await house.on {
                try await $0.signIn(door).completePasskey(request, .from())
            }
            guard case .set(let token, _) = door.trustChange else { throw Unexpected() }
            let visit = try await house.visit(user, holding: token)
            #expect(!visit.wasAsked)
            // From then on it belongs to that password.
            let next = try #require(visit.trust)
            house.verification.state.withLock {
                $0.passwordIDs[user.id] = AuthenticatorID(high: 7, low: 7)
            }
            let first = try await house.on {
                try await $0.signIn(Door(.http, trust: next)).start(
                    StartSignIn(identifier: "ann", password: user.password, bearer: false),
                    .from())
            }
            #expect(first.name == "verify")
        }
    }

    // MARK: At once

    @Test func `S-02 of 64 sign-ins at once with one token one is spared, and nobody is a thief`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            var token = try await house.trust(user)
            for round in 1...3 {
                let shown = token
                let answers = try await house.parallel(64) { gateway, _ in
                    let door = Door(.http, trust: shown)
                    let start = StartSignIn(
                        identifier: user.name, password: user.password, bearer: false)
                    let step = try await gateway.signIn(door).start(start, .from())
                    return (step.name, door.trustChange)
                }
                #expect(answers.count { $0.0 == "signedIn" } == 1)
                #expect(answers.count { $0.0 == "verify" } == 63)
                let given = answers.compactMap { _, change in
                    if case .set(let token, _) = change { token } else { nil }
                }
                #expect(given.count == 1)
                #expect(try house.audited("trusted_device_used", user.id) == round)
                #expect(try house.audited("trusted_device_reused") == 0)
                token = try #require(given.first)
            }
            #expect(house.told(.trustedDeviceReused) == 0)
        }
    }

    @Test func `an answer that is lost costs a code, and no alarm`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            let lost = try await house.visit(user, holding: token)
            let hanging = try #require(lost.session)
            #expect(try await house.opens(hanging))
            // The browser has seen nothing of it and shows what it has.
            let again = try await house.visit(user, holding: token, trusting: true)
            #expect(again.wasAsked)
            #expect(try house.audited("trusted_device_reused") == 0)
            // Whoever did get the answer has nothing by it any more.
            #expect(try await !house.opens(hanging))
            #expect(try await house.visit(user, holding: lost.trust).wasAsked)
            #expect(try await house.spares(user, try #require(again.trust)))
            #expect(house.told(.trustedDeviceReused) == 0)
        }
    }

    @Test func `who proves the factor without trusting anew gives up what was lost`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            let lost = try #require(try await house.visit(user, holding: token).trust)
            let again = try await house.visit(user, holding: token)
            #expect(again.wasAsked && again.cookie == .clear)
            #expect(try await house.visit(user, holding: lost).wasAsked)
            #expect(try house.number("SELECT count(*) FROM auth.trusted_devices") == 0)
        }
    }

    @Test func `who has to give a code though his device is trusted keeps the trust`() async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            house.allowTrust(false)
            let elsewhere = try await house.visit(user, holding: token)
            #expect(elsewhere.wasAsked && elsewhere.cookie == .none)
            house.allowTrust()
            #expect(try await house.spares(user, token))
        }
    }

    // MARK: A token that comes again

    @Test func `a used token ends the trust and what it opened, and its owner is told once`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let own = try await house.visit(user, trusting: true)
            let stolen = try #require(own.trust)
            let thief = try await house.visit(user, holding: stolen)
            #expect(!thief.wasAsked)
            try house.letPass(seconds: 31)
            let names = try await house.parallel(64) { gateway, _ in
                let start = StartSignIn(
                    identifier: user.name, password: user.password, bearer: false)
                return try await gateway.signIn(Door(.http, trust: stolen))
                    .start(start, .from()).name
            }
            #expect(names.allSatisfy { $0 == "verify" })
            #expect(try house.audited("trusted_device_reused", user.id) == 1)
            #expect(house.told(.trustedDeviceReused) == 1)
            // Whoever was first has neither the session nor the trust; the owner's own goes on.
            #expect(try await !house.opens(try #require(thief.session)))
            #expect(try await house.visit(user, holding: thief.trust).wasAsked)
            #expect(try await house.opens(try #require(own.session)))
            #expect(try await house.on { try await $0.trustedDevices.untold().isEmpty })
        }
    }

    @Test func `a token older than the last one is a copy, however soon it comes`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let first = try await house.trust(user)
            let second = try #require(try await house.visit(user, holding: first).trust)
            let third = try #require(try await house.visit(user, holding: second).trust)
            #expect(try await house.visit(user, holding: first).wasAsked)
            #expect(try house.audited("trusted_device_reused", user.id) == 1)
            #expect(try await house.visit(user, holding: third).wasAsked)
        }
    }

    @Test func `an owner is told of a reuse also where the first try failed`() async throws {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            #expect(try await house.spares(user, token))
            try house.letPass(seconds: 31)
            house.verification.stand.before("sendNotice") { throw Fault(.unavailable) }
            let door = Door(.http, trust: token)
            let start = StartSignIn(
                identifier: user.name, password: user.password, bearer: false)
            let refused = try await house.refusal {
                try await $0.signIn(door).start(start, .from())
            }
            #expect(refused == .unavailable && house.told(.trustedDeviceReused) == 0)
            #expect(try house.audited("trusted_device_reused", user.id) == 1)
            try await house.on { try await $0.tellOfReuses() }
            #expect(house.told(.trustedDeviceReused) == 0, "it may be under way")
            try house.sql(
                "UPDATE auth.trusted_devices SET reused_at = reused_at - interval '2 min'")
            for _ in 0..<2 { try await house.on { try await $0.tellOfReuses() } }
            #expect(house.told(.trustedDeviceReused) == 1)
        }
    }

    @Test func `L-15 and L-16 with a service away no session opens, and no token is used up`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let token = try await house.trust(user)
            for stand in [house.policy.stand, house.verification.stand] {
                stand.isAway = true
                let refused = try await house.refusal {
                    try await $0.signIn(Door(.http, trust: token)).start(
                        StartSignIn(
                            identifier: user.name, password: user.password, bearer: false),
                        .from())
                }
                #expect(refused == .unavailable)
                stand.isAway = false
            }
            #expect(try await house.spares(user, token))
        }
    }
}
