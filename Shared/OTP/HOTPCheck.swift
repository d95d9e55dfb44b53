import Crypto
import Wire

/// Whether a code of a counter is accepted: pure, like `TOTPCheck`, and stored in the same way
/// (`… WHERE last_step < counter`).
///
/// A token's counter moves with each press of its button, whether or not the code is sent, so a
/// few that lie ahead are accepted (look-ahead, RFC 4226 §7.4): the chance of a guess grows with
/// their number. A token that ran further ahead is found again by two of its codes in a row: the
/// first is refused and remembered, the one right after it accepted. Nobody is told of the first,
/// and a guess would have to be right twice.
///
/// ```
/// last-9 … last   last+1 … last+10   last+11 … last+100   beyond
///     used            accepted         to resynchronise     wrong
/// ```
package enum HOTPCheck {
    /// The last accepted counter of an authenticator that has none yet; the next is 0.
    package static let noCounter: Int64 = -1
    /// How many codes after the last accepted one are accepted by themselves.
    package static let lookAhead: Int64 = 10
    /// How many codes after the last accepted one are recognised at all.
    package static let resyncReach: Int64 = 100
    /// How many codes up to the last accepted one are known as used.
    static let lookBack: Int64 = 10

    package enum Decision: Sendable, Equatable {
        /// Store it as the last one where the stored one is still smaller: else another one came
        /// first. What was remembered is forgotten.
        case accepted(counter: Int64)
        /// The code of a counter at or before the last accepted one. Store nothing.
        case used
        /// Refused. Store what is remembered; it replaces what was.
        case wrong(HOTPResync)
    }

    /// `lastCounter` is the last accepted counter or `noCounter`. Takes the same time for every
    /// code.
    package static func decide(
        _ code: OneTimeCode, seed: SecretBytes, _ parameters: HOTP, lastCounter: Int64,
        resync: HOTPResync
    ) -> Decision {
        guard (noCounter...HOTP.counterMax).contains(lastCounter) else { return .wrong(.none) }
        var isUsed = false
        var near: Int64?
        var far: Int64?
        var isNext = false
        // Every candidate is computed and compared, whatever was found before.
        for offset in (1 - lookBack)...resyncReach {
            let counter = lastCounter + offset
            let candidate = parameters.code(seed: seed, counter: UInt64(clamping: counter))
            guard code.equals(candidate), (0...HOTP.counterMax).contains(counter) else { continue }
            // The first of several counts: a token that is taken for further ahead than it is
            // would be locked out until it gets there.
            switch offset {
            case ...0: isUsed = true
            case ...lookAhead: near = near ?? counter
            case _:
                far = far ?? counter
                isNext = isNext || counter == resync.expected
            }
        }
        // A used code wins over a counter whose code happens to be the same.
        if isUsed { return .used }
        if let near { return .accepted(counter: near) }
        if isNext, let expected = resync.expected { return .accepted(counter: expected) }
        return .wrong(far.map { HOTPResync(after: $0, lastCounter: lastCounter) } ?? .none)
    }
}

/// What a code that lay too far ahead left behind: the counter whose code proves the token now.
/// Any other code forgets it.
package struct HOTPResync: Sendable, Equatable {
    let expected: Int64?

    package static let none = HOTPResync(expected: nil)

    private init(expected: Int64?) { self.expected = expected }

    fileprivate init(after counter: Int64, lastCounter: Int64) {
        // The last one that is recognised has no next one.
        expected = counter < lastCounter + HOTPCheck.resyncReach ? counter + 1 : nil
    }

    /// One number for one column, 0 for none. Only `init(stored:)` reads it.
    package var stored: Int64 { expected ?? 0 }

    /// What is not stored by this type counts as none: it can only make an answer stricter.
    package init(stored: Int64) {
        expected = (1...HOTP.counterMax).contains(stored) ? stored : nil
    }
}
