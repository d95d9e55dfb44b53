import Fixtures
import Foundation
import Testing

extension SharedSystemTests {
    /// Bytes that no decent client sends, at the doors of the real processes.
    @Suite struct HostileClientTests {
        private let system: System
        private let client: HTTPTestClient

        init() throws {
            system = try System.shared.get()
            client = try system.installation.client()
        }

        /// What comes back for raw bytes; nil when the connection just ends.
        private func answer(_ bytes: [UInt8], at port: String) throws -> Int? {
            let client = HTTPTestClient(port: try system.installation.port(port), seconds: 10)
            do {
                try client.sendRaw(bytes)
                return try client.receive().status
            } catch is HTTPTestClient.Failed {
                return nil
            }
        }

        @Test func `F-26 plain text at a port of TLS and TLS at a plain port get nothing`() throws {
            let request = Array("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".utf8)
            let hello: [UInt8] =
                [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]
                + [UInt8](repeating: 7, count: 505)
            for name in ["auth-gateway", "verification-service", "policy-service"] {
                #expect(try answer(request, at: "\(name).rpc") == nil)
                #expect(try answer([UInt8](repeating: 0, count: 64), at: "\(name).rpc") == nil)
                #expect(try answer(hello, at: "\(name).operations") == 400)
            }
            #expect(try answer(hello, at: "auth-gateway.http") == 400)
            let person = try system.person()
            let ticket = try person.start(client)
            #expect(try person.complete(client, ticket, try person.code()).status == 200)
        }

        @Test func `H-86 signing out between two calls of one packet is done between them`()
            throws
        {
            let person = try system.person()
            var packet: [UInt8] = []
            for method in ["AccountService/Get", "AccountService/SignOut", "AccountService/Get"] {
                packet += Array(
                    """
                    POST /dubbelslot.v1.\(method) HTTP/1.1\r
                    Host: localhost\r
                    Authorization: Bearer \(person.token)\r
                    Content-Type: application/json\r
                    Content-Length: 2\r
                    \r
                    {}
                    """.utf8)
            }
            try client.sendRaw(packet)
            let answers = try (0..<3).map { _ in try client.receive() }
            #expect(answers.map(\.status) == [200, 200, 401])
            #expect(answers.last?.reason == "not_signed_in")
        }

        @Test(arguments: ["auth-gateway", "verification-service", "policy-service"])
        func `X-05 no service starts with hashing that everybody can foretell`(
            name: String
        ) throws {
            var environment = ProcessInfo.processInfo.environment
            environment["SWIFT_DETERMINISTIC_HASHING"] = "1"
            let outcome = try ChildProcess.run(
                RepositoryRoot.binaries + "/" + name, ["settings"], environment: environment)
            #expect(outcome.status == 2, "\(outcome.output)")
            #expect(outcome.output.contains("SWIFT_DETERMINISTIC_HASHING"))
        }
    }
}
