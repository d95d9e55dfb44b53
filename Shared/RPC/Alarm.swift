import Reactor

/// A connection's clock and its one wake-up, which is moved forward when something nearer turns up.
/// What has moved further away costs nothing: the alarm rings early, once, and is set anew.
final class Alarm {
    private let loop: EventLoop
    private let start: ContinuousClock.Instant
    private var timer: Timer?
    private var at: Duration?
    private var ring: (() -> Void)?

    init(_ loop: EventLoop) {
        self.loop = loop
        start = loop.now
    }

    /// Whom to wake; it says itself when next, by `wake`.
    func onRing(_ ring: @escaping () -> Void) { self.ring = ring }

    /// Time since the start, the same throughout one turn of the loop.
    var age: Duration { loop.now - start }

    /// A moment on this clock.
    func age(of instant: ContinuousClock.Instant) -> Duration { instant - start }

    /// Rings at the given age or before.
    func wake(at age: Duration) {
        if let at, at <= age { return }
        guard ring != nil else { return }
        timer?.cancel()
        at = age
        timer = loop.schedule(after: max(.zero, age - self.age)) { [weak self] in
            guard let self else { return }
            at = nil
            timer = nil
            ring?()
        }
    }

    /// From now on it rings for something else, once, after `pause`.
    func ringLast(after pause: Duration, _ last: @escaping () -> Void) {
        at = nil
        ring = last
        wake(at: age + pause)
        at = .zero
    }

    /// Never rings again, and lets go of whoever it would have woken.
    func end() {
        timer?.cancel()
        timer = nil
        ring = nil
    }
}
