import Crypto
import Wire

/// The domain of an address: at least two labels, in lower case. Addresses in brackets are none:
/// who has no name in the DNS gets no mail from us.
package struct MailDomain: Sendable, Hashable {
    /// As it is shown; a label that is not ASCII stands as it was written (U-label).
    package let text: String
    /// As the DNS knows it, with such labels as A-labels (RFC 5890 §2.3.2.1). Equal domains have
    /// equal ones.
    package let ascii: String

    /// RFC 1035 §2.3.4.
    package static let bytesMax = 253
    private static let labelBytesMax = 63

    package init?(_ typed: String) {
        // A name of that many octets cannot come from four times as many scalars.
        guard typed.utf8.count <= 4 * Self.bytesMax else { return nil }
        let text = String(decoding: typed.lowercased().nfcUTF8, as: UTF8.self)
        let labels = text.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        var encoded: [String] = []
        for label in labels {
            guard let ascii = Self.encoded(Array(label)) else { return nil }
            encoded.append(ascii)
        }
        // A last label of digits would be read as the end of an address (RFC 3696 §2).
        guard encoded.count >= 2, let last = encoded.last, !last.utf8.allSatisfy(Self.isDigit)
        else { return nil }
        self.text = text
        ascii = encoded.joined(separator: ".")
        guard ascii.utf8.count <= Self.bytesMax else { return nil }
    }

    private static func encoded(_ label: [Unicode.Scalar]) -> String? {
        guard let first = label.first, first != "-", label.last != "-" else { return nil }
        let ascii: String
        if label.allSatisfy(\.isASCII) {
            ascii = String(String.UnicodeScalarView(label))
            guard ascii.utf8.allSatisfy({ isLetter($0) || isDigit($0) || $0 == hyphen }) else {
                return nil
            }
        } else {
            guard label.allSatisfy(isInLabel), !isMark(first),
                // RFC 5891 §4.2.3.1: it would look like an encoded one.
                !(label.count > 3 && label[2] == "-" && label[3] == "-"),
                let code = Punycode.encode(label)
            else { return nil }
            ascii = "xn--" + code
        }
        return (1...labelBytesMax).contains(ascii.utf8.count) ? ascii : nil
    }

    /// Letters, their marks and digits that stay what they are under compatibility mapping, which
    /// comes close to RFC 5892. Sharp s and final sigma are letters of their own there (§2.6).
    private static func isInLabel(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return isLetter(UInt8(truncatingIfNeeded: scalar.value))
                || isDigit(UInt8(truncatingIfNeeded: scalar.value)) || scalar == "-"
        }
        let isStable = !scalar.properties.changesWhenNFKCCaseFolded
        return scalar.isWordPart && (isStable || scalar == "ß" || scalar == "ς")
    }

    private static let hyphen = UInt8(ascii: "-")

    /// In lower case.
    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        case _: false
        }
    }
}

extension Unicode.Scalar {
    /// A letter, a digit or a mark on one: what names are written with in any language. Signs that
    /// look like an at sign, a dot or a bracket, and all that is not seen, are none.
    var isWordPart: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
            !properties.isDefaultIgnorableCodePoint
        case _: false
        }
    }
}
