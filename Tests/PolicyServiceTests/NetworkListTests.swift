import Contracts
import Fixtures
import Reactor
import Testing
import Wire

@testable import PolicyService

/// Lists of networks, as they are judged and weighed.
struct NetworkListTests {
    private static let office = NetworkRange("192.0.2.0/24")!
    private static let inOffice = SocketAddress(plain: "192.0.2.7")!
    private static let mapped = SocketAddress(plain: "::ffff:192.0.2.7")!
    private static let elsewhere = SocketAddress(plain: "2001:db8::7")!

    @Test func `who is admitted from where`() {
        let cases: [(NetworkLists, String)] = [
            (NetworkLists(), "all all all all"),
            (NetworkLists(denied: [Self.office]), "none none all none"),
            (NetworkLists(allowed: [Self.office]), "all all none none"),
            (NetworkLists(administratorsFrom: [Self.office]), "all all users users"),
            (
                NetworkLists(denied: [NetworkRange("192.0.2.7")!], allowed: [Self.office]),
                "none none none none"
            ),
            (
                NetworkLists(allowed: [NetworkRange("2001:db8::/32")!]),
                "none none all none"
            ),
        ]
        for (lists, expected) in cases {
            let found = [Self.inOffice, Self.mapped, Self.elsewhere, nil].map { address in
                let users = lists.admit(address, isAdministrator: false)
                let administrators = lists.admit(address, isAdministrator: true)
                #expect(users || !administrators)
                return administrators ? "all" : users ? "users" : "none"
            }
            #expect(found.joined(separator: " ") == expected, "\(lists)")
        }
    }

    @Test func `P-05 lists that keep others let in nobody whom these did not`() {
        var dice = SeededGenerator(seed: .random(in: 0 ... .max))
        var kept = 0
        for _ in 0..<20_000 {
            let (old, new) = (NetworkLists.random(&dice), NetworkLists.random(&dice))
            guard old.isKept(by: new) else { continue }
            kept += 1
            for text in NetworkLists.addresses {
                let address = SocketAddress(plain: text)
                for isAdministrator in [false, true] {
                    let before = old.admit(address, isAdministrator: isAdministrator)
                    let after = new.admit(address, isAdministrator: isAdministrator)
                    #expect(before || !after, "seed \(dice.seed): \(text) \(old) \(new)")
                }
            }
        }
        #expect(kept > 500)
    }

    @Test func `a range is in another one where all its addresses are`() {
        let ranges = [
            "0.0.0.0/0", "192.0.2.0/24", "192.0.2.0/25", "192.0.2.128/25", "192.0.2.7", "::/0",
            "2001:db8::/32", "2001:db8::7", "::ffff:192.0.2.0/120",
        ].map { NetworkRange($0)! }
        let grid = ranges.map { outer in
            ranges.map { outer.contains($0) ? "x" : "." }.joined()
        }
        #expect(
            grid == [
                "xxxxx...x", ".xxxx...x", "..x.x....", "...x.....", "....x....", ".....xxx.",
                "......xx.", ".......x.", ".xxxx...x",
            ])
    }

    @Test func `a change of the lists is weighed, told apart, and decided by`() async throws {
        try await withCouncil { council in
            let saved = try await council.on { handlers in
                let before = try await handlers.getSettings(GetTwoFactorSettings(), Council.call)
                var change = ChangeSettings.to(1, .administrators)
                change.settings.book = before.book
                change.settings.book?.networks = NetworkLists(denied: [Self.office])
                let weighed = try await handlers.weighSettings(
                    WeighSettings(settings: change.settings), Council.call)
                #expect(weighed.weight == .strengthening)
                let saved = try await handlers.updateSettings(change, Council.call)
                change.settings.version = 2
                change.settings.book?.networks = NetworkLists(
                    denied: [NetworkRange("192.0.2.0/25")!])
                let weaker = try await handlers.weighSettings(
                    WeighSettings(settings: change.settings), Council.call)
                #expect(weaker.weight == .weakening && weaker.weakened == [.networks])
                return saved
            }
            #expect(saved.version == 2)
            try await council.on { handlers in
                let edge = try await handlers.edgePolicy(GetEdgePolicy(), Council.call)
                #expect(edge.version == 2 && edge.networks?.denied == [Self.office])
                #expect(!edge.admits("192.0.2.7", isAdministrator: false))
                #expect(edge.admits("198.51.100.7", isAdministrator: false))
                for (address, outcome) in [
                    ("192.0.2.7", Outcome.deny), ("198.51.100.7", .allow), ("", .allow),
                ] {
                    var facts = Decide.by()
                    facts.address = address
                    let decision = try await handlers.decide(facts, Council.call)
                    #expect(decision.outcome == outcome, "\(address)")
                }
                let found = try await handlers.compareSettings(
                    CompareSettings(from: 1, to: 2), Council.call)
                #expect(found.differences.map(\.field) == ["networks.denied"])
            }
        }
    }

    @Test func `P-05 a list that comes or goes while somebody signs in holds for him`()
        async throws
    {
        try await withCouncil { council in
            try await council.on { handlers in
                var change = ChangeSettings.to(1, .administrators)
                change.settings.book = RuleBook(networks: NetworkLists(denied: [Self.office]))
                _ = try await handlers.updateSettings(change, Council.call)
                change.settings.version = 2
                change.settings.book = RuleBook()
                _ = try await handlers.updateSettings(change, Council.call)
                let outcomes = try await [1, 2, 3].asyncMap { version in
                    var facts = Decide.by(since: version)
                    facts.address = "192.0.2.7"
                    return try await handlers.decide(facts, Council.call).outcome
                }
                #expect(outcomes == [.allow, .deny, .allow])
            }
        }
    }
}

extension [UInt64] {
    fileprivate func asyncMap<T>(_ body: (UInt64) async throws -> T) async rethrows -> [T] {
        var all: [T] = []
        for element in self { all.append(try await body(element)) }
        return all
    }
}

extension NetworkLists {
    fileprivate static let addresses = [
        "192.0.2.7", "192.0.2.200", "198.51.100.7", "2001:db8::7", "2001:db9::7", "",
    ]

    fileprivate static func random(_ dice: inout SeededGenerator) -> NetworkLists {
        let ranges = [
            "192.0.2.0/24", "192.0.2.0/25", "192.0.2.7", "198.51.100.0/24", "2001:db8::/32",
            "0.0.0.0/0",
        ].map { NetworkRange($0)! }
        func some() -> [NetworkRange] {
            let count = Int.random(in: 0...2, using: &dice)
            return Array(ranges.shuffled(using: &dice).prefix(count))
        }
        return NetworkLists(denied: some(), allowed: some(), administratorsFrom: some())
    }
}
