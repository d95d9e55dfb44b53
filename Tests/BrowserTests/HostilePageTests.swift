import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What other people and other sites may try to make of the pages.
    @Suite struct HostilePageTests {
        private static let markup = #"<img src=x onerror="document.title='run'"><b>bold</b>"#

        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            _ = try Stage.administrator.get()
            browser = try stage.browser()
        }

        private func expectText(_ place: String) throws {
            try browser.see(Self.markup)
            let made = try browser.run(
                "return document.querySelectorAll('img[src=x], main b, dialog b').length")
            #expect(made as? Int == 0, "\(place)")
            #expect(try browser.run("return document.title") as? String != "run", "\(place)")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `H-82 markup in names, titles, searches and refusals is shown as text`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            _ = try stage.initialPassword(of: name)
            try stage.installation.sql(
                """
                UPDATE auth.users SET display_name = $q$\(Self.markup)$q$
                WHERE name_key = '\(name)'
                """)
            let administrator = try Stage.administrator.get()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            try browser.open("/admin/users")
            try browser.type(name, into: "Search")
            try browser.press("Find")
            try expectText("users")

            try browser.open("/admin/verifiers")
            try browser.press("Add a verifier")
            try browser.type(Self.markup, into: "Title")
            try browser.type("markup", into: "uid")
            try browser.press("Save")
            try browser.status("\(Self.markup) is saved.")
            try expectText("verifiers")
            try browser.tick("Select \(Self.markup)")
            try browser.press("Delete the selected")
            try browser.press("Delete")
            try browser.see("deleted.")
            try browser.expectQuietConsole(refusals: true)

            // What a link may bring along is not shown at all.
            try browser.open("/?\(Self.markup)#\(Self.markup)")
            try browser.see("Your account")
            #expect(try !browser.sees("<img"))
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `H-83 the sign-in page is not shown in a frame of another site`() throws {
            let frame = "<h1>other</h1><iframe src='\(browser.origin)/'></iframe>"
            let file = stage.installation.file("frame.html")
            try Data(frame.utf8).write(to: URL(fileURLWithPath: file))
            try browser.command("/url", ["url": "file://" + file])
            try browser.heading("other")
            var told = ""
            for _ in 0..<500 where !told.contains("frame-ancestors") {
                told += try browser.takeLog().joined()
                usleep(10_000)
            }
            #expect(told.contains("frame-ancestors"), "\(told)")
        }

        @Test func `H-84 after signing out the way back shows the sign-in and nobody's data`()
            throws
        {
            let person = try stage.person(browser)
            try browser.open("/account")
            try browser.heading("Your account")
            try browser.see(person.name)
            try browser.press("Sign out")
            try browser.heading("Sign in")
            for _ in 0..<2 {
                try browser.command("/back")
                try browser.heading("Sign in")
                #expect(try !browser.sees(person.name))
            }
            try browser.expectQuietConsole(refusals: true)
        }
    }
}
