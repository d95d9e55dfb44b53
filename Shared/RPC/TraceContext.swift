/// The header field by which a request says which trace it belongs to (W3C Trace Context, level 1,
/// §3.2): `00-<trace id>-<parent id>-<flags>`, all in lower-case hexadecimal digits.
extension Trace {
    /// Octets of the form of version 00.
    private static let contextLength = 55

    /// What a `traceparent` says. Nil for anything that the standard calls invalid: then a new
    /// trace begins, and the request is none the worse. The flags are not looked at; what is
    /// written down is for us to decide.
    ///
    /// Whoever asks may choose any id, also one that somebody else has. So a trace joins lines
    /// for whoever reads them, and proves nothing.
    package init?(traceparent octets: some BidirectionalCollection<UInt8>) {
        let octets = Array(octets.prefix(Self.contextLength + 1))
        guard octets.count >= Self.contextLength else { return nil }
        let dash = UInt8(ascii: "-")
        guard [2, 35, 52].allSatisfy({ octets[$0] == dash }),
            let version = Self.word(octets[0..<2]), version != 0xff,
            let high = Self.word(octets[3..<19]), let low = Self.word(octets[19..<35]),
            let parent = Self.word(octets[36..<52]), Self.word(octets[53..<55]) != nil,
            high != 0 || low != 0, parent != 0
        else { return nil }
        // A later version may have more behind a further dash; this one may not.
        let isWhole = octets.count == Self.contextLength
        guard isWhole || version > 0 && octets[Self.contextLength] == dash else { return nil }
        self.init(high: high, low: low, parentSpan: parent)
    }

    /// At most 16 lower-case hexadecimal digits; nil for anything else.
    private static func word(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var word: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                word = word << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                word = word << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return word
    }
}
