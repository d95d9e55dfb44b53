import Wire

@testable import VerificationService

/// The counting columns of an authenticator, with what the statements of `Counting` do to them.
/// Numbers of failures and rests come from `AttemptLimits` itself.
struct Counter {
    private(set) var isDisabled = false
    private(set) var failed = 0
    private(set) var reserved = 0
    private(set) var reservedAt: Moment = 0
    private(set) var round: Int64 = 0
    private(set) var delayedUntil: Moment?

    static let staleAfter: Moment = .seconds(60)

    init(round: Int64 = 0) { self.round = round }

    /// `admittingCondition` and `admittingAssignments`: whether the try is admitted.
    /// - Parameter rests: False where a known device tries, whose own counter rests.
    mutating func admit(
        _ limits: AttemptLimits, _ now: Moment, _ flaw: Flaw?, rests: Bool = true
    ) -> Bool {
        if !rests, flaw == .devicesBeyondLimit { return true }
        guard !isDisabled else { return false }
        let isStale = reserved > 0 && reservedAt <= now - Self.staleAfter
        if isStale {
            if flaw != .staleTriesForgotten { failed += reserved }
            reserved = 0
            round += 1
            rest(after: failed, from: reservedAt)
        }
        let isRested =
            !rests || flaw == .restNotKept || (delayedUntil.map { $0 <= now } ?? true)
        let isWithin = flaw == .limitNotKept || failed + reserved < limits.failuresMax
        let admits =
            isWithin && isRested
            && (!rests || failed < limits.rests.from || reserved == 0)
        if admits, flaw != .countedAfterCheck {
            reserved += 1
            reservedAt = now
        }
        let isOver = isStale || reserved == 0
        if isOver, failed >= limits.failuresMax, flaw != .limitNotKept { isDisabled = true }
        return admits
    }

    /// `settlingCondition`.
    func isToSettle(_ round: Int64, _ flaw: Flaw?) -> Bool {
        if flaw == .countedAfterCheck { return true }
        return (self.round == round || flaw == .roundNotCompared) && reserved > 0
    }

    /// `failureAssignments`; how many there are in a row.
    mutating func fail(_ limits: AttemptLimits, _ now: Moment, _ flaw: Flaw?) -> Int {
        failed += 1
        release()
        rest(after: failed, from: now)
        if failed >= limits.failuresMax, flaw != .limitNotKept { isDisabled = true }
        return failed
    }

    /// `successAssignments`.
    mutating func succeed() {
        failed = 0
        release()
        delayedUntil = nil
    }

    /// What an administrator's word does, as `Locks.end` has it; whether there was a lock to end.
    mutating func unlock(isPassword: Bool, _ now: Moment, _ flaw: Flaw?) -> Bool {
        let mayForget = isPassword || flaw == .codesEnabledAgain
        let isDelayed = !isDisabled && (delayedUntil.map { $0 > now } ?? false)
        guard isDelayed || isDisabled && mayForget else { return false }
        if mayForget { failed = 0 }
        delayedUntil = nil
        isDisabled = false
        return true
    }

    mutating func release() { reserved = max(0, reserved - 1) }

    private mutating func rest(after failures: Int, from moment: Moment) {
        let seconds = Rests.standard.seconds(after: failures)
        guard seconds > 0 else { return }
        delayedUntil = max(delayedUntil ?? .min, moment + .seconds(Int64(seconds)))
    }

    func standing(_ now: Moment) -> Fault {
        AttemptStanding(isDisabled: isDisabled, delayedUntil: delayedUntil?.timestamp)
            .refusal(now: now.timestamp)
    }
}
