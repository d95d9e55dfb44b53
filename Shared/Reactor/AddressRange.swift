/// A range of addresses as CIDR writes it: `10.0.0.0/8`, `fd00::/8`, or one address (RFC 4632
/// §3.1, RFC 4291 §2.3). An IPv4 address written as IPv6 is what it is.
package struct AddressRange: Sendable, Hashable {
    /// Left-aligned: an IPv4 address has the first 32 of these 128 bits.
    private struct Number: Sendable, Hashable {
        var isIPv4: Bool
        var high: UInt64
        var low: UInt64

        /// Nil for what has no address.
        init?(_ address: SocketAddress) {
            switch address {
            case .ipv4(let word, _): self.init(ipv4: word)
            case .ipv6(0, let low, _, _) where low >> 32 == 0xffff:
                self.init(ipv4: UInt32(truncatingIfNeeded: low))
            case .ipv6(let high, let low, _, _):
                self.init(isIPv4: false, high, low)
            case .unix: return nil
            }
        }

        private init(ipv4 word: UInt32) {
            self.init(isIPv4: true, UInt64(word) << 32, 0)
        }

        private init(isIPv4: Bool, _ high: UInt64, _ low: UInt64) {
            self.isIPv4 = isIPv4
            self.high = high
            self.low = low
        }

        /// With everything behind the first bits 0.
        func prefix(_ bits: Int) -> Number {
            var prefix = self
            prefix.high &= UInt64.max << UInt64(64 - min(bits, 64))
            prefix.low &= UInt64.max << UInt64(128 - max(bits, 64))
            return prefix
        }
    }

    private let first: Number
    private let bits: Int

    /// Nil for anything else, also for a range whose address has bits behind its prefix: whoever
    /// wrote `10.1.2.3/8` may have meant another range.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = SocketAddress(plain: parts[0]), let number = Number(address) else {
            return nil
        }
        let most = number.isIPv4 ? 32 : 128
        var bits = most
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
                digits.count == 1 || digits.first != 0x30, let count = Int(parts[1])
            else { return nil }
            // A prefix of an IPv4 address written as IPv6 counts the 96 bits before it too.
            bits = number.isIPv4 && parts[0].contains(":") ? count - 96 : count
        }
        guard (0...most).contains(bits), number.prefix(bits) == number else { return nil }
        first = number
        self.bits = bits
    }

    package func contains(_ address: SocketAddress) -> Bool {
        Number(address)?.prefix(bits) == first
    }

    /// Whether all of `other` is in it.
    package func contains(_ other: AddressRange) -> Bool {
        bits <= other.bits && other.first.prefix(bits) == first
    }
}

extension SocketAddress {
    /// An address without port and zone.
    package init?(plain text: some StringProtocol) {
        guard text.utf8.count <= Self.textMax,
            text.utf8.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
            })
        else { return nil }
        self.init(host: String(text), port: 0)
    }
}
