import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// PostgreSQL breaks under the services, in each way by itself.
    @Suite(.serialized) struct DatabaseFaultTests {
        private let system: System
        private let installation: Installation

        init() throws {
            system = try FaultTests.system.get()
            installation = system.installation
        }

        private func number(_ sql: String) throws -> Int {
            let text = try installation.sql(sql).trimmingCharacters(in: .whitespacesAndNewlines)
            return try #require(Int(text), "\(text)")
        }

        /// `DUBBELSLOT_STORM_SECONDS` makes it longer.
        @Test func `D-01 ending 85 database sessions a second loses and doubles nothing`() throws {
            let seconds = setting("DUBBELSLOT_STORM_SECONDS", default: 5)
            let load = try SignInLoad(system)
            let ended = Result {
                try number(
                    """
                    CREATE TEMPORARY TABLE ended (process integer);
                    DO $$ BEGIN
                        FOR turn IN 1..\(seconds * 85) LOOP
                            PERFORM pg_stat_clear_snapshot();
                            INSERT INTO ended SELECT pid FROM (
                                SELECT pid FROM pg_stat_activity
                                WHERE usename LIKE 'dubbelslot\\_%' ORDER BY random() LIMIT 1
                            ) AS one WHERE pg_terminate_backend(pid);
                            PERFORM pg_sleep(1.0 / 85);
                        END LOOP;
                    END $$;
                    SELECT count(*) FROM ended
                    """)
            }
            let waited = load.secondsUntilSignIn(since: .now)
            let outcome = try load.end()
            tell("\(try ended.get()) sessions ended, \(outcome.acknowledged) sign-ins")
            outcome.check()
            #expect(try ended.get() > seconds * 20)
            #expect(waited <= 5)
        }

        @Test(arguments: ["fast", "immediate", "killed"])
        func `D-02 a PostgreSQL that restarts loses and doubles nothing`(how: String) throws {
            let signals = ["fast": SIGINT, "immediate": SIGQUIT, "killed": SIGKILL]
            let load = try SignInLoad(system)
            var longest = 0.0
            let broken = Result {
                for _ in 0..<2 {
                    usleep(UInt32.random(in: 200_000...800_000))
                    try installation.end(.postgres, by: signals[how] ?? SIGKILL, within: 15)
                    try installation.start(.postgres)
                    longest = max(longest, load.secondsUntilSignIn(since: .now))
                }
            }
            let outcome = try load.end()
            try broken.get()
            outcome.check()
            #expect(longest <= 5)
        }

        /// Connections that only begin to greet the server take its places all the same.
        @Test func `D-06 with max_connections used up refusals come at once, and it recovers`()
            throws
        {
            let person = try system.person()
            let client = try installation.client()
            #expect(try person.call(client, "AccountService/Get").status == 200)
            var places: [Int32] = []
            let services: [Installation.Name] = [
                .gateway, .secondGateway, .verification, .policy,
            ]
            defer { for place in places { close(place) } }
            do {
                // Held still, they cannot come back before the last place is taken.
                for name in services { try installation.signal(name, SIGSTOP) }
                defer {
                    for name in services {
                        do { try installation.signal(name, SIGCONT) } catch { Issue.record(error) }
                    }
                }
                try installation.sql(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE usename LIKE 'dubbelslot\\_%'
                    """)
                let port = try installation.port("postgres")
                while let place = try Self.greet(port) { places.append(place) }
                #expect(places.count > 100)
            }
            try expectRefusals(person, client)
            for place in places { close(place) }
            places = []
            let start = ContinuousClock.now
            while try person.call(client, "AccountService/Get").status != 200
                || !startsSignIn(person, client), Installation.seconds(since: start) < 20
            {
                usleep(50_000)
            }
            #expect(Installation.seconds(since: start) <= 5)
            try signIn(person)
        }

        /// Every service has its own connections, which come back each in their time.
        private func startsSignIn(
            _ person: Person, _ client: HTTPTestClient
        ) throws -> Bool {
            let start = try client.call(
                "SignInService/Start",
                json(["identifier": person.name, "password": person.password, "bearer": true]))
            return start.status == 200
        }

        private func expectRefusals(_ person: Person, _ client: HTTPTestClient) throws {
            usleep(500_000)  // so that whoever noticed late has noticed
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let answer = try person.call(client, "AccountService/Get")
                #expect(answer.status == 503 && answer.reason == "unavailable", "\(answer.text)")
                #expect(Installation.seconds(since: start) < 1)
            }
        }

        /// nil when the server has no place left.
        private static func greet(_ port: UInt16) throws -> Int32? {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(connected == 0)
            let words = Array("user\0dubbelslot_auth\0database\0dubbelslot\0\0".utf8)
            let size = UInt8(8 + words.count)
            let packet: [UInt8] = [0, 0, 0, size, 0, 3, 0, 0] + words
            var answer = [UInt8](repeating: 0, count: 1)
            let isAsked =
                send(descriptor, packet, packet.count, Int32(MSG_NOSIGNAL)) == packet.count
                && recv(descriptor, &answer, 1, 0) == 1 && answer[0] == UInt8(ascii: "R")
            if isAsked { return descriptor }
            close(descriptor)
            return nil
        }

        @Test func `D-07 a lock on one user's row keeps that user out and nobody else`() throws {
            let locked = try system.person()
            let other = try system.person()
            let stuck = try installation.client()
            let ticket = try locked.start(stuck)
            let holder = Thread { [installation, locked] in
                do {
                    try installation.sql(
                        """
                        BEGIN; SELECT FROM auth.users WHERE id = '\(locked.id)' FOR UPDATE;
                        SELECT pg_sleep(8); COMMIT
                        """)
                } catch {
                    Issue.record(error)
                }
            }
            holder.start()
            while try number(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(8)%'") < 2
            { usleep(50_000) }
            try stuck.send(
                "POST", "/dubbelslot.v1.SignInService/CompleteVerification",
                Array(locked.completion(ticket, try locked.code()).utf8))
            var slowest = 0.0
            for _ in 0..<4 {
                let start = ContinuousClock.now
                try system.rewind(other)
                try signIn(other)
                slowest = max(slowest, Installation.seconds(since: start))
            }
            #expect(!holder.isFinished)
            tell(String(format: "another user's sign-in beside the lock: at most %.2f s", slowest))
            let answer = try stuck.receive()
            #expect(answer.reason == "unavailable", "\(answer.text)")
            while !holder.isFinished { usleep(50_000) }
            try system.rewind(locked)
            try signIn(locked)
        }

        private func signIn(_ person: Person) throws {
            let client = try installation.client()
            let ticket = try person.start(client)
            let done = try person.complete(client, ticket, try person.code())
            #expect(done.status == 200, "\(done.text)")
        }
    }
}
