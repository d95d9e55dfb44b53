import Contracts
import Fixtures
import Foundation
import HTTP
import RPC
import Testing
import Wire

@testable import AuthGateway

/// Requests to the HTTP edge that are made to be taken for something else.
struct HostileRequestTests {
    private func withEdge<T: Sendable>(
        _ body: @escaping @Sendable (Edge) async throws -> T
    ) async throws -> T {
        try await withGatehouse { try await body(Edge(house: $0)) }
    }

    private static func json(_ object: [String: Any]) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    private static func start(_ name: String, _ password: String) throws -> String {
        try json(["identifier": name, "password": password, "bearer": true])
    }

    @Test func `L-07 a ticket changed anywhere opens nothing, and tells nothing`() async throws {
        try await withEdge { edge in
            let user = try await edge.house.makeUser(factors: 1)
            let ticket = try await edge.house.verifying(user).text
            func complete(_ ticket: String) async throws -> Edge.Answer {
                try await edge.call(
                    "SignInService/CompleteVerification", [:],
                    try Self.json([
                        "ticket": ticket, "authenticator": "\(user.authenticator)",
                        "code": VerificationDouble.rightCode,
                    ]))
            }
            let never = try await complete(Ticket.sample.text)
            #expect(never.reason == "sign_in_expired")
            for index in 0..<ticket.count {
                var other = Array(ticket)
                other[index] = other[index] == "A" ? "B" : "A"
                let answer = try await complete(String(other))
                // The last character has bits to spare, so another one may be no ticket at all.
                let isLast = index == ticket.count - 1
                #expect(answer.body == never.body || isLast && answer.reason == "malformed")
            }
            #expect(try await complete(ticket).status == 200)
        }
    }

    @Test func `L-14 of what somebody has bound, only what policy chose is taken`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let spare = house.verification.bind(user.id, VerificationDouble.spare)
            house.policy.change(.everyone, [VerificationDouble.spare])
            guard case .verify(let offer) = try await house.start(user).step else {
                throw Unexpected()
            }
            #expect(offer.authenticators.map(\.id) == [spare.id])
            let weaker = house.complete(user, offer.ticket)
            let reason = try await house.refusal {
                try await $0.signIn().completeVerification(weaker, .from())
            }
            #expect(reason == .authenticatorNotOffered)
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
        }
    }

    @Test func `L-20 a name is found in each of its spellings, and no other finds it`()
        async throws
    {
        try await withEdge { edge in
            let user = try await edge.house.makeUser("Zo\u{EB}")
            for name in ["Zo\u{EB}", "Zoe\u{308}", "ZO\u{CB}", "zoE\u{308}"] {
                let answer = try await edge.call(
                    "SignInService/Start", [:], try Self.start(name, user.password))
                #expect(answer.status == 200, "\(name)")
            }
            let strangers = [
                "", " ", "zoe", "z\u{43E}\u{EB}", "zo\u{EB}' OR '1'='1", "%", "zo_", "../zo\u{EB}",
                "{\"$ne\":1}", "\u{202E}\u{EB}oz", "zo\u{EB}\r\nSet-Cookie: a=b",
                String(repeating: "\u{301}", count: 100),
            ]
            var bodies: Set<String> = []
            for name in strangers {
                let answer = try await edge.call(
                    "SignInService/Start", [:], try Self.start(name, user.password))
                #expect(answer.reason == "password_wrong", "\(name)")
                #expect(!answer.headers.contains { $0.name == "set-cookie" })
                bodies.insert(answer.body)
            }
            #expect(bodies.count == 1)
            for name in [String(repeating: "a", count: 10_240), "zo\u{EB}\0"] {
                let answer = try await edge.call(
                    "SignInService/Start", [:], try Self.start(name, user.password))
                #expect(answer.reason == "malformed")
            }
        }
    }

    @Test func `L-21 a password beyond all bounds is refused before anybody hashes it`()
        async throws
    {
        try await withEdge { edge in
            _ = try await edge.house.makeUser()
            let stand = edge.house.verification.stand
            func reason(_ password: String) async throws -> String? {
                let answer = try await edge.call(
                    "SignInService/Start", [:], try Self.start("ann", password))
                return answer.reason ?? "\(answer.status)"
            }
            #expect(try await reason(String(repeating: "x", count: 1_048_576)) == "too_large")
            for password in [
                String(repeating: "x", count: 1_025), String(repeating: "\u{1F512}", count: 257),
                "password of\0ann",
            ] {
                #expect(try await reason(password) == "malformed")
            }
            #expect(stand.traces.isEmpty)
            // What could be somebody's password is asked about.
            let asked = [
                "", "   ", "\u{1F512}\u{1F511}", String(repeating: "x", count: 257),
                String(repeating: "e\u{301}", count: 256),
            ]
            for password in asked { #expect(try await reason(password) == "password_wrong") }
            #expect(stand.traces.count == asked.count)
        }
    }

    @Test func `S-01 a token brought to the sign-in is not the one that comes out`() async throws {
        try await withEdge { edge in
            let mallory = try await edge.house.makeUser("mallory")
            _ = try await edge.house.makeUser()
            let body = #"{"identifier":"ann","password":"password of ann"}"#
            let brought = [try await edge.house.session(mallory), .sample, try .fresh()]
            for token in brought {
                let done = try await edge.call(
                    "SignInService/Start", ["Cookie": "__Host-dubbelslot=\(token.text)"], body)
                #expect(done.status == 200)
                let set = try #require(done.header("set-cookie"))
                #expect(set.hasPrefix("__Host-dubbelslot=") && !set.contains(token.text))
                let found = try await edge.house.on { try await $0.sessions.find(token) }
                #expect(found?.account.userName == (token == brought[0] ? "mallory" : nil))
            }
            #expect(try edge.house.number("SELECT count(*) FROM auth.sessions") == 4)
        }
    }

    @Test func `P-03 and S-06 fields that rank somebody are passed over in every request`()
        async throws
    {
        try await withEdge { edge in
            let user = try await edge.house.makeUser()
            let other = try await edge.house.makeUser("bob")
            let more: [String: Any] = [
                "aal": 2, "level": 2, "amr": ["otp"], "roles": ["administrator"],
                "role": "administrator", "userId": "\(other.id)", "user_id": "\(other.id)",
                "isAdmin": true, "session": ["aal": 2], "mustChange": false,
            ]
            func ask(
                _ method: String, _ fields: [String: Any], _ token: SessionToken? = nil
            ) async throws -> Edge.Answer {
                let headers = token.map { ["Authorization": "Bearer \($0.text)"] } ?? [:]
                return try await edge.call(
                    method, headers, try Self.json(more.merging(fields) { $1 }))
            }
            let credentials = ["identifier": "ann", "password": user.password]
            let done = try await ask("SignInService/Start", credentials)
            #expect(done.status == 200 && done.body.contains(#""aal":1"#), "\(done.body)")
            let token = try await edge.house.session(user)
            let stepped = try await ask(
                "AccountService/StepUp", ["password": user.password], token)
            #expect(stepped.body.contains(#""aal":1"#), "\(stepped.body)")
            let own = try await ask(
                "AccountService/Get", [:], try await edge.house.session(user))
            #expect(own.body.contains(#""userName":"ann""#) && !own.body.contains("roles"))
            let rows = "SELECT count(*) FROM auth.users WHERE cardinality(roles) > 0"
            #expect(try edge.house.number(rows) == 0)
            #expect(try edge.house.number("SELECT max(level) FROM auth.sessions") == 1)
        }
    }

    @Test func `S-10 a token in an address opens nothing and is not written down`() async throws {
        try await withEdge { edge in
            let token = try await edge.house.session(try await edge.house.makeUser()).text
            let path = "/dubbelslot.v1.AccountService/Get"
            for query in ["?token=", "?access_token=", "?bearer=", "?__Host-dubbelslot="] {
                let answer = try await edge.send("POST", path + query + token)
                #expect(answer.status == 404)
                #expect(!answer.body.contains(token))
            }
            let body = #"{"token":"\#(token)","bearer":"\#(token)"}"#
            #expect(try await edge.send("POST", path, Edge.json, body).status == 401)
            #expect(!edge.lines.all.isEmpty)
            #expect(!edge.lines.all.contains { $0.contains(token) })
        }
    }
}
