import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// Settings that protect themselves, limits and networks, through the real services.
    @Suite struct WeakeningTests {
        private let system: System
        private let client: HTTPTestClient
        private let other: HTTPTestClient

        init() throws {
            system = try System.shared.get()
            client = try system.installation.client()
            other = try system.installation.client(of: .secondGateway)
        }

        private typealias Fields = [String: any Sendable]

        private func settings() throws -> HTTPTestClient.Answer {
            try system.administrate(client, "AdminService/GetTwoFactorSettings")
        }

        /// Changes the settings in force, with more beside the rules that there are.
        private func update(_ beside: Fields) throws -> HTTPTestClient.Answer {
            let now = try settings()
            let rules = now.value("book", "rules") as? [[String: Any]] ?? []
            let text = try #require(
                String(
                    bytes: try JSONSerialization.data(withJSONObject: ["rules": rules]),
                    encoding: .utf8))
            var fields = beside
            fields["base"] = Fields()
            // What JSONSerialization makes is no `Sendable`, so both halves meet as text.
            let book = "{" + text.dropFirst().dropLast() + "," + json(fields).dropFirst()
            let body = """
                {"version": "\(now.string("version") ?? "")", "enforcement": "everyone",
                 "verifiers": ["totp"], "reason": "tests", "book": \(book)}
                """
            client.headers["Authorization"] = "Bearer \(system.administrator.token)"
            defer { client.headers["Authorization"] = nil }
            return try client.call("AdminService/UpdateTwoFactorSettings", body)
        }

        @Test func `P-05 what one administrator weakens another one approves, by real services`()
            throws
        {
            let name = "second-\(UInt32.random(in: 0 ... .max))"
            let initial = try system.initialPassword(of: name, ["roles": ["administrator"]])
            let second = try Person.firstSignIn(name, initial, "a kettle full of rain", other)
            // Who has become an administrator today gives no second word.
            try system.installation.sql(
                """
                UPDATE auth.users SET roles_since = roles_since - interval '2 days'
                WHERE id = '\(second.id)'
                """)
            let before = try #require(try settings().string("version"))

            let protected = try update(["protection": ["delayHours": 24] as Fields])
            try #require(protected.status == 200, "\(protected.text)")
            #expect(protected.value("pending") == nil)
            let weaker = try update([:])
            #expect(weaker.status == 200 && weaker.string("version") == protected.string("version"))
            let change = try #require(weaker.string("pending", "id"), "\(weaker.text)")
            let word: Fields = ["change": change, "reason": "tests"]
            let own = try system.administrate(client, "AdminService/ApproveSettings", word)
            #expect(own.reason == "another_administrator")
            let listed = try second.call(other, "AdminService/ListPendingSettings")
            #expect(listed.text.contains(change))
            let approved = try second.call(other, "AdminService/ApproveSettings", word)
            #expect(approved.status == 200, "\(approved.text)")
            let after = try settings()
            #expect(after.value("book", "protection") == nil)
            let same = try system.administrate(
                client, "AdminService/CompareSettings", ["from": before])
            #expect(same.value("differences") == nil, "\(same.text)")
            let disabled = try system.administrate(
                client, "AdminService/DisableUser", ["user": second.id, "reason": "tests"])
            #expect(disabled.status == 200, "\(disabled.text)")
        }

        @Test func `a limit of policy is in force within a second, at every gateway`() throws {
            let person = try system.person()
            func signIn(_ password: String) throws -> String? {
                try other.call(
                    "SignInService/Start",
                    json(["identifier": person.name, "password": password, "bearer": true])
                ).reason
            }
            let saved = try update(["limits": ["restingFrom": 2, "restSeconds": 60] as Fields])
            try #require(saved.status == 200, "\(saved.text)")
            defer {
                do {
                    let back = try update([:])
                    #expect(back.status == 200 && back.value("pending") == nil, "\(back.text)")
                } catch {
                    Issue.record(error)
                }
            }
            usleep(1_000_000)
            #expect(try signIn("wrong") == "password_wrong")
            #expect(try signIn("wrong") == "password_wrong")
            #expect(try signIn(person.password) == "attempts_delayed")
        }

        @Test func `networks that would shut their author out are refused, others refuse sign-ins`()
            throws
        {
            let refused = try update(
                ["networks": ["allowed": ["192.0.2.0/24"]] as Fields])
            #expect(refused.reason == "own_network", "\(refused.text)")
            let saved = try update(["networks": ["denied": ["192.0.2.0/24"]] as Fields])
            #expect(saved.status == 200, "\(saved.text)")
            let person = try system.person()
            #expect(try !person.start(client).isEmpty)
            let back = try update([:])
            #expect(back.status == 200 && back.value("pending") == nil, "\(back.text)")
        }
    }
}
