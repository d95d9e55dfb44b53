import CLinux
import Glibc

/// A non-blocking stream socket; closed with its last holder.
struct Socket: ~Copyable {
    let descriptor: Int32

    /// Takes over an open descriptor.
    init(owning descriptor: Int32) { self.descriptor = descriptor }

    init(family: Int32) throws(SystemFault) {
        descriptor = clinux_stream_socket(family)
        guard descriptor >= 0 else { throw SystemFault("socket", errno) }
    }

    deinit { _ = Glibc.close(descriptor) }

    func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(SystemFault) {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard setsockopt(descriptor, level, option, &value, size) == 0 else {
            throw SystemFault("setsockopt", errno)
        }
    }

    /// Small answers leave at once; the loop batches them itself.
    func setNoDelay() {
        var value: Int32 = 1
        // A socket of the file system has no such option and needs none: the answer is not asked.
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &value,
            socklen_t(MemoryLayout<Int32>.size))
    }

    /// Closing then resets the connection, so that the peer sees a cut and not an end.
    func setResetOnClose() {
        var value = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    func bind(_ address: SocketAddress) throws(SystemFault) {
        let code = address.withSystemAddress { Glibc.bind(descriptor, $0, $1) }
        guard code == 0 else { throw SystemFault("bind", errno) }
    }

    func listen(_ backlog: Int32) throws(SystemFault) {
        guard Glibc.listen(descriptor, backlog) == 0 else { throw SystemFault("listen", errno) }
    }

    /// 0 when connected at once, EINPROGRESS when it is under way, else why not.
    func connect(_ address: SocketAddress) -> Int32 {
        let code = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
        return code == 0 ? 0 : errno
    }

    /// The pending error, which is thereby forgotten; 0 when there is none.
    func takeError() -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return errno }
        return code
    }

    var localAddress: SocketAddress {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &storage) { bytes in
            _ = getsockname(
                descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &size)
        }
        return SocketAddress(storage)
    }

    /// Bytes received; 0 at the end of the stream, -1 with errno.
    func receive(_ memory: UnsafeMutableRawPointer, _ size: Int) -> Int {
        recv(descriptor, memory, size, 0)
    }

    /// Bytes the kernel took, or -1 with errno. A peer that has gone is EPIPE, never a signal.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// No byte follows; the peer reads to the end.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }
}
