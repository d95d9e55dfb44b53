import Fixtures
import Reactor
import Testing

/// Calls in any order, over a pipe in memory and over sockets.
@Suite struct StreamExchangeTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `whatever is called when, every byte arrives once`(_ seed: UInt64) async throws {
        try await withRunningLoop { loop in
            let wrong = try await loop.run {
                let pieces = [[], [1, 60_000], [313, 7, 20_000]][Int(seed % 3)]
                let pipe = PipeStream.pair(on: loop, pieces: pieces, capacity: 70_000)
                let inMemory = await StreamExchange(pipe.0, pipe.1, seed: seed).run()
                let (client, server) = try await connected(loop)
                return [inMemory, await StreamExchange(client, server, seed: seed).run()]
            }
            #expect(wrong == [nil, nil])
        }
    }

    private func connected(_ loop: EventLoop) async throws -> (SocketStream, SocketStream) {
        let (streams, feed) = AsyncStream.makeStream(of: SocketStream.self)
        let listener = try TCPListener(loop: loop, address: loopback) { feed.yield($0) }
        defer { listener.close() }
        let client = try await SocketStream.connect(
            to: listener.address, on: loop, timeout: .seconds(5))
        for await server in streams { return (client, server) }
        throw SystemFault("accept", 0)
    }
}
