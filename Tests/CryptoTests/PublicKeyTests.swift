import Testing

@testable import Crypto

@Suite struct PublicKeyTests {
    /// The base point of P-256 (FIPS 186-4 D.1.2.3).
    private let x = hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
    private let y = hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")

    @Test func `a whole point on its curve is a key`() throws {
        let key = try PublicKey(.p256, uncompressedPoint: [4] + x + y)
        #expect(key.algorithm == .es256)
        #expect(!key.verifies([] as [UInt8], of: [] as [UInt8]))
    }

    @Test func `every other form of a point is refused`() {
        let zero = [UInt8](repeating: 0, count: 32)
        let prime = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
        var off = y
        off[31] ^= 1
        let points: [[UInt8]] = [
            [], [0], [0] + x + y, [3] + x, [2] + x, [6] + x + y, [7] + x + y, [4] + x,
            [4] + x + y + [0], [4] + x + off, [4] + y + x, [4] + zero + zero, [4] + prime + y,
            [4] + x + prime, [0] + zero + zero,
        ]
        for point in points {
            #expect(throws: CryptoFault.self) { try PublicKey(.p256, uncompressedPoint: point) }
        }
        #expect(throws: CryptoFault.self) {
            try PublicKey(.p384, uncompressedPoint: [4] + x + y)
        }
    }

    @Test func `refused keys and signatures leave nothing in libcrypto's error queue`() throws {
        let key = try PublicKey(.p256, uncompressedPoint: [4] + x + y)
        #expect(!key.verifies([0x30, 0x06, 1, 2, 3] as [UInt8], of: x))
        _ = Result { try PublicKey(.p256, uncompressedPoint: [4] + x + x) }
        _ = Result { try PublicKey(ed25519: [] as [UInt8]) }
        _ = Result { try PublicKey(rsaModulus: x, exponent: y) }
        #expect(Libcrypto.fault("looking") == .library(operation: "looking", detail: ""))
    }

    @Test func `an Ed25519 key has 32 bytes`() throws {
        _ = try PublicKey(ed25519: x)
        for count in [0, 31, 33, 57] {
            #expect(throws: CryptoFault.self) {
                try PublicKey(ed25519: [UInt8](repeating: 1, count: count))
            }
        }
    }

    @Test func `X-06 an RSA key is of a sound size`() throws {
        let f4: [UInt8] = [1, 0, 1]
        // Leading zeros change nothing.
        for zeros in [[], [0, 0]] as [[UInt8]] {
            let key = try PublicKey(rsaModulus: zeros + Self.modulus, exponent: zeros + f4)
            #expect(key.algorithm == .rs256)
        }
        let moduli: [[UInt8]] = [
            [], [0], [1], Self.modulus.suffix(128), Self.modulus.dropLast() + [0],
            Self.modulus + Self.modulus, [UInt8](repeating: 0xff, count: 70_000),
        ].map(Array.init)
        for modulus in moduli {
            #expect(throws: CryptoFault.self) { try PublicKey(rsaModulus: modulus, exponent: f4) }
        }
        let exponents: [[UInt8]] = [[], [0], [1], [2], [4], [1, 0, 0, 0, 1]]
        for exponent in exponents {
            #expect(throws: CryptoFault.self) {
                try PublicKey(rsaModulus: Self.modulus, exponent: exponent)
            }
        }
    }

    /// Of 3072 bits; its key was thrown away.
    private static let modulus = hex(
        "98ee3197fb20ba0a01fa7d6653372147d3bb56d44dce65337131ab588d853f4cfa32fed887679ed2"
            + "5ca9342befffd9b1b053777b10dc86271327b2e0d111367f236c6829511ab931508ff58551c2beb1"
            + "d74d14ada5ea3aa701b935354966b9d4cee904dc1f3368a0e304300af678beaf6d5c8775f539d53b"
            + "10a9fb76898ec3122560d88eb634f89277702a632ad4469185bf63d615aac4782a42ed0d6e979e9a"
            + "097dc6b8077b8a18981cff94fa62176c7f617d842e7adfecbc05f273da0c53808d10a290549b9bb3"
            + "dd3151ae66033a5354fbc87d1605aed511a8828720e7d505bbb6fe748a8623d892593c87ae63bd55"
            + "a9ab1179712d9843278d658991b96e60f349c7712e99e6b4d1d5e7e2a39abc053e785b3de91c8b94"
            + "9cacd1de208782a2a40bba7cb79a9b4c5cd305d5af02ec00ddeae275ae34823b5a4e781973c5d8ec"
            + "d0e178da629be952ff871a38bbcd0c936767b23f407a42ff7993545d507683646a1181d44169466d"
            + "04ce57c0a017f7d96c5c13d9ac7e6de8f4a06d1db07957f1")
}
