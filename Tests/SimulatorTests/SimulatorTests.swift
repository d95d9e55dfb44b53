import Foundation
import Testing

/// Worlds from seeds, and the invariants I1 to I6 held after each step of each of them. The
/// statements and handlers in these worlds are models, see `Tables` and `GatewayModel`; what
/// decides in them, and the state of every connection, is the product itself.
///
/// `SIMULATOR_SEEDS` is how many worlds are lived through, `SIMULATOR_FIRST` the first of them.
/// `SIMULATOR_SEED` runs a single one and prints its history; `SIMULATOR_FLAW` plants a bug in
/// it. One seed is one history, anywhere.
@Suite struct SimulatorTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["SIMULATOR_SEEDS"].flatMap { UInt64($0) } ?? 20_000
    private static let first = environment["SIMULATOR_FIRST"].flatMap { UInt64($0) } ?? 1
    private static let single = environment["SIMULATOR_SEED"].flatMap { UInt64($0) }
    private static let flaw = environment["SIMULATOR_FLAW"].flatMap(Flaw.init)
    private static let shards: UInt64 = 8
    /// Worlds in which a planted bug must have been found.
    private static let flawedMax: UInt64 = 3000

    private static func live(_ seed: UInt64, _ flaw: Flaw? = nil) -> World {
        let world = World(seed: seed, flaw: flaw)
        world.run()
        return world
    }

    private static func report(_ world: World, _ lines: Int) -> Comment {
        let violation = world.checker.violation.map { "\($0.invariant): \($0.what)" } ?? ""
        return """
            SIMULATOR_SEED=\(world.seed) \(violation)
            \(world.checker.history.text(last: lines))
            """
    }

    @Test(.enabled(if: single == nil), arguments: 0..<shards)
    func `no invariant is broken in any world`(shard: UInt64) {
        for seed in stride(from: Self.first + shard, to: Self.first + Self.count, by: 8) {
            let world = Self.live(seed, Self.flaw)
            #expect(world.checker.violation == nil, Self.report(world, 60))
            if world.checker.violation != nil { return }
        }
    }

    @Test(.enabled(if: single != nil))
    func `one world, told in full`() {
        let world = Self.live(Self.single ?? 0, Self.flaw)
        print(Self.report(world, .max))
        // Before the runner, whose output is not buffered, says more.
        fflush(nil)
        #expect(world.checker.violation == nil)
    }

    @Test(.enabled(if: single == nil), arguments: Flaw.allCases)
    func `a planted bug is found`(flaw: Flaw) {
        for seed in 1...Self.flawedMax {
            let world = Self.live(seed, flaw)
            guard let violation = world.checker.violation else { continue }
            #expect(flaw.breaks.contains(violation.invariant), Self.report(world, 60))
            print("\(flaw) found by world \(seed): \(violation.invariant): \(violation.what)")
            return
        }
        Issue.record("\(flaw) was not found in \(Self.flawedMax) worlds")
    }

    @Test func `one seed is one history`() {
        var digests: Set<UInt64> = []
        for seed in UInt64(1)...20 {
            let first = Self.live(seed).checker.history
            let second = Self.live(seed).checker.history
            #expect(first.digest == second.digest, "seed \(seed)")
            #expect(first.lines.count == second.lines.count)
            digests.insert(first.digest)
        }
        #expect(digests.count == 20)
    }

    @Test func `everything that is to be survived happens`() {
        var tally: [String: Int] = [:]
        for seed in UInt64(1)...150 {
            tally.merge(Self.live(seed).checker.history.tally(), uniquingKeysWith: +)
        }
        let wanted = [
            "bound", "code accepted", "connection cut", "database restarted", "disabled",
            "failure", "network clogged", "password proved", "password replaced",
            "process killed", "right try", "session opened", "session worked", "settings",
            "sign-in pending", "signed in at last", "try released", "wrong try",
            "authenticator removed", "unlocked", "known device tried", "device failure",
            "message sent", "message code accepted", "recovery codes made",
            "recovery code accepted", "reset begun", "reset used", "password suspected",
            "session ended from the list", "session kept by a watcher",
            "as many sessions as there may be",
            "device trusted", "trusted device used", "trusted device reused", "trust forgotten",
            "as many sessions as there may be", "erasure begun", "user erased", "erasure mended",
        ]
        for what in wanted { #expect(tally[what, default: 0] > 5, "\(what): \(tally)") }
        print(tally.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" })
    }
}

extension Flaw {
    /// The invariants that may tell of it first.
    fileprivate var breaks: Set<String> {
        switch self {
        case .stepGuardDropped, .versionNotCompared, .bindingNotConsumed,
            .bindingOfAnotherContext, .messageOfAnotherContext, .messageOfAnotherPurpose,
            .olderMessageKept, .recoveryUsedTwice, .recoveryOfAnotherUser, .olderRecoveryKept,
            .resetUsedTwice, .trustGuardDropped:
            ["I1"]
        // What a database forgets may have been anything.
        case .answeredBeforeDurable: ["I1", "I2", "I3", "I4", "I5"]
        case .floorRemoved, .disabledFactorsForgotten, .initialPasswordSuffices,
            .startVersionForgotten, .rulesForgotten, .oldPolicyTrusted, .factorOfAnotherUser,
            .provedPasswordNotCompared, .mailRaisesLevel, .suspicionForgotten,
            .trustWithdrawalIgnored:
            ["I3"]
        case .countedAfterCheck, .staleTriesForgotten, .roundNotCompared, .restNotKept,
            .limitNotKept, .nextStepAccepted, .codesEnabledAgain, .devicesBeyondLimit,
            .deviceRestNotKept, .deviceOfAnotherUser, .deviceCookieKept,
            .messageCountedAfterCheck:
            ["I4"]
        case .endedBeforeCommitted: ["I2", "I5"]
        case .epochNotCompared, .expiryNotCompared, .oldTokenKept, .factorsResetLast,
            .deviceEpochNotCompared, .endNotNoted, .sessionOfAnotherUser, .oldestSessionKept,
            .trustOutlivesPassword, .trustReuseForgotten:
            ["I5"]
        case .erasureNotMended: ["I6"]
        }
    }
}
