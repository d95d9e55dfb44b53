import Contracts
import OTP
import Wire

@testable import VerificationService

/// The verification service: its handlers step by step, over the modelled statements. Deciding
/// values are the product's own: `AttemptLimits`, `AttemptStanding`, `InitialPassword`,
/// `BoundFactors`, `CodeDecision`, `CodePlace`. Passwords are compared as they are; the time of
/// their hash is a pause.
struct VerificationModel: Sendable {
    unowned let world: World

    var flaw: Flaw? { world.flaw }
    var store: Database { world.database }

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
            let views = rows.compactMap(Self.view)
            guard !views.isEmpty else { return .list(AuthenticatorList(authenticators: views)) }
            let recovery = try await store.run(place) { tables, _ in
                tables.usableRecovery(it.user)
            }
            return .list(AuthenticatorList(authenticators: views, recovery: recovery))
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
        case .erase(let user):
            try await store.run(place) { tables, _ in tables.removeBegun(user) }
            return .removed(
                try await store.run(place) { tables, _ in tables.eraseEvidence(user) })
        case .beginChallenge(let it): return try await beginChallenge(it, place)
        case .makeRecoveryCodes(let user):
            let new = world.newRecoverySet()
            let isMade = try await store.run(place) { tables, _ in
                tables.regenerateRecovery(new, of: user)
            }
            guard isMade else { throw Fault(.authenticatorNotFound) }
            return .recoveryCodes(new.codes)
        case .beginReset(let user): return try await beginReset(user, place)
        case .findReset(let token):
            let user = try await store.run(place) { tables, now in tables.findReset(token, now) }
            guard let user else { throw Fault(.resetExpired) }
            return .resetFound(user)
        case .unlock(let user):
            try await store.run(place) { tables, now in tables.unlock(user, now) }
            return .done
        case .decide, .getSettings, .updateSettings: throw Fault(.methodUnknown)
        }
    }

    /// nil for recovery codes.
    static func view(_ row: CodeRow) -> AuthenticatorView? {
        guard let verifier = row.verifier else { return nil }
        return AuthenticatorView(
            id: row.id, verifier: verifier, type: World.type(of: verifier), title: "", hint: "",
            boundAt: Timestamp(seconds: 0), disabled: row.counter.isDisabled)
    }
}

// MARK: - Known devices

extension VerificationModel {
    /// By the device's own counter; nil where it has none.
    func admit(
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

    func giveBack(
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
        if let token = request.reset {
            let found = try await store.run(place) { tables, now in tables.findReset(token, now) }
            guard found == user else { throw Fault(.resetExpired) }
        }
        let old = try await store.run(place) { tables, _ in tables.passwords[user] }
        guard let old, let oldText = old.text else { throw Fault(.userNotFound) }
        guard request.reset != nil || old.id == proved || flaw == .provedPasswordNotCompared else {
            throw Fault(.versionConflict)
        }
        await world.agenda.sleep(world.hashTime())
        try place.mustLive()
        guard oldText != request.newPassword else { throw Fault(.passwordUnchanged) }
        let id = world.newAuthenticator()
        let text = request.newPassword
        let reset = request.reset
        let isReplaced = try await store.run(place) { tables, now in
            tables.replacePassword(old.id, user, by: (id, text), reset: reset, trace: trace, now)
        }
        guard isReplaced else { throw Fault(reset == nil ? .versionConflict : .resetExpired) }
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

    private func beginReset(_ user: UserID, _ place: Place) async throws(Fault) -> ServiceAnswer {
        let token = world.newResetToken()
        let world = world
        try await store.run(place) { tables, now in
            if tables.beginReset(user, token, now) { world.deliver(.link(token), to: user) }
        }
        return .done
    }
}
