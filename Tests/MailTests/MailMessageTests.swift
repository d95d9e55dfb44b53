import Testing
import Wire

@testable import Mail

/// A message of ordinary values, of which a test changes what it is about.
func message(
    fromName: String? = "Dubbelslot", from: String = "login@example.com", toName: String? = nil,
    to: String = "ann@example.org", subject: String = "Your code", text: String = "Hello\n",
    html: String = "<p>Hello</p>\n"
) throws -> MailMessage {
    func name(_ text: String?) throws -> MailText? {
        try text.map { try #require(MailText($0)) }
    }
    let sender = MailMessage.Mailbox(name: try name(fromName), address: try address(from))
    let receiver = MailMessage.Mailbox(name: try name(toName), address: try address(to))
    let title = try #require(MailText(subject))
    let token = try #require(MailToken("token-1"))
    return try #require(
        MailMessage(
            from: sender, to: receiver, subject: title, text: text, html: html,
            date: Timestamp(seconds: 1_700_000_000), token: token))
}

func address(_ text: String) throws -> MailAddress {
    try #require(MailAddress(parsing: text))
}

/// The header's lines, joined again where they were folded.
private func header(_ message: MailMessage) -> [String] {
    let text = String(decoding: message.encoded(), as: UTF8.self)
    let head = text.components(separatedBy: "\r\n\r\n").first ?? ""
    return head.replacing("\r\n ", with: " ").components(separatedBy: "\r\n")
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}

@Suite struct MailMessageTests {
    @Test func `a message is the same octets each time`() throws {
        let expected = """
            Date: Tue, 14 Nov 2023 22:13:20 +0000
            From: "Dubbelslot" <login@example.com>
            To: <ann@example.org>
            Subject: Your code
            Message-ID: <token-1@example.com>
            MIME-Version: 1.0
            Auto-Submitted: auto-generated
            Content-Type: multipart/alternative; boundary="=_token-1"

            --=_token-1
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Hello

            --=_token-1
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            <p>Hello</p>

            --=_token-1--

            """
        let encoded = String(decoding: try message().encoded(), as: UTF8.self)
        #expect(encoded == expected.replacing("\n", with: "\r\n"))
        #expect(try message().encoded() == message().encoded())
    }

    @Test(arguments: ["\r", "\n", "\r\n", "\0", "\t", "\u{85}", "\u{2028}", "\u{1b}"])
    func `O-25 no value that could begin a line is a text for mails`(_ control: String) {
        #expect(MailText("a\(control)Bcc: b@example.com") == nil)
        #expect(MailText(control) == nil)
        #expect(MailToken("a\(control)b") == nil)
        #expect(MailLink("https://a.example/\(control)b") == nil)
        let shown = MailText(showing: "a\(control)Bcc: b@example.com")?.text
        #expect(shown == "a Bcc: b@example.com")
    }

    @Test(arguments: [
        "=?UTF-8?B?DQpCY2M6IGE=?=", "a=?UTF-8?Q?=0D=0ABcc:_a?=", "\"", "\\", "\", <b@example.com>",
        "a <b@example.com>, ", "(comment)", "中文", "é", String(repeating: "long ", count: 40) + "x",
        String(repeating: "中", count: 85), String(repeating: "x", count: 256), "a  b", " a", "a ",
    ])
    func `O-25 whatever a name or subject holds, the header's fields are the same`(_ value: String)
        throws
    {
        let message = try message(fromName: value, toName: value, subject: value)
        let names = header(message).map { $0.prefix { $0 != ":" } }
        #expect(
            names == [
                "Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Auto-Submitted",
                "Content-Type",
            ])
        let octets = message.encoded()
        #expect(octets.allSatisfy { $0 < 0x80 })
        for line in String(decoding: octets, as: UTF8.self).components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 76, "\(line)")
            for word in line.split(separator: " ") where word.hasPrefix("=?") {
                #expect(word.utf8.count <= 75)
            }
        }
        #expect(SMTPEnvelope(message).content.count == octets.count)
    }

    @Test func `an address of full length fits into lines that SMTP carries`() throws {
        let long =
            String(repeating: "a", count: 64) + "@"
            + [63, 63, 57].map { String(repeating: "b", count: $0) }.joined(separator: ".") + ".c"
        let message = try message(from: long, toName: "Ann", to: long)
        #expect(SMTPEnvelope(message).sender.text == long)
    }

    @Test func `an address that needs it stands in the header as it is`() throws {
        let fields = header(try message(to: "李雷@例子.example"))
        #expect(fields[2] == "To: <李雷@例子.example>")
        let plain = header(try message(to: "ann@例子.example"))
        #expect(plain[2] == "To: <ann@xn--fsqu00a.example>")
    }

    @Test func `text that is mostly foreign is base64, other text can be read in the source`() {
        #expect(MailEncodings.Body(for: "Héllo, wie geht's?") == .quotedPrintable)
        #expect(MailEncodings.Body(for: "您好") == .base64)
        #expect(MailEncodings.Body(for: "") == .quotedPrintable)
    }

    @Test(arguments: [
        ("a=b", "a=3Db\r\n"), ("é", "=C3=A9\r\n"), ("a \nb\t\r\nc", "a=20\r\nb=09\r\nc\r\n"),
        ("a\rb\u{0}", "a=0Db=00\r\n"), (".\n..", ".\r\n..\r\n"), ("", ""), ("\n\n", "\r\n\r\n"),
        (String(repeating: "x", count: 76), String(repeating: "x", count: 76) + "\r\n"),
        (
            String(repeating: "x", count: 77),
            String(repeating: "x", count: 75) + "=\r\n" + "xx\r\n"
        ),
        (
            String(repeating: "x", count: 74) + "=",
            String(repeating: "x", count: 74) + "=\r\n=3D\r\n"
        ),
    ])
    func `quoted-printable is as RFC 2045 has it`(text: String, expected: String) {
        let encoded = String(decoding: MailEncodings.quotedPrintable(text), as: UTF8.self)
        #expect(encoded == expected)
    }

    @Test func `texts are bounded`() throws {
        let most = String(repeating: "=", count: MailMessage.bodyBytesMax)
        #expect(SMTPEnvelope(try message(text: most, html: most)).content.count > 400_000)
        let mailbox = MailMessage.Mailbox(name: nil, address: try address("ann@example.com"))
        let (subject, token) = (try #require(MailText("x")), try #require(MailToken("x")))
        for (text, html) in [(most + "=", ""), ("", most + "=")] {
            let isMade =
                MailMessage(
                    from: mailbox, to: mailbox, subject: subject, text: text, html: html,
                    date: Timestamp(seconds: 0), token: token) != nil
            #expect(!isMade)
        }
    }

    @Test(arguments: [
        "https://a.example", "https://a.example/b?c=d&e=%20#f", "http://localhost:8080/a",
        "http://127.0.0.1/",
    ])
    func `a link is absolute`(_ text: String) { #expect(MailLink(text)?.text == text) }

    @Test(arguments: [
        "", "https://", "https:///a", "http://a.example", "http://localhost.a.example/",
        "javascript:alert(1)", "//a.example", "/a", "https://a.example/\"", "https://a.example/ b",
        "https://a.example/<b>", "https://a@b.example/", "https://a.example/é",
    ])
    func `what may lead elsewhere is no link`(_ text: String) { #expect(MailLink(text) == nil) }

    @Test func `a foreign value is cut, and a name that might become a link is known`() {
        let long = MailText(showing: String(repeating: "a", count: 10_000))
        #expect(long?.text == String(repeating: "a", count: 80) + "…")
        #expect(MailText(showing: String(repeating: "\u{1F468}", count: 500)) != nil)
        #expect(MailText(showing: " \r\n ") == nil)
        #expect(MailText(showing: "a\u{202E}b")?.text == "a b")
        for link in ["evil.example", "https://x", "a@b", "www。evil", "//x"] {
            #expect(MailText(link)?.looksLikeLink == true, "\(link)")
        }
        for name in ["Ann", "J. Smith", "Dr. Ann B.", "李雷", "O'Brien-Li Jr."] {
            #expect(MailText(name)?.looksLikeLink == false, "\(name)")
        }
    }
}
