import Contracts
import Fixtures
import Testing
import Wire

@testable import PolicyService

/// What counts as weaker, tried against the decision itself.
struct SettingsWeighingTests {
    private static let rounds = 20_000
    private static let totp = VerifierUID("totp")!
    private static let keys = VerifierUID("keys")!

    @Test func `P-05 no change that makes any decision weaker counts as anything else`() {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        var weights: [SettingsWeight: Int] = [:]
        for _ in 0..<Self.rounds {
            let old = SettingsVersion.random(&dice)
            let new = old.changed(&dice)
            let weighing = SettingsWeighing(from: old, to: new)
            weights[weighing.weight, default: 0] += 1
            for _ in 0..<4 {
                let facts = Decide.random(&dice)
                let (before, after) = (Verdict(old, facts), Verdict(new, facts))
                let weaker = after.weaker(than: before)
                // An outcome is weaker by any part, and told of as enforcement there.
                let isTold = weaker.allSatisfy {
                    weighing.weakened.contains($0) || $0 == .enforcement
                }
                #expect(
                    weaker.isEmpty || weighing.weight == .weakening && isTold,
                    "seed \(dice.seed): \(weaker) of \(weighing), \(old) \(new) \(facts)")
                if weighing.weight == .neutral {
                    #expect(before.weaker(than: after) == [], "seed \(dice.seed)")
                }
            }
        }
        for weight in SettingsWeight.allCases {
            #expect(weights[weight, default: 0] > Self.rounds / 50, "\(weight): \(weights)")
        }
    }

    @Test func `each part is weighed by itself`() {
        let cases: [(String, [PolicyPart], (inout SettingsVersion) -> Void)] = [
            ("enforcement", [.enforcement, .grace], { $0 = $0.with(.administrators) }),
            ("a verifier more", [.verifiers], { $0 = $0.with(verifiers: [Self.totp, Self.keys]) }),
            ("another verifier", [.verifiers], { $0 = $0.with(verifiers: [Self.keys]) }),
            ("grace", [.grace], { $0.book.base.graceUntil = Timestamp(seconds: 9) }),
            ("trusted devices", [.trustedDevices], { $0.book.base.trustedDevices = true }),
            ("sessions", [.sessionLifetime], { $0.book.base.sessionSeconds = 90_000 }),
            ("idle", [.sessionIdle], { $0.book.base.idleSeconds = 3601 }),
            ("step-up", [.stepUp], { $0.book.base.stepUpSeconds = 301 }),
            ("delay", [.protection], { $0.book.protection = .init(delayHours: 23) }),
            ("no delay", [.protection], { $0.book.protection = .init(delayHours: 0) }),
            (
                "password", [.passwordLength],
                { $0.book.rules[0].requirements.passwordLengthMin = 11 }
            ),
            ("strength", [.strength], { $0.book.rules[0].requirements.strength = nil }),
            ("denied", [.denied], { $0.book.rules[1].requirements.denied = false }),
            (
                "fewer networks", [.denied],
                { $0.book.rules[1].networks = [NetworkRange("192.0.2.0/25")!] }
            ),
            ("a rule less", [.strength, .passwordLength], { $0.book.rules.remove(at: 0) }),
        ]
        for (name, parts, change) in cases {
            var new = Self.settings
            change(&new)
            let weighing = SettingsWeighing(from: Self.settings, to: new)
            #expect(weighing.weight == .weakening && weighing.weakened == parts, "\(name)")
            // And back it is none, whatever it was; but for another verifier, which may be.
            if name != "another verifier" {
                let back = SettingsWeighing(from: new, to: Self.settings)
                #expect(back.weight == .strengthening, "\(name)")
            }
        }
    }

    @Test func `what only adds, and what only says it otherwise, is not weaker`() {
        let cases: [(String, SettingsWeight, (inout SettingsVersion) -> Void)] = [
            ("nothing", .neutral, { _ in }),
            ("order", .neutral, { $0.book.rules.reverse() }),
            ("words", .neutral, { $0.book.rules[0].description = "for people" }),
            ("a default", .neutral, { $0.book.base.sessionSeconds = 86_400 }),
            (
                "protection's default, said", .strengthening,
                { $0.book.protection = .init(delayHours: 24) }
            ),
            (
                "a rule that says nothing", .neutral,
                {
                    $0.book.rules.append(
                        Rule(
                            name: RuleName("lax")!,
                            requirements: Requirements(enforcement: .off, trustedDevices: true)))
                }
            ),
            (
                "more networks", .strengthening,
                { $0.book.rules[1].networks = [NetworkRange("192.0.0.0/16")!] }
            ),
            (
                "everybody", .strengthening,
                { $0.book.rules[0].roles = [] }
            ),
            (
                "a second administrator", .strengthening,
                { $0.book.protection = .init(secondAdministrator: true) }
            ),
        ]
        for (name, weight, change) in cases {
            var new = Self.settings
            change(&new)
            let weighing = SettingsWeighing(from: Self.settings, to: new)
            #expect(weighing.weight == weight && weighing.weakened == [], "\(name): \(weighing)")
        }
    }

    private static let settings = SettingsVersion(
        version: 1, enforcement: .everyone, verifiers: [totp],
        book: RuleBook(rules: [
            Rule(
                name: RuleName("strong")!, roles: [.administrator],
                requirements: Requirements(strength: .phishingResistant, passwordLengthMin: 12)),
            Rule(
                name: RuleName("closed")!, networks: [NetworkRange("192.0.2.0/24")!],
                requirements: Requirements(denied: true)),
        ]))
}

extension SettingsVersion {
    fileprivate func with(
        _ enforcement: Enforcement? = nil, verifiers: [VerifierUID]? = nil
    ) -> SettingsVersion {
        SettingsVersion(
            version: version, enforcement: enforcement ?? self.enforcement,
            verifiers: verifiers ?? self.verifiers, book: book)
    }

    /// What an administrator may make of it in one sitting.
    fileprivate func changed(_ dice: inout SeededGenerator) -> SettingsVersion {
        var new = self
        let other = SettingsVersion.random(&dice)
        let place = Int.random(in: 0..<max(1, book.rules.count), using: &dice)
        switch Int.random(in: 0..<10, using: &dice) {
        case 0: new = other
        case 1: new = new.with(other.enforcement)
        case 2: new = new.with(verifiers: other.verifiers)
        case 3: new.book.base = other.book.base
        case 4, 5: new.book.rules.insert(.random("added", &dice), at: place)
        case 6: new.book.rules.shuffle(using: &dice)
        case _ where book.rules.isEmpty: break
        case 7: new.book.rules.remove(at: place)
        case 8: new.book.rules[place].requirements = .random(&dice)
        case _:
            let conditions = Rule.random("other", &dice)
            new.book.rules[place].roles = conditions.roles
            new.book.rules[place].networks = conditions.networks
            new.book.rules[place].exceptNetworks = conditions.exceptNetworks
            new.book.rules[place].users = conditions.users
            new.book.rules[place].methods = conditions.methods
        }
        return new
    }
}
