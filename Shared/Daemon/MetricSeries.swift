import Reactor

/// Counts and times of one family, with a place of its own for each set of labels on each loop.
/// All of them are made at the start, from what the source says, never from what came in: nobody
/// outside can make them grow.
package final class MetricSeries: Sendable {
    let family: MetricFamily
    /// The values of the family's labels, a set for each cell.
    let cells: [[String]]
    /// Cells in which nothing has happened are not told.
    let isSparse: Bool
    private let tallies: [(loop: EventLoop, tally: MetricTally)]

    /// - Parameters:
    ///   - cells: Values in the order of the family's labels; a family without labels has the one
    ///     cell without values.
    ///   - isSparse: For families of many cells, most of which never happen. What others have not
    ///     counted yet is told as zero, so that a first time shows as a rise.
    package init(
        _ family: MetricFamily, cells: [[String]] = [[]], isSparse: Bool = false,
        loops: [EventLoop]
    ) {
        precondition(cells.allSatisfy { $0.count == family.labels.count }, "a value is missing")
        precondition(Set(cells).count == cells.count, "a set of labels stands twice")
        self.family = family
        self.cells = cells
        self.isSparse = isSparse
        tallies = loops.map { ($0, MetricTally(family.kind, cells: cells.count)) }
    }

    /// Where this loop counts.
    package func tally(on loop: EventLoop) -> MetricTally {
        guard let own = tallies.first(where: { $0.loop === loop }) else {
            preconditionFailure("\(family.name) has no place on \(loop.name)")
        }
        return own.tally
    }

    /// The words of all loops, added up; a loop that has ended has nothing more to say.
    func sum() async -> [UInt64] {
        var sum = [UInt64](repeating: 0, count: cells.count * family.kind.wordsPerCell)
        for (loop, tally) in tallies {
            do {
                let words = try await loop.run { tally.words() }
                for index in sum.indices { sum[index] &+= words[index] }
            } catch {
                continue
            }
        }
        return sum
    }
}

/// What one loop counts of one family: plain words, so that counting takes neither lock nor memory.
///
/// Unchecked: touched on its loop's thread only, but for `deinit`, when nobody has it any more.
package final class MetricTally: @unchecked Sendable {
    private let kind: MetricFamily.Kind
    private let storage: UnsafeMutableBufferPointer<UInt64>

    init(_ kind: MetricFamily.Kind, cells: Int) {
        self.kind = kind
        storage = .allocate(capacity: max(1, cells * kind.wordsPerCell))
        storage.initialize(repeating: 0)
    }

    deinit { storage.deallocate() }

    /// One more, or several. On the loop.
    package func add(_ amount: UInt64 = 1, to cell: Int) {
        storage[cell] &+= amount
    }

    /// Something took so long. On the loop.
    package func observe(_ time: Duration, in cell: Int) {
        guard case .histogram(let buckets) = kind else { return }
        let nanoseconds = time.nanosecondsClamped
        let start = cell * kind.wordsPerCell
        storage[start + buckets.index(of: nanoseconds)] &+= 1
        storage[start + buckets.bounds.count + 1] &+= nanoseconds
    }

    func words() -> [UInt64] { Array(storage) }
}

extension MetricFamily.Kind {
    /// Of a histogram: each bucket by itself, then the sum of the times.
    var wordsPerCell: Int {
        switch self {
        case .counter, .gauge, .secondsGauge: 1
        case .histogram(let buckets): buckets.bounds.count + 2
        }
    }
}

extension Duration {
    /// Zero for times below it; no time that a process measures is above what 64 bits hold.
    fileprivate var nanosecondsClamped: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole &+ UInt64(attoseconds / 1_000_000_000)
    }
}

/// Figures that stand elsewhere and are read when they are asked for.
package struct MetricReading: Sendable {
    let family: MetricFamily
    let cells: [[String]]
    let read: @Sendable () async -> [Int64]?

    /// - Parameter read: A value for each cell, in the family's unit; nil leaves the family out,
    ///   where it cannot be known now. Called from any thread.
    package init(
        _ family: MetricFamily, cells: [[String]] = [[]],
        read: @escaping @Sendable () async -> [Int64]?
    ) {
        precondition(cells.allSatisfy { $0.count == family.labels.count }, "a value is missing")
        self.family = family
        self.cells = cells
        self.read = read
    }

    /// The same, added up over parts that are each read on their own loop.
    package init<Part: Sendable>(
        _ family: MetricFamily, cells: [[String]] = [[]], ofEach parts: [Part],
        on loop: @escaping @Sendable (Part) -> EventLoop,
        read: @escaping @Sendable (Part) -> [Int64]
    ) {
        self.init(family, cells: cells) {
            var sum = [Int64](repeating: 0, count: cells.count)
            for part in parts {
                do {
                    let values = try await loop(part).run { read(part) }
                    for index in sum.indices { sum[index] &+= values[index] }
                } catch {
                    return nil
                }
            }
            return sum
        }
    }
}
