import Audit
import Contracts
import Crypto
import Daemon
import RPC
import WebAuthn
import Wire

/// Passkeys (WebAuthn Level 3): binding one, and proving it beside a password. What a ceremony is
/// refused for goes to the log and the audit; the caller is told one reason for all.
extension VerificationHandlers {
    /// Whom passkeys are made for. Throws where no setting says so.
    func requireRelyingParty() throws(Fault) -> RelyingParty {
        guard let relyingParty else {
            throw Fault(.verifierTypeUnsupported, detail: "DUBBELSLOT_PUBLIC_ADDRESS is not set")
        }
        return relyingParty
    }

    // MARK: Binding

    /// The challenge waits in the binding's own row, so that one statement consumes both.
    func beginPasskeyBinding(
        _ request: BeginBinding, _ verifier: Verifier, _ settings: PasskeySettings,
        _ audit: AuditContext
    ) async throws(Fault) -> BindingStarted {
        let user = request.user
        let challenge = try Challenge.fresh()
        let options = try await options(request, settings, challenge)
        let id = try AuthenticatorID.fresh()
        let new = Bindings.New(
            id: id, user: user, context: request.context, verifier: verifier.uid,
            sealed: try sealing.seal(SecretBytes(copying: challenge.bytes), binding: id, of: user),
            lifetime: PasskeyChallenges.lifetime)
        guard let expiresAt = try await bindings.begin(new, audit) else {
            throw Fault(.verifierNotFound)
        }
        return BindingStarted(expiresAt: expiresAt, enrolment: .passkey(PasskeyRequest(options)))
    }

    private func options(
        _ request: BeginBinding, _ settings: PasskeySettings, _ challenge: Challenge
    ) async throws(Fault) -> JSON {
        var options = RegistrationOptions(
            relyingParty: try requireRelyingParty(), challenge: challenge,
            user: try await passkeys.handle(of: request.user), userName: request.accountName,
            displayName: request.accountName)
        options.userVerification = settings.asked
        options.attestation = settings.attestation ? .direct : .none
        options.excluded = try await passkeys.records(of: request.user).map(\.descriptor)
        return options.json
    }

    /// - Parameter tried: Its first try; the challenge is good for no other.
    func confirmPasskey(
        _ request: ConfirmBinding, _ tried: Bindings.Tried, _ audit: AuditContext
    ) async throws(Fault) -> AuthenticatorBound {
        let user = request.user
        guard tried.isFirst else { throw Fault(.bindingExpired) }
        try Self.requireShowable(request.name)
        let expectation = try await expectation(tried, of: user)
        let record: PasskeyRecord
        do throws(CeremonyRefusal) {
            let response = try RegistrationResponse(request.passkey)
            record = try Registration.verify(response, against: expectation).record
        } catch {
            throw try await refuseBinding(error, of: user, audit)
        }
        let new = Bindings.Confirmed(
            sealed: try passkeys.seal(record, tried.id, of: user), name: request.name,
            credential: Passkeys.digest(record.id), signCount: record.counter)
        let notice = try outbox.notice(.authenticatorBound, to: request.notify, of: user) {
            $0.title = tried.title
        }
        let recovery = try newRecoveryCodes(user)
        let outcome = try await bindings.confirm(
            tried, new, of: user, additional: request.additional, recovery: recovery,
            telling: notice, audit)
        switch outcome {
        case .bound(let boundAt, let withRecovery):
            outbox.wake()
            return AuthenticatorBound(
                authenticator: tried.view(boundAt: boundAt, name: request.name),
                recoveryCodes: withRecovery ? recovery.printed : [])
        case .taken: throw try await refuseBinding(.credentialAlreadyRegistered, of: user, audit)
        case .gone: throw Fault(.bindingExpired)
        case .refused(let before):
            throw before.refusal(additional: request.additional) ?? Fault(.bindingExpired)
        }
    }

    private func expectation(
        _ tried: Bindings.Tried, of user: UserID
    ) async throws(Fault) -> Registration.Expectation {
        let bytes = try sealing.open(tried.sealed, binding: tried.id, of: user).revealed()
        guard let verifier = try await verifiers.find(tried.verifier),
            case .passkey(let settings) = verifier.settings, let challenge = Challenge(bytes)
        else { throw Fault(.bindingExpired) }
        var options = RegistrationOptions(
            relyingParty: try requireRelyingParty(), challenge: challenge,
            user: try await passkeys.handle(of: user), userName: "", displayName: "")
        options.userVerification = settings.asked
        options.excluded = try await passkeys.records(of: user).map(\.descriptor)
        return Registration.Expectation(options, now: tried.now)
    }

    private func refuseBinding(
        _ refusal: CeremonyRefusal, of user: UserID, _ audit: AuditContext
    ) async throws(Fault) -> Fault {
        log.info(
            "passkey_not_bound",
            ["refusal": .text(refusal.word), "trace_id": .text(audit.trace.description)])
        try await bindings.refused(user, audit, because: refusal.word)
        return Fault(.passkeyRefused, detail: refusal.word)
    }

    // MARK: Proving

    func beginPasskeyProof(_ request: BeginChallenge) async throws(Fault) -> ChallengeStarted {
        let found = try await passkeys.record(request.authenticator, of: request.user)
        guard let (record, verifier) = found else { throw Fault(.authenticatorNotFound) }
        let challenge = try Challenge.fresh()
        let options = AuthenticationOptions(
            relyingParty: try requireRelyingParty(), challenge: challenge,
            allowed: [record.descriptor],
            userVerification: request.alone ? .required : try await settings(of: verifier).asked)
        let place = PasskeyChallenges.Place(
            context: request.context, purpose: request.purpose,
            owner: .init(user: request.user, authenticator: request.authenticator))
        guard let expiresAt = try await passkeyChallenges.begin(challenge, at: place) else {
            throw Fault(.attemptsExhausted)
        }
        return ChallengeStarted(
            expiresAt: expiresAt, challenge: .passkey(PasskeyRequest(options.json)))
    }

    private func settings(of uid: VerifierUID?) async throws(Fault) -> PasskeySettings {
        guard let uid, let verifier = try await verifiers.find(uid),
            case .passkey(let settings) = verifier.settings
        else { throw Fault(.verifierNotFound) }
        return settings
    }

    /// Checks and settles a try that was admitted. The challenge is consumed first, whatever the
    /// answer is worth; where there is none, the try is given back.
    func prove(
        passkey request: CheckCode, _ admitted: SecondFactors.Admitted, _ call: Call
    ) async throws(Fault) {
        let checked: PasskeyCheck
        do throws(Fault) {
            checked = try await check(request, admitted)
        } catch {
            await giveBack(admitted.attempt)
            throw error
        }
        try await settle(checked, admitted, telling: request.notify) { (refusal) in
            AuditContext(
                call, actor: request.user,
                [
                    "authenticator": request.authenticator.description,
                    "purpose": request.purpose.rawValue,
                    "known_device": Self.audited(request.device),
                    "refusal": refusal?.word ?? "none", "kind": ProofKind.passkey.rawValue,
                ])
        }
    }

    private func check(
        _ request: CheckCode, _ admitted: SecondFactors.Admitted
    ) async throws(Fault) -> PasskeyCheck {
        let (user, id) = (request.user, request.authenticator)
        guard let context = request.context else {
            throw Fault(.malformed, detail: "an answer of a passkey belongs to a context")
        }
        let challenge = try await passkeyChallenges.take(
            at: .init(
                context: context, purpose: request.purpose,
                owner: .init(user: user, authenticator: id)))
        // Nothing was tried: no answer is waited for.
        guard let challenge else { throw Fault(.challengeExpired) }
        let record = try passkeys.open(
            admitted.sealed, id, of: user, signCount: admitted.signCount)
        let owner = try await passkeys.handle(of: user)
        let options = AuthenticationOptions(
            relyingParty: try requireRelyingParty(), challenge: challenge,
            allowed: [record.descriptor],
            userVerification: request.alone
                ? .required : try await settings(of: admitted.proof.verifier).asked)
        return PasskeyCheck {
            () throws(CeremonyRefusal) in
            try Authentication.verify(
                AuthenticationResponse(request.passkey),
                by: Authentication.Stored(record, of: owner),
                against: Authentication.Expectation(options, user: owner))
        }
    }

    /// - Parameters:
    ///   - receiver: Who is told where it disables.
    ///   - audit: For a refusal; nil for the success.
    private func settle(
        _ checked: PasskeyCheck, _ admitted: SecondFactors.Admitted,
        telling receiver: NoticeReceiver?, _ audit: (CeremonyRefusal?) -> AuditContext
    ) async throws(Fault) {
        let attempt = admitted.attempt
        let copied: UInt32?
        switch checked {
        case .success(let outcome):
            if try await passkeys.succeed(
                attempt, outcome.record, from: admitted.origin, audit(nil))
            {
                return
            }
            copied = outcome.record.counter
        case .failure(.counterRegressed): copied = nil
        case .failure(let refusal):
            log.info("passkey_refused", ["refusal": .text(refusal.word)])
            throw try await failure(
                admitted, .passkeyRefused, telling: receiver, audit(refusal))
        }
        let isDisabled = try await disable(
            attempt.user, attempt.authenticator, attempt, standingAt: copied, telling: receiver,
            audit(.counterRegressed))
        if !isDisabled { await giveBack(attempt) }
        throw Fault(.passkeyRefused, detail: CeremonyRefusal.counterRegressed.word)
    }

    /// What follows from a right signature whose counter has not grown. Of two that were made one
    /// after another and came at once, the earlier one may be overtaken by the later one; but no
    /// authenticator says one number twice.
    /// - Parameter count: Of a counter that had grown when it was looked at, and not when it was
    ///   stored: only where it stands at the very same, another has said it.
    func disable(
        _ user: UserID, _ id: AuthenticatorID, _ attempt: Attempt?, standingAt count: UInt32?,
        telling receiver: NoticeReceiver?, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let bound = try await factors.list(user)
        let title = bound.first { $0.id == id }?.title ?? ""
        let notice = try outbox.notice(.passkeyDisabled, to: receiver, of: user) {
            $0.title = title
        }
        let isDisabled = try await passkeys.disableCopied(
            user, id, attempt, standingAt: count, telling: notice, audit)
        let refusal = CeremonyRefusal.counterRegressed.word
        if isDisabled {
            log.warning(
                "passkey_disabled",
                [
                    "authenticator": .text(id.description), "refusal": .text(refusal),
                    "trace_id": .text(audit.trace.description),
                ])
            outbox.wake()
        } else {
            log.info("passkey_refused", ["refusal": .text(refusal)])
        }
        return isDisabled
    }
}

/// What looking at an assertion came to.
typealias PasskeyCheck = Result<Authentication.Outcome, CeremonyRefusal>

extension PasskeyCheck {
    init(_ verify: () throws(CeremonyRefusal) -> Authentication.Outcome) {
        do throws(CeremonyRefusal) {
            self = .success(try verify())
        } catch {
            self = .failure(error)
        }
    }
}

extension CeremonyRefusal {
    /// As the log and the audit name it.
    var word: String { "\(self)" }
}

extension PasskeySettings {
    var asked: UserVerification { userVerification ? .required : .preferred }
}

extension PasskeyRequest {
    init(_ options: JSON) {
        self.init(options: String(decoding: options.serialized(), as: UTF8.self))
    }
}

extension RegistrationResponse {
    init(_ message: PasskeyAttestation?) throws(CeremonyRefusal) {
        guard let message else { throw .responseMalformed }
        try self.init(
            id: message.id.array, clientData: message.clientDataJson.array,
            attestationObject: message.attestationObject.array, transports: message.transports)
    }
}

extension AuthenticationResponse {
    init(_ message: PasskeyAssertion?) throws(CeremonyRefusal) {
        guard let message else { throw .responseMalformed }
        try self.init(
            id: message.id.array, clientData: message.clientDataJson.array,
            authenticatorData: message.authenticatorData.array,
            signature: message.signature.array, userHandle: message.userHandle?.array)
    }
}
