/// Whom a request goes to: a host as it was asked for, and its port.
package struct HTTPOrigin: Sendable, Hashable, CustomStringConvertible {
    /// A DNS name or an address, without brackets, in lower case.
    package let host: String
    package let port: UInt16

    /// As the Host field has it (RFC 9110 §7.2): brackets round an IPv6 address, no port when it
    /// is that of https.
    package var description: String {
        let name = host.utf8.contains(ASCII.colon) ? "[\(host)]" : host
        return port == Self.standardPort ? name : "\(name):\(port)"
    }

    static var standardPort: UInt16 { 443 }
}

/// `https://host[:port][/path][?query]` (RFC 3986), and nothing else: secrets go there, so there is
/// no other scheme, no user name, no fragment and no octet that is not visible ASCII.
package struct HTTPSURL: Sendable, Hashable {
    package let origin: HTTPOrigin
    /// The path with its query, as it stands in a request line; begins with `/`.
    package let target: String

    package static var bytesMax: Int { 2048 }

    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let scheme = "https://".utf8
        guard bytes.count <= Self.bytesMax, bytes.count > scheme.count,
            ASCII.equalIgnoringCase(bytes.prefix(scheme.count), scheme)
        else { return nil }
        let rest = bytes.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard let origin = HTTPOrigin(authority: authority) else { return nil }
        let resource = Array(rest[authority.endIndex...])
        let slash = resource.first == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
        self.init(origin, target: slash + resource)
    }

    /// The host of an address; nil for what is no host.
    package init?(host: String, target: String = "/") {
        guard let origin = HTTPOrigin(authority: Array(host.utf8)[...]) else { return nil }
        self.init(origin, target: Array(target.utf8))
    }

    private init?(_ origin: HTTPOrigin, target: [UInt8]) {
        guard target.first == UInt8(ascii: "/"), target.count <= Self.bytesMax,
            ByteSet.target.containsAll(target), RequestLine.isTarget(target[...])
        else { return nil }
        self.origin = origin
        self.target = String(decoding: target, as: UTF8.self)
    }
}

extension HTTPSURL: CustomStringConvertible {
    /// Without path and query, which may hold what is nobody's business.
    package var description: String { "https://\(origin)/…" }
}

extension HTTPOrigin {
    fileprivate init?(authority: ArraySlice<UInt8>) {
        guard Authority.isValid(authority) else { return nil }
        let text = String(decoding: authority.map(ASCII.lowercased), as: UTF8.self)
        let digits: Substring
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = String(text[text.index(after: text.startIndex)..<end])
            digits = text[end...].dropFirst(2)
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            host = String(parts[0])
            digits = parts.count > 1 ? parts[1] : ""
        }
        guard let port = digits.isEmpty ? Self.standardPort : UInt16(digits), port > 0,
            !text.hasSuffix(":")
        else { return nil }
        self.port = port
    }
}
