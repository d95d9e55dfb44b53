import Fixtures
import Testing

@testable import SMS

@Suite struct PhoneNumberTests {
    @Test(arguments: [
        ("+31612345642", "31", "+31•••••42"), ("+12025550142", "1", "+1•••••42"),
        ("+79161234567", "7", "+7•••••67"), ("+8613800138000", "86", "+86•••••00"),
        ("+35312345678", "353", "+353•••••78"), ("+85251234567", "852", "+852•••••67"),
        ("+20123456789", "20", "+20•••••89"), ("+211912345678", "211", "+211•••••78"),
        ("+12345678", "1", "+1•••••78"), ("+998123456789012", "998", "+998•••••12"),
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
        "+-31612345678", "+3161234567+", "+881612345678", "+882161234567", "+979123456789",
        "+800123456789", "+999123456789", "+210123456789", "+42212345678", "+29612345678",
    ])
    func `O-25 what is no number of E 164 is refused`(text: String) {
        #expect(PhoneNumber(text) == nil)
    }

    @Test func `O-25 octets that are no text are refused`() {
        #expect(PhoneNumber(Array("+316123456".utf8) + [0xff]) == nil)
        #expect(PhoneNumber(Array("+316123456".utf8) + [0xb2]) == nil)
    }

    /// Counted by hand, zone by zone: codes of two digits, then the rows of ten of three.
    @Test func `no country code begins another, and each zone has its own`() {
        let codes = PhoneNumber.countryCodes
        for code in codes {
            #expect(!codes.contains { $0 != code && $0.hasPrefix(code) }, "\(code)")
        }
        let zones = (1...9).map { zone in codes.count { $0.hasPrefix("\(zone)") } }
        let counted = [
            1, 2 + 5 + 10 + 10 + 10 + 9 + 10 + 5, 7 + 10 + 10 + 8, 9 + 3, 8 + 10 + 10,
            7 + 9 + 9 + 3, 1, 4 + 5 + 2, 7 + 9 + 8 + 6,
        ]
        #expect(zones == counted)
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
