import Wire

/// The facts of a sign-in.
package struct Decide: Message {
    package static let name = "Decide"
    package static let about = "The facts of a sign-in."

    package var roles: [Role]
    package var method: SignInMethod
    package var bound: [VerifierUID]
    package var proved: [VerifierUID]
    package var sinceVersion: UInt64
    package var user: UserID?
    package var address: String
    package var boundResistant: [VerifierUID]
    package var provedResistant: [VerifierUID]

    package init(
        roles: [Role], method: SignInMethod, bound: [VerifierUID], proved: [VerifierUID],
        sinceVersion: UInt64, user: UserID? = nil, address: String = "",
        boundResistant: [VerifierUID] = [], provedResistant: [VerifierUID] = []
    ) {
        self.roles = roles
        self.method = method
        self.bound = bound
        self.proved = proved
        self.sinceVersion = sinceVersion
        self.user = user
        self.address = address
        self.boundResistant = boundResistant
        self.provedResistant = provedResistant
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        roles = try coder.list(1, "roles", it?.roles, max: 16, "The user's roles.")
        method = try coder.required(2, "method", it?.method, "How the sign-in began.")
        bound = try coder.list(
            3, "bound", it?.bound, max: 64,
            "The verifiers under which the user has active authenticators.")
        proved = try coder.list(
            4, "proved", it?.proved, max: 64,
            "The verifiers proved in this sign-in.")
        sinceVersion = try coder.field(
            5, "sinceVersion", it?.sinceVersion,
            "The settings' version at the start; zero for the one in force.")
        user = try coder.optional(
            6, "user", it?.user, "Whose; without it every rule for users fits.")
        address = try coder.field(
            7, "address", it?.address, max: 64,
            "Where it comes from, without a port; empty where nobody can tell.")
        boundResistant = try coder.list(
            8, "boundResistant", it?.boundResistant, max: 64,
            "Those of `bound` that resist phishing.")
        provedResistant = try coder.list(
            9, "provedResistant", it?.provedResistant, max: 64,
            "Those of `proved` that were proved by what resists phishing.")
    }
}

/// What a sign-in needs; the strictest of the versions at its start and now.
package struct Decision: Message {
    package static let name = "Decision"
    package static let about =
        "What a sign-in needs; the strictest of the versions at its start and now."

    package var version: UInt64
    package var outcome: Outcome
    package var verifiers: [VerifierUID]
    package var rule: String
    package var allowed: [VerifierUID]
    package var strength: FactorStrength
    package var graceUntil: Timestamp?
    package var trustedDevices: Bool
    package var sessionSeconds: UInt32
    package var idleSeconds: UInt32
    package var stepUpSeconds: UInt32
    package var passwordLengthMin: UInt32
    package var decided: [DecidedPart]

    package init(
        version: UInt64, outcome: Outcome, verifiers: [VerifierUID], rule: String,
        allowed: [VerifierUID] = [], strength: FactorStrength = .any,
        graceUntil: Timestamp? = nil, trustedDevices: Bool = false, sessionSeconds: UInt32 = 0,
        idleSeconds: UInt32 = 0, stepUpSeconds: UInt32 = 0, passwordLengthMin: UInt32 = 0,
        decided: [DecidedPart] = []
    ) {
        self.version = version
        self.outcome = outcome
        self.verifiers = verifiers
        self.rule = rule
        self.allowed = allowed
        self.strength = strength
        self.graceUntil = graceUntil
        self.trustedDevices = trustedDevices
        self.sessionSeconds = sessionSeconds
        self.idleSeconds = idleSeconds
        self.stepUpSeconds = stepUpSeconds
        self.passwordLengthMin = passwordLengthMin
        self.decided = decided
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(1, "version", it?.version, "The version in force.")
        outcome = try coder.field(2, "outcome", it?.outcome, "What is needed.")
        verifiers = try coder.list(
            3, "verifiers", it?.verifiers, max: 64,
            "With which verifiers, to bind or to prove.")
        rule = try coder.field(4, "rule", it?.rule, max: 256, "What decided, for people.")
        allowed = try coder.list(
            5, "allowed", it?.allowed, max: 64,
            "The verifiers that every rule allows this user.")
        strength = try coder.required(
            6, "strength", it?.strength, "What a second factor has to withstand at least.")
        graceUntil = try coder.optional(
            7, "graceUntil", it?.graceUntil,
            "Until then whoever has bound nothing may put it off.")
        trustedDevices = try coder.field(
            8, "trustedDevices", it?.trustedDevices,
            "Whether a trusted device may stand in for the second factor.")
        sessionSeconds = try coder.field(
            9, "sessionSeconds", it?.sessionSeconds, "The longest life of the session.")
        idleSeconds = try coder.field(
            10, "idleSeconds", it?.idleSeconds, "The longest time it goes unused.")
        stepUpSeconds = try coder.field(
            11, "stepUpSeconds", it?.stepUpSeconds, "How long a proof serves for what is grave.")
        passwordLengthMin = try coder.field(
            12, "passwordLengthMin", it?.passwordLengthMin,
            "The fewest code points of a new password; zero for no word on it.")
        decided = try coder.list(
            13, "decided", it?.decided, max: 16, "Which rules decided which part.")
    }
}
