import Reactor

/// One wake-up of a connection, moved forward when something nearer turns up. What has moved
/// further away costs nothing: the alarm rings early, once, and is set anew.
final class Alarm {
    private let loop: EventLoop
    private var timer: Timer?
    private var at: ContinuousClock.Instant?
    private var ring: (() -> Void)?

    /// `ring` says itself when to be woken next, by `wake`.
    init(_ loop: EventLoop, _ ring: @escaping () -> Void) {
        self.loop = loop
        self.ring = ring
    }

    /// Rings at `instant` or before.
    func wake(at instant: ContinuousClock.Instant) {
        if let at, at <= instant { return }
        timer?.cancel()
        at = instant
        timer = loop.schedule(after: max(.zero, instant - loop.now)) { [weak self] in
            guard let self else { return }
            at = nil
            timer = nil
            ring?()
        }
    }

    /// Never rings again, and lets go of whoever it would have woken.
    func end() {
        timer?.cancel()
        timer = nil
        ring = nil
    }
}
