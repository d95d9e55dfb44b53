import RPC
import Wire

/// What a signed-in user does with his own account.
package enum AccountContract: Contract {
    package static let service = ServiceName(0x11, "dubbelslot.v1.AccountService")
    package static let about =
        "What a signed-in user does with his own account."

    package static let get = Method<GetAccount, AccountView>(
        0x1101, "Get", callers: .registered,
        "The signed-in user's own profile and session.")

    package static let listAuthenticators = Method<ListOwnAuthenticators, OwnAuthenticators>(
        0x1102, "ListAuthenticators", callers: .registered,
        "What is bound, and what could be.")

    package static let beginBinding = Method<BeginOwnBinding, BindingStarted>(
        0x1103, "BeginBinding", callers: .registered,
        "Begins to bind a further authenticator; wants a fresh proof.")

    package static let confirmBinding = Method<ConfirmOwnBinding, AuthenticatorBound>(
        0x1104, "ConfirmBinding", callers: .registered,
        "Confirms a binding by its first code and ends other sessions; wants a fresh proof.")

    package static let unbind = Method<Unbind, Unbound>(
        0x1105, "Unbind", callers: .registered,
        """
        Removes an authenticator, proved with any bound one, and ends the other sessions; the \
        last one stays where one is asked for.
        """)

    package static let stepUp = Method<StepUp, AccountView>(
        0x1106, "StepUp", callers: .registered,
        """
        Proves oneself again inside the session, which gets a new token: with an authenticator, \
        or with the password where none is bound.
        """)

    package static let changePassword = Method<ChangePassword, PasswordChanged>(
        0x1107, "ChangePassword", callers: .registered,
        "Changes the password and ends the other sessions; wants a fresh proof.")

    package static let signOut = Method<SignOut, SignedOut>(
        0x1108, "SignOut", callers: .registered,
        "Ends the session everywhere before it answers.")

    package static let beginProof = Method<BeginProof, ChallengeStarted>(
        0x1109, "BeginProof", callers: .registered,
        "Sends a code to a bound authenticator, or asks a passkey.")

    package static let regenerateRecoveryCodes = Method<RegenerateRecoveryCodes, RecoveryCodes>(
        0x110a, "RegenerateRecoveryCodes", callers: .registered,
        "Replaces the recovery codes; wants a fresh proof.")

    package static let handOver = Method<HandOver, HandedOver>(
        0x110b, "HandOver", callers: .registered,
        """
        Takes the session to a protected host of another name, where it gets a cookie of its own; \
        wants the level of that host.
        """)

    package static let listSessions = Method<ListOwnSessions, SessionList>(
        0x1110, "ListSessions", callers: .registered,
        "One's own sessions in force.")

    package static let endSession = Method<EndOwnSession, SessionsEnded>(
        0x1111, "EndSession", callers: .registered,
        "Ends one of one's own sessions everywhere before it answers.")

    package static let endOtherSessions = Method<EndOtherSessions, SessionsEnded>(
        0x1112, "EndOtherSessions", callers: .registered,
        "Ends all sessions but this one, and forgets every other browser.")

    package static let reportNotMe = Method<ReportNotMe, NotMeReported>(
        0x1113, "ReportNotMe", callers: .registered,
        """
        "That was not me": ends all sessions, this one too, forgets every browser, and has the \
        password replaced at the next sign-in with it.
        """)
    package static let listTrustedDevices = Method<ListOwnTrustedDevices, TrustedDeviceList>(
        0x1130, "ListTrustedDevices", callers: .registered,
        "The devices that stand in for one's second factor.")

    package static let forgetTrustedDevice = Method<
        ForgetOwnTrustedDevice, TrustedDevicesForgotten
    >(
        0x1131, "ForgetTrustedDevice", callers: .registered,
        "Ends the trust in a device, and the sessions that it opened.")

    package static let forgetTrustedDevices = Method<
        ForgetOwnTrustedDevices, TrustedDevicesForgotten
    >(
        0x1132, "ForgetTrustedDevices", callers: .registered,
        "Ends the trust in all devices, and the sessions that they opened.")
    package static let erase = Method<EraseAccount, AccountErased>(
        0x1140, "Erase", callers: .registered,
        "Erases the account; administrators are erased by another one.")

    package static let listEvents = Method<ListEvents, EventList>(
        0x1151, "ListEvents", callers: .registered,
        "What happened to the account, the newest first.")

    package static let renameAuthenticator = Method<RenameAuthenticator, AuthenticatorView>(
        0x1141, "RenameAuthenticator", callers: .registered,
        "Calls one of one's own authenticators by another name.")

    package static let updateProfile = Method<UpdateProfile, AccountView>(
        0x1142, "UpdateProfile", callers: .registered,
        "Changes what one is called and the language of one's mails.")

    package static var methods: [MethodDescription] {
        [
            get.described,
            listAuthenticators.described,
            beginBinding.described,
            confirmBinding.described,
            unbind.described,
            stepUp.described,
            changePassword.described,
            signOut.described,
            beginProof.described,
            regenerateRecoveryCodes.described,
            handOver.described,
            listSessions.described,
            endSession.described,
            endOtherSessions.described,
            reportNotMe.described,
            listTrustedDevices.described,
            forgetTrustedDevice.described,
            forgetTrustedDevices.described,
            erase.described,
            listEvents.described,
            renameAuthenticator.described,
            updateProfile.described,
        ]
    }
}

/// What serves `AccountService`: its handlers, and at the other end of the wire its client.
package protocol Account: Sendable {
    func get(_ request: GetAccount, _ call: Call) async throws(Fault) -> AccountView
    func listAuthenticators(
        _ request: ListOwnAuthenticators, _ call: Call
    ) async throws(Fault) -> OwnAuthenticators
    func beginBinding(
        _ request: BeginOwnBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted
    func confirmBinding(
        _ request: ConfirmOwnBinding, _ call: Call
    ) async throws(Fault) -> AuthenticatorBound
    func unbind(_ request: Unbind, _ call: Call) async throws(Fault) -> Unbound
    func stepUp(_ request: StepUp, _ call: Call) async throws(Fault) -> AccountView
    func changePassword(
        _ request: ChangePassword, _ call: Call
    ) async throws(Fault) -> PasswordChanged
    func signOut(_ request: SignOut, _ call: Call) async throws(Fault) -> SignedOut
    func beginProof(_ request: BeginProof, _ call: Call) async throws(Fault) -> ChallengeStarted
    func regenerateRecoveryCodes(_ request: RegenerateRecoveryCodes, _ call: Call)
        async throws(Fault) -> RecoveryCodes
    func handOver(_ request: HandOver, _ call: Call) async throws(Fault) -> HandedOver
    func listSessions(_ request: ListOwnSessions, _ call: Call) async throws(Fault) -> SessionList
    func endSession(_ request: EndOwnSession, _ call: Call) async throws(Fault) -> SessionsEnded
    func endOtherSessions(
        _ request: EndOtherSessions, _ call: Call
    ) async throws(Fault) -> SessionsEnded
    func reportNotMe(_ request: ReportNotMe, _ call: Call) async throws(Fault) -> NotMeReported
    func listTrustedDevices(
        _ request: ListOwnTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDeviceList
    func forgetTrustedDevice(
        _ request: ForgetOwnTrustedDevice, _ call: Call
    ) async throws(Fault) -> TrustedDevicesForgotten
    func forgetTrustedDevices(
        _ request: ForgetOwnTrustedDevices, _ call: Call
    ) async throws(Fault) -> TrustedDevicesForgotten
    func erase(_ request: EraseAccount, _ call: Call) async throws(Fault) -> AccountErased
    func listEvents(_ request: ListEvents, _ call: Call) async throws(Fault) -> EventList
    func renameAuthenticator(
        _ request: RenameAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorView
    func updateProfile(_ request: UpdateProfile, _ call: Call) async throws(Fault) -> AccountView
}

/// Decodes, calls the handler and encodes, for each method of `AccountService`.
package struct AccountDispatcher<Handlers: Account>: Dispatcher {
    package let handlers: Handlers

    package init(_ handlers: Handlers) { self.handlers = handlers }

    package func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = AccountContract
        switch method {
        case Methods.get.number:
            return try await Methods.get.serve(
                coding, body, call, handlers.get)
        case Methods.listAuthenticators.number:
            return try await Methods.listAuthenticators.serve(
                coding, body, call, handlers.listAuthenticators)
        case Methods.beginBinding.number:
            return try await Methods.beginBinding.serve(
                coding, body, call, handlers.beginBinding)
        case Methods.confirmBinding.number:
            return try await Methods.confirmBinding.serve(
                coding, body, call, handlers.confirmBinding)
        case Methods.unbind.number:
            return try await Methods.unbind.serve(
                coding, body, call, handlers.unbind)
        case Methods.stepUp.number:
            return try await Methods.stepUp.serve(
                coding, body, call, handlers.stepUp)
        case Methods.changePassword.number:
            return try await Methods.changePassword.serve(
                coding, body, call, handlers.changePassword)
        case Methods.signOut.number:
            return try await Methods.signOut.serve(
                coding, body, call, handlers.signOut)
        case Methods.beginProof.number:
            return try await Methods.beginProof.serve(
                coding, body, call, handlers.beginProof)
        case Methods.regenerateRecoveryCodes.number:
            return try await Methods.regenerateRecoveryCodes.serve(
                coding, body, call, handlers.regenerateRecoveryCodes)
        case Methods.handOver.number:
            return try await Methods.handOver.serve(coding, body, call, handlers.handOver)
        default: return try await answerSessions(method, coding, body, call)
        }
    }

    /// Sessions, and the devices that are trusted.
    private func answerSessions(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = AccountContract
        switch method {
        case Methods.listSessions.number:
            return try await Methods.listSessions.serve(coding, body, call, handlers.listSessions)
        case Methods.endSession.number:
            return try await Methods.endSession.serve(coding, body, call, handlers.endSession)
        case Methods.endOtherSessions.number:
            return try await Methods.endOtherSessions.serve(
                coding, body, call, handlers.endOtherSessions)
        case Methods.reportNotMe.number:
            return try await Methods.reportNotMe.serve(coding, body, call, handlers.reportNotMe)
        case Methods.listTrustedDevices.number:
            return try await Methods.listTrustedDevices.serve(
                coding, body, call, handlers.listTrustedDevices)
        case Methods.forgetTrustedDevice.number:
            return try await Methods.forgetTrustedDevice.serve(
                coding, body, call, handlers.forgetTrustedDevice)
        case Methods.forgetTrustedDevices.number:
            return try await Methods.forgetTrustedDevices.serve(
                coding, body, call, handlers.forgetTrustedDevices)
        case Methods.erase.number:
            return try await Methods.erase.serve(coding, body, call, handlers.erase)
        case Methods.listEvents.number:
            return try await Methods.listEvents.serve(coding, body, call, handlers.listEvents)
        case Methods.renameAuthenticator.number:
            return try await Methods.renameAuthenticator.serve(
                coding, body, call, handlers.renameAuthenticator)
        case Methods.updateProfile.number:
            return try await Methods.updateProfile.serve(
                coding, body, call, handlers.updateProfile)
        default: throw Fault(.methodUnknown)
        }
    }
}

/// Asks for one's own profile.
package struct GetAccount: Message {
    package static let name = "GetAccount"
    package static let about = "Asks for one's own profile."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// One's own profile.
package struct AccountView: Message {
    package static let name = "AccountView"
    package static let about = "One's own profile."

    package var userId: UserID
    package var userName: String
    package var displayName: String
    package var email: String
    package var phone: String
    package var locale: String
    package var roles: [Role]
    package var session: SessionView

    package init(
        userId: UserID, userName: String, displayName: String, email: String, phone: String,
        locale: String, roles: [Role], session: SessionView
    ) {
        self.userId = userId
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.phone = phone
        self.locale = locale
        self.roles = roles
        self.session = session
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        userId = try coder.required(1, "userId", it?.userId, "Oneself.")
        userName = try coder.field(
            2, "userName", it?.userName, max: 256,
            "The name to sign in with.")
        displayName = try coder.field(
            3, "displayName", it?.displayName, max: 256,
            "The name to be called by.")
        email = try coder.field(
            4, "email", it?.email, max: 320,
            "The e-mail address, when there is one.")
        phone = try coder.field(
            5, "phone", it?.phone, max: 32,
            "The phone number, when there is one.")
        locale = try coder.field(
            6, "locale", it?.locale, max: 35,
            "The language of pages and messages (BCP 47).")
        roles = try coder.list(
            7, "roles", it?.roles, max: 16,
            "What one may do beyond one's own account.")
        session = try coder.required(8, "session", it?.session, "The session this was asked under.")
    }
}

/// Proves an authenticator again, or the password where none is bound.
package struct StepUp: Message {
    package static let name = "StepUp"
    package static let about = "Proves an authenticator again, or the password where none is bound."

    package var authenticator: AuthenticatorID?
    package var code: String
    package var password: String?
    package var passkey: PasskeyAssertion?
    package var raising: Bool

    package init(
        authenticator: AuthenticatorID, code: String, passkey: PasskeyAssertion? = nil,
        raising: Bool = false
    ) {
        self.authenticator = authenticator
        self.code = code
        self.passkey = passkey
        self.raising = raising
    }

    package init(password: String, raising: Bool = false) {
        code = ""
        self.password = password
        self.raising = raising
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        authenticator = try coder.optional(1, "authenticator", it?.authenticator, "Any bound one.")
        code = try coder.field(2, "code", it?.code, max: 64, "The digits that prove it.")
        password = try coder.optional(
            3, "password", it?.password, max: 1024,
            "In place of both, of somebody who has bound nothing.")
        passkey = try coder.optional(
            5, "passkey", it?.passkey, "The answer of a browser, in the place of a code.")
        raising = try coder.field(
            6, "raising", it?.raising,
            "Take no proof that would leave the session with one factor: it is not even tried.")
    }
}

/// Changes one's own password; wants a fresh second factor where one is bound.
package struct ChangePassword: Message {
    package static let name = "ChangePassword"
    package static let about =
        "Changes one's own password; wants a fresh second factor where one is bound."

    package var currentPassword: String
    package var newPassword: String

    package init(currentPassword: String, newPassword: String) {
        self.currentPassword = currentPassword
        self.newPassword = newPassword
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        currentPassword = try coder.field(
            1, "currentPassword", it?.currentPassword, max: 1024,
            "The password until now.")
        newPassword = try coder.field(
            2, "newPassword", it?.newPassword, max: 1024,
            "8 code points at least where a second factor is asked, 15 else.")
    }
}

/// The new password is in force, other sessions have ended.
package struct PasswordChanged: Message {
    package static let name = "PasswordChanged"
    package static let about = "The new password is in force, other sessions have ended."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Ends the session this is asked under.
package struct SignOut: Message {
    package static let name = "SignOut"
    package static let about = "Ends the session this is asked under."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// The session opens nothing any more, anywhere.
package struct SignedOut: Message {
    package static let name = "SignedOut"
    package static let about = "The session opens nothing any more, anywhere."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}
