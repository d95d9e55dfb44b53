import Daemon
import Fixtures
import Reactor
import Testing

@Suite struct LineFileTests {
    private let folder = TemporaryFolder("lines")

    private func lines(of text: String, lineMax: Int = 64) throws -> [String] {
        let file = try LineFile(folder.write("file", text), lineMax: lineMax)
        #expect(file.size == Int64(text.utf8.count))
        var lines: [String] = []
        while let line = try file.next() {
            #expect(line.number == lines.count + 1)
            lines.append(String(decoding: line.bytes, as: UTF8.self))
        }
        #expect(file.position == file.size)
        return lines
    }

    @Test(arguments: [
        ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]),
        ("a\n\nb\n", ["a", "", "b"]), ("a\r\n", ["a\r"]),
    ])
    func `a file is its lines, the last with or without an end`(
        text: String, lines: [String]
    ) throws {
        #expect(try self.lines(of: text) == lines)
    }

    @Test func `of a line that is too long the beginning is given, and the next one follows`()
        throws
    {
        let long = String(repeating: "x", count: 1 << 20)
        let cut = String(repeating: "x", count: 65)
        #expect(try lines(of: "a\n\(long)\nb\n\(long)") == ["a", cut, "b", cut])
    }

    @Test func `lines lie anywhere between the pieces that are read`() throws {
        let all = (0..<20_000).map { String(repeating: "y", count: $0 % 61) }
        #expect(try lines(of: all.joined(separator: "\n") + "\n") == all)
    }

    @Test func `a file that is not there is said so`() {
        #expect(throws: SystemFault.self) { try LineFile("/nowhere/at/all", lineMax: 1) }
    }
}
