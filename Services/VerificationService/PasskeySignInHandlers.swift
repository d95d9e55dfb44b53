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
        return PasskeyFound(user: try await passkeys.find(id)?.0)
    }

    /// Whether there is such a passkey, and how it stands, is told to nobody who does not prove
    /// it: all refusals are one.
    func checkPasskey(_ request: CheckPasskey, _ call: Call) async throws(Fault) -> PasskeyVerdict {
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
        guard let (user, id) = try await passkeys.find(response.id) else {
            throw unknown(.credentialUnknown)
        }
        // Until it is proved, nobody knows who it is that tries.
        let audit = { (actor: UserID?, refusal: String) in
            AuditContext(
                call, actor: actor,
                [
                    "authenticator": id.description, "purpose": Purpose.signIn.rawValue,
                    "passkey_alone": "true", "refusal": refusal,
                ])
        }
        let admitted: SecondFactors.Admitted
        switch try await factors.admit(user, id, nil, audit(nil, "not_admitted")) {
        case .admitted(let it)?: admitted = it
        case .refused(let fault)?:
            throw Fault(.passkeyRefused, detail: "not admitted: \(fault.reason.rawValue)")
        case nil: throw unknown(.credentialUnknown)
        }
        let checked: PasskeyCheck
        do throws(Fault) {
            checked = try await check(response, challenge, admitted)
        } catch {
            await giveBack(admitted.attempt)
            throw error
        }
        do throws(Fault) {
            try await settle(checked, admitted, telling: request.notify) { (refusal) in
                audit(refusal == nil ? user : nil, refusal?.word ?? "none")
            }
        } catch  where error.reason == .attemptsExhausted || error.reason == .passkeyRefused {
            throw Fault(.passkeyRefused, detail: error.detail)
        }
        let bound = try await factors.list(user)
        guard let view = bound.first(where: { $0.id == id }) else { throw .overtaken }
        return PasskeyVerdict(user: user, authenticator: view)
    }

    private func unknown(_ refusal: CeremonyRefusal) -> Fault {
        log.info("passkey_refused", ["refusal": .text(refusal.word)])
        return Fault(.passkeyRefused, detail: refusal.word)
    }

    private func check(
        _ response: AuthenticationResponse, _ challenge: Challenge,
        _ admitted: SecondFactors.Admitted
    ) async throws(Fault) -> PasskeyCheck {
        let (user, id) = (admitted.attempt.user, admitted.attempt.authenticator)
        let record = try passkeys.open(admitted.sealed, id, of: user)
        let stored = Authentication.Stored(record, of: try await passkeys.handle(of: user))
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
