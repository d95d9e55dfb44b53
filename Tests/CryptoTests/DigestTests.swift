import Crypto
import Testing
import Wire

@Suite struct DigestTests {
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ])
    func `SHA-1 gives the values of FIPS 180-4`(text: String, digest: String) {
        #expect(Base16.encode(Digest.sha1(Array(text.utf8))) == digest)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ])
    func `SHA-256 gives the values of FIPS 180-4`(text: String, digest: String) {
        #expect(Base16.encode(Digest.sha256(Array(text.utf8))) == digest)
    }

    @Test func `SHA-512 gives the value of FIPS 180-4`() {
        #expect(
            Base16.encode(Digest.sha512(Array("abc".utf8)))
                == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
    }

    @Test func `every kind of bytes has the same digest`() {
        let array = Array("abc".utf8)
        let expected = Digest.sha256(array)
        #expect(Digest.sha256(array[...]) == expected)
        #expect(Digest.sha256(Bytes(array)) == expected)
        #expect(Digest.sha256(SecretBytes(copying: array)) == expected)
        #expect(array.withUnsafeBytes { Digest.sha256($0) } == expected)
    }

    @Test func `the library has every algorithm we use`() throws {
        try Libcrypto.check()
    }
}

@Suite struct HMACTests {
    /// RFC 2202 and RFC 4231, case 2; the empty key is libcrypto's null pointer trap.
    @Test(arguments: [
        (HMAC.Algorithm.sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (.sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            .sha512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
    ])
    func `the tag is that of the RFC`(algorithm: HMAC.Algorithm, tag: String) {
        let found = HMAC.authenticate(
            algorithm, key: Array("Jefe".utf8),
            message: Array("what do ya want for nothing?".utf8))
        #expect(Base16.encode(found) == tag)
    }

    @Test(arguments: [
        (HMAC.Algorithm.sha1, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d"),
        (.sha256, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func `empty key and empty message have a tag`(algorithm: HMAC.Algorithm, tag: String) {
        let empty: [UInt8] = []
        #expect(Base16.encode(HMAC.authenticate(algorithm, key: empty, message: empty)) == tag)
    }
}

@Suite struct HKDFTests {
    @Test func `the key is that of RFC 5869 A1`() throws {
        let key = try HKDF.derive(
            .sha256, secret: [UInt8](repeating: 0x0b, count: 22),
            salt: hex("000102030405060708090a0b0c"), info: hex("f0f1f2f3f4f5f6f7f8f9"), count: 42)
        #expect(
            Base16.encode(key.revealed())
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
                + "34007208d5b887185865")
    }

    @Test func `the key is that of RFC 5869 A3, without salt and info`() throws {
        let empty: [UInt8] = []
        let key = try HKDF.derive(
            .sha256, secret: [UInt8](repeating: 0x0b, count: 22), salt: empty, info: empty,
            count: 42)
        #expect(
            Base16.encode(key.revealed())
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                + "9d201395faa4b61a96c8")
    }

    @Test(arguments: [0, -1, 255 * 32 + 1])
    func `a length outside the RFC is refused`(count: Int) {
        let some: [UInt8] = [1]
        #expect(throws: CryptoFault.self) {
            try HKDF.derive(.sha256, secret: some, salt: some, info: some, count: count)
        }
    }
}
