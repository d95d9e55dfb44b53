import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// What must not be possible, through the real doors.
    @Suite struct RefusalTests {
        private let system: System
        private let client: HTTPTestClient

        init() throws {
            system = try System.shared.get()
            client = try system.installation.client()
        }

        @Test
        func `L-22 and L-23 an unknown user and a wrong password are answered with equal bytes`()
            throws
        {
            let person = try system.person()
            func answer(_ name: String) throws -> [String] {
                let answer = try client.call(
                    "SignInService/Start", json(["identifier": name, "password": "not this one"]))
                let headers = answer.headers.filter { $0.name != "date" }
                return headers.map { "\($0.name): \($0.value)" } + [answer.text]
            }
            let unknown = "nobody-\(UInt32.random(in: 0 ... .max))"
            // Into the delay and beyond: the counters of both behave alike.
            for _ in 0..<7 {
                var known = try answer(person.name)
                var none = try answer(unknown)
                for word in ["retry-after", "retryAfterSeconds"] {
                    known.removeAll { $0.contains(word) }
                    none.removeAll { $0.contains(word) }
                }
                #expect(known == none)
            }
        }

        @Test func `L-01 and L-08 a ticket opens nothing but its own steps`() throws {
            let person = try system.person()
            let ticket = try person.start(client)
            let methods = [
                "AccountService/Get", "AccountService/ListAuthenticators", "AccountService/SignOut",
                "AdminService/ListUsers", "AdminService/GetTwoFactorSettings",
            ]
            for method in methods {
                client.headers = ["Authorization": "Bearer \(ticket)"]
                #expect(try client.call(method).reason == "not_signed_in")
                client.headers = [:]
                client.cookies = ["__Host-dubbelslot": ticket]
                #expect(try client.call(method).reason == "not_signed_in")
                client.cookies = [:]
            }
            let introspected = try client.call("SessionService/Introspect", json(["token": ticket]))
            #expect(introspected.value("active") == nil)
            let outOfOrder: [(String, [String: any Sendable])] = [
                ("BeginBinding", ["ticket": ticket, "verifier": "totp"]),
                ("ConfirmBinding", ["ticket": ticket, "code": "000000"]),
                ("ChangePassword", ["ticket": ticket, "newPassword": "a new one, quite long"]),
            ]
            for (method, body) in outOfOrder {
                let answer = try client.call("SignInService/\(method)", json(body))
                #expect(answer.reason == "step_out_of_order", "\(method): \(answer.text)")
            }
        }

        @Test func `L-03 and L-07 another user's ticket and authenticator do not go together`()
            throws
        {
            let first = try system.person()
            let second = try system.person()
            let ticket = try first.start(client)
            let answer = try client.call(
                "SignInService/CompleteVerification", second.completion(ticket, try second.code()))
            #expect(answer.reason == "authenticator_not_offered")
        }

        @Test func `L-05 a finished sign-in cannot be finished again`() throws {
            let person = try system.person()
            let ticket = try person.start(client)
            let first = try person.complete(client, ticket, try person.code())
            #expect(first.status == 200)
            try system.rewind(person)
            let again = try person.complete(client, ticket, try person.code())
            #expect(again.reason == "sign_in_expired")
        }

        @Test func `L-04 and L-09 a pending sign-in expires, and says so`() throws {
            let person = try system.person()
            let ticket = try person.start(client)
            try system.installation.sql(
                """
                UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp()
                WHERE user_id = '\(person.id)'
                """)
            let answer = try person.complete(client, ticket, try person.code())
            #expect(answer.reason == "sign_in_expired")
            #expect(answer.text.contains("has expired, please sign in again"))
        }

        @Test
        func `P-06 the settings want a verifier, one that exists, and the version that was read`()
            throws
        {
            let settings = try system.administrate(client, "AdminService/GetTwoFactorSettings")
            func update(_ version: String, _ verifiers: [String]) throws -> String? {
                try system.administrate(
                    client, "AdminService/UpdateTwoFactorSettings",
                    [
                        "version": version, "enforcement": "everyone", "verifiers": verifiers,
                        "reason": "tests",
                    ]
                ).reason
            }
            let version = try #require(settings.string("version"))
            #expect(try update(version, []) == "verifier_required")
            #expect(try update(version, ["nothing"]) == "verifier_not_found")
            #expect(try update("1", ["totp"]) == "version_conflict")
            #expect(
                try system.administrate(client, "AdminService/DeleteVerifiers", ["uids": ["totp"]])
                    .reason
                    == "verifier_in_use")
        }

        @Test
        func `P-01 and S-02 users do not administer, and a disabled user's session ends at once`()
            throws
        {
            let person = try system.person()
            #expect(
                try person.call(client, "AdminService/ListUsers").reason == "administrator_required"
            )
            let disabled = try system.administrate(
                client, "AdminService/DisableUser", ["user": person.id, "reason": "tests"])
            #expect(disabled.status == 200)
            let second = try system.installation.client(of: .secondGateway)
            #expect(try person.call(second, "AccountService/Get").reason == "not_signed_in")
            let start = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password]))
            #expect(start.reason == "password_wrong")
        }

        @Test func `P-08 the last administrator stays, with his last authenticator`() throws {
            let admin = system.administrator
            for method in ["DisableUser", "ResetAuthenticators", "ResetPassword"] {
                let answer = try system.administrate(
                    client, "AdminService/\(method)", ["user": admin.id, "reason": "tests"])
                #expect(answer.reason == "own_account")
            }
            let unbound = try system.administrate(
                client, "AccountService/Unbind",
                [
                    "authenticator": admin.authenticator, "provedWith": admin.authenticator,
                    "code": try admin.code(),
                ])
            #expect(unbound.reason == "last_factor")
        }

        @Test func `S-02 signing out ends the session on every gateway before it answers`() throws {
            let person = try system.person()
            let second = try system.installation.client(of: .secondGateway)
            #expect(try person.call(second, "AccountService/Get").status == 200)
            #expect(try person.call(client, "AccountService/SignOut").status == 200)
            #expect(try person.call(second, "AccountService/Get").reason == "not_signed_in")
            #expect(try person.call(client, "AccountService/Get").reason == "not_signed_in")
        }

        @Test
        func
            `L-27 and S-01 a browser gets a host cookie and no token, and other sites get nothing`()
            throws
        {
            let person = try system.person()
            let started = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password]))
            let ticket = try #require(started.string("verify", "ticket"))
            let done = try person.complete(client, ticket, try person.code())
            #expect(done.string("signedIn", "session", "token") == nil)
            let cookie = try #require(done.header("set-cookie"))
            for part in ["__Host-dubbelslot=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
                #expect(cookie.contains(part))
            }
            #expect(try client.call("AccountService/Get").string("userName") == person.name)
            client.headers = ["Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"]
            #expect(try client.call("AccountService/Get").reason == "cross_site")
            client.headers = [:]
            _ = try client.call("AccountService/SignOut")
            #expect(try client.call("AccountService/Get").reason == "not_signed_in")
        }

        @Test func `P-08 an authenticator goes when a code proves it and another one stays`()
            throws
        {
            let person = try system.person()
            func unbind(_ code: String) throws -> HTTPTestClient.Answer {
                try person.call(
                    client, "AccountService/Unbind",
                    [
                        "authenticator": person.authenticator,
                        "provedWith": person.authenticator, "code": code,
                    ])
            }
            #expect(try unbind(try person.code()).reason == "last_factor")
            let begun = try person.call(
                client, "AccountService/BeginBinding", ["verifier": "totp"])
            let secret = try #require(begun.string("totp", "secret"), "\(begun.text)")
            let bound = try person.call(
                client, "AccountService/ConfirmBinding", ["code": try Person.code(secret)])
            #expect(bound.status == 200, "\(bound.text)")
            #expect(try unbind(try person.wrongCode()).reason == "code_wrong")
            let right = try unbind(try person.code())
            #expect(right.status == 200, "\(right.text)")
            let start = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password]))
            let offered = start.value("verify", "authenticators") as? [[String: Any]]
            #expect(offered?.map { $0["id"] as? String } == [bound.string("authenticator", "id")])
        }

        @Test func `S-02 changing the password ends the other sessions and keeps this one`() throws
        {
            let person = try system.person()
            let ticket = try person.start(client)
            let other = try person.complete(client, ticket, try person.code())
            let token = try #require(other.string("signedIn", "session", "token"))
            let changed = try person.call(
                client, "AccountService/ChangePassword",
                ["currentPassword": person.password, "newPassword": "seven slow ferries"])
            #expect(changed.status == 200, "\(changed.text)")
            #expect(try person.call(client, "AccountService/Get").status == 200)
            let ended = try client.call("SessionService/Introspect", json(["token": token]))
            #expect(ended.value("active") == nil)
        }

        @Test func `an administrator's reset lets the user begin again`() throws {
            let person = try system.person()
            let reset = try system.administrate(
                client, "AdminService/ResetAuthenticators", ["user": person.id, "reason": "lost"])
            #expect(reset.value("removed") as? Int == 1, "\(reset.text)")
            #expect(try person.call(client, "AccountService/Get").reason == "not_signed_in")
            let password = try system.administrate(
                client, "AdminService/ResetPassword", ["user": person.id, "reason": "forgotten"])
            let initial = try #require(password.string("initialPassword"), "\(password.text)")
            _ = try Person.firstSignIn(person.name, initial, "once more with feeling", client)
        }

        @Test func `S-10 and S-11 no secret stands in a log, in an error or in the database`()
            throws
        {
            let person = try system.person()
            let ticket = try person.start(client)
            _ = try person.complete(client, ticket, try person.wrongCode())
            let seed = person.secret
            let places =
                try Installation.Name.allCases.filter { $0 != .postgres }
                .map { try system.installation.log($0) }
                + [
                    "auth.users", "auth.sessions", "auth.pending_sign_ins", "auth.audit",
                    "verification.authenticators", "verification.bindings", "verification.audit",
                ].map { try system.installation.sql("SELECT * FROM \($0)") }
            for secret in [person.password, seed, person.token, ticket] {
                #expect(!places.contains { $0.contains(secret) })
            }
        }
    }
}
