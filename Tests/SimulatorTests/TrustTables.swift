import Contracts
import Wire

@testable import AuthGateway

/// A row of `auth.trusted_devices`, with those of `auth.used_trust_tokens` that belong to it. Its
/// tokens are numbers, as tickets are.
struct TrustRow: Sendable {
    let id: Int
    let user: UserID
    let epoch: Int64
    let password: AuthenticatorID
    let device: SignInFlow.TrustedDevice
    var token: Int
    var previous: Int?
    var used: Set<Int> = []
    var usedAt: Moment
    let expiresAt: Moment
    var isReused = false

    /// Shorter than in the product, so that worlds see it end.
    static let lifetime = Moment.seconds(1500)
}

/// `TrustStanding`.
enum ModelTrustStanding: Sendable {
    case none
    case current(TrustRow)
    case reused(Int)
}

/// `OpeningTrust`.
struct ModelOpeningTrust: Sendable {
    enum Change: Sendable {
        case used(TrustRow)
        case given(SignInFlow.TrustedDevice, password: AuthenticatorID)
        case untouched
    }

    let change: Change
    let next: Int
    let shown: Int?
}

extension Tables {
    private func isInForce(_ row: TrustRow, _ now: Moment) -> Bool {
        guard let user = users[row.user] else { return false }
        return !row.isReused && row.expiresAt > now && user.isActive
            && (user.epoch == row.epoch || flaw == .trustOutlivesPassword)
    }

    /// `TrustedDevices.find`.
    func findTrust(_ shown: Int?, _ user: UserID, _ now: Moment) -> ModelTrustStanding {
        let found = trusts.values.first { row in
            row.user == user && isInForce(row, now)
                && (row.token == shown || shown.map(row.used.contains) ?? false)
        }
        guard let row = found else { return .none }
        if row.token == shown || flaw == .trustGuardDropped { return .current(row) }
        let isJustUsed =
            row.previous == shown
            && row.usedAt + Moment(TrustedDevices.lostAnswerTime.components.seconds) * 1_000_000
                > now
        return isJustUsed ? .none : .reused(row.id)
    }

    /// `TrustedDevices.using`: false where the token was used meanwhile, or the trust has ended.
    mutating func useTrust(
        _ shown: Int, of read: TrustRow, next: Int, _ account: Account, _ now: Moment
    ) -> Bool {
        guard let row = trusts[read.id], isInForce(row, now),
            row.token == shown || flaw == .trustGuardDropped
        else { return false }
        trusts[row.id]?.used.insert(row.token)
        trusts[row.id]?.previous = row.token
        trusts[row.id]?.token = next
        trusts[row.id]?.usedAt = now
        return true
    }

    /// `TrustedDevices.giving`.
    mutating func giveTrust(
        _ device: SignInFlow.TrustedDevice, password: AuthenticatorID, token: Int,
        _ account: Account, trace: Int, _ now: Moment
    ) {
        let row = TrustRow(
            id: token, user: account.id, epoch: account.epoch, password: password,
            device: device, token: token, usedAt: now, expiresAt: now + TrustRow.lifetime)
        trusts[row.id] = row
        checker.trustGiven(row, trace: trace, now)
    }

    /// `TrustedDevices.leaving`.
    mutating func leaveTrust(_ shown: Int?, _ user: UserID, alsoCurrent: Bool) {
        guard let shown else { return }
        forgetTrust { row in
            row.user == user && !row.isReused
                && (row.previous == shown || alsoCurrent && row.token == shown)
        }
    }

    /// `TrustedDevices.endReused`.
    mutating func endReusedTrust(_ id: Int) {
        guard trusts[id]?.isReused == false, flaw != .trustReuseForgotten else { return }
        trusts[id]?.isReused = true
        endHanging([id])
    }

    /// `TrustedDevices.forget`.
    mutating func forgetTrust(where isMeant: (TrustRow) -> Bool) {
        let ids = Set(trusts.values.filter(isMeant).map(\.id))
        for id in ids { trusts[id] = nil }
        endHanging(ids)
    }

    private mutating func endHanging(_ ids: Set<Int>) {
        let hanging = sessions.values.filter { $0.trust.map(ids.contains) ?? false }
        for id in hanging.map(\.id).sorted(by: { $0.low < $1.low }) { end(id) }
    }
}
