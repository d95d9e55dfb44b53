import Crypto
import Fixtures
import Foundation
import OTP
import Testing
import Wire

private let seed20 = Array("12345678901234567890".utf8)
private let seed32 = Array("12345678901234567890123456789012".utf8)
private let seed64 = Array("1234567890123456789012345678901234567890123456789012345678901234".utf8)

@Suite struct OneTimePasswordTests {
    @Test func `HOTP gives the ten values of RFC 4226 appendix D`() {
        let values = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ]
        for (counter, value) in values.enumerated() {
            let code = OneTimePassword.standard.code(seed: seed20, counter: UInt64(counter))
            #expect(code.text == value)
        }
    }

    /// RFC 6238 appendix B: seconds, and the codes of SHA-1, SHA-256, SHA-512.
    @Test(arguments: [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ])
    func `TOTP gives the eighteen values of RFC 6238 appendix B`(
        seconds: Int64, sha1: String, sha256: String, sha512: String
    ) throws {
        let rows: [(HMAC.Algorithm, [UInt8], String)] = [
            (.sha1, seed20, sha1), (.sha256, seed32, sha256), (.sha512, seed64, sha512),
        ]
        for (algorithm, seed, code) in rows {
            let password = try #require(
                OneTimePassword(algorithm: algorithm, digits: 8, periodSeconds: 30))
            let step = password.step(at: Timestamp(seconds: seconds))
            #expect(password.code(seed: seed, counter: UInt64(step)).text == code)
        }
    }

    @Test(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
    func `the vector file agrees`() throws {
        let data = try #require(Vectors.data("otp-rfc4226-rfc6238.json"))
        let vectors = try JSONDecoder().decode(VectorFile.self, from: data)
        let hotp = vectors.rfc4226
        let secret = try #require(Base16.decode(hotp.secretHex.utf8))
        #expect(hotp.values.count == 10)
        for (counter, value) in hotp.values.enumerated() {
            let code = OneTimePassword.standard.code(seed: secret, counter: UInt64(counter))
            #expect(code.text == value)
        }
        #expect(vectors.rfc6238.vectors.count == 18)
        for vector in vectors.rfc6238.vectors {
            let algorithm = try #require(
                ["SHA1": HMAC.Algorithm.sha1, "SHA256": .sha256, "SHA512": .sha512][vector.alg])
            let password = try #require(
                OneTimePassword(
                    algorithm: algorithm, digits: vector.digits,
                    periodSeconds: vectors.rfc6238.period))
            let step = password.step(at: Timestamp(seconds: vector.unixTime))
            #expect(step == vector.step)
            let secret = try #require(Base16.decode(vector.secretHex.utf8))
            #expect(password.code(seed: secret, counter: UInt64(step)).text == vector.otp)
        }
    }

    @Test func `steps are rounded down, before 1970 too`() {
        let steps: [(Int64, Int64)] = [(0, 0), (29, 0), (30, 1), (-1, -1), (-30, -1), (-31, -2)]
        for (seconds, step) in steps {
            #expect(OneTimePassword.standard.step(at: Timestamp(seconds: seconds)) == step)
        }
        let late = Timestamp(microseconds: 29_999_999)
        #expect(OneTimePassword.standard.step(at: late) == 0)
        _ = OneTimePassword.standard.step(at: Timestamp(microseconds: .max))
        _ = OneTimePassword.standard.step(at: Timestamp(microseconds: .min))
    }

    @Test(arguments: [(5, 30), (9, 30), (6, 14), (6, 301), (0, 0), (-6, -30)])
    func `parameters outside the bounds do not exist`(digits: Int, period: Int) {
        #expect(
            OneTimePassword(algorithm: .sha1, digits: digits, periodSeconds: period) == nil)
    }

    @Test func `a new seed is 20 random bytes`() throws {
        let seed = try OneTimePassword.randomSeed()
        #expect(seed.count == 20)
        #expect(try OneTimePassword.randomSeed() != seed)
    }
}

@Suite struct OneTimeCodeTests {
    @Test func `O-11 exactly the agreed number of ASCII digits is a code`() throws {
        let code = try #require(OneTimeCode(parsing: "012345", digits: 6))
        #expect(code.text == "012345")
        #expect("\(code)" == "a one-time code")
        let wrong = [
            "", "12345", "1234567", "12345a", " 12345", "12345 ", "+12345", "-12345", "12 345",
            "１２３４５６", "١٢٣٤٥٦", "12345\n", "12345\0", "1e5555", "0x1234",
        ]
        for text in wrong { #expect(OneTimeCode(parsing: text, digits: 6) == nil) }
        #expect(OneTimeCode(parsing: "12345678", digits: 8) != nil)
        #expect(OneTimeCode(parsing: "12345", digits: 5) == nil)
    }

    @Test func `equality is of all digits`() throws {
        let code = try #require(OneTimeCode(parsing: "012345", digits: 6))
        #expect(code.equals(try #require(OneTimeCode(parsing: "012345", digits: 6))))
        #expect(!code.equals(try #require(OneTimeCode(parsing: "012346", digits: 6))))
        #expect(!code.equals(try #require(OneTimeCode(parsing: "0123450", digits: 7))))
    }
}

/// oathtool of the OATH Toolkit, where it is installed.
@Suite struct OathtoolTests {
    private static let isInstalled =
        (try! ChildProcess.run("sh", ["-c", "command -v oathtool"]).status) == 0

    @Test(
        .enabled(if: isInstalled, "oathtool is not installed"), arguments: HMAC.Algorithm.allCases)
    func `oathtool gives the same codes for random seeds and times`(
        algorithm: HMAC.Algorithm
    ) throws {
        let name = ["sha1", "sha256", "sha512"][
            HMAC.Algorithm.allCases.firstIndex(of: algorithm) ?? 0]
        var expected: [String] = []
        var script = ""
        for _ in 0..<120 {
            let digits = Int.random(in: 6...8)
            let period = [30, 60].randomElement() ?? 30
            let seconds = Int64.random(in: 0...4_000_000_000)
            let seed = try Random.bytes(Int.random(in: 16...64))
            let password = try #require(
                OneTimePassword(algorithm: algorithm, digits: digits, periodSeconds: period))
            let step = password.step(at: Timestamp(seconds: seconds))
            expected.append(password.code(seed: seed, counter: UInt64(step)).text)
            script += "oathtool --totp=\(name) -d \(digits) -s \(period)s -N @\(seconds) "
            script += Base16.encode(seed) + "\n"
        }
        let outcome = try ChildProcess.run("sh", ["-c", script])
        #expect(outcome.output.split(separator: "\n").map(String.init) == expected)
    }
}

private struct VectorFile: Decodable {
    struct HOTP: Decodable {
        let secretHex: String
        let values: [String]
    }
    struct TOTP: Decodable {
        struct Vector: Decodable {
            let alg, secretHex, otp: String
            let unixTime, step: Int64
            let digits: Int
        }
        let period: Int
        let vectors: [Vector]
    }
    let rfc4226: HOTP
    let rfc6238: TOTP
}
