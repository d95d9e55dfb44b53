import Contracts
import Postgres
import RPC
import Wire

/// Changes that make the two-factor settings weaker: all administrators are told, and where the
/// settings in force want it they wait, for their time or for another administrator.
extension AdminHandlers {
    func listPendingSettings(
        _ request: ListPendingSettings, _ call: Call
    ) async throws(Fault) -> PendingSettingsList {
        _ = try await gateway.administrator(of: call)
        return try await gateway.policy.listPending(request, call)
    }

    /// Whoever approves has been an administrator for a day, so that nobody makes his own second.
    /// The change is rehearsed anew: since it was asked for, users and verifiers may be others.
    func approveSettings(
        _ request: ApproveSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        let proposed = try await gateway.policy.getPending(
            GetPendingSettings(change: request.change), call)
        guard proposed.proposedBy != admin.account.id else {
            throw Fault(.anotherAdministrator, detail: "his own change")
        }
        let isStanding = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.isStanding(admin.account.id)
        }
        guard isStanding else {
            throw Fault(.anotherAdministrator, detail: "an administrator since a short time")
        }
        try await rehearse(proposed.settings, call)
        try await tellAdministrators(of: .settingsWeakened, call)
        let settings = try await gateway.policy.approvePending(
            DecideChange(
                actor: admin.account.id, change: request.change, reason: request.reason), call)
        gateway.policyVersions.note(settings.version)
        return settings
    }

    func withdrawSettings(
        _ request: WithdrawSettings, _ call: Call
    ) async throws(Fault) -> SettingsWithdrawn {
        let admin = try await gateway.freshAdministrator(of: call)
        return try await gateway.policy.withdrawPending(
            DecideChange(actor: admin.account.id, change: request.change), call)
    }

    /// Before it happens: what nobody could be told of is not done. So a change that is then
    /// refused, because somebody was faster, may have been told of all the same.
    func tellAdministrators(of event: NoticeEvent, _ call: Call) async throws(Fault) {
        let administrators = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.administrators(limit: Self.toldMax)
        }
        for administrator in administrators {
            guard let receiver = administrator.notify else { continue }
            _ = try await gateway.verification.sendNotice(
                SendNotice(
                    user: administrator.id, receiver: receiver, event: event, place: call.place),
                call)
        }
    }

    /// The verifiers that changes name which wait.
    func namedByPending(_ call: Call) async throws(Fault) -> Set<VerifierUID> {
        var named: Set<VerifierUID> = []
        let list = try await gateway.policy.listPending(ListPendingSettings(), call)
        for pending in list.pending {
            let proposed = try await gateway.policy.getPending(
                GetPendingSettings(change: pending.id), call)
            named.formUnion(proposed.settings.named)
        }
        return named
    }

    /// More administrators than any installation should have.
    private static let toldMax: Int64 = 1000
}
