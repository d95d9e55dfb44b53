import Contracts
import Wire

@testable import AuthGateway

/// What the checker knows of trust in a device.
struct GivenTrust {
    let user: UserID
    let password: AuthenticatorID
    /// What was truly proved when it was given.
    let factor: CodeRow
    let expiresAt: Moment
    var epoch: Int64
    var endedAt: Moment?
}

// MARK: - Trusted devices: I1 that a token serves once, I3 that policy allows it, I5 that it ends

extension Checker {
    func trustGiven(_ row: TrustRow, trace number: Int, _ now: Moment) {
        note("device trusted", row.user.low, UInt64(row.id))
        let proved = traces[number]?.factors.first { $0.id == row.device.factor.authenticator }
        guard let trace = traces[number], trace.user == row.user, let factor = proved else {
            return violated("I3", "device \(row.id) is trusted without a proof")
        }
        if !mayTrust(trace, trace.stepBegan, now) {
            violated("I3", "device \(row.id) is trusted though the settings forbid it")
        }
        trusts[row.id] = GivenTrust(
            user: row.user, password: row.password, factor: factor, expiresAt: row.expiresAt,
            epoch: row.epoch)
    }

    /// A session is about to open by it; what it stands for counts as proved from here on.
    func trustUsed(_ id: Int, showing token: Int, trace number: Int, _ now: Moment) {
        note("trusted device used", traces[number]?.user.low ?? 0, UInt64(id))
        if !usedTrustTokens.insert(token).inserted {
            violated("I1", "token \(token) of a trusted device has opened two sessions")
        }
        guard let trust = trusts[id], let trace = traces[number], trace.user == trust.user else {
            return violated("I3", "a device stood in that nobody trusted")
        }
        if trust.expiresAt <= now { violated("I5", "trust \(id) had expired") }
        if let ended = trust.endedAt, ended < trace.began {
            violated("I5", "trust \(id) was used after it had ended")
        }
        for since in [endedPasswords[trust.password], endedCodes[trust.factor.id]] {
            guard let since, since < trace.began else { continue }
            violated("I5", "trust \(id) has outlived what it was given beside")
        }
        traces[number]?.trusted = trust.factor
    }

    /// A token that was used long before came again, and whoever showed it was answered.
    func trustReused(_ id: Int) {
        note("trusted device reused", UInt64(id))
        endTrust(id)
    }

    func endTrust(_ id: Int) {
        guard trusts[id]?.endedAt == nil else { return }
        trusts[id]?.endedAt = agenda.now
    }

    /// Somebody was told that he trusts no device any more: all that he trusted before he asked.
    func toldForgotten(_ ids: [Int]) {
        for id in ids { endTrust(id) }
    }

    /// Whether some version of the settings in force between the two lets devices be trusted.
    func mayTrust(_ trace: Trace, _ from: Moment, _ to: Moment) -> Bool {
        inForce(from - Self.policyAgeMax, to).contains { settings in
            settings.allowsTrust(of: trace.user)
        }
    }
}

extension TwoFactorSettings {
    /// What rules say of one user, as the worlds' rules are made.
    func rules(of user: UserID) -> [Requirements] {
        let isAdministrator = user == World.administrator
        return book.rules.filter {
            ($0.roles.isEmpty || isAdministrator) && ($0.users.isEmpty || $0.users.contains(user))
        }.map(\.requirements)
    }

    func allowsTrust(of user: UserID) -> Bool {
        book.base.trustedDevices == true
            && rules(of: user).allSatisfy { $0.trustedDevices != false }
    }
}
