import Contracts
import Wire

@testable import AuthGateway
@testable import PolicyService
@testable import VerificationService

/// What the database holds. Tickets and tokens are numbers here: that nobody guesses 256 random
/// bits is not what is tested.
struct Tables: Sendable {
    struct User: Sendable {
        var epoch: Int64 = 1
        var isActive = true
        /// Somebody else may know the password, as its owner has said.
        var isPasswordSuspect = false
        /// Or being erased.
        var isErased = false
        let isAdministrator: Bool
    }

    struct Pending: Sendable {
        let id: ContextID
        let ticket: Int
        let trace: Int
        let password: AuthenticatorID
        let user: UserID
        var epoch: Int64
        var version: Int64 = 1
        var flow: SignInFlow
        let policyVersion: UInt64
        let device: DeviceID?
        /// What the browser showed at the first step; in the product it does so at the last.
        let cookie: Int?
        let trust: Int?
        let expiresAt: Moment
        var isFinished = false
    }

    struct Session: Sendable {
        let id: SessionID
        let user: UserID
        var epoch: Int64
        var token: Int
        var proof: SessionProof
        var provedAt: Moment
        let openedAt: Moment
        let expiresAt: Moment
        var lastUsedAt: Moment
        let idle: Moment
        let device: DeviceID
        /// What the browser is known by from now on.
        let cookie: Int
        var isEnded = false
        /// The trusted device that it hangs on.
        var trust: Int?
        /// What the browser holds as a trusted device from now on; nil where that changes nothing.
        var trustToken: Int?

        var level: UInt32 { proof.level }
        /// `SessionRecord.hasSecondFactor`.
        var hasSecondFactor: Bool { proof.methods.contains { $0 != .password } }
    }

    /// A browser at a sign-in: what it shows, and the device that it was found to be.
    struct Browser: Sendable {
        let cookie: Int?
        let device: DeviceID?
        /// What it holds as a trusted device.
        let trust: Int?
    }

    /// A user with the epoch he was read under.
    struct Account: Sendable {
        let id: UserID
        var epoch: Int64
        let isAdministrator: Bool

        var roles: [Role] { isAdministrator ? [.administrator] : [] }
    }

    let flaw: Flaw?
    let checker: Checker
    var users: [UserID: User] = [:]
    var pending: [Int: Pending] = [:]
    var sessions: [SessionID: Session] = [:]
    var sessionOfToken: [Int: SessionID] = [:]
    var passwords: [UserID: PasswordRow] = [:]
    var codes: [AuthenticatorID: CodeRow] = [:]
    var bindings: [UserID: BindingRow] = [:]
    var challenges: [ChallengeKey: ChallengeRow] = [:]
    var recoveryCodes: [UserID: [RecoveryCodeRow]] = [:]
    var resets: [UserID: ResetRow] = [:]
    /// When somebody takes up the erasure of a user that nobody is at.
    var unfinished: [UserID: Moment] = [:]
    /// When somebody last looked for such work.
    var lookedForWork: Moment?
    var knownDevices: [DeviceID: KnownDevice] = [:]
    var trusts: [Int: TrustRow] = [:]
    /// For a flaw alone: all cookies that a device was ever known by.
    var cookies: [DeviceID: Set<Int>] = [:]
    /// Oldest first.
    var settings: [TwoFactorSettings] = []
    /// In the order of the commits, which is all that a watcher of the product is told by too.
    var revocations: [Revocation] = []
    /// Of one user; the product's number, or one that is reached more often.
    var sessionsMax = Int(Sessions.countMax)

    init(_ flaw: Flaw?, _ checker: Checker) {
        self.flaw = flaw
        self.checker = checker
    }

    func account(_ id: UserID) -> Account? {
        users[id].map {
            Account(id: id, epoch: $0.epoch, isAdministrator: $0.isAdministrator)
        }
    }

    /// `Accounts.find`: only who is active.
    func activeAccount(_ id: UserID) -> Account? {
        users[id]?.isActive == true ? account(id) : nil
    }

    private func isUnchanged(_ account: Account) -> Bool {
        guard let user = users[account.id] else { return false }
        return user.isActive && user.epoch == account.epoch
    }
}

// MARK: - Pending sign-ins

extension Tables {
    static let pendingLife = Moment.seconds(PendingSignIns.lifetimeSeconds)

    private func isExpired(_ pending: Pending, _ now: Moment) -> Bool {
        pending.expiresAt <= now && flaw != .expiryNotCompared
    }

    private func isWhereItWas(_ row: Pending, _ version: Int64, _ now: Moment) -> Bool {
        let isCompared = row.version == version && !row.isFinished
        return (isCompared || flaw == .versionNotCompared) && !isExpired(row, now)
    }

    /// `PendingSignIns.add`.
    mutating func addPending(
        _ ticket: Int, trace: Int, _ password: AuthenticatorID, _ account: Account,
        _ browser: Browser, _ flow: SignInFlow, _ policy: UInt64, _ now: Moment
    ) -> Moment? {
        guard isUnchanged(account) else { return nil }
        let open = pending.values
            .filter { $0.user == account.id && !$0.isFinished && $0.expiresAt > now }
            .map(\.ticket).sorted(by: >)
        for one in open.dropFirst(Int(PendingSignIns.countMax) - 1) {
            pending[one]?.isFinished = true
            pending[one]?.version += 1
        }
        let row = Pending(
            id: ContextID(high: 3, low: UInt64(ticket)), ticket: ticket, trace: trace,
            password: password, user: account.id, epoch: account.epoch, flow: flow,
            policyVersion: policy, device: browser.device, cookie: browser.cookie,
            trust: browser.trust, expiresAt: now + Self.pendingLife)
        pending[ticket] = row
        checker.pendingBegan(trace, now)
        return row.expiresAt
    }

    /// `PendingSignIns.find`, with its user as he is now.
    func findPending(_ ticket: Int, _ now: Moment) -> (Pending, Account)? {
        guard let row = pending[ticket], !row.isFinished, !isExpired(row, now),
            let account = activeAccount(row.user), account.epoch == row.epoch
        else { return nil }
        return (row, account)
    }

    /// `PendingSignIns.save`.
    mutating func savePending(_ changed: Pending, _ now: Moment) -> Bool {
        guard let row = pending[changed.ticket], isWhereItWas(row, changed.version, now),
            let user = users[row.user], user.isActive, user.epoch == row.epoch
        else { return false }
        pending[changed.ticket]?.flow = changed.flow
        pending[changed.ticket]?.version += 1
        return true
    }

    /// `PendingSignIns.endEverythingElse`.
    mutating func endEverythingElse(
        _ read: Pending, _ account: Account, passwordReplaced: Bool, _ now: Moment
    ) -> (version: Int64, epoch: Int64)? {
        guard isUnchanged(account), let row = pending[read.ticket],
            isWhereItWas(row, read.version, now), row.epoch == account.epoch
        else { return nil }
        users[account.id]?.epoch += 1
        if passwordReplaced { users[account.id]?.isPasswordSuspect = false }
        note(.user(account.id))
        pending[read.ticket]?.epoch += 1
        pending[read.ticket]?.version += 1
        keep(row.device, account.id, before: account.epoch)
        return (row.version + 1, account.epoch + 1)
    }

    /// `PendingSignIns.cancel`.
    mutating func cancel(_ ticket: Int) {
        guard pending[ticket]?.isFinished == false else { return }
        pending[ticket]?.isFinished = true
        pending[ticket]?.version += 1
    }
}

// MARK: - Sessions

extension Tables {
    private func isInForce(_ session: Session, _ now: Moment) -> Bool {
        guard let user = users[session.user] else { return false }
        return !session.isEnded && session.expiresAt > now
            && session.lastUsedAt + session.idle > now && user.isActive
            && (user.epoch == session.epoch || flaw == .epochNotCompared)
    }

    /// `Sessions.open`.
    mutating func openSession(
        _ id: SessionID, token: Int, _ account: Account, _ proof: SessionProof,
        finishing read: Pending?,
        on browser: Browser, becoming new: (cookie: Int, id: DeviceID),
        _ trust: ModelOpeningTrust? = nil, trace: Int, _ now: Moment
    ) -> Session? {
        guard isUnchanged(account) else { return nil }
        if case .used(let row)? = trust?.change {
            guard let trust, let shown = trust.shown,
                useTrust(shown, of: row, next: trust.next, account, now)
            else { return nil }
            checker.trustUsed(row.id, showing: shown, trace: trace, now)
        }
        if let read {
            guard let row = pending[read.ticket], isWhereItWas(row, read.version, now),
                row.epoch == account.epoch
            else { return nil }
            pending[read.ticket]?.isFinished = true
            pending[read.ticket]?.version += 1
        }
        let older = sessions.values
            .filter { $0.user == account.id && isInForce($0, now) }
            .map { ($0.openedAt, $0.id.low) }.sorted { $0 > $1 }
        if flaw != .oldestSessionKept {
            for one in older.dropFirst(sessionsMax - 1) { end(SessionID(high: 4, low: one.1)) }
        }
        let limits =
            account.isAdministrator
            ? SessionLimits(overallSeconds: 12 * 3600, idleSeconds: 15 * 60)
            : SessionLimits(overallSeconds: 24 * 3600, idleSeconds: 3600)
        let device = rotate(browser.cookie, to: new.cookie, new.id, account)
        var session = Session(
            id: id, user: account.id, epoch: account.epoch, token: token, proof: proof,
            provedAt: now, openedAt: now, expiresAt: now + .seconds(limits.overallSeconds),
            lastUsedAt: now, idle: .seconds(limits.idleSeconds), device: device,
            cookie: new.cookie)
        settle(trust, &session, account, trace: trace, now)
        sessions[id] = session
        sessionOfToken[token] = id
        checker.sessionOpened(session, trace: trace, now)
        let open = sessions.values.count { $0.user == account.id && isInForce($0, now) }
        checker.sessionsOpen(open, of: account.id, atMost: sessionsMax)
        checker.openedOfErased(account.id)
        return session
    }

    private mutating func settle(
        _ trust: ModelOpeningTrust?, _ session: inout Session, _ account: Account, trace: Int,
        _ now: Moment
    ) {
        guard let trust else { return }
        switch trust.change {
        case .used(let row):
            session.trust = row.id
            session.trustToken = trust.next
        case .given(let device, let password):
            leaveTrust(trust.shown, account.id, alsoCurrent: true)
            giveTrust(
                device, password: password, token: trust.next, account, trace: trace, now)
            session.trustToken = trust.next
        case .untouched: leaveTrust(trust.shown, account.id, alsoCurrent: false)
        }
    }

    /// `Sessions.find`; noting the use, once a minute in the product, is always done here.
    mutating func findSession(_ token: Int, _ now: Moment) -> (Session, Account)? {
        guard let id = sessionOfToken[token], let session = sessions[id],
            session.token == token || flaw == .oldTokenKept, isInForce(session, now),
            let account = account(session.user)
        else { return nil }
        sessions[id]?.lastUsedAt = now
        return (session, account)
    }

    /// `Sessions.renew`.
    mutating func renew(
        _ id: SessionID, _ proof: SessionProof, token: Int, trace: Int, _ now: Moment
    ) -> Bool {
        guard let session = sessions[id], isInForce(session, now) else { return false }
        sessions[id]?.token = token
        sessions[id]?.proof = proof
        sessions[id]?.provedAt = now
        note(.session(id))
        sessions[id]?.trust = nil
        sessionOfToken[token] = id
        checker.steppedUp(session, to: proof.level, trace: trace)
        return true
    }

    /// `Sessions.end`.
    mutating func endSession(_ id: SessionID) { end(id) }

    /// `Sessions.end`, of one that its owner has chosen from a list.
    mutating func endSession(_ id: SessionID, of user: UserID, _ now: Moment) -> Bool {
        guard let session = sessions[id], session.user == user || flaw == .sessionOfAnotherUser,
            isInForce(session, now)
        else { return false }
        checker.sessionEnded(session, by: user)
        end(id)
        return true
    }

    mutating func end(_ id: SessionID) {
        guard sessions[id]?.isEnded == false else { return }
        sessions[id]?.isEnded = true
        note(.session(id))
    }

    /// `Sessions.list`.
    func sessions(of user: UserID, _ now: Moment) -> [SessionID] {
        sessions.values.filter { $0.user == user && isInForce($0, now) }.map(\.id)
            .sorted { $0.low < $1.low }
    }

    /// `Accounts.endEverything`; the new epoch.
    mutating func endEverything(
        _ id: UserID, keeping kept: SessionID?, password: Accounts.PasswordChange = .none
    ) -> Int64? {
        guard let before = users[id]?.epoch else { return nil }
        users[id]?.epoch += 1
        switch password {
        case .none: break
        case .replaced: users[id]?.isPasswordSuspect = false
        case .suspected:
            users[id]?.isPasswordSuspect = flaw != .suspicionForgotten
            if let password = passwords[id]?.id { checker.suspected(password) }
        }
        if flaw != .endNotNoted { note(.user(id)) }
        checker.note("everything ended", id.low, UInt64(before + 1))
        if let kept, let session = sessions[kept], session.user == id, session.epoch == before,
            !session.isEnded
        {
            sessions[kept]?.epoch += 1
            keep(session.device, id, before: before)
        }
        return before + 1
    }

    /// `Accounts.setDisabled`; the new epoch. There is one administrator, whom nobody disables.
    mutating func setDisabled(_ id: UserID, _ isDisabled: Bool) -> Int64? {
        guard let before = users[id]?.epoch, users[id]?.isErased == false else { return nil }
        users[id]?.isActive = !isDisabled
        users[id]?.epoch += 1
        note(.user(id))
        checker.note(isDisabled ? "user disabled" : "user enabled", id.low)
        return before + 1
    }
}

// MARK: - Settings

extension Tables {
    /// `SettingsTable.add`.
    mutating func addSettings(_ change: UpdateTwoFactorSettings, _ now: Moment)
        -> TwoFactorSettings?
    {
        guard let newest = settings.last, newest.version == change.version else { return nil }
        let added = TwoFactorSettings(
            version: newest.version + 1, enforcement: change.enforcement,
            verifiers: change.verifiers, changedAt: now.timestamp, reason: change.reason,
            book: change.book ?? newest.book)
        settings.append(added)
        checker.settingsChanged(added, now)
        return added
    }
}
