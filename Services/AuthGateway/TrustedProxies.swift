import HTTP
import Reactor

/// The proxies before us, as far as an operator has named them. What they say of a client counts;
/// what anybody else says of himself does not.
struct TrustedProxies: Sendable {
    /// Who really sent a request.
    struct Client: Sendable, Hashable {
        /// With port 0 where a proxy said it.
        let address: SocketAddress
        /// The client reached us, or the proxy before us, by TLS.
        let isSecure: Bool
    }

    private let ranges: [AddressRange]
    private let trustsPaths: Bool

    /// Hops looked at; the farther ones are not believed.
    static let hopsMax = 16

    /// - Parameter words: Ranges as `AddressRange` reads them, or `unix` for every peer that comes
    ///   by a path in the file system. Nil when one is neither.
    init?(_ words: [String]) {
        let addresses = words.filter { $0 != "unix" }
        ranges = addresses.compactMap { AddressRange($0) }
        trustsPaths = addresses.count < words.count
        guard ranges.count == addresses.count else { return nil }
    }

    static let none = TrustedProxies([])!

    func client(of request: HTTPRequest) -> Client {
        guard trusts(request.remoteAddress) else {
            return Client(address: request.remoteAddress, isSecure: request.isSecure)
        }
        return Client(
            address: farthest(request.headers, from: request.remoteAddress),
            isSecure: Self.isSecure(request.headers) ?? request.isSecure)
    }

    var trustsAnybody: Bool { trustsPaths || !ranges.isEmpty }

    func trusts(_ peer: SocketAddress) -> Bool {
        if case .unix = peer { return trustsPaths }
        return ranges.contains { $0.contains(peer) }
    }

    /// From the right, where our own proxies wrote, to the first address that is none of theirs.
    /// What cannot be read ends the way: to the left of it stands whatever a client liked to send.
    private func farthest(_ headers: HTTPHeaders, from peer: SocketAddress) -> SocketAddress {
        let hops = headers.values(of: "X-Forwarded-For").flatMap {
            $0.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        }
        var known = peer
        for hop in hops.suffix(Self.hopsMax).reversed() {
            guard trusts(known), let address = Self.address(hop) else { break }
            known = address
        }
        return known
    }

    /// `192.0.2.1`, `2001:db8::1`, and both with a port, `192.0.2.1:80` and `[2001:db8::1]:80`;
    /// some proxies write brackets without a port. The port is dropped.
    private static func address(_ hop: ArraySlice<UInt8>) -> SocketAddress? {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let trimmed = hop.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
        guard let text = String(validating: trimmed, as: UTF8.self), !text.contains("%") else {
            return nil
        }
        if let address = SocketAddress(plain: text) { return address }
        if text.hasPrefix("["), text.hasSuffix("]"), text.contains(":") {
            return SocketAddress(plain: text.dropFirst().dropLast())
        }
        guard let address = SocketAddress(text) else { return nil }
        switch address {
        case .ipv4, .ipv6: return address.with(port: 0)
        case .unix: return nil
        }
    }

    /// Nil when nothing, or nothing clear, is said.
    private static func isSecure(_ headers: HTTPHeaders) -> Bool? {
        guard headers.values(of: "X-Forwarded-Proto").count == 1 else { return nil }
        switch headers["X-Forwarded-Proto"]?.lowercased() {
        case "https": return true
        case "http": return false
        case _: return nil
        }
    }
}
