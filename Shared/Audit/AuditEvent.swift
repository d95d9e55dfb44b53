/// Everything the audit knows to have happened. The raw value is the stable word that is stored;
/// it is never reused.
package enum AuditEvent: String, Sendable, CaseIterable {
    // Signing in.
    case signInStarted = "sign_in_started"
    case passwordProved = "password_proved"
    case passwordRefused = "password_refused"
    case signInCompleted = "sign_in_completed"
    case factorProved = "factor_proved"
    case factorRefused = "factor_refused"
    case passkeyCounterRegressed = "passkey_counter_regressed"
    case codeReused = "code_reused"
    case steppedUp = "stepped_up"
    case sessionEnded = "session_ended"
    case sessionsEnded = "sessions_ended"
    case sessionHandedOver = "session_handed_over"

    // Authenticators and passwords.
    case bindingBegun = "binding_begun"
    case bindingRefused = "binding_refused"
    case authenticatorBound = "authenticator_bound"
    case authenticatorUnbound = "authenticator_unbound"
    case authenticatorsReset = "authenticators_reset"
    case authenticatorDisabled = "authenticator_disabled"
    case recoveryCodeUsed = "recovery_code_used"
    case recoveryCodesMade = "recovery_codes_made"
    case passwordChanged = "password_changed"
    case passwordResetBegun = "password_reset_begun"
    case initialPasswordSet = "initial_password_set"
    case authenticatorsImported = "authenticators_imported"

    // Messages.
    case messageSent = "message_sent"
    case messageRefused = "message_refused"
    case messageAlarm = "message_alarm"

    // Administration.
    case userCreated = "user_created"
    case userImported = "user_imported"
    case userDisabled = "user_disabled"
    case userEnabled = "user_enabled"
    case userUnlocked = "user_unlocked"
    case administratorCreated = "administrator_created"
    case verifierCreated = "verifier_created"
    case verifierUpdated = "verifier_updated"
    case verifierDeleted = "verifier_deleted"
    case twoFactorSettingsChanged = "two_factor_settings_changed"
    case graceGranted = "grace_granted"
    case graceExtended = "grace_extended"

    // The doors.
    case callerRefused = "caller_refused"

    /// What happened, for whoever reads the audit.
    package var sentence: String {
        switch self {
        case .signInStarted: "The first proof was right and a sign-in began."
        case .passwordProved: "A password was proved."
        case .passwordRefused: "A sign-in was refused at the password."
        case .signInCompleted: "The sign-in was completed and a session was opened."
        case .factorProved: "A second factor was proved."
        case .factorRefused: "A second factor was refused."
        case .passkeyCounterRegressed:
            "A passkey was disabled because its counter had not grown: it may have been copied."
        case .codeReused: "A code was refused because it had been used."
        case .steppedUp: "A user proved himself again inside a session."
        case .sessionEnded: "A session was ended."
        case .sessionsEnded: "All sessions of the user were ended."
        case .sessionHandedOver: "A session was taken to a protected host."
        case .bindingBegun: "A seed was made that waits for its first code."
        case .bindingRefused: "A binding was refused at its first code."
        case .authenticatorBound: "An authenticator was bound."
        case .authenticatorUnbound: "An authenticator was unbound."
        case .authenticatorsReset: "An administrator removed all authenticators of the user."
        case .authenticatorDisabled: "An authenticator was disabled after too many failures."
        case .recoveryCodeUsed: "A recovery code was used in the place of a second factor."
        case .recoveryCodesMade: "Recovery codes were made; older ones are void."
        case .passwordChanged: "The password was changed."
        case .passwordResetBegun: "A link for a new password was asked for."
        case .initialPasswordSet: "An initial password was set."
        case .authenticatorsImported: "What an imported user brought with him was taken over."
        case .messageSent: "A message with a code was sent."
        case .messageRefused: "A message was refused, because too many were sent."
        case .messageAlarm: "Messages cost more than they are of use."
        case .userCreated: "A user was created."
        case .userImported: "A user was imported from another system."
        case .userDisabled: "A user was disabled."
        case .userEnabled: "A user was enabled again."
        case .userUnlocked: "An administrator unlocked what failures had locked."
        case .administratorCreated: "An administrator was created."
        case .verifierCreated: "A verifier was created."
        case .verifierUpdated: "A verifier was changed."
        case .verifierDeleted: "A verifier was deleted."
        case .twoFactorSettingsChanged: "The two-factor settings were changed."
        case .graceGranted: "A user was let in who may put off binding for some time."
        case .graceExtended: "An administrator changed until when a user may put off binding."
        case .callerRefused: "A caller was refused a method it may not use."
        }
    }
}
