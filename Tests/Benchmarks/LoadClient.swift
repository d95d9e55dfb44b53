// Closed loop over raw sockets: each connection always has the same number of calls in flight.

import CLinux
import Foundation
import Glibc
import RPC
import Wire

/// How many connections, and calls in flight on each.
struct Shape: Sendable, Hashable, CustomStringConvertible {
    let connections: Int
    let inFlight: Int
    var description: String { "\(connections)×\(inFlight)" }
}

/// What one round came to.
struct Sample: Sendable {
    let callsPerSecond: Double
    let p50: Double
    let p99: Double
    /// Microseconds of the server's thread per call.
    var serverMicroseconds: Double
}

enum LoadFault: Error {
    case connect(Int32)
    case greeting
    case wrongAnswer
    case lost(Int32)
}

/// The bytes of one call: a request and its answer are equally long, as in a bare echo.
enum LoadFrame {
    static let payloadBytes = 64
    static let bytes = Frame.headBytes + payloadBytes
    static let kindOffset = 4
    static let callOffset = 8

    static func request(_ method: UInt16) -> [UInt8] {
        var output = OutputBuffer()
        output.appendRequest(
            method, call: 1, RequestFields(), payload: [UInt8](repeating: 1, count: payloadBytes))
        return output.bytes
    }
}

/// One thread's load. Everything is raw memory, so that the client is not what is measured.
struct LoadClient: ~Copyable {
    private struct Connection {
        var fd: Int32 = -1
        /// Bytes of the answer that is not whole yet.
        var partial = 0
        var nextCall: UInt32 = 1
        var answered = 0
        /// When each call in flight was sent, by its number's low bits.
        var sentAt: UnsafeMutablePointer<UInt64>
    }

    private let shape: Shape
    private let expectedKind: UInt8
    private let epoll: Int32
    private let connections: UnsafeMutablePointer<Connection>
    private let events: UnsafeMutablePointer<epoll_event>
    private let input: UnsafeMutableRawPointer
    private let output: UnsafeMutableRawPointer
    private static let inputBytes = 1 << 17

    /// `method` nil: a bare echo, without a greeting.
    init(_ shape: Shape, port: UInt16, method: UInt16?) throws {
        self.shape = shape
        expectedKind = method == nil ? Frame.Kind.request.rawValue : Frame.Kind.response.rawValue
        epoll = clinux_epoll()
        connections = .allocate(capacity: shape.connections)
        events = .allocate(capacity: 64)
        input = .allocate(byteCount: Self.inputBytes, alignment: 64)
        output = .allocate(byteCount: shape.inFlight * LoadFrame.bytes, alignment: 64)
        let request = LoadFrame.request(method ?? 1)
        for index in 0..<shape.inFlight {
            request.withUnsafeBytes {
                (output + index * LoadFrame.bytes).copyMemory(
                    from: $0.baseAddress.unsafelyUnwrapped, byteCount: LoadFrame.bytes)
            }
        }
        for index in 0..<shape.connections {
            let times = UnsafeMutablePointer<UInt64>.allocate(capacity: shape.inFlight)
            (connections + index).initialize(to: Connection(sentAt: times))
        }
        for index in 0..<shape.connections {
            let fd = try Self.connect(port)
            connections[index].fd = fd
            if method != nil { try Self.greet(fd) }
            setNonBlocking(fd)
            _ = clinux_epoll_control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN.rawValue, UInt64(index))
        }
    }

    deinit {
        for index in 0..<shape.connections {
            _ = close(connections[index].fd)
            connections[index].sentAt.deallocate()
        }
        _ = close(epoll)
        connections.deallocate()
        events.deallocate()
        input.deallocate()
        output.deallocate()
    }

    /// Loads the server for so long and returns calls/s and latencies.
    mutating func run(seconds: Double) throws -> Sample {
        var histogram = Histogram()
        for index in 0..<shape.connections { try send(index, shape.inFlight) }
        let start = Core.nanoseconds()
        let end = start + UInt64(seconds * 1e9)
        var calls = 0
        var now = start
        while now < end {
            let count = Int(epoll_wait(epoll, events, 64, 1000))
            guard count > 0 else { throw LoadFault.lost(errno) }
            for event in 0..<count {
                let index = Int(clinux_token(events + event))
                let answered = try receive(index)
                guard answered > 0 else { continue }
                now = Core.nanoseconds()
                note(index, answered, now, &histogram)
                calls += answered
                try send(index, answered)
            }
        }
        return Sample(
            callsPerSecond: Double(calls) / (Double(now - start) / 1e9),
            p50: histogram.microseconds(at: 0.5), p99: histogram.microseconds(at: 0.99),
            serverMicroseconds: 0)
    }

    private func receive(_ index: Int) throws -> Int {
        let read = recv(connections[index].fd, input, Self.inputBytes, 0)
        guard read > 0 else {
            if read < 0, errno == EAGAIN { return 0 }
            throw LoadFault.lost(errno)
        }
        let before = connections[index].partial
        let total = before + read
        let whole = total / LoadFrame.bytes
        connections[index].partial = total - whole * LoadFrame.bytes
        var at = LoadFrame.kindOffset - before
        while at < read {
            if at >= 0, input.load(fromByteOffset: at, as: UInt8.self) != expectedKind {
                throw LoadFault.wrongAnswer
            }
            at += LoadFrame.bytes
        }
        return whole
    }

    /// Answers come in the order of the calls here, so the oldest ones are meant.
    private func note(
        _ index: Int, _ answered: Int, _ now: UInt64, _ histogram: inout Histogram
    ) {
        var position = connections[index].answered
        for _ in 0..<answered {
            histogram.add(now - connections[index].sentAt[position % shape.inFlight])
            position += 1
        }
        connections[index].answered = position
    }

    private func send(_ index: Int, _ count: Int) throws {
        let now = Core.nanoseconds()
        var call = connections[index].nextCall
        for position in 0..<count {
            (output + position * LoadFrame.bytes + LoadFrame.callOffset).storeBytes(
                of: call.bigEndian, as: UInt32.self)
            connections[index].sentAt[Int(call - 1) % shape.inFlight] = now
            call += 1
        }
        connections[index].nextCall = call
        var sent = 0
        while sent < count * LoadFrame.bytes {
            let more = Glibc.send(
                connections[index].fd, output + sent, count * LoadFrame.bytes - sent,
                Int32(MSG_NOSIGNAL))
            if more > 0 { sent += more } else if errno != EAGAIN { throw LoadFault.lost(errno) }
        }
    }

    private static func connect(_ port: UInt16) throws -> Int32 {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw LoadFault.connect(errno) }
        setNoDelay(fd)
        return fd
    }

    /// Says hello and reads the server's, which is a frame of its own length.
    private static func greet(_ fd: Int32) throws {
        var hello = OutputBuffer()
        hello.appendFrame(
            .hello, payload: Hello(frameBytesMax: 1 << 20, callsMax: 1024).encoded())
        let sent = hello.withBytes { Glibc.send(fd, $0.baseAddress, $0.count, 0) }
        var answer = [UInt8](repeating: 0, count: 512)
        let read = recv(fd, &answer, answer.count, 0)
        guard sent == hello.count, read > Frame.headBytes,
            answer[LoadFrame.kindOffset] == Frame.Kind.hello.rawValue
        else { throw LoadFault.greeting }
    }
}

private func setNonBlocking(_ fd: Int32) {
    let flags = fcntl(fd, F_GETFL)
    _ = fcntl(fd, F_SETFL, flags | O_NONBLOCK)
}
