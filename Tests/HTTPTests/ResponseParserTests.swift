import Testing

@testable import HTTP

/// An answer that is none, and the rule it breaks.
private struct MalformedResponse: Sendable, CustomTestStringConvertible {
    let text: String
    let refusal: ResponseRefusal

    var testDescription: String { String(text.prefix(70)).debugDescription }

    init(_ text: String, _ refusal: ResponseRefusal) {
        self.text = text
        self.refusal = refusal
    }

    static let ok = "HTTP/1.1 200 OK\r\n"

    static let all: [MalformedResponse] =
        statusLines + fields + lengths + chunks
        + [
            .init(String(repeating: "HTTP/1.1 100 \r\n\r\n", count: 5) + ok, .tooManyInterim),
            .init("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", .switchingProtocols),
        ]

    private static let statusLines: [MalformedResponse] = [
        .init("\r\nHTTP/1.1 200 OK\r\n\r\n", .statusLine),
        .init("SSH-2.0-OpenSSH_9.2\r\n", .statusLine),
        .init("220 mail.example ESMTP\r\n", .statusLine),
        .init("HTTP/1.1 200\r\n\r\n", .statusLine),
        .init("HTTP/1.1  200 OK\r\n\r\n", .statusLine),
        .init("HTTP/1.1 20 OK\r\n\r\n", .statusLine),
        .init("HTTP/1.1 2000 OK\r\n\r\n", .statusLine),
        .init("HTTP/1.1 099 OK\r\n\r\n", .statusLine),
        .init("HTTP/1.1 600 OK\r\n\r\n", .statusLine),
        .init("HTTP/1.1 +20 OK\r\n\r\n", .statusLine),
        .init("HTTP/1.1 2\u{664}0 OK\r\n\r\n", .statusLine),
        .init("HTTP/1.1\t200\tOK\r\n\r\n", .statusLine),
        .init("HTTP/11 200 OK\r\n\r\n", .statusLine),
        .init("http/1.1 200 OK\r\n\r\n", .statusLine),
        .init("HTTP/2.0 200 OK\r\n\r\n", .version),
        .init("HTTP/0.9 200 OK\r\n\r\n", .version),
        .init("HTTP/1.2 200 OK\r\n\r\n", .version),
        .init("HTTP/1.1 200 O\0K\r\n\r\n", .statusLine),
        .init("HTTP/1.1 200 O\rK\r\n\r\n", .statusLine),
        .init("HTTP/1.1 200 OK\n\r\n", .rule(.bareLineFeed)),
        .init("H" + String(repeating: "x", count: 17_000), .rule(.headTooLarge)),
    ]

    private static let fields: [MalformedResponse] = [
        .init(ok + "A: b\n\r\n", .rule(.bareLineFeed)),
        .init(ok + "A: b\rc\r\n\r\n", .rule(.bareCarriageReturn)),
        .init(ok + "A: b\r\n c\r\n\r\n", .rule(.folded)),
        .init(ok + "A: b\r\n\tc\r\n\r\n", .rule(.folded)),
        .init(ok + " A: b\r\n\r\n", .rule(.leadingBlank)),
        .init(ok + "A : b\r\n\r\n", .rule(.blankBeforeColon)),
        .init(ok + "A\r\n\r\n", .rule(.fieldName)),
        .init(ok + ": b\r\n\r\n", .rule(.fieldName)),
        .init(ok + "A\u{e9}: b\r\n\r\n", .rule(.fieldName)),
        .init(ok + "A: b\0\r\n\r\n", .rule(.fieldValue)),
        .init(
            ok + String(repeating: "A: b\r\n", count: 101) + "\r\n", .rule(.tooManyFields)),
        .init(
            ok + "A: " + String(repeating: "b", count: 17_000) + "\r\n\r\n", .rule(.headTooLarge)),
    ]

    private static let lengths: [MalformedResponse] = [
        .init(ok + "Content-Length: -1\r\n\r\n", .rule(.contentLength)),
        .init(ok + "Content-Length: +1\r\n\r\n", .rule(.contentLength)),
        .init(ok + "Content-Length: 0x1\r\n\r\n", .rule(.contentLength)),
        .init(ok + "Content-Length: 1 1\r\n\r\n", .rule(.contentLength)),
        .init(ok + "Content-Length:\r\n\r\n", .rule(.contentLength)),
        .init(ok + "Content-Length: 5, 5\r\n\r\n", .rule(.contentLength)),
        .init(ok + "Content-Length: 99999999999999999999\r\n\r\n", .rule(.contentLength)),
        .init(ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", .rule(.fieldRepeated)),
        .init(
            ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            .rule(.lengthWithTransferCoding)),
        .init(ok + "Content-Length: 65537\r\n\r\n", .rule(.bodyTooLarge)),
        .init(ok + "\r\n" + String(repeating: "x", count: 65_537), .rule(.bodyTooLarge)),
        .init(ok + "Transfer-Encoding: gzip\r\n\r\n", .rule(.transferCoding)),
        .init(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", .rule(.transferCodingUnknown)),
        .init(ok + "Transfer-Encoding: chunked, chunked\r\n\r\n", .rule(.transferCoding)),
        .init(
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            .rule(.transferCodingInOldVersion)),
    ]

    private static let chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
    private static let chunks: [MalformedResponse] = [
        .init(chunked + "g\r\n", .rule(.chunkSize)),
        .init(chunked + "-1\r\n", .rule(.chunkSize)),
        .init(chunked + "ffffffffffffffff1\r\n", .rule(.chunkSize)),
        .init(chunked + "10001\r\n", .rule(.bodyTooLarge)),
        .init(chunked + "1\r\nab\r\n", .rule(.chunkEnd)),
        .init(chunked + "1\nab\r\n", .rule(.bareLineFeed)),
        .init(chunked + "1;\r\n", .rule(.chunkExtension)),
        .init(chunked + "0\r\nContent-Length: 1\r\n\r\n", .rule(.trailer)),
    ]
}

@Suite struct ResponseParserTests {
    private func events(
        _ bytes: [UInt8], pieces: [Range<Int>], to method: HTTPMethod, closes: Bool
    ) -> ResponseParser.Event {
        var parser = ResponseParser(to: method)
        for piece in pieces {
            let (consumed, event) = bytes.withUnsafeBytes {
                parser.take(UnsafeRawBufferPointer(rebasing: $0[piece]))
            }
            guard event == .needsMore else { return event }
            #expect(consumed == piece.count)
        }
        return closes ? parser.inputEnded() : .needsMore
    }

    /// What the octets come to, the same whole, octet by octet and cut at many points.
    private func read(
        _ text: String, to method: HTTPMethod = .post, closes: Bool = false
    ) -> ResponseParser.Event {
        let bytes = Array(text.utf8)
        let whole = events(bytes, pieces: [0..<bytes.count], to: method, closes: closes)
        let single = bytes.indices.map { $0..<($0 + 1) }
        #expect(events(bytes, pieces: single, to: method, closes: closes) == whole)
        for cut in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 200)) {
            let pieces = [0..<cut, cut..<bytes.count]
            #expect(events(bytes, pieces: pieces, to: method, closes: closes) == whole)
        }
        return whole
    }

    private func response(_ event: ResponseParser.Event) throws -> HTTPResponse {
        guard case .response(let response) = event else {
            Issue.record("\(event)")
            return HTTPResponse(.badRequest)
        }
        return response
    }

    @Test(arguments: MalformedResponse.all)
    fileprivate func `a malformed answer is refused in any pieces`(
        _ response: MalformedResponse
    ) {
        #expect(read(response.text) == .refused(response.refusal))
    }

    @Test func `an answer of a length`() throws {
        let text = "HTTP/1.1 201 Created\r\nContent-Type: a/b\r\nContent-Length: 005\r\n\r\nhello"
        let it = try response(read(text))
        #expect(it.status.code == 201)
        #expect(it.headers["content-type"] == "a/b")
        #expect(it.body == Array("hello".utf8))
    }

    @Test func `an answer in chunks`() throws {
        let text =
            "HTTP/1.1 200 \r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "5;a=b\r\nhello\r\n00A\r\n0123456789\r\n0\r\nX: y\r\n\r\n"
        let it = try response(read(text))
        #expect(it.body == Array("hello0123456789".utf8))
        #expect(it.headers["X"] == nil)
    }

    @Test func `an answer that ends with the connection`() throws {
        for version in ["HTTP/1.0", "HTTP/1.1"] {
            let text = "\(version) 200 OK\r\nA: b\r\n\r\nhello"
            #expect(read(text) == .needsMore)
            #expect(try response(read(text, closes: true)).body == Array("hello".utf8))
        }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nA: b\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ])
    func `an answer that is cut is none`(text: String) {
        #expect(read(text) == .needsMore)
        #expect(read(text, closes: true) == .refused(.truncated))
    }

    @Test func `announcements before the answer are passed over`() throws {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        let it = try response(read(text))
        #expect(it.body == Array("hi".utf8))
        #expect(it.headers["Link"] == nil)
    }

    @Test func `what has no body has none whatever the fields say`() throws {
        let text = "\r\nContent-Length: 5\r\n\r\nhello"
        #expect(try response(read("HTTP/1.1 204 No Content" + text)).body.isEmpty)
        #expect(try response(read("HTTP/1.1 304 Not Modified" + text)).body.isEmpty)
        #expect(try response(read("HTTP/1.1 200 OK" + text, to: .head)).body.isEmpty)
        #expect(try response(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")).body.isEmpty)
    }

    @Test func `what follows the answer is left alone, and the answer stays the same`() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 500 No\r\n\r\n"
        var parser = ResponseParser(to: .post)
        let bytes = Array(text.utf8)
        let (consumed, event) = bytes.withUnsafeBytes { parser.take($0) }
        #expect(consumed == 40)
        #expect(bytes.withUnsafeBytes { parser.take($0) } == (0, event))
        #expect(parser.inputEnded() == event)
    }

    @Test func `a body and a head of exactly the limit are taken`() throws {
        let data = String(repeating: "x", count: 65_536)
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n\(data)",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n\(data)\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n\(data)",
        ] {
            var parser = ResponseParser(to: .post)
            var event = Array(text.utf8).withUnsafeBytes { parser.take($0) }.event
            if event == .needsMore { event = parser.inputEnded() }
            #expect(try response(event).body.count == 65_536)
        }
        let frame = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \r\n\r\n"
        for (extra, isTaken) in [(0, true), (1, false)] {
            let filler = String(repeating: "b", count: 16_384 - frame.utf8.count + extra)
            let text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: \(filler)\r\n\r\n"
            let isRefused = read(text) == .refused(.rule(.headTooLarge))
            #expect(isRefused == !isTaken)
        }
    }

    @Test func `random octets never trap and mean the same in any pieces`() {
        var random = SystemRandomNumberGenerator()
        let seeds = MalformedResponse.all.map { Array($0.text.utf8) }.filter { $0.count < 400 }
        for _ in 0..<400 {
            var bytes = seeds[Int.random(in: seeds.indices, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                bytes[place] = [0, 9, 10, 13, 32, 44, 58, 59, 0x31, 0x80, 0xff].randomElement()!
            }
            let whole = events(bytes, pieces: [0..<bytes.count], to: .post, closes: true)
            let single = bytes.indices.map { $0..<($0 + 1) }
            #expect(events(bytes, pieces: single, to: .post, closes: true) == whole, "\(bytes)")
        }
    }
}
