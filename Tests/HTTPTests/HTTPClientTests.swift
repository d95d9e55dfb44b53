import Fixtures
import Reactor
import Testing
import Wire

@testable import HTTP

@Suite struct HTTPClientTests {
    private static let url = HTTPSURL("https://sms.example/send")!
    private static let request = OutgoingRequest(.post, url, body: Array("hello".utf8))

    /// A client whose connections end in `serve`, over memory. Unchecked: lives on one loop.
    private final class Far: @unchecked Sendable {
        var origins: [HTTPOrigin] = []
        var streams: [PipeStream] = []
        let recorder = StreamRecorder()

        func client(
            _ loop: EventLoop, pieces: [Int] = [],
            _ serve: @escaping @Sendable (PipeStream) -> Void
        ) -> HTTPClient {
            HTTPClient(loop: loop) { [self] origin in
                origins.append(origin)
                let (near, far) = PipeStream.pair(on: loop, pieces: pieces)
                streams.append(far)
                far.start(recorder)
                serve(far)
                return near
            }
        }
    }

    /// What an exchange comes to when the server says just this, at once.
    private func exchange(
        _ text: String, pieces: [Int] = [], closes: Bool = false
    ) async throws -> Result<HTTPResponse, HTTPClientFault> {
        try await onLoop { loop in
            let far = Far()
            let client = far.client(loop, pieces: pieces) { stream in
                stream.write(text)
                if closes { stream.close() }
            }
            let result = await Self.result(client)
            #expect(far.origins == [Self.url.origin])
            return result
        }
    }

    private static func result(
        _ client: HTTPClient, deadline: Duration = .seconds(20)
    ) async -> Result<HTTPResponse, HTTPClientFault> {
        do throws(HTTPClientFault) {
            return .success(try await client.exchange(request, deadline: deadline))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [[], [1], [3, 1, 7]])
    func `an answer arrives in any pieces`(pieces: [Int]) async throws {
        let text = "HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello"
        let response = try await exchange(text, pieces: pieces).get()
        #expect(response.status.code == 202)
        #expect(response.body == Array("hello".utf8))
    }

    @Test func `an answer that ends with the connection arrives`() async throws {
        let response = try await exchange("HTTP/1.0 200 OK\r\n\r\nhello", closes: true).get()
        #expect(response.body == Array("hello".utf8))
    }

    @Test func `the server sees the request once, and then the end`() async throws {
        try await onLoop { loop in
            let far = Far()
            let client = far.client(loop) { _ in }
            far.recorder.onReceived = { bytes, output in
                guard bytes.count > 100 else { return 0 }
                output.append(utf8: "HTTP/1.1 204 No Content\r\n\r\n" as StaticString)
                return bytes.count
            }
            let response = try await client.exchange(Self.request, deadline: .seconds(20))
            #expect(response.status.code == 204)
            var output = OutputBuffer()
            Self.request.write(into: &output)
            #expect(far.recorder.bytes == output.bytes)
            #expect(await far.recorder.end() == .finished)
            #expect(far.origins.count == 1)
        }
    }

    @Test func `a redirect is an answer and is not followed`() async throws {
        let text =
            "HTTP/1.1 307 Moved\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n"
        #expect(try await exchange(text).get().status.code == 307)
    }

    @Test func `what is no answer, or half of one, is told`() async throws {
        let refusals: [(String, Bool, HTTPClientFault)] = [
            ("SSH-2.0\r\n", false, .refused(.statusLine)),
            ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", false, .refused(.rule(.folded))),
            ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true, .refused(.truncated)),
            ("", true, .refused(.truncated)),
        ]
        for (text, closes, fault) in refusals {
            #expect(try await exchange(text, closes: closes) == .failure(fault))
            #expect(fault.isOutcomeUnknown)
        }
    }

    @Test func `an endless answer is cut at its limit`() async throws {
        try await onLoop { loop in
            let far = Far()
            let client = far.client(loop) { stream in
                stream.write("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 100_000))
            }
            #expect(await Self.result(client) == .failure(.refused(.rule(.bodyTooLarge))))
            guard case .failed = await far.recorder.end() else {
                Issue.record("the connection was kept")
                return
            }
        }
    }

    @Test func `a cut connection is a loss, even behind the beginning of an answer`() async throws {
        try await onLoop { loop in
            for text in ["", "HTTP/1.1 200 OK\r\n\r\nhel"] {
                let far = Far()
                let client = far.client(loop) { stream in
                    stream.write(text)
                    loop.schedule(after: .milliseconds(20)) { stream.abort() }
                }
                guard case .failure(.lost) = await Self.result(client) else {
                    Issue.record("it was believed: \(text)")
                    continue
                }
            }
        }
    }

    @Test func `one deadline holds for the connection and the answer`() async throws {
        try await onLoop { loop in
            let far = Far()
            let silent = far.client(loop) { _ in }
            #expect(
                await Self.result(silent, deadline: .milliseconds(30))
                    == .failure(.timedOut(isSent: true)))
            let drop = far.client(loop) { stream in
                @Sendable func more() {
                    stream.write("x")
                    loop.schedule(after: .milliseconds(1)) { more() }
                }
                stream.write("HTTP/1.1 200 OK\r\n\r\n")
                more()
            }
            #expect(
                await Self.result(drop, deadline: .milliseconds(50))
                    == .failure(.timedOut(isSent: true)))
        }
    }

    @Test func `a connection that comes too late is thrown away unused`() async throws {
        try await onLoop { loop in
            let (near, far) = PipeStream.pair(on: loop)
            let recorder = StreamRecorder()
            far.start(recorder)
            let gate = Gate()
            let client = HTTPClient(loop: loop) { _ in
                await gate.wait()
                return near
            }
            let result = await Self.result(client, deadline: .milliseconds(20))
            #expect(result == .failure(.timedOut(isSent: false)))
            gate.open()
            near.start(StreamRecorder())
            _ = await recorder.end()
            #expect(recorder.bytes.isEmpty)
        }
    }

    @Test func `no connection is told as such, and nothing was sent`() async throws {
        try await onLoop { loop in
            let client = HTTPClient(loop: loop) { _ in throw LoopStopped() }
            guard case .failure(let fault) = await Self.result(client) else {
                Issue.record("it was answered")
                return
            }
            #expect(fault == .unreachable("LoopStopped()"))
            #expect(!fault.isOutcomeUnknown)
        }
    }

    @Test func `cancelling ends the exchange and its connection`() async throws {
        try await onLoop { loop in
            let far = Far()
            let client = far.client(loop) { _ in }
            let task = Task(executorPreference: loop) { await Self.result(client) }
            await far.recorder.until { !far.recorder.bytes.isEmpty }
            task.cancel()
            #expect(await task.value == .failure(.cancelled(isSent: true)))
            _ = await far.recorder.end()
        }
    }

    @Test func `our own server answers over a socket`() async throws {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            let listener = try HTTPSocketTests.listen(server)
            let client = HTTPClient(loop: loop) { _ in
                try await SocketStream.connect(
                    to: listener.address, on: loop, timeout: .seconds(5))
            }
            for _ in 0..<3 {
                let response = try await client.exchange(Self.request, deadline: .seconds(20))
                #expect(response.body == Array("POST /send hello".utf8))
                #expect(response.headers["Connection"] == "close")
            }
            listener.close()
        }
    }
}
