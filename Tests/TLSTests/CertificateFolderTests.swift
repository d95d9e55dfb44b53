import Fixtures
import Foundation
import Reactor
import Testing

@testable import TLS

/// An authority of our own, and the leaves it gives out, as the services take them.
@Suite struct CertificateFolderTests {
    private let folder = TemporaryFolder("authority")
    private let names = ["auth-gateway", "verification-service"]

    private var wishes: [CertificateFolder.Wish] {
        get throws {
            try names.map { name in
                CertificateFolder.Wish(
                    name, .service(try #require(ServiceIdentity(TestAuthority.identity(name)))))
            }
        }
    }

    private var certificates: CertificateFolder { CertificateFolder(folder.path) }

    @discardableResult
    private func renew(
        leafLifetime: Duration = PrivateAuthority.leafLifetime
    ) throws -> [String: CertificateFolder.Deed] {
        let deeds = try certificates.renew(
            try wishes, trustDomain: TestAuthority.trustDomain, leafLifetime: leafLifetime)
        return Dictionary(uniqueKeysWithValues: deeds.map { ($0.name, $0.deed) })
    }

    private func context(_ role: TLSContext.Role, _ name: String) throws -> TLSContext {
        try TLSContext(
            role: role, certificateFile: certificates.certificate(name),
            keyFile: certificates.key(name),
            authorityFile: certificates.certificate(CertificateFolder.authorityName),
            identity: TestAuthority.identity(name))
    }

    @Test func `services made by it believe one another`() async throws {
        try renew()
        let loop = try EventLoop(name: "authority")
        loop.start()
        defer { loop.stop() }
        let verdicts = try await shakeHands(
            loop, try context(.client, names[0]), try context(.server, names[1]),
            expecting: TestAuthority.identity(names[1]))
        #expect(try verdicts.client.get() == TestAuthority.identity(names[1]))
        #expect(try verdicts.server.get() == TestAuthority.identity(names[0]))
    }

    @Test func `openssl finds the chain of a leaf in order`() throws {
        try renew()
        let outcome = try ChildProcess.run(
            "openssl",
            [
                "verify", "-x509_strict", "-CAfile",
                certificates.certificate(CertificateFolder.authorityName),
                certificates.certificate(names[0]),
            ])
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test func `a second run keeps all that lasts`() throws {
        #expect(try Set(renew().values) == [.made])
        let before = try folder.read("auth-gateway.pem")
        #expect(try Set(renew().values) == [.kept])
        #expect(try folder.read("auth-gateway.pem") == before)
    }

    @Test func `a leaf that ends soon is renewed, and the authority stays`() throws {
        try renew(leafLifetime: CertificateFolder.renewalTime - .seconds(60))
        let authority = try folder.read("authority.pem")
        let before = try folder.read("auth-gateway.pem")
        let deeds = try renew()
        #expect(deeds["auth-gateway"] == .renewed && deeds["authority"] == .kept)
        #expect(try folder.read("auth-gateway.pem") != before)
        #expect(try folder.read("authority.pem") == authority)
    }

    @Test func `a pair that broke off between its files is made anew`() throws {
        try renew()
        let other = try folder.read("verification-service.key")
        try folder.write("auth-gateway.key", other)
        #expect(try renew()["auth-gateway"] == .renewed)
        _ = try context(.client, names[0])
    }

    @Test func `an authority put aside is made anew, with all that it vouched for`() async throws {
        try renew()
        for name in ["authority.pem", "authority.key"] {
            try FileManager.default.moveItem(
                atPath: folder.file(name), toPath: folder.file(name + ".aside"))
        }
        let deeds = try renew()
        #expect(deeds["authority"] == .made)
        for name in names { #expect(deeds[name] == .renewed) }
        _ = try context(.client, names[0])
        #expect(try Set(renew().values) == [.kept])
    }

    @Test(arguments: ["authority.pem", "authority.key"])
    func `half an authority is an error, and nothing is written over`(missing: String) throws {
        try renew()
        try FileManager.default.removeItem(atPath: folder.file(missing))
        let left = missing == "authority.pem" ? "authority.key" : "authority.pem"
        let before = try folder.read(left)
        #expect(throws: TLSFault.self) { try renew() }
        #expect(try folder.read(left) == before)
        #expect(!FileManager.default.fileExists(atPath: folder.file(missing)))
    }

    @Test func `nobody but the owner may read what is written`() throws {
        try renew()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func `an identity of another trust domain is believed by nobody`() throws {
        let foreign = try #require(ServiceIdentity("spiffe://elsewhere.example/auth-gateway"))
        _ = try certificates.renew(
            [CertificateFolder.Wish("auth-gateway", .service(foreign))],
            trustDomain: TestAuthority.trustDomain)
        #expect(throws: TLSFault.self) { try context(.client, "auth-gateway") }
    }
}
