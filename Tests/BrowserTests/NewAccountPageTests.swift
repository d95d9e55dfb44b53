import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// Accounts that begin with a mail: of who signs up, and of who is invited.
    @Suite struct NewAccountPageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            // Whoever signs up is asked for a second factor.
            _ = try stage.initialPassword(of: "user-\(UInt32.random(in: 0 ... .max))")
            browser = try stage.browser()
        }

        /// What follows our own address in the link that was mailed.
        private func link(_ kind: String, to address: String) throws -> String {
            let limit = Date(timeIntervalSinceNow: 40)
            while try stage.post.mails(to: address).isEmpty, Date() < limit { usleep(20_000) }
            let mail = try #require(try stage.post.mails(to: address).last)
            let found = try #require(
                mail.firstMatch(of: /http:\/\/\S+(\/#(?:reset|sign-up)=[\w-]{43})/), "\(mail)")
            #expect(found.1.hasPrefix("/#\(kind)="))
            return String(found.1)
        }

        private func bindAndArrive(_ name: String) throws {
            try browser.heading("Set up two-factor authentication")
            try Person.bind(browser)
            try browser.heading("Your account")
            try browser.see(name)
        }

        @Test func `whoever signs up chooses name and password by the link, and is signed in`()
            throws
        {
            let name = "new-\(UInt32.random(in: 0 ... .max))"
            let address = "\(name)@example.org"
            try browser.open("/")
            try browser.press("Create an account")
            try browser.heading("Create an account")
            #expect(try browser.focused() == "E-mail address")
            try browser.type(address, into: "E-mail address")
            try browser.press("Send the link")
            try browser.heading("Check your mail")
            try browser.see(address)

            let link = try link("sign-up", to: address)
            try browser.open(link)
            try browser.heading("Create your account")
            let place = try browser.run("return location.href") as? String
            #expect(place?.contains("sign-up") == false)
            try browser.type("admin", into: "User name")
            try browser.type("six grey herons at noon", into: "New password")
            try browser.press("Create the account")
            try browser.alert("This user name is taken.")
            #expect(try browser.focused() == "User name")
            try browser.type(name, into: "User name")
            try browser.press("Create the account")
            try bindAndArrive(name)

            try browser.press("Sign out")
            try browser.open(link)
            try browser.type(name + "x", into: "User name")
            try browser.type("six grey herons at noon", into: "New password")
            try browser.press("Create the account")
            try browser.alert("This link works no more. Sign up again.")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `whoever is invited chooses a password by the link, and then signs in`() throws {
            let name = "invited-\(UInt32.random(in: 0 ... .max))"
            let address = "\(name)@example.org"
            try stage.administrate(
                "InviteUser", #"{"userName": "\#(name)", "email": "\#(address)"}"#)
            try browser.open(try link("reset", to: address))
            try browser.heading("Choose a new password")
            // Another language loads the page anew; what the link has brought is there still.
            try browser.choose("Nederlands", in: "Language")
            try browser.heading("Kies een nieuw wachtwoord")
            try browser.choose("English", in: "Taal")
            try browser.heading("Choose a new password")
            try browser.type("six grey herons at noon", into: "New password")
            try browser.press("Save")
            try browser.status("The password is changed. You can sign in with it now.")
            try Person.enter(name, "six grey herons at noon", browser)
            try bindAndArrive(name)
            try browser.expectQuietConsole()
        }
    }
}
