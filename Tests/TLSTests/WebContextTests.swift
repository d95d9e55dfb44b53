import Fixtures
import Foundation
import Reactor
import TLS
import Testing

/// The server's side of HTTPS: anybody may come, by TLS 1.3 and HTTP/1.1, and certificates change
/// under a running service.
@Suite struct WebContextTests {
    private static let names = ["DNS:localhost", "DNS:login.example"]

    private func leaf(_ authority: TestAuthority, days: Int = 2) throws -> TestAuthority.Leaf {
        try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = Self.names
                $0.purposes = "serverAuth"
                $0.days = days
            })
    }

    private func context(_ leaf: TestAuthority.Leaf) throws -> TLSContext {
        try TLSContext(webCertificateFile: leaf.certificate, keyFile: leaf.key)
    }

    /// What a visit by OpenSSL's client comes to at the server.
    private func visit(
        _ context: TLSContext, alpn: String?, _ more: [String] = []
    ) async throws -> Result<String, TLSFault> {
        let authority = try Parties.shared.get().authority
        return try await withRunningLoop { loop in
            try await OpenSSLClient(nil, authority, alpn: alpn, more).visit(loop, context)
        }
    }

    @Test(arguments: ["http/1.1", "h2,http/1.1", nil])
    func `a client without a certificate is let in, and is nobody`(alpn: String?) async throws {
        let context = try context(try leaf(try Parties.shared.get().authority))
        #expect(try await visit(context, alpn: alpn) == .success(""))
    }

    @Test func `a certificate that a client brings makes nobody of him`() async throws {
        let parties = try Parties.shared.get()
        let context = try context(try leaf(parties.authority))
        let own = ["-cert", parties.gateway.certificate, "-key", parties.gateway.key]
        #expect(try await visit(context, alpn: "http/1.1", own) == .success(""))
    }

    @Test func `a client that knows other protocols only is refused`() async throws {
        let context = try context(try leaf(try Parties.shared.get().authority))
        for alpn in ["h2", "dubbelslot/1", "http/1.0"] {
            guard case .failure(.handshake) = try await visit(context, alpn: alpn) else {
                Issue.record("\(alpn) was accepted")
                continue
            }
        }
    }

    @Test func `TLS 1.2 is refused`() async throws {
        let context = try context(try leaf(try Parties.shared.get().authority))
        guard case .failure(.handshake) = try await visit(context, alpn: nil, ["-tls1_2"]) else {
            Issue.record("it was accepted")
            return
        }
    }

    @Test func `a certificate that has run out and a key that others may read are refused`()
        throws
    {
        let authority = try Parties.shared.get().authority
        let old = try leaf(authority, days: -1)
        #expect(throws: TLSFault.ownCertificate("it has run out")) { _ = try context(old) }
        let open = try leaf(authority)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: open.key)
        #expect(throws: TLSFault.self) { _ = try context(open) }
    }

    @Test func `F-37 files are read again, and what cannot be used changes nothing`() async throws {
        let parties = try Parties.shared.get()
        let folder = TemporaryFolder("web")
        let held = TestAuthority.Leaf(
            certificate: folder.file("web.pem"), key: folder.file("web.key"))
        func put(_ leaf: TestAuthority.Leaf) throws {
            for (from, to) in [(leaf.certificate, held.certificate), (leaf.key, held.key)] {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: from))
                try bytes.write(to: URL(fileURLWithPath: to))
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: to)
            }
        }
        try put(try leaf(parties.authority, days: 2))
        let context = try context(held)
        let before = context.remainingLife
        try Data("no certificate".utf8).write(to: URL(fileURLWithPath: held.certificate))
        #expect(throws: TLSFault.self) { try context.reload() }
        #expect(try await visit(context, alpn: "http/1.1") == .success(""))
        try put(try leaf(parties.authority, days: 9))
        try context.reload()
        #expect(context.remainingLife > before + .seconds(5 * 86_400))
        #expect(try await visit(context, alpn: "http/1.1") == .success(""))
    }
}
