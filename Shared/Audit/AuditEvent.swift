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
    case deviceTrusted = "device_trusted"
    case trustedDeviceUsed = "trusted_device_used"
    case trustedDeviceReused = "trusted_device_reused"
    case trustedDeviceForgotten = "trusted_device_forgotten"

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
    case authenticatorRenamed = "authenticator_renamed"
    case profileChanged = "profile_changed"

    // Messages.
    case messageSent = "message_sent"
    case messageRefused = "message_refused"
    case messageAlarm = "message_alarm"

    // Administration.
    case userCreated = "user_created"
    case userImported = "user_imported"
    case userDisabled = "user_disabled"
    case userEnabled = "user_enabled"
    case userUpdated = "user_updated"
    case rolesChanged = "roles_changed"
    case userUnlocked = "user_unlocked"
    case administratorCreated = "administrator_created"
    case resetRequested = "reset_requested"
    case resetApproved = "reset_approved"
    case resetRefused = "reset_refused"
    case administratorRestored = "administrator_restored"
    case databaseRestored = "database_restored"
    case lostKeysDiscarded = "lost_keys_discarded"
    case userErasureBegun = "user_erasure_begun"
    case userErased = "user_erased"
    case invitationSent = "invitation_sent"
    case signUpBegun = "sign_up_begun"
    case userSignedUp = "user_signed_up"
    case verifierCreated = "verifier_created"
    case verifierUpdated = "verifier_updated"
    case verifierDeleted = "verifier_deleted"
    case twoFactorSettingsChanged = "two_factor_settings_changed"
    case settingsChangeProposed = "settings_change_proposed"
    case settingsChangeWithdrawn = "settings_change_withdrawn"
    case graceGranted = "grace_granted"
    case graceExtended = "grace_extended"

    // The doors.
    case callerRefused = "caller_refused"
    case networkRefused = "network_refused"

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
        case .deviceTrusted: "A user has trusted a device beside the factor he had proved."
        case .trustedDeviceUsed: "A trusted device stood in for the second factor."
        case .trustedDeviceReused:
            "The trust in a device was ended because a token of it came again: it may have been "
                + "copied."
        case .trustedDeviceForgotten: "The trust in a device was ended."
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
        case .authenticatorRenamed: "A user called an authenticator by another name."
        case .profileChanged: "A user changed his name or language."
        case .messageSent: "A message with a code was sent."
        case .messageRefused: "A message was refused, because too many were sent."
        case .messageAlarm: "Messages cost more than they are of use."
        case .userCreated: "A user was created."
        case .userImported: "A user was imported from another system."
        case .userDisabled: "A user was disabled."
        case .rolesChanged: "A user was given other roles."
        case .userEnabled: "A user was enabled again."
        case .userUpdated: "An administrator changed a user's name or addresses."
        case .userUnlocked: "An administrator unlocked what failures had locked."
        case .administratorCreated: "An administrator was created."
        case .resetRequested: "An administrator asked for another's second factors to be removed."
        case .resetApproved: "A second administrator approved it."
        case .resetRefused: "An administrator refused it."
        case .administratorRestored: "An administrator was restored on the machine itself."
        case .databaseRestored: "What an older state of the database had open again was ended."
        case .lostKeysDiscarded: "What lost keys had sealed was discarded."
        case .userErasureBegun: "A user is being erased."
        case .userErased: "All there was of a user was erased."
        case .invitationSent: "A link for a first password was sent."
        case .signUpBegun: "A link to make an account was asked for."
        case .userSignedUp: "Somebody made himself an account."
        case .verifierCreated: "A verifier was created."
        case .verifierUpdated: "A verifier was changed."
        case .verifierDeleted: "A verifier was deleted."
        case .twoFactorSettingsChanged: "The two-factor settings were changed."
        case .settingsChangeProposed: "Weaker settings were asked for, and wait."
        case .settingsChangeWithdrawn: "Weaker settings that waited were taken back."
        case .graceGranted: "A user was let in who may put off binding for some time."
        case .graceExtended: "An administrator changed until when a user may put off binding."
        case .networkRefused: "Somebody was refused because of where he came from."
        case .callerRefused: "A caller was refused a method it may not use."
        }
    }
}

extension AuditEvent {
    /// Whether whoever it was done to sees it among the events of his account: what he may want
    /// to say "that was not me" of, and what was done to him. The steps in between, and what
    /// administrators prepare, are left out.
    package var isShownToOwner: Bool {
        switch self {
        case .signInCompleted, .passwordRefused, .factorProved, .factorRefused,
            .passkeyCounterRegressed, .codeReused, .steppedUp, .sessionEnded, .sessionsEnded,
            .sessionHandedOver, .deviceTrusted, .trustedDeviceUsed, .trustedDeviceReused,
            .trustedDeviceForgotten, .networkRefused:
            true
        case .bindingRefused, .authenticatorBound, .authenticatorUnbound, .authenticatorsReset,
            .authenticatorDisabled, .authenticatorsImported, .authenticatorRenamed,
            .recoveryCodeUsed, .recoveryCodesMade, .passwordChanged, .passwordResetBegun,
            .initialPasswordSet:
            true
        case .userCreated, .userImported, .userSignedUp, .userDisabled, .userEnabled,
            .rolesChanged, .userUnlocked, .administratorCreated, .administratorRestored,
            .resetRequested, .resetApproved, .resetRefused, .graceGranted, .graceExtended,
            .profileChanged, .userUpdated:
            true
        case .signInStarted, .passwordProved, .bindingBegun, .messageSent, .messageRefused,
            .messageAlarm, .userErasureBegun, .userErased, .invitationSent, .signUpBegun,
            .verifierCreated, .verifierUpdated, .verifierDeleted, .twoFactorSettingsChanged,
            .settingsChangeProposed, .settingsChangeWithdrawn, .callerRefused, .databaseRestored,
            .lostKeysDiscarded:
            false
        }
    }

    /// Those that owners see.
    package static let shownToOwner = allCases.filter(\.isShownToOwner)

    /// The keys of details that owners see: none of them is text that somebody else has typed,
    /// or says who that was.
    package static let detailsShownToOwner: Set<String> = [
        "authenticator", "because", "fields", "host", "kind", "known_device", "method", "purpose",
        "refusal", "roles", "unlocked", "until", "verifier",
    ]
}
