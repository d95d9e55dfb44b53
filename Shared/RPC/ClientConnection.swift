import Reactor
import Wire

/// What came of one call on one connection.
enum CallOutcome: Sendable {
    case answer([UInt8])
    case fault(Fault)
    /// The connection ended before the answer: whether the call had its effect is unknown.
    case lost
    /// It was never sent, because the connection takes no more calls.
    case notSent
}

/// One connection to one peer, from its hello to its end. It does what `ConnectionState` says.
///
/// Unchecked: every member is touched on `loop` only; what comes from elsewhere is sent there
/// first.
final class ClientConnection: ByteStreamReceiver, @unchecked Sendable {
    private struct Waiting {
        let continuation: UnsafeContinuation<CallOutcome, Never>
        /// On the connection's clock.
        let deadline: Duration
    }

    let loop: EventLoop
    private let stream: any ByteStream
    private let limits: RPCLimits
    private var state: ConnectionState
    private var waiting: [UInt32: Waiting] = [:]
    private let alarm: Alarm
    private var violation: Violation?
    /// The peer's hello has come: it may be given calls.
    private var onHealthy: (() -> Void)?
    /// No new calls: the connection should be replaced, and why. Told once, at its end at last.
    private var onRetire: ((String) -> Void)?
    private var onEnd: (() -> Void)?

    init(_ stream: any ByteStream, _ limits: RPCLimits, lastIssued: UInt32 = 0) {
        self.stream = stream
        self.limits = limits
        loop = stream.loop
        state = ConnectionState(.client, limits, lastIssued: lastIssued)
        alarm = Alarm(loop)
    }

    func start(
        onHealthy: @escaping () -> Void, onRetire: @escaping (String) -> Void,
        onEnd: @escaping () -> Void
    ) {
        self.onHealthy = onHealthy
        self.onRetire = onRetire
        self.onEnd = onEnd
        alarm.onRing { [unowned self] in tick() }
        let effect = state.on(.opened)
        stream.start(self)
        perform(effect)
        setAlarm()
    }

    /// Calls waited for now.
    var load: Int { state.open.count }

    /// Whether it takes another call.
    var isAvailable: Bool { state.takesCalls }

    /// Ends it once its calls are answered.
    func drain() {
        perform(state.on(.drain(alarm.age)))
        setAlarm()
    }

    func abort() { stream.abort() }

    /// Sends one request and waits for its end. Cancelling the task cancels the call.
    func exchange(
        _ method: UInt16, _ fields: RequestFields, _ payload: [UInt8],
        deadline: ContinuousClock.Instant
    ) async -> CallOutcome {
        let length = Frame.lengthMin + fields.byteCount + payload.count
        if state.phase == .open, length > state.peerLengthMax { return .fault(Fault(.tooLarge)) }
        if stream.unsentBytes > limits.queuedBytesMax { return .fault(Fault(.overloaded)) }
        guard let number = state.issue() else { return .notSent }
        stream.write { output in
            output.appendRequest(method, call: number, fields, payload: payload)
        }
        if state.isSpent { retire("numbers used up") }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let end = alarm.age(of: deadline)
                waiting[number] = Waiting(continuation: continuation, deadline: end)
                alarm.wake(at: end)
            }
        } onCancel: {
            // Perhaps on another thread, perhaps before the call waits.
            loop.perform { self.giveUp(number, .canceled) }
        }
    }

    /// Stops waiting for a call and tells the peer.
    private func giveUp(_ number: UInt32, _ reason: Reason) {
        guard let call = waiting.removeValue(forKey: number) else { return }
        if state.phase != .closed {
            stream.write { $0.appendFrame(.cancel, call: number) }
        }
        perform(state.on(.ended(call: number)))
        call.continuation.resume(returning: .fault(Fault(reason)))
    }

    // MARK: Bytes in

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        guard state.phase != .closed else { return bytes.count }
        var consumed = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            switch FrameHead.scan(rest, lengthMax: state.lengthMax) {
            case .incomplete:
                let isPartial = consumed < bytes.count
                _ = state.on(.heard(alarm.age, whole: consumed > 0, partial: isPartial))
                if isPartial, let at = state.wakeAt { alarm.wake(at: at) }
                return consumed
            case .violation(let violation):
                fail(violation, &output)
                return bytes.count
            case .frame(let frame):
                let body = UnsafeRawBufferPointer(
                    rebasing: rest[Frame.headBytes..<frame.frameBytes])
                take(frame, body, &output)
                if state.phase == .closed { return bytes.count }
                consumed += frame.frameBytes
            }
        }
    }

    private func take(
        _ frame: FrameHead, _ body: UnsafeRawBufferPointer, _ output: inout OutputBuffer
    ) {
        switch state.on(.frame(frame)) {
        case .deliver: deliver(frame, body, &output)
        case .readHello: greet(body, &output)
        case .sendPong: output.appendFrame(.pong)
        case .stopIssuing:
            retire("goaway")
            perform(state.finishIfDone())
        case .finish: close()
        case .fail(let violation): fail(violation, &output)
        case .nothing, .sendHello, .answer, .hold, .cancel, .sendPing, .sendGoAwayAndPing, .cut:
            break
        }
    }

    private func greet(_ body: UnsafeRawBufferPointer, _ output: inout OutputBuffer) {
        if case .fail(let violation) = state.on(Hello.event(body)) {
            return fail(violation, &output)
        }
        let tell = onHealthy
        onHealthy = nil
        tell?()
        if let at = state.wakeAt { alarm.wake(at: at) }
    }

    private func deliver(
        _ frame: FrameHead, _ body: UnsafeRawBufferPointer, _ output: inout OutputBuffer
    ) {
        let outcome: CallOutcome
        if frame.kind == .response {
            outcome = .answer([UInt8](body))
        } else {
            do throws(WireFault) {
                outcome = .fault(try FaultMessage(decoding: body).fault)
            } catch {
                waiting.removeValue(forKey: frame.call)?.continuation.resume(returning: .lost)
                return fail(.controlMalformed, &output)
            }
        }
        waiting.removeValue(forKey: frame.call)?.continuation.resume(returning: outcome)
        perform(state.finishIfDone())
    }

    // MARK: Time and end

    private func tick() {
        let now = alarm.age
        let expired = waiting.filter { $0.value.deadline <= now }.keys
        for number in expired { giveUp(number, .deadlineExceeded) }
        if !expired.isEmpty { perform(state.doubt(now)) }
        perform(state.on(.tick(now)))
        if stream.unsentBytes > limits.queuedBytesCeiling { violate(.answersUnread) }
        setAlarm()
    }

    private func setAlarm() {
        guard var at = state.wakeAt else { return }
        if let next = waiting.values.lazy.map(\.deadline).min() { at = min(at, next) }
        alarm.wake(at: at)
    }

    private func perform(_ effect: ConnectionState.Effect) {
        switch effect {
        case .sendHello:
            stream.write { $0.appendFrame(.hello, payload: limits.hello.encoded()) }
        case .sendPing: stream.write { $0.appendFrame(.ping) }
        case .stopIssuing: retire("draining")
        case .finish: close()
        case .cut: stream.abort()
        case .fail(let violation): violate(violation)
        case .nothing, .readHello, .answer, .hold, .deliver, .cancel, .sendPong,
            .sendGoAwayAndPing:
            break
        }
    }

    private func violate(_ violation: Violation) {
        stream.write { sayGoAway(violation, &$0) }
        close()
        if violation == .silent || violation == .answersUnread { stream.abort() }
    }

    private func fail(_ violation: Violation, _ output: inout OutputBuffer) {
        sayGoAway(violation, &output)
        close()
    }

    private func sayGoAway(_ violation: Violation, _ output: inout OutputBuffer) {
        self.violation = violation
        output.appendFrame(.goaway, payload: GoAway(reason: violation.rawValue).encoded())
    }

    /// Nothing more is expected of the peer, so nobody goes on waiting for it either.
    private func close() {
        state.close()
        retire(violation?.rawValue ?? "closed")
        loseAll()
        stream.close()
        alarm.ringLast(after: limits.writeTimeMax) { [unowned self] in stream.abort() }
    }

    private func retire(_ why: String) {
        let tell = onRetire
        onRetire = nil
        tell?(why)
    }

    private func loseAll() {
        let lost = waiting
        waiting = [:]
        for call in lost.values { call.continuation.resume(returning: .lost) }
    }

    func ended(_ end: StreamEnd) {
        state.close()
        alarm.end()
        loseAll()
        retire("\(end)")
        let tell = onEnd
        onEnd = nil
        tell?()
    }
}
