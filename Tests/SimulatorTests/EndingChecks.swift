import Contracts
import Wire

// MARK: - I5: what is known to have ended does not work again

extension Checker {
    private func end(_ id: SessionID) { endedSessions[id] = endedSessions[id] ?? agenda.now }

    /// Somebody was told that a session has ended.
    func toldEnded(_ id: SessionID) {
        told(.sessionEnded(id))
        end(id)
    }

    /// Somebody was told that whatever a user began before `epoch` has ended, but `kept`.
    func toldEnded(_ user: UserID, before epoch: Int64, keeping kept: SessionID? = nil) {
        for session in openedSessions
        where session.user == user && session.epoch < epoch && session.id != kept {
            end(session.id)
        }
        for (id, trust) in trusts where trust.user == user && trust.epoch < epoch { endTrust(id) }
        for (id, known) in epochOfDevice where known.user == user && known.epoch < epoch {
            endedDevices[id] = endedDevices[id] ?? agenda.now
        }
    }

    /// One session was ended as somebody asked for.
    func sessionEnded(_ session: Tables.Session, by user: UserID) {
        note("session ended from the list", user.low, session.id.low)
        if session.user != user {
            violated("I5", "user \(user.low) ended a session of user \(session.user.low)")
        }
    }

    func sessionsOpen(_ count: Int, of user: UserID, atMost max: Int) {
        if count == max { note("as many sessions as there may be", user.low) }
        if count > max { violated("I5", "user \(user.low) has \(count) sessions") }
    }

    func toldTokenReplaced(_ token: Int) { endedTokens[token] = agenda.now }

    func toldCancelled(_ trace: Int) { endedTraces[trace] = agenda.now }

    /// Somebody was told that a password was replaced: what it opened has ended, but `kept`.
    func toldReplaced(_ password: AuthenticatorID, keeping kept: SessionID? = nil) {
        endedPasswords[password] = agenda.now
        for session in openedSessions where session.id != kept {
            let trace = traceOfSession[session.id].flatMap { traces[$0] }
            if trace?.password == password { end(session.id) }
        }
    }

    /// Somebody was told that factors were removed: what they opened has ended, but `kept`.
    func toldRemoved(_ codes: [AuthenticatorID], keeping kept: SessionID? = nil) {
        for id in codes {
            told(.removed(id))
            endedCodes[id] = agenda.now
        }
        for session in openedSessions where session.id != kept {
            let trace = traceOfSession[session.id].flatMap { traces[$0] }
            if trace?.factors.contains(where: { codes.contains($0.id) }) ?? false {
                end(session.id)
            }
        }
    }

    /// A token that was shown at `asked` was taken.
    func worked(_ token: Int, of session: Tables.Session, asked: Moment) {
        note("session worked", session.user.low, session.id.low)
        if let ended = endedSessions[session.id], ended < asked {
            violated("I5", "session \(session.id.low) worked after it had ended")
        }
        if let ended = endedTokens[token], ended < asked {
            violated("I5", "a token worked after it was replaced")
        }
    }
}
