import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What holds for all pages alike.
    @Suite struct EveryPageTests {
        private static let paths = [
            "/account", "/admin/two-factor", "/admin/verifiers", "/admin/users",
            "/admin/locked",
        ]

        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
        }

        /// Keeps the picture in the folder that SCREENSHOTS names, to be looked at.
        private func keep(_ name: String) throws {
            guard let folder = ProcessInfo.processInfo.environment["SCREENSHOTS"] else { return }
            let file = name.replacing("/", with: "_") + ".png"
            try browser.screenshot().write(to: URL(fileURLWithPath: folder + "/" + file))
        }

        private func expectFitting(_ name: String) throws {
            let wide = try browser.run(
                """
                return [...document.querySelectorAll("body *")]
                  .filter((it) => it.getBoundingClientRect().right > innerWidth + 0.5)
                  .filter((it) => !it.matches(".skip"))
                  .map((it) => it.outerHTML.slice(0, 200));
                """)
            #expect((wide as? [String]) == [], "\(name)")
        }

        @Test func `every page fits from 320 pixels to wide, light and dark`() throws {
            let administrator = try Stage.administrator.get()
            try stage.rewind(administrator)
            try browser.open("/")
            try browser.heading("Sign in")
            try keep("sign-in")
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            for (width, scheme) in [(320, "light"), (320, "dark"), (1400, "light"), (1400, "dark")]
            {
                try browser.emulate(
                    "setDeviceMetricsOverride",
                    ["width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false])
                try browser.emulate(
                    "setEmulatedMedia",
                    ["features": [["name": "prefers-color-scheme", "value": scheme]]])
                for path in Self.paths {
                    try browser.open(path)
                    try browser.wait(
                        "content of \(path)",
                        """
                        return !document.querySelector("main[aria-busy]")
                          && Boolean(document.querySelector(".rows li, #last dd, #none"));
                        """)
                    try expectFitting("\(path) \(width) \(scheme)")
                    try keep("\(width) \(scheme) \(path)")
                }
            }
            try browser.expectQuietConsole()
        }

        @Test func `the way of a first sign-in fits 320 pixels`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let initial = try stage.initialPassword(of: name)
            try browser.emulate(
                "setDeviceMetricsOverride",
                ["width": 320, "height": 900, "deviceScaleFactor": 1, "mobile": false])
            try browser.open("/")
            try browser.heading("Sign in")
            try expectFitting("sign-in")
            try keep("320 sign-in")
            try Person.enter(name, initial, browser)
            _ = try browser.scan()
            try expectFitting("bind")
            try keep("320 bind")
            try Person.bind(browser)
            try browser.heading("Choose a new password")
            try expectFitting("new password")
            try keep("320 new password")
        }

        @Test func `what codes are sent by is set up and used at 320 pixels`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            let initial = try stage.initialPassword(of: name)
            try browser.emulate(
                "setDeviceMetricsOverride",
                ["width": 320, "height": 900, "deviceScaleFactor": 1, "mobile": false])
            try stage.withMessages {
                try browser.open("/")
                try Person.enter(name, initial, browser)
                for (way, field) in [("SMS", "Phone number"), ("Mail", "E-mail address")] {
                    try browser.tick(way)
                    _ = try browser.field(field)
                    try expectFitting("bind \(way)")
                    try expectLabels("bind \(way)")
                    try keep("320 bind \(way)")
                }
                try browser.type("somebody@example.org", into: "E-mail address")
                try browser.press("Send a code")
                _ = try browser.field("Code")
                try expectFitting("code")
                try expectLabels("code")
                try keep("320 code")

                let administrator = try Stage.administrator.get()
                try stage.rewind(administrator)
                try administrator.signIn(browser)
                try stage.rewind(administrator)
                try browser.open("/admin/verifiers")
                try browser.press("Add a verifier")
                try browser.choose("Text message", in: "Type")
                let webhook = "An address of your own (webhook)"
                for provider in ["Alibaba Cloud", "Tencent Cloud", "Twilio", webhook] {
                    try browser.choose(provider, in: "Provider")
                    try expectFitting(provider)
                    try expectLabels(provider)
                    try keep("320 \(provider)")
                }
                try browser.press("Cancel")
                try browser.press("Send a test message by SMS")
                try expectFitting("test")
                try expectLabels("test")
                try keep("320 test")
                try browser.expectQuietConsole()
            }
        }

        private func expectLabels(_ place: String) throws {
            let nameless = try browser.run(
                """
                return [...document.querySelectorAll("input, select, textarea, button, a, img")]
                  .filter((it) => !it.matches("[type=hidden], [aria-hidden=true]"))
                  .filter((it) => !(it.labels?.length || it.ariaLabel || it.alt
                    || it.textContent.trim()))
                  .map((it) => it.outerHTML);
                """)
            #expect((nameless as? [String]) == [], "\(place)")
        }

        @Test func `every field has a label, and every page one main heading and a title`() throws {
            let administrator = try Stage.administrator.get()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            for path in Self.paths {
                try browser.open(path)
                try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
                try expectLabels(path)
                #expect(
                    try browser.run("return document.querySelectorAll('h1').length") as? Int == 1)
                let title = try browser.run("return document.title") as? String
                #expect(title?.hasSuffix(" – Dubbelslot") == true)
            }
        }

        @Test func `H-81 pages are the same for everybody, and no path leads out of their folder`()
            throws
        {
            let client = try stage.installation.client()
            let page = try client.get("/")
            #expect(page.status == 200)
            #expect(
                page.header("content-security-policy")
                    == "default-src 'none'; script-src 'self'; style-src 'self'; "
                    + "img-src 'self' data:; connect-src 'self'; form-action 'self'; "
                    + "frame-ancestors 'none'; base-uri 'none'")
            #expect(page.header("x-content-type-options") == "nosniff")
            #expect(page.header("set-cookie") == nil)
            let tag = try #require(page.header("etag"))
            client.headers["If-None-Match"] = tag
            #expect(try client.get("/account").status == 304)
            client.headers = [:]
            let style = try #require(page.text.firstMatch(of: /"(\/assets\/[0-9a-f]+\/)style.css"/))
            let assets = String(style.1)
            #expect(
                try client.get(assets + "style.css").header("content-type")?
                    .hasPrefix("text/css") == true)
            for path in [
                assets + "../index.html", assets + "../../Migrations/0001_accounts.sql",
                assets + "%2e%2e/index.html", "/index.html", "/WebPages.swift", "/../main.swift",
                assets, "/assets/", "/admin/", "//", "/.git/config", "/.env", "/.", "/..",
            ] {
                #expect(try client.get(path).status == 404, "\(path)")
            }
            // A form sent without our script is no call and changes nothing.
            #expect(try client.post("/", "identifier=a&password=b").status == 404)
        }

        @Test func `every refusal of the protocol has a sentence in every language`() throws {
            let document = try String(
                contentsOfFile: RepositoryRoot.path("Shared/Contracts/PROTOCOL.md"),
                encoding: .utf8)
            let rows = document.matches(of: /\| `([a-z_]+)` \| `[a-z_]+` \| \d{3} \|/)
            #expect(rows.count > 40)
            try browser.open("/")
            try browser.heading("Sign in")
            let script = """
                const [words, done] = arguments;
                const assets = document.querySelector("script[src]").src.replace(/[^/]+$/u, "");
                const wrong = [];
                import(assets + "sentences-en.js").then(({ refusals, sentences }) => {
                  for (const word of words) if (!refusals[word]) wrong.push(word);
                  for (const [key, value] of Object.entries(sentences)) {
                    if (!["string", "function"].includes(typeof value)) wrong.push(key);
                  }
                  done(wrong);
                }, (error) => done([String(error)]));
                """
            let wrong = try browser.command(
                "/execute/async", ["script": script, "args": [rows.map { String($0.1) }]])
            #expect(wrong as? [String] == [])
        }
    }
}
