import Contracts
import Wire

@testable import VerificationService

/// A row of `verification.recovery_codes`. Codes stand here as they are: what belongs to whom is
/// compared, and that nobody guesses 80 random bits is not what is tested.
struct RecoveryCodeRow: Sendable {
    let code: String
    let set: AuthenticatorID
    var isUsed = false
}

/// A set that is not stored yet.
struct NewRecoverySet: Sendable {
    let id: AuthenticatorID
    let codes: [String]
}

// MARK: - Recovery codes

extension Tables {
    private func recovery(_ user: UserID) -> CodeRow? {
        codes.values.first { $0.user == user && $0.kind == .recovery }
    }

    /// `RecoverySets.making`: the row goes on under another name, so that tries of the older set
    /// settle nothing.
    mutating func makeRecovery(_ new: NewRecoverySet, of user: UserID) {
        var row = CodeRow(id: new.id, user: user, kind: .recovery)
        if let old = recovery(user) {
            codes[old.id] = nil
            row.counter = Counter(round: old.counter.round + 1)
        }
        codes[new.id] = row
        let kept = flaw == .olderRecoveryKept ? recoveryCodes[user] ?? [] : []
        recoveryCodes[user] = kept + new.codes.map { RecoveryCodeRow(code: $0, set: new.id) }
        checker.recoveryMade(user, new)
    }

    /// `RecoverySets.make`; false where no second factor is bound.
    mutating func regenerateRecovery(_ new: NewRecoverySet, of user: UserID) -> Bool {
        guard boundFactors(user).all > 0 else { return false }
        makeRecovery(new, of: user)
        return true
    }

    /// With the last second factor they go.
    mutating func removeRecovery(_ user: UserID) {
        guard let row = recovery(user) else { return }
        codes[row.id] = nil
        recoveryCodes[user] = nil
        checker.removed(row.id)
    }

    /// `RecoverySets.left`, as far as it is listed: what may be tried.
    func usableRecovery(_ user: UserID) -> AuthenticatorID? {
        guard let row = recovery(user), boundFactors(user).all > 0, !row.counter.isDisabled,
            recoveryCodes[user]?.contains(where: { $0.set == row.id && !$0.isUsed }) ?? false
        else { return nil }
        return row.id
    }

    enum RecoveryUse: Sendable { case consumed, used, wrong, overtaken }

    /// `RecoverySets.use`: looked for, consumed and settled by one statement. A wrong one leaves
    /// its reservation, to be settled as a failure.
    mutating func useRecovery(
        _ attempt: Attempt, serial: Int, _ typed: String, trace: Int, _ limits: AttemptLimits
    ) -> RecoveryUse {
        guard isCodeToSettle(attempt), var row = codes[attempt.authenticator] else {
            return .overtaken
        }
        let found = find(typed, row)
        checker.checked(
            attempt, serial: serial, isRight: found != nil, limits, row.counter)
        guard let (owner, index) = found else { return .wrong }
        let isUnused = recoveryCodes[owner]?[index].isUsed == false
        guard isUnused || flaw == .recoveryUsedTwice else {
            row.counter.release()
            row.devices.settle(attempt, flaw) { $0.release() }
            codes[row.id] = row
            checker.released(attempt, serial: serial, row.counter)
            return .used
        }
        recoveryCodes[owner]?[index].isUsed = true
        row.counter.succeed()
        row.devices.settle(attempt, flaw) { $0.succeed() }
        codes[row.id] = row
        checker.succeeded(attempt, serial: serial, row.counter)
        checker.recoveryProved(typed, of: row.user)
        checker.factorProved(trace, row)
        return .consumed
    }

    private func find(_ typed: String, _ row: CodeRow) -> (UserID, Int)? {
        let owners = flaw == .recoveryOfAnotherUser ? Array(users.keys) : [row.user]
        for owner in owners {
            let index = recoveryCodes[owner]?.firstIndex {
                $0.code == typed && ($0.set == row.id || flaw?.looksBeyondSet ?? false)
            }
            if let index { return (owner, index) }
        }
        return nil
    }
}

extension Flaw {
    fileprivate var looksBeyondSet: Bool {
        self == .olderRecoveryKept || self == .recoveryOfAnotherUser
    }
}
