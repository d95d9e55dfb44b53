import Fixtures
import HTTP
import Reactor
import Testing
import Wire

@testable import SMS

/// Each provider's request over a real socket to a server of ours: what arrives is what was made,
/// to the octet, and the answer comes back.
@Suite struct SinkTests {
    /// Keeps what came and answers with one text. Unchecked: lives on one loop.
    private final class Sink: HTTPHandler, @unchecked Sendable {
        var requests: [HTTPRequest] = []
        let response: HTTPResponse

        init(_ status: Int, _ text: String) {
            response = HTTPResponse(
                HTTPStatus(status), type: "application/json", body: Array(text.utf8))
        }

        func answer(_ request: HTTPRequest) async -> HTTPResponse {
            requests.append(request)
            return response
        }
    }

    private func send(
        _ provider: SMSProvider, _ status: Int, _ text: String
    ) async throws -> (SMSOutcome, HTTPRequest, OutgoingRequest) {
        let request = provider.request(
            try SampleProvider.message(), now: SampleProvider.now, nonce: SampleProvider.nonce)
        return try await withRunningLoop { loop in
            try await loop.run {
                let sink = Sink(status, text)
                let server = HTTPServer(
                    loop: loop, handler: sink, isSecure: true,
                    wallClock: { Timestamp(seconds: 0) })
                let listener = try TCPListener(
                    loop: loop, address: .ipv4(0x7f00_0001, port: 0),
                    accept: { server.accept($0) })
                defer { listener.close() }
                let client = HTTPClient(loop: loop) { _ in
                    try await SocketStream.connect(
                        to: listener.address, on: loop, timeout: .seconds(5))
                }
                let response = try await client.exchange(request, deadline: .seconds(20))
                #expect(sink.requests.count == 1)
                return (provider.outcome(response), try #require(sink.requests.first), request)
            }
        }
    }

    @Test(arguments: [
        ("aliyun", 200, #"{"Code":"OK","BizId":"b^0"}"#, "b^0"),
        ("tencent", 200, #"{"Response":{"SendStatusSet":[{"Code":"Ok","SerialNo":"s"}]}}"#, "s"),
        ("twilio", 201, #"{"sid":"SM1","error_code":null}"#, "SM1"),
        ("webhook", 202, #"{"messageId":"m"}"#, "m"),
    ])
    func `a message arrives at its provider and is accepted`(
        name: String, status: Int, text: String, id: String
    ) async throws {
        let providers = try SampleProvider.all()
        let index = ["aliyun", "tencent", "twilio", "webhook"].firstIndex(of: name) ?? 0
        let (outcome, seen, sent) = try await send(providers[index], status, text)
        #expect(outcome == .accepted(messageID: id))
        #expect(seen.method == .post)
        #expect(seen.head.target == sent.url.target)
        #expect(seen.host == sent.url.origin.description)
        #expect(seen.body == sent.body)
        for field in ["Authorization", "Content-Type", "webhook-signature", "x-acs-date"] {
            let name = try #require(HeaderName(field))
            #expect(seen.headers[name] == sent.headers[name], "\(field)")
        }
        #expect(seen.headers["Connection"] == "close")
    }

    @Test func `every octet of a request arrives, and none besides`() async throws {
        for provider in try SampleProvider.all() {
            let request = provider.request(
                try SampleProvider.message(), now: SampleProvider.now,
                nonce: SampleProvider.nonce)
            let arrived = try await withRunningLoop { loop in
                try await loop.run { try await Self.octets(of: request, loop) }
            }
            var output = OutputBuffer()
            request.write(into: &output)
            #expect(arrived == output.bytes, "\(provider)")
        }
    }

    /// What a server that reads no HTTP sees.
    private static func octets(
        of request: OutgoingRequest, _ loop: EventLoop
    ) async throws -> [UInt8] {
        let recorder = StreamRecorder()
        recorder.onReceived = { bytes, output in
            let text = String(decoding: bytes, as: UTF8.self)
            let parts = text.split(
                separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].utf8.count == request.body.count else { return 0 }
            output.append(utf8: "HTTP/1.1 204 No Content\r\n\r\n" as StaticString)
            return bytes.count
        }
        let listener = try TCPListener(
            loop: loop, address: .ipv4(0x7f00_0001, port: 0), accept: { recorder.take($0) })
        defer { listener.close() }
        let client = HTTPClient(loop: loop) { _ in
            try await SocketStream.connect(
                to: listener.address, on: loop, timeout: .seconds(5))
        }
        _ = try await client.exchange(request, deadline: .seconds(20))
        return recorder.bytes
    }

    @Test func `a refusal comes back as what it means`() async throws {
        let twilio = SMSProvider.twilio(try SampleProvider.twilio())
        let (outcome, _, _) = try await send(twilio, 400, #"{"code":21614}"#)
        #expect(outcome == .refused(.invalidReceiver, code: ProviderCode("21614")))
    }
}
