import Daemon
import Postgres
import RPC
import Reactor
import TLS
import Wire

/// One event loop with all that lives on it: database connections, connections to other services.
/// Nothing is shared with other islands, so nothing on the way of a request takes a lock.
package struct Island: Sendable {
    package let loop: EventLoop
    package let pool: ConnectionPool
    let dialing: Dialing

    /// What connecting to another service takes.
    struct Dialing: Sendable {
        let context: TLSContext
        let trustDomain: String
        let resolver: Resolver
        let log: Log
    }

    /// A client of another service on this loop, with mutual TLS; it connects at once and again
    /// whenever it has lost its peers.
    package func client(of role: ServiceRole, at peers: [Endpoint]) -> RPCClient {
        let dialing = dialing
        let loop = loop
        let byName = Dictionary(peers.map { ($0.description, $0) }) { first, _ in first }
        let identity = role.identity(in: dialing.trustDomain)
        let client = RPCClient(
            loop: loop, peers: peers.map(\.description),
            notice: { dialing.log.heard($0, from: role) },
            connect: { name in
                guard let peer = byName[name] else { throw PeerUnreachable() }
                return try await dialing.connect(to: peer, expecting: identity, on: loop)
            })
        client.start()
        return client
    }
}

extension Island {
    /// The way to servers of the outside, with the names' pool that all islands share.
    package func outbound(_ context: TLSContext) -> OutboundDialing {
        OutboundDialing(context: context, resolver: dialing.resolver)
    }
}

/// A peer none of whose addresses took a connection.
struct PeerUnreachable: Error {}

extension Island.Dialing {
    private static let connectTimeout: Duration = .seconds(3)

    /// Tries the peer's addresses in the resolver's order.
    func connect(
        to peer: Endpoint, expecting identity: String, on loop: EventLoop
    ) async throws -> any ByteStream {
        try await resolver.firstReached(peer.host, port: peer.port) { address in
            try await connect(to: address, expecting: identity, on: loop)
        }
    }

    func connect(
        to address: SocketAddress, expecting identity: String, on loop: EventLoop
    ) async throws -> any ByteStream {
        let stream = try await SocketStream.connect(
            to: address, on: loop, timeout: Self.connectTimeout)
        return try await TLSStream.connect(over: stream, context: context, expecting: identity)
    }
}
