import Fixtures
import Reactor
import Testing

@testable import TLS

/// Somebody with our name by another authority.
@Suite struct StrangerTests {
    /// - Parameter isBelieved: The server believes the stranger's authority too.
    private func verdicts(isBelieved: Bool) async throws -> Verdicts {
        let authority = try TestAuthority()
        let leaf = try authority.service("verification-service")
        let stranger = try Stranger(
            as: try #require(ServiceIdentity(TestAuthority.identity("auth-gateway"))),
            authorityFile: authority.file)
        let both = try #require(stranger.context.files.authority)
        let server = try TLSContext(
            role: .server, certificateFile: leaf.certificate, keyFile: leaf.key,
            authorityFile: isBelieved ? both : authority.file,
            identity: TestAuthority.identity("verification-service"))
        let loop = try EventLoop(name: "stranger")
        loop.start()
        defer { loop.stop() }
        return try await shakeHands(
            loop, stranger.context, server,
            expecting: TestAuthority.identity("verification-service"))
    }

    @Test func `a server that believes our authority alone refuses him`() async throws {
        let verdicts = try await verdicts(isBelieved: false)
        #expect(throws: TLSFault.self) { try verdicts.server.get() }
    }

    /// Else the refusal would prove nothing.
    @Test func `a server that believes everybody lets him in`() async throws {
        let verdicts = try await verdicts(isBelieved: true)
        #expect(try verdicts.server.get() == TestAuthority.identity("auth-gateway"))
    }
}
