import Fixtures
import Reactor
import Testing
import Wire

/// The connection in memory behaves as a socket does.
@Suite struct PipeStreamTests {
    private func withPair(
        pieces: [Int] = [], capacity: Int = 1 << 20,
        _ body: @escaping @Sendable (PipeStream, PipeStream) async throws -> Void
    ) async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let (first, second) = PipeStream.pair(on: loop, pieces: pieces, capacity: capacity)
                try await body(first, second)
            }
        }
    }

    @Test(arguments: [[], [1], [3, 1, 7]])
    func `bytes arrive in order and in the pieces asked for`(_ pieces: [Int]) async throws {
        try await withPair(pieces: pieces) { first, second in
            let (one, other) = (StreamRecorder(), StreamRecorder())
            first.start(one)
            second.start(other)
            first.write("hello, ")
            first.write("pipe")
            await other.until { other.text == "hello, pipe" }
            #expect(other.calls == (pieces.isEmpty ? 1 : pieces == [1] ? 11 : 3))
            second.write("back")
            await one.until { one.text == "back" }
        }
    }

    @Test func `a full pipe keeps the rest and drains when it is read`() async throws {
        try await withPair(capacity: 1000) { first, second in
            let (one, other) = (StreamRecorder(), StreamRecorder())
            first.start(one)
            second.start(other)
            second.pauseReading()
            first.write([UInt8](repeating: 1, count: 500_000))
            await first.loop.sleep(for: .milliseconds(1))
            #expect(first.unsentBytes == 499_000)
            second.resumeReading()
            await other.until { other.bytes.count == 500_000 }
            await one.until { one.drains == 1 }
            #expect(first.unsentBytes == 0)
        }
    }

    @Test func `closing ends both sides, aborting fails both`() async throws {
        try await withPair { first, second in
            let (one, other) = (StreamRecorder(), StreamRecorder())
            first.start(one)
            second.start(other)
            first.write("last")
            first.close()
            #expect(await other.end() == .finished)
            #expect(await one.end() == .finished)
            #expect(other.text == "last")
        }
        try await withPair { first, second in
            let (one, other) = (StreamRecorder(), StreamRecorder())
            first.start(one)
            second.start(other)
            first.write("never")
            first.abort()
            guard case .failed = await other.end(), case .failed = await one.end() else {
                Issue.record("no failure")
                return
            }
            #expect(other.bytes.isEmpty)
        }
    }

    @Test func `one direction can end before the other`() async throws {
        try await withPair { first, second in
            let (one, other) = (StreamRecorder(), StreamRecorder())
            other.onInputEnded = { true }
            first.start(one)
            second.start(other)
            first.write("question")
            first.finishWriting()
            await other.until { other.inputEnds == 1 }
            second.write("answer")
            second.close()
            #expect(await one.end() == .finished)
            #expect(one.text == "answer")
        }
    }

    @Test func `what is left comes again, on resuming too`() async throws {
        try await withPair { first, second in
            let other = StreamRecorder()
            other.onReceived = { bytes, _ in min(bytes.count, 2) }
            first.start(StreamRecorder())
            second.start(other)
            first.write("abcd")
            await other.until { other.text == "ab" }
            second.resumeReading()
            await other.until { other.text == "abcd" }
        }
    }

    @Test func `writing within received goes behind the answer`() async throws {
        try await withPair { first, second in
            let (one, other) = (StreamRecorder(), StreamRecorder())
            other.onReceived = { bytes, output in
                output.append(utf8: "one ")
                second.write("three")
                output.append(utf8: "two ")
                return bytes.count
            }
            first.start(one)
            second.start(other)
            first.write("q")
            await one.until { one.text == "one two three" }
        }
    }
}
