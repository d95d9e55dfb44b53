import Fixtures
import Reactor
import Testing

/// Timers fire in the order of their deadlines, never early, and not at all once cancelled.
@Suite struct TimerTests {
    @Test func `timers fire in the order of their deadlines`() async throws {
        try await withRunningLoop { loop in
            let log = Log()
            try await loop.run {
                for delay in [9, 3, 6, 1, 12, 3] {
                    loop.schedule(after: .milliseconds(delay)) { log.add("\(delay)") }
                }
                await loop.sleep(for: .milliseconds(15))
            }
            #expect(log.lines == ["1", "3", "3", "6", "9", "12"])
        }
    }

    @Test func `a timer does not fire early even when the turn that made it was long`() async throws
    {
        try await withRunningLoop { loop in
            let waited = try await loop.run {
                _ = loop.now
                let clock = ContinuousClock()
                let begun = clock.now
                while clock.now - begun < .milliseconds(10) {}
                let scheduled = clock.now
                await loop.sleep(for: .milliseconds(5))
                return clock.now - scheduled
            }
            #expect(waited >= .milliseconds(5))
        }
    }

    @Test func `a timer cancelled by another of the same turn does not fire`() async throws {
        try await withRunningLoop { loop in
            let log = Log()
            try await loop.run {
                let victim = LoopBound(
                    loop.schedule(after: .milliseconds(2)) { log.add("victim") }, on: loop)
                loop.schedule(after: .milliseconds(1)) {
                    log.add("killer")
                    victim.value.cancel()
                    victim.value.cancel()
                }
                // Both are due when the loop gets to look.
                let clock = ContinuousClock()
                let begun = clock.now
                while clock.now - begun < .milliseconds(4) {}
                await loop.sleep(for: .milliseconds(2))
                #expect(!victim.value.isWaiting)
            }
            #expect(log.lines == ["killer"])
        }
    }

    @Test func `a timer that makes itself anew does not hold the loop`() async throws {
        try await withRunningLoop { loop in
            let log = Log()
            try await loop.run {
                let again = Again(loop)
                again.run()
                await loop.sleep(for: .milliseconds(2))
                again.isOver = true
                log.add("slept")
            }
            #expect(log.lines == ["slept"])
        }
    }

    @Test func `restarting moves a timer and does nothing once it has fired`() async throws {
        try await withRunningLoop { loop in
            let log = Log()
            try await loop.run {
                let timer = loop.schedule(after: .milliseconds(3)) { log.add("moved") }
                timer.restart(after: .milliseconds(8))
                loop.schedule(after: .milliseconds(5)) { log.add("between") }
                await loop.sleep(for: .milliseconds(10))
                timer.restart(after: .zero)
                await loop.sleep(for: .milliseconds(2))
            }
            #expect(log.lines == ["between", "moved"])
        }
    }

    @Test func `a thousand timers made and cancelled at random fire in order`() async throws {
        try await withRunningLoop { loop in
            let fired = try await loop.run {
                var random = SystemRandomNumberGenerator()
                let kept = Kept()
                var timers: [Timer] = []
                for _ in 0..<1000 {
                    let delay = Int.random(in: 0...20_000, using: &random)
                    timers.append(
                        loop.schedule(after: .microseconds(delay)) { kept.times.append(loop.now) })
                }
                timers.shuffle(using: &random)
                for timer in timers.prefix(400) { timer.cancel() }
                for timer in timers.suffix(100) { timer.restart(after: .milliseconds(10)) }
                await loop.sleep(for: .milliseconds(25))
                return kept.times
            }
            #expect(fired.count == 600)
            #expect(fired == fired.sorted())
        }
    }

    @Test func `a cancelled sleep ends early wherever it is cancelled from`() async throws {
        try await withRunningLoop { loop in
            let clock = ContinuousClock()
            let begun = clock.now
            let asleep = Task { try await loop.run { await loop.sleep(for: .seconds(600)) } }
            try await loop.run { await loop.sleep(for: .milliseconds(2)) }
            asleep.cancel()
            try await asleep.value
            try await loop.run {
                let inner = Task(executorPreference: loop) { await loop.sleep(for: .seconds(600)) }
                inner.cancel()
            }
            #expect(clock.now - begun < .seconds(300))
        }
    }
}

/// Unchecked: lives on one loop.
private final class Again: @unchecked Sendable {
    private let loop: EventLoop
    var isOver = false

    init(_ loop: EventLoop) { self.loop = loop }

    func run() {
        guard !isOver else { return }
        loop.schedule(after: .zero) { self.run() }
    }
}

/// Unchecked: lives on one loop.
private final class Kept: @unchecked Sendable {
    var times: [ContinuousClock.Instant] = []
}
