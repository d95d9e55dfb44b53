import Audit
import Contracts
import Postgres
import RPC
import Wire

/// Signing up, where the installation allows it.
extension SignInHandlers {
    /// What a page needs to know before anybody has said who he is.
    func getOptions(
        _ request: GetSignInOptions, _ call: Call
    ) async throws(Fault) -> SignInOptions {
        _ = try await gateway.admission(of: call)
        return SignInOptions(signUp: gateway.allowsSignUp)
    }

    /// The same is done for every address and the same is answered; what is true of it is told in
    /// the mail to its owner.
    func signUp(_ request: SignUp, _ call: Call) async throws(Fault) -> SignUpSent {
        try requireSignUp()
        _ = try await gateway.admission(of: call)
        guard let email = EmailAddress(parsing: request.email) else { throw Fault(.emailInvalid) }
        let tag = request.locale.isEmpty ? gateway.defaultLocale : request.locale
        guard let locale = LanguageTag(parsing: tag) else {
            throw Fault(.malformed, detail: "no language tag")
        }
        let token = try SignUpToken.fresh()
        let newUser = try UserID.fresh()
        let (user, mail) = try await stored { () throws(PostgresFault) in
            try await gateway.signUps.begin(
                email, locale: locale.text, token, newUser: newUser,
                audit: call.audit(.signUpBegun, subject: newUser))
        }
        let receiver = NoticeReceiver(address: email.text, locale: locale.text, displayName: "")
        _ = try await gateway.verification.sendSignUp(
            SendSignUp(
                user: user, receiver: mail == .nothing ? nil : receiver,
                token: mail == .alreadyKnown ? nil : token),
            call)
        return SignUpSent()
    }

    /// The password is made first, for a user whom nobody can sign in as yet. Where this breaks
    /// off before he is one, the link works still, and once it works no more what was made goes.
    func confirmSignUp(
        _ request: ConfirmSignUp, _ call: Call
    ) async throws(Fault) -> SignUpConfirmed {
        try requireSignUp()
        _ = try await gateway.admission(of: call)
        guard let name = UserName(parsing: request.name) else { throw Fault(.userNameInvalid) }
        let shown = request.displayName.isEmpty ? name.text : request.displayName
        guard let displayName = DisplayName(parsing: shown) else {
            throw Fault(.malformed, detail: "a display name that cannot be shown")
        }
        let token = request.token
        let open = try await stored { () throws(PostgresFault) in
            try await gateway.signUps.open(token)
        }
        guard let open else { throw Fault(.signUpExpired) }
        let isFree = try await stored { () throws(PostgresFault) in
            try await gateway.signUps.isFree(name)
        }
        guard isFree else { throw Fault(.userNameTaken) }
        let standing = try await gateway.standing(ofNew: open.user, call)
        _ = try await gateway.verification.setChosenPassword(
            SetChosenPassword(
                user: open.user, password: request.newPassword,
                secondFactorAsked: standing.outcome != .allow,
                contextWords: [name.text, displayName.text, open.email],
                lengthMin: standing.passwordLengthMin),
            call)
        do throws(AccountConflict) {
            let user = try await gateway.signUps.confirm(
                token, name, displayName,
                audit: call.audit(.userSignedUp, actor: open.user, subject: open.user))
            guard user != nil else { throw AccountConflict.emailTaken }
        } catch {
            switch error {
            case .nameTaken, .store: throw error.fault
            // Somebody was faster: with this link, or an administrator with this address.
            case .emailTaken, .phoneTaken: throw Fault(.signUpExpired)
            }
        }
        return SignUpConfirmed()
    }

    private func requireSignUp() throws(Fault) {
        guard gateway.allowsSignUp else { throw Fault(.signUpClosed) }
    }
}

extension Gateway {
    /// What policy in force will say of somebody who is no user yet.
    fileprivate func standing(ofNew user: UserID, _ call: Call) async throws(Fault) -> Decision {
        let decision = try await policy.decide(
            Decide(
                roles: [], method: .password, bound: [], proved: [], sinceVersion: 0, user: user,
                address: ""),
            call)
        try policyVersions.accept(decision.version)
        return decision
    }
}
