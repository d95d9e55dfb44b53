import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What holds for all pages alike, whatever they show; of what they show, `EveryScreenTests`.
    @Suite struct EveryPageTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            browser = try stage.browser()
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
                const missing = async (language) => {
                  const parts = await Promise.all(["refusals", "refusals-inside"].map((part) =>
                    import(`${assets}sentences/${language}/${part}.js`)));
                  const refusals = Object.assign({}, ...parts.map((it) => it.refusals));
                  return words.filter((it) => typeof refusals[it] !== "string" || !refusals[it])
                    .map((it) => `${language}: ${it}`);
                };
                Promise.all(["en", "nl", "zh"].map(missing))
                  .then((found) => done(found.flat()), (error) => done([String(error)]));
                """
            let wrong = try browser.command(
                "/execute/async", ["script": script, "args": [rows.map { String($0.1) }]])
            #expect(wrong as? [String] == [])
        }
    }
}
