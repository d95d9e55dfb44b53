import Testing

@testable import HTTP

@Suite struct RequestParserTests {
    static let post = "POST /a?b=c HTTP/1.1\r\nHost: A.Example:8080\r\n"

    func only(_ text: String) throws -> (RequestHead, [UInt8]) {
        let events = Transcript.whole(Array(text.utf8))
        #expect(Transcript.isSameInAnyPieces(Array(text.utf8)))
        return try #require(Transcript.requests(events).first, "\(events)")
    }

    @Test func `there are at least ninety malformed requests and each is another`() {
        #expect(MalformedRequest.all.count >= 90)
        #expect(Set(MalformedRequest.all.map(\.bytes)).count == MalformedRequest.all.count)
        #expect(Set(MalformedRequest.all.map(\.rule)).count == MalformedRequest.all.count)
    }

    @Test(arguments: MalformedRequest.all)
    func `H-01 to H-66 a malformed request is refused with its status in any pieces`(
        _ request: MalformedRequest
    ) {
        let events = Transcript.whole(request.bytes)
        #expect(Transcript.status(events) == request.status, "\(events)")
        #expect(Transcript.requests(events).isEmpty)
        #expect(Transcript.isSameInAnyPieces(request.bytes))
    }

    @Test(arguments: MalformedRequest.all)
    func `a malformed request behind a good one does not change the good one`(
        _ request: MalformedRequest
    ) {
        let good = Array("GET /good HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let events = Transcript.whole(good + request.bytes)
        #expect(Transcript.requests(events).count == 1)
        #expect(Transcript.status(events) == request.status)
    }

    @Test func `after a refusal nothing more is read`() {
        var parser = RequestParser()
        let bad = Array("GET\r\n".utf8)
        let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(bad.withUnsafeBytes { parser.take($0) }.event == .refused(.requestLine))
        #expect(good.withUnsafeBytes { parser.take($0) }.event == .refused(.requestLine))
    }

    @Test func `a request without body`() throws {
        let (head, body) = try only(
            "GET /p/q?x=%20y HTTP/1.1\r\nHost: a\r\nA:b\r\nC:\t d \t\r\n\r\n")
        #expect(head.method == .get)
        #expect(head.target == "/p/q?x=%20y")
        #expect(head.path == "/p/q")
        #expect(head.query == "x=%20y")
        #expect(head.headers["a"] == "b")
        #expect(head.headers["C"] == "d")
        #expect(head.headers["d"] == nil)
        #expect(head.framing == .none)
        #expect(!head.closes)
        #expect(body.isEmpty)
    }

    @Test func `host and port are in lower case`() throws {
        #expect(try only(Self.post + "\r\n").0.host == "a.example:8080")
        #expect(try only("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").0.host == "[::1]:80")
    }

    @Test func `an absolute target names the host`() throws {
        let (head, _) = try only("GET HTTP://B.example/x?y HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.host == "b.example")
        #expect(head.path == "/x")
        #expect(head.query == "y")
        let (bare, _) = try only("GET http://[::1]:8080 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(bare.host == "[::1]:8080")
        #expect(bare.path == "/")
    }

    @Test func `an asterisk is for OPTIONS`() throws {
        #expect(try only("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").0.path == "*")
    }

    @Test func `one empty line before the request is ignored`() throws {
        #expect(try only("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").0.path == "/")
    }

    @Test func `a body of a length`() throws {
        let (head, body) = try only(Self.post + "Content-Length: 005\r\n\r\nhello")
        #expect(head.framing == .length(5))
        #expect(body == Array("hello".utf8))
    }

    @Test func `a body of chunks`() throws {
        let (head, body) = try only(
            Self.post + "Transfer-Encoding: Chunked\r\n\r\n"
                + "5;a;b=c;d=\"e \\\" f\"\r\nhello\r\n00A\r\n0123456789\r\n000\r\nX: y\r\n\r\n")
        #expect(head.framing == .chunked)
        #expect(body == Array("hello0123456789".utf8))
        #expect(head.headers["X"] == nil)
    }

    @Test func `a body of exactly the limit is taken, however it is framed`() throws {
        let data = String(repeating: "x", count: 65_536)
        for text in [
            Self.post + "Content-Length: 65536\r\n\r\n\(data)",
            Self.post + "Transfer-Encoding: chunked\r\n\r\n10000\r\n\(data)\r\n0\r\n\r\n",
        ] {
            let events = Transcript.whole(Array(text.utf8))
            #expect(Transcript.requests(events).first?.1.count == 65_536)
        }
    }

    @Test func `a target of exactly the limit is taken`() throws {
        let target = "/" + String(repeating: "a", count: 8191)
        let events = Transcript.whole(Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        #expect(Transcript.requests(events).first?.0.target.utf8.count == 8192)
    }

    @Test func `a head of exactly the limit is taken, with one octet more it is not`() throws {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nA: \r\n\r\n"
        for (extra, isTaken) in [(0, true), (1, false)] {
            let filler = String(repeating: "b", count: 16_384 - frame.utf8.count + extra)
            let text = "GET / HTTP/1.1\r\nHost: a\r\nA: \(filler)\r\n\r\n"
            let events = Transcript.whole(Array(text.utf8))
            #expect(Transcript.requests(events).isEmpty == !isTaken)
            #expect(Transcript.octetByOctet(Array(text.utf8)) == events)
        }
    }

    @Test func `a hundred fields are taken`() throws {
        let fields = (0..<99).map { "A\($0): b\r\n" }.joined()
        #expect(try only("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n").0.headers.count == 100)
    }

    @Test func `requests behind each other come out in order`() {
        let text =
            "\(Self.post)Content-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
            + "\(Self.post)Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
            + "\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\n"
        let events = Transcript.whole(Array(text.utf8))
        let requests = Transcript.requests(events)
        #expect(requests.map(\.0.path) == ["/a", "/2", "/a", "/4"])
        #expect(requests.map(\.1) == [Array("abc".utf8), [], Array("x".utf8), []])
        #expect(Transcript.isSameInAnyPieces(Array(text.utf8)))
    }

    @Test func `a client that waits is told once, before its body`() {
        let text = Self.post + "Content-Length: 2\r\nExpect: 100-Continue\r\n\r\nhi"
        let events = Transcript.whole(Array(text.utf8))
        #expect(events.count == 2)
        #expect(events.first == .expectsContinue)
        #expect(Transcript.isSameInAnyPieces(Array(text.utf8)))
    }

    @Test func `an expectation without body or in HTTP 1 0 is not answered`() {
        for text in [
            "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
            "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: nonsense\r\n\r\nx",
        ] {
            let events = Transcript.whole(Array(text.utf8))
            #expect(events.count == 1)
            #expect(Transcript.requests(events).count == 1)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1", "Connection: close", true), ("HTTP/1.1", "Connection: x, Close", true),
        ("HTTP/1.1", "Connection: keep-alive", false), ("HTTP/1.1", "Upgrade: h2c", false),
        ("HTTP/1.0", "Connection: keep-alive", true), ("HTTP/1.0", "A: b", true),
    ])
    func `what keeps a connection`(_ version: String, _ field: String, _ closes: Bool) throws {
        let (head, _) = try only("GET / \(version)\r\nHost: a\r\n\(field)\r\n\r\n")
        #expect(head.closes == closes)
    }

    @Test func `HTTP 1 0 needs no host`() throws {
        #expect(try only("GET / HTTP/1.0\r\n\r\n").0.host == "")
    }

    @Test func `octets outside ASCII in a value equal no text`() throws {
        let bytes =
            Array("GET / HTTP/1.1\r\nHost: a\r\nA: b".utf8) + [0xff] + Array("\r\n\r\n".utf8)
        let (head, _) = try #require(Transcript.requests(Transcript.whole(bytes)).first)
        #expect(head.headers["A"] == "b\u{fffd}")
    }

    @Test func `random octets never trap and mean the same in any pieces`() {
        var random = SystemRandomNumberGenerator()
        let seeds = MalformedRequest.all.map(\.bytes).filter { $0.count < 400 }
        for _ in 0..<400 {
            var bytes = seeds[Int.random(in: seeds.indices, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                bytes[place] = [0, 9, 10, 13, 32, 44, 58, 59, 0x61, 0x80, 0xff].randomElement()!
            }
            #expect(Transcript.octetByOctet(bytes) == Transcript.whole(bytes), "\(bytes)")
        }
    }
}
