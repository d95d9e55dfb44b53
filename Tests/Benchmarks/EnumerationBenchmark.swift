import Fixtures
import Foundation

/// Whether answers, or the time they take, tell which accounts exist: all cases in random order
/// in the same minutes, one try at a time, against the services beside this executable.
struct EnumerationBenchmark {
    /// What was answered, and how often.
    struct Answer: Codable {
        let text: String
        let count: Int
    }

    struct Row: Codable {
        let name: String
        let tries: Int
        let medianMilliseconds: Double
        let p95Milliseconds: Double
        /// To the first case of those that must be alike.
        let medianRatio: Double
        let p95Ratio: Double
        let isSameAnswer: Bool
        /// Each answer with how often it came, the most frequent first.
        let answers: [Answer]

        /// The bar: the same bytes, and medians within 5 %.
        var holds: Bool { isSameAnswer && abs(medianRatio - 1) <= 0.05 }
    }

    typealias Case = EnumerationCases.Case

    let tries: Int
    /// `standard` or `small_memory`.
    let hash: String

    func run() throws -> [[Row]] {
        let installation = try Installation(
            gateways: 1, settings: [.verification: ["DUBBELSLOT_PASSWORD_HASH": hash]])
        let administrator = try BenchmarkAdministrator(installation)
        var users: [Case: String] = [:]
        for it in EnumerationCases.users where it != .imported {
            users[it] = try administrator.makeUser()
        }
        users[.imported] = try EnumerationCases.makeImported(
            installation,
            record: hash == "standard" ? ImportLines.vectors[0].record : ImportLines.cheapRecord)
        let client = try installation.client()
        let cases = try EnumerationCases(installation, users: users, client)
        var times: [Case: [Double]] = [:]
        var answers: [Case: [[String]: Int]] = [:]
        for turn in 0..<tries {
            if turn % EnumerationCases.triesMax == 0 { try cases.forgive() }
            for it in Self.turn.shuffled() {
                let body = cases.body(it)
                let start = Core.nanoseconds()
                let answer = try client.call("SignInService/Start", body)
                times[it, default: []].append(Double(Core.nanoseconds() - start) / 1e6)
                answers[it, default: [:]][EnumerationCases.visible(answer), default: 0] += 1
            }
        }
        return EnumerationCases.alike.map { row in
            row.map { Self.row($0, beside: row[0], times, answers) }
        }
    }

    /// What is refused before a hash takes little time, so that what else the machine does weighs
    /// more: it is tried more often.
    private static let turn: [Case] =
        EnumerationCases.alike[0]
        + Array(repeating: EnumerationCases.alike.dropFirst().joined(), count: 4).joined()

    private static func row(
        _ it: Case, beside first: Case, _ times: [Case: [Double]],
        _ answers: [Case: [[String]: Int]]
    ) -> Row {
        let (mine, other) = (times[it] ?? [], times[first] ?? [])
        return Row(
            name: it.rawValue, tries: mine.count, medianMilliseconds: mine.quantile(0.5),
            p95Milliseconds: mine.quantile(0.95),
            medianRatio: mine.quantile(0.5) / other.quantile(0.5),
            p95Ratio: mine.quantile(0.95) / other.quantile(0.95),
            isSameAnswer: answers[it]?.count == 1
                && answers[it]?.keys.first == answers[first]?.keys.first,
            answers: (answers[it] ?? [:]).sorted { $0.value > $1.value }.map {
                Answer(text: $0.key.joined(separator: " · "), count: $0.value)
            })
    }

    static func table(_ groups: [[Row]]) -> String {
        var lines = [
            "Cases of one block must not be told apart: same bytes, medians within 5 %.",
            "| case | tries | median ms | p95 ms | median ratio | p95 ratio | bytes | holds |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for rows in groups {
            lines += rows.map { row in
                String(
                    format: "| %@ | %d | %.2f | %.2f | %.3f | %.3f | %@ | %@ |", row.name,
                    row.tries, row.medianMilliseconds, row.p95Milliseconds, row.medianRatio,
                    row.p95Ratio, row.isSameAnswer ? "same" : "DIFFERENT",
                    row.holds ? "yes" : "NO")
            }
            lines.append("| | | | | | | | |")
        }
        lines.removeLast()
        for row in groups.joined() where !row.isSameAnswer {
            lines += row.answers.map { "\(row.name), \($0.count) times: \($0.text)" }
        }
        return lines.joined(separator: "\n")
    }
}

extension [Double] {
    /// The value below which the given part of all lies; 0 for none.
    func quantile(_ part: Double) -> Double {
        isEmpty ? 0 : sorted()[Swift.min(count - 1, Int(Double(count) * part))]
    }
}
