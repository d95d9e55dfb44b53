import Fixtures
import Foundation
import Testing

/// What is wrong between the list of attacks and the tests that bear their ids.
private func disagreements(_ list: AttackList, _ tests: [AttackTest]) -> [String] {
    var found = list.unread.map { "no line of the list: \($0)" }
    let proved = tests.reduce(into: Set<AttackID>()) { $0.formUnion($1.ids) }
    var known: Set<AttackID> = []
    for entry in list.entries {
        for id in entry.ids {
            if !known.insert(id).inserted { found.append("\(id) stands twice") }
            if entry.later != nil, proved.contains(id) {
                found.append("\(id) is tried and yet said to come later")
            }
            if entry.later == nil, !proved.contains(id) {
                found.append("\(id) has no test: \(entry.attack)")
            }
        }
    }
    found += proved.subtracting(known).sorted().map { "\($0) is tried and not on the list" }
    return found
}

private enum AttackDocument {
    static func text(_ list: AttackList, _ tests: [AttackTest]) -> String {
        """
        # Attacks and the tests that try them

        Printed by `AttackTests` from [attacks.txt](attacks.txt) and the names of the tests;
        `DUBBELSLOT_WRITE_DOCUMENTS=1 swift test --filter AttackTests` prints it anew.

        """ + list.groups.map { "\n" + section($0, tests) }.joined()
    }

    private static func section(
        _ group: AttackList.Group, _ tests: [AttackTest]
    ) -> String {
        let rows = group.entries.map { entry in
            "| \(name(entry)) | \(entry.attack) | \(proof(entry, tests)) |\n"
        }
        return "## \(group.title)\n\n| id | attack | tried by |\n|---|---|---|\n" + rows.joined()
    }

    private static func name(_ entry: AttackList.Entry) -> String {
        guard let first = entry.ids.first, let last = entry.ids.last, first != last else {
            return entry.ids.map(\.description).joined()
        }
        return "\(first) to \(last)"
    }

    private static func proof(
        _ entry: AttackList.Entry, _ tests: [AttackTest]
    ) -> String {
        if let later = entry.later { return "issue \(later.issue): \(later.why)" }
        let those = tests.filter { !$0.ids.isDisjoint(with: entry.ids) }
        return those.map { "[\($0.name)](\($0.place))" }.sorted().joined(separator: "<br>")
    }
}

/// Every attack of the threat model is a test that bears its id, or says when it comes.
@Suite struct AttackTests {
    private static let list = AttackList(
        SourceTree.files.first { $0.path == "Tests/attacks.txt" }?.text ?? "")
    private static let tests = SourceTree.files.flatMap(AttackTest.all)

    @Test func `every attack is tried by a test of its name, or comes later`() {
        #expect(Self.list.entries.count > 100)
        expectNone(disagreements(Self.list, Self.tests))
    }

    @Test func `the committed table says which test tries what`() throws {
        let file = URL(fileURLWithPath: RepositoryRoot.path("Tests/ATTACKS.md"))
        let printed = AttackDocument.text(Self.list, Self.tests)
        if ProcessInfo.processInfo.environment["DUBBELSLOT_WRITE_DOCUMENTS"] == "1" {
            try printed.write(to: file, atomically: true, encoding: .utf8)
        }
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(committed == printed, "print the table anew and review the difference")
    }

    @Test func `ids are read alone, in rows and as ranges`() {
        let ids = AttackID.all(in: "F-01, H-09 to H-11 and W-131: not XF-01, UTF-8, A-1 or F-011a")
        #expect(ids.map(\.description) == ["F-01", "H-09", "H-10", "H-11", "W-131"])
        #expect(AttackID.all(in: "F-09 to H-11, F-09 to F-02").isEmpty)
    }

    @Test func `only tests that run prove something`() {
        let name = { (id: String) in "func `\(id) is refused`() {}" }
        let lines = [
            "@Test " + name("F-01"), name("F-02"), "// @Test " + name("F-03"),
            "@Test(.disabled()) " + name("F-04"), "@Test(arguments: [1]) " + name("F-05, F-06"),
            "@Test func plain() {}", "let é = \"@Test \(name("F-07"))\"",
        ]
        let text = lines.joined(separator: "\n")
        let found = AttackTest.all(in: SourceFile(path: "Tests/A/B.swift", text: text))
        #expect(found.flatMap(\.ids).sorted().map(\.number) == [1, 5, 6])
        #expect(found.first?.place == "A/B.swift")
        #expect(AttackTest.all(in: SourceFile(path: "Shared/A/B.swift", text: text)).isEmpty)
    }

    @Test func `the comparison sees every disagreement`() {
        let tests = AttackTest.all(
            in: SourceFile(path: "Tests/A/B.swift", text: "@Test func `F-01 and F-02 and F-09`()"))
        let head = "[F: frames]\nF-01 | a\n"
        #expect(disagreements(AttackList(head + "F-02 | b\nF-09 | c\n"), tests) == [])
        let later = " | later, issue 4: passkeys\n"
        for (lines, count) in [
            ("F-02 | b\n", 1), ("F-02 | b\nF-09 | c\(later)", 1),
            ("F-02 | b\nF-09 to F-10 | c\n", 1),
            ("F-02 | b\nF-01 | c\nF-09 | d\n", 1), ("F-02 | b\nF-09 | c | soon\n", 2),
            ("F-02 to F-09 | b\nF-10 | c\(later)", 6), ("F-02 | b\nF-09 | c\nopen: F-77\n", 1),
        ] {
            #expect(disagreements(AttackList(head + lines), tests).count == count, "\(lines)")
        }
    }
}
