import Postgres
import Reactor
import Wire

/// Wakes those on one loop who wait for a session to end. A ring says that it is worth looking, and
/// no more.
///
/// `@unchecked Sendable`: touched on the loop's thread only.
final class RevocationBell: @unchecked Sendable {
    /// Where the database says that something has ended.
    static let channel = "auth_revocations"

    /// Who waits on one loop; more are told to come again.
    static let waitersMax = 256

    let loop: EventLoop
    private var waiting: [Int: Waiter] = [:]
    private var numbers = 0
    /// How often it has rung. Whoever has looked since a ring need not look again for it.
    private(set) var rings: UInt64 = 0
    private(set) var isStopped = false

    private struct Waiter {
        let continuation: UnsafeContinuation<Void, Never>
        let timer: Timer
    }

    init(loop: EventLoop) { self.loop = loop }

    var isCrowded: Bool { waiting.count >= Self.waitersMax }

    func ring() {
        rings += 1
        for number in waiting.keys { wake(number) }
    }

    /// Nobody waits any more.
    func stop() {
        isStopped = true
        ring()
    }

    /// Returns with the next ring, or after a time; at once where it has rung since `heard`.
    func wait(since heard: UInt64, atMost time: Duration) async {
        guard rings == heard, !isStopped else { return }
        numbers += 1
        let number = numbers
        await withUnsafeContinuation { continuation in
            let timer = loop.schedule(after: time) { [weak self] in self?.wake(number) }
            waiting[number] = Waiter(continuation: continuation, timer: timer)
        }
    }

    private func wake(_ number: Int) {
        guard let waiter = waiting.removeValue(forKey: number) else { return }
        waiter.timer.cancel()
        waiter.continuation.resume()
    }
}

/// Hears of ends from the database, on one connection for the whole process, and rings the bells
/// of all its loops. Where the connection is lost, those who wait look by themselves now and then.
///
/// `@unchecked Sendable`: stopped from anywhere, and what changes is touched on the loop of the
/// first bell only.
final class RevocationWatch: @unchecked Sendable {
    private let bells: [RevocationBell]
    private var listener: Listener?

    init(_ bells: [RevocationBell]) { self.bells = bells }

    /// On the loop of the first bell, which is the pool's too.
    func start(_ pool: ConnectionPool) {
        listener = pool.listen(
            to: RevocationBell.channel, connected: { [weak self] in self?.ring() },
            received: { [weak self] _ in self?.ring() })
    }

    private func ring() {
        for bell in bells { bell.loop.perform { bell.ring() } }
    }

    /// Whoever waits is answered.
    func stop() {
        for bell in bells { bell.loop.perform { bell.stop() } }
        bells.first?.loop.perform { [self] in
            listener?.close()
            listener = nil
        }
    }
}
