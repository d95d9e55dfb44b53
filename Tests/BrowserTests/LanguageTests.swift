import Fixtures
import Testing

extension BrowserTests {
    /// In which language the pages speak; that each screen does, `EveryScreenTests` sees.
    @Suite struct LanguageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
        }

        private func speaks(_ language: String, _ heading: String) throws {
            try browser.heading(heading)
            #expect(try browser.run("return document.documentElement.lang") as? String == language)
        }

        private func choose(_ language: String) throws {
            try browser.element(
                "choice of \(language)",
                "return document.querySelector(`#foot option[value=${arguments[0]}]`);",
                [language]
            ).click()
        }

        @Test func `the language is the browser's until somebody chooses one, and then that stays`()
            throws
        {
            for (wanted, language, heading) in [
                ("nl-BE,nl,en", "nl", "Aanmelden"), ("zh-CN,zh", "zh", "登录"),
                ("tlh,fr", "en", "Sign in"),
            ] {
                try browser.want(languages: wanted)
                try browser.open("/")
                try speaks(language, heading)
            }
            try browser.want(languages: "en")
            try browser.open("/")
            try speaks("en", "Sign in")
            try choose("nl")
            try speaks("nl", "Aanmelden")
            try browser.open("/")
            try speaks("nl", "Aanmelden")
            try choose("zh")
            try speaks("zh", "登录")
            try browser.expectQuietConsole()
        }

        @Test func `the language that was chosen outlives the signing out`() throws {
            let person = try stage.person(browser)
            try choose("nl")
            try browser.wait("Dutch", "return document.documentElement.lang === 'nl'")
            try browser.see(person.name)
            try browser.press("Afmelden")
            try speaks("nl", "Aanmelden")
        }
    }
}
