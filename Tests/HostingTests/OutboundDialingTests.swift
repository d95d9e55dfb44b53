import Fixtures
import HTTP
import Reactor
import TLS
import Testing
import Wire

@testable import Daemon
@testable import Hosting

@Suite struct OutboundDialingTests {
    private struct Greeting: HTTPHandler {
        func answer(_ request: HTTPRequest) async -> HTTPResponse {
            HTTPResponse(.ok, type: "text/plain", body: Array("hello \(request.host)".utf8))
        }
    }

    /// What a client meets at a server of ours with a certificate of these names.
    private func visit(
        _ url: String, names: [String], believing: TestAuthority? = nil
    ) async throws -> Result<HTTPResponse, HTTPClientFault> {
        let authority = try TestAuthority()
        let leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = names
                $0.purposes = "serverAuth"
            })
        let door = try HTTPSDoor(
            HTTPSDoor.Files(certificate: leaf.certificate, key: leaf.key),
            log: Log(service: "test", output: SilentOutput()))
        let context = try TLSContext(
            outboundAuthorityFile: (believing ?? authority).file, applicationProtocol: "http/1.1")
        let pool = BlockingPool(name: "names", threads: 1, queueMax: 4)
        defer { pool.stop() }
        let dialing = OutboundDialing(context: context, resolver: Resolver(pool: pool))
        return try await withRunningLoop { loop in
            try await loop.run {
                let server = HTTPServer(
                    loop: loop, handler: Greeting(), isSecure: true,
                    wallClock: { Timestamp(seconds: 0) })
                let listener = try TCPListener(
                    loop: loop, address: .ipv4(0x7f00_0001, port: 0)
                ) { door.accept($0, for: server) }
                defer { listener.close() }
                let text = url.replacing("PORT", with: String(listener.port))
                let request = OutgoingRequest(.get, try #require(HTTPSURL(text)))
                do throws(HTTPClientFault) {
                    let client = dialing.client(on: loop)
                    return .success(try await client.exchange(request, deadline: .seconds(20)))
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    @Test func `a name is resolved, proved and spoken to`() async throws {
        let response = try await visit(
            "https://localhost:PORT/", names: ["DNS:localhost"]
        ).get()
        #expect(String(decoding: response.body, as: UTF8.self).hasPrefix("hello localhost:"))
        _ = try await visit("https://127.0.0.1:PORT/", names: ["IP:127.0.0.1"]).get()
    }

    @Test func `a host that proves another name is sent nothing`() async throws {
        for (url, names) in [
            ("https://localhost:PORT/", ["DNS:other.example"]),
            ("https://127.0.0.1:PORT/", ["DNS:localhost"]),
        ] {
            guard case .failure(.unreachable) = try await visit(url, names: names) else {
                Issue.record("\(url) was believed")
                continue
            }
        }
        let stranger = try TestAuthority("stranger")
        guard
            case .failure(.unreachable) = try await visit(
                "https://localhost:PORT/", names: ["DNS:localhost"], believing: stranger)
        else {
            Issue.record("a stranger was believed")
            return
        }
    }

    /// OpenSSL's own server says HTTP/1.0 and ends its answer by closing, which TLS has to protect.
    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `a server that is not of our making answers`(version: String) async throws {
        let authority = try TestAuthority()
        let leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["DNS:localhost"]
                $0.purposes = "serverAuth"
            })
        let port = FreePort.take()
        let child = try ChildProcess(
            "openssl",
            [
                "s_server", "-www", "-quiet", version, "-accept", "127.0.0.1:\(port)",
                "-cert", leaf.certificate, "-key", leaf.key,
            ])
        defer { child.end(seconds: 0) }
        let context = try TLSContext(
            outboundAuthorityFile: authority.file, applicationProtocol: "http/1.1")
        let pool = BlockingPool(name: "names", threads: 1, queueMax: 4)
        defer { pool.stop() }
        let dialing = OutboundDialing(context: context, resolver: Resolver(pool: pool))
        let request = OutgoingRequest(
            .get, try #require(HTTPSURL("https://localhost:\(port)/")))
        let response = try await withRunningLoop { loop in
            try await loop.run { try await Self.patiently(request, dialing.client(on: loop)) }
        }
        #expect(response.status.code == 200)
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(text.contains(version == "-tls1_2" ? "TLSv1.2" : "TLSv1.3"))
        #expect(text.contains("</HTML>"))
    }

    /// Asks again while the server is not there yet.
    private static func patiently(
        _ request: OutgoingRequest, _ client: HTTPClient
    ) async throws -> HTTPResponse {
        for _ in 0..<500 {
            do throws(HTTPClientFault) {
                return try await client.exchange(request, deadline: .seconds(20))
            } catch {
                guard case .unreachable = error else { throw error }
            }
            await client.loop.sleep(for: .milliseconds(20))
        }
        return try await client.exchange(request, deadline: .seconds(20))
    }

    @Test func `names that OpenSSL would read otherwise are not even looked up`() async throws {
        for host in ["a_b.example", "1.2.3", "a..b", "example."] {
            let result = try await visit("https://\(host):PORT/", names: ["DNS:localhost"])
            #expect(result == .failure(.unreachable("PeerUnreachable()")), "\(host)")
        }
    }
}
