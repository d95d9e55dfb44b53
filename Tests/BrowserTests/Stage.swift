import Crypto
import Fixtures
import Foundation
import OTP
import Testing
import Wire

/// The services as an operator starts them, what takes their messages, and a browser's driver: one
/// of each for all suites, because their start costs more than most tests.
final class Stage: Sendable {
    let installation: Installation
    let post: Post
    let origin: String
    let sessions = Sessions()
    private let driver: ChromeDriver

    private static let made = Result { try Stage() }

    private init() throws {
        post = try Post()
        let cheap = ["DUBBELSLOT_PASSWORD_HASH": "small_memory"]
        installation = try Installation(
            gateways: 1,
            settings: [
                .verification: cheap.merging(post.settings) { given, _ in given },
                .gateway: ["DUBBELSLOT_SIGN_UP": "on"],
            ])
        // Removed with the installation when the test process ends, however that is.
        driver = try ChromeDriver(folder: installation.file("browser"))
        origin = "http://localhost:\(try installation.port("auth-gateway.http"))"
    }

    static func shared() throws -> Stage { try made.get() }

    func browser() throws -> Browser { try Browser(driver, origin: origin) }

    /// The administrator, after the first sign-in of all, which this is.
    static let administrator = Result { () throws -> Person in
        let stage = try shared()
        let browser = try stage.browser()
        let person = try Person.firstSignIn(
            "admin", stage.installation.initialPassword, "four quiet grey herons", browser,
            leadsTo: "/admin/two-factor?first-start")
        try browser.expectQuietConsole()
        try stage.rewind(person)
        return person
    }

    /// Makes the code of this time step unused again, so that no test waits for the next one.
    func rewind(_ person: Person) throws {
        try installation.sql(
            """
            UPDATE verification.authenticators SET last_step = last_step - 2
            WHERE kind = 'totp' AND user_id =
                (SELECT id FROM auth.users WHERE name_key = '\(person.name)')
            """)
    }

    /// Lets the last proof in a person's sessions lie further back than a fresh one may.
    func ageProofs(of person: Person) throws {
        try installation.sql(
            """
            UPDATE auth.sessions SET proved_at = proved_at - interval '10 minutes'
            WHERE user_id = (SELECT id FROM auth.users WHERE name_key = '\(person.name)')
            """)
    }

    /// Lets the last proof in a person's sessions be of this moment.
    func refreshProofs(of person: Person) throws {
        try installation.sql(
            """
            UPDATE auth.sessions SET proved_at = clock_timestamp()
            WHERE user_id = (SELECT id FROM auth.users WHERE name_key = '\(person.name)')
            """)
    }

    /// Lets a person's sessions be of somebody who has never bound anything.
    func forgetAuthenticators(of person: Person) throws {
        try installation.sql(
            """
            DELETE FROM verification.authenticators USING auth.users u
            WHERE kind = 'totp' AND user_id = u.id AND u.name_key = '\(person.name)';
            UPDATE auth.sessions s SET level = 1 FROM auth.users u
            WHERE s.user_id = u.id AND u.name_key = '\(person.name)'
            """)
    }

    /// Somebody new with an authenticator and a password of his own, signed in in `browser`.
    func person(_ browser: Browser) throws -> Person {
        let name = "user-\(UInt32.random(in: 0 ... .max))"
        let person = try Person.firstSignIn(
            name, try initialPassword(of: name), "a kettle full of rain", browser)
        try rewind(person)
        return person
    }

    func expectOneMore(than count: Int, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(try post.count() == count + 1, sourceLocation: sourceLocation)
    }

    /// As if no message had been sent for an hour.
    func forgetMessages() throws {
        try installation.sql("UPDATE verification.message_counters SET sent = '{}'")
    }

    /// Makes a user who has not signed in yet and will be asked for a second factor.
    func initialPassword(of name: String, email: String = "") throws -> String {
        let client = try installation.client()
        client.headers["Authorization"] = "Bearer \(try administratorsToken(client))"
        try enforceForEveryone(client)
        let created = try client.call(
            "AdminService/CreateUser", #"{"userName": "\#(name)", "email": "\#(email)"}"#)
        return try #require(created.string("initialPassword"), "\(created.text)")
    }

    /// A session of the administrator's outside of any browser.
    private func administratorsToken(_ client: HTTPTestClient) throws -> String {
        try token(of: try Self.administrator.get(), client)
    }

    /// A call of the administrator's outside of any browser.
    func administrate(_ method: String, _ json: String) throws {
        let client = try installation.client()
        client.headers["Authorization"] = "Bearer \(try administratorsToken(client))"
        let answer = try client.call("AdminService/" + method, json)
        #expect(answer.status == 200, "\(answer.text)")
    }

    /// As it is before the first administrator has decided anything.
    func enforceForAdministrators() throws {
        let client = try installation.client()
        client.headers["Authorization"] = "Bearer \(try administratorsToken(client))"
        try choose(["totp"], client, enforcement: "administrators")
    }

    /// Runs `body` while devices may be trusted.
    func withTrustedDevices(_ body: () throws -> Void) throws {
        let client = try installation.client()
        client.headers["Authorization"] = "Bearer \(try administratorsToken(client))"
        try choose(["totp"], client, #"{"base": {"trustedDevices": true}}"#)
        let outcome = Result { try body() }
        try choose(["totp"], client, #"{"base": {}}"#)
        try outcome.get()
    }

    private func enforceForEveryone(_ client: HTTPTestClient) throws {
        let settings = try client.call("AdminService/GetTwoFactorSettings")
        guard settings.string("enforcement") != "everyone" else { return }
        try choose(["totp"], client)
    }

    /// - Parameter book: In the place of all rules; nil leaves them as they are.
    private func choose(
        _ verifiers: [String], _ client: HTTPTestClient, _ book: String? = nil,
        enforcement: String = "everyone"
    ) throws {
        let settings = try client.call("AdminService/GetTwoFactorSettings")
        let version = settings.string("version") ?? "0"
        let changed = try client.call(
            "AdminService/UpdateTwoFactorSettings",
            """
            {"version": "\(version)", "enforcement": "\(enforcement)", "verifiers": \(verifiers),
             "reason": "tests"\(book.map { #", "book": \#($0)"# } ?? "")}
            """)
        #expect(changed.status == 200, "\(changed.text)")
    }

    /// Runs `body` while users may choose between the usual verifier and one called Key ring.
    func withTwoVerifiers(_ body: () throws -> Void) throws {
        try with(["ring": #"{"uid": "ring", "type": "totp", "title": "Key ring"}"#], body)
    }

    /// Runs `body` while users may choose between the usual verifier and passkeys.
    func withPasskeys(_ body: () throws -> Void) throws {
        try with(["key": #"{"uid": "key", "type": "passkey", "title": "Passkey"}"#], body)
    }

    /// Runs `body` while users may choose between the usual verifier, SMS and mail.
    func withMessages(_ body: () throws -> Void) throws {
        try forgetMessages()
        let sms = """
            {"uid": "sms", "type": "sms", "title": "SMS", "sms": {"webhook":
                {"url": "\(post.texts.url)", "secret": "\(post.texts.secret)"}}}
            """
        let mail = #"{"uid": "mail", "type": "email", "title": "Mail"}"#
        try with(["sms": sms, "mail": mail], body)
    }

    /// - Parameter verifiers: What makes them, by uid.
    private func with(_ verifiers: [String: String], _ body: () throws -> Void) throws {
        let client = try installation.client()
        client.headers["Authorization"] = "Bearer \(try administratorsToken(client))"
        let uids = verifiers.keys.sorted()
        for uid in uids {
            let made = try client.call("AdminService/CreateVerifier", verifiers[uid] ?? "")
            #expect(made.status == 200, "\(made.text)")
        }
        try choose(["totp"] + uids, client)
        let outcome = Result { try body() }
        try choose(["totp"], client)
        let deleted = try client.call(
            "AdminService/DeleteVerifiers", #"{"uids": \#(uids), "deleteBindings": true}"#)
        #expect(deleted.status == 200, "\(deleted.text)")
        try outcome.get()
    }
}

/// Somebody with a password and an authenticator app.
struct Person: Sendable {
    let name: String
    let password: String
    let secret: String

    /// The code that the app shows.
    func code() throws -> String { try Self.code(secret) }

    static func code(_ secret: String, steps: Int64 = 0) throws -> String {
        let seed = try #require(Base32.decode(secret.utf8), "\(secret)")
        let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        let step = OneTimePassword.standard.step(at: now) + steps
        return OneTimePassword.standard.code(seed: seed, counter: UInt64(step)).text
    }

    /// Six digits that are none of the codes accepted now.
    func wrongCode() throws -> String {
        let near = try Set((-3...3).map { try Self.code(secret, steps: $0) })
        return (0..<10).map { "00000\($0)" }.first { !near.contains($0) } ?? "999999"
    }

    /// The way of everybody's first sign-in: the password, the QR code by camera, a new password.
    static func firstSignIn(
        _ name: String, _ initial: String, _ password: String, _ browser: Browser,
        leadsTo page: String = "/account"
    ) throws -> Person {
        try browser.open("/")
        try enter(name, initial, browser)
        let secret = try bind(browser)
        try browser.heading("Choose a new password")
        try browser.type(password, into: "New password")
        try browser.press("Save and sign in")
        try browser.page(page)
        return Person(name: name, password: password, secret: secret)
    }

    /// The first step of a sign-in.
    static func enter(_ name: String, _ password: String, _ browser: Browser) throws {
        try browser.type(name, into: "User name, e-mail address or phone number")
        try browser.type(password, into: "Password")
        try browser.press("Sign in")
    }

    /// Scans the QR code that is shown, and gives the first code. With the first authenticator
    /// come recovery codes, which are kept.
    @discardableResult
    static func bind(_ browser: Browser, isFirst: Bool = true) throws -> String {
        let secret = try secret(browser)
        try browser.type(try code(secret), into: "Code")
        try browser.press("Bind")
        if isFirst { try browser.press("I have kept them") }
        return secret
    }

    /// The setup key, read from the QR code as a camera does.
    static func secret(_ browser: Browser) throws -> String {
        let uri = try browser.scan()
        let match = try #require(
            uri.wholeMatch(of: /otpauth:\/\/totp\/[^?]+\?secret=([A-Z2-7]+)&.*/), "\(uri)")
        let secret = String(match.1)
        // The key for those who cannot scan is the same.
        let shown = try browser.run("return document.querySelector('.secret').textContent")
        #expect((shown as? String)?.replacing(" ", with: "") == secret)
        return secret
    }

    /// Password and code, in a browser that is signed out.
    func signIn(_ browser: Browser, code: String? = nil) throws {
        try browser.open("/")
        try Self.enter(name, password, browser)
        try browser.heading("Two-factor authentication")
        try browser.type(try code ?? self.code(), into: "Code")
        try browser.press("Verify")
        try browser.heading("Your account")
    }
}

/// The suites of the browser, a test at a time: they share the machine's one slow thing, and an
/// installation.
@Suite(
    .serialized,
    .enabled(
        if: ChromeDriver.isThere,
        "wants chromium, chromedriver (chromium-driver) and zbarimg (zbar-tools)"))
enum BrowserTests {}
