/// A figure that a service tells about itself: its name, what it means and what it is split by,
/// said once. Names, units and suffixes as the Prometheus documentation, "Metric and label
/// naming", has them.
///
/// ```swift
/// static let calls = MetricFamily(
///     "dubbelslot_rpc_calls_total", .counter, by: ["method", "outcome"],
///     "Calls answered by RPC.")
/// ```
package struct MetricFamily: Sendable {
    package enum Kind: Sendable, Equatable {
        /// Only grows, from zero at the start of the process.
        case counter
        /// Whole, in its unit.
        case gauge
        /// Kept in microseconds, told in seconds.
        case secondsGauge
        /// Times, kept in nanoseconds, told in seconds.
        case histogram(TimeBuckets)
    }

    package let name: StaticString
    package let kind: Kind
    package let labels: [StaticString]
    package let help: StaticString

    /// A name that is none, or a label that is reserved, is a mistake of the programmer.
    package init(
        _ name: StaticString, _ kind: Kind, by labels: [StaticString] = [], _ help: StaticString
    ) {
        precondition(Self.isName(name), "\(name) is no name of a metric")
        precondition(labels.allSatisfy(Self.isLabel), "\(name) has a label that is none")
        precondition(Set(labels.map(\.description)).count == labels.count, "a label stands twice")
        let isTotal = name.description.hasSuffix("_total")
        precondition(isTotal == (kind == .counter), "\(name): a counter, and no other, is a total")
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
    }

    private static func isName(_ text: StaticString) -> Bool {
        let octets = Array(text.description.utf8)
        return octets.first.map { !isDigit($0) } == true && octets.allSatisfy(isWordOctet)
    }

    /// `le` is what histograms are split by; names that begin with `__` are Prometheus' own.
    private static func isLabel(_ text: StaticString) -> Bool {
        isName(text) && text.description != "le" && !text.description.hasPrefix("__")
    }

    private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    private static func isWordOctet(_ octet: UInt8) -> Bool {
        isDigit(octet) || octet == UInt8(ascii: "_") || (0x61...0x7a).contains(octet | 0x20)
    }
}

/// The upper bounds of a histogram's buckets, ascending. What is above all of them has a bucket of
/// its own.
package struct TimeBuckets: Sendable, Equatable {
    /// Whole nanoseconds; a time equal to a bound belongs under it.
    let bounds: [UInt64]

    package init(microseconds: [UInt64]) {
        bounds = microseconds.map { $0 * 1000 }
        precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<))
    }

    /// From what memory answers to what a caller no longer waits for.
    package static let calls = TimeBuckets(
        microseconds: [
            100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
            1_000_000, 2_500_000, 5_000_000, 10_000_000,
        ])

    /// The number of the bucket that a time falls into; `bounds.count` is the last.
    func index(of nanoseconds: UInt64) -> Int {
        // From below: most calls are short, so it ends early.
        for index in bounds.indices where nanoseconds <= bounds[index] { return index }
        return bounds.count
    }
}
