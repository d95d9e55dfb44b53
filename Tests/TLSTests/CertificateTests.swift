import Fixtures
import Reactor
import TLS
import Testing

/// Who is let in, and who is not: every certificate but a right one is refused, and the peer too is
/// told that it was.
@Suite struct CertificateTests {
    @Test func `both ends see who the other is`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            let verdicts = try await shakeHands(loop, parties.client(), parties.server())
            #expect(verdicts.client == .success(Parties.verificationName))
            #expect(verdicts.server == .success(Parties.gatewayName))
            #expect(verdicts.clientEnd == .finished)
        }
    }

    /// Certificates that no service has, each with what the refusing side says.
    static let wrong: [(TestAuthority.Wish, String)] = [
        (.init { $0.alternativeNames.append("URI:spiffe://test.internal/other") }, "more than one"),
        (.init { $0.alternativeNames = [] }, "no URI"),
        (.init { $0.alternativeNames = ["DNS:spiffe.test.internal"] }, "no URI"),
        (
            .init { $0.alternativeNames = ["DNS:spiffe://test.internal/auth-gateway"] }, "no URI"
        ),
        (
            .init { $0.alternativeNames = ["URI:SPIFFE://test.internal/auth-gateway"] },
            "no identity"
        ),
        (.init { $0.alternativeNames = ["URI:spiffe://other.internal/auth-gateway"] }, "domain"),
        (
            .init { $0.alternativeNames = ["URI:spiffe://test.internal/auth-gateway/"] },
            "no identity"
        ),
        (.init { $0.alternativeNames = ["URI:spiffe://test.internal"] }, "no identity"),
        (
            .init { $0.alternativeNames = ["URI:spiffe://Test.internal/auth-gateway"] },
            "no identity"
        ),
        (
            .init { $0.alternativeNames = ["URI:spiffe://test.internal:1/auth-gateway"] },
            "no identity"
        ),
        (
            .init { $0.alternativeNames = ["URI:spiffe://a@test.internal/auth-gateway"] },
            "no identity"
        ),
        (
            .init { $0.alternativeNames = ["URI:spiffe://test.internal/auth-gateway?q"] },
            "no identity"
        ),
        (.init { $0.alternativeNames = ["URI:spiffe://test.internal/gateway%00x"] }, "no identity"),
        (.init { $0.alternativeNames = ["URI:https://test.internal/auth-gateway"] }, "no identity"),
        (.init { $0.constraints = "critical,CA:TRUE" }, "authority"),
        (.init { $0.keyUsage = "critical,digitalSignature,keyCertSign" }, "key usage"),
        (.init { $0.keyUsage = "critical,digitalSignature,cRLSign" }, "key usage"),
        (.init { $0.keyUsage = "digitalSignature" }, "key usage"),
        (.init { $0.keyUsage = nil }, "key usage"),
        (.init { $0.purposes = nil }, "both server and client"),
        (.init { $0.purposes = "clientAuth" }, ""),
        (.init { $0.purposes = "serverAuth" }, ""),
        (.init { $0.days = -1 }, "expired"),
        (.init { $0.isEarly = true }, "not yet valid"),
        (.init { $0.isSelfSigned = true }, "self-signed"),
    ]

    @Test(arguments: Self.wrong.indices)
    func
        `F-28, F-30 to F-32 a wrong certificate is refused at our start, by servers and clients`(
            _ index: Int
        ) async throws
    {
        let (wish, reason) = Self.wrong[index]
        let parties = try Parties.shared.get()
        let leaf = try parties.authority.leaf(wish)
        // Another trust domain is only wrong to others.
        if reason != "domain" {
            #expect(throws: TLSFault.self) { try parties.context(.client, leaf) }
        }
        // OpenSSL's own program presents what our side would not.
        try await withRunningLoop { loop in
            let fault = try await OpenSSLClient(leaf, parties.authority).visit(
                loop, parties.server())
            #expect("\(fault)".contains(reason), "\(fault)")
            let met = try await OpenSSLServer(leaf, parties.authority).receive(
                loop, parties.client())
            #expect("\(met)".contains(reason), "\(met)")
        }
    }

    @Test func `F-30 a zero byte inside the URI does not end it`() async throws {
        let parties = try Parties.shared.get()
        let name = Array("spiffe://test.internal/auth-gateway\u{0}.x".utf8)
        let octets = name.map { String($0, radix: 16) }.map { $0.count == 1 ? "0\($0)" : $0 }
        // GeneralNames of one uniformResourceIdentifier [6] (RFC 5280 §4.2.1.6).
        let size = String(name.count, radix: 16)
        let whole = String(name.count + 2, radix: 16)
        let wish = TestAuthority.Wish {
            $0.alternativeNames = []
            $0.purposes =
                "serverAuth,clientAuth\n2.5.29.17 = DER:30\(whole)86\(size)\(octets.joined())"
        }
        let leaf = try parties.authority.leaf(wish)
        try await withRunningLoop { loop in
            let fault = try await OpenSSLClient(leaf, parties.authority).visit(
                loop, parties.server())
            #expect("\(fault)".contains("no identity"), "\(fault)")
        }
    }

    @Test func `F-28 a stranger's certificate with the right name is refused`() async throws {
        let parties = try Parties.shared.get()
        let leaf = try TestAuthority("stranger").service("auth-gateway")
        #expect(throws: TLSFault.self) { try parties.context(.client, leaf) }
        try await withRunningLoop { loop in
            let fault = try await OpenSSLClient(leaf, parties.authority).visit(
                loop, parties.server())
            #expect("\(fault)".contains("refused"), "\(fault)")
        }
    }

    @Test func `F-31 an authority's own certificate is no service's`() async throws {
        let parties = try Parties.shared.get()
        let leaf = parties.authority.asLeaf()
        #expect(throws: TLSFault.self) { try parties.context(.client, leaf) }
        try await withRunningLoop { loop in
            let fault = try await OpenSSLClient(leaf, parties.authority).visit(
                loop, parties.server())
            #expect("\(fault)".contains("refused"), "\(fault)")
        }
    }

    @Test func `F-28 a client without a certificate is refused and told so`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            let fault = try await OpenSSLClient(nil, parties.authority).visit(
                loop, parties.server())
            #expect("\(fault)".contains("did not return a certificate"), "\(fault)")
        }
    }

    @Test func `F-32 a client that distrusts the server refuses it before it says a word`()
        async throws
    {
        let parties = try Parties.shared.get()
        let stranger = try TestAuthority("stranger")
        let leaf = try stranger.service("auth-gateway")
        try await withRunningLoop { loop in
            let client = try parties.context(.client, leaf, believing: stranger)
            let verdicts = try await shakeHands(loop, client, parties.server())
            #expect("\(verdicts.client)".contains("refused"), "\(verdicts.client)")
            #expect("\(verdicts.server)".contains("alert"), "\(verdicts.server)")
        }
    }

    @Test func `F-32 a server that is another service than was asked for is refused`() async throws
    {
        let parties = try Parties.shared.get()
        let policy = try parties.authority.service("policy-service")
        try await withRunningLoop { loop in
            let server = try parties.context(.server, policy)
            let verdicts = try await shakeHands(loop, parties.client(), server)
            let found = TestAuthority.identity("policy-service")
            #expect(
                verdicts.client
                    == .failure(.identity(expected: Parties.verificationName, found: found)))
        }
    }

    @Test func `F-28 a denied serial number is refused however it is written`() async throws {
        let parties = try Parties.shared.get()
        let leaf = try parties.authority.leaf(.init { $0.serial = "0a1b2c3d4e5f6071" })
        for line in ["0A:1B:2C:3D:4E:5F:60:71", "a1b2c3d4e5f6071"] {
            let denied = try parties.authority.folder.write("denied", "# lost\n\n\(line)\n")
            try await withRunningLoop { loop in
                let server = try parties.context(.server, parties.verification, denied: denied)
                let client = try parties.context(.client, leaf)
                let verdicts = try await shakeHands(loop, client, server)
                #expect("\(verdicts.server)".contains("deny list"), "\(verdicts.server)")
                // The client's side was done before the server could say no.
                guard case .failed? = verdicts.clientEnd else {
                    Issue.record("the client was not told: \(verdicts)")
                    return
                }
            }
        }
    }

    @Test func `OpenSSL's own programs are let in with the right certificates`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            let visited = try await OpenSSLClient(parties.gateway, parties.authority)
                .visit(loop, parties.server())
            #expect(visited == .success(Parties.gatewayName))
            let met = try await OpenSSLServer(parties.verification, parties.authority)
                .receive(loop, parties.client())
            #expect(met == .success(Parties.verificationName))
        }
    }

    @Test(arguments: [["-tls1_2"], ["-groups", "P-384"], ["-alpn", "h2"], ["no ALPN"]])
    func `F-27 an older version, a weak group and another protocol are refused`(
        _ arguments: [String]
    ) async throws {
        let parties = try Parties.shared.get()
        let own = arguments[0] == "no ALPN" ? [] : arguments
        let alpn = own.first == "-alpn" || arguments[0] == "no ALPN" ? nil : "dubbelslot/1"
        try await withRunningLoop { loop in
            let verdict = try await OpenSSLClient(
                parties.gateway, parties.authority, alpn: alpn, own
            ).visit(loop, parties.server())
            guard case .failure(.handshake) = verdict else {
                Issue.record("let in: \(verdict)")
                return
            }
        }
    }
}
