import Reactor
import Wire

/// A byte stream sealed by TLS, over another byte stream. Between services both ends have proved
/// who they are before there is one; to a browser only we have, and of a server in the world only
/// it has.
///
/// The end is part of what is protected: a peer that goes without saying so (close_notify, RFC 8446
/// §6.1) has been cut off by someone, and the stream ends as `.failed`.
///
/// Unchecked: touched on its loop's thread only, which every call of the lower stream checks.
package final class TLSStream: ByteStream, ByteStreamReceiver, TurnEnding, @unchecked Sendable {
    private enum Phase {
        case handshake
        case open
        /// The last bytes and close_notify are with the lower stream, or about to be.
        case closing
        case ended
    }

    package let loop: EventLoop
    package let remoteAddress: SocketAddress
    /// The URI of the certificate of a service; nil for a browser and for a server in the world.
    package private(set) var peerIdentity: String?
    /// How long that certificate was valid still when it was shown.
    package private(set) var peerLife: Duration?

    private let lower: any ByteStream
    private let engine: TLSEngine
    private var phase = Phase.handshake
    private var receiver: (any ByteStreamReceiver)?
    private var handshake: Handshake?

    /// Not sealed yet.
    private var outgoing = OutputBuffer()
    private var holdsBuffer = false
    private var isLent = false
    private var aside = OutputBuffer()
    private var isTurnEndDue = false

    /// Opened, and left unconsumed by the receiver.
    private var incoming = OutputBuffer()
    private var isPaused = true
    private var isInputEnded = false
    private var isRedeliveryDue = false

    /// Why it ended, where the lower stream cannot know.
    private var failure: String?
    private var endDue: StreamEnd?

    private init(
        _ lower: any ByteStream, _ engine: TLSEngine, _ handshake: Handshake
    ) {
        loop = lower.loop
        remoteAddress = lower.remoteAddress
        self.lower = lower
        self.engine = engine
        self.handshake = handshake
    }
}

// MARK: - Making one

extension TLSStream {
    package static let handshakeMax = Duration.seconds(10)

    /// The server's side. On the loop; `stream` must not have been started. Whoever gets an error
    /// has nothing to close.
    package static func accept(
        over stream: any ByteStream, context: TLSContext, timeout: Duration = handshakeMax
    ) async throws(TLSFault) -> TLSStream {
        precondition(context.role == .server || context.role == .web, "a context serves one side")
        return try await make(over: stream, context, context.role, expecting: nil, timeout)
    }

    /// The client's side, to a peer that has to be `identity`. On the loop.
    ///
    /// A server that refuses our certificate says so after our side of the handshake is done: the
    /// stream then ends as `.failed` before it has given a byte (RFC 8446 §4.4.2.4).
    package static func connect(
        over stream: any ByteStream, context: TLSContext, expecting identity: String,
        timeout: Duration = handshakeMax
    ) async throws(TLSFault) -> TLSStream {
        try await make(over: stream, context, .client, expecting: .service(identity), timeout)
    }

    /// The client's side, to a server in the world that has to prove that it is `host`, a name or
    /// an address in text. On the loop. Throws `.certificate` for one that is not believed and
    /// `.identity` for one that is somebody else.
    package static func connect(
        over stream: any ByteStream, context: TLSContext, host: String,
        timeout: Duration = handshakeMax
    ) async throws(TLSFault) -> TLSStream {
        try await make(over: stream, context, .outbound, expecting: .host(host), timeout)
    }

    private static func make(
        over lower: any ByteStream, _ context: TLSContext, _ role: TLSContext.Role,
        expecting peer: TLSEngine.Expectation?, _ timeout: Duration
    ) async throws(TLSFault) -> TLSStream {
        precondition(context.role == role, "a context serves one side")
        guard context.beginHandshake() else {
            lower.abort()
            throw .overloaded
        }
        defer { context.endHandshake() }
        let engine: TLSEngine
        do {
            engine = try TLSEngine(context.current, role, host: peer?.host)
        } catch {
            lower.abort()
            throw error
        }
        let handshake = Handshake(lower.loop)
        let stream = TLSStream(lower, engine, handshake)
        let fault = await withTaskCancellationHandler {
            await withUnsafeContinuation { handshake.start(stream, role, peer, timeout, $0) }
        } onCancel: {
            handshake.cancel()
        }
        if let fault { throw fault }
        return stream
    }

    fileprivate func begin(_ role: TLSContext.Role) {
        lower.start(self)
        guard role == .client || role == .outbound else { return }
        var progress = TLSEngine.Progress.needsInput
        lower.write { output in
            var none = UnsafeRawBufferPointer(start: nil, count: 0)
            progress = engine.shakeHands(&none, &output)
        }
        if case .failed(let reason) = progress { refuse(.handshake(reason)) }
    }

    private func shakeHands(
        _ input: inout UnsafeRawBufferPointer, _ output: inout OutputBuffer
    ) {
        switch engine.shakeHands(&input, &output) {
        case .needsInput:
            break
        case .done:
            finishHandshake()
        case .inputEnded:
            refuse(.handshake("the peer ended the connection within the handshake"))
        case .failed(let reason):
            refuse(engine.fault(reason, expecting: handshake?.expected?.host))
        }
    }

    private func finishHandshake() {
        let found = engine.peer?.text
        if case .service(let expected) = handshake?.expected,
            !expected.utf8.elementsEqual((found ?? "").utf8)
        {
            return refuse(.identity(expected: expected, found: found ?? ""))
        }
        peerIdentity = found
        peerLife = engine.peerLife
        phase = .open
        // What follows waits for a receiver.
        lower.pauseReading()
        handshake?.finish(nil)
        handshake = nil
    }

    /// Gives the handshake up; what OpenSSL had to say to the peer still goes out.
    fileprivate func refuse(_ fault: TLSFault) {
        guard phase == .handshake else { return }
        phase = .closing
        failure = "\(fault)"
        lower.close()
        handshake?.finish(fault)
        handshake = nil
    }
}

// MARK: - What the owner calls

extension TLSStream {
    package func start(_ receiver: any ByteStreamReceiver) {
        precondition(self.receiver == nil && phase != .handshake, "a stream is started once")
        self.receiver = receiver
        if endDue != nil { askForTurnEnd() }
        resumeReading()
    }

    package func write(_ body: (inout OutputBuffer) -> Void) {
        guard phase == .open else { return }
        if isLent {
            body(&aside)
        } else {
            takeBuffer()
            body(&outgoing)
            askForTurnEnd()
        }
    }

    package var unsentBytes: Int { outgoing.count + aside.count + lower.unsentBytes }

    package func pauseReading() {
        isPaused = true
        if phase == .open { lower.pauseReading() }
    }

    package func resumeReading() {
        isPaused = false
        guard phase == .open else { return }
        lower.resumeReading()
        guard !incoming.isEmpty || isLent || engine.hasOpened, !isRedeliveryDue else { return }
        isRedeliveryDue = true
        loop.soon { self.redeliver() }
    }

    package func close() {
        guard phase == .open else { return }
        phase = .closing
        askForTurnEnd()
    }

    package func abort() {
        guard phase == .open || phase == .closing else { return }
        fail("cut off here")
    }

    private func fail(_ reason: String) {
        if failure == nil { failure = reason }
        phase = .ended
        lower.abort()
    }
}

// MARK: - What the lower stream calls

extension TLSStream {
    package func received(
        _ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer
    ) -> Int {
        var input = bytes
        if phase == .handshake { shakeHands(&input, &output) }
        openAll(&input, &output)
        switch phase {
        // Nothing is read any more; it would only be kept.
        case .closing, .ended: return bytes.count
        case .handshake, .open: return bytes.count - input.count
        }
    }

    package func inputEnded() -> Bool {
        switch phase {
        case .handshake: refuse(.handshake("the peer closed the connection within the handshake"))
        case .open where !isInputEnded: fail("the connection was cut: no close_notify came")
        case .open, .closing, .ended: break
        }
        return true
    }

    package func drained() { receiver?.drained() }

    package func ended(_ end: StreamEnd) {
        if phase == .handshake {
            let text = if case .failed(let reason) = end { reason } else { "the connection ended" }
            handshake?.finish(.handshake(text))
            handshake = nil
        }
        phase = .ended
        giveBufferBack()
        endDue = failure.map { .failed($0) } ?? end
        tellEnd()
    }

    package func turnEnded() {
        isTurnEndDue = false
        if phase == .open || phase == .closing, !outgoing.isEmpty { sealOutgoing() }
        if phase == .closing, failure == nil {
            lower.write { engine.sealEnd(&$0) }
            lower.close()
        }
        tellEnd()
    }

    /// A stream that ended before it was started says so when it is.
    private func tellEnd() {
        guard let end = endDue, let receiver else { return }
        endDue = nil
        self.receiver = nil
        receiver.ended(end)
    }
}

// MARK: - Opening and sealing

extension TLSStream {
    /// As in `SocketStream`: a small remainder moves to the front of the loop's memory.
    private static let copiedMax = 16 * 1024
    private static let openedMin = 32 * 1024

    private func openAll(_ input: inout UnsafeRawBufferPointer, _ output: inout OutputBuffer) {
        var isMore = true
        while isMore, phase == .open, !isPaused, !isInputEnded, receiver != nil {
            isMore =
                incoming.count <= Self.copiedMax
                ? openIntoLoopMemory(&input, &output) : openBehindKept(&input, &output)
        }
        // After the peer's close_notify there is nothing to be read (RFC 8446 §6.1).
        if isInputEnded { input = UnsafeRawBufferPointer(rebasing: input[input.count...]) }
    }

    private func openIntoLoopMemory(
        _ input: inout UnsafeRawBufferPointer, _ output: inout OutputBuffer
    ) -> Bool {
        let memory = loop.scratch
        let kept = incoming.count
        incoming.withBytes { memory.copyMemory(from: $0) }
        let room = UnsafeMutableRawBufferPointer(rebasing: memory[kept...])
        let (count, progress) = engine.open(&input, into: room, &output)
        if count > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: memory[..<(kept + count)])
            let consumed = deliver(bytes, &output)
            incoming.removeAll()
            if consumed < bytes.count, phase == .open {
                incoming.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
            } else {
                incoming.releaseMemoryIfEmpty()
            }
        }
        return proceed(progress)
    }

    private func openBehindKept(
        _ input: inout UnsafeRawBufferPointer, _ output: inout OutputBuffer
    ) -> Bool {
        guard incoming.count <= StreamLimits.unconsumedMax else {
            fail("more than \(StreamLimits.unconsumedMax) bytes left unconsumed")
            return false
        }
        var progress = TLSEngine.Progress.done
        var count = 0
        incoming.append(atMost: Self.openedMin) { room in
            (count, progress) = engine.open(&input, into: room, &output)
            return count
        }
        if count > 0 { deliverKept(&output) }
        return proceed(progress)
    }

    private func proceed(_ progress: TLSEngine.Progress) -> Bool {
        switch progress {
        case .done: return true
        case .needsInput: return false
        case .inputEnded:
            guard phase == .open else { return false }
            isInputEnded = true
            if receiver?.inputEnded() == false { close() }
            return false
        case .failed(let reason):
            guard phase == .open else { return false }
            // The alert that OpenSSL wrote goes out before the end.
            failure = reason
            phase = .closing
            lower.close()
            return false
        }
    }

    private func deliverKept(_ output: inout OutputBuffer) {
        var held = OutputBuffer()
        swap(&held, &incoming)
        held.removeFirst(held.withBytes { deliver($0, &output) })
        held.releaseMemoryIfEmpty()
        guard phase == .open else { return }
        swap(&held, &incoming)
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        guard let receiver else { return 0 }
        takeBuffer()
        var lent = OutputBuffer()
        swap(&lent, &outgoing)
        isLent = true
        let consumed = receiver.received(bytes, &lent)
        precondition(consumed >= 0 && consumed <= bytes.count, "consumed what was not there")
        isLent = false
        swap(&lent, &outgoing)
        if !aside.isEmpty {
            aside.withBytes { outgoing.append($0) }
            aside.removeAll()
            aside.releaseMemoryIfEmpty()
        }
        if phase == .open || phase == .closing { seal(into: &output) }
        giveBufferBack()
        return consumed
    }

    private func redeliver() {
        isRedeliveryDue = false
        guard phase == .open, !isPaused, receiver != nil else { return }
        // The receiver must not be called while the lower stream's buffer is in use.
        var output = OutputBuffer()
        if !incoming.isEmpty { deliverKept(&output) }
        var none = UnsafeRawBufferPointer(start: nil, count: 0)
        if engine.hasOpened { openAll(&none, &output) }
        if !output.isEmpty { lower.write { lower in output.withBytes { lower.append($0) } } }
    }

    private func sealOutgoing() {
        lower.write { seal(into: &$0) }
        giveBufferBack()
    }

    private func seal(into output: inout OutputBuffer) {
        guard !outgoing.isEmpty else { return }
        let progress = outgoing.withBytes { engine.seal($0, &output) }
        outgoing.removeAll()
        if case .failed(let reason) = progress {
            failure = reason
            phase = .closing
            loop.soon { self.lower.abort() }
        }
    }

    private func takeBuffer() {
        guard !holdsBuffer else { return }
        holdsBuffer = true
        outgoing = loop.takeBuffer()
    }

    private func giveBufferBack() {
        guard holdsBuffer, outgoing.isEmpty || phase == .ended else { return }
        holdsBuffer = false
        var mine = OutputBuffer()
        swap(&mine, &outgoing)
        loop.giveBack(mine)
    }

    private func askForTurnEnd() {
        guard !isTurnEndDue else { return }
        isTurnEndDue = true
        loop.atEndOfTurn(self)
    }
}

/// A handshake somebody waits for. Unchecked: touched on the loop's thread; `cancel` goes there
/// first.
private final class Handshake: @unchecked Sendable {
    private let loop: EventLoop
    private(set) var expected: TLSEngine.Expectation?
    private weak var stream: TLSStream?
    private var timer: Timer?
    private var continuation: UnsafeContinuation<TLSFault?, Never>?
    private var isCancelled = false

    init(_ loop: EventLoop) { self.loop = loop }

    func start(
        _ stream: TLSStream, _ role: TLSContext.Role, _ expected: TLSEngine.Expectation?,
        _ timeout: Duration, _ continuation: UnsafeContinuation<TLSFault?, Never>
    ) {
        self.continuation = continuation
        self.stream = stream
        self.expected = expected
        timer = loop.schedule(after: timeout) { [weak stream] in stream?.refuse(.timeout) }
        stream.begin(role)
        if isCancelled { stream.refuse(.cancelled) }
    }

    func cancel() {
        guard loop.isCurrent else { return loop.perform { self.cancel() } }
        isCancelled = true
        stream?.refuse(.cancelled)
    }

    func finish(_ fault: TLSFault?) {
        timer?.cancel()
        timer = nil
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: fault)
    }
}
