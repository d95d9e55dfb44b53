import Contracts
import OTP
import Wire

@testable import VerificationService

// MARK: - I4: counted before checked, and never more than allowed

extension Checker {
    /// A try is let through to its check. Its number, by which it is known from now on.
    func admitted(
        _ attempt: Attempt, _ limits: AttemptLimits, _ counter: Counter
    ) -> Int {
        serials += 1
        let id = attempt.authenticator
        settle(id, before: attempt.round)
        var tally = tallies[id] ?? Tally()
        if attempt.device == nil {
            let isAlone = !tally.tries.contains { !$0.isSettled && $0.round == attempt.round }
            check(tally.all, isAlone: isAlone, "authenticator \(id.low)")
        }
        tally.tries.append(Tally.Try(serial: serials, round: attempt.round, at: agenda.now))
        tallies[id] = tally
        checkCounted(id, counter)
        return serials
    }

    func check(_ row: Tally.Row, isAlone: Bool, _ what: String) {
        if agenda.now < row.restUntil { violated("I4", "\(what) was tried while it rested") }
        if row.failures >= Rests.standard.from, !isAlone {
            violated("I4", "\(what) was tried twice at once after failures")
        }
    }

    /// The check itself, which nothing can take back. `counter` is the row as it stands.
    func checked(
        _ attempt: Attempt, serial: Int, isRight: Bool, _ limits: AttemptLimits,
        _ counter: Counter?
    ) {
        note(isRight ? "right try" : "wrong try", attempt.authenticator.low)
        guard !isRight, let index = place(attempt, serial) else { return }
        tallies[attempt.authenticator]?.tries[index].isWrong = true
        let wrong = tallies[attempt.authenticator]?.tries.count(where: \.isWrong) ?? 0
        if wrong > limits.failuresMax {
            violated("I4", "\(wrong) wrong tries at authenticator \(attempt.authenticator.low)")
        }
        if let counter { checkCounted(attempt.authenticator, counter) }
    }

    /// - Parameter ofDevice: nil where no known device tried, or its reservation had become a
    ///   failure before.
    func failed(_ attempt: Attempt, serial: Int, _ counter: Counter, ofDevice: Int?) {
        note("failure", attempt.authenticator.low, UInt64(counter.failed))
        settle(attempt, serial)
        let id = attempt.authenticator
        tallies[id]?.all.fail(at: agenda.now)
        if let device = attempt.device, ofDevice != nil {
            note("device failure", device.id.low, id.low)
            tallies[id]?.ofDevices[device.id]?.fail(at: agenda.now)
        }
        deviceSettled(attempt.device, at: id)
        if counter.isDisabled { note("disabled", id.low) }
        checkCounted(id, counter)
    }

    /// The one thing that sets the count back; tries still under way count on.
    func succeeded(_ attempt: Attempt, serial: Int, _ counter: Counter) {
        settle(attempt, serial)
        let id = attempt.authenticator
        settle(id, before: attempt.round)
        tallies[id]?.tries.removeAll { $0.isSettled }
        tallies[id]?.all = Tally.Row()
        if let device = attempt.device {
            tallies[id]?.ofDevices[device.id]?.failures = 0
            tallies[id]?.ofDevices[device.id]?.restUntil = 0
        }
        deviceSettled(attempt.device, at: id)
        checkCounted(id, counter)
    }

    /// An administrator has ended a lock: the rest is over. Only a password's failures are
    /// forgotten, because each unlocking of a code would be as many guesses more.
    func unlocked(_ id: AuthenticatorID, isPassword: Bool, _ counter: Counter) {
        note("unlocked", id.low)
        tallies[id]?.all.restUntil = 0
        guard isPassword else { return }
        settle(id, before: counter.round)
        tallies[id]?.tries.removeAll { $0.isSettled }
        tallies[id]?.all.failures = 0
    }

    /// A try that led to no check, or to a right one that opened nothing.
    func released(_ attempt: Attempt, serial: Int, _ counter: Counter) {
        guard let index = place(attempt, serial) else { return }
        note("try released", attempt.authenticator.low)
        deviceSettled(attempt.device, at: attempt.authenticator)
        tallies[attempt.authenticator]?.tries.remove(at: index)
        checkCounted(attempt.authenticator, counter)
    }

    /// A code of a step that is not yet there is one more that could be guessed; it is taken only
    /// from a device that is known to be fast.
    func found(_ step: Int64, of row: CodeRow, at now: Moment) {
        let current = OneTimePassword.standard.step(at: now.timestamp)
        if step > current, row.drift == ClockDrift.none.stored {
            violated("I4", "authenticator \(row.id.low) took a code of the next step")
        }
    }

    private func place(_ attempt: Attempt, _ serial: Int) -> Int? {
        tallies[attempt.authenticator]?.tries.firstIndex { $0.serial == serial }
    }

    private func settle(_ attempt: Attempt, _ serial: Int) {
        guard let index = place(attempt, serial) else { return }
        tallies[attempt.authenticator]?.tries[index].isSettled = true
    }

    /// What an older round left open was counted as failures when the round rose.
    private func settle(_ id: AuthenticatorID, before round: Int64) {
        guard let tries = tallies[id]?.tries else { return }
        for index in tries.indices where tries[index].round < round {
            tallies[id]?.tries[index].isSettled = true
        }
    }

    /// Every wrong try since the last success is counted, or reserved and will be.
    private func checkCounted(_ id: AuthenticatorID, _ counter: Counter) {
        let wrong = tallies[id]?.tries.count(where: \.isWrong) ?? 0
        if wrong > counter.failed + counter.reserved {
            violated("I4", "\(wrong) wrong tries at authenticator \(id.low), counted fewer")
        }
    }
}
