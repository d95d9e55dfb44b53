import Contracts
import Fixtures
import RPC
import Testing
import Wire

@testable import PolicyService

/// How a change made by one replica comes to the others, and what happens when it cannot.
struct SettingsWatchTests {
    /// Starts a watch at the second replica and lets the first make changes.
    private func hears(
        listening: Bool, polling interval: Duration?, _ council: Council
    ) async throws -> Duration {
        let watch = try await council.on(1) { handlers in
            let watch = SettingsWatch(handlers)
            await handlers.refresh()
            watch.start(listening: listening, polling: interval)
            return watch
        }
        var slowest = Duration.zero
        let before = council.replicas[1].handlers.memory.newest
        for version in before..<(before + 3) {
            _ = try await council.on(0) { try await $0.updateSettings(.to(version), Council.call) }
            slowest = max(slowest, try await council.await(version + 1, at: 1))
        }
        try await council.on(1) { _ in watch.stop() }
        return slowest
    }

    @Test func `a change made elsewhere is announced`() async throws {
        try await withCouncil(replicas: 2) { council in
            // The first change may come before the channel is open: then its opening reads it.
            let slowest = try await hears(listening: true, polling: nil, council)
            #expect(slowest < .seconds(1))
        }
    }

    @Test func `a change made elsewhere is found by the poll alone`() async throws {
        try await withCouncil(replicas: 2) { council in
            let slowest = try await hears(
                listening: false, polling: SettingsWatch.pollInterval, council)
            #expect(slowest < .seconds(1))
        }
    }

    @Test func `a watch that is stopped reads no more`() async throws {
        try await withCouncil(replicas: 2) { council in
            _ = try await hears(listening: true, polling: .milliseconds(20), council)
            _ = try await council.on(0) { try await $0.updateSettings(.to(4), Council.call) }
            _ = try await council.await(5, at: 1, within: .milliseconds(300))
            #expect(council.replicas[1].handlers.memory.newest == 4)
        }
    }

    @Test func `without its database a replica decides for a second and then no more`() async throws
    {
        let cluster = try PostgresCluster.start()
        defer { cluster.stop() }
        try await withCouncil(cluster: cluster) { council in
            let decide: @Sendable (PolicyHandlers) async throws -> Decision = {
                try await $0.decide(.by(), Council.call)
            }
            #expect(try await council.refusal(0, decide) == nil)
            try cluster.kill()
            try await council.rest(PolicyMemory.ageMax)
            #expect(try await council.refusal(0, decide) == .unavailable)
            let change = try await council.refusal {
                try await $0.updateSettings(.to(1), Council.call)
            }
            #expect(change == .unavailable)
            try cluster.restart()
            let start = ContinuousClock.now
            while try await council.refusal(0, decide) != nil {
                try #require(ContinuousClock.now - start < .seconds(60))
                try await council.rest(.milliseconds(20))
            }
        }
    }
}
