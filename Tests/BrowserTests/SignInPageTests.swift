import Fixtures
import Foundation
import Testing

extension BrowserTests {
    @Suite struct SignInPageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
        }

        @Test func `the administrator binds by the QR code, signs out, and signs in with a code`()
            throws
        {
            let administrator = try Stage.administrator.get()
            try administrator.signIn(browser)
            try browser.see("admin")
            // The session is a cookie that no script can read, and nothing else is kept.
            let kept = try browser.run(
                "return document.cookie + localStorage.length + sessionStorage.length")
            #expect(kept as? String == "00")
            try browser.press("Sign out")
            try browser.status("You are signed out.")
            try browser.open("/account")
            try browser.status("Please sign in.")
            #expect(try browser.focused() == "User name, e-mail address or phone number")
            try browser.expectQuietConsole()
        }

        @Test func `the first start ends with a second factor for everyone, and a new user binds`()
            throws
        {
            let administrator = try Stage.administrator.get()
            try stage.enforceForAdministrators()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            // Where the first sign-in of all has led.
            try browser.open("/admin/two-factor?first-start")
            try browser.heading("One step left: a second factor for everyone")
            try browser.press("Choose everyone, and try it")
            try browser.see("What it would do to")
            try browser.press("Save")
            try browser.heading("Everyone is asked for a second factor")
            try browser.press("Go to the users")
            try browser.heading("Users")
            try browser.press("Create a user")
            try browser.type("ann", into: "User name")
            try browser.type("Ann", into: "Name")
            try browser.press("Create")
            try browser.heading("Initial password of ann")
            let initial = try browser.run(
                "return document.querySelector('dialog .secret').textContent")
            try browser.press("Close")
            try browser.see("ann")
            try browser.press("Sign out")
            try browser.heading("Sign in")

            let ann = try Person.firstSignIn(
                "ann", try #require(initial as? String), "a kettle full of rain", browser)
            try browser.press("Sign out")
            try browser.status("You are signed out.")
            try stage.rewind(ann)
            try ann.signIn(browser)
            #expect(try !browser.sees("Verifiers"))
            try browser.expectQuietConsole()
        }

        @Test func `a wrong password and a wrong code are told by their sentences`() throws {
            let person = try stage.person(browser)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try Person.enter(person.name, "not this one", browser)
            try browser.alert("The user name or password is wrong.")
            try Person.enter(person.name, person.password, browser)
            try browser.heading("Two-factor authentication")
            try browser.type(try person.wrongCode(), into: "Code")
            try browser.press("Verify")
            try browser.alert("The code is wrong.")
            // The mistake is marked, and the keyboard is there.
            #expect(try browser.focused() == "Code")
            #expect(try browser.field("Code").property("ariaInvalid") as? String == "true")
            let code = try person.code()
            try browser.type("\(code.prefix(3)) \(code.suffix(3))", into: "Code")
            try browser.press("Verify")
            try browser.heading("Your account")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `a used code is told, and so is a sign-in that has expired`() throws {
            let person = try stage.person(browser)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            let code = try person.code()
            try person.signIn(browser, code: code)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try Person.enter(person.name, person.password, browser)
            try browser.heading("Two-factor authentication")
            try browser.type(code, into: "Code")
            try browser.press("Verify")
            try browser.alert("This code was used already. Wait for the next one.")
            try stage.installation.sql(
                "UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp()")
            try browser.press("Verify")
            try browser.see("Two-factor authentication has expired, please sign in again.")
            try browser.press("Sign in again")
            try browser.heading("Sign in")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `a sign-in can be given up, and its ticket opens nothing more`() throws {
            let person = try stage.person(browser)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try Person.enter(person.name, person.password, browser)
            try browser.press("Cancel the sign-in")
            try browser.status("The sign-in was cancelled.")
            try browser.heading("Sign in")
            let left = try stage.installation.sql(
                """
                SELECT count(*) FROM auth.pending_sign_ins p JOIN auth.users u ON u.id = p.user_id
                WHERE u.user_name = '\(person.name)' AND p.stage <> 'finished'
                """)
            #expect(left == "0\n")
            try browser.expectQuietConsole()
        }

        @Test func `a new password that is too short is told at its field`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let initial = try stage.initialPassword(of: name)
            try browser.open("/")
            try Person.enter(name, initial, browser)
            try Person.bind(browser)
            try browser.see("At least 8 characters.")
            try browser.type("short", into: "New password")
            try browser.press("Save and sign in")
            try browser.alert("The password is too short.")
            #expect(try browser.focused() == "New password")
            #expect(try browser.field("New password").property("type") as? String == "password")
            try browser.tick("Show what I type")
            #expect(try browser.field("New password").property("type") as? String == "text")
        }

        @Test func `whoever may choose between verifiers binds the one he chooses`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let initial = try stage.initialPassword(of: name)
            try stage.withTwoVerifiers {
                try browser.open("/")
                try Person.enter(name, initial, browser)
                let first = try browser.scan()
                try browser.tick("Authenticator app")
                try browser.wait(
                    "another QR code",
                    "return document.querySelector('ol a')?.href !== arguments[0]", [first])
                try Person.bind(browser)
                try browser.heading("Choose a new password")
                let bound = try stage.installation.sql(
                    """
                    SELECT a.verifier FROM verification.authenticators a
                    JOIN auth.users u ON u.id = a.user_id
                    WHERE u.name_key = '\(name)' AND a.kind = 'totp'
                    """)
                #expect(bound == "totp\n")
                try browser.expectQuietConsole()
            }
        }

        @Test
        func `L-28 a sign-in leads back to the page that was asked for, and to no other place`()
            throws
        {
            let person = try stage.person(browser)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try browser.open("/admin/users")
            try browser.status("Please sign in.")
            try Person.enter(person.name, person.password, browser)
            try browser.type(try person.code(), into: "Code")
            try browser.press("Verify")
            try browser.alert("Only administrators may see and do this.")
            for place in ["https://example.org/", "//example.org/", "/livez", "account"] {
                try browser.open("/?next=\(place)")
                try browser.heading("Your account")
            }
        }

        @Test func `the keyboard alone signs in`() throws {
            let person = try stage.person(browser)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try browser.open("/")
            try browser.heading("Sign in")
            #expect(try browser.focused() == "User name, e-mail address or phone number")
            try browser.keys(person.name + Key.tab + person.password + Key.enter)
            try browser.heading("Two-factor authentication")
            #expect(try browser.focused() == "Code")
            try browser.keys(try person.code() + Key.enter)
            try browser.heading("Your account")
            try browser.keys(Key.tab)
            #expect(try browser.focused() == "Skip to the content")
        }
    }
}
