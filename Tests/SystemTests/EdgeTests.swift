import Fixtures
import Foundation
import Testing

/// The gateway at the border of the world, as an operator sets it up without any proxy for TLS:
/// an installation of its own, reached by curl.
@Suite(.serialized) struct EdgeTests {
    private static let proxied = "127.0.0.1"
    private let authority: TestAuthority
    private let folder = TemporaryFolder("edge")
    private let installation: Installation
    private let port: UInt16

    init() throws {
        authority = try TestAuthority()
        try Self.put(authority, folder)
        installation = try Installation(
            gateways: 1,
            settings: [
                .gateway: [
                    "DUBBELSLOT_HTTPS_CERTIFICATE_FILE": folder.file("web.pem"),
                    "DUBBELSLOT_HTTPS_KEY_FILE": folder.file("web.key"),
                    "DUBBELSLOT_TRUSTED_PROXIES": Self.proxied,
                    "DUBBELSLOT_NETWORK_CONNECTIONS": "4",
                    "DUBBELSLOT_NETWORK_PASSWORDS_BURST": "3",
                    "DUBBELSLOT_NETWORK_PASSWORDS_PER_MINUTE": "1",
                ],
                .verification: ["DUBBELSLOT_PASSWORD_HASH": "small_memory"],
            ])
        port = try installation.port("auth-gateway.http")
    }

    /// A new certificate where the gateway looks for it.
    private static func put(_ authority: TestAuthority, _ folder: TemporaryFolder) throws {
        let leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["DNS:localhost"]
                $0.purposes = "serverAuth"
            })
        for (from, name) in [(leaf.key, "web.key"), (leaf.certificate, "web.pem")] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: from))
            let file = folder.file(name)
            try bytes.write(to: URL(fileURLWithPath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        }
    }

    /// Calls a method; head and body of the answer, or what curl complains of.
    private func call(
        _ method: String, _ json: String, from client: String = "192.0.2.1",
        believing: TestAuthority? = nil
    ) throws -> String {
        try ChildProcess.run(
            "curl",
            [
                "-sSi", "--max-time", "20", "--noproxy", "*", "--cacert",
                (believing ?? authority).file, "--resolve", "localhost:\(port):127.0.0.1",
                "-H", "Content-Type: application/json", "-H", "X-Forwarded-For: \(client)",
                "-d", json, "https://localhost:\(port)/dubbelslot.v1.\(method)",
            ]
        ).output
    }

    private func signIn(_ name: String, from client: String) throws -> String {
        try call(
            "SignInService/Start", json(["identifier": name, "password": "wrong", "bearer": true]),
            from: client)
    }

    /// Within ten seconds.
    private func isAnswered(believing authority: TestAuthority) throws -> Bool {
        for _ in 0..<100 {
            let answer = try call("AccountService/Get", "{}", believing: authority)
            if answer.contains("HTTP/1.1 401") { return true }
            usleep(100_000)
        }
        return false
    }

    /// Within ten seconds.
    private func isLogged(_ event: String) throws -> Bool {
        for _ in 0..<100 {
            if try installation.log(.gateway).contains(event) { return true }
            usleep(100_000)
        }
        return false
    }

    @Test
    func `F-37 HTTPS is served, certificates change under it, and each service says it is ready`()
        throws
    {
        let answer = try call("AccountService/Get", "{}")
        #expect(answer.contains("HTTP/1.1 401"), "\(answer)")
        #expect(answer.contains("Strict-Transport-Security: max-age="))

        let broken = URL(fileURLWithPath: folder.file("web.pem"))
        try Data("broken".utf8).write(to: broken)
        #expect(kill(try installation.process(.gateway), SIGHUP) == 0)
        #expect(try isLogged("certificate_not_loaded"))
        #expect(try isAnswered(believing: authority))

        let other = try TestAuthority("other")
        #expect(try !call("AccountService/Get", "{}", believing: other).contains("HTTP/1.1"))
        try Self.put(other, folder)
        #expect(kill(try installation.process(.gateway), SIGHUP) == 0)
        #expect(try isAnswered(believing: other))

        for name in ["auth-gateway", "verification-service", "policy-service"] {
            let client = HTTPTestClient(port: try installation.port("\(name).operations"))
            for path in ["/livez", "/readyz"] {
                #expect(try client.get(path).text == "ok\n", "\(name) \(path)")
            }
        }
    }

    @Test func `F-35 who opens connections without end has a few, and others get through`() throws {
        let many = try (0..<40).map { _ in try LoopbackConnection(from: "127.0.0.2", to: port) }
        // Those that stay say nothing either, until the handshake's time is up.
        let closed = many.count { $0.isClosed(withinMilliseconds: 100) }
        #expect(closed >= 36, "\(closed)")
        let other = try LoopbackConnection(from: "127.0.0.3", to: port)
        #expect(!other.isClosed(withinMilliseconds: 100))
        // From the proxy's own address.
        #expect(try call("AccountService/Get", "{}").contains("HTTP/1.1 401"))
        let told = try installation.log(.gateway).components(separatedBy: "\n")
            .filter { $0.contains("connections_refused") && $0.contains("127.0.0.2") }
        #expect((1...2).contains(told.count))
    }

    @Test func `H-74 L-24 a network that guesses waits, and no other does`() throws {
        for _ in 0..<3 {
            #expect(try signIn("admin", from: "192.0.2.1").contains("password_wrong"))
        }
        for name in ["admin", "nobody"] {
            let refusal = try signIn(name, from: "198.51.100.9, 192.0.2.1")
            #expect(refusal.contains("HTTP/1.1 429"), "\(refusal)")
            #expect(refusal.contains("Dubbelslot-Reason: overloaded"))
            #expect(refusal.contains("Retry-After: "))
        }
        #expect(try signIn("nobody", from: "192.0.2.2").contains("password_wrong"))
        #expect(try call("AccountService/Get", "{}").contains("HTTP/1.1 401"))
        #expect(try installation.log(.gateway).contains("192.0.2.2"))
    }
}
