import Fixtures
import Testing
import Wire

/// RFC 4648 §10, and what §3 lets a strict reader refuse.
@Suite struct RFC4648Tests {
    private static let plain = ["", "f", "fo", "foo", "foob", "fooba", "foobar"]

    @Test(
        arguments: zip(
            plain, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]))
    func `base 64 gives the values of the RFC`(text: String, encoded: String) {
        #expect(Base64.encode(text.utf8) == encoded)
        #expect(Base64.decode(encoded.utf8) == Array(text.utf8))
        let unpadded = encoded.filter { $0 != "=" }
        #expect(Base64URL.encode(text.utf8) == unpadded)
        #expect(Base64URL.decode(unpadded.utf8) == Array(text.utf8))
    }

    @Test(
        arguments: zip(plain, ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"]))
    func `base 32 gives the values of the RFC without padding`(text: String, encoded: String) {
        #expect(Base32.encode(text.utf8) == encoded)
        #expect(Base32.decode(encoded.utf8) == Array(text.utf8))
    }

    @Test(
        arguments: zip(
            plain, ["", "66", "666f", "666f6f", "666f6f62", "666f6f6261", "666f6f626172"]))
    func `base 16 gives the values of the RFC in lower case`(text: String, encoded: String) {
        #expect(Base16.encode(text.utf8) == encoded)
        #expect(Base16.decode(encoded.utf8) == Array(text.utf8))
    }

    @Test func `the two alphabets of base 64 do not mix`() {
        #expect(Base64.decode("+/+/".utf8) == Base64URL.decode("-_-_".utf8))
        #expect(Base64.decode("-_-_".utf8) == nil && Base64URL.decode("+/+/".utf8) == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v====", "Z===", "====", "=", "Zg==Zg==", " Zg==",
        "Zg==\n", "Zm 9", "Zm9\u{e9}", "Z=g=",
    ])
    func `a second text of the same bytes is no base 64`(text: String) {
        #expect(Base64.decode(text.utf8) == nil)
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm 8", "Zm9v\n"])
    func `a second text of the same bytes is no base 64 for URLs`(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }

    @Test(arguments: ["M", "MZX", "MZXW6Y", "MZ", "my", "MY======", "M1", "M8", "MY ", "MZXW6YTBO"])
    func `a second text of the same bytes is no base 32`(text: String) {
        #expect(Base32.decode(text.utf8) == nil)
    }

    @Test(arguments: ["6", "6F", "6g", "0x66", " 66", "66 "])
    func `a second text of the same bytes is no base 16`(text: String) {
        #expect(Base16.decode(text.utf8) == nil)
    }

    @Test(arguments: [
        "mzxw6ytboi", "MZXW 6YTB OI", "mzxw-6ytb-oi", "MZXW6YTBOI======", " MzXw6yTbOi ",
    ])
    func `seeds may be typed with blanks and in lower case`(text: String) {
        #expect(Base32.decode(lenient: text.utf8) == Array("foobar".utf8))
    }

    @Test(arguments: ["MZXW6YTBO1", "MZ=XW6YT", "MZXW6YTBOI=x", "MZXW6YTBOL", "é"])
    func `a seed with other characters is refused`(text: String) {
        #expect(Base32.decode(lenient: text.utf8) == nil)
    }

    @Test func `all bytes make the round trip`() {
        var generator = SeededGenerator(seed: 3)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Base16.decode(Base16.encode(bytes).utf8) == bytes)
            #expect(Base32.decode(Base32.encode(bytes).utf8) == bytes)
            #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
        }
    }

    /// Property: what is accepted is exactly what is written, so every text has one reading.
    @Test func `what is read is written the same way`() {
        var generator = SeededGenerator(seed: 4)
        let characters = Array("AQgwM2a7=-_+/ZB".utf8)
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...9, using: &generator)
            let text = (0..<length).map { _ in characters.randomElement(using: &generator) ?? 65 }
            let texts = [
                Base64.decode(text).map(Base64.encode),
                Base64URL.decode(text).map(Base64URL.encode),
                Base32.decode(text).map(Base32.encode), Base16.decode(text).map(Base16.encode),
            ]
            for other in texts where other != nil && other.map({ Array($0.utf8) }) != text {
                Issue.record("\(text) was read, and written as \(other ?? "")")
            }
        }
    }
}

@Suite struct CrockfordBase32Tests {
    /// Python's `base64.b32encode` with the alphabets exchanged.
    @Test(arguments: [
        ("", ""), ("f", "CR"), ("fo", "CSQG"), ("foobar", "CSQPYRK1E8"),
    ])
    func `its text is that of RFC 4648 in Crockford's alphabet`(text: String, encoded: String) {
        #expect(CrockfordBase32.encode(Array(text.utf8)) == encoded)
        #expect(CrockfordBase32.decode(lenient: encoded.utf8) == Array(text.utf8))
    }

    @Test func `what is typed may be lower case, grouped and mistaken for what it looks like`() {
        let bytes = CrockfordBase32.decode(lenient: "01AB".utf8)
        for typed in ["olab", "OIAB", "Oi-ab", " 0 L a-B "] {
            #expect(CrockfordBase32.decode(lenient: typed.utf8) == bytes)
        }
        for wrong in ["01AU", "01A=", "01A", "01AB\n", "01Aß", "0_1AB"] {
            #expect(CrockfordBase32.decode(lenient: wrong.utf8) == nil)
        }
    }
}
