import Crypto
import Wire

/// A user name that may be registered: 1 to 50 characters without `@ < > " ' /` and without what
/// is not seen: no controls, no blanks but single spaces between other characters. `key` is what
/// is unique: normalised and case-folded.
struct UserName: Sendable, Equatable {
    static let charactersMax = 50
    /// Of what is typed, before anything else is done with it.
    static let bytesMax = 256

    let text: String
    let key: String

    init?(parsing typed: String) {
        guard typed.utf8.count <= Self.bytesMax else { return nil }
        let text = typed.normalized
        let forbidden: Set<Unicode.Scalar> = ["@", "<", ">", "\"", "'", "/"]
        guard (1...Self.charactersMax).contains(text.unicodeScalars.count),
            text.unicodeScalars.allSatisfy({ !forbidden.contains($0) && Self.isVisible($0) }),
            !text.hasPrefix(" "), !text.hasSuffix(" "), !text.contains("  "),
            PhoneNumber(typed: text) == nil
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
        case .spaceSeparator: scalar == " "
        case _:
            // The second is Braille without a dot.
            !scalar.properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
        }
    }
}

/// The name a user is called by: any text of up to 256 bytes but controls, and signs that turn the
/// direction of the text around it. It is shown and never compared.
struct DisplayName: Sendable, Equatable {
    static let bytesMax = 256

    let text: String

    init?(parsing typed: String) {
        let text = typed.normalized
        guard text.utf8.count <= Self.bytesMax,
            text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }),
            text.unicodeScalars.allSatisfy(Self.isHarmless)
        else { return nil }
        self.text = text
    }

    fileprivate static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        case _:
            // UAX #9: embeddings, overrides, isolates.
            !("\u{202A}"..."\u{202E}").contains(scalar)
                && !("\u{2066}"..."\u{2069}").contains(scalar)
        }
    }
}

/// What a user calls an authenticator: up to 64 code points of any text but controls, and signs
/// that turn the direction of the text around it; may be empty. It is shown, to administrators
/// too, and never compared.
struct AuthenticatorName: Sendable, Equatable {
    static let codePointsMax = 64

    let text: String

    init?(parsing typed: String) {
        let text = typed.normalized
        guard text.unicodeScalars.count <= Self.codePointsMax,
            text.unicodeScalars.allSatisfy(DisplayName.isHarmless)
        else { return nil }
        self.text = text
    }

    /// The same, with the refusal a caller meets.
    init(of typed: String) throws(Fault) {
        guard let name = Self(parsing: typed) else {
            throw Fault(.malformed, detail: "a name that cannot be shown, or is too long")
        }
        self = name
    }
}

/// A language tag by its form (BCP 47, RFC 5646 §2.1), without asking whether there is such a
/// language: parts of 1 to 8 ASCII letters and digits, the first of 2 to 8 letters.
struct LanguageTag: Sendable, Equatable {
    static let bytesMax = 35

    let text: String

    init?(parsing typed: String) {
        let parts = typed.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard typed.utf8.count <= Self.bytesMax, let first = parts.first, first.count >= 2,
            first.allSatisfy(Self.isLetter),
            parts.allSatisfy({ part in
                (1...8).contains(part.count)
                    && part.allSatisfy { Self.isLetter($0) || (0x30...0x39).contains($0) }
            })
        else { return nil }
        text = typed
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
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

    /// As people write it, with what parts the digits (ITU-T E.123): blanks, `-`, `.`, brackets.
    init?(typed: String) {
        guard typed.utf8.first == UInt8(ascii: "+"), typed.utf8.count <= Self.typedBytesMax
        else { return nil }
        let parting: Set<Unicode.Scalar> = [" ", "\u{a0}", "\u{202f}", "-", ".", "(", ")"]
        var digits = String.UnicodeScalarView()
        digits.append(contentsOf: typed.unicodeScalars.filter { !parting.contains($0) })
        self.init(parsing: String(digits))
    }

    /// Of what is typed.
    static let typedBytesMax = 48
}

/// What somebody typed to sign in with, in the form in which names, addresses and numbers are
/// compared. Made from any text, so that nonsense takes the same way as an unknown name.
///
/// Which of the three it is, its form says: no name holds an `@` or reads as a number. So one
/// text never means two users. Addresses are compared without case in both parts: mail servers
/// that tell `Ann@` from `ann@` are not known, and people type either.
struct SignInKey: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case name, email, phone
    }

    let kind: Kind
    let text: String

    init(_ typed: String) {
        if let number = PhoneNumber(typed: typed) {
            (kind, text) = (.phone, number.text)
        } else {
            text = typed.foldedKey
            kind = text.utf8.contains(UInt8(ascii: "@")) ? .email : .name
        }
    }

    /// Nil unless it is of this kind.
    func text(_ kind: Kind) -> String? { self.kind == kind ? text : nil }
}

extension String {
    /// Unicode normalisation form C, in which text is stored.
    fileprivate var normalized: String { String(decoding: nfcUTF8, as: UTF8.self) }
}
