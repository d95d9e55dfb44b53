import Crypto
import OTP
import Testing
import Wire

private let seed = SecretBytes(copying: Array("12345678901234567890".utf8))
private let now: Int64 = 1000

private func code(_ step: Int64) -> OneTimeCode {
    OneTimePassword.standard.code(seed: seed, counter: UInt64(step))
}

private func decide(
    _ step: Int64, at current: Int64 = now, last: Int64 = TOTPCheck.noStep,
    drift: ClockDrift = .none
) -> TOTPCheck.Decision {
    TOTPCheck.decide(
        code(step), seed: seed, now: Timestamp(seconds: current * 30 + 15), lastStep: last,
        drift: drift)
}

/// Steady drifts, as two proofs in a row leave them.
private let slow = drift(after: [(100, 101), (102, 103)])
private let fast = drift(after: [(101, 100), (103, 102)])

/// The drift after codes of steps typed at steps.
private func drift(after tries: [(Int64, Int64)], from start: ClockDrift = .none) -> ClockDrift {
    var drift = start
    var last = TOTPCheck.noStep
    for (step, current) in tries {
        switch decide(step, at: current, last: last, drift: drift) {
        case .accepted(let step, let learned):
            last = step
            drift = learned
        case .wrong(let learned): drift = learned
        case .used: continue
        }
    }
    return drift
}

@Suite struct TOTPCheckTests {
    /// ✓ accepted, u used, · wrong.
    private func row(last: Int64, _ drift: ClockDrift) -> String {
        (Int64(-4)...3).map { offset in
            switch decide(now + offset, last: last, drift: drift) {
            case .accepted(let step, _):
                #expect(step == now + offset)
                return "✓"
            case .used: return "u"
            case .wrong: return "·"
            }
        }.joined(separator: " ")
    }

    @Test func `O-03 to O-05 the window is the current step and one back, and one more by drift`() {
        let table = """
            offset of the code   -4 -3 -2 -1  0 +1 +2 +3
            drift  0, never       · · · ✓ ✓ · · ·
            drift  0, last now-9  · · · ✓ ✓ · · ·
            drift  0, last now-2  · · u ✓ ✓ · · ·
            drift  0, last now-1  · · u u ✓ · · ·
            drift  0, last now    · · u u u · · ·
            drift  0, last now+1  · · u u u u · ·
            drift -1, never       · · ✓ ✓ ✓ · · ·
            drift -1, last now-2  · · u ✓ ✓ · · ·
            drift -1, last now-1  · · u u ✓ · · ·
            drift -1, last now    · · u u u · · ·
            drift +1, never       · · · ✓ ✓ ✓ · ·
            drift +1, last now-1  · · u u ✓ ✓ · ·
            drift +1, last now    · · u u u ✓ · ·
            drift +1, last now+1  · · u u u u · ·
            """
        let drawn = [
            "drift  0, never       " + row(last: -1, .none),
            "drift  0, last now-9  " + row(last: now - 9, .none),
            "drift  0, last now-2  " + row(last: now - 2, .none),
            "drift  0, last now-1  " + row(last: now - 1, .none),
            "drift  0, last now    " + row(last: now, .none),
            "drift  0, last now+1  " + row(last: now + 1, .none),
            "drift -1, never       " + row(last: -1, slow),
            "drift -1, last now-2  " + row(last: now - 2, slow),
            "drift -1, last now-1  " + row(last: now - 1, slow),
            "drift -1, last now    " + row(last: now, slow),
            "drift +1, never       " + row(last: -1, fast),
            "drift +1, last now-1  " + row(last: now - 1, fast),
            "drift +1, last now    " + row(last: now, fast),
            "drift +1, last now+1  " + row(last: now + 1, fast),
        ]
        #expect(
            drawn == table.split(separator: "\n").dropFirst().map(String.init))
    }

    @Test func `O-01 a code is accepted once in its whole window`() {
        var last = TOTPCheck.noStep
        guard case .accepted(let step, let drift) = decide(now, last: last) else {
            Issue.record("the current code was refused")
            return
        }
        last = step
        for current in now...(now + 2) {
            #expect(decide(now, at: current, last: last, drift: drift) == .used)
        }
        #expect(decide(now, at: now + 3, last: last, drift: drift) == .wrong(drift: drift))
    }

    @Test func `a code of other length or another seed is wrong`() throws {
        let eight = try #require(OneTimeCode(parsing: "94287082", digits: 8))
        #expect(
            TOTPCheck.decide(
                eight, seed: seed, now: Timestamp(seconds: 59), lastStep: -1, drift: .none)
                == .wrong(drift: .none))
        let other = SecretBytes(copying: Array("other678901234567890".utf8))
        #expect(
            TOTPCheck.decide(
                code(now), seed: other, now: Timestamp(seconds: now * 30), lastStep: -1,
                drift: .none) == .wrong(drift: .none))
    }

    @Test func `at the beginning of time no step is before the first`() {
        #expect(decide(0, at: 0) == .accepted(step: 0, drift: .none))
        #expect(decide(0, at: 0, last: 0) == .used)
        #expect(decide(0, at: -5) == .wrong(drift: .none))
    }

    @Test func `O-10 a clock set back accepts nothing that was accepted`() {
        for step in (now - 6)...(now - 3) {
            let decision = decide(step, at: now - 5, last: now)
            #expect(decision == .used || decision == .wrong(drift: .none))
        }
    }

    /// Steps 910737 and the next have the same code by chance: when one is used, so is the code.
    @Test func `a code that fits a used step and a fresh one is used`() {
        let step: Int64 = 910737
        #expect(code(step).equals(code(step + 1)))
        #expect(decide(step, at: step + 1, last: step) == .used)
        // Fresh for both, it counts for the newer, so that it cannot be used again.
        #expect(
            decide(step, at: step + 1, last: step - 1) == .accepted(step: step + 1, drift: .none))
    }
}

@Suite struct ClockDriftTests {
    @Test func `two proofs in a row on the same side change the drift by one`() {
        #expect(slow.steps == -1)
        #expect(fast.steps == 1)
        #expect(drift(after: [(100, 101)]).steps == 0)
        #expect(drift(after: [(101, 100)]).steps == 0)
    }

    @Test func `a proof in time between two late ones starts anew`() {
        #expect(drift(after: [(100, 101), (102, 102), (103, 104)]).steps == 0)
        #expect(drift(after: [(100, 101), (500, 120), (130, 131)]).steps == 0)
    }

    @Test func `the same early code twice proves nothing more`() {
        #expect(drift(after: [(101, 100), (101, 100), (101, 100)]).steps == 0)
    }

    @Test func `an early code is refused, the next one accepted`() {
        guard case .wrong(let hinted) = decide(101, at: 100) else {
            Issue.record("a code of the coming step was not refused")
            return
        }
        #expect(decide(103, at: 102, last: -1, drift: hinted) == .accepted(step: 103, drift: fast))
        // Long after, it is a first time again.
        guard case .wrong = decide(201, at: 200, last: -1, drift: hinted) else {
            Issue.record("two codes far apart were taken for a row")
            return
        }
    }

    @Test func `a mended clock is learned as well`() {
        #expect(drift(after: [(200, 200)], from: slow).steps == -1)
        #expect(drift(after: [(200, 200), (210, 210)], from: slow).steps == 0)
        #expect(drift(after: [(200, 200), (210, 210)], from: fast).steps == 0)
        #expect(drift(after: [(200, 200), (209, 210), (220, 220)], from: slow).steps == -1)
    }

    @Test func `a code two steps old is never learned from without a drift`() {
        #expect(drift(after: [(100, 102), (103, 105), (106, 108)]) == .none)
    }

    @Test func `what is stored is read again`() {
        #expect(ClockDrift.none.stored == 0)
        #expect(ClockDrift(stored: 0) == .none)
        let states = [
            .none, slow, fast, drift(after: [(100, 101)]), drift(after: [(101, 100)]),
            drift(after: [(200, 200)], from: slow), drift(after: [(200, 200)], from: fast),
        ]
        for state in states { #expect(ClockDrift(stored: state.stored) == state) }
        #expect(Set(states.map(\.stored)).count == states.count)
    }

    @Test(arguments: [-5, -1000, Int64.min, Int64.max, 8, 11, 1 << 40])
    func `a stored number that is none can only narrow the window`(stored: Int64) {
        let read = ClockDrift(stored: stored)
        #expect((-1...1).contains(read.steps))
        #expect(ClockDrift(stored: read.stored) == read)
    }
}
