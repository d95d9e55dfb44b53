import CLinux
import Glibc

/// Why the pool did not do a piece of work.
package enum PoolRefusal: Error, Sendable, Equatable {
    /// As much work is waiting as may: overload is answered at once.
    case queueFull
    /// The task was cancelled before its work began.
    case cancelled
    case stopped
}

/// A few threads for what blocks or computes long, password hashes and names: never on a loop. Work
/// is done in order of arrival; how much may wait is bounded.
///
/// Unchecked: `queue`, `idle`, `isStopping` and `threads` are touched under `lock`.
package final class BlockingPool: @unchecked Sendable {
    fileprivate final class Entry: @unchecked Sendable {
        // Unchecked: constant but for `answer`, which is taken out once, under the pool's lock.
        let work: @Sendable () -> Void
        var refuse: (@Sendable (PoolRefusal) -> Void)?

        init(
            _ work: @escaping @Sendable () -> Void,
            _ refuse: @escaping @Sendable (PoolRefusal) -> Void
        ) {
            self.work = work
            self.refuse = refuse
        }
    }

    package let queueMax: Int
    private let threadCount: Int
    private let lock = Lock()
    private let condition = Condition()
    private var queue: [Entry] = []
    /// Threads without work, or about to take some from the queue.
    private var idle: Int
    private var isStopping = false
    private var threads: [pthread_t] = []

    /// Starts the threads. `queueMax` counts work that waits, not that under way. `nice` is 0 to
    /// 19; at 10 and above busy threads leave the loops their rate (measured: at least three
    /// quarters).
    package init(name: String = "pool", threads count: Int, queueMax: Int, nice: Int = 10) {
        precondition(count > 0 && queueMax >= 0 && (0...19).contains(nice))
        self.queueMax = queueMax
        threadCount = count
        idle = count
        for number in 0..<count {
            let thread = startThread(name: "\(name)-\(number)") { [self] in
                // A refusal leaves the usual priority, which costs speed and nothing else.
                _ = clinux_set_nice(clinux_thread_number(), Int32(nice))
                work()
            }
            threads.append(thread)
        }
    }

    /// Work that waits for a thread.
    package var waiting: Int { lock.withLock { queue.count } }

    /// Threads that are at work.
    package var underWay: Int { lock.withLock { threadCount - idle } }

    /// More work would be refused, as things stand.
    package var isFull: Bool { lock.withLock { cannotTakeMore } }

    /// Under the lock. What an idle thread is about to take does not count as waiting.
    private var cannotTakeMore: Bool { queue.count >= queueMax + idle }

    /// Does the work on one of the threads and comes back to the caller's executor. Work that has
    /// begun is not interrupted when the task is cancelled; its result comes all the same.
    package func run<T: Sendable>(
        _ work: @escaping @Sendable () -> T
    ) async throws(PoolRefusal) -> T {
        let ticket = Ticket()
        let answer = Answer<T>()
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                let settle = { @Sendable [lock] (result: Result<T, PoolRefusal>) in
                    lock.withLock { answer.result = result }
                    continuation.resume()
                }
                add(Entry({ settle(.success(work())) }, { settle(.failure($0)) }), ticket)
            }
        } onCancel: {
            cancel(ticket)
        }
        return try lock.withLock { answer.result }.get()
    }

    /// Refuses what waits and ends the threads after what is under way; waits for them.
    package func stop() {
        let (refused, joined) = lock.withLock { () -> ([Entry], [pthread_t]) in
            isStopping = true
            defer {
                queue = []
                threads = []
            }
            return (queue, threads)
        }
        condition.broadcast()
        for entry in refused { entry.refuse?(.stopped) }
        for thread in joined { pthread_join(thread, nil) }
    }

    private func work() {
        while true {
            let next = lock.withLock { () -> Entry? in
                while queue.isEmpty, !isStopping { condition.wait(lock) }
                guard !queue.isEmpty else { return nil }
                let first = queue.removeFirst()
                first.refuse = nil
                idle -= 1
                return first
            }
            guard let next else { return }
            next.work()
            lock.withLock { idle += 1 }
        }
    }
}

extension BlockingPool {
    /// Connects a call with its entry, for the cancellation that may come at any time. Unchecked:
    /// touched under the pool's lock.
    fileprivate final class Ticket: @unchecked Sendable {
        var entry: Entry?
        var isCancelled = false
    }

    /// What work came to, on its way back. Through the lock, because the thread sanitizer sees no
    /// order in a continuation that is resumed before it is waited for. Unchecked: touched under
    /// the pool's lock.
    fileprivate final class Answer<T: Sendable>: @unchecked Sendable {
        var result: Result<T, PoolRefusal> = .failure(.stopped)
    }

    private func add(_ entry: Entry, _ ticket: Ticket) {
        let refusal = lock.withLock { () -> PoolRefusal? in
            if isStopping { return .stopped }
            if ticket.isCancelled { return .cancelled }
            if cannotTakeMore { return .queueFull }
            ticket.entry = entry
            queue.append(entry)
            return nil
        }
        if let refusal { entry.refuse?(refusal) } else { condition.signal() }
    }

    private func cancel(_ ticket: Ticket) {
        let refuse = lock.withLock { () -> (@Sendable (PoolRefusal) -> Void)? in
            ticket.isCancelled = true
            guard let entry = ticket.entry, let refuse = entry.refuse else { return nil }
            entry.refuse = nil
            queue.removeAll { $0 === entry }
            return refuse
        }
        refuse?(.cancelled)
    }
}

/// A name that could not be resolved; the sentence is the resolver's.
package struct ResolveFault: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// Names to addresses, in a pool: the system's resolver blocks for seconds when it likes.
package struct Resolver: Sendable {
    private let pool: BlockingPool

    package init(pool: BlockingPool) { self.pool = pool }

    /// The addresses of a host, in the system's order of preference; at least one. An address is
    /// its own answer and asks nobody.
    package func resolve(
        _ host: String, port: UInt16
    ) async throws(ResolveFault) -> [SocketAddress] {
        if let address = SocketAddress(host: host, port: port) { return [address] }
        let result: Result<[SocketAddress], ResolveFault>
        do {
            result = try await pool.run { Self.look(up: host, port) }
        } catch {
            throw ResolveFault(description: "\(host): the resolver's queue said \(error)")
        }
        return try result.get()
    }

    private static func look(
        up host: String, _ port: UInt16
    ) -> Result<[SocketAddress], ResolveFault> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let reason = gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
            return .failure(ResolveFault(description: "\(host): \(reason)"))
        }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next {
            if let system = entry.pointee.ai_addr {
                var storage = sockaddr_storage()
                let size = min(Int(entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
                withUnsafeMutableBytes(of: &storage) {
                    $0.copyMemory(from: .init(start: system, count: size))
                }
                addresses.append(SocketAddress(storage).with(port: port))
            }
            next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else {
            return .failure(ResolveFault(description: "\(host): no address"))
        }
        return .success(addresses)
    }
}
