import Crypto
import Wire

/// The URI an authenticator app reads from a QR code, in the "Key Uri Format" that all of them
/// follow:
/// ```
/// otpauth://totp/Issuer:account?secret=…&issuer=Issuer&algorithm=SHA1&digits=6&period=30
/// otpauth://hotp/Issuer:account?secret=…&issuer=Issuer&algorithm=SHA1&digits=6&counter=0
/// ```
package struct OTPAuthURI: Sendable {
    /// Both are shown by the app. A colon, which separates the two and may stand in neither,
    /// becomes a blank.
    package let issuer: String?
    package let account: String
    package let seed: SecretBytes
    package let parameters: OneTimePasswordParameters
    /// The counter of the next code; 0 where codes come from the time.
    package let nextCounter: Int64

    package init(
        issuer: String?, account: String, seed: SecretBytes,
        _ parameters: OneTimePasswordParameters = .standard, nextCounter: Int64 = 0
    ) {
        self.issuer = issuer
        self.account = account
        self.seed = seed
        self.parameters = parameters
        self.nextCounter = nextCounter
    }

    /// The URI itself. It holds the seed.
    package var text: String {
        let issuer = issuer.map(Self.encoded)
        let label = (issuer.map { $0 + ":" } ?? "") + Self.encoded(account)
        let (type, moving) =
            switch parameters {
            case .totp(let password): ("totp", "period=\(password.periodSeconds)")
            case .hotp: ("hotp", "counter=\(nextCounter)")
            }
        return "otpauth://\(type)/\(label)?secret=\(Self.setupKey(seed))"
            + (issuer.map { "&issuer=" + $0 } ?? "")
            + "&algorithm=\(parameters.algorithm.nameInURI)&digits=\(parameters.digits)&\(moving)"
    }

    package static func text(
        issuer: String, account: String, seed: SecretBytes,
        _ parameters: OneTimePassword = .standard
    ) -> String {
        OTPAuthURI(issuer: issuer, account: account, seed: seed, .totp(parameters)).text
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

extension OTPAuthURI: CustomStringConvertible, CustomReflectable {
    package var description: String { "an otpauth URI" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
