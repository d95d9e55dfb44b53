import Audit
import Contracts
import RPC
import Wire

/// Proving a second factor, of whatever kind: the try is admitted and counted first, by one
/// statement for all kinds, and only then checked as its kind wants.
extension VerificationHandlers {
    func checkCode(_ request: CheckCode, _ call: Call) async throws(Fault) -> Proof {
        let handlers = under(request.limits)
        var kind: ProofKind?
        do throws(Fault) {
            let admitted = try await handlers.admit(request, call)
            kind = admitted.proof.kind
            try await handlers.prove(request, admitted, call)
            meter?.count(kind, nil)
            return admitted.proof
        } catch {
            meter?.count(kind, error)
            throw error
        }
    }

    /// Counted from now on; what becomes of it is not decided yet.
    private func admit(
        _ request: CheckCode, _ call: Call
    ) async throws(Fault) -> SecondFactors.Admitted {
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
            try await factors.admit(user, id, device, limits.code, audit)
        }
        guard let admission else { throw Fault(.authenticatorNotFound) }
        var admitted: SecondFactors.Admitted
        switch admission {
        case .admitted(let it): admitted = it
        case .refused(let fault): throw fault
        }
        admitted.origin = request.origin
        return admitted
    }

    private func prove(
        _ request: CheckCode, _ admitted: SecondFactors.Admitted, _ call: Call
    ) async throws(Fault) {
        let (user, id) = (request.user, request.authenticator)
        let kind = admitted.proof.kind
        let proving = AuditContext(
            call, actor: user,
            [
                "authenticator": id.description, "purpose": request.purpose.rawValue,
                "known_device": Self.audited(request.device), "kind": kind.rawValue,
            ])
        switch kind {
        case .totp: try await prove(code: request.code, admitted, telling: request.notify, proving)
        case .sms: try await proveMessage(request, admitted, .sms, proving)
        case .email: try await proveMessage(request, admitted, .email, proving)
        case .passkey: try await prove(passkey: request, admitted, call)
        case .recovery:
            try await prove(recoveryCode: request.code, admitted, telling: request.notify, proving)
        case .password:
            await giveBack(admitted.attempt)
            throw Fault(.verifierTypeUnsupported)
        }
    }

    /// A failure of whatever kind: counted, and its owner told where it disables.
    func failure(
        _ admitted: SecondFactors.Admitted, _ reason: Reason = .codeWrong, drift: Int64? = nil,
        telling receiver: NoticeReceiver?, _ audit: AuditContext
    ) async throws(Fault) -> Fault {
        let attempt = admitted.attempt
        var notice = Outbox.Queued.nothing
        if let receiver {
            var title = ""
            if let uid = admitted.proof.verifier, let verifier = try await verifiers.find(uid) {
                title = verifier.title
            }
            notice = try outbox.notice(.authenticatorDisabled, to: receiver, of: attempt.user) {
                $0.title = title
            }
        }
        let failures = try await attempts.fail(
            attempt, limits.code, drift: drift, telling: notice, .factorRefused, audit)
        if failures.all >= limits.code.failuresMax { outbox.wake() }
        return limits.code.wrong(reason, failures)
    }
}
