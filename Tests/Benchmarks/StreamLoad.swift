// The same closed loop over byte streams, for what raw sockets cannot speak: mutual TLS.

import Foundation
import RPC
import Reactor
import Wire

/// One connection's load: always the same number of calls in flight. Unchecked: touched on its
/// loop only.
private final class StreamCaller: ByteStreamReceiver, @unchecked Sendable {
    let stream: any ByteStream
    private let method: UInt16
    private let inFlight: Int
    private var isGreeted = false
    private var isStopped = false
    private var nextCall: UInt32 = 1
    private var sentAt: [UInt64]
    private(set) var answered = 0
    private(set) var histogram = Histogram()
    private(set) var failure: String?

    init(_ stream: any ByteStream, _ method: UInt16, inFlight: Int) {
        self.stream = stream
        self.method = method
        self.inFlight = inFlight
        sentAt = [UInt64](repeating: 0, count: inFlight)
    }

    func begin() {
        stream.start(self)
        let hello = Hello(frameBytesMax: 1 << 20, callsMax: 1024).encoded()
        stream.write { $0.appendFrame(.hello, payload: hello) }
    }

    func stop() {
        isStopped = true
        stream.close()
    }

    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        let now = Core.nanoseconds()
        var consumed = 0
        var count = 0
        while case .frame(let head) = FrameHead.scan(
            UnsafeRawBufferPointer(rebasing: bytes[consumed...]), lengthMax: 1 << 20)
        {
            consumed += head.frameBytes
            if head.kind == .response {
                histogram.add(now - sentAt[Int(head.call - 1) % inFlight])
                count += 1
            } else if head.kind == .hello, !isGreeted {
                isGreeted = true
                call(inFlight, &output)
            } else {
                failure = "\(head.kind)"
            }
        }
        answered += count
        if !isStopped { call(count, &output) }
        return consumed
    }

    private func call(_ count: Int, _ output: inout OutputBuffer) {
        let now = Core.nanoseconds()
        for _ in 0..<count {
            let start = output.beginFrame(.request, method: method, call: nextCall)
            for _ in 0..<(LoadFrame.payloadBytes / 8) { output.append(bigEndian: UInt64(1)) }
            output.endFrame(at: start)
            sentAt[Int(nextCall - 1) % inFlight] = now
            nextCall += 1
        }
    }

    func ended(_ end: StreamEnd) {
        if !isStopped { failure = "\(end)" }
    }
}

/// Loads a server through streams that `connect` makes, from a pinned loop.
struct StreamLoad: Sendable {
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    let loop: EventLoop
    let connect: @Sendable (EventLoop) async throws -> any ByteStream

    init(_ connect: @escaping @Sendable (EventLoop) async throws -> any ByteStream) async throws {
        let loop = try EventLoop(name: "client")
        loop.start()
        try await loop.run { Core.pin(to: Core.client) }
        self.loop = loop
        self.connect = connect
    }

    func run(_ shape: Shape, _ method: UInt16, seconds: Double) async throws -> Sample {
        try await loop.run { try await runOnLoop(shape, method, seconds: seconds) }
    }

    private func runOnLoop(
        _ shape: Shape, _ method: UInt16, seconds: Double
    ) async throws -> Sample {
        var callers: [StreamCaller] = []
        for _ in 0..<shape.connections {
            callers.append(
                StreamCaller(try await connect(loop), method, inFlight: shape.inFlight))
        }
        let start = Core.nanoseconds()
        for caller in callers { caller.begin() }
        await loop.sleep(for: .seconds(seconds))
        let spent = Double(Core.nanoseconds() - start) / 1e9
        var histogram = Histogram()
        for caller in callers {
            if let failure = caller.failure { throw Broken(description: failure) }
            histogram.add(caller.histogram)
            caller.stop()
        }
        return Sample(
            callsPerSecond: Double(callers.map(\.answered).reduce(0, +)) / spent,
            p50: histogram.microseconds(at: 0.5), p99: histogram.microseconds(at: 0.99),
            serverMicroseconds: 0)
    }
}
