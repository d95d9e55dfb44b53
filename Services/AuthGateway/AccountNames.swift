import Crypto
import Wire

/// A user name that may be registered: 1 to 50 characters without `@ < > " ' /`, controls and
/// blanks at the ends. `key` is what is unique: normalised and case-folded.
struct UserName: Sendable, Equatable {
    static let charactersMax = 50

    let text: String
    let key: String

    init?(parsing typed: String) {
        guard typed.utf8.count <= Self.charactersMax * 4 else { return nil }
        let text = typed.normalized
        let forbidden: Set<Unicode.Scalar> = ["@", "<", ">", "\"", "'", "/"]
        guard (1...Self.charactersMax).contains(text.unicodeScalars.count),
            text.unicodeScalars.allSatisfy({ !forbidden.contains($0) && Self.isVisible($0) }),
            text.first?.isWhitespace == false, text.last?.isWhitespace == false,
            PhoneNumber(parsing: text) == nil
        else { return nil }
        self.text = text
        key = text.foldedKey
    }

    /// Nothing that shows no mark: two names must not look alike because of what is not seen.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            false
        case _: !scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}

/// An e-mail address as far as it can be judged without asking its server: one `@`, a local part
/// of at most 64 bytes, a domain of letters, digits, `-` and `.` (RFC 5321 §4.5.3.1), no blanks,
/// controls or quotes, so that it can stand in a mail header.
struct EmailAddress: Sendable, Equatable {
    static let bytesMax = 254

    let text: String
    let key: String

    init?(parsing typed: String) {
        guard typed.utf8.count <= Self.bytesMax else { return nil }
        let text = typed.normalized
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let local = parts.first, let domain = parts.last,
            (1...64).contains(local.utf8.count),
            local.unicodeScalars.allSatisfy({ Self.fitsLocalPart($0) }),
            !local.hasPrefix("."), !local.hasSuffix("."), !local.contains(".."),
            Self.isDomain(domain)
        else { return nil }
        self.text = text
        key = text.foldedKey
    }

    private static func fitsLocalPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "!#$%&'*+-/=?^_`{|}~.".unicodeScalars.contains(scalar)
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private static func isDomain(_ domain: Substring) -> Bool {
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-")
                    && !label.hasSuffix("-")
                    && label.unicodeScalars.allSatisfy { scalar in
                        scalar == "-" || scalar.properties.isAlphabetic
                            || ("0"..."9").contains(scalar)
                    }
            }
    }
}

/// A phone number in E.164 form: `+` and 6 to 15 ASCII digits, the first not zero.
struct PhoneNumber: Sendable, Equatable {
    let text: String

    init?(parsing typed: String) {
        let digits = typed.utf8.dropFirst()
        guard typed.utf8.first == UInt8(ascii: "+"), (6...15).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits.first != UInt8(ascii: "0")
        else { return nil }
        text = typed
    }
}

/// What somebody typed to sign in with, in the form in which names, addresses and numbers are
/// compared. Made from any text, so that nonsense takes the same way as an unknown name.
struct SignInKey: Sendable, Equatable {
    let text: String

    init(_ typed: String) {
        // PostgreSQL's text holds no NUL; a name with one is nobody's.
        text = typed.foldedKey.filter { $0 != "\0" }
    }
}

extension String {
    /// Unicode normalisation form C, in which text is stored.
    fileprivate var normalized: String { String(decoding: nfcUTF8, as: UTF8.self) }
}
