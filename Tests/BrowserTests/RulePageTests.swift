import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What policy asks, as an administrator writes, tries and saves it.
    @Suite struct RulePageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            let administrator = try Stage.administrator.get()
            browser = try stage.browser()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            try open()
        }

        private func open(_ path: String = "/admin/two-factor") throws {
            try browser.open(path)
            try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
        }

        /// Opens a part of the page that is closed at first.
        private func unfold(_ title: String) throws {
            try browser.element(
                "part \(title)",
                """
                return [...document.querySelectorAll("details:not([open]) > summary")].find((it) =>
                  it.querySelector("h2").textContent === arguments[0]) ?? null;
                """, [title]
            ).click()
        }

        private func save(_ reason: String, _ said: String = "The settings are in force.") throws {
            try browser.type(reason, into: "Reason")
            try browser.press("Save")
            try browser.status(said)
        }

        private func removeRule(_ name: String) throws {
            try browser.press("Remove the rule \(name)")
            try browser.see("taken out")
            try save("the test is over")
        }

        /// A new rule for whoever comes from these networks, who may not sign in.
        private func refuse(_ networks: String, name: String, user: String? = nil) throws {
            try browser.press("Add a rule")
            try browser.type(name, into: "Name of the rule")
            if !networks.isEmpty { try browser.type(networks, into: "From these networks") }
            if let user {
                try browser.type(user, into: "These users")
                try browser.press("Find")
                try browser.press("Add \(user)")
            }
            try browser.tick("They may not sign in at all")
            try browser.press("Add to the rules")
        }

        @Test func `a rule is written, tried, saved, told in words, and does what was foretold`()
            throws
        {
            let theirs = try stage.browser()
            let person = try stage.person(theirs)
            try theirs.press("Sign out")
            try open()
            try refuse("127.0.0.0/8\n::1", name: "closed", user: person.name)
            try browser.see("\(person.name) from 127.0.0.0/8 or ::1:")
            try browser.see("may not sign in")
            try browser.see("There are changes that are not saved yet.")

            // From elsewhere the rule fits nobody.
            #expect(try !foretold(from: "192.0.2.1").contains(person.name))
            let told = try foretold(from: "127.0.0.1")
            let row = told.split(separator: "\n").first { $0.contains(person.name) }
            #expect(row?.contains("asked for a second factor") == true, "\(told)")
            #expect(row?.hasSuffix("could not sign in") == true, "\(told)")
            #expect(told.contains(/\d+ could not sign in/))
            #expect(told.contains("You yourself would be asked for a second factor that you have."))

            try save("closed from here")
            try Person.enter(person.name, person.password, theirs)
            try theirs.type(try person.code(), into: "Code")
            try theirs.press("Verify")
            try theirs.alert("No verifier is available.")
            try stage.rewind(person)
            try open()
            try removeRule("closed")
            try person.signIn(theirs)
            try browser.expectQuietConsole()
        }

        /// What the dry run tells of everybody, a line for each user.
        private func foretold(from address: String) throws -> String {
            try browser.type(address, into: "As if everybody came from this address")
            try browser.press("Try it")
            let told = try browser.wait(
                "result",
                """
                const progress = document.querySelector("#dry-run-progress").textContent;
                return progress.startsWith("Tried with")
                  && document.querySelector("#dry-run-result").innerText;
                """)
            return told as? String ?? ""
        }

        private func hasRule(_ name: String) throws -> Bool {
            try browser.run(
                """
                return [...document.querySelectorAll("#rules h3")]
                  .some((it) => it.textContent === arguments[0]);
                """, [name]) as? Bool ?? false
        }

        private func empty(_ label: String) throws {
            try browser.run(
                """
                arguments[0].value = "";
                arguments[0].dispatchEvent(new Event("input", { bubbles: true }));
                """, [try browser.field(label).json])
        }

        @Test func `every part of a rule is kept as it was written`() throws {
            try browser.press("Add a rule")
            try browser.type("whole", into: "Name of the rule")
            try browser.type("All there is", into: "Description")
            try browser.tick("administrators")
            try browser.type("10.9.0.0/16", into: "From anywhere but these networks")
            try browser.tick("a password")
            try browser.choose("Must prove one, or bind one", in: "Second factor")
            try browser.type("9", into: "A session ends at the latest after")
            try browser.type("20", into: "A session that is not used ends after")
            try browser.type("4", into: "Sensitive changes need a new proof after")
            try browser.type("12", into: "Shortest new password")
            try browser.tick("Authenticator app")
            try browser.tick("No trusted device stands in for the second factor")
            try browser.press("Add to the rules")
            try save("a whole rule")
            try open()
            for words in [
                "All administrators from anywhere but 10.9.0.0/16 signing in with a password:",
                "must prove a second factor, or bind one", "only with Authenticator app",
                "sessions end after 9 hours at the latest",
                "sessions that are not used end after 20 minutes",
                "sensitive changes need a new proof after 4 minutes",
                "new passwords have at least 12 characters",
                "no trusted device stands in for the second factor",
            ] {
                try browser.see(words)
            }
            // Opened and closed again it says the same.
            try browser.press("Edit the rule whole")
            #expect(try browser.field("Name of the rule").property("value") as? String == "whole")
            try browser.press("Change the rule")
            #expect(try !browser.sees("There are changes that are not saved yet."))
            try removeRule("whole")
            #expect(try !browser.sees("All there is"))
        }

        @Test func `slips are told where they were made, before anything is sent`() throws {
            try browser.press("Add a rule")
            try browser.type("slips", into: "Name of the rule")
            for typed in ["10.1.2.3/8", "here", "256.0.0.1", "::1/200"] {
                #expect(try mistake(in: typed).contains("“\(typed)” is no network."))
            }
            #expect(try mistake(in: "10.0.0.0/8, 2001:db8::/32").isEmpty)
            try browser.type("administrators", into: "Name of the rule")
            try browser.press("Add to the rules")
            try browser.see("A new rule")
            #expect(try browser.focused() == "Name of the rule")
            try browser.press("Cancel")
            // In a part that is closed, too.
            try unfold("Limits")
            try browser.type("1", into: "Wrong codes until the authenticator is disabled")
            try unfoldAll(false)
            try browser.type("too few", into: "Reason")
            try browser.press("Save")
            try browser.wait("limits", "return document.querySelector('#limits-part').open")
            #expect(
                try browser.focused() == "Wrong codes until the authenticator is disabled")
        }

        private func mistake(in networks: String) throws -> String {
            try browser.type(networks, into: "From these networks")
            let told = try browser.field("From these networks").property("validationMessage")
            return told as? String ?? ""
        }

        private func unfoldAll(_ isOpen: Bool) throws {
            try browser.run(
                """
                for (const it of document.querySelectorAll("details")) it.open = arguments[0];
                """, [isOpen])
        }

        @Test func `limits, networks and what holds for everybody are kept`() throws {
            try unfold("Limits")
            try browser.type("12", into: "Wrong codes until the authenticator is disabled")
            try unfold("Networks")
            try browser.type("198.51.100.0/24", into: "Nobody from these networks")
            try unfold("For everybody")
            try browser.type("20", into: "A session ends at the latest after")
            try save("a little stricter")
            try open()
            #expect(try shown("codeFailures") == "12")
            #expect(try shown("denied") == "198.51.100.0/24")
            #expect(try shown("sessionSeconds") == "20")
            // Saved again, they are all still there.
            try save("once more")
            #expect(try shown("codeFailures") == "12")
            try unfoldAll(true)
            try empty("Wrong codes until the authenticator is disabled")
            try empty("Nobody from these networks")
            try empty("A session ends at the latest after")
            try save("as it was")
            try open()
            for name in ["codeFailures", "denied", "sessionSeconds"] {
                #expect(try shown(name) == "")
            }
        }

        private func shown(_ name: String) throws -> String? {
            try browser.run("return document.querySelector(`[name=${arguments[0]}]`).value", [name])
                as? String
        }

        /// Runs `body` while there are so many users that they are tried in several calls.
        private func withCrowd(_ body: () throws -> Void) throws {
            try stage.installation.sql(
                """
                INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
                SELECT gen_random_uuid(), 'crowd-' || n, 'crowd-' || n, 'crowd-' || n, 'en', '{}',
                    'active' FROM generate_series(1, 250) n
                """)
            let outcome = Result { try body() }
            try stage.installation.sql("DELETE FROM auth.users WHERE name_key LIKE 'crowd-%'")
            try outcome.get()
        }

        @Test func `a dry run goes through all users, page by page, and can be stopped`() throws {
            try browser.tick("Everyone: enforce two-factor authentication for all users")
            try save("everybody")
            try withCrowd {
                try browser.tick("Administrators")
                let told = try foretold(from: "127.0.0.1")
                let alone = try #require(
                    told.firstMatch(of: /(\d+) would need the password alone/), "\(told)")
                #expect(try #require(Int(alone.1)) >= 250)
                let rows = "return document.querySelectorAll('#dry-run-result tbody tr').length"
                #expect(try browser.run(rows) as? Int == 50)
                try browser.press("Show more")
                #expect(try browser.run(rows) as? Int == 100)

                try browser.run(
                    """
                    const call = fetch;
                    window.fetch = async (...all) => {
                      await new Promise((done) => setTimeout(done, 700));
                      return call(...all);
                    };
                    """)
                try browser.press("Try it")
                try browser.see("users so far.")
                try browser.press("Stop")
                try browser.see("Stopped.")
                #expect(try !browser.sees("would need the password alone"))
            }
            try open()
            #expect(
                try browser.run("return document.querySelector('[value=everyone]').checked")
                    as? Bool == true)
        }

        @Test func `P-08 what would lock administrators out is refused, beside what it is about`()
            throws
        {
            try unfold("Networks")
            try browser.type("10.0.0.0/8", into: "Everybody from these networks only")
            try browser.type("only from there", into: "Reason")
            try browser.press("Save")
            let told = "With these networks you could not sign in from where you are now."
            try browser.alert(told)
            #expect(try browser.focused() == told)
            #expect(
                try browser.run(
                    "return Boolean(document.activeElement.closest('#networks-part'))") as? Bool
                    == true)
            try empty("Everybody from these networks only")

            try refuse("", name: "nobody")
            try browser.press("Try it")
            try browser.see("You yourself could not sign in any more.")
            try browser.see("No administrator could sign in: such settings are not saved.")
            try browser.press("Save")
            try browser.alert("With these settings no administrator could sign in")
            try open()
            #expect(try !hasRule("nobody"))
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `what is typed stays when somebody else was faster`() throws {
            let other = try stage.browser()
            let administrator = try Stage.administrator.get()
            try administrator.signIn(other)
            try stage.rewind(administrator)
            try other.open("/admin/two-factor")
            try refuse("192.0.2.0/24", name: "mine")

            try other.press("Add a rule")
            try other.type("theirs", into: "Name of the rule")
            try other.type("198.51.100.0/24", into: "From these networks")
            try other.tick("They may not sign in at all")
            try other.press("Add to the rules")
            try other.type("was faster", into: "Reason")
            try other.press("Save")
            try other.status("The settings are in force.")

            try browser.type("came later", into: "Reason")
            try browser.press("Save")
            try browser.alert("admin has saved these changes in the meantime.")
            try browser.see("Everybody from 198.51.100.0/24: may not sign in.")
            try browser.see("Everybody from 192.0.2.0/24:")
            #expect(try browser.field("Reason").property("value") as? String == "came later")
            try browser.press("Save")
            try browser.status("The settings are in force.")
            try open()
            try browser.press("Remove the rule theirs")
            try removeRule("mine")
            #expect(try !browser.sees("198.51.100.0/24"))
        }

        @Test func `P-05 what asks less waits until a second administrator approves or withdraws`()
            throws
        {
            try browser.tick("Everyone: enforce two-factor authentication for all users")
            try unfold("Before weaker settings are in force")
            try browser.type("24", into: "It waits for so many hours")
            try refuse("203.0.113.0/24", name: "guarded")
            try save("from now on they wait")
            let second = try SecondAdministrator(stage, browser)

            try browser.press("Remove the rule guarded")
            try save("too strict", "This asks less of somebody, so it waits")
            try browser.heading("Less is asked: refused sign-ins")
            try browser.see("You asked for it, so another administrator has to approve it.")
            try browser.see("Everybody from 203.0.113.0/24: may not sign in.")
            #expect(try hasRule("guarded"))
            #expect(try !browser.sees("Approve"))

            try second.browser.open("/admin/two-factor")
            try second.browser.see("Asked for by admin")
            try second.browser.see("Reason: too strict")
            try second.browser.press("Withdraw")
            try second.browser.press("Withdraw")
            try second.browser.status("The change is withdrawn.")
            try open()
            #expect(try !browser.sees("Waiting"))

            try browser.press("Remove the rule guarded")
            try unfold("Before weaker settings are in force")
            try empty("It waits for so many hours")
            try save("as it was", "This asks less of somebody, so it waits")
            try second.browser.open("/admin/two-factor")
            try second.browser.press("Approve")
            try second.browser.heading("Approve this change?")
            try second.browser.type("agreed", into: "Reason")
            try second.browser.press("Approve")
            try second.browser.status("The change is approved and in force.")
            #expect(try !second.browser.sees("203.0.113.0/24"))
            try open()
            #expect(try !browser.sees("203.0.113.0/24"))
            try browser.expectQuietConsole()
            try second.browser.expectQuietConsole()
            try second.leave(browser)
        }

        @Test func `the first administrator is led to a second factor for everyone`() throws {
            try browser.tick("Administrators")
            try save("as on the first day")
            try open("/admin/two-factor?first-start")
            try browser.heading("One step left: a second factor for everyone")
            try browser.press("Choose everyone, and try it")
            try browser.see("Tried with")
            #expect(
                try browser.run("return document.querySelector('[value=everyone]').checked")
                    as? Bool == true)
            try browser.press("Save")
            try browser.status("The settings are in force.")
            try browser.heading("Everyone is asked for a second factor")
            try open("/admin/two-factor?first-start")
            #expect(try !browser.sees("One step left"))
        }
    }
}

/// Somebody who may approve what the first administrator asks for: one for longer than a day.
private struct SecondAdministrator {
    let name = "second-\(UInt32.random(in: 0 ... .max))"
    let browser: Browser

    /// - Parameter first: Where the first administrator is signed in.
    init(_ stage: Stage, _ first: Browser) throws {
        browser = try stage.browser()
        let made = try first.administrate(
            "CreateUser", ["userName": name, "roles": ["administrator"]])
        let initial = try #require(made["initialPassword"] as? String, "\(made)")
        let person = try Person.firstSignIn(name, initial, "seven slow brown otters", browser)
        try stage.rewind(person)
        try stage.installation.sql(
            """
            UPDATE auth.users SET roles_since = roles_since - interval '2 days'
            WHERE name_key = '\(name)'
            """)
    }

    /// So that the first is the only one again.
    func leave(_ first: Browser) throws {
        let found = try first.administrate("ListUsers", ["search": name])
        let users = try #require(found["users"] as? [[String: Any]])
        let id = try #require(users.first?["id"] as? String)
        let left = try first.administrate("DisableUser", ["user": id, "reason": "tests"])
        #expect(left["disabled"] as? Bool == true, "\(left)")
    }
}

extension Browser {
    /// Calls a method of `AdminService` by the session of who is signed in here.
    func administrate(_ method: String, _ message: [String: Any]) throws -> [String: Any] {
        let script = """
            const [method, message, done] = arguments;
            fetch(`/dubbelslot.v1.AdminService/${method}`, {
              method: "POST",
              headers: { "Content-Type": "application/json" },
              body: JSON.stringify(message),
            }).then((it) => it.json()).then(done, (error) => done({ error: String(error) }));
            """
        let answer = try command(
            "/execute/async", ["script": script, "args": [method, message] as [Any]])
        return answer as? [String: Any] ?? [:]
    }
}
