import Crypto
import Wire

extension SigningKey {
    /// PKCS #8 in PEM around a seed of 32 bytes (RFC 8410 §7).
    package static func text(seed: [UInt8]) -> String {
        let head: [UInt8] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ]
        return """
            -----BEGIN PRIVATE KEY-----
            \(Base64.encode(head + seed))
            -----END PRIVATE KEY-----

            """
    }

    /// The key of RFC 8037 appendix A.1; of RFC 8032 §7.1, test 1.
    package static var exampleText: String {
        text(seed: Base64URL.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".utf8) ?? [])
    }
}
