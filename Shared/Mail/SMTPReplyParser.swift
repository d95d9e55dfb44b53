/// What a server has answered, without its words: the code, and behind it the finer code of RFC
/// 3463 where there is one. Words of a server stand in no log and on no page, because it might say
/// back to us what it has been told: a password, a code, an address.
package struct SMTPStatus: Sendable, Hashable, CustomStringConvertible {
    /// 200 to 599.
    package let code: Int
    /// The subject and detail of `class.subject.detail`, whose class is that of the code.
    package let enhanced: Enhanced?

    package struct Enhanced: Sendable, Hashable {
        package let subject: Int
        package let detail: Int

        package init(subject: Int, detail: Int) {
            self.subject = subject
            self.detail = detail
        }
    }

    package init(_ code: Int, _ enhanced: Enhanced? = nil) {
        self.code = code
        self.enhanced = enhanced
    }

    /// "550 5.1.1", or "550" alone.
    package var description: String {
        guard let enhanced else { return "\(code)" }
        return "\(code) \(code / 100).\(enhanced.subject).\(enhanced.detail)"
    }
}

/// One answer of a server, of one or more lines.
package struct SMTPReply: Sendable, Equatable {
    package let code: Int
    /// What stands behind the code in each line; at least one, the last is the last.
    package let lines: [[UInt8]]

    package var status: SMTPStatus { SMTPStatus(code, enhanced) }

    /// "5.1.1 " in front of the words; each number has one to three digits (RFC 3463 §2).
    private var enhanced: SMTPStatus.Enhanced? {
        guard let word = lines.last?.split(separator: UInt8(ascii: " ")).first else { return nil }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part -> Int? in
            guard (1...3).contains(part.count),
                part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
            else { return nil }
            return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }
        guard parts.count == 3, numbers.count == 3, numbers[0] == code / 100 else { return nil }
        return SMTPStatus.Enhanced(subject: numbers[1], detail: numbers[2])
    }
}

/// What a server does that no server may.
package enum SMTPViolation: Sendable, Equatable {
    case lineTooLong
    case tooManyLines
    /// A line that does not begin with a code and `-`, blank or nothing.
    case malformedLine
    /// Carriage return or line feed without the other, or a control.
    case strayControl
    /// Lines of one answer with different codes.
    case codeChanged
    /// Octets that nobody has asked for: after an answer, or before the question. So nothing said
    /// in the clear is believed after STARTTLS (CVE-2011-0411 and its kin).
    case unsolicited
    /// A code that the command does not have.
    case unexpectedCode(SMTPStatus)
}

/// Octets to answers, strictly as RFC 5321 §4.2 has them, within bounds.
package struct SMTPReplyParser: Sendable {
    /// Octets of a line, its end included. RFC 5321 §4.5.3.1.5 has 512; some servers say more.
    package static let lineBytesMax = 1024
    package static let linesMax = 100

    package enum Event: Sendable, Equatable {
        /// All octets are used up.
        case needsMore
        case reply(SMTPReply)
        case violation(SMTPViolation)
    }

    private var line: [UInt8] = []
    private var lines: [[UInt8]] = []
    private var code: Int?

    package init() {}

    /// True while nothing of an answer has come.
    package var isBetweenReplies: Bool { line.isEmpty && lines.isEmpty }

    /// Takes octets up to the end of an answer and says how many it took.
    package mutating func take(_ bytes: ArraySlice<UInt8>) -> (consumed: Int, event: Event) {
        for (offset, byte) in bytes.enumerated() {
            if line.last == 0x0d {
                guard byte == 0x0a else { return (offset, .violation(.strayControl)) }
                let ended = Array(line.dropLast())
                line.removeAll(keepingCapacity: true)
                if let event = end(ended) { return (offset + 1, event) }
                continue
            }
            guard byte >= 0x20 && byte != 0x7f || byte == 0x09 || byte == 0x0d else {
                return (offset, .violation(.strayControl))
            }
            // The line feed belongs to it too.
            guard line.count < Self.lineBytesMax - 1 else {
                return (offset, .violation(.lineTooLong))
            }
            line.append(byte)
        }
        return (bytes.count, .needsMore)
    }

    /// Nil when more lines follow.
    private mutating func end(_ line: [UInt8]) -> Event? {
        guard let (code, isLast) = Self.head(of: line) else { return .violation(.malformedLine) }
        guard self.code == nil || self.code == code else { return .violation(.codeChanged) }
        guard lines.count < Self.linesMax else { return .violation(.tooManyLines) }
        self.code = code
        lines.append(Array(line.dropFirst(4)))
        guard isLast else { return nil }
        let reply = SMTPReply(code: code, lines: lines)
        lines = []
        self.code = nil
        return .reply(reply)
    }

    /// The code, of 2 to 5, 0 to 5 and any digit, and whether the line is the last.
    private static func head(of line: [UInt8]) -> (Int, isLast: Bool)? {
        guard line.count >= 3 else { return nil }
        let digits = line.prefix(3).map { Int($0) - 0x30 }
        guard (2...5).contains(digits[0]), (0...5).contains(digits[1]),
            (0...9).contains(digits[2])
        else { return nil }
        let code = digits[0] * 100 + digits[1] * 10 + digits[2]
        switch line.count > 3 ? line[3] : UInt8(ascii: " ") {
        case UInt8(ascii: " "): return (code, true)
        case UInt8(ascii: "-"): return (code, false)
        case _: return nil
        }
    }
}
