import Audit
import Contracts
import Crypto
import Daemon
import OTP
import RPC
import SMS
import Wire

/// Codes by SMS and e-mail: sending, binding and checking.
extension VerificationHandlers {
    // MARK: Sending

    func beginMessageProof(
        _ request: BeginChallenge, _ target: MessageChallenges.Target, _ call: Call
    ) async throws(Fault) -> ChallengeStarted {
        let (user, id) = (request.user, request.authenticator)
        guard let uid = target.verifier, let verifier = try await verifiers.find(uid) else {
            throw Fault(.verifierNotFound)
        }
        let receiver = try Receiver(
            verifier.type, sealing.open(target.sealed, authenticator: id, of: user))
        let place = CodePlace(
            user: user, context: request.context, purpose: request.purpose, subject: id)
        let audit = AuditContext(
            call, actor: user,
            ["authenticator": id.description, "purpose": request.purpose.rawValue])
        let (expiresAt, sent) = try await sendCode(
            place, .authenticator, verifier, to: receiver, locale: request.locale, audit)
        return ChallengeStarted(expiresAt: expiresAt, challenge: .message(sent))
    }

    /// A binding that waits for the code that is sent to its receiver.
    func beginMessageBinding(
        _ request: BeginBinding, _ verifier: Verifier, _ call: Call
    ) async throws(Fault) -> BindingStarted {
        let user = request.user
        let receiver = try Receiver(verifier.type, typed: request.receiver)
        let id = try AuthenticatorID.fresh()
        let new = Bindings.New(
            id: id, user: user, context: request.context, verifier: verifier.uid,
            sealed: try sealing.seal(
                SecretBytes(copying: Array(receiver.text.utf8)), binding: id, of: user))
        let place = CodePlace(user: user, context: request.context, purpose: .bind, subject: id)
        let audit = AuditContext(
            call, actor: user,
            ["verifier": verifier.uid.text, "purpose": Purpose.bind.rawValue])
        let (expiresAt, sent) = try await sendCode(
            place, .binding(new), verifier, to: receiver, locale: request.locale, audit)
        return BindingStarted(expiresAt: expiresAt, enrolment: .message(sent))
    }

    private func sendCode(
        _ place: CodePlace, _ gate: MessageChallenges.Gate, _ verifier: Verifier,
        to receiver: Receiver, locale: String, _ audit: AuditContext
    ) async throws(Fault) -> (Timestamp, MessageSent) {
        guard let digits = verifier.settings.codeDigits else {
            throw Fault(.verifierTypeUnsupported)
        }
        let code = try MessageCode.fresh(digits: digits)
        var message = OutboundMessage(
            MessageSubject(codeFor: place.purpose),
            to: NoticeReceiver(address: receiver.text, locale: locale, displayName: ""))
        message.secret = code.digits
        message.verifier = verifier.uid.text
        let channel = receiver.channel
        let (queued, taken) = try outbox.queueTaken(
            message, to: place.user, by: channel, now: clock.now())
        let counted = try counters.counted(
            budget, user: place.user, to: receiver, for: gate.use)
        try await counters.prepare(counted)
        let new = MessageChallenges.New(
            place: place, kind: verifier.type, answer: try place.digest(code, sealing.keys),
            message: taken.id, gate: gate)
        let begun = try await messages.begin(new, counted, telling: queued, audit)
        try await admit(begun.verdict, counted, audit)
        guard let times = begun.times else { throw Fault(.authenticatorNotFound) }
        try await outbox.send(message, taken, by: channel, log)
        return (
            times.expiresAt,
            MessageSent(
                receiver: receiver.masked, digits: digits, resendAfter: times.resendAt)
        )
    }

    /// Throws where the budget refuses, and tells an operator what he has to know.
    private func admit(
        _ verdict: MessageCounters.Verdict, _ counted: MessageCounters.Counted,
        _ audit: AuditContext
    ) async throws(Fault) {
        for scope in verdict.alarming {
            if try await counters.alarm(counted, scope, audit) {
                log.error(
                    "message_alarm",
                    [
                        "scope": .text(scope.rawValue),
                        "capped": .flag(verdict.refusing == scope),
                        "trace_id": .text(audit.trace.description),
                    ])
            }
        }
        guard !verdict.isAdmitted else { return }
        throw Fault(
            .messageRateLimited,
            retryAfterSeconds: verdict.retryAfterSeconds.map { UInt32(clamping: $0) },
            detail: "the budget of \(verdict.refusing?.rawValue ?? "a counter that was swept")")
    }

    /// A message that is no code goes out like any other, and is counted like any other: as one
    /// of the administrator who sends it.
    func testVerifier(_ trial: TryVerifier, _ call: Call) async throws(Fault) -> TestSent {
        let (actor, request) = (trial.actor, trial.verifier)
        guard let verifier = try await verifiers.find(request.uid) else {
            throw Fault(.verifierNotFound)
        }
        guard let digits = verifier.settings.codeDigits else {
            throw Fault(.verifierTypeUnsupported)
        }
        let receiver = try Receiver(verifier.type, typed: request.receiver)
        var message = OutboundMessage(
            .test,
            to: NoticeReceiver(address: receiver.text, locale: "", displayName: ""))
        message.secret = String(repeating: "0", count: Int(digits))
        message.verifier = verifier.uid.text
        let audit = AuditContext(
            call, actor: actor, ["verifier": verifier.uid.text, "purpose": "test"])
        let channel = receiver.channel
        let (queued, taken) = try outbox.queueTaken(
            message, to: actor, by: channel, now: clock.now())
        let counted = try counters.counted(budget, user: actor, to: receiver, for: .binding)
        try await counters.prepare(counted)
        let verdict = try await messages.beginTest(
            counted, telling: queued, audit)
        try await admit(verdict, counted, audit)
        try await outbox.send(message, taken, by: channel, log)
        return TestSent()
    }

    // MARK: Binding

    func confirmMessageBinding(
        _ tried: Bindings.Tried, _ request: ConfirmBinding, _ audit: AuditContext
    ) async throws(Fault) -> AuthenticatorBound {
        let user = request.user
        let opened = try sealing.open(tried.sealed, binding: tried.id, of: user)
        let receiver = try Receiver(tried.type, opened)
        let place = CodePlace(
            user: user, context: request.context, purpose: .bind, subject: tried.id)
        guard let challenge = try await messages.tryOnce(place, tried.type) else {
            throw Fault(.bindingExpired)
        }
        guard let answer = try matching(request.code, place, challenge) else {
            try await bindings.refused(user, audit)
            throw Fault(
                .codeWrong,
                attemptsLeft: UInt32(clamping: min(tried.triesLeft, challenge.triesLeft)))
        }
        guard try await messages.consume(place, tried.type, answer) else {
            throw Fault(.bindingExpired)
        }
        let sealed = try sealing.seal(opened, authenticator: tried.id, of: user)
        let notice = try outbox.notice(.authenticatorBound, to: request.notify, of: user) {
            $0.title = tried.title
        }
        let recovery = try newRecoveryCodes(user)
        let outcome = try await bindings.confirm(
            tried, Bindings.Confirmed(sealed: sealed), of: user,
            additional: request.additional, recovery: recovery, telling: notice, audit)
        switch outcome {
        case .bound(let boundAt, let withRecovery):
            outbox.wake()
            await noteVerified(user, receiver, .binding)
            return AuthenticatorBound(
                authenticator: tried.view(boundAt: boundAt, hint: receiver.masked),
                recoveryCodes: withRecovery ? recovery.printed : [])
        case .gone, .taken: throw Fault(.bindingExpired)
        case .refused(let before):
            throw before.refusal(additional: request.additional) ?? Fault(.bindingExpired)
        }
    }

    /// What is stored of the code, when it is the one that was sent.
    private func matching(
        _ typed: String, _ place: CodePlace, _ tried: MessageChallenges.Tried
    ) throws(Fault) -> Bytes? {
        guard let code = MessageCode(typed: typed) else { return nil }
        let digests = try place.digests(code, sealing.keys)
        return digests.first { constantTimeEquals($0, tried.answer) }
    }

    /// For the alarm alone, so nothing depends on it.
    private func noteVerified(
        _ user: UserID, _ receiver: Receiver, _ use: MessageBudget.Use
    ) async {
        do throws(Fault) {
            try await counters.verified(
                counters.counted(budget, user: user, to: receiver, for: use))
        } catch {
            log.warning("conversion_uncounted", ["why": .text(error.detail)])
        }
    }

    // MARK: Checking

    /// Checks and settles a try that was admitted.
    func proveMessage(
        _ request: CheckCode, _ admitted: SecondFactors.Admitted, _ kind: VerifierType,
        _ audit: AuditContext
    ) async throws(Fault) {
        let attempt = admitted.attempt
        let (user, id) = (attempt.user, attempt.authenticator)
        let checked: CheckedMessage?
        do throws(Fault) {
            checked = try await checkMessage(request, admitted, kind)
        } catch {
            await giveBack(attempt)
            throw error
        }
        guard let checked else {
            // Nothing was guessed: no code is waited for.
            await giveBack(attempt)
            throw Fault(.challengeExpired)
        }
        guard let answer = checked.answer else {
            let fault = try await failure(admitted, telling: request.notify, audit)
            throw fault.atMost(attemptsLeft: checked.triesLeft)
        }
        let resealed = try sealing.renewed(
            admitted.sealed, checked.opened, authenticator: id, of: user)
        guard
            try await messages.succeed(
                attempt, checked.place, kind, answer, from: admitted.origin, resealed: resealed,
                audit)
        else { throw Fault(.codeUsed) }
        await noteVerified(user, try Receiver(kind, checked.opened), .proving)
    }

    private struct CheckedMessage {
        let place: CodePlace
        let opened: SecretBytes
        let triesLeft: Int
        /// Nil for a wrong code.
        let answer: Bytes?
    }

    /// Nil when no code is waited for.
    private func checkMessage(
        _ request: CheckCode, _ admitted: SecondFactors.Admitted, _ kind: VerifierType
    ) async throws(Fault) -> CheckedMessage? {
        guard let context = request.context else {
            throw Fault(.malformed, detail: "a code of a message belongs to a context")
        }
        let attempt = admitted.attempt
        let opened = try sealing.open(
            admitted.sealed, authenticator: attempt.authenticator, of: attempt.user)
        let place = CodePlace(
            user: attempt.user, context: context, purpose: request.purpose,
            subject: attempt.authenticator)
        guard let tried = try await messages.tryOnce(place, kind) else { return nil }
        return CheckedMessage(
            place: place, opened: opened, triesLeft: tried.triesLeft,
            answer: try matching(request.code, place, tried))
    }
}

extension Fault {
    /// The code itself may stand fewer tries than the authenticator.
    fileprivate func atMost(attemptsLeft most: Int) -> Fault {
        guard let attemptsLeft else { return self }
        return Fault(
            reason, retryAfterSeconds: retryAfterSeconds,
            attemptsLeft: min(attemptsLeft, UInt32(clamping: most)), detail: detail)
    }
}

extension VerifierSettings {
    /// Of a code that is sent; nil for kinds that send none.
    var codeDigits: UInt32? {
        switch self {
        case .sms(let it): it.codeDigits
        case .email(let it): it.codeDigits
        case .totp, .passkey: nil
        }
    }
}

extension Receiver {
    var channel: MessageChannel {
        switch self {
        case .phone: .sms
        case .address: .mail
        }
    }
}
