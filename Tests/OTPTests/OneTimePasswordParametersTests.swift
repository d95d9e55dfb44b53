import Crypto
import Fixtures
import OTP
import Testing
import Wire

@Suite struct OneTimePasswordParametersTests {
    @Test func `there are 27 variants, each with one stored text`() {
        let all = OneTimePasswordParameters.all
        let texts = all.map(\.stored)
        #expect(all.count == 27)
        #expect(Set(texts).count == 27)
        #expect(texts.contains("totp-sha1-6-30"))
        #expect(texts.contains("totp-sha512-8-60"))
        #expect(texts.contains("hotp-sha256-7"))
        for one in all {
            #expect(OneTimePasswordParameters(stored: one.stored) == one)
            #expect(one.stored.utf8.count <= OneTimePasswordParameters.storedMax)
        }
        #expect(OneTimePasswordParameters.standard.stored == "totp-sha1-6-30")
    }

    @Test(arguments: [
        "", "totp", "totp-sha1-6", "hotp-sha1-6-30", "TOTP-sha1-6-30", "totp-sha1-5-30",
        "totp-sha1-9-30", "totp-sha1-6-31", "totp-sha1-06-30", "totp-sha1-6-30 ",
        " totp-sha1-6-30", "totp-sha1-6-30\n", "totp-sha224-6-30", "totp-md5-6-30",
        "totp-sha1-6-３0", "hotp-sha1-6-0",
    ])
    func `any other text is none`(text: String) {
        #expect(OneTimePasswordParameters(stored: text) == nil)
    }

    @Test func `a time-based variant accepts now and one step back, each once`() throws {
        for case .totp(let variant) in OneTimePasswordParameters.all {
            for _ in 0..<20 {
                let seed = try OneTimePassword.randomSeed()
                let now = Timestamp(seconds: .random(in: 1_000...4_000_000_000))
                let current = variant.step(at: now)
                let codes = (Int64(-3)...2).map {
                    ($0, variant.code(seed: seed, counter: UInt64(current + $0)))
                }
                // Two steps with one code by chance have a test of their own.
                guard Set(codes.map(\.1.text)).count == codes.count else { continue }
                for (offset, code) in codes {
                    let first = TOTPCheck.decide(
                        code, seed: seed, variant, now: now, lastStep: TOTPCheck.noStep,
                        drift: .none)
                    guard case .accepted(let step, let drift) = first else {
                        #expect(!(-1...0).contains(offset), "\(variant) \(offset)")
                        continue
                    }
                    #expect((-1...0).contains(offset), "\(variant) \(offset)")
                    #expect(step == current + offset)
                    let second = TOTPCheck.decide(
                        code, seed: seed, variant, now: now, lastStep: step, drift: drift)
                    #expect(second == .used)
                }
            }
        }
    }
}

/// oathtool of the OATH Toolkit, where it is installed: the codes of 27 variants, with six random
/// seeds for each and 63 counters or steps in a row from a random one.
@Suite struct OathtoolVariantTests {
    private static let isInstalled =
        (try! ChildProcess.run("sh", ["-c", "command -v oathtool"]).status) == 0

    @Test(.enabled(if: isInstalled, "oathtool is not installed"))
    func `OT1 oathtool gives the same 10,206 codes`() throws {
        var expected: [String] = []
        var script = ""
        for variant in OneTimePasswordParameters.all {
            for _ in 0..<6 {
                let seed = try Random.bytes(Int.random(in: OneTimePassword.seedRange))
                let start = Int64.random(in: 0...4_000_000_000)
                let hotp: HOTP
                let first: Int64
                // oathtool counts with SHA-1 only; a time step of one second is a counter.
                let period: Int
                switch variant {
                case .totp(let password):
                    (hotp, first) = (password.hotp, password.step(at: Timestamp(seconds: start)))
                    period = password.periodSeconds
                case .hotp(let password): (hotp, first, period) = (password, start, 1)
                }
                expected += (first...first + 62).map {
                    hotp.code(seed: seed, counter: UInt64($0)).text
                }
                let isPlain = period == 1 && hotp.algorithm == .sha1
                script +=
                    isPlain
                    ? "oathtool --hotp -c \(first) "
                    : "oathtool --totp=\(hotp.algorithm) -s \(period)s -N @\(start) "
                script += "-w 62 -d \(hotp.digits) \(Base16.encode(seed))\n"
            }
        }
        let outcome = try ChildProcess.run("sh", ["-c", script])
        let given = outcome.output.split(separator: "\n").map(String.init)
        #expect(given.count == 10_206)
        #expect(given == expected)
    }
}
