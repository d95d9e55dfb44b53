import Reactor
import Wire

/// One client of a server. It does what `ConnectionState` says, on its loop.
///
/// Not generic, so that the loop over frames is compiled once and concretely; the subclass below
/// brings the dispatcher in.
///
/// Unchecked: every member is touched on `loop` only. Handlers' tasks, which refer to it, run on
/// that loop's executor, and what comes from elsewhere is sent there first.
class ServerConnection: ByteStreamReceiver, @unchecked Sendable {
    struct OpenCall {
        let task: Task<Void, Never>
        /// On the connection's clock.
        let deadline: Duration
        let method: UInt16
        let requestID: RequestID
        let trace: Trace
        let begunAt: ContinuousClock.Instant
        /// The answer is not wanted any more; the handler has not ended yet.
        var isAbandoned = false
    }

    /// What was done with one frame.
    enum Step { case next, hold, end }

    let stream: any ByteStream
    let loop: EventLoop
    let limits: RPCLimits
    let grants: CallerGrants
    let notice: (RPCNotice) -> Void
    private let observer: (any CallObserver)?
    var state: ConnectionState
    private let caller: Caller
    private var calls: [UInt32: OpenCall] = [:]
    /// The peer sends no more; what it asked for before is still answered.
    private var isInputEnded = false
    /// Requests stay unread: because of open calls, or of answers the peer does not take.
    private var isHeld = false
    private let alarm: Alarm
    private var onEnd: ((ServerConnection) -> Void)?
    /// The call whose handler is being started, and its answer when it did not have to wait.
    private var starting: UInt32 = 0
    private var immediateAnswer: Result<[UInt8], Fault>?

    /// After this a connection held because of unsent answers looks again: a stream that has sent
    /// them in one go says nothing.
    private static let heldPause: Duration = .milliseconds(2)

    init(
        _ stream: any ByteStream, caller: Caller, grants: CallerGrants, limits: RPCLimits,
        notice: @escaping (RPCNotice) -> Void, observer: (any CallObserver)?,
        onEnd: @escaping (ServerConnection) -> Void
    ) {
        self.stream = stream
        loop = stream.loop
        self.limits = limits
        self.grants = grants
        self.notice = notice
        self.observer = observer
        self.onEnd = onEnd
        self.caller = caller
        state = ConnectionState(.server, limits)
        alarm = Alarm(loop)
    }

    func start() {
        alarm.onRing { [unowned self] in tick() }
        _ = state.on(.opened)
        stream.start(self)
        setAlarm()
    }

    func drain() { perform(state.on(.drain(alarm.age))) }

    /// For the subclass: answers at once, or says `.wait`.
    func answerInline(
        _ method: UInt16, _ body: UnsafeRawBufferPointer, _ head: borrowing CallHead,
        _ output: inout OutputBuffer
    ) -> InlineAnswer {
        .wait
    }

    /// For the subclass: starts the handler, which reports to `answered`, perhaps before returning.
    func startHandler(
        _ method: UInt16, _ body: [UInt8], _ call: Call, number: UInt32
    ) -> Task<Void, Never> {
        preconditionFailure("the subclass has the dispatcher")
    }

    // MARK: Bytes in

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        guard state.phase != .closed else { return bytes.count }
        // Out of the object for the whole batch: each access to a member of a class that changes is
        // checked for exclusivity (measured at some 20 ns).
        var head = CallHead(caller: caller)
        var lengthMax = state.lengthMax
        var consumed = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            switch FrameHead.scan(rest, lengthMax: lengthMax) {
            case .incomplete:
                heard(whole: consumed > 0, partial: consumed < bytes.count)
                closeIfDone()
                return consumed
            case .violation(let violation):
                fail(violation, &output)
                return bytes.count
            case .frame(let frame):
                let body = UnsafeRawBufferPointer(
                    rebasing: rest[Frame.headBytes..<frame.frameBytes])
                switch take(frame, body, &head, &output) {
                case .next:
                    consumed += frame.frameBytes
                    if frame.kind == .hello { lengthMax = state.lengthMax }
                case .hold:
                    heard(whole: consumed > 0, partial: false)
                    return consumed
                case .end: return bytes.count
                }
            }
        }
    }

    private func heard(whole: Bool, partial: Bool) {
        _ = state.on(.heard(alarm.age, whole: whole, partial: partial))
        if partial, let at = state.wakeAt { alarm.wake(at: at) }
    }

    private func take(
        _ frame: FrameHead, _ body: UnsafeRawBufferPointer, _ head: inout CallHead,
        _ output: inout OutputBuffer
    ) -> Step {
        if frame.kind == .request, output.count > limits.queuedBytesMax {
            hold()
            _ = state.on(.blocked(alarm.age))
            alarm.wake(at: alarm.age + Self.heldPause)
            return .hold
        }
        switch state.on(.frame(frame)) {
        case .answer: return answer(frame, body, &head, &output)
        case .hold:
            hold()
            return .hold
        case .readHello: return greet(body, &output)
        case .cancel:
            abandon(frame.call, .canceled)
            return .next
        case .sendPong:
            output.appendFrame(.pong)
            return .next
        case .stopIssuing:
            perform(state.finishIfDone())
            return state.phase == .closed ? .end : .next
        case .finish:
            close()
            return .end
        case .fail(let violation):
            fail(violation, &output)
            return .end
        case .nothing, .sendHello, .deliver, .sendPing, .sendGoAwayAndPing, .cut: return .next
        }
    }

    private func greet(_ body: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Step {
        if case .fail(let violation) = state.on(Hello.event(body)) {
            fail(violation, &output)
            return .end
        }
        output.appendFrame(.hello, payload: limits.hello.encoded())
        if let at = state.wakeAt { alarm.wake(at: at) }
        return .next
    }

    // MARK: Calls

    private func answer(
        _ frame: FrameHead, _ fields: UnsafeRawBufferPointer, _ head: inout CallHead,
        _ output: inout OutputBuffer
    ) -> Step {
        guard let body = head.read(frame.flags, fields) else {
            fail(.fieldsCut, &output)
            return .end
        }
        guard grants.permission(frame.method) == .allowed else {
            refuse(frame, &output)
            return .next
        }
        if head.deadlineMilliseconds == 0 {
            output.appendFault(call: frame.call, Fault(.deadlineExceeded))
            observer?.ended(frame.method, .deadlineExceeded, time: .zero, trace: head.trace)
            return .next
        }
        let start = output.beginFrame(.response, call: frame.call)
        switch answerInline(frame.method, body, head, &output) {
        case .answered:
            closeAnswer(frame.call, start, &output)
            observer?.ended(frame.method, .ok, time: .zero, trace: head.trace)
        case .refused(let reason, let retryAfterSeconds):
            output.removeLast(output.count - start)
            let fault = Fault(reason, retryAfterSeconds: retryAfterSeconds)
            output.appendFault(call: frame.call, fault)
            observer?.ended(frame.method, reason.code.end, time: .zero, trace: head.trace)
        case .wait:
            output.removeLast(output.count - start)
            begin(frame, body, head, &output)
        }
        return .next
    }

    private func closeAnswer(_ call: UInt32, _ start: Int, _ output: inout OutputBuffer) {
        if output.count - start - Frame.lengthBytes <= state.peerLengthMax {
            output.endFrame(at: start)
        } else {
            output.removeLast(output.count - start)
            output.appendFault(call: call, Fault(.tooLarge))
        }
    }

    private func refuse(_ frame: FrameHead, _ output: inout OutputBuffer) {
        let isKnown = grants.permission(frame.method) == .refused
        notice(
            .callRefused(
                caller: caller, method: frame.method,
                reason: isKnown ? .callerNotAllowed : .methodUnknown))
        observer?.ended(frame.method, .refused, time: .zero, trace: nil)
        output.appendFault(
            call: frame.call, Fault(isKnown ? .callerNotAllowed : .methodUnknown))
    }

    /// Starts the handler. One that did not have to wait is answered here and was never open.
    private func begin(
        _ frame: FrameHead, _ body: UnsafeRawBufferPointer, _ head: borrowing CallHead,
        _ output: inout OutputBuffer
    ) {
        let asked = head.deadlineMilliseconds.map { Duration.milliseconds(Int64($0)) }
        let allowed = min(asked ?? limits.callTimeMax, limits.callTimeMax)
        let call = head.call(deadline: loop.now.advanced(by: allowed))
        let begunAt = ContinuousClock.now
        starting = frame.call
        let task = startHandler(frame.method, [UInt8](body), call, number: frame.call)
        starting = 0
        if let answer = immediateAnswer {
            immediateAnswer = nil
            count(answer, frame.method, since: begunAt, call.trace)
            write(answer, frame.call, frame.method, call.requestID, call.trace, &output)
            return
        }
        _ = state.on(.waits(call: frame.call))
        let deadline = alarm.age + allowed
        calls[frame.call] = OpenCall(
            task: task, deadline: deadline, method: frame.method, requestID: call.requestID,
            trace: call.trace, begunAt: begunAt)
        alarm.wake(at: deadline)
    }

    /// What a handler came to. On the loop.
    func answered(_ number: UInt32, _ answer: Result<[UInt8], Fault>) {
        if number == starting {
            immediateAnswer = answer
            return
        }
        guard let call = calls.removeValue(forKey: number) else { return }
        if !call.isAbandoned { count(answer, call.method, since: call.begunAt, call.trace) }
        if !call.isAbandoned, state.phase != .closed {
            stream.write { output in
                write(answer, number, call.method, call.requestID, call.trace, &output)
            }
            if stream.unsentBytes > limits.queuedBytesCeiling { return violate(.answersUnread) }
        }
        perform(state.on(.ended(call: number)))
        release()
        closeIfDone()
    }

    private func count(
        _ answer: Result<[UInt8], Fault>, _ method: UInt16, since: ContinuousClock.Instant,
        _ trace: Trace
    ) {
        guard let observer else { return }
        let end: CallEnd
        switch answer {
        case .success: end = .ok
        case .failure(let fault): end = fault.reason.code.end
        }
        observer.ended(method, end, time: ContinuousClock.now - since, trace: trace)
    }

    private func write(
        _ answer: Result<[UInt8], Fault>, _ number: UInt32, _ method: UInt16,
        _ requestID: RequestID, _ trace: Trace, _ output: inout OutputBuffer
    ) {
        switch answer {
        case .success(let payload):
            if payload.count + Frame.lengthMin <= state.peerLengthMax {
                output.appendFrame(.response, call: number, payload: payload)
            } else {
                output.appendFault(call: number, Fault(.tooLarge))
            }
        case .failure(let fault):
            notice(
                .callFaulted(
                    caller: caller, method: method, requestID: requestID, trace: trace,
                    fault: fault))
            output.appendFault(call: number, fault)
        }
    }

    /// The caller does not want the answer any more.
    private func abandon(_ number: UInt32, _ end: CallEnd) {
        guard let call = calls[number], !call.isAbandoned else { return }
        calls[number]?.isAbandoned = true
        let time = ContinuousClock.now - call.begunAt
        observer?.ended(call.method, end, time: time, trace: call.trace)
        call.task.cancel()
    }

    private func abandonExpired(_ now: Duration) {
        for (number, call) in calls where !call.isAbandoned && call.deadline <= now {
            abandon(number, .deadlineExceeded)
            stream.write { $0.appendFault(call: number, Fault(.deadlineExceeded)) }
        }
    }

    // MARK: Holding back

    private func hold() {
        guard !isHeld else { return }
        isHeld = true
        stream.pauseReading()
    }

    private func release() {
        guard isHeld, state.phase != .closed, state.hasRoom,
            stream.unsentBytes <= limits.queuedBytesMax / 2
        else { return }
        isHeld = false
        _ = state.on(.unblocked)
        stream.resumeReading()
    }

    func drained() { release() }

    func inputEnded() -> Bool {
        isInputEnded = true
        return isHeld || !state.open.isEmpty
    }

    /// After the end of the input, once nothing is owed.
    private func closeIfDone() {
        if isInputEnded, !isHeld, state.open.isEmpty, state.phase != .closed { close() }
    }

    // MARK: Time and end

    private func tick() {
        let now = alarm.age
        release()
        abandonExpired(now)
        perform(state.on(.tick(now)))
        setAlarm()
        if isHeld { alarm.wake(at: now + Self.heldPause * 25) }
    }

    private func setAlarm() {
        guard var at = state.wakeAt else { return }
        if let next = calls.values.lazy.filter({ !$0.isAbandoned }).map(\.deadline).min() {
            at = min(at, next)
        }
        alarm.wake(at: at)
    }

    private func perform(_ effect: ConnectionState.Effect) {
        switch effect {
        case .sendGoAwayAndPing:
            stream.write { output in
                output.appendFrame(.goaway, payload: GoAway.draining.encoded())
                output.appendFrame(.ping)
            }
            setAlarm()
        case .finish: close()
        case .cut: stream.abort()
        case .fail(let violation): violate(violation)
        case .nothing, .sendHello, .readHello, .answer, .hold, .deliver, .cancel, .sendPong,
            .sendPing, .stopIssuing:
            break
        }
    }

    /// Outside `received`: says why and closes.
    private func violate(_ violation: Violation) {
        stream.write { sayGoAway(violation, &$0) }
        if violation == .answersUnread { stream.abort() } else { close() }
    }

    private func fail(_ violation: Violation, _ output: inout OutputBuffer) {
        sayGoAway(violation, &output)
        close()
    }

    private func sayGoAway(_ violation: Violation, _ output: inout OutputBuffer) {
        notice(.violation(violation, peer: caller.description))
        output.appendFrame(.goaway, payload: GoAway(reason: violation.rawValue).encoded())
    }

    /// A peer that does not read what is left is not waited for.
    private func close() {
        state.close()
        stream.close()
        alarm.ringLast(after: limits.writeTimeMax) { [unowned self] in stream.abort() }
    }

    func abort() { stream.abort() }

    func ended(_ end: StreamEnd) {
        state.close()
        alarm.end()
        for call in calls.values { call.task.cancel() }
        let report = onEnd
        onEnd = nil
        report?(self)
    }
}
