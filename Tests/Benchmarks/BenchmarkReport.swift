import Foundation

/// Medians over the rounds, as a table and as JSON.
struct BenchmarkReport {
    struct Key: Hashable {
        let shape: Shape
        let variant: String
    }

    let shapes: [Shape]
    let variants: [String]
    let bare: String
    let samples: [Key: [Sample]]

    /// One row per shape and variant; the ratio is the median of the rounds' own ratios.
    struct Row: Codable {
        let shape: String
        let variant: String
        let callsPerSecond: Double
        let ratioToBare: Double
        let p50Microseconds: Double
        let p99Microseconds: Double
        let serverMicrosecondsPerCall: Double
        let rounds: Int
    }

    var rows: [Row] {
        shapes.flatMap { shape in
            variants.compactMap { variant in
                let mine = samples[Key(shape: shape, variant: variant)] ?? []
                let limit = samples[Key(shape: shape, variant: bare)] ?? []
                guard !mine.isEmpty else { return nil }
                return Row(
                    shape: shape.description, variant: variant,
                    callsPerSecond: median(mine.map(\.callsPerSecond)),
                    ratioToBare: median(
                        zip(mine, limit).map { $0.callsPerSecond / $1.callsPerSecond }),
                    p50Microseconds: median(mine.map(\.p50)),
                    p99Microseconds: median(mine.map(\.p99)),
                    serverMicrosecondsPerCall: median(mine.map(\.serverMicroseconds)),
                    rounds: mine.count)
            }
        }
    }

    var table: String {
        let head = ["shape", "handler", "calls/s", "of bare", "p50 µs", "p99 µs", "server CPU µs"]
        let lines = rows.map { row in
            [
                row.shape, row.variant, number(row.callsPerSecond, 0), number(row.ratioToBare, 3),
                number(row.p50Microseconds, 1), number(row.p99Microseconds, 1),
                number(row.serverMicrosecondsPerCall, 3),
            ]
        }
        let all = [head, head.map { _ in "---" }] + lines
        return all.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }

    var json: Data {
        get throws { try Self.encode(rows) }
    }

    static func encode(_ rows: [some Encodable]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return try encoder.encode(rows)
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return sorted.count % 2 == 1
            ? sorted[sorted.count / 2]
            : (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2]) / 2
    }

    private func number(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
