/// The name of a service in its certificate: "spiffe://trust.domain/path", as SPIFFE-ID §2 has it.
/// Only that form exists: nothing is folded, decoded or trimmed, so equal identities are equal
/// bytes.
package struct ServiceIdentity: Sendable, Hashable {
    package let text: String
    package let trustDomain: String

    /// SPIFFE-ID §2.3.
    package static let bytesMax = 2048
    /// SPIFFE-ID §2.1.
    package static let trustDomainMax = 255

    private static let scheme = Array("spiffe://".utf8)

    /// Nil for what is not exactly such a name.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count <= Self.bytesMax, bytes.starts(with: Self.scheme) else { return nil }
        let parts = bytes.dropFirst(Self.scheme.count).split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count >= 2, let domain = parts.first,
            (1...Self.trustDomainMax).contains(domain.count),
            domain.allSatisfy({ Self.isDomain($0) }),
            parts.dropFirst().allSatisfy({ Self.isSegment($0) })
        else { return nil }
        // All of it is ASCII by now.
        text = String(decoding: bytes, as: UTF8.self)
        trustDomain = String(decoding: domain, as: UTF8.self)
    }

    package init?(_ text: String) { self.init(Array(text.utf8)) }

    private static func isDomain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isSegment(_ segment: some Collection<UInt8>) -> Bool {
        let dots = segment.allSatisfy { $0 == UInt8(ascii: ".") }
        guard !segment.isEmpty, !(dots && segment.count <= 2) else { return false }
        return segment.allSatisfy { isDomain($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")) ~= $0 }
    }
}

extension ServiceIdentity: CustomStringConvertible {
    package var description: String { text }
}
