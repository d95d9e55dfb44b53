import Contracts
import Wire

/// One version of the two-factor settings.
struct SettingsVersion: Sendable, Equatable {
    let version: UInt64
    let enforcement: Enforcement
    let verifiers: [VerifierUID]
    var book = RuleBook()
}

/// What one version of the settings wants of a sign-in, as a pure function of facts.
///
/// ```
///  asked           bound anything   proved what serves   bound what serves   outcome
///  denied          any              any                  any                 deny
///  off             any              any                  any                 allow
///  optional        no               any                  any                 allow
///  optional        yes              as required
///  required        any              yes                  any                 allow
///  required        any              no                   yes                 verify, with those
///  required        any              no                   no                  bind, one that serves
///  required, and the rules leave no verifier that all of them allow          deny
/// ```
/// A verifier serves that every rule allows, and that withstands what they ask it to.
///
/// The gateway's floor stands before it: a user who has bound a second factor is asked for it
/// also where this says `allow`.
struct Verdict: Sendable, Equatable {
    let outcome: Outcome
    /// To prove or to bind. Of what is to be bound the gateway leaves out what is not strong
    /// enough: it knows the verifiers' types.
    let verifiers: [VerifierUID]
    let rule: String
    let obligations: Obligations

    init(_ settings: SettingsVersion, _ facts: Decide) {
        let asked = Obligations(settings, facts)
        let (outcome, verifiers) = Self.judge(asked, facts)
        let why: String
        switch outcome {
        case .deny where asked.denied.value: why = "denied by \(asked.denied.rules.summary)."
        case .deny: why = "\(asked.verifiers.rules.summary) leave no verifier that all allow."
        case .allow where asked.enforcement.value == .off:
            why = "no rule asks for a second factor."
        case .allow where !verifiers.isEmpty:
            why = "asked by \(asked.enforcement.rules.summary), and proved."
        case .allow: why = "left to the user by \(asked.enforcement.rules.summary)."
        case .verify: why = "asked by \(asked.enforcement.rules.summary)."
        case .bind:
            why = "asked by \(asked.enforcement.rules.summary). None that serves is bound."
        }
        self.init(outcome, verifiers, "Version \(settings.version): \(why)", asked)
    }

    private init(
        _ outcome: Outcome, _ verifiers: [VerifierUID], _ rule: String, _ obligations: Obligations
    ) {
        self.outcome = outcome
        self.verifiers = verifiers
        self.rule = rule
        self.obligations = obligations
    }

    private static func judge(
        _ asked: Obligations, _ facts: Decide
    ) -> (Outcome, [VerifierUID]) {
        let allowed = asked.verifiers.value
        if asked.denied.value { return (.deny, []) }
        switch asked.enforcement.value {
        case .off: return (.allow, [])
        case .optional where facts.bound.isEmpty && facts.proved.isEmpty: return (.allow, [])
        case .optional, .required: break
        }
        if allowed.isEmpty { return (.deny, []) }
        let (proved, bound) =
            switch asked.strength.value {
            case .any: (facts.proved, facts.bound)
            case .phishingResistant: (facts.provedResistant, facts.boundResistant)
            }
        if allowed.contains(where: proved.contains) { return (.allow, allowed) }
        let usable = allowed.filter(bound.contains)
        return usable.isEmpty ? (.bind, allowed) : (.verify, usable)
    }

    /// Of two verdicts on the same facts the one that asks for more; of two that ask alike, with
    /// the verifiers that both accept, or the second's where they share none. What holds besides
    /// is the stricter of both, part by part.
    static func strictest(_ first: Verdict, _ second: Verdict) -> Verdict {
        let obligations = first.obligations.strictest(second.obligations)
        guard first.outcome == second.outcome else {
            let stricter = first.severity > second.severity ? first : second
            return Verdict(stricter.outcome, stricter.verifiers, stricter.rule, obligations)
        }
        let shared = second.verifiers.filter(first.verifiers.contains)
        return Verdict(
            second.outcome, shared.isEmpty ? second.verifiers : shared, second.rule, obligations)
    }

    private var severity: Int {
        switch outcome {
        case .allow: 0
        case .verify: 1
        case .bind: 2
        case .deny: 3
        }
    }
}

extension Decision {
    /// What a verdict is on the wire.
    /// - Parameter version: The one in force.
    init(_ verdict: Verdict, version: UInt64) {
        let asked = verdict.obligations
        var graceUntil: Timestamp?
        if case .until(let date) = asked.grace.value { graceUntil = date }
        self.init(
            version: version, outcome: verdict.outcome, verifiers: verdict.verifiers,
            rule: verdict.rule, allowed: asked.verifiers.value, strength: asked.strength.value,
            graceUntil: graceUntil, trustedDevices: asked.trustedDevices.value,
            sessionSeconds: asked.sessionSeconds.value, idleSeconds: asked.idleSeconds.value,
            stepUpSeconds: asked.stepUpSeconds.value,
            passwordLengthMin: asked.passwordLengthMin.value, decided: asked.decided)
    }
}

extension [RuleName] {
    /// For a sentence that has room for two names: `base, office and 3 more`.
    fileprivate var summary: String {
        let shown = prefix(2).map(\.text).joined(separator: ", ")
        return count > 2 ? "\(shown) and \(count - 2) more" : shown
    }
}
