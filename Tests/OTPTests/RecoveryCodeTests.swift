import Crypto
import OTP
import Testing
import Wire

private enum User: IdentifierKind { static let noun = "user" }

private let alice = Identifier<User>(high: 1, low: 1)
private let bob = Identifier<User>(high: 1, low: 2)

private func ring(_ names: String...) throws -> KeyRing {
    let lines = names.enumerated().map { index, name in
        let key = Base64.encode([UInt8](repeating: name.utf8.last ?? 0, count: 32))
        return "\(name) \(key)\(index == 0 && names.count > 1 ? " primary" : "")"
    }
    return try KeyRing(parsing: Array(lines.joined(separator: "\n").utf8))
}

private func digest(_ typed: String, of user: Identifier<User> = alice) throws -> KeyedDigest? {
    try RecoveryCode(typed: typed)?.digest(of: user, ring("k1"))
}

@Suite struct RecoveryCodeTests {
    @Test func `a code is 16 characters of Crockford's alphabet in groups of four`() throws {
        let alphabet = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        for _ in 0..<100 {
            let text = try RecoveryCode.random().printed
            let groups = text.split(separator: "-", omittingEmptySubsequences: false)
            #expect(groups.map(\.count) == [4, 4, 4, 4])
            #expect(groups.joined().allSatisfy(alphabet.contains))
        }
    }

    /// Of 32 characters at 16 places each one is as likely as any other. The bound is passed by
    /// chance once in more than 10^9 runs.
    @Test func `no character is likelier than another at any place`() throws {
        let rounds = 6400
        var seen = [[Character: Int]](repeating: [:], count: RecoveryCode.characterCount)
        for _ in 0..<rounds {
            let text = try RecoveryCode.random().printed.filter { $0 != "-" }
            for (place, character) in text.enumerated() { seen[place][character, default: 0] += 1 }
        }
        for counts in seen {
            #expect(counts.count == 32)
            for count in counts.values { #expect((90...330).contains(count)) }
        }
    }

    @Test func `C-03 what people make of their own code is accepted`() throws {
        let code = try #require(RecoveryCode(typed: "01AB-CDEF-GHJK-MNPQ"))
        #expect(code.printed == "01AB-CDEF-GHJK-MNPQ")
        let own = try code.digest(of: alice, ring("k1"))
        for typed in [
            "01abcdefghjkmnpq", "01ABCDEFGHJKMNPQ", " 01AB CDEF GHJK MNPQ ",
            "01ab - cdef - ghjk - mnpq", "oiab-cdef-ghjk-mnpq", "OLAB-CDEF-GHJK-MNPQ",
            "OIAB-CDEF-GHJK-MNPQ", "0lAB--CDEF--GHJK--MNPQ", "0-1-A-B-C-D-E-F-G-H-J-K-M-N-P-Q",
        ] {
            #expect(try digest(typed) == own, "\(typed)")
        }
    }

    @Test func `C-03 what is no code is refused before anything is reckoned`() {
        let right = "01ABCDEFGHJKMNPQ"
        let wrong = [
            "", "-", "0", String(right.dropLast()), right + "0", "01ABCDEFGHJKMNPU",
            "01ABCDEFGHJKMNP!", "01ABCDEFGHJKMNPQ\n", "\t\(right)", "01AB–CDEF–GHJK–MNPQ",
            "０１ABCDEFGHJKMNPQ", "01ABCDEFGHJKMNPＱ", "01AB_CDEF_GHJK_MNPQ", "01ABCDEFGHJKMNP=",
            "\u{0}\(right)", "01ABCDEFGHJKMN\u{212A}Q", "ſ1ABCDEFGHJKMNPQ", right + right,
            right + String(repeating: " ", count: 49), String(repeating: "0", count: 100_000),
        ]
        for text in wrong { #expect(RecoveryCode(typed: text) == nil, "\(text.prefix(80))") }
        #expect(RecoveryCode(typed: right + String(repeating: " ", count: 48)) != nil)
        #expect(RecoveryCode(typed: [0xff, 0xfe]) == nil)
    }

    @Test func `C-03 the code of one user is nothing for another`() throws {
        let text = try RecoveryCode.random().printed
        #expect(try digest(text, of: alice) == digest(text, of: alice))
        #expect(try digest(text, of: alice) != digest(text, of: bob))
    }

    @Test func `other codes have other digests`() throws {
        let text = "01AB-CDEF-GHJK-MNPQ"
        for (place, character) in text.enumerated() where character != "-" {
            var other = Array(text)
            other[place] = character == "Z" ? "Y" : "Z"
            #expect(try digest(String(other)) != digest(text))
        }
    }

    @Test func `no printing shows a code`() throws {
        let set = try RecoveryCodeSet.random()
        let code = set.codes[0]
        var dumped = ""
        dump(set, to: &dumped)
        dump(code, to: &dumped)
        for text in ["\(code)", "\(set)", String(reflecting: set), dumped] {
            for group in code.printed.split(separator: "-") { #expect(!text.contains(group)) }
        }
        #expect("\(code)" == "a recovery code")
        #expect("\(set)" == "10 recovery codes")
    }
}

@Suite struct RecoveryCodeSetTests {
    @Test func `a set is ten different codes, and their digests in the same order`() throws {
        let keys = try ring("k1", "k2")
        let set = try RecoveryCodeSet.random()
        #expect(set.printed.count == 10)
        #expect(Set(set.printed).count == 10)
        let digests = try set.digests(of: alice, keys)
        #expect(digests.map(\.keyName) == Array(repeating: "k1", count: 10))
        for (text, digest) in zip(set.printed, digests) {
            let typed = try #require(RecoveryCode(typed: text.lowercased()))
            #expect(try typed.digest(of: alice, keys) == digest)
            #expect(digest.bytes.count == 32)
        }
    }

    @Test func `C-03 a set is looked up under the key it was made with`() throws {
        let code = try RecoveryCode.random()
        let made = try code.digest(of: alice, ring("k1"))
        let rotated = try ring("k2", "k1")
        #expect(try code.digest(of: alice, rotated).bytes != made.bytes)
        #expect(try code.digest(of: alice, rotated, under: made.keyName) == made)
        #expect(throws: CryptoFault.keyUnknown(name: "k1")) {
            try code.digest(of: alice, ring("k2"), under: "k1")
        }
    }
}
