import Fixtures
import Foundation
import Testing
import Wire

@testable import Crypto

/// Project Wycheproof (C2SP), through our wrappers. Each suite states how many tests it must have
/// met, so that a file that is cut short or misread does not pass.
@Suite(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
struct WycheproofTests {
    /// libcrypto refuses nonces of more than 128 bytes; Wycheproof holds them for valid. We use
    /// 12 bytes only. One for each key size.
    private let noncesTooLong = 3

    @Test func `AES-GCM decides 316 tests as expected, but for three long nonces`() throws {
        let tally = try run("aes_gcm") { _, test in
            let sealed = test.bytes("ct") + test.bytes("tag")
            let nonce = test.bytes("iv")
            let isRight: Bool
            do {
                let opened = try AEAD.decrypt(
                    sealed, key: test.bytes("key"), nonce: nonce, associated: test.bytes("aad"))
                isRight = opened.revealed() == test.bytes("msg")
            } catch {
                isRight = false
            }
            if test.isValid, isRight {
                let again = try AEAD.encrypt(
                    test.bytes("msg"), key: test.bytes("key"), nonce: nonce,
                    associated: test.bytes("aad"))
                #expect(again == sealed)
            }
            if test.isValid, !isRight { #expect(nonce.count > 128) }
            return isRight
        }
        #expect(tally.tests == 316)
        #expect(tally.accepted == 229 - noncesTooLong)
        #expect(tally.refusedThoughValid == noncesTooLong)
    }

    @Test(arguments: [
        ("ecdsa_secp256r1_sha256", PublicKey.Curve.p256, 484, 174),
        ("ecdsa_secp384r1_sha384", .p384, 504, 194), ("ecdsa_secp521r1_sha512", .p521, 542, 232),
    ])
    func `ECDSA decides every test as expected`(
        file: String, curve: PublicKey.Curve, tests: Int, valid: Int
    ) throws {
        let tally = try run(file) { group, test in
            let point = hex(group.text("publicKey", "uncompressed"))
            let key = try PublicKey(curve, uncompressedPoint: point)
            return key.verifies(test.bytes("sig"), of: test.bytes("msg"))
        }
        #expect(tally == Tally(tests: tests, accepted: valid))
    }

    @Test func `Ed25519 decides every test as expected`() throws {
        let tally = try run("ed25519") { group, test in
            let key = try PublicKey(ed25519: hex(group.text("publicKey", "pk")))
            return key.verifies(test.bytes("sig"), of: test.bytes("msg"))
        }
        #expect(tally == Tally(tests: 151, accepted: 88))
    }

    /// The one "acceptable" test, a missing NULL in the padding, is refused.
    @Test func `RS256 decides every test as expected`() throws {
        let tally = try run("rsa_signature_2048_sha256") { group, test in
            let key = try PublicKey(
                rsaModulus: hex(group.text("publicKey", "modulus")),
                exponent: hex(group.text("publicKey", "publicExponent")))
            return key.verifies(test.bytes("sig"), of: test.bytes("msg"))
        }
        #expect(tally == Tally(tests: 259, accepted: 9))
    }

    @Test(arguments: [
        ("hmac_sha1", HMAC.Algorithm.sha1, 170), ("hmac_sha256", .sha256, 174),
        ("hmac_sha512", .sha512, 174),
    ])
    func `HMAC decides every test as expected`(
        file: String, algorithm: HMAC.Algorithm, tests: Int
    ) throws {
        let tally = try run(file) { _, test in
            let tag = HMAC.authenticate(
                algorithm, key: test.bytes("key"), message: test.bytes("msg"))
            // Half of the groups have their tags cut to half.
            let expected = test.bytes("tag")
            return constantTimeEquals(tag.prefix(expected.count), expected)
        }
        #expect(tally == Tally(tests: tests, accepted: 66))
    }

    @Test func `HKDF decides every test as expected`() throws {
        let tally = try run("hkdf_sha256") { _, test in
            do {
                let key = try HKDF.derive(
                    .sha256, secret: test.bytes("ikm"), salt: test.bytes("salt"),
                    info: test.bytes("info"), count: test.number("size"))
                return key.revealed() == test.bytes("okm")
            } catch {
                return false
            }
        }
        #expect(tally == Tally(tests: 86, accepted: 83))
    }

    @Test func `PBKDF2 gives every key as expected`() throws {
        let tally = try run("pbkdf2_hmacsha256") { _, test in
            let key = try PBKDF2.derive(
                test.bytes("password"), salt: test.bytes("salt"), .sha256,
                iterations: test.number("iterationCount"), count: test.number("dkLen"))
            return key.revealed() == test.bytes("dk")
        }
        #expect(tally == Tally(tests: 60, accepted: 60))
    }

    /// Runs a file's tests; `decide` says whether the input is accepted. What is invalid must
    /// never be.
    private func run(
        _ file: String, _ decide: (Entry, Entry) throws -> Bool
    ) throws -> Tally {
        let data = try #require(Vectors.data("wycheproof/\(file)_test.json"))
        let top = Entry(try JSONSerialization.jsonObject(with: data))
        var tally = Tally(tests: 0, accepted: 0)
        for group in top.list("testGroups") {
            for test in group.list("tests") {
                let isAccepted = try decide(group, test)
                tally.tests += 1
                if isAccepted { tally.accepted += 1 }
                if test.isValid, !isAccepted { tally.refusedThoughValid += 1 }
                if isAccepted, !test.isValid {
                    Issue.record("\(file) \(test.number("tcId")) is \(test.text("result"))")
                }
            }
        }
        return tally
    }
}

private struct Tally: Equatable {
    var tests: Int
    var accepted: Int
    var refusedThoughValid = 0
}

/// An object of a vector file.
private struct Entry {
    private let fields: [String: Any]

    init(_ value: Any?) { fields = value as? [String: Any] ?? [:] }

    var isValid: Bool { text("result") == "valid" }

    func text(_ name: String) -> String { fields[name] as? String ?? "" }
    func text(_ outer: String, _ inner: String) -> String { Entry(fields[outer]).text(inner) }
    func bytes(_ name: String) -> [UInt8] { hex(text(name)) }
    func number(_ name: String) -> Int { fields[name] as? Int ?? -1 }
    func list(_ name: String) -> [Entry] { (fields[name] as? [Any] ?? []).map(Entry.init) }
}
