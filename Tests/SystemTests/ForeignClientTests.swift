import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// A client in another language over binary RPC, written from PROTOCOL.md alone.
    @Suite struct ForeignClientTests {
        private let system: System
        private let messages = TemporaryFolder("messages")

        init() throws {
            system = try System.shared.get()
            let made = try ChildProcess.run(
                "protoc",
                [
                    "-I", RepositoryRoot.path("Shared/Contracts"), "--python_out", messages.path,
                    RepositoryRoot.path("Shared/Contracts/dubbelslot.proto"),
                ])
            try #require(made.status == 0, "\(made.output)")
        }

        /// Runs the client with a certificate against a port, and reads what it reports.
        private func report(
            _ certificate: String, _ key: String, port: UInt16, server: String, _ lines: [String],
            _ user: String
        ) throws -> [String: Any] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            let python = ProcessInfo.processInfo.environment["TEST_PYTHON"] ?? "python3"
            process.arguments = [
                python, RepositoryRoot.path("Tests/SystemTests/Python/protocol_client.py"),
                messages.path, "127.0.0.1", String(port),
                system.installation.file("certificates/authority.pem"), certificate, key,
                "spiffe://dubbelslot.internal/\(server)", user,
            ]
            var environment = ProcessInfo.processInfo.environment
            environment["PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION"] = "python"
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
            process.environment = environment
            let input = Pipe()
            let output = Pipe()
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            input.fileHandleForWriting.write(Data((lines.joined(separator: "\n") + "\n").utf8))
            input.fileHandleForWriting.closeFile()
            let bytes = output.fileHandleForReading.readDataToEndOfFile()
            process.awaitEnd()
            let object = try JSONSerialization.jsonObject(with: bytes)
            return try #require(object as? [String: Any])
        }

        private func certificate(_ name: String) -> (String, String) {
            (
                system.installation.file("certificates/\(name).pem"),
                system.installation.file("certificates/\(name).key")
            )
        }

        @Test func `a registered caller signs a user in, binds, and signs him out`() throws {
            let name = "python-\(UInt32.random(in: 0 ... .max))"
            let initial = try system.initialPassword(of: name)
            let (pem, key) = certificate("demo-caller")
            let report = try report(
                pem, key, port: try system.installation.port("auth-gateway.rpc"),
                server: "auth-gateway", [initial], name)
            #expect(report["user"] as? String == name, "\(report)")
            #expect(report["aal"] as? Int == 2)
            #expect(report["amr"] as? [String] == ["pwd", "otp", "mfa"])
            #expect(report["activeAfterSignOut"] as? Bool == false)
        }

        @Test func `F-28 a stranger's certificate is refused`() throws {
            let folder = TemporaryFolder("stranger")
            let made = try ChildProcess.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes",
                    "-keyout", folder.file("key"), "-out", folder.file("pem"), "-days", "1",
                    "-subj",
                    "/CN=stranger", "-addext",
                    "subjectAltName=URI:spiffe://dubbelslot.internal/demo-caller",
                ])
            try #require(made.status == 0, "\(made.output)")
            let report = try report(
                folder.file("pem"), folder.file("key"),
                port: try system.installation.port("auth-gateway.rpc"), server: "auth-gateway",
                ["whatever"], "admin")
            #expect(report["cut"] != nil, "\(report)")
        }

        @Test func `F-28 without a certificate nothing is answered`() throws {
            let report = try report(
                "", "", port: try system.installation.port("auth-gateway.rpc"),
                server: "auth-gateway", ["whatever"], "admin")
            #expect(report["cut"] != nil, "\(report)")
        }

        @Test func `F-29 a registered caller may not call the services behind the gateway`() throws
        {
            let (pem, key) = certificate("demo-caller")
            let report = try report(
                pem, key, port: try system.installation.port("verification-service.rpc"),
                server: "verification-service", ["whatever"], "admin")
            #expect(report["refused"] as? String == "method_unknown", "\(report)")
        }
    }
}
