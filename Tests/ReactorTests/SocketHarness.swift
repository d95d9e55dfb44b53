import Fixtures
import Glibc
import Wire

@testable import Reactor

let loopback = SocketAddress.ipv4(0x7f00_0001, port: 0)

/// A listener, one client connected to it and what the server's side sees. Runs on a loop of its
/// own.
func withServer(
    _ setUp: @escaping @Sendable (StreamRecorder) -> Void,
    _ body: @escaping @Sendable (EventLoop, SocketStream, StreamRecorder) async throws -> Void
) async throws {
    try await withRunningLoop { loop in
        try await loop.run {
            let server = StreamRecorder()
            setUp(server)
            let listener = try TCPListener(loop: loop, address: loopback) { server.take($0) }
            let client = try await SocketStream.connect(
                to: listener.address, on: loop, timeout: .seconds(5))
            try await body(loop, client, server)
            listener.close()
        }
    }
}

/// The socket of a stream that is not started, used as a foreign program would: blocking in
/// nothing, and with no regard for the loop.
final class RawSocket {
    private var descriptor: Int32

    init(_ stream: SocketStream) { descriptor = dup(stream.descriptor) }
    init(to address: SocketAddress? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if let address { connect(to: address) }
    }

    func connect(to address: SocketAddress) {
        var system = sockaddr_in()
        system.sin_family = sa_family_t(AF_INET)
        system.sin_port = address.port.bigEndian
        system.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        withUnsafeBytes(of: &system) { bytes in
            _ = Glibc.connect(
                descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t(bytes.count))
        }
    }

    deinit { close() }

    @discardableResult
    func send(_ text: String) -> Int {
        let bytes = Array(text.utf8)
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        return max(0, Glibc.send(descriptor, bytes, bytes.count, flags))
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// What is there, up to 1 MiB; how much that was.
    func read() -> Int {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        return max(0, recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)))
    }

    /// Everything to the end, for which it waits.
    func readAll() -> String {
        _ = fcntl(descriptor, F_SETFL, 0)
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            all += buffer[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// Listens and never accepts, with room for hardly anybody.
final class RawListener {
    private let descriptor: Int32
    let address: SocketAddress

    init() {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var system = sockaddr_in()
        system.sin_family = sa_family_t(AF_INET)
        system.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        withUnsafeMutableBytes(of: &system) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            bind(descriptor, pointer, size)
            listen(descriptor, 0)
            getsockname(descriptor, pointer, &size)
        }
        address = .ipv4(0x7f00_0001, port: UInt16(bigEndian: system.sin_port))
    }

    deinit { close(descriptor) }
}

/// Two ends of a pipe, which is ready to be read once something is put in.
struct TestPipe {
    let reading: Int32
    let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        reading = ends[0]
        writing = ends[1]
    }

    func put() {
        var byte: UInt8 = 1
        Glibc.write(writing, &byte, 1)
    }

    func close() {
        Glibc.close(reading)
        Glibc.close(writing)
    }
}
