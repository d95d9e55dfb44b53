import Testing

@testable import Mail

@Suite struct SMTPReplyTests {
    /// The first event of these octets, given at once and octet by octet.
    private func read(_ text: String) -> SMTPReplyParser.Event {
        read(Array(text.utf8))
    }

    private func read(_ bytes: [UInt8]) -> SMTPReplyParser.Event {
        var whole = SMTPReplyParser()
        let event = whole.take(bytes[...]).event
        var single = SMTPReplyParser()
        for byte in bytes {
            let (consumed, event2) = single.take([byte])
            guard event2 == .needsMore else {
                #expect(event == event2)
                #expect(consumed <= 1)
                return event
            }
        }
        #expect(event == .needsMore)
        return event
    }

    private func reply(_ text: String) throws -> SMTPReply {
        guard case .reply(let reply) = read(text) else {
            throw Unexpected(text: text)
        }
        return reply
    }

    private struct Unexpected: Error { let text: String }

    @Test(arguments: [
        ("220 mail.example ESMTP\r\n", 220, 1), ("250\r\n", 250, 1), ("250 \r\n", 250, 1),
        ("250-a\r\n250-b\r\n250 c\r\n", 250, 3), ("250-\r\n250\r\n", 250, 2),
        ("550 5.1.1 no \u{FC}ser\t\r\n", 550, 1),
    ])
    func `answers of one and more lines are read`(text: String, code: Int, count: Int) throws {
        let reply = try reply(text)
        #expect(reply.code == code)
        #expect(reply.lines.count == count)
    }

    @Test(arguments: [
        ("550 5.1.1 no such user\r\n", "550 5.1.1"), ("250 2.0.0\r\n", "250 2.0.0"),
        ("250-2.1.5 a\r\n250 2.1.5 b\r\n", "250 2.1.5"), ("550 no such user\r\n", "550"),
        // One of another class, or none at all, says nothing.
        ("550 4.1.1 x\r\n", "550"), ("550 5.1 x\r\n", "550"), ("550 5.1.1.1 x\r\n", "550"),
        ("550 5.1000.1 x\r\n", "550"), ("550 5..1 x\r\n", "550"), ("550 5.+1.1 x\r\n", "550"),
        ("250\r\n", "250"),
    ])
    func `the finer code is read where there is one`(text: String, status: String) throws {
        #expect(try reply(text).status.description == status)
    }

    @Test(arguments: [
        "", "2", "220 hello", "220 hello\r", "220-hello\r\n", "220-a\r\n220",
    ])
    func `an answer that is not done wants more`(_ text: String) {
        #expect(read(text) == .needsMore)
    }

    @Test(arguments: [
        ("hello\r\n", SMTPViolation.malformedLine), ("\r\n", .malformedLine),
        ("22\r\n", .malformedLine),
        ("199 a\r\n", .malformedLine), ("600 a\r\n", .malformedLine), ("260 a\r\n", .malformedLine),
        ("2x0 a\r\n", .malformedLine), ("220a\r\n", .malformedLine), ("220_a\r\n", .malformedLine),
        (" 220 a\r\n", .malformedLine), ("-20 a\r\n", .malformedLine),
        ("220-a\r\nb\r\n", .malformedLine),
        ("220 a\n", .strayControl), ("220 a\rb\r\n", .strayControl), ("220 a\r\r\n", .strayControl),
        ("220 \0\r\n", .strayControl), ("220 \u{1b}[0m\r\n", .strayControl),
        ("220 \u{7f}\r\n", .strayControl), ("250-a\r\n251 b\r\n", .codeChanged),
    ])
    func `what is no answer is refused`(text: String, violation: SMTPViolation) {
        #expect(read(text) == .violation(violation))
    }

    @Test func `lines and their number are bounded`() throws {
        let most = SMTPReplyParser.lineBytesMax
        func line(_ count: Int) -> String {
            "220 " + String(repeating: "a", count: count - 6) + "\r\n"
        }
        #expect(try reply(line(most)).code == 220)
        #expect(read(line(most + 1)) == .violation(.lineTooLong))
        #expect(read([UInt8](repeating: 0x61, count: 10_000_000)) == .violation(.lineTooLong))
        let many = String(repeating: "250-a\r\n", count: SMTPReplyParser.linesMax - 1)
        #expect(try reply(many + "250 a\r\n").lines.count == SMTPReplyParser.linesMax)
        #expect(read(many + "250-a\r\n250 a\r\n") == .violation(.tooManyLines))
    }
}
