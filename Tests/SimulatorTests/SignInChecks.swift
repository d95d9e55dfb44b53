import Contracts
import Wire

@testable import VerificationService

// MARK: - I3: the factors that policy demands

extension Checker {
    /// A replica of policy decides by settings that were in force this long ago or later.
    static let policyAgeMax: Moment = .seconds(1)

    func traceBegan(_ trace: Int, _ user: UserID) {
        traces[trace] = Trace(user: user, began: agenda.now, stepBegan: agenda.now)
    }

    func stepBegan(_ trace: Int) {
        if traces[trace]?.firstStepEnded == nil { traces[trace]?.firstStepEnded = agenda.now }
        traces[trace]?.stepBegan = agenda.now
    }

    func pendingBegan(_ trace: Int, _ now: Moment) {
        note("sign-in pending", UInt64(trace))
        traces[trace]?.pendingBegan = now
        traces[trace]?.firstStepEnded = now
    }

    func passwordProved(
        _ trace: Int, _ user: UserID, _ id: AuthenticatorID, isInitial: Bool
    ) {
        note("password proved", user.low, UInt64(trace))
        guard traces[trace]?.user == user else { return }
        traces[trace]?.password = id
        traces[trace]?.isInitial = isInitial
    }

    /// A sign-in has replaced its initial password only where that very password stood there: also
    /// where a gateway dies between the replacing and the end of all other sign-ins, another one
    /// that began with the same initial password must not take the new one's place.
    func passwordReplaced(_ trace: Int, _ user: UserID, _ old: AuthenticatorID) {
        note("password replaced", user.low, old.low)
        guard traces[trace]?.user == user, traces[trace]?.password == old else { return }
        traces[trace]?.isInitial = false
        traces[trace]?.password = nil
    }

    /// Its owner has said that somebody else may know it.
    func suspected(_ password: AuthenticatorID) {
        note("password suspected", password.low)
        suspectPasswords.insert(password)
    }

    func factorProved(_ trace: Int, _ row: CodeRow) {
        guard traces[trace]?.user == row.user else { return }
        traces[trace]?.factors.append(row)
    }

    func settingsChanged(_ added: TwoFactorSettings, _ now: Moment) {
        note("settings", added.version)
        settings.append((now, added))
    }

    /// After an authenticator was bound or removed.
    func factorsChanged(_ user: UserID, to count: Int) {
        factorSince[user] = count == 0 ? nil : factorSince[user] ?? agenda.now
    }

    /// The versions that were in force at some time between the two.
    func inForce(_ from: Moment, _ to: Moment) -> [TwoFactorSettings] {
        settings.indices.filter { index in
            let next = index + 1 < settings.count ? settings[index + 1].from : .max
            return settings[index].from <= to && next > from
        }.map { settings[$0].settings }
    }

    /// Whether every version of the settings that could be meant asks for more than was proved.
    private func isForbidden(
        _ trace: Trace, isAdministrator: Bool, _ from: Moment, _ to: Moment
    ) -> Bool {
        inForce(from - Self.policyAgeMax, to).allSatisfy { settings in
            let said = settings.rules(of: trace.user)
            if said.contains(where: \.denied) { return true }
            if trace.trusted != nil, !settings.allowsTrust(of: trace.user) { return true }
            let isAsked =
                settings.enforcement == .everyone || isAdministrator
                || said.contains { $0.enforcement == .required }
            let chosen = settings.verifiers.filter { verifier in
                said.allSatisfy { $0.verifiers.isEmpty || $0.verifiers.contains(verifier) }
            }
            let serving = trace.factors + (trace.trusted.map { [$0] } ?? [])
            return isAsked && !serving.contains { $0.stands(for: chosen) }
        }
    }

    func sessionOpened(_ session: Tables.Session, trace number: Int, _ now: Moment) {
        note("session opened", session.user.low, session.id.low)
        openedSessions.append((session.id, session.user, session.epoch))
        traceOfSession[session.id] = number
        guard let trace = traces[number] else {
            return violated("I3", "a session without a sign-in")
        }
        if !sessionTraces.insert(number).inserted {
            violated("I1", "sign-in \(number) opened two sessions")
        }
        if let began = trace.pendingBegan, now > began + Tables.pendingLife {
            violated("I5", "sign-in \(number) had expired")
        }
        if let ended = endedTraces[number], ended < trace.stepBegan {
            violated("I5", "sign-in \(number) had been cancelled")
        }
        checkFactors(trace, number, session)
    }

    private func checkFactors(_ trace: Trace, _ number: Int, _ session: Tables.Session) {
        let isAdministrator = session.user == World.administrator
        if trace.user != session.user { violated("I3", "a session of another user") }
        if trace.isInitial { violated("I3", "an initial password opened a session") }
        if let password = trace.password, suspectPasswords.contains(password) {
            violated("I3", "a password opened a session that somebody else may know")
        }
        if session.level > 1, !trace.isRaised {
            violated("I3", "session \(session.id.low) claims a factor that was not proved")
        }
        if let since = factorSince[session.user], since < trace.began, trace.factors.isEmpty,
            trace.trusted == nil
        {
            violated("I3", "sign-in \(number) passed by the user's second factor")
        }
        let firstStepEnded = trace.firstStepEnded ?? agenda.now
        if isForbidden(trace, isAdministrator: isAdministrator, trace.began, firstStepEnded)
            || isForbidden(trace, isAdministrator: isAdministrator, trace.stepBegan, agenda.now)
        {
            violated("I3", "sign-in \(number) lacks what the settings ask for")
        }
        checkRetired(trace, number)
    }

    /// A session's proof was renewed under a trace of its own.
    func steppedUp(_ session: Tables.Session, to level: UInt32, trace number: Int) {
        note("stepped up", session.user.low, UInt64(level))
        guard let trace = traces[number], trace.user == session.user else {
            return violated("I3", "session \(session.id.low) was renewed without a proof")
        }
        if level > 1, !trace.isRaised {
            violated("I3", "session \(session.id.low) was raised by what raises no level")
        }
    }

    private func checkRetired(_ trace: Trace, _ number: Int) {
        if let password = trace.password, let since = endedPasswords[password],
            since < trace.stepBegan
        {
            violated("I5", "sign-in \(number) went on with a password that was replaced")
        }
        for factor in trace.factors {
            guard let since = endedCodes[factor.id], since < trace.stepBegan else { continue }
            violated("I5", "sign-in \(number) went on with a factor that was removed")
        }
    }
}

extension Checker.Trace {
    /// Mail is no channel of its own (NIST SP 800-63B §3.1.3.1).
    fileprivate var isRaised: Bool { factors.contains { $0.kind != .email } }
}

extension CodeRow {
    /// A recovery code stands in for whatever is bound.
    fileprivate func stands(for chosen: [VerifierUID]) -> Bool {
        guard let verifier else { return kind == .recovery }
        return chosen.contains(verifier)
    }
}
