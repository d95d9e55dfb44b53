import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// One-time things and limits under parallel requests over two gateways.
    @Suite struct ParallelTests {
        private let system: System

        init() throws { system = try System.shared.get() }

        private func number(_ sql: String) throws -> Int {
            try #require(
                Int(
                    try system.installation.sql(sql).trimmingCharacters(in: .whitespacesAndNewlines)
                ))
        }

        @Test
        func `L-06, L-10 and O-02 one valid code sent 64 times at once opens exactly one session`()
            throws
        {
            let person = try system.person()
            let ticket = try person.start(try system.installation.client())
            let body = person.completion(ticket, try person.code())
            let before = try number(
                "SELECT count(*) FROM auth.sessions WHERE user_id = '\(person.id)'")
            let answers = try together(64, system, "SignInService/CompleteVerification") { _ in body
            }
            #expect(answers.filter { $0.string("signedIn", "session", "id") != nil }.count == 1)
            let after = try number(
                "SELECT count(*) FROM auth.sessions WHERE user_id = '\(person.id)'")
            #expect(after == before + 1)
        }

        @Test func `O-02 one valid code for 32 sign-ins at once opens exactly one session`() throws
        {
            let person = try system.person()
            let client = try system.installation.client()
            let tickets = try (0..<32).map { _ in try person.start(client) }
            let code = try person.code()
            let answers = try together(32, system, "SignInService/CompleteVerification") {
                person.completion(tickets[$0], code)
            }
            #expect(answers.filter { $0.string("signedIn", "session", "id") != nil }.count == 1)
        }

        @Test func `O-07 200 wrong codes at once never pass the limit and are counted exactly`()
            throws
        {
            let person = try system.person()
            let client = try system.installation.client()
            let tickets = try (0..<4).map { _ in try person.start(client) }
            let code = try person.wrongCode()
            let answers = try together(200, system, "SignInService/CompleteVerification") {
                person.completion(tickets[$0 % 4], code)
            }
            #expect(answers.allSatisfy { $0.status != 200 })
            let words: Set<String?> = [
                "code_wrong", "attempts_delayed", "attempts_exhausted", "overloaded",
            ]
            #expect(Set(answers.map(\.reason)).isSubset(of: words), "\(Set(answers.map(\.reason)))")
            let counted = try number(
                """
                SELECT failed FROM verification.authenticators
                WHERE user_id = '\(person.id)' AND kind = 'totp'
                """)
            let checked = try number(
                """
                SELECT count(*) FROM verification.audit WHERE subject = '\(person.id)'
                    AND event IN ('factor_refused', 'authenticator_disabled')
                    AND payload ->> 'reason' IS DISTINCT FROM 'not_admitted'
                """)
            let told = answers.filter { $0.reason == "code_wrong" }.count
            #expect(counted == checked && counted <= 30, "\(counted) counted, \(checked) checked")
            #expect(told == counted || told == counted - 1, "\(told) told, \(counted) counted")
            #expect(
                try number(
                    """
                    SELECT reserved FROM verification.authenticators
                    WHERE user_id = '\(person.id)' AND kind = 'totp'
                    """) == 0)
        }

        @Test func `L-12 and O-09 after failures the right code is refused too, without telling`()
            throws
        {
            let person = try system.person()
            let client = try system.installation.client()
            let ticket = try person.start(client)
            let another = try person.start(client)
            let wrong = try person.wrongCode()
            for _ in 0..<5 {
                #expect(try person.complete(client, another, wrong).reason == "code_wrong")
            }
            let right = try person.complete(client, ticket, try person.code())
            #expect(right.reason == "attempts_delayed")
            #expect(right.text == (try person.complete(client, ticket, wrong)).text)
            #expect(Int(right.header("retry-after") ?? "") ?? 0 > 0)
        }
    }
}
