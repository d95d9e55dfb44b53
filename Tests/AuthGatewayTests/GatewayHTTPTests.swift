import Contracts
import Fixtures
import Foundation
import HTTP
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// The HTTP edge: which paths there are, whose a request is, and what gets out.
struct GatewayHTTPTests {
    private func withEdge<T: Sendable>(
        _ body: @escaping @Sendable (Edge) async throws -> T
    ) async throws -> T {
        try await withGatehouse { try await body(Edge(house: $0)) }
    }

    // MARK: Paths

    @Test func `the surface is every method of the public contracts, and nothing else`() {
        let isPublic: (any Contract.Type) -> Bool = { contract in
            contract.methods.allSatisfy { $0.callers == .registered }
        }
        var paths: Set<String> = []
        var own: [any Contract.Type] = []
        for contract in Documents.contracts {
            guard isPublic(contract) else {
                own.append(contract)
                continue
            }
            for method in contract.methods {
                paths.insert("/\(contract.service.text)/\(method.name)")
            }
        }
        #expect(Set(GatewayHTTP.routes.keys) == paths)
        #expect(Set(GatewayDispatcher.methods.map(\.number)).count == paths.count)
        // What is for services of our own has no path and no number at the gateway.
        #expect(own.count == 2)
        for method in own.flatMap({ $0.methods }) {
            #expect(!GatewayDispatcher.methods.contains { $0.number == method.number })
        }
    }

    @Test
    func `H-75, H-76, H-78 every path takes POST alone, with a body that no foreign form sends`()
        async throws
    {
        try await withEdge { edge in
            for path in GatewayHTTP.routes.keys.sorted() {
                let posing = Edge.json.merging([
                    "X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST",
                    "X-Method-Override": "POST",
                ]) { $1 }
                for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] {
                    let answer = try await edge.send(method, path, posing)
                    #expect(answer.status == 405, "\(method) \(path)")
                    #expect(answer.header("allow") == "POST")
                }
                for type in ["text/plain", "application/x-www-form-urlencoded", ""] {
                    let headers = type.isEmpty ? [:] : ["Content-Type": type]
                    #expect(try await edge.send("POST", path, headers).status == 415, "\(path)")
                }
                #expect(try await edge.send("POST", path + "?a=b").status == 404)
            }
            let path = "/dubbelslot.v1.SignInService/Start"
            for query in ["?", "?message=%7B%7D", "?identifier=ann&password=x", "?/"] {
                #expect(try await edge.send("POST", path + query).status == 404, "\(query)")
            }
        }
    }

    @Test func `every method can be called, and answers without a session by its own words`()
        async throws
    {
        try await withEdge { edge in
            for (path, method) in GatewayHTTP.routes {
                let body = try Self.sample(method.request)
                let answer = try await edge.send("POST", path, Edge.json, body)
                #expect(answer.reason != "method_unknown" && answer.reason != "internal")
                if !path.contains("SignInService"), !path.contains("SessionService") {
                    #expect(answer.status == 401 && answer.reason == "not_signed_in", "\(path)")
                }
            }
        }
    }

    private static func sample<M: Message>(_ type: M.Type) throws -> String {
        String(decoding: try RandomCoder.message(type, seed: 5).json(), as: UTF8.self)
    }

    private static let noJSON = [
        "", " ", "null", "[]", "1", "{", "{}{}", "{,}", #"{"identifier":"a",}"#,
        #"{"identifier":"a","identifier":"b"}"#, #"{"x":1,"x":1}"#, "\u{feff}{}",
        #"{"identifier":"\ud800"}"#, #"{"identifier":"a\u0000"}"#, #"{"identifier":1e400}"#,
        #"{"bearer":1}"#, #"{"x":01}"#, #"{"x":+1}"#, #"{"x":.5}"#, #"{"x":NaN}"#,
        #"{'identifier':'a'}"#, #"{"identifier":"a"} x"#, #"{"identifier":"a" /* b */}"#,
        #"{"x":"# + String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000) + "}",
        String(repeating: #"{"x":"#, count: 10_000), String(repeating: "[", count: 60_000),
    ]

    @Test func `H-77 a body that is no JSON is malformed, and the next is answered`() async throws {
        try await withEdge { edge in
            let big = #"{"identifier":"ann","password":"x","y":-1e400,"z":[1e99999999]}"#
            for body in Self.noJSON {
                let answer = try await edge.call("SignInService/Start", [:], body)
                #expect(answer.status == 400 && answer.reason == "malformed", "\(body)")
            }
            let next = try await edge.call("SignInService/Start", [:], big)
            #expect(next.reason == "password_wrong")
        }
    }

    @Test func `H-79 too many cookies, too long ones and two of ours are refused`() async throws {
        try await withEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser()).text
            let ours = "__Host-dubbelslot=" + token
            func outcome(_ cookies: String) async throws -> String {
                let answer = try await edge.call("AccountService/Get", ["Cookie": cookies])
                return answer.reason ?? "\(answer.status)"
            }
            let many = (0..<100).map { "c\($0)=v" }.joined(separator: "; ")
            let long = "c=" + String(repeating: "v", count: 8192)
            #expect(try await outcome(ours) == "200")
            #expect(try await outcome("\(many); \(ours)") == "too_large")
            #expect(try await outcome("\(long); \(ours)") == "too_large")
            #expect(try await outcome("\(ours); \(ours)") == "malformed")
            #expect(try await outcome("\(ours)0; \(ours)") == "malformed")
            #expect(try await outcome(ours + String(repeating: "v", count: 16_384)) == "too_large")
        }
    }

    @Test func `H-85 nothing is compressed, whatever the client takes`() async throws {
        try await withEdge { edge in
            _ = try await edge.house.makeUser()
            let takes = ["Accept-Encoding": "gzip, deflate, br, zstd, *"]
            let start = #"{"identifier":"ann","password":"password of ann","bearer":true}"#
            let answers = [
                try await edge.call("SignInService/Start", takes, start),
                try await edge.call("SignInService/Start", takes, "{}"),
                try await edge.send("GET", "/livez", takes),
                try await edge.send("GET", "/nothing", takes),
            ]
            #expect(answers.map(\.status) == [200, 401, 200, 404])
            for answer in answers {
                #expect(answer.header("content-encoding") == nil)
                #expect(answer.header("transfer-encoding") == nil)
            }
            #expect(answers[0].body.contains(#""userId":"#))
        }
    }

    @Test func `P-12 other paths are none, also those of the services behind`() async throws {
        try await withEdge { edge in
            for path in [
                "/dubbelslot.v1.VerificationService/CheckCode",
                "/dubbelslot.v1.PolicyService/Decide", "/dubbelslot.v1.SignInService",
                "/dubbelslot.v1.SignInService/start", "/dubbelslot.v1.SignInService/Start/",
                "//dubbelslot.v1.SignInService/Start", "/dubbelslot.v1.SignInService/%53tart",
                "/metrics", "/debug", "/livez/", "/readyz/x",
            ] {
                let answer = try await edge.send("POST", path)
                #expect(answer.status == 404, "\(path)")
            }
        }
    }

    @Test func `P-12 that it lives is told by GET, and what it lacks is not told here`()
        async throws
    {
        try await withEdge { edge in
            let well = try await edge.send("GET", "/livez")
            #expect(well.status == 200 && well.body == "ok\n")
            #expect(try await edge.send("POST", "/livez").status == 405)
            #expect(try await edge.send("GET", "/readyz").status == 404)
        }
    }

    // MARK: Whose it is

    @Test func `a session comes as cookie or as bearer token, and the header goes first`()
        async throws
    {
        try await withEdge { edge in
            let ann = try await edge.house.makeUser("ann")
            let bob = try await edge.house.makeUser("bob")
            let cookie = "__Host-dubbelslot=" + (try await edge.house.session(ann)).text
            let bearer = "Bearer " + (try await edge.house.session(bob)).text
            func name(_ headers: [String: String]) async throws -> String? {
                let answer = try await edge.call("AccountService/Get", headers)
                guard answer.status == 200 else { return answer.reason }
                return answer.body.contains(#""userName":"ann""#) ? "ann" : "bob"
            }
            #expect(try await name(["Cookie": cookie]) == "ann")
            #expect(try await name(["Authorization": bearer]) == "bob")
            #expect(try await name(["Authorization": bearer, "Cookie": cookie]) == "bob")
            #expect(try await name(["Cookie": "other=1; " + cookie]) == "ann")
            for headers in [
                [:], ["Authorization": "Basic YW5uOnB3"], ["Authorization": "Bearer"],
                ["Authorization": "Bearer "], ["Authorization": "Bearer x", "Cookie": cookie],
                ["Authorization": "Basic x", "Cookie": cookie], ["Authorization": cookie],
                ["Cookie": cookie + "x"], ["Cookie": String(cookie.dropLast())],
                ["Cookie": cookie.replacing("__Host-", with: "")],
                ["Cookie": cookie.lowercased()],
            ] {
                #expect(try await name(headers) == "not_signed_in", "\(headers)")
            }
            // A neighbouring host can add a second one; nothing says which is ours.
            #expect(try await name(["Cookie": cookie + "; " + cookie]) == "malformed")
        }
    }

    @Test func `H-75 L-27 another site reaches no method, whatever it sends along`() async throws {
        try await withGatehouse { house in
            let token = try await house.session(try await house.makeUser())
            let cookie = ["Cookie": "__Host-dubbelslot=\(token.text)"]
            let edge = Edge(house: house)
            let foreign = [
                ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
                ["Origin": "https://evil.example"], ["Origin": "null"],
                ["Origin": "https://gate.example.evil.example"],
                ["Origin": "https://gate.example", "Sec-Fetch-Site": "cross-site"],
            ]
            for headers in foreign {
                for method in ["AccountService/SignOut", "SignInService/Start"] {
                    let answer = try await edge.call(method, cookie.merging(headers) { $1 })
                    #expect(answer.status == 403 && answer.reason == "cross_site", "\(headers)")
                    #expect(!answer.headers.contains { $0.name.hasPrefix("access-control") })
                }
            }
            #expect(try await house.opens(token))
            for headers in [
                ["Origin": "https://gate.example", "Sec-Fetch-Site": "same-origin"],
                ["Sec-Fetch-Site": "none"],
            ] {
                let answer = try await edge.call(
                    "AccountService/Get", cookie.merging(headers) { $1 })
                #expect(answer.status == 200)
            }
            var bound = edge
            bound.ownOrigins = [try #require(Origin("https://pages.example"))]
            let elsewhere = ["Origin": "https://gate.example"]
            #expect(try await bound.call("AccountService/Get", elsewhere).status == 403)
        }
    }

    // MARK: What gets out

    @Test func `a browser's cookie is for this host alone, and goes when its session ends`()
        async throws
    {
        try await withEdge { edge in
            _ = try await edge.house.makeUser()
            let start = #"{"identifier":"ann","password":"password of ann"}"#
            let done = try await edge.call("SignInService/Start", [:], start)
            #expect(done.status == 200 && !done.body.contains("token"))
            let set = try #require(done.header("set-cookie"))
            let parts = set.components(separatedBy: "; ")
            #expect(parts.first?.hasPrefix("__Host-dubbelslot=") == true)
            #expect(
                Set(parts.dropFirst().filter { !$0.hasPrefix("Max-Age=") }) == [
                    "Path=/", "Secure", "HttpOnly", "SameSite=Strict",
                ])
            #expect(done.header("cache-control") == "no-store")
            let cookie = ["Cookie": parts[0]]
            #expect(try await edge.call("AccountService/Get", cookie).status == 200)
            let out = try await edge.call("AccountService/SignOut", cookie)
            #expect(out.header("set-cookie")?.contains("Max-Age=0") == true)
            #expect(out.header("clear-site-data")?.contains("storage") == true)
            #expect(try await edge.call("AccountService/Get", cookie).status == 401)
        }
    }

    @Test func `the cookie a browser is known by is apart, lasts, and stays after signing out`()
        async throws
    {
        try await withEdge { edge in
            _ = try await edge.house.makeUser()
            let start = #"{"identifier":"ann","password":"password of ann"}"#
            func device(_ answer: Edge.Answer) throws -> [String] {
                let name = "__Host-dubbelslot-device="
                let all = answer.headers.filter { $0.name == "set-cookie" }.map(\.value)
                return try #require(all.first { $0.hasPrefix(name) }).components(separatedBy: "; ")
            }
            let first = try await edge.call("SignInService/Start", [:], start)
            let parts = try device(first)
            #expect(
                Set(parts.dropFirst()) == [
                    "Max-Age=86400", "Path=/", "Secure", "HttpOnly", "SameSite=Strict",
                ])
            #expect(parts[0].utf8.count == "__Host-dubbelslot-device=".utf8.count + 43)
            let session = try #require(first.header("set-cookie")).components(separatedBy: "; ")[0]
            let out = try await edge.call("AccountService/SignOut", ["Cookie": session])
            #expect(!out.headers.contains { $0.value.contains("dubbelslot-device") })
            #expect(out.header("clear-site-data") == #""cache", "storage""#)
            let again = try await edge.call("SignInService/Start", ["Cookie": parts[0]], start)
            #expect(try device(again)[0] != parts[0])
            #expect(try edge.house.number("SELECT count(*) FROM auth.known_devices") == 1)
            // It opens nothing, as cookie or as token.
            let token = String(parts[0].split(separator: "=")[1])
            for headers in [
                ["Cookie": parts[0]], ["Cookie": "__Host-dubbelslot=" + token],
                ["Authorization": "Bearer " + token],
            ] {
                let answer = try await edge.call("AccountService/Get", headers)
                #expect(answer.reason == "not_signed_in")
            }
        }
    }

    @Test func `a device cookie that is none is as good as none`() async throws {
        try await withEdge { edge in
            _ = try await edge.house.makeUser()
            let name = "__Host-dubbelslot-device"
            let wrong = #"{"identifier":"ann","password":"wrong"}"#
            let plain = try await edge.call("SignInService/Start", [:], wrong)
            let canary = String(repeating: "c", count: 43)
            for cookie in [
                "\(name)=short", "\(name)=\(canary)", "\(name)=\(canary); \(name)=\(canary)",
                "\(name)=", "\(name)=ä",
            ] {
                let answer = try await edge.call("SignInService/Start", ["Cookie": cookie], wrong)
                #expect(answer.status == plain.status && answer.body == plain.body, "\(cookie)")
                #expect(answer.header("set-cookie") == nil)
            }
            #expect(!edge.lines.all.contains { $0.contains(canary) })
        }
    }

    @Test func `who asks for a token gets no cookie`() async throws {
        try await withEdge { edge in
            _ = try await edge.house.makeUser()
            let start = #"{"identifier":"ann","password":"password of ann","bearer":true}"#
            let done = try await edge.call("SignInService/Start", [:], start)
            #expect(done.status == 200 && done.body.contains(#""token":"#))
            #expect(done.header("set-cookie") == nil)
        }
    }

    @Test func `a refusal tells its word, and the log what only we may know`() async throws {
        try await withEdge { edge in
            let user = try await edge.house.makeUser(factors: 2)
            let ticket = try await edge.house.verifying(user)
            let trace = try edge.house.sql("SELECT trace_id FROM auth.pending_sign_ins")
            edge.house.verification.state.withLock { $0.mistakenFor = user.factors[1] }
            let body = """
                {"ticket":"\(ticket.text)","authenticator":"\(user.authenticator)","code":"111111"}
                """
            let answer = try await edge.call("SignInService/CompleteVerification", [:], body)
            #expect(answer.status == 500 && answer.reason == "internal")
            #expect(!answer.body.contains("another authenticator"))
            let line = try #require(edge.lines.all.last)
            #expect(line.contains("another authenticator") && line.contains("call_failed"))
            // The line is found by the trace of its sign-in.
            #expect(line.contains(trace.replacing("-", with: "")))
            for secret in [ticket.text, "111111"] { #expect(!line.contains(secret)) }
            let wrong = #"{"identifier":"ann","password":"canary-password"}"#
            _ = try await edge.call("SignInService/Start", [:], wrong)
            _ = try await edge.call("SignInService/Start", [:], wrong + "x")
            #expect(edge.lines.all.count == 3)
            #expect(!edge.lines.all.contains { $0.contains("canary") })
        }
    }
}
