import Contracts
import Wire

@testable import VerificationService

/// A row of `verification.challenges` of a code that was sent.
struct ChallengeRow: Sendable {
    /// Of the message, for the checker.
    let message: Int
    let place: CodePlace
    let kind: ProofKind
    let answer: Bytes
    var tries = 0
    let expiresAt: Moment
    /// For a flaw alone: what earlier messages said.
    var older: [Bytes] = []

    func isAnswered(by answer: Bytes) -> Bool { answer == self.answer || older.contains(answer) }
}

/// Its primary key.
struct ChallengeKey: Hashable, Sendable {
    let context: ContextID
    let purpose: Purpose
    let subject: AuthenticatorID

    init(_ place: CodePlace) {
        context = place.context
        purpose = place.purpose
        subject = place.subject
    }
}

extension Flaw {
    /// Where the product would keep a code, were one part of its place left out.
    func place(_ place: CodePlace) -> CodePlace {
        CodePlace(
            user: place.user,
            context: self == .messageOfAnotherContext ? ContextID(high: 0, low: 0) : place.context,
            purpose: self == .messageOfAnotherPurpose ? .signIn : place.purpose,
            subject: place.subject)
    }
}

// MARK: - Codes that are sent

/// What budgets refuse is left out: they only make messages rarer.
extension Tables {
    /// `MessageChallenges.begin` for an authenticator that is bound; false when it is not, or is
    /// disabled.
    mutating func beginMessage(_ new: ChallengeRow) -> Bool {
        let place = new.place
        guard let row = codes[place.subject], row.user == place.user, !row.counter.isDisabled,
            row.kind == new.kind
        else { return false }
        addChallenge(new)
        return true
    }

    /// The same for one that is to be bound: both or neither.
    mutating func beginMessageBinding(_ new: ChallengeRow, _ binding: BindingRow) {
        beginBinding(new.place.user, binding)
        addChallenge(new)
    }

    private mutating func addChallenge(_ new: ChallengeRow) {
        var row = new
        if flaw == .olderMessageKept, let old = challenges[ChallengeKey(new.place)] {
            row.older = old.older + [old.answer]
        }
        challenges[ChallengeKey(new.place)] = row
    }

    private func challenge(_ place: CodePlace, _ kind: ProofKind, _ now: Moment) -> ChallengeRow? {
        guard let row = challenges[ChallengeKey(place)], row.place.user == place.user,
            row.kind == kind, row.expiresAt > now
        else { return nil }
        return row
    }

    /// `MessageChallenges.tryOnce`: counted before its check.
    mutating func tryMessage(
        _ place: CodePlace, _ kind: ProofKind, _ now: Moment
    ) -> ChallengeRow? {
        guard let row = challenge(place, kind, now), row.tries < MessageCode.triesMax else {
            return nil
        }
        if flaw != .messageCountedAfterCheck { countMessage(place) }
        return row
    }

    mutating func countMessage(_ place: CodePlace) {
        challenges[ChallengeKey(place)]?.tries += 1
    }

    /// `MessageChallenges.consume`, and what the other statements have of it.
    mutating func consumeMessage(
        _ place: CodePlace, _ kind: ProofKind, _ answer: Bytes, _ now: Moment
    ) -> Bool {
        guard let row = challenge(place, kind, now), row.isAnswered(by: answer),
            row.tries <= MessageCode.triesMax
        else { return false }
        challenges[ChallengeKey(place)] = nil
        return true
    }

    /// `MessageChallenges.succeed`. A code is consumed also where the try is not the caller's to
    /// settle any more.
    /// - Parameter told: Where the caller asked for the code, for the checker.
    mutating func succeedMessage(
        _ attempt: Attempt, serial: Int, _ place: CodePlace, _ kind: ProofKind, _ answer: Bytes,
        _ typed: String, at told: CodePlace, trace: Int, _ now: Moment
    ) -> Settlement {
        let isAnswered = consumeMessage(place, kind, answer, now)
        guard isCodeToSettle(attempt), var row = codes[attempt.authenticator] else {
            return .overtaken
        }
        guard isAnswered else {
            row.counter.release()
            row.devices.settle(attempt, flaw) { $0.release() }
            codes[row.id] = row
            checker.released(attempt, serial: serial, row.counter)
            return .used
        }
        row.counter.succeed()
        row.devices.settle(attempt, flaw) { $0.succeed() }
        codes[row.id] = row
        checker.succeeded(attempt, serial: serial, row.counter)
        checker.messageProved(told, typed)
        checker.factorProved(trace, row)
        return .consumed
    }

    /// The first statement of `SecondFactors.reset`.
    mutating func removeBegun(_ user: UserID) {
        bindings[user] = nil
        challenges = challenges.filter { $0.value.place.user != user }
    }
}
