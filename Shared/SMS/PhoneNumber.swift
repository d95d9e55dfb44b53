import Wire

/// A telephone number of E.164: `+`, the code of a country or territory, and the rest. Only that
/// form exists: nothing is trimmed, folded or guessed, so equal numbers are equal octets, and what
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
            let code = Self.countryCode(of: digits)
        else { return nil }
        text = String(decoding: octets, as: UTF8.self)
        countryCode = code
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

    private static func countryCode(of digits: [UInt8]) -> String? {
        (1...3).lazy.map { String(decoding: digits.prefix($0), as: UTF8.self) }
            .first(where: countryCodes.contains)
    }

    /// The codes of countries and territories that are in use (ITU-T E.164 Annex A); none begins
    /// another. Those of no country, satellites, networks and services at a premium, are left out:
    /// nobody reads codes there, and many earn from messages to them.
    static let countryCodes = Set(
        """
        1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 \
        63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 \
        226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 \
        248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 \
        291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 \
        378 379 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 \
        509 590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 \
        682 683 685 686 687 688 689 690 691 692 850 852 853 855 856 880 886 960 961 962 963 964 \
        965 966 967 968 970 971 972 973 974 975 976 977 992 993 994 995 996 998
        """.split(separator: " ").map { String($0) })
}

extension PhoneNumber: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Masked: a number in a log is a person in a log.
    package var description: String { masked }
    package var debugDescription: String { masked }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
