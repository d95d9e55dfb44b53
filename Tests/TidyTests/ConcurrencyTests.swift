import Testing

/// Declarations that the compiler takes on trust: what stands above must say why it holds.
private let trusted = ["@unchecked " + "Sendable", "nonisolated(" + "unsafe)"]

/// A proof speaks of how the value is reached: by which thread, under which lock, or never
/// again after it was made.
private let proofWords = [
    "loop", "thread", "lock", "mutex", "atomic", "immutable", "confined", "only", "once",
    "never", "condition", "owner", "under `", "exclusive", "constant", "superclass",
]

private func unproved(_ file: SourceFile) -> [String] {
    guard file.isSwift else { return [] }
    let text = SwiftText(file.text)
    let code = text.codeLines
    let comments = text.commentLines.map { $0.drop { $0 == " " || $0 == "/" } }
    return code.indices.compactMap { index in
        guard let word = trusted.first(where: { code[index].contains($0) }) else { return nil }
        var above = index - 1
        // One proof may stand above several; attributes and the rest of a long declaration may
        // stand between.
        while above >= 0, comments[above].isEmpty, !isBlank(code[above]),
            trusted.contains(where: { code[above].contains($0) })
                || index - above < 4 && !code[above].contains("}")
        {
            above -= 1
        }
        var proof = String(comments[index])
        while above >= 0, isBlank(code[above]), !comments[above].isEmpty {
            proof = comments[above] + " " + proof
            above -= 1
        }
        let isSentence = proof.contains(".") && proof.split(separator: " ").count >= 5
        let saysWhy = proofWords.contains { proof.lowercased().contains($0) }
        return isSentence && saysWhy ? nil : "\(file.path):\(index + 1): \(word) without a proof"
    }
}

private func isBlank(_ line: Substring) -> Bool { line.allSatisfy { $0 == " " } }

/// Files whose subject is a decision or a form: they wait for nothing, so that each of their
/// ways can be tested as values in and values out.
private func isPure(_ path: String) -> Bool {
    let folders = ["Shared/Wire/", "Shared/OTP/", "Shared/WebAuthn/", "Shared/Mail/Mail"]
    if folders.contains(where: path.hasPrefix) { return true }
    guard path.hasPrefix("Shared/") || path.hasPrefix("Services/") else { return false }
    let endings = ["Flow", "State", "Machine", "Parser", "Conversation", "/Decision"]
    return endings.contains { path.hasSuffix($0 + ".swift") }
}

private func waits(_ file: SourceFile) -> [String] {
    guard isPure(file.path) else { return [] }
    return SwiftText(file.text).codeLines.enumerated().compactMap { index, line in
        line.contains(/\b(await|async|Task)\b/) ? "\(file.path):\(index + 1): \(line)" : nil
    }
}

/// A switch over an enumeration names its cases, so that a new one asks for a decision
/// everywhere. A switch is taken for one over an enumeration when any of its patterns begins
/// with a dot; those over numbers and bytes need their `default`.
private func defaults(_ file: SourceFile) -> [String] {
    guard file.path.hasPrefix("Shared/") || file.path.hasPrefix("Services/"), file.isSwift else {
        return []
    }
    struct Level { var patterns: [Substring] = [] }
    var levels = [Level()]
    var found: [String] = []
    for (index, line) in SwiftText(file.text).codeLines.enumerated() {
        let words = line.drop { $0 == " " || $0 == "}" }
        let before = line.prefix { $0 == " " || $0 == "}" }.count { $0 == "}" }
        levels.removeLast(min(before, levels.count - 1))
        if words.hasPrefix("case ") {
            levels[levels.count - 1].patterns.append(words.dropFirst(5))
        }
        if words.hasPrefix("default:"), levels[levels.count - 1].patterns.contains(where: isDotted)
        {
            found.append("\(file.path):\(index + 1): default over an enumeration")
        }
        for character in words {
            if character == "{" { levels.append(Level()) }
            if character == "}", levels.count > 1 { levels.removeLast() }
        }
    }
    return found
}

private func isDotted(_ pattern: Substring) -> Bool {
    pattern.drop { $0 == "(" }.hasPrefix(".") || pattern.hasPrefix("let .")
}

@Suite struct ConcurrencyTests {
    @Test func `what the compiler takes on trust has its proof above it`() {
        expectNone(SourceTree.swift.flatMap(unproved))
    }

    @Test func `the rule of proofs sees an offence`() {
        for word in trusted {
            let declaration = "package final class A: \(word) {\n}\n"
            for above in [
                "", "/// A thing.\n", "/// Only here.\n\n", "// It just works, we hope.\n",
            ] {
                let file = SourceFile(path: "Shared/A/B.swift", text: above + declaration)
                #expect(unproved(file).count == 1, "\(above)")
            }
            let proof = "/// `\(word)`: touched on its own loop only.\n@inlinable\n"
            let file = SourceFile(path: "Shared/A/B.swift", text: proof + declaration)
            #expect(unproved(file) == [])
        }
    }

    @Test func `pure files wait for nothing`() {
        expectNone(SourceTree.swift.flatMap(waits))
        for path in ["Shared/Wire/A.swift", "Services/A/SignInFlow.swift", "Shared/R/AState.swift"]
        {
            #expect(waits(SourceFile(path: path, text: "let a = await b()\n")).count == 1)
            #expect(waits(SourceFile(path: path, text: "// await\nlet awaited = 1\n")) == [])
        }
        #expect(waits(SourceFile(path: "Shared/RPC/A.swift", text: "await b()")) == [])
    }

    @Test func `a switch over an enumeration names every case`() {
        expectNone(SourceTree.swift.flatMap(defaults))
        let bad = "switch a {\ncase .b: break\ndefault: break\n}\n"
        #expect(defaults(SourceFile(path: "Shared/A/B.swift", text: bad)).count == 1)
        let pair = "switch (a, b) {\ncase (.b, 1):\n    if c {\n    }\ndefault: break\n}\n"
        #expect(defaults(SourceFile(path: "Shared/A/B.swift", text: pair)).count == 1)
        let good =
            "switch a {\ncase 1:\n    switch b {\n    case .c: d()\n    }\ndefault: break\n}\n"
        #expect(defaults(SourceFile(path: "Shared/A/B.swift", text: good)) == [])
    }
}
