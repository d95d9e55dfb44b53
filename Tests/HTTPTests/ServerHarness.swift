import Reactor
import Wire

@testable import HTTP

/// Runs a test's body on a loop that ends with it.
func onLoop<R: Sendable>(
    _ body: @escaping @Sendable (EventLoop) async throws -> R
) async throws -> R {
    let loop = try EventLoop(name: "test")
    loop.start()
    defer {
        loop.stop()
        loop.join()
    }
    return try await loop.run { try await body(loop) }
}

/// Answers with what it got: `METHOD path body`.
struct EchoHandler: HTTPHandler {
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let body = Array("\(request.method.rawValue) \(request.path) ".utf8) + request.body
        return HTTPResponse(.ok, type: "text/plain", body: body)
    }
}

/// A handler made of a closure.
struct ClosureHandler: HTTPHandler {
    let body: @Sendable (HTTPRequest) async -> HTTPResponse

    func answer(_ request: HTTPRequest) async -> HTTPResponse { await body(request) }
}

/// Holds whoever waits until it is opened. Unchecked: lives on one loop.
final class Gate: @unchecked Sendable {
    private var isOpen = false
    private var waiting: [UnsafeContinuation<Void, Never>] = []
    /// Everyone who came, waiting or not.
    private(set) var arrivals = 0

    func wait() async {
        arrivals += 1
        guard !isOpen else { return }
        await withUnsafeContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        let all = waiting
        waiting = []
        for one in all { one.resume() }
    }
}

/// The client's end of a connection. Unchecked: lives on one loop.
final class Client: ByteStreamReceiver, @unchecked Sendable {
    let stream: any ByteStream
    private(set) var bytes: [UInt8] = []
    private(set) var end: StreamEnd?
    private var waiting: [(() -> Bool, UnsafeContinuation<Void, Never>)] = []

    init(_ stream: any ByteStream) {
        self.stream = stream
        stream.start(self)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Lines that begin answers.
    var statuses: [Int] {
        text.split(separator: "HTTP/1.1 ").dropFirst(text.hasPrefix("HTTP/1.1 ") ? 0 : 1)
            .compactMap { Int($0.prefix(3)) }
    }

    func send(_ text: String) {
        stream.write { $0.append(utf8: text) }
    }

    /// Waits until the text holds `part` so many times.
    func until(_ part: String, count: Int = 1) async {
        await until {
            self.text.split(separator: part, omittingEmptySubsequences: false).count > count
        }
    }

    func ended() async -> StreamEnd? {
        await until { self.end != nil }
        return end
    }

    private func until(_ condition: @escaping () -> Bool) async {
        guard !condition(), end == nil else { return }
        await withUnsafeContinuation { waiting.append((condition, $0)) }
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        self.bytes.append(contentsOf: bytes)
        changed()
        return bytes.count
    }

    func ended(_ end: StreamEnd) {
        self.end = end
        changed()
    }

    private func changed() {
        let ready = waiting.filter { $0.0() || end != nil }
        waiting.removeAll { $0.0() || end != nil }
        for one in ready { one.1.resume() }
    }
}

extension HTTPServer {
    static let moment = Timestamp(seconds: 784_111_777)

    static func testing(
        _ loop: EventLoop, _ handler: any HTTPHandler = EchoHandler(), limits: Limits = Limits(),
        isSecure: Bool = false, observe: (@Sendable (HTTPObservation) -> Void)? = nil
    ) -> HTTPServer {
        HTTPServer(
            loop: loop, handler: handler, limits: limits, isSecure: isSecure,
            wallClock: { moment }, observe: observe)
    }

    /// A client of this server in memory; what either sends arrives in these pieces.
    func client(pieces: [Int] = []) -> Client {
        let (near, far) = PipeStream.pair(on: loop, pieces: pieces)
        accept(far)
        return Client(near)
    }
}
