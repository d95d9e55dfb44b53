import Contracts
import Wire

/// One version of the two-factor settings.
struct SettingsVersion: Sendable, Equatable {
    let version: UInt64
    let enforcement: Enforcement
    let verifiers: [VerifierUID]
}

/// What one version of the settings wants of a sign-in, as a pure function of facts.
///
/// ```
///  asked by policy   bound under a chosen verifier   proved one   outcome
///  no                any                             any          allow
///  yes               any                             yes          allow
///  yes               yes                             no           verify, with those
///  yes               no                              no           bind, one of the chosen
/// ```
/// The gateway's floor stands before it: a user who has bound a second factor is asked for it
/// also where the first row says `allow`.
struct Verdict: Sendable, Equatable {
    let outcome: Outcome
    let verifiers: [VerifierUID]
    let rule: String

    init(_ settings: SettingsVersion, _ facts: Decide) {
        let chosen = settings.verifiers
        guard let asked = Self.rule(settings, facts) else {
            self.init(.allow, [], "Version \(settings.version): no rule asks for a second factor.")
            return
        }
        let usable = chosen.filter(facts.bound.contains)
        if chosen.contains(where: facts.proved.contains) {
            self.init(.allow, chosen, asked + " One was proved.")
        } else if usable.isEmpty {
            self.init(.bind, chosen, asked + " None of the chosen verifiers is bound.")
        } else {
            self.init(.verify, usable, asked)
        }
    }

    /// Of two verdicts on the same facts the one that asks for more; of two that ask alike, with
    /// the verifiers that both accept, or the second's where they share none.
    static func strictest(_ first: Verdict, _ second: Verdict) -> Verdict {
        guard first.outcome == second.outcome else {
            return first.severity > second.severity ? first : second
        }
        let shared = second.verifiers.filter(first.verifiers.contains)
        return Verdict(
            second.outcome, shared.isEmpty ? second.verifiers : shared, second.rule)
    }

    private init(_ outcome: Outcome, _ verifiers: [VerifierUID], _ rule: String) {
        self.outcome = outcome
        self.verifiers = verifiers
        self.rule = rule
    }

    private static func rule(_ settings: SettingsVersion, _ facts: Decide) -> String? {
        switch settings.enforcement {
        case .everyone:
            return "Version \(settings.version): enforced for all users."
        case .administrators:
            guard facts.roles.contains(.administrator) else { return nil }
            return "Version \(settings.version): enforced for administrators."
        }
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
