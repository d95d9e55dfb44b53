import Fixtures
import Mail
import Reactor
import TLS
import Testing
import Wire

/// A mail server that says what a test wants, on a port of the loopback. Unchecked: lives on one
/// loop.
final class ScriptedServer: @unchecked Sendable {
    let port: UInt16
    private let listener: TCPListener
    /// What each connection sent, in the order of their coming.
    private(set) var sessions: [StreamRecorder] = []

    /// `greeting` is said at once; then each line of a client is answered by `answer`, nil for
    /// nothing. "CUT" and "HANG UP" end the connection.
    init(
        _ loop: EventLoop, greeting: String? = "220 mail.example\r\n",
        _ answer: @escaping @Sendable (String) -> String? = { _ in nil }
    ) throws {
        let box = Box()
        listener = try TCPListener(loop: loop, address: .ipv4(0x7f00_0001, port: 0)) { stream in
            box.server?.serve(stream, greeting, answer)
        }
        port = listener.port
        box.server = self
    }

    /// Unchecked: touched on the listener's loop only.
    private final class Box: @unchecked Sendable {
        weak var server: ScriptedServer?
    }

    func close() { listener.close() }

    private func serve(
        _ stream: SocketStream, _ greeting: String?,
        _ answer: @escaping @Sendable (String) -> String?
    ) {
        let recorder = StreamRecorder()
        sessions.append(recorder)
        recorder.onReceived = { [weak stream] bytes, output in
            var consumed = 0
            while let end = bytes[consumed...].firstIndex(of: 0x0a) {
                let line = String(decoding: bytes[consumed..<end], as: UTF8.self)
                consumed = end + 1
                switch answer(line.filter { $0 != "\r" }) {
                case "CUT": stream?.abort()
                case "HANG UP": stream?.close()
                case let said?: output.append(utf8: said)
                case nil: break
                }
            }
            return consumed
        }
        recorder.take(stream)
        if let greeting { stream.write(greeting) }
    }
}

/// What comes of sending one mail to a server on the loopback.
func deliver(
    on loop: EventLoop, port: UInt16, _ security: SMTPSecurity = .plainOnLoopback,
    host: String = "127.0.0.1", credentials: SMTPCredentials? = nil, context: TLSContext? = nil,
    to: String = "ann@example.org", _ message: MailMessage? = nil, within: Duration = .seconds(20)
) async throws -> SMTPOutcome {
    let server = try #require(
        SMTPServer(host: host, port: port, security: security, credentials: credentials))
    let pool = BlockingPool(threads: 1, queueMax: 4)
    defer { pool.stop() }
    let client = SMTPClient(server, resolver: Resolver(pool: pool), context: context)
    let mail = try message ?? ordinaryMessage(to)
    return await client.send(SMTPEnvelope(mail), on: loop, within: within)
}

private func ordinaryMessage(_ to: String) throws -> MailMessage { try message(to: to) }
