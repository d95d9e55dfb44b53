import Contracts
import Fixtures
import Foundation
import Testing
import Wire

/// What is good once, over the real processes: sent 64 times at once to two gateways, and again
/// after PostgreSQL was killed. An installation of its own.
@Suite(.serialized) struct OneTimeProofTests {
    enum Thing: String, CaseIterable, Sendable {
        case appCode, smsCode, mailCode, recoveryCode, passkeyChallenge, passkeyAlone
        case appBinding, smsBinding, mailBinding, passkeyBinding
    }

    private static let stage = Result { try OneTimeStage() }

    @Test func `O-02, C-01, C-02 and W-131 of 64 at once to two gateways one, then never again`()
        throws
    {
        let stage = try Self.stage.get()
        var uses: [OneTimeStage.Use] = []
        for thing in Thing.allCases {
            let use = try stage.prepare(thing)
            let answers = try together(64, stage.system, use.method, bearer: use.bearer) { _ in
                use.body
            }
            let taken = answers.filter { $0.status == 200 }
            let told = Set(answers.map(\.reason))
            #expect(taken.count == 1, "\(thing): \(told)")
            #expect(try stage.effects(use) == 1, "\(thing)")
            uses.append(use)
        }
        try stage.system.installation.kill(.postgres)
        try stage.system.installation.start(.postgres)
        try stage.awaitSignIns(uses[0].person)
        for use in uses {
            let again = try stage.again(use)
            let answer = try stage.answer(again)
            #expect(answer.status != 200 && answer.status != 503, "\(use.thing)")
            let refused = OneTimeStage.refusals(of: use.thing)
            #expect(refused.contains(answer.reason ?? ""), "\(use.thing): \(answer.text)")
            #expect(try stage.effects(use) == 1, "\(use.thing)")
        }
    }
}

/// People who are about to use something that is good once.
final class OneTimeStage: Sendable {
    typealias Thing = OneTimeProofTests.Thing

    /// A right request.
    struct Use: Sendable {
        let thing: Thing
        let person: Person
        let method: String
        var body: String
        /// The session that it is sent with, where it needs one.
        let bearer: String?
        /// Sessions, or authenticators, that there were before.
        let before: Int
    }

    let office: PostOffice
    var system: System { office.system }

    init() throws {
        office = try PostOffice()
        let client = try office.system.installation.client()
        let webhook = ["url": office.webhook.url, "secret": office.webhook.secret]
        let sms: [String: any Sendable] = ["codeDigits": 8, "webhook": webhook]
        let verifiers: [[String: any Sendable]] = [
            ["uid": "sms", "type": "sms", "title": "Text message", "sms": sms],
            ["uid": "mail", "type": "email", "title": "Mail"],
            ["uid": "key", "type": "passkey", "title": "Passkey"],
        ]
        for verifier in verifiers {
            let made = try system.administrate(client, "AdminService/CreateVerifier", verifier)
            try #require(made.status == 200, "\(made.text)")
        }
        let settings = try system.administrate(client, "AdminService/GetTwoFactorSettings")
        let chosen = try system.administrate(
            client, "AdminService/UpdateTwoFactorSettings",
            [
                "version": settings.string("version") ?? "", "enforcement": "everyone",
                "verifiers": ["totp", "sms", "mail", "key"], "reason": "every kind",
            ])
        try #require(chosen.status == 200, "\(chosen.text)")
    }

    /// What those are told that are not the one.
    static func refusals(of thing: Thing) -> Set<String> {
        switch thing {
        // Sent anew within another sign-in.
        case .appCode, .recoveryCode: ["code_used"]
        case .smsCode, .mailCode, .passkeyChallenge: ["sign_in_expired"]
        case .passkeyAlone: ["passkey_refused"]
        case .appBinding, .smsBinding, .mailBinding, .passkeyBinding: ["binding_expired"]
        }
    }

    /// How often it did what it is good for.
    func effects(_ use: Use) throws -> Int { try count(use.thing, use.person.id) - use.before }

    private func count(_ thing: Thing, _ person: String) throws -> Int {
        let table =
            switch thing {
            case .appCode, .smsCode, .mailCode, .recoveryCode, .passkeyChallenge, .passkeyAlone:
                "auth.sessions"
            case .appBinding, .smsBinding, .mailBinding, .passkeyBinding:
                "verification.authenticators"
            }
        let text = try system.installation.sql(
            "SELECT count(*) FROM \(table) WHERE user_id = '\(person)'")
        return try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// All that comes before the use.
    func prepare(_ thing: Thing) throws -> Use {
        let client = try system.installation.client()
        let (person, address) = try office.person("en")
        try system.rewind(person)
        let phone = "+3169\(Int.random(in: 1_000_000 ... 9_999_999))"
        switch thing {
        case .appCode:
            return try proof(thing, person, person.authenticator) { _ in
                ["code": try person.code()]
            }
        case .recoveryCode:
            let made = try person.call(client, "AccountService/RegenerateRecoveryCodes")
            let codes = try #require(made.value("codes") as? [String], "\(made.text)")
            return try proof(thing, person, nil) { _ in ["code": codes[0]] }
        case .smsCode:
            let bound = try bind(person, "sms", phone) { _ in ["code": try self.texted()] }
            return try proof(thing, person, bound) { _ in ["code": try self.texted()] }
        case .mailCode:
            let box = "second.\(address)"
            let bound = try bind(person, "mail", box) { _ in ["code": try self.mailed(box, 1)] }
            return try proof(thing, person, bound) { _ in ["code": try self.mailed(box, 2)] }
        case .passkeyChallenge, .passkeyAlone:
            let key = try SoftwarePasskey()
            let bound = try bind(person, "key", "") {
                ["passkey": try key.attested(try #require($0.string("passkey", "options")))]
            }
            if thing == .passkeyAlone { return try alone(person, key) }
            return try proof(thing, person, bound) {
                ["passkey": try key.asserted(try #require($0.string("passkey", "options")))]
            }
        case .appBinding:
            return try binding(thing, person, "totp", "") {
                ["code": try Person.code(try #require($0.string("totp", "secret")))]
            }
        case .smsBinding:
            return try binding(thing, person, "sms", phone) { _ in ["code": try self.texted()] }
        case .mailBinding:
            let box = "second.\(address)"
            return try binding(thing, person, "mail", box) { _ in
                ["code": try self.mailed(box, 1)]
            }
        case .passkeyBinding:
            let key = try SoftwarePasskey()
            return try binding(thing, person, "key", "") {
                ["passkey": try key.attested(try #require($0.string("passkey", "options")))]
            }
        }
    }

    private func texted() throws -> String { try #require(try office.webhook.messages.last).code }

    private func mailed(_ address: String, _ count: Int) throws -> String {
        let mail = try #require(
            try office.mails(to: address, count).last {
                $0.texts.first?.contains(/\b[0-9]{8}\b/) == true
            })
        let code = try #require(mail.texts.first?.firstMatch(of: /\b[0-9]{8}\b/))
        return String(code.output)
    }

    typealias Body = [String: any Sendable]

    /// A second factor to be proved at a sign-in; nil for a recovery code.
    private func proof(
        _ thing: Thing, _ person: Person, _ authenticator: String?,
        _ answer: (HTTPTestClient.Answer) throws -> Body
    ) throws -> Use {
        let client = try system.installation.client(of: .secondGateway)
        let step = try client.call(
            "SignInService/Start",
            json(["identifier": person.name, "password": person.password, "bearer": true]))
        let ticket = try #require(step.string("verify", "ticket"), "\(step.text)")
        let chosen = authenticator ?? step.string("verify", "recovery")
        var body: Body = ["ticket": ticket, "authenticator": try #require(chosen)]
        var begun = step
        if ![.appCode, .recoveryCode].contains(thing) {
            begun = try client.call("SignInService/BeginVerification", json(body))
            try #require(begun.status == 200, "\(begun.text)")
        }
        body.merge(try answer(begun)) { $1 }
        return Use(
            thing: thing, person: person, method: "SignInService/CompleteVerification",
            body: json(body), bearer: nil, before: try count(thing, person.id))
    }

    private func alone(_ person: Person, _ key: SoftwarePasskey) throws -> Use {
        let client = try system.installation.client(of: .secondGateway)
        let begun = try client.call("SignInService/BeginPasskey", json(["bearer": true]))
        let options = try #require(begun.string("passkey", "options"), "\(begun.text)")
        let body: Body = [
            "ticket": try #require(begun.string("ticket")), "bearer": true,
            "passkey": try key.asserted(options),
        ]
        return Use(
            thing: .passkeyAlone, person: person, method: "SignInService/CompletePasskey",
            body: json(body), bearer: nil, before: try count(.passkeyAlone, person.id))
    }

    private func binding(
        _ thing: Thing, _ person: Person, _ verifier: String, _ receiver: String,
        _ answer: (HTTPTestClient.Answer) throws -> Body
    ) throws -> Use {
        let begun = try person.call(
            try system.installation.client(), "AccountService/BeginBinding",
            ["verifier": verifier, "receiver": receiver])
        try #require(begun.status == 200, "\(begun.text)")
        return Use(
            thing: thing, person: person, method: "AccountService/ConfirmBinding",
            body: json(try answer(begun)), bearer: person.token,
            before: try count(thing, person.id))
    }

    /// Binds such a one; its identifier.
    private func bind(
        _ person: Person, _ verifier: String, _ receiver: String,
        _ answer: (HTTPTestClient.Answer) throws -> Body
    ) throws -> String {
        let use = try binding(.appBinding, person, verifier, receiver, answer)
        let done = try self.answer(use)
        try system.installation.sql("UPDATE verification.message_counters SET sent = '{}'")
        return try #require(done.string("authenticator", "id"), "\(done.text)")
    }

    /// The same once more; what a sign-in does not bind is tried within a new one.
    func again(_ use: Use) throws -> Use {
        guard [.appCode, .recoveryCode].contains(use.thing) else { return use }
        let sent = try JSONSerialization.jsonObject(with: Data(use.body.utf8)) as? [String: Any]
        let code = try #require(sent?["code"] as? String)
        let authenticator = use.thing == .appCode ? use.person.authenticator : nil
        let again = try proof(use.thing, use.person, authenticator) { _ in ["code": code] }
        return Use(
            thing: use.thing, person: use.person, method: again.method, body: again.body,
            bearer: nil, before: use.before)
    }

    func answer(_ use: Use) throws -> HTTPTestClient.Answer {
        let client = try system.installation.client()
        client.headers["Authorization"] = use.bearer.map { "Bearer \($0)" }
        return try client.call(use.method, use.body)
    }

    /// Both gateways and the verification service have found their database again.
    func awaitSignIns(_ person: Person) throws {
        let body = json(["identifier": person.name, "password": person.password])
        for gateway in [Installation.Name.gateway, .secondGateway] {
            try office.eventually {
                let client = try system.installation.client(of: gateway)
                return try client.call("SignInService/Start", body).status == 200
            }
        }
    }
}

extension SoftwarePasskey {
    private static let site = Saying(origin: "https://login.example.org")

    fileprivate func attested(_ options: String) throws -> [String: any Sendable] {
        let told = try attestation(options, Self.site)
        return [
            "id": base64(told.id), "clientDataJson": base64(told.clientDataJson),
            "attestationObject": base64(told.attestationObject), "transports": told.transports,
        ]
    }

    fileprivate func asserted(_ options: String) throws -> [String: any Sendable] {
        let told = try assertion(options, Self.site)
        return [
            "id": base64(told.id), "clientDataJson": base64(told.clientDataJson),
            "authenticatorData": base64(told.authenticatorData),
            "signature": base64(told.signature),
            "userHandle": base64(told.userHandle ?? Bytes()),
        ]
    }

    private func base64(_ bytes: Bytes) -> String { Data(bytes.array).base64EncodedString() }
}
