import Crypto
import Testing
import Wire

private enum Row: IdentifierKind { static let noun = "row" }
private enum User: IdentifierKind { static let noun = "user" }

private func key(_ byte: UInt8) -> String {
    Base64.encode([UInt8](repeating: byte, count: 32))
}

private func ring(_ text: String) throws -> KeyRing {
    try KeyRing(parsing: Array(text.utf8))
}

private func fault(_ text: String) -> KeyRingFault? {
    do {
        _ = try KeyRing(parsing: Array(text.utf8))
        return nil
    } catch {
        return error
    }
}

@Suite struct KeyRingTests {
    private let row = Identifier<Row>(high: 1, low: 2)
    private let user = Identifier<User>(high: 3, low: 4)
    private let secret = Array("twenty bytes of seed".utf8)
    private var home: SealedPlace {
        SealedPlace(table: "authenticators", column: "sealed", row: row, user: user)
    }

    @Test func `what was sealed opens in its place`() throws {
        let keys = try ring("k1 \(key(1))")
        let sealed = try keys.seal(secret, for: home)
        #expect(try keys.open(sealed, for: home).revealed() == secret)
        #expect(try KeyRing.keyName(of: sealed) == "k1")
        #expect(sealed.array.starts(with: KeyRing.head("k1")))
        #expect(try keys.seal(secret, for: home) != sealed)
    }

    @Test func `a value moved to another place is refused`() throws {
        let keys = try ring("k1 \(key(1))")
        let sealed = try keys.seal(secret, for: home)
        let otherRow = Identifier<Row>(high: 1, low: 3)
        let otherUser = Identifier<User>(high: 3, low: 5)
        let elsewhere = [
            SealedPlace(table: "bindings", column: "sealed", row: row, user: user),
            SealedPlace(table: "authenticators", column: "record", row: row, user: user),
            SealedPlace(table: "authenticators", column: "sealed", row: otherRow, user: user),
            SealedPlace(table: "authenticators", column: "sealed", row: row, user: otherUser),
            SealedPlace(table: "authenticators", column: "sealed", row: "\(row)"),
            // The border between table and column is part of what is bound.
            SealedPlace(table: "authenticatorss", column: "ealed", row: row, user: user),
        ]
        for place in elsewhere {
            #expect(throws: CryptoFault.inauthentic) { try keys.open(sealed, for: place) }
        }
    }

    @Test func `a value of no user opens by its row`() throws {
        let keys = try ring("k1 \(key(1))")
        let place = SealedPlace(table: "verifiers", column: "settings", row: "v_sms")
        let sealed = try keys.seal(secret, for: place)
        #expect(try keys.open(sealed, for: place).revealed() == secret)
        #expect(throws: CryptoFault.inauthentic) {
            try keys.open(
                sealed, for: SealedPlace(table: "verifiers", column: "settings", row: "v"))
        }
    }

    @Test func `every change of a byte and every truncation is refused`() throws {
        let keys = try ring("k1 \(key(1))\nk2 \(key(2))")
        let sealed = try keys.seal(secret, for: home)
        for index in sealed.array.indices {
            var changed = sealed
            changed.array[index] ^= 1
            #expect(throws: CryptoFault.self) { try keys.open(changed, for: home) }
            let cut = Bytes(sealed.array.prefix(index))
            #expect(throws: CryptoFault.self) { try keys.open(cut, for: home) }
        }
        #expect(throws: CryptoFault.self) {
            try keys.open(Bytes(sealed.array + [0]), for: home)
        }
    }

    @Test func `a value renamed to another key of the ring is refused`() throws {
        let keys = try ring("k1 \(key(1))\nk2 \(key(2))")
        var sealed = try keys.seal(secret, for: home)
        #expect(sealed.array[3] == UInt8(ascii: "2"))
        sealed.array[3] = UInt8(ascii: "1")
        #expect(throws: CryptoFault.inauthentic) { try keys.open(sealed, for: home) }
    }

    /// One key under two names, each in its own ring: the name is bound too.
    @Test func `the name is bound even when the key is the same`() throws {
        var sealed = try ring("k1 \(key(1))").seal(secret, for: home)
        sealed.array[3] = UInt8(ascii: "2")
        let renamed = try ring("k2 \(key(1))")
        #expect(throws: CryptoFault.inauthentic) { try renamed.open(sealed, for: home) }
    }

    @Test func `an unknown version is refused`() throws {
        let keys = try ring("k1 \(key(1))")
        var sealed = try keys.seal(secret, for: home)
        sealed.array[0] = 2
        #expect(throws: CryptoFault.malformed) { try keys.open(sealed, for: home) }
    }

    @Test func `after rotation old values open and are outdated`() throws {
        let before = try ring("k1 \(key(1))")
        let old = try before.seal(secret, for: home)
        let after = try ring("k1 \(key(1))\nk2 \(key(2))")
        #expect(after.primaryName == "k2")
        #expect(try after.open(old, for: home).revealed() == secret)
        #expect(try after.isOutdated(old))
        #expect(try !after.isOutdated(after.seal(secret, for: home)))
        let retired = try ring("k2 \(key(2))")
        #expect(throws: CryptoFault.keyUnknown(name: "k1")) { try retired.open(old, for: home) }
    }

    @Test(arguments: [
        [], [1], [1, 0], [1, 255], [1, 2, 0xff, 0xfe] + [UInt8](repeating: 0, count: 60),
    ])
    func `what is no sealed value is malformed`(bytes: [UInt8]) throws {
        let keys = try ring("k1 \(key(1))")
        #expect(throws: CryptoFault.self) { try keys.open(Bytes(bytes), for: home) }
    }
}

@Suite struct KeyRingFileTests {
    @Test func `comments, blank lines and carriage returns stand between keys`() throws {
        let keys = try ring("# ring\r\n\r\n  old\t\(key(1))  \r\n#\nnew \(key(2))\n")
        #expect(keys.names == ["old", "new"])
        #expect(keys.primaryName == "new")
    }

    @Test func `the marked key seals, wherever it stands`() throws {
        let keys = try ring("a \(key(1)) primary\nb \(key(2))")
        #expect(keys.primaryName == "a")
    }

    @Test func `a generated file is one`() throws {
        let text = try #require(try KeyRing.generate(name: "2026-01"))
        #expect(try ring(text).names == ["2026-01"])
        #expect(try KeyRing.generate(name: "2026-01") != text)
        #expect(try KeyRing.generate(name: "not a name") == nil)
        #expect(try KeyRing.generate(name: "") == nil)
    }

    @Test func `refusals say what and where`() {
        let short = Base64.encode([UInt8](repeating: 1, count: 31))
        #expect(fault("") == .empty)
        #expect(fault("# only a comment\n") == .empty)
        #expect(fault("k1") == .line(1))
        #expect(fault("\nk1 \(key(1)) second") == .line(2))
        #expect(fault("K1 \(key(1))") == .name(line: 1))
        #expect(fault("\(String(repeating: "k", count: 33)) \(key(1))") == .name(line: 1))
        #expect(fault("k1 \(short)") == .key(name: "k1"))
        #expect(fault("k1 \(key(1).dropLast())") == .key(name: "k1"))
        #expect(fault("k1 \(key(1))\nk1 \(key(2))") == .duplicateName("k1"))
        #expect(fault("k1 \(key(1))\nk2 \(key(1))") == .duplicateKey(name: "k2"))
        #expect(fault("a \(key(1)) primary\nb \(key(2)) primary") == .severalPrimaries)
        #expect(fault("k1 \(key(1))\0") == .notText)
        #expect(fault("# é") == .notText)
    }

    @Test func `the file is bounded at its size and its number of keys`() {
        let padding = String(repeating: "#", count: KeyRing.fileMax - key(1).count - 4)
        #expect(fault("k1 \(key(1))\n\(padding)") == nil)
        #expect(fault("k1 \(key(1))\n#\(padding)") == .tooLarge)
        let lines = (0...KeyRing.keysMax).map { "k\($0) \(key(UInt8($0)))" }
        #expect(fault(lines.dropLast().joined(separator: "\n")) == nil)
        #expect(fault(lines.joined(separator: "\n")) == .tooLarge)
    }
}

@Suite struct KeyedDigestTests {
    private let owner = Identifier<User>(high: 3, low: 4)

    /// Made by Python's `hmac` from the definition: HKDF without salt, then HMAC-SHA-256 of
    /// length · purpose · length · owner · secret.
    @Test func `a digest is what it is said to be`() throws {
        let digest = try ring("k1 \(key(1))").digest(
            Array("secret".utf8), purpose: "test", owner: owner)
        #expect(digest.keyName == "k1")
        #expect(
            Base16.encode(digest.bytes)
                == "ee39a3b946a64bd819868f8a253c45f43e10b86cc6390473c6a13d432b7dbc47")
    }

    @Test func `key, purpose, owner and secret all count`() throws {
        let keys = try ring("k1 \(key(1)) primary\nk2 \(key(2))")
        let secret = Array("secret".utf8)
        let digest = try keys.digest(secret, purpose: "test", owner: owner)
        let other = Identifier<User>(high: 3, low: 5)
        let others = [
            try keys.digest(secret, purpose: "test", owner: owner, under: "k2"),
            try keys.digest(secret, purpose: "tests", owner: owner),
            try keys.digest(secret, purpose: "test", owner: other),
            try keys.digest(Array("secrets".utf8), purpose: "test", owner: owner),
        ]
        for one in others { #expect(one.bytes != digest.bytes) }
        #expect(throws: CryptoFault.keyUnknown(name: "k3")) {
            try keys.digest(secret, purpose: "test", owner: owner, under: "k3")
        }
    }
}
