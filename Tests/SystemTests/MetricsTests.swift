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

    private let installation: Installation

    init() throws { installation = try Self.shared.get() }

    /// The first step of a sign-in, as somebody with curl takes it.
    private func start(_ password: String, traceparent: String) throws -> String {
        let gateway = try installation.client().port
        let body = try JSONSerialization.data(
            withJSONObject: ["identifier": "admin", "password": password, "bearer": true])
        let outcome = try ChildProcess.run(
            "curl",
            [
                "-sS", "--max-time", "20", "-H", "Content-Type: application/json",
                "-H", "traceparent: \(traceparent)", "--data-binary",
                String(decoding: body, as: UTF8.self),
                "http://127.0.0.1:\(gateway)/dubbelslot.v1.SignInService/Start",
            ])
        #expect(outcome.status == 0, "\(outcome.output)")
        return outcome.output
    }

    private func metrics(_ name: Installation.Name) throws -> String {
        let port = try installation.port("\(name.rawValue).operations")
        let outcome = try ChildProcess.run(
            "curl", ["-sSi", "--max-time", "20", "http://127.0.0.1:\(port)/metrics"])
        #expect(outcome.output.contains("Content-Type: text/plain; version=0.0.4"))
        let head = try #require(outcome.output.range(of: "\r\n\r\n"))
        return String(outcome.output[head.upperBound...])
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
        let answer = try start(
            installation.initialPassword, traceparent: "00-\(Self.trace)-00f067aa0ba902b7-01")
        #expect(answer.contains("ticket"), "\(answer)")
        for name in Self.services {
            #expect(
                try installation.log(name).contains("\"trace_id\":\"\(Self.trace)\""),
                "\(name.rawValue)")
        }
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
