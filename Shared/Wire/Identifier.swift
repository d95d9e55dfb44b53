/// A UUID that knows what it names: an identifier of a user never passes for one of a session.
/// Text form: 36 lower-case characters as in RFC 9562 §4; upper case is refused, so that equal
/// identifiers are equal bytes.
package struct Identifier<Kind: IdentifierKind>: Sendable, Hashable {
    /// The 16 bytes, most significant first.
    package let high: UInt64
    package let low: UInt64

    @inlinable
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// What an identifier names.
package protocol IdentifierKind: Sendable {
    static var noun: String { get }
}

extension Identifier {
    /// From exactly 16 bytes, else nil.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let words = bytes.reduce(into: (UInt64(0), UInt64(0))) { words, byte in
            words.0 = words.0 << 8 | words.1 >> 56
            words.1 = words.1 << 8 | UInt64(byte)
        }
        self.init(high: words.0, low: words.1)
    }

    /// From 16 random bytes, marked as version 4 (RFC 9562 §5.4).
    package init?(random bytes: some Collection<UInt8>) {
        guard let it = Self(bytes: bytes) else { return nil }
        self.init(
            high: it.high & ~0xf000 | 0x4000,
            low: it.low & ~(0b11 << 62) | 0b10 << 62)
    }

    package var bytes: [UInt8] {
        [high, low].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
        }
    }

    package init?(_ text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        var position = 0
        for character in text.utf8 {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            default: return nil
            }
            words.0 = words.0 << 4 | words.1 >> 60
            words.1 = words.1 << 4 | UInt64(digit)
        }
        guard position == 36 else { return nil }
        self.init(high: words.0, low: words.1)
    }
}

extension Identifier: CustomStringConvertible {
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var position = 0
            for nibble in 0..<32 {
                if position == 8 || position == 13 || position == 18 || position == 23 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = nibble < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: word >> (60 - 4 * UInt64(nibble & 15))) & 15
                text[position] =
                    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                position += 1
            }
            return position
        }
    }
}

extension Identifier: Scalar {
    package init(raw: String) throws(ScalarRefusal) {
        guard let it = Self(raw) else { throw ScalarRefusal() }
        self = it
    }
    package var raw: String { description }
    package static var sizeMax: Int? { 36 }
    package static var sample: Self {
        Self(high: 0x0123_4567_89ab_4def, low: 0x8123_4567_89ab_cdef)
    }
    package static var note: String { "UUID of the \(Kind.noun), 36 lower-case characters." }
}
