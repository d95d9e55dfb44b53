import Crypto
import Wire

/// A code that stands in for a lost authenticator, once: 80 random bits as 16 characters of
/// Crockford's base 32 in groups of four, `7QK4-M2XD-9ZTB-0H6R`.
///
/// Compared by keyed digests alone, so that a check costs microseconds and a copy of the database
/// gives nothing to guess at (NIST SP 800-63B-4 §3.1.2.2 wants 20 bits for look-up secrets).
package struct RecoveryCode: Sendable {
    package static let characterCount = 16
    /// Octets of what people type that are looked at at all.
    package static let typedMax = 64
    private static let groupSize = 4
    private static let size = 10

    private let bits: SecretBytes

    package static func random() throws(CryptoFault) -> RecoveryCode {
        // Every one of the 2^80 values is a code, so none is likelier than another.
        RecoveryCode(bits: try .random(count: size))
    }

    private init(bits: SecretBytes) { self.bits = bits }

    /// What a person typed. Case, blanks and hyphens do not count, and the letters that are not
    /// in the alphabet stand for the digits they look like: O for 0, I and L for 1. Anything
    /// else that is not one of exactly 16 characters is no code.
    package init?(typed text: some Collection<UInt8>) {
        guard text.count <= Self.typedMax, var bytes = CrockfordBase32.decode(lenient: text),
            bytes.count == Self.size
        else { return nil }
        bits = SecretBytes(taking: &bytes)
    }

    package init?(typed text: String) {
        self.init(typed: text.utf8)
    }

    /// To show to its owner, once.
    package var printed: String {
        let characters = Array(bits.withBytes { CrockfordBase32.encode($0) })
        return stride(from: 0, to: characters.count, by: Self.groupSize).map { start in
            String(characters[start..<min(start + Self.groupSize, characters.count)])
        }.joined(separator: "-")
    }

    /// What is stored of it, and what a typed one is looked up by among the user's own: one
    /// user's code is nothing for another. A set is looked up under the key it was made with.
    package func digest<User>(
        of user: Identifier<User>, _ keys: KeyRing, under keyName: String? = nil
    ) throws(CryptoFault) -> KeyedDigest {
        try keys.digest(bits, purpose: "recovery code", owner: user, under: keyName)
    }
}

extension RecoveryCode: CustomStringConvertible, CustomReflectable {
    package var description: String { "a recovery code" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The codes a user gets at once, in the order they are shown. A new set takes the place of the
/// old one as a whole.
package struct RecoveryCodeSet: Sendable {
    package static let count = 10

    package let codes: [RecoveryCode]

    package static func random() throws(CryptoFault) -> RecoveryCodeSet {
        var codes: [RecoveryCode] = []
        for _ in 0..<count { codes.append(try .random()) }
        return RecoveryCodeSet(codes: codes)
    }

    private init(codes: [RecoveryCode]) { self.codes = codes }

    package var printed: [String] { codes.map(\.printed) }

    /// In the same order, all under the primary key of the ring.
    package func digests<User>(
        of user: Identifier<User>, _ keys: KeyRing
    ) throws(CryptoFault) -> [KeyedDigest] {
        try codes.map { (code) throws(CryptoFault) in try code.digest(of: user, keys) }
    }
}

extension RecoveryCodeSet: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(codes.count) recovery codes" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
