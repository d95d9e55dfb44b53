import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Wire

/// `SignInService`: runs `SignInFlow` against the store and the two services behind it. What is
/// decided stands there; what happens because of it stands here.
///
/// Every step reads the pending sign-in, calls without holding a lock, and writes by comparing
/// the version it read. Policy or verification away: the step fails and no session is opened.
///
/// All steps of a sign-in share a span that is made of its id, so that its rows in the audits of
/// the three services, and its lines in their logs, are found by one value that nobody else
/// chooses. They belong to the trace it began under, but for those that bring one of their own.
struct SignInHandlers: SignIn {
    let gateway: Gateway
    let door: Door

    func start(_ request: StartSignIn, _ call: Call) async throws(Fault) -> NextStep {
        let id = try ContextID.fresh()
        let call = call.step(of: id)
        door.joined(call.trace)
        let bearer = try door.wantsBearer(request.bearer)
        guard bearer || request.trust == nil else {
            throw Fault(.malformed, detail: "what a browser is trusted by is a cookie")
        }
        let edge = try await gateway.admission(of: call)
        let key = SignInKey(request.identifier)
        let found = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.find(key)
        }
        let account = try await edge.visible(found, in: gateway, call)
        let user = account?.id ?? .nobody(key)
        let device = try await stored { () throws(PostgresFault) in
            try await gateway.devices.find(bearer ? nil : door.device, of: user)
        }
        let standing = try await stored { () throws(PostgresFault) in
            try await gateway.trustedDevices.find(bearer ? request.trust : door.trust, of: user)
        }
        let verdict = try await gateway.verification.checkPassword(
            CheckPassword(
                user: user, password: request.password, device: device, notify: account?.notify),
            call)
        guard let account else {
            throw Fault(.passwordWrong, detail: "a decoy's password was accepted")
        }
        let isSuspect = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.isPasswordSuspect(account.id)
        }
        let trust = try await trust(standing, beside: verdict.password, of: account, call)
        return try await begin(
            SignInFlow(mustChangePassword: verdict.mustChange || isSuspect),
            Beginning(
                id: id, account: account, password: verdict.password, bearer: bearer,
                device: device, trust: trust, changed: .passwordWrong),
            call)
    }

    /// What a sign-in begins with, beside what was proved.
    struct Beginning: Sendable {
        let id: ContextID
        let account: AccountRecord
        /// The one that was proved; nil where something else was.
        let password: AuthenticatorID?
        let bearer: Bool
        let device: DeviceID?
        /// The trust in its device, where there is any.
        var trust: ShownTrust?
        /// The refusal of a user who was disabled, or reset, since he was read.
        let changed: Reason
        /// Where an identity provider has signed the user in, and when.
        var sso: SingleSignOn?
        var provedAt: Timestamp?
    }

    /// The first proof was right: a session, or a sign-in that waits for its next step.
    func begin(
        _ flow: SignInFlow, _ beginning: Beginning, _ call: Call
    ) async throws(Fault) -> NextStep {
        let first = flow
        var flow = flow
        let account = beginning.account
        let outcome = try await decide(
            &flow, account, since: 0, on: beginning.trust?.device, call)
        let offer: Offer
        switch outcome.next {
        case .session(let opened):
            let opening = Opening(
                proof: opened.proof, trust: opened.trust, limits: outcome.limits, pending: nil,
                beginning: beginning)
            if let step = try await open(opening, call) { return step }
            guard opened.trust == .used else { throw Fault(.signInExpired) }
            // Another sign-in was quicker with the same token, or the trust has just ended.
            var untrusted = beginning
            untrusted.trust = nil
            return try await begin(first, untrusted, call)
        case .offer(let it): offer = it
        }
        let ticket = try Ticket.fresh()
        let new = NewPendingSignIn(
            id: beginning.id, ticket: ticket, trace: TraceID(call.trace),
            password: beginning.password, account: account, flow: flow,
            policyVersion: outcome.policyVersion, bearer: beginning.bearer,
            device: beginning.device, passwordLengthMin: outcome.passwordLengthMin,
            sso: beginning.sso)
        let audit = call.audit(
            .signInStarted, subject: account.id, details: details(of: beginning))
        let expiresAt = try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.add(new, audit: audit)
        }
        guard let expiresAt else { throw Fault(beginning.changed, detail: "changed meanwhile") }
        gateway.signIns?.begun()
        return offer.step(ticket, expiresAt)
    }

    func beginBinding(
        _ request: BeginSignInBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted {
        var step = try await resume(request.ticket, call)
        switch step.pending.flow.on(.verifierChosen(request.verifier)) {
        case .beginBinding(let verifier, let additional):
            return try await gateway.verification.beginBinding(
                BeginBinding(
                    user: step.user, verifier: verifier, context: step.pending.id,
                    accountName: step.pending.account.userName, additional: additional,
                    receiver: request.receiver, locale: step.pending.account.locale),
                step.call)
        case let other: throw other.refusal
        }
    }

    func confirmBinding(
        _ request: ConfirmSignInBinding, _ call: Call
    ) async throws(Fault) -> NextStep {
        let name = try AuthenticatorName(of: request.name)
        var step = try await resume(request.ticket, call)
        switch step.pending.flow.on(.codeGivenToBind) {
        case .confirmBinding(let additional):
            let bound = try await gateway.verification.confirmBinding(
                ConfirmBinding(
                    user: step.user, context: step.pending.id, code: request.code,
                    additional: additional, passkey: request.passkey, name: name.text,
                    notify: step.pending.account.notify),
                step.call)
            try await endEverythingElse(&step, because: .authenticatorBound)
            var next = try await goOn(
                &step,
                .bound(SignInFlow.Factor(bound.authenticator)))
            next.recoveryCodes = bound.recoveryCodes
            return next
        case let other: throw other.refusal
        }
    }

    func completeVerification(
        _ request: CompleteVerification, _ call: Call
    ) async throws(Fault) -> NextStep {
        var step = try await resume(request.ticket, call)
        switch step.pending.flow.on(.codeGiven(request.authenticator)) {
        case .checkCode(let authenticator):
            let proved = try await gateway.verification.checkCode(
                CheckCode(
                    user: step.user, authenticator: authenticator, code: request.code,
                    purpose: .signIn, device: step.pending.device, context: step.pending.id,
                    passkey: request.passkey, notify: step.pending.account.notify,
                    origin: door.origin(of: call)),
                step.call)
            guard proved.authenticator == authenticator else {
                throw Fault(.internal, detail: "another authenticator was proved than asked for")
            }
            return try await goOn(
                &step,
                .proved(SignInFlow.Factor(proved), trusting: request.trustDevice))
        case let other: throw other.refusal
        }
    }

    func changePassword(
        _ request: ChangeSignInPassword, _ call: Call
    ) async throws(Fault) -> NextStep {
        var step = try await resume(request.ticket, call)
        switch step.pending.flow.on(.passwordGiven) {
        case .replacePassword(let secondFactorAsked):
            guard let password = step.pending.password else { throw Fault(.stepOutOfOrder) }
            let replacing = ReplacePassword(
                user: step.user, newPassword: request.newPassword,
                secondFactorAsked: secondFactorAsked,
                contextWords: step.pending.account.contextWords, proved: password,
                notify: step.pending.account.notify, lengthMin: step.pending.passwordLengthMin)
            do throws(Fault) {
                _ = try await gateway.verification.replacePassword(replacing, step.call)
            } catch  where error.reason == .versionConflict {
                throw Fault(.signInExpired, detail: "another password stands there by now")
            }
        case let other: throw other.refusal
        }
        try await endEverythingElse(&step, because: .passwordChanged)
        return try await goOn(&step, .passwordReplaced)
    }

    func cancel(_ request: CancelSignIn, _ call: Call) async throws(Fault) -> SignInCanceled {
        try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.cancel(request.ticket)
        }
        return SignInCanceled()
    }
}

// MARK: - What the steps share

extension SignInHandlers {
    /// A step of a pending sign-in.
    struct Step: Sendable {
        let ticket: Ticket
        var pending: PendingSignIn
        let call: Call

        var user: UserID { pending.account.id }
    }

    /// What follows from policy's answer.
    private struct Outcome: Sendable {
        let next: Next
        let policyVersion: UInt64
        let limits: SessionLimits
        let passwordLengthMin: UInt32
    }

    private enum Next: Sendable {
        case session(Opened)
        case offer(Offer)
    }

    /// A session as the flow wants it opened.
    private struct Opened: Sendable {
        let proof: SessionProof
        let trust: SignInFlow.Trust
    }

    func resume(_ ticket: Ticket, _ call: Call) async throws(Fault) -> Step {
        let pending = try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.find(ticket)
        }
        guard let pending else { throw Fault(.signInExpired) }
        _ = try door.wantsBearer(pending.bearer)
        let call = call.step(of: pending.id, in: door.isTraced ? nil : pending.trace)
        try await gateway.admit(pending.account, call)
        door.joined(call.trace)
        return Step(ticket: ticket, pending: pending, call: call)
    }

    /// Gathers the facts, asks policy and lets the flow judge. Throws what the flow refuses.
    private func decide(
        _ flow: inout SignInFlow, _ account: AccountRecord, since version: UInt64,
        on trusted: SignInFlow.TrustedDevice? = nil, _ call: Call
    ) async throws(Fault) -> Outcome {
        let list = try await gateway.verification.listAuthenticators(
            ListAuthenticators(user: account.id), call)
        let active = list.authenticators.filter { !$0.disabled }
        var bound = SignInFlow.Bound(
            active: active.map(SignInFlow.Factor.init),
            disabled: list.authenticators.filter(\.disabled).map { ProofKind($0.type) },
            recovery: list.recovery, trusted: trusted)
        gateway.policyVersions.note(version)
        let decision = try await gateway.policy.decide(
            flow.facts(of: account, bound, since: version, from: call.place), call)
        try gateway.policyVersions.accept(decision.version)
        var verifiers: [VerifierView] = []
        if decision.outcome == .bind {
            verifiers = try await gateway.verification.listVerifiers(ListVerifiers(), call)
                .verifiers.filter { $0.withstands(decision.strength) }
            if list.authenticators.isEmpty {
                bound.mayPutOff = try await mayPutOff(account, decision, call)
            }
        }
        let next: Next
        switch flow.on(.decided(decision, bound, verifiers: verifiers.map(\.uid))) {
        case .openSession(let methods, let level, let trust):
            next = .session(
                Opened(proof: SessionProof(methods: methods, level: level), trust: trust))
        case .offerVerification(let offered):
            next = .offer(
                .verify(
                    active.filter { offered.contains($0.id) },
                    recovery: list.recovery.flatMap { offered.contains($0) ? $0 : nil },
                    trust: decision.trustedDevices
                        ? gateway.trustedDevices.lifetimes.lifetime(of: account) : nil))
        case .offerBinding(let offered):
            next = .offer(.bind(verifiers.filter { offered.contains($0.uid) }))
        case .offerNewPassword: next = .offer(.changePassword)
        case .refuse(let reason): throw Fault(reason, detail: decision.rule)
        case let other: throw other.refusal
        }
        return Outcome(
            next: next, policyVersion: decision.version,
            limits: SessionLimits(decision, of: account),
            passwordLengthMin: decision.passwordLengthMin)
    }

    /// Whether this user, who has bound nothing, need not do so yet.
    private func mayPutOff(
        _ account: AccountRecord, _ decision: Decision, _ call: Call
    ) async throws(Fault) -> Bool {
        guard let date = decision.graceUntil else { return false }
        return try await stored { () throws(PostgresFault) in
            try await gateway.grace.use(
                account.id, until: date,
                audit: call.audit(
                    .graceGranted, subject: account.id, details: ["until": date.description]))
        }
    }

    /// After a proof: the flow takes it, policy is asked again, and what follows is stored.
    private func goOn(
        _ step: inout Step, _ event: SignInFlow.Event
    ) async throws(Fault) -> NextStep {
        let effect = step.pending.flow.on(event)
        guard effect == .askPolicy else { throw effect.refusal }
        let outcome = try await decide(
            &step.pending.flow, step.pending.account,
            since: UInt64(clamping: step.pending.policyVersion), step.call)
        step.pending.passwordLengthMin = outcome.passwordLengthMin
        let pending = step.pending
        switch outcome.next {
        case .session(let opened):
            let opening = Opening(
                proof: opened.proof, trust: opened.trust, limits: outcome.limits,
                pending: pending,
                beginning: Beginning(
                    id: pending.id, account: pending.account, password: pending.password,
                    bearer: pending.bearer, device: pending.device, changed: .signInExpired,
                    sso: pending.sso))
            guard let step = try await open(opening, step.call) else {
                throw Fault(.signInExpired)
            }
            return step
        case .offer(let offer):
            let saved = try await stored { () throws(PostgresFault) in
                try await gateway.pendingSignIns.save(pending)
            }
            guard saved else { throw Fault(.signInExpired) }
            return offer.step(step.ticket, pending.expiresAt)
        }
    }

    /// The user's password or factors have changed inside this sign-in, so nothing else that was
    /// begun before goes on: no session, no other sign-in.
    private func endEverythingElse(
        _ step: inout Step, because event: AuditEvent
    ) async throws(Fault) {
        let pending = step.pending
        let audit = step.call.audit(
            .sessionsEnded, actor: step.user, subject: step.user,
            details: ["because": event.rawValue])
        let adopted = try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.endEverythingElse(
                pending, passwordReplaced: event == .passwordChanged, audit: audit)
        }
        guard let adopted else { throw Fault(.signInExpired) }
        step.pending.version = adopted.version
        step.pending.account.epoch = adopted.epoch
    }

    /// A session that may be opened.
    private struct Opening: Sendable {
        let proof: SessionProof
        let trust: SignInFlow.Trust
        let limits: SessionLimits
        /// The sign-in that ends with it; nil where no step was needed.
        let pending: PendingSignIn?
        let beginning: Beginning
    }

    /// Nil where what it hangs on has changed since it was read.
    private func open(_ opening: Opening, _ call: Call) async throws(Fault) -> NextStep? {
        let beginning = opening.beginning
        let (account, bearer) = (beginning.account, beginning.bearer)
        let token = try SessionToken.fresh()
        let rotation = bearer ? nil : try gateway.devices.rotation(from: door.device)
        let trust = try openingTrust(opening.trust, beginning, call)
        if beginning.device == nil, !bearer || trust?.isGiven == true {
            try await tellOfNewDevice(account, call)
        }
        let isTrustKept = try await isTrustKept(bearer: bearer)
        let new = NewSession(
            id: try .fresh(), token: token, account: account, methods: opening.proof.methods,
            level: opening.proof.level, limits: opening.limits, device: rotation, trust: trust,
            origin: SessionOrigin(
                place: call.place, agent: door.agent, caller: beginning.sso?.caller),
            provedAt: beginning.provedAt)
        let audit = call.audit(
            .signInCompleted, actor: account.id, subject: account.id,
            details: details(of: beginning))
        let session = try await stored { () throws(PostgresFault) in
            try await gateway.sessions.open(
                new, finishing: opening.pending, audit: audit,
                auditOfEnded: call.audit(
                    .sessionEnded, subject: account.id, details: ["because": "too_many"]))
        }
        guard let session else { return nil }
        gateway.signIns?.completed()
        if !bearer { door.keep(token, until: session) }
        if let rotation { door.keep(rotation) }
        let trusted = hold(trust, session, bearer: bearer)
        if trusted == nil, !isTrustKept { door.forgetTrust() }
        let view = session.view(token: bearer ? token : nil)
        return NextStep(step: .signedIn(SignedIn(session: view, trusted: trusted)))
    }
}

extension SignInHandlers {
    /// With what somebody signs in, as he may be shown it.
    private func details(of beginning: Beginning) -> KeyValuePairs<String, String> {
        if let sso = beginning.sso { return sso.details }
        let agent = DeviceTitle.of(door.agent)
        return agent.isEmpty ? [:] : ["agent": agent]
    }

    /// The owner learns of a browser that he has not signed in with before, but for the very
    /// first. Before the session opens: none opens of which he could not be told.
    private func tellOfNewDevice(
        _ account: AccountRecord, _ call: Call
    ) async throws(Fault) {
        guard let receiver = account.notify, account.lastSignInAt != nil else { return }
        _ = try await gateway.verification.sendNotice(
            SendNotice(
                user: account.id, receiver: receiver, event: .newDevice, place: call.place), call)
    }
}

/// What a sign-in that goes on asks for, with what it takes to tell it.
private enum Offer: Sendable {
    /// `trust`: for how long the device may be trusted with the proof, where it may be.
    case verify([AuthenticatorView], recovery: AuthenticatorID?, trust: Duration?)
    case bind([VerifierView])
    case changePassword

    func step(_ ticket: Ticket, _ expiresAt: Timestamp) -> NextStep {
        switch self {
        case .verify(let choices, let recovery, let trust):
            NextStep(
                step: .verify(
                    VerifyOffer(
                        ticket: ticket, expiresAt: expiresAt,
                        authenticators: choices.map(OfferedAuthenticator.init),
                        recovery: recovery, mayTrust: trust != nil,
                        trustSeconds: UInt32(clamping: trust?.components.seconds ?? 0))))
        case .bind(let choices):
            NextStep(
                step: .bind(
                    BindOffer(
                        ticket: ticket, expiresAt: expiresAt,
                        verifiers: choices.map(OfferedVerifier.init))))
        case .changePassword:
            NextStep(
                step: .changePassword(ChangePasswordOffer(ticket: ticket, expiresAt: expiresAt)))
        }
    }
}

extension SignInFlow.Effect {
    /// The refusal this effect is; any other effect here means that the step was out of order.
    var refusal: Fault {
        if case .refuse(let reason) = self { Fault(reason) } else { Fault(.stepOutOfOrder) }
    }
}

extension SignInFlow.Factor {
    init(_ view: AuthenticatorView) {
        self.init(
            authenticator: view.id, verifier: view.verifier, kind: ProofKind(view.type))
    }

    init(_ proof: Proof) {
        self.init(
            authenticator: proof.authenticator, verifier: proof.verifier, kind: proof.kind)
    }
}

extension OfferedAuthenticator {
    init(_ view: AuthenticatorView) {
        self.init(
            id: view.id, verifier: view.verifier, type: view.type, title: view.title,
            hint: view.hint.isEmpty ? view.name : view.hint)
    }
}

extension OfferedVerifier {
    init(_ view: VerifierView) {
        self.init(uid: view.uid, type: view.type, title: view.title)
    }
}
