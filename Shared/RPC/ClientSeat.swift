import Reactor
import Wire

/// The pauses between attempts to connect: doubled each time, and each one a random part of it,
/// so that many clients do not come back in the same moment. A service that was killed is to be of
/// use again within two seconds, so the longest is well below that.
package struct Backoff: Sendable {
    package var first: Duration = .milliseconds(50)
    package var longest: Duration = .seconds(1)

    package init() {}

    /// The pause after so many failures in a row, between half and all of the doubled one.
    package func pause(after failures: Int) -> Duration {
        let doubled = first * Double(1 << min(max(0, failures - 1), 16))
        return min(doubled, longest) * Double.random(in: 0.5...1)
    }
}

/// The place of one connection to one peer, which is filled again whenever it falls empty.
///
/// Unchecked: every member is touched on `loop` only.
final class ClientSeat: @unchecked Sendable {
    let peer: String
    private let loop: EventLoop
    private let limits: RPCLimits
    private let backoff: Backoff
    private let notice: (RPCNotice) -> Void
    private let makeStream: RPCClient.Connect
    /// Healthy: its peer has said hello and not goodbye.
    private(set) var connection: ClientConnection?
    /// All that have not ended: not yet healthy, healthy, or with calls to finish.
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var failures = 0
    private var healthySince: ContinuousClock.Instant?
    /// Rises with every attempt, so that one that was given up is not taken for the present one.
    private var attempt: UInt64 = 0
    private var isConnecting = false
    private var isClosed = false

    /// A connection that held shorter than this counts as a failed attempt, so that a peer that
    /// greets and drops is not asked in a tight loop.
    private static let healthyMin: Duration = .seconds(1)
    /// An attempt that took longer than this is given up: with the longest pause before it, a peer
    /// that is back is found within 5 seconds.
    private static let attemptTimeMax: Duration = .seconds(3)

    init(
        _ peer: String, _ loop: EventLoop, _ limits: RPCLimits, _ backoff: Backoff,
        _ notice: @escaping (RPCNotice) -> Void, _ connect: @escaping RPCClient.Connect
    ) {
        self.peer = peer
        self.loop = loop
        self.limits = limits
        self.backoff = backoff
        self.notice = notice
        makeStream = connect
    }

    var isAvailable: Bool { connection?.isAvailable ?? false }

    func connect() {
        guard !isClosed else { return }
        attempt += 1
        isConnecting = true
        let current = attempt
        loop.schedule(after: Self.attemptTimeMax) { [weak self] in
            guard let self, isConnecting, attempt == current else { return }
            failed("no connection in time")
        }
        loop.spawn { [self] in
            do {
                let stream = try await makeStream(peer)
                if attempt == current, !isClosed { begin(stream) } else { stream.abort() }
            } catch {
                if attempt == current { failed("\(error)") }
            }
        }
    }

    private func begin(_ stream: any ByteStream) {
        isConnecting = false
        let connection = ClientConnection(stream, limits)
        connections[ObjectIdentifier(connection)] = connection
        connection.start(
            onHealthy: { [weak self, unowned connection] in self?.fill(connection) },
            onRetire: { [weak self] why in self?.failed(why) },
            onEnd: { [weak self, unowned connection] in
                self?.connections[ObjectIdentifier(connection)] = nil
            })
    }

    private func fill(_ connection: ClientConnection) {
        self.connection = connection
        healthySince = loop.now
        notice(.peerHealthy(peer: peer))
    }

    /// The attempt, or the connection it led to, takes no calls: pause, then try again.
    private func failed(_ why: String) {
        if let since = healthySince, loop.now - since >= Self.healthyMin { failures = 0 }
        connection = nil
        healthySince = nil
        isConnecting = false
        attempt += 1
        guard !isClosed else { return }
        failures += 1
        notice(.peerLost(peer: peer, why: why))
        loop.schedule(after: backoff.pause(after: failures)) { [weak self] in self?.connect() }
    }

    func close() {
        isClosed = true
        connection = nil
        for connection in connections.values { connection.drain() }
    }
}
