import Fixtures
import Wire

/// Microseconds since a simulation began. All clocks of a simulated world are this one.
typealias Moment = Int64

extension Moment {
    static func milliseconds(_ count: Int64) -> Moment { count * 1000 }
    static func seconds(_ count: Int64) -> Moment { count * 1_000_000 }

    var duration: Duration { .microseconds(self) }
    /// As the database's clock says it.
    var timestamp: Timestamp { Timestamp(microseconds: 1_800_000_000_000_000 + self) }
}

/// What happens next in a simulated world, and the executor of all its tasks: one thread, jobs in
/// the order in which they became ready, and between two moments nothing. So what happens depends
/// on the seed alone.
///
/// Unchecked: it is touched only by the thread that runs the simulation, tasks included.
final class Agenda: TaskExecutor, @unchecked Sendable {
    private struct Entry {
        let at: Moment
        /// Of two entries for one moment the earlier written comes first.
        let order: Int
        let action: () -> Void

        func precedes(_ other: Entry) -> Bool {
            at != other.at ? at < other.at : order < other.order
        }
    }

    private(set) var now: Moment = 0
    /// Nothing new begins; what is under way ends, so that no task is left behind.
    private(set) var isOver = false
    /// How many entries were done.
    private(set) var steps = 0
    private var heap: [Entry] = []
    private var written = 0
    private var jobs: [UnownedJob] = []

    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }

    func after(_ pause: Moment, _ action: @escaping () -> Void) {
        written += 1
        heap.append(Entry(at: now + max(0, pause), order: written, action: action))
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    func sleep(_ pause: Moment) async {
        await withUnsafeContinuation { (waiting: UnsafeContinuation<Void, Never>) in
            after(pause) { waiting.resume() }
        }
    }

    func spawn(_ operation: @escaping @Sendable () async -> Void) {
        Task.detached(executorPreference: self, operation: operation)
    }

    /// Runs until `end` or until `goesOn` says no, then lets what is under way come to its end.
    func run(until end: Moment, while goesOn: () -> Bool) {
        runJobs()
        while goesOn(), let first = heap.first, first.at <= end { step() }
        isOver = true
        while !heap.isEmpty { step() }
    }

    private func step() {
        let entry = removeFirst()
        now = max(now, entry.at)
        steps += 1
        entry.action()
        runJobs()
    }

    private func runJobs() {
        var next = 0
        while next < jobs.count {
            jobs[next].runSynchronously(on: asUnownedTaskExecutor())
            next += 1
        }
        jobs.removeAll(keepingCapacity: true)
    }

    private func removeFirst() -> Entry {
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[least]) {
                least = child
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}

/// The one source of chance in a world.
///
/// Unchecked: it is touched only by the thread that runs the simulation.
final class Dice: @unchecked Sendable {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// True once in `count` times.
    func oneIn(_ count: Int) -> Bool { number(below: count) == 0 }

    func number(below limit: Int) -> Int { Int(generator.next() % UInt64(max(1, limit))) }

    func moment(_ range: ClosedRange<Moment>) -> Moment {
        range.lowerBound
            + Moment(generator.next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// Mostly near the beginning, sometimes far: as delays are.
    func delay(_ range: ClosedRange<Moment>) -> Moment {
        let width = range.upperBound - range.lowerBound
        return range.lowerBound + moment(0...(width >> (number(below: 6))))
    }

    func pick<Element>(_ choices: [Element]) -> Element { choices[number(below: choices.count)] }

    func word() -> UInt64 { generator.next() }
}
