import Contracts
import Crypto
import Wire

/// A code that is sent: digits, and where alone they are right.
struct MessageCode: Sendable {
    let digits: String

    /// How long it can be answered.
    static let lifetime = Duration.seconds(300)
    /// Before it no further one is sent.
    static let resendAfter = Duration.seconds(60)
    /// Wrong answers that a code stands.
    static let triesMax = 5

    /// Each code of that length is as likely as any other.
    /// - Parameter digits: 6 to 8.
    static func fresh(digits: UInt32) throws(Fault) -> MessageCode {
        precondition((6...8).contains(digits), "a verifier's settings were checked")
        let count = (0..<digits).reduce(UInt32(1)) { product, _ in product * 10 }
        do throws(CryptoFault) {
            let number = try uniform(below: count) { () throws(CryptoFault) in
                try Random.bytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            let text = String(number)
            let zeros = String(repeating: "0", count: Int(digits) - text.utf8.count)
            return MessageCode(digits: zeros + text)
        } catch {
            throw error.fault
        }
    }

    /// Draws again where a remainder would be likelier than the others.
    static func uniform<E: Error>(
        below count: UInt32, _ draw: () throws(E) -> UInt32
    ) throws(E) -> UInt32 {
        let end = UInt32.max - UInt32.max % count
        while true {
            let drawn = try draw()
            if drawn < end { return drawn % count }
        }
    }

    /// What somebody typed, blanks left out; nil for anything but 6 to 8 ASCII digits.
    init?(typed: String) {
        let digits = typed.filter { $0 != " " }
        guard (6...8).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.digits = digits
    }

    private init(digits: String) { self.digits = digits }
}

extension MessageCode: CustomStringConvertible, CustomReflectable {
    var description: String { "a code" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Where a code is asked for. All of it is part of what is stored of the code, so that it is wrong
/// for any other user, sign-in, authenticator and purpose.
struct CodePlace: Sendable, Equatable {
    let user: UserID
    let context: ContextID
    let purpose: Purpose
    /// The authenticator; while binding what is to become one, new for each receiver.
    let subject: AuthenticatorID

    /// What is stored of the code: 32 octets under the primary key.
    func digest(_ code: MessageCode, _ keys: KeyRing) throws(Fault) -> Bytes {
        try digest(code, keys, under: keys.primaryName)
    }

    /// What may be stored of it: under each key of the ring, as another may have been the primary
    /// one when it was sent.
    func digests(_ code: MessageCode, _ keys: KeyRing) throws(Fault) -> [Bytes] {
        var all: [Bytes] = []
        for name in keys.names { all.append(try digest(code, keys, under: name)) }
        return all
    }

    private func digest(
        _ code: MessageCode, _ keys: KeyRing, under name: String
    ) throws(Fault) -> Bytes {
        // Two of fixed length, a word without zeros, and the code.
        let secret = SecretBytes(
            copying: context.bytes + subject.bytes + Array(purpose.rawValue.utf8) + [0]
                + Array(code.digits.utf8))
        do throws(CryptoFault) {
            return Bytes(
                try keys.digest(secret, purpose: "message code", owner: user, under: name).bytes)
        } catch {
            throw error.fault
        }
    }
}
