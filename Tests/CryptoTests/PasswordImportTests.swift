import Testing
import Wire

@testable import Crypto

private func imported(_ text: String) throws -> PasswordRecord {
    try PasswordRecord(importing: Array(text.utf8))
}

/// Made by Python's `hashlib` of the password `pässwörd €🔑`; every form and digest.
private let foreign = [
    "$scrypt$ln=15,r=8,p=1$AAECAwQFBgcICQoLDA0ODw"
        + "$R9Mi/CAhVzKBxZszOoN9xHAH2Yqp1GLgixLbm/xlDVyxVCpHwZBhfZbXLRHK732cOHsz6jsHN8ByDR8DyjtvfA",
    "$scrypt$ln=14,r=8,p=2$AAECAwQFBgc$WUtbL/3oXRB7C73sDqGCjg",
    "$pbkdf2-sha1$i=20000$AAECAwQFBgcICQoLDA0ODw$Mdn9oM6uYXTp73StnNqc3W6OV9U",
    "$pbkdf2-sha256$i=29000$AAECAwQFBgcICQoLDA0ODw$3c5zp4692/gIZDdRM1nfGRi0ICiJgVZiFzkTDEEDPcs",
    "$pbkdf2-sha512$i=12000$AAECAwQFBgcICQoLDA0ODw"
        + "$90Dw960+iofTHQUo85k+0ooBxJrMpq+8+KOqjPQoS9uiWVY3SxMbmCTe3HLAHVTjhJsUO2nqocW/GX55zSJaXw",
    "$pbkdf2-sha1$i=1000$AAECAwQFBgcICQoLDA0ODw$sjym+CFLXDNnnUyUpzGHEA7nY3T/bn/j9PLGbRatu/A",
    "$pbkdf2-sha256$i=29000,l=32$AAECAwQFBgcICQoLDA0ODw"
        + "$3c5zp4692/gIZDdRM1nfGRi0ICiJgVZiFzkTDEEDPcs",
    "$pbkdf2-sha256$29000$AgICAgICAgL7/wICAgICAg$X.P59gJFxMfQOS4ZqC2r3ogSnXO6spf55vUAZ/CCGxo",
    "$pbkdf2$131000$AAECAwQFBgcICQoLDA0ODw$uY1E0dR6E6S0PfXGRGq6K6BT9Uk",
    "pbkdf2_sha1$36000$qW3rTz81abCD$REqD52uGhPSXUggkDNjg4cuWMV0=",
    "pbkdf2_sha256$36000$qW3rTz81abCD$CbHcHxMyDrujU579s0GTpRXECN/Ur8uiiE+IUbq8Pd4=",
    "pbkdf2_sha512$36000$qW3rTz81abCD$"
        + "4/Qk0wKTt9nh6O9q2jAY/iBsYpGP8s2ukLkggdyqGvmI"
        + "zicBxNAFz0fCTMfZRhgz3xxxW3FAddQrgWbTVvkDOg==",
]

@Suite struct PasswordImportTests {
    @Test(arguments: [
        ("admin123", "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae", true),
        ("123456", "deadbeefcafebabe5197f688af93f4e9c17a039f881375557333575ea8db7764", true),
        ("pässwörd €🔑", "00ff00ff00ff00ffd4584847d6ae3bba0624ff12b03fe04db3e0c572867fbbc8", true),
        ("admin123", "0123456789abcdef84f10db7834062c7c77a8dfe6988b8014269b095d0689d3b", false),
        ("admin124", "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae", false),
    ])
    func `records of the replaced system verify, their salt taken as it stands`(
        password: String, text: String, fits: Bool
    ) throws {
        let record = try imported(text)
        #expect(try record.matches(Password(password)) == fits)
        #expect(record.memory == 16 << 20)
    }

    @Test(arguments: foreign)
    func `records of every other form fit their password only, and as they are stored too`(
        text: String
    ) throws {
        let record = try imported(text)
        let stored = try PasswordRecord(parsing: record.text)
        for one in [record, stored] {
            #expect(try one.matches(Password("pässwörd €🔑")))
            #expect(try one.matches(Password("pa\u{308}sswo\u{308}rd €🔑")))
            #expect(try !one.matches(Password("passwörd €🔑")))
        }
        #expect(stored.text == record.text)
        #expect(record.isWeaker(than: .smallMemory))
        #expect(!"\(record)".contains(String(text.suffix(12).prefix(8))))
    }

    @Test func `what is stored of an import stays in PHC form`() throws {
        let record = try imported(foreign[10])
        let text = String(decoding: record.text.revealed(), as: UTF8.self)
        #expect(
            text == "$pbkdf2-sha256$i=36000$cVczclR6ODFhYkNE"
                + "$CbHcHxMyDrujU579s0GTpRXECN/Ur8uiiE+IUbq8Pd4")
    }

    @Test func `any other form is refused`() {
        let hex = "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae"
        let key = "CbHcHxMyDrujU579s0GTpRXECN/Ur8uiiE+IUbq8Pd4"
        let salt = "AAECAwQFBgcICQoLDA0ODw"
        let wrong = [
            "", "$", "secret", hex.uppercased(), "\(hex.dropLast())", "\(hex)0", " \(hex)",
            "\(hex)\n", "\(hex.dropLast())g", "\(hex.dropLast())é",
            "pbkdf2_md5$36000$qW3rTz81abCD$\(key)=", "pbkdf2_sha256$36000$qW3rTz81abCD$\(key)",
            "pbkdf2_sha256$036000$qW3rTz81abCD$\(key)=", "pbkdf2_sha256$$qW3rTz81abCD$\(key)=",
            "pbkdf2_sha256$36000$qW3rTz81 bCD$\(key)=", "pbkdf2_sha256$36000$qW3rTz81é$\(key)=",
            "pbkdf2_sha256$i=36000$qW3rTz81abCD$\(key)=",
            "pbkdf2_sha256$36000$qW3rTz81abCD$\(key)=$", "pbkdf2_sha256$36000$\(key)=",
            "argon2$argon2id$v=19$m=102400,t=2,p=8$\(salt)$\(key)",
            "$argon2id$v=19$m=65536,t=3,p=4$\(salt)$\(key)",
            "$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
            "$6$rounds=5000$saltsalt$\(key)", "$pbkdf2-sha224$i=36000$\(salt)$\(key)",
            "$pbkdf2$i=36000$\(salt)$\(key)", "$pbkdf2-sha256$i=36000,l=31$\(salt)$\(key)",
            "$pbkdf2-sha256$i=36000,l=$\(salt)$\(key)",
            "$pbkdf2-sha256$l=32,i=36000$\(salt)$\(key)",
            "$pbkdf2-sha256$36000,l=32$\(salt)$\(key)", "$pbkdf2-sha256$i=36000$\(salt)$\(key)=",
            "$pbkdf2-sha256$36000$\(salt)$+\(key.dropFirst())", "$scrypt$36000$\(salt)$\(key)",
            "$scrypt$ln=14,r=8$\(salt)$\(key)", "$scrypt$n=14,r=8,p=1$\(salt)$\(key)",
            String(repeating: "a", count: 100_000), String(repeating: "$", count: 100_000),
        ]
        for text in wrong {
            #expect(throws: CryptoFault.malformed, "\(text.prefix(80))") { try imported(text) }
        }
    }

    @Test(arguments: [
        "$scrypt$ln=9,r=8,p=1", "$scrypt$ln=21,r=1,p=1", "$scrypt$ln=18,r=8,p=1",
        "$scrypt$ln=17,r=8,p=3", "$scrypt$ln=17,r=9,p=1", "$pbkdf2-sha1$i=999",
        "$pbkdf2-sha256$i=9999999", "$pbkdf2-sha256$i=3200000", "$pbkdf2-sha1$i=1600000",
        "$pbkdf2-sha512$i=1600000", "$pbkdf2-sha256$9999999",
    ])
    func `an import that costs too little or too much is refused`(head: String) {
        let text = "\(head)$AAECAwQFBgcICQoLDA0ODw$CbHcHxMyDrujU579s0GTpRXECN/Ur8uiiEAIUbq8Pd4"
        #expect(throws: CryptoFault.outOfBounds(what: "a password record's cost")) {
            try imported(text)
        }
    }

    @Test func `an import takes no more memory than it is given`() throws {
        let hex = Array("0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae".utf8)
        #expect(throws: CryptoFault.outOfBounds(what: "a password record's cost")) {
            try PasswordRecord(importing: hex, memoryMax: 16 << 20 - 1)
        }
        #expect(try PasswordRecord(importing: hex, memoryMax: 16 << 20).memory == 16 << 20)
    }

    @Test func `salts and keys have their bounds`() {
        let key = String(repeating: "A", count: 86)
        for (salt, key, what) in [
            ("AAECAwQFBg", "CbHcHxMyDrujU579s0GTpRXECA", "salt"),
            (key + "AAAA", "CbHcHxMyDrujU579s0GTpRXECA", "salt"),
            ("AAECAwQFBgc", "CbHcHxMyDrujU579s0GT", "key"), ("AAECAwQFBgc", key + "AA", "key"),
        ] {
            #expect(throws: CryptoFault.outOfBounds(what: "a password record's \(what)")) {
                try imported("$pbkdf2-sha256$i=36000$\(salt)$\(key)")
            }
        }
    }
}

@Suite struct RemainderTests {
    private typealias Parameters = PasswordHash.Parameters

    private func total(_ parts: [PasswordHash.Parameters]) -> Int {
        parts.reduce(0) { $0 + $1.cost }
    }

    @Test(arguments: foreign, [PasswordHash.Parameters.standard, .smallMemory])
    func `a failed check of a cheap import costs what one of our own costs`(
        text: String, target: PasswordHash.Parameters
    ) throws {
        let record = try imported(text)
        let own = record.derivation.cost(keySize: record.key.count)
        let parts = record.remainder(to: target)
        #expect(own < target.cost)
        #expect((0..<Parameters.costGrain).contains(target.cost - own - total(parts)))
        for part in parts {
            #expect(part.memory <= target.memory)
            #expect(Parameters(log2N: part.log2N, r: part.r, p: part.p) == part)
        }
    }

    @Test func `the difference to the replaced system is made up exactly`() throws {
        let record = try imported("0123456789abcdef" + String(repeating: "0", count: 48))
        let parts = record.remainder(to: .standard)
        #expect(parts == [try #require(Parameters(log2N: 17, r: 7, p: 1))])
        #expect(total(parts) + (1 << 17) == Parameters.standard.cost)
    }

    @Test func `what time is left is made up with hashes of its share of the cost`() {
        for target in [PasswordHash.Parameters.standard, .smallMemory] {
            let usual = Duration.milliseconds(200)
            let whole = total(target.parts(after: .zero, of: usual))
            #expect((0..<Parameters.costGrain).contains(target.cost - whole))
            let rest = total(target.parts(after: .milliseconds(50), of: usual))
            #expect((0..<Parameters.costGrain).contains(target.cost * 3 / 4 - rest))
            #expect(target.parts(after: .milliseconds(199), of: usual).count <= 7)
            for spent in [usual, .milliseconds(201), .seconds(9), .milliseconds(-1)] {
                #expect(target.parts(after: spent, of: usual).isEmpty)
            }
            #expect(target.parts(after: .milliseconds(1), of: .zero).isEmpty)
        }
    }

    @Test func `nothing is missing where a record costs as much or more`() throws {
        #expect(try PasswordRecord.decoy(.standard).remainder(to: .standard).isEmpty)
        #expect(try PasswordRecord.decoy(.standard).remainder(to: .smallMemory).isEmpty)
        let costly = try #require(Parameters(log2N: 17, r: 8, p: 2))
        #expect(try PasswordRecord.decoy(costly).remainder(to: .standard).isEmpty)
    }

    @Test func `parts for every difference stay within their bounds`() throws {
        let targets = [
            Parameters.standard, .smallMemory, Parameters(log2N: 10, r: 1, p: 1),
            Parameters(log2N: 10, r: 32, p: 16), Parameters(log2N: 16, r: 32, p: 2),
            Parameters(log2N: 20, r: 1, p: 4), Parameters(log2N: 13, r: 5, p: 7),
        ]
        var random = SystemRandomNumberGenerator()
        for target in targets.compactMap(\.self) {
            let differences = [0, 1, target.cost - 1, target.cost, target.cost + 1, -5, .min, .max]
            let some = (0..<200).map { _ in Int.random(in: 0...target.cost, using: &random) }
            for missing in differences + some {
                let parts = target.parts(costing: missing)
                let wanted = min(max(missing, 0), target.cost)
                #expect((0..<Parameters.costGrain).contains(wanted - total(parts)))
                #expect(parts.count <= 12)
                for part in parts {
                    #expect(part.memory <= target.memory)
                    #expect(Parameters(log2N: part.log2N, r: part.r, p: part.p) == part)
                }
            }
        }
    }

    /// Of the last block of a key only a part is used, yet it costs as much.
    @Test func `a key of two blocks counts twice`() throws {
        let derivation = try PasswordDerivation.pbkdf2(.sha1, iterations: 30_000)
        #expect(derivation.cost(keySize: 20) == 20_000)
        #expect(derivation.cost(keySize: 21) == 40_000)
        #expect(
            try PasswordDerivation.pbkdf2(.sha512, iterations: 30_000).cost(keySize: 64) == 40_000)
    }
}
