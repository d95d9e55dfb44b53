import Glibc

/// A plain TCP connection from an address of one's choice in 127.0.0.0/8, which is how one machine
/// plays several networks. It blocks. Not Sendable: one test drives it.
package final class LoopbackConnection {
    package struct Failed: Error { package let code: Int32 }

    private let descriptor: Int32

    /// Connects from `source`, as `127.0.0.2`, to a port of 127.0.0.1.
    package init(from source: String, to port: UInt16) throws(Failed) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(code: errno) }
        let ends = [(Self.address(source, 0), true), (Self.address("127.0.0.1", port), false)]
        for (address, isOwn) in ends {
            var address = address
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
                    return isOwn
                        ? bind(descriptor, pointer, size) : connect(descriptor, pointer, size)
                }
            }
            guard status == 0 else { throw Failed(code: errno) }
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Whether the other end closes the connection within the time, without a byte before.
    package func isClosed(withinMilliseconds limit: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, limit) > 0 else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) <= 0
    }

    private static func address(_ text: String, _ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, text, &address.sin_addr)
        return address
    }
}
