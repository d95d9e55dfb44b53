import HTTP
import Reactor
import TLS

/// The way to servers of the outside: providers of SMS, webhooks, mail. A name is resolved in the
/// pool, and whoever answers there has to prove that it is his.
package struct OutboundDialing: Sendable {
    private let context: TLSContext
    private let resolver: Resolver

    /// For each of a host's addresses: one that is silent does not use up the whole deadline.
    private static let connectTimeout: Duration = .seconds(3)

    /// - Parameter context: Of the role `outbound`.
    package init(context: TLSContext, resolver: Resolver) {
        precondition(context.role == .outbound, "a context serves one side")
        self.context = context
        self.resolver = resolver
    }

    /// A sealed stream to the host, on this loop. The name goes to the resolver as it goes to the
    /// certificate: nothing else is looked up.
    package func connect(
        to host: ServerName, port: UInt16, on loop: EventLoop
    ) async throws -> any ByteStream {
        try await resolver.firstReached(host.text, port: port) { address in
            let stream = try await SocketStream.connect(
                to: address, on: loop, timeout: Self.connectTimeout)
            return try await TLSStream.connect(over: stream, context: context, host: host.text)
        }
    }

    /// A client of HTTPS on this loop.
    package func client(on loop: EventLoop) -> HTTPClient {
        HTTPClient(loop: loop) { origin in
            guard let host = ServerName(origin.host) else { throw PeerUnreachable() }
            return try await connect(to: host, port: origin.port, on: loop)
        }
    }
}

extension Resolver {
    /// Tries a host's addresses in the resolver's order until one is reached; throws what the last
    /// one met.
    func firstReached(
        _ host: String, port: UInt16, _ attempt: (SocketAddress) async throws -> any ByteStream
    ) async throws -> any ByteStream {
        var last: any Error = PeerUnreachable()
        for address in try await resolve(host, port: port) {
            do {
                return try await attempt(address)
            } catch {
                last = error
            }
        }
        throw last
    }
}
