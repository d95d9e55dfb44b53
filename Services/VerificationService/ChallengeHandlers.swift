import Contracts
import RPC
import Wire

/// Challenges of second factors, each as its kind wants. They are answered by `checkCode`.
extension VerificationHandlers {
    func beginChallenge(
        _ request: BeginChallenge, _ call: Call
    ) async throws(Fault) -> ChallengeStarted {
        guard request.purpose != .bind else {
            throw Fault(.malformed, detail: "what is bound already is not bound")
        }
        let found = try await messages.target(request.user, request.authenticator)
        guard let target = found else { throw Fault(.authenticatorNotFound) }
        guard !target.isDisabled else { throw Fault(.attemptsExhausted) }
        switch target.kind {
        case .sms, .email:
            return try await under(request.limits).beginMessageProof(request, target, call)
        case .passkey: return try await beginPasskeyProof(request)
        case .password, .totp, .recovery: throw Fault(.verifierTypeUnsupported)
        }
    }
}
