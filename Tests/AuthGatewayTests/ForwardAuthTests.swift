import Audit
import Contracts
import Crypto
import Fixtures
import Foundation
import HTTP
import RPC
import Testing
import Wire

@testable import AuthGateway

/// What a proxy is told of a request to another application.
struct ForwardAuthTests {
    static func withProxiedEdge<T: Sendable>(
        replicas: Int = 1, _ body: @escaping @Sendable (Edge) async throws -> T
    ) async throws -> T {
        try await withGatehouse(replicas: replicas) { house in
            var edge = Edge(house: house)
            edge.proxies = try #require(TrustedProxies(["127.0.0.1"]))
            return try await body(edge)
        }
    }

    static func fields(_ host: String, _ more: [String: String] = [:]) -> [String: String] {
        ["X-Forwarded-Host": host, "X-Forwarded-Proto": "https"].merging(more) { $1 }
    }

    private static func bearer(_ token: SessionToken) -> [String: String] {
        ["Authorization": "Bearer \(token.text)"]
    }

    @Test func `whoever is signed in passes, and it is said who he is, in all four fields`()
        async throws
    {
        try await Self.withProxiedEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser())
            let answer = try await edge.send(
                "GET", "/forward-auth", Self.fields("wiki.example", Self.bearer(token)), "")
            #expect(answer.status == 200 && answer.body.isEmpty)
            #expect(answer.header("remote-user") == "ann")
            #expect(answer.header("remote-name") == "ann")
            #expect(answer.header("remote-groups") == "" && answer.header("remote-email") == "")
            #expect(answer.header("cache-control") == "no-store")
            let head = try await edge.send(
                "HEAD", "/forward-auth", Self.fields("wiki.example", Self.bearer(token)), "")
            #expect(head.status == 200)
            let post = try await edge.send("POST", "/forward-auth", Self.fields("wiki.example"))
            #expect(post.status == 405)
        }
    }

    @Test func `names of any kind stand in one line, and no two look the same there`() {
        func field(_ text: String) -> String { HeaderValue(readable: text).text }
        #expect(field("Ann van Dam (sales)") == "Ann van Dam (sales)")
        #expect(field("Zoë") == "Zo%C3%AB")
        #expect(field("50% off") == "50%25 off")
        #expect(field("张伟") == "%E5%BC%A0%E4%BC%9F")
        #expect(field(" a ") == "%20a%20")
        #expect(field("a\r\nRemote-User: admin") == "a%0D%0ARemote-User: admin")
        #expect(field("a\u{0}\u{7f}\u{85}b") == "a%00%7F%C2%85b")
        for text in ["Zoë", "50% off", " a ", "a\r\nb", "%0D%0A", ""] {
            #expect(PercentEncoding.decode(field(text)) == text)
        }
        #expect(PercentEncoding.decode("%") == nil && PercentEncoding.decode("%4") == nil)
        #expect(PercentEncoding.decode("%+1") == nil && PercentEncoding.decode("%ff") == nil)
    }

    @Test func `nginx is told 401 and where to lead people, the others 302 for pages alone`()
        async throws
    {
        try await Self.withProxiedEdge { edge in
            let fields = Self.fields(
                "wiki.example",
                ["X-Forwarded-Uri": "/page?a=b&c=%20d", "X-Forwarded-Method": "GET"])
            let start = "https://wiki.example/.dubbelslot/start?to=/page%3Fa%3Db%26c%3D%2520d"
            let plain = try await edge.send("GET", "/forward-auth", fields, "")
            #expect(plain.status == 401 && plain.reason == "not_signed_in")
            #expect(plain.header("dubbelslot-location") == start)
            #expect(plain.header("location") == nil && plain.header("www-authenticate") == "Bearer")
            let redirect = "/forward-auth/redirect"
            let led = try await edge.send("GET", redirect, fields, "")
            #expect(led.status == 302 && led.header("location") == start)
            for other in [["X-Forwarded-Method": "POST"], ["Sec-Fetch-Mode": "cors"]] {
                let answer = try await edge.send("GET", redirect, fields.merging(other) { $1 }, "")
                #expect(answer.status == 401 && answer.header("location") == nil)
            }
        }
    }

    @Test func `H-74 hosts and addresses are believed of proxies alone, and none but those named`()
        async throws
    {
        try await Self.withProxiedEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser())
            let mine = Self.bearer(token)
            func status(_ edge: Edge, _ fields: [String: String]) async throws -> Int {
                let answer = try await edge.send(
                    "GET", "/forward-auth/redirect", fields.merging(mine) { $1 }, "")
                #expect(answer.status == 200 || answer.header("remote-user") == nil)
                #expect(answer.header("location") == nil)
                return answer.status
            }
            #expect(try await status(edge, Self.fields("wiki.example")) == 200)
            #expect(try await status(edge, Self.fields("WIKI.example:443")) == 200)
            var stranger = edge
            stranger.proxies = try #require(TrustedProxies(["10.0.0.0/8"]))
            #expect(try await status(stranger, Self.fields("wiki.example")) == 403)
            for host in [
                "other.example", "wiki.example.", "wiki.example:8443", "evil.example, wiki.example",
                "wiki.example@evil.example", "wiki.example/evil", "", "a.wiki.example",
                "xwiki.example",
            ] {
                #expect(try await status(edge, Self.fields(host)) == 403, "\(host)")
            }
            let open = ["X-Forwarded-Host": "wiki.example", "X-Forwarded-Proto": "http"]
            #expect(try await status(edge, open) == 403)
            for address in ["//evil.example/", "https://evil.example/", "/\\evil.example", "/a b"] {
                let fields = Self.fields("wiki.example", ["X-Forwarded-Uri": address])
                let answer = try await edge.send("GET", "/forward-auth/redirect", fields, "")
                let location = try #require(answer.header("location"))
                #expect(location.hasPrefix("https://wiki.example/.dubbelslot/start?to=/"))
            }
        }
    }

    @Test func `S-02 who has signed out is refused at the next request, on every replica`()
        async throws
    {
        try await Self.withProxiedEdge(replicas: 2) { edge in
            let house = edge.house
            let user = try await house.makeUser(factors: 1)
            for end in 0..<3 {
                let token = try await house.session(user)
                let cookie = try await house.bring(token.text, to: "https://vault.example")
                let fields = Self.fields(
                    "vault.example", ["Cookie": "__Host-dubbelslot-host=\(cookie)"])
                #expect(try await edge.send("GET", "/forward-auth", fields, "").status == 200)
                try await house.on(1) { gateway in
                    switch end {
                    case 0: _ = try await gateway.account().signOut(SignOut(), .from(token))
                    case 1:
                        _ = try await gateway.accounts.endEverything(
                            of: user.id, audit: Call.from().audit(.sessionsEnded, subject: user.id))
                    default:
                        _ = try await gateway.accounts.setDisabled(
                            true, user.id,
                            audit: Call.from().audit(.userDisabled, subject: user.id))
                    }
                }
                let after = try await edge.send("GET", "/forward-auth", fields, "")
                #expect(after.status == 401 && after.reason == "not_signed_in", "\(end)")
            }
        }
    }

    @Test func `S-03, S-09 the cookie of a host opens that host and nothing else`() async throws {
        try await Self.withProxiedEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser(factors: 1))
            let cookie = try await edge.house.bring(token.text, to: "https://wiki.example")
            func status(_ host: String, _ headers: [String: String]) async throws -> Int {
                try await edge.send("GET", "/forward-auth", Self.fields(host, headers), "").status
            }
            let held = ["Cookie": "__Host-dubbelslot-host=\(cookie)"]
            #expect(try await status("wiki.example", held) == 200)
            for host in ["notes.example", "vault.example", "gate.example"] {
                #expect(try await status(host, held) == 401, "\(host)")
            }
            let digest = HostToken(parsing: cookie)?.digest.array ?? []
            for other in [
                String(cookie.dropLast()), cookie + "A", String(cookie.reversed()),
                try #require(HostToken(random: digest)).text, token.text,
            ] {
                let held = ["Cookie": "__Host-dubbelslot-host=\(other)"]
                #expect(try await status("wiki.example", held) == 401)
            }
            // Nor is it a session: not as a cookie of ours, not as a bearer token.
            let as1 = ["Cookie": "__Host-dubbelslot=\(cookie)"]
            let as2 = ["Authorization": "Bearer \(cookie)"]
            for headers in [as1, as2] {
                #expect(try await edge.call("AccountService/Get", headers).status == 401)
                #expect(try await status("wiki.example", headers) == 401)
            }
            // An application's own header does not stand in the way, and is no credential.
            let basic = ["Authorization": "Basic YTpi"]
            #expect(try await status("wiki.example", held.merging(basic) { $1 }) == 200)
            #expect(try await status("wiki.example", basic) == 401)
            let twice = ["Cookie": "__Host-dubbelslot-host=\(cookie); __Host-dubbelslot-host=x"]
            #expect(try await status("wiki.example", twice) == 400)
        }
    }

    @Test func `a database that is away lets nobody pass`() async throws {
        try await Self.withProxiedEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser())
            try edge.house.sql("ALTER TABLE auth.sessions RENAME TO elsewhere")
            let answer = try await edge.send(
                "GET", "/forward-auth", Self.fields("wiki.example", Self.bearer(token)), "")
            #expect(answer.status >= 500 && answer.header("remote-user") == nil)
            try edge.house.sql("ALTER TABLE auth.elsewhere RENAME TO sessions")
        }
    }

    @Test func `S-10 neither cookies nor tokens come into the log`() async throws {
        try await Self.withProxiedEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser())
            let cookie = try await edge.house.bring(token.text, to: "https://wiki.example")
            let all = Self.bearer(token).merging(
                ["Cookie": "__Host-dubbelslot-host=\(cookie); __Host-dubbelslot-host=\(cookie)"]
            ) { $1 }
            for host in ["wiki.example", "other.example"] {
                _ = try await edge.send("GET", "/forward-auth", Self.fields(host, all), "")
            }
            #expect(!edge.lines.all.isEmpty)
            for line in edge.lines.all {
                #expect(!line.contains(token.text) && !line.contains(cookie))
            }
        }
    }
}

/// The setting that names the hosts.
struct ProtectedHostsTests {
    private let own = [Origin("https://gate.example")!]

    @Test(arguments: [
        "https://a.example=1", "https://a.example:8443=2", "http://localhost=1",
        "http://wiki.localhost:8080=2", "http://127.0.0.1:81=1", "http://[::1]:81=1",
    ])
    func `a host is an origin with a level`(word: String) throws {
        let hosts = try #require(ProtectedHosts([word], publicOrigins: own))
        let parts = word.split(separator: "=")
        #expect(hosts.level(at: try #require(Origin(String(parts[0])))) == UInt32(parts[1]))
        #expect(hosts.level(at: try #require(Origin("https://b.example"))) == nil)
    }

    @Test(arguments: [
        "", "a.example=1", "https://a.example", "https://a.example=0", "https://a.example=3",
        "https://a.example=", "https://a.example=1=1", "https://a.example/=1", "https://*=1",
        "http://a.example=1", "http://localhost.example=1", "http://127.0.0.1.example=1",
        "http://xlocalhost=1", "ftp://a.example=1", "https://a@b=1",
    ])
    func `anything else is refused, and so is plain HTTP that leaves the machine`(word: String) {
        #expect(ProtectedHosts([word], publicOrigins: own) == nil)
    }

    @Test func `a host stands once, and wants a place to sign in`() {
        let twice = ["https://a.example=1", "https://A.example:443=2"]
        #expect(ProtectedHosts(twice, publicOrigins: own) == nil)
        // Cookies know no ports.
        for other in ["https://a.example:8443=1", "http://localhost:81=1"] {
            let words = ["https://a.example=1", "http://localhost:80=1", other]
            #expect(ProtectedHosts(words, publicOrigins: own) == nil, "\(other)")
        }
        let beside = own.map { "\($0):8443=1" }
        #expect(ProtectedHosts(beside, publicOrigins: own) == nil)
        #expect(ProtectedHosts(["https://a.example=1"], publicOrigins: []) == nil)
        #expect(ProtectedHosts([], publicOrigins: [])?.isEmpty == true)
    }
}
