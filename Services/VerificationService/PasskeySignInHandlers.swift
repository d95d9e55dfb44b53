import Audit
import Contracts
import Daemon
import RPC
import WebAuthn
import Wire

/// A passkey that says by itself whose it is (WebAuthn §7.2 with nobody identified before). It
/// stands for two factors, so it must have verified its user, now and when it was bound: else
/// whoever finds a key could give it a PIN of his own.
extension VerificationHandlers {
    func beginPasskeyChallenge(
        _ request: BeginPasskeyChallenge, _ call: Call
    ) async throws(Fault) -> PasskeyChallenge {
        let challenge = try Challenge.fresh()
        let options = AuthenticationOptions(
            relyingParty: try requireRelyingParty(), challenge: challenge,
            userVerification: .required)
        guard
            let expiresAt = try await passkeyChallenges.begin(
                challenge, at: .anybody(in: request.context))
        else { throw Fault(.internal, detail: "a challenge was not stored") }
        return PasskeyChallenge(expiresAt: expiresAt, passkey: PasskeyRequest(options.json))
    }

    /// Only what is told to the owner depends on it.
    func findPasskey(_ request: FindPasskey, _ call: Call) async throws(Fault) -> PasskeyFound {
        guard let id = CredentialID(request.id.array) else { return PasskeyFound() }
        return PasskeyFound(user: try await passkeys.find(id)?.user)
    }

    /// Whether there is such a passkey, and how it stands, is told to nobody who does not prove
    /// it: all refusals are one.
    ///
    /// Tries are not counted. A signature cannot be guessed, and whoever has seen a credential's
    /// identifier could else keep its owner out. For the same reason no rest holds a passkey up
    /// that others have earned beside a password.
    func checkPasskey(_ request: CheckPasskey, _ call: Call) async throws(Fault) -> PasskeyVerdict {
        do throws(Fault) {
            let verdict = try await checkAlone(request, call)
            meter?.count(.passkey, nil)
            return verdict
        } catch {
            meter?.count(.passkey, error)
            throw error
        }
    }

    private func checkAlone(
        _ request: CheckPasskey, _ call: Call
    ) async throws(Fault) -> PasskeyVerdict {
        let place = PasskeyChallenges.Place.anybody(in: request.context)
        guard let challenge = try await passkeyChallenges.take(at: place) else {
            throw unknown(.challengeMismatch)
        }
        let response: AuthenticationResponse
        do throws(CeremonyRefusal) {
            response = try AuthenticationResponse(request.passkey)
        } catch {
            throw unknown(error)
        }
        guard let found = try await passkeys.find(response.id) else {
            throw unknown(.credentialUnknown)
        }
        // Until it is proved, nobody knows who it is that tries.
        let audit = { (actor: UserID?, refusal: String) in
            AuditContext(
                call, actor: actor,
                [
                    "authenticator": found.authenticator.description,
                    "purpose": Purpose.signIn.rawValue, "passkey_alone": "true",
                    "refusal": refusal, "kind": ProofKind.passkey.rawValue,
                ])
        }
        guard !found.isDisabled else {
            try await passkeys.refused(found, audit(nil, "disabled"))
            throw Fault(.passkeyRefused, detail: "disabled")
        }
        let copied: UInt32?
        switch try await check(response, challenge, found) {
        case .success(let outcome):
            if try await passkeys.succeedAlone(
                found, outcome.record, from: request.origin, audit(found.user, "none"))
            {
                return try await verdict(found)
            }
            copied = outcome.record.counter
        case .failure(.counterRegressed): copied = nil
        case .failure(let refusal):
            try await passkeys.refused(found, audit(nil, refusal.word))
            throw unknown(refusal)
        }
        let regressed = CeremonyRefusal.counterRegressed
        _ = try await disable(
            found.user, found.authenticator, nil, standingAt: copied, telling: request.notify,
            audit(nil, regressed.word))
        throw Fault(.passkeyRefused, detail: regressed.word)
    }

    private func verdict(_ found: Passkeys.Found) async throws(Fault) -> PasskeyVerdict {
        let bound = try await factors.list(found.user)
        guard let view = bound.first(where: { $0.id == found.authenticator }) else {
            throw .overtaken
        }
        return PasskeyVerdict(user: found.user, authenticator: view)
    }

    private func unknown(_ refusal: CeremonyRefusal) -> Fault {
        log.info("passkey_refused", ["refusal": .text(refusal.word)])
        return Fault(.passkeyRefused, detail: refusal.word)
    }

    private func check(
        _ response: AuthenticationResponse, _ challenge: Challenge, _ found: Passkeys.Found
    ) async throws(Fault) -> PasskeyCheck {
        let record = try passkeys.open(
            found.sealed, found.authenticator, of: found.user, signCount: found.signCount)
        let stored = Authentication.Stored(record, of: try await passkeys.handle(of: found.user))
        let options = AuthenticationOptions(
            relyingParty: try requireRelyingParty(), challenge: challenge,
            userVerification: .required)
        return PasskeyCheck { () throws(CeremonyRefusal) in
            guard record.flags.contains(.userVerified) else { throw .userNotVerified }
            return try Authentication.verify(
                response, by: stored, against: Authentication.Expectation(options, user: nil))
        }
    }
}

extension PasskeyChallenges.Place {
    fileprivate static func anybody(in context: ContextID) -> Self {
        Self(context: context, purpose: .signIn, owner: nil)
    }
}
