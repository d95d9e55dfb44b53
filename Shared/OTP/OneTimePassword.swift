import Crypto
import Wire

/// One-time passwords from a counter (HOTP, RFC 4226) or from the time (TOTP, RFC 6238), with the
/// parameters that user and server agreed on.
package struct OneTimePassword: Sendable, Equatable {
    package let algorithm: HMAC.Algorithm
    package let digits: Int
    package let periodSeconds: Int

    package static let digitsRange = 6...8
    package static let periodRange = 15...300
    /// Bytes of a new seed (RFC 4226 §4 R6).
    package static let seedSize = 20

    /// What every authenticator app does: SHA-1, 6 digits, 30 seconds.
    package static let standard = OneTimePassword(checked: .sha1, 6, 30)

    package init?(algorithm: HMAC.Algorithm, digits: Int, periodSeconds: Int) {
        guard Self.digitsRange.contains(digits), Self.periodRange.contains(periodSeconds) else {
            return nil
        }
        self.init(checked: algorithm, digits, periodSeconds)
    }

    private init(checked algorithm: HMAC.Algorithm, _ digits: Int, _ periodSeconds: Int) {
        self.algorithm = algorithm
        self.digits = digits
        self.periodSeconds = periodSeconds
    }

    package static func randomSeed() throws(CryptoFault) -> SecretBytes {
        try .random(count: seedSize)
    }

    /// The time step that `time` falls in (RFC 6238 §4.2), rounded down.
    package func step(at time: Timestamp) -> Int64 {
        let seconds = time.seconds
        let period = Int64(periodSeconds)
        return seconds >= 0 ? seconds / period : (seconds - period + 1) / period
    }

    /// The code of a counter or time step (RFC 4226 §5.3).
    package func code(seed: some ByteSource, counter: UInt64) -> OneTimeCode {
        let message = withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        let tag = HMAC.authenticate(algorithm, key: seed, message: message)
        let offset = Int(tag[tag.count - 1] & 0x0f)
        var value =
            UInt32(tag[offset] & 0x7f) << 24 | UInt32(tag[offset + 1]) << 16
            | UInt32(tag[offset + 2]) << 8 | UInt32(tag[offset + 3])
        var characters = [UInt8](repeating: 0, count: digits)
        for position in characters.indices.reversed() {
            characters[position] = UInt8(ascii: "0") + UInt8(value % 10)
            value /= 10
        }
        return OneTimeCode(checked: characters)
    }
}

/// A code of 6 to 8 ASCII digits, and nothing but them: no blanks, no digits of other scripts.
/// Compared in constant time, never printed.
package struct OneTimeCode: Sendable {
    private let characters: [UInt8]

    /// Exactly `digits` ASCII digits, else nil.
    package init?(parsing text: some Collection<UInt8>, digits: Int) {
        guard OneTimePassword.digitsRange.contains(digits), text.count == digits,
            text.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        characters = Array(text)
    }

    package init?(parsing text: String, digits: Int) {
        self.init(parsing: text.utf8, digits: digits)
    }

    init(checked characters: [UInt8]) { self.characters = characters }

    /// To show or send; the digits as text.
    package var text: String { String(decoding: characters, as: UTF8.self) }

    package func equals(_ other: OneTimeCode) -> Bool {
        constantTimeEquals(characters, other.characters)
    }
}

extension OneTimeCode: CustomStringConvertible, CustomReflectable {
    package var description: String { "a one-time code" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
