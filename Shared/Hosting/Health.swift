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
            context: try TLSContext(.client, settings.files), trustDomain: settings.trustDomain,
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
        let address = address.reachable
        let stream = try await SocketStream.connect(
            to: address, on: runtime.mainLoop, timeout: limit)
        let line = await StatusLine.of(path, over: stream, within: limit)
        guard line.hasPrefix("HTTP/1.1 200 ") else {
            runtime.log.error(
                "not_ready", ["address": .address(address), "answer": .text(line)])
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

/// Asks one thing over HTTP and keeps the first line of the answer.
///
/// `@unchecked Sendable`: touched on the stream's loop only, whose task waits for it.
private final class StatusLine: ByteStreamReceiver, @unchecked Sendable {
    private static let bytesMax = 4096
    private var line: [UInt8] = []
    private var waiting: UnsafeContinuation<String, Never>?

    static func of(
        _ path: StaticString, over stream: SocketStream, within limit: Duration
    ) async -> String {
        let reader = StatusLine()
        let timer = stream.loop.schedule(after: limit) { stream.abort() }
        let text = await withUnsafeContinuation { waiting in
            reader.waiting = waiting
            stream.start(reader)
            stream.write { output in
                output.append(
                    Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
            }
        }
        timer.cancel()
        return text
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        line += bytes.prefix(max(0, Self.bytesMax - line.count))
        return bytes.count
    }

    func ended(_ end: StreamEnd) {
        let first = line.split(separator: UInt8(ascii: "\r")).first ?? []
        waiting?.resume(returning: String(decoding: first, as: UTF8.self))
        waiting = nil
    }
}
