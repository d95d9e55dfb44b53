import Contracts
import Wire

/// How many failures in a row an authenticator stands, and how long it rests after each. The
/// statements that count take their numbers from here, so this is the one place.
///
/// ```
///  failures   rest before the next try
///  1 … 4      none
///  5          30 s, and from here on one try at a time
///  6 … 11     60 s doubling to 32 min
///  12 …       1 h
///  limit      disabled until bound anew
/// ```
/// Failures are consecutive: only a success of this very authenticator sets them back.
/// `failed + reserved ≤ failuresMax` holds at all times, whatever runs in parallel.
///
/// A device that is known to the account rests for its own failures alone, by the same table; the
/// limit counts all failures together.
///
/// These numbers are the laxest; policy may make them stricter (`GuessLimits`).
struct AttemptLimits: Sendable, Equatable {
    let failuresMax: Int
    var rests = Rests.standard

    /// NIST SP 800-63B-4 §3.2.2 allows 100 at most, for passwords and codes alike.
    static let password = AttemptLimits(failuresMax: 100)
    /// At most 30 guesses at 3 valid codes in 10^6 before an administrator has to act.
    static let code = AttemptLimits(failuresMax: 30)

    func wrongCode(_ failures: Failures) -> Fault { wrong(.codeWrong, failures) }

    /// The answer to a wrong code, or to what else proves nothing. How many are left is counted up
    /// to the first rest; after that each is the last for a while.
    func wrong(_ reason: Reason, _ failures: Failures) -> Fault {
        guard failures.all < failuresMax else { return Fault(.attemptsExhausted) }
        let rest = rests.seconds(after: failures.here)
        return Fault(
            reason, retryAfterSeconds: rest > 0 ? UInt32(clamping: rest) : nil,
            attemptsLeft: UInt32(clamping: max(0, rests.from - failures.here)))
    }

    /// The answer to a wrong password. It says nothing that depends on the user.
    func wrongPassword(_ failures: Failures) -> Fault {
        Fault(failures.all < failuresMax ? .passwordWrong : .attemptsExhausted)
    }
}

/// How long an authenticator rests after so many failures in a row.
struct Rests: Sendable, Equatable {
    /// The first failure that is followed by a rest.
    var from = 5
    var secondsMin = 30
    var secondsMax = 3600

    static let standard = Rests()

    /// Seconds to wait after so many failures in a row.
    func seconds(after failures: Int) -> Int {
        guard failures >= from else { return 0 }
        return min(secondsMin << min(failures - from, 16), secondsMax)
    }

    /// The rests after 1, 2, 3 … failures, up to where they grow no more.
    var table: [Int] {
        var rests: [Int] = []
        repeat {
            rests.append(seconds(after: rests.count + 1))
        } while rests[rests.count - 1] < secondsMax
        return rests
    }
}

/// The limits that a call is judged by: our own, or policy's where these are stricter.
struct GuessLimits: Sendable, Equatable {
    private(set) var password = AttemptLimits.password
    private(set) var code = AttemptLimits.code

    func tightened(by said: LimitSettings) -> GuessLimits {
        let standard = Rests.standard
        let rests = Rests(
            from: max(1, said.restingFrom.orFewer(than: standard.from)),
            secondsMin: said.restSeconds.orMore(than: standard.secondsMin),
            secondsMax: said.restSecondsMax.orMore(than: standard.secondsMax))
        return GuessLimits(
            password: AttemptLimits(
                failuresMax: max(1, said.passwordFailures.orFewer(than: password.failuresMax)),
                rests: rests),
            code: AttemptLimits(
                failuresMax: max(1, said.codeFailures.orFewer(than: code.failuresMax)),
                rests: rests))
    }
}

/// How an authenticator stood when it admitted no try.
struct AttemptStanding: Sendable, Equatable {
    let isDisabled: Bool
    let delayedUntil: Timestamp?

    /// Where nothing of the standing forbids a try, all that may run at once are running.
    func refusal(now: Timestamp) -> Fault {
        if isDisabled { return Fault(.attemptsExhausted) }
        let left = (delayedUntil?.microseconds ?? 0).subtractingReportingOverflow(now.microseconds)
        let seconds = left.overflow ? 1 : max(1, (left.partialValue + 999_999) / 1_000_000)
        return Fault(.attemptsDelayed, retryAfterSeconds: UInt32(clamping: seconds))
    }
}
