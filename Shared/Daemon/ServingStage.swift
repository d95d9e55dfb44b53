import Glibc
import Reactor

/// A service between its start and its end. The main thread waits for signals and nothing else, so
/// that the bound on draining and the second signal hold even when a loop hangs.
///
/// Unchecked: `phase` is touched on the main loop's thread only.
final class ServingStage: @unchecked Sendable {
    private enum Phase {
        case starting
        case serving(Served)
        case draining
    }

    private let service: StaticString
    private let runtime: Runtime
    private let notice: Duration
    private let readSource: @Sendable () -> SettingsSource
    private var phase = Phase.starting

    /// - Parameters:
    ///   - notice: From the word that it ends to the end of taking work.
    ///   - readSource: Reads again where settings come from.
    init(
        _ service: StaticString, _ runtime: Runtime, notice: Duration,
        _ readSource: @escaping @Sendable () -> SettingsSource
    ) {
        self.service = service
        self.runtime = runtime
        self.notice = notice
        self.readSource = readSource
    }

    func begin(_ start: @escaping Serve.Start) {
        runtime.mainLoop.spawn { [self] in
            do {
                started(try await start(runtime))
            } catch let fault as SetupFault {
                Lifecycle.refuse(service, fault)
            } catch {
                runtime.log.error("start_failed", ["reason": .text("\(error)")])
                Lifecycle.exit(.failure)
            }
        }
    }

    private func started(_ serving: Served) {
        guard case .starting = phase else { return }
        phase = .serving(serving)
        runtime.log.info("ready")
    }

    /// The main thread's work until the end of the process.
    func watch(_ signals: inout SignalSet, drainMax: Duration) -> Never {
        while true {
            let signal = signals.wait()
            if signal == SIGHUP {
                runtime.mainLoop.perform { self.reload() }
                continue
            }
            runtime.log.info("draining", ["signal": .integer(signal)])
            runtime.mainLoop.perform { self.drain() }
            awaitDrained(&signals, until: .now + notice + drainMax)
        }
    }

    private func awaitDrained(
        _ signals: inout SignalSet, until deadline: ContinuousClock.Instant
    ) -> Never {
        while true {
            guard let signal = signals.wait(until: deadline) else {
                runtime.log.error("drain_timed_out")
                Lifecycle.exit(.failure)
            }
            guard signal != SIGHUP else { continue }
            runtime.log.warning("stopped_at_once", ["signal": .integer(signal)])
            Lifecycle.exit(.failure)
        }
    }

    private func drain() {
        switch phase {
        case .starting:
            runtime.log.info("stopped")
            Lifecycle.exit(.success)
        case .serving(let serving):
            phase = .draining
            serving.announce()
            runtime.mainLoop.spawn { [self] in
                if notice > .zero { await runtime.mainLoop.sleep(for: notice) }
                await serving.drain()
                runtime.log.info("stopped")
                Lifecycle.exit(.success)
            }
        case .draining: break
        }
    }

    private func reload() {
        guard case .serving(let serving) = phase, let reload = serving.reload else { return }
        runtime.mainLoop.spawn { [self] in
            let problems = await reload(readSource())
            guard problems.isEmpty else {
                for problem in problems {
                    runtime.log.error("not_reloaded", ["why": .text(problem)])
                }
                return
            }
            runtime.log.info("reloaded")
        }
    }
}

/// Signals that one thread waits for.
struct SignalSet {
    private var set = sigset_t()

    init(_ signals: [Int32]) {
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
    }

    /// For this thread and those it starts.
    mutating func block() {
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    mutating func wait() -> Int32 {
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        return signal
    }

    /// Nil when the time is over.
    mutating func wait(until deadline: ContinuousClock.Instant) -> Int32? {
        while true {
            let left = max(.zero, deadline - .now).components
            var time = timespec(
                tv_sec: Int(left.seconds), tv_nsec: Int(left.attoseconds / 1_000_000_000))
            let signal = sigtimedwait(&set, nil, &time)
            if signal > 0 { return signal }
            if errno == EAGAIN { return nil }
        }
    }
}
