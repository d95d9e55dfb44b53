import Daemon
import Mail
import TLS
import Wire

/// The mail server that takes our mail, if there is one.
struct MailSettings: Settings {
    /// Nil: this installation sends no mail.
    let exit: MailExit?

    init(_ reader: inout SettingsReader) {
        let host = reader.optionalText(
            "MAIL_HOST", max: SMTPServer.nameBytesMax,
            "The server that takes our mail; without one no mail is sent.")
        let port = reader.integer(
            "MAIL_PORT", default: 587, in: 1...65_535, unit: "port", "Where it listens.")
        let security = reader.choice(
            "MAIL_SECURITY", default: SMTPSecurity.startTLS,
            "starttls, tls from the first octet, or plain, which is for this very machine only.")
        let user = reader.optionalText(
            "MAIL_USER", max: SMTPCredentials.bytesMax, "Our name at the mail server.")
        let password = reader.optionalSecret(
            "MAIL_PASSWORD", max: SMTPCredentials.bytesMax, "Our password at the mail server.")
        let authorityFile = reader.optionalPath(
            "MAIL_AUTHORITY_FILE",
            "Who vouches for the mail server's name, PEM; those of the system by default.")
        let from = reader.optionalText(
            "MAIL_FROM", max: MailAddress.bytesMax, "The address that our mails come from.")
        let fromName = reader.optionalText(
            "MAIL_FROM_NAME", max: MailText.bytesMax, "The name before that address.")
        let localName = reader.text(
            "MAIL_LOCAL_NAME", default: "[127.0.0.1]", max: SMTPServer.nameBytesMax,
            "What we call ourselves to the mail server: a domain, or an address in brackets.")
        guard let host else {
            exit = nil
            return
        }
        reader.require(
            (user == nil) == (password == nil),
            "DUBBELSLOT_MAIL_USER and DUBBELSLOT_MAIL_PASSWORD go together.")
        var credentials: SMTPCredentials?
        if let user, let password {
            credentials = SMTPCredentials(user: user, password: Bytes(password.reveal()))
            reader.require(
                credentials != nil, "DUBBELSLOT_MAIL_USER or …_PASSWORD holds a zero octet.")
        }
        let server = SMTPServer(
            host: host, port: UInt16(clamping: port), security: security,
            credentials: credentials, localName: localName)
        reader.require(
            server != nil, "DUBBELSLOT_MAIL_HOST or DUBBELSLOT_MAIL_LOCAL_NAME is no name.")
        let sender = from.flatMap { MailAddress(parsing: $0) }
        reader.require(
            sender != nil,
            "DUBBELSLOT_MAIL_FROM must be an address, as DUBBELSLOT_MAIL_HOST is set.")
        let name = fromName.flatMap { MailText($0) }
        reader.require(
            fromName == nil || name != nil, "DUBBELSLOT_MAIL_FROM_NAME holds control characters.")
        exit = server.flatMap { server in
            sender.map {
                MailExit(
                    server: server, from: MailMessage.Mailbox(name: name, address: $0),
                    authorityFile: authorityFile ?? TLSContext.systemAuthorityFile)
            }
        }
    }
}

/// Where mail leaves, and as whose.
struct MailExit: Sendable {
    let server: SMTPServer
    let from: MailMessage.Mailbox
    /// PEM.
    let authorityFile: String
}

/// Where browsers reach this installation: links in mails begin with it, and nothing that comes
/// with a request ever does.
struct PublicAddress: Sendable, Equatable {
    /// As browsers write an origin (RFC 6454 §6.2): no path and no slash behind it.
    let origin: String

    /// Nil unless it is `https://host`, with a port or without, or `http://localhost` for trying.
    init?(_ text: String) {
        let origin = text.hasSuffix("/") ? String(text.dropLast()) : text
        let parts = origin.split(separator: "/", omittingEmptySubsequences: false)
        guard MailLink(origin + "/") != nil, parts.count == 3, let authority = parts.last,
            authority.utf8.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || "-.:".utf8.contains(byte)
            })
        else { return nil }
        self.origin = origin
    }

    /// - Parameter path: From the slash on.
    func page(_ path: String) -> MailLink? { MailLink(origin + path) }
}
