import Wire

/// A telephone number of E.164: `+`, a country code that exists, and the rest. Only that form
/// exists: nothing is trimmed, folded or guessed, so equal numbers are equal octets, and what
/// counts messages to one number cannot be told another spelling of it.
package struct PhoneNumber: Sendable, Hashable {
    /// With the plus sign.
    package let text: String
    /// One to three digits (ITU-T E.164 Annex A).
    package let countryCode: String

    /// Digits, the country code's among them. The most is of E.164 §6.2.1; no mobile number has
    /// fewer than the least.
    package static let digitsMin = 8
    package static let digitsMax = 15

    /// Nil for anything else than ASCII digits behind a plus sign.
    package init?(_ text: String) { self.init(Array(text.utf8)) }

    package init?(_ octets: some Collection<UInt8>) {
        guard octets.count <= Self.digitsMax + 1, octets.first == UInt8(ascii: "+") else {
            return nil
        }
        let digits = Array(octets.dropFirst())
        guard digits.count >= Self.digitsMin, digits.allSatisfy(Self.isDigit),
            let length = Self.countryCodeLength(digits)
        else { return nil }
        text = String(decoding: octets, as: UTF8.self)
        countryCode = String(decoding: digits.prefix(length), as: UTF8.self)
    }

    /// Without the plus sign.
    package var digits: Substring { text.dropFirst() }

    /// What follows the country code.
    package var national: Substring { digits.dropFirst(countryCode.utf8.count) }

    /// The block of ten thousand numbers it belongs to. Whoever earns from messages to himself
    /// holds such blocks and not single numbers.
    package var block: Substring { digits.dropLast(4) }

    /// For the eyes of its owner: the country and the last two digits, and nothing else, not even
    /// how many there are.
    package var masked: String { "+\(countryCode)•••••\(digits.suffix(2))" }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Zones 1 and 7 are codes of one digit, the listed ones have two, what is left three; no code
    /// begins with 0.
    private static func countryCodeLength(_ digits: [UInt8]) -> Int? {
        let zone = Int(digits[0] - UInt8(ascii: "0"))
        switch zone {
        case 0: return nil
        case 1, 7: return 1
        default:
            let second = UInt16(digits[1] - UInt8(ascii: "0"))
            return twoDigitCodes[zone] >> second & 1 == 1 ? 2 : 3
        }
    }

    /// For each zone the second digits of its codes of two digits, bit 0 for 0.
    private static let twoDigitCodes: [UInt16] = [
        [], [], [0, 7], [0, 1, 2, 3, 4, 6, 9], [0, 1, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 5, 6, 7, 8], [0, 1, 2, 3, 4, 5, 6], [], [1, 2, 4, 6],
        [0, 1, 2, 3, 4, 5, 8],
    ].map { seconds in seconds.reduce(0) { $0 | 1 << UInt16($1) } }
}

extension PhoneNumber: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Masked: a number in a log is a person in a log.
    package var description: String { masked }
    package var debugDescription: String { masked }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
