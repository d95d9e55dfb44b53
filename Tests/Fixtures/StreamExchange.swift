import Reactor
import Wire

/// Two ends of any kind of stream, written to, read, paused and resumed in an order that a seed
/// decides: whatever the order, every byte arrives once and in its place, and each end is told of
/// the end once. The same seed does the same again.
///
/// Unchecked: lives on one loop.
package final class StreamExchange: @unchecked Sendable {
    private let loop: EventLoop
    private let ends: [End]
    private var random: SeededGenerator

    private final class End {
        let stream: any ByteStream
        let recorder = StreamRecorder()
        let toSend: [UInt8]
        var sent = 0
        init(_ stream: any ByteStream, _ toSend: [UInt8]) {
            self.stream = stream
            self.toSend = toSend
        }
    }

    package init(
        _ first: any ByteStream, _ second: any ByteStream, seed: UInt64, bytesMax: Int = 300_000
    ) {
        loop = first.loop
        var random = SeededGenerator(seed: seed)
        ends = [first, second].map { stream in
            let count = Int.random(in: 0...bytesMax, using: &random)
            let salt = UInt8.random(in: 0...255, using: &random)
            return End(stream, (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) ^ salt })
        }
        self.random = random
    }

    /// Runs it all; nil when everything was right, else what was not. On the loop.
    package func run() async -> String? {
        for end in ends { prepare(end) }
        while ends.contains(where: { $0.sent < $0.toSend.count }) {
            let end = ends[Int.random(in: 0...1, using: &random)]
            send(end, most: 50_000)
            if Bool.random(using: &random) { await loop.sleep(for: .zero) }
        }
        let (first, second) = (ends[0], ends[1])
        await second.recorder.until { second.recorder.bytes.count == first.toSend.count }
        await first.recorder.until { first.recorder.bytes.count == second.toSend.count }
        let closing = Int.random(in: 0...1, using: &random)
        ends[closing].stream.close()
        // Both ends hold this exchange until here.
        defer { for end in ends { end.recorder.onReceived = { bytes, _ in bytes.count } } }
        let told = [await first.recorder.end(), await second.recorder.end()]
        await loop.sleep(for: .zero)
        guard first.recorder.bytes == second.toSend, second.recorder.bytes == first.toSend else {
            return "bytes were changed"
        }
        guard told == [.finished, .finished] else { return "ends: \(told)" }
        guard ends.allSatisfy({ $0.recorder.ends.count == 1 }) else { return "told twice" }
        return nil
    }

    private func prepare(_ end: End) {
        end.recorder.onReceived = { [self] bytes, output in
            let consumed = Int.random(in: 0...bytes.count, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 { answer(end, &output) }
            if Int.random(in: 0..<8, using: &random) == 0 { send(end, most: 100) }
            if Int.random(in: 0..<4, using: &random) == 0 { end.stream.pauseReading() }
            let delay = Duration.microseconds(Int.random(in: 0...300, using: &random))
            // Whatever was left or paused goes on some time, be it needed or not.
            loop.schedule(after: delay) { end.stream.resumeReading() }
            return consumed
        }
        end.stream.start(end.recorder)
    }

    private func next(_ end: End, most: Int) -> ArraySlice<UInt8> {
        let left = end.toSend.count - end.sent
        let count = Int.random(in: 0...min(left, most), using: &random)
        defer { end.sent += count }
        return end.toSend[end.sent..<end.sent + count]
    }

    private func answer(_ end: End, _ output: inout OutputBuffer) {
        output.append(Array(next(end, most: 5000)))
    }

    private func send(_ end: End, most: Int) {
        let bytes = Array(next(end, most: most))
        end.stream.write { $0.append(bytes) }
    }
}
