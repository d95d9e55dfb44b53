import Crypto
import Wire

/// Whether a code is accepted: pure, so that the caller can count the try before and store the
/// outcome in one guarded statement after (`… WHERE last_step < step`).
///
/// Accepted are the codes of the current time step and of the one before, for the time it takes
/// to type (RFC 6238 §5.2). A device whose clock is off by one step gets one step more on that
/// side, and loses nothing on the other: 2 valid codes in 10^6, 3 with a stored drift. No step is
/// ever accepted twice, nor one before an accepted one.
///
/// ```
///                          now-2   now-1   now   now+1
/// drift  0                   ·       ✓      ✓      ·
/// drift -1 (clock slow)      ✓       ✓      ✓      ·
/// drift +1 (clock fast)      ·       ✓      ✓      ✓
/// ```
package enum TOTPCheck {
    /// The last accepted step of an authenticator that has none yet.
    package static let noStep: Int64 = -1

    package enum Decision: Sendable, Equatable {
        /// Store both, where the stored step is still smaller: else another one came first.
        case accepted(step: Int64, drift: ClockDrift)
        /// The code of a step at or before the last accepted one. Store nothing.
        case used
        /// Refused; the drift may have learned that the clock runs fast. Storing it is optional.
        case wrong(drift: ClockDrift)
    }

    /// `lastStep` is the last accepted step or `noStep`. Takes the same time for every code.
    package static func decide(
        _ code: OneTimeCode, seed: SecretBytes, _ parameters: OneTimePassword = .standard,
        now: Timestamp, lastStep: Int64, drift: ClockDrift
    ) -> Decision {
        let current = parameters.step(at: now)
        var isUsed = false
        var newest: (step: Int64, offset: Int)?
        // Every candidate is computed and compared, whatever was found before. The newest one
        // counts should a code fit twice, so that it cannot be used for the other step after.
        for offset in -2...1 {
            let step = current + Int64(offset)
            let candidate = parameters.code(seed: seed, counter: UInt64(clamping: step))
            guard code.equals(candidate), step >= 0 else { continue }
            if step <= lastStep {
                isUsed = true
            } else {
                newest = (step, offset)
            }
        }
        // A used code wins over a step whose code happens to be the same.
        if isUsed { return .used }
        guard let (step, offset) = newest else { return .wrong(drift: drift.forgotten) }
        let learned = drift.learning(offset: offset, step: step)
        switch offset {
        case -1, 0: return .accepted(step: step, drift: learned)
        case -2:
            return drift.steps == -1
                ? .accepted(step: step, drift: learned) : .wrong(drift: drift.forgotten)
        default:
            return drift.steps == 1 || learned.steps > drift.steps
                ? .accepted(step: step, drift: learned) : .wrong(drift: learned)
        }
    }
}

/// By how many steps a device's clock is off, −1 to 1, and what the last proof said of it. It
/// changes by one step only when two proofs in a row, of different steps, are off to the same
/// side; any other outcome between them starts anew. So a code typed late once changes nothing,
/// and the code of the coming step, which is refused, is accepted when the next one confirms it.
package struct ClockDrift: Sendable, Equatable {
    /// −1: the device is slow; +1: it is fast.
    package let steps: Int
    /// What the last proof was off by when that was not `steps`, and its time step.
    private let hint: Hint?

    private struct Hint: Sendable, Equatable {
        let steps: Int
        let step: Int64
    }

    package static let none = ClockDrift(steps: 0, hint: nil)

    /// The most time steps that two proofs in a row may lie apart when the first was refused.
    static let hintStepsMax: Int64 = 10

    private init(steps: Int, hint: Hint?) {
        self.steps = steps
        self.hint = hint
    }

    /// The same drift, with no proof remembered.
    var forgotten: ClockDrift { ClockDrift(steps: steps, hint: nil) }

    /// After a proof of `step`, which was `offset` steps off the server's clock.
    func learning(offset: Int, step: Int64) -> ClockDrift {
        let seen = offset.signum()
        guard seen != steps else { return forgotten }
        guard let hint, hint.steps == seen, hint.step < step,
            seen < 1 || step - hint.step <= Self.hintStepsMax
        else { return ClockDrift(steps: steps, hint: Hint(steps: seen, step: step)) }
        return ClockDrift(steps: steps + (seen - steps).signum(), hint: nil)
    }
}

extension ClockDrift {
    /// One number for one column, 0 for none. Only `init(stored:)` reads it.
    package var stored: Int64 {
        let code = Int64(steps + 1) * 4 + Int64(hint.map { $0.steps + 2 } ?? 0)
        return (hint?.step ?? 0) * 16 + code - 4
    }

    /// What is not a stored drift counts as none: it can only make an answer stricter.
    package init(stored: Int64) {
        let (sum, overflow) = stored.addingReportingOverflow(4)
        let steps = Int(sum & 15) / 4 - 1
        let hinted = Int(sum & 3) - 2
        guard !overflow, sum >= 0, steps <= 1 else {
            self = .none
            return
        }
        self.init(
            steps: steps, hint: hinted == -2 ? nil : Hint(steps: hinted, step: sum >> 4))
    }
}
