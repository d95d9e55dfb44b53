import Testing
import Wire

@testable import VerificationService

@Suite struct AttemptLimitsTests {
    @Test func `the rest begins with the fifth failure and doubles to an hour`() {
        let rests = (0...14).map { Rests.standard.seconds(after: $0) }
        #expect(
            rests == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
        #expect(Rests.standard.seconds(after: 100) == 3600)
        #expect(Rests.standard.seconds(after: .max) == 3600)
    }

    @Test func `what the statements look up is what the rule says`() {
        #expect(Rests.standard.table.count == 12)
        for (index, rest) in Rests.standard.table.enumerated() {
            #expect(rest == Rests.standard.seconds(after: index + 1))
        }
        #expect(Rests.standard.table.last == Rests.standard.secondsMax)
    }

    @Test func `a wrong code tells how many are left before the rest`() {
        let limits = AttemptLimits.code
        #expect(limits.wrongCode(Failures(all: 1, here: 1)) == Fault(.codeWrong, attemptsLeft: 4))
        #expect(limits.wrongCode(Failures(all: 4, here: 4)) == Fault(.codeWrong, attemptsLeft: 1))
        #expect(
            limits.wrongCode(Failures(all: 5, here: 5))
                == Fault(.codeWrong, retryAfterSeconds: 30, attemptsLeft: 0))
        #expect(limits.wrongCode(Failures(all: 29, here: 29)).reason == .codeWrong)
        #expect(limits.wrongCode(Failures(all: 30, here: 30)) == Fault(.attemptsExhausted))
    }

    @Test func `a wrong password tells nothing`() {
        for failures in 1...99 {
            #expect(
                AttemptLimits.password.wrongPassword(Failures(all: failures, here: 1))
                    == Fault(.passwordWrong))
        }
        #expect(
            AttemptLimits.password.wrongPassword(Failures(all: 100, here: 1))
                == Fault(.attemptsExhausted))
    }

    @Test func `a refused try says when the next one makes sense`() {
        let now = Timestamp(seconds: 1000)
        func refusal(_ disabled: Bool, _ delayedUntil: Timestamp?) -> Fault {
            AttemptStanding(isDisabled: disabled, delayedUntil: delayedUntil).refusal(now: now)
        }
        #expect(refusal(true, nil) == Fault(.attemptsExhausted))
        #expect(
            refusal(false, Timestamp(microseconds: 1_010_000_001))
                == Fault(.attemptsDelayed, retryAfterSeconds: 11))
        #expect(refusal(false, nil) == Fault(.attemptsDelayed, retryAfterSeconds: 1))
        #expect(
            refusal(false, Timestamp(seconds: 1)) == Fault(.attemptsDelayed, retryAfterSeconds: 1))
    }

    @Test func `an initial password lives seven days, and ten minutes from its first use`() {
        let fresh = InitialPassword(expiresAt: Timestamp(seconds: 1000), usedAt: nil)
        #expect(!fresh.isExpired(now: Timestamp(seconds: 999)))
        #expect(fresh.isExpired(now: Timestamp(seconds: 1000)))
        let used = InitialPassword(
            expiresAt: Timestamp(seconds: 10_000), usedAt: Timestamp(seconds: 100))
        #expect(!used.isExpired(now: Timestamp(seconds: 699)))
        #expect(used.isExpired(now: Timestamp(seconds: 700)))
        #expect(InitialPassword.lifetime == .seconds(604_800))
    }

    @Test func `without a proof only the very first factor is bound`() {
        func refusal(_ active: Int, _ disabled: Int, _ additional: Bool) -> Reason? {
            BoundFactors(active: active, disabled: disabled).refusal(additional: additional)?
                .reason
        }
        #expect(refusal(0, 0, false) == nil)
        #expect(refusal(0, 0, true) == nil)
        #expect(refusal(1, 0, false) == .alreadyBound)
        #expect(refusal(1, 0, true) == nil)
        #expect(refusal(0, 1, false) == .attemptsExhausted)
        #expect(refusal(0, 1, true) == nil)
        #expect(refusal(1, 1, false) == .alreadyBound)
        #expect(refusal(15, 0, true) == nil)
        #expect(refusal(15, 1, true) == .alreadyBound)
    }
}
