import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// Rules through the real services: what a dry run foretells, and what then happens.
    @Suite struct RuleTests {
        private let system: System
        private let client: HTTPTestClient
        private let other: HTTPTestClient

        init() throws {
            system = try System.shared.get()
            client = try system.installation.client()
            other = try system.installation.client(of: .secondGateway)
        }

        /// Somebody who has bound nothing and has an initial password.
        private struct Newcomer {
            let id: String
            let name: String
            let password: String
        }

        private func newcomer(_ name: String) throws -> Newcomer {
            let name = "\(name)-\(UInt32.random(in: 0 ... .max))"
            let password = try system.initialPassword(of: name)
            let id = try system.installation.sql(
                "SELECT id FROM auth.users WHERE user_name = '\(name)'")
            return Newcomer(
                id: id.trimmingCharacters(in: .whitespacesAndNewlines), name: name,
                password: password)
        }

        private func rule(
            _ name: String, _ user: String, _ requirements: [String: any Sendable]
        ) -> [String: any Sendable] {
            ["name": name, "users": [user], "requirements": requirements]
        }

        /// What becomes of everybody whom the proposed settings touch.
        private func dryRun(
            _ settings: [String: any Sendable]
        ) throws -> (users: [String: String], caller: String?) {
            var found: [String: String] = [:]
            var after = ""
            var caller: String?
            repeat {
                let page = try system.administrate(
                    client, "AdminService/TryTwoFactorSettings",
                    ["settings": settings, "after": after])
                try #require(page.status == 200, "\(page.text)")
                for user in page.value("users") as? [[String: Any]] ?? [] {
                    found[user["userName"] as? String ?? ""] = user["then"] as? String
                }
                after = page.string("next") ?? ""
                caller = page.string("caller")
            } while !after.isEmpty
            return (found, caller)
        }

        /// The step that a sign-in at the second gateway comes to, or its refusal.
        private func signIn(_ it: Newcomer) throws -> String {
            let answer = try other.call(
                "SignInService/Start",
                json(["identifier": it.name, "password": it.password, "bearer": true]))
            for step in ["bind", "verify", "changePassword", "signedIn"]
            where answer.value(step) != nil {
                return step
            }
            return answer.reason ?? answer.text
        }

        @Test func `what a dry run foretells is what then happens, at once and everywhere`() throws
        {
            let closed = try newcomer("closed")
            let asked = try newcomer("asked")
            let later = try newcomer("later")
            let strong = try newcomer("strong")
            let before = try system.administrate(client, "AdminService/GetTwoFactorSettings")
            let version = try #require(before.string("version"))
            let until = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 3600))
            let settings: [String: any Sendable] = [
                "version": version, "enforcement": "administrators", "verifiers": ["totp"],
                "reason": "tests",
                "book": [
                    "base": ["enforcement": "off"],
                    "rules": [
                        rule("closed", closed.id, ["denied": true]),
                        rule("asked", asked.id, ["enforcement": "required"]),
                        rule(
                            "later", later.id,
                            ["enforcement": "required", "graceUntil": until]),
                        rule(
                            "strong", strong.id,
                            ["enforcement": "required", "strength": "phishing_resistant"]),
                    ] as [[String: any Sendable]],
                ] as [String: any Sendable],
            ]
            let foretold = try dryRun(settings)
            #expect(foretold.caller == "verify")
            #expect(foretold.users[closed.name] == "locked_out")
            // Nothing changes for him: he is asked to bind before and after.
            #expect(foretold.users[asked.name] == nil)
            #expect(foretold.users[later.name] == "grace")
            #expect(foretold.users[strong.name] == "locked_out")

            let saved = try system.administrate(
                client, "AdminService/UpdateTwoFactorSettings", settings)
            try #require(saved.status == 200, "\(saved.text)")
            defer { restore(version) }
            // A change is in force everywhere within a second.
            usleep(1_000_000)
            #expect(try signIn(closed) == "no_verifier_available")
            #expect(try signIn(asked) == "bind")
            #expect(try signIn(later) == "changePassword")
            #expect(try signIn(strong) == "no_verifier_available")
            let told = try system.administrate(
                client, "AdminService/CompareSettings", ["from": version])
            let rules = (told.value("differences") as? [[String: Any]] ?? [])
                .compactMap { $0["rule"] as? String }
            #expect(Set(rules).isSuperset(of: ["base", "closed", "asked", "later", "strong"]))
        }

        /// Leaves the settings as they were, by the door that administrators use.
        private func restore(_ version: String) {
            do {
                let now = try system.administrate(client, "AdminService/GetTwoFactorSettings")
                let back = try system.administrate(
                    client, "AdminService/RestoreTwoFactorSettings",
                    [
                        "version": now.string("version") ?? "", "restored": version,
                        "reason": "tests",
                    ])
                #expect(back.status == 200, "\(back.text)")
                let same = try system.administrate(
                    client, "AdminService/CompareSettings", ["from": version])
                #expect(same.value("differences") == nil, "\(same.text)")
            } catch {
                Issue.record(error)
            }
        }

        @Test func `P-08 rules that would lock the last administrator out are not saved`() throws {
            let settings = try system.administrate(client, "AdminService/GetTwoFactorSettings")
            let answer = try system.administrate(
                client, "AdminService/UpdateTwoFactorSettings",
                [
                    "version": try #require(settings.string("version")),
                    "enforcement": "everyone", "verifiers": ["totp"], "reason": "tests",
                    "book": [
                        "base": [String: any Sendable](),
                        "rules": [
                            [
                                "name": "nobody", "roles": ["administrator"],
                                "requirements": ["strength": "phishing_resistant"],
                            ] as [String: any Sendable]
                        ],
                    ] as [String: any Sendable],
                ])
            #expect(answer.reason == "last_administrator")
        }
    }
}
