import Reactor

/// All that a service tells about itself, written as Prometheus reads it (text format 0.0.4).
///
/// Families are added at the start. Reading them asks each loop in turn, so it costs a few visits
/// and holds nobody up; what one answer says of two loops is not of one moment.
package final class Metrics: Sendable {
    private enum Source: Sendable {
        case series(MetricSeries)
        case reading(MetricReading)

        var family: MetricFamily {
            switch self {
            case .series(let series): series.family
            case .reading(let reading): reading.family
            }
        }
    }

    /// As the format's own documentation names it.
    package static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    private let sources = Guarded<[Source]>([])

    package init() {}

    package func add(_ series: MetricSeries) { add(.series(series)) }
    package func add(_ reading: MetricReading) { add(.reading(reading)) }

    private func add(_ source: Source) {
        let name = source.family.name.description
        sources.withLock { sources in
            precondition(
                !sources.contains { $0.family.name.description == name },
                "\(name) is declared twice")
            sources.append(source)
        }
    }

    /// The whole answer to a scrape.
    package func text() async -> [UInt8] {
        var text = MetricText()
        for source in sources.withLock({ $0 }) {
            switch source {
            case .series(let series):
                text.append(series, await series.sum())
            case .reading(let reading):
                guard let values = await reading.read() else { continue }
                text.append(reading.family, reading.cells, values)
            }
        }
        return text.octets
    }
}

/// The text format 0.0.4: a family's help and type, then a line for each of its values.
struct MetricText {
    private(set) var octets: [UInt8] = []

    /// Counts, or buckets and sums as `MetricTally` keeps them.
    mutating func append(_ series: MetricSeries, _ words: [UInt64]) {
        let family = series.family
        appendHead(family)
        let width = family.kind.wordsPerCell
        for (number, values) in series.cells.enumerated() {
            let own = words[number * width..<(number + 1) * width]
            guard !series.isSparse || own.contains(where: { $0 != 0 }) else { continue }
            switch family.kind {
            case .counter, .gauge, .secondsGauge:
                appendLine(family, "", values, value: String(own[own.startIndex]))
            case .histogram(let buckets): appendHistogram(family, buckets, values, own)
            }
        }
    }

    mutating func append(_ family: MetricFamily, _ cells: [[String]], _ values: [Int64]) {
        appendHead(family)
        for (labels, value) in zip(cells, values) {
            switch family.kind {
            case .secondsGauge:
                appendLine(family, "", labels, value: Self.decimal(value, places: 6))
            case .counter, .gauge: appendLine(family, "", labels, value: String(value))
            case .histogram: preconditionFailure("\(family.name): a histogram is never read")
            }
        }
    }

    /// Each bucket counts all below its bound, too.
    private mutating func appendHistogram(
        _ family: MetricFamily, _ buckets: TimeBuckets, _ values: [String],
        _ words: ArraySlice<UInt64>
    ) {
        var count: UInt64 = 0
        for (bound, word) in zip(buckets.bounds, words) {
            count &+= word
            let seconds = Self.decimal(Int64(clamping: bound), places: 9)
            appendLine(family, "_bucket", values, below: seconds, value: String(count))
        }
        count &+= words[words.startIndex + buckets.bounds.count]
        appendLine(family, "_bucket", values, below: "+Inf", value: String(count))
        let sum = Int64(clamping: words[words.endIndex - 1])
        appendLine(family, "_sum", values, value: Self.decimal(sum, places: 9))
        appendLine(family, "_count", values, value: String(count))
    }

    private mutating func appendHead(_ family: MetricFamily) {
        octets += "# HELP \(family.name) ".utf8
        appendEscaped(family.help.description, quotes: false)
        let type =
            switch family.kind {
            case .counter: "counter"
            case .gauge, .secondsGauge: "gauge"
            case .histogram: "histogram"
            }
        octets += "\n# TYPE \(family.name) \(type)\n".utf8
    }

    private mutating func appendLine(
        _ family: MetricFamily, _ suffix: StaticString, _ values: [String],
        below bound: String? = nil, value: String
    ) {
        octets += "\(family.name)\(suffix)".utf8
        var labels = zip(family.labels.map(\.description), values).map { ($0, $1) }
        if let bound { labels.append(("le", bound)) }
        var sign = UInt8(ascii: "{")
        for (name, value) in labels {
            octets.append(sign)
            octets += "\(name)=\"".utf8
            appendEscaped(value, quotes: true)
            octets.append(UInt8(ascii: "\""))
            sign = UInt8(ascii: ",")
        }
        if !labels.isEmpty { octets.append(UInt8(ascii: "}")) }
        octets += " \(value)\n".utf8
    }

    /// Backslash and line feed are escaped everywhere, quotation marks in the values of labels.
    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "\\"): octets += "\\\\".utf8
            case UInt8(ascii: "\n"): octets += "\\n".utf8
            case UInt8(ascii: "\"") where quotes: octets += "\\\"".utf8
            default: octets.append(octet)
            }
        }
    }

    /// A whole number of parts of one as a decimal fraction, without zeros at its end: exact, as
    /// no float would be.
    static func decimal(_ number: Int64, places: Int) -> String {
        let digits = String(number.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
        var fraction = padded.suffix(places)
        while fraction.last == "0" { fraction.removeLast() }
        let sign = number < 0 ? "-" : ""
        let point = fraction.isEmpty ? "" : "."
        return "\(sign)\(padded.dropLast(places))\(point)\(fraction)"
    }
}
