import Fixtures
import Reactor
import TLS
import Testing
import Wire

/// Bytes through TLS: whole, in order, in whatever pieces the records come, and never cut
/// unnoticed.
@Suite struct TLSStreamTests {
    /// Runs a test on the loop with both ends in hand.
    private func withPair(
        pieces: [Int] = [], isStarted: Bool = true,
        _ body: @escaping @Sendable (SealedPair) async throws -> Void
    ) async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            try await loop.run {
                let pair = try await SealedPair.make(
                    loop, parties.client(), parties.server(), pieces: pieces, isStarted: isStarted)
                try await body(pair)
            }
        }
    }

    @Test(arguments: [[], [1], [7], [1, 4096], [16_389, 3]])
    func `everything arrives in order, in whatever pieces`(_ pieces: [Int]) async throws {
        let sent = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let part = pieces == [1] ? Array(sent.prefix(3000)) : sent
        try await withPair(pieces: pieces) { pair in
            pair.atServer.onReceived = { bytes, output in
                output.append(bytes)
                return bytes.count
            }
            pair.client.write(part)
            await pair.atClient.until { pair.atClient.bytes.count == part.count }
            #expect(pair.atServer.bytes == part)
            #expect(pair.atClient.bytes == part)
            pair.client.close()
            #expect(await pair.atServer.end() == .finished)
            #expect(await pair.atClient.end() == .finished)
        }
    }

    @Test func `what is left unconsumed comes again with more behind it`() async throws {
        try await withPair { pair in
            // Whole groups of 100,000 bytes only, more than any buffer holds.
            pair.atServer.onReceived = { bytes, _ in bytes.count / 100_000 * 100_000 }
            for value in 0..<5 as Range<UInt8> {
                pair.client.write([UInt8](repeating: value, count: 60_000))
                await pair.client.loop.sleep(for: .milliseconds(1))
            }
            await pair.atServer.until { pair.atServer.bytes.count == 300_000 }
            let expected = (0..<5 as Range<UInt8>).flatMap { [UInt8](repeating: $0, count: 60_000) }
            #expect(pair.atServer.bytes == expected)
        }
    }

    @Test func `nothing is delivered while reading is paused, and all of it afterwards`()
        async throws
    {
        try await withPair { pair in
            pair.atServer.onReceived = { bytes, _ in
                pair.server.pauseReading()
                return min(bytes.count, 10)
            }
            pair.client.write([UInt8](repeating: 7, count: 50_000))
            await pair.atServer.until { pair.atServer.bytes.count == 10 }
            pair.client.write("and more")
            await pair.client.loop.sleep(for: .milliseconds(5))
            #expect(pair.atServer.bytes.count == 10)
            pair.server.resumeReading()
            await pair.atServer.until { pair.atServer.bytes.count == 20 }
            await pair.client.loop.sleep(for: .milliseconds(5))
            #expect(pair.atServer.bytes.count == 20)
            pair.atServer.onReceived = { bytes, _ in bytes.count }
            pair.server.resumeReading()
            await pair.atServer.until { pair.atServer.bytes.count == 50_008 }
        }
    }

    @Test func `bytes that come before the start wait for it`() async throws {
        try await withPair(isStarted: false) { pair in
            pair.client.start(pair.atClient)
            pair.client.write("early")
            await pair.client.loop.sleep(for: .milliseconds(5))
            pair.server.start(pair.atServer)
            await pair.atServer.until { pair.atServer.bytes.count == 5 }
        }
    }

    @Test func `F-34 a cut without close_notify is a failure at both ends`() async throws {
        try await withPair { pair in
            pair.client.write("half of an ans")
            await pair.atServer.until { pair.atServer.bytes.count == 14 }
            pair.lower.server.finishWriting()
            let end = await pair.atClient.end()
            guard case .failed(let reason) = end else {
                Issue.record("\(end)")
                return
            }
            #expect(reason.contains("close_notify"))
            guard case .failed = await pair.atServer.end() else {
                Issue.record("the other end was not told")
                return
            }
        }
    }

    @Test func `a record changed on its way ends the stream`() async throws {
        try await withPair { pair in
            pair.lower.client.write([23, 3, 3, 0, 32] + [UInt8](repeating: 9, count: 32))
            let end = await pair.atServer.end()
            #expect("\(end)".contains("bad record mac"), "\(end)")
            #expect(pair.atServer.bytes.isEmpty)
            let other = await pair.atClient.end()
            #expect("\(other)".contains("alert"), "\(other)")
        }
    }

    @Test func `an answer still goes out after the peer has said that it sends no more`()
        async throws
    {
        try await withPair { pair in
            pair.atServer.onInputEnded = { true }
            pair.client.write("question")
            pair.client.close()
            await pair.atServer.until { pair.atServer.inputEnds == 1 }
            #expect(pair.atServer.bytes == Array("question".utf8))
            #expect(pair.atServer.ends.isEmpty)
            pair.server.write("answer")
            pair.server.close()
            #expect(await pair.atServer.end() == .finished)
        }
    }

    @Test func `closing within received lets the answer out`() async throws {
        try await withPair { pair in
            pair.atServer.onReceived = { bytes, output in
                output.append(utf8: "first, ")
                pair.server.write("last")
                pair.server.close()
                pair.server.write("never")
                return bytes.count
            }
            pair.client.write("q")
            #expect(await pair.atClient.end() == .finished)
            #expect(pair.atClient.bytes == Array("first, last".utf8))
            #expect(await pair.atServer.end() == .finished)
        }
    }

    @Test func `aborting within received is a failure at both ends, once each`() async throws {
        try await withPair { pair in
            pair.atServer.onReceived = { bytes, output in
                output.append(utf8: "never")
                pair.server.abort()
                pair.server.abort()
                return 0
            }
            pair.client.write("q")
            guard case .failed = await pair.atClient.end(), case .failed = await pair.atServer.end()
            else {
                Issue.record("no failure")
                return
            }
            await pair.client.loop.sleep(for: .milliseconds(2))
            #expect(pair.atClient.ends.count == 1 && pair.atServer.ends.count == 1)
            #expect(pair.atClient.bytes.isEmpty)
        }
    }

    @Test func `an empty close is finished at both ends`() async throws {
        try await withPair { pair in
            pair.server.close()
            #expect(await pair.atClient.end() == .finished)
            #expect(await pair.atServer.end() == .finished)
        }
    }
}

/// Peers that speak no TLS, or stop within the handshake.
@Suite struct HandshakeTests {
    @Test func `F-26 plaintext on the TLS port is refused at once`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            try await loop.run {
                let lower = PipeStream.pair(on: loop)
                let client = StreamRecorder()
                lower.0.start(client)
                lower.0.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                await #expect(throws: TLSFault.self) {
                    _ = try await TLSStream.accept(over: lower.1, context: parties.server())
                }
                _ = await client.end()
            }
        }
    }

    @Test func `F-26 a server that speaks no TLS is refused`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            try await loop.run {
                let lower = PipeStream.pair(on: loop)
                let server = StreamRecorder()
                server.onReceived = { bytes, output in
                    output.append(utf8: "HTTP/1.1 400 Bad Request\r\n\r\n")
                    return bytes.count
                }
                lower.1.start(server)
                await #expect(throws: TLSFault.self) {
                    _ = try await TLSStream.connect(
                        over: lower.0, context: parties.client(),
                        expecting: Parties.verificationName)
                }
            }
        }
    }

    @Test func `a peer that says nothing runs into the time limit`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            try await loop.run {
                let lower = PipeStream.pair(on: loop)
                let silent = StreamRecorder()
                lower.0.start(silent)
                await #expect(throws: TLSFault.timeout) {
                    _ = try await TLSStream.accept(
                        over: lower.1, context: parties.server(), timeout: .milliseconds(10))
                }
                _ = await silent.end()
            }
        }
    }

    @Test func `a peer that goes within the handshake is a refusal, not a hang`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            try await loop.run {
                for isCut in [true, false] {
                    let lower = PipeStream.pair(on: loop)
                    lower.0.start(StreamRecorder())
                    lower.0.write([22, 3, 1, 2, 0, 1])
                    if isCut { lower.0.abort() } else { lower.0.close() }
                    await #expect(throws: TLSFault.self) {
                        _ = try await TLSStream.accept(over: lower.1, context: parties.server())
                    }
                }
            }
        }
    }

    @Test func `a cancelled handshake ends at once`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            let accepting = Task {
                try await loop.run {
                    let lower = PipeStream.pair(on: loop)
                    let server = try parties.server()
                    do throws(TLSFault) {
                        _ = try await TLSStream.accept(
                            over: lower.1, context: server, timeout: .seconds(600))
                        return TLSFault.timeout
                    } catch {
                        return error
                    }
                }
            }
            try await loop.run { await loop.sleep(for: .milliseconds(5)) }
            accepting.cancel()
            #expect(try await accepting.value == .cancelled)
        }
    }

    @Test func `F-35 handshakes under way are bounded, and finished ones make room`() async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            try await loop.run {
                let server = try parties.context(.server, parties.verification, handshakesMax: 2)
                let silent = (0..<2).map { _ in PipeStream.pair(on: loop) }
                let waiting = silent.map { lower in
                    Task(executorPreference: loop) {
                        _ = try await TLSStream.accept(
                            over: lower.1, context: server, timeout: .milliseconds(20))
                    }
                }
                await loop.sleep(for: .milliseconds(2))
                let third = PipeStream.pair(on: loop)
                await #expect(throws: TLSFault.overloaded) {
                    _ = try await TLSStream.accept(over: third.1, context: server)
                }
                for task in waiting { _ = await task.result }
                _ = try await SealedPair.make(loop, parties.client(), server)
            }
        }
    }

    @Test func `F-33 nothing is resumed and no ticket is given`() async throws {
        let parties = try Parties.shared.get()
        let folder = TemporaryFolder("session")
        let session = folder.file("session.pem")
        try await withRunningLoop { loop in
            // The session that s_client would keep comes with a ticket, and none comes.
            _ = try await OpenSSLClient(
                parties.gateway, parties.authority, ["-sess_out", session]
            ).visit(loop, parties.server())
            #expect(throws: (any Error).self) { try folder.read("session.pem") }
        }
    }
}

@Suite struct ResumptionTests {
    @Test func `F-33 an old session and its early data are nothing, the certificate is looked at`()
        async throws
    {
        let parties = try Parties.shared.get()
        let folder = TemporaryFolder("resumption")
        let leaf = try parties.authority.leaf(.init { $0.serial = "77665544332211" })
        // Another server with our own key gives what ours never does.
        let session = folder.file("session.pem")
        try await OpenSSLServer(
            parties.verification, parties.authority, ["-early_data", "-max_early_data", "9999"]
        ).giveSession(to: leaf, in: session)
        try #require(try folder.read("session.pem").contains("SESSION PARAMETERS"))

        let early = try folder.write("early", "early data")
        let resuming = OpenSSLClient(leaf, parties.authority, ["-sess_in", session])
        let hasty = OpenSSLClient(
            leaf, parties.authority, ["-sess_in", session, "-early_data", early])
        let denied = try folder.write("denied", "77665544332211\n")
        try await withRunningLoop { loop in
            let recorder = StreamRecorder()
            let verdict = try await hasty.visit(loop, parties.server(), recorder: recorder)
            #expect("\(verdict)".contains("too much early data"), "\(verdict)")
            #expect(recorder.bytes.isEmpty)
            #expect(
                try await resuming.visit(loop, parties.server()) == .success(Parties.gatewayName))
            let server = try parties.context(.server, parties.verification, denied: denied)
            let refusal = try await resuming.visit(loop, server)
            #expect("\(refusal)".contains("deny list"), "\(refusal)")
        }
    }
}

@Suite struct SealedExchangeTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `whatever is called when, every sealed byte arrives once`(_ seed: UInt64) async throws {
        let parties = try Parties.shared.get()
        try await withRunningLoop { loop in
            let wrong = try await loop.run {
                let pieces = [[], [1, 60_000], [313, 7, 20_000]][Int(seed % 3)]
                let pair = try await SealedPair.make(
                    loop, parties.client(), parties.server(), pieces: pieces, isStarted: false)
                return await StreamExchange(pair.client, pair.server, seed: seed).run()
            }
            #expect(wrong == nil)
        }
    }
}
