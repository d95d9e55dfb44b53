import Daemon
import Fixtures
import HTTP
import Hosting
import Reactor
import Testing
import Wire

@testable import AuthGateway

/// The cap on connections of one network, over real sockets.
struct NetworkConnectionsTests {
    private func admission(
        _ max: Int, _ proxies: TrustedProxies = .none, _ lines: Lines = Lines()
    ) -> NetworkConnections {
        NetworkConnections(
            max: max, proxies: proxies, log: Log(service: "tests", output: lines))
    }

    /// Listeners of two loops on one port, with what they keep; ended with the test.
    private func withDoor<Result: Sendable>(
        _ admission: NetworkConnections, _ body: @Sendable (UInt16) async throws -> Result
    ) async throws -> Result {
        let group = try EventLoopGroup(count: 2, name: "door")
        group.start()
        defer {
            group.stop()
            group.join()
        }
        let kept = Kept()
        let first = try TCPListener(
            loop: group.loops[0], address: .ipv4(0x7f00_0001, port: 0), admission: admission
        ) { kept.keep($0) }
        let second = try TCPListener(
            loop: group.loops[1], address: first.address, admission: admission
        ) { kept.keep($0) }
        defer {
            first.close()
            second.close()
        }
        return try await body(first.port)
    }

    @Test
    func `F-35 one network has so many connections on all loops together, others have theirs`()
        async throws
    {
        let lines = Lines()
        let admission = admission(5, .none, lines)
        try await withDoor(admission) { port in
            var open = try (0..<5).map { _ in
                try LoopbackConnection(from: "127.0.0.2", to: port)
            }
            // Loops take what waits for them in an order of their own.
            try await until { admission.openCount == 5 }
            for _ in 0..<8 {
                let more = try LoopbackConnection(from: "127.0.0.2", to: port)
                #expect(more.isClosed(withinMilliseconds: 20_000))
            }
            let other = try LoopbackConnection(from: "127.0.0.3", to: port)
            try await until { admission.openCount == 6 }
            #expect(!other.isClosed(withinMilliseconds: 50))
            #expect(open.allSatisfy { !$0.isClosed(withinMilliseconds: 1) })
            // One goes, and makes room for one.
            open.removeLast()
            try await until { admission.openCount == 5 }
            let next = try LoopbackConnection(from: "127.0.0.2", to: port)
            try await until { admission.openCount == 6 }
            #expect(!next.isClosed(withinMilliseconds: 1))
            #expect(lines.all.contains { $0.contains("127.0.0.2") && $0.contains(#""count":1"#) })
        }
        try await until { admission.openCount == 0 }
    }

    private func until(_ condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(20)
        while !condition(), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(condition())
    }

    @Test func `what a trusted proxy brings is not counted, nor what has no network`() throws {
        let admission = admission(1, try #require(TrustedProxies(["10.0.0.0/8"])))
        for peer in [SocketAddress.ipv4(0x0a01_0203, port: 5), .unix("/run/x")] {
            for _ in 0..<3 { #expect(admission.admit(peer)) }
            admission.release(peer)
        }
        #expect(admission.openCount == 0)
        let outside = SocketAddress.ipv4(0x0b01_0203, port: 5)
        #expect(admission.admit(outside) && !admission.admit(outside))
    }

    @Test func `an IPv6 network is its first 64 bits, and an IPv4 address is one however written`()
    {
        let admission = admission(2)
        func v6(_ high: UInt64, _ low: UInt64) -> SocketAddress {
            .ipv6(high: high, low: low, scope: 0, port: 1)
        }
        #expect(admission.admit(v6(1, 1)) && admission.admit(v6(1, 2)))
        #expect(!admission.admit(v6(1, 3)))
        #expect(admission.admit(v6(2, 1)))
        #expect(admission.admit(.ipv4(0x0102_0304, port: 1)))
        #expect(admission.admit(v6(0, 0xffff_0102_0304)))
        #expect(!admission.admit(.ipv4(0x0102_0304, port: 9)))
        admission.release(v6(1, 9))
        #expect(admission.admit(v6(1, 4)))
        #expect(admission.openCount == 5)
    }

    @Test func `counts are exact whatever threads do at once`() async {
        let lines = Lines()
        let admission = admission(100, .none, lines)
        let peer = SocketAddress.ipv4(0x0102_0304, port: 1)
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<50).count { _ in admission.admit(peer) } }
            }
            return await group.reduce(0, +)
        }
        #expect(admitted == 100)
        #expect((1...3).contains(lines.all.count), "300 refusals")
        for _ in 0..<100 { admission.release(peer) }
        #expect(admission.openCount == 0)
    }
}

/// Streams that were accepted and are neither read nor closed.
private final class Kept: Sendable {
    private let streams = Guarded<[SocketStream]>([])

    func keep(_ stream: SocketStream) {
        stream.start(Silence())
        streams.withLock { $0.append(stream) }
    }
}

private final class Silence: ByteStreamReceiver {
    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        bytes.count
    }

    func ended(_ end: StreamEnd) {}
}
