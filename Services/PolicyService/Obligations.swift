import Contracts
import Reactor
import Wire

/// The strictest value said on a part, and which rules said it.
struct Ruling<Value: Sendable & Equatable>: Sendable, Equatable {
    private(set) var value: Value
    private(set) var rules: [RuleName]

    init(_ value: Value, _ rules: [RuleName] = []) {
        self.value = value
        self.rules = rules
    }

    /// Takes what was said if it is stricter, and notes who said it; who says the same is noted
    /// beside.
    mutating func tighten(
        to other: Ruling, where isStricter: (_ new: Value, _ old: Value) -> Bool
    ) {
        if isStricter(other.value, value) {
            self = other
        } else if other.value == value {
            rules += other.rules.filter { !rules.contains($0) }
        }
    }
}

/// Whether binding may be put off.
enum Grace: Sendable, Equatable {
    /// Nobody is required to bind.
    case needless
    case until(Timestamp)
    case none

    func isStricter(than other: Grace) -> Bool {
        switch (self, other) {
        case (.needless, _), (_, .none): false
        case (.none, _), (.until, .needless): true
        case (.until(let date), .until(let other)): date < other
        }
    }
}

/// What one version of the settings asks of a sign-in, part by part: of all rules that fit, the
/// strictest word on each part holds, whatever the others say on it and in whatever order. So a
/// rule that is added never makes any part weaker.
struct Obligations: Sendable, Equatable {
    private(set) var enforcement = Ruling(EnforcementLevel.off)
    /// What all who named any allow; in the base's order.
    private(set) var verifiers: Ruling<[VerifierUID]>
    private(set) var strength = Ruling(FactorStrength.any)
    private(set) var grace = Ruling(Grace.needless)
    private(set) var trustedDevices: Ruling<Bool>
    private(set) var sessionSeconds: Ruling<UInt32>
    private(set) var idleSeconds: Ruling<UInt32>
    private(set) var stepUpSeconds: Ruling<UInt32>
    /// Zero where nobody asks for more than any password needs.
    private(set) var passwordLengthMin = Ruling(UInt32(0))
    private(set) var denied = Ruling(false)

    init(_ settings: SettingsVersion, _ facts: Decide) {
        let base = settings.book.base
        verifiers = Ruling(settings.verifiers, [.base])
        trustedDevices = Ruling(base.trustedDevices ?? false, [.base])
        sessionSeconds = Ruling(base.sessionSeconds ?? Self.sessionSecondsDefault, [.base])
        idleSeconds = Ruling(base.idleSeconds ?? Self.idleSecondsDefault, [.base])
        stepUpSeconds = Ruling(base.stepUpSeconds ?? Self.stepUpSecondsDefault, [.base])
        hear(settings.base(for: facts), by: .base)
        let address = SocketAddress(plain: facts.address)
        for rule in settings.book.rules where rule.fits(facts, from: address) {
            hear(rule.requirements, by: rule.name)
        }
        // Whoever asks from nowhere asks what holds of a place that is let in: at the edge nobody
        // comes from nowhere where there are lists.
        let isAdministrator = facts.roles.contains(.administrator)
        if let lists = settings.book.networks, let address,
            !lists.admit(address, isAdministrator: isAdministrator)
        {
            hear(Requirements(denied: true), by: .base)
        }
    }

    static let sessionSecondsDefault: UInt32 = 24 * 3600
    static let idleSecondsDefault: UInt32 = 3600
    static let stepUpSecondsDefault: UInt32 = 300

    private mutating func hear(_ said: Requirements, by rule: RuleName) {
        if let level = said.enforcement {
            enforcement.tighten(to: Ruling(level, [rule]), where: >)
            if level == .required {
                grace.tighten(
                    to: Ruling(said.graceUntil.map(Grace.until) ?? .none, [rule]),
                    where: { $0.isStricter(than: $1) })
            }
        }
        if !said.verifiers.isEmpty { narrow(to: Ruling(said.verifiers, [rule])) }
        if let it = said.strength { strength.tighten(to: Ruling(it, [rule]), where: >) }
        if let it = said.trustedDevices {
            trustedDevices.tighten(to: Ruling(it, [rule]), where: { !$0 && $1 })
        }
        if let it = said.sessionSeconds { sessionSeconds.tighten(to: Ruling(it, [rule]), where: <) }
        if let it = said.idleSeconds { idleSeconds.tighten(to: Ruling(it, [rule]), where: <) }
        if let it = said.stepUpSeconds { stepUpSeconds.tighten(to: Ruling(it, [rule]), where: <) }
        if let it = said.passwordLengthMin {
            passwordLengthMin.tighten(to: Ruling(it, [rule]), where: >)
        }
        if said.denied { denied.tighten(to: Ruling(true, [rule]), where: { $0 && !$1 }) }
    }

    private mutating func narrow(to said: Ruling<[VerifierUID]>) {
        let others = said.rules.filter { !verifiers.rules.contains($0) }
        verifiers = Ruling(
            verifiers.value.filter(said.value.contains), verifiers.rules + others)
    }

    /// Of two versions' the stricter, part by part. Where they share no verifier, `other`'s hold:
    /// a sign-in that began under verifiers of which none is left is one that begins now.
    func strictest(_ other: Obligations) -> Obligations {
        var both = self
        both.narrow(to: other.verifiers)
        if both.verifiers.value.isEmpty { both.verifiers = other.verifiers }
        both.enforcement.tighten(to: other.enforcement, where: >)
        both.strength.tighten(to: other.strength, where: >)
        both.grace.tighten(to: other.grace, where: { $0.isStricter(than: $1) })
        both.trustedDevices.tighten(to: other.trustedDevices, where: { !$0 && $1 })
        both.sessionSeconds.tighten(to: other.sessionSeconds, where: <)
        both.idleSeconds.tighten(to: other.idleSeconds, where: <)
        both.stepUpSeconds.tighten(to: other.stepUpSeconds, where: <)
        both.passwordLengthMin.tighten(to: other.passwordLengthMin, where: >)
        both.denied.tighten(to: other.denied, where: { $0 && !$1 })
        return both
    }

    /// Which rules decided which part; parts that nobody said anything on are left out.
    var decided: [DecidedPart] {
        let rules: [(PolicyPart, [RuleName])] = [
            (.enforcement, enforcement.rules), (.verifiers, verifiers.rules),
            (.strength, strength.rules), (.grace, grace.rules),
            (.trustedDevices, trustedDevices.rules),
            (.sessionLifetime, sessionSeconds.rules), (.sessionIdle, idleSeconds.rules),
            (.stepUp, stepUpSeconds.rules), (.passwordLength, passwordLengthMin.rules),
            (.denied, denied.rules),
        ]
        return rules.filter { !$1.isEmpty }.map(DecidedPart.init)
    }
}

extension SettingsVersion {
    /// What is asked of everybody, with what the settings' own enforcement asks of this one.
    fileprivate func base(for facts: Decide) -> Requirements {
        var base = book.base
        base.verifiers = []
        switch enforcement {
        case .everyone: base.enforcement = .required
        case .administrators:
            if facts.roles.contains(.administrator) { base.enforcement = .required }
        }
        return base
    }
}

extension Rule {
    /// Whether all its conditions fit. An address that nobody knows is in every network that a
    /// rule names, and in none that it leaves out: not to be known is no way round a rule.
    func fits(_ facts: Decide, from address: SocketAddress?) -> Bool {
        let isIn = { (networks: [NetworkRange], unknown: Bool) in
            address.map { address in networks.contains { $0.contains(address) } } ?? unknown
        }
        return (roles.isEmpty || roles.contains(where: facts.roles.contains))
            && (users.isEmpty || facts.user.map(users.contains) ?? true)
            && (networks.isEmpty || isIn(networks, true))
            && (exceptNetworks.isEmpty || !isIn(exceptNetworks, false))
            && (methods.isEmpty || methods.contains(facts.method))
    }
}
