import Audit
import Contracts
import Crypto
import OTP
import RPC
import Wire

/// Codes of authenticator apps: binding and checking.
extension VerificationHandlers {
    private static let parameters = OneTimePassword.standard

    // MARK: Binding

    func beginBinding(
        _ request: BeginBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted {
        let user = request.user
        guard let verifier = try await verifiers.find(request.verifier) else {
            throw Fault(.verifierNotFound)
        }
        if let fault = try await factors.bound(user).refusal(additional: request.additional) {
            throw fault
        }
        let audit = AuditContext(call, actor: user, ["verifier": verifier.uid.text])
        switch verifier.settings {
        case .totp(let settings):
            return try await beginAppBinding(request, verifier, settings, audit)
        case .passkey(let settings):
            return try await beginPasskeyBinding(request, verifier, settings, audit)
        case .sms, .email:
            return try await under(request.limits).beginMessageBinding(request, verifier, call)
        }
    }

    private func beginAppBinding(
        _ request: BeginBinding, _ verifier: Verifier, _ settings: TOTPSettings,
        _ audit: AuditContext
    ) async throws(Fault) -> BindingStarted {
        let user = request.user
        let id = try AuthenticatorID.fresh()
        let seed = try Self.randomSeed()
        let new = Bindings.New(
            id: id, user: user, context: request.context, verifier: verifier.uid,
            sealed: try sealing.seal(seed, binding: id, of: user))
        guard let expiresAt = try await bindings.begin(new, audit) else {
            throw Fault(.verifierNotFound)
        }
        let uri = uri(settings, account: request.accountName, seed)
        let enrolment = TOTPEnrolment(
            secret: OTPAuthURI.setupKey(seed), uri: uri,
            qr: QRCode(Array(uri.utf8))?.svg ?? "")
        return BindingStarted(expiresAt: expiresAt, enrolment: .totp(enrolment))
    }

    private static func randomSeed() throws(Fault) -> SecretBytes {
        do throws(CryptoFault) {
            return try OneTimePassword.randomSeed()
        } catch {
            throw error.fault
        }
    }

    /// Bytes of a URI, which percent-encoding makes of a long name and a long issuer.
    private static let uriMax = 1024

    /// The name is only shown, so of a very long one the beginning will do.
    private func uri(_ settings: TOTPSettings, account: String, _ seed: SecretBytes) -> String {
        let named = settings.issuer
        let issuer = named.isEmpty ? issuer : named
        var account = account[...]
        while true {
            let uri = OTPAuthURI.text(
                issuer: issuer, account: String(account), seed: seed, Self.parameters)
            if uri.utf8.count <= Self.uriMax || account.isEmpty { return uri }
            account = account.dropLast()
        }
    }

    func confirmBinding(
        _ request: ConfirmBinding, _ call: Call
    ) async throws(Fault) -> AuthenticatorBound {
        let audit = AuditContext(call, actor: request.user)
        guard let tried = try await bindings.tryOnce(request.user, request.context) else {
            throw Fault(.bindingExpired)
        }
        switch tried.type {
        case .totp: return try await confirmApp(request, tried, audit)
        case .passkey: return try await confirmPasskey(request, tried, audit)
        case .sms, .email: return try await confirmMessageBinding(tried, request, audit)
        }
    }

    private func confirmApp(
        _ request: ConfirmBinding, _ tried: Bindings.Tried, _ audit: AuditContext
    ) async throws(Fault) -> AuthenticatorBound {
        let user = request.user
        try requireClock(tried.now)
        let seed = try sealing.open(tried.sealed, binding: tried.id, of: user)
        let decision = OneTimeCode(parsing: request.code, digits: Self.parameters.digits).map {
            TOTPCheck.decide(
                $0, seed: seed, Self.parameters, now: tried.now, lastStep: TOTPCheck.noStep,
                drift: .none)
        }
        guard case .accepted(let step, let drift) = decision else {
            try await bindings.refused(user, audit)
            throw Fault(.codeWrong, attemptsLeft: UInt32(clamping: tried.triesLeft))
        }
        let sealed = try sealing.seal(seed, authenticator: tried.id, of: user)
        let notice = try outbox.notice(.authenticatorBound, to: request.notify, of: user) {
            $0.title = tried.title
        }
        let recovery = try newRecoveryCodes(user)
        let outcome = try await bindings.confirm(
            tried, Bindings.Confirmed(sealed: sealed, step: step, drift: drift), of: user,
            additional: request.additional, recovery: recovery, telling: notice, audit)
        switch outcome {
        case .bound(let boundAt, let withRecovery):
            outbox.wake()
            return AuthenticatorBound(
                authenticator: tried.view(boundAt: boundAt),
                recoveryCodes: withRecovery ? recovery.printed : [])
        case .gone, .taken: throw Fault(.bindingExpired)
        case .refused(let before):
            throw before.refusal(additional: request.additional) ?? Fault(.bindingExpired)
        }
    }

    // MARK: Checking

    /// Checks and settles a try that was admitted.
    func prove(
        code: String, _ admitted: SecondFactors.Admitted, telling receiver: NoticeReceiver?,
        _ audit: AuditContext
    ) async throws(Fault) {
        let checked: Checked
        do throws(Fault) {
            checked = try check(code, admitted)
        } catch {
            await giveBack(admitted.attempt)
            throw error
        }
        try await settle(checked, admitted, telling: receiver, audit)
    }

    private struct Checked {
        let decision: CodeDecision
        let resealed: SealedValue?
    }

    private func check(
        _ code: String, _ admitted: SecondFactors.Admitted
    ) throws(Fault) -> Checked {
        guard let parameters = OneTimePasswordParameters(column: admitted.parameters) else {
            throw Fault(.internal, detail: "stored parameters of codes are none")
        }
        switch parameters {
        case .totp: try requireClock(admitted.now)
        case .hotp: break
        }
        let attempt = admitted.attempt
        let seed = try sealing.open(
            admitted.sealed, authenticator: attempt.authenticator, of: attempt.user)
        let decision = CodeDecision(
            code, seed: seed, parameters, now: admitted.now, lastStep: admitted.lastStep,
            drift: admitted.drift)
        let resealed = try sealing.renewed(
            admitted.sealed, seed, authenticator: attempt.authenticator, of: attempt.user)
        return Checked(decision: decision, resealed: resealed)
    }

    private func settle(
        _ checked: Checked, _ admitted: SecondFactors.Admitted,
        telling receiver: NoticeReceiver?, _ audit: AuditContext
    ) async throws(Fault) {
        let attempt = admitted.attempt
        switch checked.decision {
        case .accepted(let step, let drift):
            let settlement = try await codes.succeed(
                attempt, step: step, drift: drift, from: admitted.origin,
                resealed: checked.resealed, audit)
            switch settlement {
            case .consumed: break
            case .used: throw Fault(.codeUsed)
            }
        case .used:
            try await codes.releaseUsed(attempt, audit)
            throw Fault(.codeUsed)
        case .wrong(let drift):
            throw try await failure(admitted, drift: drift, telling: receiver, audit)
        }
    }
}
