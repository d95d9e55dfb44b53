import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Passkeys at the gateway: alone, and beside a password.
struct PasskeySignInTests {
    /// Begins a sign-in without a name and answers as the user's passkey.
    private func completing(
        _ house: Gatehouse, _ user: TestUser
    ) async throws -> CompletePasskeySignIn {
        let begun = try await house.on {
            try await $0.signIn().beginPasskey(BeginPasskeySignIn(bearer: true), .from())
        }
        return CompletePasskeySignIn(
            ticket: begun.ticket, passkey: VerificationDouble.assertion(of: user.id), bearer: true)
    }

    @Test func `a passkey alone opens a session of level 2, and its ticket serves once`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            house.verification.bindPasskey(user.id)
            let request = try await completing(house, user)
            let done = try await house.on {
                try await $0.signIn().completePasskey(request, .from())
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            #expect(it.session.userId == user.id && it.session.aal == 2)
            #expect(it.session.amr == [.proofOfPossession, .multipleFactors])
            #expect(try await house.opens(try #require(it.session.token)))
            let again = try await house.refusal {
                try await $0.signIn().completePasskey(request, .from())
            }
            #expect(again == .passkeyRefused)
        }
    }

    @Test func `whoever owns the passkey that is tried can be told of it, and nobody else`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            house.verification.bindPasskey(user.id)
            for _ in 1...2 {
                let request = try await completing(house, user)
                _ = try await house.on {
                    try await $0.signIn().completePasskey(request, .from())
                }
                try house.sql(
                    "UPDATE auth.users SET email = 'ann@example.org', "
                        + "email_key = 'ann@example.org' WHERE id = '\(user.id)'")
            }
            let told = house.verification.state.withLock { $0.passkeyReceivers }
            #expect(told.map { $0?.address } == [nil, "ann@example.org"])
        }
    }

    @Test func `L-14 where policy wants another verifier it is proved too`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            house.verification.bindPasskey(user.id)
            house.policy.change(.everyone)
            let request = try await completing(house, user)
            let step = try await house.on {
                try await $0.signIn().completePasskey(request, .from())
            }
            guard case .verify(let offer) = step.step else { throw Unexpected() }
            #expect(offer.authenticators.map(\.id) == [user.authenticator])
            let done = try await house.on {
                try await $0.signIn().completeVerification(
                    house.complete(user, offer.ticket), .from())
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            #expect(it.session.amr == [.proofOfPossession, .oneTimePassword, .multipleFactors])
        }
    }

    @Test func `an initial password is not asked to be replaced by who does not use it`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            house.verification.bindPasskey(user.id)
            _ = house.verification.state.withLock { $0.initial.insert(user.id) }
            let request = try await completing(house, user)
            let done = try await house.on {
                try await $0.signIn().completePasskey(request, .from())
            }
            guard case .signedIn = done.step else { throw Unexpected() }
        }
    }

    @Test func `a disabled user is refused as any other passkey is`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            house.verification.bindPasskey(user.id)
            let early = try await completing(house, user)
            house.verification.stand.before("checkPasskey") {
                try house.sql(
                    "UPDATE auth.users SET state = 'disabled' WHERE id = '\(user.id)'")
            }
            for request in [early, try await completing(house, user)] {
                let reason = try await house.refusal {
                    try await $0.signIn().completePasskey(request, .from())
                }
                #expect(reason == .passkeyRefused)
            }
        }
    }

    @Test func `a sign-in ends where its user is disabled while policy is asked`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            house.verification.bindPasskey(user.id)
            let request = try await completing(house, user)
            house.policy.stand.before("decide") {
                try house.sql("UPDATE auth.users SET epoch = epoch + 1 WHERE id = '\(user.id)'")
            }
            let reason = try await house.refusal {
                try await $0.signIn().completePasskey(request, .from())
            }
            #expect(reason == .signInExpired)
        }
    }

    @Test func `a challenge belongs to the sign-in or session that asks for it`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            let begin = BeginVerification(ticket: ticket, authenticator: user.authenticator)
            _ = try await house.on { try await $0.signIn().beginVerification(begin, .from()) }
            let foreign = BeginVerification(ticket: ticket, authenticator: try .fresh())
            let refused = try await house.refusal {
                try await $0.signIn().beginVerification(foreign, .from())
            }
            #expect(refused == .authenticatorNotOffered)

            let token = try await house.session(user)
            for purpose in Purpose.allCases {
                let request = BeginProof(authenticator: user.authenticator, purpose: purpose)
                let reason = try await house.refusal {
                    try await $0.account().beginProof(request, .from(token))
                }
                #expect(reason == ([.stepUp, .unbind].contains(purpose) ? nil : .malformed))
            }
            let asked = house.verification.state.withLock { $0.challenges }
            #expect(asked.map(\.purpose) == [.signIn, .stepUp, .unbind])
            #expect(asked.allSatisfy { $0.user == user.id })
            #expect(Set(asked.map(\.context)).count == 2)
        }
    }
}
