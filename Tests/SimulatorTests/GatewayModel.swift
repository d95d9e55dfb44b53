import Contracts
import Wire

@testable import AuthGateway

/// What people get from a sign-in's step.
enum Step: Sendable {
    case verify(ticket: Int, [AuthenticatorView], recovery: AuthenticatorID?)
    case bind(ticket: Int, [VerifierUID])
    case changePassword(ticket: Int)
    case signedIn(token: Int, Tables.Session)
}

/// One gateway: `SignInHandlers` step by step, over the modelled statements and through real
/// connections. `SignInFlow` and `PolicyVersions` are the product's own.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class GatewayModel: @unchecked Sendable {
    unowned let world: World
    let process: VirtualProcess
    let verification: ServicePort
    let policy: ServicePort
    /// New with each life of the process.
    private var policyVersions = PolicyVersions()

    init(_ world: World, _ process: VirtualProcess) {
        self.world = world
        self.process = process
        let service = VerificationModel(world: world)
        verification = ServicePort(
            world, from: process, to: world.verificationProcesses
        ) { (request, place) async throws(Fault) in
            try await service.serve(request, place)
        }
        let replicas = world.policies
        policy = ServicePort(
            world, from: process, to: replicas.map(\.process)
        ) { (request, place) async throws(Fault) in
            guard let replica = replicas.first(where: { $0.process === place.process }) else {
                throw Fault(.methodUnknown)
            }
            return try await replica.serve(request, place)
        }
    }

    func restarted() { policyVersions = PolicyVersions() }

    var store: Database { world.database }

    func noteVersion(_ version: UInt64) { policyVersions.note(version) }
}

// MARK: - The steps

extension GatewayModel {
    /// - Parameters:
    ///   - cookie: What the browser says it is known by.
    ///   - trust: What it holds as a trusted device.
    func start(
        _ user: UserID, _ password: String, trace: Int, _ cookie: Int?, trust: Int? = nil,
        _ place: Place
    ) async throws(Fault) -> Step {
        let checker = world.checker
        checker.traceBegan(trace, user)
        let account = try await store.run(place) { tables, _ in tables.activeAccount(user) }
        let device = try await store.run(place) { tables, _ in
            let found = tables.findDevice(cookie, user)
            if let found { checker.takenForKnown(found, user, by: cookie, trace) }
            return found
        }
        let browser = Tables.Browser(cookie: cookie, device: device, trust: trust)
        let standing = try await store.run(place) { tables, now in
            tables.findTrust(trust, user, now)
        }
        let verdict = try await verification.call(
            .checkPassword(
                CheckPassword(user: user, password: password, device: device), trace: trace),
            place)
        guard let account, case .password(let proved) = verdict else {
            throw Fault(.passwordWrong)
        }
        let isSuspect = try await store.run(place) { tables, _ in
            tables.users[user]?.isPasswordSuspect ?? false
        }
        let mustChange =
            proved.mustChange && world.flaw != .initialPasswordSuffices || isSuspect
        let beginning = Beginning(
            account: account, password: proved.password, browser: browser,
            trust: try await trusted(standing, beside: proved.password, place), trace: trace)
        return try await begin(
            SignInFlow(mustChangePassword: mustChange), beginning, place)
    }

    /// `SignInHandlers.Beginning`.
    private struct Beginning: Sendable {
        let account: Tables.Account
        let password: AuthenticatorID
        let browser: Tables.Browser
        var trust: TrustRow?
        let trace: Int
    }

    private func begin(
        _ first: SignInFlow, _ beginning: Beginning, _ place: Place
    ) async throws(Fault) -> Step {
        var flow = first
        let outcome = try await decide(
            &flow, beginning.account, since: 0, on: beginning.trust?.device, place)
        if case .session(let opening) = outcome.next {
            if let step = try await open(opening, beginning, finishing: nil, place) {
                return step
            }
            guard opening.trust == .used else { throw Fault(.signInExpired) }
            var untrusted = beginning
            untrusted.trust = nil
            return try await begin(first, untrusted, place)
        }
        let ticket = world.newTicket()
        let (stored, version) = (flow, outcome.version)
        let expiresAt = try await store.run(place) { tables, now in
            tables.addPending(
                ticket, trace: beginning.trace, beginning.password, beginning.account,
                beginning.browser, stored, version, now)
        }
        guard expiresAt != nil else { throw Fault(.passwordWrong) }
        return outcome.next.step(ticket)
    }

    /// `SignInHandlers.trust`.
    private func trusted(
        _ standing: ModelTrustStanding, beside password: AuthenticatorID, _ place: Place
    ) async throws(Fault) -> TrustRow? {
        switch standing {
        case .none: return nil
        case .current(let row):
            return row.password == password || world.flaw == .trustOutlivesPassword ? row : nil
        case .reused(let id):
            try await store.run(place) { tables, _ in tables.endReusedTrust(id) }
            world.checker.trustReused(id)
            return nil
        }
    }

    func beginBinding(
        _ ticket: Int, _ verifier: VerifierUID, _ place: Place
    ) async throws(Fault) -> (seed: Int, id: AuthenticatorID) {
        var (pending, account) = try await resume(ticket, place)
        guard
            case .beginBinding(let verifier, let additional) =
                pending.flow.on(.verifierChosen(verifier))
        else { throw Fault(.stepOutOfOrder) }
        let answer = try await verification.call(
            .beginBinding(
                BeginBinding(
                    user: account.id, verifier: verifier, context: pending.id, accountName: "",
                    additional: additional)),
            place)
        guard case .binding(let seed, let id) = answer else { throw Fault(.internal) }
        return (seed, id)
    }

    /// A step, and what is told with it once.
    struct Confirmed: Sendable {
        let step: Step
        let recoveryCodes: [String]
    }

    func confirmBinding(
        _ ticket: Int, _ code: String, _ place: Place
    ) async throws(Fault) -> Confirmed {
        var (pending, account) = try await resume(ticket, place)
        guard case .confirmBinding(let additional) = pending.flow.on(.codeGivenToBind) else {
            throw Fault(.stepOutOfOrder)
        }
        let answer = try await verification.call(
            .confirmBinding(
                ConfirmBinding(
                    user: account.id, context: pending.id, code: code, additional: additional),
                trace: pending.trace),
            place)
        guard case .bound(let bound, let codes) = answer else { throw Fault(.internal) }
        try await endEverythingElse(&pending, &account, place)
        let step = try await goOn(pending, account, .bound(SignInFlow.Factor(bound)), place)
        return Confirmed(step: step, recoveryCodes: codes)
    }

    func beginVerification(
        _ ticket: Int, _ authenticator: AuthenticatorID, _ place: Place
    ) async throws(Fault) {
        var (pending, account) = try await resume(ticket, place)
        guard
            case .beginChallenge(let authenticator) =
                pending.flow.on(.challengeAsked(authenticator))
        else { throw Fault(.authenticatorNotOffered) }
        _ = try await verification.call(
            .beginChallenge(
                BeginChallenge(
                    user: account.id, authenticator: authenticator, context: pending.id,
                    purpose: .signIn, locale: "")),
            place)
    }

    func completeVerification(
        _ ticket: Int, _ authenticator: AuthenticatorID, _ code: String,
        trusting: Bool = false, _ place: Place
    ) async throws(Fault) -> Step {
        var (pending, account) = try await resume(ticket, place)
        var effect = pending.flow.on(.codeGiven(authenticator))
        if world.flaw == .factorOfAnotherUser { effect = .checkCode(authenticator) }
        guard case .checkCode(let authenticator) = effect else {
            if case .refuse(let reason) = effect { throw Fault(reason) }
            throw Fault(.stepOutOfOrder)
        }
        let answer = try await verification.call(
            .checkCode(
                CheckCode(
                    user: account.id, authenticator: authenticator, code: code,
                    purpose: .signIn, device: pending.device, context: pending.id),
                trace: pending.trace),
            place)
        guard case .proof(let proved, _) = answer else { throw Fault(.internal) }
        var factor = SignInFlow.Factor(proved)
        if world.flaw == .factorOfAnotherUser,
            case .verifying(let offered) = pending.flow.state, let first = offered.first
        {
            factor = SignInFlow.Factor(
                authenticator: first, verifier: proved.verifier, kind: proved.kind)
        }
        return try await goOn(
            pending, account, .proved(factor, trusting: trusting), place)
    }

    func changePassword(
        _ ticket: Int, _ password: String, _ place: Place
    ) async throws(Fault) -> Step {
        var (pending, account) = try await resume(ticket, place)
        guard case .replacePassword(let asked) = pending.flow.on(.passwordGiven) else {
            throw Fault(.stepOutOfOrder)
        }
        _ = try await verification.call(
            .replacePassword(
                ReplacePassword(
                    user: account.id, newPassword: password, secondFactorAsked: asked,
                    contextWords: [], proved: pending.password),
                trace: pending.trace),
            place)
        try await endEverythingElse(&pending, &account, passwordReplaced: true, place)
        return try await goOn(pending, account, .passwordReplaced, place)
    }

    func cancel(_ ticket: Int, _ place: Place) async throws(Fault) {
        try await store.run(place) { tables, _ in tables.cancel(ticket) }
    }
}

// MARK: - What the steps share

extension GatewayModel {
    /// `SignInHandlers.Opening`.
    private struct Opening: Sendable {
        let proof: SessionProof
        let trust: SignInFlow.Trust
    }

    private enum Next {
        case session(Opening)
        case verify([AuthenticatorView], recovery: AuthenticatorID?)
        case bind([VerifierUID])
        case changePassword

        func step(_ ticket: Int) -> Step {
            switch self {
            case .verify(let choices, let recovery):
                .verify(ticket: ticket, choices, recovery: recovery)
            case .bind(let choices): .bind(ticket: ticket, choices)
            case .changePassword, .session: .changePassword(ticket: ticket)
            }
        }
    }

    private func resume(
        _ ticket: Int, _ place: Place
    ) async throws(Fault) -> (Tables.Pending, Tables.Account) {
        let checker = world.checker
        let found = try await store.run(place) { tables, now in
            let found = tables.findPending(ticket, now)
            if let found { checker.stepBegan(found.0.trace) }
            return found
        }
        guard let found else { throw Fault(.signInExpired) }
        return found
    }

    private func decide(
        _ flow: inout SignInFlow, _ account: Tables.Account, since version: UInt64,
        on trusted: SignInFlow.TrustedDevice? = nil, _ place: Place
    ) async throws(Fault) -> (next: Next, version: UInt64) {
        let listed = try await verification.call(
            .listAuthenticators(ListAuthenticators(user: account.id)), place)
        guard case .list(let list) = listed else { throw Fault(.internal) }
        let active = list.authenticators.filter { !$0.disabled }
        policyVersions.note(version)
        let answer = try await policy.call(
            .decide(
                Decide(
                    roles: account.roles, method: .password, bound: active.map(\.verifier),
                    proved: flow.provedVerifiers(of: active), sinceVersion: version,
                    user: account.id)),
            place)
        guard case .decision(var decision) = answer else { throw Fault(.internal) }
        if world.flaw == .trustWithdrawalIgnored { decision.trustedDevices = true }
        if world.flaw != .oldPolicyTrusted { try policyVersions.accept(decision.version) }
        let isFloorless = world.flaw == .floorRemoved && flow.proved.isEmpty
        let bound = SignInFlow.Bound(
            active: isFloorless
                ? [] : active.map(SignInFlow.Factor.init),
            disabled: world.flaw == .disabledFactorsForgotten
                ? [] : list.authenticators.filter(\.disabled).map { ProofKind($0.type) },
            recovery: isFloorless ? nil : list.recovery, trusted: trusted)
        switch flow.on(.decided(decision, bound, verifiers: World.verifiers)) {
        case .openSession(_, _, let trust):
            let proof = proof(password: flow.began == .password, flow.proved.map(\.kind))
            return (.session(Opening(proof: proof, trust: trust)), decision.version)
        case .offerVerification(let offered):
            let recovery = list.recovery.flatMap { offered.contains($0) ? $0 : nil }
            return (
                .verify(active.filter { offered.contains($0.id) }, recovery: recovery),
                decision.version
            )
        case .offerBinding(let offered): return (.bind(offered), decision.version)
        case .offerNewPassword: return (.changePassword, decision.version)
        case .refuse(let reason): throw Fault(reason)
        case .askPolicy, .beginChallenge, .checkCode, .beginBinding, .confirmBinding,
            .replacePassword:
            throw Fault(.stepOutOfOrder)
        }
    }

    /// `SessionProof`, from which the flow takes what a session has.
    func proof(password: Bool, _ kinds: [ProofKind]) -> SessionProof {
        let isMailTrusted = world.flaw == .mailRaisesLevel
        return SessionProof(
            password: password, isMailTrusted ? kinds.map { $0 == .email ? .sms : $0 } : kinds)
    }

    /// `Gateway.asksForFactor`.
    func asksForFactor(_ account: Tables.Account, _ place: Place) async throws(Fault) -> Bool {
        let answer = try await policy.call(
            .decide(
                Decide(
                    roles: account.roles, method: .password, bound: [], proved: [],
                    sinceVersion: 0, user: account.id)),
            place)
        guard case .decision(let decision) = answer else { throw Fault(.internal) }
        if world.flaw != .oldPolicyTrusted { try policyVersions.accept(decision.version) }
        return decision.outcome != .allow
    }

    private func goOn(
        _ pending: Tables.Pending, _ account: Tables.Account, _ event: SignInFlow.Event,
        _ place: Place
    ) async throws(Fault) -> Step {
        var pending = pending
        let effect = pending.flow.on(event)
        guard effect == .askPolicy else {
            if case .refuse(let reason) = effect { throw Fault(reason) }
            throw Fault(.stepOutOfOrder)
        }
        let outcome = try await decide(
            &pending.flow, account, since: pending.policyVersion, place)
        if case .session(let opening) = outcome.next {
            let beginning = Beginning(
                account: account, password: pending.password,
                browser: Tables.Browser(
                    cookie: pending.cookie, device: pending.device, trust: pending.trust),
                trace: pending.trace)
            let step = try await open(opening, beginning, finishing: pending, place)
            guard let step else { throw Fault(.signInExpired) }
            return step
        }
        let changed = pending
        let isSaved = try await store.run(place) { tables, now in
            tables.savePending(changed, now)
        }
        guard isSaved else { throw Fault(.signInExpired) }
        return outcome.next.step(pending.ticket)
    }

    private func endEverythingElse(
        _ pending: inout Tables.Pending, _ account: inout Tables.Account,
        passwordReplaced: Bool = false, _ place: Place
    ) async throws(Fault) {
        await world.standStill(oneIn: 8)
        let (read, user) = (pending, account)
        let adopted = try await store.run(place) { tables, now in
            tables.endEverythingElse(read, user, passwordReplaced: passwordReplaced, now)
        }
        guard let adopted else { throw Fault(.signInExpired) }
        pending.version = adopted.version
        account.epoch = adopted.epoch
    }

    private func open(
        _ opening: Opening, _ beginning: Beginning, finishing pending: Tables.Pending?,
        _ place: Place
    ) async throws(Fault) -> Step? {
        await world.standStill(oneIn: 8)
        let (token, id) = world.newSession()
        let new = world.newDevice()
        let trust = openingTrust(opening.trust, beginning)
        let session = try await store.run(place) { tables, now in
            tables.openSession(
                id, token: token, beginning.account, opening.proof, finishing: pending,
                on: beginning.browser, becoming: new, trust, trace: beginning.trace, now)
        }
        return session.map { .signedIn(token: token, $0) }
    }

    /// `SignInHandlers.openingTrust`.
    private func openingTrust(
        _ trust: SignInFlow.Trust, _ beginning: Beginning
    ) -> ModelOpeningTrust? {
        let change: ModelOpeningTrust.Change
        switch trust {
        case .untouched: change = .untouched
        case .used:
            guard let row = beginning.trust else { return nil }
            change = .used(row)
        case .given(let device): change = .given(device, password: beginning.password)
        }
        return ModelOpeningTrust(
            change: change, next: world.newTrust(), shown: beginning.browser.trust)
    }
}

extension SignInFlow {
    /// As in `SignInHandlers`: a recovery code stands in for whatever is bound.
    fileprivate func provedVerifiers(of bound: [AuthenticatorView]) -> [VerifierUID] {
        proved.contains { $0.kind == .recovery }
            ? bound.map(\.verifier) : proved.compactMap(\.verifier)
    }
}
