import Reactor
import Testing
import Wire

@testable import HTTP

@Suite struct HTTPServerTests {
    static let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"

    static func post(_ path: String, _ body: String, _ fields: String = "") -> String {
        let length = "Content-Length: \(body.utf8.count)"
        return "POST \(path) HTTP/1.1\r\nHost: a\r\n\(length)\r\n\(fields)\r\n\(body)"
    }

    @Test(arguments: [[], [1], [2, 3], [7], [64, 1]])
    func `requests on one connection are answered in order in any pieces`(
        _ pieces: [Int]
    ) async throws {
        let text = try await onLoop { loop in
            let client = HTTPServer.testing(loop).client(pieces: pieces)
            client.send(Self.get + Self.post("/b", "two") + Self.post("/c", "three"))
            await client.until("POST /c three")
            client.stream.close()
            return client.text
        }
        let bodies = ["GET /a ", "POST /b two", "POST /c three"]
        #expect(bodies.allSatisfy(text.contains))
        #expect(text.split(separator: "HTTP/1.1 200 OK\r\n").count == 3)
        let places = bodies.compactMap { text.split(separator: $0, maxSplits: 1).first?.count }
        #expect(places == places.sorted())
    }

    @Test func `H-86 a request sent ahead waits until the one before it is answered`() async throws
    {
        try await onLoop { loop in
            let gate = Gate()
            let server = HTTPServer.testing(
                loop,
                ClosureHandler { request in
                    await gate.wait()
                    return await EchoHandler().answer(request)
                })
            let client = server.client()
            client.send(Self.get + Self.post("/b", "two"))
            await loop.sleep(for: .milliseconds(5))
            #expect(gate.arrivals == 1)
            #expect(client.bytes.isEmpty)
            gate.open()
            await client.until("POST /b two")
            #expect(gate.arrivals == 2)
            #expect(client.statuses == [200, 200])
        }
    }

    @Test func `what is sent ahead is held back beyond the window and answered all the same`()
        async throws
    {
        try await onLoop { loop in
            let gate = Gate()
            let server = HTTPServer.testing(
                loop,
                ClosureHandler { request in
                    await gate.wait()
                    return HTTPResponse(.ok, type: "text/plain", body: [0x2e])
                })
            let (near, far) = PipeStream.pair(on: loop, capacity: 64 * 1024)
            server.accept(far)
            let client = Client(near)
            let body = String(repeating: "x", count: 10_000)
            for _ in 0..<100 { client.send(Self.post("/a", body)) }
            await loop.sleep(for: .milliseconds(5))
            #expect(client.stream.unsentBytes > 500_000)
            gate.open()
            await client.until("HTTP/1.1 200 OK", count: 100)
            #expect(client.statuses.count == 100)
            #expect(gate.arrivals == 100)
        }
    }

    @Test(arguments: [false, true])
    func `a client that takes no answers gets no more made, then all`(_ isAsync: Bool) async throws
    {
        try await onLoop { loop in
            let body = [UInt8](repeating: 0x2e, count: 200_000)
            let counter = Gate()
            counter.open()
            let server = HTTPServer.testing(
                loop,
                ClosureHandler { _ in
                    await counter.wait()
                    if isAsync { await loop.sleep(for: .microseconds(10)) }
                    return HTTPResponse(.ok, type: "text/plain", body: body)
                })
            let (near, far) = PipeStream.pair(on: loop, capacity: 100_000)
            server.accept(far)
            let client = Client(near)
            client.stream.pauseReading()
            for _ in 0..<50 { client.send(Self.get) }
            near.finishWriting()
            await loop.sleep(for: .milliseconds(30))
            #expect(counter.arrivals < 6)
            client.stream.resumeReading()
            #expect(await client.ended() == .finished)
            #expect(client.text.split(separator: "HTTP/1.1 200 OK").count == 50)
        }
    }

    @Test(arguments: MalformedRequest.all)
    func `H-01 to H-66 a malformed request is answered once and the connection closes`(
        _ request: MalformedRequest
    ) async throws {
        try await onLoop { loop in
            for pieces in [[], [request.bytes.count < 2000 ? 1 : 61], [1000, 7]] {
                let client = HTTPServer.testing(loop).client(pieces: pieces)
                client.stream.write { $0.append(request.bytes) }
                client.send(Self.get)
                #expect(await client.ended() == .finished)
                #expect(client.statuses == [request.status])
            }
        }
    }

    @Test func `a request cut anywhere is not answered and the connection is freed`() async throws {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            let bytes = Array(Self.post("/a", "body", "A: b\r\n").utf8)
            for cut in 1..<bytes.count {
                let client = server.client()
                client.stream.write { $0.append(Array(bytes[..<cut])) }
                client.stream.close()
                _ = await client.ended()
                #expect(client.bytes.isEmpty)
            }
            await loop.sleep(for: .milliseconds(5))
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `H-71 a body too large is refused before it is read`() async throws {
        try await onLoop { loop in
            let client = HTTPServer.testing(loop).client()
            client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n")
            _ = await client.ended()
            #expect(client.statuses == [413])
            #expect(client.text.contains("Dubbelslot-Reason: too_large"))
        }
    }

    @Test func `H-71 chunks that grow beyond the limit are refused at the limit, not behind it`()
        async throws
    {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            let client = server.client()
            client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<16 {
                client.send("1000\r\n\(String(repeating: "x", count: 0x1000))\r\n")
            }
            await loop.sleep(for: .milliseconds(20))
            #expect(client.bytes.isEmpty && client.end == nil)
            // The size of one octet more is enough.
            client.send("1\r\n")
            #expect(await client.ended() == .finished)
            #expect(client.statuses == [413])
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `the owner may set another bound`() async throws {
        try await onLoop { loop in
            var limits = HTTPServer.Limits()
            limits.parser.bodyMax = 3
            let server = HTTPServer.testing(loop, limits: limits)
            let client = server.client()
            client.send(Self.post("/a", "abc") + Self.post("/a", "abcd"))
            _ = await client.ended()
            #expect(client.statuses == [200, 413])
        }
    }

    @Test func `a client that waits for 100 gets it before its answer, and not with a refusal`()
        async throws
    {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            let client = server.client()
            let head = "POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: "
            client.send(head + "2\r\n\r\n")
            await client.until("100 Continue\r\n\r\n")
            #expect(client.statuses == [100])
            client.send("hi")
            await client.until("POST /a hi")
            client.send(head + "70000\r\n\r\n")
            _ = await client.ended()
            #expect(client.statuses == [100, 200, 413])
        }
    }

    @Test func `HEAD is told the length and gets no body`() async throws {
        try await onLoop { loop in
            let client = HTTPServer.testing(loop).client()
            client.send("HEAD /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            _ = await client.ended()
            #expect(client.text.contains("Content-Length: 8\r\n"))
            #expect(client.text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `an answer without content says no length`() async throws {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop, ClosureHandler { _ in HTTPResponse(.noContent) })
            let client = server.client()
            client.send(Self.get)
            await client.until("\r\n\r\n")
            #expect(!client.text.contains("Content-Length"))
        }
    }

    @Test(arguments: [
        "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n",
    ])
    func `a client that wants to close is closed after its answer`(_ text: String) async throws {
        try await onLoop { loop in
            let client = HTTPServer.testing(loop).client()
            client.send(text + Self.get)
            #expect(await client.ended() == .finished)
            #expect(client.statuses == [200])
            #expect(client.text.contains("Connection: close\r\n"))
        }
    }

    @Test func `the last request that a connection may make closes it`() async throws {
        try await onLoop { loop in
            var limits = HTTPServer.Limits()
            limits.requestsMax = 3
            let client = HTTPServer.testing(loop, limits: limits).client()
            for _ in 0..<5 { client.send(Self.get) }
            #expect(await client.ended() == .finished)
            #expect(client.statuses == [200, 200, 200])
            #expect(client.text.split(separator: "Connection: close").count == 2)
        }
    }

    @Test func `a client that half-closes still gets its answers`() async throws {
        try await onLoop { loop in
            let server = HTTPServer.testing(
                loop,
                ClosureHandler { request in
                    await loop.sleep(for: .milliseconds(2))
                    return await EchoHandler().answer(request)
                })
            let (near, far) = PipeStream.pair(on: loop)
            server.accept(far)
            let client = Client(near)
            client.send(Self.get + Self.post("/b", "two"))
            near.finishWriting()
            #expect(await client.ended() == .finished)
            #expect(client.statuses == [200, 200])
        }
    }

    @Test func `a handler whose client has gone runs to its end`() async throws {
        try await onLoop { loop in
            let gate = Gate()
            let done = Gate()
            let server = HTTPServer.testing(
                loop,
                ClosureHandler { _ in
                    await gate.wait()
                    done.open()
                    return HTTPResponse(.noContent)
                })
            let client = server.client()
            client.send(Self.get)
            await loop.sleep(for: .milliseconds(2))
            client.stream.abort()
            await loop.sleep(for: .milliseconds(2))
            #expect(server.connectionCount == 0)
            gate.open()
            await done.wait()
        }
    }
}

@Suite struct HTTPServerLimitTests {
    static func limits(_ change: (inout HTTPServer.Limits) -> Void) -> HTTPServer.Limits {
        var limits = HTTPServer.Limits()
        change(&limits)
        return limits
    }

    @Test func `an idle connection is closed without a word`() async throws {
        try await onLoop { loop in
            let limits = Self.limits { $0.idleMax = .milliseconds(30) }
            let server = HTTPServer.testing(loop, limits: limits)
            let silent = server.client()
            let used = server.client()
            used.send(HTTPServerTests.get)
            #expect(await silent.ended() == .finished)
            #expect(await used.ended() == .finished)
            #expect(silent.bytes.isEmpty)
            #expect(used.statuses == [200])
        }
    }

    @Test func `H-70 a slow head is answered with 408`() async throws {
        try await onLoop { loop in
            let limits = Self.limits { $0.headTimeoutMax = .milliseconds(40) }
            let client = HTTPServer.testing(loop, limits: limits).client()
            for letter in "GET /a HTTP/1.1\r\nHost: a" {
                client.send(String(letter))
                await loop.sleep(for: .milliseconds(5))
            }
            _ = await client.ended()
            #expect(client.statuses == [408])
        }
    }

    @Test func `H-70 a slow body is answered with 408, one that keeps its rate is not`()
        async throws
    {
        try await onLoop { loop in
            let limits = Self.limits {
                $0.bodyGraceMax = .seconds(4)
                // Far below the steady one's rate also where the machine has little time for it.
                $0.bodyRateMin = 100
            }
            let server = HTTPServer.testing(loop, limits: limits)
            let head = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
            let slow = server.client()
            let steady = server.client()
            slow.send(head)
            steady.send(head)
            for _ in 0..<10 {
                slow.send("x")
                steady.send(String(repeating: "x", count: 100))
                await loop.sleep(for: .milliseconds(15))
            }
            _ = await slow.ended()
            #expect(slow.statuses == [408])
            await steady.until("POST /a xxx")
            #expect(steady.statuses == [200])
        }
    }

    @Test func `connections over the limit are turned away`() async throws {
        try await onLoop { loop in
            let limits = Self.limits { $0.connectionsMax = 2 }
            let server = HTTPServer.testing(loop, limits: limits)
            let clients = [server.client(), server.client(), server.client()]
            #expect(await clients[2].ended() == .finished)
            #expect(clients[2].statuses == [503])
            #expect(clients[2].text.contains("Retry-After: 1"))
            clients[0].send(HTTPServerTests.get)
            await clients[0].until("GET /a")
            #expect(server.connectionCount == 2)
        }
    }

    @Test func `draining ends idle connections at once and running ones after their answer`()
        async throws
    {
        try await onLoop { loop in
            let gate = Gate()
            let limits = Self.limits { $0.lateRequestMax = .zero }
            let server = HTTPServer.testing(
                loop,
                ClosureHandler { request in
                    await gate.wait()
                    return await EchoHandler().answer(request)
                }, limits: limits)
            let idle = server.client()
            let running = server.client()
            running.send(HTTPServerTests.get + HTTPServerTests.get)
            await loop.sleep(for: .milliseconds(2))
            loop.schedule(after: .milliseconds(10)) { gate.open() }
            await server.drain()
            #expect(server.connectionCount == 0)
            #expect(await idle.ended() == .finished)
            #expect(idle.bytes.isEmpty)
            #expect(await running.ended() == .finished)
            #expect(running.statuses == [200])
            #expect(running.text.contains("Connection: close"))
            let late = server.client()
            #expect(await late.ended() == .finished)
        }
    }

    @Test func `who was let in before a drain is answered, and so is who was let in meanwhile`()
        async throws
    {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            let used = server.client()
            used.send(HTTPServerTests.get)
            await used.until("GET /a")
            let early = server.client()
            async let drained: Void = server.drain()
            #expect(await used.ended() == .finished)
            let late = server.client()
            for client in [early, late] {
                client.send(HTTPServerTests.get)
                #expect(await client.ended() == .finished)
                #expect(client.statuses == [200])
                #expect(client.text.contains("Connection: close"))
            }
            await drained
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `once its end is announced it serves on, one answer to a connection`()
        async throws
    {
        try await onLoop { loop in
            let server = HTTPServer.testing(loop)
            server.announceEnd()
            for client in [server.client(), server.client()] {
                await loop.sleep(for: .milliseconds(2))
                client.send(HTTPServerTests.get)
                #expect(await client.ended() == .finished)
                #expect(client.statuses == [200])
                #expect(client.text.contains("Connection: close"))
            }
        }
    }

    @Test func `H-83 every answer carries the date and what protects it`() async throws {
        try await onLoop { loop in
            for isSecure in [false, true] {
                let server = HTTPServer.testing(loop, isSecure: isSecure)
                for text in [HTTPServerTests.get, "nonsense\r\n"] {
                    let client = server.client()
                    client.send(text)
                    await client.until("\r\n\r\n")
                    for field in [
                        "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Cache-Control: no-store",
                        "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
                        "Cross-Origin-Opener-Policy: same-origin",
                        "Cross-Origin-Resource-Policy: same-origin", "Content-Security-Policy: ",
                    ] {
                        #expect(client.text.contains("\r\n\(field)"), "\(field)")
                    }
                    #expect(client.text.contains("frame-ancestors 'none'"))
                    #expect(client.text.contains("Strict-Transport-Security") == isSecure)
                    #expect(!client.text.contains("Server:"))
                }
            }
        }
    }

    @Test func `what the handler says goes before what is said for it`() async throws {
        try await onLoop { loop in
            let server = HTTPServer.testing(
                loop,
                ClosureHandler { _ in
                    var response = HTTPResponse(.ok, type: "text/css", body: [])
                    response.headers.add("cache-control", "public, immutable")
                    return response
                })
            let client = server.client()
            client.send(HTTPServerTests.get)
            await client.until("\r\n\r\n")
            #expect(client.text.contains("cache-control: public, immutable"))
            #expect(!client.text.contains("no-store"))
        }
    }

    @Test func `what happened is told`() async throws {
        try await onLoop { loop in
            let told = Told()
            let server = HTTPServer.testing(loop, observe: { told.add($0) })
            let client = server.client()
            client.send(HTTPServerTests.get + "nonsense\r\n")
            _ = await client.ended()
            #expect(told.lines == ["200 /a", "refused request line"])
        }
    }
}

/// Unchecked: lives on one loop.
private final class Told: @unchecked Sendable {
    private(set) var lines: [String] = []

    func add(_ observation: HTTPObservation) {
        switch observation {
        case .answered(let request, let status, _): lines.append("\(status.code) \(request.path)")
        case .refused(let refusal, _): lines.append("refused \(refusal.rawValue)")
        case .turnedAway: lines.append("turned away")
        }
    }
}
