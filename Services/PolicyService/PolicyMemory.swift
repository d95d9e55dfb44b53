import Contracts
import Reactor
import Wire

/// The versions of the settings as this process knows them, shared by its loops: a decision is
/// made from here and costs no database call.
///
/// Bounded in age: what was confirmed longer ago than `ageMax` is not used, so that a service cut
/// off from its database stops deciding instead of deciding by yesterday's rules.
final class PolicyMemory: Sendable {
    /// A change is in force everywhere within this time: whoever has not heard of it by then has
    /// lost the database, and says that it is unavailable.
    static let ageMax: Duration = .seconds(1)

    private struct Snapshot {
        var versions: [TwoFactorSettings] = []
        var confirmedAt: ContinuousClock.Instant?

        /// Of two readings at once the earlier may come in later.
        mutating func confirm(at now: ContinuousClock.Instant) {
            confirmedAt = max(now, confirmedAt ?? now)
        }

        func isCurrent(at now: ContinuousClock.Instant) -> Bool {
            confirmedAt.map { now - $0 <= PolicyMemory.ageMax } ?? false
        }
    }

    private let snapshot = Guarded(Snapshot())

    /// The newest version known, 0 before the first load.
    var newest: UInt64 {
        snapshot.withLock { $0.versions.last?.version ?? 0 }
    }

    /// Takes versions as they were asked for at `now`, oldest first. Never goes back: a reading
    /// that is older than what is known already is dropped, and does not make that any younger.
    func load(_ versions: [TwoFactorSettings], at now: ContinuousClock.Instant) {
        snapshot.withLock { known in
            let newest = versions.last?.version ?? 0
            guard newest >= (known.versions.last?.version ?? 0) else { return }
            if newest == known.versions.last?.version {
                known.confirm(at: now)
            } else {
                known.versions = versions
                known.confirmedAt = now
            }
        }
    }

    /// Notes that `version` was still the newest when that was asked, at `now`.
    func confirm(_ version: UInt64, at now: ContinuousClock.Instant) {
        snapshot.withLock { known in
            if known.versions.last?.version == version { known.confirm(at: now) }
        }
    }

    /// Whether what is known may be decided by at `now`.
    func isCurrent(at now: ContinuousClock.Instant) -> Bool {
        snapshot.withLock { $0.isCurrent(at: now) }
    }

    /// The settings in force. Throws `.unavailable` when nothing recent enough is known.
    func current(at now: ContinuousClock.Instant) throws(Fault) -> TwoFactorSettings {
        let settings = snapshot.withLock { $0.isCurrent(at: now) ? $0.versions.last : nil }
        guard let settings else {
            throw Fault(.unavailable, retryAfterSeconds: 1, detail: "the settings are too old")
        }
        return settings
    }

    /// One version; nil when it never was, or was long ago.
    func version(_ number: UInt64) -> TwoFactorSettings? {
        snapshot.withLock { known in
            known.versions.first { $0.version == number }
        }
    }
}
