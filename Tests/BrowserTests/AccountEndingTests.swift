import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// "That was not me", and the end of an account: what is said before, and what is so after.
    @Suite struct AccountEndingTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
        }

        @Test func `that was not me ends all there is, and asks for a new password`() throws {
            let person = try stage.person(browser)
            let thief = try stage.signedIn(person, agent: "curl/8.14.1")
            try stage.trust(["Firefox on Linux"], of: person)
            try browser.open("/account")
            try browser.press("That was not me")
            try browser.heading("This will happen")
            try browser.see("All your sessions end at once, this one too.")
            try browser.keys(Key.escape)
            #expect(try browser.focused() == "That was not me")
            #expect(try thief.isSignedIn())
            try browser.press("That was not me")
            try browser.press("End everything")
            try browser.heading("All sessions have ended")
            #expect(try browser.focused() == "All sessions have ended")
            try browser.see("No mail could be sent about it.")
            #expect(try !browser.sees(person.name))
            #expect(try !thief.isSignedIn())
            #expect(try thief.call("AccountService/ListTrustedDevices").reason == "not_signed_in")

            try browser.press("To the sign-in")
            try stage.rewind(person)
            try Person.enter(person.name, person.password, browser)
            try browser.heading("Two-factor authentication")
            try browser.type(try person.code(), into: "Code")
            try browser.press("Verify")
            try browser.heading("Choose a new password")
            try browser.type("a kettle full of fresh snow", into: "New password")
            try browser.press("Save and sign in")
            try browser.heading("Your account")
            try browser.see("You trust no device.")
            try browser.see("You are signed in nowhere else.")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `the page that mails lead to tells its owner by mail`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let address = "\(name)@example.org"
            let person = try Person.firstSignIn(
                name, try stage.initialPassword(of: name, email: address),
                "a kettle full of rain", browser)
            try stage.rewind(person)
            try stage.ageProofs(of: person)
            // The mails' link is `/account`; what is to be pressed is named at its head.
            try browser.open("/account")
            try browser.press("Was that not you?")
            #expect(try browser.focused() == "Was that not you?")
            try browser.press("That was not me")
            try browser.press("End everything")
            try browser.heading("All sessions have ended")
            try browser.see("A mail about it is on its way to you.")
            let limit = Date(timeIntervalSinceNow: 20)
            var isTold = false
            while !isTold, Date() < limit {
                isTold = try stage.post.mails(to: address).contains {
                    $0.contains("it was said that somebody else was there")
                }
                usleep(50_000)
            }
            #expect(isTold)
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `an account is deleted by its owner, after a proof and his own name`() throws {
            let person = try stage.person(browser)
            try stage.ageProofs(of: person)
            try browser.open("/account")
            try browser.press("Delete my account")
            try browser.heading("Delete your account?")
            try browser.see("Your authenticators and recovery codes are deleted.")
            let field = "To go on, type your user name: \(person.name)"
            #expect(try browser.focused() == field)
            try browser.type("somebody", into: field)
            try browser.press("Delete for good")
            #expect(
                try browser.field(field).property("validationMessage") as? String
                    == "This is not your user name.")
            try browser.type(person.name, into: field)
            try browser.press("Delete for good")
            try browser.heading("Is it you?")
            try browser.press("Cancel")
            try browser.alert("Nothing was changed: the proof was not given.")
            try browser.press("Delete for good")
            try browser.heading("Is it you?")
            try browser.type(try person.code(), into: "Code")
            try browser.press("Prove")
            try browser.heading("Your account is deleted")
            #expect(try browser.focused() == "Your account is deleted")
            #expect(try !browser.sees(person.name))
            let left = try stage.installation.sql(
                "SELECT count(*) FROM auth.users WHERE name_key = '\(person.name)'")
            #expect(left.trimmingCharacters(in: .whitespacesAndNewlines) == "0")

            try browser.press("To the sign-in")
            try Person.enter(person.name, person.password, browser)
            try browser.alert("The user name or password is wrong.")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `an administrator is told that another one has to delete him`() throws {
            let administrator = try Stage.administrator.get()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            try browser.see("another one has to do this")
            #expect(try !browser.sees("Delete my account"))
        }
    }
}
