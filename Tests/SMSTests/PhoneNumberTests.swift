import Fixtures
import Testing

@testable import SMS

@Suite struct PhoneNumberTests {
    @Test(arguments: [
        ("+31612345642", "31", "+31•••••42"), ("+12025550142", "1", "+1•••••42"),
        ("+79161234567", "7", "+7•••••67"), ("+8613800138000", "86", "+86•••••00"),
        ("+35312345678", "353", "+353•••••78"), ("+85251234567", "852", "+852•••••67"),
        ("+20123456789", "20", "+20•••••89"), ("+211912345678", "211", "+211•••••78"),
        ("+12345678", "1", "+1•••••78"), ("+999123456789012", "999", "+999•••••12"),
    ])
    func `a number has its country, and is shown masked`(
        text: String, code: String, masked: String
    ) throws {
        let number = try #require(PhoneNumber(text))
        #expect(number.text == text)
        #expect(number.countryCode == code)
        #expect(number.masked == masked)
        #expect("+\(number.countryCode)\(number.national)" == text)
    }

    @Test(arguments: [
        "", "+", "31612345678", "0031612345678", "+0612345678", "+3161234", "+1234567890123456",
        "+" + String(repeating: "1", count: 40), "+31 612345678", "+31-612345678",
        "+31(6)12345678", " +31612345678", "+31612345678 ", "+31612345678\n",
        "+31612345678\r\nBcc: x", "\r\n+31612345678", "+3161234\r5678", "+31612345678\0",
        "+31612345678;ext=1", "+31612345678x", "+31SIXONETWO", "tel:+31612345678",
        "+٣١٦١٢٣٤٥٦٧٨", "+３１６１２３４５６７８", "＋31612345678", "+31६12345678",
        "+316１2345678", "+31612345678\u{301}", "\u{202e}+31612345678", "++31612345678",
        "+-31612345678", "+3161234567+",
    ])
    func `O-25 what is no number of E 164 is refused`(text: String) {
        #expect(PhoneNumber(text) == nil)
    }

    @Test func `O-25 octets that are no text are refused`() {
        #expect(PhoneNumber(Array("+316123456".utf8) + [0xff]) == nil)
        #expect(PhoneNumber(Array("+316123456".utf8) + [0xb2]) == nil)
    }

    /// ITU-T E.164: the codes with two digits, written out once more as the list has them.
    @Test func `the country codes of two digits are those of the list`() {
        let listed =
            "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 "
            + "62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98"
        let found = (20...99).map { String($0) }.filter {
            PhoneNumber("+\($0)123456789")?.countryCode.count == 2
        }
        #expect(found.joined(separator: " ") == listed)
    }

    @Test func `a number is never printed in full`() throws {
        let number = try #require(PhoneNumber("+31612345642"))
        var dumped = ""
        dump(number, to: &dumped)
        for shown in ["\(number)", String(reflecting: number), dumped, "\([number])"] {
            #expect(!shown.contains("6123456"), "\(shown)")
        }
    }
}
