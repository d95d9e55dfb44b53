import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What a browser keeps: files of ours for good, pages until they change, and nothing of
    /// anybody.
    @Suite struct CachingTests {
        private let stage: Stage

        init() throws {
            stage = try Stage.shared()
            _ = try Stage.administrator.get()
        }

        private func signedIn() throws -> HTTPTestClient {
            let client = try stage.installation.client()
            client.cookies = try stage.sessions.cookies(of: Stage.administrator.get(), at: stage)
            return client
        }

        @Test func `answers about somebody are kept nowhere, given or refused`() throws {
            let client = try signedIn()
            let stranger = try stage.installation.client()
            for method in [
                "SessionService/Introspect", "AccountService/Get",
                "AccountService/ListAuthenticators", "AccountService/ListSessions",
                "AdminService/ListUsers", "AdminService/ListVerifiers",
                "AdminService/ListLockedAccounts", "AdminService/GetTwoFactorSettings",
            ] {
                let told = try client.call(method)
                #expect(told.status == 200, "\(method): \(told.text)")
                let refused = try stranger.call(method)
                #expect(refused.status == 200 || refused.status == 401, "\(method)")
                for answer in [told, refused] {
                    #expect(answer.header("cache-control") == "no-store", "\(method)")
                }
            }
        }

        @Test func `pages are asked for anew each time, and are the same for everybody`() throws {
            let client = try signedIn()
            let stranger = try stage.installation.client()
            for path in try Self.files(ending: ".html").map(Self.page) {
                let page = try client.get(path)
                #expect(page.status == 200, "\(path)")
                #expect(page.header("cache-control") == "no-cache", "\(path)")
                #expect(page.header("set-cookie") == nil, "\(path)")
                let tag = try #require(page.header("etag"), "\(path)")
                #expect(try stranger.get(path).body == page.body, "\(path)")
                stranger.headers["If-None-Match"] = tag
                let unchanged = try stranger.get(path)
                #expect(unchanged.status == 304 && unchanged.body.isEmpty, "\(path)")
                stranger.headers["If-None-Match"] = #""another""#
                #expect(try stranger.get(path).status == 200, "\(path)")
                stranger.headers = [:]
            }
        }

        @Test func `files are kept for good under their version, and under another not at all`()
            throws
        {
            let client = try stage.installation.client()
            let page = try client.get("/").text
            let folder = try #require(page.firstMatch(of: /"(\/assets\/)([0-9a-f]+)\/style.css"/))
            let names = try Self.files(ending: "").filter { $0.hasPrefix("assets/") }
            #expect(names.count > 20)
            for name in names.map({ $0.dropFirst("assets/".count) }) {
                let file = try client.get("\(folder.1)\(folder.2)/\(name)")
                #expect(file.status == 200, "\(name)")
                #expect(
                    file.header("cache-control") == "public, max-age=31536000, immutable",
                    "\(name)")
                let other = try client.get("\(folder.1)0000000000000000/\(name)")
                #expect(other.header("cache-control") == "no-store", "\(name)")
            }
        }

        /// Of a page that was opened before, Chromium asks whether it has changed, and for the
        /// calls; nothing else.
        @Test(arguments: Screen.all.filter(\.isPage))
        func `a page that is opened again loads no file again`(_ screen: Screen) throws {
            let browser = try stage.browser()
            let visit = Visit(screen: screen, stage: stage, browser: browser)
            try visit.enter(speaking: "en")
            try visit.go()
            try browser.open("/livez")
            _ = try browser.takeTraffic()
            try visit.go()
            let traffic = try browser.takeTraffic()
            #expect(traffic.requests.count > 3)
            let again = traffic.requests.filter {
                $0.address.contains("/assets/") && $0.bytes > 0
            }
            #expect(again.map(\.address) == [])
        }

        /// The way back may show a page as it was left, without asking anybody. What was left is
        /// hidden, and loaded anew before it is seen.
        @Test func `H-84 what the browser keeps of a page shows nobody's data on the way back`()
            throws
        {
            let browser = try stage.browser()
            let person = try stage.person(browser)
            try browser.prepare(
                """
                addEventListener("pageshow", ({ persisted }) => {
                  if (persisted) console.info(`back: hidden ${document.body.hidden}`);
                });
                """)
            try browser.open("/account")
            try browser.see(person.name)
            try browser.open("/hand-over")
            try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
            // His session ends while he is elsewhere: nothing tells this browser.
            try stage.installation.sql(
                """
                UPDATE auth.sessions SET ended_at = clock_timestamp() FROM auth.users u
                WHERE u.id = user_id AND u.name_key = '\(person.name)'
                """)
            _ = try browser.takeLog()
            try browser.command("/back")
            try browser.heading("Sign in")
            #expect(try !browser.sees(person.name))
            let told = try browser.takeLog().filter { $0.contains("back: hidden") }
            #expect(told.count == 1 && told[0].contains("back: hidden true"), "\(told)")
        }

        /// Relative to the folder of the pages.
        private static func files(ending: String) throws -> [String] {
            let folder = RepositoryRoot.path("Services/AuthGateway/Web")
            return try FileManager.default.subpathsOfDirectory(atPath: folder)
                .filter { $0.contains(".") && $0.hasSuffix(ending) }.sorted()
        }

        private static func page(_ file: String) -> String {
            file == "index.html" ? "/" : "/" + file.dropLast(".html".count)
        }
    }
}
