import Testing
import Wire

@testable import WebAuthn

@Suite struct PasskeyRecordTests {
    @Test(arguments: [SigningKey.credential, .p384, .edwards, .rsa])
    func `a record reads back as what was written`(key: SigningKey) throws {
        for (flags, kind) in zip(
            [[], [.userVerified], [.backupEligible], [.userVerified, .backupEligible, .backedUp]]
                as [PasskeyRecord.Flags], AttestationKind.allCases)
        {
            let record = try record(key, flags, kind)
            let again = try #require(PasskeyRecord(decoding: record.encoded))
            #expect(again == record)
            #expect(again.encoded == record.encoded)
        }
    }

    @Test func `the form stays as it is`() throws {
        let record = try record(.edwards, [.backupEligible], .packedSelf)
        let text = Base16.encode(record.encoded)
        let key = Base16.encode(record.keyBytes)
        #expect(
            text == "010202" + "01020304" + "fffffff8" + "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
                + "0003" + "010203" + "002a" + key + "02" + "036e6663" + "03757362")
    }

    @Test func `the longest record is within the bounds`() throws {
        let modulus = [0x80] + [UInt8](repeating: 1, count: 511)
        let item = CBOR.map([
            .init(.integer(1), .integer(3)), .init(.integer(3), .integer(-257)),
            .init(.integer(-1), .bytes(modulus)), .init(.integer(-2), .bytes([1, 0, 0, 1])),
        ])
        let record = PasskeyRecord(
            id: try #require(CredentialID([UInt8](repeating: 1, count: 1023))),
            key: try COSEKey(item), keyBytes: item.encoded, counter: .max,
            aaguid: [UInt8](repeating: 0, count: 16), flags: [], attestation: .none,
            transports: (0..<8).map { "\($0)" + String(repeating: "a", count: 31) })
        #expect(record.encoded.count <= PasskeyRecord.bytesMax)
        #expect(PasskeyRecord(decoding: record.encoded) == record)
    }

    @Test func `every other form is refused`() throws {
        let good = try record(.credential, [.userVerified], .none).encoded
        #expect(PasskeyRecord(decoding: good) != nil)
        for count in good.indices {
            #expect(PasskeyRecord(decoding: Array(good.prefix(count))) == nil)
        }
        #expect(PasskeyRecord(decoding: good + [0]) == nil)
        let changes: [(String, Int, UInt8)] = [
            ("version 0", 0, 0), ("version 2", 0, 2), ("an unknown flag", 1, 8),
            ("backed up though not eligible", 1, 4), ("attestation 0", 2, 0),
            ("attestation 5", 2, 5), ("another algorithm than the key's", 10, 0xf8),
            ("no id", 28, 0), ("a longer id", 28, 4), ("the key's type", 36, 3),
            ("the transports in another order", good.count - 1, UInt8(ascii: "a")),
        ]
        for (what, index, value) in changes {
            var bytes = good
            bytes[index] = value
            // Where the last one is unordered, its first letter is.
            if index == good.count - 1 { bytes[index - 2] = UInt8(ascii: "a") }
            #expect(PasskeyRecord(decoding: bytes) == nil, "\(what)")
        }
    }

    @Test func `no single octet changed makes the same record`() throws {
        let record = try record(.credential, [.userVerified], .none)
        for index in record.encoded.indices {
            for mask: UInt8 in [1, 0x80, 0xff] {
                var bytes = record.encoded
                bytes[index] ^= mask
                #expect(PasskeyRecord(decoding: bytes) != record)
            }
        }
    }

    private func record(
        _ key: SigningKey, _ flags: PasskeyRecord.Flags, _ kind: AttestationKind
    ) throws -> PasskeyRecord {
        let item = CBOR.map(key.cose)
        return PasskeyRecord(
            id: try #require(CredentialID([1, 2, 3])), key: try COSEKey(item),
            keyBytes: item.encoded, counter: 0x0102_0304, aaguid: RegistrationScene.aaguid,
            flags: flags, attestation: kind, transports: ["nfc", "usb"])
    }
}
