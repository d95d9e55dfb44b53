import Contracts
import Wire

@testable import VerificationService

/// Sees everything that happens in a world and says when an invariant is broken. It knows the
/// truth: what was compared and found right, which statements were committed, which answers
/// people got. How the product decides it does not know.
///
/// Unchecked: touched only by the thread that runs the simulation.
final class Checker: @unchecked Sendable {
    struct Violation: Equatable {
        let invariant: String
        let what: String
    }

    /// What somebody was told, in words that a database without it would break.
    enum Promise: Equatable {
        case session(SessionID)
        case sessionEnded(SessionID)
        case bound(AuthenticatorID)
        case removed(AuthenticatorID)
        case step(AuthenticatorID, Int64)
        case recoveryUsed(UserID, String)
        case settings(UInt64)
    }

    /// What has truly been proved under one trace, which is one sign-in.
    struct Trace {
        let user: UserID
        let began: Moment
        var stepBegan: Moment
        var firstStepEnded: Moment?
        var pendingBegan: Moment?
        var password: AuthenticatorID?
        var isInitial = false
        var factors: [CodeRow] = []
        /// What a trusted device stands in for.
        var trusted: CodeRow?
    }

    /// The tries at one authenticator since its last success, as they truly were.
    struct Tally {
        struct Try {
            let serial: Int
            let round: Int64
            let at: Moment
            var isWrong = false
            var isSettled = false
        }
        /// Failures in a row, and how long they make wait.
        struct Row {
            var failures = 0
            var restUntil: Moment = 0
            /// Of a device: tries admitted and not settled, by round.
            var underWay: [Int64: Int] = [:]
        }
        var tries: [Try] = []
        /// Wherever they came from.
        var all = Row()
        /// A known device's own.
        var ofDevices: [DeviceID: Row] = [:]
    }

    let agenda: Agenda
    var history = History()
    private(set) var violation: Violation?

    // I1.
    var acceptedSteps: Set<[UInt64]> = []
    var sessionTraces: Set<Int> = []
    var boundOnce: Set<AuthenticatorID> = []
    var contextOfBinding: [AuthenticatorID: ContextID] = [:]
    var sent: [Int: Sent] = [:]
    var newestMessage: [ChallengeKey: Int] = [:]
    var printed: [String: Printed] = [:]
    var recoverySet: [UserID: AuthenticatorID] = [:]
    var links: [UserID: Link] = [:]
    // I2: in the order in which people were told.
    var promises: [Promise] = []
    var removedCodes: Set<AuthenticatorID> = []
    // I3.
    var traces: [Int: Trace] = [:]
    var traceOfSession: [SessionID: Int] = [:]
    /// Since when each user has had some second factor, without a gap.
    var factorSince: [UserID: Moment] = [:]
    var settings: [(from: Moment, settings: TwoFactorSettings)] = []
    /// Passwords whose owner has said that somebody else may know them.
    var suspectPasswords: Set<AuthenticatorID> = []
    // I4.
    var tallies: [AuthenticatorID: Tally] = [:]
    var serials = 0
    // I5: since when somebody knows that it has ended.
    var endedSessions: [SessionID: Moment] = [:]
    var endedTokens: [Int: Moment] = [:]
    var endedTraces: [Int: Moment] = [:]
    var endedPasswords: [AuthenticatorID: Moment] = [:]
    var endedCodes: [AuthenticatorID: Moment] = [:]
    /// Who has signed in on the browser that shows a cookie.
    var knownBy: [Int: Set<UserID>] = [:]
    var epochOfDevice: [DeviceID: (user: UserID, epoch: Int64)] = [:]
    var endedDevices: [DeviceID: Moment] = [:]
    var openedSessions: [(id: SessionID, user: UserID, epoch: Int64)] = []
    // I6: since when.
    var erasures: [UserID: Moment] = [:]

    // Trusted devices: I1, I3 and I5.
    var trusts: [Int: GivenTrust] = [:]
    var usedTrustTokens: Set<Int> = []

    init(_ agenda: Agenda) { self.agenda = agenda }

    /// What follows from the first is not told.
    func violated(_ invariant: String, _ what: String) {
        note("VIOLATION", 0)
        if violation == nil { violation = Violation(invariant: invariant, what: what) }
    }

    func note(_ what: StaticString, _ who: UInt64, _ which: UInt64 = 0) {
        history.note(agenda.now, what, who, which)
    }
}

// MARK: - I1: at most one success

extension Checker {
    func accepted(_ id: AuthenticatorID, _ step: Int64) {
        note("code accepted", id.low, UInt64(bitPattern: step))
        guard acceptedSteps.insert([id.low, UInt64(bitPattern: step)]).inserted else {
            return violated("I1", "step \(step) of authenticator \(id.low) was accepted twice")
        }
    }

    func bindingBegan(_ row: BindingRow) { contextOfBinding[row.id] = row.context }

    func bound(_ row: CodeRow, in context: ContextID, trace: Int) {
        note("bound", row.user.low, row.id.low)
        if !boundOnce.insert(row.id).inserted {
            violated("I1", "binding \(row.id.low) was confirmed twice")
        }
        if contextOfBinding[row.id] != context {
            violated("I1", "binding \(row.id.low) was confirmed where it was not begun")
        }
        factorProved(trace, row)
    }
}

// MARK: - I2: what people were told is there

extension Checker {
    func told(_ promise: Promise) { promises.append(promise) }

    func removed(_ id: AuthenticatorID) {
        note("authenticator removed", id.low)
        removedCodes.insert(id)
    }

    func databaseCameBack(_ tables: Tables) {
        note("database restarted", 0)
        for promise in promises where !isKept(promise, tables) {
            violated("I2", "lost after a crash: \(promise)")
        }
    }

    private func isKept(_ promise: Promise, _ tables: Tables) -> Bool {
        switch promise {
        case .session(let id): tables.sessions[id] != nil
        case .sessionEnded(let id): tables.sessions[id]?.isEnded ?? true
        case .bound(let id): tables.codes[id] != nil || removedCodes.contains(id)
        case .removed(let id): tables.codes[id] == nil
        case .step(let id, let step): tables.codes[id].map { $0.lastStep >= step } ?? true
        case .recoveryUsed(let user, let code):
            tables.recoveryCodes[user]?.first { $0.code == code }?.isUsed ?? true
        case .settings(let version): (tables.settings.last?.version ?? 0) >= version
        }
    }
}
