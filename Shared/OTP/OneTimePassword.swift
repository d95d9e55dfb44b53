import Crypto
import Wire

/// One-time passwords from a counter (HOTP, RFC 4226).
package struct HOTP: Sendable, Equatable {
    package let algorithm: HMAC.Algorithm
    package let digits: Int

    package static let digitsRange = 6...8
    /// No counter gets so far; what is stored and imported is bounded by it.
    package static let counterMax: Int64 = 1 << 53

    /// SHA-1 and 6 digits, as every token has them.
    package static let standard = HOTP(checked: .sha1, 6)

    package init?(algorithm: HMAC.Algorithm, digits: Int) {
        guard Self.digitsRange.contains(digits) else { return nil }
        self.init(checked: algorithm, digits)
    }

    fileprivate init(checked algorithm: HMAC.Algorithm, _ digits: Int) {
        self.algorithm = algorithm
        self.digits = digits
    }

    /// The code of a counter (RFC 4226 §5.3).
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

/// One-time passwords from the time (TOTP, RFC 6238): HOTP with the number of the time step for
/// its counter.
package struct OneTimePassword: Sendable, Equatable {
    package let hotp: HOTP
    package let periodSeconds: Int

    package var algorithm: HMAC.Algorithm { hotp.algorithm }
    package var digits: Int { hotp.digits }

    /// Longer ones keep a code that was looked at valid for longer, shorter ones are not typed in
    /// time.
    package static let periods = [30, 60]
    /// Bytes of a new seed (RFC 4226 §4 R6).
    package static let seedSize = 20
    /// Bytes of an imported one: from what RFC 4226 §4 R6 demands, to the longest digest.
    package static let seedRange = 16...64

    /// What every authenticator app does: SHA-1, 6 digits, 30 seconds.
    package static let standard = OneTimePassword(hotp: .standard, checked: 30)

    package init?(algorithm: HMAC.Algorithm, digits: Int, periodSeconds: Int) {
        guard let hotp = HOTP(algorithm: algorithm, digits: digits),
            Self.periods.contains(periodSeconds)
        else { return nil }
        self.init(hotp: hotp, checked: periodSeconds)
    }

    private init(hotp: HOTP, checked periodSeconds: Int) {
        self.hotp = hotp
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

    /// The code of a time step.
    package func code(seed: some ByteSource, counter: UInt64) -> OneTimeCode {
        hotp.code(seed: seed, counter: counter)
    }
}

/// A code of 6 to 8 ASCII digits, and nothing but them: no blanks, no digits of other scripts.
/// Compared in constant time, never printed.
package struct OneTimeCode: Sendable {
    private let characters: [UInt8]

    /// Exactly `digits` ASCII digits, else nil.
    package init?(parsing text: some Collection<UInt8>, digits: Int) {
        guard HOTP.digitsRange.contains(digits), text.count == digits,
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
