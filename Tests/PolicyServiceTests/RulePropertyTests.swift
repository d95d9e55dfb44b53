import Contracts
import Fixtures
import Testing
import Wire

@testable import PolicyService

/// What holds of every policy and every visitor, tried on many that nobody thought of.
struct RulePropertyTests {
    private static let rounds = 20_000

    @Test func `a rule that is added never makes a decision weaker in any part`() {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        for _ in 0..<Self.rounds {
            let settings = SettingsVersion.random(&dice)
            let facts = Decide.random(&dice)
            var stricter = settings
            let place = Int.random(in: 0...settings.book.rules.count, using: &dice)
            stricter.book.rules.insert(.random("added", &dice), at: place)
            let weaker = Verdict(stricter, facts).weaker(than: Verdict(settings, facts))
            #expect(weaker == [], "seed \(dice.seed): \(stricter) \(facts)")
            if !weaker.isEmpty { return }
        }
    }

    @Test func `the order of rules means nothing`() {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        for _ in 0..<Self.rounds / 4 {
            let settings = SettingsVersion.random(&dice)
            let facts = Decide.random(&dice)
            var shuffled = settings
            shuffled.book.rules.shuffle(using: &dice)
            let (one, other) = (Verdict(settings, facts), Verdict(shuffled, facts))
            #expect(one.outcome == other.outcome && one.verifiers == other.verifiers)
            #expect(one.weaker(than: other) == [] && other.weaker(than: one) == [])
        }
    }

    @Test func `what two versions ask together is no weaker than what either asks`() {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        for _ in 0..<Self.rounds / 4 {
            let facts = Decide.random(&dice)
            let start = Verdict(.random(&dice), facts)
            let now = Verdict(.random(&dice), facts)
            let both = Verdict.strictest(start, now)
            for one in [start, now] {
                let weaker = both.weaker(than: one).filter { $0 != .verifiers }
                #expect(weaker == [], "seed \(dice.seed)")
            }
        }
    }

    @Test func `every part that somebody spoke on says who`() {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        for _ in 0..<Self.rounds / 20 {
            let settings = SettingsVersion.random(&dice)
            let verdict = Verdict(settings, .random(&dice))
            let names = Set(settings.book.rules.map(\.name) + [.base])
            for part in verdict.obligations.decided {
                #expect(!part.rules.isEmpty && names.isSuperset(of: part.rules))
                #expect(Set(part.rules).count == part.rules.count)
            }
            #expect(!verdict.rule.isEmpty && verdict.rule.utf8.count <= 256)
        }
    }

    @Test func `no address is a way round a rule`() {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        for _ in 0..<Self.rounds / 4 {
            let settings = SettingsVersion.random(&dice)
            let known = Decide.random(&dice)
            var unknown = known
            unknown.address = ["", "nowhere", "192.0.2.7:80"].randomElement(using: &dice)!
            #expect(Verdict(settings, unknown).weaker(than: Verdict(settings, known)) == [])
        }
    }
}

extension Verdict {
    /// The parts in which it asks less than `other`.
    func weaker(than other: Verdict) -> [PolicyPart] {
        var weaker: [PolicyPart] = []
        if outcome.severity < other.outcome.severity { weaker.append(.enforcement) }
        let (mine, its) = (obligations, other.obligations)
        if mine.enforcement.value < its.enforcement.value { weaker.append(.enforcement) }
        if !Set(mine.verifiers.value).isSubset(of: its.verifiers.value) {
            weaker.append(.verifiers)
        }
        if mine.strength.value < its.strength.value { weaker.append(.strength) }
        if its.grace.value.isStricter(than: mine.grace.value) { weaker.append(.grace) }
        if mine.trustedDevices.value, !its.trustedDevices.value { weaker.append(.trustedDevices) }
        if mine.sessionSeconds.value > its.sessionSeconds.value { weaker.append(.sessionLifetime) }
        if mine.idleSeconds.value > its.idleSeconds.value { weaker.append(.sessionIdle) }
        if mine.stepUpSeconds.value > its.stepUpSeconds.value { weaker.append(.stepUp) }
        if mine.passwordLengthMin.value < its.passwordLengthMin.value {
            weaker.append(.passwordLength)
        }
        if !mine.denied.value, its.denied.value { weaker.append(.denied) }
        return weaker
    }
}

extension Outcome {
    fileprivate var severity: Int {
        switch self {
        case .allow: 0
        case .verify: 1
        case .bind: 2
        case .deny: 3
        }
    }
}

// MARK: - Policies and visitors by dice

extension SettingsVersion {
    private static let verifiers = ["totp", "keys", "sms"].map { VerifierUID($0)! }

    static func random(_ dice: inout SeededGenerator) -> SettingsVersion {
        let count = Int.random(in: 0...4, using: &dice)
        var base = Requirements.random(&dice)
        (base.verifiers, base.denied) = ([], false)
        var rules: [Rule] = []
        for number in 0..<count { rules.append(.random("rule-\(number)", &dice)) }
        return SettingsVersion(
            version: 1, enforcement: Enforcement.allCases.randomElement(using: &dice)!,
            verifiers: verifiers.subset(&dice, atLeast: 1), book: RuleBook(base: base, rules: rules)
        )
    }
}

extension Requirements {
    static func random(_ dice: inout SeededGenerator) -> Requirements {
        func maybe<T>(_ values: [T]) -> T? {
            Int.random(in: 0..<3, using: &dice) == 0 ? values.randomElement(using: &dice) : nil
        }
        return Requirements(
            enforcement: maybe(EnforcementLevel.allCases),
            verifiers: maybe([["totp"], ["keys"], ["totp", "keys"], ["sms", "totp"]])?
                .map { VerifierUID($0)! } ?? [],
            strength: maybe(FactorStrength.allCases),
            graceUntil: maybe([1, 2, 3]).map { Timestamp(seconds: $0) },
            trustedDevices: maybe([true, false]), sessionSeconds: maybe([600, 90_000, 200_000]),
            idleSeconds: maybe([300, 4000]), stepUpSeconds: maybe([60, 600]),
            passwordLengthMin: maybe([8, 15]), denied: maybe([true, false, false, false]) ?? false)
    }
}

extension Rule {
    static func random(_ name: String, _ dice: inout SeededGenerator) -> Rule {
        func maybe<T>(_ values: [[T]]) -> [T] {
            Int.random(in: 0..<4, using: &dice) == 0 ? values.randomElement(using: &dice)! : []
        }
        let networks = ["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"]
            .map { [NetworkRange($0)!] }
        return Rule(
            name: RuleName(name)!, roles: maybe([[.administrator]]),
            users: maybe([[UserID(high: 0, low: 1)], [UserID(high: 0, low: 2)]]),
            networks: maybe(networks), exceptNetworks: maybe(networks),
            methods: maybe([[.password], [.passkey], [.singleSignOn]]),
            requirements: .random(&dice))
    }
}

extension Decide {
    static func random(_ dice: inout SeededGenerator) -> Decide {
        let all = ["totp", "keys", "sms"].map { VerifierUID($0)! }
        let bound = all.subset(&dice, atLeast: 0)
        let proved = bound.subset(&dice, atLeast: 0)
        let addresses = ["192.0.2.7", "198.51.100.7", "203.0.113.7", "2001:db8::7", ""]
        return Decide(
            roles: Bool.random(using: &dice) ? [.administrator] : [],
            method: SignInMethod.allCases.randomElement(using: &dice)!, bound: bound,
            proved: proved, sinceVersion: 0,
            user: UserID(high: 0, low: .random(in: 1...3, using: &dice)),
            address: addresses.randomElement(using: &dice)!,
            boundResistant: bound.filter { $0.text == "keys" },
            provedResistant: proved.filter { $0.text == "keys" })
    }
}

extension [VerifierUID] {
    fileprivate func subset(_ dice: inout SeededGenerator, atLeast: Int) -> [VerifierUID] {
        let count = Int.random(in: Swift.min(atLeast, self.count)...self.count, using: &dice)
        return Array(shuffled(using: &dice).prefix(count))
    }
}
