import Reactor
import Wire

/// What may stand in a log line. The list is closed, so that what is not on it (a secret, a buffer,
/// a whole request) cannot be logged by accident: somebody would have to make text of it first.
package enum LogValue: Sendable, Equatable {
    /// Cut after `textMax` octets.
    case text(String)
    case integer(Int64)
    case flag(Bool)
    /// In milliseconds with three digits behind the point.
    case duration(Duration)
    case moment(Timestamp)

    /// Octets of a text in a line.
    package static let textMax = 1024

    package static func integer(_ number: some BinaryInteger) -> LogValue {
        .integer(Int64(clamping: number))
    }

    package static func id(_ identifier: Identifier<some IdentifierKind>) -> LogValue {
        .text(identifier.description)
    }

    /// The address alone: ports of clients say nothing.
    package static func host(_ address: SocketAddress) -> LogValue {
        .text(address.host)
    }

    package static func address(_ address: SocketAddress) -> LogValue {
        .text(address.description)
    }
}

extension LogValue: ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}

extension LogValue {
    func appendJSON(to line: inout [UInt8]) {
        switch self {
        case .text(let text): LogText.appendQuoted(text, to: &line)
        case .integer(let number): line += String(number).utf8
        case .flag(let flag): line += (flag ? "true" : "false").utf8
        case .duration(let duration): line += Self.milliseconds(duration).utf8
        case .moment(let moment): LogText.appendQuoted(moment.text, to: &line)
        }
    }

    /// As JSON, but a plain word goes without quotation marks.
    func appendPlain(to line: inout [UInt8]) {
        if case .text(let text) = self, LogText.isPlainWord(text) {
            line += text.utf8
        } else {
            appendJSON(to: &line)
            if case .duration = self { line += " ms".utf8 }
        }
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = abs(attoseconds / 1_000_000_000_000)
        let whole = String(abs(seconds) * 1000 + microseconds / 1000)
        let part = String(microseconds % 1000)
        let sign = seconds < 0 || attoseconds < 0 ? "-" : ""
        return sign + whole + "." + String(repeating: "0", count: 3 - part.utf8.count) + part
    }
}

/// Text made inert: whatever a stranger sent, a line of the log stays one line, a terminal obeys
/// nothing in it, and what one sees is in the order in which it stands.
enum LogText {
    static func appendQuoted(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        var left = LogValue.textMax
        for scalar in text.unicodeScalars {
            left -= UTF8.width(scalar)
            guard left >= 0 else {
                line += "…".utf8
                break
            }
            append(scalar, to: &line)
        }
        line.append(UInt8(ascii: "\""))
    }

    static func isPlainWord(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
                    && $0 != UInt8(ascii: "=")
            }
    }

    private static func append(_ scalar: Unicode.Scalar, to line: inout [UInt8]) {
        switch scalar {
        case "\"": line += "\\\"".utf8
        case "\\": line += "\\\\".utf8
        case "\n": line += "\\n".utf8
        case "\r": line += "\\r".utf8
        case "\t": line += "\\t".utf8
        case _ where isUnsafe(scalar):
            for unit in UTF16.encode(scalar) ?? .init() { appendEscape(unit, to: &line) }
        case _: line += String(scalar).utf8
        }
    }

    private static func appendEscape(_ unit: UInt16, to line: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        line += "\\u".utf8
        for shift in [12, 8, 4, 0] as [UInt16] { line.append(digits[Int(unit >> shift & 15)]) }
    }

    /// Controls (among them ESC and the C1 codes, which terminals obey), what turns the direction
    /// of writing, line and paragraph separators, and what is invisible.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            true
        case _: false
        }
    }
}
