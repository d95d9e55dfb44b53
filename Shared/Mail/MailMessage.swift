import Wire

/// What a message is known by, once and for ever: letters, digits, `-` and `_` before the sender's
/// domain (RFC 5322 §3.6.4). The same token marks the borders between its parts.
package struct MailToken: Sendable, Hashable {
    package static let bytesMax = 64

    let text: String

    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
        }
        guard (1...Self.bytesMax).contains(text.utf8.count), isPlain else { return nil }
        self.text = text
    }
}

/// A mail of one text in two forms, plain and HTML, to one receiver. Its parts can be nothing but
/// what they are: whatever an address or a line of text holds cannot begin a header, and bodies are
/// encoded. The same values give the same octets.
///
/// It is ASCII throughout but for an address that cannot be written so.
package struct MailMessage: Sendable, Equatable {
    /// Somebody's address with his name before it, if it is known.
    package struct Mailbox: Sendable, Equatable {
        package let name: MailText?
        package let address: MailAddress

        package init(name: MailText?, address: MailAddress) {
            self.name = name
            self.address = address
        }
    }

    package let from: Mailbox
    package let to: Mailbox
    package let subject: MailText
    /// Lines that end in LF or CRLF.
    package let text: String
    package let html: String
    package let date: Timestamp
    package let token: MailToken

    /// Of each of the two texts.
    package static let bodyBytesMax = 64 * 1024

    /// Nil when a text is longer than it may be.
    package init?(
        from: Mailbox, to: Mailbox, subject: MailText, text: String, html: String,
        date: Timestamp, token: MailToken
    ) {
        guard text.utf8.count <= Self.bodyBytesMax, html.utf8.count <= Self.bodyBytesMax else {
            return nil
        }
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.html = html
        self.date = date
        self.token = token
    }

    /// RFC 5322 with CRLF line ends: lines within 76 octets, or 998 where one address is longer.
    package func encoded() -> [UInt8] {
        var output: [UInt8] = []
        func add(_ line: String) { output += Array(line.utf8) + MailEncodings.lineEnd }
        add("Date: " + date.internetDate(zone: "+0000"))
        add(Self.field("From", from))
        add(Self.field("To", to))
        add(Self.field("Subject", subject))
        add(Self.folded("Message-ID:", "<\(token.text)@\(from.address.domain.ascii)>"))
        add("MIME-Version: 1.0")
        // Nobody's out-of-office answer comes back (RFC 3834 §5).
        add("Auto-Submitted: auto-generated")
        add(Self.folded("Content-Type: multipart/alternative;", "boundary=\"\(boundary)\""))
        for (kind, content) in [("plain", text), ("html", html)] {
            let encoding = MailEncodings.Body(for: content)
            add("")
            add("--" + boundary)
            add("Content-Type: text/\(kind); charset=utf-8")
            add("Content-Transfer-Encoding: \(encoding.rawValue)")
            add("")
            output += encoding.encode(content)
        }
        add("")
        add("--" + boundary + "--")
        return output
    }

    /// No line of a body can be one: `=` begins an escape in quoted-printable and ends base64,
    /// and neither has an underscore behind it (RFC 2045 §6.7).
    private var boundary: String { "=_" + token.text }

    private static func field(_ name: String, _ mailbox: Mailbox) -> String {
        let address = "<\(mailbox.address.ascii ?? mailbox.address.text)>"
        guard let person = mailbox.name else { return folded(name + ":", address) }
        let phrase =
            fitsInQuotes(person.text)
            ? "\"" + person.text.map { "\"\\".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "\""
            : MailEncodings.encodedWords(person.text, column: name.utf8.count + 2)
        return folded("\(name): \(phrase)", address)
    }

    /// Of the words before an address, what needs no encoding; short enough for its line.
    private static func fitsInQuotes(_ text: String) -> Bool {
        isPlain(text) && text.utf8.count <= 32
    }

    private static func field(_ name: String, _ value: MailText) -> String {
        let plain = "\(name): \(value.text)"
        if isPlain(value.text), plain.utf8.count <= MailEncodings.lineMax { return plain }
        return "\(name): " + MailEncodings.encodedWords(value.text, column: name.utf8.count + 2)
    }

    /// Visible ASCII and blanks inside, and nothing that a reader would take for encoded.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } && !text.contains("=?")
            && text.first != " " && text.last != " "
    }

    /// On one line where both fit, else on two.
    private static func folded(_ first: String, _ second: String) -> String {
        let column =
            first.utf8.count
            - (first.utf8.lastIndex(of: 0x0a).map {
                first.utf8.distance(from: first.utf8.startIndex, to: $0) + 1
            } ?? 0)
        let fits = column + 1 + second.utf8.count <= MailEncodings.lineMax
        return first + (fits ? " " : "\r\n ") + second
    }
}
