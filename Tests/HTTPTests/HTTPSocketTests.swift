import Fixtures
import Glibc
import Reactor
import Testing
import Wire

@testable import HTTP

@Suite struct HTTPSocketTests {
    static func listen(_ server: HTTPServer) throws -> TCPListener {
        try TCPListener(
            loop: server.loop, address: .ipv4(0x7f00_0001, port: 0),
            accept: { server.accept($0) })
    }

    static func connect(_ listener: TCPListener) async throws -> Client {
        Client(
            try await SocketStream.connect(
                to: listener.address, on: listener.loop, timeout: .seconds(5)))
    }

    /// So many connections as two descriptors each allow, once as many are asked for as may be.
    private static func raisedDescriptorLimit(to count: Int) -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return min(count, Int(min(limit.rlim_max, 1_000_000)) / 2 - 200)
    }

    @Test func `requests over a socket are answered`() async throws {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            let listener = try Self.listen(server)
            let client = try await Self.connect(listener)
            for letter in HTTPServerTests.post("/b", "two") {
                client.send(String(letter))
                await loop.sleep(for: .microseconds(50))
            }
            await client.until("POST /b two")
            client.send(HTTPServerTests.get)
            await client.until("GET /a")
            #expect(client.statuses == [200, 200])
            listener.close()
        }
    }

    @Test func `a large answer arrives whole`() async throws {
        try await onLoop { loop in
            let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let server = HTTPServer.testing(
                loop, ClosureHandler { _ in HTTPResponse(.ok, type: "text/plain", body: body) })
            let listener = try Self.listen(server)
            let client = try await Self.connect(listener)
            client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(await client.ended() == .finished)
            #expect(client.bytes.suffix(body.count).elementsEqual(body))
            listener.close()
        }
    }

    @Test func `H-70 slow and silent clients are ended while others are served`() async throws {
        try await onLoop { loop in
            var limits = HTTPServer.Limits()
            limits.headTimeoutMax = .milliseconds(100)
            limits.idleMax = .milliseconds(100)
            let server = HTTPServer.testing(loop, limits: limits)
            let listener = try Self.listen(server)
            var slow: [Client] = []
            for number in 0..<Self.raisedDescriptorLimit(to: 1000) {
                let client = try await Self.connect(listener)
                if number.isMultiple(of: 2) { client.send("GET / HT") }
                slow.append(client)
            }
            let good = try await Self.connect(listener)
            good.send(HTTPServerTests.get)
            await good.until("GET /a")
            for client in slow { _ = await client.ended() }
            #expect(slow.enumerated().allSatisfy { $1.statuses == ($0 % 2 == 0 ? [408] : []) })
            listener.close()
        }
    }

    @Test func `H-01 to H-66 over a socket each is answered once, and the connection closes`()
        async throws
    {
        try await onLoop { loop in
            let listener = try Self.listen(HTTPServer.testing(loop))
            for request in MalformedRequest.all {
                let client = try await Self.connect(listener)
                client.stream.write { $0.append(request.bytes) }
                client.send(HTTPServerTests.get)
                #expect(await client.ended() == .finished, "\(request.rule)")
                #expect(client.statuses == [request.status], "\(request.rule)")
            }
            listener.close()
        }
    }

    @Test func `a refusal reaches a client that is still sending`() async throws {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            let listener = try Self.listen(server)
            let client = try await Self.connect(listener)
            client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n")
            client.send(String(repeating: "x", count: 300_000))
            #expect(await client.ended() == .finished)
            #expect(client.statuses == [413])
            listener.close()
        }
    }
}
