import Fixtures
import Foundation
import Testing
import Wire

/// What a user does, step by step, and every secret that comes of it.
final class EveryKindWalk {
    private let office: PostOffice
    private let system: System
    /// Of the first gateway, and of the second.
    private let client: HTTPTestClient
    private let other: HTTPTestClient
    /// Every answer, with the method that was called.
    private(set) var answers: [(method: String, answer: HTTPTestClient.Answer)] = []
    private(set) var secrets: [CanarySecret] = []
    private var codes: [String] = []

    init(_ office: PostOffice) throws {
        self.office = office
        system = office.system
        client = try system.installation.client()
        other = try system.installation.client(of: .secondGateway)
    }

    private func keep(
        _ method: String, _ answer: HTTPTestClient.Answer
    ) -> HTTPTestClient.Answer {
        answers.append((method, answer))
        return answer
    }

    /// A call under nobody's session.
    private func call(
        _ client: HTTPTestClient, _ method: String, _ body: [String: any Sendable]
    ) throws -> HTTPTestClient.Answer {
        keep(method, try client.call(method, json(body)))
    }

    private func administrate(
        _ method: String, _ body: [String: any Sendable] = [:]
    ) throws -> HTTPTestClient.Answer {
        keep(method, try system.administrate(client, method, body))
    }

    private func call(
        by person: Person, _ method: String, _ body: [String: any Sendable] = [:]
    ) throws -> HTTPTestClient.Answer {
        keep(method, try person.call(client, method, body))
    }

    func makeVerifiers() throws {
        let webhook = ["url": office.webhook.url, "secret": office.webhook.secret]
        let sms: [String: any Sendable] = ["codeDigits": 8, "webhook": webhook]
        let verifiers: [[String: any Sendable]] = [
            ["uid": "sms", "type": "sms", "title": "Text message", "sms": sms],
            ["uid": "mail", "type": "email", "title": "Mail"],
        ]
        for verifier in verifiers {
            let made = try administrate("AdminService/CreateVerifier", verifier)
            #expect(made.status == 200, "\(made.text)")
        }
        let settings = try administrate("AdminService/GetTwoFactorSettings")
        let chosen = try administrate(
            "AdminService/UpdateTwoFactorSettings",
            [
                "version": settings.string("version") ?? "", "enforcement": "everyone",
                "verifiers": ["totp", "sms", "mail"], "reason": "every kind",
            ])
        #expect(chosen.status == 200, "\(chosen.text)")
    }

    func firstSignIn() throws -> Person {
        let name = "canary-\(UInt32.random(in: 0 ... .max))"
        let created = try administrate(
            "AdminService/CreateUser",
            ["userName": name, "email": "account.\(name)@example.org", "locale": "en"])
        let initial = try #require(created.string("initialPassword"), "\(created.text)")
        let password = "a kettle full of rain"
        let person = try firstSignIn(name, initial, password)
        secrets += [
            CanarySecret("initial password", initial, toldBy: ["/CreateUser"]),
            CanarySecret("password", password),
            CanarySecret("setup key", person.secret, toldBy: ["/BeginBinding"]),
            CanarySecret(
                "seed", try #require(Base32.decode(person.secret.utf8)), toldBy: ["/BeginBinding"]),
            CanarySecret("session", person.token, toldBy: ["SignInService/ChangePassword"]),
        ]
        try system.rewind(person)
        return person
    }

    /// As `Person.firstSignIn`, keeping what is told on the way.
    private func firstSignIn(
        _ name: String, _ initial: String, _ password: String
    ) throws -> Person {
        var step = try call(
            client, "SignInService/Start",
            ["identifier": name, "password": initial, "bearer": true])
        let ticket = try #require(step.string("bind", "ticket"), "\(step.text)")
        let begun = try call(
            client, "SignInService/BeginBinding", ["ticket": ticket, "verifier": "totp"])
        let secret = try #require(begun.string("totp", "secret"), "\(begun.text)")
        step = try call(
            client, "SignInService/ConfirmBinding",
            ["ticket": ticket, "code": try Person.code(secret)])
        try keepRecoveryCodes(step.value("recoveryCodes"), "/ConfirmBinding")
        let next = try #require(step.string("changePassword", "ticket"), "\(step.text)")
        step = try call(
            client, "SignInService/ChangePassword", ["ticket": next, "newPassword": password])
        let token = try #require(step.string("signedIn", "session", "token"), "\(step.text)")
        let id = try #require(step.string("signedIn", "session", "userId"))
        let app = try system.installation.sql(
            "SELECT id FROM verification.authenticators WHERE user_id = '\(id)' AND kind = 'totp'")
        return Person(
            id: id, name: name, password: password, secret: secret,
            authenticator: app.trimmingCharacters(in: .whitespacesAndNewlines), token: token)
    }

    private func keepRecoveryCodes(_ told: Any?, _ by: String) throws {
        codes = try #require(told as? [String])
        #expect(codes.count == 10)
        for code in codes {
            secrets.append(CanarySecret("recovery code", code, toldBy: [by]))
            secrets.append(CanarySecret("bare recovery code", code.filter { $0 != "-" }))
        }
    }

    /// As if nothing had been sent for an hour.
    private func forgetMessages() throws {
        try system.installation.sql("UPDATE verification.message_counters SET sent = '{}'")
    }

    /// Binds a verifier under the first session; the new authenticator.
    func bind(_ person: Person, _ verifier: String, _ receiver: String) throws -> String {
        let begun = try call(
            by: person, "AccountService/BeginBinding", ["verifier": verifier, "receiver": receiver])
        #expect(begun.string("message", "receiver")?.contains("•") == true, "\(begun.text)")
        let code =
            try verifier == "sms" ? textCode(to: receiver) : mailCode(to: receiver)
        let done = try call(by: person, "AccountService/ConfirmBinding", ["code": code])
        try forgetMessages()
        return try #require(done.string("authenticator", "id"), "\(done.text)")
    }

    func textCode(to receiver: String) throws -> String {
        let message = try #require(try office.webhook.messages.last)
        #expect(message.receiver == receiver && message.code.count == 8)
        secrets.append(CanarySecret("code by SMS", message.code))
        return message.code
    }

    /// The newest: those before it were read already.
    func mailCode(to receiver: String) throws -> String {
        mailed += 1
        let mail = try #require(try office.mails(to: receiver, mailed).last)
        let code = try #require(mail.texts.first?.firstMatch(of: /\b[0-9]{8}\b/)).output
        secrets.append(CanarySecret("code by mail", String(code)))
        return String(code)
    }

    private var mailed = 0

    private func start(_ person: Person) throws -> HTTPTestClient.Answer {
        let step = try call(
            other, "SignInService/Start",
            ["identifier": person.name, "password": person.password, "bearer": true])
        #expect(step.string("verify", "ticket") != nil, "\(step.text)")
        return step
    }

    private func complete(
        _ person: Person, _ ticket: String, _ code: String
    ) throws -> HTTPTestClient.Answer {
        try call(
            other, "SignInService/CompleteVerification",
            ["ticket": ticket, "authenticator": person.authenticator, "code": code])
    }

    /// Of a right proof sent 64 times over both gateways, one opens a session.
    private func completeOnce(
        _ ticket: String, _ authenticator: String, _ code: String, aal: Int
    ) throws {
        let body = json(["ticket": ticket, "authenticator": authenticator, "code": code])
        let method = "SignInService/CompleteVerification"
        let told = try together(64, system, method) { _ in body }
        answers += told.map { (method, $0) }
        let opened = told.filter { $0.string("signedIn", "session", "id") != nil }
        #expect(opened.count == 1, "\(Set(told.map(\.reason)))")
        let session = opened.first
        #expect(session?.value("signedIn", "session", "aal") as? Int == aal)
        if let token = session?.string("signedIn", "session", "token") {
            secrets.append(CanarySecret("session", token, toldBy: ["/CompleteVerification"]))
        }
    }

    func signInOnce(
        _ person: Person, _ authenticator: String, aal: Int, _ read: () throws -> String
    ) throws {
        let ticket = try #require(try start(person).string("verify", "ticket"))
        secrets.append(CanarySecret("ticket", ticket, toldBy: ["/Start"]))
        let begun = try call(
            client, "SignInService/BeginVerification",
            ["ticket": ticket, "authenticator": authenticator])
        #expect(begun.string("message", "receiver") != nil, "\(begun.text)")
        try completeOnce(ticket, authenticator, try read(), aal: aal)
        try forgetMessages()
    }

    func signInByRecovery(_ person: Person) throws {
        let step = try start(person)
        let ticket = try #require(step.string("verify", "ticket"))
        let recovery = try #require(step.string("verify", "recovery"), "\(step.text)")
        try completeOnce(ticket, recovery, codes[0].lowercased(), aal: 2)
    }

    /// By the link of a mail; the person with his new password and session.
    func resetPassword(_ person: Person) throws -> Person {
        let address = "account.\(person.name)@example.org"
        let asked = try call(client, "SignInService/BeginPasswordReset", ["identifier": address])
        #expect(asked.status == 200, "\(asked.text)")
        var token: String?
        try office.eventually {
            token = try office.mails(to: address, 1).lazy.compactMap {
                $0.texts.first?.firstMatch(of: /#reset=([A-Za-z0-9_-]{43})/)
            }.first.map { String($0.1) }
            return token != nil
        }
        let password = "nine slow blue barges"
        let link = try #require(token)
        let body = ["token": link, "newPassword": password]
        let method = "SignInService/CompletePasswordReset"
        let done = try call(client, method, body)
        #expect(done.status == 200, "\(done.text)")
        #expect(try call(other, method, body).status != 200)
        // Told at the account's address and at the one that was bound.
        try office.eventually {
            try office.mails(to: "canary.bound@example.org", 1).contains {
                $0.subject.contains("your password was changed")
            }
        }
        secrets += [CanarySecret("reset token", link), CanarySecret("new password", password)]
        let current = Person(
            id: person.id, name: person.name, password: password, secret: person.secret,
            authenticator: person.authenticator, token: "")
        try system.rewind(current)
        let ticket = try #require(try start(current).string("verify", "ticket"))
        let signedIn = try complete(current, ticket, try current.code())
        let session = try #require(
            signedIn.string("signedIn", "session", "token"), "\(signedIn.text)")
        secrets.append(CanarySecret("session", session, toldBy: ["/CompleteVerification"]))
        return Person(
            id: person.id, name: person.name, password: password, secret: person.secret,
            authenticator: person.authenticator, token: session)
    }

    func regenerate(_ person: Person) throws {
        let made = try call(by: person, "AccountService/RegenerateRecoveryCodes")
        try keepRecoveryCodes(made.value("codes"), "/RegenerateRecoveryCodes")
    }

    /// What people type into the wrong field is no less a secret.
    func mistype(_ person: Person) throws {
        let wrong = "canary typed wrongly 7"
        for name in [person.name, "nobody-\(person.name)"] {
            _ = try call(client, "SignInService/Start", ["identifier": name, "password": wrong])
        }
        let ticket = try #require(try start(person).string("verify", "ticket"))
        for code in ["canary-typed-as-code", codes[3] + "X"] {
            #expect(try complete(person, ticket, code).status != 200)
        }
        _ = try call(
            by: person, "AccountService/BeginBinding",
            ["verifier": "sms", "receiver": "+31698123458 canary"])
        let torn = "{\"password\": \"\(wrong)"
        _ = keep("SignInService/Start", try client.call("SignInService/Start", torn))
        secrets += [
            CanarySecret("wrong password", wrong),
            CanarySecret("wrong code", "canary-typed-as-code"),
            CanarySecret("wrong number", "31698123458"),
        ]
    }
}

extension PostOffice {
    /// The whole database as `pg_dump` writes it.
    func dump() throws -> Data {
        let installation = system.installation
        var environment = ProcessInfo.processInfo.environment
        environment["PGPASSWORD"] = try String(
            contentsOfFile: installation.file("secrets/postgres.password"), encoding: .utf8
        ).trimmingCharacters(in: .newlines)
        let outcome = try ChildProcess.run(
            "pg_dump",
            [
                "-h", "127.0.0.1", "-p", String(try installation.port("postgres")),
                "-U", "postgres", "dubbelslot",
            ], environment: environment)
        try #require(outcome.status == 0, "\(outcome.output)")
        return Data(outcome.output.utf8)
    }

    /// Something that a whole run has left.
    struct Leftover {
        let name: String
        let text: Data
    }

    /// The dump of the database, the logs of all processes and the answers that were kept, all
    /// those of one method as one.
    func leftBehind(
        _ answers: [(method: String, answer: HTTPTestClient.Answer)]
    ) throws -> [Leftover] {
        let installation = system.installation
        var left = [Leftover(name: "dump", text: try dump())]
        for name in Installation.Name.allCases {
            left.append(
                Leftover(name: name.rawValue, text: Data(try installation.log(name).utf8)))
        }
        for (method, all) in Dictionary(grouping: answers, by: \.method) {
            let text = all.map { "\($0.answer.headers)\n\($0.answer.text)\n" }.joined()
            left.append(Leftover(name: "/" + method, text: Data(text.utf8)))
        }
        return left
    }
}
