import Fixtures
import Foundation

/// The name of one attack: a letter for its kind and a number within it.
struct AttackID: Hashable, Comparable, CustomStringConvertible {
    let kind: Character
    let number: Int

    init(_ kind: Character, _ number: Int) {
        self.kind = kind
        self.number = number
    }

    /// `F-01`, `W-131`.
    var description: String { "\(kind)-\(number < 10 ? "0" : "")\(number)" }

    static func < (a: Self, b: Self) -> Bool { (a.kind, a.number) < (b.kind, b.number) }

    /// Every id in a text, with both ends and all between of `H-01 to H-66`.
    static func all(in text: some StringProtocol) -> [AttackID] {
        let form = /(?:^|[^\w-])([A-Z])-(\d{2,3})(?: to ([A-Z])-(\d{2,3}))?(?!\w)/
        return String(text).matches(of: form).flatMap { match -> [AttackID] in
            let (_, kind, first, lastKind, last) = match.output
            guard let from = Int(first), let to = Int(last ?? first), from <= to,
                lastKind ?? kind == kind, let letter = kind.first
            else { return [] }
            return (from...to).map { AttackID(letter, $0) }
        }
    }
}

/// `Tests/attacks.txt`: what is tried, and what cannot be tried yet.
struct AttackList {
    struct Entry {
        /// Several when the line names a range.
        let ids: [AttackID]
        let attack: String
        /// The issue that brings what the attack needs, and why it cannot be tried before.
        let later: (issue: Int, why: String)?
    }

    /// One kind of attacks, as its heading says it.
    struct Group {
        let title: String
        var entries: [Entry]
    }

    private(set) var groups: [Group] = []
    /// Lines that mean nothing.
    private(set) var unread: [String] = []

    var entries: [Entry] { groups.flatMap(\.entries) }

    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") { read(line) }
    }

    private mutating func read(_ line: Substring) {
        if line.hasPrefix("["), line.hasSuffix("]") {
            groups.append(Group(title: String(line.dropFirst().dropLast()), entries: []))
        } else if let entry = entry(line), !groups.isEmpty {
            groups[groups.count - 1].entries.append(entry)
        } else {
            unread.append(String(line))
        }
    }

    private func entry(_ line: Substring) -> Entry? {
        let columns = line.split(separator: " | ", omittingEmptySubsequences: false)
        guard (2...3).contains(columns.count) else { return nil }
        let ids = AttackID.all(in: columns[0])
        guard !ids.isEmpty else { return nil }
        guard columns.count == 3 else {
            return Entry(ids: ids, attack: String(columns[1]), later: nil)
        }
        guard let match = columns[2].wholeMatch(of: /later, issue (\d+): (.+)/),
            let issue = Int(match.output.1)
        else { return nil }
        return Entry(
            ids: ids, attack: String(columns[1]), later: (issue, String(match.output.2)))
    }
}

/// A test that bears ids of attacks in its name.
struct AttackTest {
    /// The folder and file, for example `RPCTests/HostilePeerTests.swift`.
    let place: String
    let name: String
    let ids: Set<AttackID>

    /// Those of one source file. Of a test that never runs nothing is proved.
    static func all(in file: SourceFile) -> [AttackTest] {
        guard file.isSwift, file.path.hasPrefix("Tests/") else { return [] }
        let text = Array(file.text.utf8)
        let code = Array(SwiftText(file.text).code.utf8)
        var found: [AttackTest] = []
        var at = 0
        while let mark = index(of: "@Test", in: code, from: at),
            let function = index(of: "func ", in: code, from: mark)
        {
            at = function + 5
            guard text.count == code.count, at < text.count, text[at] == UInt8(ascii: "`") else {
                continue
            }
            let name = text[(at + 1)...].prefix { $0 != UInt8(ascii: "`") }
            let ids = AttackID.all(in: String(decoding: name, as: UTF8.self))
            let isOff = index(of: ".disabled", in: Array(code[mark..<function]), from: 0) != nil
            if !ids.isEmpty, !isOff {
                found.append(
                    AttackTest(
                        place: String(file.path.dropFirst("Tests/".count)),
                        name: String(decoding: name, as: UTF8.self), ids: Set(ids)))
            }
        }
        return found
    }

    private static func index(of word: String, in code: [UInt8], from start: Int) -> Int? {
        let word = Array(word.utf8)
        guard code.count >= word.count, start <= code.count - word.count else { return nil }
        return (start...(code.count - word.count)).first {
            code[$0] == word[0] && code[$0..<($0 + word.count)].elementsEqual(word)
        }
    }
}
