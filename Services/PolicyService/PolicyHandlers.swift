import Contracts
import Postgres
import RPC
import Wire

/// The policy service's answers, on one event loop.
struct PolicyHandlers: PolicyDecision {
    let memory: PolicyMemory
    let table: SettingsTable

    func decide(_ request: Decide, _ call: Call) async throws(Fault) -> Decision {
        var current = try await current()
        if request.sinceVersion > current.version {
            // Another replica has made it, and its announcement is on the way.
            await refresh()
            current = try memory.current(at: .now)
        }
        var verdict = Verdict(SettingsVersion(current), request)
        if request.sinceVersion != 0, request.sinceVersion != current.version {
            guard let start = memory.version(request.sinceVersion) else {
                throw Fault(
                    .unavailable, retryAfterSeconds: 1,
                    detail: "version \(request.sinceVersion) is not known here")
            }
            verdict = .strictest(Verdict(SettingsVersion(start), request), verdict)
        }
        return Decision(verdict, version: current.version)
    }

    func getSettings(
        _ request: GetTwoFactorSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        try await current()
    }

    /// The settings in force, from memory; where that has grown too old, because the poll was held
    /// up, the database is asked. Throws `.unavailable`.
    private func current() async throws(Fault) -> TwoFactorSettings {
        if !memory.isCurrent(at: .now) { await refresh() }
        return try memory.current(at: .now)
    }

    func updateSettings(
        _ request: ChangeSettings, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let change = request.settings
        guard !change.verifiers.isEmpty else { throw Fault(.verifierRequired) }
        guard Set(change.verifiers).count == change.verifiers.count else {
            throw Fault(.malformed, detail: "a verifier stands twice")
        }
        guard change.reason.contains(where: { !$0.isWhitespace }) else {
            throw Fault(.reasonRequired)
        }
        let changed = try await add(change, by: request.actor, call)
        await refresh()
        return changed
    }

    /// Brings the memory up to date; what cannot be read now is read by the next poll.
    func refresh() async {
        let asked = ContinuousClock.now
        do throws(PostgresFault) {
            let newest = try await table.newest()
            if newest == memory.newest {
                memory.confirm(newest, at: asked)
            } else {
                memory.load(try await table.newestVersions(), at: asked)
            }
        } catch {
            // The age of what is known speaks for itself: `current` refuses when it grows.
            return
        }
    }

    private func add(
        _ change: UpdateTwoFactorSettings, by actor: UserID, _ call: Call
    ) async throws(Fault) -> TwoFactorSettings {
        let added: TwoFactorSettings?
        do throws(PostgresFault) {
            added = try await table.add(change, by: actor, call)
        } catch {
            throw error.fault
        }
        guard let added else { throw Fault(.versionConflict) }
        return added
    }
}

extension SettingsVersion {
    init(_ settings: TwoFactorSettings) {
        self.init(
            version: settings.version, enforcement: settings.enforcement,
            verifiers: settings.verifiers)
    }
}
