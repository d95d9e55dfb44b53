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
struct SignInHandlers: SignIn {
    let gateway: Gateway
    let door: Door

    func start(_ request: StartSignIn, _ call: Call) async throws(Fault) -> NextStep {
        let bearer = try door.wantsBearer(request.bearer)
        let key = SignInKey(request.identifier)
        let account = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.find(key)
        }
        let verdict = try await gateway.verification.checkPassword(
            CheckPassword(user: account?.id ?? .nobody(key), password: request.password), call)
        guard let account else {
            throw Fault(.passwordWrong, detail: "a decoy's password was accepted")
        }
        var flow = SignInFlow(mustChangePassword: verdict.mustChange)
        let outcome = try await decide(&flow, account, since: 0, call)
        if case .openSession(let methods, let level) = outcome.effect {
            return try await open(
                account, methods, level, finishing: nil, bearer: bearer, call)
        }
        let ticket = try Ticket.fresh()
        let new = NewPendingSignIn(
            id: try .fresh(), ticket: ticket, account: account, flow: flow,
            policyVersion: outcome.policyVersion, bearer: bearer)
        let expiresAt = try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.add(
                new, audit: call.audit(.signInStarted, subject: account.id))
        }
        guard let expiresAt else { throw Fault(.passwordWrong, detail: "changed meanwhile") }
        return outcome.offer(ticket, expiresAt)
    }

    func beginBinding(
        _ request: BeginSignInBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted {
        var pending = try await find(request.ticket)
        switch pending.flow.on(.verifierChosen(request.verifier)) {
        case .beginBinding(let verifier, let additional):
            return try await gateway.verification.beginBinding(
                BeginBinding(
                    user: pending.account.id, verifier: verifier, context: pending.id,
                    accountName: pending.account.userName, additional: additional),
                call)
        case let other: throw other.refusal
        }
    }

    func confirmBinding(
        _ request: ConfirmSignInBinding, _ call: Call
    ) async throws(Fault) -> NextStep {
        var pending = try await find(request.ticket)
        switch pending.flow.on(.codeGivenToBind) {
        case .confirmBinding(let additional):
            let bound = try await gateway.verification.confirmBinding(
                ConfirmBinding(
                    user: pending.account.id, context: pending.id, code: request.code,
                    additional: additional),
                call)
            let factor = SignInFlow.Factor(authenticator: bound.id, verifier: bound.verifier)
            return try await goOn(&pending, .bound(factor), request.ticket, call)
        case let other: throw other.refusal
        }
    }

    func completeVerification(
        _ request: CompleteVerification, _ call: Call
    ) async throws(Fault) -> NextStep {
        var pending = try await find(request.ticket)
        switch pending.flow.on(.codeGiven(request.authenticator)) {
        case .checkCode(let authenticator):
            let proved = try await gateway.verification.checkCode(
                CheckCode(
                    user: pending.account.id, authenticator: authenticator, code: request.code,
                    purpose: .signIn),
                call)
            let factor = SignInFlow.Factor(authenticator: proved.id, verifier: proved.verifier)
            return try await goOn(&pending, .proved(factor), request.ticket, call)
        case let other: throw other.refusal
        }
    }

    func changePassword(
        _ request: ChangeSignInPassword, _ call: Call
    ) async throws(Fault) -> NextStep {
        var pending = try await find(request.ticket)
        switch pending.flow.on(.passwordGiven) {
        case .replacePassword(let secondFactorAsked):
            _ = try await gateway.verification.replacePassword(
                ReplacePassword(
                    user: pending.account.id, newPassword: request.newPassword,
                    secondFactorAsked: secondFactorAsked,
                    contextWords: pending.account.contextWords),
                call)
        case let other: throw other.refusal
        }
        let current = pending
        let adopted = try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.adoptNewPassword(
                current, audit: call.audit(.passwordChanged, subject: current.account.id))
        }
        guard let adopted else { throw Fault(.signInExpired) }
        pending = current.adopting(adopted.version, epoch: adopted.epoch)
        return try await goOn(&pending, .passwordReplaced, request.ticket, call)
    }

    func cancel(_ request: CancelSignIn, _ call: Call) async throws(Fault) -> SignInCanceled {
        try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.cancel(request.ticket)
        }
        return SignInCanceled()
    }
}

extension SignInHandlers {
    /// Policy's answer applied to a flow: the effect and what is needed to tell it.
    struct Outcome {
        let effect: SignInFlow.Effect
        let policyVersion: UInt64
        let authenticators: [AuthenticatorView]
        let verifiers: [VerifierView]
    }

    private func find(_ ticket: Ticket) async throws(Fault) -> PendingSignIn {
        let pending = try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.find(ticket)
        }
        guard let pending else { throw Fault(.signInExpired) }
        _ = try door.wantsBearer(pending.bearer)
        return pending
    }

    /// Gathers the facts, asks policy and lets the flow judge. Throws what the flow refuses.
    private func decide(
        _ flow: inout SignInFlow, _ account: AccountRecord, since version: UInt64, _ call: Call
    ) async throws(Fault) -> Outcome {
        let list = try await gateway.verification.listAuthenticators(
            ListAuthenticators(user: account.id), call)
        let active = list.authenticators.filter { !$0.disabled }
        let decision = try gateway.policyVersions.newestSeen(
            try await gateway.policy.decide(
                Decide(
                    roles: account.roles, method: .password, bound: active.map(\.verifier),
                    proved: flow.proved.map(\.verifier), sinceVersion: version),
                call))
        var verifiers: [VerifierView] = []
        if decision.outcome == .bind {
            verifiers = try await gateway.verification.listVerifiers(ListVerifiers(), call)
                .verifiers
        }
        let bound = SignInFlow.Bound(
            active: active.map { SignInFlow.Factor(authenticator: $0.id, verifier: $0.verifier) },
            someDisabled: active.count < list.authenticators.count)
        let effect = flow.on(.decided(decision, bound, verifiers: verifiers.map(\.uid)))
        if case .refuse(let reason) = effect { throw Fault(reason, detail: decision.rule) }
        return Outcome(
            effect: effect, policyVersion: decision.version, authenticators: active,
            verifiers: verifiers)
    }

    /// After a proof: the flow takes it, policy is asked again, and what follows is stored.
    private func goOn(
        _ pending: inout PendingSignIn, _ event: SignInFlow.Event, _ ticket: Ticket, _ call: Call
    ) async throws(Fault) -> NextStep {
        let effect = pending.flow.on(event)
        guard effect == .askPolicy else { throw effect.refusal }
        let outcome = try await decide(
            &pending.flow, pending.account, since: UInt64(clamping: pending.policyVersion), call)
        if case .openSession(let methods, let level) = outcome.effect {
            return try await open(
                pending.account, methods, level, finishing: pending, bearer: pending.bearer, call)
        }
        let next = pending
        let saved = try await stored { () throws(PostgresFault) in
            try await gateway.pendingSignIns.save(next)
        }
        guard saved else { throw Fault(.signInExpired) }
        return outcome.offer(ticket, pending.expiresAt)
    }

    private func open(
        _ account: AccountRecord, _ methods: [AuthenticationMethod], _ level: UInt32,
        finishing pending: PendingSignIn?, bearer: Bool, _ call: Call
    ) async throws(Fault) -> NextStep {
        let token = try SessionToken.fresh()
        let new = NewSession(
            id: try .fresh(), token: token, account: account, methods: methods, level: level)
        let session = try await stored { () throws(PostgresFault) in
            try await gateway.sessions.open(
                new, finishing: pending,
                audit: call.audit(.signInCompleted, actor: account.id, subject: account.id))
        }
        guard let session else { throw Fault(.signInExpired) }
        if !bearer { door.keep(token, until: session) }
        let view = session.view(token: bearer ? token : nil)
        return NextStep(step: .signedIn(SignedIn(session: view)))
    }
}

extension SignInHandlers.Outcome {
    /// The next step as the caller sees it.
    func offer(_ ticket: Ticket, _ expiresAt: Timestamp) -> NextStep {
        switch effect {
        case .offerVerification(let offered):
            let choices = authenticators.filter { offered.contains($0.id) }
            return NextStep(
                step: .verify(
                    VerifyOffer(
                        ticket: ticket, expiresAt: expiresAt,
                        authenticators: choices.map(OfferedAuthenticator.init))))
        case .offerBinding(let offered):
            let choices = verifiers.filter { offered.contains($0.uid) }
            return NextStep(
                step: .bind(
                    BindOffer(
                        ticket: ticket, expiresAt: expiresAt,
                        verifiers: choices.map(OfferedVerifier.init))))
        case .offerNewPassword, .askPolicy, .checkCode, .beginBinding, .confirmBinding,
            .replacePassword, .openSession, .refuse:
            return NextStep(
                step: .changePassword(ChangePasswordOffer(ticket: ticket, expiresAt: expiresAt)))
        }
    }
}

extension SignInFlow.Effect {
    /// The refusal this effect is; any other effect here means that the step was out of order.
    fileprivate var refusal: Fault {
        if case .refuse(let reason) = self { Fault(reason) } else { Fault(.stepOutOfOrder) }
    }
}

extension OfferedAuthenticator {
    init(_ view: AuthenticatorView) {
        self.init(
            id: view.id, verifier: view.verifier, type: view.type, title: view.title,
            hint: view.hint)
    }
}

extension OfferedVerifier {
    init(_ view: VerifierView) {
        self.init(uid: view.uid, type: view.type, title: view.title)
    }
}

extension PendingSignIn {
    /// The same sign-in after its user's epoch was raised under it.
    fileprivate func adopting(_ version: Int64, epoch: Int64) -> PendingSignIn {
        PendingSignIn(
            id: id, version: version, flow: flow, policyVersion: policyVersion, bearer: bearer,
            expiresAt: expiresAt, account: account.with(epoch: epoch))
    }
}
