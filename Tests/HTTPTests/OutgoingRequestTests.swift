import Testing
import Wire

@testable import HTTP

@Suite struct OutgoingRequestTests {
    private func text(_ request: OutgoingRequest) -> String {
        var output = OutputBuffer()
        request.write(into: &output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test func `a request is written in one way, to the octet`() throws {
        let url = try #require(HTTPSURL("https://API.example:8443/a/b?c=%20d"))
        var headers = HTTPHeaders()
        headers.add("Content-Type", "application/json")
        let request = OutgoingRequest(.post, url, headers: headers, body: Array("{}".utf8))
        #expect(
            text(request)
                == "POST /a/b?c=%20d HTTP/1.1\r\nHost: api.example:8443\r\n"
                + "Content-Type: application/json\r\nAccept-Encoding: identity\r\n"
                + "Content-Length: 2\r\nConnection: close\r\n\r\n{}")
        #expect(
            text(OutgoingRequest(.get, try #require(HTTPSURL("https://[::1]"))))
                == "GET / HTTP/1.1\r\nHost: [::1]\r\nAccept-Encoding: identity\r\n"
                + "Connection: close\r\n\r\n")
        #expect(text(OutgoingRequest(.post, url)).contains("Content-Length: 0\r\n"))
    }

    @Test func `our own server reads what was meant`() throws {
        let url = try #require(HTTPSURL("https://api.example/a?b"))
        var headers = HTTPHeaders()
        headers.add("X-A", "b c")
        let request = OutgoingRequest(.post, url, headers: headers, body: Array("body".utf8))
        let events = Transcript.whole(Array(text(request).utf8))
        let (head, body) = try #require(Transcript.requests(events).first)
        #expect(head.host == "api.example")
        #expect(head.target == "/a?b")
        #expect(head.headers["X-A"] == "b c")
        #expect(head.closes)
        #expect(body == Array("body".utf8))
    }

    @Test func `a request shows neither its fields nor its body nor its path`() throws {
        let url = try #require(HTTPSURL("https://a.example/secret?secret"))
        var headers = HTTPHeaders()
        headers.add("Authorization", "secret")
        let request = OutgoingRequest(.post, url, headers: headers, body: Array("secret".utf8))
        var dumped = ""
        dump(request, to: &dumped)
        for shown in ["\(request)", String(reflecting: request), dumped] {
            #expect(!shown.contains("secret") && !shown.contains("115"), "\(shown)")
        }
    }

    @Test(arguments: [
        ("https://a", "a", 443, "/"), ("https://a/", "a", 443, "/"),
        ("HTTPS://A.B:443/c", "a.b", 443, "/c"), ("https://a?b", "a", 443, "/?b"),
        ("https://a:8443/c?d=e/f", "a", 8443, "/c?d=e/f"), ("https://[::1]:9/", "::1", 9, "/"),
        ("https://127.0.0.1/%2F", "127.0.0.1", 443, "/%2F"),
    ])
    func `a URL is read`(text: String, host: String, port: UInt16, target: String) throws {
        let url = try #require(HTTPSURL(text))
        #expect(url.origin == HTTPOrigin(host: host, port: port))
        #expect(url.target == target)
    }

    @Test(arguments: [
        "", "https://", "https:///a", "http://a/", "a/b", "//a", "ftp://a", "javascript:x",
        "https://user@a/", "https://user:pw@a/", "https://a/#f", "https://a/ b", "https://a b/",
        "https://a/\r\nX: y", "https://a\r\n/", "https://a/\0", "https://a/é", "https://é/",
        "https://a:/", "https://a:0/", "https://a:65536/", "https://a:+1/", "https://a:1:2/",
        "https://a/%", "https://a/%zz", "https://a\\b/", "https://a/\\b", "https://a/[",
        " https://a", "https://a/\"", "https://a/<b>", "https://[::1/", "https://[a]/",
        "https://[::1]x/", "https://*.a/", "https://a/" + String(repeating: "b", count: 2040),
    ])
    func `what is no URL of https is refused`(text: String) {
        #expect(HTTPSURL(text) == nil)
    }

    @Test func `a URL is made of a host and a target`() {
        #expect(HTTPSURL(host: "a.example", target: "/b?c")?.target == "/b?c")
        #expect(HTTPSURL(host: "a.example:1")?.origin.port == 1)
        for target in ["", "b", "/ ", "/\r\n", "*", "https://b/"] {
            #expect(HTTPSURL(host: "a", target: target) == nil, "\(target)")
        }
        #expect(HTTPSURL(host: "a/b") == nil)
        #expect(HTTPSURL(host: "u@a") == nil)
    }
}
