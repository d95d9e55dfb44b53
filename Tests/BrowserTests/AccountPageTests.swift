import Fixtures
import Foundation
import Testing

extension BrowserTests {
    @Suite struct AccountPageTests {
        private let stage: Stage
        private let browser: Browser
        private let person: Person

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
            person = try stage.person(browser)
        }

        @Test func `P-08 the last authenticator stays where one is asked for`() throws {
            try browser.see("Not used yet")
            try browser.press("Unbind Authenticator app")
            try browser.heading("Unbind: Authenticator app")
            #expect(try browser.focused() == "Code")
            try browser.type(try person.code(), into: "Code")
            try browser.press("Unbind")
            try browser.alert("Your last authenticator must stay")
            try browser.press("Cancel")
            try browser.see("Bound on")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `another one is bound after a fresh proof, and either proves from then on`()
            throws
        {
            try stage.withTwoVerifiers {
                try stage.ageProofs(of: person)
                try browser.open("/account")
                try browser.press("Bind Key ring")
                try browser.heading("Is it you?")
                try browser.type(try person.code(), into: "Code")
                try browser.press("Prove")
                try browser.heading("Bind: Key ring")
                let ring = try Person.bind(browser, isFirst: false)
                try browser.status("Key ring is bound.")
                #expect(try browser.focused() == "Authenticators")
                try stage.rewind(person)
                try browser.press("Unbind Authenticator app")
                try browser.tick("Key ring")
                try browser.type(try person.wrongCode(), into: "Code")
                try browser.press("Unbind")
                try browser.alert("The code is wrong.")
                try browser.type(try Person.code(ring), into: "Code")
                try browser.press("Unbind")
                try browser.status("Authenticator app is unbound.")
                try browser.see("Not bound")
                try browser.see("Bind")
                try browser.press("Sign out")
                try browser.heading("Sign in")
                try stage.rewind(person)
                try Person(name: person.name, password: person.password, secret: ring)
                    .signIn(browser)
                try browser.expectQuietConsole(refusals: true)
            }
        }

        @Test func `an unbinding that was given up leaves what is bound`() throws {
            try browser.press("Unbind Authenticator app")
            try browser.heading("Unbind: Authenticator app")
            try browser.keys(Key.escape)
            try browser.heading("Your account")
            #expect(try browser.focused() == "Unbind Authenticator app")
            try browser.see("Bound on")
            try browser.expectQuietConsole()
        }

        @Test func `a new password wants a fresh proof where the last one is old`() throws {
            try stage.ageProofs(of: person)
            try browser.type("a kettle full of rain", into: "Current password")
            try browser.type("a kettle full of snow", into: "New password")
            try browser.press("Change password")
            try browser.heading("Is it you?")
            try browser.press("Cancel")
            try browser.alert("Nothing was changed: the proof was not given.")
            try browser.press("Change password")
            try browser.type(try person.code(), into: "Code")
            try browser.press("Prove")
            try browser.status("The password is changed, your other sessions have ended.")
            #expect(try browser.field("New password").property("value") as? String == "")
            try browser.type("not the one", into: "Current password")
            try browser.type("a kettle full of hail", into: "New password")
            try browser.press("Change password")
            try browser.alert("The user name or password is wrong.")
            #expect(try browser.focused() == "Current password")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `new recovery codes are shown once, and one signs in without the app`() throws {
            try stage.rewind(person)
            try browser.open("/account")
            try browser.see("You have 10 codes left.")
            try browser.press("Make new ones")
            try browser.heading("Make new recovery codes?")
            try browser.press("Make new ones")
            try browser.heading("Your recovery codes")
            let shown = try browser.run(
                "return [...document.querySelectorAll('.codes code')].map((it) => it.textContent)")
            let codes = try #require(shown as? [String])
            #expect(codes.count == 10)
            try browser.press("I have kept them")
            #expect(try !browser.sees(codes[0]))
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try Person.enter(person.name, person.password, browser)
            try browser.heading("Two-factor authentication")
            try browser.press("Use a recovery code")
            try browser.type(codes[0].lowercased(), into: "Recovery code")
            try browser.press("Verify")
            try browser.heading("Your account")
            try browser.see("You have 9 codes left.")
            try browser.expectQuietConsole()
        }

        @Test func `whoever has bound nothing proves himself by the password`() throws {
            try stage.forgetAuthenticators(of: person)
            try stage.ageProofs(of: person)
            try browser.open("/account")
            try browser.press("Bind Authenticator app")
            try browser.heading("Is it you?")
            try browser.type("not the one", into: "Password")
            try browser.press("Prove")
            try browser.alert("The user name or password is wrong.")
            try browser.type(person.password, into: "Password")
            try browser.press("Prove")
            try browser.heading("Bind: Authenticator app")
            try Person.bind(browser)
            try browser.status("Authenticator app is bound.")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `a page that cannot be loaded says so, and shows nothing to press`() throws {
            try stage.installation.stop(.policy)
            defer { start(.policy) }
            try browser.open("/account")
            try browser.alert("The service is not available right now.")
            #expect(try !browser.sees("Change password"))
            // What the gateway knows by itself stays to be had.
            try browser.press("Sign out")
            try browser.status("You are signed out.")
        }

        /// The gateway finds a service again within a moment of its being back; the next test does
        /// not wait for that.
        private func start(_ name: Installation.Name) {
            #expect(throws: Never.self) {
                try stage.installation.start(name)
                let client = try stage.installation.client()
                let password = """
                    {"identifier": "\(person.name)", "password": "\(person.password)"}
                    """
                let limit = Date(timeIntervalSinceNow: 20)
                while try client.call("SignInService/Start", password).reason == "unavailable" {
                    guard Date() < limit else { return }
                    usleep(50_000)
                }
            }
        }

        @Test func `a session that has ended leads to the sign-in`() throws {
            try stage.installation.sql(
                """
                DELETE FROM auth.sessions USING auth.users u
                WHERE u.id = user_id AND u.user_name = '\(person.name)'
                """)
            try browser.press("Unbind Authenticator app")
            try browser.heading("Sign in")
            try browser.status("Please sign in.")
        }
    }
}
