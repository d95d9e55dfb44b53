import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// Far more sign-ins at once than there are cores to hash passwords.
    @Suite(.serialized) struct FloodTests {
        private let system: System
        private let installation: Installation

        init() throws {
            system = try FaultTests.system.get()
            installation = system.installation
        }

        /// Of those sent together as many wait as the queue holds, beside those being hashed. All
        /// others are told so at once, and sessions are looked up and ended meanwhile.
        @Test func `X-03 a flood of sign-ins fills one queue, and sessions are served`() throws {
            let people = try (0..<3).map { _ in try system.person() }
            let service = try SessionCaller(installation)
            while !isActive(people[0], service) { usleep(10_000) }
            let flood = try (0..<200).map { number in
                let client = try installation.client(
                    of: number % 2 == 0 ? .gateway : .secondGateway)
                try client.send(
                    "POST", "/dubbelslot.v1.SignInService/Start",
                    Array(EnumerationCases.body(of: EnumerationCases.nobody()).utf8),
                    ["X-Forwarded-For": "198.51.100.\(number)"])
                return client
            }
            let client = try installation.client()
            for person in people {
                let body = json(["token": person.token])
                for _ in 0..<20 {
                    let answer = try client.call("SessionService/Introspect", body)
                    #expect(answer.value("active") as? Bool == true, "\(answer.text)")
                    #expect(try service.isActive(person.token))
                }
                #expect(try person.call(client, "AccountService/SignOut").status == 200)
                let answer = try client.call("SessionService/Introspect", body)
                #expect(answer.value("active") == nil)
                #expect(try !service.isActive(person.token))
            }
            let hashes = try hashThreads()
            #expect(hashes <= max(1, ProcessInfo.processInfo.activeProcessorCount - 1))
            let answers = try flood.map { try $0.receive() }
            let refused = answers.filter { $0.reason == "overloaded" }
            #expect(!refused.isEmpty)
            #expect(refused.allSatisfy { Int($0.header("retry-after") ?? "") ?? 0 > 0 })
            let words = Set(answers.map(\.reason))
            #expect(
                words.isSubset(of: ["overloaded", "password_wrong", "deadline_exceeded"]),
                "\(words)")
            tell("of \(answers.count) sign-ins at once \(refused.count) were refused")
        }

        private func isActive(_ person: Person, _ service: SessionCaller) -> Bool {
            do { return try service.isActive(person.token) } catch { return false }
        }

        /// Threads that hash, as the kernel counts them.
        private func hashThreads() throws -> Int {
            let tasks = "/proc/\(try installation.process(.verification))/task"
            return try FileManager.default.contentsOfDirectory(atPath: tasks).filter { task in
                let name = FileManager.default.contents(atPath: "\(tasks)/\(task)/comm")
                return name.map { String(decoding: $0, as: UTF8.self) }?.hasPrefix("hash") == true
            }.count
        }
    }
}
