import Crypto
import OTP
import Testing
import Wire

private let seed = SecretBytes(copying: Array("12345678901234567890".utf8))
private let last: Int64 = 1000

private func code(_ counter: Int64) -> OneTimeCode {
    HOTP.standard.code(seed: seed, counter: UInt64(counter))
}

/// An authenticator as a database row holds it.
private struct Token {
    var last = HOTPCheck.noCounter
    var resync = HOTPResync.none

    mutating func take(_ counter: Int64) -> HOTPCheck.Decision {
        let decision = HOTPCheck.decide(
            code(counter), seed: seed, .standard, lastCounter: last,
            resync: HOTPResync(stored: resync.stored))
        switch decision {
        case .accepted(let counter):
            #expect(counter > last)
            last = counter
            resync = .none
        case .used: break
        case .wrong(let learned): resync = learned
        }
        return decision
    }
}

private func isWrong(_ decision: HOTPCheck.Decision) -> Bool {
    if case .wrong = decision { return true }
    return false
}

@Suite struct HOTPCheckTests {
    @Test func `the window is ten codes, and ten used ones are known`() {
        let drawn = (Int64(-12)...13).map { offset in
            var token = Token(last: last)
            switch token.take(last + offset) {
            case .accepted(let counter):
                #expect(counter == last + offset)
                return "✓"
            case .used: return "u"
            case .wrong(let resync): return resync == .none ? "·" : "?"
            }
        }.joined()
        // From -12 to -1, then the last one, then 1 to 13.
        #expect(drawn == "···uuuuuuuuu" + "u" + "✓✓✓✓✓✓✓✓✓✓???")
    }

    @Test func `each code is accepted once, and those skipped not any more`() {
        var token = Token(last: last)
        #expect(token.take(last + 4) == .accepted(counter: last + 4))
        for counter in (last - 5)...(last + 4) { #expect(token.take(counter) == .used) }
        #expect(token.take(last + 5) == .accepted(counter: last + 5))
    }

    @Test func `the first counter is 0`() {
        var token = Token()
        #expect(token.take(0) == .accepted(counter: 0))
        #expect(token.take(0) == .used)
        #expect(token.take(10) == .accepted(counter: 10))
        var other = Token()
        #expect(isWrong(other.take(10)))
    }

    @Test func `O-18 a counter too far ahead is refused, and two in a row find it again`() {
        var token = Token(last: last)
        #expect(isWrong(token.take(last + 11)))
        #expect(token.take(last + 12) == .accepted(counter: last + 12))
        #expect(token.take(last + 11) == .used)
        #expect(token.take(last + 13) == .accepted(counter: last + 13))
    }

    @Test func `O-18 two codes that do not follow each other find nothing`() {
        for second in [last + 50, last + 52, last + 49, last + 11, last + 100] {
            var token = Token(last: last)
            #expect(isWrong(token.take(last + 50)))
            #expect(isWrong(token.take(second)))
            #expect(token.last == last)
        }
    }

    @Test func `O-18 any code between the two starts anew`() throws {
        var token = Token(last: last)
        #expect(isWrong(token.take(last + 50)))
        #expect(isWrong(token.take(last + 5000)))
        #expect(isWrong(token.take(last + 51)))
        #expect(token.take(last + 52) == .accepted(counter: last + 52))

        token = Token(last: last)
        #expect(isWrong(token.take(last + 50)))
        #expect(token.take(last + 1) == .accepted(counter: last + 1))
        #expect(isWrong(token.take(last + 51)))
    }

    @Test func `O-18 what lies beyond reach is never found`() {
        var token = Token(last: last)
        #expect(isWrong(token.take(last + 99)))
        #expect(token.take(last + 100) == .accepted(counter: last + 100))
        token = Token(last: last)
        for counter in [last + 100, last + 101, last + 102] {
            #expect(token.take(counter) == .wrong(.none))
        }
    }

    @Test func `a stored counter out of bounds accepts nothing`() {
        for bad in [Int64.min, -2, HOTP.counterMax + 1, .max] {
            #expect(
                HOTPCheck.decide(
                    code(0), seed: seed, .standard, lastCounter: bad, resync: .none)
                    == .wrong(.none))
        }
        // At the very end there is no next one.
        let end = HOTP.counterMax
        var token = Token(last: end - 1)
        #expect(token.take(end + 1) == .wrong(.none))
        #expect(token.take(end) == .accepted(counter: end))
        #expect(token.take(end + 1) == .wrong(.none))
    }

    @Test func `what is remembered is stored as one number, and nothing else is read as it`() {
        var token = Token(last: last)
        _ = token.take(last + 30)
        #expect(token.resync.stored == last + 31)
        for bad in [Int64.min, -1, 0, HOTP.counterMax + 1, .max] {
            #expect(HOTPResync(stored: bad) == .none)
        }
        #expect(HOTPResync.none.stored == 0)
    }

    @Test func `a code of other length or another seed is wrong`() throws {
        let eight = try #require(HOTP(algorithm: .sha1, digits: 8))
        let long = eight.code(seed: seed, counter: UInt64(last + 1))
        let other = SecretBytes(copying: Array("other678901234567890".utf8))
        for (code, seed) in [(long, seed), (code(last + 1), other)] {
            #expect(
                HOTPCheck.decide(
                    code, seed: seed, .standard, lastCounter: last, resync: .none)
                    == .wrong(.none))
        }
    }

    /// Against the rule in its plainest words, with tokens that are pressed, mistyped and stolen
    /// from.
    @Test func `every variant decides as the rule says`() throws {
        for case .hotp(let variant) in OneTimePasswordParameters.all {
            let seed = try OneTimePassword.randomSeed()
            var last = HOTPCheck.noCounter
            var resync = HOTPResync.none
            var device: Int64 = 0
            for _ in 0..<40 {
                device += [0, 0, 0, 1, 3, 9, 10, 40].randomElement() ?? 0
                let typed = max(0, device + ([0, 0, 0, -1, -3].randomElement() ?? 0))
                let code = variant.code(seed: seed, counter: UInt64(typed))
                let fits = (max(0, last - 9)...last + 100).filter {
                    code.equals(variant.code(seed: seed, counter: UInt64($0)))
                }
                let decision = HOTPCheck.decide(
                    code, seed: seed, variant, lastCounter: last, resync: resync)
                if fits.contains(where: { $0 <= last }) {
                    #expect(decision == .used)
                } else if let near = fits.first(where: { $0 <= last + 10 }) {
                    #expect(decision == .accepted(counter: near))
                } else if let next = fits.first(where: { $0 == resync.stored }) {
                    #expect(decision == .accepted(counter: next))
                } else if let far = fits.first, far < last + 100 {
                    #expect(decision == .wrong(HOTPResync(stored: far + 1)))
                } else {
                    #expect(decision == .wrong(.none))
                }
                switch decision {
                case .accepted(let counter): (last, resync) = (counter, .none)
                case .used: break
                case .wrong(let learned): resync = learned
                }
                device += 1
            }
        }
    }
}
