import Crypto
import Wire

/// The URI an authenticator app reads from a QR code, in the "Key Uri Format" that all of them
/// follow:
/// ```
/// otpauth://totp/Issuer:account?secret=…&issuer=Issuer&algorithm=SHA1&digits=6&period=30
/// ```
package enum OTPAuthURI {
    /// `issuer` and `account` are shown by the app. A colon, which separates the two and may
    /// stand in neither, becomes a blank.
    package static func text(
        issuer: String, account: String, seed: SecretBytes,
        _ parameters: OneTimePassword = .standard
    ) -> String {
        let issuer = encoded(issuer)
        return "otpauth://totp/\(issuer):\(encoded(account))"
            + "?secret=\(setupKey(seed))&issuer=\(issuer)"
            + "&algorithm=\(parameters.algorithm.nameInURI)&digits=\(parameters.digits)"
            + "&period=\(parameters.periodSeconds)"
    }

    /// The seed as people type it: base32, upper case, no padding.
    package static func setupKey(_ seed: SecretBytes) -> String {
        seed.withBytes { Base32.encode($0) }
    }

    /// Percent-encoded but for the unreserved characters (RFC 3986 §2.3).
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                output.append(byte)
            case UInt8(ascii: ":"):
                output += Array("%20".utf8)
            default:
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

extension HMAC.Algorithm {
    fileprivate var nameInURI: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        }
    }
}
