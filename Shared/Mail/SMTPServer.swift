import Wire

/// How the way to a mail server is protected. There is no "if it can be had": an attacker would say
/// that it cannot.
package enum SMTPSecurity: String, Sendable, CaseIterable {
    /// TLS from the first octet (RFC 8314 §3.3), as on port 465.
    case implicitTLS = "tls"
    /// The connection has to become TLS before anything is said on it (RFC 3207), as on port 587.
    case startTLS = "starttls"
    /// Nothing: for a server on this very machine only.
    case plainOnLoopback = "plain"
}

/// A name and a password for a mail server. No printing shows either.
package struct SMTPCredentials: Sendable, Equatable, CustomStringConvertible {
    package static let bytesMax = 255

    let user: Bytes
    let password: Bytes

    /// Nil for an empty or longer one, and for what RFC 4616 §2 cannot carry.
    package init?(user: String, password: Bytes) {
        let user = Bytes(utf8: user)
        for part in [user, password] {
            guard (1...Self.bytesMax).contains(part.count), !part.array.contains(0) else {
                return nil
            }
        }
        self.user = user
        self.password = password
    }

    package var description: String { "credentials of a mail server" }
}

/// The mail server that takes our mail.
package struct SMTPServer: Sendable, Equatable {
    /// A name, or an address in text; the one that its certificate has to prove.
    package let host: String
    package let port: UInt16
    package let security: SMTPSecurity
    package let credentials: SMTPCredentials?
    /// What we call ourselves in EHLO: a domain, or an address in brackets.
    package let localName: String

    package static let nameBytesMax = 253

    /// Nil when a name holds anything but letters, digits and `- . _ :`, in brackets or not.
    package init?(
        host: String, port: UInt16, security: SMTPSecurity, credentials: SMTPCredentials? = nil,
        localName: String = "[127.0.0.1]"
    ) {
        let isInBrackets = localName.hasPrefix("[") && localName.hasSuffix("]")
        let inner = isInBrackets ? String(localName.dropFirst().dropLast()) : localName
        guard port > 0, Self.isName(host), Self.isName(inner) else { return nil }
        self.host = host
        self.port = port
        self.security = security
        self.credentials = credentials
        self.localName = localName
    }

    private static func isName(_ text: String) -> Bool {
        (1...nameBytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || "-._:".utf8.contains(byte)
            }
    }
}

/// A mail on its way: who sends it, who gets it, and what SMTP can carry. A line end is CRLF and
/// nothing else, so that no server takes a part of the content for a command.
package struct SMTPEnvelope: Sendable, Equatable {
    package let sender: MailAddress
    package let receiver: MailAddress
    let content: Bytes

    /// RFC 5321 §4.5.3.1.6, without CRLF.
    package static let lineBytesMax = 998
    package static let contentBytesMax = 1 << 20

    package init(_ message: MailMessage) {
        guard
            let envelope = SMTPEnvelope(
                sender: message.from.address, receiver: message.to.address,
                content: Bytes(message.encoded()))
        else { preconditionFailure("a message of ours that SMTP cannot carry") }
        self = envelope
    }

    /// Nil unless the content is of lines that each end in CRLF and hold neither NUL nor another
    /// carriage return or line feed.
    package init?(sender: MailAddress, receiver: MailAddress, content: Bytes) {
        guard (1...Self.contentBytesMax).contains(content.count), Self.isOfLines(content.array)
        else { return nil }
        self.sender = sender
        self.receiver = receiver
        self.content = content
    }

    private static func isOfLines(_ content: [UInt8]) -> Bool {
        var column = 0
        var isAfterReturn = false
        for byte in content {
            switch byte {
            case 0x0a where isAfterReturn:
                column = 0
                isAfterReturn = false
                continue
            case 0, 0x0a: return false
            case _ where isAfterReturn: return false
            case 0x0d: isAfterReturn = true
            case _:
                column += 1
                guard column <= lineBytesMax else { return false }
            }
        }
        return column == 0 && !isAfterReturn
    }

    var isEightBit: Bool { content.array.contains { $0 >= 0x80 } }

    /// The content as DATA takes it, with its end: a line that begins with a dot gets another
    /// (RFC 5321 §4.5.2), so that nothing within is taken for the end.
    func stuffed() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(content.count + 64)
        var isAtStart = true
        for byte in content.array {
            if isAtStart, byte == UInt8(ascii: ".") { output.append(byte) }
            output.append(byte)
            isAtStart = byte == 0x0a
        }
        return output + [UInt8(ascii: "."), 0x0d, 0x0a]
    }
}
