import Daemon
import Fixtures
import Foundation
import HTTP
import Postgres
import RPC
import Reactor
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// The gateway's HTTP edge over a connection in memory, with what it writes to its log.
struct Edge: Sendable {
    let house: Gatehouse
    let lines = Lines()
    var ownOrigins: Set<Origin> = []
    var frontendOrigins: Set<Origin> = []
    /// Requests come from 127.0.0.1.
    var proxies = TrustedProxies.none

    struct Answer: Sendable {
        let status: Int
        /// Names in lower case.
        let headers: [(name: String, value: String)]
        let body: String

        func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        var reason: String? { header("dubbelslot-reason") }
    }

    static let json = ["Content-Type": "application/json"]

    /// Sends one request and reads the connection to its end.
    func send(
        _ method: String, _ path: String, _ headers: [String: String] = json, _ body: String = "{}"
    ) async throws -> Answer {
        let fields = headers.filter { $0.key != "Host" }.sorted { $0.key < $1.key }.map {
            "\($0.key): \($0.value)\r\n"
        }
        let text =
            "\(method) \(path) HTTP/1.1\r\nHost: \(headers["Host"] ?? "gate.example")\r\n"
            + "Connection: close\r\n"
            + fields.joined() + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        return try await house.on { gateway in
            let loop = gateway.accounts.pool.loop
            let handler = GatewayHTTP(
                dispatcher: GatewayDispatcher(gateway: gateway),
                log: Log(service: "tests", output: lines), ownOrigins: ownOrigins,
                frontendOrigins: frontendOrigins,
                proxies: proxies, pages: try WebPages(folder: nil))
            let server = HTTPServer(
                loop: loop, handler: handler, isSecure: true,
                wallClock: { WallClock.system.now() })
            let (near, far) = PipeStream.pair(on: loop)
            server.accept(far)
            return try await Recorder(near).exchange(text)
        }
    }

    func call(
        _ method: String, _ headers: [String: String] = [:], _ body: String = "{}"
    ) async throws -> Answer {
        try await send(
            "POST", "/dubbelslot.v1.\(method)", Self.json.merging(headers) { $1 }, body)
    }
}

/// What was logged.
final class Lines: LogOutput {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func write(_ line: [UInt8]) {
        lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }

    func takeLostCount() -> Int? { nil }
}

/// The client's end of one exchange. Unchecked: lives on one loop.
private final class Recorder: ByteStreamReceiver, @unchecked Sendable {
    private let stream: any ByteStream
    private var bytes: [UInt8] = []
    private var waiter: UnsafeContinuation<Void, Never>?

    init(_ stream: any ByteStream) { self.stream = stream }

    func exchange(_ text: String) async throws -> Edge.Answer {
        stream.start(self)
        stream.write { $0.append(Array(text.utf8)) }
        await withUnsafeContinuation { waiter = $0 }
        let whole = String(decoding: bytes, as: UTF8.self)
        let end = try #require(whole.range(of: "\r\n\r\n"))
        let head = whole[..<end.lowerBound].components(separatedBy: "\r\n")
        let headers = head.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
        }
        return Edge.Answer(
            status: try #require(Int(head[0].split(separator: " ")[1])), headers: headers,
            body: String(whole[end.upperBound...]))
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        self.bytes += bytes
        return bytes.count
    }

    func ended(_ end: StreamEnd) { waiter?.resume() }
}
