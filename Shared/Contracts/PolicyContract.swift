import RPC
import Wire

/// Decides who must prove what, and explains why. Holds nobody's data.
package enum PolicyContract: Contract {
    package static let service = ServiceName(0x02, "dubbelslot.v1.PolicyService")
    package static let about =
        "Decides who must prove what, and explains why. Holds nobody's data."

    package static let decide = Method<Decide, Decision>(
        0x0201, "Decide", callers: .services([.gateway]),
        "Says from memory what a sign-in needs.")

    package static let getSettings = Method<GetTwoFactorSettings, TwoFactorSettings>(
        0x0202, "GetSettings", callers: .services([.gateway]),
        "The settings in force.")

    package static let updateSettings = Method<ChangeSettings, TwoFactorSettings>(
        0x0203, "UpdateSettings", callers: .services([.gateway]),
        "Makes a new version of the settings.")

    package static let listVersions = Method<ListSettingsVersions, SettingsVersionList>(
        0x0204, "ListVersions", callers: .services([.gateway]),
        "Versions of the settings, a page at a time.")

    package static let compareSettings = Method<CompareSettings, SettingsDifferences>(
        0x0205, "CompareSettings", callers: .services([.gateway]),
        "What differs between two versions.")

    package static let decideProposed = Method<DecideProposed, DecisionList>(
        0x0206, "DecideProposed", callers: .services([.gateway]),
        "Says what sign-ins would need by settings that are not in force.")

    package static let listPending = Method<ListPendingSettings, PendingSettingsList>(
        0x0210, "ListPending", callers: .services([.gateway]),
        "Changes of the settings that wait.")

    package static let getPending = Method<GetPendingSettings, ProposedSettings>(
        0x0211, "GetPending", callers: .services([.gateway]),
        "What a change that waits says.")

    package static let approvePending = Method<DecideChange, TwoFactorSettings>(
        0x0212, "ApprovePending", callers: .services([.gateway]),
        "Puts a change in force that another administrator has asked for.")

    package static let withdrawPending = Method<DecideChange, SettingsWithdrawn>(
        0x0213, "WithdrawPending", callers: .services([.gateway]),
        "Takes a change back that waits.")

    package static let weighSettings = Method<WeighSettings, SettingsWeighed>(
        0x0214, "WeighSettings", callers: .services([.gateway]),
        "Says whether a change would make the settings weaker.")

    package static let edgePolicy = Method<GetEdgePolicy, EdgePolicy>(
        0x0215, "GetEdgePolicy", callers: .services([.gateway]),
        "What is judged before anybody is known.")
    package static let eraseUser = Method<EraseAssignments, AssignmentsErased>(
        0x0230, "EraseUser", callers: .services([.gateway]),
        "Takes a user out of the rules, by a new version.")

    package static let listAudit = Method<ReadAudit, AuditPage>(
        0x0241, "ListAudit", callers: .services([.gateway]),
        "A page of this service's audit.")

    package static var methods: [MethodDescription] {
        [
            decide.described,
            getSettings.described,
            updateSettings.described,
            listVersions.described,
            compareSettings.described,
            decideProposed.described,
            listPending.described,
            getPending.described,
            approvePending.described,
            withdrawPending.described,
            weighSettings.described,
            edgePolicy.described,
            eraseUser.described,
            listAudit.described,
        ]
    }
}

/// What serves `PolicyService`: its handlers, and at the other end of the wire its client.
package protocol PolicyDecision: Sendable {
    func decide(_ request: Decide, _ call: Call) async throws(Fault) -> Decision
    func getSettings(
        _ request: GetTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings
    func updateSettings(
        _ request: ChangeSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings
    func listVersions(
        _ request: ListSettingsVersions, _ call: Call
    ) async throws(Fault) -> SettingsVersionList
    func compareSettings(
        _ request: CompareSettings, _ call: Call
    ) async throws(Fault) -> SettingsDifferences
    func decideProposed(
        _ request: DecideProposed, _ call: Call
    ) async throws(Fault) -> DecisionList
    func listPending(
        _ request: ListPendingSettings, _ call: Call
    ) async throws(Fault) -> PendingSettingsList
    func getPending(
        _ request: GetPendingSettings, _ call: Call
    ) async throws(Fault) -> ProposedSettings
    func approvePending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings
    func withdrawPending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> SettingsWithdrawn
    func weighSettings(
        _ request: WeighSettings, _ call: Call
    ) async throws(Fault) -> SettingsWeighed
    func edgePolicy(
        _ request: GetEdgePolicy, _ call: Call
    ) async throws(Fault) -> EdgePolicy
    func eraseUser(
        _ request: EraseAssignments, _ call: Call
    ) async throws(Fault) -> AssignmentsErased
    func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage
}

/// Decodes, calls the handler and encodes, for each method of `PolicyService`.
package struct PolicyDecisionDispatcher<Handlers: PolicyDecision>: Dispatcher {
    package let handlers: Handlers

    package init(_ handlers: Handlers) { self.handlers = handlers }

    package func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = PolicyContract
        switch method {
        case Methods.decide.number:
            return try await Methods.decide.serve(
                coding, body, call, handlers.decide)
        case Methods.getSettings.number:
            return try await Methods.getSettings.serve(
                coding, body, call, handlers.getSettings)
        case Methods.updateSettings.number:
            return try await Methods.updateSettings.serve(
                coding, body, call, handlers.updateSettings)
        case Methods.listVersions.number:
            return try await Methods.listVersions.serve(
                coding, body, call, handlers.listVersions)
        case Methods.compareSettings.number:
            return try await Methods.compareSettings.serve(
                coding, body, call, handlers.compareSettings)
        case Methods.decideProposed.number:
            return try await Methods.decideProposed.serve(
                coding, body, call, handlers.decideProposed)
        default: return try await answerWeakening(method, coding, body, call)
        }
    }

    /// Changes that make the settings weaker, and what there is beside settings.
    private func answerWeakening(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = PolicyContract
        switch method {
        case Methods.listPending.number:
            return try await Methods.listPending.serve(
                coding, body, call, handlers.listPending)
        case Methods.getPending.number:
            return try await Methods.getPending.serve(
                coding, body, call, handlers.getPending)
        case Methods.approvePending.number:
            return try await Methods.approvePending.serve(
                coding, body, call, handlers.approvePending)
        case Methods.withdrawPending.number:
            return try await Methods.withdrawPending.serve(
                coding, body, call, handlers.withdrawPending)
        case Methods.weighSettings.number:
            return try await Methods.weighSettings.serve(
                coding, body, call, handlers.weighSettings)
        case Methods.edgePolicy.number:
            return try await Methods.edgePolicy.serve(
                coding, body, call, handlers.edgePolicy)
        case Methods.eraseUser.number:
            return try await Methods.eraseUser.serve(
                coding, body, call, handlers.eraseUser)
        case Methods.listAudit.number:
            return try await Methods.listAudit.serve(
                coding, body, call, handlers.listAudit)
        default: throw Fault(.methodUnknown)
        }
    }
}

/// A new version of the settings.
package struct ChangeSettings: Message {
    package static let name = "ChangeSettings"
    package static let about = "A new version of the settings."

    package var actor: UserID
    package var settings: UpdateTwoFactorSettings

    package init(actor: UserID, settings: UpdateTwoFactorSettings) {
        self.actor = actor
        self.settings = settings
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        actor = try coder.required(1, "actor", it?.actor, "The administrator.")
        settings = try coder.required(2, "settings", it?.settings, "What shall be in force.")
    }
}
