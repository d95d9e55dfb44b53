import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// Processes that pause, that are told to stop under load, and that all die at once.
    @Suite(.serialized) struct ProcessFaultTests {
        private let system: System
        private let installation: Installation

        init() throws {
            system = try FaultTests.system.get()
            installation = system.installation
        }

        /// Lets the time of `change` pass while the process is held still and a request waits in
        /// its socket.
        private func pause(
            _ name: Installation.Name, _ request: () throws -> Void, _ change: String
        ) throws {
            try installation.signal(name, SIGSTOP)
            do {
                try request()
                usleep(300_000)
                try installation.sql(change)
            } catch {
                try installation.signal(name, SIGCONT)
                throw error
            }
            try installation.signal(name, SIGCONT)
        }

        private func post(_ client: HTTPTestClient, _ method: String, _ body: String) throws {
            try client.send("POST", "/dubbelslot.v1.\(method)", Array(body.utf8))
        }

        @Test func `K-05 a gateway that wakes accepts no sign-in that has expired`() throws {
            let person = try system.person()
            let client = try installation.client()
            let ticket = try person.start(client)
            let body = person.completion(ticket, try person.code())
            try pause(
                .gateway, { try post(client, "SignInService/CompleteVerification", body) },
                """
                UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp()
                WHERE user_id = '\(person.id)'
                """)
            let answer = try client.receive()
            #expect(answer.reason == "sign_in_expired", "\(answer.text)")
        }

        @Test(arguments: [
            "expires_at = clock_timestamp()", "ended_at = clock_timestamp()",
            "last_used_at = last_used_at - make_interval(secs => idle_seconds)",
        ])
        func `K-05 a gateway that wakes accepts no session that is over`(change: String) throws {
            let person = try system.person()
            let client = try installation.client()
            #expect(try person.call(client, "AccountService/Get").status == 200)
            client.headers["Authorization"] = "Bearer \(person.token)"
            try pause(
                .gateway, { try post(client, "AccountService/Get", "{}") },
                "UPDATE auth.sessions SET \(change) WHERE user_id = '\(person.id)'")
            let answer = try client.receive()
            #expect(answer.reason == "not_signed_in", "\(answer.text)")
        }

        /// The step is set ahead as if the code had become old meanwhile.
        @Test func `K-05 a verification service that wakes accepts no code that is old`() throws {
            let person = try system.person()
            let client = try installation.client()
            let ticket = try person.start(client)
            let body = person.completion(ticket, try person.code())
            try pause(
                .verification, { try post(client, "SignInService/CompleteVerification", body) },
                """
                UPDATE verification.authenticators SET last_step = last_step + 4
                WHERE user_id = '\(person.id)' AND kind = 'totp'
                """)
            let answer = try client.receive()
            #expect(answer.reason == "code_used", "\(answer.text)")
        }

        @Test(arguments: [Installation.Name.verification, .policy])
        func `K-05 whoever does not wake in time is given up, and nobody signs in late`(
            name: Installation.Name
        ) throws {
            let person = try system.person()
            let client = try installation.client()
            let ticket = try person.start(client)
            let count = "SELECT count(*) FROM auth.sessions WHERE user_id = '\(person.id)'"
            let before = try installation.sql(count)
            try installation.signal(name, SIGSTOP)
            let answer = Result { try person.complete(client, ticket, try person.code()) }
            try installation.signal(name, SIGCONT)
            let reason = try answer.get().reason
            #expect(["unavailable", "deadline_exceeded"].contains(reason), "\(reason ?? "")")
            try signInWhenBack(person)
            let after = Int(before.filter(\.isNumber)).map { $0 + 1 }
            #expect(Int(try installation.sql(count).filter(\.isNumber)) == after)
        }

        private func signInWhenBack(_ person: Person) throws {
            let client = try installation.client()
            let start = ContinuousClock.now
            while Installation.seconds(since: start) < 10 {
                try system.rewind(person)
                let step = try client.call(
                    "SignInService/Start",
                    json([
                        "identifier": person.name, "password": person.password, "bearer": true,
                    ]))
                if let ticket = step.string("verify", "ticket"),
                    try person.complete(client, ticket, try person.code()).status == 200
                {
                    return
                }
                usleep(50_000)
            }
            Issue.record("nobody can sign in")
        }

        @Test func `K-06 a gateway told to stop answers all that it has accepted`() throws {
            let person = try system.person()
            let port = try installation.port("auth-gateway-2.http")
            let clients = (0..<24).map { _ in HTTPTestClient(port: port) }
            // Accepted for certain: each connection has served before.
            for client in clients { #expect(try client.get("/livez").status == 200) }
            for (number, client) in clients.enumerated() {
                let password = number % 2 == 0 ? person.password : "not this one \(number)"
                let name = number % 2 == 0 ? person.name : "nobody-\(number)"
                try post(
                    client, "SignInService/Start",
                    json(["identifier": name, "password": password, "bearer": true]))
            }
            usleep(300_000)
            let waited = try installation.end(.secondGateway, by: SIGTERM, within: 10)
            let answers = try clients.map { try $0.receive() }
            try installation.start(.secondGateway)
            #expect(answers.contains { $0.string("verify", "ticket") != nil })
            let words = Set(answers.map(\.reason))
            let expected: Set<String?> = [
                nil, "password_wrong", "overloaded", "deadline_exceeded", "unavailable",
            ]
            #expect(words.isSubset(of: expected), "\(words)")
            tell(String(format: "a gateway under load ended %.2f s after SIGTERM", waited))
        }

        @Test(arguments: [Installation.Name.verification, .policy])
        func `K-06 a service told to stop under load ends in time, and nothing is lost`(
            name: Installation.Name
        ) throws {
            let load = try SignInLoad(system)
            let stopped = Result {
                for _ in 0..<2 {
                    usleep(500_000)
                    try installation.end(name, by: SIGTERM, within: 10)
                    try installation.start(name)
                    #expect(load.secondsUntilSignIn(since: .now) <= 5)
                }
            }
            let outcome = try load.end()
            try stopped.get()
            outcome.check()
        }

        @Test func `K-07 all killed at once, and started in any order, it recovers by itself`()
            throws
        {
            let load = try SignInLoad(system)
            let killed = Result {
                for _ in 0..<2 {
                    usleep(500_000)
                    let names = Installation.Name.allCases.shuffled()
                    for name in names { try installation.signal(name, SIGKILL) }
                    for name in names { try installation.end(name, by: SIGKILL, within: 5) }
                    try installation.start(Installation.Name.allCases.shuffled())
                    #expect(load.secondsUntilSignIn(since: .now) <= 5)
                }
            }
            let outcome = try load.end()
            try killed.get()
            outcome.check()
        }
    }
}
