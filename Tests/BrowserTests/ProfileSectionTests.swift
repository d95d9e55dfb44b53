import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What one is called here, what one's authenticators are called, and what has happened.
    @Suite struct ProfileSectionTests {
        private let stage: Stage
        private let browser: Browser
        private let person: Person

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
            person = try stage.person(browser)
        }

        @Test func `name and language of mails are changed, and stay so`() throws {
            let program = try stage.signedIn(person, agent: "tests")
            try browser.open("/account")
            try browser.press("Edit the profile")
            try browser.heading("Your profile")
            #expect(try browser.focused() == "Name")
            try browser.type("Ann <b>Bold</b>", into: "Name")
            try browser.choose("Nederlands", in: "Language of mails")
            try browser.press("Save")
            try browser.status("Your profile is changed.")
            try browser.see("Ann <b>Bold</b>")
            #expect(try browser.focused() == "Edit the profile")
            let account = try program.call("AccountService/Get")
            #expect(account.string("displayName") == "Ann <b>Bold</b>")
            #expect(account.string("locale") == "nl")
            try browser.open("/account")
            try browser.see("Ann <b>Bold</b>")
            try browser.see("Nederlands")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `an authenticator is renamed, and asked for by that name`() throws {
            try browser.open("/account")
            try browser.press("Rename Authenticator app")
            try browser.heading("Rename: Authenticator app")
            #expect(try browser.focused() == "Name")
            try browser.type("<i>grey</i> phone", into: "Name")
            try browser.press("Save")
            try browser.status("The name is changed.")
            let title = "Authenticator app (<i>grey</i> phone)"
            #expect(try browser.focused() == title)
            #expect(try browser.titles(in: "#authenticators") == [title])
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try stage.rewind(person)
            try person.signIn(browser)
            try browser.see(title)
            // Where and with what it was used last.
            try browser.see("Chrome on Linux · from 127.0.0.1")
            try browser.press("Rename " + title)
            try browser.type("", into: "Name")
            try browser.press("Save")
            try browser.status("The name is changed.")
            #expect(try browser.titles(in: "#authenticators") == ["Authenticator app"])
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `few recovery codes are a reason to make new ones`() throws {
            try browser.open("/account")
            try browser.see("You have 10 codes left.")
            #expect(try !browser.sees("Few are left."))
            try stage.installation.sql(
                """
                UPDATE verification.recovery_codes SET used_at = clock_timestamp()
                WHERE ctid IN (SELECT c.ctid FROM verification.recovery_codes c
                    JOIN auth.users u ON u.id = c.user_id
                    WHERE u.name_key = '\(person.name)' LIMIT 7)
                """)
            try browser.open("/account")
            try browser.see("You have 3 codes left.")
            try browser.see("Few are left.")
        }

        @Test func `what has happened is told in words, with device and place`() throws {
            try browser.press("Sign out")
            try browser.heading("Sign in")
            try Person.enter(person.name, person.password, browser)
            try browser.heading("Two-factor authentication")
            try browser.type(try person.wrongCode(), into: "Code")
            try browser.press("Verify")
            try browser.alert("The code is wrong.")
            for _ in 0..<6 { _ = try stage.signedIn(person, agent: "curl/8.14.1") }
            try browser.type(try person.code(), into: "Code")
            try browser.press("Verify")
            try browser.heading("Your account")
            try browser.see("Signed in")
            try browser.see("Chrome on Linux · from 127.0.0.1")
            try browser.waitForRows(10, in: "#events")
            // Every one has a sentence of its own, none the word that is stored.
            #expect(try !browser.sees("sign_in_completed"))
            #expect(try !browser.sees("Something else happened"))
            try browser.press("Show more")
            try browser.wait(
                "more rows",
                """
                const rows = [...document.querySelectorAll("#events > li")];
                return rows.length > 10 && rows[10].contains(document.activeElement);
                """)
            while try browser.run(
                """
                const more = document.querySelector("#events-actions button");
                if (!more.hidden && !more.ariaBusy) more.click();
                return !more.hidden;
                """) as? Bool == true
            {
                usleep(50_000)
            }
            try browser.see("Second factor refused Was that you?")
            try browser.see("Authenticator bound")
            try browser.see("Password changed")
            try browser.expectQuietConsole(refusals: true)
        }
    }
}
