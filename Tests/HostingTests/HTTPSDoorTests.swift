import Fixtures
import HTTP
import Reactor
import Testing
import Wire

@testable import Daemon
@testable import Hosting

private struct Greeting: HTTPHandler {
    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let words = "secure \(request.isSecure), identity \(request.peerIdentity ?? "none")"
        return HTTPResponse(.ok, type: "text/plain", body: Array(words.utf8))
    }
}

final class SilentOutput: LogOutput {
    func write(_ line: [UInt8]) {}
    func takeLostCount() -> Int? { nil }
}

@Suite struct HTTPSDoorTests {
    @Test func `curl is answered by HTTPS, and told to come that way only`() async throws {
        let authority = try TestAuthority()
        let leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["DNS:localhost"]
                $0.purposes = "serverAuth"
            })
        let loop = try EventLoop(name: "https")
        loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        let door = try HTTPSDoor(
            HTTPSDoor.Files(certificate: leaf.certificate, key: leaf.key),
            log: Log(service: "test", output: SilentOutput()))
        let server = HTTPServer(
            loop: loop, handler: Greeting(), isSecure: true,
            wallClock: { WallClock.system.now() })
        let listener = try TCPListener(loop: loop, address: .ipv4(0x7f00_0001, port: 0)) {
            door.accept($0, for: server)
        }
        let port = listener.port
        func curl(_ url: String) async throws -> ChildProcess.Outcome {
            try await Task.detached {
                try ChildProcess.run(
                    "curl",
                    [
                        "-sSi", "--max-time", "10", "--noproxy", "*", "--cacert", authority.file,
                        "--resolve", "localhost:\(port):127.0.0.1", url,
                    ])
            }.value
        }
        for _ in 0..<2 {
            let outcome = try await curl("https://localhost:\(port)/")
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(outcome.output.contains("HTTP/1.1 200"))
            #expect(outcome.output.contains("Strict-Transport-Security: max-age="))
            #expect(outcome.output.contains("secure true, identity none"))
            door.reload()
        }
        // Whoever comes without TLS is not answered, and not sent on either.
        let plain = try await curl("http://localhost:\(port)/")
        #expect(plain.status != 0)
        #expect(!plain.output.contains("HTTP/1.1"))
        listener.close()
        await server.drain()
    }
}
