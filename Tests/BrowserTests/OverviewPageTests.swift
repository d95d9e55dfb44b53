import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// The page that says how it stands.
    @Suite struct OverviewPageTests {
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

        private func open() throws {
            try browser.open("/admin/overview")
            try browser.heading("Overview")
            try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
        }

        /// The number on the tile that leads to a page.
        private func tile(_ path: String) throws -> String {
            try browser.run(
                """
                return document.querySelector(`#tiles a[href="${arguments[0]}"] strong`)
                  ?.textContent;
                """, [path]) as? String ?? ""
        }

        private func number(_ sql: String) throws -> String {
            try stage.installation.sql(sql).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        @Test func `tiles tell what the database holds, and lead to where it can be seen`() throws {
            let name = "user-\(UInt32.random(in: 0 ... .max))"
            _ = try stage.initialPassword(of: name)
            try open()
            #expect(
                try tile("/admin/users")
                    == number(
                        "SELECT count(*) FROM auth.users WHERE state IN ('active', 'disabled')"))
            let share = try number(
                """
                SELECT round(100.0 * (SELECT count(DISTINCT user_id)
                        FROM verification.authenticators
                        WHERE kind NOT IN ('password', 'recovery'))
                    / (SELECT count(*) FROM auth.users WHERE state IN ('active', 'disabled')))
                """)
            #expect(try tile("/admin/users?only=not_bound") == "\(share)%")
            try browser.see("A second factor is asked of everyone.")
            try browser.run("document.querySelector('#tiles a[href$=not_bound]').click()")
            try browser.heading("Users")
            try browser.see("no second factor")
            #expect(try !browser.sees("second factor bound"))
            try browser.expectQuietConsole()
        }

        @Test func `a request that waits is counted, and its tile leads to it`() throws {
            let theirs = try stage.browser()
            let person = try stage.person(theirs)
            try stage.installation.sql(
                """
                UPDATE auth.users SET roles = '{administrator}' WHERE name_key = '\(person.name)';
                INSERT INTO auth.reset_requests (id, user_id, asked_by, reason, expires_at)
                SELECT gen_random_uuid(), u.id, a.id, 'lost', clock_timestamp() + interval '1 hour'
                FROM auth.users u, auth.users a
                WHERE u.name_key = '\(person.name)' AND a.name_key = 'admin'
                """)
            try open()
            let waiting = try number(
                """
                SELECT count(*) FROM auth.reset_requests
                WHERE settled_at IS NULL AND expires_at > clock_timestamp()
                """)
            #expect(try tile("/admin/locked#requests-title") == waiting)
            try browser.run("document.querySelector('#tiles a[href*=requests]').click()")
            try browser.heading("Resets that wait")
            try browser.see(person.name)
            try stage.installation.sql(
                """
                UPDATE auth.reset_requests SET settled_at = clock_timestamp();
                UPDATE auth.users SET roles = '{}' WHERE name_key = '\(person.name)'
                """)
        }

        @Test func `every chart is a picture with a name, and its numbers stand in a table`() throws
        {
            let today = "(now() AT TIME ZONE 'UTC')::date"
            try stage.installation.sql("DELETE FROM auth.adoption WHERE day < \(today)")
            try open()
            try browser.see("From tomorrow on this shows how adoption grows.")
            try stage.installation.sql(
                """
                INSERT INTO auth.adoption (day, users, bound)
                SELECT \(today) - back, 40 - back, 20 - back FROM generate_series(1, 12) AS back
                """)
            try open()
            let charts = try browser.run(
                """
                return [...document.querySelectorAll("figure")].map((it) => {
                  const picture = it.querySelector("svg[role=img]");
                  const named = (name) => document.getElementById(picture.getAttribute(name));
                  const rows = [...it.querySelectorAll("tbody tr")]
                    .map((row) => [...row.children].map((cell) => cell.textContent));
                  return {
                    name: named("aria-labelledby").textContent,
                    told: named("aria-describedby").textContent,
                    shapes: picture.querySelectorAll("path, rect:not(.hint-place)").length,
                    rows,
                  };
                });
                """)
            let found = try #require(charts as? [[String: Any]])
            #expect(
                found.compactMap { $0["name"] as? String }
                    == ["Adoption", "Sign-ins of the last 48 hours"])
            for chart in found {
                #expect((chart["told"] as? String)?.isEmpty == false)
                #expect((chart["shapes"] as? Int ?? 0) > 0)
            }
            let days = try #require(found.first?["rows"] as? [[String]])
            #expect(days.count == 13)
            #expect(days.dropFirst().first.map { [$0[1], $0[2]] } == ["39", "19"])
            // The administrator has just signed in, in this hour or the one that has just ended.
            let rows = try #require(found.last?["rows"] as? [[String]])
            let completed = rows.prefix(2).compactMap { Int($0[1]) }.reduce(0, +)
            #expect(completed > 0, "\(rows)")
            try browser.run("document.querySelector('figure summary').click()")
            try browser.see("With a second factor")
            try browser.expectQuietConsole()
        }
    }
}
