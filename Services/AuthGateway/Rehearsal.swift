import Contracts
import Wire

/// A sign-in that is not made: the password is right, and its user gives every proof he has and
/// binds what he is asked to bind. It runs the flow that sign-ins run, on the decisions that they
/// would get, so what it comes to is what they come to.
struct Rehearsal: Sendable {
    /// Steps that no sign-in needs: each proves or binds another factor.
    private static let stepsMax = 40

    let account: AccountRecord
    private let grant: GraceGrant?
    private let now: Timestamp
    private var flow = SignInFlow(mustChangePassword: false)
    private var bound: SignInFlow.Bound
    private var steps = 0
    private var hasBound = false
    /// What it comes to; nil while it goes on.
    private(set) var prospect: Prospect?

    /// - Parameters:
    ///   - grant: The user's, where he has had one.
    ///   - now: By the database's clock.
    init(
        of account: AccountRecord, _ bound: SignInFlow.Bound, _ grant: GraceGrant?,
        at now: Timestamp
    ) {
        self.account = account
        self.bound = bound
        self.grant = grant
        self.now = now
    }

    /// What policy is asked next.
    func facts(from address: String) -> Decide {
        flow.facts(of: account, bound, since: 0, from: address)
    }

    /// Takes policy's answer and goes on to the next question, or to the end.
    /// - Parameter existing: All verifiers there are.
    mutating func take(_ decision: Decision, _ existing: [VerifierView]) {
        let strong = existing.filter { $0.withstands(decision.strength) }
        let hasNothing = bound.active.isEmpty && bound.disabled.isEmpty
        bound.mayPutOff =
            hasNothing && GraceGrant.holds(grant, rules: decision.graceUntil, at: now)
        steps += 1
        switch flow.on(.decided(decision, bound, verifiers: strong.map(\.uid))) {
        case .openSession: finish(decision)
        case .offerVerification(let offered) where steps < Self.stepsMax: prove(offered)
        case .offerBinding(let offered) where steps < Self.stepsMax:
            bind(strong.filter { offered.contains($0.uid) })
        case .offerVerification, .offerBinding, .askPolicy, .offerNewPassword, .beginChallenge,
            .checkCode, .beginBinding, .confirmBinding, .replacePassword, .refuse:
            prospect = .lockedOut
        }
    }

    private mutating func finish(_ decision: Decision) {
        if hasBound {
            prospect = .bind
        } else if !flow.proved.isEmpty {
            prospect = .verify
        } else {
            prospect = decision.outcome == .bind ? .grace : .session
        }
    }

    private mutating func prove(_ offered: [AuthenticatorID]) {
        let factor = bound.active.first { offered.contains($0.authenticator) }
        let recovery = bound.recovery.flatMap { id in
            offered.contains(id)
                ? SignInFlow.Factor(authenticator: id, verifier: nil, kind: .recovery) : nil
        }
        guard let proved = factor ?? recovery, flow.on(.proved(proved)) == .askPolicy else {
            prospect = .lockedOut
            return
        }
    }

    private mutating func bind(_ offered: [VerifierView]) {
        guard let verifier = offered.first else {
            prospect = .lockedOut
            return
        }
        let factor = SignInFlow.Factor(
            authenticator: AuthenticatorID(high: UInt64(steps), low: account.id.low),
            verifier: verifier.uid, kind: ProofKind(verifier.type))
        bound = SignInFlow.Bound(
            active: bound.active + [factor], disabled: bound.disabled,
            recovery: bound.recovery)
        hasBound = true
        if flow.on(.bound(factor)) != .askPolicy { prospect = .lockedOut }
    }
}
