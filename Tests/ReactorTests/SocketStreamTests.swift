import Fixtures
import Glibc
import Reactor
import Testing
import Wire

/// Real sockets: every byte arrives or the end says why not, whatever is called from within what.
@Suite struct SocketStreamTests {
    @Test func `bytes are echoed whole and in order`() async throws {
        try await withServer { server in
            server.onReceived = { bytes, output in
                output.append(bytes)
                return bytes.count
            }
        } _: { loop, client, _ in
            let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 5) }
            let recorder = StreamRecorder()
            client.start(recorder)
            client.write(sent)
            await recorder.until { recorder.bytes.count == sent.count }
            #expect(recorder.bytes == sent)
            client.close()
            #expect(await recorder.end() == .finished)
        }
    }

    @Test func `what is left unconsumed comes again with more behind it`() async throws {
        try await withServer { server in
            // Whole groups of 100,000 bytes only, more than one read brings.
            server.onReceived = { bytes, _ in bytes.count / 100_000 * 100_000 }
        } _: { loop, client, server in
            client.start(StreamRecorder())
            for value in 0..<5 as Range<UInt8> {
                client.write([UInt8](repeating: value, count: 60_001))
                await loop.sleep(for: .milliseconds(1))
            }
            await server.until { server.bytes.count == 300_000 }
            let expected = (0..<5 as Range<UInt8>).flatMap { [UInt8](repeating: $0, count: 60_001) }
            #expect(server.bytes == Array(expected.prefix(300_000)))
        }
    }

    @Test func `writes split anywhere are put together again`() async throws {
        try await withServer { server in
            server.onReceived = { bytes, output in
                // A line at a time.
                guard let end = bytes.firstIndex(of: 10) else { return 0 }
                output.append(UnsafeRawBufferPointer(rebasing: bytes[...end]))
                return end + 1
            }
        } _: { loop, client, server in
            let recorder = StreamRecorder()
            client.start(recorder)
            for byte in Array("one\ntwo\n".utf8) {
                client.write([byte])
                await loop.sleep(for: .zero)
            }
            await recorder.until { recorder.text == "one\ntwo\n" }
        }
    }

    @Test func `all writes of a turn leave together`() async throws {
        try await withServer { _ in
        } _: { loop, client, server in
            client.start(StreamRecorder())
            for _ in 0..<100 { client.write("0123456789") }
            #expect(client.unsentBytes == 1000)
            await server.until { server.bytes.count == 1000 }
            #expect(server.calls == 1)
            #expect(client.unsentBytes == 0)
        }
    }

    @Test func `what is written within received goes behind what the call leaves`() async throws {
        try await withServer { server in
            server.onReceived = { [unowned server] bytes, output in
                output.append(utf8: "one ")
                server.stream?.write("three ")
                output.append(utf8: "two ")
                return bytes.count
            }
        } _: { loop, client, _ in
            let recorder = StreamRecorder()
            client.start(recorder)
            client.write("q")
            await recorder.until { recorder.text == "one two three " }
        }
    }

    @Test func `closing within received lets the answer out and drops what follows`() async throws {
        try await withServer { server in
            server.onReceived = { [unowned server] bytes, output in
                output.append(utf8: "answer")
                server.stream?.close()
                server.stream?.write("never")
                return bytes.count
            }
        } _: { loop, client, server in
            let recorder = StreamRecorder()
            client.start(recorder)
            client.write("q")
            #expect(await recorder.end() == .finished)
            #expect(recorder.text == "answer")
            #expect(await server.end() == .finished)
            await loop.sleep(for: .milliseconds(2))
            #expect(server.ends.count == 1 && recorder.ends.count == 1)
        }
    }

    @Test func `aborting within received is seen as a cut and told once`() async throws {
        try await withServer { server in
            server.onReceived = { [unowned server] bytes, output in
                output.append(utf8: "never")
                server.stream?.abort()
                server.stream?.abort()
                server.stream?.close()
                return 0
            }
        } _: { loop, client, server in
            let recorder = StreamRecorder()
            client.start(recorder)
            client.write("q")
            let end = await recorder.end()
            #expect("\(end)".contains("reset"), "\(end)")
            #expect(recorder.bytes.isEmpty)
            guard case .failed = await server.end() else {
                Issue.record("no failure")
                return
            }
            await loop.sleep(for: .milliseconds(2))
            #expect(server.ends.count == 1)
        }
    }

    @Test func `nothing comes while reading is paused, and what was left comes on resuming`()
        async throws
    {
        try await withServer { server in
            server.onReceived = { [unowned server] bytes, _ in
                server.stream?.pauseReading()
                return min(3, bytes.count)
            }
        } _: { loop, client, server in
            client.start(StreamRecorder())
            client.write("abcdef")
            await server.until { server.text == "abc" }
            client.write("ghi")
            await loop.sleep(for: .milliseconds(5))
            #expect(server.calls == 1)
            server.stream?.resumeReading()
            await server.until { server.text == "abcdef" }
            server.stream?.resumeReading()
            await server.until { server.text == "abcdefghi" }
        }
    }

    @Test func `the end of the peer's bytes leaves room for an answer still being made`()
        async throws
    {
        try await withServer { server in
            server.onInputEnded = { true }
        } _: { loop, client, server in
            let raw = RawSocket(client)
            raw.send("half a request")
            raw.finishSending()
            await server.until { server.inputEnds == 1 }
            #expect(server.text == "half a request")
            #expect(server.ends.isEmpty)
            await loop.sleep(for: .milliseconds(2))
            server.stream?.write("the answer")
            server.stream?.close()
            #expect(await server.end() == .finished)
            #expect(raw.readAll() == "the answer")
        }
    }

    @Test func `the last answer survives bytes that nobody reads any more`() async throws {
        try await withServer { server in
            server.onReceived = { [unowned server] bytes, output in
                output.append(utf8: "413, enough")
                server.stream?.close()
                return bytes.count
            }
        } _: { loop, client, server in
            let raw = RawSocket(client)
            raw.send("start")
            await server.until { !server.ends.isEmpty }
            // More than was read, so that closing at once would reset the connection.
            for _ in 0..<20 {
                raw.send(String(repeating: "x", count: 10_000))
                await loop.sleep(for: .zero)
            }
            #expect(raw.readAll() == "413, enough")
        }
    }

    @Test func `writing to a peer that has gone ends the stream and not the process`() async throws
    {
        try await withServer { server in
            server.onInputEnded = { true }
        } _: { loop, client, server in
            let raw = RawSocket(to: client.remoteAddress)
            raw.send("q")
            await server.until { server.bytes.count == 1 }
            raw.close()
            await server.until { server.inputEnds == 1 }
            for _ in 0..<3 {
                server.stream?.write("anybody?")
                await loop.sleep(for: .milliseconds(2))
            }
            guard case .failed = await server.end() else {
                Issue.record("no failure")
                return
            }
        }
    }

    @Test func `a server stops reading while its peer leaves the answers lying`() async throws {
        let answer = [UInt8](repeating: 1, count: 64 * 1024)
        try await withServer { server in
            server.onReceived = { bytes, output in
                for _ in bytes { output.append(answer) }
                return bytes.count
            }
        } _: { loop, client, server in
            let raw = RawSocket(client)
            var asked = 0
            // Until neither end moves any more.
            for _ in 0..<400 {
                asked += raw.send("q")
                await loop.sleep(for: .zero)
            }
            await loop.sleep(for: .milliseconds(5))
            let (stuck, unsent) = (server.bytes.count, server.stream?.unsentBytes ?? 0)
            #expect(stuck < asked)
            #expect(unsent > StreamLimits.unsentHighMark)
            #expect(server.drains == 0)
            var read = 0
            while read < asked * answer.count {
                read += raw.read()
                await loop.sleep(for: .zero)
            }
            await server.until { server.bytes.count == asked }
            #expect(server.drains > 0)
        }
    }

    @Test func `a peer that takes nothing is cut off in time`() async throws {
        try await withServer { server in
            server.onReceived = { [unowned server] bytes, output in
                server.stream?.stallMax = .milliseconds(20)
                output.append([UInt8](repeating: 1, count: 20_000_000))
                return bytes.count
            }
        } _: { loop, client, server in
            let raw = RawSocket(client)
            raw.send("q")
            let end = await server.end()
            #expect("\(end)".contains("took nothing"), "\(end)")
        }
    }

    @Test func `aborting within drained is told once`() async throws {
        try await withServer { server in
            server.onReceived = { bytes, output in
                output.append([UInt8](repeating: 1, count: 8_000_000))
                return bytes.count
            }
            server.onDrained = { [unowned server] in
                server.stream?.write("never")
                server.stream?.abort()
            }
        } _: { loop, client, server in
            let raw = RawSocket(client)
            raw.send("q")
            while server.ends.isEmpty {
                _ = raw.read()
                await loop.sleep(for: .zero)
            }
            #expect(server.drains == 1 && server.ends.count == 1)
        }
    }

    @Test func `a stream that ended before it was started says so when it is`() async throws {
        try await withServer { _ in
        } _: { loop, client, _ in
            client.abort()
            await loop.sleep(for: .milliseconds(1))
            let recorder = StreamRecorder()
            client.start(recorder)
            guard case .failed = await recorder.end() else {
                Issue.record("no failure")
                return
            }
        }
    }

    @Test func `streams end when the loop stops`() async throws {
        let loop = try EventLoop(name: "stopped")
        loop.start()
        let server = StreamRecorder()
        let listener = try TCPListener(loop: loop, address: loopback) { server.take($0) }
        let client = StreamRecorder()
        try await loop.run {
            let stream = try await SocketStream.connect(
                to: listener.address, on: loop, timeout: .seconds(5))
            stream.start(client)
            stream.write("q")
            await server.until { server.bytes.count == 1 }
        }
        loop.stop()
        loop.join()
        #expect(client.ends == [.failed("the loop stopped")])
        #expect(server.ends == [.failed("the loop stopped")])
    }

    @Test func `connecting to nobody is refused, and to a wall runs out of time`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let listener = try TCPListener(loop: loop, address: loopback) { _ in }
                let gone = listener.address
                listener.close()
                await #expect(throws: SystemFault("connect", ECONNREFUSED)) {
                    _ = try await SocketStream.connect(to: gone, on: loop, timeout: .seconds(5))
                }
                // The full queue of a listener that accepts nothing lets nobody in.
                let silent = RawListener()
                let silence = silent.address
                await #expect(throws: SystemFault("connect", ETIMEDOUT)) {
                    for _ in 0..<8 {
                        _ = try await SocketStream.connect(
                            to: silent.address, on: loop, timeout: .milliseconds(30))
                    }
                }
                let connecting = Task(executorPreference: loop) {
                    _ = try await SocketStream.connect(
                        to: silence, on: loop, timeout: .seconds(600))
                }
                await loop.sleep(for: .milliseconds(1))
                connecting.cancel()
                await #expect(throws: SystemFault("connect", ECANCELED)) {
                    try await connecting.value
                }
            }
        }
    }

    @Test func `sockets of the file system carry bytes as well`() async throws {
        let folder = TemporaryFolder("socket")
        let path = folder.file("s")
        try await withRunningLoop { loop in
            try await loop.run {
                let server = StreamRecorder()
                server.onReceived = { bytes, output in
                    output.append(bytes)
                    return bytes.count
                }
                let address = SocketAddress.unix(path)
                let listener = try TCPListener(loop: loop, address: address) { server.take($0) }
                let recorder = StreamRecorder()
                let client = try await SocketStream.connect(
                    to: address, on: loop, timeout: .seconds(5))
                client.start(recorder)
                client.write("hello")
                await recorder.until { recorder.text == "hello" }
                server.stream?.pauseReading()
                client.write("last words")
                client.close()
                #expect(await recorder.end() == .finished)
                await loop.sleep(for: .milliseconds(2))
                server.stream?.resumeReading()
                await server.until { server.text == "hellolast words" }
                listener.close()
                #expect(access(path, F_OK) != 0)
            }
        }
    }
}
