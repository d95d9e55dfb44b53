import Contracts
import Fixtures
import RPC
import Synchronization
import Wire

/// What both doubles share: they can be away, and something can be made to happen just before
/// they answer.
final class Stand: Sendable {
    typealias Hook = @Sendable () async throws -> Void

    private struct State {
        var isAway = false
        var before: [String: Hook] = [:]
        var traces: [Trace] = []
    }

    private let state = Mutex(State())

    var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    /// The trace of every call so far.
    var traces: [Trace] { state.withLock { $0.traces } }

    /// Runs `hook` once, before the next answer to `method`.
    func before(_ method: String, _ hook: @escaping Hook) {
        state.withLock { $0.before[method] = hook }
    }

    func enter(_ method: String, _ call: Call) async throws(Fault) {
        let hook = state.withLock { state in
            state.traces.append(call.trace)
            return state.before.removeValue(forKey: method)
        }
        if let hook {
            do {
                try await hook()
            } catch let fault as Fault {
                throw fault
            } catch {
                throw Fault(.internal, detail: "\(error)")
            }
        }
        guard !isAway else { throw Fault(.unavailable, retryAfterSeconds: 1) }
    }
}

/// The verification service as the gateway sees it: passwords and codes are compared as text,
/// nothing is counted. What it really does is tested with it.
final class VerificationDouble: Verification, Sendable {
    static let rightCode = "111111"
    static let totp = VerifierUID("totp")!
    static let spare = VerifierUID("spare")!

    struct State {
        var passwords: [UserID: String] = [:]
        var initial: Set<UserID> = []
        /// The names of passwords that are not the sample.
        var passwordIDs: [UserID: AuthenticatorID] = [:]
        var factors: [UserID: [AuthenticatorView]] = [:]
        var begun: [UserID: BeginBinding] = [:]
        var verifiers: [VerifierUID] = [totp, spare]
        var replaced: [ReplacePassword] = []
        var notices: [SendNotice] = []
        /// Whom every call so far would tell.
        var notified: [NoticeReceiver?] = []
        var begunResets: [BeginReset] = []
        var resets: [ResetToken: UserID] = [:]
        var endedLinks: [EndLinks] = []
        /// The known device of every check so far.
        var devices: [DeviceID?] = []
        /// Whose password every check so far was of.
        var tried: [UserID] = []
        var numbers: UInt64 = 0
        var imported: Set<UserID> = []
        /// What was taken over, each user once.
        var brought: [ImportedAuthenticators] = []
        /// Of whom nothing is taken over.
        var refused: Set<UserID> = []
        var challenges: [BeginChallenge] = []
        var checks: [CheckCode] = []
        /// Where any passkey was asked for and has not answered.
        var passkeyContexts: Set<ContextID> = []
        /// Who would have been told of each passkey that was tried.
        var passkeyReceivers: [NoticeReceiver?] = []
        var passkeyOrigins: [ProofOrigin?] = []
        /// What a proof says that was proved, when it is not what was asked.
        var mistakenFor: AuthenticatorView?
        /// The codes that are left, of users who have any.
        var recovery: [UserID: [String]] = [:]
        var accounts = Accounts()
        var reading = Reading()
        /// Whom failures have locked.
        var locked: Set<UserID> = []
        /// Of how many users at once it was asked what they have bound.
        var asked: [Int] = []
    }

    let stand = Stand()
    let state = Mutex(State())

    func checkPassword(
        _ request: CheckPassword, _ call: Call
    ) async throws(Fault) -> PasswordVerdict {
        state.withLock { state in
            state.devices.append(request.device)
            state.tried.append(request.user)
        }
        try await stand.enter("checkPassword", call)
        let (password, isInitial, id) = state.withLock {
            (
                $0.passwords[request.user], $0.initial.contains(request.user),
                $0.passwordIDs[request.user] ?? .sample
            )
        }
        guard let password, password == request.password else { throw Fault(.passwordWrong) }
        return PasswordVerdict(mustChange: isInitial, password: id)
    }

    func setInitialPassword(
        _ request: SetInitialPassword, _ call: Call
    ) async throws(Fault) -> InitialPasswordSet {
        try await stand.enter("setInitialPassword", call)
        let password = request.password ?? "initial-password"
        state.withLock {
            $0.passwords[request.user] = password
            $0.initial.insert(request.user)
        }
        return InitialPasswordSet(initialPassword: password)
    }

    func replacePassword(
        _ request: ReplacePassword, _ call: Call
    ) async throws(Fault) -> PasswordReplaced {
        try await stand.enter("replacePassword", call)
        let isRight = state.withLock { state in
            state.replaced.append(request)
            state.notified.append(request.notify)
            let old = state.passwords[request.user]
            if let reset = request.reset, state.resets.removeValue(forKey: reset) == nil {
                return false
            }
            guard request.currentPassword.map({ $0 == old }) ?? true else { return false }
            state.passwords[request.user] = request.newPassword
            state.initial.remove(request.user)
            return true
        }
        guard isRight else { throw Fault(.passwordWrong) }
        return PasswordReplaced()
    }

    func importAuthenticators(
        _ request: ImportAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsImported {
        try await stand.enter("importAuthenticators", call)
        return state.withLock { state in
            AuthenticatorsImported(
                results: request.users.map { user in
                    let isNew = !request.checkOnly && state.imported.insert(user.user).inserted
                    if isNew { state.brought.append(user) }
                    return ImportResult(
                        user: user.user, passwordSet: isNew,
                        refusal: state.refused.contains(user.user) ? .passwordCost : nil)
                })
        }
    }

    func listAuthenticators(
        _ request: ListAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorList {
        try await stand.enter("listAuthenticators", call)
        let left = state.withLock { $0.recovery[request.user] ?? [] }.count
        return AuthenticatorList(
            authenticators: factors(of: request.user),
            recovery: left > 0 ? .recovery(of: request.user) : nil,
            recoveryCodesLeft: UInt32(clamping: left))
    }

    func listBound(_ request: ListBound, _ call: Call) async throws(Fault) -> BoundFactorList {
        try await stand.enter("listBound", call)
        state.withLock { $0.asked.append(request.users.count) }
        return BoundFactorList(
            factors: request.users.flatMap { user in
                factors(of: user).map { view in
                    BoundFactor(
                        user: user, authenticator: view.id, kind: ProofKind(view.type),
                        verifier: view.verifier, disabled: view.disabled)
                }
            }, locked: state.withLock { request.users.filter($0.locked.contains) })
    }

    func beginBinding(
        _ request: BeginBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted {
        try await stand.enter("beginBinding", call)
        guard request.additional || factors(of: request.user).isEmpty else {
            throw Fault(.alreadyBound)
        }
        state.withLock { $0.begun[request.user] = request }
        do throws(WireFault) {
            return try RandomCoder.message(seed: 1)
        } catch {
            throw Fault(.internal, detail: "\(error)")
        }
    }

    func confirmBinding(
        _ request: ConfirmBinding, _ call: Call
    ) async throws(Fault) -> AuthenticatorBound {
        try await stand.enter("confirmBinding", call)
        state.withLock { $0.notified.append(request.notify) }
        let begun = state.withLock { $0.begun[request.user] }
        guard let begun, begun.context == request.context else { throw Fault(.bindingExpired) }
        guard request.code == Self.rightCode else { throw Fault(.codeWrong) }
        guard request.additional || factors(of: request.user).isEmpty else {
            throw Fault(.alreadyBound)
        }
        state.withLock { $0.begun[request.user] = nil }
        let isFirst = factors(of: request.user).isEmpty
        return AuthenticatorBound(
            authenticator: bind(request.user, begun.verifier),
            recoveryCodes: isFirst ? giveRecoveryCodes(request.user) : [])
    }

    func checkCode(_ request: CheckCode, _ call: Call) async throws(Fault) -> Proof {
        state.withLock { state in
            state.checks.append(request)
            state.devices.append(request.device)
            state.notified.append(request.notify)
        }
        try await stand.enter("checkCode", call)
        if request.authenticator == .recovery(of: request.user) { return try useRecovery(request) }
        let own = factors(of: request.user).first { $0.id == request.authenticator }
        guard let own else { throw Fault(.authenticatorNotFound) }
        guard !own.disabled else { throw Fault(.attemptsExhausted) }
        guard request.code == Self.rightCode else { throw Fault(.codeWrong, attemptsLeft: 3) }
        let proved = state.withLock { $0.mistakenFor } ?? own
        return Proof(
            authenticator: proved.id, kind: ProofKind(proved.type), verifier: proved.verifier)
    }

    func unbind(
        _ request: RemoveAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorRemoved {
        try await stand.enter("unbind", call)
        let isLast = state.withLock { state in
            let others = (state.factors[request.user] ?? []).filter {
                $0.id != request.authenticator
            }
            guard !request.keepsOne || others.contains(where: { !$0.disabled }) else {
                return true
            }
            state.factors[request.user] = others
            return false
        }
        guard !isLast else { throw Fault(.lastFactor) }
        return AuthenticatorRemoved()
    }

    func resetAuthenticators(
        _ request: RemoveAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset {
        try await stand.enter("resetAuthenticators", call)
        let removed = state.withLock { state in
            state.recovery[request.user] = nil
            return state.factors.removeValue(forKey: request.user) ?? []
        }
        return AuthenticatorsReset(removed: UInt32(clamping: removed.count))
    }
}

extension VerificationDouble {
    var devices: [DeviceID?] { state.withLock { $0.devices } }

    func factors(of user: UserID) -> [AuthenticatorView] {
        state.withLock { $0.factors[user] ?? [] }
    }

    @discardableResult
    func bind(
        _ user: UserID, _ verifier: VerifierUID = totp, _ type: VerifierType = .totp
    ) -> AuthenticatorView {
        state.withLock { state in
            state.numbers += 1
            let view = AuthenticatorView(
                id: AuthenticatorID(high: state.numbers, low: user.low), verifier: verifier,
                type: type, title: verifier.text, hint: "", boundAt: Timestamp(seconds: 1),
                disabled: false)
            state.factors[user, default: []].append(view)
            return view
        }
    }

    func unbindNow(_ user: UserID, _ authenticator: AuthenticatorID) {
        state.withLock { $0.factors[user]?.removeAll { $0.id == authenticator } }
    }

    func disable(_ user: UserID) {
        state.withLock { state in
            state.factors[user] = state.factors[user]?.map { view in
                var view = view
                view.disabled = true
                return view
            }
        }
    }

    // MARK: Verifiers

    private func view(_ uid: VerifierUID) -> VerifierView {
        VerifierView(
            uid: uid, type: .totp, title: uid.text, description: "", bindings: 0, version: 1)
    }

    func createVerifier(
        _ request: MakeVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        try await stand.enter("createVerifier", call)
        let uid = request.verifier.uid ?? VerifierUID("v_new")!
        let isNew = state.withLock { state in
            guard !state.verifiers.contains(uid) else { return false }
            state.verifiers.append(uid)
            return true
        }
        guard isNew else { throw Fault(.verifierExists) }
        return view(uid)
    }

    func listVerifiers(
        _ request: ListVerifiers, _ call: Call
    ) async throws(Fault) -> VerifierList {
        try await stand.enter("listVerifiers", call)
        return VerifierList(verifiers: state.withLock { $0.verifiers }.map(view))
    }

    func updateVerifier(
        _ request: ChangeVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        try await stand.enter("updateVerifier", call)
        return view(request.verifier.uid)
    }

    func testVerifier(_ request: TryVerifier, _ call: Call) async throws(Fault) -> TestSent {
        try await stand.enter("testVerifier", call)
        return TestSent()
    }

    func deleteVerifiers(
        _ request: RemoveVerifiers, _ call: Call
    ) async throws(Fault) -> VerifiersDeleted {
        try await stand.enter("deleteVerifiers", call)
        state.withLock { $0.verifiers.removeAll(where: request.verifiers.uids.contains) }
        return VerifiersDeleted(bindings: 0)
    }
}
