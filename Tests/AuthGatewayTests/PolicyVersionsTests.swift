import Contracts
import Testing
import Wire

@testable import AuthGateway

/// What one process remembers of the settings it has heard.
struct PolicyVersionsTests {
    private static func edge(_ version: UInt64) -> EdgePolicy {
        EdgePolicy(version: version)
    }

    private let start = ContinuousClock.now

    @Test func `what was heard of networks stands for its moment and no longer`() {
        let versions = PolicyVersions(edgeLifetime: .milliseconds(300))
        #expect(versions.freshEdge(now: start) == nil)
        versions.note(Self.edge(3), now: start)
        #expect(versions.freshEdge(now: start + .milliseconds(299))?.version == 3)
        #expect(versions.freshEdge(now: start + .milliseconds(300)) == nil)
        #expect(versions.knownEdge?.version == 3)
    }

    @Test func `once a newer version was seen, what an older one said is asked for again`() {
        let versions = PolicyVersions(edgeLifetime: .milliseconds(300))
        versions.note(Self.edge(3), now: start)
        versions.note(4 as UInt64)
        #expect(versions.freshEdge(now: start) == nil)
        versions.note(Self.edge(2), now: start)
        #expect(versions.knownEdge?.version == 3)
        #expect(throws: Fault.self) { try versions.accept(3) }
        versions.note(Self.edge(4), now: start)
        #expect(versions.freshEdge(now: start)?.version == 4)
    }

    @Test func `without a lifetime everybody asks for himself`() {
        let versions = PolicyVersions()
        versions.note(Self.edge(1), now: start)
        #expect(versions.freshEdge(now: start) == nil)
    }
}
