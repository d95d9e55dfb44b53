import Fixtures
import Foundation
import Synchronization
import Testing

/// What owners are told by mail and the link for a forgotten password, with a mail server of
/// foreign making that proves its name. An installation of its own, one test at a time.
@Suite(.serialized) struct MailDeliveryTests {
    private static let own = Result { try PostOffice() }
    private let office: PostOffice
    private let client: HTTPTestClient

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

    @Test func `C-08 C-09 a link sets a new password once and opens no session`() throws {
        let (person, address) = try office.person("en")
        _ = try office.mails(to: address, 2)
        let asked = try client.call(
            "SignInService/BeginPasswordReset", json(["identifier": address]))
        #expect(asked.status == 200)
        let mail = try #require(try office.mails(to: address, 3).last)
        let text = try #require(mail.texts.first)
        let token = try #require(
            text.firstMatch(of: /https:\/\/login\.example\.org\/#reset=([A-Za-z0-9_-]{43})/))
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

/// An installation with a mail server that can be closed and opened again.
private final class PostOffice: Sendable {
    let system: System
    private let port: UInt16
    private let leaf: TestAuthority.Leaf
    private let authority: TestAuthority
    private let server = Mutex<ForeignMailServer?>(nil)

    init() throws {
        authority = try TestAuthority()
        leaf = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["DNS:localhost"]
                $0.purposes = "serverAuth"
            })
        port = FreePort.take()
        system = try System([
            "DUBBELSLOT_MAIL_HOST": "localhost", "DUBBELSLOT_MAIL_PORT": String(port),
            "DUBBELSLOT_MAIL_SECURITY": "starttls", "DUBBELSLOT_MAIL_USER": "mailer",
            "DUBBELSLOT_MAIL_PASSWORD": "secret",
            "DUBBELSLOT_MAIL_AUTHORITY_FILE": authority.file,
            "DUBBELSLOT_MAIL_FROM": "door@example.org",
            "DUBBELSLOT_PUBLIC_ADDRESS": "https://login.example.org",
        ])
        try open()
    }

    func open() throws {
        let fresh = try ForeignMailServer(leaf, protection: "starttls", port: port)
        server.withLock { $0 = fresh }
    }

    func close() { server.withLock { $0 = nil } }

    /// Something in the server's place that takes connections and never speaks.
    func silence() throws -> ChildProcess {
        let script = """
            import socket, time
            s = socket.create_server(("127.0.0.1", \(port)))
            print("silent", flush=True)
            time.sleep(600)
            """
        let child = try ChildProcess(try ForeignMailServer.python.get(), ["-c", script])
        try eventually { child.output.contains("silent") }
        return child
    }

    /// A user with an address who has bound an app and chosen a password.
    func person(_ locale: String) throws -> (Person, address: String) {
        let name = "user-\(UInt32.random(in: 0 ... .max))"
        let address = "canary.\(name)@example.org"
        let initial = try system.initialPassword(
            of: name, ["email": address, "locale": locale, "displayName": "Canary Ann"])
        let person = try Person.firstSignIn(
            name, initial, "a kettle full of rain", try system.installation.client())
        return (person, address)
    }

    /// Mails to an address, once there are so many.
    func mails(to address: String, _ count: Int) throws -> [ForeignMailServer.Mail] {
        var found: [ForeignMailServer.Mail] = []
        try eventually {
            let server = server.withLock { $0 }
            found = try server?.mails.filter { $0.receivers == [address] } ?? []
            return found.count >= count
        }
        return found
    }

    /// Messages that were not settled yet.
    func waiting() throws -> Int {
        let count = try system.installation.sql(
            "SELECT count(*) FROM verification.outbox WHERE sealed IS NOT NULL")
        return Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    func logs() throws -> String {
        let names: [Installation.Name] = [.postgres, .verification, .gateway, .secondGateway]
        return try names.map { try system.installation.log($0) }.joined()
    }

    func eventually(_ condition: () throws -> Bool) throws {
        let end = Date().addingTimeInterval(40)
        while try !condition() {
            try #require(Date() < end, "it did not come to that in time")
            usleep(50_000)
        }
    }
}

extension ForeignMailServer.Mail {
    fileprivate var subject: String { fields.first { $0.first == "Subject" }?.last ?? "" }
}
