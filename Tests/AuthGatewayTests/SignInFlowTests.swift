import Contracts
import Testing
import Wire

@testable import AuthGateway

/// Transcripts of the flow: what happened, what has to be done.
struct SignInFlowTests {
    private typealias Factor = SignInFlow.Factor

    private let totp = VerifierUID("totp")!
    private let other = VerifierUID("other")!
    private let phone = SignInFlow.Factor(
        authenticator: AuthenticatorID(high: 1, low: 1), verifier: VerifierUID("totp")!, kind: .totp
    )
    private let token = SignInFlow.Factor(
        authenticator: AuthenticatorID(high: 2, low: 2), verifier: VerifierUID("other")!,
        kind: .totp)

    private func policy(_ outcome: Outcome, _ verifiers: VerifierUID...) -> Decision {
        Decision(version: 1, outcome: outcome, verifiers: verifiers, rule: "")
    }

    private func bound(_ active: SignInFlow.Factor..., disabled: Bool = false) -> SignInFlow.Bound {
        SignInFlow.Bound(active: active, disabled: disabled ? [.totp] : [])
    }

    @Test func `without a second factor asked or bound the password opens a session of level 1`() {
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(policy(.allow), bound(), verifiers: []))
                == .openSession(methods: [.password], level: 1))
        #expect(flow.state == .finished)
    }

    @Test func `who has bound nothing binds, and the binding completes the sign-in`() {
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(policy(.bind, totp), bound(), verifiers: [totp, other]))
                == .offerBinding([totp]))
        #expect(flow.on(.verifierChosen(other)) == .refuse(.verifierNotOffered))
        #expect(flow.on(.verifierChosen(totp)) == .beginBinding(totp, additional: false))
        #expect(flow.on(.codeGivenToBind) == .confirmBinding(additional: false))
        #expect(flow.on(.bound(phone)) == .askPolicy)
        #expect(
            flow.on(.decided(policy(.allow, totp), bound(phone), verifiers: []))
                == .openSession(
                    methods: [.password, .oneTimePassword, .multipleFactors], level: 2))
    }

    @Test func `L-13 who has bound one proves it, with one of those offered only`() {
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(policy(.verify, totp), bound(phone, token), verifiers: []))
                == .offerVerification([phone.authenticator]))
        #expect(flow.on(.codeGiven(token.authenticator)) == .refuse(.authenticatorNotOffered))
        #expect(flow.on(.proved(token)) == .refuse(.authenticatorNotOffered))
        #expect(flow.on(.codeGiven(phone.authenticator)) == .checkCode(phone.authenticator))
        #expect(flow.on(.proved(phone)) == .askPolicy)
        #expect(
            flow.on(.decided(policy(.allow, totp), bound(phone, token), verifiers: []))
                == .openSession(
                    methods: [.password, .oneTimePassword, .multipleFactors], level: 2))
    }

    @Test func `O-29 a code by mail beside the password raises no level`() {
        let mail = VerifierUID("mail")!
        let box = Factor(
            authenticator: AuthenticatorID(high: 3, low: 3), verifier: mail, kind: .email)
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(policy(.verify, mail), bound(box), verifiers: []))
                == .offerVerification([box.authenticator]))
        #expect(flow.on(.proved(box)) == .askPolicy)
        #expect(
            flow.on(.decided(policy(.allow, mail), bound(box), verifiers: []))
                == .openSession(methods: [.password, .oneTimePassword], level: 1))
        // Beside a code of an app it takes nothing away.
        #expect(SessionProof(password: true, [.email, .totp]).level == 2)
        #expect(SessionProof(password: false, [.email]).level == 1)
    }

    @Test func `L-17 the floor asks for a bound factor though policy asks for none`() {
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(policy(.allow), bound(phone), verifiers: []))
                == .offerVerification([phone.authenticator]))
    }

    @Test func `a factor that policy does not choose is proved before another is bound`() {
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(policy(.bind, totp), bound(token), verifiers: [totp]))
                == .offerVerification([token.authenticator]))
        #expect(flow.on(.proved(token)) == .askPolicy)
        #expect(
            flow.on(.decided(policy(.bind, totp), bound(token), verifiers: [totp]))
                == .offerBinding([totp]))
        #expect(flow.on(.verifierChosen(totp)) == .beginBinding(totp, additional: true))
    }

    @Test func `a factor disabled by failures leads neither to binding nor to a session`() {
        for outcome in [Outcome.allow, .bind] {
            var flow = SignInFlow(mustChangePassword: false)
            #expect(
                flow.on(
                    .decided(policy(outcome, totp), bound(disabled: true), verifiers: [totp]))
                    == .refuse(.attemptsExhausted))
        }
    }

    @Test func `an initial password is replaced last, and policy is asked once more`() {
        var flow = SignInFlow(mustChangePassword: true)
        _ = flow.on(.decided(policy(.verify, totp), bound(phone), verifiers: []))
        #expect(flow.on(.passwordGiven) == .refuse(.stepOutOfOrder))
        _ = flow.on(.proved(phone))
        let allowed = SignInFlow.Event.decided(policy(.allow, totp), bound(phone), verifiers: [])
        #expect(flow.on(allowed) == .offerNewPassword)
        #expect(flow.on(.passwordGiven) == .replacePassword(secondFactorAsked: true))
        #expect(flow.on(.passwordReplaced) == .askPolicy)
        #expect(
            flow.on(allowed)
                == .openSession(
                    methods: [.password, .oneTimePassword, .multipleFactors], level: 2))
    }

    @Test func `binding is refused where no chosen verifier exists`() {
        var flow = SignInFlow(mustChangePassword: false)
        #expect(
            flow.on(.decided(policy(.bind, totp), bound(), verifiers: [other]))
                == .refuse(.noVerifierAvailable))
    }

    /// Random walks: whatever comes in whatever order, a session opens only by the rule.
    @Test func `L-01 no order of events opens a session without what was asked`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            walk(&random)
        }
    }

    private func walk(_ random: inout some RandomNumberGenerator) {
        let active = [[], [phone], [token], [phone, token]].randomElement(using: &random)!
        let disabled = Bool.random(using: &random)
        var flow = SignInFlow(mustChangePassword: .random(using: &random))
        var changed = !flow.mustChangePassword
        for _ in 0..<12 {
            let outcome = [Outcome.allow, .verify, .bind, .deny].randomElement(using: &random)!
            let events: [SignInFlow.Event] = [
                .decided(
                    policy(outcome, totp),
                    SignInFlow.Bound(active: active, disabled: disabled ? [.totp] : []),
                    verifiers: [totp]),
                .codeGiven(phone.authenticator), .proved(phone), .proved(token),
                .verifierChosen(totp), .codeGivenToBind, .bound(phone), .passwordGiven,
                .passwordReplaced,
            ]
            let event = events.randomElement(using: &random)!
            let before = flow
            let effect = flow.on(event)
            if before.state == .changingPassword, event == .passwordReplaced { changed = true }
            if case .refuse = effect { #expect(flow == before) }
            guard case .openSession(_, let level, _) = effect else { continue }
            #expect(before.state == .deciding && changed)
            #expect(level == (flow.proved.isEmpty ? 1 : 2))
            #expect(!flow.proved.isEmpty || (active.isEmpty && !disabled))
            #expect(outcome == .allow)
            return
        }
    }
}
