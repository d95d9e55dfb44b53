import Contracts
import RPC
import Wire

/// Challenges of second factors, each as its kind wants. They are answered by `checkCode`.
extension VerificationHandlers {
    func beginChallenge(
        _ request: BeginChallenge, _ call: Call
    ) async throws(Fault) -> ChallengeStarted {
        let kind = try await factors.kind(request.user, request.authenticator)
        guard let kind else { throw Fault(.authenticatorNotFound) }
        switch kind {
        case .passkey: return try await beginPasskeyProof(request)
        case .password, .totp, .sms, .email, .recovery: throw Fault(.verifierTypeUnsupported)
        }
    }
}
