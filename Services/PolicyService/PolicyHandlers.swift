import Audit
import Contracts
import Postgres
import RPC
import Wire

/// The policy service's answers, on one event loop.
struct PolicyHandlers: PolicyDecision {
    let memory: PolicyMemory
    let table: SettingsTable

    var changes: PendingChanges { PendingChanges(pool: table.pool) }

    /// By proposed settings, which nobody is judged by yet, or by those in force.
    func decideProposed(
        _ request: DecideProposed, _ call: Call
    ) async throws(Fault) -> DecisionList {
        let current = try await current()
        var settings = SettingsVersion(current)
        if let proposed = request.proposed {
            try Self.check(proposed)
            settings = SettingsVersion(proposed, after: current)
        }
        return DecisionList(
            decisions: request.facts.map { facts in
                var decision = Decision(Verdict(settings, facts), version: current.version)
                decision.decided = []
                return decision
            })
    }

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

    func listAudit(_ request: ReadAudit, _ call: Call) async throws(Fault) -> AuditPage {
        try await AuditLog(pool: table.pool).page(request)
    }

    /// The settings in force, from memory; where that has grown too old, because the poll was held
    /// up, the database is asked. Throws `.unavailable`.
    func current() async throws(Fault) -> TwoFactorSettings {
        if !memory.isCurrent(at: .now) { await refresh() }
        return try memory.current(at: .now)
    }

    /// Puts in force what has waited long enough, and brings the memory up to date; what cannot be
    /// read now is read by the next poll.
    func refresh() async {
        let asked = ContinuousClock.now
        do throws(PostgresFault) {
            let (newest, isChangeDue) = try await table.newest()
            let enacted = isChangeDue ? try await changes.enactDue() : nil
            if enacted == nil, newest == memory.newest {
                memory.confirm(newest, at: asked)
            } else {
                memory.load(try await table.newestVersions(), at: asked)
            }
        } catch {
            // The age of what is known speaks for itself: `current` refuses when it grows.
            return
        }
    }
}

extension SettingsVersion {
    init(_ settings: TwoFactorSettings) {
        self.init(
            version: settings.version, enforcement: settings.enforcement,
            verifiers: settings.verifiers, book: settings.book)
    }

    /// What a change would make of the settings.
    init(_ change: UpdateTwoFactorSettings, after current: TwoFactorSettings) {
        self.init(
            version: current.version, enforcement: change.enforcement,
            verifiers: change.verifiers, book: change.book ?? current.book)
    }
}
