import Contracts
import OTP
import Wire

@testable import VerificationService

/// A row of `verification.authenticators` of kind `password`.
struct PasswordRow: Sendable {
    var id: AuthenticatorID
    /// nil for a decoy.
    var text: String?
    var counter = Counter()
    var devices: [DeviceID: Counter] = [:]
    /// nil for a password that the user chose.
    var initialExpiresAt: Moment?
    var initialUsedAt: Moment?
}

/// One of the other kinds.
struct CodeRow: Sendable {
    let id: AuthenticatorID
    let user: UserID
    let kind: ProofKind
    /// nil for recovery codes.
    var verifier: VerifierUID?
    /// Of an app or token alone.
    var seed = 0
    var parameters = OneTimePasswordParameters.standard
    var counter = Counter()
    var devices: [DeviceID: Counter] = [:]
    var lastStep = TOTPCheck.noStep
    var drift: Int64 = 0
}

/// A row of `verification.bindings`.
struct BindingRow: Sendable {
    let id: AuthenticatorID
    let context: ContextID
    let verifier: VerifierUID
    let kind: ProofKind
    var seed = 0
    var tries = 0
    let expiresAt: Moment
}

/// An admitted try, or why it was not.
enum ModelAdmission<Row: Sendable>: Sendable {
    case admitted(Attempt, Row, serial: Int)
    case refused(Fault)
}

extension BoundFactors {
    var all: Int { active + disabled }
}

// MARK: - Passwords

extension Tables {
    /// `Passwords.admit`: the first try of an unknown user makes his decoy.
    mutating func admitPassword(
        _ user: UserID, newRow: AuthenticatorID, _ device: DeviceReservation?,
        _ limits: AttemptLimits, _ now: Moment
    ) -> ModelAdmission<PasswordRow> {
        var row = passwords[user] ?? PasswordRow(id: newRow)
        let isAdmitted = row.counter.admit(limits, now, flaw, rests: device == nil)
        passwords[user] = row
        guard isAdmitted else { return .refused(row.counter.standing(now)) }
        let attempt = Attempt(
            user: user, authenticator: row.id, round: row.counter.round, device: device)
        return .admitted(attempt, row, serial: checker.admitted(attempt, limits, row.counter))
    }

    private func isToSettle(_ attempt: Attempt) -> Bool {
        guard let row = passwords[attempt.user], row.id == attempt.authenticator else {
            return false
        }
        return row.counter.isToSettle(attempt.round, flaw)
    }

    /// `Attempts.fail`; nil when the try was settled by another.
    mutating func failPassword(
        _ attempt: Attempt, serial: Int, _ limits: AttemptLimits, _ now: Moment
    ) -> Failures? {
        guard isToSettle(attempt) else { return nil }
        guard var row = passwords[attempt.user] else { return nil }
        let failures = row.counter.fail(limits, now, flaw)
        let ofDevice = row.devices.settle(attempt, flaw) { $0.fail(limits, now, flaw) }
        passwords[attempt.user] = row
        checker.failed(attempt, serial: serial, row.counter, ofDevice: ofDevice)
        return Failures(all: failures, here: ofDevice ?? failures)
    }

    /// `Passwords.succeed`.
    mutating func succeedPassword(
        _ attempt: Attempt, serial: Int, trace: Int, _ now: Moment
    ) -> Bool {
        guard isToSettle(attempt), var row = passwords[attempt.user], row.text != nil else {
            return false
        }
        row.counter.succeed()
        row.devices.settle(attempt, flaw) { $0.succeed() }
        if row.initialExpiresAt != nil { row.initialUsedAt = row.initialUsedAt ?? now }
        passwords[attempt.user] = row
        checker.succeeded(attempt, serial: serial, row.counter)
        checker.passwordProved(
            trace, attempt.user, attempt.authenticator, isInitial: row.initialExpiresAt != nil)
        return true
    }

    /// `Passwords.releaseExpired` and `Attempts.release`.
    mutating func releasePassword(_ attempt: Attempt, serial: Int) -> Bool {
        guard isToSettle(attempt), var row = passwords[attempt.user] else { return false }
        row.counter.release()
        row.devices.settle(attempt, flaw) { $0.release() }
        passwords[attempt.user] = row
        checker.released(attempt, serial: serial, row.counter)
        return true
    }

    /// `Passwords.replace` and, with a link, `Passwords.reset`, which takes the place of whatever
    /// stands there.
    mutating func replacePassword(
        _ old: AuthenticatorID, _ user: UserID, by new: (id: AuthenticatorID, text: String),
        reset: ResetToken?, trace: Int, _ now: Moment
    ) -> Bool {
        if let reset, !useReset(reset, of: user, now) { return false }
        guard reset != nil || passwords[user]?.id == old else { return false }
        passwords[user] = PasswordRow(id: new.id, text: new.text)
        checker.passwordReplaced(trace, user, old)
        if let reset { checker.resetUsed(user, reset) } else { endReset(user) }
        return true
    }

    /// `Passwords.setInitial`; the password that it took the place of.
    mutating func setInitialPassword(
        _ user: UserID, _ id: AuthenticatorID, _ text: String, _ now: Moment
    ) -> AuthenticatorID? {
        let old = passwords[user]?.id
        let life = Moment(InitialPassword.lifetime.components.seconds)
        passwords[user] = PasswordRow(
            id: id, text: text, initialExpiresAt: now + .seconds(life))
        endReset(user)
        return old
    }
}

// MARK: - Locks

extension Tables {
    /// `Locks.end`. Decoys are never unlocked.
    mutating func unlock(_ user: UserID, _ now: Moment) {
        if var row = passwords[user], row.text != nil {
            if row.counter.unlock(isPassword: true, now, flaw) {
                checker.unlocked(row.id, isPassword: true, row.counter)
            }
            unlock(&row.devices, of: row.id, isPassword: true, now)
            passwords[user] = row
        }
        for code in secondFactors(user) {
            var row = code
            if row.counter.unlock(isPassword: false, now, flaw) {
                checker.unlocked(row.id, isPassword: false, row.counter)
            }
            unlock(&row.devices, of: row.id, isPassword: false, now)
            codes[row.id] = row
        }
    }

    private func unlock(
        _ devices: inout [DeviceID: Counter], of id: AuthenticatorID, isPassword: Bool,
        _ now: Moment
    ) {
        for device in devices.keys
        where devices[device]?.unlock(isPassword: isPassword, now, flaw) ?? false {
            checker.unlocked(device, at: id, isPassword: isPassword)
        }
    }
}

// MARK: - Codes

extension Tables {
    /// `SecondFactors.admit`, of whatever kind; nil when the user has no such authenticator.
    mutating func admitCode(
        _ user: UserID, _ id: AuthenticatorID, _ device: DeviceReservation?,
        _ limits: AttemptLimits, _ now: Moment
    ) -> ModelAdmission<CodeRow>? {
        guard var row = codes[id], row.user == user || flaw == .factorOfAnotherUser else {
            return nil
        }
        let isAdmitted = row.counter.admit(limits, now, flaw, rests: device == nil)
        codes[id] = row
        guard isAdmitted else { return .refused(row.counter.standing(now)) }
        let attempt = Attempt(
            user: user, authenticator: id, round: row.counter.round, device: device)
        return .admitted(attempt, row, serial: checker.admitted(attempt, limits, row.counter))
    }

    func isCodeToSettle(_ attempt: Attempt) -> Bool {
        codes[attempt.authenticator]?.counter.isToSettle(attempt.round, flaw) ?? false
    }

    /// `Attempts.fail`.
    mutating func failCode(
        _ attempt: Attempt, serial: Int, drift: Int64?, _ limits: AttemptLimits, _ now: Moment
    ) -> Failures? {
        guard isCodeToSettle(attempt) else { return nil }
        guard var row = codes[attempt.authenticator] else { return nil }
        row.drift = drift ?? row.drift
        let failures = row.counter.fail(limits, now, flaw)
        let ofDevice = row.devices.settle(attempt, flaw) { $0.fail(limits, now, flaw) }
        codes[row.id] = row
        checker.failed(attempt, serial: serial, row.counter, ofDevice: ofDevice)
        return Failures(all: failures, here: ofDevice ?? failures)
    }

    enum Settlement: Sendable { case consumed, used, overtaken }

    /// `CodeAuthenticators.succeed`.
    mutating func succeedCode(
        _ attempt: Attempt, serial: Int, step: Int64, drift: Int64, trace: Int
    ) -> Settlement {
        guard isCodeToSettle(attempt), var row = codes[attempt.authenticator] else {
            return .overtaken
        }
        guard row.lastStep < step || flaw == .stepGuardDropped else {
            row.counter.release()
            row.devices.settle(attempt, flaw) { $0.release() }
            codes[row.id] = row
            checker.released(attempt, serial: serial, row.counter)
            return .used
        }
        row.counter.succeed()
        row.devices.settle(attempt, flaw) { $0.succeed() }
        row.lastStep = step
        row.drift = drift
        codes[row.id] = row
        checker.succeeded(attempt, serial: serial, row.counter)
        checker.accepted(row.id, step)
        checker.factorProved(trace, row)
        return .consumed
    }

    /// `CodeAuthenticators.releaseUsed` and `Attempts.release`.
    mutating func releaseCode(_ attempt: Attempt, serial: Int) -> Bool {
        guard isCodeToSettle(attempt), var row = codes[attempt.authenticator] else {
            return false
        }
        row.counter.release()
        row.devices.settle(attempt, flaw) { $0.release() }
        codes[row.id] = row
        checker.released(attempt, serial: serial, row.counter)
        return true
    }

    /// Recovery codes among them.
    private func secondFactors(_ user: UserID) -> [CodeRow] {
        codes.values.filter { $0.user == user }.sorted { $0.id.low < $1.id.low }
    }

    /// `SecondFactors.list`, disabled ones too.
    func boundCodes(_ user: UserID) -> [CodeRow] {
        secondFactors(user).filter { $0.verifier != nil }
    }

    func boundFactors(_ user: UserID) -> BoundFactors {
        let all = boundCodes(user)
        let disabled = all.count { $0.counter.isDisabled }
        return BoundFactors(active: all.count - disabled, disabled: disabled)
    }

    /// `SecondFactors.unbind`.
    mutating func unbind(
        _ user: UserID, _ id: AuthenticatorID, keepingOne: Bool
    ) -> SecondFactors.Unbinding {
        let own = boundCodes(user)
        guard own.contains(where: { $0.id == id }) else { return .notFound }
        guard !keepingOne || own.contains(where: { $0.id != id && !$0.counter.isDisabled })
        else { return .last }
        codes[id] = nil
        checker.removed(id)
        if own.count == 1 { removeRecovery(user) }
        checker.factorsChanged(user, to: boundFactors(user).all)
        return .unbound
    }

    /// The second statement of `SecondFactors.reset`; what was removed.
    mutating func removeCodes(_ user: UserID) -> [AuthenticatorID] {
        let removed = boundCodes(user).map(\.id)
        checker.note("factors reset", user.low, UInt64(removed.count))
        for id in removed {
            codes[id] = nil
            checker.removed(id)
        }
        removeRecovery(user)
        checker.factorsChanged(user, to: 0)
        return removed
    }
}

// MARK: - Bindings

extension Tables {
    static let bindingLife = Moment.seconds(Bindings.lifetime.components.seconds)

    /// `Bindings.begin`: a later beginning makes an earlier one void.
    mutating func beginBinding(_ user: UserID, _ row: BindingRow) {
        bindings[user] = row
        checker.bindingBegan(row)
    }

    /// `Bindings.tryOnce`: counted before its check.
    mutating func tryBinding(_ user: UserID, _ context: ContextID, _ now: Moment) -> BindingRow? {
        guard let row = bindings[user],
            row.context == context || flaw == .bindingOfAnotherContext,
            row.tries < Bindings.triesMax, row.expiresAt > now
        else { return nil }
        bindings[user]?.tries += 1
        return bindings[user]
    }

    enum Binding: Sendable {
        case bound(withRecovery: Bool)
        case gone
        case refused(BoundFactors)
    }

    /// `Bindings.confirm`: consumes the binding and binds the authenticator, both or neither.
    mutating func confirmBinding(
        _ tried: BindingRow, _ user: UserID, _ accepted: (step: Int64, drift: Int64)?,
        additional: Bool, context: ContextID, recovery: NewRecoverySet, trace: Int
    ) -> Binding {
        let before = boundFactors(user)
        guard before.refusal(additional: additional) == nil else { return .refused(before) }
        guard bindings[user]?.id == tried.id else { return .gone }
        if flaw != .bindingNotConsumed { bindings[user] = nil }
        var row = CodeRow(
            id: tried.id, user: user, kind: tried.kind, verifier: tried.verifier,
            seed: tried.seed)
        if let accepted {
            row.lastStep = accepted.step
            row.drift = accepted.drift
            checker.accepted(tried.id, accepted.step)
        }
        codes[tried.id] = row
        checker.bound(row, in: context, trace: trace)
        if before.all == 0 { makeRecovery(recovery, of: user) }
        checker.factorsChanged(user, to: before.all + 1)
        return .bound(withRecovery: before.all == 0)
    }
}
