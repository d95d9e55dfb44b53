import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// The versions of the settings: who, when and why, what differs, and the way back.
    @Suite struct VersionPageTests {
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

        private func version() throws -> Int {
            let settings = try browser.administrate("GetTwoFactorSettings", [:])
            return try #require(Int(settings["version"] as? String ?? ""))
        }

        /// Saves the settings as they are with these rules besides, and returns the version.
        private func save(rules: [[String: Any]], because reason: String) throws -> Int {
            var settings = try browser.administrate("GetTwoFactorSettings", [:])
            var book = settings["book"] as? [String: Any] ?? [:]
            book["rules"] = (book["rules"] as? [[String: Any]] ?? []) + rules
            settings["book"] = book
            let kept = settings.filter {
                ["version", "enforcement", "verifiers", "book"].contains($0.key)
            }
            let saved = try browser.administrate(
                "UpdateTwoFactorSettings", kept.merging(["reason": reason]) { $1 })
            return try #require(Int(saved["version"] as? String ?? ""), "\(saved)")
        }

        private func open() throws {
            try browser.open("/admin/versions")
            try browser.heading("Versions")
            try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
        }

        @Test func `versions are listed, compared in words, and put in force again`() throws {
            let before = try version()
            let changed = try save(
                rules: [
                    [
                        "name": "versioned", "networks": ["203.0.113.0/24"],
                        "requirements": ["stepUpSeconds": 120],
                    ]
                ], because: "a rule to compare")
            try open()
            try browser.heading("Version \(changed) in force")
            try browser.see("a rule to compare")
            try browser.see("admin, ")
            try browser.press("What changed with version \(changed)")
            try browser.heading("From version \(before) to version \(changed)")
            try browser.see("Rule versioned")
            try browser.see("no such rule")
            try browser.see(
                "Everybody from 203.0.113.0/24: "
                    + "sensitive changes need a new proof after 2 minutes.")

            try stage.ageProofs(of: Stage.administrator.get())
            try browser.press("Restore version \(before)")
            try browser.heading("Restore version \(before)?")
            try browser.see("Rule versioned")
            try browser.type("it was better before", into: "Reason")
            try browser.press("Restore")
            try browser.heading("Is it you?")
            try browser.type(try Stage.administrator.get().code(), into: "Code")
            try browser.press("Prove")
            try browser.status(
                "Version \(before) is in force again, as version \(changed + 1).")
            try browser.see("it was better before")
            #expect(try version() == changed + 1)
            let book = try browser.administrate("GetTwoFactorSettings", [:])["book"]
            let rules = (book as? [String: Any])?["rules"] as? [[String: Any]] ?? []
            #expect(!rules.contains { $0["name"] as? String == "versioned" })
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `any two versions can be compared, also such as lie far apart`() throws {
            for number in 1...3 { _ = try save(rules: [], because: "nothing new \(number)") }
            try open()
            let last = try version()
            let options = try browser.run(
                "return [...document.querySelector('#from').options].map((it) => it.text)")
            let names = try #require(options as? [String])
            let name = { (version: Int) in names.first { $0.hasPrefix("\(version): ") } ?? "" }
            try browser.choose(name(last - 2), in: "Before")
            try browser.choose(name(last), in: "After")
            try browser.press("Compare")
            try browser.heading("From version \(last - 2) to version \(last)")
            try browser.see("They say the same.")
        }

        @Test func `all versions are shown, a page at a time`() throws {
            let first = try save(rules: [], because: "the first of many")
            for _ in 1...20 { _ = try save(rules: [], because: "one of many") }
            try open()
            try browser.see("one of many")
            #expect(try !browser.sees("the first of many"))
            try browser.press("Show older versions")
            try browser.see("the first of many")
            try browser.press("What changed with version \(first)")
            try browser.heading("From version \(first - 1) to version \(first)")
            try browser.expectQuietConsole()
        }
    }
}
