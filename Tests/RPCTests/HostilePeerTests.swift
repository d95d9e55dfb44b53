// Attacks on framing, each against a whole server.

import RPC
import Reactor
import Testing
import Wire

private let message = EchoMessage("hello")

struct HostilePeerTests {
    @Test(arguments: [
        (frameBytes(length: 0, kind: 2), "frame_too_short"),
        (frameBytes(length: 7, kind: 2), "frame_too_short"),
        (frameBytes(length: 256 * 1024 + 1, kind: 2), "frame_too_long"),
        (frameBytes(length: 1 << 31, kind: 2), "frame_too_long"),
        (frameBytes(length: .max, kind: 2), "frame_too_long"),
        (frameBytes(kind: 0, call: 1), "kind_unknown"),
        (frameBytes(kind: 9, call: 1), "kind_unknown"),
        (frameBytes(kind: 10, call: 1), "kind_unknown"),
        (frameBytes(kind: 255, call: 1), "kind_unknown"),
        (frameBytes(kind: 2, flags: 0x10, call: 1), "flag_unknown"),
        (frameBytes(kind: 2, flags: 0x80, call: 1), "flag_unknown"),
        (frameBytes(kind: 2, flags: 1, method: 0x0701, call: 1), "fields_cut"),
        (frameBytes(kind: 2, flags: 8, method: 0x0701, call: 1, payload: [9, 1]), "fields_cut"),
        (frameBytes(kind: 2, method: 0x0701), "number_misplaced"),
        (frameBytes(kind: 3, call: 1), "wrong_end"),
        (frameBytes(kind: 4, call: 1), "wrong_end"),
        (
            frameBytes(kind: 1, payload: Hello(frameBytesMax: 99, callsMax: 1).encoded()),
            "hello_repeated"
        ),
        (Array("GET / HTTP/1.1\r\n\r\n".utf8), "frame_too_long"),
    ])
    func
        `F-01, F-02, F-06, F-09, F-36 a wrong frame ends its connection with its word, no other`(
            _ bytes: [UInt8], _ word: String
        ) async throws
    {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            let other = world.connect()
            try await peer.greet()
            try await other.greet()
            peer.send(bytes)
            try await peer.expectViolation(word)
            try await peer.until { world.server.connectionCount == 1 }
            #expect(world.notices.violations.map(\.rawValue) == [word])
            other.request(EchoContract.echo, call: 1, message)
            #expect(try await other.next().kind == .response)
        }
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0], "frame_too_short"), ([0, 0, 2, 0], "frame_too_long"),
            (frameBytes(kind: 6), "hello_expected"),
            (frameBytes(kind: 2, method: 0x0701, call: 1), "hello_expected"),
            (frameBytes(kind: 1), "hello_malformed"),
            (frameBytes(kind: 1, payload: [0xff]), "hello_malformed"),
            (Array("GET / HTTP/1.1\r\n\r\n".utf8), "frame_too_long"),
        ] as [([UInt8], String)])
    func `F-01, F-06 a wrong start ends the connection`(_ bytes: [UInt8], _ word: String)
        async throws
    {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect()
            peer.send(bytes)
            try await peer.expectViolation(word)
        }
    }

    @Test func `F-06 a version that is not spoken here is told so`() async throws {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect()
            var payload = Hello(frameBytesMax: 1000, callsMax: 1).encoded()
            // Field 3, the highest version, moves below ours; field 2 above it.
            let versions = payload.indices.filter { payload[$0] == 0x10 || payload[$0] == 0x18 }
            for at in versions { payload[at + 1] = 9 }
            peer.send(.hello, payload: payload)
            try await peer.expectViolation("version_unsupported")
        }
    }

    @Test func `F-03, F-24 a frame cut at any byte and then the end frees the connection`()
        async throws
    {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let fields = RequestFields(deadlineMilliseconds: 1000, bearer: Bytes(utf8: "token"))
            var output = OutputBuffer()
            output.appendRequest(0x0702, call: 1, fields, payload: message.encoded())
            for cut in 0..<output.count {
                let (mine, theirs) = PipeStream.pair(on: loop, identities: (nil, gatewayIdentity))
                world.server.accept(theirs)
                let peer = RawPeer(mine)
                try await peer.greet()
                peer.send(Array(output.bytes[..<cut]))
                mine.finishWriting()
                try await peer.until { peer.isInputEnded }
                #expect(peer.frames.count == 1)
            }
            #expect(world.server.connectionCount == 0)
            #expect(world.log.started == 0)
        }
    }

    @Test func `F-04 a frame cut at any byte and then silence is closed in time, others go on`()
        async throws
    {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.frameTimeMax = .milliseconds(300)
            let world = EchoWorld(loop, limits)
            let good = world.connect()
            try await good.greet()
            var output = OutputBuffer()
            output.appendRequest(
                0x0702, call: 1, RequestFields(bearer: Bytes(utf8: "token")),
                payload: message.encoded())
            var silent: [RawPeer] = []
            for cut in 1..<output.count {
                let peer = world.connect()
                try await peer.greet()
                peer.send(Array(output.bytes[..<cut]))
                silent.append(peer)
            }
            var call: UInt32 = 0
            while silent.contains(where: { $0.end == nil && !$0.isInputEnded }) {
                call += 1
                try #require(call < 2000)
                good.request(EchoContract.echo, call: call, message)
                #expect(try await good.next().kind == .response)
                await loop.sleep(for: .milliseconds(5))
            }
            for peer in silent { try await peer.expectViolation("frame_slow") }
            #expect(world.server.connectionCount == 1 && world.log.started == 0)
        }
    }

    @Test func `F-05 a frame that dribbles is closed at its deadline, others go on`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.frameTimeMax = .seconds(1)
            let world = EchoWorld(loop, limits)
            let good = world.connect()
            try await good.greet()
            var slow: [RawPeer] = []
            for _ in 0..<500 {
                let peer = world.connect()
                try await peer.greet()
                slow.append(peer)
            }
            let bytes = frameBytes(
                kind: 2, method: 0x0701, call: 1, payload: [UInt8](repeating: 0, count: 500))
            var at = 0
            while slow.contains(where: { $0.frames.count == 1 }) {
                for peer in slow { peer.send([bytes[at]]) }
                at += 1
                good.request(EchoContract.echo, call: UInt32(at), message)
                #expect(try await good.next().kind == .response)
                await loop.sleep(for: .milliseconds(5))
                try #require(at < 500)
            }
            for peer in slow { try await peer.expectViolation("frame_slow") }
            #expect(at >= 3)
        }
    }

    @Test func `silence before the hello is closed`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.helloTimeMax = .milliseconds(20)
            let peer = EchoWorld(loop, limits).connect()
            try await peer.expectViolation("hello_late")
        }
    }

    @Test func `an idle connection is closed, one that pings is not`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.idleTimeMax = .milliseconds(300)
            let world = EchoWorld(loop, limits)
            let idle = world.connect()
            let lively = world.connect()
            try await idle.greet()
            try await lively.greet()
            while idle.end == nil, !idle.isInputEnded {
                lively.send(.ping)
                await loop.sleep(for: .milliseconds(5))
            }
            try await idle.expectViolation("idle")
            #expect(!lively.isInputEnded)
        }
    }

    @Test func `F-10 the number of an open call again ends the connection`() async throws {
        try await onLoop { loop in
            for second in [EchoContract.later, EchoContract.echo] {
                let world = EchoWorld(loop)
                let peer = world.connect()
                try await peer.greet()
                peer.request(EchoContract.later, call: 5, .gated)
                peer.request(second, call: 5, message)
                try await peer.expectViolation("call_repeated")
                try await peer.until { world.log.cancelled == 1 }
            }
        }
    }

    @Test func `F-22 ten thousand requests at once are all answered, with bounded work`()
        async throws
    {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.callsMax = 64
            let world = EchoWorld(loop, limits)
            let peer = world.connect(capacity: 100_000)
            try await peer.greet()
            for call in 1...10_000 as ClosedRange<UInt32> {
                peer.request(EchoContract.later, call: call, EchoMessage("x", milliseconds: 1))
            }
            for call in 10_001...20_000 as ClosedRange<UInt32> {
                peer.request(EchoContract.echo, call: call, message)
            }
            // Also where the machine has much else to do.
            try await eventually(on: loop, within: .seconds(60)) { peer.frames.count == 20_001 }
            #expect(peer.frames.allSatisfy { $0.kind != .fault })
            #expect(Set(peer.frames.map(\.call)).count == 20_001)
            #expect(world.log.runningMost == 64)
        }
    }

    @Test func `asking and cancelling in turn starts no more work than asking`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.callsMax = 8
            let world = EchoWorld(loop, limits)
            let peer = world.connect()
            try await peer.greet()
            for call in 1...1000 as ClosedRange<UInt32> {
                peer.request(EchoContract.later, call: call, EchoMessage("x", milliseconds: 5))
                peer.send(.cancel, call: call)
            }
            peer.send(.ping)
            try await peer.until { peer.frames.last?.kind == .pong }
            #expect(world.log.runningMost <= 8)
            #expect(peer.frames.allSatisfy { $0.kind != .response })
        }
    }

    @Test func `F-23 a peer that does not read is held, then given up`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.writeTimeMax = .milliseconds(50)
            limits.queuedBytesMax = 100_000
            let world = EchoWorld(loop, limits)
            let peer = world.connect(capacity: 1000)
            try await peer.greet()
            peer.stream.pauseReading()
            for call in 1...200 as ClosedRange<UInt32> {
                peer.request(EchoContract.big, call: call, message)
            }
            try await peer.until { world.server.connectionCount == 0 }
            #expect(world.notices.violations == [.answersUnread])
        }
    }

    @Test func `a peer that reads late gets every answer`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.queuedBytesMax = 100_000
            let world = EchoWorld(loop, limits)
            let peer = world.connect(capacity: 100_000)
            try await peer.greet()
            peer.stream.pauseReading()
            for call in 1...50 as ClosedRange<UInt32> {
                peer.request(EchoContract.big, call: call, message)
            }
            await loop.sleep(for: .milliseconds(20))
            peer.stream.resumeReading()
            for call in 1...50 as ClosedRange<UInt32> {
                #expect(try await peer.next().call == call)
            }
        }
    }

    @Test func `F-24 after a half-close the calls before it are answered, then all ends`()
        async throws
    {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let (mine, theirs) = PipeStream.pair(on: loop, identities: (nil, gatewayIdentity))
            world.server.accept(theirs)
            let peer = RawPeer(mine)
            try await peer.greet()
            peer.request(EchoContract.echo, call: 1, message)
            peer.request(EchoContract.later, call: 2, .gated)
            mine.finishWriting()
            #expect(try await peer.next().call == 1)
            world.log.isGateOpen = true
            #expect(try await peer.next().call == 2)
            try await peer.until { peer.isInputEnded && world.server.connectionCount == 0 }
        }
    }

    @Test func `many requests and a half-close at the limit of calls are all answered`()
        async throws
    {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.callsMax = 4
            let world = EchoWorld(loop, limits)
            let (mine, theirs) = PipeStream.pair(on: loop, identities: (nil, gatewayIdentity))
            world.server.accept(theirs)
            let peer = RawPeer(mine)
            try await peer.greet()
            for call in 1...40 as ClosedRange<UInt32> {
                peer.request(EchoContract.later, call: call, EchoMessage("x", milliseconds: 1))
            }
            mine.finishWriting()
            try await peer.until { peer.isInputEnded && world.server.connectionCount == 0 }
            #expect(peer.frames.count == 41)
        }
    }

    @Test func `any bytes, cut anyhow, end in answers or a goaway and never in a trap`()
        async throws
    {
        try await onLoop { loop in
            for seed in 0..<1000 {
                var random = SplitMix64(seed: UInt64(seed))
                let pieces = (0..<3).map { _ in Int.random(in: 1...40, using: &random) }
                let world = EchoWorld(loop)
                let (mine, theirs) = PipeStream.pair(
                    on: loop, pieces: pieces, identities: (nil, gatewayIdentity))
                world.server.accept(theirs)
                let peer = RawPeer(mine)
                if seed % 4 != 0 { peer.sayHello() }
                peer.send(mutatedFrames(&random))
                mine.finishWriting()
                try await peer.until { peer.isInputEnded && world.server.connectionCount == 0 }
                let isRefused = peer.frames.last?.kind == .goaway
                #expect(isRefused == !world.notices.violations.isEmpty, "seed \(seed)")
            }
        }
    }

    /// Lawful frames with a few bytes changed.
    private func mutatedFrames(_ random: inout SplitMix64) -> [UInt8] {
        var output = OutputBuffer()
        for call in 1...6 as ClosedRange<UInt32> {
            let fields = RequestFields(
                deadlineMilliseconds: Bool.random(using: &random) ? 1000 : nil,
                requestID: Bool.random(using: &random) ? .random() : nil,
                bearer: Bool.random(using: &random) ? Bytes(utf8: "token") : nil)
            let method = [0x0701, 0x0702, 0x0703, 0x0704].randomElement(using: &random) ?? 0
            output.appendRequest(UInt16(method), call: call, fields, payload: message.encoded())
        }
        var bytes = output.bytes
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let at = Int.random(in: bytes.indices, using: &random)
            bytes[at] = UInt8.random(in: .min ... .max, using: &random)
        }
        return bytes
    }
}
