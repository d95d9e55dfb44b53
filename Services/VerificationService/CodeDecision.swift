import Crypto
import OTP
import Wire

/// What a typed code comes to, whether codes come from the time or from a counter. Pure.
enum CodeDecision: Sendable, Equatable {
    /// Store both, where the stored step is still smaller: else another one came first.
    /// - Parameter step: Of the time, or the counter.
    case accepted(step: Int64, drift: Int64)
    case used
    /// - Parameter drift: To be stored; nil to leave what is.
    case wrong(drift: Int64?)

    /// - Parameters:
    ///   - lastStep: `TOTPCheck.noStep`, which is `HOTPCheck.noCounter`, for none.
    ///   - drift: As stored, in the form of the code's own.
    init(
        _ typed: String, seed: SecretBytes, _ parameters: OneTimePasswordParameters,
        now: Timestamp, lastStep: Int64, drift: Int64
    ) {
        let code = OneTimeCode(parsing: typed, digits: parameters.digits)
        switch (parameters, code) {
        case (.totp(let password), let code?):
            self.init(
                TOTPCheck.decide(
                    code, seed: seed, password, now: now, lastStep: lastStep,
                    drift: ClockDrift(stored: drift)))
        case (.hotp(let password), let code?):
            self.init(
                HOTPCheck.decide(
                    code, seed: seed, password, lastCounter: lastStep,
                    resync: HOTPResync(stored: drift)))
        case (.totp, nil): self = .wrong(drift: nil)
        case (.hotp, nil): self = .wrong(drift: HOTPResync.none.stored)
        }
    }

    private init(_ decision: TOTPCheck.Decision) {
        switch decision {
        case .accepted(let step, let drift): self = .accepted(step: step, drift: drift.stored)
        case .used: self = .used
        case .wrong(let drift): self = .wrong(drift: drift.stored)
        }
    }

    private init(_ decision: HOTPCheck.Decision) {
        switch decision {
        case .accepted(let counter):
            self = .accepted(step: counter, drift: HOTPResync.none.stored)
        case .used: self = .used
        case .wrong(let resync): self = .wrong(drift: resync.stored)
        }
    }
}

extension OneTimePasswordParameters {
    /// As it stands in the column: empty for what is usual.
    var column: String { self == .standard ? "" : stored }

    /// nil for what never stands there.
    init?(column: String) {
        guard !column.isEmpty else {
            self = .standard
            return
        }
        self.init(stored: column)
    }
}
