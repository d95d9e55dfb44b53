// The limit: an epoll loop that sends back what it reads, and does nothing else.

import CLinux
import Foundation
import Glibc

final class BareEcho: Sendable {
    let port: UInt16
    /// The server thread's clock, to be read by others.
    let clock: clockid_t

    /// Starts a thread that runs until the process ends.
    init() throws {
        let listener = clinux_stream_socket(AF_INET)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(listener, $0, size) == 0 && Glibc.listen(listener, 128) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        port = UInt16(bigEndian: address.sin_port)
        let started = StartedClock()
        Thread.detachNewThread {
            Core.pin(to: Core.server)
            var clock = clockid_t()
            pthread_getcpuclockid(pthread_self(), &clock)
            started.set(clock)
            Self.serve(listener)
        }
        clock = started.wait()
    }

    private static func serve(_ listener: Int32) {
        let epoll = clinux_epoll()
        _ = clinux_epoll_control(
            epoll, EPOLL_CTL_ADD, listener, EPOLLIN.rawValue, UInt64(listener))
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: 64)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 17, alignment: 64)
        while true {
            let count = epoll_wait(epoll, events, 64, -1)
            for index in 0..<max(0, Int(count)) {
                let fd = Int32(truncatingIfNeeded: clinux_token(events + index))
                if fd == listener {
                    accept(listener, epoll)
                } else {
                    echo(fd, memory)
                }
            }
        }
    }

    private static func accept(_ listener: Int32, _ epoll: Int32) {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let fd = clinux_accept(listener, &storage, &size)
        guard fd >= 0 else { return }
        setNoDelay(fd)
        _ = clinux_epoll_control(epoll, EPOLL_CTL_ADD, fd, EPOLLIN.rawValue, UInt64(fd))
    }

    private static func echo(_ fd: Int32, _ memory: UnsafeMutableRawPointer) {
        let count = recv(fd, memory, 1 << 17, 0)
        guard count > 0 else {
            if count == 0 { _ = close(fd) }
            return
        }
        var sent = 0
        while sent < count {
            let more = send(fd, memory + sent, count - sent, Int32(MSG_NOSIGNAL))
            if more > 0 { sent += more } else if errno != EAGAIN { return }
        }
    }
}

func setNoDelay(_ fd: Int32) {
    var one: Int32 = 1
    setsockopt(
        fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
}

/// Hands a thread's clock to whoever started it. Unchecked: `value` is touched under `lock` only.
final class StartedClock: @unchecked Sendable {
    private let lock = NSCondition()
    private var value: clockid_t?

    func set(_ clock: clockid_t) {
        lock.lock()
        value = clock
        lock.signal()
        lock.unlock()
    }

    func wait() -> clockid_t {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let value { return value }
            lock.wait()
        }
    }
}
