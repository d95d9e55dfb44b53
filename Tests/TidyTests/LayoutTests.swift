import Fixtures
import Foundation
import Testing

private let topLevel: Set<String> = [
    "Package.swift", "Services", "Shared", "Tests", "docker-compose.yml", "README.md", "LICENSE",
]
private let fileBytesMax = 256 * 1024
private let fileLinesMax = 600
private let functionLinesMax = 70
private let widthMax = 100

/// What people read and write by hand; documents and data have no width.
private func isWritten(_ file: SourceFile) -> Bool {
    let endings = [".swift", ".sql", ".sh", ".py", ".yml", ".h"]
    return endings.contains { file.path.hasSuffix($0) } || !file.name.contains(".")
}

private func strayAtTop(_ paths: [String]) -> [String] {
    Set(paths.compactMap { $0.split(separator: "/").first.map(String.init) })
        .filter { !$0.hasPrefix(".") && !topLevel.contains($0) }.sorted()
}

private func nestedSources(_ paths: [String]) -> [String] {
    paths.filter { path in
        let parts = path.split(separator: "/")
        guard parts.count > 3, parts[0] == "Shared" || parts[0] == "Services" else { return false }
        return !(parts[0] == "Services" && (parts[2] == "Migrations" || parts[2] == "Web"))
    }
}

private func tooLong(_ file: SourceFile) -> [String] {
    let count = file.lines.count - (file.text.hasSuffix("\n") ? 1 : 0)
    return isWritten(file) && count > fileLinesMax ? ["\(file.path): \(count) lines"] : []
}

private func tooWide(_ file: SourceFile) -> [String] {
    guard isWritten(file) else { return [] }
    return file.lines.enumerated().compactMap { index, line in
        line.count > widthMax ? "\(file.path):\(index + 1): \(line.count) columns" : nil
    }
}

private func longFunctions(_ file: SourceFile) -> [String] {
    guard file.isSwift else { return [] }
    return SwiftFunction.all(in: SwiftText(file.text)).compactMap { function in
        function.lineCount > functionLinesMax
            ? "\(file.path):\(function.line): \(function.name) has \(function.lineCount) lines"
            : nil
    }
}

/// Targets of Swift sources without a test folder of their own name, and the other way round.
private func unmirrored(_ paths: [String]) -> [String] {
    let sources = Set(
        paths.filter { $0.hasSuffix(".swift") }.compactMap { path -> String? in
            let parts = path.split(separator: "/")
            guard parts.count == 3, parts[0] == "Shared" || parts[0] == "Services" else {
                return nil
            }
            return parts[1] + "Tests"
        })
    let others: Set<String> = [
        "BrowserTests", "SimulatorTests", "SystemTests", "TidyTests", "Fuzz", "Benchmarks",
        "Fixtures",
    ]
    let tests = Set(
        paths.filter { $0.hasSuffix(".swift") }.compactMap { path -> String? in
            let parts = path.split(separator: "/")
            return parts.count >= 3 && parts[0] == "Tests" ? String(parts[1]) : nil
        })
    return sources.subtracting(tests).map { "Tests/\($0) is missing" }.sorted()
        + tests.subtracting(sources).subtracting(others).map { "Tests/\($0) mirrors nothing" }
        .sorted()
}

@Suite struct LayoutTests {
    @Test func `the top level holds only what it should`() {
        expectNone(strayAtTop(SourceTree.paths))
        #expect(strayAtTop(["scripts/a", "Package.swift", ".ci/run"]) == ["scripts"])
    }

    @Test func `a target's folder is flat`() {
        expectNone(nestedSources(SourceTree.paths))
        let paths = ["Services/AuthGateway/Migrations/0001_a.sql", "Shared/Wire/New/A.swift"]
        #expect(nestedSources(paths) == ["Shared/Wire/New/A.swift"])
    }

    @Test func `no file is longer than 600 lines`() {
        expectNone(SourceTree.files.flatMap(tooLong))
        let text = String(repeating: "\n", count: 601)
        #expect(tooLong(SourceFile(path: "Shared/A/B.swift", text: text)).count == 1)
        #expect(tooLong(SourceFile(path: "A/B.swift", text: String(text.dropLast()))) == [])
    }

    @Test func `no line is wider than 100 columns`() {
        expectNone(SourceTree.files.flatMap(tooWide))
        let text = "\n" + String(repeating: "é", count: 101)
        #expect(tooWide(SourceFile(path: "A.swift", text: text)) == ["A.swift:2: 101 columns"])
        #expect(tooWide(SourceFile(path: "A.swift", text: String(text.dropLast()))) == [])
    }

    @Test func `no function is longer than 70 lines`() {
        expectNone(SourceTree.files.flatMap(longFunctions))
        #expect(longFunctions(SourceFile(path: "A.swift", text: longFunction(71))).count == 1)
        #expect(longFunctions(SourceFile(path: "A.swift", text: longFunction(70))) == [])
    }

    @Test func `every target has a test folder and every test folder a target`() {
        expectNone(unmirrored(SourceTree.paths))
        #expect(unmirrored(["Shared/A/B.swift"]) == ["Tests/ATests is missing"])
        #expect(unmirrored(["Tests/CTests/D.swift"]) == ["Tests/CTests mirrors nothing"])
    }

    @Test func `no file is larger than 256 KiB`() throws {
        let large = try SourceTree.paths.filter { path in
            let attributes = try FileManager.default.attributesOfItem(
                atPath: RepositoryRoot.path(path))
            return (attributes[.size] as? Int ?? 0) > fileBytesMax
        }
        expectNone(large)
    }

    /// A requirement without a body, a default closure, and braces in texts and comments stand
    /// in the way on purpose.
    private func longFunction(_ count: Int) -> String {
        let head = ["protocol P {", "    func requirement(of: Int) throws -> Int", "}"]
        let opening = ["func long(_ body: () -> Void = {}) throws", "    -> Int", "{"]
        let body = Array(repeating: #"    work("}\(a("}"))") // }"#, count: count - 4)
        return (head + opening + body + ["}", ""]).joined(separator: "\n")
    }
}
