import Fixtures
import Foundation
import Testing

/// A way to look at a screen.
struct Sight: Sendable {
    let width: Int
    /// As `prefers-color-scheme` says it.
    let scheme: String

    var name: String { "\(width)-\(scheme)" }

    static let all = [1280, 320].flatMap { width in
        ["light", "dark"].map { Sight(width: width, scheme: $0) }
    }
}

/// What holds for every screen, of the page that the browser shows.
extension Browser {
    /// Where pictures are kept; `Tests/run` says it too.
    private static let pictures =
        ProcessInfo.processInfo.environment["SCREENSHOTS"] ?? RepositoryRoot.path(".build/screens")

    /// The page stays as it is and is laid out anew. Nothing moves any more that is on its way to
    /// another colour.
    func look(_ sight: Sight) throws {
        try emulate(
            "setDeviceMetricsOverride",
            ["width": sight.width, "height": 900, "deviceScaleFactor": 1, "mobile": false])
        try emulate(
            "setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": sight.scheme],
                    ["name": "prefers-reduced-motion", "value": "reduce"],
                ]
            ])
    }

    /// Looks at the screen in all ways, keeps a picture of each, and expects that it fits.
    func expectFitting(
        _ name: String, _ sights: [Sight] = Sight.all,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for sight in sights {
            try look(sight)
            let wide = try tooWide()
            #expect(wide == [], "\(name) \(sight.name)", sourceLocation: sourceLocation)
            try keepPicture("\(name)-\(sight.name)")
        }
    }

    /// What reaches beyond the edge of the screen, but for what lies in a part that is scrolled by
    /// itself and fits.
    private func tooWide() throws -> [String] {
        let found = try run(
            """
            const wide = (it) => {
              const { left, right, width } = it.getBoundingClientRect();
              return width > 0 && (right > innerWidth + 0.5 || left < -0.5);
            };
            const isCut = (it) => {
              const part = it.parentElement?.closest("*");
              if (!part || part === document.body) return false;
              return (getComputedStyle(part).overflowX !== "visible" && !wide(part))
                || isCut(part);
            };
            const found = [...document.querySelectorAll("body *")]
              .filter((it) => it.checkVisibility() && wide(it) && !isCut(it))
              .filter((it) => !it.matches(".skip, .skip *"))
              .map((it) => it.outerHTML.slice(0, 200));
            const root = document.documentElement;
            if (root.scrollWidth > root.clientWidth) found.push(`${root.scrollWidth} pixels`);
            return found;
            """)
        return found as? [String] ?? ["nothing could be measured"]
    }

    /// The whole page; of what stands before it, the screen.
    func keepPicture(_ name: String) throws {
        let size =
            try run(
                """
                const root = document.documentElement;
                return document.querySelector("dialog[open]")
                  ? [] : [root.clientWidth, Math.min(root.scrollHeight, 6000)];
                """) as? [Int] ?? []
        var wish: [String: Any] = ["format": "png"]
        if let width = size.first, let height = size.last {
            wish["captureBeyondViewport"] = true
            wish["clip"] = ["x": 0, "y": 0, "width": width, "height": height, "scale": 1]
        }
        let taken = try tool("Page.captureScreenshot", wish)["data"] as? String
        let picture = try #require(taken.flatMap { Data(base64Encoded: $0) })
        try FileManager.default.createDirectory(
            atPath: Self.pictures, withIntermediateDirectories: true)
        try picture.write(to: URL(fileURLWithPath: "\(Self.pictures)/\(name).png"))
    }

    /// Every control and every picture that says something has a name, as a screen reader is told.
    func expectNames(
        _ place: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let roles: Set<String> = [
            "button", "checkbox", "combobox", "dialog", "image", "img", "link", "listbox",
            "meter", "progressbar", "radio", "searchbox", "slider", "spinbutton", "switch",
            "tab", "textbox",
        ]
        try tool("Accessibility.enable")
        let tree = try tool("Accessibility.getFullAXTree")["nodes"] as? [[String: Any]] ?? []
        #expect(tree.count > 5, "\(place)", sourceLocation: sourceLocation)
        func value(_ node: [String: Any], _ key: String) -> String {
            (node[key] as? [String: Any])?["value"] as? String ?? ""
        }
        let nameless = tree.filter { node in
            node["ignored"] as? Bool != true && roles.contains(value(node, "role"))
                && value(node, "name").trimmingCharacters(in: .whitespaces).isEmpty
        }
        #expect(
            nameless.map { value($0, "role") } == [], "\(place)", sourceLocation: sourceLocation)
        try tool("Accessibility.disable")
    }

    /// One main heading, which also names the page; and the page says in which language it is.
    func expectHeading(
        _ place: String, language: String = "en", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let headings =
            try run(
                """
                return [...document.querySelectorAll("h1")].filter((it) => it.checkVisibility())
                  .map((it) => it.textContent.trim());
                """) as? [String] ?? []
        let heading = try #require(
            headings.first, "\(place): no main heading", sourceLocation: sourceLocation)
        #expect(headings.count == 1, "\(place)", sourceLocation: sourceLocation)
        #expect(
            try run("return document.title") as? String == "\(heading) – Dubbelslot", "\(place)",
            sourceLocation: sourceLocation)
        #expect(
            try run("return document.documentElement.lang") as? String == language, "\(place)",
            sourceLocation: sourceLocation)
    }

    /// What fingers press is not smaller than they are (WCAG 2.2, 2.5.5), but for links in a text
    /// and for boxes, whose label is pressed too.
    func expectRoomForFingers(
        _ place: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let small = try run(
            """
            const kinds = "button, a.button, nav a, select, textarea, summary, "
              + "input:not([type=checkbox], [type=radio], [type=hidden], .unseen)";
            return [...document.querySelectorAll(kinds)].filter((it) => it.checkVisibility())
              .filter((it) => it.getBoundingClientRect().height < 43)
              .map((it) => `${it.getBoundingClientRect().height}: ${it.outerHTML}`.slice(0, 200));
            """)
        #expect(small as? [String] == [], "\(place)", sourceLocation: sourceLocation)
    }

    /// Everything that was asked for since the traffic was last taken was asked of ourselves.
    func expectOwnRequests(
        _ place: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let traffic = try takeTraffic()
        #expect(!traffic.requests.isEmpty, "\(place)", sourceLocation: sourceLocation)
        #expect(
            traffic.foreign(to: origin) == [], "\(place)", sourceLocation: sourceLocation)
    }

    /// No raw word of the protocol stands where a sentence should.
    func expectNoRawWords(
        _ place: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let raw = try run(
            """
            const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            const found = [];
            while (texts.nextNode()) {
              const { parentElement: it, data } = texts.currentNode;
              if (!it.checkVisibility() || it.closest("code, pre, kbd, [translate=no]")) continue;
              if (/(^|\\s)[a-z]+(_[a-z]+)+(\\s|$)/u.test(data)) found.push(data);
            }
            return found;
            """)
        #expect(raw as? [String] == [], "\(place)", sourceLocation: sourceLocation)
    }
}
