import Fixtures
import Testing

extension SharedSystemTests {
    /// What the services wrote down about one sign-in, found by its trace.
    @Suite struct TraceTests {
        private let system: System
        private let client: HTTPTestClient

        init() throws {
            system = try System.shared.get()
            client = try system.installation.client()
        }

        /// The rows of all audits under the trace of a user's newest row of an event, in their
        /// order: `schema event`.
        private func rows(_ person: Person, of event: String) throws -> [String] {
            let schemas = ["auth", "verification", "policy"].map {
                "SELECT '\($0)' AS schema, id, at, event, subject, payload FROM \($0).audit"
            }
            let text = try system.installation.sql(
                """
                WITH rows AS (\(schemas.joined(separator: " UNION ALL ")))
                SELECT schema || ' ' || event FROM rows WHERE payload->>'trace' = (
                    SELECT payload->>'trace' FROM rows
                    WHERE subject = '\(person.id)' AND event = '\(event)' ORDER BY at DESC LIMIT 1)
                ORDER BY at, id
                """)
            return text.split(separator: "\n").map(String.init)
        }

        @Test func `a sign-in is one trace through all audits, with one row for each decision`()
            throws
        {
            let person = try system.person()
            let bound = try rows(person, of: "authenticator_bound")
            let made = "verification recovery_codes_made"
            #expect(bound.filter { $0 == made }.count == 1)
            // It is of the same statement as the binding, in whatever order.
            #expect(
                bound.filter { $0 != made } == [
                    "verification password_proved", "auth sign_in_started",
                    "verification binding_begun", "verification authenticator_bound",
                    "auth sessions_ended", "verification password_changed",
                    "auth sessions_ended", "auth sign_in_completed",
                ])
            let ticket = try person.start(client)
            _ = try person.complete(client, ticket, try person.wrongCode())
            _ = try person.complete(client, ticket, try person.code())
            #expect(
                try rows(person, of: "sign_in_completed") == [
                    "verification password_proved", "auth sign_in_started",
                    "verification factor_refused", "verification factor_proved",
                    "auth sign_in_completed",
                ])
        }

        @Test func `a change of policy is found by the trace of its call`() throws {
            let settings = try system.administrate(client, "AdminService/GetTwoFactorSettings")
            let changed = try system.administrate(
                client, "AdminService/UpdateTwoFactorSettings",
                [
                    "version": try #require(settings.string("version")),
                    "enforcement": "everyone", "verifiers": ["totp"], "reason": "tests",
                ])
            #expect(changed.status == 200, "\(changed.text)")
            let row = try system.installation.sql(
                """
                SELECT payload->>'trace' ~ '^[0-9a-f]{32}' AND actor = '\(system.administrator.id)'
                FROM policy.audit ORDER BY id DESC LIMIT 1
                """)
            #expect(row.hasPrefix("t"))
        }
    }
}
