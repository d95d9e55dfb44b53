/// A refusal as it crosses the wire, by RPC or HTTP: what the caller may know, and apart from it
/// what the log needs. `description` tells only the former, so nothing leaks by accident.
package struct Fault: Error, Sendable, Equatable {
    package let reason: Reason
    /// Seconds after which trying again makes sense.
    package let retryAfterSeconds: UInt32?
    /// How many more wrong tries the authenticator stands before it is delayed or disabled.
    package let attemptsLeft: UInt32?
    /// For the log alone; never sent.
    package let detail: String

    package init(
        _ reason: Reason, retryAfterSeconds: UInt32? = nil, attemptsLeft: UInt32? = nil,
        detail: String = ""
    ) {
        self.reason = reason
        self.retryAfterSeconds = retryAfterSeconds
        self.attemptsLeft = attemptsLeft
        self.detail = detail
    }
}

extension Fault: CustomStringConvertible {
    package var description: String { reason.rawValue }
}

/// The status codes of the Connect protocol (the same sixteen as gRPC's), with its HTTP mapping.
package enum FaultCode: String, Sendable, CaseIterable {
    case canceled
    case unknown
    case invalidArgument = "invalid_argument"
    case deadlineExceeded = "deadline_exceeded"
    case notFound = "not_found"
    case alreadyExists = "already_exists"
    case permissionDenied = "permission_denied"
    case resourceExhausted = "resource_exhausted"
    case failedPrecondition = "failed_precondition"
    case aborted
    case outOfRange = "out_of_range"
    case unimplemented
    case `internal`
    case unavailable
    case dataLoss = "data_loss"
    case unauthenticated

    /// Connect protocol, "Error Codes".
    package var httpStatus: Int {
        switch self {
        case .canceled: 499
        case .unknown, .internal, .dataLoss: 500
        case .invalidArgument, .failedPrecondition, .outOfRange: 400
        case .deadlineExceeded: 504
        case .notFound: 404
        case .alreadyExists, .aborted: 409
        case .permissionDenied: 403
        case .resourceExhausted: 429
        case .unimplemented: 501
        case .unavailable: 503
        case .unauthenticated: 401
        }
    }
}

/// Every refusal a caller can meet. The raw value is the stable word frontends branch on; it is
/// never reused. On the RPC wire a reason travels as its word, so old and new versions talk.
package enum Reason: String, Sendable, CaseIterable {
    // The caller's message or connection.
    case malformed
    case tooLarge = "too_large"
    case methodUnknown = "method_unknown"
    case callerNotAllowed = "caller_not_allowed"
    case crossSite = "cross_site"
    case compressionUnsupported = "compression_unsupported"
    case deadlineExceeded = "deadline_exceeded"
    case canceled
    case overloaded
    case unavailable
    case `internal`
    case requestIDReused = "request_id_reused"

    // Signing in.
    case passwordWrong = "password_wrong"
    case attemptsDelayed = "attempts_delayed"
    case attemptsExhausted = "attempts_exhausted"
    case signInExpired = "sign_in_expired"
    case stepOutOfOrder = "step_out_of_order"
    case codeWrong = "code_wrong"
    case codeUsed = "code_used"
    case passkeyRefused = "passkey_refused"
    case bindingExpired = "binding_expired"
    case alreadyBound = "already_bound"
    case noVerifierAvailable = "no_verifier_available"
    case verifierNotOffered = "verifier_not_offered"
    case authenticatorNotOffered = "authenticator_not_offered"
    case passwordTooShort = "password_too_short"
    case passwordTooLong = "password_too_long"
    case passwordTooCommon = "password_too_common"
    case passwordUnchanged = "password_unchanged"
    case initialPasswordExpired = "initial_password_expired"
    case resetExpired = "reset_expired"

    // Messages and other challenges.
    case challengeExpired = "challenge_expired"
    case receiverInvalid = "receiver_invalid"
    case messageRateLimited = "message_rate_limited"
    case messageSendFailed = "message_send_failed"

    // Sessions and accounts.
    case notSignedIn = "not_signed_in"
    case stepUpRequired = "step_up_required"
    case administratorRequired = "administrator_required"
    case userNotFound = "user_not_found"
    case userNameInvalid = "user_name_invalid"
    case userNameTaken = "user_name_taken"
    case emailInvalid = "email_invalid"
    case emailTaken = "email_taken"
    case phoneInvalid = "phone_invalid"
    case phoneTaken = "phone_taken"
    case authenticatorNotFound = "authenticator_not_found"
    case lastAdministrator = "last_administrator"
    case ownAccount = "own_account"
    case lastFactor = "last_factor"
    case reasonRequired = "reason_required"
    case hostNotProtected = "host_not_protected"
    case audienceUnknown = "audience_unknown"
    case sessionNotFound = "session_not_found"
    case trustedDeviceNotFound = "trusted_device_not_found"
    case anotherAdministrator = "another_administrator"
    case networkRefused = "network_refused"
    case ownNetwork = "own_network"
    case passwordExists = "password_exists"
    case signUpClosed = "sign_up_closed"
    case signUpExpired = "sign_up_expired"
    case approvalRequired = "approval_required"
    case resetRequestExpired = "reset_request_expired"

    // Verifiers and policy.
    case verifierUIDInvalid = "verifier_uid_invalid"
    case verifierExists = "verifier_exists"
    case verifierNotFound = "verifier_not_found"
    case verifierInUse = "verifier_in_use"
    case verifierHasBindings = "verifier_has_bindings"
    case verifierTypeUnsupported = "verifier_type_unsupported"
    case verifierSettingsInvalid = "verifier_settings_invalid"
    case verifierRequired = "verifier_required"
    case versionConflict = "version_conflict"

    package var code: FaultCode {
        switch self {
        case .malformed, .userNameInvalid, .emailInvalid, .phoneInvalid, .passwordTooShort,
            .passwordTooLong, .passwordTooCommon, .passwordUnchanged, .verifierUIDInvalid,
            .reasonRequired, .receiverInvalid, .verifierSettingsInvalid, .audienceUnknown:
            .invalidArgument
        case .tooLarge, .overloaded, .attemptsDelayed, .attemptsExhausted, .messageRateLimited:
            .resourceExhausted
        case .methodUnknown, .compressionUnsupported, .verifierTypeUnsupported: .unimplemented
        case .callerNotAllowed, .crossSite, .administratorRequired, .stepUpRequired,
            .ownAccount, .hostNotProtected, .networkRefused, .signUpClosed, .approvalRequired:
            .permissionDenied
        case .deadlineExceeded: .deadlineExceeded
        case .canceled: .canceled
        case .unavailable, .messageSendFailed: .unavailable
        case .internal: .internal
        case .passwordWrong, .codeWrong, .codeUsed, .passkeyRefused, .notSignedIn:
            .unauthenticated
        case .signInExpired, .stepOutOfOrder, .bindingExpired, .challengeExpired,
            .noVerifierAvailable, .verifierNotOffered, .authenticatorNotOffered,
            .initialPasswordExpired, .resetExpired, .signUpExpired, .resetRequestExpired,
            .lastAdministrator, .anotherAdministrator, .ownNetwork, .lastFactor, .verifierInUse,
            .verifierHasBindings, .verifierRequired:
            .failedPrecondition
        case .alreadyBound, .userNameTaken, .emailTaken, .phoneTaken, .verifierExists,
            .passwordExists:
            .alreadyExists
        case .userNotFound, .authenticatorNotFound, .sessionNotFound, .verifierNotFound,
            .trustedDeviceNotFound:
            .notFound
        case .versionConflict, .requestIDReused: .aborted
        }
    }

    /// `code`'s, but for a method that is not there: over HTTP its path is not found (RFC 9110
    /// §15.5.5), which a client of Connect takes for `unimplemented` too.
    package var httpStatus: Int { self == .methodUnknown ? 404 : code.httpStatus }

    /// The sentence a caller reads; frontends show their own, by the word.
    package var sentence: String {
        switch self {
        case .malformed: "The request is malformed."
        case .tooLarge: "The request is too large."
        case .methodUnknown: "There is no such method."
        case .callerNotAllowed: "This caller may not use this method."
        case .crossSite: "Requests from other sites are refused."
        case .compressionUnsupported: "Compressed requests are not supported."
        case .deadlineExceeded: "The deadline has passed."
        case .canceled: "The caller cancelled the request."
        case .overloaded: "Too much is going on right now. Try again in a moment."
        case .unavailable: "The service is not available right now. Try again in a moment."
        case .internal: "Something went wrong on our side."
        case .requestIDReused: "This request id was used for another request."
        case .passwordWrong: "The user name or password is wrong."
        case .attemptsDelayed: "Too many failed attempts. Try again later."
        case .attemptsExhausted: "Too many failed attempts. This authenticator is disabled."
        case .signInExpired:
            "Two-factor authentication has expired, please sign in again."
        case .stepOutOfOrder: "This step does not follow the one before."
        case .codeWrong: "The code is wrong."
        case .codeUsed: "This code was used already. Wait for the next one."
        case .passkeyRefused: "The passkey was refused."
        case .bindingExpired: "The binding has expired. Begin again."
        case .alreadyBound: "This is bound already."
        case .noVerifierAvailable: "No verifier is available. Ask your administrator."
        case .verifierNotOffered: "This verifier is not offered here."
        case .authenticatorNotOffered: "This authenticator cannot be used here."
        case .passwordTooShort: "The password is too short."
        case .passwordTooLong: "The password is too long."
        case .passwordTooCommon: "The password is too easy to guess. Choose another one."
        case .passwordUnchanged: "The new password equals the old one."
        case .initialPasswordExpired:
            "The initial password has expired. Ask your administrator for a new one."
        case .resetExpired: "This link works no more. Ask for a new one."
        case .challengeExpired: "There is nothing left to answer here. Ask for a new one."
        case .receiverInvalid: "Messages cannot be sent to this number or address."
        case .messageRateLimited: "Too many messages were sent. Try again later."
        case .messageSendFailed: "The message could not be sent."
        case .notSignedIn: "You are not signed in."
        case .stepUpRequired: "Prove it is you once more to do this."
        case .administratorRequired: "Only administrators may do this."
        case .userNotFound: "There is no such user."
        case .userNameInvalid: "The user name is not valid."
        case .userNameTaken: "This user name is taken."
        case .emailInvalid: "The e-mail address is not valid."
        case .emailTaken: "This e-mail address is taken."
        case .phoneInvalid: "The phone number is not valid."
        case .phoneTaken: "This phone number is taken."
        case .authenticatorNotFound: "There is no such authenticator."
        case .lastAdministrator: "The last active administrator must stay."
        case .ownAccount: "Another administrator has to do this to your account."
        case .lastFactor:
            "Your last authenticator must stay: you are asked for one. Bind another one first."
        case .reasonRequired: "Say why."
        case .trustedDeviceNotFound: "There is no such trusted device."
        case .anotherAdministrator: "A second administrator is needed for this."
        case .networkRefused: "Nobody signs in from where you are."
        case .ownNetwork: "You could not sign in from where you are."
        case .hostNotProtected: "This address is none that sign-ins here are for."
        case .audienceUnknown: "Statements for this audience are not made here."
        case .sessionNotFound: "There is no such session."
        case .passwordExists: "This user has a password already."
        case .signUpClosed: "Accounts are made by administrators here."
        case .signUpExpired: "This link works no more. Sign up again."
        case .approvalRequired:
            "A second administrator has to approve this, who is neither of you and no newcomer."
        case .resetRequestExpired: "This request waits no more."
        case .verifierUIDInvalid: "A verifier's uid is letters, digits, _ and -."
        case .verifierExists: "There is a verifier with this uid."
        case .verifierNotFound: "There is no such verifier."
        case .verifierInUse: "The two-factor settings use this verifier."
        case .verifierHasBindings:
            "Users have bound this verifier. Confirm to delete their bindings."
        case .verifierTypeUnsupported: "Verifiers of this type are not available."
        case .verifierSettingsInvalid: "A verifier cannot work with these settings."
        case .verifierRequired:
            "Choose at least one verifier. Verifiers are made on the verification management page."
        case .versionConflict: "Someone changed this in the meantime. Load it again."
        }
    }
}
