import Fixtures
import Foundation
import Testing

/// What owners are told by mail and the link for a forgotten password, with a mail server of
/// foreign making that proves its name. An installation of its own, one test at a time.
@Suite(.serialized) struct MailDeliveryTests {
    private static let own = Result { try PostOffice() }
    let office: PostOffice
    let client: HTTPTestClient

    init() throws {
        office = try Self.own.get()
        client = try office.system.installation.client()
    }

    @Test func `binding, unbinding and a new password are told in the user's language`() throws {
        let words = [
            ("en", "a second factor was added", "your password was changed"),
            ("nl", "er is een tweede factor toegevoegd", "je wachtwoord is gewijzigd"),
            ("zh", "已添加第二验证方式", "您的密码已修改"),
        ]
        for (locale, bound, changed) in words {
            let (_, address) = try office.person(locale)
            let subjects = try office.mails(to: address, 2).map { $0.subject }
            #expect(subjects.contains { $0.contains(bound) }, "\(subjects)")
            #expect(subjects.contains { $0.contains(changed) }, "\(subjects)")
        }
        let (person, address) = try office.person("nl")
        _ = try office.mails(to: address, 2)
        let begun = try person.call(client, "AccountService/BeginBinding", ["verifier": "totp"])
        let secret = try #require(begun.string("totp", "secret"), "\(begun.text)")
        let second = try person.call(
            client, "AccountService/ConfirmBinding", ["code": try Person.code(secret)])
        let id = try #require(second.string("authenticator", "id"), "\(second.text)")
        try office.system.rewind(person)
        let unbound = try person.call(
            client, "AccountService/Unbind",
            [
                "authenticator": id, "provedWith": person.authenticator,
                "code": try person.code(),
            ])
        #expect(unbound.status == 200, "\(unbound.text)")
        let subjects = try office.mails(to: address, 4).map { $0.subject }
        #expect(subjects.contains { $0.contains("er is een tweede factor verwijderd") })
    }

    @Test func `C-08, C-09, O-27 a link that a scanner has opened sets a password once`() throws {
        let (person, address) = try office.person("en")
        _ = try office.mails(to: address, 2)
        let asked = try client.call(
            "SignInService/BeginPasswordReset", json(["identifier": address]))
        #expect(asked.status == 200)
        let mail = try #require(try office.mails(to: address, 3).last)
        let text = try #require(mail.texts.first)
        let token = try #require(
            text.firstMatch(of: /https:\/\/login\.example\.org\/#reset=([A-Za-z0-9_-]{43})/))
        // What opens links before people do reads the page, or asks for more of its own making.
        let path = "/dubbelslot.v1.SignInService/CompletePasswordReset"
        for opened in ["/", "/?reset=\(token.1)", "\(path)?token=\(token.1)"] {
            let answer = try client.get(opened)
            #expect(answer.header("Set-Cookie") == nil)
            #expect(!answer.text.contains(token.1))
        }
        let new = "nine slow blue barges"
        let complete = json(["token": String(token.1), "newPassword": new])
        let done = try client.call("SignInService/CompletePasswordReset", complete)
        #expect(done.status == 200, "\(done.text)")
        #expect(done.header("Set-Cookie") == nil)
        let again = try client.call("SignInService/CompletePasswordReset", complete)
        #expect(again.reason == "reset_expired")
        #expect(try person.call(client, "AccountService/Get").reason == "not_signed_in")
        let old = try client.call(
            "SignInService/Start",
            json(["identifier": person.name, "password": person.password, "bearer": true]))
        #expect(old.reason == "password_wrong")
        let start = try client.call(
            "SignInService/Start",
            json(["identifier": person.name, "password": new, "bearer": true]))
        #expect(start.string("verify", "ticket") != nil, "\(start.text)")
        #expect(try office.mails(to: address, 4).last?.subject.contains("password") == true)
        let logs = try office.logs()
        #expect(!logs.contains(String(token.1)))
    }

    @Test func `a mail that the server was away for is delivered when it is back`() throws {
        let (_, address) = try office.person("en")
        _ = try office.mails(to: address, 2)
        office.close()
        let asked = try client.call(
            "SignInService/BeginPasswordReset", json(["identifier": address]))
        #expect(asked.status == 200)
        try office.eventually { try office.waiting() == 1 }
        #expect(try office.system.installation.log(.verification).contains("message_delayed"))
        try office.open()
        #expect(try office.mails(to: address, 1).first?.texts.first?.contains("#reset=") == true)
        try office.eventually { try office.waiting() == 0 }
    }

    @Test func `a mail is sent once by the process that comes after one killed while sending`()
        throws
    {
        let (_, address) = try office.person("en")
        _ = try office.mails(to: address, 2)
        // It takes connections and says nothing, so the message stays under way.
        office.close()
        let silent = try office.silence()
        let asked = try client.call(
            "SignInService/BeginPasswordReset", json(["identifier": address]))
        #expect(asked.status == 200)
        try office.eventually {
            try office.system.installation.sql(
                "SELECT tries FROM verification.outbox WHERE sealed IS NOT NULL"
            ).hasPrefix("1")
        }
        try office.system.installation.kill(.verification)
        silent.end(seconds: 0)
        // As if the dead process's lease had run out.
        try office.system.installation.sql(
            "UPDATE verification.outbox SET due_at = clock_timestamp() WHERE sealed IS NOT NULL")
        try office.open()
        try office.system.installation.start(.verification)
        #expect(try office.mails(to: address, 1).count == 1)
        try office.eventually { try office.waiting() == 0 }
        #expect(try office.mails(to: address, 1).count == 1)
    }

    @Test func `O-15 no address, token or text of a mail stands in the database or a log`() throws {
        let (_, address) = try office.person("en")
        _ = try office.mails(to: address, 2)
        _ = try client.call("SignInService/BeginPasswordReset", json(["identifier": address]))
        let mails = try office.mails(to: address, 3)
        let token = try #require(
            mails.last?.texts.first?.firstMatch(of: /#reset=([A-Za-z0-9_-]{43})/)
        )
        let installation = office.system.installation
        let tables = try installation.sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'verification'")
        var dump = try office.logs()
        for table in tables.split(separator: "\n") {
            dump += try installation.sql("SELECT t::text FROM verification.\(table) t")
        }
        #expect(dump.contains("password_reset"))
        for secret in [address, String(token.1), "canary"] {
            #expect(!dump.contains(secret), "\(secret)")
        }
    }
}
