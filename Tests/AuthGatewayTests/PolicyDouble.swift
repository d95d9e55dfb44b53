import Contracts
import RPC
import Synchronization
import Wire

/// The policy service as the gateway sees it, with the rules of its own table.
final class PolicyDouble: PolicyDecision, Sendable {
    struct State {
        var version: UInt64 = 1
        var enforcement = Enforcement.administrators
        var verifiers = [VerificationDouble.totp]
        /// An answer that replaces the rules.
        var answer: Decision?
        var book = RuleBook()
        /// What its own answers say beside the outcome.
        var parts = Decision(version: 0, outcome: .allow, verifiers: [], rule: "The double's.")
        var asked: [Decide] = []
        var erased: [UserID] = []
        /// What every change is said to do.
        var weighed = SettingsWeighed(weight: .neutral)
        var networks: NetworkLists?
        var audit: [AuditRecord] = []
        var pending: [(view: PendingSettings, settings: UpdateTwoFactorSettings)] = []
    }

    let stand = Stand()
    let state = Mutex(State())

    func decide(_ request: Decide, _ call: Call) async throws(Fault) -> Decision {
        try await stand.enter("decide", call)
        return state.withLock { state in
            state.asked.append(request)
            if let answer = state.answer { return answer }
            return Self.decision(request, state, state.enforcement, state.verifiers)
        }
    }

    private static func decision(
        _ request: Decide, _ state: State, _ enforcement: Enforcement, _ chosen: [VerifierUID]
    ) -> Decision {
        let usable = chosen.filter(request.bound.contains)
        let isAsked = enforcement == .everyone || request.roles.contains(.administrator)
        let outcome: Outcome =
            !isAsked || chosen.contains(where: request.proved.contains)
            ? .allow : usable.isEmpty ? .bind : .verify
        var decision = state.parts
        decision.version = state.version
        decision.outcome = outcome
        decision.verifiers = outcome == .verify ? usable : chosen
        decision.allowed = chosen
        return decision
    }

    func decideProposed(
        _ request: DecideProposed, _ call: Call
    ) async throws(Fault) -> DecisionList {
        try await stand.enter("decideProposed", call)
        return state.withLock { state in
            let enforcement = request.proposed?.enforcement ?? state.enforcement
            let chosen = request.proposed?.verifiers ?? state.verifiers
            let isDenied = request.proposed?.book?.rules.contains(where: \.requirements.denied)
            return DecisionList(
                decisions: request.facts.map { facts in
                    var decision = Self.decision(facts, state, enforcement, chosen)
                    if isDenied == true { decision.outcome = .deny }
                    return decision
                })
        }
    }

    func eraseUser(
        _ request: EraseAssignments, _ call: Call
    ) async throws(Fault) -> AssignmentsErased {
        try await stand.enter("eraseUser", call)
        return state.withLock { state in
            state.erased.append(request.user)
            return AssignmentsErased(version: state.version)
        }
    }

    func listVersions(
        _ request: ListSettingsVersions, _ call: Call
    ) async throws(Fault) -> SettingsVersionList {
        try await stand.enter("listVersions", call)
        let view = state.withLock { state in
            SettingsVersionView(
                version: state.version, changedAt: Timestamp(seconds: 1), reason: "The double's.")
        }
        return SettingsVersionList(versions: [view], next: 0)
    }

    func compareSettings(
        _ request: CompareSettings, _ call: Call
    ) async throws(Fault) -> SettingsDifferences {
        try await stand.enter("compareSettings", call)
        return SettingsDifferences(
            from: request.from, to: request.to, differences: [], more: false)
    }

    func getSettings(
        _ request: GetTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await stand.enter("getSettings", call)
        return state.withLock { Self.settings($0) }
    }

    func updateSettings(
        _ request: ChangeSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await stand.enter("updateSettings", call)
        let changed: TwoFactorSettings? = state.withLock { state in
            guard state.version == request.settings.version else { return nil }
            guard !state.weighed.waits else { return Self.pend(request, &state) }
            return Self.make(request.settings, &state)
        }
        guard let changed else { throw Fault(.versionConflict) }
        return changed
    }

    /// A change of policy that nobody here was told of.
    func change(_ enforcement: Enforcement, _ verifiers: [VerifierUID]? = nil) {
        state.withLock { state in
            state.version += 1
            state.enforcement = enforcement
            state.verifiers = verifiers ?? state.verifiers
        }
    }

    private static func settings(_ state: State) -> TwoFactorSettings {
        TwoFactorSettings(
            version: state.version, enforcement: state.enforcement, verifiers: state.verifiers,
            changedAt: Timestamp(seconds: 1), reason: "tests", book: state.book)
    }

    private static func make(
        _ settings: UpdateTwoFactorSettings, _ state: inout State
    ) -> TwoFactorSettings {
        state.version += 1
        state.enforcement = settings.enforcement
        state.verifiers = settings.verifiers
        state.book = settings.book ?? state.book
        return Self.settings(state)
    }

    private static func pend(
        _ request: ChangeSettings, _ state: inout State
    ) -> TwoFactorSettings {
        let view = PendingSettings(
            id: SettingsChangeID(high: 1, low: UInt64(state.pending.count)),
            version: state.version, weakened: state.weighed.weakened,
            reason: request.settings.reason, proposedBy: request.actor,
            proposedAt: Timestamp(seconds: 1), dueAt: nil)
        state.pending.append((view, request.settings))
        var settings = Self.settings(state)
        settings.pending = view
        return settings
    }
}

extension PolicyDouble {
    func edgePolicy(
        _ request: GetEdgePolicy, _ call: Call
    ) async throws(Fault) -> EdgePolicy {
        try await stand.enter("edgePolicy", call)
        return state.withLock { EdgePolicy(version: $0.version, networks: $0.networks) }
    }
}

// MARK: - Changes that wait

extension PolicyDouble {
    /// Another administrator has asked for a change, and it waits.
    func propose(_ change: SettingsChangeID, by actor: UserID = .sample) {
        state.withLock { state in
            let view = PendingSettings(
                id: change, version: state.version, weakened: [.enforcement], reason: "tests",
                proposedBy: actor, proposedAt: Timestamp(seconds: 1), dueAt: nil)
            let settings = UpdateTwoFactorSettings(
                version: state.version, enforcement: .administrators,
                verifiers: [VerificationDouble.totp], reason: "tests")
            state.pending = [(view, settings)]
        }
    }

    func weighSettings(
        _ request: WeighSettings, _ call: Call
    ) async throws(Fault) -> SettingsWeighed {
        try await stand.enter("weighSettings", call)
        let weighed = state.withLock { state in
            state.version == request.settings.version ? state.weighed : nil
        }
        guard let weighed else { throw Fault(.versionConflict) }
        return weighed
    }

    func listPending(
        _ request: ListPendingSettings, _ call: Call
    ) async throws(Fault) -> PendingSettingsList {
        try await stand.enter("listPending", call)
        return PendingSettingsList(pending: state.withLock { $0.pending.map(\.view) })
    }

    func getPending(
        _ request: GetPendingSettings, _ call: Call
    ) async throws(Fault) -> ProposedSettings {
        try await stand.enter("getPending", call)
        let found = state.withLock { $0.pending.first { $0.view.id == request.change } }
        guard let found else { throw Fault(.versionConflict) }
        return ProposedSettings(settings: found.settings, proposedBy: found.view.proposedBy)
    }

    func approvePending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await stand.enter("approvePending", call)
        let approved: TwoFactorSettings? = state.withLock { state in
            guard let found = state.pending.first(where: { $0.view.id == request.change }),
                found.view.proposedBy != request.actor
            else { return nil }
            state.pending = []
            return Self.make(found.settings, &state)
        }
        guard let approved else { throw Fault(.versionConflict) }
        return approved
    }

    func withdrawPending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> SettingsWithdrawn {
        try await stand.enter("withdrawPending", call)
        let isFound = state.withLock { state in
            let before = state.pending.count
            state.pending.removeAll { $0.view.id == request.change }
            return state.pending.count < before
        }
        guard isFound else { throw Fault(.versionConflict) }
        return SettingsWithdrawn()
    }
}
