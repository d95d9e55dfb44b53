import Contracts
import Synchronization
import Wire

/// The versions of the settings as this process knows them, shared by its loops: a decision is
/// made from here and costs no database call.
///
/// Bounded in age: what was confirmed longer ago than `ageMax` is not used, so that a service cut
/// off from its database stops deciding instead of deciding by yesterday's rules.
final class PolicyMemory: Sendable {
    /// A change made elsewhere is in force here within the poll's interval; beyond this age the
    /// service says that it is unavailable.
    static let ageMax: Duration = .seconds(5)

    private struct Snapshot {
        var versions: [TwoFactorSettings] = []
        var confirmedAt: ContinuousClock.Instant?
    }

    private let snapshot = Mutex(Snapshot())

    /// The newest version known, 0 before the first load.
    var newest: UInt64 {
        snapshot.withLock { $0.versions.last?.version ?? 0 }
    }

    /// Takes versions as read at `now`, oldest first. Never goes back: a reading that is older
    /// than what is known already is dropped.
    func load(_ versions: [TwoFactorSettings], at now: ContinuousClock.Instant) {
        snapshot.withLock { known in
            guard (versions.last?.version ?? 0) >= (known.versions.last?.version ?? 0) else {
                return
            }
            known.versions = versions
            known.confirmedAt = now
        }
    }

    /// Notes that `version` was still the newest at `now`.
    func confirm(_ version: UInt64, at now: ContinuousClock.Instant) {
        snapshot.withLock { known in
            if known.versions.last?.version == version { known.confirmedAt = now }
        }
    }

    /// The settings in force. Throws `.unavailable` when nothing recent enough is known.
    func current(at now: ContinuousClock.Instant) throws(Fault) -> TwoFactorSettings {
        let (settings, confirmedAt) = snapshot.withLock { ($0.versions.last, $0.confirmedAt) }
        guard let settings, let confirmedAt, now - confirmedAt <= Self.ageMax else {
            throw Fault(.unavailable, retryAfterSeconds: 1, detail: "the settings are too old")
        }
        return settings
    }

    /// One version, nil when it never was.
    func version(_ number: UInt64) -> TwoFactorSettings? {
        snapshot.withLock { known in
            known.versions.first { $0.version == number }
        }
    }
}
