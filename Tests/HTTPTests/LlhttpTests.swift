import Fixtures
import Foundation
import Testing

@testable import HTTP

/// The request cases of nodejs/llhttp (MIT), read from the folder of test vectors: what that parser
/// refuses we refuse too, and what we accept of its cases means the same to both.
@Suite struct LlhttpTests {
    struct Case {
        let title: String
        let bytes: [UInt8]
        /// What llhttp's log says.
        let isRefused: Bool
        let isComplete: Bool
        let bodyCount: Int
    }

    /// Cases of llhttp's strict mode; `noScan` and `pause` ask for what only it has.
    static func cases() throws -> [Case] {
        let folder = "http/llhttp/test/request"
        var cases: [Case] = []
        for name in Vectors.names(in: folder) where name.hasSuffix(".md") {
            let data = try #require(Vectors.data("\(folder)/\(name)"))
            let text = String(decoding: data, as: UTF8.self)
            for part in text.components(separatedBy: "<!-- meta=").dropFirst() {
                let type = part.components(separatedBy: "-->")[0]
                guard type.contains("\"request\""), !type.contains("pause"),
                    !type.contains("skipBody")
                else { continue }
                let blocks = part.components(separatedBy: "```")
                guard blocks.count >= 5 else { continue }
                cases.append(read(name, blocks[1], log: blocks[3]))
            }
        }
        return cases
    }

    private static func read(_ title: String, _ block: String, log: String) -> Case {
        let lines = block.components(separatedBy: "\n").dropFirst().dropLast()
        var text = lines.joined(separator: "\r\n")
        for (escape, octet) in [
            ("\\\r\n", ""), ("\\r", "\r"), ("\\n", "\n"), ("\\t", "\t"), ("\\f", "\u{c}"),
        ] {
            text = text.replacingOccurrences(of: escape, with: octet)
        }
        let bodies = log.components(separatedBy: "\n").filter { $0.contains("span[body]=") }
        let bodyCount = bodies.compactMap { line in
            line.components(separatedBy: "len=").dropFirst().first.flatMap {
                Int($0.prefix { $0.isNumber })
            }
        }.reduce(0, +)
        return Case(
            title: title + " " + String(text.prefix(60)), bytes: withHost(text),
            isRefused: log.contains(" error code=") && !log.contains(" error code=22"),
            isComplete: log.contains("message complete"),
            bodyCount: bodyCount)
    }

    /// llhttp does not look for a Host; a server must.
    private static func withHost(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        let start = bytes.starts(with: [13, 10]) ? 2 : 0
        guard !text.lowercased().contains("\r\nhost:"), text.contains("HTTP/1."),
            let end = bytes[start...].firstIndex(of: 10), bytes[end - 1] == 13
        else { return bytes }
        bytes.insert(contentsOf: Array("Host: a\r\n".utf8), at: end + 1)
        return bytes
    }

    @Test(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
    func `what llhttp refuses is refused`() throws {
        let cases = try Self.cases()
        #expect(cases.count > 90)
        for it in cases where it.isRefused {
            let events = Transcript.whole(it.bytes)
            let isRefused = Transcript.status(events) != nil
            #expect(isRefused || Transcript.requests(events).isEmpty, "\(it.title)")
        }
    }

    @Test(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
    func `what both accept has the same body`() throws {
        var accepted = 0
        for it in try Self.cases() where !it.isRefused && it.isComplete {
            let events = Transcript.whole(it.bytes)
            #expect(Transcript.isSameInAnyPieces(it.bytes), "\(it.title)")
            guard Transcript.status(events) == nil else { continue }
            accepted += 1
            let count = Transcript.requests(events).map(\.1.count).reduce(0, +)
            #expect(count == it.bodyCount, "\(it.title)")
        }
        #expect(accepted >= 20, "\(accepted)")
    }
}
