import RPC
import Wire

/// Signing in: password, second factor, and what has to be changed before a session opens.
package enum SignInContract: Contract {
    package static let service = ServiceName(0x10, "dubbelslot.v1.SignInService")
    package static let about =
        "Signing in: password, second factor, and what has to be changed before a session opens."

    package static let start = Method<StartSignIn, NextStep>(
        0x1001, "Start", callers: .registered,
        "Checks the password and says the next step.")

    package static let beginBinding = Method<BeginSignInBinding, BindingStarted>(
        0x1002, "BeginBinding", callers: .registered,
        "Begins to bind one of the offered verifiers.")

    package static let confirmBinding = Method<ConfirmSignInBinding, NextStep>(
        0x1003, "ConfirmBinding", callers: .registered,
        "Confirms the binding with its first code and ends all sessions.")

    package static let completeVerification = Method<CompleteVerification, NextStep>(
        0x1004, "CompleteVerification", callers: .registered,
        "Proves one of the offered authenticators.")

    package static let changePassword = Method<ChangeSignInPassword, NextStep>(
        0x1005, "ChangePassword", callers: .registered,
        "Replaces an initial or expired password.")

    package static let cancel = Method<CancelSignIn, SignInCanceled>(
        0x1006, "Cancel", callers: .registered,
        "Gives the sign-in up; its ticket opens nothing more.")

    package static let beginVerification = Method<BeginVerification, ChallengeStarted>(
        0x1007, "BeginVerification", callers: .registered,
        "Sends a code to an offered authenticator, or asks a passkey.")

    package static let beginPasskey = Method<BeginPasskeySignIn, PasskeySignIn>(
        0x1008, "BeginPasskey", callers: .registered,
        "Begins a sign-in by a passkey alone.")

    package static let completePasskey = Method<CompletePasskeySignIn, NextStep>(
        0x1009, "CompletePasskey", callers: .registered,
        "Checks the passkey and says the next step.")

    package static let beginPasswordReset = Method<BeginPasswordReset, PasswordResetSent>(
        0x100a, "BeginPasswordReset", callers: .registered,
        "Sends a link for a new password, if there is anybody to send it to.")

    package static let completePasswordReset = Method<CompletePasswordReset, PasswordWasReset>(
        0x100b, "CompletePasswordReset", callers: .registered,
        "Sets a new password with a link's token.")

    package static let signUp = Method<SignUp, SignUpSent>(
        0x1020, "SignUp", callers: .registered,
        "Sends a link to an address, with which its owner makes himself an account.")

    package static let confirmSignUp = Method<ConfirmSignUp, SignUpConfirmed>(
        0x1021, "ConfirmSignUp", callers: .registered,
        "Makes the account; opens no session.")

    package static let getOptions = Method<GetSignInOptions, SignInOptions>(
        0x1022, "GetOptions", callers: .registered,
        "Says what a page for signing in may offer; of nobody.")

    package static var methods: [MethodDescription] {
        [
            start.described,
            beginBinding.described,
            confirmBinding.described,
            completeVerification.described,
            changePassword.described,
            cancel.described,
            beginVerification.described,
            beginPasskey.described,
            completePasskey.described,
            beginPasswordReset.described,
            completePasswordReset.described,
            signUp.described,
            confirmSignUp.described,
            getOptions.described,
        ]
    }
}

/// What serves `SignInService`: its handlers, and at the other end of the wire its client.
package protocol SignIn: Sendable {
    func start(_ request: StartSignIn, _ call: Call) async throws(Fault) -> NextStep
    func beginBinding(
        _ request: BeginSignInBinding, _ call: Call
    ) async throws(Fault) -> BindingStarted
    func confirmBinding(
        _ request: ConfirmSignInBinding, _ call: Call
    ) async throws(Fault) -> NextStep
    func completeVerification(
        _ request: CompleteVerification, _ call: Call
    ) async throws(Fault) -> NextStep
    func changePassword(
        _ request: ChangeSignInPassword, _ call: Call
    ) async throws(Fault) -> NextStep
    func cancel(_ request: CancelSignIn, _ call: Call) async throws(Fault) -> SignInCanceled
    func beginVerification(_ request: BeginVerification, _ call: Call) async throws(Fault)
        -> ChallengeStarted
    func beginPasskey(_ request: BeginPasskeySignIn, _ call: Call) async throws(Fault)
        -> PasskeySignIn
    func completePasskey(_ request: CompletePasskeySignIn, _ call: Call) async throws(Fault)
        -> NextStep
    func beginPasswordReset(_ request: BeginPasswordReset, _ call: Call) async throws(Fault)
        -> PasswordResetSent
    func completePasswordReset(_ request: CompletePasswordReset, _ call: Call) async throws(Fault)
        -> PasswordWasReset
    func signUp(_ request: SignUp, _ call: Call) async throws(Fault) -> SignUpSent
    func confirmSignUp(_ request: ConfirmSignUp, _ call: Call) async throws(Fault)
        -> SignUpConfirmed
    func getOptions(_ request: GetSignInOptions, _ call: Call) async throws(Fault) -> SignInOptions
}

/// Decodes, calls the handler and encodes, for each method of `SignInService`.
package struct SignInDispatcher<Handlers: SignIn>: Dispatcher {
    package let handlers: Handlers

    package init(_ handlers: Handlers) { self.handlers = handlers }

    package func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = SignInContract
        switch method {
        case Methods.start.number:
            return try await Methods.start.serve(
                coding, body, call, handlers.start)
        case Methods.beginBinding.number:
            return try await Methods.beginBinding.serve(
                coding, body, call, handlers.beginBinding)
        case Methods.confirmBinding.number:
            return try await Methods.confirmBinding.serve(
                coding, body, call, handlers.confirmBinding)
        case Methods.completeVerification.number:
            return try await Methods.completeVerification.serve(
                coding, body, call, handlers.completeVerification)
        case Methods.changePassword.number:
            return try await Methods.changePassword.serve(
                coding, body, call, handlers.changePassword)
        case Methods.cancel.number:
            return try await Methods.cancel.serve(
                coding, body, call, handlers.cancel)
        case Methods.beginVerification.number:
            return try await Methods.beginVerification.serve(
                coding, body, call, handlers.beginVerification)
        case Methods.beginPasskey.number:
            return try await Methods.beginPasskey.serve(
                coding, body, call, handlers.beginPasskey)
        case Methods.completePasskey.number:
            return try await Methods.completePasskey.serve(
                coding, body, call, handlers.completePasskey)
        case Methods.beginPasswordReset.number:
            return try await Methods.beginPasswordReset.serve(
                coding, body, call, handlers.beginPasswordReset)
        case Methods.completePasswordReset.number:
            return try await Methods.completePasswordReset.serve(
                coding, body, call, handlers.completePasswordReset)
        case Methods.signUp.number:
            return try await Methods.signUp.serve(coding, body, call, handlers.signUp)
        case Methods.confirmSignUp.number:
            return try await Methods.confirmSignUp.serve(
                coding, body, call, handlers.confirmSignUp)
        case Methods.getOptions.number:
            return try await Methods.getOptions.serve(coding, body, call, handlers.getOptions)
        default: throw Fault(.methodUnknown)
        }
    }
}
