import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What happened, as administrators read it and take it along.
    @Suite struct AuditPageTests {
        private let stage: Stage
        private let browser: Browser
        /// Where the browser keeps what is downloaded.
        private let folder = TemporaryFolder()

        init() throws {
            stage = try Stage.shared()
            let administrator = try Stage.administrator.get()
            browser = try stage.browser()
            try stage.rewind(administrator)
            try administrator.signIn(browser)
            try stage.rewind(administrator)
            try browser.command(
                "/goog/cdp/execute",
                [
                    "cmd": "Browser.setDownloadBehavior",
                    "params": ["behavior": "allow", "downloadPath": folder.path],
                ])
        }

        private func open(_ query: String = "") throws {
            try browser.open("/admin/audit\(query)")
            try browser.heading("Audit")
            try browser.wait("page", "return !document.querySelector('main[aria-busy]')")
        }

        /// What the rows say of what happened.
        private func events() throws -> [String] {
            try browser.run(
                """
                return [...document.querySelectorAll("#rows > li strong")]
                  .map((it) => it.textContent);
                """) as? [String] ?? []
        }

        @Test func `what happened to a user is told in words, with who did it and why`() throws {
            let theirs = try stage.browser()
            let person = try stage.person(theirs)
            try open("?user=\(person.name)")
            try browser.see("Signed in")
            try browser.see("Authenticator bound")
            #expect(try events().last == "User created")
            try browser.see("by admin")
            try browser.see("to \(person.name)")
            // Newest first.
            let times = try #require(
                try browser.run(
                    """
                    return [...document.querySelectorAll("time")]
                      .map((it) => Date.parse(it.dateTime));
                    """) as? [Double])
            #expect(times == times.sorted(by: >))

            let id = try stage.installation.sql(
                "SELECT id FROM auth.users WHERE name_key = '\(person.name)'")
            try browser.open(
                "/admin/user?id=\(id.trimmingCharacters(in: .whitespacesAndNewlines))")
            try browser.press("Disable")
            try browser.type("left, \"really\"", into: "Reason")
            try browser.press("Disable")
            try browser.status("\(person.name) is disabled.")
            // What was told stands before whatever is scrolled to the top.
            try browser.run("scrollTo(0, 0)")
            try browser.press("What happened")
            try browser.see("User disabled")
            try browser.run(
                """
                [...document.querySelectorAll("#rows > li")]
                  .find((it) => it.textContent.includes("User disabled"))
                  .querySelector("summary").click();
                """)
            try browser.see("left, \"really\"")
            try browser.see("user_disabled")
            try browser.expectQuietConsole()
        }

        @Test func `rows are found by kind, service and time, and the address remembers it`() throws
        {
            let theirs = try stage.browser()
            let person = try stage.person(theirs)
            try open("?user=\(person.name)")
            let all = try events().count
            try browser.run("document.querySelector('#kinds-chosen').click()")
            try browser.tick("User created")
            try browser.tick("Authenticator bound")
            try browser.see("Kinds of events: 2 chosen")
            try browser.press("Show")
            try browser.status("2 rows found.")
            #expect(try Set(events()) == ["User created", "Authenticator bound"])
            try browser.choose("Gateway", in: "Service")
            try browser.press("Show")
            try browser.status("One row found.")
            #expect(try events() == ["User created"])
            try browser.run("location.reload()")
            try browser.wait(
                "the same", "return document.querySelectorAll('#rows > li').length === 1")
            #expect(try events() == ["User created"])

            let until = try browser.field("Until")
            try browser.run("arguments[0].value = '2020-01-01T00:00'", [until.json])
            try browser.press("Show")
            try browser.see("No rows match.")
            try browser.press("Show all")
            try browser.wait(
                "all", "return document.querySelectorAll('#rows > li').length > arguments[0]",
                [min(all, 49)])
            try browser.expectQuietConsole()
        }

        @Test func `all there is can be gone through, a page at a time`() throws {
            try stage.installation.sql(Self.manyRows(120, by: "many-\(UInt32.random(in: 0...9))"))
            try open()
            #expect(try events().count == 50)
            try browser.press("Show more")
            try browser.wait(
                "100 rows", "return document.querySelectorAll('#rows > li').length === 100")
            #expect(try browser.focused() == "Details")
            let ids = try #require(
                try browser.run(
                    """
                    return [...document.querySelectorAll("#rows > li")]
                      .map((it) => it.textContent);
                    """) as? [String])
            #expect(Set(ids).count == 100)
            try browser.expectQuietConsole()
        }

        /// Rows of the gateway's that nobody has caused, from as many sources.
        private static func manyRows(_ count: Int, by source: String) -> String {
            """
            INSERT INTO auth.audit (event, source, payload)
            SELECT 'network_refused', '\(source)-' || row, '{}'::jsonb
            FROM generate_series(1, \(count)) AS row
            """
        }

        /// Presses what makes a file of this format, and what is offered then; returns its text.
        private func export(_ button: String, _ format: String) throws -> String {
            try browser.run("document.querySelector('#export').parentElement.open = true")
            try browser.press(button)
            try browser.see("The file has")
            let name = try #require(
                try browser.run("return document.querySelector('#export a[download]').download")
                    as? String)
            #expect(name.wholeMatch(of: /audit-\d{4}-\d\d-\d\d\.[a-z]+/) != nil)
            #expect(name.hasSuffix(format))
            try browser.press("Download \(name)")
            let limit = Date(timeIntervalSinceNow: 20)
            while !FileManager.default.fileExists(atPath: folder.file(name)), Date() < limit {
                usleep(20_000)
            }
            let data = try Data(contentsOf: URL(fileURLWithPath: folder.file(name)))
            return try #require(String(validating: data, as: UTF8.self))
        }

        @Test func `the file for spreadsheets holds every row, and no formula`() throws {
            let name = "=1+1-\(UInt32.random(in: 0 ... .max))"
            let theirs = try stage.browser()
            _ = try Person.firstSignIn(
                name, try stage.initialPassword(of: name), "a kettle full of rain", theirs)
            try open("?user=\(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)")
            let shown = try events().count
            let text = try export("CSV for spreadsheets", ".csv")
            #expect(text.unicodeScalars.first == "\u{FEFF}")
            let rows = try Self.parse(String(text.unicodeScalars.dropFirst()))
            #expect(
                rows.first == [
                    "at", "service", "id", "event", "actor", "actorName", "subject",
                    "subjectName", "source", "trace", "details",
                ])
            #expect(rows.count == shown + 1)
            #expect(rows.allSatisfy { $0.count == 11 })
            #expect(rows.contains { $0[3] == "sign_in_completed" && $0[7] == "'" + name })
            #expect(
                Set(rows.dropFirst().map { $0[1] }) == ["auth-gateway", "verification-service"])
            for cell in rows.joined() {
                #expect(cell.firstMatch(of: /^[=+\-@\t\r]/) == nil, "\(cell)")
            }
            try browser.expectQuietConsole()
        }

        @Test func `the file for programs holds a row in each line, as the protocol tells it`()
            throws
        {
            let source = "many-\(UInt32.random(in: 0 ... .max))"
            try stage.installation.sql(Self.manyRows(450, by: source))
            try open("?event=network_refused")
            let text = try export("JSON lines for programs", ".jsonl")
            let rows = try text.split(separator: "\n").map { line in
                try #require(
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            // More than two pages of them.
            let ours = rows.compactMap { $0["source"] as? String }.filter { $0.hasPrefix(source) }
            #expect(ours.count == 450)
            #expect(rows.allSatisfy { $0["event"] as? String == "network_refused" })
            try browser.expectQuietConsole()
        }

        @Test func `a long export can be stopped, and says what is missing`() throws {
            try stage.installation.sql(Self.manyRows(450, by: "stopped"))
            try open("?event=network_refused")
            // As slow as a far-away gateway.
            try browser.run(
                """
                const send = window.fetch;
                window.fetch = async (...call) => {
                  await new Promise((over) => setTimeout(over, 1000));
                  return send(...call);
                };
                """)
            try browser.run("document.querySelector('#export').parentElement.open = true")
            try browser.press("CSV for spreadsheets")
            try browser.see("Rows fetched: 200")
            try browser.press("Stop")
            try browser.see("You have stopped it: older rows are missing.")
            #expect(try browser.focused().hasPrefix("Download audit-"))
            try browser.expectQuietConsole()
        }

        @Test func `every event of the audit can be chosen`() throws {
            let source = try String(
                contentsOfFile: RepositoryRoot.path("Shared/Audit/AuditEvent.swift"),
                encoding: .utf8)
            let words = source.matches(of: /case [a-zA-Z]+ = "([a-z_]+)"/).map { String($0.1) }
            #expect(words.count > 50)
            try open()
            let offered = try browser.run(
                "return [...document.querySelectorAll('[name=event]')].map((it) => it.value)")
            #expect((offered as? [String])?.sorted() == words.sorted())
        }

        /// Cells by RFC 4180, all of them in quotation marks.
        private static func parse(_ text: String) throws -> [[String]] {
            var rows: [[String]] = []
            for line in text.unicodeScalars.split(separator: "\r\n".unicodeScalars) {
                let line = String(line)
                let cells = line.matches(of: /"((?:[^"]|"")*)"(?:,|$)/)
                #expect(cells.map(\.0).joined() == line)
                rows.append(cells.map { String($0.1).replacing("\"\"", with: "\"") })
            }
            return rows
        }
    }
}
