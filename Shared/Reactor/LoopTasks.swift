/// The loop has ended, so what was to run on it did not, or not to its end.
package struct LoopStopped: Error, Sendable {
    package init() {}
}

extension EventLoop {
    /// Starts a task on this loop's executor. Called on the loop it runs at once up to its first
    /// suspension, inside the call; from elsewhere it begins when the loop gets to it.
    package func spawn(_ operation: @escaping @Sendable () async -> Void) {
        // The executor preference is what keeps every continuation here (measured: without it each
        // resumption goes through the global pool first).
        if isCurrent {
            Task.immediateDetached(executorPreference: self) { await operation() }
        } else {
            Task.detached(executorPreference: self) { await operation() }
        }
    }

    /// Runs something on the loop for a caller elsewhere and waits for its result. Cancelling the
    /// caller cancels it. Throws what it throws, and `LoopStopped` when the loop ended first.
    package func run<T: Sendable>(
        _ operation: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let errand = Errand<T>(self)
        await withTaskCancellationHandler {
            await withCheckedContinuation { errand.start(operation, $0) }
        } onCancel: {
            errand.cancel()
        }
        return try errand.outcome.get()
    }

    /// Waits without holding the thread; returns early when the task is cancelled or the loop
    /// stops. On the loop.
    package func sleep(for duration: Duration) async {
        preconditionCurrent()
        let sleeper = Sleeper(self)
        await withTaskCancellationHandler {
            await withUnsafeContinuation { sleeper.start(duration, $0) }
        } onCancel: {
            sleeper.cancel()
        }
    }
}

/// One call of `run`. The outcome comes by the lock, since the thread sanitizer does not see a
/// continuation that is resumed before anybody awaits it. Unchecked: `task`, `isCancelled` and
/// `kept` are touched under `lock`, the rest is constant.
private final class Errand<T: Sendable>: @unchecked Sendable {
    private let loop: EventLoop
    private let lock = Lock()
    private var task: Task<Void, Never>?
    private var isCancelled = false
    private var kept: Result<T, any Error> = .failure(LoopStopped())

    init(_ loop: EventLoop) { self.loop = loop }

    /// Once `start` has resumed whoever waits.
    var outcome: Result<T, any Error> { lock.withLock { kept } }

    func start(
        _ operation: @escaping @Sendable () async throws -> T,
        _ continuation: CheckedContinuation<Void, Never>
    ) {
        guard let number = loop.addRun({ continuation.resume() }) else {
            continuation.resume()
            return
        }
        let loop = loop
        let task = Task.detached(executorPreference: loop) {
            let result: Result<T, any Error>
            do { result = .success(try await operation()) } catch { result = .failure(error) }
            guard loop.removeRun(number) else { return }
            self.lock.withLock { self.kept = result }
            continuation.resume()
        }
        let isCancelled = lock.withLock { () -> Bool in
            self.task = task
            return self.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    func cancel() {
        let task = lock.withLock { () -> Task<Void, Never>? in
            isCancelled = true
            return self.task
        }
        task?.cancel()
    }
}

/// One call of `sleep`. Unchecked: everything is touched on the loop's thread; `cancel` goes there
/// first when it is called elsewhere.
private final class Sleeper: @unchecked Sendable {
    private let loop: EventLoop
    private var timer: Timer?
    private var continuation: UnsafeContinuation<Void, Never>?
    private var isCancelled = false

    init(_ loop: EventLoop) { self.loop = loop }

    func start(_ duration: Duration, _ continuation: UnsafeContinuation<Void, Never>) {
        // Resumed by a later round all the same: a task that sleeps in a circle and looks at
        // nothing else would never let go of the thread.
        guard !isCancelled, !loop.isStopping else { return loop.soon { continuation.resume() } }
        self.continuation = continuation
        timer = loop.scheduleSleep(duration) { self.wake() }
    }

    func cancel() {
        guard loop.isCurrent else { return loop.perform { self.cancel() } }
        isCancelled = true
        timer?.cancel()
        wake()
    }

    private func wake() {
        timer = nil
        let waiting = continuation
        continuation = nil
        waiting?.resume()
    }
}

/// Something that belongs to a loop, on its way through code that may run anywhere. Unchecked: the
/// value is reached through `value` only, which checks that it runs on the loop's thread.
package struct LoopBound<Value>: @unchecked Sendable {
    private let loop: EventLoop
    private let kept: Value

    package init(_ value: Value, on loop: EventLoop) {
        self.loop = loop
        kept = value
    }

    /// On the loop only.
    package var value: Value {
        loop.preconditionCurrent()
        return kept
    }
}

/// Several loops that start and end together, one for each core. Connections are spread over them
/// by the kernel (SO_REUSEPORT); they share nothing.
package final class EventLoopGroup: Sendable {
    package let loops: [EventLoop]

    /// Loops named "name-0", "name-1", …; at least one.
    package init(count: Int, name: String) throws(SystemFault) {
        precondition(count > 0)
        var loops: [EventLoop] = []
        for number in 0..<count { loops.append(try EventLoop(name: "\(name)-\(number)")) }
        self.loops = loops
    }

    package func start() {
        for loop in loops { loop.start() }
    }

    package func stop() {
        for loop in loops { loop.stop() }
    }

    package func join() {
        for loop in loops { loop.join() }
    }
}
