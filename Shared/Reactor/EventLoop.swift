import CLinux
import Glibc
import Wire

/// One thread that waits for its descriptors, timers and work, and deals with them one after
/// another: an island that shares nothing with other loops. It is also the executor of the tasks
/// started on it, so that a handler that waits goes on where its connection lives.
///
/// A turn: events, due timers, queued work and jobs, then what was put off to the end of the turn
/// (each stream sends once). What belongs to a loop is touched on its thread only; `perform`,
/// `spawn`, `run`, `enqueue`, `start`, `stop`, `join` may be called from anywhere.
///
/// Unchecked: `mail`, `phase` and `runs` are touched under `lock`, everything else by the loop's
/// thread alone (checked by preconditions), except before `start`, which happens before the thread.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
    enum Work {
        case job(UnownedJob)
        case closure(() -> Void)
    }

    enum Phase { case fresh, running, stopping, ended }

    enum TurnEnd {
        case object(any TurnEnding)
        case closure(() -> Void)
    }

    package let name: String

    /// Bytes read from sockets land here; whoever is handed them uses them up before it returns.
    let readBuffer: UnsafeMutableRawBufferPointer
    static let readBufferSize = 128 * 1024

    private var scratchTaken: UnsafeMutableRawBufferPointer?

    /// Work handed over by other threads; under `lock`.
    private let lock = Lock()
    private var mail: [Work] = []
    private var phase = Phase.fresh
    private var runs: [UInt64: @Sendable () -> Void] = [:]
    private var runNext: UInt64 = 0
    private var thread: pthread_t?

    private let wakeup: Int32
    private var epoll: Epoll
    private var timers = TimerQueue()
    private var queue: [Work] = []
    private var queueSpare: [Work] = []
    private var turnEnds: [TurnEnd] = []
    private var turnEndsSpare: [TurnEnd] = []
    private var nowCached: ContinuousClock.Instant?
    private var buffers = BufferPool()
    /// True exactly when the loop is winding down: what would wait is told so at once.
    private(set) var isStopping = false

    /// Jobs run before the loop looks at its sockets again.
    private static let jobsPerTurnMax = 4096
    /// Rounds given to tasks that go on after `stop`; what still waits then is abandoned.
    private static let windDownRoundsMax = 10_000

    /// Makes the loop; it begins with `start`. Throws when descriptors have run out.
    package init(name: String) throws(SystemFault) {
        self.name = name
        epoll = try Epoll()
        wakeup = clinux_eventfd()
        readBuffer = .allocate(byteCount: Self.readBufferSize, alignment: 64)
        guard wakeup >= 0 else { throw SystemFault("eventfd", errno) }
    }

    deinit {
        readBuffer.deallocate()
        scratchTaken?.deallocate()
        if wakeup >= 0 { _ = Glibc.close(wakeup) }
    }
}

/// Called once at the end of the turn in which it asked for it.
package protocol TurnEnding: AnyObject {
    func turnEnded()
}

// MARK: - Where am I

extension EventLoop {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// The loop whose thread this is.
    package static var current: EventLoop? {
        guard let address = pthread_getspecific(key) else { return nil }
        return Unmanaged<EventLoop>.fromOpaque(address).takeUnretainedValue()
    }

    /// True on the loop's own thread.
    package var isCurrent: Bool {
        pthread_getspecific(Self.key) == Unmanaged.passUnretained(self).toOpaque()
    }

    /// The time at the first call in this turn: equal for everything that one turn decides.
    package var now: ContinuousClock.Instant {
        if let nowCached { return nowCached }
        let now = ContinuousClock.now
        if isCurrent { nowCached = now }
        return now
    }
}

// MARK: - Life

extension EventLoop {
    /// Starts the thread. Once.
    package func start() {
        lock.withLock {
            precondition(phase == .fresh, "a loop is started once")
            phase = .running
            thread = startThread(name: name) { [self] in
                pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
                runTurns()
                windDown()
                pthread_setspecific(Self.key, nil)
            }
        }
    }

    /// Asks the loop to end: sleepers wake, streams and listeners end, tasks get some turns to come
    /// to their end, then the thread does. Idempotent; returns at once.
    package func stop() {
        let previous = lock.withLock { () -> Phase in
            let previous = phase
            if phase == .running { phase = .stopping }
            if phase == .fresh { phase = .ended }
            return previous
        }
        if previous == .running { wake() }
        if previous == .fresh { failRuns() }
    }

    /// Waits until the thread has ended. Not from the loop itself.
    package func join() {
        precondition(!isCurrent, "a loop cannot wait for itself")
        let joined = lock.withLock { () -> pthread_t? in
            defer { thread = nil }
            return thread
        }
        if let joined { pthread_join(joined, nil) }
    }

    private func runTurns() {
        let watched = epoll.watch(wakeup, .read, Mailbox(self))
        precondition(watched, "a new epoll takes its first descriptor")
        takeMail()
        while !isStopRequested { turn() }
    }

    private var isStopRequested: Bool { lock.withLock { phase != .running } }

    private func turn() {
        let count = epoll.wait(milliseconds: timeout())
        nowCached = nil
        for position in 0..<count {
            guard let (watcher, events) = epoll.event(position) else { continue }
            watcher.ready(events)
        }
        fireTimers()
        runQueue(jobsMax: Self.jobsPerTurnMax)
        endTurn()
    }

    private func timeout() -> Int32 {
        if !queue.isEmpty || !turnEnds.isEmpty { return 0 }
        guard let earliest = timers.earliest else { return -1 }
        // Rounded up: a timer never fires early, and the loop does not spin before it.
        let milliseconds = (earliest - monotonicNanoseconds() + 999_999) / 1_000_000
        return Int32(clamping: max(0, milliseconds))
    }

    private func fireTimers() {
        guard let earliest = timers.earliest else { return }
        let now = monotonicNanoseconds()
        guard earliest <= now else { return }
        let mark = timers.mark
        while let timer = timers.removeDue(now, before: mark) { timer.fire() }
    }

    /// Runs whole rounds of the queue until it is empty or the number of jobs is reached.
    private func runQueue(jobsMax: Int) {
        var jobsLeft = jobsMax
        let executor = asUnownedTaskExecutor()
        while !queue.isEmpty, jobsLeft > 0 {
            var batch = queueSpare
            queueSpare = []
            swap(&batch, &queue)
            jobsLeft -= batch.count
            for index in batch.indices {
                switch batch[index] {
                case .job(let job): job.runSynchronously(on: executor)
                case .closure(let work): work()
                }
            }
            batch.removeAll(keepingCapacity: true)
            queueSpare = batch
        }
    }

    private func endTurn() {
        // A stream over a stream hands its bytes down in the first round, the lower sends in the
        // next.
        for _ in 0..<8 where !turnEnds.isEmpty {
            var batch = turnEndsSpare
            turnEndsSpare = []
            swap(&batch, &turnEnds)
            for index in batch.indices {
                switch batch[index] {
                case .object(let object): object.turnEnded()
                case .closure(let work): work()
                }
            }
            batch.removeAll(keepingCapacity: true)
            turnEndsSpare = batch
        }
    }

    private func windDown() {
        isStopping = true
        epoll.unwatch(wakeup)
        for watcher in epoll.removeAll() { watcher.loopEnded() }
        for timer in timers.removeAll() where timer.isSleep { timer.fire() }
        for _ in 0..<Self.windDownRoundsMax {
            takeMail()
            guard !queue.isEmpty || !turnEnds.isEmpty else { break }
            runQueue(jobsMax: 1)
            endTurn()
        }
        lock.withLock { phase = .ended }
        failRuns()
        queue = []
        turnEnds = []
    }
}

// MARK: - Work

extension EventLoop {
    /// Does something on the loop, after what was handed over before by the same thread. Dropped
    /// when the loop has ended.
    package func perform(_ work: @escaping @Sendable () -> Void) { hand(over: .closure(work)) }

    /// Runs a job of a task; called by the runtime. A job of a loop that has ended never runs.
    package func enqueue(_ job: consuming ExecutorJob) { hand(over: .job(UnownedJob(job))) }

    /// Does something once everything else of this turn is done. On the loop.
    package func atEndOfTurn(_ work: @escaping () -> Void) {
        preconditionCurrent()
        turnEnds.append(.closure(work))
    }

    /// Calls the object once everything else of this turn is done. On the loop. It calls once for
    /// each time it was asked: whoever asks remembers that it did.
    package func atEndOfTurn(_ object: any TurnEnding) {
        preconditionCurrent()
        turnEnds.append(.object(object))
    }

    /// Does something in the next round of the queue, on a stack of its own. On the loop.
    package func soon(_ work: @escaping () -> Void) {
        preconditionCurrent()
        queue.append(.closure(work))
    }

    private func hand(over work: Work) {
        if isCurrent {
            queue.append(work)
            return
        }
        let (isFirst, isRunning) = lock.withLock { () -> (Bool, Bool) in
            guard phase != .ended else { return (false, false) }
            mail.append(work)
            return (mail.count == 1, phase != .fresh)
        }
        if isFirst, isRunning { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        // It fails only when the counter is full, and then the loop is awake anyway.
        _ = Glibc.write(wakeup, &one, 8)
    }

    /// Moves what other threads handed over into the queue.
    fileprivate func takeMail() {
        var count: UInt64 = 0
        _ = Glibc.read(wakeup, &count, 8)
        var letters: [Work] = []
        lock.withLock { swap(&letters, &mail) }
        queue.append(contentsOf: letters)
    }

    func preconditionCurrent() {
        precondition(isCurrent, "called outside the loop's thread")
    }

    /// Remembers how to tell the caller of `run` that the loop has ended; nil when it has already.
    func addRun(_ fail: @escaping @Sendable () -> Void) -> UInt64? {
        lock.withLock {
            guard phase != .ended else { return nil }
            runNext += 1
            runs[runNext] = fail
            return runNext
        }
    }

    /// True for the one who may answer the caller of `run`.
    func removeRun(_ number: UInt64) -> Bool {
        lock.withLock { runs.removeValue(forKey: number) != nil }
    }

    private func failRuns() {
        let failures = lock.withLock { () -> [@Sendable () -> Void] in
            defer { runs = [:] }
            return Array(runs.values)
        }
        for fail in failures { fail() }
    }
}

// MARK: - Timers and descriptors

extension EventLoop {
    /// Does something after a time, not earlier. On the loop.
    @discardableResult
    package func schedule(after: Duration, _ work: @escaping () -> Void) -> Timer {
        add(Timer(self, isSleep: false, work), after)
    }

    func scheduleSleep(_ after: Duration, _ work: @escaping () -> Void) -> Timer {
        add(Timer(self, isSleep: true, work), after)
    }

    private func add(_ timer: Timer, _ after: Duration) -> Timer {
        preconditionCurrent()
        timers.add(timer, at: deadline(after))
        return timer
    }

    private func deadline(_ after: Duration) -> Int64 {
        monotonicNanoseconds() + after.nanosecondsClamped
    }

    func cancel(_ timer: Timer) {
        preconditionCurrent()
        timers.remove(timer)
    }

    func restart(_ timer: Timer, _ after: Duration) {
        preconditionCurrent()
        timers.remove(timer)
        timers.add(timer, at: deadline(after))
    }

    /// Watches a descriptor, level-triggered; the loop keeps the watcher until `unwatch`. Any
    /// descriptor that epoll takes will do; its owner calls `unwatch` before closing it. When the
    /// kernel refuses to watch it, the watcher is told `.failure`. On the loop.
    package func watch(_ fd: Int32, _ interest: Interest, _ watcher: any Watcher) {
        preconditionCurrent()
        guard !isStopping else { return soon { watcher.loopEnded() } }
        if !epoll.watch(fd, interest, watcher) { soon { watcher.ready(.failure) } }
    }

    /// Changes what a watched descriptor is watched for. Empty: only failures are reported.
    package func update(_ fd: Int32, _ interest: Interest) {
        preconditionCurrent()
        epoll.update(fd, interest)
    }

    /// No event of this descriptor arrives any more, not even one of the batch being dealt with.
    package func unwatch(_ fd: Int32) {
        preconditionCurrent()
        epoll.unwatch(fd)
    }

    /// Memory for a layer that opens what was read, free again when it returns to the loop. Taken
    /// from the system when it is first asked for. On the loop.
    package var scratch: UnsafeMutableRawBufferPointer {
        if let scratchTaken { return scratchTaken }
        let taken = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.readBufferSize, alignment: 64)
        scratchTaken = taken
        return taken
    }

    /// An empty buffer with memory; `giveBack` it when what was in it has gone.
    package func takeBuffer() -> OutputBuffer { buffers.take() }
    package func giveBack(_ buffer: consuming OutputBuffer) { buffers.giveBack(buffer) }
}

/// Tells the loop that other threads have handed something over.
private final class Mailbox: Watcher {
    private unowned let loop: EventLoop

    init(_ loop: EventLoop) { self.loop = loop }

    func ready(_ events: Interest) { loop.takeMail() }
}

/// Empty outgoing buffers that keep their memory, so that a stream takes one when it has something
/// to say and an idle one holds none.
struct BufferPool: ~Copyable {
    private static let keptMax = 64
    private static let capacity = 16 * 1024
    private let kept = UnsafeMutablePointer<OutputBuffer>.allocate(capacity: keptMax)
    private var count = 0

    deinit {
        kept.deinitialize(count: count)
        kept.deallocate()
    }

    mutating func take() -> OutputBuffer {
        guard count > 0 else { return OutputBuffer(capacity: Self.capacity) }
        count -= 1
        return (kept + count).move()
    }

    mutating func giveBack(_ buffer: consuming OutputBuffer) {
        guard count < Self.keptMax else { return }
        buffer.removeAll()
        (kept + count).initialize(to: buffer)
        count += 1
    }
}
