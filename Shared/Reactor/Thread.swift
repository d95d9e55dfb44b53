import CLinux
import Glibc

/// Mutual exclusion for the few things that threads share. A pthread mutex, because the thread
/// sanitizer reports false races with the standard library's.
///
/// Unchecked: the mutex lives at one address for the object's whole life, and is made for sharing.
package final class Lock: @unchecked Sendable {
    fileprivate let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    package init() {
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Does something while no other thread does.
    package func withLock<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}

/// What several threads read and change, one at a time. The standard library's `Mutex` with a lock
/// that the thread sanitizer sees.
///
/// Unchecked: the state is touched by `withLock` alone, while the lock is held.
package final class Guarded<State>: @unchecked Sendable {
    private let lock = Lock()
    private var state: State

    package init(_ state: sending State) { self.state = state }

    /// Does something with the state while no other thread does. What it gives back shares nothing
    /// with the state that may change.
    package func withLock<R: Sendable, Failure: Error>(
        _ body: (inout State) throws(Failure) -> R
    ) throws(Failure) -> R {
        let result: Result<R, Failure> = lock.withLock {
            do throws(Failure) {
                return .success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

/// A condition that threads holding a lock wait for. Unchecked: as for `Lock`.
final class Condition: @unchecked Sendable {
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        condition.initialize(to: pthread_cond_t())
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Within `withLock` of this lock.
    func wait(_ lock: Lock) { pthread_cond_wait(condition, lock.mutex) }
    func signal() { pthread_cond_signal(condition) }
    func broadcast() { pthread_cond_broadcast(condition) }
}

/// Starts a thread that takes no signals: they are for the one that asked for them (signalfd), and
/// a system call of ours is never interrupted by one. To be joined.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) -> pthread_t {
    var before = sigset_t()
    clinux_block_all_signals(&before)
    defer { clinux_restore_signals(&before) }
    let start = Unmanaged.passRetained(ThreadStart(body))
    var thread = pthread_t()
    let code = pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, start.toOpaque())
    precondition(code == 0, "no thread to be had: \(SystemFault.text(of: code))")
    // The kernel keeps 15 characters of a thread's name.
    _ = pthread_setname_np(thread, String(name.prefix(15)))
    return thread
}

private final class ThreadStart {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
