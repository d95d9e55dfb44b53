import Reactor
import Wire

/// Why there is no answer. The sentences are for the log.
package enum HTTPClientFault: Error, Sendable, Equatable {
    /// There was no connection, so nothing was sent.
    case unreachable(String)
    /// The deadline has passed. When `isSent`, what became of the request is unknown.
    case timedOut(isSent: Bool)
    case cancelled(isSent: Bool)
    /// The connection was cut before the answer was whole; what became of the request is unknown.
    case lost(String)
    /// What came was no answer that we take; what became of the request is unknown.
    case refused(ResponseRefusal)

    /// True when the server may have acted on the request.
    package var isOutcomeUnknown: Bool {
        switch self {
        case .unreachable: false
        case .timedOut(let isSent), .cancelled(let isSent): isSent
        case .lost, .refused: true
        }
    }
}

/// Sends requests to servers of the outside. Each has a connection of its own and one deadline for
/// everything, name and handshake included; the answer is bounded, and a redirect is an answer
/// like any other: secrets go only where the settings say.
package struct HTTPClient: Sendable {
    /// Makes a stream to the server, which has proved that it is the origin's host. Called on the
    /// loop; cancelled when the deadline passes.
    package typealias Connect = @Sendable (HTTPOrigin) async throws -> any ByteStream

    package let loop: EventLoop
    private let limits: ResponseParser.Limits
    private let connect: Connect

    package init(
        loop: EventLoop, limits: ResponseParser.Limits = ResponseParser.Limits(),
        connect: @escaping Connect
    ) {
        self.loop = loop
        self.limits = limits
        self.connect = connect
    }

    /// Sends the request and waits for its whole answer. On the loop. Cancelling the task ends it.
    package func exchange(
        _ request: OutgoingRequest, deadline: Duration
    ) async throws(HTTPClientFault) -> HTTPResponse {
        let exchange = HTTPExchange(request, limits, loop)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { exchange.start(deadline, connect, $0) }
        } onCancel: {
            loop.perform { exchange.cancel() }
        }
        return try result.get()
    }
}

/// One request on its way. Unchecked: touched on its loop's thread only.
private final class HTTPExchange: ByteStreamReceiver, @unchecked Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPClientFault>

    private let loop: EventLoop
    private let request: OutgoingRequest
    private var parser: ResponseParser
    private var continuation: UnsafeContinuation<Outcome, Never>?
    private var timer: Timer?
    private var connecting: Task<Void, Never>?
    private var stream: (any ByteStream)?
    private var isCancelled = false

    init(_ request: OutgoingRequest, _ limits: ResponseParser.Limits, _ loop: EventLoop) {
        self.request = request
        self.loop = loop
        parser = ResponseParser(to: request.method, limits)
    }

    func start(
        _ deadline: Duration, _ connect: @escaping HTTPClient.Connect,
        _ continuation: UnsafeContinuation<Outcome, Never>
    ) {
        precondition(loop.isCurrent, "an exchange begins on its loop")
        self.continuation = continuation
        guard !isCancelled else { return finish(.failure(.cancelled(isSent: false))) }
        timer = loop.schedule(after: deadline) { [self] in
            finish(.failure(.timedOut(isSent: stream != nil)))
        }
        connecting = Task(executorPreference: loop) { [self, request] in
            do {
                begin(try await connect(request.url.origin))
            } catch {
                finish(.failure(.unreachable("\(error)")))
            }
        }
    }

    private func begin(_ stream: any ByteStream) {
        // The deadline may have passed while the connection was made.
        guard continuation != nil else { return stream.abort() }
        self.stream = stream
        stream.start(self)
        stream.write { request.write(into: &$0) }
    }

    func cancel() {
        isCancelled = true
        finish(.failure(.cancelled(isSent: stream != nil)))
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        take(parser.take(bytes).event)
        return bytes.count
    }

    func inputEnded() -> Bool {
        take(parser.inputEnded())
        return false
    }

    func ended(_ end: StreamEnd) {
        let why = if case .failed(let reason) = end { reason } else { "closed without an answer" }
        finish(.failure(.lost(why)))
    }

    private func take(_ event: ResponseParser.Event) {
        switch event {
        case .needsMore: break
        case .response(let response): finish(.success(response))
        case .refused(let refusal): finish(.failure(.refused(refusal)))
        }
    }

    /// The first outcome counts; whatever else comes of the connection is nobody's concern.
    private func finish(_ outcome: Outcome) {
        guard let waiting = continuation else { return }
        continuation = nil
        timer?.cancel()
        timer = nil
        connecting?.cancel()
        connecting = nil
        switch outcome {
        case .success: stream?.close()
        case .failure: stream?.abort()
        }
        stream = nil
        waiting.resume(returning: outcome)
    }
}
