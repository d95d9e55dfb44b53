import Fixtures
import Reactor
import Testing
import Wire

@testable import Mail

/// A stream's way from one reader to the next.
@Suite struct HandoverStreamTests {
    @Test func `what comes while nobody reads is for the next reader`() async throws {
        try await withRunningLoop { loop in
            try await loop.run {
                let (far, near) = PipeStream.pair(on: loop)
                let stream = HandoverStream(near)
                let (peer, first, second) = (StreamRecorder(), StreamRecorder(), StreamRecorder())
                far.start(peer)
                stream.start(first)
                far.write("one")
                await first.until { first.text == "one" }
                stream.release()
                far.write("two")
                await loop.sleep(for: .milliseconds(5))
                stream.start(second)
                await second.until { second.text == "two" }
                stream.write("three")
                await peer.until { peer.text == "three" }
                stream.close()
                #expect(await second.end() == .finished)
                #expect(first.text == "one" && first.ends.isEmpty)
            }
        }
    }

    @Test(arguments: [true, false])
    func `an end that comes while nobody reads is told to the next reader`(isCut: Bool)
        async throws
    {
        try await withRunningLoop { loop in
            try await loop.run {
                let (far, near) = PipeStream.pair(on: loop)
                let stream = HandoverStream(near)
                let (first, second) = (StreamRecorder(), StreamRecorder())
                far.start(StreamRecorder())
                stream.start(first)
                stream.release()
                if isCut { far.abort() } else { far.close() }
                await loop.sleep(for: .milliseconds(5))
                stream.start(second)
                let end = await second.end()
                #expect((end == .finished) != isCut)
                #expect(second.ends.count == 1 && first.ends.isEmpty)
            }
        }
    }
}
