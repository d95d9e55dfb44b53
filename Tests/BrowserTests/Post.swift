import Fixtures
import Foundation
import Testing

/// Where the messages of an installation go: a mail server and a webhook, both of foreign making.
final class Post: Sendable {
    let mail: ForeignMailServer
    let texts: ForeignTextServer
    private let authority: TestAuthority

    init() throws {
        authority = try TestAuthority()
        let leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["DNS:localhost"]
                $0.purposes = "serverAuth"
            })
        mail = try ForeignMailServer(leaf, protection: "starttls")
        texts = try ForeignTextServer(leaf)
    }

    /// What the verification service is told of it.
    var settings: [String: String] {
        [
            "DUBBELSLOT_MAIL_HOST": "localhost", "DUBBELSLOT_MAIL_PORT": String(mail.port),
            "DUBBELSLOT_MAIL_USER": "mailer", "DUBBELSLOT_MAIL_PASSWORD": "secret",
            "DUBBELSLOT_MAIL_AUTHORITY_FILE": authority.file,
            "DUBBELSLOT_MAIL_FROM": "door@example.org",
            "DUBBELSLOT_SMS_AUTHORITY_FILE": authority.file,
        ]
    }

    /// The last code that went to a number or an address.
    func code(to receiver: String) throws -> String {
        if let text = try texts.texts.last(where: { $0.receiver == receiver }) { return text.code }
        let mail = try #require(try mails(to: receiver).last { $0.contains("code") })
        return String(try #require(mail.firstMatch(of: /\b\d{8}\b/)).0)
    }

    /// The texts of the mails to an address.
    func mails(to address: String) throws -> [String] {
        try mail.mails.filter { $0.receivers == [address] }.compactMap { $0.texts.first }
    }

    /// How many messages were taken in all.
    func count() throws -> Int { try texts.texts.count + mail.mails.count }
}
