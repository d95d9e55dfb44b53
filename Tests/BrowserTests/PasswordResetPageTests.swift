import Fixtures
import Foundation
import Testing
import Wire

extension BrowserTests {
    /// A forgotten password: asking for a link, and what the link opens.
    @Suite struct PasswordResetPageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
        }

        /// A link as a mail would have brought it.
        private func link(for person: Person) throws -> String {
            let token = Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0...255) })
            try stage.installation.sql(
                """
                INSERT INTO verification.resets (user_id, digest, expires_at, begun, begun_since)
                SELECT id, sha256('\(token)'::bytea), clock_timestamp() + interval '30 minutes', 1,
                    clock_timestamp()
                FROM auth.users WHERE name_key = '\(person.name)'
                ON CONFLICT (user_id) DO UPDATE SET digest = EXCLUDED.digest
                """)
            return token
        }

        @Test func `a link is asked for on the sign-in page, whoever it is for`() throws {
            try browser.open("/")
            try browser.type("nobody", into: "User name, e-mail address or phone number")
            try browser.press("Forgotten password?")
            try browser.heading("Forgotten password")
            try browser.press("Send the link")
            try browser.heading("Sign in")
            try browser.status(
                "If there is such an account with an e-mail address, a link is on its way. It "
                    + "works for 30 minutes.")
            try browser.expectQuietConsole()
        }

        @Test func `the link that a mail brings opens the page at our own address`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let address = "\(name)@example.org"
            _ = try stage.initialPassword(of: name, email: address)
            try browser.open("/")
            try browser.press("Forgotten password?")
            try browser.type(address, into: "User name, e-mail address or phone number")
            try browser.press("Send the link")
            try browser.status("a link is on its way")
            let limit = Date(timeIntervalSinceNow: 40)
            while try stage.post.mails(to: address).isEmpty, Date() < limit { usleep(20_000) }
            let mail = try #require(try stage.post.mails(to: address).first)
            let link = try #require(mail.firstMatch(of: /http:\/\/\S+\/#reset=[\w-]{43}/))
            #expect(String(link.0).hasPrefix(browser.origin + "/#reset="))
            try browser.open(String(link.0.dropFirst(browser.origin.count)))
            try browser.heading("Choose a new password")
            try browser.type("nine slow blue barges", into: "New password")
            try browser.press("Save")
            try browser.status("The password is changed. You can sign in with it now.")
            try browser.expectQuietConsole()
        }

        @Test func `C-09 the link leaves the address at once, serves once and signs nobody in`()
            throws
        {
            let person = try stage.person(browser)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            let token = try link(for: person)
            try browser.open("/#reset=" + token)
            try browser.heading("Choose a new password")
            let place = try browser.run("return location.href + document.referrer")
            #expect((place as? String)?.contains(token) == false)
            try browser.type("short", into: "New password")
            try browser.press("Save")
            try browser.alert("The password is too short.")
            try browser.type("nine slow blue barges", into: "New password")
            try browser.press("Save")
            try browser.heading("Sign in")
            try browser.status("The password is changed. You can sign in with it now.")
            try Person.enter(person.name, "nine slow blue barges", browser)
            try browser.heading("Two-factor authentication")
            try browser.press("Cancel the sign-in")
            try browser.open("/#reset=" + token)
            try browser.heading("Choose a new password")
            try browser.type("ten slow blue barges", into: "New password")
            try browser.press("Save")
            try browser.alert("This link works no more. Ask for a new one.")
            try browser.expectQuietConsole(refusals: true)
        }
    }
}
