import Contracts
import Daemon
import Fixtures
import HTTP
import RPC
import Reactor
import Testing
import Wire

@testable import AuthGateway

/// What a browser is given to hold as a trusted device, and what it holds apart from that.
struct TrustCookieTests {
    private struct Silence: LogOutput {
        func write(_ line: [UInt8]) {}
        func takeLostCount() -> Int? { nil }
    }

    /// The cookies that an answer sets, and its body.
    private func post(
        _ house: Gatehouse, _ method: String, _ message: some Message, cookie: String = ""
    ) async throws -> (cookies: [String], body: [UInt8]) {
        let body = message.json()
        var text = "POST /dubbelslot.v1.SignInService/\(method) HTTP/1.1\r\n"
        text += "Host: example.test\r\nContent-Type: application/json\r\n"
        text += "Sec-Fetch-Site: same-origin\r\nContent-Length: \(body.count)\r\n"
        if !cookie.isEmpty { text += "Cookie: \(cookie)\r\n" }
        let bytes = Array((text + "\r\n").utf8) + body
        var parser = RequestParser()
        let (_, event) = bytes.withUnsafeBytes { parser.take($0) }
        guard case .request(let head, let whole) = event else { throw Unexpected() }
        let request = HTTPRequest(
            head: head, body: whole, remoteAddress: .ipv4(0x7f00_0001, port: 5))
        let response = try await house.on { gateway in
            let edge = GatewayHTTP(
                dispatcher: GatewayDispatcher(gateway: gateway),
                log: Log(service: "tests", output: Silence()), ownOrigins: [],
                pages: try WebPages(folder: nil))
            return await edge.answer(request)
        }
        let cookies = response.headers.values(of: "Set-Cookie").map {
            String(decoding: $0, as: UTF8.self)
        }
        return (cookies, response.body)
    }

    @Test func `S-10 a browser holds trust in a cookie that no page and no other host sees`()
        async throws
    {
        try await withGatehouse { house in
            house.allowTrust()
            let user = try await house.makeOwner()
            let start = StartSignIn(
                identifier: user.name, password: user.password, bearer: false)
            let begun = try await post(house, "Start", start)
            #expect(begun.cookies.isEmpty)
            let ticket = try #require(try NextStep(json: begun.body).ticket)
            var proof = house.complete(user, ticket)
            proof.trustDevice = true
            let done = try await post(house, "CompleteVerification", proof)
            let cookie = try #require(
                done.cookies.first { $0.hasPrefix("__Host-dubbelslot-trusted=") })
            let parts = cookie.split(separator: "; ").map(String.init)
            #expect(parts.dropFirst(2) == ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"])
            let pair = try #require(parts.first)
            #expect(!String(decoding: done.body, as: UTF8.self).contains(pair.dropFirst(26)))
            // Twice it is none.
            let twice = try await post(house, "Start", start, cookie: "\(pair); \(pair)")
            #expect(try NextStep(json: twice.body).name == "verify")
            // It is another than the one that a browser is known by.
            let known = pair.replacing("-trusted=", with: "-device=")
            let other = try await post(house, "Start", start, cookie: known)
            #expect(try NextStep(json: other.body).name == "verify")
            let next = try await post(house, "Start", start, cookie: pair)
            #expect(try NextStep(json: next.body).name == "signedIn")
            #expect(next.cookies.count { $0.hasPrefix("__Host-dubbelslot-trusted=") } == 1)
        }
    }
}
