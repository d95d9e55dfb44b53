import Contracts
import RPC
import Synchronization
import Wire

extension VerificationDouble {
    /// What was asked of it as accounts began and ended.
    struct Accounts {
        var invited: [SendInvitation] = []
        var signUps: [SendSignUp] = []
        var chosen: [SetChosenPassword] = []
        var erased: [UserID] = []
    }

    var invited: [SendInvitation] { state.withLock { $0.accounts.invited } }
    var signUps: [SendSignUp] { state.withLock { $0.accounts.signUps } }
    var erased: [UserID] { state.withLock { $0.accounts.erased } }

    func eraseUser(_ request: EraseEvidence, _ call: Call) async throws(Fault) -> EvidenceErased {
        try await stand.enter("eraseUser", call)
        state.withLock { state in
            state.accounts.erased.append(request.user)
            state.passwords[request.user] = nil
            state.factors[request.user] = nil
            state.recovery[request.user] = nil
        }
        return EvidenceErased()
    }

    func sendInvitation(
        _ request: SendInvitation, _ call: Call
    ) async throws(Fault) -> InvitationSent {
        try await stand.enter("sendInvitation", call)
        let isNew = state.withLock { state in
            guard state.passwords[request.user] == nil else { return false }
            state.accounts.invited.append(request)
            return true
        }
        guard isNew else { throw Fault(.passwordExists) }
        return InvitationSent(expiresAt: Timestamp(seconds: 2_000_000_000))
    }

    func sendSignUp(_ request: SendSignUp, _ call: Call) async throws(Fault) -> SignUpQueued {
        try await stand.enter("sendSignUp", call)
        state.withLock { $0.accounts.signUps.append(request) }
        return SignUpQueued()
    }

    func renameAuthenticator(
        _ request: NameAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorView {
        try await stand.enter("renameAuthenticator", call)
        let renamed = state.withLock { state in
            let place = state.factors[request.user]?.firstIndex { $0.id == request.authenticator }
            guard let place else { return AuthenticatorView?.none }
            state.factors[request.user]?[place].name = request.name
            return state.factors[request.user]?[place]
        }
        guard let renamed else { throw Fault(.authenticatorNotFound) }
        return renamed
    }

    func setChosenPassword(
        _ request: SetChosenPassword, _ call: Call
    ) async throws(Fault) -> ChosenPasswordSet {
        try await stand.enter("setChosenPassword", call)
        guard request.password.count >= 8 else { throw Fault(.passwordTooShort) }
        state.withLock { state in
            state.accounts.chosen.append(request)
            state.passwords[request.user] = request.password
        }
        return ChosenPasswordSet()
    }
}
