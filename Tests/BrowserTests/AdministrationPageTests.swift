import Fixtures
import Foundation
import Testing

extension BrowserTests {
    @Suite struct AdministrationPageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            let administrator = try Stage.administrator.get()
            browser = try stage.browser()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
        }

        private func addVerifier(_ title: String, uid: String) throws {
            try browser.press("Add a verifier")
            try browser.type(title, into: "Title")
            try browser.type(uid, into: "uid")
            try browser.press("Save")
            try browser.status("\(title) is saved.")
        }

        @Test func `verifiers are added, edited, and deleted several at once`() throws {
            try browser.open("/admin/verifiers")
            try browser.heading("Verifiers")
            try addVerifier("Key fob", uid: "fob")
            try addVerifier("Work phone", uid: "work")
            try browser.press("Add a verifier")
            try browser.type("Another", into: "Title")
            try browser.type("fob", into: "uid")
            try browser.press("Save")
            try browser.alert("There is a verifier with this uid.")
            #expect(try browser.focused() == "uid")
            try browser.press("Cancel")
            try browser.press("Edit Key fob")
            try browser.type("Key ring", into: "Title")
            try browser.press("Save")
            try browser.status("Key ring is saved.")
            try browser.press("Delete the selected")
            try browser.status("Select what to delete first.")
            try browser.tick("Select Key ring")
            try browser.tick("Select Work phone")
            try browser.press("Delete the selected")
            try browser.heading("Delete 2 verifiers?")
            try browser.press("Delete")
            try browser.status("2 verifiers are deleted.")
            #expect(try !browser.sees("Key ring"))
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `a verifier in use stays, and the page says why`() throws {
            try browser.open("/admin/verifiers")
            try browser.see("in use by the two-factor settings")
            try browser.tick("Select Authenticator app")
            try browser.press("Delete the selected")
            try browser.see("Users lose what they have bound")
            try browser.press("Delete")
            try browser.alert("The two-factor settings use this verifier.")
        }

        @Test func `settings without a verifier are refused, and lead to where they are made`()
            throws
        {
            try browser.open("/admin/two-factor")
            try browser.tick("Authenticator app")
            try browser.type("tests", into: "Reason")
            try browser.press("Save")
            try browser.alert("Choose at least one verifier.")
            try browser.press("Manage verifiers")
            try browser.heading("Verifiers")
        }

        @Test func `settings that someone else has saved are shown, and can be saved again`()
            throws
        {
            try browser.open("/admin/two-factor")
            try browser.see("Version")
            let other = try stage.browser()
            let administrator = try Stage.administrator.get()
            try administrator.signIn(other)
            try stage.rewind(administrator)
            try other.open("/admin/two-factor")
            try other.type("the first", into: "Reason")
            try other.press("Save")
            try other.status("The settings are in force.")
            try browser.type("the second", into: "Reason")
            try browser.press("Save")
            try browser.alert("admin has saved these changes in the meantime.")
            try browser.see("the first")
            try browser.press("Save")
            try browser.status("The settings are in force.")
        }

        /// Leads to a user's own page, by the list.
        private func openPage(of name: String) throws {
            try browser.open("/admin/users")
            try browser.type(name, into: "Search")
            try browser.press("Find")
            try browser.status("One user found.")
            try browser.press(name)
            try browser.heading(name)
        }

        @Test func `users are found by name and by how they stand, and the address remembers it`()
            throws
        {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            _ = try stage.initialPassword(of: name)
            try browser.open("/admin/users")
            try browser.type(name, into: "Search")
            try browser.press("Find")
            try browser.status("One user found.")
            try browser.see("never signed in")
            try browser.see("no second factor")
            for (none, word) in [
                ("With a second factor", "bound"), ("Locked", "locked"),
                ("Disabled", "disabled"), ("Administrators", "administrators"),
            ] {
                try browser.choose(none, in: "Show")
                try browser.wait(
                    "search", "return location.search.endsWith(`only=${arguments[0]}`);", [word])
                try browser.see("No users match.")
            }
            try browser.choose("Without a second factor", in: "Show")
            try browser.status("One user found.")
            try browser.press(name)
            try browser.heading(name)
            try browser.run("history.back()")
            try browser.heading("Users")
            try browser.see(name)
            #expect(try browser.field("Search").property("value") as? String == name)
            try browser.type("nobody at all", into: "Search")
            try browser.press("Find")
            try browser.see("No users match.")
            try browser.expectQuietConsole()
        }

        @Test func `a user is created with an initial password, told once`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            _ = try stage.initialPassword(of: name)
            try browser.open("/admin/users")
            try browser.press("Create a user")
            try browser.type(name, into: "User name")
            try browser.press("Create")
            try browser.alert("This user name is taken.")
            #expect(try browser.focused() == "User name")
            try browser.type(name + "-2", into: "User name")
            try browser.choose("Nederlands", in: "Language of messages")
            try browser.press("Create")
            try browser.heading("Initial password of \(name)-2")
            let initial = try browser.run(
                "return document.querySelector('dialog .secret').textContent")
            try browser.press("Close")
            try browser.status("\(name)-2 is created.")
            try browser.expectQuietConsole(refusals: true)
            let theirs = try stage.browser()
            _ = try Person.firstSignIn(
                name + "-2", try #require(initial as? String), "a kettle full of rain", theirs)
        }

        @Test func `a user is invited by mail, and once more`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let address = "\(name)@example.org"
            try browser.open("/admin/users")
            try browser.press("Invite a user")
            try browser.type(name, into: "User name")
            try browser.type(address, into: "E-mail address")
            try browser.press("Invite")
            try browser.status("\(name) is invited: a link was sent to \(address).")
            try browser.press("Invite \(name) again")
            try browser.type("it was lost", into: "Reason")
            try browser.press("Invite again")
            try browser.wait("an end of the dialog", "return !document.querySelector('dialog')")
            try browser.status("\(name) is invited")
            let limit = Date(timeIntervalSinceNow: 20)
            while try stage.post.mails(to: address).count < 2, Date() < limit { usleep(50_000) }
            #expect(try stage.post.mails(to: address).count == 2)
            try browser.expectQuietConsole()
        }

        @Test func `whom failures have locked is told when to try again, and can be unlocked`()
            throws
        {
            let theirs = try stage.browser()
            let person = try stage.person(theirs)
            try theirs.press("Sign out")
            try theirs.heading("Sign in")
            for _ in 0..<5 {
                try Person.enter(person.name, "not this one", theirs)
                try theirs.alert("The user name or password is wrong.")
            }
            try Person.enter(person.name, person.password, theirs)
            try theirs.alert("Too many failed attempts. Try again in")

            try browser.open("/admin/locked")
            try browser.heading("Locked accounts and resets")
            try browser.see("tries are allowed again on")
            try browser.press("Unlock \(person.name)")
            try browser.type("he has called", into: "Reason")
            try browser.press("Unlock")
            try browser.status("One authenticator of \(person.name) unlocked.")
            #expect(try !browser.sees("5 failures"))
            try browser.expectQuietConsole()

            try Person.enter(person.name, person.password, theirs)
            try theirs.heading("Two-factor authentication")
            try theirs.expectQuietConsole(refusals: true)
        }

        @Test func `resets want a reason and a fresh proof, and tell the password once`() throws {
            let theirs = try stage.browser()
            let person = try stage.person(theirs)
            try openPage(of: person.name)
            try browser.press("Reset second factors")
            try browser.type("lost his phone", into: "Reason")
            try browser.press("Reset second factors")
            try browser.status("One authenticator of \(person.name) removed.")
            try browser.see("Nothing is bound.")
            try stage.ageProofs(of: Stage.administrator.get())
            try browser.press("Reset password")
            try browser.type("forgot it", into: "Reason")
            try browser.press("Reset password")
            try browser.heading("Is it you?")
            try browser.type(try Stage.administrator.get().code(), into: "Code")
            try browser.press("Prove")
            try browser.heading("Initial password of \(person.name)")
            let initial = try browser.run(
                "return document.querySelector('dialog .secret').textContent")
            // It is not lost by a slip of the keyboard.
            try browser.keys(Key.escape)
            try browser.see("Initial password of")
            try browser.press("Close")
            _ = try Person.firstSignIn(
                person.name, try #require(initial as? String), "a third one, quite long", theirs)
        }
    }
}
