import Reactor
import Wire

/// Runs a test with a loop that ends with it.
package func withRunningLoop<R>(_ body: (EventLoop) async throws -> R) async throws -> R {
    let loop = try EventLoop(name: "test")
    loop.start()
    defer {
        loop.stop()
        loop.join()
    }
    return try await body(loop)
}

/// A receiver made of closures, which remembers what it saw. Unchecked: lives on one loop; tests
/// look at it there, or when the loop has ended.
package final class StreamRecorder: ByteStreamReceiver, @unchecked Sendable {
    /// How many bytes to consume, given all there are; the default takes everything.
    package var onReceived: (UnsafeRawBufferPointer, inout OutputBuffer) -> Int = { bytes, _ in
        bytes.count
    }
    package var onInputEnded: () -> Bool = { false }
    package var onDrained: () -> Void = {}

    /// The stream taken last.
    package private(set) var stream: SocketStream?
    /// What was consumed.
    package private(set) var bytes: [UInt8] = []
    package private(set) var calls = 0
    package private(set) var drains = 0
    package private(set) var inputEnds = 0
    package private(set) var ends: [StreamEnd] = []
    private var waiting: [(condition: () -> Bool, continuation: CheckedContinuation<Void, Never>)] =
        []

    package init() {}

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Takes a stream that a listener accepted.
    package func take(_ stream: SocketStream) {
        self.stream = stream
        stream.start(self)
    }

    package func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        calls += 1
        let consumed = onReceived(bytes, &output)
        self.bytes.append(contentsOf: bytes.prefix(consumed))
        changed()
        return consumed
    }

    package func inputEnded() -> Bool {
        inputEnds += 1
        let answer = onInputEnded()
        changed()
        return answer
    }

    package func drained() {
        drains += 1
        onDrained()
        changed()
    }

    package func ended(_ end: StreamEnd) {
        ends.append(end)
        changed()
    }

    /// Waits until the condition holds; looked at whenever the stream has called. On the loop.
    package func until(_ condition: @escaping () -> Bool) async {
        if condition() { return }
        await withCheckedContinuation { waiting.append((condition, $0)) }
    }

    /// The end of the stream, waited for.
    package func end() async -> StreamEnd {
        await until { !self.ends.isEmpty }
        return ends[0]
    }

    private func changed() {
        for index in waiting.indices.reversed() where waiting[index].condition() {
            waiting.remove(at: index).continuation.resume()
        }
    }
}

extension ByteStream {
    package func write(_ bytes: [UInt8]) { write { $0.append(bytes) } }
    package func write(_ text: String) { write { $0.append(utf8: text) } }
}
