import Reactor
import Wire

/// Answers requests. Called on the connection's loop and resumed there; one request of a connection
/// at a time. It runs to its end even when the client has gone, so that an effect is never half.
package protocol HTTPHandler: Sendable {
    func answer(_ request: HTTPRequest) async -> HTTPResponse
}

/// What a server tells of its connections, for logs and counters.
package enum HTTPObservation: Sendable {
    /// `time` runs from the whole request to the whole answer.
    case answered(HTTPRequest, HTTPStatus, time: Duration)
    case refused(RequestRefusal, SocketAddress)
    /// Over `connectionsMax`.
    case turnedAway(SocketAddress)
}

/// HTTP/1.1 (RFC 9112) over any byte stream of one loop. Connections stay for further requests,
/// requests sent ahead are answered in their order, and everything a client may make grow or wait
/// has a limit.
///
/// Unchecked: touched on its loop's thread only; `drain` goes there first.
package final class HTTPServer: @unchecked Sendable {
    package struct Limits: Sendable {
        package var parser = RequestParser.Limits()
        /// From a request's first octet to the end of its head.
        package var headTimeoutMax = Duration.seconds(10)
        /// A body must come at least so fast, in octets a second, after `bodyGraceMax`.
        package var bodyRateMin = 1024
        package var bodyGraceMax = Duration.seconds(5)
        /// Without any octet of a request.
        package var idleMax = Duration.seconds(60)
        /// Answers on one connection.
        package var requestsMax = 1000
        package var connectionsMax = 10_000
        /// For the request of a connection that was made just before a drain began.
        package var lateRequestMax = Duration.milliseconds(500)
        /// Octets sent ahead while a request is being answered; beyond it reading pauses.
        package var aheadMax = 16 * 1024

        package init() {}

        /// How often deadlines are looked at: one timer a server, none a connection.
        var sweepInterval: Duration {
            let shortest = min(headTimeoutMax, idleMax, bodyGraceMax)
            return max(.milliseconds(5), min(.seconds(1), shortest / 4))
        }
    }

    package let loop: EventLoop
    let limits: Limits
    let handler: any HTTPHandler
    /// True when browsers reach us by TLS alone.
    let isSecure: Bool
    private let securityFields: SecurityFields
    private let wallClock: @Sendable () -> Timestamp
    private let observe: (@Sendable (HTTPObservation) -> Void)?

    private var date = HTTPDate()
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var sweep: Timer?
    private(set) var isDraining = false
    /// Each answer is its connection's last one.
    private(set) var isEnding = false
    private var drainWaiters: [UnsafeContinuation<Void, Never>] = []

    package init(
        loop: EventLoop, handler: any HTTPHandler, limits: Limits = Limits(), isSecure: Bool,
        wallClock: @escaping @Sendable () -> Timestamp,
        observe: (@Sendable (HTTPObservation) -> Void)? = nil
    ) {
        self.loop = loop
        self.handler = handler
        self.limits = limits
        self.isSecure = isSecure
        self.wallClock = wallClock
        self.observe = observe
        securityFields = SecurityFields(isSecure: isSecure)
    }

    /// Open connections. On the loop.
    package var connectionCount: Int { connections.count }

    /// Serves a stream that has just been accepted. On the loop.
    package func accept(_ stream: any ByteStream) {
        let connection = HTTPConnection(stream, of: self)
        connections[ObjectIdentifier(connection)] = connection
        stream.start(connection)
        if isDraining {
            connection.drain()
        } else if connections.count > limits.connectionsMax {
            tell(.turnedAway(stream.remoteAddress))
            connection.turnAway()
        }
        startSweeping()
    }

    /// From now on each answer ends its connection, so that whoever keeps one for further requests
    /// looks for another. May be called from anywhere.
    package func announceEnd() {
        loop.perform { self.isEnding = true }
    }

    /// Takes no more requests: connections that have served close now, the others after their
    /// answer. A connection without a request yet has `lateRequestMax` for it: whoever made it
    /// has been let in, and may have sent it already. Returns when all have gone. May be called
    /// from anywhere.
    package func drain() async {
        await withUnsafeContinuation { continuation in
            loop.perform { self.beginDraining(continuation) }
        }
    }

    private func beginDraining(_ continuation: UnsafeContinuation<Void, Never>) {
        isDraining = true
        isEnding = true
        drainWaiters.append(continuation)
        for connection in connections.values { connection.drain() }
        finishDraining()
    }

    private func finishDraining() {
        guard isDraining, connections.isEmpty else { return }
        let waiters = drainWaiters
        drainWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    private func startSweeping() {
        guard sweep == nil, !connections.isEmpty else { return }
        sweep = loop.schedule(after: limits.sweepInterval) { [weak self] in
            guard let self else { return }
            sweep = nil
            let now = loop.now
            for connection in connections.values { connection.checkDeadline(now) }
            startSweeping()
        }
    }
}

extension HTTPServer {
    func ended(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        finishDraining()
    }

    func tell(_ observation: HTTPObservation) {
        observe?(observation)
    }

    /// Writes an answer with everything that each carries. `withoutBody`: to HEAD, where only the
    /// length is said (RFC 9110 §9.3.2).
    func write(
        _ response: HTTPResponse, closing: Bool, withoutBody: Bool,
        into output: inout OutputBuffer
    ) {
        var headers = response.headers
        assert(!headers.contains("Content-Length") && !headers.contains("Connection"))
        headers.add("Date", date.value(at: wallClock()))
        if !response.status.isWithoutBody {
            headers.add("Content-Length", HeaderValue(response.body.count))
        }
        if closing { headers.add("Connection", "close") }
        securityFields.complete(&headers)

        output.append(utf8: "HTTP/1.1 " as StaticString)
        output.append(utf8: String(response.status.code))
        output.append(ASCII.space)
        output.append(utf8: response.status.phrase)
        output.append(utf8: "\r\n" as StaticString)
        output.append(headers.wire)
        output.append(utf8: "\r\n" as StaticString)
        if !withoutBody && !response.status.isWithoutBody { output.append(response.body) }
    }
}
