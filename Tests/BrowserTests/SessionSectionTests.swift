import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// Where one is signed in and which devices are trusted: what the personal centre tells of
    /// that, and what ends when it says so.
    @Suite struct SessionSectionTests {
        private static let firefox =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
        private static let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
            + "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"

        private let stage: Stage
        private let browser: Browser
        private let person: Person

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
            person = try stage.person(browser)
        }

        @Test func `a session is told with device, place and proof, and is ended alone`() throws {
            let other = try stage.signedIn(person, agent: Self.firefox)
            let third = try stage.signedIn(person, agent: Self.phone)
            try browser.open("/account")
            #expect(
                try browser.waitForRows(3, in: "#sessions") == [
                    "Chrome on Linux This session", "Safari on iPhone", "Firefox on Windows",
                ])
            try browser.see("Proved with password and one-time code · from 127.0.0.1")
            try browser.press(beginningWith: "End the session of Safari on iPhone, opened on ")
            try browser.status("The session has ended.")
            #expect(try browser.waitForRows(2, in: "#sessions").last == "Firefox on Windows")
            // The keyboard is at what took its place.
            #expect(try browser.focused() == "Firefox on Windows")
            #expect(try !third.isSignedIn())
            #expect(try other.isSignedIn())
            try browser.open("/account")
            try browser.waitForRows(2, in: "#sessions")
            try browser.expectQuietConsole()
        }

        @Test func `all other sessions end at once, and no device is trusted any more`() throws {
            let other = try stage.signedIn(person, agent: Self.firefox)
            try stage.trust(["Safari on iPhone"], of: person)
            try browser.open("/account")
            try browser.waitForRows(1, in: "#devices")
            try browser.press("End all others")
            try browser.heading("End all other sessions?")
            try browser.press("Cancel")
            #expect(try browser.focused() == "End all others")
            #expect(try other.isSignedIn())
            try browser.press("End all others")
            try browser.heading("End all other sessions?")
            try browser.press("End all others")
            try browser.status("Your other sessions have ended.")
            try browser.see("You are signed in nowhere else.")
            try browser.see("You trust no device.")
            #expect(try browser.focused() == "Sessions")
            #expect(try !other.isSignedIn())
            try browser.open("/account")
            try browser.see("You are signed in nowhere else.")
            try browser.expectQuietConsole()
        }

        @Test func `a session that ended meanwhile is gone from the list without a refusal`() throws
        {
            let other = try stage.signedIn(person, agent: Self.firefox)
            try browser.open("/account")
            try browser.waitForRows(2, in: "#sessions")
            #expect(try other.call("AccountService/SignOut").status == 200)
            try browser.press(beginningWith: "End the session of Firefox on Windows")
            try browser.status("The session has ended.")
            try browser.waitForRows(1, in: "#sessions")
            try browser.expectQuietConsole(refusals: true)
        }

        @Test func `what a program calls itself is shown as text, and known ones by name`() throws {
            for agent in ["curl/8.14.1", "<b>bold</b>", "Mozilla/5.0 (X11; CrOS x86_64) Edg/140"] {
                _ = try stage.signedIn(person, agent: agent)
            }
            try browser.open("/account")
            #expect(
                try browser.waitForRows(4, in: "#sessions") == [
                    "Chrome on Linux This session", "Edge on ChromeOS", "Unknown device", "curl",
                ])
            let bold = try browser.run("return document.querySelectorAll('main b').length")
            #expect(bold as? Int == 0)
        }

        @Test func `a trusted device is forgotten, then all others`() throws {
            try stage.trust(["Firefox on Linux", "Edge on Windows", "Safari on iPad"], of: person)
            try browser.open("/account")
            #expect(
                try browser.waitForRows(3, in: "#devices") == [
                    "Safari on iPad", "Edge on Windows", "Firefox on Linux",
                ])
            try browser.see("from 192.0.2.7")
            try browser.press(beginningWith: "Forget Edge on Windows, trusted since ")
            try browser.status("The device is trusted no more.")
            try browser.waitForRows(2, in: "#devices")
            #expect(try browser.focused() == "Firefox on Linux")
            #expect(try stage.count("trusted_devices", of: person) == 2)
            try browser.press("Forget all")
            try browser.heading("Forget all trusted devices?")
            try browser.press("Forget all")
            try browser.status("No device is trusted any more.")
            try browser.see("You trust no device.")
            #expect(try browser.focused() == "Trusted devices")
            #expect(try stage.count("trusted_devices", of: person) == 0)
            try browser.expectQuietConsole()
        }
    }
}
