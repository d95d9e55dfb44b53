import Testing
import Wire

@testable import Crypto

@Suite struct AEADTests {
    private let key = SecretBytes(copying: [UInt8](repeating: 7, count: 32))
    private let plaintext = Array("a seed".utf8)
    private let associated = Array("its place".utf8)

    @Test func `what was sealed opens`() throws {
        let sealed = try AEAD.seal(plaintext, under: key, binding: associated)
        #expect(sealed.count == plaintext.count + AEAD.overhead)
        #expect(try AEAD.open(sealed, under: key, binding: associated).revealed() == plaintext)
    }

    @Test func `nothing can be sealed, and opens to nothing`() throws {
        let empty: [UInt8] = []
        let sealed = try AEAD.seal(empty, under: key, binding: empty)
        #expect(sealed.count == 28)
        #expect(try AEAD.open(sealed, under: key, binding: empty).count == 0)
    }

    @Test func `sealing twice gives two values`() throws {
        let first = try AEAD.seal(plaintext, under: key, binding: associated)
        #expect(try AEAD.seal(plaintext, under: key, binding: associated) != first)
    }

    @Test func `a change of any bit is refused`() throws {
        let sealed = try AEAD.seal(plaintext, under: key, binding: associated)
        for bit in 0..<(sealed.count * 8) {
            var changed = sealed
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: CryptoFault.inauthentic) {
                try AEAD.open(changed, under: key, binding: associated)
            }
        }
    }

    /// libcrypto takes a tag of one byte when told so; a value cut short must not tell it.
    @Test func `every truncation is refused`() throws {
        let sealed = try AEAD.seal(plaintext, under: key, binding: associated)
        for count in 0..<sealed.count {
            #expect(throws: CryptoFault.self) {
                try AEAD.open(sealed.prefix(count), under: key, binding: associated)
            }
        }
    }

    @Test func `another key and other associated data are refused`() throws {
        let sealed = try AEAD.seal(plaintext, under: key, binding: associated)
        let other = SecretBytes(copying: [UInt8](repeating: 8, count: 32))
        #expect(throws: CryptoFault.inauthentic) {
            try AEAD.open(sealed, under: other, binding: associated)
        }
        #expect(throws: CryptoFault.inauthentic) {
            try AEAD.open(sealed, under: key, binding: associated + [0])
        }
    }

    @Test(arguments: [0, 16, 24, 31, 33])
    func `only keys of 256 bits seal and open`(count: Int) {
        let short = SecretBytes(copying: [UInt8](repeating: 7, count: count))
        #expect(throws: CryptoFault.outOfBounds(what: "a key's size")) {
            try AEAD.seal(plaintext, under: short, binding: associated)
        }
        #expect(throws: CryptoFault.outOfBounds(what: "a key's size")) {
            try AEAD.open([UInt8](repeating: 0, count: 40), under: short, binding: associated)
        }
    }

    @Test func `a refusal leaves nothing in libcrypto's error queue`() throws {
        let sealed = try AEAD.seal(plaintext, under: key, binding: associated)
        _ = Result { try AEAD.open(sealed, under: key, binding: plaintext) }
        _ = Result {
            try AEAD.encrypt(plaintext, key: key, nonce: [] as [UInt8], associated: associated)
        }
        #expect(
            Libcrypto.fault("looking") == .library(operation: "looking", detail: ""))
    }
}
