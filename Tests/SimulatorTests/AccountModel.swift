import Contracts
import Wire

@testable import AuthGateway

/// `AccountHandlers` and `AdminHandlers`, step by step. Who an administrator is, and that he has
/// proved himself freshly, is taken for granted here: guards without a race have other tests.
extension GatewayModel {
    private func session(
        _ token: Int, _ place: Place
    ) async throws(Fault) -> (Tables.Session, Tables.Account) {
        let found = try await store.run(place) { tables, now in tables.findSession(token, now) }
        guard let found else { throw Fault(.notSignedIn) }
        return found
    }

    private func freshSession(
        _ token: Int, _ place: Place
    ) async throws(Fault) -> (Tables.Session, Tables.Account) {
        let found = try await session(token, place)
        let age = world.agenda.now - found.0.provedAt
        guard age <= .seconds(SessionRecord.freshSeconds) else { throw Fault(.stepUpRequired) }
        return found
    }

    func introspect(_ token: Int, _ place: Place) async throws(Fault) -> Tables.Session {
        try await session(token, place).0
    }

    func signOut(_ token: Int, _ place: Place) async throws(Fault) -> SessionID {
        let id = try await session(token, place).0.id
        if world.flaw == .endedBeforeCommitted, world.dice.oneIn(2) { return id }
        try await store.run(place) { tables, _ in tables.endSession(id) }
        return id
    }

    /// Ends one of his own, as he chose it from the list, or what he took for one.
    func endSession(
        _ token: Int, _ chosen: SessionID?, _ place: Place
    ) async throws(Fault) -> SessionID? {
        let account = try await session(token, place).1
        let listed = try await store.run(place) { tables, now in
            tables.sessions(of: account.id, now)
        }
        guard let id = chosen ?? listed.first else { return nil }
        let isEnded = try await store.run(place) { tables, now in
            tables.endSession(id, of: account.id, now)
        }
        guard isEnded else { throw Fault(.sessionNotFound) }
        return id
    }

    func endOthers(_ token: Int, _ place: Place) async throws(Fault) -> Ended {
        let (session, account) = try await session(token, place)
        return try await endOthers(account.id, keeping: session.id, place)
    }

    func reportNotMe(_ token: Int, _ place: Place) async throws(Fault) -> Ended {
        let account = try await session(token, place).1
        return try await endOthers(account.id, keeping: nil, password: .suspected, place)
    }

    func stepUp(
        _ token: Int, _ authenticator: AuthenticatorID, _ code: String, trace: Int,
        _ place: Place
    ) async throws(Fault) -> (token: Int, step: Int64?) {
        let (session, account) = try await session(token, place)
        world.checker.traceBegan(trace, account.id)
        let answer = try await verification.call(
            .checkCode(
                CheckCode(
                    user: account.id, authenticator: authenticator, code: code,
                    purpose: .stepUp, device: session.device, context: context(session)),
                trace: trace),
            place)
        guard case .proof(let proved, let step) = answer else { throw Fault(.internal) }
        let proof = proof(
            password: session.proof.methods.contains(.password), [proved.kind])
        return (try await renew(session, proof, trace: trace, place), step)
    }

    /// By the password, of whoever has bound nothing.
    func stepUp(
        _ token: Int, _ password: String, trace: Int, _ place: Place
    ) async throws(Fault) -> Int {
        let (session, account) = try await session(token, place)
        world.checker.traceBegan(trace, account.id)
        let listed = try await verification.call(
            .listAuthenticators(ListAuthenticators(user: account.id)), place)
        guard case .list(let list) = listed else { throw Fault(.internal) }
        guard list.authenticators.isEmpty else { throw Fault(.authenticatorNotOffered) }
        let answer = try await verification.call(
            .checkPassword(CheckPassword(user: account.id, password: password), trace: 0), place)
        guard case .password(let verdict) = answer else { throw Fault(.internal) }
        guard !verdict.mustChange else { throw Fault(.notSignedIn) }
        return try await renew(session, .password, trace: trace, place)
    }

    private func renew(
        _ session: Tables.Session, _ proof: SessionProof, trace: Int, _ place: Place
    ) async throws(Fault) -> Int {
        let new = world.newSession().token
        let isRenewed = try await store.run(place) { tables, now in
            tables.renew(session.id, proof, token: new, trace: trace, now)
        }
        guard isRenewed else { throw Fault(.notSignedIn) }
        return new
    }

    /// What ended with a change: everything before an epoch but one session.
    struct Ended: Sendable {
        let user: UserID
        let epoch: Int64
        let kept: SessionID?
        var passwords: [AuthenticatorID] = []
        var codes: [AuthenticatorID] = []
        /// Told with it once.
        var recoveryCodes: [String] = []
    }

    private func endOthers(
        _ user: UserID, keeping kept: SessionID?, password: Accounts.PasswordChange = .none,
        _ place: Place
    ) async throws(Fault) -> Ended {
        await world.standStill(oneIn: world.isRobbery ? 2 : 6)
        let epoch = try await store.run(place) { tables, _ in
            tables.endEverything(user, keeping: kept, password: password)
        }
        guard let epoch else { throw Fault(.userNotFound) }
        return Ended(user: user, epoch: epoch, kept: kept)
    }

    func changePassword(
        _ token: Int, from current: String, to new: String, _ place: Place
    ) async throws(Fault) -> Ended {
        let (session, account) = try await freshSession(token, place)
        let answer = try await verification.call(
            .replacePassword(
                ReplacePassword(
                    user: account.id, newPassword: new, currentPassword: current,
                    secondFactorAsked: session.level >= 2, contextWords: [],
                    device: session.device),
                trace: 0),
            place)
        guard case .replaced(let old) = answer else { throw Fault(.internal) }
        var ended = try await endOthers(
            account.id, keeping: session.id, password: .replaced, place)
        ended.passwords = [old]
        return ended
    }

    func beginBinding(
        of token: Int, _ verifier: VerifierUID, _ place: Place
    ) async throws(Fault) -> (seed: Int, id: AuthenticatorID) {
        let (session, account) = try await freshSession(token, place)
        let answer = try await verification.call(
            .beginBinding(
                BeginBinding(
                    user: account.id, verifier: verifier, context: context(session),
                    accountName: "", additional: session.hasSecondFactor)),
            place)
        guard case .binding(let seed, let id) = answer else { throw Fault(.internal) }
        return (seed, id)
    }

    func confirmBinding(
        of token: Int, _ code: String, _ place: Place
    ) async throws(Fault) -> Ended {
        let (session, account) = try await freshSession(token, place)
        let answer = try await verification.call(
            .confirmBinding(
                ConfirmBinding(
                    user: account.id, context: context(session), code: code,
                    additional: session.hasSecondFactor),
                trace: 0),
            place)
        guard case .bound(_, let recoveryCodes) = answer else { throw Fault(.internal) }
        var ended = try await endOthers(account.id, keeping: session.id, place)
        ended.recoveryCodes = recoveryCodes
        return ended
    }

    func unbind(
        _ token: Int, _ authenticator: AuthenticatorID, provedWith: AuthenticatorID,
        _ code: String, _ place: Place
    ) async throws(Fault) -> Ended {
        let (session, account) = try await session(token, place)
        let listed = try await verification.call(
            .listAuthenticators(ListAuthenticators(user: account.id)), place)
        guard case .list(let list) = listed else { throw Fault(.internal) }
        let types = list.authenticators
        if types.first(where: { $0.id == provedWith })?.type == .email,
            types.contains(where: { $0.type != .email })
        {
            throw Fault(.authenticatorNotOffered)
        }
        let keepsOne = try await asksForFactor(account, place)
        _ = try await verification.call(
            .checkCode(
                CheckCode(
                    user: account.id, authenticator: provedWith, code: code, purpose: .unbind,
                    device: session.device, context: context(session)),
                trace: 0),
            place)
        _ = try await verification.call(
            .unbind(
                RemoveAuthenticator(
                    user: account.id, authenticator: authenticator, keepsOne: keepsOne)), place)
        var ended = try await endOthers(account.id, keeping: session.id, place)
        ended.codes = [authenticator]
        return ended
    }

    private func context(_ session: Tables.Session) -> ContextID {
        ContextID(high: session.id.high, low: session.id.low)
    }

    func beginProof(
        of token: Int, _ authenticator: AuthenticatorID, _ purpose: Purpose, _ place: Place
    ) async throws(Fault) {
        let (session, account) = try await session(token, place)
        _ = try await verification.call(
            .beginChallenge(
                BeginChallenge(
                    user: account.id, authenticator: authenticator, context: context(session),
                    purpose: purpose, locale: "")),
            place)
    }

    func regenerateRecoveryCodes(
        _ token: Int, _ place: Place
    ) async throws(Fault) -> [String] {
        let (session, account) = try await freshSession(token, place)
        guard session.level >= 2 else { throw Fault(.stepUpRequired) }
        let answer = try await verification.call(.makeRecoveryCodes(account.id), place)
        guard case .recoveryCodes(let codes) = answer else { throw Fault(.internal) }
        return codes
    }
}

// MARK: - Trusted devices

/// `TrustedDeviceHandlers`.
extension GatewayModel {
    /// Those that were forgotten.
    func forgetTrust(_ token: Int, _ place: Place) async throws(Fault) -> [Int] {
        let user = try await session(token, place).1.id
        return try await store.run(place) { tables, _ in
            let ids = tables.trusts.values.filter { $0.user == user }.map(\.id)
            tables.forgetTrust { $0.user == user }
            return ids
        }
    }
}

// MARK: - A forgotten password

/// `PasswordResetHandlers`.
extension GatewayModel {
    func beginPasswordReset(_ user: UserID, _ place: Place) async throws(Fault) {
        _ = try await verification.call(.beginReset(user), place)
    }

    func completePasswordReset(
        _ token: ResetToken, _ new: String, _ place: Place
    ) async throws(Fault) -> Ended {
        let found = try await verification.call(.findReset(token), place)
        guard case .resetFound(let user) = found else { throw Fault(.internal) }
        let account = try await store.run(place) { tables, _ in tables.activeAccount(user) }
        guard let account else { throw Fault(.resetExpired) }
        let isFactorAsked = try await isFactorAsked(account, place)
        _ = try await endOthers(user, keeping: nil, place)
        let answer = try await verification.call(
            .replacePassword(
                ReplacePassword(
                    user: user, newPassword: new, secondFactorAsked: isFactorAsked,
                    contextWords: [], reset: token),
                trace: 0),
            place)
        guard case .replaced(let old) = answer else { throw Fault(.internal) }
        var ended = try await endOthers(user, keeping: nil, password: .replaced, place)
        ended.passwords = [old]
        return ended
    }

    private func isFactorAsked(
        _ account: Tables.Account, _ place: Place
    ) async throws(Fault) -> Bool {
        let listed = try await verification.call(
            .listAuthenticators(ListAuthenticators(user: account.id)), place)
        guard case .list(let list) = listed else { throw Fault(.internal) }
        if !list.authenticators.isEmpty { return true }
        return try await asksForFactor(account, place)
    }
}

// MARK: - Administration

extension GatewayModel {
    func setDisabled(
        _ isDisabled: Bool, _ user: UserID, _ place: Place
    ) async throws(Fault) -> Ended {
        let epoch = try await store.run(place) { tables, _ in
            tables.setDisabled(user, isDisabled)
        }
        guard let epoch else { throw Fault(.userNotFound) }
        return Ended(user: user, epoch: epoch, kept: nil)
    }

    func resetAuthenticators(_ user: UserID, _ place: Place) async throws(Fault) -> Ended {
        if world.flaw == .factorsResetLast {
            let ended = try await endOthers(user, keeping: nil, place)
            return try await removingCodes(ended, place)
        }
        let none = Ended(user: user, epoch: 0, kept: nil)
        let codes = try await removingCodes(none, place).codes
        var ended = try await endOthers(user, keeping: nil, place)
        ended.codes = codes
        return ended
    }

    private func removingCodes(_ ended: Ended, _ place: Place) async throws(Fault) -> Ended {
        await world.standStill(oneIn: world.isRobbery ? 2 : 6)
        let answer = try await verification.call(
            .reset(
                RemoveAuthenticators(
                    user: ended.user, actor: World.administrator, reason: "asked for")),
            place)
        guard case .removed(let codes) = answer else { throw Fault(.internal) }
        var ended = ended
        ended.codes = codes
        return ended
    }

    func unlock(_ user: UserID, _ place: Place) async throws(Fault) {
        _ = try await verification.call(.unlock(user), place)
    }

    func resetPassword(
        _ user: UserID, _ place: Place
    ) async throws(Fault) -> (password: String, Ended) {
        let answer = try await verification.call(
            .setInitialPassword(SetInitialPassword(user: user)), place)
        guard case .initialPassword(let text, let old) = answer else { throw Fault(.internal) }
        var ended = try await endOthers(user, keeping: nil, place)
        ended.passwords = old.map { [$0] } ?? []
        return (text, ended)
    }

    func updateSettings(
        _ enforcement: Enforcement, _ verifiers: [VerifierUID], _ book: RuleBook?,
        _ place: Place
    ) async throws(Fault) -> UInt64 {
        guard case .settings(let known) = try await policy.call(.getSettings, place) else {
            throw Fault(.internal)
        }
        let change = UpdateTwoFactorSettings(
            version: known.version, enforcement: enforcement, verifiers: verifiers,
            reason: "asked for", book: book)
        if known.book.base.trustedDevices != true { try await forgetTrust(place) }
        let answer = try await policy.call(
            .updateSettings(ChangeSettings(actor: World.administrator, settings: change)),
            place)
        guard case .settings(let added) = answer else { throw Fault(.internal) }
        noteVersion(added.version)
        if added.book.base.trustedDevices != true { try await forgetTrust(place) }
        return added.version
    }

    private func forgetTrust(_ place: Place) async throws(Fault) {
        try await store.run(place) { tables, _ in tables.forgetTrust { _ in true } }
    }
}
