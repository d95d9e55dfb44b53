import Contracts
import Fixtures
import Foundation
import HTTP
import RPC
import Testing
import Wire

@testable import AuthGateway

/// How a session gets to a host of another name.
struct HandOverTests {
    /// A browser at a protected host.
    private struct Visit {
        let edge: Edge
        let host: String
        var cookies: [String: String] = [:]

        mutating func get(_ path: String) async throws -> Edge.Answer {
            var fields = ForwardAuthTests.fields(host)
            if !cookies.isEmpty {
                fields["Cookie"] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
            }
            let answer = try await edge.send("GET", path, fields, "")
            for set in answer.headers where set.name == "set-cookie" {
                let pair = set.value.split(separator: ";")[0].split(separator: "=", maxSplits: 1)
                cookies[String(pair[0])] = String(pair[1])
            }
            return answer
        }

        /// What our page asks for, as the redirect says it.
        mutating func start(_ target: String = "/") async throws -> HandOver {
            let to = PercentEncoding.encode(target)
            let answer = try await get("/.dubbelslot/start?to=\(to)")
            let location = try #require(answer.header("location"), "\(answer.status)")
            let items = try #require(URLComponents(string: location)?.queryItems)
            let values = Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.value ?? "") })
            #expect(location.hasPrefix("https://gate.example/hand-over?"))
            return HandOver(
                host: try #require(values["host"]),
                challenge: try HandOverChallenge(raw: try #require(values["challenge"])),
                target: try #require(values["to"]))
        }

        mutating func isLetIn() async throws -> Bool {
            try await get("/forward-auth").status == 200
        }
    }

    /// The path of the address that the gateway leads to.
    private func handOver(
        _ house: Gatehouse, _ token: SessionToken, _ request: HandOver
    ) async throws -> String {
        let location = try await house.on {
            try await $0.account().handOver(request, .from(token)).location
        }
        #expect(location.hasPrefix(request.host + "/"))
        return String(location.dropFirst(request.host.utf8.count))
    }

    @Test func `a session gets to a host by a code, and back to the page`() async throws {
        try await ForwardAuthTests.withProxiedEdge { edge in
            let user = try await edge.house.makeUser(factors: 1)
            let token = try await edge.house.session(user)
            var visit = Visit(edge: edge, host: "vault.example")
            #expect(try await !visit.isLetIn())
            let request = try await visit.start("/a/b?c=d&e=%2F")
            #expect(request.host == "https://vault.example" && request.target == "/a/b?c=d&e=%2F")
            let path = try await handOver(edge.house, token, request)
            let answer = try await visit.get(path)
            #expect(answer.status == 302)
            #expect(answer.header("location") == "https://vault.example/a/b?c=d&e=%2F")
            #expect(answer.header("strict-transport-security") == "max-age=31536000")
            let set = try #require(answer.header("set-cookie")).components(separatedBy: "; ")
            #expect(
                Set(set.dropFirst().filter { !$0.hasPrefix("Max-Age=") }) == [
                    "Path=/", "Secure", "HttpOnly", "SameSite=Lax",
                ])
            #expect(try await visit.isLetIn())
            #expect(try edge.house.audited("session_handed_over", user.id) == 1)
            // Gone back to.
            let again = try await visit.get(path)
            #expect(again.status == 302)
            #expect(again.header("location") == "https://vault.example/")
            #expect(again.header("set-cookie") == nil)
        }
    }

    @Test func `S-01, S-10 a code is worth nothing in another browser, at another host, or late`()
        async throws
    {
        try await ForwardAuthTests.withProxiedEdge { edge in
            let house = edge.house
            let token = try await house.session(try await house.makeUser(factors: 1))
            var visit = Visit(edge: edge, host: "wiki.example")
            var thief = Visit(edge: edge, host: "wiki.example")
            var elsewhere = Visit(edge: edge, host: "notes.example")
            let request = try await visit.start()
            _ = try await thief.start()
            _ = try await elsewhere.start()
            let path = try await handOver(house, token, request)
            elsewhere.cookies = visit.cookies
            var empty = Visit(edge: edge, host: "wiki.example")
            for var other in [thief, elsewhere, empty] {
                #expect(try await other.get(path).status == 400)
                #expect(try await !other.isLetIn())
            }
            // A link made by somebody for his own session, sent to another: not taken over either.
            #expect(try await empty.get(path).header("set-cookie") == nil)
            // What was shown elsewhere is spent for its own browser too, as is what is late.
            #expect(try await visit.get(path).status == 400)
            let late = try await handOver(house, token, request)
            try house.sql("UPDATE auth.hand_overs SET expires_at = clock_timestamp()")
            #expect(try await visit.get(late).status == 400)
            let second = try await handOver(house, token, request)
            #expect(try await visit.get(second).status == 302)
            for text in [
                path.replacing("code=", with: "code"), "/.dubbelslot/return", second + "&code=x",
                "/.dubbelslot/return?code=" + String(repeating: "A", count: 43),
            ] {
                var other = visit
                other.cookies["__Host-dubbelslot-host"] = nil
                #expect(try await other.get(text).status == 400)
            }
        }
    }

    @Test func `of 32 who bring one code at once one gets the cookie`() async throws {
        try await ForwardAuthTests.withProxiedEdge(replicas: 2) { edge in
            let house = edge.house
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let secret = try HandOverSecret.fresh()
            let challenge = try #require(secret.challenge)
            let host = try #require(Origin("https://wiki.example"))
            for _ in 0..<10 {
                let path = try await handOver(
                    house, token,
                    HandOver(host: host.description, challenge: challenge, target: "/"))
                let text = try #require(path.split(separator: "=").last)
                let code = try HandOverCode(raw: String(text))
                let arrivals = try await house.parallel(32) { gateway, _ in
                    let token = try HostToken.fresh()
                    return try await gateway.handOvers.finish(code, at: host, secret, token: token)
                }
                #expect(arrivals.compactMap { $0 }.count == 1)
            }
            #expect(try house.number("SELECT count(*) FROM auth.host_sessions") == 1)
        }
    }

    @Test func `S-02 a code of a session that has ended opens nothing`() async throws {
        try await ForwardAuthTests.withProxiedEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser())
            var visit = Visit(edge: edge, host: "wiki.example")
            let path = try await handOver(edge.house, token, try await visit.start())
            try await edge.house.on {
                _ = try await $0.account().signOut(SignOut(), .from(token))
            }
            #expect(try await visit.get(path).status == 400)
            #expect(try await !visit.isLetIn())
        }
    }

    @Test func `S-06 a level is not raised on the way, nor by a proof that was given elsewhere`()
        async throws
    {
        try await ForwardAuthTests.withProxiedEdge { edge in
            let house = edge.house
            let user = try await house.makeUser(factors: 1)
            let token = try await house.session(user)
            try house.sql("UPDATE auth.sessions SET level = 1")
            var visit = Visit(edge: edge, host: "wiki.example")
            var vault = Visit(edge: edge, host: "vault.example")
            let path = try await handOver(house, token, try await visit.start())
            let wanted = try await vault.start()
            let refused = try await house.refusal {
                try await $0.account().handOver(wanted, .from(token))
            }
            #expect(refused == .stepUpRequired)
            try house.sql("UPDATE auth.sessions SET level = 2")
            _ = try await visit.get(path)
            #expect(try house.sql("SELECT level FROM auth.host_sessions") == "1")
            // Brought there anew, it has the new level; the cookie before opens nothing.
            let before = vault
            _ = try await vault.get(try await handOver(house, token, wanted))
            #expect(try await vault.isLetIn())
            let first = vault
            _ = try await vault.get(try await handOver(house, token, try await vault.start()))
            #expect(try await vault.isLetIn())
            for var old in [before, first] { #expect(try await !old.isLetIn()) }
            try house.sql("UPDATE auth.sessions SET level = 1")
            let answer = try await vault.get("/forward-auth")
            #expect(answer.status == 401 && answer.reason == "step_up_required")
            #expect(
                answer.header("www-authenticate")
                    == "Bearer error=\"insufficient_user_authentication\"")
        }
    }

    @Test func `nobody is led to a host that is not named, and two tabs both come back`()
        async throws
    {
        try await ForwardAuthTests.withProxiedEdge { edge in
            let house = edge.house
            let token = try await house.session(try await house.makeUser(factors: 1))
            for (host, target, reason) in [
                ("https://evil.example", "/", Reason.hostNotProtected),
                ("http://wiki.example", "/", .hostNotProtected),
                ("https://wiki.example/x", "/", .hostNotProtected),
                ("https://wiki.example", "@evil.example/", .malformed),
                ("https://wiki.example", "", .malformed),
                ("https://wiki.example", "/\r\nSet-Cookie: a=b", .malformed),
            ] {
                let found = try await house.refusal {
                    try await $0.account().handOver(
                        HandOver(host: host, challenge: .sample, target: target), .from(token))
                }
                #expect(found == reason, "\(host) \(target)")
            }
            let own = HandOver(host: "https://gate.example", challenge: .sample, target: "/x?y")
            #expect(try await handOver(house, token, own) == "/x?y")
            var visit = Visit(edge: edge, host: "wiki.example")
            let first = try await visit.start("/1")
            let second = try await visit.start("/2")
            let paths = [
                try await handOver(house, token, first), try await handOver(house, token, second),
            ]
            for (number, path) in paths.enumerated() {
                let answer = try await visit.get(path)
                #expect(answer.header("location") == "https://wiki.example/\(number + 1)")
            }
            var stray = Visit(edge: edge, host: "other.example")
            #expect(try await stray.get("/.dubbelslot/start?to=/").status == 404)
            let away = try await visit.start("//evil.example")
            #expect(away.target == "//evil.example" && away.host == "https://wiki.example")
        }
    }
}
