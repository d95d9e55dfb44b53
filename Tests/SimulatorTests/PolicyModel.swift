import Contracts
import Wire

@testable import PolicyService

/// One replica of the policy service: `PolicyMemory` and `Verdict` are the product's own, what
/// feeds and asks them is done here after `PolicyHandlers` and `SettingsWatch`.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class PolicyModel: @unchecked Sendable {
    private unowned let world: World
    let process: VirtualProcess
    /// New with each life of the process.
    private var memory = PolicyMemory()

    /// Where the virtual clock begins on the clock that the memory knows.
    private static let origin = ContinuousClock.now

    init(_ world: World, _ process: VirtualProcess) {
        self.world = world
        self.process = process
    }

    private var now: ContinuousClock.Instant {
        Self.origin.advanced(by: world.agenda.now.duration)
    }

    func restarted() { memory = PolicyMemory() }

    /// `SettingsWatch` without announcements: the worst of cases, and decisions are within a
    /// second all the same.
    func poll() {
        world.agenda.spawn { [self] in
            while !world.agenda.isOver {
                await world.agenda.sleep(.milliseconds(300))
                if process.isUp { await refresh(Place(process)) }
            }
        }
    }

    func serve(_ request: ServiceRequest, _ place: Place) async throws(Fault) -> ServiceAnswer {
        switch request {
        case .decide(let it): return .decision(try await decide(it, place))
        case .getSettings: return .settings(try await current(place))
        case .updateSettings(let it):
            let added = try await world.database.run(place) { tables, now in
                tables.addSettings(it.settings, now)
            }
            guard let added else { throw Fault(.versionConflict) }
            await refresh(place)
            return .settings(added)
        case .checkPassword, .checkCode, .beginBinding, .confirmBinding, .listAuthenticators,
            .replacePassword, .setInitialPassword, .unbind, .reset, .unlock, .beginChallenge,
            .makeRecoveryCodes, .beginReset, .findReset, .erase:
            throw Fault(.methodUnknown)
        }
    }

    private func decide(_ request: Decide, _ place: Place) async throws(Fault) -> Decision {
        var current = try await current(place)
        if request.sinceVersion > current.version {
            await refresh(place)
            current = try memory.current(at: now)
        }
        var verdict = Verdict(version(current), request)
        if request.sinceVersion != 0, request.sinceVersion != current.version,
            world.flaw != .startVersionForgotten
        {
            guard let start = memory.version(request.sinceVersion) else {
                throw Fault(.unavailable, retryAfterSeconds: 1)
            }
            verdict = .strictest(Verdict(version(start), request), verdict)
        }
        return Decision(
            version: current.version, outcome: verdict.outcome, verifiers: verdict.verifiers,
            rule: "", trustedDevices: verdict.obligations.trustedDevices.value)
    }

    private func version(_ settings: TwoFactorSettings) -> SettingsVersion {
        var version = SettingsVersion(settings)
        if world.flaw == .rulesForgotten { version.book = RuleBook() }
        return version
    }

    private func current(_ place: Place) async throws(Fault) -> TwoFactorSettings {
        if world.flaw == .oldPolicyTrusted, memory.newest > 0,
            let known = memory.version(memory.newest)
        {
            return known
        }
        if !memory.isCurrent(at: now) { await refresh(place) }
        return try memory.current(at: now)
    }

    private func refresh(_ place: Place) async {
        let asked = now
        let memory = memory
        do throws(Fault) {
            let newest = try await world.database.run(place) { tables, _ in
                tables.settings.last?.version ?? 0
            }
            if newest == memory.newest {
                memory.confirm(newest, at: asked)
            } else {
                let versions = try await world.database.run(place) { tables, _ in
                    tables.settings
                }
                memory.load(versions, at: asked)
            }
        } catch {
            return
        }
    }
}
