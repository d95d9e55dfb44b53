import Contracts
import Fixtures
import Testing
import Wire

@testable import VerificationService

/// What is good once is good once, of whatever kind: for any number of tries on any number of
/// processes, and whatever becomes of the database.
@Suite struct OneTimeTests {
    @Test(arguments: OneTimeThing.allCases)
    func `O-02, C-01 and W-131 of 64 right uses at once over two replicas exactly one succeeds`(
        _ thing: OneTimeThing
    ) async throws {
        try await withMessages(.init(replicas: 2)) { it in
            for _ in 0..<3 {
                let use = try await it.prepare(thing)
                let answers = try await it.parallel(64) { (handlers, _) throws(Fault) in
                    try await use.send(to: handlers)
                }
                #expect(answers.count { $0 == nil } == 1)
                // Where many are under way at once, or have failed, others are held back.
                let others = thing.refusals.union([.attemptsDelayed])
                let told = Set(answers.compactMap { $0 })
                #expect(told.isSubset(of: others), "\(told)")
                #expect(try it.vault.audited(use.user, thing.event) == 1)
            }
        }
    }

    @Test func `C-02, O-02 and W-131 whatever was used stays used when PostgreSQL is killed`()
        async throws
    {
        let cluster = try PostgresCluster.start()
        defer { cluster.stop() }
        try await withMessages(.init(replicas: 2), cluster: cluster) { it in
            var uses: [OneTimeUse] = []
            for thing in OneTimeThing.allCases {
                let use = try await it.prepare(thing)
                try await it.on { (handlers) throws(Fault) in try await use.send(to: handlers) }
                uses.append(use)
            }
            try cluster.kill()
            try cluster.restart()
            for use in uses {
                let reason = try await reasonAfterRestart(it, use)
                #expect(reason.map(use.thing.refusals.contains) == true, "\(use.thing): \(reason)")
                #expect(try it.vault.audited(use.user, use.thing.event) == 1)
            }
        }
    }

    /// On the other replica than the one that took it.
    private func reasonAfterRestart(
        _ it: MessageVault, _ use: OneTimeUse
    ) async throws -> Reason? {
        let end = ContinuousClock.now + .seconds(20)
        var reason: Reason?
        repeat {
            reason = try await it.refusal(1) { (handlers) throws(Fault) in
                try await use.send(to: handlers)
            }?.reason
        } while reason == .unavailable && ContinuousClock.now < end
        return reason
    }

    @Test func `O-30 guesses at eight digits come to less than one in a million`() {
        let guesses = AttemptLimits.code.failuresMax
        // As security.md's table says it of six digits and two codes: at most 6 in 100,000.
        #expect(Double(guesses * 2) / 1e6 <= 6e-5)
        #expect(Double(guesses) / 1e8 < 1e-6)
        // An hour of trying, whatever is sent anew: as many as come before the rests add up.
        var (seconds, tries) = (0, 0)
        while seconds < 3600 {
            tries += 1
            seconds += Rests.standard.seconds(after: tries)
        }
        #expect(tries <= 12)
        #expect(MessageCode.triesMax <= Rests.standard.from)
    }
}
