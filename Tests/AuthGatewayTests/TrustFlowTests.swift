import Contracts
import Fixtures
import Testing
import Wire

@testable import AuthGateway

/// What the flow makes of a trusted device: the one way past the floor.
struct TrustFlowTests {
    private typealias Factor = SignInFlow.Factor
    private typealias Bound = SignInFlow.Bound

    private static let app = Factor(
        authenticator: AuthenticatorID(high: 1, low: 1), verifier: VerifierUID("totp")!,
        kind: .totp)
    private static let key = Factor(
        authenticator: AuthenticatorID(high: 2, low: 2), verifier: VerifierUID("passkey")!,
        kind: .passkey)
    private static let mail = Factor(
        authenticator: AuthenticatorID(high: 3, low: 3), verifier: VerifierUID("mail")!,
        kind: .email)
    private static let recovery = Factor(
        authenticator: AuthenticatorID(high: 4, low: 4), verifier: nil, kind: .recovery)

    private static func policy(
        _ outcome: Outcome, _ verifiers: [Factor] = [app], trust: Bool = true
    ) -> Decision {
        Decision(
            version: 1, outcome: outcome, verifiers: verifiers.compactMap(\.verifier), rule: "",
            trustedDevices: trust)
    }

    private static func trusted(_ factor: Factor, among bound: [Factor]) -> SignInFlow.TrustedDevice
    {
        SignInFlow.TrustedDevice(factor: factor, bound: Set(bound.map(\.authenticator)))
    }

    private static func bound(
        _ active: [Factor], on trust: SignInFlow.TrustedDevice? = nil
    ) -> Bound {
        Bound(active: active, trusted: trust)
    }

    private static func first(_ decision: Decision, _ bound: Bound) -> SignInFlow.Effect {
        var flow = SignInFlow(mustChangePassword: false)
        return flow.on(.decided(decision, bound, verifiers: []))
    }

    @Test func `a trusted device opens a session of level 1, which says that nothing was proved`() {
        let here = Self.bound([Self.app], on: Self.trusted(Self.app, among: [Self.app]))
        for outcome in [Outcome.allow, .verify] {
            #expect(
                Self.first(Self.policy(outcome), here)
                    == .openSession(methods: [.password], level: 1, trust: .used))
        }
    }

    @Test func `L-17 policy alone does not lead past the floor, nor does trust alone`() {
        let trust = Self.trusted(Self.app, among: [Self.app])
        let ask = SignInFlow.Effect.offerVerification([Self.app.authenticator])
        for outcome in [Outcome.allow, .verify] {
            #expect(Self.first(Self.policy(outcome), Self.bound([Self.app])) == ask)
            #expect(
                Self.first(
                    Self.policy(outcome, trust: false), Self.bound([Self.app], on: trust)) == ask)
        }
    }

    @Test func `trust is over when anything was bound, unbound or disabled since`() {
        let trust = Self.trusted(Self.app, among: [Self.app, Self.mail])
        for active in [[Self.app], [Self.app, Self.mail, Self.key], [Self.app, Self.key]] {
            let effect = Self.first(Self.policy(.verify), Self.bound(active, on: trust))
            #expect(effect == .offerVerification([Self.app.authenticator]))
        }
        let effect = Self.first(
            Self.policy(.verify), Self.bound([Self.app, Self.mail], on: trust))
        #expect(effect == .openSession(methods: [.password], level: 1, trust: .used))
    }

    @Test func `L-14 it stands for nothing that would not be enough today`() {
        let both = [Self.app, Self.key]
        let byApp = Self.bound(both, on: Self.trusted(Self.app, among: both))
        let byKey = Self.bound(both, on: Self.trusted(Self.key, among: both))
        let strict = Self.policy(.verify, [Self.key])
        #expect(Self.first(strict, byApp) == .offerVerification([Self.key.authenticator]))
        #expect(
            Self.first(strict, byKey)
                == .openSession(methods: [.password], level: 1, trust: .used))
        // A mailbox is nothing beside an app, unless policy names it.
        let withMail = [Self.app, Self.mail]
        let byMail = Self.bound(withMail, on: Self.trusted(Self.mail, among: withMail))
        #expect(
            Self.first(Self.policy(.allow), byMail)
                == .offerVerification([Self.app.authenticator]))
        // What is to be bound is bound by who proves himself, and who is denied is denied.
        #expect(
            Self.first(Self.policy(.bind, [Self.key]), byApp)
                == .offerVerification(both.map(\.authenticator)))
        #expect(
            Self.first(Self.policy(.deny), byApp)
                == .offerVerification(both.map(\.authenticator)))
    }

    @Test func `an initial password is replaced by who has proved the factor`() {
        var flow = SignInFlow(mustChangePassword: true)
        let here = Self.bound([Self.app], on: Self.trusted(Self.app, among: [Self.app]))
        #expect(
            flow.on(.decided(Self.policy(.verify), here, verifiers: []))
                == .offerVerification([Self.app.authenticator]))
    }

    // MARK: Giving it

    /// Proves what is given, and says what the session then does to trust.
    private static func given(
        _ proofs: [Factor], _ active: [Factor], trusting: Bool = true, _ last: Decision
    ) -> SignInFlow.Trust? {
        var flow = SignInFlow(
            state: .verifying(offered: proofs.map(\.authenticator)), mustChangePassword: false,
            proved: [])
        for proof in proofs {
            guard flow.on(.proved(proof, trusting: trusting)) == .askPolicy else { return nil }
            flow = SignInFlow(
                state: proof == proofs.last
                    ? .deciding : .verifying(offered: proofs.map(\.authenticator)),
                mustChangePassword: false, proved: flow.proved, isTrusting: flow.isTrusting)
        }
        let effect = flow.on(.decided(last, bound(active), verifiers: []))
        guard case .openSession(_, 2, let trust) = effect else { return nil }
        return trust
    }

    @Test func `trust is given to who proves a factor, wants it, and may`() {
        let allow = Self.policy(.allow)
        let trust = Self.trusted(Self.app, among: [Self.app])
        #expect(Self.given([Self.app], [Self.app], allow) == .given(trust))
        #expect(Self.given([Self.app], [Self.app], trusting: false, allow) == .untouched)
        #expect(
            Self.given([Self.app], [Self.app], Self.policy(.allow, trust: false)) == .untouched)
        // A recovery code is spent: nothing stands behind the trust.
        #expect(Self.given([Self.recovery], [Self.app], allow) == .untouched)
    }

    @Test func `of what was proved, trust stands for what resists phishing, else for the last`() {
        let all = [Self.app, Self.key, Self.mail]
        let allow = Self.policy(.allow, all)
        for proofs in [[Self.key, Self.app], [Self.app, Self.key], [Self.key]] {
            #expect(Self.given(proofs, all, allow) == .given(Self.trusted(Self.key, among: all)))
        }
        #expect(
            Self.given([Self.mail, Self.app], all, allow)
                == .given(Self.trusted(Self.app, among: all)))
    }

    @Test func `a passkey alone may give it, and it spares passwords their factor, not passkeys`() {
        var flow = SignInFlow(passkey: Self.key, trusting: true)
        let trust = Self.trusted(Self.key, among: [Self.key])
        guard
            case .openSession(_, 2, .given(trust)) = flow.on(
                .decided(Self.policy(.allow), Self.bound([Self.key]), verifiers: []))
        else {
            Issue.record("no trust")
            return
        }
        var next = SignInFlow(passkey: Self.key)
        guard
            case .openSession(_, 2, .untouched) = next.on(
                .decided(Self.policy(.allow), Self.bound([Self.key], on: trust), verifiers: []))
        else {
            Issue.record("a passkey used the trust up")
            return
        }
    }

    // MARK: Anything

    @Test(arguments: 1...50)
    func `nobody with a factor gets in without it but by policy and a trust in force`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let all = [Self.app, Self.key, Self.mail]
        for _ in 0..<200 {
            func some() -> [Factor] { all.filter { _ in Bool.random(using: &random) } }
            let active = some()
            let device = Self.trusted(all.randomElement(using: &random)!, among: some())
            let shown = Bool.random(using: &random) ? device : nil
            var decision = Self.policy(
                [.allow, .verify, .bind, .deny].randomElement(using: &random)!, some(),
                trust: .random(using: &random))
            decision.strength = Bool.random(using: &random) ? .any : .phishingResistant
            let isInitial = Bool.random(using: &random)
            var flow = SignInFlow(mustChangePassword: isInitial)
            let effect = flow.on(
                .decided(decision, Self.bound(active, on: shown), verifiers: []))
            guard case .openSession(let methods, let level, let trust) = effect else { continue }
            #expect(methods == [.password] && level == 1 && !isInitial)
            guard !active.isEmpty else {
                #expect(trust == .untouched)
                continue
            }
            #expect(trust == .used && decision.trustedDevices)
            #expect(shown?.bound == Set(active.map(\.authenticator)))
            #expect(active.contains(device.factor))
            #expect(decision.outcome == .allow || decision.outcome == .verify)
            if decision.outcome == .verify {
                #expect(decision.verifiers.contains { $0 == device.factor.verifier })
                #expect(decision.strength == .any || device.factor == Self.key)
            }
        }
    }
}
