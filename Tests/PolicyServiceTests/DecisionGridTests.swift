import Contracts
import Fixtures
import Foundation
import Testing
import Wire

@testable import PolicyService

/// Rules against facts, as a table that people read: what is asked of whom, and which rules say
/// so, compared with the committed `decisions.txt`.
/// `DUBBELSLOT_WRITE_DOCUMENTS=1 swift test --filter DecisionGridTests` writes it anew; what then
/// differs is a change of policy, and is reviewed as such.
struct DecisionGridTests {
    private static let file = URL(
        fileURLWithPath: RepositoryRoot.path("Tests/PolicyServiceTests/decisions.txt"))

    @Test func `every policy decides on every visitor as the grid says`() throws {
        let text = Self.policies.map(Self.section).joined(separator: "\n")
        if ProcessInfo.processInfo.environment["DUBBELSLOT_WRITE_DOCUMENTS"] == "1" {
            try text.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOf: Self.file, encoding: .utf8)
        let lines = committed.split(separator: "\n")
        for line in text.split(separator: "\n") where !lines.contains(line) {
            Issue.record("decisions.txt does not have: \(line)")
        }
        #expect(committed == text, "review what is decided, then write decisions.txt anew")
    }

    private static func section(_ policy: Policy) -> String {
        var rows = [
            ["visitor", "from", "began by", "bound", "proved", "outcome", "with", "besides", "by"]
        ]
        for visitor in visitors {
            let verdict = Verdict(policy.settings, visitor.facts)
            let outcome = "\(verdict.outcome)"
            rows.append(
                visitor.cells + [
                    outcome, verdict.verifiers.words,
                    verdict.obligations.besides.joined(separator: " ").orDash,
                    verdict.decider.words,
                ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
        return "[\(policy.title)]\n" + lines.joined(separator: "\n") + "\n"
    }
}

// MARK: - What is tried

extension DecisionGridTests {
    private static let totp = VerifierUID("totp")!
    private static let keys = VerifierUID("keys")!
    private static let date = Timestamp(seconds: 1_800_000_000)
    private static let late = Timestamp(seconds: 1_900_000_000)
    private static let office = NetworkRange("192.0.2.0/24")!

    private struct Policy {
        let title: String
        let settings: SettingsVersion
    }

    private static func policy(
        _ title: String, _ enforcement: Enforcement = .administrators,
        base: Requirements = Requirements(), networks: NetworkLists? = nil, _ rules: Rule...
    ) -> Policy {
        Policy(
            title: title,
            settings: SettingsVersion(
                version: 1, enforcement: enforcement, verifiers: [totp, keys],
                book: RuleBook(base: base, rules: rules, networks: networks)))
    }

    private static func rule(
        _ name: String, roles: [Role] = [], users: [UserID] = [], in networks: [NetworkRange] = [],
        outside others: [NetworkRange] = [], by methods: [SignInMethod] = [],
        _ requirements: Requirements
    ) -> Rule {
        Rule(
            name: RuleName(name)!, roles: roles, users: users, networks: networks,
            exceptNetworks: others, methods: methods, requirements: requirements)
    }

    private static let policies: [Policy] = [
        policy("administrators"),
        policy("everyone", .everyone),
        policy("optional for the others", base: Requirements(enforcement: .optional)),
        policy(
            "required outside the office", .administrators,
            rule("outside", outside: [office], Requirements(enforcement: .required))),
        policy(
            "passkeys for administrators", .everyone,
            rule(
                "strong", roles: [.administrator], Requirements(strength: .phishingResistant))),
        policy(
            "optional, and totp no more", base: Requirements(enforcement: .optional),
            rule("keys-only", Requirements(verifiers: [keys]))),
        policy(
            "two rules that share no verifier", .everyone,
            rule("first", Requirements(verifiers: [totp])),
            rule("second", roles: [.administrator], Requirements(verifiers: [keys]))),
        policy(
            "grace, and less of it outside", .everyone,
            base: Requirements(graceUntil: late),
            rule(
                "soon", outside: [office],
                Requirements(enforcement: .required, graceUntil: date))),
        policy(
            "grace, and none for administrators", base: Requirements(graceUntil: late),
            rule("all", Requirements(enforcement: .required, graceUntil: date)),
            rule("now", roles: [.administrator], Requirements(enforcement: .required))),
        policy(
            "bob denied, and passwords outside", .administrators,
            rule("bob", users: [bob], Requirements(denied: true)),
            rule(
                "no-passwords", outside: [office], by: [.password], Requirements(denied: true))),
        policy(
            "shorter for administrators, no trusted devices outside",
            base: Requirements(trustedDevices: true, sessionSeconds: 604_800),
            rule(
                "administrators", roles: [.administrator],
                Requirements(
                    sessionSeconds: 43_200, idleSeconds: 900, stepUpSeconds: 120,
                    passwordLengthMin: 15)),
            rule(
                "outside", outside: [office],
                Requirements(trustedDevices: false, sessionSeconds: 86_400, idleSeconds: 7200))),
        policy(
            "administrators in the office alone",
            networks: NetworkLists(administratorsFrom: [office])),
        policy(
            "nobody from the office", networks: NetworkLists(denied: [office])),
        policy(
            "a rule that says less changes nothing", .everyone,
            rule(
                "lax",
                Requirements(
                    enforcement: .off, strength: .any, trustedDevices: true,
                    sessionSeconds: 1_000_000, idleSeconds: 1_000_000, stepUpSeconds: 1_000_000,
                    passwordLengthMin: 0))),
    ]

    private static let bob = UserID(high: 0, low: 2)
    private static let ann = UserID(high: 0, low: 1)

    private struct Visitor {
        let cells: [String]
        let facts: Decide
    }

    private static let visitors: [Visitor] = {
        var visitors: [Visitor] = []
        let people: [(String, UserID, [Role])] = [("bob", bob, []), ("ann", ann, [.administrator])]
        let places = [("office", "192.0.2.7"), ("outside", "198.51.100.7"), ("unknown", "")]
        let holdings: [(bound: [VerifierUID], proved: [VerifierUID])] = [
            ([], []), ([totp], []), ([keys], []), ([totp, keys], [totp]), ([keys], [keys]),
        ]
        for (name, user, roles) in people {
            for (place, address) in places {
                for (bound, proved) in holdings where place != "unknown" || bound == [totp] {
                    let began: SignInMethod =
                        proved == [keys] && bound == [keys] ? .passkey : .password
                    let facts = Decide(
                        roles: roles, method: began, bound: bound, proved: proved,
                        sinceVersion: 0, user: user, address: address,
                        boundResistant: bound.filter { $0 == keys },
                        provedResistant: proved.filter { $0 == keys })
                    visitors.append(
                        Visitor(
                            cells: [
                                name, place, began.rawValue, bound.words, proved.words,
                            ], facts: facts))
                }
            }
        }
        return visitors
    }()
}

// MARK: - How it is told

extension Obligations {
    /// What is asked beside a second factor, where it is not what the base asks by itself.
    fileprivate var besides: [String] {
        var words: [String] = []
        switch grace.value {
        case .needless, .none: break
        case .until(let date): words.append("grace=\(date.seconds / 1_000_000)M")
        }
        if strength.value == .phishingResistant { words.append("resistant") }
        if trustedDevices.value { words.append("trusted") }
        if sessionSeconds.value != Self.sessionSecondsDefault {
            words.append("session=\(sessionSeconds.value)")
        }
        if idleSeconds.value != Self.idleSecondsDefault {
            words.append("idle=\(idleSeconds.value)")
        }
        if stepUpSeconds.value != Self.stepUpSecondsDefault {
            words.append("step-up=\(stepUpSeconds.value)")
        }
        if passwordLengthMin.value > 0 { words.append("length=\(passwordLengthMin.value)") }
        return words
    }
}

extension Verdict {
    /// The rules that the outcome hangs on.
    fileprivate var decider: [RuleName] {
        if obligations.denied.value { return obligations.denied.rules }
        return outcome == .deny ? obligations.verifiers.rules : obligations.enforcement.rules
    }
}

extension [VerifierUID] {
    fileprivate var words: String { map(\.text).joined(separator: ",").orDash }
}

extension [RuleName] {
    fileprivate var words: String { map(\.text).joined(separator: ",").orDash }
}

extension String {
    fileprivate var orDash: String { isEmpty ? "-" : self }
}
