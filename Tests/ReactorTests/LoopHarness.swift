import Reactor
import Synchronization
import Wire

/// Runs a test with a loop that ends with it.
func withLoop<R>(_ body: (EventLoop) async throws -> R) async throws -> R {
    let loop = try EventLoop(name: "test")
    loop.start()
    defer {
        loop.stop()
        loop.join()
    }
    return try await body(loop)
}

/// Lines in the order in which they came, from any thread.
final class Log: Sendable {
    private let kept = Mutex<[String]>([])

    func add(_ line: String) { kept.withLock { $0.append(line) } }
    var lines: [String] { kept.withLock { $0 } }
}

/// A receiver made of closures, which remembers what it saw. Unchecked: lives on one loop; tests
/// look at it there.
final class Recorder: ByteStreamReceiver, @unchecked Sendable {
    /// How many bytes to consume, given all there are; the default takes everything.
    var onReceived: (UnsafeRawBufferPointer, inout OutputBuffer) -> Int = { bytes, _ in
        bytes.count
    }
    var onInputEnded: () -> Bool = { false }
    var onDrained: () -> Void = {}
    /// The stream taken last.
    private(set) var stream: SocketStream?
    private(set) var bytes: [UInt8] = []
    private(set) var calls = 0
    private(set) var drains = 0
    private(set) var inputEnds = 0
    private(set) var ends: [StreamEnd] = []
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var conditions: [() -> Bool] = []

    /// Takes a stream that a listener accepted.
    func take(_ stream: SocketStream) {
        self.stream = stream
        stream.start(self)
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        calls += 1
        let consumed = onReceived(bytes, &output)
        self.bytes.append(contentsOf: bytes.prefix(consumed))
        changed()
        return consumed
    }

    func inputEnded() -> Bool {
        inputEnds += 1
        let answer = onInputEnded()
        changed()
        return answer
    }

    func drained() {
        drains += 1
        onDrained()
        changed()
    }

    func ended(_ end: StreamEnd) {
        ends.append(end)
        changed()
    }

    /// Waits until the condition holds; looked at whenever the stream has called. On the loop.
    func until(_ condition: @escaping () -> Bool) async {
        if condition() { return }
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            conditions.append(condition)
        }
    }

    /// The end of the stream, waited for.
    func end() async -> StreamEnd {
        await until { !self.ends.isEmpty }
        return ends[0]
    }

    private func changed() {
        for index in conditions.indices.reversed() where conditions[index]() {
            conditions.remove(at: index)
            waiting.remove(at: index).resume()
        }
    }
}

extension ByteStream {
    func write(_ bytes: [UInt8]) { write { $0.append(bytes) } }
    func write(_ text: String) { write(Array(text.utf8)) }
}

extension Recorder {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
