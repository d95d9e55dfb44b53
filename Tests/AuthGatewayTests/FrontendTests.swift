import Contracts
import Crypto
import Fixtures
import Foundation
import HTTP
import RPC
import Testing
import Wire

@testable import AuthGateway

/// Pages of others that work with our sessions, and statements that others check by themselves.
@Suite struct FrontendTests {
    private static let shop = "https://shop.example"
    private static let there = ["Origin": shop, "Sec-Fetch-Site": "cross-site"]

    private func withShop<T: Sendable>(
        _ body: @escaping @Sendable (Edge) async throws -> T
    ) async throws -> T {
        try await withGatehouse { house in
            var edge = Edge(house: house)
            edge.ownOrigins = [try #require(Origin("https://gate.example"))]
            edge.frontendOrigins = [try #require(Origin(Self.shop))]
            return try await body(edge)
        }
    }

    @Test func `H-75 a listed origin may ask for every method, and for nothing else`() async throws
    {
        try await withShop { edge in
            let asking = Self.there.merging(["Access-Control-Request-Method": "POST"]) { $1 }
            for path in GatewayHTTP.routes.keys.sorted() {
                let answer = try await edge.send("OPTIONS", path, asking)
                #expect(answer.status == 204, "\(path)")
                #expect(answer.header("access-control-allow-origin") == Self.shop)
                #expect(answer.header("access-control-allow-methods") == "POST")
                #expect(answer.header("access-control-allow-credentials") == nil)
                #expect(answer.header("vary") == "Origin")
            }
            for path in ["/", "/dubbelslot.v1.SignInService/Nothing", "/forward-auth"] {
                let answer = try await edge.send("OPTIONS", path, asking)
                #expect(answer.header("access-control-allow-origin") == nil, "\(path)")
            }
            for origin in [
                "https://other.example", "http://shop.example", "null", "https://a.shop.example",
            ] {
                let answer = try await edge.send(
                    "OPTIONS", "/dubbelslot.v1.SignInService/Start",
                    asking.merging(["Origin": origin]) { $1 })
                #expect(answer.status == 405)
                #expect(answer.header("access-control-allow-origin") == nil, "\(origin)")
            }
        }
    }

    @Test func `a listed origin signs in with a bearer token, and is never given a cookie`()
        async throws
    {
        try await withShop { edge in
            let user = try await edge.house.makeUser()
            func start(_ bearer: Bool) async throws -> Edge.Answer {
                let body =
                    #"{"identifier":"\#(user.name)","password":"\#(user.password)","#
                    + #""bearer":\#(bearer)}"#
                return try await edge.call("SignInService/Start", Self.there, body)
            }
            let kept = try await start(true)
            #expect(kept.status == 200 && kept.body.contains("\"token\""), "\(kept.body)")
            #expect(kept.header("set-cookie") == nil)
            #expect(kept.header("access-control-allow-origin") == Self.shop)
            let refused = try await start(false)
            #expect(refused.reason == "malformed" && refused.header("set-cookie") == nil)
            #expect(refused.header("access-control-allow-origin") == Self.shop)
            #expect(
                refused.header("access-control-expose-headers")?.contains("Dubbelslot-Reason")
                    == true)
        }
    }

    @Test func `H-75 no cookie counts for a listed origin, nor a token for one that is not`()
        async throws
    {
        try await withShop { edge in
            let token = try await edge.house.session(try await edge.house.makeUser()).text
            func outcome(_ more: [String: String]) async throws -> String {
                let answer = try await edge.call(
                    "AccountService/Get", Self.there.merging(more) { $1 })
                return answer.status == 200 ? "ok" : answer.reason ?? "?"
            }
            let bearer = "Bearer \(token)"
            #expect(try await outcome(["Authorization": bearer]) == "ok")
            #expect(try await outcome([:]) == "not_signed_in")
            let cookie = "__Host-dubbelslot=\(token)"
            #expect(try await outcome(["Cookie": cookie]) == "cross_site")
            #expect(
                try await outcome(["Cookie": cookie, "Authorization": bearer]) == "cross_site")
            let other = ["Origin": "https://other.example", "Authorization": bearer]
            #expect(try await outcome(other) == "cross_site")
        }
    }

    // MARK: Statements

    private struct Statement {
        let head: [String: Any]
        let claims: [String: Any]
        let signed: String
        let signature: [UInt8]

        init(_ text: String) throws {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            try #require(parts.count == 3)
            func object(_ part: Substring) throws -> [String: Any] {
                let bytes = try #require(Base64URL.decode(part.utf8))
                let json = try JSONSerialization.jsonObject(with: Data(bytes))
                return try #require(json as? [String: Any])
            }
            head = try object(parts[0])
            claims = try object(parts[1])
            signed = "\(parts[0]).\(parts[1])"
            signature = try #require(Base64URL.decode(parts[2].utf8))
        }
    }

    @Test func `a statement says of the session what is known, and its published key fits`()
        async throws
    {
        try await withShop { edge in
            let house = edge.house
            let user = try await house.makeUser(roles: [.administrator], factors: 1)
            let token = try await house.session(user)
            let told = try await house.on {
                try await $0.directory(Door(.http)).issueToken(
                    IssueToken(audience: Self.shop), .from(token))
            }
            let view = try #require(
                try await house.on {
                    try await $0.directory(Door(.http)).introspect(Introspect(), .from(token))
                        .session
                })
            let it = try Statement(told.token)
            #expect(it.claims["iss"] as? String == "https://gate.example")
            #expect(it.claims["sub"] as? String == user.id.description)
            #expect(it.claims["aud"] as? String == Self.shop)
            #expect(it.claims["sid"] as? String == view.id.description)
            #expect(it.claims["acr"] as? String == "aal\(view.aal)")
            #expect(it.claims["amr"] as? [String] == view.amr.map(\.rawValue))
            #expect(it.claims["auth_time"] as? Int64 == view.authTime.seconds)
            #expect(it.claims["groups"] as? [String] == ["administrator"])
            #expect(it.claims["preferred_username"] as? String == user.name)
            #expect(it.claims["exp"] as? Int64 == told.expiresAt.seconds)
            let issued = try #require(it.claims["iat"] as? Int64)
            #expect(told.expiresAt.seconds == issued + 300)

            let keys = try await edge.send("GET", "/.well-known/jwks.json", [:], "")
            #expect(keys.status == 200 && keys.header("cache-control") == "public, max-age=300")
            let all = try JSONSerialization.jsonObject(with: Data(keys.body.utf8))
            let key = try #require((all as? [String: [[String: String]]])?["keys"]?.first)
            // RFC 8037 A.3: the thumbprint of its example.
            #expect(key["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
            #expect(it.head["kid"] as? String == key["kid"] && it.head["alg"] as? String == "EdDSA")
            #expect(key["d"] == nil && key["kty"] == "OKP" && key["crv"] == "Ed25519")
            let half = try PublicKey(ed25519: try #require(Base64URL.decode((key["x"] ?? "").utf8)))
            #expect(half.verifies(it.signature, of: Array(it.signed.utf8)))
            var forged = it.signature
            forged[0] ^= 1
            #expect(!half.verifies(forged, of: Array(it.signed.utf8)))
        }
    }

    @Test func `no statement is made without a session, for strangers, or beyond its end`()
        async throws
    {
        try await withShop { edge in
            let house = edge.house
            let token = try await house.session(try await house.makeUser())
            func refusal(_ audience: String, _ call: Call) async throws -> Reason? {
                try await house.refusal {
                    try await $0.directory(Door(.http)).issueToken(
                        IssueToken(audience: audience), call)
                }
            }
            #expect(try await refusal(Self.shop, .from()) == .notSignedIn)
            for audience in ["", "https://other.example", "https://shop.example/"] {
                #expect(try await refusal(audience, .from(token)) == .audienceUnknown)
            }
            try house.sql(
                "UPDATE auth.sessions SET expires_at = clock_timestamp() + interval '60 s'")
            let short = try await house.on {
                try await $0.directory(Door(.http)).issueToken(
                    IssueToken(audience: Self.shop), .from(token))
            }
            let it = try Statement(short.token)
            let lasts = (it.claims["exp"] as? Int64 ?? 0) - (it.claims["iat"] as? Int64 ?? 0)
            #expect((1...61).contains(lasts))
            try house.sql("UPDATE auth.sessions SET ended_at = clock_timestamp()")
            #expect(try await refusal(Self.shop, .from(token)) == .notSignedIn)
        }
    }

    @Test func `without a key nothing is published`() {
        #expect(SignedTokens.published(nil) == .object([.init("keys", .array([]))]))
        let none = SignedTokens(keys: [], issuer: "x", audiences: ["y"], lifetimeSeconds: 300)
        #expect(none == nil)
    }
}
