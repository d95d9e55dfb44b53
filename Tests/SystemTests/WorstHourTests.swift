import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// What the README says to do in the worst hour, done as it says, on a whole installation.
    @Suite(.serialized) struct WorstHourTests {
        private static let services: [Installation.Name] = [.verification, .policy, .gateway]
        private let installation: Installation

        init() throws { installation = try DoctorTests.installation.get() }

        private func restart() throws {
            for name in Self.services.reversed() { try installation.stop(name) }
            try installation.start(Self.services)
        }

        private func run(_ service: Installation.Name, _ words: String...) throws
            -> ChildProcess.Outcome
        {
            try ChildProcess.run(
                RepositoryRoot.binaries + "/" + service.rawValue, words,
                environment: try installation.environment(of: service))
        }

        @Test func `an authority that has ended is put aside, and all are made anew`() throws {
            try DoctorTests.run("mkdir aside; mv authority.* aside", in: installation)
            let outcome = try run(
                .gateway, "certificates", "--folder", installation.file("certificates"),
                "--caller", "demo-caller")
            #expect(outcome.status == 0, "\(outcome.output)")
            try restart()
            let doctor = try installation.doctor()
            #expect(doctor.status == 0, "\(doctor.output)")
        }

        @Test func `with the key ring lost an administrator is let in, and begins anew`() throws {
            let key = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
            let file = installation.file("secrets/key-ring")
            let environment = try installation.environment(of: .verification)
            try installation.stop(.verification)
            try FileManager.default.removeItem(atPath: file)
            #expect(
                FileManager.default.createFile(
                    atPath: file, contents: Data("after \(key)\n".utf8),
                    attributes: [.posixPermissions: 0o600]))
            func discard(_ words: String...) throws -> ChildProcess.Outcome {
                try ChildProcess.run(
                    RepositoryRoot.binaries + "/verification-service", ["discard-lost"] + words,
                    environment: environment)
            }
            let count = "SELECT count(*) FROM verification.authenticators"
            let before = try installation.sql(count)
            // Without the word that confirms it nothing goes.
            #expect(try discard().status == 64)
            #expect(try installation.sql(count) == before)
            let outcome = try discard("--keys-are-lost")
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(try installation.sql(count).filter(\.isNumber) == "0")
            try installation.start(.verification)

            let initial = try installation.command("restore-admin", "--name", "admin")
                .split(separator: "\n").map(String.init).last { !$0.hasPrefix("{") }
            let person = try Person.firstSignIn(
                "admin", try #require(initial), "four late grey herons", try installation.client())
            #expect(!person.token.isEmpty)
            let doctor = try installation.doctor()
            #expect(doctor.status == 0, "\(doctor.output)")
        }
    }
}
