import Audit
import Contracts
import RPC
import Wire

/// Proving a second factor, of whatever kind: the try is admitted and counted first, by one
/// statement for all kinds, and only then checked as its kind wants.
extension VerificationHandlers {
    func checkCode(_ request: CheckCode, _ call: Call) async throws(Fault) -> Proof {
        let (user, id) = (request.user, request.authenticator)
        let audit = AuditContext(
            call, actor: user,
            [
                "authenticator": id.description, "purpose": request.purpose.rawValue,
                "known_device": Self.audited(request.device),
            ])
        let admission = try await admitting(
            request.device, at: .code(id), of: user, audit.entry(.factorRefused, user)
        ) { (device) throws(Fault) in
            try await factors.admit(user, id, device, audit)
        }
        guard let admission else { throw Fault(.authenticatorNotFound) }
        let admitted: SecondFactors.Admitted
        switch admission {
        case .admitted(let it): admitted = it
        case .refused(let fault): throw fault
        }
        switch admitted.proof.kind {
        case .totp: try await prove(code: request.code, admitted, audit)
        case .recovery: try await prove(recoveryCode: request.code, admitted, audit)
        case .password, .sms, .email, .passkey:
            await giveBack(admitted.attempt)
            throw Fault(.verifierTypeUnsupported)
        }
        return admitted.proof
    }
}
