import Contracts
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What whoever reads a user's mail can do with it: with a link for a new password and a code, both
/// from one mailbox, no more than he who has nothing better bound.
struct MailboxTests {
    private static let mailUID = VerifierUID("mail")!
    private static let mail = SignInFlow.Factor(
        authenticator: AuthenticatorID(high: 1, low: 1), verifier: mailUID, kind: .email)
    private static let app = SignInFlow.Factor(
        authenticator: AuthenticatorID(high: 2, low: 2), verifier: VerifierUID("totp")!, kind: .totp
    )
    private static let recovery = AuthenticatorID(high: 3, low: 3)

    private func first(
        _ outcome: Outcome, _ chosen: [VerifierUID], _ bound: SignInFlow.Bound,
        proved: [SignInFlow.Factor] = []
    ) -> SignInFlow.Effect {
        var flow = SignInFlow(state: .deciding, mustChangePassword: false, proved: proved)
        let decision = Decision(version: 1, outcome: outcome, verifiers: chosen, rule: "")
        return flow.on(.decided(decision, bound, verifiers: [VerifierUID("totp")!]))
    }

    @Test(arguments: Outcome.allCases)
    func `C-11 beside something better mail is offered only where policy names it`(
        outcome: Outcome
    ) {
        let both = SignInFlow.Bound(active: [Self.mail, Self.app])
        #expect(
            first(outcome, [VerifierUID("other")!], both)
                == .offerVerification([Self.app.authenticator]))
        #expect(
            first(outcome, [Self.mailUID], both)
                == .offerVerification(
                    outcome == .verify
                        ? [Self.mail.authenticator]
                        : [Self.mail.authenticator, Self.app.authenticator]))
        let alone = SignInFlow.Bound(active: [Self.mail])
        #expect(first(outcome, [], alone) == .offerVerification([Self.mail.authenticator]))
    }

    @Test func `C-11 mail binds nothing beside something better, disabled or not`() {
        let totp = VerifierUID("totp")!
        let both = SignInFlow.Bound(active: [Self.mail, Self.app])
        #expect(
            first(.bind, [totp], both, proved: [Self.mail])
                == .offerVerification([Self.app.authenticator]))
        let disabled = SignInFlow.Bound(active: [Self.mail], disabled: [.totp])
        #expect(
            first(.bind, [totp], disabled, proved: [Self.mail]) == .refuse(.attemptsExhausted))
        let rescued = SignInFlow.Bound(
            active: [Self.mail], disabled: [.totp], recovery: Self.recovery)
        #expect(
            first(.bind, [totp], rescued, proved: [Self.mail])
                == .offerVerification([Self.recovery]))
        let alone = SignInFlow.Bound(active: [Self.mail])
        #expect(first(.bind, [totp], alone, proved: [Self.mail]) == .offerBinding([totp]))
        #expect(first(.bind, [totp], both, proved: [Self.app]) == .offerBinding([totp]))
    }

    @Test func `C-11 mail unbinds nothing better, disabled or not, and no code is spent`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let mail = house.verification.bind(user.id, Self.mailUID, .email)
            let app = house.verification.bind(user.id)
            func unbind(
                _ it: AuthenticatorView, with proof: AuthenticatorView
            ) async throws -> Reason? {
                let request = Unbind(
                    authenticator: it.id, provedWith: proof.id, code: VerificationDouble.rightCode)
                return try await house.refusal {
                    try await $0.account().unbind(request, .from(token))
                }
            }
            #expect(try await unbind(app, with: mail) == .authenticatorNotOffered)
            #expect(try await unbind(mail, with: mail) == .authenticatorNotOffered)
            house.verification.disable(user.id)
            #expect(try await unbind(app, with: mail) == .authenticatorNotOffered)
            #expect(house.verification.state.withLock { $0.checks.isEmpty })
            house.verification.unbindNow(user.id, app.id)
            let second = house.verification.bind(user.id, Self.mailUID, .email)
            #expect(try await unbind(mail, with: second) == nil)
        }
    }

    @Test func `who has mail alone bound changes what is his after proving it`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            house.verification.bind(user.id, Self.mailUID, .email)
            let begin = BeginOwnBinding(verifier: VerificationDouble.totp)
            func reason() async throws -> Reason? {
                try await house.refusal {
                    try await $0.account().beginBinding(begin, .from(token))
                }
            }
            #expect(try await reason() == .stepUpRequired)
            try house.sql("UPDATE auth.sessions SET methods = ARRAY['pwd', 'otp']")
            #expect(try await reason() == nil)
            #expect(house.verification.state.withLock { $0.begun[user.id]?.additional } == true)
            house.verification.bind(user.id)
            #expect(try await reason() == .stepUpRequired)
        }
    }

    @Test func `W-138 a session without a password is renewed by a passkey that sees its user`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let app = house.verification.bind(user.id)
            let passkey = house.verification.bind(user.id, VerifierUID("passkey")!, .passkey)
            func stepUp(_ it: AuthenticatorView) async throws -> Reason? {
                let request = StepUp(authenticator: it.id, code: VerificationDouble.rightCode)
                return try await house.refusal {
                    try await $0.account().stepUp(request, .from(token))
                }
            }
            try house.sql("UPDATE auth.sessions SET methods = ARRAY['pop', 'mfa'], level = 2")
            #expect(try await stepUp(app) == .authenticatorNotOffered)
            let begin = BeginProof(authenticator: passkey.id, purpose: .stepUp)
            _ = try await house.on { try await $0.account().beginProof(begin, .from(token)) }
            #expect(try await stepUp(passkey) == nil)
            let (asked, checked) = house.verification.state.withLock {
                ($0.challenges.map(\.alone), $0.checks.map(\.alone))
            }
            #expect(asked == [true] && checked == [true])
        }
    }
}
