import Fixtures
import Foundation
import Reactor
import TLS
import Testing

/// What is refused at the start, and how files change under a running service.
@Suite struct TLSContextTests {
    private func fault(_ body: () throws -> TLSContext) -> TLSFault? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? TLSFault
        }
    }

    @Test func `a key that others may read is refused`() throws {
        let parties = try Parties.shared.get()
        let leaf = try parties.authority.service("auth-gateway")
        for (mode, isFine) in [
            (0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false),
            (0o604, false),
        ] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: leaf.key)
            let fault = fault { try parties.context(.client, leaf) }
            #expect(
                (fault == nil) == isFine, "\(String(mode, radix: 8)): \(String(describing: fault))")
        }
    }

    @Test func `a key of another certificate is refused`() throws {
        let parties = try Parties.shared.get()
        let mixed = TestAuthority.Leaf(
            certificate: parties.gateway.certificate, key: parties.verification.key)
        let fault = fault { try parties.context(.client, mixed) }
        #expect("\(String(describing: fault))".contains("not that of the certificate"))
    }

    @Test func `our certificate has to be ours`() throws {
        let parties = try Parties.shared.get()
        let fault = fault {
            try parties.context(.server, parties.gateway, identity: Parties.verificationName)
        }
        #expect(
            fault == .identity(expected: Parties.verificationName, found: Parties.gatewayName))
    }

    @Test(arguments: ["missing", "empty", "no PEM", "folder", "cut", "encrypted"])
    func `files that cannot be used are refused with their path`(_ kind: String) throws {
        let parties = try Parties.shared.get()
        let folder = TemporaryFolder("broken")
        let path: String
        switch kind {
        case "missing": path = folder.file("missing")
        case "empty": path = try folder.write("empty", "")
        case "no PEM": path = try folder.write("text", "hello\n")
        case "folder": path = folder.path
        case "encrypted":
            path = folder.file("encrypted")
            _ = try ChildProcess.run(
                "openssl",
                [
                    "pkey", "-in", parties.gateway.key, "-aes256", "-passout", "pass:x", "-out",
                    path,
                ])
        default:
            let text = try String(contentsOfFile: parties.gateway.certificate, encoding: .utf8)
            path = try folder.write("cut", String(text.dropLast(200)))
        }
        for place in 0..<3 {
            // An encrypted key is a key no more, but the other two take no key at all.
            let fault = fault {
                try TLSContext(
                    role: .client, certificateFile: place == 0 ? path : parties.gateway.certificate,
                    keyFile: place == 1 ? path : parties.gateway.key,
                    authorityFile: place == 2 ? path : parties.authority.file)
            }
            guard case .file(path, _)? = fault else {
                Issue.record("\(kind) in place \(place): \(String(describing: fault))")
                continue
            }
        }
    }

    @Test func `a leaf among the authorities is refused`() throws {
        let parties = try Parties.shared.get()
        let fault = fault {
            try TLSContext(
                role: .client, certificateFile: parties.gateway.certificate,
                keyFile: parties.gateway.key, authorityFile: parties.verification.certificate)
        }
        #expect("\(String(describing: fault))".contains("no authority"))
    }

    @Test
    func `F-37 reloading serves new connections, and keeps the old files when the new are broken`()
        async throws
    {
        let parties = try Parties.shared.get()
        let folder = TemporaryFolder("reload")
        let own = TestAuthority.Leaf(
            certificate: folder.file("own.pem"), key: folder.file("own.key"))
        func place(_ leaf: TestAuthority.Leaf) throws {
            try folder.write("own.pem", String(contentsOfFile: leaf.certificate, encoding: .utf8))
            try folder.write("own.key", String(contentsOfFile: leaf.key, encoding: .utf8))
        }
        try place(parties.verification)
        let server = try parties.context(.server, own)
        let policy = try parties.authority.service("policy-service")
        try await withRunningLoop { loop in
            let before = try await loop.run {
                try await SealedPair.make(loop, parties.client(), server)
            }
            try folder.write("own.pem", "broken")
            #expect(throws: TLSFault.self) { try server.reload() }
            let still = try await shakeHands(loop, parties.client(), server)
            #expect(still.client == .success(Parties.verificationName))

            try place(policy)
            try server.reload()
            #expect(server.identity?.text == TestAuthority.identity("policy-service"))
            let after = try await shakeHands(
                loop, parties.client(), server, expecting: TestAuthority.identity("policy-service"))
            #expect(after.client == .success(TestAuthority.identity("policy-service")))

            try await loop.run {
                before.client.write("still here")
                await before.atServer.until { before.atServer.bytes.count == 10 }
                before.client.close()
                #expect(await before.atServer.end() == .finished)
            }
        }
    }

    @Test func `the remaining life is told`() throws {
        let parties = try Parties.shared.get()
        let life = try parties.client().remainingLife
        #expect(life > .seconds(86_400) && life <= .seconds(2 * 86_400))
    }
}

@Suite struct ServiceIdentityTests {
    @Test(arguments: [
        "spiffe://a/b", "spiffe://test.internal/auth-gateway", "spiffe://a-b_c.1/x/Y.z_-",
        "spiffe://a/...",
    ])
    func `identities are read as they stand`(_ text: String) {
        #expect(ServiceIdentity(text)?.text == text)
    }

    @Test(arguments: [
        "", "spiffe://", "spiffe:///b", "spiffe://a", "spiffe://a/", "spiffe://a//b",
        "spiffe://a/b/",
        "spiffe://a/.", "spiffe://a/../b", "SPIFFE://a/b", "spiffe://A/b", "spiffe://a:1/b",
        "spiffe://u@a/b", "spiffe://a/b?c", "spiffe://a/b#c", "spiffe://a/%62",
        "spiffe://a/b\u{0}c",
        "spiffe://a/b ", " spiffe://a/b", "spiffe://a/ä", "https://a/b",
    ])
    func `F-30 what is not exactly an identity is none`(_ text: String) {
        #expect(ServiceIdentity(text) == nil)
    }

    @Test func `lengths are bounded`() {
        let domain = String(repeating: "a", count: ServiceIdentity.trustDomainMax)
        #expect(ServiceIdentity("spiffe://\(domain)/b") != nil)
        #expect(ServiceIdentity("spiffe://\(domain)a/b") == nil)
        let path = String(repeating: "b", count: ServiceIdentity.bytesMax - 11)
        #expect(ServiceIdentity("spiffe://a/\(path)") != nil)
        #expect(ServiceIdentity("spiffe://a/\(path)b") == nil)
    }
}
