import Reactor

/// A host, by name or address, and a port: where something is reached. Names are resolved when they
/// are used, because what they mean changes.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// Longest name (RFC 1035 §2.3.4).
    package static let hostMax = 253

    package let host: String
    package let port: UInt16

    /// "name:9001", "127.0.0.1:9001" or "[::1]:9001"; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...].utf8
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        let name = text[..<colon]
        if name.hasPrefix("["), name.hasSuffix("]") {
            let address = String(name.dropFirst().dropLast())
            guard address.contains(":"), SocketAddress(host: address, port: port) != nil else {
                return nil
            }
            host = address
        } else {
            guard Self.isName(name) else { return nil }
            host = String(name)
        }
        self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Labels of letters, digits and hyphens; the underscore occurs in names of containers.
    private static func isName(_ text: Substring) -> Bool {
        guard (1...hostMax).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                    && label.allSatisfy {
                        (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
                            || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    }
            }
    }
}
