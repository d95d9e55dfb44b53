import Audit
import Contracts
import Postgres
import RPC
import Wire

/// A forgotten password, replaced by a link that is sent by mail. The link is in the place of the
/// old password and of nothing else: it opens no session, and the second factor is asked for at
/// the next sign-in as before.
extension SignInHandlers {
    /// The same is done for every name, and the same is answered.
    func beginPasswordReset(
        _ request: BeginPasswordReset, _ call: Call
    ) async throws(Fault) -> PasswordResetSent {
        let edge = try await gateway.admission(of: call)
        let key = SignInKey(request.identifier)
        let found = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.find(key)
        }
        let account = try await edge.visible(found, in: gateway, call)
        _ = try await gateway.verification.beginReset(
            BeginReset(user: account?.id ?? .nobody(key), receiver: account?.notify), call)
        return PasswordResetSent()
    }

    /// All sessions end before the password is replaced and after it: none that was opened with
    /// the old one outlives the answer. Where this gateway dies between, whoever asked has no
    /// answer and asks again.
    func completePasswordReset(
        _ request: CompletePasswordReset, _ call: Call
    ) async throws(Fault) -> PasswordWasReset {
        let edge = try await gateway.admission(of: call)
        let user = try await gateway.verification.findReset(
            FindReset(token: request.token), call
        ).user
        let found = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.get(user)
        }
        let account = try await edge.visible(found, in: gateway, call)
        guard let account, !account.disabled else { throw Fault(.resetExpired) }
        let standing = try await gateway.standing(of: account, call)
        let isFactorAsked = try await isFactorAsked(account, standing, call)
        try await endEverything(of: user, call)
        _ = try await gateway.verification.replacePassword(
            ReplacePassword(
                user: user, newPassword: request.newPassword, secondFactorAsked: isFactorAsked,
                contextWords: account.contextWords, notify: account.notify, reset: request.token,
                lengthMin: standing.passwordLengthMin),
            call)
        try await endEverything(of: user, password: .replaced, call)
        return PasswordWasReset()
    }

    private func isFactorAsked(
        _ account: AccountRecord, _ standing: Decision, _ call: Call
    ) async throws(Fault) -> Bool {
        let list = try await gateway.verification.listAuthenticators(
            ListAuthenticators(user: account.id), call)
        if !list.authenticators.isEmpty { return true }
        return account.isAdministrator || standing.outcome != .allow
    }

    private func endEverything(
        of user: UserID, password: Accounts.PasswordChange = .none, _ call: Call
    ) async throws(Fault) {
        _ = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.endEverything(
                of: user, password: password,
                audit: call.audit(
                    .sessionsEnded, subject: user,
                    details: ["because": AuditEvent.passwordChanged.rawValue]))
        }
    }
}
