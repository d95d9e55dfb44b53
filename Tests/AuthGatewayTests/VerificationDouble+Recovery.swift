import Contracts
import RPC
import Synchronization
import Wire

extension AuthenticatorID {
    /// The double's one row of recovery codes of a user.
    static func recovery(of user: UserID) -> AuthenticatorID {
        AuthenticatorID(high: .max, low: user.low)
    }
}

/// Recovery codes: a new set takes the place of the old one, each code goes when it is used.
extension VerificationDouble {
    func makeRecoveryCodes(
        _ request: MakeRecoveryCodes, _ call: Call
    ) async throws(Fault) -> RecoveryCodes {
        try await stand.enter("makeRecoveryCodes", call)
        guard !factors(of: request.user).isEmpty else { throw Fault(.authenticatorNotFound) }
        return RecoveryCodes(codes: giveRecoveryCodes(request.user))
    }

    @discardableResult
    func giveRecoveryCodes(_ user: UserID) -> [String] {
        state.withLock { state in
            state.numbers += 1
            let codes = (0..<3).map { "code-\(state.numbers)-\($0)" }
            state.recovery[user] = codes
            return codes
        }
    }

    func useRecovery(_ request: CheckCode) throws(Fault) -> Proof {
        let isRight = state.withLock { state in
            guard let place = state.recovery[request.user]?.firstIndex(of: request.code)
            else { return false }
            state.recovery[request.user]?.remove(at: place)
            return true
        }
        guard isRight else { throw Fault(.codeWrong, attemptsLeft: 3) }
        return Proof(authenticator: request.authenticator, kind: .recovery)
    }
}
