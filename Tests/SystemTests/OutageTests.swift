import Fixtures
import Foundation
import Testing

/// Services and the database stopped, killed and flooded under sign-ins. An installation of its
/// own, one test at a time.
@Suite(.serialized) struct OutageTests {
    private static let own = Result { try System() }
    private let system: System
    private let client: HTTPTestClient

    init() throws {
        system = try Self.own.get()
        client = try system.installation.client()
    }

    /// Seconds until `attempt` gives a session, at most 20.
    private func secondsUntil(_ attempt: () throws -> Bool) throws -> Double {
        let start = Date()
        while try !attempt() {
            let waited = Date().timeIntervalSince(start)
            if waited > 20 { return waited }
            usleep(50_000)
        }
        return Date().timeIntervalSince(start)
    }

    private func signsIn(_ person: Person) throws -> Bool {
        try system.rewind(person)
        let start = try client.call(
            "SignInService/Start",
            json(["identifier": person.name, "password": person.password, "bearer": true]))
        guard let ticket = start.string("verify", "ticket") else { return false }
        return try person.complete(client, ticket, try person.code()).status == 200
    }

    @Test(arguments: [Installation.Name.verification, .policy])
    func `L-15 and L-16 without a service there is no session, and 5 s after its return there is`(
        name: Installation.Name
    ) throws {
        let person = try system.person()
        let ticket = try person.start(client)
        try system.installation.kill(name)
        let during = try person.complete(client, ticket, try person.code())
        #expect(during.reason == "unavailable", "\(during.text)")
        #expect(during.string("signedIn", "session", "id") == nil)
        #expect(
            try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password])
            ).reason == "unavailable")
        #expect(try person.call(client, "AccountService/Get").status == 200)
        let operations = HTTPTestClient(
            port: try system.installation.port("auth-gateway.operations"))
        let readiness = try operations.get("/readyz")
        #expect(readiness.status == 503)
        #expect(readiness.text == "missing: \(name.rawValue)\n")
        try system.installation.start(name)
        #expect(try secondsUntil { try signsIn(person) } <= 5)
    }

    @Test func `O-01 D-02 a used code is refused after PostgreSQL was killed`() throws {
        let person = try system.person()
        let ticket = try person.start(client)
        let code = try person.code()
        #expect(try person.complete(client, ticket, code).status == 200)
        try system.installation.kill(.postgres)
        try system.installation.start(.postgres)
        var answer: HTTPTestClient.Answer?
        let waited = try secondsUntil {
            let start = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password, "bearer": true]))
            guard let ticket = start.string("verify", "ticket") else { return false }
            answer = try person.complete(client, ticket, code)
            return answer?.reason != "unavailable"
        }
        #expect(waited <= 5)
        // The code is still in its window, or has just left it; it never works again.
        #expect(["code_used", "code_wrong"].contains(answer?.reason), "\(answer?.text ?? "")")
    }

    @Test func `D-02 acknowledged sessions and bindings survive a killed PostgreSQL`() throws {
        let person = try system.person()
        try system.installation.kill(.postgres)
        try system.installation.start(.postgres)
        let waited = try secondsUntil {
            guard try person.call(client, "AccountService/Get").status == 200 else { return false }
            return try signsIn(person)
        }
        #expect(waited <= 5)
    }

    /// One after another: a new sign-in, the service that counts killed, the database killed.
    @Test func `O-08 failures stand over new sign-ins, restarts and a killed PostgreSQL`() throws {
        let person = try system.person()
        let wrong = try person.wrongCode()
        func ticket() throws -> String {
            var found: String?
            let waited = try secondsUntil {
                let start = try client.call(
                    "SignInService/Start",
                    json(["identifier": person.name, "password": person.password, "bearer": true]))
                found = start.string("verify", "ticket")
                return found != nil
            }
            return try #require(found, "no ticket after \(waited) s")
        }
        let disturbances: [() throws -> Void] = [
            {}, {},
            {
                try system.installation.kill(.verification)
                try system.installation.start(.verification)
            },
            {
                try system.installation.kill(.postgres)
                try system.installation.start(.postgres)
            },
            {},
        ]
        for (count, disturb) in disturbances.enumerated() {
            try disturb()
            let answer = try person.complete(client, try ticket(), wrong)
            #expect(answer.reason == "code_wrong")
            let failed = try system.installation.sql(
                """
                SELECT failed FROM verification.authenticators
                WHERE user_id = '\(person.id)' AND kind = 'totp'
                """)
            #expect(failed.trimmingCharacters(in: .whitespacesAndNewlines) == "\(count + 1)")
        }
        let right = try person.complete(client, try ticket(), try person.code())
        #expect(right.reason == "attempts_delayed")
    }

    @Test func `K-06 a gateway that is told to stop answers what is open and ends`() throws {
        let person = try system.person()
        let second = try system.installation.client(of: .secondGateway)
        #expect(try person.call(second, "AccountService/Get").status == 200)
        try system.installation.stop(.secondGateway)
        #expect(try person.call(client, "AccountService/Get").status == 200)
        try system.installation.start(.secondGateway)
        let again = try system.installation.client(of: .secondGateway)
        #expect(try person.call(again, "AccountService/Get").status == 200)
    }

    @Test func `L-18 100 right passwords at once lock nobody`() throws {
        let person = try system.person()
        let answers = try together(100, system, "SignInService/Start") { _ in
            json(["identifier": person.name, "password": person.password, "bearer": true])
        }
        // Who does not get a turn in time is told so; nobody is told that a password is wrong.
        let words = Set(answers.filter { $0.status != 200 }.map(\.reason))
        #expect(words.isSubset(of: ["overloaded", "deadline_exceeded"]), "\(words)")
        #expect(answers.contains { $0.string("verify", "ticket") != nil })
        _ = try person.start(try system.installation.client())
        let failed = try system.installation.sql(
            """
            SELECT failed FROM verification.authenticators
            WHERE user_id = '\(person.id)' AND kind = 'password'
            """)
        #expect(failed.trimmingCharacters(in: .whitespacesAndNewlines) == "0")
    }
}
