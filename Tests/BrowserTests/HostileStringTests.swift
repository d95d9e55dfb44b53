import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// Every name, title and reason that somebody can think of is shown as it is, as text: it makes
    /// no element, opens nothing, and loses no sign.
    @Suite struct HostileStringTests {
        private let stage: Stage
        private let browser: Browser

        init() throws {
            stage = try Stage.shared()
            _ = try Stage.administrator.get()
            browser = try stage.browser()
        }

        /// Of what the page shows: the lines that stand nowhere as they are; and the shapes that
        /// the rows of hostile ones have, which are those of the `plain` one.
        private func expectText(
            _ lines: [String], _ place: String, rowsMin: Int
        ) throws {
            let found = try browser.run(
                """
                const [lines, plain] = arguments;
                const main = document.querySelector("main");
                const text = main.textContent;
                const shape = (it) => [it, ...it.querySelectorAll("*")].map((part) =>
                  part.tagName + [...part.attributes].map((its) => its.name).sort()).join(" ");
                const rows = [...main.querySelectorAll("li, tr")]
                  .filter((it) => it.textContent.includes("«") && !it.querySelector("li, tr"));
                const usual = rows.filter((it) => it.textContent.includes(plain)).map(shape);
                return {
                  missing: lines.filter((it) => !text.includes(it)),
                  odd: rows.map(shape).filter((it) => !usual.includes(it)),
                  rows: rows.length,
                  made: document.querySelectorAll("img[src=x], main b, main script, iframe, main "
                    + "style, main dialog, [onload], [onerror], [href^='javascript:']").length,
                };
                """, [lines, Self.plain])
            let told = try #require(found as? [String: Any], "\(place)")
            #expect(told["missing"] as? [String] == [], "\(place)")
            #expect(Set(told["odd"] as? [String] ?? ["?"]) == [], "\(place)")
            #expect((told["made"] as? NSNumber)?.intValue == 0, "\(place)")
            let rows = (told["rows"] as? NSNumber)?.intValue ?? 0
            #expect(rows >= rowsMin, "\(place)")
            #expect(try browser.run("return document.title") as? String != "run", "\(place)")
            try browser.expectFitting("hostile-\(place)", [Sight(width: 320, scheme: "light")])
            try browser.expectQuietConsole()
        }

        private static let plain = "«plain and harmless»"

        private func open(_ path: String, as visitor: Person) throws {
            try browser.open("/livez")
            try browser.take(stage.sessions.cookies(of: visitor, at: stage))
            try browser.open(path)
            try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
            try browser.wait("rows", "return document.querySelectorAll('main li, main tr').length")
        }

        /// Until there is no more to show.
        private func showAll() throws {
            for _ in 0..<40 {
                let state = try browser.wait(
                    "more or none",
                    """
                    const more = document.querySelector("#more");
                    if (!more?.checkVisibility()) return "all";
                    const now = document.querySelectorAll("main li, main tr").length;
                    if (window.rowsBefore === now) return false;
                    window.rowsBefore = now;
                    more.click();
                    return "some";
                    """)
                if state as? String == "all" { return }
            }
        }

        @Test func `H-82 hostile user names and display names are shown as text`() throws {
            let names = HostileStrings.userNames.map {
                ["key": $0.key, "name": $0.name, "shown": Self.plain]
            }
            let shown = (HostileStrings.all.map { HostileStrings.framed($0, bytesMax: 256) })
                .enumerated().map { number, line in
                    ["key": "hostile-\(number)", "name": "hostile-\(number)", "shown": line]
                }
            try stage.installation.sql(
                """
                INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
                SELECT gen_random_uuid(), it ->> 'name', it ->> 'key', it ->> 'shown', '', '{}',
                    'active'
                FROM \(try HostileStrings.rows(names + shown)) ON CONFLICT DO NOTHING
                """)
            defer { forget("auth.users", "display_name LIKE '«%»'") }
            try open("/admin/users", as: Stage.administrator.get())
            try showAll()
            try expectText(
                (names.map { $0["name"] } + shown.map { $0["shown"] }).compactMap { $0 },
                "users", rowsMin: names.count)
        }

        @Test func `H-82 hostile titles of verifiers are shown as text`() throws {
            for portion in HostileStrings.portions {
                let lines =
                    portion.map { HostileStrings.framed($0, bytesMax: 256) } + [Self.plain]
                try stage.installation.sql(
                    """
                    INSERT INTO verification.verifiers (uid, type, title, description, issuer)
                    SELECT 'hostile-' || n, 'totp', it ->> 'line', it ->> 'line', ''
                    FROM \(try HostileStrings.rows(lines.map { ["line": $0] }))
                    """)
                defer { forget("verification.verifiers", "uid LIKE 'hostile-%'") }
                try open("/admin/verifiers", as: Stage.administrator.get())
                try expectText(lines, "verifiers", rowsMin: lines.count)
            }
        }

        @Test func `H-82 hostile names of authenticators are shown as text`() throws {
            let person = try Stage.somebody.get()
            for portion in HostileStrings.portions {
                let lines =
                    portion.map { HostileStrings.framed($0, bytesMax: 128) } + [Self.plain]
                try stage.installation.sql(
                    """
                    INSERT INTO verification.authenticators (user_id, id, kind, verifier, sealed,
                        key_id, name)
                    SELECT u.id, gen_random_uuid(), 'totp', 'totp', '\\x00', 'none', it ->> 'line'
                    FROM auth.users u, \(try HostileStrings.rows(lines.map { ["line": $0] }))
                    WHERE u.name_key = '\(person.name)'
                    """)
                defer { forget("verification.authenticators", "key_id = 'none'") }
                try open("/account", as: person)
                try expectText(lines, "authenticators", rowsMin: lines.count)
            }
        }

        /// Those that the gateway takes go through the whole of it.
        @Test func `H-82 hostile reasons are shown as text, in versions and in the audit`() throws {
            let administrator = try Stage.administrator.get()
            let client = try stage.installation.client()
            client.cookies = try stage.sessions.cookies(of: administrator, at: stage)
            var taken: [String] = []
            // The newest version has no button of its own to put it in force.
            let reasons = HostileStrings.own.map { HostileStrings.framed($0, bytesMax: 500) }
            for reason in [Self.plain] + reasons + [Self.plain] {
                try stage.refreshProofs(of: administrator)
                let settings = try client.call("AdminService/GetTwoFactorSettings")
                let wish: [String: Any] = [
                    "version": settings.string("version") ?? "", "enforcement": "everyone",
                    "verifiers": ["totp"], "reason": reason,
                ]
                let json = try JSONSerialization.data(withJSONObject: wish)
                let saved = try client.call(
                    "AdminService/UpdateTwoFactorSettings", String(decoding: json, as: UTF8.self))
                if saved.status == 200 { taken.append(reason) }
            }
            #expect(taken.count > 30)
            for (path, place) in [("/admin/versions", "versions"), ("/admin/audit", "audit")] {
                try open(path, as: administrator)
                try showAll()
                try browser.run(
                    "for (const it of document.querySelectorAll('details')) it.open = true")
                try expectText(taken, place, rowsMin: taken.count)
            }
        }

        private func forget(_ table: String, _ condition: String) {
            #expect(throws: Never.self) {
                try stage.installation.sql("DELETE FROM \(table) WHERE \(condition)")
            }
        }
    }
}
