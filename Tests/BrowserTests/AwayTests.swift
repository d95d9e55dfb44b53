import Fixtures
import Testing

extension BrowserTests {
    /// A service that is away: the pages say so, offer to try again, and go on when it is back.
    @Suite struct AwayTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            _ = try Stage.administrator.get()
            browser = try stage.browser()
        }

        private func start(_ name: Installation.Name) {
            #expect(throws: Never.self) { try stage.installation.start(name) }
        }

        /// The gateway finds a service again within a moment of its being back.
        private func tryAgain(until selector: String) throws {
            try browser.wait(
                selector,
                """
                const [wanted, name] = arguments;
                if (document.querySelector("main[aria-busy]")) return false;
                if (document.querySelector(wanted)?.checkVisibility()) return true;
                const buttons = [...document.querySelectorAll("main button")];
                buttons.find((it) => it.textContent === name)?.click();
                return false;
                """, [selector, "Try again"])
        }

        private func expectAway(_ name: String) throws {
            try browser.alert("not available right now")
            try browser.expectHeading(name)
            try browser.expectNames(name)
            try browser.expectFitting(name)
            try Axe.expectNothing(wrongWith: name, browser)
            _ = try browser.button("Try again")
        }

        @Test(arguments: [
            ("two-factor", Installation.Name.policy), ("account", .verification),
        ])
        func `a page whose service is away says so, and recovers`(
            _ name: String, _ service: Installation.Name
        ) throws {
            let screen = try #require(Screen.all.first { $0.name == name })
            let visit = Visit(screen: screen, stage: stage, browser: browser)
            try visit.enter(speaking: "en")
            try stage.installation.stop(service)
            let seen = Result {
                try browser.open(try screen.path(stage))
                try expectAway("away-\(name)")
            }
            start(service)
            try seen.get()
            try tryAgain(until: screen.shows)
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `a sign-in that reaches nobody says so, and goes on where it stood`() throws {
            let person = try Stage.somebody.get()
            try stage.rewind(person)
            try browser.open("/")
            try browser.heading("Sign in")
            try stage.installation.stop(.gateway)
            let seen = Result {
                try Person.enter(person.name, person.password, browser)
                try browser.alert("The service cannot be reached.")
                try browser.expectFitting("away-sign-in")
            }
            start(.gateway)
            try seen.get()
            try Person.enter(person.name, person.password, browser)
            try browser.heading("Two-factor authentication")
            // Chromium tells that nobody answered.
            _ = try browser.takeLog()
        }
    }
}
