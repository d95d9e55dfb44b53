import Crypto
import OTP
import Testing

@Suite struct OTPAuthURITests {
    private let seed = SecretBytes(copying: Array("12345678901234567890".utf8))

    @Test func `it is what authenticator apps read`() {
        #expect(
            OTPAuthURI.text(issuer: "Dubbelslot", account: "alice@example.org", seed: seed)
                == "otpauth://totp/Dubbelslot:alice%40example.org"
                + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Dubbelslot"
                + "&algorithm=SHA1&digits=6&period=30")
    }

    @Test func `names can hold anything but a colon`() {
        let text = OTPAuthURI.text(issuer: "A&B: C/D?", account: "é 密\r\n=#", seed: seed)
        #expect(
            text.hasPrefix(
                "otpauth://totp/A%26B%20%20C%2FD%3F:%C3%A9%20%E5%AF%86%0D%0A%3D%23?secret="))
        #expect(text.contains("&issuer=A%26B%20%20C%2FD%3F&"))
    }

    @Test func `other parameters are said`() throws {
        let password = try #require(
            OneTimePassword(algorithm: .sha256, digits: 8, periodSeconds: 60))
        let text = OTPAuthURI.text(issuer: "a", account: "b", seed: seed, password)
        #expect(text.hasSuffix("&algorithm=SHA256&digits=8&period=60"))
    }

    @Test func `the setup key is the seed in base32`() {
        #expect(OTPAuthURI.setupKey(seed) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    }
}
