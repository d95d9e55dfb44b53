/// Two texts that look and mean the same must be the same bytes before they are hashed or looked
/// up: Unicode normalisation form C (UAX #15), and for names case folding as well.
extension String {
    /// The UTF-8 of normalisation form C. Texts that Unicode holds canonically equivalent, and
    /// only these, have equal bytes.
    package var nfcUTF8: [UInt8] {
        var text = self
        if unicodeScalars.contains(where: { Self.marks(in: $0) != nil }) {
            text = ""
            for scalar in unicodeScalars {
                text += Self.marks(in: scalar) ?? String(Character(scalar))
            }
        }
        return text._nfcCodeUnits
    }

    /// What names are compared and looked up by: without case, in form C. It is Unicode's default
    /// caseless matching (§3.13), reached through lower, upper and lower case again: `ß` equals
    /// `ss`, both sigmas are one. Beyond it, the dotless `ı` becomes `i`. Folding twice changes
    /// nothing. No look-alikes of other scripts are mapped, and nothing is dropped.
    package var foldedKey: String {
        let form = String(decoding: nfcUTF8, as: UTF8.self)
        let folded = form.lowercased().uppercased().lowercased()
        return String(decoding: folded.nfcUTF8, as: UTF8.self)
    }

    /// Marks of combining class 0 that decompose into marks of other classes. The standard
    /// library takes them for starters and leaves the marks before them in the wrong order
    /// (Swift 6.3; checked against all of Unicode 14). Decomposed beforehand they come out right,
    /// since form C never composes them.
    private static func marks(in scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\u{F73}": "\u{F71}\u{F72}"
        case "\u{F75}": "\u{F71}\u{F74}"
        case "\u{F81}": "\u{F71}\u{F80}"
        default: nil
        }
    }
}
