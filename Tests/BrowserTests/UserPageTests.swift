import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What an administrator sees of one user, and does to him.
    @Suite struct UserPageTests {
        private let stage: Stage
        private let browser: Browser
        private let theirs: Browser
        private let person: Person

        init() throws {
            stage = try Stage.shared()
            let administrator = try Stage.administrator.get()
            browser = try stage.browser()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            theirs = try stage.browser()
            person = try stage.person(theirs)
            try open(person.name)
        }

        private func id(of name: String) throws -> String {
            try stage.installation.sql("SELECT id FROM auth.users WHERE name_key = '\(name)'")
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }

        private func open(_ name: String, in other: Browser? = nil) throws {
            let browser = other ?? browser
            try browser.open("/admin/user?id=\(id(of: name))")
            try browser.heading(name)
            try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
        }

        /// Presses what acts, gives a reason in the dialog, and says yes by the same words.
        private func act(_ name: String, in other: Browser? = nil) throws {
            let browser = other ?? browser
            try browser.press(name)
            try browser.type("tests", into: "Reason")
            try browser.press(name)
        }

        private func reasons(of event: String) throws -> String {
            try stage.installation.sql(
                """
                SELECT count(*) FROM auth.audit a JOIN auth.users u ON u.id = a.subject
                WHERE a.event = '\(event)' AND u.name_key = '\(person.name)'
                    AND a.payload->>'reason' = 'tests'
                """
            ).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        @Test func `the profile is edited, with a reason`() throws {
            try browser.press("Edit")
            try browser.type("Maria de Vries", into: "Name")
            try browser.type("no address", into: "E-mail address")
            try browser.type("\(person.name)@example.org", into: "E-mail address")
            try browser.choose("Nederlands", in: "Language of messages")
            try browser.type("married", into: "Reason")
            try browser.press("Save")
            try browser.status("The profile of \(person.name) is saved.")
            try browser.see("Maria de Vries")
            try browser.see("\(person.name)@example.org")
            #expect(
                try stage.installation.sql(
                    """
                    SELECT display_name || ' ' || locale FROM auth.users
                    WHERE name_key = '\(person.name)'
                    """
                ).contains("Maria de Vries nl"))
            // The audit of this user is one step away.
            try browser.run("scrollTo(0, 0)")
            try browser.press("What happened")
            try browser.heading("Audit")
            try browser.see("User created")
            try browser.expectQuietConsole()
        }

        @Test func `what is bound is told, and removed`() throws {
            #expect(
                try browser.titles(in: "#authenticators")
                    == ["Authenticator app", "Recovery codes"])
            try browser.see("10 codes left")
            try act("Reset second factors")
            try browser.status("One authenticator of \(person.name) removed.")
            try browser.see("Nothing is bound.")
            try browser.see("no second factor")
            try theirs.open("/account")
            try theirs.heading("Sign in")
            try browser.expectQuietConsole()
        }

        @Test func `whoever has bound nothing is given time, at most what the protocol gives`()
            throws
        {
            #expect(try !browser.sees("Give time to bind"))
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            _ = try stage.initialPassword(of: name)
            try open(name)
            try browser.press("Give time to bind")
            try browser.type("on leave", into: "Reason")
            let day = try browser.field("Until the end of")
            try browser.run("arguments[0].value = arguments[0].max", [day.json])
            try browser.press("Give time to bind")
            try browser.status("\(name) may put off binding until")
            let granted = """
                SELECT (until > clock_timestamp() + interval '88 days')::text || extended
                FROM auth.grace_grants g JOIN auth.users u ON u.id = g.user_id
                WHERE u.name_key = '\(name)'
                """
            #expect(try stage.installation.sql(granted).contains("truetrue"))
            try act("End that time")
            try browser.status("\(name) binds at the next sign-in.")
            #expect(
                try stage.installation.sql(
                    granted.replacing("> clock_timestamp() + interval '88 days'", with: "< now()")
                ).contains("truetrue"))
            try browser.expectQuietConsole()
        }

        @Test func `sessions are told and ended, one of them or all`() throws {
            let other = try stage.signedIn(person, agent: "curl/8.0")
            try open(person.name)
            #expect(try browser.waitForRows(2, in: "#sessions") == ["curl", "Chrome on Linux"])
            try browser.press(beginningWith: "End the session of curl of")
            try browser.type("tests", into: "Reason")
            try browser.press("End")
            try browser.status("The session has ended.")
            #expect(try browser.waitForRows(1, in: "#sessions") == ["Chrome on Linux"])
            #expect(try !other.isSignedIn())
            try act("End all sessions")
            try browser.status("All sessions of \(person.name) have ended.")
            try browser.see("Signed in nowhere.")
            try theirs.open("/account")
            try theirs.heading("Sign in")
            try browser.expectQuietConsole()
        }

        @Test func `trusted devices are told and forgotten, one of them or all`() throws {
            #expect(try !browser.sees("Forget all devices"))
            try stage.trust(
                ["Firefox on Linux", "Safari on iPhone", "Edge on Windows"], of: person)
            try open(person.name)
            try browser.waitForRows(3, in: "#devices")
            try browser.see("Safari on iPhone")
            try browser.press(beginningWith: "Forget Safari on iPhone")
            try browser.type("tests", into: "Reason")
            try browser.press("Forget")
            try browser.status("The device is trusted no more.")
            try browser.waitForRows(2, in: "#devices")
            #expect(try stage.count("trusted_devices", of: person) == 2)
            try act("Forget all devices")
            try browser.status("2 devices are trusted no more.")
            try browser.see("No device is trusted.")
            #expect(try stage.count("trusted_devices", of: person) == 0)
            try browser.expectQuietConsole()
        }

        @Test func `a user is disabled and enabled, made an administrator and one no more`() throws
        {
            try act("Disable")
            try browser.status("\(person.name) is disabled.")
            try theirs.open("/account")
            try theirs.heading("Sign in")
            try act("Enable")
            try browser.status("\(person.name) is enabled.")
            try act("Make administrator")
            try browser.status("\(person.name) is an administrator.")
            try browser.see("Ask for a reset")
            try act("Take the administrator's role")
            try browser.status("\(person.name) is no administrator any more.")
            try browser.see("Reset second factors")
            for event in ["user_disabled", "user_enabled"] {
                #expect(try reasons(of: event) == "1", "\(event)")
            }
            #expect(try reasons(of: "roles_changed") == "2")
            try browser.expectQuietConsole()
        }

        @Test func `an act without a reason is none, and a proof is asked for when it is old`()
            throws
        {
            try stage.ageProofs(of: Stage.administrator.get())
            try browser.press("Disable")
            try browser.type("tests", into: "Reason")
            try browser.press("Disable")
            try browser.heading("Is it you?")
            try browser.press("Cancel")
            try browser.alert("Nothing was changed: the proof was not given.")
            try browser.press("Cancel")
            #expect(try !browser.sees("Enable"))
            try act("Disable")
            try browser.heading("Is it you?")
            try browser.type(try Stage.administrator.get().code(), into: "Code")
            try browser.press("Prove")
            try browser.status("\(person.name) is disabled.")
            try stage.rewind(Stage.administrator.get())
            try browser.press("Enable")
            try browser.type("   ", into: "Reason")
            try browser.press("Enable")
            try browser.alert("Say why.")
            #expect(try browser.focused() == "Reason")
            try browser.press("Cancel")
            try browser.see("disabled")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `an administrator's reset takes two others, neither of whom it concerns`() throws
        {
            let second = try stage.browser()
            let approver = try stage.person(second)
            for administrator in [person, approver] {
                try open(administrator.name)
                try act("Make administrator")
                try browser.status("\(administrator.name) is an administrator.")
            }
            // One who has been an administrator for as long as the second word wants.
            try stage.installation.sql(
                """
                UPDATE auth.users SET roles_since = clock_timestamp() - interval '2 days'
                WHERE name_key = '\(approver.name)'
                """)
            try open(person.name)
            try act("Ask for a reset")
            try browser.status("The reset of \(person.name) waits for another administrator until")
            try browser.open("/admin/locked")
            try browser.heading("Resets that wait")
            try browser.see("Another administrator has to approve this.")
            #expect(try !browser.sees("Approve"))

            try stage.rewind(approver)
            try approver.signIn(second)
            try stage.rewind(approver)
            try second.open("/admin/locked")
            try second.see("asked for by admin")
            try second.press("Approve the reset of \(person.name)")
            try second.type("I have seen him", into: "Reason")
            try second.press("Approve")
            try second.status("The second factors of \(person.name) are removed.")
            try second.see("Nothing waits.")
            try open(person.name)
            try browser.see("Nothing is bound.")
            try second.expectQuietConsole()

            // And no is said as easily.
            try act("Ask for a reset")
            try browser.status("waits for another administrator")
            try browser.open("/admin/locked")
            try browser.press("Refuse the reset of \(person.name)")
            try browser.type("not so", into: "Reason")
            try browser.press("Refuse")
            try browser.status("The reset of \(person.name) is refused.")
            try browser.see("Nothing waits.")
            try browser.expectQuietConsole()
            for administrator in [person, approver] {
                try open(administrator.name)
                try act("Take the administrator's role")
                try browser.status("\(administrator.name) is no administrator any more.")
            }
        }

        @Test func `a user is erased when his name is typed, and only then`() throws {
            try browser.press("Erase")
            try browser.heading("Erase \(person.name) for good?")
            try browser.type(person.name + "x", into: "Type \(person.name) to go on")
            try browser.type("has left", into: "Reason")
            try browser.press("Erase")
            let field = try browser.field("Type \(person.name) to go on")
            #expect(
                try field.property("validationMessage") as? String
                    == "This is not the user name.")
            #expect(try id(of: person.name) != "")
            try browser.type(person.name, into: "Type \(person.name) to go on")
            try browser.press("Erase")
            try browser.status("\(person.name) is erased.")
            #expect(try id(of: person.name) == "")
            try browser.expectQuietConsole()
            try browser.press("All users")
            try browser.heading("Users")
            #expect(try !browser.sees(person.name))
        }

        @Test func `nothing is done to oneself here, and nobody is nobody`() throws {
            try open("admin")
            try browser.see("This is your own account.")
            try browser.see("this session")
            for name in ["Edit", "Disable", "Erase", "End all sessions", "Reset password"] {
                let found = try browser.run(
                    """
                    return [...document.querySelectorAll("main button")]
                      .some((it) => it.checkVisibility() && it.textContent === arguments[0]);
                    """, [name])
                #expect(found as? Bool == false, "\(name)")
            }
            try browser.expectQuietConsole()
            for nobody in ["00000000-0000-4000-8000-000000000000", "x", ""] {
                try browser.open("/admin/user?id=\(nobody)")
                try browser.alert("There is no such user.")
                #expect(try !browser.sees("Disable"))
            }
        }
    }
}
