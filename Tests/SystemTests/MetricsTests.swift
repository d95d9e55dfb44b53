import Fixtures
import Foundation
import Testing

/// What the three services tell about one sign-in, to whoever runs them.
@Suite(.serialized) struct MetricsTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let services: [Installation.Name] = [.gateway, .verification, .policy]

    /// One for the suite, whose tests count what they add.
    private static let shared = Result {
        let closely = ["DUBBELSLOT_LOG_LEVEL": "debug"]
        let cheap = ["DUBBELSLOT_PASSWORD_HASH": "small_memory"]
        return try Installation(
            gateways: 1,
            settings: [
                .gateway: closely, .policy: closely,
                .verification: closely.merging(cheap) { $1 },
            ])
    }

    private static let span = "00f067aa0ba902b7"

    private static func parent(_ trace: String) -> String { "00-\(trace)-\(span)-01" }

    private let installation: Installation

    init() throws { installation = try Self.shared.get() }

    /// A step of a sign-in, as somebody with curl takes it.
    private func step(
        _ name: String, _ body: [String: any Sendable], traceparent: String
    ) throws -> String {
        let outcome = try ChildProcess.run(
            "curl",
            [
                "-sS", "--max-time", "20", "-H", "Content-Type: application/json",
                "-H", "traceparent: \(traceparent)", "--data-binary", json(body),
                "\(try address("http"))/dubbelslot.v1.SignInService/\(name)",
            ])
        #expect(outcome.status == 0, "\(outcome.output)")
        return outcome.output
    }

    private func start(_ password: String, traceparent: String) throws -> String {
        try step(
            "Start", ["identifier": "admin", "password": password, "bearer": true],
            traceparent: traceparent)
    }

    private func address(
        _ door: String, of name: Installation.Name = .gateway
    ) throws -> String {
        "http://127.0.0.1:\(try installation.port("\(name.rawValue).\(door)"))"
    }

    private func metrics(_ name: Installation.Name) throws -> String {
        let outcome = try ChildProcess.run(
            "curl", ["-sSi", "--max-time", "20", "\(try address("operations", of: name))/metrics"])
        #expect(outcome.output.contains("Content-Type: text/plain; version=0.0.4"))
        let head = try #require(outcome.output.range(of: "\r\n\r\n"))
        return String(outcome.output[head.upperBound...])
    }

    /// What a service has logged of a trace.
    private func lines(_ name: Installation.Name, of trace: String) throws -> [Substring] {
        try installation.log(name).split(separator: "\n")
            .filter { $0.contains("\"trace_id\":\"\(trace)\"") }
    }

    /// The value of the one line that begins so; nil where there is none.
    private func value(_ text: String, _ series: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
            .flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    /// Lines that break the text format 0.0.4, or that tell of a family nobody has declared.
    private func misshapen(_ text: String) -> [String] {
        let sample = /([a-z_][a-z0-9_]*?)(_bucket|_sum|_count)?(\{.*\})? -?[0-9]+(\.[0-9]+)?/
        let label = /\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\}/
        var declared: Set<Substring> = []
        return text.split(separator: "\n").filter { line in
            if line.hasPrefix("# ") {
                let words = line.split(separator: " ", maxSplits: 3)
                guard words.count == 4 else { return true }
                if words[1] == "TYPE" { return !declared.insert(words[2]).inserted }
                return words[1] != "HELP"
            }
            guard let match = line.wholeMatch(of: sample) else { return true }
            if let labels = match.3, labels.wholeMatch(of: label) == nil { return true }
            let whole = match.1 + (match.2 ?? "")
            return !declared.contains(match.1) && !declared.contains(Substring(whole))
        }.map(String.init)
    }

    @Test func `a trace that curl gives is in the logs of all three services`() throws {
        let answer = try start(installation.initialPassword, traceparent: Self.parent(Self.trace))
        #expect(answer.contains("ticket"), "\(answer)")
        for name in Self.services {
            #expect(try !lines(name, of: Self.trace).isEmpty, "\(name.rawValue)")
        }
        // Nor are they lost among the questions that services ask each other all the time.
        let idle = try lines(.policy, of: String(repeating: "0", count: 32))
        #expect(idle.allSatisfy { !$0.contains("\"outcome\":\"ok\"") })
    }

    @Test func `a refusal is logged with its trace where nobody looks closely`() throws {
        let trace = "0e0e47364bf92f3577b34da6a3ce929d"
        _ = try start("not this one", traceparent: Self.parent(trace))
        let refused = try [Installation.Name.gateway, .verification].map {
            try #require(lines($0, of: trace).first { $0.contains("call_refused") })
        }
        #expect(refused.allSatisfy { $0.contains("\"level\":\"info\"") })
        #expect(refused[0].contains("\"method\":\"SignInService/Start\""))
        #expect(refused[1].contains("\"method\":\"VerificationService/CheckPassword\""))
        let spans = refused.map { $0.firstMatch(of: /"span_id":"([0-9a-f]{16})"/)?.1 }
        #expect(spans[0] != nil && spans[0] == spans[1] && spans[0] != Self.span[...])
    }

    @Test func `each step has the trace that it brings, and the audits are joined by our own`()
        throws
    {
        let first = "1111473600f067aa0ba902b700000001"
        let second = "1111473600f067aa0ba902b700000002"
        let answer = try start(installation.initialPassword, traceparent: Self.parent(first))
        let ticket = try #require(answer.firstMatch(of: /"ticket":"([^"]+)"/)?.1)
        _ = try step(
            "BeginBinding", ["ticket": String(ticket), "verifier": "totp"],
            traceparent: Self.parent(second))
        // Somebody else who says that he belongs to the same.
        _ = try start("not this one", traceparent: Self.parent(first))
        for name in [Installation.Name.gateway, .verification] {
            #expect(try !lines(name, of: second).isEmpty, "\(name.rawValue)")
        }
        let rows = try installation.sql(
            """
            WITH rows AS (
                SELECT event, payload->>'trace' AS trace FROM auth.audit UNION ALL
                SELECT event, payload->>'trace' FROM verification.audit)
            SELECT left(trace, 32), string_agg(event, ' ' ORDER BY event),
                bool_and(right(trace, 17) <> '-\(Self.span)')
            FROM rows WHERE left(trace, 32) IN ('\(first)', '\(second)')
                AND right(trace, 17) = (
                    SELECT right(trace, 17) FROM rows
                    WHERE left(trace, 32) = '\(second)' AND event = 'binding_begun')
            GROUP BY left(trace, 32) ORDER BY 1
            """)
        #expect(
            rows.split(separator: "\n") == [
                "\(first)|password_proved sign_in_started|t", "\(second)|binding_begun|t",
            ])
    }

    @Test func `what is no trace begins a new one, and stands in no log`() throws {
        let trace = "a3ce929d0e0e47364bf92f3577b34da6"
        let answer = try start(
            installation.initialPassword, traceparent: "00-\(trace)-0000000000000000-01")
        #expect(answer.contains("ticket"), "\(answer)")
        for name in Self.services {
            #expect(try !installation.log(name).contains(trace), "\(name.rawValue)")
        }
    }

    @Test func `each service tells of itself in lines that Prometheus reads`() throws {
        _ = try start(installation.initialPassword, traceparent: "")
        for name in Self.services {
            let text = try metrics(name)
            #expect(misshapen(text) == [], "\(name.rawValue)")
            let build = "service=\"\(name.rawValue)\",version=\"1.0.0\""
            #expect(value(text, "dubbelslot_build_info{\(build)}") == 1)
            let skew = try #require(value(text, "dubbelslot_clock_skew_seconds"))
            #expect(abs(skew) < 5)
            let life = value(text, "dubbelslot_certificate_expiry_seconds{use=\"services\"}")
            #expect(try #require(life) > 0)
            #expect(value(text, "dubbelslot_database_statements{state=\"waiting\"}") != nil)
            // What came from outside names no figure.
            #expect(!text.contains("admin\"") && !text.contains(Self.trace))
        }
        let hashes = "dubbelslot_password_hashes{state=\"in_flight\"}"
        #expect(value(try metrics(.verification), hashes) == 0)
    }

    private static let promtool = ProcessInfo.processInfo.environment["TEST_PROMTOOL"]

    @Test(.enabled(if: promtool != nil, "no promtool: TEST_PROMTOOL names no program"))
    func `promtool of Prometheus finds nothing to say about what they tell`() throws {
        _ = try start(installation.initialPassword, traceparent: "")
        for name in Self.services {
            let outcome = try ChildProcess.run(
                "sh",
                [
                    "-c", "curl -sS --max-time 20 \"$1/metrics\" | \"$2\" check metrics", "sh",
                    try address("operations", of: name), try #require(Self.promtool),
                ])
            #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)")
        }
    }

    @Test func `P-12 no figure is told at the edge, and nobody outside makes a new one`() throws {
        func ask(_ path: String) throws -> String {
            try ChildProcess.run(
                "curl",
                ["-sS", "--max-time", "20", "-X", "POST", "\(try address("http"))/\(path)"]
            ).output
        }
        func series() throws -> Set<Substring> {
            let lines = try metrics(.gateway).split(separator: "\n")
            return Set(lines.filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } })
        }
        for path in ["metrics", "readyz"] {
            let answer = try ChildProcess.run(
                "curl", ["-sSi", "--max-time", "20", "\(try address("http"))/\(path)"])
            #expect(answer.output.contains(" 404 ") && !answer.output.contains("dubbelslot_"))
        }
        _ = try ask("dubbelslot.v1.SignInService/None")
        let before = try series()
        for number in 0..<20 {
            _ = try ask("dubbelslot.v1.SignInService/None\(number)")
            _ = try ask("\(number)\"}/Start")
        }
        #expect(try series() == before)
    }

    @Test func `a sign-in is counted by each service that has a part in it`() throws {
        let start = "method=\"SignInService/Start\""
        let password = "dubbelslot_factor_checks_total{type=\"password\""
        let decide = "method=\"PolicyService/Decide\",outcome=\"ok\""
        let counted: [(service: Installation.Name, series: String, more: Double)] = [
            (.gateway, "dubbelslot_sign_ins_total{outcome=\"begun\"}", 1),
            (.gateway, "dubbelslot_sign_ins_total{outcome=\"password_wrong\"}", 1),
            (.gateway, "dubbelslot_http_requests_total{\(start),status=\"2xx\"}", 1),
            (.gateway, "dubbelslot_http_requests_total{\(start),status=\"4xx\"}", 1),
            (.gateway, "dubbelslot_http_request_seconds_count{\(start)}", 2),
            (.verification, "\(password),outcome=\"proved\"}", 1),
            (.verification, "\(password),outcome=\"wrong\"}", 1),
            (.policy, "dubbelslot_rpc_calls_total{\(decide)}", 1),
        ]
        let before = try counted.map { value(try metrics($0.service), $0.series) ?? 0 }
        _ = try self.start("not this one", traceparent: "")
        _ = try self.start(installation.initialPassword, traceparent: "")
        for (figure, before) in zip(counted, before) {
            let after = try #require(value(try metrics(figure.service), figure.series))
            #expect(after - before == figure.more, "\(figure.series)")
        }
    }
}
