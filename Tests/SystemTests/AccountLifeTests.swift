import Fixtures
import Foundation
import Testing

/// How accounts begin and end, through the real services.
extension MailDeliveryTests {
    private static let password = "nine slow blue barges"

    /// What stands behind `#` in the link of a mail.
    private func token(
        _ mail: ForeignMailServer.Mail?, _ name: String
    ) throws -> String {
        let text = try #require(mail?.texts.first)
        let link = try #require(
            text.firstMatch(of: /https:\/\/login\.example\.org\/#([a-z-]+)=([A-Za-z0-9_-]{43})/))
        #expect(link.1 == name)
        return String(link.2)
    }

    private func start(_ identifier: String, _ password: String) throws -> HTTPTestClient.Answer {
        try client.call(
            "SignInService/Start",
            json(["identifier": identifier, "password": password, "bearer": true]))
    }

    private func administrate(
        _ method: String, _ body: [String: any Sendable]
    ) throws -> HTTPTestClient.Answer {
        try office.system.administrate(client, "AdminService/" + method, body)
    }

    @Test func `whoever is invited chooses a password by the link and binds as everybody does`()
        throws
    {
        let name = "invited-\(UInt32.random(in: 0 ... .max))"
        let address = "\(name)@example.org"
        let made = try administrate(
            "InviteUser", ["userName": name, "email": address, "locale": "nl"])
        #expect(made.status == 200, "\(made.text)")
        let mail = try #require(try office.mails(to: address, 1).first)
        #expect(mail.subject.contains("je bent uitgenodigd"))
        let link = try token(mail, "reset")
        let complete = json(["token": link, "newPassword": Self.password])
        let done = try client.call("SignInService/CompletePasswordReset", complete)
        #expect(done.status == 200, "\(done.text)")
        let again = try client.call("SignInService/CompletePasswordReset", complete)
        #expect(again.reason == "reset_expired")
        for identifier in [name.uppercased(), address.uppercased()] {
            let step = try start(identifier, Self.password)
            #expect(step.string("bind", "ticket") != nil, "\(step.text)")
        }
        let renewed = try administrate(
            "RenewInvitation",
            ["user": try #require(made.string("user", "id")), "reason": "lost the mail"])
        #expect(renewed.reason == "password_exists")
    }

    @Test func `L-23 who signs up is mailed a link, and who has an account that he has one`()
        throws
    {
        let (person, known) = try office.person("en")
        _ = try office.mails(to: known, 2)
        let unknown = "signing-\(UInt32.random(in: 0 ... .max))@example.org"
        var answers: [HTTPTestClient.Answer] = []
        for address in [known, unknown] {
            answers.append(try client.call("SignInService/SignUp", json(["email": address])))
        }
        #expect(answers.allSatisfy { $0.status == 200 })
        #expect(EnumerationCases.visible(answers[0]) == EnumerationCases.visible(answers[1]))
        let told = try #require(try office.mails(to: known, 3).last)
        #expect(told.subject.contains("you have an account already"))
        #expect(told.texts.first?.contains("#") == false)
        let link = try token(try office.mails(to: unknown, 1).first, "sign-up")
        func confirm(_ name: String) throws -> HTTPTestClient.Answer {
            try client.call(
                "SignInService/ConfirmSignUp",
                json(["token": link, "name": name, "newPassword": Self.password]))
        }
        #expect(try confirm(person.name).reason == "user_name_taken")
        let name = "signed-\(UInt32.random(in: 0 ... .max))"
        let done = try confirm(name)
        #expect(done.status == 200 && done.header("Set-Cookie") == nil, "\(done.text)")
        #expect(try confirm(name + "x").reason == "sign_up_expired")
        #expect(try start(unknown, Self.password).string("bind", "ticket") != nil)
        #expect(!(try office.logs()).contains(link))
    }

    /// Everything that is stored, of all three schemas.
    private func dump() throws -> String {
        let tables = try office.system.installation.sql(
            """
            SELECT schemaname || '.' || tablename FROM pg_tables
            WHERE schemaname IN ('auth', 'verification', 'policy')
            """)
        return try tables.split(separator: "\n").map { table in
            try office.system.installation.sql("SELECT t::text FROM \(table) t")
        }.joined()
    }

    /// Tables and how many rows they have that say they are the user's, but the audits.
    private func owned(_ id: String) throws -> [String: String] {
        let tables = try office.system.installation.sql(
            """
            SELECT table_schema || '.' || table_name FROM information_schema.columns
            WHERE table_schema IN ('auth', 'verification', 'policy') AND column_name = 'user_id'
            """)
        var found: [String: String] = [:]
        for table in tables.split(separator: "\n").map(String.init) {
            found[table] = try office.system.installation.sql(
                "SELECT count(*) FROM \(table) WHERE user_id = '\(id)'"
            ).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return found
    }

    @Test func `of an erased user no schema holds anything, and all of his is free again`() throws {
        let (person, address) = try office.person("en")
        _ = try office.mails(to: address, 2)
        _ = try start(person.name, person.password)
        _ = try client.call("SignInService/BeginPasswordReset", json(["identifier": address]))
        _ = try office.mails(to: address, 3)
        #expect(try dump().contains(address))
        let before = try owned(person.id)
        #expect(before["verification.authenticators"] != "0" && before["auth.sessions"] != "0")
        let erase = ["user": person.id, "reason": "left"]
        let erased = try administrate("EraseUser", erase)
        #expect(erased.status == 200, "\(erased.text)")
        for (table, count) in try owned(person.id)
        where table != "auth.unfinished" && table != "auth.revocations" {
            #expect(count == "0", "\(table)")
        }
        let after = try dump()
        for word in [address, person.name] { #expect(!after.contains(word)) }
        #expect(after.contains(person.id), "the audit keeps what was done")
        #expect(try person.call(client, "AccountService/Get").reason == "not_signed_in")
        #expect(try start(person.name, person.password).reason == "password_wrong")
        #expect(try administrate("EraseUser", erase).reason == "user_not_found")
        let again = try administrate("CreateUser", ["userName": person.name, "email": address])
        #expect(again.status == 200, "\(again.text)")
    }

    @Test func `an erasure while the verification service is away is brought to its end`() throws {
        let (person, address) = try office.person("en")
        _ = try office.mails(to: address, 2)
        let installation = office.system.installation
        try installation.kill(.verification)
        let cut = try administrate("EraseUser", ["user": person.id, "reason": "left"])
        #expect(cut.status == 503, "\(cut.text)")
        #expect(try person.call(client, "AccountService/Get").reason == "not_signed_in")
        #expect(try dump().contains(address))
        try installation.start(.verification)
        // As if the time had passed after which somebody takes it up.
        try installation.sql("UPDATE auth.unfinished SET due_at = clock_timestamp()")
        try office.eventually { try !dump().contains(address) }
        #expect(try owned(person.id)["verification.authenticators"] == "0")
    }

    @Test func `an administrator who has nobody to approve is restored on the machine`() throws {
        let installation = office.system.installation
        let made = try administrate(
            "CreateUser",
            ["userName": "alone-\(UInt32.random(in: 0 ... .max))", "roles": ["administrator"]])
        let name = try #require(made.string("user", "userName"))
        let person = try Person.firstSignIn(
            name, try #require(made.string("initialPassword")), Self.password, client)
        let alone = try administrate(
            "ResetAuthenticators", ["user": person.id, "reason": "lost"])
        #expect(alone.reason == "approval_required")
        let initial = try installation.command("restore-admin", "--name", name)
            .split(separator: "\n").map(String.init).last { !$0.hasPrefix("{") }
        #expect(try person.call(client, "AccountService/Get").reason == "not_signed_in")
        #expect(try start(name, Self.password).reason == "password_wrong")
        let again = try Person.firstSignIn(
            name, try #require(initial), "four other grey herons", client)
        #expect(again.id == person.id)
        let log = try installation.log(.gateway)
        #expect(!log.contains(try #require(initial)))
    }
}
