import Wire

/// What a rule asks, or what is asked of everybody before any rule. Every part may be left out;
/// of all that is said on a part, the strictest holds.
package struct Requirements: Message {
    package static let name = "Requirements"
    package static let about =
        """
        What a rule asks, or what is asked of everybody before any rule. Every part may be left \
        out; of all that is said on a part, the strictest holds.
        """

    package var enforcement: EnforcementLevel?
    package var verifiers: [VerifierUID]
    package var strength: FactorStrength?
    package var graceUntil: Timestamp?
    package var trustedDevices: Bool?
    package var sessionSeconds: UInt32?
    package var idleSeconds: UInt32?
    package var stepUpSeconds: UInt32?
    package var passwordLengthMin: UInt32?
    package var denied: Bool

    package init(
        enforcement: EnforcementLevel? = nil, verifiers: [VerifierUID] = [],
        strength: FactorStrength? = nil, graceUntil: Timestamp? = nil,
        trustedDevices: Bool? = nil, sessionSeconds: UInt32? = nil, idleSeconds: UInt32? = nil,
        stepUpSeconds: UInt32? = nil, passwordLengthMin: UInt32? = nil, denied: Bool = false
    ) {
        self.enforcement = enforcement
        self.verifiers = verifiers
        self.strength = strength
        self.graceUntil = graceUntil
        self.trustedDevices = trustedDevices
        self.sessionSeconds = sessionSeconds
        self.idleSeconds = idleSeconds
        self.stepUpSeconds = stepUpSeconds
        self.passwordLengthMin = passwordLengthMin
        self.denied = denied
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        enforcement = try coder.optional(
            1, "enforcement", it?.enforcement, "Whether a second factor is asked for.")
        verifiers = try coder.list(
            2, "verifiers", it?.verifiers, max: 16,
            "Only these may serve; empty for no word on it. The base's are its settings'.")
        strength = try coder.optional(
            3, "strength", it?.strength, "What a second factor has to withstand at least.")
        graceUntil = try coder.optional(
            4, "graceUntil", it?.graceUntil,
            "Until then whoever has bound nothing may put it off. With `required` only.")
        trustedDevices = try coder.optional(
            5, "trustedDevices", it?.trustedDevices,
            "Whether a trusted device stands in for the second factor; only where the base says so."
        )
        sessionSeconds = try coder.optional(
            6, "sessionSeconds", it?.sessionSeconds, "The longest life of a session.")
        idleSeconds = try coder.optional(
            7, "idleSeconds", it?.idleSeconds, "The longest time a session goes unused.")
        stepUpSeconds = try coder.optional(
            8, "stepUpSeconds", it?.stepUpSeconds, "How long a proof serves for what is grave.")
        passwordLengthMin = try coder.optional(
            9, "passwordLengthMin", it?.passwordLengthMin,
            "The fewest code points of a new password.")
        denied = try coder.field(10, "denied", it?.denied, "No sign-in at all.")
    }
}

/// One rule: for whom, from where and how begun, and what is asked then. Of several words in one
/// condition any one fits, of several conditions all have to; a condition left empty fits all.
package struct Rule: Message {
    package static let name = "Rule"
    package static let about =
        """
        One rule: for whom, from where and how begun, and what is asked then. Of several words in \
        one condition any one fits, of several conditions all have to; an empty one fits all.
        """

    package var name: RuleName
    package var description: String
    package var roles: [Role]
    package var users: [UserID]
    package var networks: [NetworkRange]
    package var exceptNetworks: [NetworkRange]
    package var methods: [SignInMethod]
    package var requirements: Requirements

    package init(
        name: RuleName, description: String = "", roles: [Role] = [], users: [UserID] = [],
        networks: [NetworkRange] = [], exceptNetworks: [NetworkRange] = [],
        methods: [SignInMethod] = [], requirements: Requirements
    ) {
        self.name = name
        self.description = description
        self.roles = roles
        self.users = users
        self.networks = networks
        self.exceptNetworks = exceptNetworks
        self.methods = methods
        self.requirements = requirements
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        name = try coder.required(1, "name", it?.name, "Unique; decisions name it.")
        description = try coder.field(
            2, "description", it?.description, max: 256, "For people.")
        roles = try coder.list(3, "roles", it?.roles, max: 16, "Whoever has one of them.")
        users = try coder.list(4, "users", it?.users, max: 32, "These users.")
        networks = try coder.list(
            5, "networks", it?.networks, max: 16,
            "From there, or from where nobody can tell.")
        exceptNetworks = try coder.list(
            6, "exceptNetworks", it?.exceptNetworks, max: 16, "From anywhere but there.")
        methods = try coder.list(7, "methods", it?.methods, max: 8, "Begun so.")
        requirements = try coder.required(
            8, "requirements", it?.requirements, "What is asked where it fits.")
    }
}

/// What is asked beside the two-factor settings: of everybody, and by rules.
package struct RuleBook: Message {
    package static let name = "RuleBook"
    package static let about =
        "What is asked beside the two-factor settings: of everybody, and by rules."

    package var base: Requirements
    package var rules: [Rule]
    package var protection: WeakeningProtection?
    package var networks: NetworkLists?
    package var limits: LimitSettings?

    package init(
        base: Requirements = Requirements(), rules: [Rule] = [],
        protection: WeakeningProtection? = nil, networks: NetworkLists? = nil,
        limits: LimitSettings? = nil
    ) {
        self.base = base
        self.rules = rules
        self.protection = protection
        self.networks = networks
        self.limits = limits
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        base = try coder.required(
            1, "base", it?.base, "Of everybody. Rules only make it stricter.")
        rules = try coder.list(2, "rules", it?.rules, max: 50, "In any order.")
        protection = try coder.optional(
            3, "protection", it?.protection, "What stands before weaker settings.")
        networks = try coder.optional(
            4, "networks", it?.networks, "From where people may sign in; absent for anywhere.")
        limits = try coder.optional(
            5, "limits", it?.limits, "How much may be tried and sent, where that is less.")
    }
}

/// A part of a decision, and which rules made it what it is.
package struct DecidedPart: Message {
    package static let name = "DecidedPart"
    package static let about = "A part of a decision, and which rules made it what it is."

    package var part: PolicyPart
    package var rules: [RuleName]

    package init(part: PolicyPart, rules: [RuleName]) {
        self.part = part
        self.rules = rules
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        part = try coder.required(1, "part", it?.part, "Which.")
        rules = try coder.list(
            2, "rules", it?.rules, max: 102,
            "Those that said what holds; `base` is what is asked of everybody.")
    }
}
