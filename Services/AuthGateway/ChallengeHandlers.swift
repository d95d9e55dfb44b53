import Contracts
import RPC
import Wire

/// Challenges of second factors, of whatever kind. What is sent or asked is the verification
/// service's business; whether it may be asked for is decided here.
extension SignInHandlers {
    func beginVerification(
        _ request: BeginVerification, _ call: Call
    ) async throws(Fault) -> ChallengeStarted {
        var step = try await resume(request.ticket, call)
        switch step.pending.flow.on(.challengeAsked(request.authenticator)) {
        case .beginChallenge(let authenticator):
            return try await gateway.verification.beginChallenge(
                BeginChallenge(
                    user: step.user, authenticator: authenticator, context: step.pending.id,
                    purpose: .signIn, locale: step.pending.account.locale),
                step.call)
        case let other: throw other.refusal
        }
    }
}

extension AccountHandlers {
    /// For proofs that a session asks for; signing in and binding have challenges of their own.
    func beginProof(_ request: BeginProof, _ call: Call) async throws(Fault) -> ChallengeStarted {
        let session = try await gateway.session(of: call)
        switch request.purpose {
        case .stepUp, .unbind: break
        case .signIn, .bind: throw Fault(.malformed, detail: "no purpose of a session's proof")
        }
        return try await gateway.verification.beginChallenge(
            BeginChallenge(
                user: session.account.id, authenticator: request.authenticator,
                context: session.context, purpose: request.purpose,
                locale: session.account.locale, alone: session.isWithoutPassword),
            call)
    }
}

extension AuthenticatorList {
    /// Throws where this one does not prove what a session wants proved.
    ///
    /// A mailbox, which may be all that the password was reset with, takes nothing better away.
    /// And where no password stands beside it, a passkey that verifies its user is two factors,
    /// and nothing else is.
    func requireProof(
        by id: AuthenticatorID, in session: SessionRecord, for purpose: Purpose
    ) throws(Fault) {
        let type = authenticators.first { $0.id == id }?.type
        if type == .email, purpose == .unbind, authenticators.contains(where: { $0.type != .email })
        {
            throw Fault(.authenticatorNotOffered)
        }
        guard type == .passkey || !session.isWithoutPassword else {
            throw Fault(.authenticatorNotOffered)
        }
    }

    /// Throws where a proof by this one would leave a session with one factor: a mailbox is no
    /// second channel. What is none of the user's is refused where it is tried.
    func requireRaising(by id: AuthenticatorID) throws(Fault) {
        guard authenticators.first(where: { $0.id == id })?.type != .email else {
            throw Fault(.authenticatorNotOffered)
        }
    }
}
