// Both ends for tests: a peer that writes frames by hand, and a server or client on a loop.

import RPC
import Reactor
import Testing
import Wire

/// The other end of a stream, which says anything it likes. Unchecked: touched on its loop only.
final class RawPeer: ByteStreamReceiver, @unchecked Sendable {
    struct Received: Equatable {
        let kind: Frame.Kind
        let call: UInt32
        let payload: [UInt8]
    }

    let stream: any ByteStream
    private(set) var frames: [Received] = []
    private(set) var end: StreamEnd?
    private(set) var isInputEnded = false
    private var taken = 0

    init(_ stream: any ByteStream) {
        self.stream = stream
        stream.start(self)
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        var consumed = 0
        while case .frame(let head) = FrameHead.scan(
            UnsafeRawBufferPointer(rebasing: bytes[consumed...]), lengthMax: 1 << 21)
        {
            let body = bytes[(consumed + Frame.headBytes)..<(consumed + head.frameBytes)]
            frames.append(Received(kind: head.kind, call: head.call, payload: Array(body)))
            consumed += head.frameBytes
        }
        return consumed
    }

    func inputEnded() -> Bool {
        isInputEnded = true
        return true
    }

    func ended(_ end: StreamEnd) { self.end = end }

    func send(_ bytes: [UInt8]) { stream.write { $0.append(bytes) } }

    func send(_ kind: Frame.Kind, call: UInt32 = 0, payload: [UInt8] = []) {
        stream.write { $0.appendFrame(kind, call: call, payload: payload) }
    }

    func request<Q, R>(
        _ method: Method<Q, R>, call: UInt32, _ message: Q, _ fields: RequestFields = .init()
    ) {
        stream.write {
            $0.appendRequest(method.number, call: call, fields, payload: message.encoded())
        }
    }

    func sayHello(frameBytesMax: UInt32 = 1 << 20, callsMax: UInt32 = 1024) {
        send(.hello, payload: Hello(frameBytesMax: frameBytesMax, callsMax: callsMax).encoded())
    }

    /// Says hello and takes the answer.
    func greet() async throws {
        sayHello()
        #expect(try await next().kind == .hello)
    }

    /// The next frame not yet taken.
    func next() async throws -> Received {
        try await until { self.frames.count > self.taken }
        taken += 1
        return frames[taken - 1]
    }

    /// The connection ends with this word in a goaway, after whatever else came.
    func expectViolation(
        _ word: String, at location: SourceLocation = #_sourceLocation
    ) async throws {
        try await until { self.end != nil || self.isInputEnded }
        let last = try #require(frames.last, sourceLocation: location)
        #expect(last.kind == .goaway, sourceLocation: location)
        #expect(try GoAway(decoding: last.payload).reason == word, sourceLocation: location)
    }

    func until(_ condition: () -> Bool) async throws {
        try await eventually(on: stream.loop, condition)
    }
}

struct TookTooLong: Error {}

/// Waits, turn by turn, until something holds.
func eventually(
    on loop: EventLoop, within limit: Duration = .seconds(10), _ condition: () -> Bool
) async throws {
    let end = ContinuousClock.now.advanced(by: limit)
    while !condition() {
        guard ContinuousClock.now < end else { throw TookTooLong() }
        await loop.sleep(for: .milliseconds(1))
    }
}

/// Runs a test's body on a loop of its own.
func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop(name: "test")
    loop.start()
    defer {
        loop.stop()
        loop.join()
    }
    try await loop.run { try await body(loop) }
}

/// What server and client told the log. Unchecked: touched on one loop only.
final class Notices: @unchecked Sendable {
    var all: [RPCNotice] = []

    var violations: [Violation] {
        all.compactMap { if case .violation(let violation, _) = $0 { violation } else { nil } }
    }
}

/// The calls that a server has told of. Unchecked: touched on one loop only.
final class EndedCalls: CallObserver, @unchecked Sendable {
    struct Ended {
        let method: UInt16
        let end: CallEnd
        let time: Duration
        let trace: Trace?
    }

    var all: [Ended] = []

    func ended(_ method: UInt16, _ end: CallEnd, time: Duration, trace: Trace?) {
        all.append(Ended(method: method, end: end, time: time, trace: trace))
    }
}

/// A server of the echo contract. Unchecked: touched on its loop only.
final class EchoWorld: @unchecked Sendable {
    let loop: EventLoop
    let log = EchoLog()
    let notices = Notices()
    let calls = EndedCalls()
    let server: RPCServer<EchoDispatcher>

    init(_ loop: EventLoop, _ limits: RPCLimits = RPCLimits()) {
        self.loop = loop
        let callers = CallerDirectory(
            trustDomain: trustDomain,
            registered: [
                RegisteredCaller(
                    identity: "spiffe://2fa.test/shop", methods: [EchoContract.registered.number])
            ])
        server = RPCServer(
            loop: loop, dispatcher: EchoDispatcher(loop: loop, log: log),
            methods: EchoContract.methods, callers: callers, limits: limits,
            notice: { [notices] in notices.all.append($0) }, observer: calls)
    }

    /// A connection to the server, its other end by hand.
    func connect(
        as identity: String? = gatewayIdentity, pieces: [Int] = [], capacity: Int = 1 << 20
    ) -> RawPeer {
        let (mine, theirs) = PipeStream.pair(
            on: loop, pieces: pieces, capacity: capacity, identities: (nil, identity))
        server.accept(theirs)
        return RawPeer(mine)
    }
}
