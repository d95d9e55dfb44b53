import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Recovery codes at the gateway: told once, taken in the place of what is bound.
struct RecoveryCodeTests {
    @Test func `a sign-in that binds the first authenticator is told the codes`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            house.policy.change(.everyone)
            let ticket = try await house.binding(user)
            let begin = BeginSignInBinding(ticket: ticket, verifier: VerificationDouble.totp)
            _ = try await house.on { try await $0.signIn().beginBinding(begin, .from()) }
            let confirm = ConfirmSignInBinding(ticket: ticket, code: VerificationDouble.rightCode)
            let done = try await house.on {
                try await $0.signIn().confirmBinding(confirm, .from())
            }
            #expect(!done.recoveryCodes.isEmpty)
            #expect(done.name == "signedIn")
        }
    }

    @Test func `a recovery code stands in for what is bound, once, also where that is disabled`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let codes = house.verification.giveRecoveryCodes(user.id)
            house.verification.disable(user.id)
            guard case .verify(let offer) = try await house.start(user).step else {
                throw Unexpected()
            }
            #expect(offer.authenticators.isEmpty)
            let recovery = try #require(offer.recovery)
            let request = CompleteVerification(
                ticket: offer.ticket, authenticator: recovery, code: codes[0])
            let done = try await house.on {
                try await $0.signIn().completeVerification(request, .from())
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            #expect(it.session.aal == 2)
            #expect(it.session.amr == [.password, .oneTimePassword, .multipleFactors])

            guard case .verify(let again) = try await house.start(user).step else {
                throw Unexpected()
            }
            let used = CompleteVerification(
                ticket: again.ticket, authenticator: recovery, code: codes[0])
            #expect(
                try await house.refusal {
                    try await $0.signIn().completeVerification(used, .from())
                } == .codeWrong)
        }
    }

    @Test func `C-03 another user's recovery codes are not offered and not asked about`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let other = try await house.makeUser("bob", factors: 1)
            let codes = house.verification.giveRecoveryCodes(other.id)
            guard case .verify(let offer) = try await house.start(user).step else {
                throw Unexpected()
            }
            #expect(offer.recovery == nil)
            let request = CompleteVerification(
                ticket: offer.ticket, authenticator: .recovery(of: other.id), code: codes[0])
            #expect(
                try await house.refusal {
                    try await $0.signIn().completeVerification(request, .from())
                } == .authenticatorNotOffered)
            let left = house.verification.state.withLock { $0.recovery[other.id] }
            #expect(left == codes)
        }
    }

    @Test func `in a session a code proves and unbinds, and new ones want a fresh second factor`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let codes = house.verification.giveRecoveryCodes(user.id)
            let token = try await house.session(user)
            let list = try await house.on {
                try await $0.account().listAuthenticators(ListOwnAuthenticators(), .from(token))
            }
            #expect(list.recoveryCodesLeft == UInt32(codes.count))
            let recovery = try #require(list.recovery)
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '301 s'")
            let again = RegenerateRecoveryCodes()
            #expect(
                try await house.refusal {
                    try await $0.account().regenerateRecoveryCodes(again, .from(token))
                } == .stepUpRequired)
            let view = try await house.on {
                try await $0.account().stepUp(
                    StepUp(authenticator: recovery, code: codes[1]), .from(token))
            }
            #expect(view.session.aal == 2)
            let renewed = try #require(view.session.token)
            let made = try await house.on {
                try await $0.account().regenerateRecoveryCodes(again, .from(renewed))
            }
            #expect(!made.codes.isEmpty && Set(made.codes).isDisjoint(with: codes))
            let unbind = Unbind(
                authenticator: user.factors[0].id, provedWith: recovery, code: made.codes[0])
            _ = try await house.on { try await $0.account().unbind(unbind, .from(renewed)) }
            #expect(house.verification.factors(of: user.id).isEmpty)
            try house.sql("UPDATE auth.sessions SET level = 1")
            #expect(
                try await house.refusal {
                    try await $0.account().regenerateRecoveryCodes(again, .from(renewed))
                } == .stepUpRequired)
        }
    }
}
