import Contracts
import Postgres
import RPC
import Wire

/// Changes that make the settings weaker: they are known before, wait where the settings in force
/// say so, and have two ways to be in force, another administrator and time.
extension PolicyHandlers {
    func weighSettings(
        _ request: WeighSettings, _ call: Call
    ) async throws(Fault) -> SettingsWeighed {
        try Self.check(request.settings)
        return try await weigh(request.settings).weighed
    }

    func listPending(
        _ request: ListPendingSettings, _ call: Call
    ) async throws(Fault) -> PendingSettingsList {
        PendingSettingsList(
            pending: try await stored { (_) throws(PostgresFault) in try await changes.list() })
    }

    func getPending(
        _ request: GetPendingSettings, _ call: Call
    ) async throws(Fault) -> ProposedSettings {
        try await pending(request.change)
    }

    /// Of his own change an administrator is told that it is his own.
    func approvePending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        guard request.reason.contains(where: { !$0.isWhitespace }) else {
            throw Fault(.reasonRequired)
        }
        let approved = try await stored { (_) throws(PostgresFault) in
            try await changes.approve(request, call)
        }
        guard let approved else {
            let isOwn = try await pending(request.change).proposedBy == request.actor
            throw Fault(isOwn ? .anotherAdministrator : .versionConflict)
        }
        await refresh()
        return approved
    }

    func withdrawPending(
        _ request: DecideChange, _ call: Call
    ) async throws(Fault) -> SettingsWithdrawn {
        let isWithdrawn = try await stored { (_) throws(PostgresFault) in
            try await changes.withdraw(request, call)
        }
        guard isWithdrawn else { throw Fault(.versionConflict, detail: "it does not wait") }
        return SettingsWithdrawn()
    }

    /// A change that waits still; else `.versionConflict`.
    func pending(_ change: SettingsChangeID) async throws(Fault) -> ProposedSettings {
        let found = try await stored { (_) throws(PostgresFault) in
            try await changes.find(change)
        }
        guard let found else { throw Fault(.versionConflict, detail: "it does not wait") }
        return found
    }

    /// What a change does to the settings that it replaces, and whether these let it wait. Throws
    /// `.versionConflict` where they are not in force.
    func weigh(
        _ change: UpdateTwoFactorSettings
    ) async throws(Fault) -> (before: TwoFactorSettings, weighed: SettingsWeighed) {
        var before = try await current()
        if change.version > before.version {
            // Another replica has made it, and its announcement is on the way.
            await refresh()
            before = try memory.current(at: .now)
        }
        guard change.version == before.version else { throw Fault(.versionConflict) }
        let weighing = SettingsWeighing(
            from: SettingsVersion(before), to: SettingsVersion(change, after: before))
        guard weighing.weight == .weakening else {
            return (before, SettingsWeighed(weight: weighing.weight))
        }
        let protection = before.book.protection ?? WeakeningProtection()
        var hours = protection.delayHours ?? WeakeningDelay.hoursDefault
        if protection.delayHours == nil {
            let isFirstDay = try await stored { (_) throws(PostgresFault) in
                try await changes.isFirstDay()
            }
            if isFirstDay { hours = 0 }
        }
        return (
            before,
            SettingsWeighed(
                weight: .weakening, weakened: weighing.weakened, delayHours: hours,
                secondAdministrator: protection.secondAdministrator)
        )
    }
}

extension TwoFactorSettings {
    /// A change as if it were in force: version zero, for none is.
    init(_ proposed: ProposedSettings) {
        let said = proposed.settings
        self.init(
            version: 0, enforcement: said.enforcement, verifiers: said.verifiers,
            changedAt: Timestamp(seconds: 0), changedBy: proposed.proposedBy,
            reason: said.reason, book: said.book ?? RuleBook())
    }
}
