import Contracts
import Wire

/// A sign-in as a value: what has been proved, what is wanted next. It has no clock, no SQL and
/// no wire; `on(_:)` takes what happened and answers what has to be done.
///
/// Order (decided once, here): password, or a passkey that stands for two factors, or the word of
/// an identity provider, then prove or bind, then replace an initial password, then the session.
/// Nothing that works as a session exists before the last effect.
///
/// ```
///  state            event               effect              next state
///  deciding         decided             offerVerification   verifying
///                                       offerBinding        binding
///                                       offerNewPassword    changingPassword
///                                       openSession         finished
///                                       refuse              (unchanged)
///  verifying        challengeAsked      beginChallenge      verifying
///  verifying        codeGiven           checkCode           verifying
///  verifying        proved              askPolicy           deciding
///  binding          verifierChosen      beginBinding        binding
///  binding          codeGivenToBind     confirmBinding      binding
///  binding          bound               askPolicy           deciding
///  changingPassword passwordGiven       replacePassword     changingPassword
///  changingPassword passwordReplaced    askPolicy           deciding
///  anything else                        refuse(stepOutOfOrder)
/// ```
struct SignInFlow: Sendable, Equatable {
    enum State: Sendable, Equatable {
        /// The policy service has been, or has to be, asked.
        case deciding
        case verifying(offered: [AuthenticatorID])
        case binding(offered: [VerifierUID])
        case changingPassword
        case finished
    }

    /// The first proof.
    enum Beginning: Sendable, Equatable {
        case password
        case passkey
        /// What an identity provider has said, as far as it is believed. It stands in the place of
        /// the password; second factors are those of this installation.
        case singleSignOn(SessionProof)
    }

    /// A second factor as the flow sees it.
    struct Factor: Sendable, Equatable {
        let authenticator: AuthenticatorID
        /// Nil for recovery codes, which are under none.
        let verifier: VerifierUID?
        let kind: ProofKind
    }

    /// A device that its owner has trusted.
    struct TrustedDevice: Sendable, Equatable {
        /// What was proved then, and what it stands in for.
        let factor: Factor
        /// All that was active then.
        let bound: Set<AuthenticatorID>
    }

    /// What opening a session does to the trust in its device.
    enum Trust: Sendable, Equatable {
        case untouched
        /// It stood in for the second factor.
        case used
        case given(TrustedDevice)
    }

    /// A user's second factors.
    struct Bound: Sendable, Equatable {
        let active: [Factor]
        /// What those are that failures have disabled.
        var disabled: [ProofKind] = []
        /// Present when recovery codes are left: one of them stands in for any factor that is
        /// bound, also where failures have disabled it.
        var recovery: AuthenticatorID?
        /// Whether binding may be put off where policy asks for it.
        var mayPutOff = false
        /// The device that it begins on, where its owner trusts it.
        var trusted: TrustedDevice?

        /// Whether there is anything that reading the user's mail does not prove.
        fileprivate var isMoreThanMail: Bool {
            (active.map(\.kind) + disabled).contains { $0 != .email }
        }
    }

    enum Event: Sendable, Equatable {
        /// Policy's answer, with what the user has bound and the verifiers that exist.
        case decided(Decision, Bound, verifiers: [VerifierUID])
        /// Something is to be sent, or a passkey to be asked.
        case challengeAsked(AuthenticatorID)
        case codeGiven(AuthenticatorID)
        /// `trusting` says that its owner wants to trust the device with it.
        case proved(Factor, trusting: Bool = false)
        case verifierChosen(VerifierUID)
        case codeGivenToBind
        case bound(Factor)
        case passwordGiven
        case passwordReplaced
    }

    enum Effect: Sendable, Equatable {
        case askPolicy
        case offerVerification([AuthenticatorID])
        case offerBinding([VerifierUID])
        case offerNewPassword
        case beginChallenge(AuthenticatorID)
        case checkCode(AuthenticatorID)
        /// `additional` says that an active second factor was proved before in this sign-in.
        case beginBinding(VerifierUID, additional: Bool)
        case confirmBinding(additional: Bool)
        case replacePassword(secondFactorAsked: Bool)
        case openSession(
            methods: [AuthenticationMethod], level: UInt32, trust: Trust = .untouched)
        case refuse(Reason)
    }

    private(set) var state: State
    let began: Beginning
    /// The password is an initial one and opens nothing before it is replaced.
    private(set) var mustChangePassword: Bool
    /// The second factors proved, or bound, in this sign-in.
    private(set) var proved: [Factor]
    /// The device is to be trusted from the end of this sign-in on, where policy allows it.
    private(set) var isTrusting: Bool

    /// A sign-in whose password has just been proved. Begin by asking policy.
    init(mustChangePassword: Bool) {
        self.init(state: .deciding, mustChangePassword: mustChangePassword, proved: [])
    }

    /// A sign-in that began with a passkey which has verified its user.
    init(passkey: Factor, trusting: Bool = false) {
        self.init(
            state: .deciding, began: .passkey, mustChangePassword: false, proved: [passkey],
            isTrusting: trusting)
    }

    /// A sign-in of somebody whom an identity provider has signed in.
    init(singleSignOn proof: SessionProof) {
        self.init(
            state: .deciding, began: .singleSignOn(proof), mustChangePassword: false, proved: [])
    }

    /// A sign-in as it was stored.
    init(
        state: State, began: Beginning = .password, mustChangePassword: Bool, proved: [Factor],
        isTrusting: Bool = false
    ) {
        self.state = state
        self.began = began
        self.mustChangePassword = mustChangePassword
        self.proved = proved
        self.isTrusting = isTrusting
    }

    mutating func on(_ event: Event) -> Effect {
        switch (state, event) {
        case (.deciding, .decided(let decision, let bound, let verifiers)):
            return judge(decision, bound, verifiers)
        case (.verifying(let offered), .challengeAsked(let authenticator)):
            return offered.contains(authenticator)
                ? .beginChallenge(authenticator) : .refuse(.authenticatorNotOffered)
        case (.verifying(let offered), .codeGiven(let authenticator)):
            return offered.contains(authenticator)
                ? .checkCode(authenticator) : .refuse(.authenticatorNotOffered)
        case (.verifying(let offered), .proved(let factor, let trusting)):
            guard offered.contains(factor.authenticator) else {
                return .refuse(.authenticatorNotOffered)
            }
            isTrusting = isTrusting || trusting
            return accept(factor)
        case (.binding(let offered), .verifierChosen(let verifier)):
            return offered.contains(verifier)
                ? .beginBinding(verifier, additional: !proved.isEmpty)
                : .refuse(.verifierNotOffered)
        case (.binding, .codeGivenToBind):
            return .confirmBinding(additional: !proved.isEmpty)
        case (.binding(let offered), .bound(let factor)):
            guard let verifier = factor.verifier, offered.contains(verifier) else {
                return .refuse(.verifierNotOffered)
            }
            return accept(factor)
        case (.changingPassword, .passwordGiven):
            return .replacePassword(secondFactorAsked: !proved.isEmpty)
        case (.changingPassword, .passwordReplaced):
            mustChangePassword = false
            state = .deciding
            return .askPolicy
        case (.deciding, _), (.verifying, _), (.binding, _), (.changingPassword, _),
            (.finished, _):
            return .refuse(.stepOutOfOrder)
        }
    }

    private mutating func accept(_ factor: Factor) -> Effect {
        proved.append(factor)
        state = .deciding
        return .askPolicy
    }

    /// A factor proved before and gone since, unbound or disabled, proves nothing any more: the
    /// sign-in begins again.
    ///
    /// The floor stands before policy's answer: whoever has bound a second factor proves one
    /// before anything else happens, whatever policy says, and before he may bind another. If
    /// failures have disabled all he has, an administrator has to reset them: were he asked to
    /// bind, thirty wrong codes would let a stolen password bind an authenticator of its own.
    ///
    /// Nor does a mailbox, which may be all that the password was reset with: beside anything
    /// better it is offered only where policy names it, and a proof by it binds nothing.
    ///
    /// One way leads past the floor, and policy has to open it: a device that its owner trusts.
    private mutating func judge(
        _ decision: Decision, _ bound: Bound, _ verifiers: [VerifierUID]
    ) -> Effect {
        let active = bound.active
        guard proved.allSatisfy({ $0.kind == .recovery || active.contains($0) }) else {
            return .refuse(.signInExpired)
        }
        if proved.isEmpty, !active.isEmpty {
            if isSpared(decision, bound) { return openSession(.used) }
            // A recovery code would be spent for nothing where it is not strong enough.
            let isTyped = decision.outcome != .verify || decision.strength == .any
            return offerVerification(
                decision.offered(of: active), isTyped ? bound.recovery : nil)
        }
        if proved.isEmpty, !bound.disabled.isEmpty {
            guard let recovery = bound.recovery else { return .refuse(.attemptsExhausted) }
            return offerVerification([], recovery)
        }
        switch decision.outcome {
        case .allow:
            return mustChangePassword ? offerNewPassword() : openSession(trust(decision, active))
        case .verify:
            return offerVerification(
                active.filter { factor in
                    decision.accepts(factor) && !proved.contains(factor)
                }, nil)
        case .bind where bound.mayPutOff && proved.isEmpty:
            return mustChangePassword ? offerNewPassword() : openSession(trust(decision, active))
        case .bind:
            if bound.isMoreThanMail, proved.allSatisfy({ $0.kind == .email }) {
                let better = active.filter { $0.kind != .email }
                guard !better.isEmpty || bound.recovery != nil else {
                    return .refuse(.attemptsExhausted)
                }
                return offerVerification(better, bound.recovery)
            }
            return offerBinding(decision.verifiers.filter(verifiers.contains))
        case .deny:
            return .refuse(.noVerifierAvailable)
        }
    }

    private mutating func offerVerification(
        _ factors: [Factor], _ recovery: AuthenticatorID?
    ) -> Effect {
        let offered = factors.map(\.authenticator) + (recovery.map { [$0] } ?? [])
        guard !offered.isEmpty else { return .refuse(.noVerifierAvailable) }
        state = .verifying(offered: offered)
        return .offerVerification(offered)
    }

    private mutating func offerBinding(_ verifiers: [VerifierUID]) -> Effect {
        guard !verifiers.isEmpty else { return .refuse(.noVerifierAvailable) }
        state = .binding(offered: verifiers)
        return .offerBinding(verifiers)
    }

    private mutating func offerNewPassword() -> Effect {
        state = .changingPassword
        return .offerNewPassword
    }

    /// A session that a trusted device opened has the level of the password alone: nothing else
    /// was proved.
    private mutating func openSession(_ trust: Trust) -> Effect {
        state = .finished
        let kinds = proved.map(\.kind)
        let proof =
            switch began {
            case .password: SessionProof(password: true, kinds)
            case .passkey: SessionProof(password: false, kinds)
            case .singleSignOn(let said): said.with(kinds)
            }
        return .openSession(methods: proof.methods, level: proof.level, trust: trust)
    }
}

// MARK: - Trusted devices

extension SignInFlow {
    /// Whether a trusted device stands in for the second factor: policy in force allows it for
    /// this user, here and now, would be content with the factor that was proved when the trust
    /// was given, and whatever was active then is active now and nothing else.
    private func isSpared(_ decision: Decision, _ bound: Bound) -> Bool {
        guard let device = bound.trusted, decision.trustedDevices, began == .password,
            !mustChangePassword, device.bound == Set(bound.active.map(\.authenticator))
        else { return false }
        let factor = device.factor
        switch decision.outcome {
        case .allow: return decision.offered(of: bound.active).contains(factor)
        case .verify:
            return bound.active.contains(factor) && decision.accepts(factor)
                && (decision.strength == .any || factor.resistsPhishing)
        case .bind, .deny: return false
        }
    }

    /// A recovery code is spent, so no trust can stand for it.
    private func trust(_ decision: Decision, _ active: [Factor]) -> Trust {
        guard isTrusting, decision.trustedDevices else { return .untouched }
        let lasting = proved.filter(active.contains)
        guard let factor = lasting.last(where: \.resistsPhishing) ?? lasting.last else {
            return .untouched
        }
        return .given(
            TrustedDevice(factor: factor, bound: Set(active.map(\.authenticator))))
    }
}

extension Decision {
    /// Whether policy has chosen the verifier of this factor.
    fileprivate func accepts(_ factor: SignInFlow.Factor) -> Bool {
        guard let verifier = factor.verifier else { return false }
        return verifiers.contains(verifier)
    }

    /// Of active factors those that may be proved first: the chosen ones where policy asks for
    /// them, else all, but mail only where it is chosen or there is nothing else.
    fileprivate func offered(of active: [SignInFlow.Factor]) -> [SignInFlow.Factor] {
        let chosen = active.filter(accepts)
        if outcome == .verify, !chosen.isEmpty { return chosen }
        let others = active.filter { $0.kind != .email || accepts($0) }
        return others.isEmpty ? active : others
    }
}
