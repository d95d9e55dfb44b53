import Fixtures
import Foundation
import Testing

extension BrowserTests {
    /// What holds for every screen alike, whoever comes to it. Each is gone to once for all that
    /// does not change it.
    @Suite struct EveryScreenTests {
        private let stage: Stage

        init() throws {
            stage = try Stage.shared()
            _ = try Stage.administrator.get()
        }

        @Test(arguments: Screen.all)
        func `every screen fits, wide and narrow, light and dark, and is read and gone through`(
            _ screen: Screen
        ) throws {
            try Visit.run(screen, in: stage) { browser in
                try browser.expectOwnRequests(screen.name)
                try browser.expectHeading(screen.name)
                try browser.expectNames(screen.name)
                try browser.expectNoRawWords(screen.name)
                try browser.expectFitting(screen.name)
                try browser.expectRoomForFingers(screen.name)
                try browser.expectQuietConsole(refusals: screen.isRefused)
                try Axe.expectNothing(wrongWith: screen.name, browser)
                try browser.expectKeyboardEverywhere(screen.name)
            }
        }

        @Test(arguments: Screen.all)
        func `every screen speaks every language, and fits in each`(_ screen: Screen) throws {
            for language in ["nl", "zh"] {
                let place = "\(screen.name)-\(language)"
                try Visit.run(screen, in: stage, language: language) { browser in
                    try browser.expectHeading(place, language: language)
                    try browser.expectNames(place)
                    try browser.expectNoRawWords(place)
                    try browser.expectFitting(place, [Sight(width: 320, scheme: "light")])
                    // A sentence that is missing is an error on the console.
                    try browser.expectQuietConsole(refusals: screen.isRefused)
                }
            }
        }

        @Test(.enabled(if: Axe.isThere, Axe.whyAbsent))
        func `what axe-core finds fails a test`() throws {
            let browser = try stage.browser()
            try browser.open("/")
            try browser.heading("Sign in")
            #expect(try Axe.violations(browser) == [])
            try browser.run(
                """
                document.querySelector("main").append(document.createElement("img"));
                const pale = document.createElement("p");
                pale.textContent = "hardly to be read";
                pale.style.setProperty("color", "#ddd");
                pale.style.setProperty("background", "#fff");
                document.querySelector("main").append(pale);
                """)
            let found = try Axe.violations(browser)
            for rule in ["image-alt", "color-contrast"] {
                #expect(found.contains { $0.hasPrefix(rule) }, "\(rule): \(found)")
            }
        }

        @Test func `whatever the console, the policy or the wire shows fails a test`() throws {
            let plants = [
                "console.error('planted')",
                "setTimeout(() => { throw new Error('planted'); })",
                "document.querySelector('main').setAttribute('style', 'color: red')",
                "document.body.append(Object.assign(document.createElement('script'), "
                    + "{ textContent: 'window.planted = true' }))",
                "new Image().src = 'http://127.0.0.1:1/planted'",
                "fetch('http://127.0.0.1:1/planted').catch(() => {})",
            ]
            let browser = try stage.browser()
            for plant in plants {
                try browser.open("/")
                try browser.heading("Sign in")
                try browser.expectQuietConsole()
                try browser.run(plant)
                var told: [String] = []
                for _ in 0..<200 where told.isEmpty {
                    told = try browser.complaints()
                    usleep(10_000)
                }
                #expect(!told.isEmpty, "\(plant)")
                if plant.contains("style") || plant.contains("script") || plant.contains("//") {
                    #expect(told.contains { $0.contains("policy: ") }, "\(plant): \(told)")
                }
                #expect(try browser.run("return window.planted") is NSNull)
            }
        }

        /// On a page that no policy of ours keeps from it.
        @Test func `a request to another host fails a test`() throws {
            let browser = try stage.browser()
            let file = stage.installation.file("elsewhere.html")
            try Data("<h1>other</h1><img src='\(browser.origin)/' alt=''>".utf8).write(
                to: URL(fileURLWithPath: file))
            _ = try browser.takeTraffic()
            try browser.command("/url", ["url": "file://" + file])
            try browser.heading("other")
            let elsewhere = browser.origin.replacing("localhost", with: "127.0.0.1")
            let traffic = try browser.takeTraffic()
            #expect(traffic.foreign(to: browser.origin) == ["file://" + file])
            #expect(traffic.foreign(to: elsewhere).contains(browser.origin + "/"))
        }
    }
}
