/// A set of ASCII bytes as two words, so that the parsers ask each octet with one shift. The
/// parsers see octets and never Unicode strings (RFC 9112 §2.2).
struct ByteSet: Sendable {
    let low: UInt64
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        return ((byte < 64 ? low : high) >> UInt64(byte & 63)) & 1 == 1
    }

    func containsAll(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.allSatisfy(contains)
    }

    /// `tchar` of RFC 9110 §5.6.2.
    static var token: ByteSet { ByteSet(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe) }
    /// What RFC 3986 allows in a path, query or absolute form; `%` must begin an escape.
    static var target: ByteSet { ByteSet(low: 0xafff_fff2_0000_0000, high: 0x47ff_fffe_87ff_ffff) }
    /// The unreserved characters of RFC 3986 §2.3: all that a host's name needs.
    static var name: ByteSet { ByteSet(low: 0x03ff_6000_0000_0000, high: 0x47ff_fffe_87ff_fffe) }
    /// `cookie-octet` of RFC 6265 §4.1.1.
    static var cookie: ByteSet { ByteSet(low: 0xf7ff_effa_0000_0000, high: 0x7fff_ffff_efff_ffff) }
}

/// The octets the grammar of HTTP names.
enum ASCII {
    static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0a }
    static var carriageReturn: UInt8 { 0x0d }
    static var space: UInt8 { 0x20 }
    static var quote: UInt8 { 0x22 }
    static var percent: UInt8 { 0x25 }
    static var comma: UInt8 { 0x2c }
    static var colon: UInt8 { 0x3a }
    static var semicolon: UInt8 { 0x3b }
    static var equals: UInt8 { 0x3d }
    static var backslash: UInt8 { 0x5c }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    }

    /// 0 to 9, else nil.
    @inline(__always)
    static func digit(_ byte: UInt8) -> UInt8? {
        byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : nil
    }

    /// 0 to 15, else nil.
    @inline(__always)
    static func hexDigit(_ byte: UInt8) -> UInt8? {
        if let digit = digit(byte) { return digit }
        let letter = byte | 0x20
        return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : nil
    }

    /// A run of digits as a number: at least one, no sign, no blank, nil when it overflows.
    static func number(_ digits: some Collection<UInt8>) -> Int? {
        guard !digits.isEmpty else { return nil }
        var value = 0
        for byte in digits {
            guard let digit = digit(byte) else { return nil }
            let (tens, tooMuch) = value.multipliedReportingOverflow(by: 10)
            let (sum, stillTooMuch) = tens.addingReportingOverflow(Int(digit))
            guard !tooMuch && !stillTooMuch else { return nil }
            value = sum
        }
        return value
    }

    static func equalIgnoringCase(
        _ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>
    ) -> Bool {
        left.elementsEqual(right) { lowercased($0) == lowercased($1) }
    }

    /// Without the optional white space (`OWS`, RFC 9110 §5.6.3) at both ends.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = bytes
        while let first = rest.first, isBlank(first) { rest.removeFirst() }
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}
