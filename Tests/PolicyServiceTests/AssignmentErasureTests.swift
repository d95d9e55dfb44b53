import Contracts
import Testing
import Wire

@testable import PolicyService

/// Users who are erased are in no rule.
struct AssignmentErasureTests {
    private static let ann = UserID(high: 1, low: 1)
    private static let bob = UserID(high: 2, low: 2)

    private static let book = RuleBook(rules: [
        Rule(
            name: RuleName("ann")!, users: [ann],
            requirements: Requirements(denied: true)),
        Rule(
            name: RuleName("both")!, users: [ann, bob],
            requirements: Requirements(strength: .phishingResistant)),
        Rule(
            name: RuleName("all")!, requirements: Requirements(sessionSeconds: 3600)),
    ])

    private func erase(_ council: Council, _ user: UserID) async throws -> UInt64 {
        try await council.on {
            try await $0.eraseUser(EraseAssignments(user: user, actor: .sample), Council.call)
        }.version
    }

    private func save(_ council: Council, _ version: UInt64) async throws {
        _ = try await council.on {
            try await $0.updateSettings(
                ChangeSettings(
                    actor: .sample,
                    settings: UpdateTwoFactorSettings(
                        version: version, enforcement: .everyone, verifiers: [Council.totp],
                        reason: "tests", book: Self.book)), Council.call)
        }
    }

    @Test func `a rule for him alone goes, and becomes no rule for everybody`() {
        let left = Self.book.without(Self.ann)
        #expect(left.rules.map(\.name.text) == ["both", "all"])
        #expect(left.rules[0].users == [Self.bob])
        #expect(left.without(Self.bob).rules.map(\.name.text) == ["all"])
        #expect(Self.book.without(UserID(high: 3, low: 3)) == Self.book)
    }

    @Test func `an erased user is taken out of the rules by one new version, and no other word`()
        async throws
    {
        try await withCouncil(replicas: 2) { council in
            try await save(council, 1)
            #expect(try await erase(council, Self.ann) == 3)
            let settings = try await council.on(1) {
                try await $0.getSettings(GetTwoFactorSettings(version: 3), Council.call)
            }
            #expect(settings.book == Self.book.without(Self.ann))
            #expect(settings.enforcement == .everyone && settings.verifiers == [Council.totp])
            // Once more, or of somebody in no rule: nothing to change.
            #expect(try await erase(council, Self.ann) == 3)
            #expect(try await erase(council, UserID(high: 3, low: 3)) == 3)
        }
    }

    @Test func `P-06 an erasure and changes at the same time both come to stand`() async throws {
        try await withCouncil(replicas: 2) { council in
            try await save(council, 1)
            async let erased = erase(council, Self.ann)
            async let other = erase(council, Self.bob)
            _ = try await (erased, other)
            let settings = try await council.on {
                try await $0.getSettings(GetTwoFactorSettings(), Council.call)
            }
            #expect(settings.book.rules.allSatisfy { $0.users.isEmpty })
            #expect(settings.version == 4)
        }
    }
}
