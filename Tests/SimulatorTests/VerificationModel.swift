import Contracts
import OTP
import Wire

@testable import VerificationService

/// The verification service: its handlers step by step, over the modelled statements. Deciding
/// values are the product's own: `AttemptLimits`, `AttemptStanding`, `InitialPassword`,
/// `BoundFactors`, `TOTPCheck`. Passwords are compared as they are; the time of their hash is a
/// pause.
struct VerificationModel: Sendable {
    unowned let world: World

    private var flaw: Flaw? { world.flaw }
    private var store: Database { world.database }

    func serve(_ request: ServiceRequest, _ place: Place) async throws(Fault) -> ServiceAnswer {
        switch request {
        case .checkPassword(let it, let trace):
            let row = try await prove(it.password, of: it.user, it.device, trace: trace, place)
            return .password(
                PasswordVerdict(mustChange: row.initialExpiresAt != nil, password: row.id))
        case .checkCode(let it, let trace): return try await checkCode(it, trace: trace, place)
        case .beginBinding(let it): return try await beginBinding(it, place)
        case .confirmBinding(let it, let trace):
            return try await confirmBinding(it, trace: trace, place)
        case .listAuthenticators(let it):
            let rows = try await store.run(place) { tables, _ in tables.boundCodes(it.user) }
            return .list(AuthenticatorList(authenticators: rows.map(Self.view)))
        case .replacePassword(let it, let trace):
            return try await replacePassword(it, trace: trace, place)
        case .setInitialPassword(let it): return try await setInitialPassword(it, place)
        case .unbind(let it):
            let unbinding = try await store.run(place) { tables, _ in
                tables.unbind(it.user, it.authenticator, keepingOne: it.keepsOne)
            }
            switch unbinding {
            case .unbound: return .done
            case .notFound: throw Fault(.authenticatorNotFound)
            case .last: throw Fault(.lastFactor)
            }
        case .reset(let it): return try await reset(it, place)
        case .unlock(let user):
            try await store.run(place) { tables, now in tables.unlock(user, now) }
            return .done
        case .decide, .getSettings, .updateSettings: throw Fault(.methodUnknown)
        }
    }

    private static func view(_ row: CodeRow) -> AuthenticatorView {
        AuthenticatorView(
            id: row.id, verifier: row.verifier, type: .totp, title: "", hint: "",
            boundAt: Timestamp(seconds: 0), disabled: row.counter.isDisabled)
    }
}

// MARK: - Known devices

extension VerificationModel {
    /// By the device's own counter; nil where it has none.
    private func admit(
        _ device: DeviceID?, at target: DeviceCounters.Target, of user: UserID,
        _ limits: AttemptLimits, _ place: Place
    ) async throws(Fault) -> DeviceReservation? {
        guard let device else { return nil }
        let admission = try await store.run(place) { tables, now in
            tables.admitDevice(device, at: target, of: user, limits, now)
        }
        switch admission {
        case .admitted(let reservation): return reservation
        case .refused(let fault): throw fault
        case .none: return nil
        }
    }

    private func giveBack(
        _ reservation: DeviceReservation, at target: DeviceCounters.Target, of user: UserID,
        _ place: Place
    ) async throws(Fault) {
        try await store.run(place) { tables, _ in
            tables.releaseDevice(reservation, at: target, of: user)
        }
    }
}

// MARK: - Passwords

extension VerificationModel {
    /// Counts, checks and settles. Who does not exist takes the same way.
    private func prove(
        _ typed: String, of user: UserID, _ device: DeviceID?, trace: Int, _ place: Place
    ) async throws(Fault) -> PasswordRow {
        let limits = world.passwordLimits
        let newRow = world.newAuthenticator()
        let reservation = try await admit(device, at: .password, of: user, limits, place)
        let admission = try await store.run(place) { tables, now in
            tables.admitPassword(user, newRow: newRow, reservation, limits, now)
        }
        if case .refused = admission, let reservation {
            try await giveBack(reservation, at: .password, of: user, place)
        }
        let attempt: Attempt, row: PasswordRow, serial: Int
        switch admission {
        case .admitted(let it, let its, let number): (attempt, row, serial) = (it, its, number)
        case .refused(let fault): throw fault
        }
        let readAt = world.agenda.now
        await world.agenda.sleep(world.hashTime())
        try place.mustLive()
        let isRight = row.text == typed
        world.checker.checked(
            attempt, serial: serial, isRight: isRight, limits, counter(ofPassword: attempt))
        guard isRight else {
            let failures = try await store.run(place) { tables, now in
                tables.failPassword(attempt, serial: serial, limits, now)
            }
            guard let failures else { throw .overtaken }
            throw limits.wrongPassword(failures)
        }
        if isExpired(row, readAt) {
            _ = try await store.run(place) { tables, _ in
                tables.releasePassword(attempt, serial: serial)
            }
            throw Fault(.initialPasswordExpired)
        }
        let isSettled = try await store.run(place) { tables, now in
            tables.succeedPassword(attempt, serial: serial, trace: trace, now)
        }
        guard isSettled else { throw .overtaken }
        return row
    }

    /// The row as it stands at this moment; nil when another has taken its place.
    private func counter(ofPassword attempt: Attempt) -> Counter? {
        let row = store.tables.passwords[attempt.user]
        return row?.id == attempt.authenticator ? row?.counter : nil
    }

    private func isExpired(_ row: PasswordRow, _ now: Moment) -> Bool {
        guard let expiresAt = row.initialExpiresAt else { return false }
        return InitialPassword(
            expiresAt: expiresAt.timestamp, usedAt: row.initialUsedAt?.timestamp
        ).isExpired(now: now.timestamp)
    }

    private func replacePassword(
        _ request: ReplacePassword, trace: Int, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        let user = request.user
        var proved = request.proved
        if let typed = request.currentPassword {
            proved = try await prove(typed, of: user, request.device, trace: 0, place).id
            guard typed != request.newPassword else { throw Fault(.passwordUnchanged) }
        }
        let old = try await store.run(place) { tables, _ in tables.passwords[user] }
        guard let old, let oldText = old.text else { throw Fault(.userNotFound) }
        guard old.id == proved || flaw == .provedPasswordNotCompared else {
            throw Fault(.versionConflict)
        }
        await world.agenda.sleep(world.hashTime())
        try place.mustLive()
        guard oldText != request.newPassword else { throw Fault(.passwordUnchanged) }
        let id = world.newAuthenticator()
        let text = request.newPassword
        let isReplaced = try await store.run(place) { tables, _ in
            tables.replacePassword(old.id, user, by: id, text, trace: trace)
        }
        guard isReplaced else { throw Fault(.versionConflict) }
        return .replaced(password: old.id)
    }

    private func setInitialPassword(
        _ request: SetInitialPassword, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        await world.agenda.sleep(world.hashTime())
        let id = world.newAuthenticator()
        let text = "initial \(id.low)"
        let old = try await store.run(place) { tables, now in
            tables.setInitialPassword(request.user, id, text, now)
        }
        return .initialPassword(text, replacing: old)
    }
}

// MARK: - Codes

extension VerificationModel {
    private func checkCode(
        _ request: CheckCode, trace: Int, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
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
        guard let admission else { throw Fault(.authenticatorNotFound) }
        let attempt: Attempt, row: CodeRow, serial: Int
        switch admission {
        case .admitted(let it, let its, let number): (attempt, row, serial) = (it, its, number)
        case .refused(let fault): throw fault
        }
        let now = world.agenda.now
        await world.agenda.sleep(world.stall())
        try place.mustLive()
        let decision = decide(request.code, row, now)
        world.checker.checked(
            attempt, serial: serial, isRight: decision.map(Self.isRight) ?? false, limits,
            store.tables.codes[attempt.authenticator]?.counter)
        switch decision {
        case .accepted(let step, let drift):
            world.checker.found(step, of: row, at: now)
            let settlement = try await store.run(place) { tables, _ in
                tables.succeedCode(
                    attempt, serial: serial, step: step, drift: drift.stored, trace: trace)
            }
            switch settlement {
            case .consumed: return .authenticator(Self.view(row), step: step)
            case .used: throw Fault(.codeUsed)
            case .overtaken: throw .overtaken
            }
        case .used:
            let isReleased = try await store.run(place) { tables, _ in
                tables.releaseCode(attempt, serial: serial)
            }
            throw isReleased ? Fault(.codeUsed) : .overtaken
        case .wrong(let drift): throw try await failure(attempt, serial, drift.stored, place)
        case nil: throw try await failure(attempt, serial, nil, place)
        }
    }

    /// A used code is no guess.
    private static func isRight(_ decision: TOTPCheck.Decision) -> Bool {
        switch decision {
        case .accepted, .used: true
        case .wrong: false
        }
    }

    private func failure(
        _ attempt: Attempt, _ serial: Int, _ drift: Int64?, _ place: Place
    ) async throws(Fault) -> Fault {
        let limits = world.codeLimits
        let failures = try await store.run(place) { tables, now in
            tables.failCode(attempt, serial: serial, drift: drift, limits, now)
        }
        guard let failures else { throw .overtaken }
        return limits.wrongCode(failures)
    }

    private func decide(_ code: String, _ row: CodeRow, _ now: Moment) -> TOTPCheck.Decision? {
        guard let typed = OneTimeCode(parsing: code, digits: 6) else { return nil }
        // What the statement compares once more is not looked at before, so that it is needed.
        let lastStep = flaw == .stepGuardDropped ? TOTPCheck.noStep : row.lastStep
        let drift = ClockDrift(stored: row.drift)
        let seed = world.seeds[row.seed]
        if flaw == .nextStepAccepted {
            let next = OneTimePassword.standard.step(at: now.timestamp) + 1
            let code = OneTimePassword.standard.code(seed: seed, counter: UInt64(next))
            if code.equals(typed), next > lastStep { return .accepted(step: next, drift: drift) }
        }
        return TOTPCheck.decide(
            typed, seed: seed, now: now.timestamp, lastStep: lastStep, drift: drift)
    }

    private func reset(
        _ request: RemoveAuthenticators, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        try await store.run(place) { tables, _ in tables.bindings[request.user] = nil }
        let removed = try await store.run(place) { tables, _ in
            tables.removeCodes(request.user)
        }
        return .removed(removed)
    }
}

// MARK: - Bindings

extension VerificationModel {
    private func beginBinding(
        _ request: BeginBinding, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        let user = request.user
        let bound = try await store.run(place) { tables, _ in tables.boundFactors(user) }
        if let fault = bound.refusal(additional: request.additional) { throw fault }
        let seed = world.newSeed()
        let id = world.newAuthenticator()
        try await store.run(place) { tables, now in
            tables.beginBinding(
                user,
                BindingRow(
                    id: id, context: request.context, verifier: request.verifier, seed: seed,
                    expiresAt: now + Tables.bindingLife))
        }
        return .binding(seed: seed, id: id)
    }

    private func confirmBinding(
        _ request: ConfirmBinding, trace: Int, _ place: Place
    ) async throws(Fault) -> ServiceAnswer {
        let user = request.user, context = request.context
        let tried = try await store.run(place) { tables, now in
            tables.tryBinding(user, context, now)
        }
        guard let tried else { throw Fault(.bindingExpired) }
        let decision = OneTimeCode(parsing: request.code, digits: 6).map {
            TOTPCheck.decide(
                $0, seed: world.seeds[tried.seed], now: world.agenda.now.timestamp,
                lastStep: TOTPCheck.noStep, drift: .none)
        }
        guard case .accepted(let step, let drift) = decision else { throw Fault(.codeWrong) }
        let outcome = try await store.run(place) { tables, now in
            tables.confirmBinding(
                tried, user, step: step, drift: drift.stored, additional: request.additional,
                context: context, trace: trace, now)
        }
        switch outcome {
        case .bound:
            let view = AuthenticatorView(
                id: tried.id, verifier: tried.verifier, type: .totp, title: "", hint: "",
                boundAt: Timestamp(seconds: 0), disabled: false)
            return .authenticator(view, step: step)
        case .gone: throw Fault(.bindingExpired)
        case .refused(let before):
            throw before.refusal(additional: request.additional) ?? Fault(.bindingExpired)
        }
    }
}
