import Contracts
import RPC
import Synchronization
import Wire

/// Challenges and passkeys as the gateway sees them: an assertion says in its user handle whose
/// it is, and is right where a challenge was begun.
extension VerificationDouble {
    func beginChallenge(
        _ request: BeginChallenge, _ call: Call
    ) async throws(Fault) -> ChallengeStarted {
        try await stand.enter("beginChallenge", call)
        guard factors(of: request.user).contains(where: { $0.id == request.authenticator }) else {
            throw Fault(.authenticatorNotFound)
        }
        state.withLock { $0.challenges.append(request) }
        return ChallengeStarted(
            expiresAt: Timestamp(seconds: 1), challenge: .passkey(PasskeyRequest(options: "{}")))
    }

    func beginPasskeyChallenge(
        _ request: BeginPasskeyChallenge, _ call: Call
    ) async throws(Fault) -> PasskeyChallenge {
        try await stand.enter("beginPasskeyChallenge", call)
        _ = state.withLock { $0.passkeyContexts.insert(request.context) }
        return PasskeyChallenge(
            expiresAt: Timestamp(seconds: 1), passkey: PasskeyRequest(options: "{}"))
    }

    func findPasskey(_ request: FindPasskey, _ call: Call) async throws(Fault) -> PasskeyFound {
        try await stand.enter("findPasskey", call)
        return PasskeyFound(user: UserID(bytes: request.id.array))
    }

    func checkPasskey(_ request: CheckPasskey, _ call: Call) async throws(Fault) -> PasskeyVerdict {
        try await stand.enter("checkPasskey", call)
        state.withLock { state in
            state.passkeyReceivers.append(request.notify)
            state.passkeyOrigins.append(request.origin)
        }
        let isBegun = state.withLock { $0.passkeyContexts.remove(request.context) != nil }
        guard isBegun, let handle = request.passkey.userHandle,
            let user = UserID(bytes: handle.array),
            let own = factors(of: user).first(where: { $0.type == .passkey })
                ?? factors(of: user).first
        else { throw Fault(.passkeyRefused) }
        return PasskeyVerdict(user: user, authenticator: own)
    }

    @discardableResult
    func bindPasskey(_ user: UserID) -> AuthenticatorView {
        var view = bind(user, VerifierUID("passkey")!, .passkey)
        view.name = "Grey key"
        let bound = view
        state.withLock { state in
            state.factors[user] = state.factors[user]?.map { $0.id == bound.id ? bound : $0 }
        }
        return bound
    }

    /// A passkey of this user, as far as the double looks.
    static func assertion(of user: UserID) -> PasskeyAssertion {
        PasskeyAssertion(
            id: Bytes(user.bytes), clientDataJson: [1], authenticatorData: [1], signature: [1],
            userHandle: Bytes(user.bytes))
    }
}
