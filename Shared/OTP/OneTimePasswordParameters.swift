import Crypto

/// What a user's device and the server agree on beside the seed. Fixed when it is bound: another
/// value is another authenticator.
package enum OneTimePasswordParameters: Sendable, Equatable {
    /// Codes of the time.
    case totp(OneTimePassword)
    /// Codes of a counter that moves with each one.
    case hotp(HOTP)

    /// What is bound here; the others come with imported users.
    package static let standard = OneTimePasswordParameters.totp(.standard)

    package var digits: Int {
        switch self {
        case .totp(let password): password.digits
        case .hotp(let password): password.digits
        }
    }

    package var algorithm: HMAC.Algorithm {
        switch self {
        case .totp(let password): password.algorithm
        case .hotp(let password): password.algorithm
        }
    }
}

/// The stored form, one for each value: `totp-sha1-6-30` or `hotp-sha256-8`.
extension OneTimePasswordParameters {
    package static let storedMax = 16

    package var stored: String {
        switch self {
        case .totp(let it): "totp-\(it.algorithm.storedName)-\(it.digits)-\(it.periodSeconds)"
        case .hotp(let it): "hotp-\(it.algorithm.storedName)-\(it.digits)"
        }
    }

    /// nil for what `stored` never gives.
    package init?(stored text: String) {
        // There are few enough to look among them, which leaves nothing to read loosely.
        guard let it = Self.all.first(where: { $0.stored.utf8.elementsEqual(text.utf8) }) else {
            return nil
        }
        self = it
    }

    /// Every value there is.
    package static let all: [OneTimePasswordParameters] = HMAC.Algorithm.allCases.flatMap {
        algorithm in
        HOTP.digitsRange.flatMap { digits in
            let timed = OneTimePassword.periods.compactMap {
                OneTimePassword(algorithm: algorithm, digits: digits, periodSeconds: $0)
            }
            let counted = HOTP(algorithm: algorithm, digits: digits)
            return timed.map(Self.totp) + [counted].compactMap { $0.map(Self.hotp) }
        }
    }
}

extension HMAC.Algorithm {
    fileprivate var storedName: String { nameInURI.lowercased() }

    /// As in `otpauth` URIs.
    var nameInURI: String {
        switch self {
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        }
    }
}
