import CLinux
import Glibc

/// Says which peers may connect, for bounds that are finer than a listener's own. Called on the
/// loops of the listeners that share it, several threads at once.
package protocol ConnectionAdmission: Sendable {
    /// Whether one more connection of this peer may be open. What was admitted is released once.
    func admit(_ peer: SocketAddress) -> Bool
    func release(_ peer: SocketAddress)
}

/// Accepts connections for one loop. Several loops listen on one address by SO_REUSEPORT; the
/// kernel spreads connections over them.
///
/// Unchecked: everything that changes is touched on the loop's thread.
package final class TCPListener: Watcher, @unchecked Sendable {
    package let loop: EventLoop
    /// Where it listens; with the port the kernel chose when 0 was asked for.
    package let address: SocketAddress
    package var port: UInt16 { address.port }

    /// Connections open at once; one more is closed as soon as it comes, so that a balancer goes
    /// elsewhere instead of waiting.
    package let connectionsMax: Int
    package private(set) var connections = 0
    /// Connections turned away so far.
    package private(set) var refused = 0

    private var socket: Socket?
    private let admission: (any ConnectionAdmission)?
    private let accept: (SocketStream) -> Void
    private let backlog: Int32
    private var isPaused = false

    /// Accepted in one turn; the rest comes in the next.
    private static let acceptsPerTurnMax = 64
    /// Without descriptors or memory the loop would spin on the waiting connection: it looks away.
    private static let exhaustionPause = Duration.milliseconds(100)

    /// Binds and listens. `accept` is called on the loop, and has to start the stream or to keep
    /// it, else it is closed. A path left over by a process that is gone is taken over.
    package init(
        loop: EventLoop, address: SocketAddress, reusePort: Bool = true, backlog: Int32 = 1024,
        connectionsMax: Int = 10_000, admission: (any ConnectionAdmission)? = nil,
        accept: @escaping (SocketStream) -> Void
    ) throws(SystemFault) {
        self.loop = loop
        self.connectionsMax = connectionsMax
        self.admission = admission
        self.accept = accept
        self.backlog = backlog
        let socket = try Socket(family: address.family)
        if case .unix(let path) = address {
            unlink(path)
        } else {
            try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
            if reusePort { try socket.set(SOL_SOCKET, SO_REUSEPORT, 1) }
        }
        // An IPv6 wildcard listens for IPv6 only: what else listens is said in its own address.
        if case .ipv6 = address { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        try socket.bind(address)
        try socket.listen(backlog)
        self.address = if case .unix = address { address } else { socket.localAddress }
        self.socket = consume socket
        if loop.isCurrent { watch() } else { loop.perform { self.watch() } }
    }

    /// Throws why nobody could listen at an address by himself. The addresses of several loops are
    /// shared, and would be shared with another process that does the same: whoever starts asks
    /// this first. A path is always taken over.
    package static func requireFree(_ address: SocketAddress) throws(SystemFault) {
        if case .unix = address { return }
        let socket = try Socket(family: address.family)
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        if case .ipv6 = address { try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        try socket.bind(address)
        try socket.listen(1)
    }

    /// Accepts no more; connections that are open stay, and those that the kernel has made already
    /// are accepted still: it would cut them, with what has been sent on them. From anywhere.
    package func close() {
        guard loop.isCurrent else { return loop.perform { self.close() } }
        guard let descriptor = socket?.descriptor else { return }
        for _ in 0..<backlog {
            guard !isPaused, acceptOne(descriptor) else { break }
        }
        loop.unwatch(descriptor)
        release()
    }

    private func watch() {
        guard let descriptor = socket?.descriptor else { return }
        loop.watch(descriptor, .read, self)
    }

    package func loopEnded() { release() }

    private func release() {
        socket = nil
        if case .unix(let path) = address { unlink(path) }
    }

    package func ready(_ events: Interest) {
        for _ in 0..<Self.acceptsPerTurnMax {
            guard let descriptor = socket?.descriptor, !isPaused, acceptOne(descriptor) else {
                return
            }
        }
    }

    /// False when nothing more is to be had now.
    private func acceptOne(_ descriptor: Int32) -> Bool {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = clinux_accept(descriptor, &storage, &size)
        guard accepted >= 0 else { return recover(errno) }
        let peer = Socket(owning: accepted)
        let address = SocketAddress(storage)
        guard connections < connectionsMax, admission?.admit(address) ?? true else {
            refused += 1
            return true
        }
        connections += 1
        accept(SocketStream(peer, address, on: loop, from: self))
        return true
    }

    private func recover(_ code: Int32) -> Bool {
        switch code {
        case EAGAIN:
            return false
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            pause()
            return false
        default:
            // The connection failed before it was accepted (accept(2)); the next may be well.
            return true
        }
    }

    private func pause() {
        guard let descriptor = socket?.descriptor else { return }
        isPaused = true
        loop.update(descriptor, [])
        loop.schedule(after: Self.exhaustionPause) { [weak self] in
            guard let self else { return }
            isPaused = false
            if let descriptor = socket?.descriptor { loop.update(descriptor, .read) }
        }
    }

    func released(_ peer: SocketAddress) {
        connections -= 1
        admission?.release(peer)
    }
}

// MARK: - The other end

extension SocketStream {
    /// Connects within the time. On the loop. Throws ETIMEDOUT when the time is up and ECANCELED
    /// when the task was cancelled.
    package static func connect(
        to address: SocketAddress, on loop: EventLoop, timeout: Duration
    ) async throws(SystemFault) -> SocketStream {
        loop.preconditionCurrent()
        let connecting = try Connecting(address, on: loop)
        let code = await withTaskCancellationHandler {
            await withUnsafeContinuation { connecting.start(timeout, $0) }
        } onCancel: {
            connecting.cancel()
        }
        guard code == 0, let socket = connecting.takeSocket() else {
            throw SystemFault("connect", code)
        }
        return SocketStream(socket, address, on: loop, from: nil)
    }
}

/// A connection on its way. Unchecked: touched on the loop's thread; `cancel` goes there first.
private final class Connecting: Watcher, @unchecked Sendable {
    private let loop: EventLoop
    private let address: SocketAddress
    private var socket: Socket?
    private var continuation: UnsafeContinuation<Int32, Never>?
    private var timer: Timer?
    private var isCancelled = false

    init(_ address: SocketAddress, on loop: EventLoop) throws(SystemFault) {
        self.loop = loop
        self.address = address
        socket = try Socket(family: address.family)
    }

    func start(_ timeout: Duration, _ continuation: UnsafeContinuation<Int32, Never>) {
        guard !isCancelled else { return continuation.resume(returning: ECANCELED) }
        let code = socket?.connect(address) ?? EBADF
        guard code == EINPROGRESS, let descriptor = socket?.descriptor else {
            return continuation.resume(returning: code)
        }
        self.continuation = continuation
        loop.watch(descriptor, .write, self)
        timer = loop.schedule(after: timeout) { self.finish(ETIMEDOUT) }
    }

    func ready(_ events: Interest) { finish(socket?.takeError() ?? EBADF) }
    func loopEnded() { finish(ECANCELED) }

    func cancel() {
        guard loop.isCurrent else { return loop.perform { self.cancel() } }
        isCancelled = true
        finish(ECANCELED)
    }

    func takeSocket() -> Socket? {
        var taken: Socket?
        swap(&taken, &socket)
        return taken
    }

    private func finish(_ code: Int32) {
        guard let waiting = continuation else { return }
        continuation = nil
        timer?.cancel()
        timer = nil
        if let descriptor = socket?.descriptor { loop.unwatch(descriptor) }
        if code != 0 { socket = nil }
        waiting.resume(returning: code)
    }
}
