import Fixtures
import Foundation
import Testing

extension Installation {
    /// Has a service read again what may change while it serves, and waits until it says so.
    func reload(_ name: Name) throws {
        let before = try reloads(name)
        try signal(name, SIGHUP)
        var turns = 200
        while try reloads(name) == before, turns > 0 {
            usleep(50_000)
            turns -= 1
        }
        #expect(try reloads(name) > before, "\(name.rawValue) has not reloaded")
    }

    private func reloads(_ name: Name) throws -> Int {
        try log(name).components(separatedBy: "\"reloaded\"").count
    }
}

extension FaultTests {
    /// Certificates and secrets are replaced under services that serve, by SIGHUP, and whoever is
    /// connected stays so.
    @Suite(.serialized) struct ReloadTests {
        private let installation: Installation
        private let client: HTTPTestClient

        init() throws {
            installation = try DoctorTests.installation.get()
            client = try installation.client()
            try checkConnection()
        }

        /// The client has one connection, and makes no other where that has ended.
        private func checkConnection() throws {
            #expect(try client.get("/livez").status == 200)
        }

        private func write(_ text: String, _ name: String) throws {
            let file = URL(fileURLWithPath: installation.file(name))
            let handle = try FileHandle(forWritingTo: file)
            try handle.truncate(atOffset: 0)
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }

        private func count(_ query: String) throws -> Int {
            Int(try installation.sql(query).filter(\.isNumber)) ?? -1
        }

        @Test func `a certificate about to end is made anew by the command, and taken`() throws {
            let loaded = "certificate_loaded"
            let before = try installation.log(.gateway).components(separatedBy: loaded).count
            let folder = installation.file("certificates")
            try DoctorTests.run(DoctorTests.endingSoon(.gateway), in: installation)
            let outcome = try ChildProcess.run(
                RepositoryRoot.binaries + "/auth-gateway",
                ["certificates", "--folder", folder, "--caller", "demo-caller"])
            try DoctorTests.run("rm kept form request.form", in: installation)
            #expect(outcome.status == 0, "\(outcome.output)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count { $0.contains("\"renewed\"") } == 1, "\(outcome.output)")
            #expect(lines.count { $0.contains("\"kept\"") } == 4, "\(outcome.output)")
            try installation.reload(.gateway)
            let log = try installation.log(.gateway)
            // For calls to and from other services.
            #expect(log.components(separatedBy: loaded).count == before + 2)
            #expect(!log.contains("certificate_not_loaded"))
            try checkConnection()
            #expect(try installation.doctor().status == 0)
        }

        @Test func `a database role's new password is used for the next connection`() throws {
            let file = "secrets/policy.password"
            let old = try String(contentsOfFile: installation.file(file), encoding: .utf8)
            let process = try installation.process(.policy)
            func replace(_ password: String) throws {
                let word = password.trimmingCharacters(in: .newlines)
                try installation.sql("ALTER ROLE dubbelslot_policy PASSWORD '\(word)'")
                try write(password, file)
                try installation.reload(.policy)
            }
            let connections = """
                SELECT count(*) FROM pg_stat_activity WHERE usename = 'dubbelslot_policy'
                """
            try replace("another password of this role\n")
            #expect(try count(connections) > 0)
            try installation.sql(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE usename = 'dubbelslot_policy'
                """)
            var turns = 100
            while try count(connections) == 0, turns > 0 {
                usleep(50_000)
                turns -= 1
            }
            #expect(try count(connections) > 0)
            try replace(old)
            #expect(try installation.process(.policy) == process)
            try checkConnection()
        }

        @Test func `a new key of the ring seals from then on, and the old ones open`() throws {
            let file = "secrets/key-ring"
            let old = try String(contentsOfFile: installation.file(file), encoding: .utf8)
            let key = Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
            try write(old + "fresh \(key)\n", file)
            try installation.reload(.verification)
            let outcome = try installation.doctor()
            #expect(outcome.status == 0, "\(outcome.output)")
            let sealed = "SELECT count(*) FROM verification.authenticators WHERE key_id"
            #expect(try count("\(sealed) = 'fresh'") == 0)
            _ = try installation.command("restore-admin", "--name", "admin")
            #expect(try count("\(sealed) = 'fresh'") == 1)
            try checkConnection()
        }

        @Test func `of a ring that is none nothing is taken, and the service serves on`() throws {
            let file = "secrets/key-ring"
            let old = try String(contentsOfFile: installation.file(file), encoding: .utf8)
            try write("broken\n", file)
            try installation.reload(.verification)
            try write(old, file)
            #expect(try installation.log(.verification).contains("key_ring_not_loaded"))
            #expect(try installation.doctor().status == 0)
        }
    }
}
