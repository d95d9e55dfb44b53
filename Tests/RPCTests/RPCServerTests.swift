import RPC
import Reactor
import Testing
import Wire

private let message = EchoMessage("hello")

struct RPCServerTests {
    @Test(arguments: [[], [1], [3, 1, 7], [64]])
    func `calls are answered however the bytes are cut`(_ pieces: [Int]) async throws {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect(pieces: pieces)
            try await peer.greet()
            peer.request(EchoContract.echo, call: 1, message)
            peer.request(EchoContract.asyncEcho, call: 2, message)
            peer.request(EchoContract.later, call: 3, EchoMessage("x", milliseconds: 2))
            for call in 1...3 as ClosedRange<UInt32> {
                let answer = try await peer.next()
                #expect(answer.kind == .response && answer.call == call)
                #expect(
                    try EchoMessage(decoding: answer.payload).text == (call == 3 ? "x" : "hello"))
            }
        }
    }

    @Test func `a slow call does not hold up the next`() async throws {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect()
            try await peer.greet()
            peer.request(EchoContract.later, call: 1, EchoMessage("slow", milliseconds: 30))
            peer.request(EchoContract.later, call: 2, EchoMessage("fast", milliseconds: 1))
            #expect(try await peer.next().call == 2)
            #expect(try await peer.next().call == 1)
        }
    }

    @Test func `F-07 an unknown method is refused and the connection lives`() async throws {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect()
            try await peer.greet()
            for (call, method) in [0x0000, 0x07ff, 0xffff, 0x0601].enumerated() {
                peer.send(frameBytes(kind: 2, method: UInt16(method), call: UInt32(call + 1)))
                let answer = try await peer.next()
                #expect(answer.kind == .fault)
                #expect(try FaultMessage(decoding: answer.payload).fault.reason == .methodUnknown)
            }
            peer.request(EchoContract.echo, call: 9, message)
            #expect(try await peer.next().kind == .response)
        }
    }

    @Test(
        arguments: [
            (nil, EchoContract.echo), ("spiffe://2fa.test/policy-service", EchoContract.echo),
            (gatewayIdentity, EchoContract.policyOnly), (gatewayIdentity, EchoContract.registered),
            ("spiffe://2fa.test/shop", EchoContract.echo),
            ("spiffe://2fa.test/other", EchoContract.registered),
            ("spiffe://other.test/auth-gateway", EchoContract.echo),
        ] as [(String?, Method<EchoMessage, EchoMessage>)])
    func `F-08 a method for another caller is refused, logged, and the connection lives`(
        _ identity: String?, _ method: Method<EchoMessage, EchoMessage>
    ) async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect(as: identity)
            try await peer.greet()
            for call in 1...2 as ClosedRange<UInt32> {
                peer.request(method, call: call, message)
                let answer = try await peer.next()
                #expect(
                    try FaultMessage(decoding: answer.payload).fault.reason == .callerNotAllowed)
            }
            #expect(world.notices.all.count == 2)
        }
    }

    @Test func `a registered caller may call what it is registered for`() async throws {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect(as: "spiffe://2fa.test/shop")
            try await peer.greet()
            peer.request(EchoContract.registered, call: 1, message)
            #expect(try await peer.next().kind == .response)
        }
    }

    @Test func `a refusal travels as its word and never with its detail`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            peer.request(EchoContract.refuse, call: 1, message)
            peer.request(EchoContract.refuse, call: 2, EchoMessage("x", milliseconds: 1))
            for _ in 0..<2 {
                let answer = try await peer.next()
                #expect(answer.kind == .fault)
                #expect(
                    answer.payload
                        == FaultMessage(Fault(.codeWrong, retryAfterSeconds: 7)).encoded())
            }
            // An inline handler's refusal takes back what it had written.
            peer.send(frameBytes(kind: 2, method: EchoContract.refuse.number, call: 3))
            let fault = try FaultMessage(decoding: try await peer.next().payload).fault
            #expect(fault.reason == .overloaded && fault.retryAfterSeconds == 3)
        }
    }

    @Test func `F-15, F-16, F-19, F-20 what does not decode is malformed and the connection lives`()
        async throws
    {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect()
            try await peer.greet()
            // Cut, trailing, twice the same field, not UTF-8, a length beyond the end.
            let wrong: [[UInt8]] = [
                [0x0a], [0x0a, 1], [0x0a, 1, 0x61, 0x0a, 1, 0x61], [0x0a, 1, 0xff],
                [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x07],
            ]
            for (index, payload) in wrong.enumerated() {
                peer.send(
                    frameBytes(
                        kind: 2, method: EchoContract.asyncEcho.number, call: UInt32(index + 1),
                        payload: payload))
                let answer = try await peer.next()
                #expect(answer.kind == .fault)
                #expect(try FaultMessage(decoding: answer.payload).fault.reason == .malformed)
            }
        }
    }

    @Test func `a handler is told caller, request id, trace and bearer`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            let fields = RequestFields(
                deadlineMilliseconds: 5000, requestID: .random(), trace: .random(),
                bearer: Bytes(utf8: "token"))
            peer.request(EchoContract.asyncEcho, call: 1, message, fields)
            _ = try await peer.next()
            let call = world.log.calls[0]
            #expect(call.caller == .service(identity: gatewayIdentity))
            #expect(call.requestID == fields.requestID && call.trace == fields.trace)
            #expect(call.bearer == fields.bearer)
            #expect(call.timeLeft(otherwise: .zero) > .seconds(3))
            #expect(call.timeLeft(otherwise: .zero) <= .seconds(5))
        }
    }

    @Test func `an answer longer than the peer takes becomes a fault`() async throws {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect()
            peer.sayHello(frameBytesMax: 100)
            _ = try await peer.next()
            let long = EchoMessage(String(repeating: "x", count: 100))
            for (call, method) in [EchoContract.echo, EchoContract.asyncEcho].enumerated() {
                peer.request(method, call: UInt32(call + 1), long)
                let answer = try await peer.next()
                #expect(try FaultMessage(decoding: answer.payload).fault.reason == .tooLarge)
            }
        }
    }

    @Test func `a ping is answered`() async throws {
        try await onLoop { loop in
            let peer = EchoWorld(loop).connect()
            try await peer.greet()
            peer.send(.ping)
            #expect(try await peer.next().kind == .pong)
        }
    }

    @Test func `unknown words of faults are internal to an older client`() throws {
        var message = FaultMessage(Fault(.codeWrong)).encoded()
        message[2] = UInt8(ascii: "z")
        #expect(try FaultMessage(decoding: message).fault.reason == .internal)
    }
}

struct DeadlineTests {
    @Test func `a call whose time is over is not begun`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            peer.request(
                EchoContract.later, call: 1, message, RequestFields(deadlineMilliseconds: 0))
            let answer = try await peer.next()
            #expect(try FaultMessage(decoding: answer.payload).fault.reason == .deadlineExceeded)
            #expect(world.log.started == 0)
        }
    }

    @Test func `a call that takes too long is refused and its task cancelled`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            peer.request(
                EchoContract.later, call: 1, .gated,
                RequestFields(deadlineMilliseconds: 20))
            let answer = try await peer.next()
            #expect(try FaultMessage(decoding: answer.payload).fault.reason == .deadlineExceeded)
            try await peer.until { world.log.cancelled == 1 }
            peer.send(.ping)
            #expect(try await peer.next().kind == .pong)
        }
    }

    @Test func `a call without a deadline gets the server's`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.callTimeMax = .milliseconds(20)
            let peer = EchoWorld(loop, limits).connect()
            try await peer.greet()
            for (call, deadline) in [nil, UInt32.max].enumerated() {
                peer.request(
                    EchoContract.later, call: UInt32(call + 1),
                    .gated,
                    RequestFields(deadlineMilliseconds: deadline))
                let answer = try await peer.next()
                #expect(
                    try FaultMessage(decoding: answer.payload).fault.reason == .deadlineExceeded)
            }
        }
    }

    @Test func `a cancelled call is not answered, and a cancel of nothing is ignored`() async throws
    {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            peer.request(EchoContract.later, call: 1, .gated)
            peer.send(.cancel, call: 1)
            peer.send(.cancel, call: 1)
            peer.send(.cancel, call: 77)
            try await peer.until { world.log.cancelled == 1 }
            peer.send(.ping)
            #expect(try await peer.next().kind == .pong)
        }
    }

    @Test func `the end of the connection cancels its calls`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            peer.request(EchoContract.later, call: 1, .gated)
            try await peer.until { world.log.started == 1 }
            peer.stream.abort()
            try await peer.until { world.log.cancelled == 1 && world.server.connectionCount == 0 }
        }
    }
}

struct DrainTests {
    @Test func `draining answers what is open, says goaway, and ends`() async throws {
        try await onLoop { loop in
            let world = EchoWorld(loop)
            let peer = world.connect()
            try await peer.greet()
            peer.request(EchoContract.later, call: 1, .gated)
            try await peer.until { world.log.started == 1 }
            async let drained: Void = world.server.drain()
            #expect(try await peer.next().payload == GoAway.draining.encoded())
            #expect(try await peer.next().kind == .ping)
            peer.request(EchoContract.echo, call: 2, message)
            peer.send(.pong)
            #expect(try await peer.next().call == 2)
            world.log.isGateOpen = true
            #expect(try await peer.next().call == 1)
            await drained
            #expect(world.server.connectionCount == 0)
            try await peer.until { peer.isInputEnded }
        }
    }

    @Test func `a client that ignores the goaway is cut off in time`() async throws {
        try await onLoop { loop in
            var limits = RPCLimits()
            limits.drainTimeMax = .milliseconds(30)
            let world = EchoWorld(loop, limits)
            let peer = world.connect()
            try await peer.greet()
            await world.server.drain()
            #expect(world.server.connectionCount == 0)
            let late = world.connect()
            try await late.until { late.end != nil }
        }
    }
}
