import Crypto
import Fixtures
import Foundation
import Wire

/// What an introspection costs beside few and beside many live sessions, alternately, through the
/// HTTP door of a real gateway on a real PostgreSQL. Each call asks for another session at random.
///
/// Time is told as the caller waits for it, and as the processors spend it in the gateway and in
/// PostgreSQL; pages are what PostgreSQL looks at to find one session, which no other load on the
/// machine changes.
struct SessionsBenchmark {
    struct Row: Codable {
        let sessions: Int
        let calls: Int
        let p50Microseconds: Double
        let p99Microseconds: Double
        let processorMicroseconds: Double
        let pages: Double
        /// To the row of few sessions.
        var p50Ratio = 1.0
        var processorRatio = 1.0
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    let few: Int
    let many: Int
    let calls: Int
    let rounds: Int

    /// What the rounds beside so many sessions came to.
    private struct Tally {
        var microseconds: [Double] = []
        var processorSeconds = 0.0
        var pages: [Double] = []
    }

    private static let ofUser = 10

    func run() throws -> [Row] {
        let installation = try Installation(
            gateways: 1, settings: [.gateway: ["DUBBELSLOT_LOOPS": "1"]])
        let client = try installation.client()
        var tallies = [few: Tally(), many: Tally()]
        try fill(installation, 0..<few)
        for round in 1...rounds {
            FileHandle.standardError.write(Data("round \(round) of \(rounds)\n".utf8))
            try measure(installation, client, few, &tallies[few, default: Tally()])
            try fill(installation, few..<many)
            try measure(installation, client, many, &tallies[many, default: Tally()])
            try installation.sql(
                "DELETE FROM auth.sessions WHERE id > '\(Self.uuid(few - 1))'")
            try installation.sql("VACUUM ANALYZE auth.sessions")
        }
        var rows = [few, many].map { row($0, tallies[$0, default: Tally()]) }
        for index in rows.indices {
            rows[index].p50Ratio = rows[index].p50Microseconds / rows[0].p50Microseconds
            rows[index].processorRatio =
                rows[index].processorMicroseconds / rows[0].processorMicroseconds
        }
        return rows
    }

    private func row(_ sessions: Int, _ tally: Tally) -> Row {
        let count = tally.microseconds.count
        return Row(
            sessions: sessions, calls: count, p50Microseconds: tally.microseconds.quantile(0.5),
            p99Microseconds: tally.microseconds.quantile(0.99),
            processorMicroseconds: tally.processorSeconds * 1e6 / Double(max(1, count)),
            pages: tally.pages.quantile(0.5))
    }

    // MARK: Sessions

    private static func token(_ number: Int) -> String {
        Base64URL.encode(Digest.sha256(Array("benchmark \(number)".utf8)))
    }

    /// In the order of the numbers.
    private static func uuid(_ number: Int) -> String {
        String(format: "00000000-0000-4000-8000-%012x", number)
    }

    /// As sign-ins would have opened them a moment ago. That they were used is not noted again
    /// while this runs, as it is not within a minute.
    private func fill(_ installation: Installation, _ numbers: Range<Int>) throws {
        let first = numbers.lowerBound, last = numbers.upperBound - 1
        func id(_ number: String) -> String {
            "('00000000-0000-4000-8000-' || lpad(to_hex(\(number)), 12, '0'))::uuid"
        }
        try installation.sql(
            """
            INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
            SELECT \(id("n")), 'bench' || n, 'bench' || n, 'bench', 'en', '{}', 'active'
            FROM generate_series(\(first / Self.ofUser), \(last / Self.ofUser)) n
            ON CONFLICT DO NOTHING;
            INSERT INTO auth.sessions (id, token_digest, user_id, user_epoch, methods, level,
                proved_at, last_used_at, idle_seconds, expires_at)
            SELECT \(id("n")), sha256(convert_to(translate(rtrim(encode(
                    sha256(convert_to('benchmark ' || n, 'UTF8')), 'base64'), '='), '+/', '-_'),
                    'UTF8')),
                \(id("n / \(Self.ofUser)")), 1, '{pwd}', 1, clock_timestamp(),
                clock_timestamp() + interval '1 hour', 3600,
                clock_timestamp() + interval '1 day'
            FROM generate_series(\(first), \(last)) n
            """)
        try installation.sql("VACUUM ANALYZE auth.sessions, auth.users")
    }

    // MARK: Calls

    private func measure(
        _ installation: Installation, _ client: HTTPTestClient, _ sessions: Int,
        _ tally: inout Tally
    ) throws {
        for _ in 0..<(calls / 10) { _ = try ask(client, sessions) }
        let before = try processorSeconds(installation)
        for _ in 0..<calls { tally.microseconds.append(try ask(client, sessions)) }
        tally.processorSeconds += try processorSeconds(installation) - before
        for _ in 0..<5 { tally.pages.append(try pages(installation, sessions)) }
    }

    private func ask(_ client: HTTPTestClient, _ sessions: Int) throws -> Double {
        let body = #"{"token":"\#(Self.token(Int.random(in: 0..<sessions)))"}"#
        let start = Core.nanoseconds()
        let answer = try client.call("SessionService/Introspect", body)
        let microseconds = Double(Core.nanoseconds() - start) / 1e3
        guard answer.value("active") as? Bool == true else {
            throw Failed(description: answer.text)
        }
        return microseconds
    }

    /// Of the gateway, and of PostgreSQL with all it has started.
    private func processorSeconds(_ installation: Installation) throws -> Double {
        let gateway = try installation.process(.gateway)
        let server = try installation.process(.postgres)
        var ticks = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let process = Int32(name),
                let stat = FileManager.default.contents(atPath: "/proc/\(name)/stat")
            else { continue }
            // proc_pid_stat(5), behind the name in brackets: parent is the 2nd, times the 12th
            // and 13th.
            let words =
                String(decoding: stat, as: UTF8.self).split(separator: ")").last?
                .split(separator: " ").map(String.init) ?? []
            guard words.count > 12, let parent = Int32(words[1]) else { continue }
            guard process == gateway || process == server || parent == server else { continue }
            ticks += (Int(words[11]) ?? 0) + (Int(words[12]) ?? 0)
        }
        return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// That PostgreSQL looks at for the statement of an introspection, in its own account.
    private func pages(_ installation: Installation, _ sessions: Int) throws -> Double {
        let token = Self.token(Int.random(in: 0..<sessions))
        let plan = try installation.sql(
            """
            EXPLAIN (ANALYZE, BUFFERS, COSTS off, TIMING off)
            SELECT s.id FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
            WHERE s.token_digest = sha256('\(token)'::bytea) AND s.ended_at IS NULL
                AND s.expires_at > clock_timestamp() AND u.state = 'active'
                AND u.epoch = s.user_epoch
            """)
        // The first line that says it is of the whole plan.
        for line in plan.split(separator: "\n") where line.contains("Buffers:") {
            return line.split(separator: " ").reduce(0) { sum, word in
                let parts = word.split(separator: "=")
                guard parts.count == 2, ["hit", "read"].contains(parts[0]) else { return sum }
                return sum + (Double(parts[1]) ?? 0)
            }
        }
        throw Failed(description: plan)
    }

    static func table(_ rows: [Row]) -> String {
        let head = """
            | live sessions | calls | p50 µs | p99 µs | processor µs | pages | p50 ratio \
            | processor ratio |
            | --- | --- | --- | --- | --- | --- | --- | --- |
            """
        let lines = rows.map { row in
            String(
                format: "| %d | %d | %.0f | %.0f | %.0f | %.0f | %.2f | %.2f |", row.sessions,
                row.calls, row.p50Microseconds, row.p99Microseconds, row.processorMicroseconds,
                row.pages, row.p50Ratio, row.processorRatio)
        }
        return ([head] + lines).joined(separator: "\n")
    }
}
