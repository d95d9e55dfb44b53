import Glibc

/// Something that happens later on a loop, once. Used on that loop's thread only.
package final class Timer {
    fileprivate(set) var deadline: Int64 = 0
    fileprivate var sequence: UInt64 = 0
    /// Its place in the heap; -1 when it is not waiting.
    fileprivate var position = -1
    fileprivate var work: (() -> Void)?
    private weak var loop: EventLoop?
    /// A sleep ends early when the loop stops; other timers are dropped then.
    let isSleep: Bool

    init(_ loop: EventLoop, isSleep: Bool, _ work: @escaping () -> Void) {
        self.loop = loop
        self.isSleep = isSleep
        self.work = work
    }

    /// True while it is going to fire.
    package var isWaiting: Bool { position >= 0 }

    /// It does not fire any more. Does nothing when it has fired or been cancelled.
    package func cancel() {
        loop?.cancel(self)
        work = nil
    }

    /// Moves a waiting timer to `after` from now. Does nothing when it has fired or been cancelled.
    package func restart(after: Duration) {
        guard isWaiting else { return }
        loop?.restart(self, after)
    }

    fileprivate func isBefore(_ other: Timer) -> Bool {
        deadline == other.deadline ? sequence < other.sequence : deadline < other.deadline
    }

    func fire() {
        let due = work
        work = nil
        due?()
    }
}

/// Timers in the order of their deadlines; equal deadlines in the order of their making.
///
/// A binary heap: for every position p > 0, timers[(p - 1) / 2] is not after timers[p], and
/// timers[p].position = p.
struct TimerQueue {
    private var timers: [Timer] = []
    private var sequenceNext: UInt64 = 0

    /// Nanoseconds of the earliest deadline.
    var earliest: Int64? { timers.first?.deadline }

    mutating func add(_ timer: Timer, at deadline: Int64) {
        precondition(timer.position < 0)
        timer.deadline = deadline
        timer.sequence = sequenceNext
        sequenceNext += 1
        timer.position = timers.count
        timers.append(timer)
        moveUp(timer.position)
    }

    mutating func remove(_ timer: Timer) {
        let position = timer.position
        guard position >= 0 else { return }
        timer.position = -1
        let last = timers.removeLast()
        guard last !== timer else { return }
        timers[position] = last
        last.position = position
        moveUp(position)
        moveDown(last.position)
    }

    /// The earliest timer that is due at `now` and was made before the mark, taken out. The mark
    /// keeps a timer that makes a timer that is due at once from holding the loop for ever.
    mutating func removeDue(_ now: Int64, before mark: UInt64) -> Timer? {
        guard let first = timers.first, first.deadline <= now, first.sequence < mark else {
            return nil
        }
        remove(first)
        return first
    }

    /// Timers made from here on are not before it.
    var mark: UInt64 { sequenceNext }

    mutating func removeAll() -> [Timer] {
        let all = timers.sorted { $0.isBefore($1) }
        for timer in all { timer.position = -1 }
        timers = []
        return all
    }

    private mutating func moveUp(_ start: Int) {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard timers[position].isBefore(timers[parent]) else { return }
            exchange(position, parent)
            position = parent
        }
    }

    private mutating func moveDown(_ start: Int) {
        var position = start
        while true {
            var least = position
            for child in [2 * position + 1, 2 * position + 2]
            where child < timers.count && timers[child].isBefore(timers[least]) {
                least = child
            }
            guard least != position else { return }
            exchange(position, least)
            position = least
        }
    }

    private mutating func exchange(_ one: Int, _ other: Int) {
        timers.swapAt(one, other)
        timers[one].position = one
        timers[other].position = other
    }
}

/// Nanoseconds that only go forward; timers count in them.
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

extension Duration {
    /// Whole nanoseconds, held between 0 and some 100 years.
    var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 3_000_000_000 else { return 3_000_000_000_000_000_000 }
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

/// The time that processors have spent on the calling thread; what others do meanwhile does not
/// count.
package var processorTimeOfThread: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
