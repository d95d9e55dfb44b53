import Reactor
import Testing
import Wire

@testable import HTTP

@Suite struct ConnectTests {
    static func request(
        _ method: String = "POST", _ path: String = "/dubbelslot.v1.SignInService/Start",
        fields: [String]
    ) throws -> HTTPRequest {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: a.example"] + fields
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        let (head, body) = try #require(Transcript.requests(Transcript.whole(bytes)).first)
        return HTTPRequest(head: head, body: body, remoteAddress: .ipv4(0x7f00_0001, port: 1))
    }

    static let json = "Content-Type: application/json"

    @Test func `a call is service, method, coding and timeout`() throws {
        let call = try Connect.call(
            of: Self.request(fields: [Self.json, "Connect-Timeout-Ms: 1500"]))
        #expect(call.service == "dubbelslot.v1.SignInService")
        #expect(call.method == "Start")
        #expect(call.coding == .json)
        #expect(call.timeout == .milliseconds(1500))
        let other = try Connect.call(
            of: Self.request(fields: [
                "Content-Type: application/proto", "Connect-Protocol-Version: 1",
            ]))
        #expect(other.coding == .binary)
        #expect(other.timeout == nil)
    }

    @Test(arguments: [
        "application/json; charset=utf-8", "APPLICATION/JSON;charset=UTF-8",
        "application/json ; charset=\"utf-8\"",
    ])
    func `JSON in UTF-8 is JSON`(_ type: String) throws {
        #expect(try Connect.coding(of: Self.request(fields: ["Content-Type: \(type)"])) == .json)
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a",
        "application/json; charset=latin1", "application/json; charset=utf-8; a=b",
        "application/jsonx", "application/connect+json", "application/grpc", "application/json;",
        "",
        "application/proto; a=b", "application/json, text/plain",
    ])
    func `any other content is refused with 415`(_ type: String) throws {
        let request = try Self.request(fields: ["Content-Type: \(type)"])
        #expect(throws: ConnectRefusal.contentType) { try Connect.call(of: request) }
        let response = Connect.response(ConnectRefusal.contentType)
        #expect(response.status.code == 415)
        #expect(response.headers["Accept-Post"] == "application/json, application/proto")
    }

    @Test func `content without a type is refused`() throws {
        #expect(throws: ConnectRefusal.contentType) {
            try Connect.call(of: Self.request(fields: []))
        }
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `H-76 only POST calls`(_ method: String) throws {
        let request = try Self.request(
            method, "/a.B/C", fields: ["X-HTTP-Method-Override: POST", Self.json])
        #expect(throws: ConnectRefusal.method) { try Connect.call(of: request) }
        let response = Connect.response(ConnectRefusal.method)
        #expect(response.status.code == 405)
        #expect(response.headers["Allow"] == "POST")
    }

    @Test(arguments: [
        "/", "/a", "/a/", "//b", "/a/b/", "/a/b/c", "/a/b%20c", "/a/b.c", "/a/b?message=x", "/../b",
        "/dubbelslot.v1.SignInService/",
    ])
    func `what is not service and method is not found`(_ path: String) throws {
        let request = try Self.request("POST", path, fields: [Self.json])
        #expect(throws: ConnectRefusal.path) { try Connect.call(of: request) }
        #expect(Connect.response(ConnectRefusal.path).status.code == 404)
    }

    @Test(arguments: ["0", "", "-1", "+1", "1.5", "12345678901", "1 ", "1s"])
    func `a timeout is a positive number of at most ten digits`(_ text: String) throws {
        let request = try Self.request(fields: [Self.json, "Connect-Timeout-Ms: a\(text)"])
        #expect(throws: ConnectRefusal.timeout) { try Connect.call(of: request) }
        guard !text.hasSuffix(" ") else { return }
        let plain = try Self.request(fields: [Self.json, "Connect-Timeout-Ms: \(text)"])
        #expect(throws: ConnectRefusal.timeout) { try Connect.call(of: plain) }
    }

    @Test func `the longest timeout is taken`() throws {
        let request = try Self.request(fields: [Self.json, "Connect-Timeout-Ms: 9999999999"])
        #expect(try Connect.timeout(of: request) == .milliseconds(9_999_999_999))
    }

    @Test func `a compressed request is unimplemented, an identical one is not`() throws {
        for (coding, isTaken) in [("gzip", false), ("br", false), ("", false), ("identity", true)] {
            let request = try Self.request(fields: [Self.json, "Content-Encoding: \(coding)"])
            if isTaken {
                _ = try Connect.call(of: request)
            } else {
                #expect(throws: ConnectRefusal.compression) { try Connect.call(of: request) }
            }
        }
        let response = Connect.response(ConnectRefusal.compression)
        #expect(response.status.code == 501)
        #expect(response.headers["Dubbelslot-Reason"] == "compression_unsupported")
        #expect(response.headers["Accept-Encoding"] == "identity")
    }

    @Test func `another version of the protocol is refused`() throws {
        let request = try Self.request(fields: [Self.json, "Connect-Protocol-Version: 2"])
        #expect(throws: ConnectRefusal.version) { try Connect.call(of: request) }
    }

    @Test func `an answer has the coding of its call`() {
        let response = Connect.response([1, 2], .binary)
        #expect(response.headers["Content-Type"] == "application/proto")
        #expect(response.body == [1, 2])
        #expect(Connect.response([], .json).headers["Content-Type"] == "application/json")
    }

    @Test func `a refusal is Connect's error with the word for both readers`() throws {
        let fault = Fault(.attemptsDelayed, retryAfterSeconds: 30, detail: "canary")
        let response = Connect.response(fault)
        #expect(response.status.code == 429)
        #expect(response.headers["Dubbelslot-Reason"] == "attempts_delayed")
        #expect(response.headers["Retry-After"] == "30")
        #expect(response.headers["Content-Type"] == "application/json")
        let json = try JSON(parsing: response.body)
        #expect(json["code"]?.text == "resource_exhausted")
        #expect(json["message"]?.text == Reason.attemptsDelayed.sentence)
        let detail = try #require(json["details"]?[0])
        #expect(detail["type"]?.text == "dubbelslot.v1.Fault")
        #expect(detail["debug"]?["reason"]?.text == "attempts_delayed")
        #expect(detail["debug"]?["retryAfterSeconds"]?.integer() == 30)
        let value = try #require(detail["value"]?.text)
        #expect(!value.contains("="))
        let padded = value + String(repeating: "=", count: (4 - value.count % 4) % 4)
        let message = try FaultMessage(decoding: #require(Base64.decode(padded.utf8)))
        #expect(message == FaultMessage(fault))
        #expect(!String(decoding: response.body, as: UTF8.self).contains("canary"))
    }

    @Test(arguments: Reason.allCases)
    func `every reason has its answer`(_ reason: Reason) throws {
        let response = Connect.response(Fault(reason))
        #expect(response.status.code == reason.httpStatus)
        #expect(
            try JSON(parsing: response.body)["details"]?[0]?["debug"]?["reason"]?.text
                == reason.rawValue)
        #expect(response.headers.contains("WWW-Authenticate") == (response.status.code == 401))
    }
}

@Suite struct CrossSiteTests {
    func judge(
        _ site: String?, _ origin: String?, cookie: Bool = true, own: [String] = [],
        listed: [String] = ["https://app.example"]
    ) -> CrossSite.Verdict {
        CrossSite.judge(
            site: site, origin: origin, host: "id.example:8080", hasCookie: cookie,
            ownOrigins: Set(own.compactMap(Origin.init)),
            listedOrigins: Set(listed.compactMap(Origin.init)))
    }

    @Test func `our own pages and programs may call`() {
        #expect(judge("same-origin", "http://id.example:8080") == .own)
        #expect(judge("same-origin", "https://id.example:8080") == .own)
        #expect(judge("same-origin", nil) == .own)
        #expect(judge("none", nil) == .own)
        #expect(judge(nil, "http://id.example:8080") == .own)
        #expect(judge(nil, nil) == .own)
    }

    @Test(
        arguments: [
            ("cross-site", nil), ("same-site", nil), ("SAME-ORIGIN", nil), ("", nil),
            ("cross-site", "http://id.example:8080"), ("same-site", "http://id.example:8080"),
            ("none", "http://id.example:8080"),
            ("cross-site", "https://evil.example"), (nil, "https://evil.example"), (nil, "null"),
            (nil, ""), (nil, "http://id.example"), (nil, "http://id.example:8081"),
            (nil, "http://id.example:8080.evil.example"), (nil, "http://id.example:8080/"),
            (nil, "http://id.example:8080@evil.example"), (nil, "ftp://id.example:8080"),
            (nil, "http://id.example:8080 http://evil.example"),
            ("same-origin", "https://evil.example"),
            (nil, "http://sub.id.example:8080"), (nil, "https://app.example"),
        ] as [(String?, String?)])
    func `H-75 other sites may not`(_ site: String?, _ origin: String?) {
        #expect(judge(site, origin) == .refused)
    }

    @Test func `a listed origin may call with a token and never with a cookie`() throws {
        let app = try #require(Origin("https://app.example"))
        #expect(judge("cross-site", "https://app.example", cookie: false) == .listed(app))
        #expect(judge("cross-site", "https://app.example:443", cookie: false) == .listed(app))
        #expect(judge("cross-site", "https://app.example", cookie: true) == .refused)
        #expect(judge("cross-site", "http://app.example", cookie: false) == .refused)
        #expect(CrossSite.fields(for: app)["Access-Control-Allow-Origin"] == "https://app.example")
        #expect(!CrossSite.fields(for: app).contains("Access-Control-Allow-Credentials"))
    }

    @Test func `where our origin is known the host is not asked`() {
        let own = ["https://id.example"]
        #expect(judge("same-origin", "https://id.example", own: own) == .own)
        #expect(judge("same-origin", "http://id.example:8080", own: own) == .refused)
    }

    @Test func `H-75 a preflight is answered for listed origins only`() throws {
        let fields = ["Access-Control-Request-Method: POST"]
        let listed = Set([try #require(Origin("https://app.example"))])
        func ask(_ method: String, _ origin: String) throws -> HTTPResponse? {
            CrossSite.preflight(
                try ConnectTests.request(method, "/a.B/C", fields: ["Origin: \(origin)"] + fields),
                listedOrigins: listed)
        }
        #expect(try ask("OPTIONS", "https://app.example")?.status == .noContent)
        #expect(try ask("OPTIONS", "https://evil.example") == nil)
        #expect(try ask("POST", "https://app.example") == nil)
    }
}
