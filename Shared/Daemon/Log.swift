import Glibc
import Wire

/// Writes what happens, a line each: JSON for machines, or plain text for somebody at a terminal.
/// The event is a word in the source and values are of closed kinds, so a line can be searched for
/// and holds no secret. Safe to use from any thread.
///
/// ```swift
/// log.info("session_opened", ["user": .id(user), "factor": .text("totp")])
/// ```
package struct Log: Sendable {
    package typealias Fields = KeyValuePairs<StaticString, LogValue>

    package enum Level: String, Sendable, CaseIterable {
        case debug, info, warning, error

        var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    package enum Format: String, Sendable, CaseIterable {
        case json, text
        /// Text with colours.
        case colour
    }

    /// Octets of a line with its end, so that a pipe takes it in one piece (PIPE_BUF).
    package static let lineMax = 4096

    private let service: StaticString
    private let level: Level
    private let format: Format
    private let clock: WallClock
    private let output: any LogOutput
    private var bound: [(StaticString, LogValue)] = []

    package init(
        service: StaticString, level: Level = .info, format: Format = .json,
        clock: WallClock = .system, output: any LogOutput
    ) {
        self.service = service
        self.level = level
        self.format = format
        self.clock = clock
        self.output = output
    }

    /// The same log with fields in every line, for example those of one request.
    package func with(_ fields: Fields) -> Log {
        var log = self
        log.bound += fields.map { ($0.key, $0.value) }
        return log
    }

    /// With the request's id and the trace it belongs to.
    package func with(request: String, trace: String) -> Log {
        with(["request_id": .text(request), "trace_id": .text(trace)])
    }

    package func debug(_ event: StaticString, _ fields: Fields = [:]) { say(.debug, event, fields) }
    package func info(_ event: StaticString, _ fields: Fields = [:]) { say(.info, event, fields) }
    package func warning(_ event: StaticString, _ fields: Fields = [:]) {
        say(.warning, event, fields)
    }
    package func error(_ event: StaticString, _ fields: Fields = [:]) { say(.error, event, fields) }

    /// False when lines of this level go nowhere: whoever makes fields at each call asks first.
    package func writes(_ level: Level) -> Bool { level.rank >= self.level.rank }

    package func say(_ level: Level, _ event: StaticString, _ fields: Fields) {
        guard writes(level) else { return }
        let all = bound + fields.map { ($0.key, $0.value) }
        if let lost = output.takeLostCount() {
            write(.warning, "log_lines_lost", [("count", .integer(lost))])
        }
        write(level, event, all)
    }

    private func write(
        _ level: Level, _ event: StaticString, _ fields: [(StaticString, LogValue)]
    ) {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        switch format {
        case .json: appendJSON(level, event, fields, to: &line)
        case .text: appendText(level, event, fields, colour: false, to: &line)
        case .colour: appendText(level, event, fields, colour: true, to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        output.write(line)
    }
}

extension Log {
    /// Room for the mark of a line that was cut, and for its end.
    private static var reserve: Int { 32 }

    private func appendJSON(
        _ level: Level, _ event: StaticString, _ fields: [(StaticString, LogValue)],
        to line: inout [UInt8]
    ) {
        line += "{\"time\":\"\(clock.now().text)\",\"level\":\"\(level.rawValue)\"".utf8
        line += ",\"service\":\"\(service)\",\"event\":\"\(event)\"".utf8
        for (name, value) in fields {
            let start = line.count
            line += ",\"\(name)\":".utf8
            value.appendJSON(to: &line)
            guard line.count <= Self.lineMax - Self.reserve else {
                line.removeLast(line.count - start)
                line += ",\"truncated\":true".utf8
                break
            }
        }
        line.append(UInt8(ascii: "}"))
    }

    private func appendText(
        _ level: Level, _ event: StaticString, _ fields: [(StaticString, LogValue)],
        colour: Bool, to line: inout [UInt8]
    ) {
        let paint = colour ? Self.paint(level) : ""
        let dim = colour ? "\u{1b}[2m" : ""
        let plain = colour ? "\u{1b}[0m" : ""
        let word = level.rawValue + String(repeating: " ", count: 7 - level.rawValue.utf8.count)
        line += "\(dim)\(clock.now().text)\(plain) \(paint)\(word)\(plain) \(event)".utf8
        for (name, value) in fields {
            let start = line.count
            line += " \(dim)\(name)=\(plain)".utf8
            value.appendPlain(to: &line)
            guard line.count <= Self.lineMax - Self.reserve else {
                line.removeLast(line.count - start)
                line += " truncated=true".utf8
                break
            }
        }
    }

    private static func paint(_ level: Level) -> String {
        switch level {
        case .debug: "\u{1b}[2m"
        case .info: "\u{1b}[32m"
        case .warning: "\u{1b}[33m"
        case .error: "\u{1b}[1;31m"
        }
    }
}
