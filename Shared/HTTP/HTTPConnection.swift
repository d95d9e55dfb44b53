import Reactor
import Wire

/// One client's connection: reads a request, has it answered, writes the answer, and only then
/// looks at what was sent ahead.
///
/// Unchecked: touched on its loop's thread only.
final class HTTPConnection: ByteStreamReceiver, @unchecked Sendable {
    private enum Phase {
        /// For the first octet of a request.
        case waiting
        case readingHead
        case readingBody(since: ContinuousClock.Instant)
        case answering(since: ContinuousClock.Instant)
        /// The last answer is on its way; the stream ends when that is sent.
        case closing
    }

    private let stream: any ByteStream
    private let server: HTTPServer
    private var parser: RequestParser
    private var phase = Phase.waiting
    /// When the client must have done what the phase waits for.
    private var deadline: ContinuousClock.Instant?
    private var answeredCount = 0
    /// Octets of the body under way.
    private var bodyCount = 0
    /// Octets sent ahead, which the stream keeps for us.
    private var aheadCount = 0
    /// The client sends no more; what it has sent is still answered.
    private var isInputEnded = false
    /// True within `received`, where an answer that is ready at once goes straight into the output.
    private var isReceiving = false
    private var ready: HTTPResponse?
    /// True while requests wait because the client does not take the answers to earlier ones.
    private var isHeldBack = false

    init(_ stream: any ByteStream, of server: HTTPServer) {
        self.stream = stream
        self.server = server
        parser = RequestParser(server.limits.parser)
        deadline = server.loop.now + server.limits.idleMax
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        isReceiving = true
        defer { isReceiving = false }
        var consumed = 0
        while consumed < bytes.count, isReading, !isHeldBack {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[consumed...])
            let wasInBody = parser.isInBody
            let (count, event) = parser.take(rest)
            consumed += count
            bodyCount = wasInBody ? bodyCount + count : 0
            handle(event, &output)
            if output.count > StreamLimits.unsentHighMark { holdBack() }
        }
        if case .closing = phase { return bytes.count }
        aheadCount = bytes.count - consumed
        if aheadCount > server.limits.aheadMax { stream.pauseReading() }
        if isReading, !isHeldBack { waitForMore() }
        return consumed
    }

    func inputEnded() -> Bool {
        isInputEnded = true
        return isAnswering || isHeldBack
    }

    func drained() {
        if isHeldBack { goOn() }
    }

    func ended(_ end: StreamEnd) {
        phase = .closing
        deadline = nil
        server.ended(self)
    }

    /// Called at intervals.
    func checkDeadline(_ now: ContinuousClock.Instant) {
        guard let deadline, now >= deadline else { return }
        // Somebody who has asked for nothing is told nothing.
        guard !parser.isBetweenRequests else { return close() }
        stream.write { refuse(.timedOut, &$0) }
        close()
    }

    /// Closes a connection on which no request is due; others close with their answer.
    func drain() {
        guard case .waiting = phase else { return }
        guard answeredCount == 0, server.limits.lateRequestMax > .zero else { return close() }
        server.loop.schedule(after: server.limits.lateRequestMax) { [weak self] in
            guard let self, case .waiting = phase else { return }
            close()
        }
    }

    func turnAway() {
        let fault = Fault(.overloaded, retryAfterSeconds: 1)
        let response = Connect.response(fault, status: .serviceUnavailable)
        stream.write { server.write(response, closing: true, withoutBody: false, into: &$0) }
        close()
    }

    /// Ends the connection once everything written has gone out.
    func close() {
        phase = .closing
        deadline = nil
        stream.close()
    }
}

extension HTTPConnection {
    private var isReading: Bool {
        switch phase {
        case .waiting, .readingHead, .readingBody: true
        case .answering, .closing: false
        }
    }

    private var isAnswering: Bool {
        if case .answering = phase { true } else { false }
    }

    private func handle(_ event: RequestParser.Event, _ output: inout OutputBuffer) {
        switch event {
        case .needsMore: break
        case .expectsContinue: output.append(utf8: "HTTP/1.1 100 Continue\r\n\r\n" as StaticString)
        case .refused(let refusal):
            refuse(refusal, &output)
            close()
        case .request(let head, let body):
            let request = HTTPRequest(
                head: head, body: body, remoteAddress: stream.remoteAddress,
                isSecure: server.isSecure, peerIdentity: stream.peerIdentity)
            begin(request)
            guard let response = ready else { return }
            ready = nil
            if write(response, to: request, into: &output) { close() }
        }
    }

    private func begin(_ request: HTTPRequest) {
        phase = .answering(since: server.loop.now)
        deadline = nil
        let handler = server.handler
        server.loop.spawn { [self] in
            finish(await handler.answer(request), request)
        }
    }

    private func finish(_ response: HTTPResponse, _ request: HTTPRequest) {
        guard isAnswering else { return }
        if isReceiving {
            ready = response
            return
        }
        var isLast = false
        stream.write { isLast = write(response, to: request, into: &$0) }
        if isLast || (isInputEnded && aheadCount == 0) {
            close()
        } else if stream.unsentBytes > StreamLimits.unsentHighMark {
            holdBack()
        } else {
            stream.resumeReading()
        }
    }

    /// Makes no more answers until the client has taken enough of those there are: requests are
    /// short and answers may be long.
    private func holdBack() {
        isHeldBack = true
        stream.pauseReading()
        // Only once the stream has sent what it can does it know whether it will call `drained`.
        server.loop.atEndOfTurn { [self] in
            server.loop.soon { [self] in
                if isHeldBack && stream.unsentBytes <= StreamLimits.unsentHighMark { goOn() }
            }
        }
    }

    private func goOn() {
        isHeldBack = false
        if isReading && isInputEnded && aheadCount == 0 {
            close()
        } else {
            stream.resumeReading()
        }
    }

    /// True when this was the connection's last answer.
    private func write(
        _ response: HTTPResponse, to request: HTTPRequest, into output: inout OutputBuffer
    ) -> Bool {
        guard case .answering(let since) = phase else { return true }
        answeredCount += 1
        let isLast =
            request.head.closes || server.isEnding
            || answeredCount >= server.limits.requestsMax
        server.write(
            response, closing: isLast, withoutBody: request.method == .head, into: &output)
        server.tell(.answered(request, response.status, time: server.loop.now - since))
        phase = .waiting
        deadline = server.loop.now + server.limits.idleMax
        return isLast
    }

    private func refuse(_ refusal: RequestRefusal, _ output: inout OutputBuffer) {
        server.tell(.refused(refusal, stream.remoteAddress))
        let response = Connect.response(refusal.fault, status: refusal.status)
        server.write(response, closing: true, withoutBody: false, into: &output)
    }

    /// Everything that came is taken: by when must what follows have come?
    private func waitForMore() {
        guard !isInputEnded else { return close() }
        let limits = server.limits
        let now = server.loop.now
        if parser.isBetweenRequests {
            phase = .waiting
            return
        }
        if parser.isInBody {
            var start = now
            if case .readingBody(let since) = phase { start = since }
            phase = .readingBody(since: start)
            deadline = start + limits.bodyGraceMax + .seconds(bodyCount) / limits.bodyRateMin
            return
        }
        if case .readingHead = phase { return }
        phase = .readingHead
        deadline = now + limits.headTimeoutMax
    }
}
