import Crypto
import Testing

@Suite struct UnicodeTextTests {
    private func scalars(_ text: String) -> String {
        String(decoding: text.nfcUTF8, as: UTF8.self).unicodeScalars
            .map { String($0.value, radix: 16) }.joined(separator: " ")
    }

    /// From UAX #15 and NormalizationTest.txt: the text, and its form C in hexadecimal.
    @Test(arguments: [
        ("e\u{301}", "e9"), ("\u{e9}", "e9"), ("plain ASCII", nil),
        // Singletons: they decompose and are never composed again.
        ("\u{212b}", "c5"), ("\u{2126}", "3a9"), ("\u{212a}", "4b"), ("\u{2000}", "2002"),
        ("\u{340}", "300"), ("\u{f900}", "8c48"), ("\u{2f874}", "5f53"),
        // Several marks: order by combining class, then compose what is not blocked.
        ("\u{1e0a}\u{323}", "1e0c 307"), ("D\u{307}\u{323}", "1e0c 307"),
        ("q\u{307}\u{323}", "71 323 307"), ("a\u{315}\u{300}\u{5ae}\u{62}", "e0 5ae 315 62"),
        ("\u{1e69}", "1e69"), ("s\u{307}\u{323}", "1e69"), ("s\u{323}\u{307}", "1e69"),
        ("\u{1b7}\u{30c}\u{301}", "1ee 301"), ("a\u{328}\u{301}", "105 301"),
        // Hangul, by rule.
        ("\u{1112}\u{1161}\u{11ab}", "d55c"), ("\u{1112}\u{1161}", "d558"),
        ("\u{d558}\u{11ab}", "d55c"), ("\u{ac00}\u{11a7}", "ac00 11a7"),
        ("\u{1100}\u{ac00}", "1100 ac00"),
        // Excluded from composition.
        ("\u{958}", "915 93c"), ("\u{915}\u{93c}", "915 93c"), ("\u{fb1d}", "5d9 5b4"),
        ("\u{2adc}", "2add 338"), ("\u{1d15e}", "1d157 1d165"), ("\u{344}", "308 301"),
        // Compatibility is another matter: nothing of it in form C.
        ("\u{fb01}", "fb01"), ("\u{2460}", "2460"), ("\u{ff21}", "ff21"),
        // Combining class 0, decomposing into marks that have another.
        ("\u{f73}", "f71 f72"), ("\u{302c}\u{f73}", "f71 f72 302c"),
        ("\u{33b}\u{f81}", "f71 f80 33b"), ("\u{f40}\u{f75}\u{f39}", "f40 f71 f74 f39"),
        // Marks with nothing to stand on, and none at all.
        ("\u{301}\u{316}", "316 301"), ("", ""), ("a\0b", "61 0 62"),
    ])
    func `form C is that of Unicode`(text: String, form: String?) {
        let expected =
            form
            ?? text.unicodeScalars.map { String($0.value, radix: 16) }
            .joined(separator: " ")
        #expect(scalars(text) == expected)
        // Twice is as once.
        #expect(scalars(String(decoding: text.nfcUTF8, as: UTF8.self)) == expected)
    }

    @Test func `equal texts have equal bytes, for each code point that decomposes`() {
        var seen = 0
        for value in UInt32(0xc0)...0x2fa1d {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = String(Character(scalar))
            let form = String(decoding: text.nfcUTF8, as: UTF8.self)
            // The standard library's equality is canonical equivalence.
            if form.unicodeScalars.first != scalar { seen += 1 }
            if text != form { Issue.record("U+\(String(value, radix: 16)) changed") }
            if form.nfcUTF8 != Array(form.utf8) {
                Issue.record("U+\(String(value, radix: 16)) is not stable")
            }
        }
        #expect(seen > 1000)
    }

    @Test(arguments: [
        ("Alice", "alice"), ("ÉMILE", "e\u{301}mile"), ("Straße", "STRASSE"), ("ẞ", "ss"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ﬁn", "FIN"), ("İ", "i\u{307}"), ("Ω", "\u{2126}"),
        ("ǅ", "ǆ"), ("\u{1fb3}", "αι"), ("ԵՒ", "և"), ("K", "\u{212a}"), ("I", "ı"), ("ᏸ", "Ᏸ"),
    ])
    func `names that differ in case alone have one key`(left: String, right: String) {
        #expect(Array(left.foldedKey.utf8) == Array(right.foldedKey.utf8))
    }

    @Test(arguments: [
        ("a", "á"), ("a", "а"), ("o", "0"), ("ab", "a b"), ("x", "x\u{200b}"),
    ])
    func `names that differ otherwise have two`(left: String, right: String) {
        #expect(left.foldedKey != right.foldedKey)
    }

    @Test func `folding twice changes nothing, for each code point`() {
        for value in UInt32(0)...0x1ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let once = String(Character(scalar)).foldedKey
            if Array(once.foldedKey.utf8) != Array(once.utf8) {
                Issue.record("U+\(String(value, radix: 16)) folds again")
            }
        }
    }
}
