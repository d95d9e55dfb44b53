import Fixtures
import Reactor
import Testing

@testable import TLS

/// Somebody with our name by another authority.
@Suite struct StrangerTests {
    private func verdicts(
        identity: String, believing authorities: String
    ) async throws -> Verdicts {
        let authority = try TestAuthority()
        let leaf = try authority.service("verification-service")
        let stranger = try Stranger(
            as: try #require(ServiceIdentity(identity)), authorityFile: authority.file)
        let server = try TLSContext(
            role: .server, certificateFile: leaf.certificate, keyFile: leaf.key,
            authorityFile: authorities == "ours" ? authority.file : stranger.context.files.authority
                ?? "", identity: TestAuthority.identity("verification-service"))
        let loop = try EventLoop(name: "stranger")
        loop.start()
        defer { loop.stop() }
        return try await shakeHands(
            loop, stranger.context, server,
            expecting: TestAuthority.identity("verification-service"))
    }

    @Test func `a server that believes our authority alone refuses him`() async throws {
        let verdicts = try await verdicts(
            identity: TestAuthority.identity("auth-gateway"), believing: "ours")
        #expect(throws: TLSFault.self) { try verdicts.server.get() }
    }

    /// Else the refusal would prove nothing.
    @Test func `a server that believes everybody lets him in`() async throws {
        let verdicts = try await verdicts(
            identity: TestAuthority.identity("auth-gateway"), believing: "his too")
        #expect(try verdicts.server.get() == TestAuthority.identity("auth-gateway"))
    }
}
