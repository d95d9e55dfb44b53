import Fixtures
import Foundation
import Reactor
import TLS
import Testing

/// The client's side towards the outside: the authorities vouch for the name that was asked for,
/// or there is no connection.
@Suite struct OutboundTests {
    private static func name(_ text: String) throws -> ServerName {
        try #require(ServerName(text))
    }

    private func context(
        believing authority: TestAuthority, alpn: String? = "http/1.1"
    ) throws -> TLSContext {
        try TLSContext(outboundAuthorityFile: authority.file, applicationProtocol: alpn)
    }

    /// What a visit to a web server with this certificate comes to, and the error where there is
    /// one.
    private func visit(
        _ host: String, _ wish: TestAuthority.Wish, from stranger: TestAuthority? = nil,
        alpn: String? = "http/1.1"
    ) async throws -> TLSFault? {
        let authority = try Parties.shared.get().authority
        let leaf = try (stranger ?? authority).leaf(wish)
        let server = try TLSContext(webCertificateFile: leaf.certificate, keyFile: leaf.key)
        let client = try context(believing: authority, alpn: alpn)
        let name = try Self.name(host)
        return try await withRunningLoop { loop in
            try await loop.run {
                let lower = PipeStream.pair(on: loop)
                let accepting = Task(executorPreference: loop) {
                    do throws(TLSFault) {
                        let stream = try await TLSStream.accept(over: lower.1, context: server)
                        stream.start(StreamRecorder())
                    } catch {}
                }
                defer { accepting.cancel() }
                do throws(TLSFault) {
                    let stream = try await TLSStream.connect(
                        over: lower.0, context: client, host: name.text)
                    #expect(stream.peerIdentity == nil)
                    stream.start(StreamRecorder())
                    stream.close()
                    return nil
                } catch {
                    return error
                }
            }
        }
    }

    private func names(_ names: String...) -> TestAuthority.Wish {
        TestAuthority.Wish {
            $0.alternativeNames = names
            $0.purposes = "serverAuth"
        }
    }

    @Test(arguments: [
        ("sms.example", "DNS:sms.example"), ("SMS.example", "DNS:sms.example"),
        ("api.sms.example", "DNS:*.sms.example"), ("127.0.0.1", "IP:127.0.0.1"),
        ("::1", "IP:::1"), ("localhost", "DNS:localhost"),
    ])
    func `a server that proves the name is believed`(host: String, name: String) async throws {
        #expect(try await visit(host, names(name)) == nil)
    }

    @Test(arguments: [
        ("sms.example", "DNS:other.example"), ("sms.example", "DNS:sms.example.evil"),
        ("sms.example", "DNS:*.example.evil"), ("a.b.example", "DNS:*.example"),
        ("sms.example", "DNS:s*.example"), ("example", "DNS:*"),
        ("127.0.0.1", "DNS:127.0.0.1"), ("127.0.0.1", "IP:127.0.0.2"),
        ("sms.example", "URI:https://sms.example"),
        ("leaf", "DNS:other.example"),
    ])
    func `a server that proves another name is refused`(host: String, name: String) async throws {
        guard case .identity(host, _) = try await visit(host, names(name)) else {
            Issue.record("\(host) was taken from \(name)")
            return
        }
    }

    @Test func `the common name proves nothing`() async throws {
        // The test authority writes CN=leaf into every certificate.
        guard
            case .identity = try await visit(
                "leaf",
                TestAuthority.Wish {
                    $0.alternativeNames = []
                })
        else {
            Issue.record("it was believed")
            return
        }
    }

    @Test func `strangers, expired certificates and those for clients are refused`() async throws {
        let good = names("DNS:sms.example")
        var old = good
        old.days = -1
        var early = good
        early.isEarly = true
        var selfMade = good
        selfMade.isSelfSigned = true
        var forClients = good
        forClients.purposes = "clientAuth"
        for (wish, from) in [
            (good, try TestAuthority("stranger")), (selfMade, nil), (forClients, nil),
        ] {
            guard case .certificate(let why) = try await visit("sms.example", wish, from: from)
            else {
                Issue.record("\(wish) was believed")
                continue
            }
            #expect(why.contains("certificate is refused"), "\(why)")
        }
        try await expectRefusedByOpenSSL(old, "expired")
        try await expectRefusedByOpenSSL(early, "not yet valid")
    }

    /// Our own server would not start with these.
    private func expectRefusedByOpenSSL(
        _ wish: TestAuthority.Wish, _ reason: String
    ) async throws {
        let authority = try Parties.shared.get().authority
        let client = try context(believing: authority)
        let server = OpenSSLServer(
            try authority.leaf(wish), authority, alpn: nil, ["-verify", "0"])
        let verdict = try await withRunningLoop { loop in
            try await server.receive(loop, client, host: "sms.example")
        }
        guard case .failure(.certificate(let why)) = verdict else {
            Issue.record("\(wish) was believed")
            return
        }
        #expect(why.contains(reason), "\(why)")
    }

    @Test func `a server that knows no protocol names is fine, and so is a client`() async throws {
        #expect(try await visit("sms.example", names("DNS:sms.example"), alpn: nil) == nil)
        guard
            case .handshake = try await visit(
                "sms.example", names("DNS:sms.example"), alpn: "smtp")
        else {
            Issue.record("a server that speaks HTTP agreed to SMTP")
            return
        }
    }

    @Test(arguments: [
        (["-tls1_2"], true), (["-tls1_3"], true),
        (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], false),
        (["-tls1_2", "-cipher", "AES128-GCM-SHA256"], false),
        (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"], false),
        (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], true),
    ])
    func `TLS 1 2 is spoken with authenticated ciphers and ephemeral keys only`(
        options: [String], isTaken: Bool
    ) async throws {
        let authority = try Parties.shared.get().authority
        let leaf = try authority.leaf(names("DNS:sms.example"))
        let client = try context(believing: authority)
        let server = OpenSSLServer(leaf, authority, alpn: nil, options + ["-verify", "0"])
        let verdict = try await withRunningLoop { loop in
            try await server.receive(loop, client, host: "sms.example")
        }
        switch verdict {
        case .success: #expect(isTaken)
        case .failure(let fault): #expect(!isTaken, "\(fault)")
        }
    }

    @Test func `the server is told which host is meant`() async throws {
        let authority = try Parties.shared.get().authority
        let wrong = try authority.leaf(names("DNS:other.example"))
        let right = try authority.leaf(names("DNS:sms.example"))
        let client = try context(believing: authority)
        let server = OpenSSLServer(
            wrong, authority, alpn: nil,
            [
                "-verify", "0", "-servername", "sms.example", "-servername_fatal",
                "-cert2", right.certificate, "-key2", right.key,
            ])
        let verdict = try await withRunningLoop { loop in
            try await server.receive(loop, client, host: "sms.example")
        }
        #expect(verdict == .success(""))
    }

    @Test func `the system's authorities can be read`() throws {
        guard FileManager.default.fileExists(atPath: TLSContext.systemAuthorityFile) else { return }
        let context = try TLSContext(
            outboundAuthorityFile: TLSContext.systemAuthorityFile, applicationProtocol: "http/1.1")
        #expect(context.identity == nil)
        try context.reload()
        #expect(throws: TLSFault.self) {
            _ = try TLSContext(outboundAuthorityFile: "/nowhere.pem", applicationProtocol: nil)
        }
    }
}

@Suite struct ServerNameTests {
    @Test(arguments: [
        "a", "localhost", "sms.example", "SMS.Example", "a-b.c1", "1and1.example", "127.0.0.1",
        "::1", "2001:db8::1", "xn--bcher-kva.example",
    ])
    func `a name or an address is one`(text: String) {
        #expect(ServerName(text)?.text == text)
    }

    @Test(arguments: [
        "", ".", ".example", "example.", "a..b", "-a.example", "a-.example", "a_b.example",
        "*.example", "a b", "a\0.example", "a.example\0", "bücher.example", "１.example", "1.2.3",
        "127.1", "0x7f.1.2.3.4", "1.2.3.4.5", "example:443", "[::1]", "fe80::1%lo", "a\r\nb", "a/b",
        "user@example",
    ])
    func `what is neither is refused`(text: String) {
        #expect(ServerName(text) == nil)
    }

    @Test func `labels and names have their lengths`() {
        let label = String(repeating: "a", count: 63)
        #expect(ServerName(label) != nil)
        #expect(ServerName(label + "a") == nil)
        let name = Array(repeating: label, count: 3).joined(separator: ".") + "."
        #expect(ServerName(name + String(repeating: "b", count: 61)) != nil)
        #expect(ServerName(name + String(repeating: "b", count: 62)) == nil)
    }
}
