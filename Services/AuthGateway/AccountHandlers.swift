import Audit
import Contracts
import Postgres
import RPC
import Wire

/// `AccountService`: what a signed-in user does with his own account. Whose it is says the
/// session, never a parameter.
struct AccountHandlers: Account {
    let gateway: Gateway
    let door: Door

    func get(_ request: GetAccount, _ call: Call) async throws(Fault) -> AccountView {
        AccountView(try await gateway.session(of: call))
    }

    func listAuthenticators(
        _ request: ListOwnAuthenticators, _ call: Call
    ) async throws(Fault) -> OwnAuthenticators {
        let session = try await gateway.session(of: call)
        let list = try await gateway.verification.listAuthenticators(
            ListAuthenticators(user: session.account.id), call)
        return OwnAuthenticators(
            authenticators: list.authenticators,
            verifiers: try await chosenVerifiers(session, call).map(OfferedVerifier.init),
            recoveryCodesLeft: list.recoveryCodesLeft, recovery: list.recovery)
    }

    func beginBinding(
        _ request: BeginOwnBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted {
        let session = try await gateway.freshSession(of: call)
        guard
            try await chosenVerifiers(session, call).contains(where: { $0.uid == request.verifier })
        else { throw Fault(.verifierNotOffered) }
        return try await gateway.verification.beginBinding(
            BeginBinding(
                user: session.account.id, verifier: request.verifier, context: session.context,
                accountName: session.account.userName, additional: session.hasSecondFactor,
                receiver: request.receiver, locale: session.account.locale),
            call)
    }

    func confirmBinding(
        _ request: ConfirmOwnBinding, _ call: Call
    ) async throws(Fault) -> AuthenticatorBound {
        let session = try await gateway.freshSession(of: call)
        let name = try AuthenticatorName(of: request.name)
        let bound = try await gateway.verification.confirmBinding(
            ConfirmBinding(
                user: session.account.id, context: session.context, code: request.code,
                additional: session.hasSecondFactor, passkey: request.passkey,
                name: name.text, notify: session.account.notify),
            call)
        try await endOthers(session, because: .authenticatorBound, call)
        return bound
    }

    func renameAuthenticator(
        _ request: RenameAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorView {
        let session = try await gateway.session(of: call)
        let name = try AuthenticatorName(of: request.name)
        return try await gateway.verification.renameAuthenticator(
            NameAuthenticator(
                user: session.account.id, authenticator: request.authenticator, name: name.text),
            call)
    }

    /// That the last one stays is decided by the statement that removes; it is looked at before,
    /// so that no code is spent on what will be refused.
    func unbind(_ request: Unbind, _ call: Call) async throws(Fault) -> Unbound {
        let session = try await gateway.session(of: call)
        let user = session.account.id
        let list = try await gateway.verification.listAuthenticators(
            ListAuthenticators(user: user), call)
        guard list.authenticators.contains(where: { $0.id == request.authenticator }) else {
            throw Fault(.authenticatorNotFound)
        }
        try list.requireProof(by: request.provedWith, in: session, for: .unbind)
        let keepsOne = try await gateway.asksForFactor(session.account, call)
        guard
            !keepsOne
                || list.authenticators.contains(where: {
                    $0.id != request.authenticator && !$0.disabled
                })
        else { throw Fault(.lastFactor) }
        _ = try await gateway.verification.checkCode(
            CheckCode(
                user: user, authenticator: request.provedWith, code: request.code,
                purpose: .unbind, device: session.device, context: session.context,
                passkey: request.passkey, notify: session.account.notify,
                alone: session.isWithoutPassword, origin: door.origin(of: call)),
            call)
        _ = try await gateway.verification.unbind(
            RemoveAuthenticator(
                user: user, authenticator: request.authenticator, keepsOne: keepsOne,
                notify: session.account.notify),
            call)
        try await endOthers(session, because: .authenticatorUnbound, call)
        return Unbound()
    }

    /// Of a session of one factor none could be lost that they would stand in for.
    func regenerateRecoveryCodes(
        _ request: RegenerateRecoveryCodes, _ call: Call
    ) async throws(Fault) -> RecoveryCodes {
        let session = try await gateway.freshSession(of: call)
        guard session.level >= 2 else { throw Fault(.stepUpRequired) }
        return try await gateway.verification.makeRecoveryCodes(
            MakeRecoveryCodes(user: session.account.id, notify: session.account.notify), call)
    }

    func stepUp(_ request: StepUp, _ call: Call) async throws(Fault) -> AccountView {
        let session = try await gateway.session(of: call)
        let user = session.account.id
        let proof = try await prove(request, session, call)
        guard proof.level >= 2 || !request.raising else {
            throw Fault(.internal, detail: "a proof of one factor was taken for two")
        }
        let token = try SessionToken.fresh()
        let raised = try await stored { () throws(PostgresFault) in
            try await gateway.sessions.renew(
                session, by: proof, token: token,
                audit: call.audit(.steppedUp, actor: user, subject: user))
        }
        guard let raised else { throw Fault(.notSignedIn) }
        guard door.byCookie else { return AccountView(raised, token: token) }
        door.keep(token, until: raised)
        return AccountView(raised)
    }

    /// The password serves whoever has bound nothing: what failures have disabled is bound too,
    /// or wrong codes would turn two factors into one.
    private func prove(
        _ request: StepUp, _ session: SessionRecord, _ call: Call
    ) async throws(Fault) -> SessionProof {
        let user = session.account.id
        let list = try await gateway.verification.listAuthenticators(
            ListAuthenticators(user: user), call)
        switch (request.authenticator, request.password) {
        case (let authenticator?, nil):
            try list.requireProof(by: authenticator, in: session, for: .stepUp)
            if request.raising { try list.requireRaising(by: authenticator) }
            let proof = try await gateway.verification.checkCode(
                CheckCode(
                    user: user, authenticator: authenticator, code: request.code,
                    purpose: .stepUp, device: session.device, context: session.context,
                    passkey: request.passkey, notify: session.account.notify,
                    alone: session.isWithoutPassword, origin: door.origin(of: call)),
                call)
            return session.proof(with: proof.kind)
        case (nil, let password?):
            guard list.authenticators.isEmpty, !request.raising else {
                throw Fault(.authenticatorNotOffered)
            }
            let verdict = try await gateway.verification.checkPassword(
                CheckPassword(
                    user: user, password: password, device: session.device,
                    notify: session.account.notify),
                call)
            guard !verdict.mustChange else {
                throw Fault(.notSignedIn, detail: "the password was reset meanwhile")
            }
            return .password
        case (nil, nil), (_?, _?):
            throw Fault(.malformed, detail: "one proof: an authenticator or the password")
        }
    }

    func changePassword(
        _ request: ChangePassword, _ call: Call
    ) async throws(Fault) -> PasswordChanged {
        let session = try await gateway.freshSession(of: call)
        let standing = try await gateway.standing(of: session.account, call)
        _ = try await gateway.verification.replacePassword(
            ReplacePassword(
                user: session.account.id, newPassword: request.newPassword,
                currentPassword: request.currentPassword, secondFactorAsked: session.level >= 2,
                contextWords: session.account.contextWords, device: session.device,
                notify: session.account.notify, lengthMin: standing.passwordLengthMin),
            call)
        try await endOthers(session, because: .passwordChanged, call)
        return PasswordChanged()
    }

    func signOut(_ request: SignOut, _ call: Call) async throws(Fault) -> SignedOut {
        let session = try await gateway.session(of: call)
        let user = session.account.id
        try await stored { () throws(PostgresFault) in
            try await gateway.sessions.end(
                session, audit: call.audit(.sessionEnded, actor: user, subject: user))
        }
        door.forget()
        return SignedOut()
    }

    /// The password or the authenticators have changed, or it was asked for: this session alone
    /// goes on.
    func endOthers(
        _ session: SessionRecord, because event: AuditEvent, _ call: Call
    ) async throws(Fault) {
        let user = session.account.id
        _ = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.endEverything(
                of: user, keeping: session.id,
                password: event == .passwordChanged ? .replaced : .none,
                audit: call.audit(
                    .sessionsEnded, actor: user, subject: user,
                    details: ["because": event.rawValue]))
        }
    }

    /// The verifiers that exist and that policy allows this user here.
    private func chosenVerifiers(
        _ session: SessionRecord, _ call: Call
    ) async throws(Fault) -> [VerifierView] {
        let decision = try await gateway.standing(of: session.account, from: call.place, call)
        return try await gateway.verification.listVerifiers(ListVerifiers(), call).verifiers
            .filter {
                decision.allowed.contains($0.uid) && $0.withstands(decision.strength)
            }
    }
}

extension AccountView {
    init(_ session: SessionRecord, token: SessionToken? = nil) {
        let account = session.account
        self.init(
            userId: account.id, userName: account.userName, displayName: account.displayName,
            email: account.email ?? "", phone: account.phone ?? "", locale: account.locale,
            roles: account.roles, session: session.view(token: token))
    }
}

extension SessionRecord {
    /// What a binding begun in this session belongs to.
    var context: ContextID { ContextID(high: id.high, low: id.low) }
}
