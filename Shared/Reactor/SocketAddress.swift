import CLinux
import Glibc

/// Where a socket listens or connects to, and where a peer comes from.
package enum SocketAddress: Sendable, Hashable {
    /// The address's four bytes, most significant first.
    case ipv4(UInt32, port: UInt16)
    /// The address's sixteen bytes; `scope` is the interface of a link-local one, else 0.
    case ipv6(high: UInt64, low: UInt64, scope: UInt32, port: UInt16)
    /// The path of a socket in the file system; empty for a peer that has no name.
    case unix(String)

    /// Bytes in `sun_path`, one of them for the terminating zero (unix(7)).
    package static let unixPathMax = 107
    package static let textMax = 128
}

extension SocketAddress {
    /// "127.0.0.1:8080", "[::1]:8080" or "unix:/run/name". Nil for anything else: names are
    /// resolved by `Resolver`, and shortened or octal numbers are refused.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.textMax, !text.utf8.contains(0) else { return nil }
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            guard !path.isEmpty, path.utf8.count <= Self.unixPathMax else { return nil }
            self = .unix(path)
            return
        }
        guard let colon = text.lastIndex(of: ":"),
            let port = Self.port(text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            guard let it = Self(ipv6: String(host.dropFirst().dropLast()), port: port) else {
                return nil
            }
            self = it
        } else {
            guard let it = Self(ipv4: String(host), port: port) else { return nil }
            self = it
        }
    }

    /// From an address without a port, of either family.
    package init?(host: String, port: UInt16) {
        guard let it = Self(ipv4: host, port: port) ?? Self(ipv6: host, port: port) else {
            return nil
        }
        self = it
    }

    /// The port; 0 for a path.
    package var port: UInt16 {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, _, let port): port
        case .unix: 0
        }
    }

    package func with(port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let address, _): .ipv4(address, port: port)
        case .ipv6(let high, let low, let scope, _):
            .ipv6(high: high, low: low, scope: scope, port: port)
        case .unix: self
        }
    }

    /// What a rate limit counts by: the IPv4 address, or the first 64 bits of the IPv6 address,
    /// which is what one customer has. An IPv4 address written as IPv6 counts as what it is. Empty
    /// for a path.
    package var network: [UInt8] {
        switch self {
        case .ipv4(let address, _): [4] + bytes(of: address)
        case .ipv6(0, let low, _, _) where low >> 32 == 0xffff:
            [4] + bytes(of: UInt32(truncatingIfNeeded: low))
        case .ipv6(let high, _, _, _): [6] + bytes(of: high)
        case .unix: []
        }
    }

    /// The address without its port, as it stands in logs.
    package var host: String {
        switch self {
        case .ipv4(let address, _):
            bytes(of: address).map { String($0) }.joined(separator: ".")
        case .ipv6(let high, let low, let scope, _):
            Self.ipv6Text(high, low) + (scope == 0 ? "" : "%\(scope)")
        case .unix(let path): path
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// The form that the initialiser reads.
    package var description: String {
        switch self {
        case .ipv4(_, let port): "\(host):\(port)"
        case .ipv6(_, _, _, let port): "[\(host)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension SocketAddress {
    private static func port(_ text: Substring) -> UInt16? {
        let digits = text.utf8
        // UInt16("+1") is 1, and "00080" is not how a port is written.
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30
        else { return nil }
        return UInt16(text)
    }

    private init?(ipv4 text: String, port: UInt16) {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        self = .ipv4(UInt32(bigEndian: address.s_addr), port: port)
    }

    private init?(ipv6 text: String, port: UInt16) {
        var parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var scope: UInt32 = 0
        if parts.count == 2 {
            // The zone is an interface's number or name (RFC 4007 §11.2).
            let zone = String(parts.removeLast())
            scope = UInt32(zone) ?? if_nametoindex(zone)
            guard scope != 0 else { return nil }
        }
        var address = in6_addr()
        guard inet_pton(AF_INET6, String(parts[0]), &address) == 1 else { return nil }
        let (high, low) = Self.words(address)
        self = .ipv6(high: high, low: low, scope: scope, port: port)
    }

    fileprivate static func words(_ address: in6_addr) -> (UInt64, UInt64) {
        withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    fileprivate static func address(_ high: UInt64, _ low: UInt64) -> in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }

    private static func ipv6Text(_ high: UInt64, _ low: UInt64) -> String {
        var address = address(high, low)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            buffer.initialize(repeating: 0)
            guard let start = buffer.baseAddress,
                inet_ntop(AF_INET6, &address, start, 64) != nil
            else { return "::" }
            return String(cString: start)
        }
    }

    private func bytes(of number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

// MARK: - The kernel's form

extension SocketAddress {
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// The address as system calls take it, valid within `body`.
    func withSystemAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var storage = sockaddr_storage()
        let size = withUnsafeMutableBytes(of: &storage) { write(into: $0) }
        return withUnsafeBytes(of: &storage) { bytes in
            // The storage is aligned for every address and bound to nothing else.
            body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped, size)
        }
    }

    private func write(into bytes: UnsafeMutableRawBufferPointer) -> socklen_t {
        switch self {
        case .ipv4(let address, let port):
            var system = sockaddr_in()
            system.sin_family = sa_family_t(AF_INET)
            system.sin_port = port.bigEndian
            system.sin_addr.s_addr = address.bigEndian
            bytes.storeBytes(of: system, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        case .ipv6(let high, let low, let scope, let port):
            var system = sockaddr_in6()
            system.sin6_family = sa_family_t(AF_INET6)
            system.sin6_port = port.bigEndian
            system.sin6_addr = Self.address(high, low)
            system.sin6_scope_id = scope
            bytes.storeBytes(of: system, as: sockaddr_in6.self)
            return socklen_t(MemoryLayout<sockaddr_in6>.size)
        case .unix(let path):
            var system = sockaddr_un()
            system.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &system.sun_path) { field in
                field.copyBytes(from: path.utf8.prefix(Self.unixPathMax))
            }
            bytes.storeBytes(of: system, as: sockaddr_un.self)
            return socklen_t(MemoryLayout<sockaddr_un>.size)
        }
    }

    /// From what a system call left; `.unix("")` for a family that is not ours.
    init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let system = bytes.load(as: sockaddr_in.self)
                return .ipv4(
                    UInt32(bigEndian: system.sin_addr.s_addr),
                    port: UInt16(bigEndian: system.sin_port))
            case AF_INET6:
                let system = bytes.load(as: sockaddr_in6.self)
                let (high, low) = Self.words(system.sin6_addr)
                return .ipv6(
                    high: high, low: low, scope: system.sin6_scope_id,
                    port: UInt16(bigEndian: system.sin6_port))
            default:
                return .unix("")
            }
        }
    }
}
