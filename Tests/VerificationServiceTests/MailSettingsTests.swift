import Contracts
import Daemon
import Fixtures
import Foundation
import Mail
import Reactor
import TLS
import Testing
import Wire

@testable import VerificationService

/// The mail server's settings, and mails by them.
@Suite struct MailSettingsTests {
    private static let right = [
        "MAIL_HOST": "mail.example.org", "MAIL_FROM": "door@example.org",
        "PUBLIC_ADDRESS": "https://login.example.org",
    ]

    private func read(_ more: [String: String]) -> (VerificationSettings, [String]) {
        var environment: [String: String] = [:]
        for (name, value) in more { environment["DUBBELSLOT_" + name] = value }
        var reader = SettingsReader(SettingsSource(environment: environment))
        let settings = VerificationSettings(&reader)
        let problems = reader.problems.filter { $0.contains("MAIL") || $0.contains("PUBLIC") }
        return (settings, problems)
    }

    @Test func `without a host there is no mail, and with one all that it takes`() throws {
        #expect(read([:]).0.mail.exit == nil && read([:]).1.isEmpty)
        let (settings, problems) = read(Self.right)
        #expect(problems.isEmpty)
        let exit = try #require(settings.mail.exit)
        #expect(exit.server.port == 587 && exit.server.security == .startTLS)
        #expect(exit.server.credentials == nil)
        #expect(exit.authorityFile == TLSContext.systemAuthorityFile)
        #expect(exit.from.address.text == "door@example.org" && exit.from.name == nil)
        let more = [
            "MAIL_PORT": "465", "MAIL_SECURITY": "tls", "MAIL_USER": "door",
            "MAIL_PASSWORD": "canary-password", "MAIL_FROM_NAME": "The door",
            "MAIL_AUTHORITY_FILE": "/x.pem", "MAIL_LOCAL_NAME": "login.example.org",
        ]
        let (all, none) = read(Self.right.merging(more) { $1 })
        #expect(none.isEmpty && all.mail.exit?.server.credentials != nil)
        #expect(all.mail.exit?.from.name?.text == "The door")
    }

    @Test func `what can be set of messages is handed on by Services/up`() throws {
        var reader = SettingsReader(SettingsSource(environment: [:]))
        _ = VerificationSettings(&reader)
        let found = reader.described().matches(of: /DUBBELSLOT_((?:MAIL|SMS|MESSAGES)_[A-Z_]+)/)
        let names = Set(found.map { String($0.1) }).filter { $0 != "MAIL_PASSWORD_FILE" }
        #expect(names.count >= 13, "\(names.sorted())")
        let up = try String(contentsOfFile: RepositoryRoot.path("Services/up"), encoding: .utf8)
        let words = Set(up.split(whereSeparator: \.isWhitespace).map(String.init))
        for name in names {
            #expect(words.contains(name == "MAIL_PASSWORD" ? name + "_FILE" : name), "\(name)")
        }
    }

    @Test(
        arguments: [
            ["MAIL_FROM": "no address"], ["MAIL_USER": "alone"], ["MAIL_PASSWORD": "alone"],
            ["MAIL_HOST": "two words"], ["MAIL_LOCAL_NAME": "a b"], ["MAIL_SECURITY": "none"],
            ["MAIL_PORT": "0"], ["PUBLIC_ADDRESS": "http://login.example.org"],
            ["PUBLIC_ADDRESS": "https://login.example.org/page"],
            ["PUBLIC_ADDRESS": "https://a@b"], ["PUBLIC_ADDRESS": "https://"],
            ["PUBLIC_ADDRESS": "https://Login.example.org"],
        ])
    func `what cannot be right keeps the service from starting`(_ wrong: [String: String]) {
        let problems = read(Self.right.merging(wrong) { $1 }).1
        #expect(!problems.isEmpty)
        #expect(!problems.joined().contains("alone"))
    }

    @Test func `a mail server without a public address is a mistake`() {
        var some = Self.right
        some["PUBLIC_ADDRESS"] = nil
        #expect(read(some).1.count == 1)
    }

    private func carrier() throws -> MailCarrier {
        let (settings, _) = read(
            Self.right.merging(["MAIL_HOST": "localhost", "MAIL_SECURITY": "plain"]) { $1 })
        let exit = try #require(settings.mail.exit)
        let resolver = Resolver(pool: BlockingPool(name: "names", threads: 1, queueMax: 1))
        return MailCarrier(
            client: SMTPClient(exit.server, resolver: resolver, context: nil), from: exit.from,
            product: MailText(literal: "Dubbelslot"), address: try #require(settings.address))
    }

    private static let taken = Outbox.Taken(
        id: .sample, user: .sample, tries: 1, createdAt: Timestamp(seconds: 1_700_000_000),
        sealed: Bytes([]))

    @Test func `H-73 a link begins with the address of the settings and keeps its token behind #`()
        throws
    {
        var message = OutboundMessage(.passwordReset, to: OutboxTests.receiver)
        message.secret = ResetToken.sample.text
        message.place = "evil.example"
        let mail = try #require(try carrier().mail(message, Self.taken))
        let link = "https://login.example.org/#reset=" + message.secret
        #expect(mail.text.contains(link) && mail.html.contains(link))
        let hosts = mail.text.matches(of: /https?:\/\/[^\/\s]*/).map { String($0.output) }
        #expect(Set(hosts) == ["https://login.example.org"])
        #expect(!mail.subject.text.contains(message.secret))
    }

    @Test func `the same message makes the same mail, in its receiver's language`() throws {
        let carrier = try carrier()
        for subject in MessageSubject.allCases {
            var message = OutboundMessage(subject, to: OutboxTests.receiver)
            message.title = "App"
            message.secret = subject == .passwordReset ? ResetToken.sample.text : "12345678"
            let mail = try #require(carrier.mail(message, Self.taken), "\(subject)")
            #expect(mail.encoded() == carrier.mail(message, Self.taken)?.encoded())
            #expect(mail.text.contains("Dubbelslot"))
            #expect(mail.html.contains("lang=\"nl\""))
        }
        var nowhere = OutboundMessage(.passwordChanged, to: OutboxTests.receiver)
        nowhere.receiver = "a@b\r\nBcc: c@d"
        #expect(carrier.mail(nowhere, Self.taken) == nil)
    }
}
