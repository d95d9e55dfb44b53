import Fixtures
import Foundation
import Testing

/// The browser that somebody has signed in with before, while others guess at his account.
extension SharedSystemTests {
    @Suite struct KnownDeviceTests {
        private let system: System

        init() throws { system = try System.shared.get() }

        private static let session = "__Host-dubbelslot"
        private static let device = "__Host-dubbelslot-device"

        /// Password and code, by cookie; the answer to the last step.
        private func signIn(
            _ person: Person, _ client: HTTPTestClient
        ) throws -> HTTPTestClient.Answer {
            client.cookies[Self.session] = nil
            let step = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password]))
            guard let ticket = step.string("verify", "ticket") else { return step }
            defer { client.cookies[Self.session] = nil }
            return try person.complete(client, ticket, try person.code())
        }

        private func guess(_ person: Person, _ client: HTTPTestClient) throws -> String? {
            try client.call(
                "SignInService/Start", json(["identifier": person.name, "password": "wrong"])
            ).reason
        }

        @Test func `L-25 a known browser signs in while guesses keep every other one waiting`()
            throws
        {
            let person = try system.person()
            let known = try system.installation.client()
            let first = try signIn(person, known)
            #expect(first.status == 200, "\(first.text)")
            let cookie = try #require(known.cookies[Self.device])
            try system.rewind(person)

            let stranger = try system.installation.client(of: .secondGateway)
            for _ in 0..<5 { #expect(try guess(person, stranger) == "password_wrong") }
            let kept = try signIn(person, stranger)
            #expect(kept.status == 429 && kept.reason == "attempts_delayed", "\(kept.text)")
            #expect(kept.header("retry-after") != nil)

            let again = try signIn(person, known)
            #expect(again.status == 200, "\(again.text)")
            #expect(again.value("signedIn") != nil)
            #expect(try #require(known.cookies[Self.device]) != cookie)

            // The code was asked for all the same, and a copy of the old cookie is a stranger's.
            try system.rewind(person)
            let thief = try system.installation.client()
            thief.cookies[Self.device] = cookie
            for _ in 0..<5 { #expect(try guess(person, thief) == "password_wrong") }
            #expect(try guess(person, thief) == "attempts_delayed")
            #expect(try signIn(person, known).status == 200)

            let audit = try system.installation.sql(
                """
                SELECT string_agg(DISTINCT (payload ->> 'known_device' = 'none')::text, ',')
                FROM verification.audit
                WHERE subject = '\(person.id)' AND event IN ('password_proved', 'factor_proved')
                """)
            #expect(audit.contains("true") && audit.contains("false"))
            for secret in [cookie, try #require(known.cookies[Self.device])] {
                let dump = try ["auth", "verification"].map {
                    try system.installation.sql("SELECT * FROM \($0).audit")
                }
                #expect(!dump.contains { $0.contains(secret) })
                #expect(!(try system.installation.log(.gateway)).contains(secret))
            }
        }

        @Test func `an administrator's reset makes every browser a stranger`() throws {
            let person = try system.person()
            let known = try system.installation.client()
            #expect(try signIn(person, known).status == 200)
            let reset = try system.administrate(
                known, "AdminService/ResetPassword", ["user": person.id, "reason": "tests"])
            #expect(reset.status == 200, "\(reset.text)")
            let stranger = try system.installation.client(of: .secondGateway)
            for _ in 0..<5 { _ = try guess(person, stranger) }
            #expect(try guess(person, known) == "attempts_delayed")
        }
    }
}
