import Crypto
import Fixtures
import Foundation
import OTP
import Testing
import Wire

/// The three services as an operator starts them, with two gateways, shared by the suites that
/// leave it as they found it. The administrator has signed in, and everybody is asked for a
/// second factor.
final class System: Sendable {
    let installation: Installation
    let administrator: Person

    /// One for the whole run; its start costs more than most tests.
    static let shared = Result { try System() }

    /// - Parameters:
    ///   - settings: Of the verification service, beside those for tests.
    ///   - gateways: Of both gateways.
    init(_ settings: [String: String] = [:], gateways: [String: String] = [:]) throws {
        let cheap = ["DUBBELSLOT_PASSWORD_HASH": "small_memory"]
        let callers = ["DUBBELSLOT_SSO_CALLERS": "spiffe://dubbelslot.internal/demo-caller=1"]
        installation = try Installation(
            gateways: 2,
            settings: [
                .verification: cheap.merging(settings) { $1 },
                .gateway: callers.merging(gateways) { $1 },
                .secondGateway: callers.merging(gateways) { $1 },
            ])
        let client = try installation.client()
        administrator = try Person.firstSignIn(
            "admin", installation.initialPassword, "four quiet grey herons", client)
        let settings = try administrator.call(client, "AdminService/GetTwoFactorSettings")
        _ = try administrator.call(
            client, "AdminService/UpdateTwoFactorSettings",
            [
                "version": settings.string("version") ?? "", "enforcement": "everyone",
                "verifiers": ["totp"], "reason": "tests",
            ])
    }

    /// A new user who has bound an authenticator and chosen a password.
    func person(_ gateway: Installation.Name = .gateway) throws -> Person {
        let client = try installation.client(of: gateway)
        let name = "user-\(UInt32.random(in: 0 ... .max))"
        let initial = try initialPassword(of: name)
        let person = try Person.firstSignIn(name, initial, "a kettle full of rain", client)
        try rewind(person)
        return person
    }

    /// A call by the administrator, whose proof is made fresh again, so that no test waits for
    /// a code or depends on how long the run has taken.
    func administrate(
        _ client: HTTPTestClient, _ method: String, _ body: [String: any Sendable] = [:]
    ) throws -> HTTPTestClient.Answer {
        try installation.sql(
            """
            UPDATE auth.sessions SET proved_at = clock_timestamp(),
                last_used_at = clock_timestamp()
            WHERE user_id = '\(administrator.id)'
            """)
        return try administrator.call(client, method, body)
    }

    /// Makes a user who has not signed in yet.
    func initialPassword(
        of name: String, _ more: [String: any Sendable] = [:]
    ) throws -> String {
        let client = try installation.client()
        try awaitServices(client)
        let created = try administrate(
            client, "AdminService/CreateUser", more.merging(["userName": name]) { $1 })
        return try #require(created.string("initialPassword"), "\(created.text)")
    }

    /// The test before may have killed what this one begins with; the gateway finds it again
    /// within a second or two.
    private func awaitServices(_ client: HTTPTestClient) throws {
        for method in ["AdminService/ListVerifiers", "AdminService/GetTwoFactorSettings"] {
            var turns = 100
            while turns > 0, try administrate(client, method).status == 503 {
                usleep(100_000)
                turns -= 1
            }
        }
    }

    /// Makes the code of this time step unused again, so that no test waits for the next one.
    func rewind(_ person: Person) throws {
        try installation.sql(
            """
            UPDATE verification.authenticators SET last_step = last_step - 2
            WHERE user_id = '\(person.id)' AND kind = 'totp'
            """)
    }
}

/// The suites that share one installation, a test at a time: a flood in one is no outage for
/// another.
@Suite(.serialized) enum SharedSystemTests {}

/// Somebody with a password and an authenticator app.
struct Person: Sendable {
    let id: String
    let name: String
    let password: String
    let secret: String
    let authenticator: String
    let token: String

    /// The code that the app shows, so many steps from now.
    func code(steps: Int64 = 0) throws -> String {
        try Self.code(secret, steps: steps)
    }

    static func code(_ secret: String, steps: Int64 = 0) throws -> String {
        let seed = try #require(Base32.decode(secret.utf8))
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        let step = OneTimePassword.standard.step(at: now) + steps
        return OneTimePassword.standard.code(seed: seed, counter: UInt64(step)).text
    }

    /// A code of six digits that is none of those accepted now.
    func wrongCode() throws -> String {
        let near = try Set((-3...3).map { try code(steps: $0) })
        return (0..<10).map { "00000\($0)" }.first { !near.contains($0) } ?? "999999"
    }

    /// The password, and the ticket to prove the authenticator with.
    func start(_ client: HTTPTestClient) throws -> String {
        let step = try client.call(
            "SignInService/Start",
            json(["identifier": name, "password": password, "bearer": true]))
        return try #require(step.string("verify", "ticket"), "\(step.text)")
    }

    func complete(
        _ client: HTTPTestClient, _ ticket: String, _ code: String
    ) throws -> HTTPTestClient.Answer {
        try client.call("SignInService/CompleteVerification", completion(ticket, code))
    }

    func completion(_ ticket: String, _ code: String) -> String {
        json(["ticket": ticket, "authenticator": authenticator, "code": code])
    }

    /// A call under this person's session.
    func call(
        _ client: HTTPTestClient, _ method: String, _ body: [String: any Sendable] = [:]
    ) throws -> HTTPTestClient.Answer {
        client.headers["Authorization"] = "Bearer \(token)"
        defer { client.headers["Authorization"] = nil }
        return try client.call(method, json(body))
    }

    /// Password, binding, new password: the way of everybody's first sign-in.
    static func firstSignIn(
        _ name: String, _ initial: String, _ password: String, _ client: HTTPTestClient
    ) throws -> Person {
        var step = try client.call(
            "SignInService/Start",
            json(["identifier": name, "password": initial, "bearer": true]))
        let ticket = try #require(step.string("bind", "ticket"), "\(step.text)")
        let begun = try client.call(
            "SignInService/BeginBinding", json(["ticket": ticket, "verifier": "totp"]))
        let secret = try #require(begun.string("totp", "secret"), "\(begun.text)")
        step = try client.call(
            "SignInService/ConfirmBinding",
            json(["ticket": ticket, "code": try code(secret)]))
        let next = try #require(step.string("changePassword", "ticket"), "\(step.text)")
        step = try client.call(
            "SignInService/ChangePassword", json(["ticket": next, "newPassword": password]))
        let token = try #require(step.string("signedIn", "session", "token"), "\(step.text)")
        client.headers["Authorization"] = "Bearer \(token)"
        defer { client.headers["Authorization"] = nil }
        let own = try client.call("AccountService/ListAuthenticators")
        let list = try #require(own.value("authenticators") as? [[String: Any]])
        return Person(
            id: try #require(step.string("signedIn", "session", "userId")), name: name,
            password: password, secret: secret,
            authenticator: try #require(list.first?["id"] as? String), token: token)
    }
}

func json(_ object: [String: any Sendable]) -> String {
    do {
        return String(
            decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys),
            as: UTF8.self)
    } catch {
        preconditionFailure("not JSON: \(object)")
    }
}

/// Sends the same request from so many connections at once, alternately to each gateway, and
/// reads all answers: every request is under way before the first answer is read.
func together(
    _ count: Int, _ system: System, _ path: String, bearer: String? = nil,
    _ body: (Int) throws -> String
) throws -> [HTTPTestClient.Answer] {
    let gateways = [
        try system.installation.port("auth-gateway.http"),
        try system.installation.port("auth-gateway-2.http"),
    ]
    let clients = (0..<count).map { HTTPTestClient(port: gateways[$0 % 2], seconds: 60) }
    for (number, client) in clients.enumerated() {
        client.headers["Authorization"] = bearer.map { "Bearer \($0)" }
        try client.send("POST", "/dubbelslot.v1." + path, Array(try body(number).utf8))
    }
    return try clients.map { try $0.receive() }
}
