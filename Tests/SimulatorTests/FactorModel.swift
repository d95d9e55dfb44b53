import Contracts
import OTP
import Wire

@testable import VerificationService

// MARK: - Proving, after `ProofHandlers` and what each kind has

extension VerificationModel {
    /// A try that was admitted.
    private struct Admitted {
        let attempt: Attempt
        let row: CodeRow
        let serial: Int
        let trace: Int
        let place: Place
    }

    func checkCode(
        _ request: CheckCode, trace: Int, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        let admitted = try await admit(request, trace: trace, place)
        let row = admitted.row
        var step: Int64?
        switch row.kind {
        case .totp: step = try await prove(request.code, admitted)
        case .sms, .email: try await proveMessage(request, admitted)
        case .recovery: try await proveRecovery(request.code, admitted)
        case .password, .passkey:
            try await release(admitted)
            throw Fault(.verifierTypeUnsupported)
        }
        let proof = Proof(authenticator: row.id, kind: row.kind, verifier: row.verifier)
        return .proof(proof, step: step)
    }

    private func admit(
        _ request: CheckCode, trace: Int, _ place: Place
    ) async throws(Fault) -> Admitted {
        let limits = world.codeLimits
        let (user, id) = (request.user, request.authenticator)
        let reservation = try await admit(request.device, at: .code(id), of: user, limits, place)
        let admission = try await store.run(place) { tables, now in
            tables.admitCode(user, id, reservation, limits, now)
        }
        switch admission {
        case .refused, nil:
            if let reservation {
                try await giveBack(reservation, at: .code(id), of: user, place)
            }
        case .admitted: break
        }
        switch admission {
        case .admitted(let attempt, let row, let serial)?:
            return Admitted(
                attempt: attempt, row: row, serial: serial, trace: trace, place: place)
        case .refused(let fault)?: throw fault
        case nil: throw Fault(.authenticatorNotFound)
        }
    }

    /// The machine may stand still between admission and check.
    private func stall(_ admitted: Admitted) async throws(Fault) {
        await world.agenda.sleep(world.stall())
        try admitted.place.mustLive()
    }

    /// The check itself.
    private func checked(_ admitted: Admitted, isRight: Bool) {
        world.checker.checked(
            admitted.attempt, serial: admitted.serial, isRight: isRight, world.codeLimits,
            store.tables.codes[admitted.attempt.authenticator]?.counter)
    }

    @discardableResult
    private func release(_ admitted: Admitted) async throws(Fault) -> Bool {
        let (attempt, serial) = (admitted.attempt, admitted.serial)
        return try await store.run(admitted.place) { tables, _ in
            tables.releaseCode(attempt, serial: serial)
        }
    }

    private func failure(
        _ admitted: Admitted, drift: Int64? = nil
    ) async throws(Fault) -> Fault {
        let limits = world.codeLimits
        let (attempt, serial) = (admitted.attempt, admitted.serial)
        let failures = try await store.run(admitted.place) { tables, now in
            tables.failCode(attempt, serial: serial, drift: drift, limits, now)
        }
        guard let failures else { throw .overtaken }
        return limits.wrongCode(failures)
    }
}

// MARK: - Codes of apps and tokens

extension VerificationModel {
    /// The step that it consumed.
    private func prove(_ code: String, _ admitted: Admitted) async throws(Fault) -> Int64 {
        let (attempt, serial, trace) = (admitted.attempt, admitted.serial, admitted.trace)
        let now = world.agenda.now
        try await stall(admitted)
        let decision = decide(code, admitted.row, now)
        checked(admitted, isRight: decision.isNoGuess)
        switch decision {
        case .accepted(let step, let drift):
            world.checker.found(step, of: admitted.row, at: now)
            let settlement = try await store.run(admitted.place) { tables, _ in
                tables.succeedCode(attempt, serial: serial, step: step, drift: drift, trace: trace)
            }
            switch settlement {
            case .consumed: return step
            case .used: throw Fault(.codeUsed)
            case .overtaken: throw .overtaken
            }
        case .used: throw try await release(admitted) ? Fault(.codeUsed) : .overtaken
        case .wrong(let drift): throw try await failure(admitted, drift: drift)
        }
    }

    private func decide(_ code: String, _ row: CodeRow, _ now: Moment) -> CodeDecision {
        // What the statement compares once more is not looked at before, so that it is needed.
        let lastStep = flaw == .stepGuardDropped ? TOTPCheck.noStep : row.lastStep
        let seed = world.seeds[row.seed]
        if flaw == .nextStepAccepted, let typed = OneTimeCode(parsing: code, digits: 6) {
            let next = OneTimePassword.standard.step(at: now.timestamp) + 1
            let code = OneTimePassword.standard.code(seed: seed, counter: UInt64(next))
            if code.equals(typed), next > lastStep {
                return .accepted(step: next, drift: row.drift)
            }
        }
        return CodeDecision(
            code, seed: seed, row.parameters, now: now.timestamp, lastStep: lastStep,
            drift: row.drift)
    }
}

extension CodeDecision {
    /// A used code is no guess.
    fileprivate var isNoGuess: Bool {
        switch self {
        case .accepted, .used: true
        case .wrong: false
        }
    }
}

// MARK: - Codes that are sent

extension VerificationModel {
    /// A code as the product compares it, at the place where it stands in the tables.
    private func stored(_ place: CodePlace) -> CodePlace { flaw?.place(place) ?? place }

    func beginChallenge(
        _ request: BeginChallenge, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        let (user, id) = (request.user, request.authenticator)
        let target = try await store.run(place) { tables, _ in
            tables.codes[id].flatMap { $0.user == user ? $0 : nil }
        }
        guard let target else { throw Fault(.authenticatorNotFound) }
        guard !target.counter.isDisabled else { throw Fault(.attemptsExhausted) }
        switch target.kind {
        case .sms, .email: break
        case .totp, .recovery, .password, .passkey: throw Fault(.verifierTypeUnsupported)
        }
        let at = CodePlace(
            user: user, context: request.context, purpose: request.purpose, subject: id)
        let isBegun = try await send(to: at, target.kind, place) { tables, row in
            tables.beginMessage(row)
        }
        guard isBegun else { throw Fault(.authenticatorNotFound) }
        return .done
    }

    private func send(
        to at: CodePlace, _ kind: ProofKind, _ place: Place,
        _ begin: @escaping @Sendable (inout Tables, ChallengeRow) -> Bool
    ) async throws(Fault) -> Bool {
        let (number, code) = world.newMessage()
        guard let parsed = MessageCode(typed: code) else { throw Fault(.internal) }
        let kept = stored(at)
        let answer = try kept.digest(parsed, World.keys)
        let world = world
        return try await store.run(place) { tables, now in
            let life = Moment.seconds(MessageCode.lifetime.components.seconds)
            let row = ChallengeRow(
                message: number, place: kept, kind: kind, answer: answer, expiresAt: now + life)
            guard begin(&tables, row) else { return false }
            world.checker.messageSent(number, at, code, until: row.expiresAt)
            world.deliver(.code(code, of: at.subject), to: at.user)
            return true
        }
    }

    private func match(
        _ typed: String, at kept: CodePlace, _ row: ChallengeRow, _ place: Place
    ) async throws(Fault) -> Bytes? {
        world.checker.messageChecked(row.message)
        var answer: Bytes?
        if let code = MessageCode(typed: typed) {
            answer = try kept.digests(code, World.keys).first { row.isAnswered(by: $0) }
        }
        if flaw == .messageCountedAfterCheck {
            try await store.run(place) { tables, _ in tables.countMessage(kept) }
        }
        return answer
    }

    private func proveMessage(
        _ request: CheckCode, _ admitted: Admitted
    ) async throws(Fault) {
        let (attempt, serial, trace) = (admitted.attempt, admitted.serial, admitted.trace)
        let (place, kind, typed) = (admitted.place, admitted.row.kind, request.code)
        guard let context = request.context else {
            try await release(admitted)
            throw Fault(.malformed)
        }
        let at = CodePlace(
            user: attempt.user, context: context, purpose: request.purpose,
            subject: attempt.authenticator)
        let kept = stored(at)
        let tried: ChallengeRow?
        do throws(Fault) {
            tried = try await store.run(place) { tables, now in tables.tryMessage(kept, kind, now) }
        } catch {
            try await release(admitted)
            throw error
        }
        guard let tried else {
            try await release(admitted)
            throw Fault(.challengeExpired)
        }
        try await stall(admitted)
        let answer = try await match(typed, at: kept, tried, place)
        checked(admitted, isRight: answer != nil)
        guard let answer else { throw try await failure(admitted) }
        let settlement = try await store.run(place) { tables, now in
            tables.succeedMessage(
                attempt, serial: serial, kept, kind, answer, typed, at: at, trace: trace, now)
        }
        switch settlement {
        case .consumed: return
        case .used: throw Fault(.codeUsed)
        case .overtaken: throw .overtaken
        }
    }
}

// MARK: - Recovery codes

extension VerificationModel {
    private func proveRecovery(_ typed: String, _ admitted: Admitted) async throws(Fault) {
        let (attempt, serial, trace) = (admitted.attempt, admitted.serial, admitted.trace)
        let limits = world.codeLimits
        try await stall(admitted)
        let use = try await store.run(admitted.place) { tables, _ in
            tables.useRecovery(attempt, serial: serial, typed, trace: trace, limits)
        }
        switch use {
        case .consumed: return
        case .used: throw Fault(.codeUsed)
        case .overtaken: throw .overtaken
        case .wrong: throw try await failure(admitted)
        }
    }

    func reset(
        _ request: RemoveAuthenticators, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        try await store.run(place) { tables, _ in tables.removeBegun(request.user) }
        let removed = try await store.run(place) { tables, _ in
            tables.removeCodes(request.user)
        }
        return .removed(removed)
    }
}

// MARK: - Bindings

extension VerificationModel {
    func beginBinding(
        _ request: BeginBinding, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        let (user, context) = (request.user, request.context)
        let bound = try await store.run(place) { tables, _ in tables.boundFactors(user) }
        if let fault = bound.refusal(additional: request.additional) { throw fault }
        let (id, verifier) = (world.newAuthenticator(), request.verifier)
        let kind = ProofKind(World.type(of: verifier))
        if kind == .totp {
            let seed = world.newSeed()
            try await store.run(place) { tables, now in
                tables.beginBinding(
                    user,
                    BindingRow(
                        id: id, context: context, verifier: verifier, kind: kind, seed: seed,
                        expiresAt: now + Tables.bindingLife))
            }
            return .binding(seed: seed, id: id)
        }
        let at = CodePlace(user: user, context: context, purpose: .bind, subject: id)
        let now = world.agenda.now
        _ = try await send(to: at, kind, place) { tables, row in
            tables.beginMessageBinding(
                row,
                BindingRow(
                    id: id, context: context, verifier: verifier, kind: kind,
                    expiresAt: now + Tables.bindingLife))
            return true
        }
        return .binding(seed: 0, id: id)
    }

    func confirmBinding(
        _ request: ConfirmBinding, trace: Int, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        let user = request.user, context = request.context
        let tried = try await store.run(place) { tables, now in
            tables.tryBinding(user, context, now)
        }
        guard let tried else { throw Fault(.bindingExpired) }
        var accepted: (step: Int64, drift: Int64)?
        if tried.kind == .totp {
            accepted = try accept(request.code, tried)
        } else {
            try await consumeFirstCode(request, tried, place)
        }
        let recovery = world.newRecoverySet()
        let proved = accepted
        let outcome = try await store.run(place) { tables, _ in
            tables.confirmBinding(
                tried, user, proved, additional: request.additional, context: context,
                recovery: recovery, trace: trace)
        }
        switch outcome {
        case .bound(let withRecovery):
            let view = AuthenticatorView(
                id: tried.id, verifier: tried.verifier, type: World.type(of: tried.verifier),
                title: "", hint: "", boundAt: Timestamp(seconds: 0), disabled: false)
            return .bound(view, recoveryCodes: withRecovery ? recovery.codes : [])
        case .gone: throw Fault(.bindingExpired)
        case .refused(let before):
            throw before.refusal(additional: request.additional) ?? Fault(.bindingExpired)
        }
    }

    private func accept(
        _ code: String, _ tried: BindingRow
    ) throws(Fault) -> (step: Int64, drift: Int64) {
        let decision = CodeDecision(
            code, seed: world.seeds[tried.seed], .standard, now: world.agenda.now.timestamp,
            lastStep: TOTPCheck.noStep, drift: ClockDrift.none.stored)
        guard case .accepted(let step, let drift) = decision else { throw Fault(.codeWrong) }
        return (step, drift)
    }

    private func consumeFirstCode(
        _ request: ConfirmBinding, _ tried: BindingRow, _ place: Place
    ) async throws(Fault) {
        let at = CodePlace(
            user: request.user, context: request.context, purpose: .bind, subject: tried.id)
        let (kept, kind) = (stored(at), tried.kind)
        let found = try await store.run(place) { tables, now in
            tables.tryMessage(kept, kind, now)
        }
        guard let found else { throw Fault(.bindingExpired) }
        guard let answer = try await match(request.code, at: kept, found, place) else {
            throw Fault(.codeWrong)
        }
        let (typed, checker) = (request.code, world.checker)
        let isConsumed = try await store.run(place) { tables, now in
            let isConsumed = tables.consumeMessage(kept, kind, answer, now)
            if isConsumed { checker.messageProved(at, typed) }
            return isConsumed
        }
        guard isConsumed else { throw Fault(.bindingExpired) }
    }
}
