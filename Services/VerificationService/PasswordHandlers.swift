import Audit
import Contracts
import Crypto
import RPC
import Wire

/// Passwords: check, initial, chosen.
extension VerificationHandlers {
    func checkPassword(
        _ request: CheckPassword, _ call: Call
    ) async throws(Fault) -> PasswordVerdict {
        let typed = Password(request.password)
        let audit = AuditContext(call, actor: nil, ["known_device": Self.audited(request.device)])
        do throws(Fault) {
            let proved = try await under(request.limits).prove(
                typed, of: request.user, request.device, telling: request.notify, audit)
            meter?.count(.password, nil)
            return PasswordVerdict(
                mustChange: proved.initial != nil, password: proved.attempt.authenticator)
        } catch {
            meter?.count(.password, error)
            throw error
        }
    }

    /// Counts, checks and settles. Whoever does not exist takes the same way to the same refusals.
    private func prove(
        _ typed: Password, of user: UserID, _ device: DeviceID?,
        telling receiver: NoticeReceiver?, _ audit: AuditContext
    ) async throws(Fault) -> Passwords.Admitted {
        try hashing.requireRoom()
        let newRow = try AuthenticatorID.fresh()
        let admission = try await admitting(
            device, at: .password, of: user, audit.entry(.passwordRefused, user)
        ) { (device) throws(Fault) in
            try await passwords.admit(user, newRow: newRow, device, limits.password, audit)
        }
        let admitted: Passwords.Admitted
        switch admission {
        case .admitted(let it): admitted = it
        case .refused(let fault): throw fault
        case nil: throw Fault(.internal, detail: "a password was neither admitted nor refused")
        }
        switch try await check(typed, admitted) {
        case .wrong:
            let notice = try outbox.queue(.passwordDisabled, toWhomever: receiver, of: user)
            let failures = try await attempts.fail(
                admitted.attempt, limits.password, telling: notice, .passwordRefused, audit)
            if failures.all >= limits.password.failuresMax { outbox.wake() }
            throw limits.password.wrongPassword(failures)
        case .right(let stronger):
            if let initial = admitted.initial, initial.isExpired(now: admitted.now) {
                try await passwords.releaseExpired(admitted.attempt, audit)
                throw Fault(.initialPasswordExpired)
            }
            try await passwords.succeed(admitted.attempt, stronger: stronger, audit)
            return admitted
        }
    }

    private enum Verdict {
        case wrong
        case right(stronger: SealedValue?)
    }

    /// The check by itself; where it cannot be made, the reservation is given back.
    private func check(
        _ typed: Password, _ admitted: Passwords.Admitted
    ) async throws(Fault) -> Verdict {
        let attempt = admitted.attempt
        do throws(Fault) {
            let text = try admitted.sealed.map { (sealed) throws(Fault) in
                try sealing.open(
                    sealed, authenticator: attempt.authenticator, of: attempt.user)
            }
            let record = try text.map(Self.record)
            switch try await hashing.check(typed, record) {
            case .wrong: return .wrong
            case .right(let stronger):
                guard let sealed = admitted.sealed, let text else { return .wrong }
                if let stronger {
                    return .right(
                        stronger: try sealing.seal(
                            stronger.text, authenticator: attempt.authenticator, of: attempt.user))
                }
                return .right(
                    stronger: try sealing.renewed(
                        sealed, text, authenticator: attempt.authenticator, of: attempt.user))
            }
        } catch {
            await giveBack(attempt)
            throw error
        }
    }

    private static func record(_ text: SecretBytes) throws(Fault) -> PasswordRecord {
        do throws(CryptoFault) {
            return try PasswordRecord(parsing: text)
        } catch {
            throw error.fault
        }
    }

    // MARK: Setting

    /// Bytes of an initial password that was prepared outside; as many as the answer holds.
    private static let initialSizeMax = 256

    func setInitialPassword(
        _ request: SetInitialPassword, _ call: Call
    ) async throws(Fault) -> InitialPasswordSet {
        let text: String
        if let given = request.password { text = given } else { text = try Self.randomPassword() }
        let password = Password(text)
        guard password.scalarCount >= PasswordPolicy.scalarsMinBesideFactor else {
            throw Fault(.passwordTooShort)
        }
        guard text.utf8.count <= Self.initialSizeMax else { throw Fault(.passwordTooLong) }
        let id = try AuthenticatorID.fresh()
        let record = try await sealedRecord(of: password, id, request.user)
        try await passwords.setInitial(
            request.user, id, record, AuditContext(call, actor: request.actor))
        return InitialPasswordSet(initialPassword: text)
    }

    private static func randomPassword() throws(Fault) -> String {
        do throws(CryptoFault) {
            return try Password.randomText()
        } catch {
            throw error.fault
        }
    }

    /// Only the password that was proved is replaced, now or in the sign-in that asks: of two
    /// sign-ins that began with one initial password the second would else overwrite what the
    /// first has chosen, where the first's gateway died before it could end the second.
    func replacePassword(
        _ request: ReplacePassword, _ call: Call
    ) async throws(Fault) -> PasswordReplaced {
        let user = request.user
        let chosen = Password(request.newPassword)
        try judge(
            chosen, besideFactor: request.secondFactorAsked, lengthMin: request.lengthMin,
            unlike: request.contextWords)
        let audit = AuditContext(
            call, actor: user, ["known_device": Self.audited(request.device)])
        let permission = try await permission(request, audit)
        let old = try await passwords.current(user)
        switch permission {
        case .link: break
        case .proved(let id):
            guard let old else { throw Fault(.userNotFound) }
            guard old.id == id else { throw Fault(.versionConflict) }
        }
        let oldRecord = try old.map { (old) throws(Fault) in
            try Self.record(sealing.open(old.sealed, authenticator: old.id, of: user))
        }
        let id = try AuthenticatorID.fresh()
        let record = try await sealedRecord(of: chosen, unlike: oldRecord, id, user)
        let notice = try await noticeEverywhere(.passwordChanged, to: request.notify, of: user)
        switch permission {
        case .link(let token):
            try await passwords.reset(user, by: id, record, token, telling: notice, audit)
        case .proved(let old):
            try await passwords.replace(old, of: user, by: id, record, telling: notice, audit)
        }
        outbox.wake()
        return PasswordReplaced()
    }

    /// What a new password rests on.
    private enum Permission {
        /// The password that was proved.
        case proved(AuthenticatorID)
        /// Looked at before anything is hashed, and used by the statement that writes.
        case link(ResetToken)
    }

    private func permission(
        _ request: ReplacePassword, _ audit: AuditContext
    ) async throws(Fault) -> Permission {
        switch (request.currentPassword, request.proved, request.reset) {
        case (let typed?, nil, nil):
            let proved = try await under(request.limits).prove(
                Password(typed), of: request.user, request.device, telling: request.notify,
                audit)
            guard typed.nfcUTF8 != request.newPassword.nfcUTF8 else {
                throw Fault(.passwordUnchanged)
            }
            return .proved(proved.attempt.authenticator)
        case (nil, let id?, nil): return .proved(id)
        case (nil, nil, let token?):
            guard try await resets.find(token) == request.user else {
                throw Fault(.resetExpired)
            }
            return .link(token)
        case _: throw Fault(.malformed, detail: "one proof of the password")
        }
    }

    func setChosenPassword(
        _ request: SetChosenPassword, _ call: Call
    ) async throws(Fault) -> ChosenPasswordSet {
        let chosen = Password(request.password)
        try judge(
            chosen, besideFactor: request.secondFactorAsked, lengthMin: request.lengthMin,
            unlike: request.contextWords)
        let id = try AuthenticatorID.fresh()
        let record = try await sealedRecord(of: chosen, id, request.user)
        try await passwords.setFirst(
            request.user, id, record, AuditContext(call, actor: request.user))
        return ChosenPasswordSet()
    }

    private func judge(
        _ chosen: Password, besideFactor: Bool, lengthMin: UInt32, unlike words: [String]
    ) throws(Fault) {
        let policy = PasswordPolicy(
            isSecondFactorEnforced: besideFactor, scalarsMin: Int(lengthMin),
            contextWords: ["dubbelslot", issuer] + words)
        switch policy.judge(chosen) {
        case .acceptable: return
        case .tooShort: throw Fault(.passwordTooShort)
        case .tooLong: throw Fault(.passwordTooLong)
        case .tooCommon: throw Fault(.passwordTooCommon)
        }
    }

    /// Throws `.passwordUnchanged` when the password is the one that `old` stands for.
    private func sealedRecord(
        of password: Password, unlike old: PasswordRecord? = nil, _ id: AuthenticatorID,
        _ user: UserID
    ) async throws(Fault) -> SealedValue {
        guard let record = try await hashing.record(of: password, unlike: old) else {
            throw Fault(.passwordUnchanged)
        }
        return try sealing.seal(record.text, authenticator: id, of: user)
    }
}
