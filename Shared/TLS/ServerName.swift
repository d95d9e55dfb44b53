import Reactor

/// Under what name a server of the outside has to prove itself: a DNS name in ASCII or an IP
/// address. It exists only in a form that OpenSSL reads one way: an empty name would switch the
/// check off, and one that begins with a dot would stand for every host below it.
package struct ServerName: Sendable, Hashable {
    package let text: String
    let isAddress: Bool

    /// RFC 1035 §2.3.4, without the length octets.
    package static let bytesMax = 253
    package static let labelMax = 63

    /// Nil for what is neither `1*( label "." ) label` of letters, digits and hyphens (RFC 1123
    /// §2.1), nor an address.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ Self.isNameOctet($0) || $0 == UInt8(ascii: ":") }) else {
            return nil
        }
        isAddress = SocketAddress(host: text, port: 0) != nil
        guard isAddress || Self.isName(text) else { return nil }
        self.text = text
    }

    private static func isName(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= bytesMax, labels.allSatisfy(isLabel), let last = labels.last else {
            return false
        }
        // What ends in a number is an address that is written wrongly.
        return !last.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...labelMax).contains(label.count) && label.first != hyphen
            && label.last != hyphen && !label.contains(UInt8(ascii: ":"))
    }

    private static func isNameOctet(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension ServerName: CustomStringConvertible {
    package var description: String { text }
}
