import Fixtures
import Mail
import Reactor
import TLS
import Testing
import Wire

/// The client against servers that are hostile, broken or away, over real sockets.
@Suite struct SMTPClientTests {
    /// What a patient server answers to each line; a test changes one of them.
    private static func patient(_ line: String) -> String? {
        switch line.split(separator: " ").first {
        case "EHLO", "MAIL", "RCPT", ".": "250 OK\r\n"
        case "DATA": "354 go on\r\n"
        case "QUIT": "221 bye\r\n"
        case _: nil
        }
    }

    @Test func `a mail goes out, and the leave is taken after it`() async throws {
        try await withRunningLoop { loop in
            let server = try await loop.run { try ScriptedServer(loop) { Self.patient($0) } }
            #expect(
                try await deliver(on: loop, port: server.port) == .delivered(SMTPStatus(250)))
            try await loop.run {
                let session = try #require(server.sessions.first)
                #expect(await session.end() == .finished)
                #expect(session.text.hasPrefix("EHLO [127.0.0.1]\r\nMAIL FROM:<login@example.com>"))
                #expect(session.text.hasSuffix("\r\n.\r\nQUIT\r\n"))
                server.close()
            }
        }
    }

    @Test func `many at once share nothing`() async throws {
        try await withRunningLoop { loop in
            let server = try await loop.run {
                try ScriptedServer(loop) { line in
                    line.hasPrefix("RCPT TO:<no") ? "550 5.1.1 no\r\n" : Self.patient(line)
                }
            }
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        let name = number.isMultiple(of: 2) ? "no" : "yes"
                        let outcome = try await deliver(
                            on: loop, port: server.port, to: "\(name)\(number)@example.com")
                        if case .delivered = outcome { return (name, "yes") }
                        if case .receiverRefused = outcome { return (name, "no") }
                        return (name, "\(outcome)")
                    }
                }
                for try await (wanted, found) in group { #expect(wanted == found) }
            }
            try await loop.run { server.close() }
        }
    }

    /// A greeting or an answer to EHLO that no server should give, and how it ends.
    @Test(arguments: [
        Endless("", "x", 10_000_000, .lineTooLong), Endless("220-", "x", 10_000_000, .lineTooLong),
        Endless("", "220-x\r\n", 1_000_000, .tooManyLines),
        Endless("", "\0", 100_000, .strayControl), Endless("220 a\n", "", 0, .strayControl),
        Endless("220 a\r\n220 b\r\n", "", 0, .unsolicited),
        Endless("200 a\r\n", "", 0, .unexpectedCode(SMTPStatus(200))),
    ])
    func `endless and foreign answers end it at their bound`(it: Endless) async throws {
        let (answer, violation) = (it.text, it.violation)
        try await withRunningLoop { loop in
            let server = try await loop.run { try ScriptedServer(loop, greeting: answer) }
            #expect(
                try await deliver(on: loop, port: server.port)
                    == .protocolViolation(.greeting, violation))
            try await loop.run { server.close() }
        }
    }

    @Test(arguments: ["CUT", "HANG UP"])
    func `a server that goes is told with where it went`(end: String) async throws {
        let steps: [(String, SMTPStep)] = [
            ("EHLO", .hello), ("MAIL", .sender), ("RCPT", .receiver), ("DATA", .data),
            (".", .content),
        ]
        for (command, step) in steps {
            try await withRunningLoop { loop in
                let server = try await loop.run {
                    try ScriptedServer(loop) { $0.hasPrefix(command) ? end : Self.patient($0) }
                }
                let outcome = try await deliver(on: loop, port: server.port)
                guard case .unreachable(step, _) = outcome else {
                    Issue.record("\(command): \(outcome)")
                    return
                }
                #expect(outcome.mayHaveArrived == (step == .content))
                try await loop.run { server.close() }
            }
        }
    }

    @Test func `a server that says nothing is left when the time is up`() async throws {
        let steps: [(String, SMTPStep)] = [
            ("EHLO", .hello), ("RCPT", .receiver), (".", .content),
        ]
        for (command, step) in steps {
            try await withRunningLoop { loop in
                let server = try await loop.run {
                    try ScriptedServer(loop) { $0.hasPrefix(command) ? nil : Self.patient($0) }
                }
                let outcome = try await deliver(
                    on: loop, port: server.port, within: .milliseconds(400))
                #expect(outcome == .timedOut(step))
                try await loop.run { server.close() }
            }
        }
        try await withRunningLoop { loop in
            let silent = try await loop.run { try ScriptedServer(loop, greeting: nil) }
            #expect(
                try await deliver(on: loop, port: silent.port, within: .milliseconds(200))
                    == .timedOut(.greeting))
            // A server that says one octet at a time does not get more time by it.
            let slow = try await loop.run { try ScriptedServer(loop, greeting: "2") }
            #expect(
                try await deliver(on: loop, port: slow.port, within: .milliseconds(200))
                    == .timedOut(.greeting))
            try await loop.run {
                silent.close(); slow.close()
            }
        }
    }

    @Test func `sending that nobody waits for any more is given up`() async throws {
        try await withRunningLoop { loop in
            let server = try await loop.run { try ScriptedServer(loop, greeting: nil) }
            let sending = Task { try await deliver(on: loop, port: server.port) }
            try await loop.run {
                while server.sessions.isEmpty { await loop.sleep(for: .milliseconds(2)) }
            }
            sending.cancel()
            guard case .cancelled = try await sending.value else {
                Issue.record("\(try await sending.value)")
                return
            }
            try await loop.run { server.close() }
        }
    }

    @Test func `nobody there and a name of nobody are two things`() async throws {
        try await withRunningLoop { loop in
            let away = try await deliver(on: loop, port: FreePort.take())
            guard case .unreachable(.connecting, let why) = away else {
                Issue.record("\(away)")
                return
            }
            #expect(why.contains("refused"))
            let unknown = try await deliver(on: loop, port: 25, host: "mail.invalid")
            guard case .unreachable(.resolving, _) = unknown else {
                Issue.record("\(unknown)")
                return
            }
        }
    }

    @Test(arguments: ["192.0.2.1", "::2", "10.0.0.1"])
    func `without protection no mail leaves this machine`(host: String) async throws {
        try await withRunningLoop { loop in
            let outcome = try await deliver(on: loop, port: 25, host: host)
            #expect(outcome == .tlsRefused(.plainOutsideLoopback))
        }
    }

    @Test func `bytes behind the answer to STARTTLS are never read as under TLS`() async throws {
        let parties = try TestAuthority()
        let context = try TLSContext(outboundAuthorityFile: parties.file)
        for injected in ["", "250 hello\r\n"] {
            try await withRunningLoop { loop in
                let server = try await loop.run {
                    try ScriptedServer(loop) { line in
                        if line.hasPrefix("EHLO") { return "250-a\r\n250 STARTTLS\r\n" }
                        return line == "STARTTLS" ? "220 go on\r\n" + injected : "250 no TLS\r\n"
                    }
                }
                let outcome = try await deliver(
                    on: loop, port: server.port, .startTLS, context: context)
                switch outcome {
                case .protocolViolation(.startTLS, .unsolicited): #expect(!injected.isEmpty)
                // It answers the handshake with something that is none.
                case .tlsRefused(.handshake): #expect(injected.isEmpty)
                case _: Issue.record("\(outcome)")
                }
                try await loop.run { server.close() }
            }
        }
    }
}

/// An answer of a server that repeats itself, and how it ends. Not written out in the log.
struct Endless: Sendable {
    private let start: String
    private let part: String
    private let count: Int
    let violation: SMTPViolation

    init(_ start: String, _ part: String, _ count: Int, _ violation: SMTPViolation) {
        self.start = start
        self.part = part
        self.count = count
        self.violation = violation
    }

    var text: String { start + String(repeating: part, count: count) }
}
