/// Base encodings of RFC 4648, strict: one byte sequence has exactly one accepted text, so texts
/// may be compared, counted and looked up as they stand. No blanks, no line breaks, no characters
/// of another alphabet, no bits left over.
///
/// They are not constant in time, so keys are read with them only at the start of a process.
package enum Base16 {
    /// Lower case.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Alphabet.base16.encode(bytes)
    }

    /// Lower case only.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        Alphabet.base16.decode(text)
    }
}

/// RFC 4648 §6, without padding, as `otpauth` URIs hold seeds.
package enum Base32 {
    /// Upper case, no padding.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Alphabet.base32.encode(bytes)
    }

    /// Upper case, no padding.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        Alphabet.base32.decode(text)
    }

    /// For seeds that people type: also lower case, blanks, hyphens and padding at the end.
    package static func decode(lenient text: some Collection<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        var padding = false
        for character in text {
            switch character {
            case UInt8(ascii: " "), UInt8(ascii: "-"): continue
            case UInt8(ascii: "="): padding = true
            case UInt8(ascii: "a")...UInt8(ascii: "z") where !padding: plain.append(character - 32)
            default:
                if padding { return nil }
                plain.append(character)
            }
        }
        return decode(plain)
    }
}

/// Crockford's base 32, for codes that people copy from paper: digits and upper case without I, L,
/// O and U.
package enum CrockfordBase32 {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Alphabet.crockford.encode(bytes)
    }

    /// As people type it: also lower case, blanks and hyphens, and the letters O for 0, I and L
    /// for 1.
    package static func decode(lenient text: some Collection<UInt8>) -> [UInt8]? {
        var plain: [UInt8] = []
        for character in text {
            switch character {
            case UInt8(ascii: " "), UInt8(ascii: "-"): continue
            case UInt8(ascii: "o"), UInt8(ascii: "O"): plain.append(UInt8(ascii: "0"))
            case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "l"), UInt8(ascii: "L"):
                plain.append(UInt8(ascii: "1"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): plain.append(character - 32)
            default: plain.append(character)
            }
        }
        return Alphabet.crockford.decode(plain)
    }
}

/// RFC 4648 §4, padded.
package enum Base64 {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Alphabet.base64.encode(bytes)
    }

    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        Alphabet.base64.decode(text)
    }
}

/// RFC 4648 §5, without padding, as JOSE and WebAuthn use it.
package enum Base64URL {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Alphabet.base64URL.encode(bytes)
    }

    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        Alphabet.base64URL.decode(text)
    }
}

/// An alphabet of 2^bits characters and how texts in it end.
struct Alphabet: Sendable {
    let bits: UInt32
    let characters: [UInt8]
    /// The value of each ASCII character, 255 for those outside the alphabet.
    let values: [UInt8]
    /// Texts are filled up with `=` to a multiple of this; 1 for no padding.
    let padding: Int

    static let base16 = Alphabet(bits: 4, "0123456789abcdef", padding: 1)
    static let base32 = Alphabet(bits: 5, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", padding: 1)
    static let crockford = Alphabet(bits: 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", padding: 1)
    static let base64 = Alphabet(
        bits: 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", padding: 4)
    static let base64Unpadded = Alphabet(
        bits: 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", padding: 1)
    static let base64URL = Alphabet(
        bits: 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", padding: 1)

    init(bits: UInt32, _ text: StaticString, padding: Int) {
        self.bits = bits
        self.padding = padding
        characters = text.withUTF8Buffer { Array($0) }
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in characters.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        self.values = values
    }

    func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 8 / Int(bits) + 8)
        var waiting: UInt32 = 0
        var waitingBits: UInt32 = 0
        let mask = UInt32(characters.count - 1)
        for byte in bytes {
            waiting = waiting << 8 | UInt32(byte)
            waitingBits += 8
            while waitingBits >= bits {
                waitingBits -= bits
                text.append(characters[Int(waiting >> waitingBits & mask)])
            }
        }
        if waitingBits > 0 {
            text.append(characters[Int(waiting << (bits - waitingBits) & mask)])
        }
        while !text.count.isMultiple(of: padding) { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard let length = unpaddedLength(text) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length * Int(bits) / 8 + 1)
        var waiting: UInt32 = 0
        var waitingBits: UInt32 = 0
        for character in text.prefix(length) {
            let value = values[Int(character)]
            guard value != 255 else { return nil }
            waiting = waiting << bits | UInt32(value)
            waitingBits += bits
            if waitingBits >= 8 {
                waitingBits -= 8
                bytes.append(UInt8(truncatingIfNeeded: waiting >> waitingBits))
            }
        }
        // A whole character left over, or bits that belong to no byte, would make a second text
        // of the same bytes (RFC 4648 §3.5).
        guard waitingBits < bits, waiting & (1 << waitingBits - 1) == 0 else { return nil }
        return bytes
    }

    /// How many characters stand before the padding; nil when the padding is not right.
    private func unpaddedLength(_ text: some Collection<UInt8>) -> Int? {
        let length = text.count
        guard length.isMultiple(of: padding) else { return nil }
        guard padding > 1 else { return length }
        let signs = text.suffix(padding).count { $0 == UInt8(ascii: "=") }
        // Signs within the text are met by `decode` as characters outside the alphabet.
        return signs < padding - 1 ? length - signs : nil
    }
}
