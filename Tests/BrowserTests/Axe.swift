import Foundation
import Testing

/// axe-core, of foreign making, which judges a page by the rules of accessibility that a program
/// can judge by (WCAG 2.2 A and AA, and practice). `Tests/run` fetches it.
enum Axe {
    private static let script = ProcessInfo.processInfo.environment["TEST_AXE"].flatMap {
        FileManager.default.contents(atPath: $0).map { String(decoding: $0, as: UTF8.self) }
    }

    static var isThere: Bool { script != nil }
    static let whyAbsent: Comment = "axe-core is not here: TEST_AXE names no file"

    /// What is wrong with the page that the browser shows; each with the elements it is wrong of.
    ///
    /// - Parameter rules: Only these; all where there are none.
    static func violations(_ browser: Browser, _ rules: [String] = []) throws -> [String] {
        guard let script else { return [] }
        try browser.run("if (!window.axe) { \(script)\n }")
        var options: [String: Any] = ["resultTypes": ["violations"]]
        if !rules.isEmpty { options["runOnly"] = ["type": "rule", "values": rules] }
        let found = try browser.command(
            "/execute/async",
            [
                "script": """
                const [options, done] = arguments;
                axe.run(document, options).then(
                  ({ violations }) => done(violations.map(({ id, help, nodes }) =>
                    [`${id}: ${help}`, ...nodes.map((it) => it.html.slice(0, 200)
                      + " " + (it.any[0] ?? it.all[0] ?? it.none[0])?.message)].join("\\n  "))),
                  (error) => done([String(error)]),
                );
                """, "args": [options],
            ])
        return found as? [String] ?? ["axe said nothing"]
    }

    /// In the light, and what is another in the dark.
    static func expectNothing(
        wrongWith place: String, _ browser: Browser,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        guard isThere else { return }
        for (width, scheme, rules) in [(320, "light", []), (1280, "dark", ["color-contrast"])] {
            try browser.look(Sight(width: width, scheme: scheme))
            let found = try violations(browser, rules)
            #expect(
                found == [], "\(place) \(width) \(scheme)\n\(found.joined(separator: "\n"))",
                sourceLocation: sourceLocation)
        }
    }
}
