import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What a sign-in goes through besides a password and a code.
    @Suite struct SignInStepTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
        }

        private func signOut() throws {
            try browser.press("Sign out")
            try browser.heading("Sign in")
        }

        /// Somebody who has got to see his recovery codes, in `browser`.
        private func newcomer() throws -> (name: String, codes: [String]) {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let initial = try stage.initialPassword(of: name)
            try browser.open("/")
            try Person.enter(name, initial, browser)
            let secret = try Person.secret(browser)
            try browser.type(try Person.code(secret), into: "Code")
            try browser.press("Bind")
            try browser.heading("Your recovery codes")
            let codes = try browser.run(
                "return [...document.querySelectorAll('.codes li')].map((it) => it.textContent)")
            return (name, try #require(codes as? [String]))
        }

        @Test func `a recovery code signs in once in the place of an authenticator`() throws {
            let (name, codes) = try newcomer()
            #expect(codes.count == 10)
            try browser.press("I have kept them")
            let password = "a kettle full of rain"
            try browser.type(password, into: "New password")
            try browser.press("Save and sign in")
            try browser.heading("Your account")
            try signOut()

            try Person.enter(name, password, browser)
            try browser.press("Use a recovery code")
            #expect(try browser.focused() == "Recovery code")
            // Typed as people do who read it from paper.
            try browser.type(codes[0].lowercased(), into: "Recovery code")
            try browser.press("Verify")
            try browser.heading("Your account")
            try signOut()

            try Person.enter(name, password, browser)
            try browser.press("Use a recovery code")
            try browser.type(codes[0], into: "Recovery code")
            try browser.press("Verify")
            try browser.alert("This recovery code was used already. Take another one.")
            #expect(try browser.focused() == "Recovery code")
            try browser.type(codes[1], into: "Recovery code")
            try browser.press("Verify")
            try browser.heading("Your account")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `recovery codes are copied, saved and printed as a sheet of their own`() throws {
            let (name, codes) = try newcomer()
            try browser.tool(
                "Browser.grantPermissions",
                ["permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]])
            try browser.press("Copy")
            try browser.see("Copied.")
            let copied = try browser.command(
                "/execute/async",
                ["script": "navigator.clipboard.readText().then(arguments[0])", "args": []])
            #expect(copied as? String == codes.joined(separator: "\n"))

            try browser.run(
                """
                URL.createObjectURL = (blob) => {
                  blob.text().then((text) => { window.saved = text; });
                  return "#";
                };
                """)
            try browser.press("Download")
            let saved = try browser.wait("file", "return window.saved ?? null")
            #expect(
                saved as? String
                    == "Dubbelslot\n\(name)\n\n" + codes.joined(separator: "\n") + "\n")

            try browser.run("window.print = () => { window.printed = true; }")
            try browser.press("Print")
            try browser.wait("printing", "return window.printed === true")
            try browser.emulate("setEmulatedMedia", ["media": "print"])
            let sheet = try browser.run("return document.body.innerText") as? String
            let words = try #require(sheet).split(whereSeparator: \.isWhitespace).map(String.init)
            #expect(words == ["Dubbelslot", name] + codes)
            try browser.emulate("setEmulatedMedia", ["media": ""])
            try browser.press("I have kept them")
            try browser.heading("Choose a new password")
            try browser.expectQuietConsole()
        }

        @Test func `a trusted device is asked for the password alone, as long as that is allowed`()
            throws
        {
            let person = try stage.person(browser)
            try stage.withTrustedDevices {
                try signOut()
                try Person.enter(person.name, person.password, browser)
                try browser.tick("Trust this device for 30 days")
                try browser.type(try person.code(), into: "Code")
                try browser.press("Verify")
                try browser.heading("Your account")
                try signOut()
                try Person.enter(person.name, person.password, browser)
                try browser.heading("Your account")
                try signOut()
            }
            try Person.enter(person.name, person.password, browser)
            try browser.heading("Two-factor authentication")
            #expect(try !browser.sees("Trust this device"))
            try browser.expectQuietConsole()
        }

        @Test func `a service that is away is told, and a button tries again`() throws {
            try browser.tool("Network.enable")
            try browser.tool("Network.setBlockedURLs", ["urls": ["*/dubbelslot.v1.*"]])
            try browser.open("/")
            try browser.heading("Signing in is not possible right now")
            try browser.alert("The service cannot be reached.")
            try browser.press("Try again")
            try browser.alert("The service cannot be reached.")
            try browser.tool("Network.setBlockedURLs", ["urls": []])
            try browser.press("Try again")
            try browser.heading("Sign in")
            #expect(try browser.focused() == "User name, e-mail address or phone number")
            _ = try browser.takeLog()
        }

        /// English is judged with the figures of every page.
        @Test(arguments: ["nl", "zh"])
        func `the sign-in weighs under 60 kB in every language`(_ language: String) throws {
            try browser.want(languages: language)
            try browser.forgetFiles()
            _ = try browser.takeTraffic()
            try browser.open("/")
            try browser.wait(
                "language", "return document.documentElement.lang === arguments[0]", [language])
            try browser.page("/")
            try browser.settle()
            let bytes = try browser.takeTraffic().bytes
            #expect((30_000..<60_000).contains(bytes))
        }
    }
}
