/// What happened in a world, in short. Two runs of one seed have the same history, which its
/// digest says; a violation prints the end of it.
struct History {
    struct Line {
        let at: Moment
        let what: StaticString
        let who: UInt64
        let which: UInt64
    }

    private(set) var lines: [Line] = []
    /// FNV-1a over all numbers and words.
    private(set) var digest: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func note(_ at: Moment, _ what: StaticString, _ who: UInt64, _ which: UInt64 = 0) {
        lines.append(Line(at: at, what: what, who: who, which: which))
        for word in [UInt64(bitPattern: at), who, which, UInt64(what.utf8CodeUnitCount)] {
            digest = (digest ^ word) &* 0x0000_0100_0000_01b3
        }
    }

    /// How often each thing happened, by its words.
    func tally() -> [String: Int] {
        lines.reduce(into: [:]) { $0[$1.what.description, default: 0] += 1 }
    }

    func text(last count: Int) -> String {
        lines.suffix(count).map { line in
            let seconds = Double(line.at) / 1_000_000
            return "\(seconds) s  \(line.what) \(line.who) \(line.which)"
        }.joined(separator: "\n")
    }
}

/// Bugs that are switched on to see whether they are found. Each is one guard of the product
/// left out, where the model of it stands.
enum Flaw: String, CaseIterable, Sendable {
    // I1: one code, binding or ticket, at most one success.
    case stepGuardDropped
    case versionNotCompared
    case bindingNotConsumed
    case bindingOfAnotherContext
    case messageOfAnotherContext
    case messageOfAnotherPurpose
    case olderMessageKept
    case recoveryUsedTwice
    case recoveryOfAnotherUser
    case olderRecoveryKept
    case resetUsedTwice
    case trustGuardDropped
    // I2: what was acknowledged is there after a crash.
    case answeredBeforeDurable
    // I3: no session without the factors its policy demands.
    case floorRemoved
    case disabledFactorsForgotten
    case initialPasswordSuffices
    case startVersionForgotten
    case rulesForgotten
    case oldPolicyTrusted
    case factorOfAnotherUser
    case provedPasswordNotCompared
    case suspicionForgotten
    case mailRaisesLevel
    case trustWithdrawalIgnored
    // I4: counted before checked, within the limit.
    case countedAfterCheck
    case staleTriesForgotten
    case roundNotCompared
    case restNotKept
    case limitNotKept
    case nextStepAccepted
    case codesEnabledAgain
    case devicesBeyondLimit
    case deviceRestNotKept
    case deviceOfAnotherUser
    case deviceCookieKept
    case messageCountedAfterCheck
    // I5: what has ended stays ended.
    case epochNotCompared
    case expiryNotCompared
    case endedBeforeCommitted
    case oldTokenKept
    case factorsResetLast
    case deviceEpochNotCompared
    case endNotNoted
    case sessionOfAnotherUser
    case oldestSessionKept
    case trustOutlivesPassword
    case trustReuseForgotten
    // I6: whoever is erased is nobody, and leaves nothing.
    case erasureNotMended
}
