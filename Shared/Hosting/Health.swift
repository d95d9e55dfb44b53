import Daemon
import RPC
import Reactor
import TLS
import Wire

/// The command `health`: asks a running service over its own doors whether it serves. For
/// containers and scripts; nothing is started and no database is touched.
package enum Health {
    private static let limit: Duration = .seconds(2)

    /// Success when the service answers a hello on its RPC door, under its own certificate.
    package static func check(
        _ role: ServiceRole, _ settings: HostSettings, _ runtime: Runtime
    ) async throws -> ExitCode {
        let dialing = Island.Dialing(
            context: try TLSContext(.client, settings, role), trustDomain: settings.trustDomain,
            resolver: Resolver(pool: BlockingPool(name: "names", threads: 1, queueMax: 1)),
            log: runtime.log)
        let address = settings.rpcListen.reachable
        let identity = role.identity(in: settings.trustDomain)
        let client = RPCClient(loop: runtime.mainLoop, peers: ["self"]) { _ in
            try await dialing.connect(to: address, expecting: identity, on: runtime.mainLoop)
        }
        client.start()
        guard await client.waitUntilHealthy(within: limit) else {
            runtime.log.error("rpc_does_not_answer", ["address": .address(address)])
            return .failure
        }
        return .success
    }

    /// Success when `GET path` at `address` is answered by 200.
    package static func check(
        _ path: StaticString, at address: SocketAddress, _ runtime: Runtime
    ) async throws -> ExitCode {
        guard
            await HealthProbe.answers(
                at: address, path: path, on: runtime.mainLoop, timeout: limit)
        else {
            runtime.log.error("not_ready", ["address": .address(address)])
            return .failure
        }
        return .success
    }
}

extension SocketAddress {
    /// Where something that listens here is reached from this machine: a wildcard is everywhere.
    fileprivate var reachable: SocketAddress {
        switch self {
        case .ipv4(0, let port): .ipv4(0x7f00_0001, port: port)
        case .ipv6(0, 0, let scope, let port):
            .ipv6(high: 0, low: 1, scope: scope, port: port)
        case .ipv4, .ipv6, .unix: self
        }
    }
}
