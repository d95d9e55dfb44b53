import Fixtures
import Foundation
import Reactor
import TLS
import Testing

/// The client's side towards servers in the world: they prove the name of their host, and nobody
/// is believed but who was named.
@Suite struct OutboundContextTests {
    private let authority: TestAuthority

    init() throws {
        authority = try Parties.shared.get().authority
    }

    private func leaf(
        _ names: [String], _ change: (inout TestAuthority.Wish) -> Void = { _ in }
    ) throws -> TestAuthority.Leaf {
        try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = names
                $0.purposes = "serverAuth"
                change(&$0)
            })
    }

    /// What a client of ours that means `host` says to OpenSSL's server with that certificate.
    private func visit(
        _ host: String, _ leaf: TestAuthority.Leaf, believing: TestAuthority? = nil,
        _ more: [String] = []
    ) async throws -> Result<String, TLSFault> {
        let context = try TLSContext(outboundAuthorityFile: (believing ?? authority).file)
        return try await withRunningLoop { loop in
            try await OpenSSLServer(leaf, more).receive(loop, context, host: host)
        }
    }

    private func expectIdentity(_ host: String, _ names: [String]) async throws {
        let result = try await visit(host, try leaf(names))
        guard case .failure(.identity(expected: host, _)) = result else {
            Issue.record("\(host) with \(names): \(result)")
            return
        }
    }

    @Test func `a server that proves its name is believed, whatever the case of it`() async throws {
        let leaf = try leaf(["DNS:other.example", "DNS:Mail.Example"])
        #expect(try await visit("mail.example", leaf) == .success(""))
    }

    @Test(arguments: [
        ("mail.example", ["DNS:other.example"]), ("mail.example", ["DNS:mail.example.org"]),
        // A common name is no proof (RFC 9525 §2); it is "leaf" here.
        ("leaf", []), ("leaf", ["DNS:mail.example"]),
        ("a.b.mail.example", ["DNS:*.mail.example"]), ("mail.example", ["DNS:*.mail.example"]),
        ("a.mail.example", ["DNS:a*.mail.example"]), ("mail.example", ["DNS:*.example"]),
        ("mail.example", ["URI:mail.example"]),
        // An address is proved by an address only, and a name by a name.
        ("127.0.0.1", ["DNS:127.0.0.1"]), ("::1", ["IP:127.0.0.1"]),
    ])
    func `a certificate for another name is told as such`(host: String, names: [String])
        async throws
    {
        try await expectIdentity(host, names)
    }

    @Test(arguments: [("a.mail.example", "DNS:*.mail.example"), ("127.0.0.1", "IP:127.0.0.1")])
    func `a wildcard is one label, and an address may be proved`(host: String, name: String)
        async throws
    {
        #expect(try await visit(host, try leaf([name])) == .success(""))
    }

    @Test func `a certificate that is not to be believed is told as such`() async throws {
        let name = "DNS:mail.example"
        let stranger = try TestAuthority()
        let cases: [(String, TestAuthority.Leaf, TestAuthority?)] = [
            ("of another authority", try leaf([name]), stranger),
            ("run out", try leaf([name]) { $0.days = -1 }, nil),
            ("of tomorrow", try leaf([name]) { $0.isEarly = true }, nil),
            ("self-signed", try leaf([name]) { $0.isSelfSigned = true }, nil),
            ("for clients", try leaf([name]) { $0.purposes = "clientAuth" }, nil),
        ]
        for (what, leaf, believing) in cases {
            let result = try await visit("mail.example", leaf, believing: believing)
            guard case .failure(.certificate) = result else {
                Issue.record("\(what): \(result)")
                continue
            }
        }
    }

    @Test(arguments: ["", "mail.example\u{0}.other.example"])
    func `what cannot be a host's name reaches nobody`(host: String) async throws {
        guard case .failure(.library) = try await visit(host, try leaf(["DNS:mail.example"])) else {
            Issue.record("\(host) was reached")
            return
        }
    }

    @Test func `TLS 1.2 is spoken with forward secrecy and authenticated encryption only`()
        async throws
    {
        let leaf = try leaf(["DNS:mail.example"])
        for suite in ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"] {
            let visited = try await visit(
                "mail.example", leaf, ["-tls1_2", "-cipher", suite])
            #expect(visited == .success(""), "\(suite)")
        }
        for refused in [
            ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"],
            ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
        ] {
            guard case .failure(.handshake) = try await visit("mail.example", leaf, refused) else {
                Issue.record("\(refused) was accepted")
                continue
            }
        }
    }

    @Test func `the system's authorities can be read where there are any`() throws {
        guard FileManager.default.fileExists(atPath: TLSContext.systemAuthorityFile) else { return }
        let context = try TLSContext(outboundAuthorityFile: TLSContext.systemAuthorityFile)
        #expect(context.role == .outbound)
        try context.reload()
    }

    @Test func `without authorities there is no context`() {
        #expect(throws: TLSFault.self) {
            _ = try TLSContext(outboundAuthorityFile: TemporaryFolder().file("none"))
        }
    }
}
