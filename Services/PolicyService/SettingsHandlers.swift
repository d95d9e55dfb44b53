import Contracts
import Postgres
import RPC
import Wire

/// The settings themselves: what is in force, what was, and what shall be.
extension PolicyHandlers {
    func getSettings(
        _ request: GetTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let current = try await current()
        return try await version(request.version, current)
    }

    func edgePolicy(
        _ request: GetEdgePolicy, _ call: Call
    ) async throws(Fault) -> EdgePolicy {
        let current = try await current()
        return EdgePolicy(
            version: current.version, networks: current.book.networks,
            limits: current.book.limits)
    }

    func updateSettings(
        _ request: ChangeSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let change = request.settings
        try Self.check(change)
        guard change.reason.contains(where: { !$0.isWhitespace }) else {
            throw Fault(.reasonRequired)
        }
        let (before, weighed) = try await weigh(change)
        guard weighed.waits else {
            let changed = try await add(change, by: request.actor, call)
            await refresh()
            return changed
        }
        let pending = try await stored { (_) throws(PostgresFault) in
            try await changes.add(change, weighed, by: request.actor, call)
        }
        guard let pending else { throw Fault(.versionConflict, detail: "or too many wait") }
        var settings = before
        settings.pending = pending
        return settings
    }

    func listVersions(
        _ request: ListSettingsVersions, _ call: Call
    ) async throws(Fault) -> SettingsVersionList {
        guard request.limit <= 100 else { throw Fault(.malformed, detail: "limit over 100") }
        let limit = request.limit == 0 ? 20 : Int64(request.limit)
        let before = request.before == 0 ? Int64.max : Int64(clamping: request.before)
        let page = try await stored { (table) throws(PostgresFault) in
            try await table.page(before: before, limit: limit + 1)
        }
        let versions = Array(page.prefix(Int(limit)))
        let next = page.count > versions.count ? versions.last?.version : nil
        return SettingsVersionList(versions: versions, next: next ?? 0)
    }

    func compareSettings(
        _ request: CompareSettings, _ call: Call
    ) async throws(Fault) -> SettingsDifferences {
        let current = try await current()
        guard request.from != 0 else { throw Fault(.malformed, detail: "from no version") }
        let from = try await version(request.from, current)
        guard let change = request.pending else {
            return SettingsComparison.compare(from, try await version(request.to, current))
        }
        guard request.to == 0 else { throw Fault(.malformed, detail: "two that come after") }
        let proposed = try await pending(change)
        return SettingsComparison.compare(from, TwoFactorSettings(proposed))
    }

    /// Throws for settings that no decision could follow.
    static func check(_ change: UpdateTwoFactorSettings) throws(Fault) {
        guard !change.verifiers.isEmpty else { throw Fault(.verifierRequired) }
        guard Set(change.verifiers).count == change.verifiers.count else {
            throw Fault(.malformed, detail: "a verifier stands twice")
        }
        if let problem = change.book.flatMap(RuleBounds.problem) {
            throw Fault(.malformed, detail: problem)
        }
    }

    /// One version, from memory where it is there; `current` for zero.
    private func version(
        _ number: UInt64, _ current: TwoFactorSettings
    ) async throws(Fault) -> TwoFactorSettings {
        if number == 0 || number == current.version { return current }
        if let known = memory.version(number) { return known }
        let found = try await stored { (table) throws(PostgresFault) in
            try await table.version(number)
        }
        guard let found else { throw Fault(.versionConflict, detail: "no version \(number)") }
        return found
    }

    private func add(
        _ change: UpdateTwoFactorSettings, by actor: UserID, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let added = try await stored { (table) throws(PostgresFault) in
            try await table.add(change, by: actor, call)
        }
        guard let added else { throw Fault(.versionConflict) }
        return added
    }

    func stored<Result>(
        _ statement: (SettingsTable) async throws(PostgresFault) -> Result
    ) async throws(Fault) -> Result {
        do throws(PostgresFault) {
            return try await statement(table)
        } catch {
            throw error.fault
        }
    }
}
