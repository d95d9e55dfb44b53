import Contracts
import RPC
import Wire

@testable import AuthGateway

/// A row of the route table: a method, and what is asked of it where that matters.
struct Route: Sendable {
    let service: ServiceName
    let method: MethodDescription
    let variant: String
    /// Nil where nobody has said yet what a good request is.
    let request: @Sendable (Visitor) -> (any Message)?

    /// Where a pending sign-in has to stand for the method to go on from it.
    enum Stage: Sendable {
        case verifying, binding, changingPassword
    }

    private static let isEnrolled = "has a second factor"
    private static let isAsked = "a code is asked for"
    private static let isForeign = "another's"
    private static let isProvedForeign = "proved by another's"
    private static let isByPassword = "by the password"

    /// The request names what belongs to another user.
    var namesOther: Bool { variant == Self.isForeign || variant == Self.isProvedForeign }

    /// It may name a session of another user.
    var concernsSessions: Bool {
        [AccountContract.endSession.number, AdminContract.endUserSessions.number]
            .contains(method.number)
    }

    var stage: Stage {
        if variant == Self.isAsked { return .verifying }
        return switch method.number {
        case SignInContract.beginBinding.number, SignInContract.confirmBinding.number: .binding
        case SignInContract.changePassword.number: .changingPassword
        default: .verifying
        }
    }

    /// Whether the caller has a second factor; nil where his situation says so.
    var hasFactor: Bool? {
        switch variant {
        case Self.isEnrolled, Self.isAsked: true
        case _: service == SignInContract.service && stage == .binding ? false : nil
        }
    }

    var path: String { "/\(service.text)/\(method.name)" }

    var label: String {
        let name = service.text.split(separator: ".").last ?? ""
        return "\(name)/\(method.name)" + (variant.isEmpty ? "" : " (\(variant))")
    }

    static let all: [Route] = {
        let contracts: [any Contract.Type] = [
            SignInContract.self, AccountContract.self, SessionContract.self, AdminContract.self,
        ]
        return contracts.flatMap { contract in
            contract.methods.flatMap { method in
                variants(of: method.number).map { variant in
                    Route(
                        service: contract.service, method: method, variant: variant,
                        request: { request(method.number, variant, $0) })
                }
            }
        }
    }()

    private static func variants(of method: UInt16) -> [String] {
        switch method {
        case SignInContract.beginBinding.number, SignInContract.confirmBinding.number:
            ["", isEnrolled, isAsked]
        case SignInContract.changePassword.number: ["", isAsked]
        case SignInContract.completeVerification.number, SignInContract.beginVerification.number,
            AccountContract.beginProof.number, AccountContract.forgetTrustedDevice.number,
            AccountContract.renameAuthenticator.number:
            ["", isForeign]
        case AccountContract.stepUp.number: ["", isForeign, isByPassword]
        case AccountContract.unbind.number: ["", isForeign, isProvedForeign]
        case AccountContract.endSession.number: ["", isForeign]
        case AdminContract.endUserSessions.number: ["", "all of them"]
        case AdminContract.createUser.number: ["", "an administrator"]
        default: [""]
        }
    }

    private static func request(
        _ method: UInt16, _ variant: String, _ visitor: Visitor
    ) -> (any Message)? {
        signIn(method, variant, visitor) ?? account(method, variant, visitor)
            ?? sessions(method, variant, visitor) ?? users(method, variant, visitor)
            ?? settings(method, visitor) ?? accounts(method, visitor)
    }

    /// A request that is right in every respect, so that what refuses it is who asks.
    private static func signIn(
        _ method: UInt16, _ variant: String, _ it: Visitor
    ) -> (any Message)? {
        switch method {
        case SignInContract.start.number:
            StartSignIn(
                identifier: it.user.name, password: it.user.password, bearer: it.entry != .cookie)
        case SignInContract.beginBinding.number:
            BeginSignInBinding(ticket: it.ticket, verifier: VerificationDouble.totp)
        case SignInContract.confirmBinding.number:
            ConfirmSignInBinding(ticket: it.ticket, code: VerificationDouble.rightCode)
        case SignInContract.completeVerification.number:
            CompleteVerification(
                ticket: it.ticket,
                authenticator: variant == isForeign ? it.foreign : it.authenticator,
                code: VerificationDouble.rightCode)
        case SignInContract.changePassword.number:
            ChangeSignInPassword(ticket: it.ticket, newPassword: "another password than before")
        case SignInContract.cancel.number:
            CancelSignIn(ticket: it.ticket)
        case SignInContract.beginPasswordReset.number:
            BeginPasswordReset(identifier: it.user.name)
        case SignInContract.completePasswordReset.number:
            CompletePasswordReset(token: it.reset, newPassword: "another password than before")
        case SignInContract.beginVerification.number:
            BeginVerification(
                ticket: it.ticket,
                authenticator: variant == isForeign ? it.foreign : it.authenticator)
        case SignInContract.beginPasskey.number:
            BeginPasskeySignIn(bearer: it.entry != .cookie)
        case SignInContract.completePasskey.number:
            CompletePasskeySignIn(
                ticket: it.ticket, passkey: VerificationDouble.assertion(of: it.user.id),
                bearer: it.entry != .cookie)
        default: nil
        }
    }

    private static func account(
        _ method: UInt16, _ variant: String, _ it: Visitor
    ) -> (any Message)? {
        switch method {
        case AccountContract.get.number: GetAccount()
        case AccountContract.listAuthenticators.number: ListOwnAuthenticators()
        case AccountContract.beginBinding.number:
            BeginOwnBinding(verifier: VerificationDouble.totp)
        case AccountContract.confirmBinding.number:
            ConfirmOwnBinding(code: VerificationDouble.rightCode)
        case AccountContract.unbind.number:
            Unbind(
                authenticator: variant == isForeign ? it.foreign : it.authenticator,
                provedWith: variant == isProvedForeign ? it.foreign : it.authenticator,
                code: VerificationDouble.rightCode)
        case AccountContract.stepUp.number where variant == isByPassword:
            StepUp(password: it.user.password)
        case AccountContract.stepUp.number:
            StepUp(
                authenticator: variant == isForeign ? it.foreign : it.authenticator,
                code: VerificationDouble.rightCode)
        case AccountContract.beginProof.number:
            BeginProof(
                authenticator: variant == isForeign ? it.foreign : it.authenticator,
                purpose: .stepUp)
        case AccountContract.renameAuthenticator.number:
            RenameAuthenticator(
                authenticator: variant == isForeign ? it.foreign : it.authenticator,
                name: "work")
        case AccountContract.changePassword.number:
            ChangePassword(
                currentPassword: it.user.password, newPassword: "another password than before")
        case AccountContract.signOut.number: SignOut()
        case AccountContract.regenerateRecoveryCodes.number: RegenerateRecoveryCodes()
        case AccountContract.handOver.number:
            HandOver(host: "https://vault.example", challenge: .sample, target: "/")
        case AccountContract.listTrustedDevices.number: ListOwnTrustedDevices()
        case AccountContract.forgetTrustedDevice.number:
            ForgetOwnTrustedDevice(device: variant == isForeign ? it.foreignTrust : it.trust)
        case AccountContract.forgetTrustedDevices.number: ForgetOwnTrustedDevices()
        default: nil
        }
    }

    private static func sessions(
        _ method: UInt16, _ variant: String, _ it: Visitor
    ) -> (any Message)? {
        switch method {
        case AccountContract.listSessions.number: ListOwnSessions()
        case AccountContract.endSession.number:
            EndOwnSession(session: variant == isForeign ? it.foreignSession : it.session)
        case AccountContract.endOtherSessions.number: EndOtherSessions()
        case AccountContract.reportNotMe.number: ReportNotMe()
        case SessionContract.introspect.number: Introspect()
        case SessionContract.issueToken.number: IssueToken(audience: "https://shop.example")
        case SessionContract.end.number: EndSession()
        case SessionContract.watch.number: WatchSessions(cursor: "", waitSeconds: 0)
        case SessionContract.openForSSO.number:
            OpenForSSO(
                identifier: it.user.name, provider: "idp", amr: [.password, .multipleFactors],
                authTime: Timestamp(seconds: 1))
        case AdminContract.listUserSessions.number: ListUserSessions(user: it.other)
        case AdminContract.endUserSessions.number:
            EndUserSessions(
                user: it.other, session: variant.isEmpty ? it.foreignSession : nil,
                reason: "lost the laptop")
        default: nil
        }
    }

    private static func users(
        _ method: UInt16, _ variant: String, _ it: Visitor
    ) -> (any Message)? {
        switch method {
        case AdminContract.createUser.number:
            CreateUser(
                userName: it.unique("new"), displayName: "", email: "", phone: "", locale: "",
                roles: variant.isEmpty ? [] : [.administrator])
        case AdminContract.listUsers.number: ListUsers(after: "", limit: 1, search: "")
        case AdminContract.getUser.number: GetUser(user: it.other)
        case AdminContract.listUserAuthenticators.number: ListUserAuthenticators(user: it.other)
        case AdminContract.disableUser.number: DisableUser(user: it.other, reason: "left")
        case AdminContract.setRoles.number:
            SetRoles(user: it.other, roles: [.administrator], reason: "helps out")
        case AdminContract.enableUser.number: EnableUser(user: it.other, reason: "is back")
        case AdminContract.resetAuthenticators.number:
            ResetAuthenticators(user: it.other, reason: "lost the phone")
        case AdminContract.resetPassword.number: ResetPassword(user: it.other, reason: "forgot")
        case AdminContract.listLockedAccounts.number: ListLockedAccounts(limit: 0)
        case AdminContract.listTrustedDevices.number: ListTrustedDevices(user: it.other)
        case AdminContract.forgetTrustedDevices.number:
            ForgetTrustedDevices(user: it.other, reason: "the laptop is gone")
        case AdminContract.unlockUser.number: UnlockUser(user: it.other, reason: "called us")
        default: nil
        }
    }

    private static func accounts(_ method: UInt16, _ it: Visitor) -> (any Message)? {
        switch method {
        case SignInContract.signUp.number: SignUp(email: it.unique("new") + "@example.org")
        case SignInContract.confirmSignUp.number:
            ConfirmSignUp(
                token: it.accounts.signUp, name: it.unique("chosen"), displayName: "",
                newPassword: "another password than before")
        case AccountContract.erase.number: EraseAccount()
        case AccountContract.listEvents.number: ListEvents()
        case AdminContract.listAudit.number: ListAudit()
        case AdminContract.getOverview.number: GetOverview()
        case AdminContract.inviteUser.number:
            CreateUser(
                userName: it.unique("invited"), displayName: "",
                email: it.unique("invited") + "@example.org", phone: "", locale: "", roles: [])
        case SignInContract.getOptions.number: GetSignInOptions()
        case AccountContract.updateProfile.number:
            UpdateProfile(displayName: "Ann of the desk", locale: "nl")
        case AdminContract.updateUser.number:
            UpdateUser(
                user: it.other, displayName: "", email: it.unique("moved") + "@example.org",
                phone: "", locale: "", reason: "has moved")
        case AdminContract.renewInvitation.number:
            RenewInvitation(user: it.other, reason: "lost the mail")
        case AdminContract.eraseUser.number: EraseUser(user: it.other, reason: "left")
        case AdminContract.requestReset.number:
            RequestReset(user: it.other, reason: "lost the phone")
        case AdminContract.listResetRequests.number: ListResetRequests()
        case AdminContract.approveReset.number:
            ApproveReset(request: it.accounts.resetRequest, reason: "knows him")
        case AdminContract.refuseReset.number:
            RefuseReset(request: it.accounts.resetRequest, reason: "knows him not")
        default: nil
        }
    }

    private static func settings(_ method: UInt16, _ it: Visitor) -> (any Message)? {
        switch method {
        case AdminContract.createVerifier.number:
            CreateVerifier(
                uid: VerifierUID(it.unique("v")), type: .totp, title: "App", description: "")
        case AdminContract.listVerifiers.number: ListVerifiers()
        case AdminContract.updateVerifier.number:
            UpdateVerifier(
                uid: VerificationDouble.totp, version: 1, title: "App", description: "")
        case AdminContract.deleteVerifiers.number:
            DeleteVerifiers(uids: [VerificationDouble.spare], deleteBindings: true)
        case AdminContract.testVerifier.number:
            TestVerifier(uid: VerificationDouble.totp, receiver: "+31612345678")
        case AdminContract.getTwoFactorSettings.number: GetTwoFactorSettings()
        case AdminContract.updateTwoFactorSettings.number:
            UpdateTwoFactorSettings(
                version: it.policyVersion, enforcement: .administrators,
                verifiers: [VerificationDouble.totp], reason: "tests")
        case AdminContract.listSettingsVersions.number: ListSettingsVersions()
        case AdminContract.compareSettings.number: CompareSettings(from: 1, to: 0)
        case AdminContract.restoreTwoFactorSettings.number:
            RestoreTwoFactorSettings(version: it.policyVersion, restored: 1, reason: "tests")
        case AdminContract.tryTwoFactorSettings.number:
            TryTwoFactorSettings(
                settings: UpdateTwoFactorSettings(
                    version: it.policyVersion, enforcement: .everyone,
                    verifiers: [VerificationDouble.totp], reason: ""))
        case AdminContract.extendGrace.number:
            ExtendGrace(user: it.other, until: Timestamp(seconds: 1), reason: "is away")
        case AdminContract.listPendingSettings.number: ListPendingSettings()
        case AdminContract.approveSettings.number:
            ApproveSettings(change: it.change, reason: "seen")
        case AdminContract.withdrawSettings.number: WithdrawSettings(change: it.change)
        default: nil
        }
    }
}
