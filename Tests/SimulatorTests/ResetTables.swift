import Contracts
import Wire

@testable import VerificationService

/// A row of `verification.resets`. The token stands in the place of its digest.
struct ResetRow: Sendable {
    var token: ResetToken?
    var expiresAt: Moment
    var begun: Int
    var begunSince: Moment
}

// MARK: - Links that replace a forgotten password

extension Tables {
    private static let budgetSpan = Moment.seconds(Resets.budgetSpan.components.seconds)
    static let resetLife = Moment.seconds(
        MessageSubject.passwordReset.lifetime.components.seconds)

    private static let remainder = Moment.seconds(Resets.remainder.components.seconds)

    /// `Resets.begin`; false where too many were asked for, and the last one stays good.
    mutating func beginReset(_ user: UserID, _ token: ResetToken, _ now: Moment) -> Bool {
        var row = resets[user] ?? ResetRow(expiresAt: 0, begun: 0, begunSince: now)
        let isOver = row.begunSince <= now - Self.budgetSpan
        let isWanting = row.token == nil || row.expiresAt <= now + Self.remainder
        guard isOver || row.begun < Resets.budget || isWanting else { return false }
        row.token = token
        row.expiresAt = now + Self.resetLife
        row.begun = isOver ? 1 : min(row.begun + 1, Resets.budget)
        row.begunSince = isOver ? now : row.begunSince
        resets[user] = row
        checker.resetBegan(user, token, until: row.expiresAt)
        return true
    }

    /// `Resets.find`.
    func findReset(_ token: ResetToken, _ now: Moment) -> UserID? {
        resets.first { $0.value.token == token && $0.value.expiresAt > now }?.key
    }

    /// `Resets.use`.
    mutating func useReset(_ token: ResetToken, of user: UserID, _ now: Moment) -> Bool {
        guard let row = resets[user], row.token == token, row.expiresAt > now else { return false }
        if flaw != .resetUsedTwice { resets[user]?.token = nil }
        return true
    }

    /// `Resets.end`.
    mutating func endReset(_ user: UserID) {
        resets[user]?.token = nil
        checker.resetEnded(user)
    }
}
