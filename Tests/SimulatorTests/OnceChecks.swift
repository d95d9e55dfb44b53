import Contracts
import Wire

@testable import VerificationService

// MARK: - I1 and I4: what is sent or printed proves once, and only where it belongs

extension Checker {
    /// A message with a code, as it was truly sent.
    struct Sent {
        let place: CodePlace
        let code: String
        let expiresAt: Moment
        var tries = 0
        /// It proved something, or a newer one was made.
        var isVoid = false
    }

    struct Printed {
        let owner: UserID
        let set: AuthenticatorID
        var isUsed = false
    }

    struct Link {
        let token: ResetToken
        let expiresAt: Moment
    }

    func messageSent(_ number: Int, _ place: CodePlace, _ code: String, until expiresAt: Moment) {
        note("message sent", place.user.low, place.subject.low)
        if let older = newestMessage[ChallengeKey(place)] { sent[older]?.isVoid = true }
        newestMessage[ChallengeKey(place)] = number
        sent[number] = Sent(place: place, code: code, expiresAt: expiresAt)
    }

    /// A typed code is compared with the one of a message, which nothing can take back.
    func messageChecked(_ number: Int) {
        sent[number]?.tries += 1
        let tries = sent[number]?.tries ?? 0
        if tries > MessageCode.triesMax {
            violated("I4", "\(tries) tries at the code of message \(number)")
        }
    }

    /// A typed code was taken at `place` for the one that was sent there.
    func messageProved(_ place: CodePlace, _ typed: String) {
        note("message code accepted", place.user.low, place.subject.low)
        guard let number = newestMessage[ChallengeKey(place)], let message = sent[number],
            message.place == place
        else { return violated("I1", "a code proved where none was sent") }
        if message.isVoid { violated("I1", "the code of message \(number) proved twice") }
        if message.code != typed {
            violated("I1", "a code proved where message \(number) said another one")
        }
        if message.expiresAt <= agenda.now {
            violated("I5", "the code of message \(number) had expired")
        }
        sent[number]?.isVoid = true
    }

    func recoveryMade(_ user: UserID, _ new: NewRecoverySet) {
        note("recovery codes made", user.low, new.id.low)
        recoverySet[user] = new.id
        for code in new.codes { printed[code] = Printed(owner: user, set: new.id) }
    }

    func recoveryProved(_ typed: String, of user: UserID) {
        note("recovery code accepted", user.low)
        guard let code = printed[typed] else {
            return violated("I1", "a recovery code proved that was never made")
        }
        if code.isUsed { violated("I1", "a recovery code of user \(user.low) proved twice") }
        if code.owner != user { violated("I1", "a recovery code proved for another user") }
        if code.owner == user, recoverySet[user] != code.set {
            violated("I1", "a recovery code of an older set proved")
        }
        printed[typed]?.isUsed = true
    }

    func resetBegan(_ user: UserID, _ token: ResetToken, until expiresAt: Moment) {
        note("reset begun", user.low)
        links[user] = Link(token: token, expiresAt: expiresAt)
    }

    /// The password has changed, be it by the link itself.
    func resetEnded(_ user: UserID) { links[user] = nil }

    /// A link has replaced a password.
    func resetUsed(_ user: UserID, _ token: ResetToken) {
        note("reset used", user.low)
        guard let link = links[user], link.token == token else {
            return violated("I1", "a link replaced a password that was used or void before")
        }
        if link.expiresAt <= agenda.now { violated("I5", "a link of user \(user.low) had expired") }
        resetEnded(user)
    }
}
