import Wire

/// How text becomes lines of ASCII that every server carries unchanged (RFC 2045, RFC 2047).
enum MailEncodings {
    /// RFC 2045 §6.7 and §6.8; without CRLF.
    static let lineMax = 76
    /// RFC 2047 §2.
    static let encodedWordMax = 75
    static let lineEnd: [UInt8] = [0x0d, 0x0a]

    /// How the octets of a body are written.
    enum Body: String, Equatable {
        case quotedPrintable = "quoted-printable"
        case base64

        /// The one that people can read in the source where most of it is ASCII.
        init(for text: String) {
            let foreign = text.utf8.count { $0 >= 0x80 }
            self = foreign * 4 > text.utf8.count ? .base64 : .quotedPrintable
        }

        func encode(_ text: String) -> [UInt8] {
            switch self {
            case .quotedPrintable: MailEncodings.quotedPrintable(text)
            case .base64: MailEncodings.base64(text)
            }
        }
    }

    /// Every line of the result, the last too, ends in CRLF.
    static func quotedPrintable(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        for line in lines(of: text) {
            var column = 0
            for (index, byte) in line.enumerated() {
                let isLast = index == line.count - 1
                let isPlain =
                    (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "=")
                    || (byte == 0x20 || byte == 0x09) && !isLast
                let piece = isPlain ? [byte] : escaped(byte)
                // One column stays free for the sign of a soft line end.
                if column + piece.count > lineMax - (isLast ? 0 : 1) {
                    output += [UInt8(ascii: "=")] + lineEnd
                    column = 0
                }
                output += piece
                column += piece.count
            }
            output += lineEnd
        }
        return output
    }

    /// Every line ends in CRLF; so does the text itself, whatever its line ends were.
    static func base64(_ text: String) -> [UInt8] {
        let octets = lines(of: text).flatMap { $0 + lineEnd }
        let encoded = Array(Base64.encode(octets).utf8)
        return stride(from: 0, to: encoded.count, by: lineMax).flatMap { start in
            encoded[start..<min(start + lineMax, encoded.count)] + lineEnd
        }
    }

    /// Words of RFC 2047, each with whole characters and all lines within 76 columns; the first
    /// begins at `column`.
    static func encodedWords(_ text: String, column: Int) -> String {
        let frame = "=?UTF-8?B??=".utf8.count
        var words: [String] = []
        var octets: [UInt8] = []
        var room = lineMax - column
        func octetsMax() -> Int { (min(room, encodedWordMax) - frame) / 4 * 3 }
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            if octets.count + next.count > octetsMax() {
                // The first may find no room at all in its line; then it begins in the next.
                words.append(octets.isEmpty ? "" : "=?UTF-8?B?\(Base64.encode(octets))?=")
                octets = []
                room = lineMax - 1
            }
            octets += next
        }
        words.append("=?UTF-8?B?\(Base64.encode(octets))?=")
        return words.joined(separator: "\r\n ")
    }

    /// Lines without their ends, which were LF or CRLF. One line end at the very end makes no
    /// further line.
    private static func lines(of text: String) -> [[UInt8]] {
        var lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { $0.last == 0x0d ? Array($0.dropLast()) : Array($0) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
