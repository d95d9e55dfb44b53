import Testing

/// Names that say nothing about their subject.
private let emptyNames: Set<String> = [
    "util", "utils", "utility", "utilities", "helper", "helpers", "manager", "managers",
    "common", "base", "misc",
]
/// The words of their subjects: RFC 4648 and NIST SP 800-63B.
private let allowedNames: Set<String> = ["BaseEncoding", "CommonPasswords"]

/// The words of a camel-case name: `HTTPHelper2` is `http`, `helper2`.
private func words(of name: String) -> [String] {
    var words: [String] = []
    var previous: Character?
    let characters = Array(name)
    for (index, character) in characters.enumerated() {
        let next = index + 1 < characters.count ? characters[index + 1] : nil
        let starts =
            character.isUppercase
            && (previous?.isLowercase ?? true || previous?.isNumber ?? true
                || (next?.isLowercase ?? false))
        if starts || words.isEmpty || !character.isLetter && !character.isNumber {
            words.append("")
        }
        if character.isLetter || character.isNumber {
            words[words.count - 1] += character.lowercased()
        }
        previous = character
    }
    return words.filter { !$0.isEmpty }
}

private func saysNothing(_ name: String) -> Bool {
    !allowedNames.contains(name) && words(of: name).contains { emptyNames.contains($0) }
}

private func emptyNamed(_ file: SourceFile) -> [String] {
    var found: [String] = []
    for part in file.path.split(separator: "/") {
        let stem = String(part.split(separator: ".").first ?? part)
        if saysNothing(stem) { found.append("\(file.path): \(part)") }
    }
    guard file.isSwift else { return found }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "actor", "typealias"]
    for (index, line) in SwiftText(file.text).codeLines.enumerated() {
        let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
        for (kind, name) in zip(words, words.dropFirst())
        where kinds.contains(kind) && saysNothing(String(name)) {
            found.append("\(file.path):\(index + 1): \(name)")
        }
    }
    return found
}

/// Written in two pieces, so that this file does not offend.
private let bannedCode = ["try" + "?", "fatal" + "Error("]
private let bannedComments = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

/// Commands whose answer is their standard output; services speak through the log.
private let answering: Set<String> = [
    "Services/AuthGateway/CreateAdministrator.swift", "Services/AuthGateway/Doctor.swift",
    "Services/AuthGateway/ImportReport.swift",
]

private func bannedWords(_ file: SourceFile) -> [String] {
    guard file.isSwift else { return [] }
    let text = SwiftText(file.text)
    var found: [String] = []
    for (index, line) in text.codeLines.enumerated() {
        for word in bannedCode where begins(word, in: line) {
            found.append("\(file.path):\(index + 1): \(word)")
        }
        if file.path.hasPrefix("Services/"), !answering.contains(file.path), prints(line) {
            found.append("\(file.path):\(index + 1): print")
        }
    }
    for (index, line) in text.commentLines.enumerated() {
        for word in bannedComments where line.contains(word) {
            found.append("\(file.path):\(index + 1): \(word)")
        }
    }
    return found
}

/// `word` where a word begins: `entry?.value` holds no `try`.
private func begins(_ word: String, in line: Substring) -> Bool {
    line.ranges(of: word).contains { range in
        !(line[..<range.lowerBound].last.map { $0.isLetter || $0 == "_" } ?? false)
    }
}

private func prints(_ line: Substring) -> Bool {
    line.contains(/(^|[^.\w])print\(/) && !line.contains("func print(")
}

private func openAccess(_ file: SourceFile) -> [String] {
    guard file.isSwift else { return [] }
    let access = "(^|[\\s(])(public|open)(\\(set\\))?\\s+(final |static |class |indirect )*"
    let kind = "(class|func|var|let|struct|enum|protocol|init|extension|subscript|typealias|actor"
    do {
        let pattern = try Regex(access + kind + "|import|override)\\b")
        return SwiftText(file.text).codeLines.enumerated().compactMap { index, line in
            line.contains(pattern) ? "\(file.path):\(index + 1): \(line)" : nil
        }
    } catch {
        return ["the rule itself is broken: \(error)"]
    }
}

/// Folders that exist on one machine only, and hosts that a build must not depend on.
private let machineWords =
    ["/wo" + "rk/", "/fa" + "rm/", "/ro" + "ot/", "/tm" + "p/", "/ho" + "me/"]
    + ["ghcr", "quay", "gcr", "docker"].map { $0 + ".io/" }
    + ["pypi.", "files.pythonhosted.", "deb.debian.", "registry.npmjs.", "proxy.golang."]
    .map { $0 + "org" }

private func machineSpecific(_ file: SourceFile) -> [String] {
    file.lines.enumerated().flatMap { index, line in
        machineWords.filter { word in
            line.ranges(of: word).contains { range in
                // Part of a longer path or word, as in `frame/work/`, is something else.
                let before = line[..<range.lowerBound].last
                return !word.hasPrefix("/") || !(before.map { $0.isLetter || $0.isNumber } ?? false)
            }
        }.map { "\(file.path):\(index + 1): \($0)" }
    }
}

@Suite struct WordingTests {
    @Test func `no file or type has a name that says nothing`() {
        expectNone(SourceTree.files.flatMap(emptyNamed))
    }

    @Test(arguments: [
        ("Shared/Wire/Utils.swift", ""), ("Services/Common/A.swift", ""),
        ("Shared/A/B.swift", "final class SessionManager {}"),
        ("Shared/A/B.swift", "protocol HTTPHelper: Sendable {}"),
        ("Shared/A/B.swift", "enum BaseCase {}"),
    ])
    func `the rule of names sees an offence`(path: String, text: String) {
        #expect(emptyNamed(SourceFile(path: path, text: text)).count == 1)
    }

    @Test func `the rule of names passes words that merely contain one`() {
        let text = "struct Database {}; enum Base32 {}; struct Commonwealth {} // class Helper"
        #expect(emptyNamed(SourceFile(path: "Shared/A/BaseEncoding.swift", text: text)) == [])
    }

    @Test func `no error is swallowed and nothing is left undone`() {
        expectNone(SourceTree.swift.flatMap(bannedWords))
    }

    @Test(arguments: bannedCode + ["print(1)", "_ = { print(1) }()"])
    func `the rule of banned words sees an offence in code`(word: String) {
        let file = SourceFile(path: "Services/A/B.swift", text: "let a = 1\n\(word)\n")
        #expect(bannedWords(file).count == 1)
    }

    @Test(arguments: bannedComments)
    func `the rule of banned words sees an offence in a comment`(word: String) {
        let file = SourceFile(path: "Shared/A/B.swift", text: "/// A thing. \(word): more\n")
        #expect(bannedWords(file).count == 1)
    }

    @Test func `the rule of banned words passes prose, texts and other prints`() {
        let near = "schema.print(en\(bannedCode[0]).b)"
        let text = "// no \(bannedCode[0]) here\nlet a = \"\(bannedCode[1])\"\n\(near)\n"
        #expect(bannedWords(SourceFile(path: "Services/A/B.swift", text: text)) == [])
    }

    @Test func `package is the widest access`() {
        expectNone(SourceTree.swift.flatMap(openAccess))
        let bad = ["pub" + "lic func a() {}", "op" + "en class B {}", "pub" + "lic import A"]
        for line in bad {
            #expect(openAccess(SourceFile(path: "Shared/A/B.swift", text: line)).count == 1)
        }
        let good = "static func open(_ box: Bytes) {}\nlet a = AEAD.open(b)\n"
        #expect(openAccess(SourceFile(path: "Shared/A/B.swift", text: good)) == [])
    }

    @Test func `no file names a machine's folders or a registry`() {
        expectNone(SourceTree.files.flatMap(machineSpecific))
        for word in machineWords {
            let file = SourceFile(path: "README.md", text: "see \(word)x")
            #expect(machineSpecific(file).count == 1, "\(word)")
        }
        let file = SourceFile(path: "README.md", text: "homework/ and frame" + machineWords[0])
        #expect(machineSpecific(file) == [])
    }
}
