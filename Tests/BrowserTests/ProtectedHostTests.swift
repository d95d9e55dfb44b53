import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// Two applications of different names behind nginx, in Chromium: each has a cookie of its
    /// own, which comes from one sign-in at our pages.
    @Suite struct ProtectedHostTests {
        private let installation: Installation
        private let nginx: Nginx
        private let driver: ChromeDriver
        private let port: UInt16

        init() throws {
            port = FreePort.take()
            installation = try Installation(
                gateways: 1, settings: ProtectedApplications.settings(port: port))
            nginx = try ProtectedApplications.nginx(port: port, before: installation)
            driver = try ChromeDriver(folder: installation.file("browser"))
        }

        private func open(_ browser: Browser, _ host: String, _ path: String) throws {
            try browser.command("/url", ["url": "http://\(host):\(port)\(path)"])
        }

        private func address(_ browser: Browser) throws -> String? {
            try browser.run("return location.href") as? String
        }

        private func hosts() throws -> String {
            try installation.sql(
                "SELECT host, level FROM auth.host_sessions ORDER BY host")
        }

        @Test func `S-02 S-06 one sign-in opens two hosts, a step-up the stronger, its end both`()
            throws
        {
            let browser = try Browser(driver, origin: "http://localhost:\(port)")
            try open(browser, "wiki.localhost", "/page?a=b&c=%2F")
            try browser.heading("Sign in")
            #expect(try address(browser)?.hasPrefix("http://localhost:\(port)/?next=") == true)
            try Person.enter("admin", installation.initialPassword, browser)
            let secret = try Person.bind(browser)
            try browser.type("four quiet grey herons", into: "New password")
            try browser.press("Save and sign in")
            try browser.heading("wiki.localhost")
            try browser.see("user [admin] groups [administrator]")
            #expect(try address(browser) == "http://wiki.localhost:\(port)/page?a=b&c=%2F")
            #expect(try browser.run("return document.cookie") as? String == "")
            #expect(try hosts() == "http://wiki.localhost:\(port)|2\n")

            // Signed in already, the way to the other host asks nothing.
            try open(browser, "vault.localhost", "/safe")
            try browser.heading("vault.localhost")
            #expect(try address(browser) == "http://vault.localhost:\(port)/safe")
            #expect(try hosts().split(separator: "\n").count == 2)

            try installation.sql(
                """
                UPDATE auth.sessions SET level = 1,
                    proved_at = proved_at - interval '10 minutes';
                UPDATE verification.authenticators SET last_step = last_step - 2
                WHERE kind = 'totp'
                """)
            try open(browser, "wiki.localhost", "/")
            try browser.heading("wiki.localhost")
            try open(browser, "vault.localhost", "/safe?again")
            try browser.heading("Is it you?")
            try browser.type(try Person.code(secret), into: "Code")
            try browser.press("Prove")
            try browser.heading("vault.localhost")
            #expect(try address(browser) == "http://vault.localhost:\(port)/safe?again")

            try open(browser, "localhost", "/account")
            try browser.press("Sign out")
            try browser.heading("Sign in")
            for host in ["wiki.localhost", "vault.localhost"] {
                try open(browser, host, "/")
                try browser.heading("Sign in")
            }
        }
    }
}
