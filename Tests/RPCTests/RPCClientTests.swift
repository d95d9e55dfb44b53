import RPC
import Reactor
import Testing
import Wire

private let message = EchoMessage("hello")

/// A client whose peers are servers in memory, each up or down as a test wants. Unchecked: touched
/// on its loop only.
private final class Cluster: @unchecked Sendable {
    let loop: EventLoop
    var worlds: [String: EchoWorld] = [:]
    /// The clients' ends of open streams, by peer.
    var streams: [String: [PipeStream]] = [:]
    var attempts: [String: [ContinuousClock.Instant]] = [:]
    let notices = Notices()

    init(_ loop: EventLoop, up: [String]) {
        self.loop = loop
        for peer in up { worlds[peer] = EchoWorld(loop) }
    }

    func client(
        _ peers: [String], perPeer: Int = 1, _ limits: RPCLimits = RPCLimits()
    ) -> RPCClient {
        let client = RPCClient(
            loop: loop, peers: peers, connectionsPerPeer: perPeer, limits: limits,
            notice: { [notices] in notices.all.append($0) },
            connect: { [self] peer in try connect(peer) })
        client.start()
        return client
    }

    private func connect(_ peer: String) throws -> any ByteStream {
        attempts[peer, default: []].append(.now)
        guard let world = worlds[peer] else { throw TookTooLong() }
        let (mine, theirs) = PipeStream.pair(on: loop, identities: (nil, gatewayIdentity))
        world.server.accept(theirs)
        streams[peer, default: []].append(mine)
        return mine
    }

    func kill(_ peer: String) {
        worlds[peer] = nil
        for stream in streams[peer] ?? [] { stream.abort() }
        streams[peer] = []
    }
}

/// The client's stream is in the hands of a peer that is played by hand.
private func clientOfRawPeer(
    _ loop: EventLoop, _ limits: RPCLimits = RPCLimits()
) -> (RPCClient, () -> RawPeer?) {
    let peers = Peers()
    let client = RPCClient(
        loop: loop, peers: ["raw"], limits: limits,
        connect: { _ in
            let (mine, theirs) = PipeStream.pair(on: loop)
            peers.all.append(RawPeer(theirs))
            return mine
        })
    client.start()
    return (client, { peers.all.last })
}

/// Unchecked: touched on one loop only.
private final class Peers: @unchecked Sendable {
    var all: [RawPeer] = []
}

func fault(of call: () async throws(Fault) -> EchoMessage) async -> Fault? {
    do throws(Fault) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

struct RPCClientTests {
    @Test func `a call returns the answer, from the loop and from elsewhere`() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        let client = try await loop.run { Cluster(loop, up: ["a"]).client(["a"]) }
        #expect(await client.waitUntilHealthy(within: .seconds(5)))
        let here = try await client.call(EchoContract.echo, message, deadline: .seconds(5))
        #expect(here == message)
        let there = try await loop.run {
            try await client.call(EchoContract.asyncEcho, message, deadline: .seconds(5))
        }
        #expect(there == message)
    }

    @Test func `without a peer a call fails at once`() async throws {
        try await onLoop { loop in
            for peers in [[], ["down"]] {
                let client = Cluster(loop, up: []).client(peers)
                let refusal = await fault { () async throws(Fault) in
                    try await client.call(EchoContract.echo, message, deadline: .seconds(60))
                }
                #expect(refusal?.reason == .unavailable)
            }
        }
    }

    @Test func `no call is given to a peer that has not said hello`() async throws {
        try await onLoop { loop in
            let (client, peer) = clientOfRawPeer(loop)
            try await eventually(on: loop) { peer()?.frames.first?.kind == .hello }
            let refusal = await fault { () async throws(Fault) in
                try await client.call(EchoContract.echo, message, deadline: .seconds(60))
            }
            #expect(refusal?.reason == .unavailable)
            peer()?.sayHello()
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
        }
    }

    @Test func `what the server refused with arrives, and the detail does not`() async throws {
        try await onLoop { loop in
            let client = Cluster(loop, up: ["a"]).client(["a"])
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            let refusal = await fault { () async throws(Fault) in
                try await client.call(EchoContract.refuse, message, deadline: .seconds(5))
            }
            #expect(refusal?.reason == .codeWrong && refusal?.retryAfterSeconds == 7)
            #expect(refusal?.detail != "secret")
        }
    }

    @Test func `request id, trace, bearer and deadline travel`() async throws {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a"])
            let client = cluster.client(["a"])
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            let id = RequestID.random()
            let trace = Trace.random()
            _ = try await client.call(
                EchoContract.asyncEcho, message, deadline: .seconds(5), requestID: id, trace: trace,
                bearer: Bytes(utf8: "token"))
            let call = try #require(cluster.worlds["a"]?.log.calls.first)
            #expect(call.requestID == id && call.trace == trace)
            #expect(call.bearer == Bytes(utf8: "token"))
            #expect(call.timeLeft(otherwise: .zero) > .seconds(3))
            let refusal = await fault { () async throws(Fault) in
                try await client.call(
                    EchoContract.asyncEcho, message, deadline: .seconds(5),
                    bearer: Bytes([UInt8](repeating: 0, count: 256)))
            }
            #expect(refusal?.reason == .malformed)
        }
    }

    @Test func `a call ends at its deadline and the server hears of it`() async throws {
        try await onLoop { loop in
            let (client, peer) = clientOfRawPeer(loop)
            try await eventually(on: loop) { peer() != nil }
            peer()?.sayHello()
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            let refusal = await fault { () async throws(Fault) in
                try await client.call(EchoContract.echo, message, deadline: .milliseconds(20))
            }
            #expect(refusal?.reason == .deadlineExceeded)
            try await eventually(on: loop) { peer()?.frames.last?.kind == .ping }
            #expect(peer()?.frames.map(\.kind) == [.hello, .request, .cancel, .ping])
            // The late answer is dropped and the connection goes on.
            peer()?.send(.response, call: 1, payload: message.encoded())
            peer()?.send(.pong)
            async let second = client.call(EchoContract.echo, message, deadline: .seconds(5))
            try await eventually(on: loop) { peer()?.frames.last?.kind == .request }
            peer()?.send(.response, call: 2, payload: EchoMessage("second").encoded())
            #expect(try await second.text == "second")
        }
    }

    @Test func `cancelling the task cancels the call`() async throws {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a"])
            let client = cluster.client(["a"])
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            let task = Task.immediateDetached(executorPreference: loop) {
                await fault { () async throws(Fault) in
                    try await client.call(
                        EchoContract.later, .gated,
                        deadline: .seconds(60))
                }
            }
            try await eventually(on: loop) { cluster.worlds["a"]?.log.started == 1 }
            task.cancel()
            #expect(await task.value?.reason == .canceled)
            try await eventually(on: loop) { cluster.worlds["a"]?.log.cancelled == 1 }
        }
    }

    @Test func `F-09 an answer to a call never made closes the connection`() async throws {
        try await onLoop { loop in
            for kind in [Frame.Kind.response, .fault] {
                let (client, peer) = clientOfRawPeer(loop)
                try await eventually(on: loop) { peer() != nil }
                let first = try #require(peer())
                first.sayHello()
                #expect(await client.waitUntilHealthy(within: .seconds(5)))
                first.send(kind, call: 1)
                try await first.expectViolation("call_never_issued")
                client.close()
            }
        }
    }

    @Test func `F-34 an answer that is cut off is no answer, at whatever byte`() async throws {
        try await onLoop { loop in
            var output = OutputBuffer()
            output.appendFrame(.response, call: 1, payload: message.encoded())
            for cut in 0..<output.count {
                let (client, peer) = clientOfRawPeer(loop)
                try await eventually(on: loop) { peer() != nil }
                let first = try #require(peer())
                first.sayHello()
                #expect(await client.waitUntilHealthy(within: .seconds(5)))
                async let refusal = fault { () async throws(Fault) in
                    try await client.call(EchoContract.once, message, deadline: .seconds(5))
                }
                try await eventually(on: loop) { first.frames.last?.kind == .request }
                first.send(Array(output.bytes[..<cut]))
                if cut.isMultiple(of: 2) { first.stream.close() } else { first.stream.abort() }
                #expect(await refusal?.reason == .unavailable, "cut at \(cut)")
                client.close()
            }
        }
    }

    @Test func `an answer that is not the method's is internal`() async throws {
        try await onLoop { loop in
            let (client, peer) = clientOfRawPeer(loop)
            try await eventually(on: loop) { peer() != nil }
            peer()?.sayHello()
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            async let refusal = fault { () async throws(Fault) in
                try await client.call(EchoContract.echo, message, deadline: .seconds(5))
            }
            try await eventually(on: loop) { peer()?.frames.last?.kind == .request }
            peer()?.send(.response, call: 1, payload: [0xff])
            #expect(await refusal?.reason == .internal)
        }
    }

    @Test func `a request longer than the peer takes is not sent`() async throws {
        try await onLoop { loop in
            let (client, peer) = clientOfRawPeer(loop)
            try await eventually(on: loop) { peer() != nil }
            peer()?.sayHello(frameBytesMax: 100)
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            let refusal = await fault { () async throws(Fault) in
                try await client.call(
                    EchoContract.echo, EchoMessage(String(repeating: "x", count: 100)),
                    deadline: .seconds(5))
            }
            #expect(refusal?.reason == .tooLarge)
        }
    }

    @Test func `calls beyond what the peer takes at a time are refused as overload`() async throws {
        try await onLoop { loop in
            let (client, peer) = clientOfRawPeer(loop)
            try await eventually(on: loop) { peer() != nil }
            peer()?.sayHello(callsMax: 1)
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            async let first = client.call(EchoContract.echo, message, deadline: .seconds(5))
            try await eventually(on: loop) { peer()?.frames.last?.kind == .request }
            let refusal = await fault { () async throws(Fault) in
                try await client.call(EchoContract.echo, message, deadline: .seconds(5))
            }
            #expect(refusal?.reason == .overloaded)
            peer()?.send(.response, call: 1, payload: message.encoded())
            #expect(try await first == message)
        }
    }
}

struct FailoverTests {
    @Test func `calls are spread over the peers`() async throws {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a", "b", "c"])
            let client = cluster.client(["a", "b", "c"], perPeer: 2)
            try await eventually(on: loop) { cluster.notices.all.count == 6 }
            for _ in 0..<60 {
                _ = try await client.call(EchoContract.asyncEcho, message, deadline: .seconds(5))
            }
            for world in cluster.worlds.values { #expect(world.log.started >= 15) }
        }
    }

    @Test func `an idempotent call goes on at another peer under the same request id`() async throws
    {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a", "b"])
            let client = cluster.client(["a", "b"])
            try await eventually(on: loop) { cluster.notices.all.count == 2 }
            let id = RequestID.random()
            async let answer = client.call(
                EchoContract.later, .gated, deadline: .seconds(5),
                requestID: id)
            let worlds = cluster.worlds
            try await eventually(on: loop) { worlds.values.contains { $0.log.started == 1 } }
            for (peer, world) in worlds where world.log.started == 1 { cluster.kill(peer) }
            for world in worlds.values { world.log.isGateOpen = true }
            #expect(try await answer == .gated)
            #expect(worlds.values.allSatisfy { $0.log.calls.map(\.requestID) == [id] })
        }
    }

    @Test func `F-25 a call that must not be repeated fails when its connection is lost`()
        async throws
    {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a", "b"])
            let client = cluster.client(["a", "b"])
            try await eventually(on: loop) { cluster.notices.all.count == 2 }
            async let refusal = fault { () async throws(Fault) in
                try await client.call(
                    EchoContract.once, .gated, deadline: .seconds(5))
            }
            let worlds = cluster.worlds
            try await eventually(on: loop) { worlds.values.contains { $0.log.started == 1 } }
            for (peer, world) in worlds where world.log.started == 1 { cluster.kill(peer) }
            #expect(await refusal?.reason == .unavailable)
            #expect(worlds.values.map(\.log.started).reduce(0, +) == 1)
        }
    }

    @Test func `a peer that comes back is used again, after pauses that grow`() async throws {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a"])
            let client = cluster.client(["a"])
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            cluster.kill("a")
            try await eventually(on: loop) { !client.isHealthy }
            try await eventually(on: loop) { (cluster.attempts["a"]?.count ?? 0) >= 4 }
            cluster.worlds["a"] = EchoWorld(loop)
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            let times = try #require(cluster.attempts["a"])
            #expect(times[2] - times[1] >= .milliseconds(45))
            #expect(times[3] - times[2] >= .milliseconds(95))
            _ = try await client.call(EchoContract.echo, message, deadline: .seconds(5))
        }
    }

    @Test func `pauses start short, grow, and never pass the longest`() {
        let backoff = Backoff()
        for failures in 0...1000 {
            let pause = backoff.pause(after: failures)
            #expect(pause >= .milliseconds(25) && pause <= .seconds(1))
            if failures <= 1 { #expect(pause <= .milliseconds(50)) }
            if failures >= 6 { #expect(pause >= .milliseconds(500)) }
        }
    }

    @Test func `a drained server finishes its calls while new ones go to others`() async throws {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a", "b"])
            let client = cluster.client(["a", "b"])
            try await eventually(on: loop) { cluster.notices.all.count == 2 }
            async let first = client.call(
                EchoContract.later, .gated, deadline: .seconds(5))
            let worlds = cluster.worlds
            try await eventually(on: loop) { worlds.values.contains { $0.log.started == 1 } }
            let (peer, drained) = try #require(worlds.first { $0.value.log.started == 1 })
            cluster.worlds[peer] = nil
            async let draining: Void = drained.server.drain()
            try await eventually(on: loop) { (cluster.attempts[peer]?.count ?? 0) >= 2 }
            for _ in 0..<10 {
                _ = try await client.call(EchoContract.asyncEcho, message, deadline: .seconds(5))
            }
            #expect(drained.log.started == 1)
            drained.log.isGateOpen = true
            #expect(try await first == .gated)
            await draining
            #expect(drained.server.connectionCount == 0)
        }
    }

    @Test func `a peer that falls silent is found by a ping and left`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.pingAfter = .milliseconds(200)
            limits.pongTimeMax = .milliseconds(200)
            let (client, peer) = clientOfRawPeer(loop, limits)
            try await eventually(on: loop) { peer() != nil }
            let first = try #require(peer())
            first.sayHello()
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            try await eventually(on: loop) { first.frames.last?.kind == .ping }
            first.send(.pong)
            try await eventually(on: loop) { first.frames.filter { $0.kind == .ping }.count == 2 }
            try await eventually(on: loop) { first.end != nil }
            #expect(!client.isHealthy)
            try await eventually(on: loop) { peer() !== first }
        }
    }

    @Test func `a closed client finishes its calls and makes no new ones`() async throws {
        try await onLoop { loop in
            let cluster = Cluster(loop, up: ["a"])
            let client = cluster.client(["a"])
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            async let first = client.call(
                EchoContract.later, .gated, deadline: .seconds(5))
            try await eventually(on: loop) { cluster.worlds["a"]?.log.started == 1 }
            client.close()
            try await eventually(on: loop) { !client.isHealthy }
            let refusal = await fault { () async throws(Fault) in
                try await client.call(EchoContract.echo, message, deadline: .seconds(5))
            }
            #expect(refusal?.reason == .unavailable)
            cluster.worlds["a"]?.log.isGateOpen = true
            #expect(try await first == .gated)
            try await eventually(on: loop) { cluster.worlds["a"]?.server.connectionCount == 0 }
        }
    }

    @Test func `a server that says anything leaves the client standing`() async throws {
        try await onLoop { loop in
            for seed in 0..<300 {
                var random = SplitMix64(seed: UInt64(seed))
                let (client, peer) = clientOfRawPeer(loop)
                try await eventually(on: loop) { peer() != nil }
                let first = try #require(peer())
                first.sayHello()
                #expect(await client.waitUntilHealthy(within: .seconds(5)))
                async let outcome = fault { () async throws(Fault) in
                    try await client.call(EchoContract.echo, message, deadline: .milliseconds(200))
                }
                try await eventually(on: loop) { first.frames.last?.kind == .request }
                var bytes = frameBytes(
                    kind: [3, 4, 5, 6, 7, 8].randomElement(using: &random) ?? 3, call: 1,
                    payload: FaultMessage(Fault(.codeWrong)).encoded())
                let at = Int.random(in: bytes.indices, using: &random)
                bytes[at] = UInt8.random(in: .min ... .max, using: &random)
                first.send(bytes)
                first.stream.close()
                _ = await outcome
                client.close()
            }
        }
    }
}
