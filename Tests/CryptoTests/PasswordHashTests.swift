import Testing
import Wire

@testable import Crypto

@Suite struct PasswordHashTests {
    /// The fourth, of one gibibyte, is left out.
    @Test(arguments: [
        (
            "", "", 16, 1, 1,
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        ),
        (
            "password", "NaCl", 1024, 8, 16,
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", 16384, 8, 1,
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
    ])
    func `scrypt gives the values of RFC 7914`(
        password: String, salt: String, n: UInt64, r: UInt64, p: UInt64, key: String
    ) throws {
        let found = try PasswordHash.derive(
            Array(password.utf8), salt: Array(salt.utf8), n: n, r: r, p: p, count: 64)
        #expect(Base16.encode(found.revealed()) == key)
    }

    @Test(arguments: [
        (17, 8, 1, true), (13, 8, 10, true), (10, 1, 1, true), (16, 32, 2, true),
        (18, 8, 1, true), (18, 8, 2, true),
        (9, 8, 1, false), (21, 1, 1, false), (17, 0, 1, false), (17, 33, 1, false),
        (17, 8, 0, false), (17, 8, 17, false), (19, 8, 1, false), (17, 32, 1, false),
        (18, 8, 3, false), (20, 32, 16, false), (-1, 8, 1, false), (30, 8, 1, false),
    ])
    func `parameters are bounded, alone and together`(
        log2N: Int, r: Int, p: Int, isAllowed: Bool
    ) throws {
        let found = PasswordHash.Parameters(log2N: log2N, r: r, p: p)
        #expect((found != nil) == isAllowed)
        if let found {
            #expect(found.memory <= 256 << 20)
            #expect(found.cost <= 4 * PasswordHash.Parameters.standard.cost)
        }
    }

    @Test func `the largest memory allowed can be hashed with`() throws {
        let large = try #require(PasswordHash.Parameters(log2N: 16, r: 32, p: 1))
        #expect(large.memory == PasswordHash.Parameters.memoryMax)
        #expect(try PasswordHash.derive([UInt8](), salt: [UInt8](), large).count == 32)
    }

    @Test func `weaker is less time or less memory`() throws {
        typealias Parameters = PasswordHash.Parameters
        let legacy = try #require(Parameters(log2N: 14, r: 8, p: 1))
        #expect(legacy.isWeaker(than: .standard))
        #expect(legacy.isWeaker(than: .smallMemory))
        #expect(Parameters.smallMemory.isWeaker(than: .standard))
        #expect(!Parameters.standard.isWeaker(than: .smallMemory))
        #expect(!Parameters.standard.isWeaker(than: .standard))
    }
}

@Suite struct PasswordRecordTests {
    private let cheap = PasswordHash.Parameters(log2N: 10, r: 1, p: 1)

    private func parse(_ text: String) throws -> PasswordRecord {
        try PasswordRecord(parsing: Array(text.utf8))
    }

    /// Made by Python's `hashlib.scrypt`.
    @Test(arguments: [
        "$scrypt$ln=17,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$wB2vmlaIYCfYjUAF6APiawOjuGeR2MFdHy7epKbjGl4",
        "$scrypt$ln=13,r=8,p=10$AAECAwQFBgcICQoLDA0ODw$FKdpvXwBDdg/0fTlvJQxUOAcm5do1dTzHmIr1bH8tf8",
    ])
    func `a foreign record fits its password, in either normal form`(text: String) throws {
        let record = try parse(text)
        #expect(try record.matches(Password("pässwörd €🔑")))
        #expect(try record.matches(Password("pa\u{308}sswo\u{308}rd €🔑")))
        #expect(try !record.matches(Password("passwörd €🔑")))
        #expect(record.text.revealed() == Array(text.utf8))
    }

    @Test func `a record fits the password it was made of and no other`() throws {
        let parameters = try #require(cheap)
        let record = try PasswordRecord(of: Password("correct horse"), parameters)
        #expect(try record.matches(Password("correct horse")))
        for other in ["correct hors", "correct horse ", "Correct horse", "correct\0 horse", ""] {
            #expect(try !record.matches(Password(other)))
        }
        let again = try PasswordRecord(of: Password("correct horse"), parameters)
        #expect(again.text != record.text)
        let read = try PasswordRecord(parsing: record.text)
        #expect(try read.matches(Password("correct horse")))
        #expect(read.derivation == .scrypt(parameters))
    }

    @Test func `no password fits a decoy`() throws {
        let decoy = try PasswordRecord.decoy(#require(cheap))
        #expect(try !decoy.matches(Password("")))
        #expect(try !decoy.matches(Password("password")))
    }

    @Test(arguments: ["ln=30,r=8,p=1", "ln=19,r=8,p=1", "ln=17,r=8,p=16", "ln=9,r=8,p=1"])
    func `a record that would cost too much or too little is refused`(cost: String) {
        let text =
            "$scrypt$\(cost)$AAECAwQFBgcICQoLDA0ODw$wB2vmlaIYCfYjUAF6APiawOjuGeR2MFdHy7epKbjGl4"
        #expect(throws: CryptoFault.outOfBounds(what: "a password record's cost")) {
            try parse(text)
        }
    }

    @Test func `there is one text for a record`() throws {
        let salt = "AAECAwQFBgcICQoLDA0ODw"
        let key = "stES2gu5cPCYTns1hEfg1UV0Stfk6gUpRJTVdkkXQuk"
        let right = "$scrypt$ln=10,r=1,p=1$\(salt)$\(key)"
        #expect(try parse(right).matches(Password("")))
        let wrong = [
            "", "$", "$$$$", "\(right)$", " \(right)", "\(right)\n", "\(right)=",
            "$scrypt$ln=010,r=1,p=1$\(salt)$\(key)", "$scrypt$ln=+10,r=1,p=1$\(salt)$\(key)",
            "$scrypt$ln=10,p=1,r=1$\(salt)$\(key)", "$scrypt$ln=10,r=1$\(salt)$\(key)",
            "$scrypt$ln=10,r=1,p=1,$\(salt)$\(key)", "$scrypt$ln=1000,r=1,p=1$\(salt)$\(key)",
            "$scrypt$ln=,r=1,p=1$\(salt)$\(key)", "$argon2id$ln=10,r=1,p=1$\(salt)$\(key)",
            // One character less, one more, and bits that belong to no byte.
            "$scrypt$ln=10,r=1,p=1$\(salt.dropLast())$\(key)",
            "$scrypt$ln=10,r=1,p=1$\(salt)$\(key.dropLast())",
            "$scrypt$ln=10,r=1,p=1$\(salt)B$\(key)",
            "$scrypt$ln=10,r=1,p=1$\(salt.dropLast())x$\(key)",
            "$scrypt$ln=10,r=1,p=1$\(salt)$\(key.dropLast())l",
            String(repeating: "$", count: 100_000),
        ]
        for text in wrong {
            #expect(throws: CryptoFault.malformed) { try parse(text) }
        }
    }
}

@Suite struct PasswordTests {
    @Test func `length is counted in code points of the normal form`() {
        #expect(Password("").scalarCount == 0)
        #expect(Password("abc").scalarCount == 3)
        #expect(Password("e\u{301}").scalarCount == 1)
        #expect(Password("👩‍👩‍👧").scalarCount == 5)
        #expect(Password("a\0b\r\n").scalarCount == 5)
    }

    @Test func `an initial password is acceptable by every rule and never the same`() throws {
        let policy = PasswordPolicy(isSecondFactorEnforced: false, contextWords: ["Dubbelslot"])
        var seen: Set<String> = []
        for _ in 0..<200 {
            let text = try Password.randomText()
            #expect(text.count == 23)
            #expect(policy.judge(Password(text)) == .acceptable)
            #expect(seen.insert(text).inserted)
        }
    }
}
