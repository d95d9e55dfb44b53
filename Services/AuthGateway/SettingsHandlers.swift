import Audit
import Contracts
import Postgres
import RPC
import Wire

/// The two-factor settings and their rules, for administrators: what is in force, what was, what
/// would be, and the change itself. Every change wants a fresh proof and a reason, since it may
/// weaken what is asked of others.
extension AdminHandlers {
    func getTwoFactorSettings(
        _ request: GetTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        _ = try await gateway.administrator(of: call)
        guard request.version != 0 else { return try await gateway.settings(call) }
        return try await gateway.policy.getSettings(request, call)
    }

    func updateTwoFactorSettings(
        _ request: UpdateTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        return try await save(request, by: admin, call)
    }

    func listSettingsVersions(
        _ request: ListSettingsVersions, _ call: Call
    ) async throws(Fault) -> SettingsVersionList {
        _ = try await gateway.administrator(of: call)
        return try await gateway.policy.listVersions(request, call)
    }

    func compareSettings(
        _ request: CompareSettings, _ call: Call
    ) async throws(Fault) -> SettingsDifferences {
        _ = try await gateway.administrator(of: call)
        return try await gateway.policy.compareSettings(request, call)
    }

    func restoreTwoFactorSettings(
        _ request: RestoreTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        let old = try await gateway.policy.getSettings(
            GetTwoFactorSettings(version: request.restored), call)
        return try await save(
            UpdateTwoFactorSettings(
                version: request.version, enforcement: old.enforcement, verifiers: old.verifiers,
                reason: request.reason, book: old.book),
            by: admin, call)
    }

    func extendGrace(_ request: ExtendGrace, _ call: Call) async throws(Fault) -> GraceExtended {
        let admin = try await gateway.freshAdministrator(of: call, because: request.reason)
        let account = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.get(request.user)
        }
        guard let account else { throw Fault(.userNotFound) }
        let isGiven = try await stored { () throws(PostgresFault) in
            try await gateway.grace.extend(
                account.id, until: request.until,
                audit: call.audit(
                    .graceExtended, actor: admin.account.id, subject: account.id,
                    details: ["until": request.until.description, "reason": request.reason]))
        }
        guard isGiven else { throw Fault(.malformed, detail: "longer than may be given") }
        return GraceExtended(until: request.until)
    }

    /// What would leave no administrator able to sign in, from where this one is, is refused. He
    /// is looked at by the settings' version that was read, so of two changes at once one is.
    private func save(
        _ change: UpdateTwoFactorSettings, by admin: SessionRecord, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await rehearse(change, call)
        let weighed = try await gateway.policy.weighSettings(WeighSettings(settings: change), call)
        if weighed.weight == .weakening {
            try await tellAdministrators(
                of: weighed.waits ? .weakeningProposed : .settingsWeakened, call)
        }
        // What was trusted before policy withdrew it is not trusted again when it comes back.
        if try await !gateway.settings(call).allowsTrust {
            try await gateway.forgetTrust(by: admin, because: change.reason, call)
        }
        let settings = try await gateway.policy.updateSettings(
            ChangeSettings(actor: admin.account.id, settings: change), call)
        gateway.policyVersions.note(settings.version)
        if !settings.allowsTrust {
            try await gateway.forgetTrust(by: admin, because: change.reason, call)
        }
        return settings
    }

    /// Throws where the change names verifiers that do not exist, or where by it this one could not
    /// come from where he is, no administrator could sign in, or nobody could approve what it wants
    /// approved.
    func rehearse(
        _ change: UpdateTwoFactorSettings, _ call: Call
    ) async throws(Fault) {
        let verifiers = try await existing(for: change, call)
        let edge = EdgePolicy(version: change.version, networks: change.book?.networks)
        guard edge.admits(call.place, isAdministrator: true) else { throw Fault(.ownNetwork) }
        let rehearsing = Rehearsing(
            gateway: gateway, verifiers: verifiers, proposed: change, address: call.place)
        let left = try await rehearsing.administratorsLeft(call)
        guard left > 0 else {
            throw Fault(.lastAdministrator, detail: "no administrator could sign in")
        }
        let wantsSecond = change.book?.protection?.secondAdministrator ?? false
        guard left > 1 || !wantsSecond else { throw Fault(.anotherAdministrator) }
    }

    /// All verifiers there are; throws where the change names others, or none.
    func existing(
        for change: UpdateTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> [VerifierView] {
        guard !change.verifiers.isEmpty else { throw Fault(.verifierRequired) }
        let verifiers = try await gateway.verification.listVerifiers(ListVerifiers(), call)
            .verifiers
        let uids = Set(verifiers.map(\.uid))
        guard change.named.allSatisfy(uids.contains) else { throw Fault(.verifierNotFound) }
        return verifiers
    }
}

extension TwoFactorSettings {
    /// All verifiers that the settings or a rule name.
    var named: [VerifierUID] { verifiers + book.named }

    /// Whether any device may stand in for a factor at all: rules only take that away.
    fileprivate var allowsTrust: Bool { book.base.trustedDevices == true }
}

extension UpdateTwoFactorSettings {
    /// The same, of a change.
    var named: [VerifierUID] { verifiers + (book?.named ?? []) }
}

extension RuleBook {
    fileprivate var named: [VerifierUID] { rules.flatMap(\.requirements.verifiers) }
}
