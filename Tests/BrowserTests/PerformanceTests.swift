import Fixtures
import Testing

extension BrowserTests {
    /// What pages cost who opens them for the first time. Times are told and not judged: they are
    /// this machine's, which may be busy. Bytes and jumps are the same everywhere.
    @Suite struct PerformanceTests {
        /// A page that has moved so little has not been seen to move.
        private static let shiftMax = 0.02

        private let stage: Stage

        init() throws {
            stage = try Stage.shared()
            _ = try Stage.administrator.get()
        }

        /// As it opens for who has nothing of it.
        private func figures(
            _ screen: Screen, bytesPerSecond: Int? = nil, width: Int = 1280
        ) throws -> PageFigures {
            let browser = try stage.browser()
            let visit = Visit(screen: screen, stage: stage, browser: browser)
            try visit.enter(speaking: "en")
            try browser.look(Sight(width: width, scheme: "light"))
            try browser.forgetFiles()
            if let bytesPerSecond { try browser.slowDown(bytesPerSecond: bytesPerSecond) }
            _ = try browser.takeTraffic()
            try visit.go()
            try browser.settle()
            return try PageFigures(browser)
        }

        /// The middle one of three by when it was ready.
        private func usual(_ screen: Screen) throws -> PageFigures {
            try (0..<3).map { _ in try figures(screen) }.sorted { $0.ready < $1.ready }[1]
        }

        /// Tells the figures of every page; one that does not come keeps none of the others away.
        private func table(
            _ title: String, _ screens: [Screen], _ measure: (Screen) throws -> PageFigures
        ) {
            var rows = [title, PageFigures.columns]
            for screen in screens {
                do {
                    let figures = try measure(screen)
                    rows.append(figures.row(screen.name))
                    #expect(figures.firstPaint > 0 && figures.ready > 0, "\(screen.name)")
                    #expect(
                        figures.shift < Self.shiftMax,
                        "\(screen.name)\n\(figures.moved.joined(separator: "\n"))")
                    if screen.name == "sign-in" { #expect(figures.shift == 0) }
                } catch {
                    Issue.record("\(screen.name): \(error)")
                }
            }
            print(rows.joined(separator: "\n"))
        }

        @Test func `the sign-in weighs under 60 kB, and what every page costs is told`() throws {
            table(
                "| Pages that are opened for the first time:", Screen.all.filter(\.isPage)
            ) { screen in
                let figures = try usual(screen)
                if screen.name == "sign-in" { #expect(figures.bytes < 60_000) }
                return figures
            }
        }

        /// As a telephone has it where reception is bad.
        @Test func `on a slow line the room is shown at once, and nothing jumps into it`() throws {
            let names = ["sign-in", "account", "overview", "users", "two-factor"]
            table(
                "| Some of them 320 pixels wide, at 50 kB/s and 330 ms:",
                Screen.all.filter { names.contains($0.name) }
            ) { screen in
                let figures = try figures(screen, bytesPerSecond: 50_000, width: 320)
                #expect(figures.isSkeletonSeen, "\(screen.name)")
                #expect(figures.firstPaint < figures.ready, "\(screen.name)")
                return figures
            }
        }
    }
}

extension Browser {
    /// Waits until nothing has been asked for for a while, so that what comes late counts too.
    func settle() throws {
        _ = try command(
            "/execute/async",
            [
                "script": """
                const [done] = arguments;
                let seen = -1;
                const look = () => {
                  const now = performance.getEntriesByType("resource").length;
                  if (now === seen) return done(true);
                  seen = now;
                  setTimeout(look, 400);
                };
                look();
                """, "args": [Any](),
            ])
    }
}
