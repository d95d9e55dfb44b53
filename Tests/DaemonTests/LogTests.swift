import Foundation
import Reactor
import Synchronization
import Testing
import Wire

@testable import Daemon

/// Keeps what is written.
final class KeptOutput: LogOutput {
    private let kept = Mutex<[String]>([])
    private let lost = Mutex<Int?>(nil)

    var lines: [String] { kept.withLock { $0 } }
    func lose(_ count: Int) { lost.withLock { $0 = count } }

    func write(_ line: [UInt8]) {
        kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }

    func takeLostCount() -> Int? {
        lost.withLock { count in
            defer { count = nil }
            return count
        }
    }
}

@Suite struct LogTests {
    static let clock = WallClock { Timestamp(microseconds: 1_700_000_000_123_456) }

    private func line(_ fields: Log.Fields, format: Log.Format = .json) -> String {
        let output = KeptOutput()
        Log(service: "test", format: format, clock: Self.clock, output: output)
            .info("event_happened", fields)
        return output.lines.joined()
    }

    private func text(_ value: String) throws -> String {
        let data = Data(line(["field": .text(value)]).utf8)
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return try #require(json?["field"] as? String)
    }

    @Test func `a line is one object with what happened first`() {
        #expect(
            line([
                "text": .text("a b"), "number": -5, "flag": true, "big": .integer(UInt64.max),
                "span": .duration(.microseconds(1_002_003)), "when": .moment(Timestamp(seconds: 0)),
                "from": .host(.ipv4(0x7f00_0001, port: 5)),
            ])
                == #"{"time":"2023-11-14T22:13:20.123456Z","level":"info","service":"test","#
                + #""event":"event_happened","text":"a b","number":-5,"flag":true,"#
                + #""big":9223372036854775807,"span":1002.003,"when":"1970-01-01T00:00:00Z","#
                + #""from":"127.0.0.1"}"# + "\n")
    }

    @Test(arguments: [
        "a\nb", "a\r\nb", "a\u{1b}[31mred", "a\0b", "a\u{7f}b", "a\u{9b}31m", "a\u{85}b",
        "a\u{202e}b", "a\u{2066}b", "a\u{200f}b", "a\u{061c}b", "a\u{2028}b", "a\u{2029}b",
        "a\u{feff}b", "a\u{200b}b", "a\u{e0041}b", "a\u{e000}b", "a\"b", "a\\b", "\t", "é€🔑",
        "\"}\n{\"level\":\"error\"",
    ])
    func `what a stranger sends is inert and can be read back`(_ value: String) throws {
        for format in Log.Format.allCases {
            let line = line(["field": .text(value)], format: format)
            #expect(line.hasSuffix("\n"))
            let body = line.dropLast().unicodeScalars
            let own = format == .colour ? Set<Unicode.Scalar>(["\u{1b}"]) : []
            for scalar in body where !own.contains(scalar) {
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse:
                    Issue.record("\(String(scalar.value, radix: 16)) in \(line)")
                case _: break
                }
            }
            #expect(line.split(separator: "\u{1b}").count <= 8)
        }
        #expect(try text(value) == value)
    }

    @Test func `a value is cut at its bound, at a whole character`() throws {
        #expect(try text(String(repeating: "x", count: 1024)).count == 1024)
        #expect(
            try text(String(repeating: "x", count: 1025)) == String(repeating: "x", count: 1024)
                + "…")
        #expect(
            try text("x" + String(repeating: "é", count: 512)) == "x"
                + String(repeating: "é", count: 511) + "…")
    }

    @Test(arguments: Log.Format.allCases)
    func `a line is cut at its bound and says so`(_ format: Log.Format) {
        let long = LogValue.text(String(repeating: "\u{1}", count: 400))
        let line = line(["a": long, "b": long, "c": 3], format: format)
        #expect(line.utf8.count <= Log.lineMax)
        #expect(line.contains("truncated"))
        #expect(!line.contains("\"c\""))
        #expect(line.hasSuffix(format == .json ? "}\n" : "=true\n"))
    }

    @Test func `plain text leaves plain words as they are`() {
        #expect(
            line(
                [
                    "word": .text("a-b/c"), "text": .text("a b"), "n": 1,
                    "d": .duration(.seconds(1)),
                ], format: .text)
                == "2023-11-14T22:13:20.123456Z info    event_happened "
                + "word=a-b/c text=\"a b\" n=1 d=1000.000 ms\n"
        )
    }

    @Test func `at a terminal lines are for people, and for machines elsewhere or where wanted`()
        throws
    {
        func settings(_ environment: [String: String]) -> DaemonSettings {
            var reader = SettingsReader(SettingsSource(environment: environment))
            return DaemonSettings(&reader)
        }
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        let file = open("/dev/null", O_WRONLY)
        defer {
            close(terminal)
            close(file)
        }
        try #require(terminal >= 0 && file >= 0)
        #expect(DescriptorOutput(terminal).isTerminal && !DescriptorOutput(file).isTerminal)
        #expect(settings([:]).format(isTerminal: true) == .colour)
        #expect(settings([:]).format(isTerminal: false) == .json)
        let wanted = ["DUBBELSLOT_LOG_FORMAT": "json"]
        #expect(settings(wanted).format(isTerminal: true) == .json)
        #expect(
            line(["n": 1], format: .colour)
                == "\u{1b}[2m2023-11-14T22:13:20.123456Z\u{1b}[0m \u{1b}[32minfo   \u{1b}[0m "
                + "event_happened \u{1b}[2mn=\u{1b}[0m1\n")
    }

    @Test func `lines below the level are not written`() {
        let output = KeptOutput()
        let log = Log(service: "test", level: .warning, clock: Self.clock, output: output)
        log.debug("one")
        log.info("two")
        log.warning("three")
        log.error("four")
        #expect(output.lines.count == 2)
    }

    @Test func `bound fields stand in every line`() {
        let output = KeptOutput()
        let log = Log(service: "test", clock: Self.clock, output: output)
            .with(request: "r1", trace: "t1")
        log.info("one")
        log.with(["user": .text("u")]).info("two", ["x": 1])
        #expect(output.lines[0].contains(#""request_id":"r1","trace_id":"t1"}"#))
        #expect(output.lines[1].contains(#""trace_id":"t1","user":"u","x":1}"#))
    }

    @Test func `lost lines are counted before the next`() {
        let output = KeptOutput()
        let log = Log(service: "test", clock: Self.clock, output: output)
        output.lose(3)
        log.info("one")
        #expect(output.lines.count == 2)
        #expect(output.lines[0].contains(#""event":"log_lines_lost","count":3"#))
    }

    @Test func `a reader that has stopped reading does not stop the writer`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let output = DescriptorOutput(ends[1])
        let log = Log(service: "test", clock: Self.clock, output: output)
        for _ in 0..<2000 { log.info("filler", ["x": .text(String(repeating: "x", count: 500))]) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(ends[0], &buffer, buffer.count)
        #expect(buffer[..<count].last == 10)
        log.info("after")
        let more = read(ends[0], &buffer, buffer.count)
        let text = String(decoding: buffer[..<more], as: UTF8.self)
        #expect(text.contains("log_lines_lost"))
        #expect(text.contains("\"event\":\"after\""))
    }
}
