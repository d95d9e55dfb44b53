import Crypto
import Reactor

/// How long a password hash of today takes on this machine, so that a failed check of a foreign
/// or older record can be made to take as long: the ratio of two kinds of hashes depends on caches
/// and instructions, and is off by a quarter where it is reckoned from their parameters.
final class HashTime: Sendable {
    private let parameters: PasswordHash.Parameters
    private let usual = Guarded<Duration?>(nil)

    /// - Parameter parameters: Of what is hashed today.
    init(_ parameters: PasswordHash.Parameters) { self.parameters = parameters }

    /// Whether the password is the record's; what is wrong takes the time of one hash of today,
    /// unless the record costs more than that.
    func matches(
        _ password: Password, _ record: PasswordRecord
    ) throws(CryptoFault) -> Bool {
        let start = processorTimeOfThread
        guard try !record.matches(password) else { return true }
        guard record.derivation != .scrypt(parameters) else {
            note(processorTimeOfThread - start)
            return false
        }
        guard let usual = usual.withLock({ $0 }) else {
            try spend(record.remainder(to: parameters), on: password)
            return false
        }
        // Smaller hashes take a little less for their cost, so what is left then is spent too.
        for _ in 0..<2 {
            let parts = parameters.parts(after: processorTimeOfThread - start, of: usual)
            try spend(parts, on: password)
        }
        return false
    }

    private func spend(
        _ parts: [PasswordHash.Parameters], on password: Password
    ) throws(CryptoFault) {
        for part in parts { _ = try PasswordRecord(of: password, part) }
    }

    /// A mean of the last dozen or so, so that neither one hash that was slow nor a machine that
    /// has changed its pace misleads for long.
    private func note(_ time: Duration) {
        usual.withLock { $0 = $0.map { ($0 * 7 + time) / 8 } ?? time }
    }
}
