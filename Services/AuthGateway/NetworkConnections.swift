import Daemon
import Reactor

/// How many connections one network (`SocketAddress.network`) has open at the HTTP door, on all
/// loops of the process together. One more is closed before a byte of it is read and before a
/// handshake costs anything, so that nobody takes all of what `TCPListener` and TLS bound.
///
/// Proxies that an operator has named bring the connections of many, and what comes by a path in
/// the file system has no network: both are not counted.
final class NetworkConnections: ConnectionAdmission {
    fileprivate struct State: Sendable {
        /// Networks with a connection at least, so no more than there are connections.
        var open: [NetworkBuckets.Network: Int] = [:]
        var refused = 0
        var toldAt: ContinuousClock.Instant?
    }

    /// Time between two lines in the log, however many are refused.
    private static let tellingInterval = Duration.seconds(10)

    private let connectionsMax: Int
    private let proxies: TrustedProxies
    private let log: Log
    private let state = Guarded(State())

    init(max: Int, proxies: TrustedProxies, log: Log) {
        connectionsMax = max
        self.proxies = proxies
        self.log = log
    }

    func admit(_ peer: SocketAddress) -> Bool {
        guard isCounted(peer) else { return true }
        let network = NetworkBuckets.Network(peer)
        let (isAdmitted, untold) = state.withLock { state -> (Bool, Int?) in
            let open = state.open[network] ?? 0
            guard open >= connectionsMax else {
                state.open[network] = open + 1
                return (true, nil)
            }
            return (false, state.refuse(at: .now, every: Self.tellingInterval))
        }
        if let untold {
            log.warning(
                "connections_refused", ["last_peer": .host(peer), "count": .integer(untold)])
        }
        return isAdmitted
    }

    func release(_ peer: SocketAddress) {
        guard isCounted(peer) else { return }
        let network = NetworkBuckets.Network(peer)
        state.withLock { state in
            let open = state.open[network] ?? 0
            state.open[network] = open > 1 ? open - 1 : nil
        }
    }

    /// Connections that are counted now.
    var openCount: Int { state.withLock { $0.open.values.reduce(0, +) } }

    private func isCounted(_ peer: SocketAddress) -> Bool {
        if case .unix = peer { return false }
        return !proxies.trusts(peer)
    }
}

extension NetworkConnections.State {
    /// How many were refused since the log was told last; nil when it is too early to tell again.
    fileprivate mutating func refuse(
        at now: ContinuousClock.Instant, every interval: Duration
    ) -> Int? {
        refused += 1
        if let toldAt, now - toldAt < interval { return nil }
        defer { refused = 0 }
        toldAt = now
        return refused
    }
}
