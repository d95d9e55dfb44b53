import Contracts
import Fixtures
import Testing
import Wire

@testable import PolicyService

/// Limits as part of the settings: their bounds, and which way they protect.
struct LimitTests {
    private static func limits(_ name: String, _ value: UInt32) throws -> LimitSettings {
        try LimitSettings(json: Array("{\"\(name)\": \(value)}".utf8))
    }

    @Test func `every limit of the message is declared, in its order`() {
        #expect(
            MessageSchema(of: LimitSettings.self).fields.map { "\($0.name)" }
                == PolicyLimit.all.map(\.name))
    }

    @Test(arguments: PolicyLimit.all.map(\.name))
    func `a limit is read where it is declared, kept within bounds, and weighed`(
        name: String
    ) throws {
        let limit = try #require(PolicyLimit.all.first { $0.name == name })
        let (low, high) = (limit.bounds.lowerBound, limit.bounds.upperBound)
        for value in [low, high] {
            let limits = try Self.limits(name, value)
            #expect(limit.value(limits) == value)
            #expect(PolicyLimit.all.count { $0.value(limits) != nil } == 1)
            #expect(RuleBounds.problem(of: RuleBook(limits: limits)) == nil)
        }
        for value in [low &- 1, high + 1] {
            let problem = RuleBounds.problem(of: RuleBook(limits: try Self.limits(name, value)))
            #expect(problem?.hasPrefix(name) == true, "\(value)")
        }
        func weigh(_ old: UInt32?, _ new: UInt32?) throws -> SettingsWeighing {
            func settings(_ value: UInt32?) throws -> SettingsVersion {
                SettingsVersion(
                    version: 1, enforcement: .everyone, verifiers: [Council.totp],
                    book: RuleBook(limits: try value.map { try Self.limits(name, $0) }))
            }
            return SettingsWeighing(from: try settings(old), to: try settings(new))
        }
        let (strict, lax) = limit.isStricterBelow ? (low, high) : (high, low)
        #expect(try weigh(lax, strict).weight == .strengthening)
        #expect(try weigh(nil, lax).weight == .strengthening)
        #expect(try weigh(lax, lax).weight == .neutral)
        for (old, new) in [(strict, lax), (strict, nil), (lax, nil)] as [(UInt32?, UInt32?)] {
            #expect(try weigh(old, new).weakened == [.limits])
        }
    }

    @Test func `P-05 no bound lets a limit go beyond what is built in`() {
        let builtIn: [String: UInt32] = [
            "passwordFailures": 100, "codeFailures": 30, "restingFrom": 5, "restSeconds": 30,
            "restSecondsMax": 3600, "messagesPerUser": 5, "messagesPerReceiver": 5,
        ]
        for limit in PolicyLimit.all {
            guard let value = builtIn[limit.name] else { continue }
            let laxest = limit.isStricterBelow ? limit.bounds.upperBound : limit.bounds.lowerBound
            #expect(laxest == value, "\(limit.name)")
        }
    }

    @Test func `limits are told at the edge as soon as they are saved, and compared`()
        async throws
    {
        try await withCouncil { council in
            try await council.on { handlers in
                var change = ChangeSettings.to(1, .administrators)
                change.settings.book = RuleBook(limits: try Self.limits("codeFailures", 10))
                _ = try await handlers.updateSettings(change, Council.call)
                let edge = try await handlers.edgePolicy(GetEdgePolicy(), Council.call)
                #expect(edge.version == 2 && edge.limits?.codeFailures == 10)
                let found = try await handlers.compareSettings(
                    CompareSettings(from: 1, to: 2), Council.call)
                #expect(found.differences.map(\.field).contains("limits.codeFailures"))
            }
        }
    }
}
