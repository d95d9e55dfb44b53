import Contracts
import Mail
import Wire

/// By what a message travels.
enum MessageChannel: String, Sendable, CaseIterable {
    case mail
    case sms
}

/// What a message is about; the word stands in the outbox and in the log.
enum MessageSubject: String, Word {
    case authenticatorBound = "authenticator_bound"
    case authenticatorUnbound = "authenticator_unbound"
    case authenticatorDisabled = "authenticator_disabled"
    case recoveryCodeUsed = "recovery_code_used"
    case recoveryCodesMade = "recovery_codes_made"
    case passwordChanged = "password_changed"
    case passwordDisabled = "password_disabled"
    case passkeyDisabled = "passkey_disabled"
    case newDevice = "new_device"
    case reportedNotMe = "reported_not_me"
    case trustedDeviceReused = "trusted_device_reused"
    case settingsWeakened = "settings_weakened"
    case weakeningProposed = "weakening_proposed"
    case passwordReset = "password_reset"
    case signInCode = "sign_in_code"
    case bindingCode = "binding_code"
    case stepUpCode = "step_up_code"
    case invitation
    case signUp = "sign_up"
    case signUpKnown = "sign_up_known"
    case resetRequested = "reset_requested"
    case addressChanged = "address_changed"
    case test

    init(_ event: NoticeEvent) {
        switch event {
        case .authenticatorBound: self = .authenticatorBound
        case .authenticatorUnbound: self = .authenticatorUnbound
        case .authenticatorDisabled: self = .authenticatorDisabled
        case .recoveryCodeUsed: self = .recoveryCodeUsed
        case .recoveryCodesMade: self = .recoveryCodesMade
        case .passwordChanged: self = .passwordChanged
        case .passwordDisabled: self = .passwordDisabled
        case .passkeyDisabled: self = .passkeyDisabled
        case .newDevice: self = .newDevice
        case .reportedNotMe: self = .reportedNotMe
        case .trustedDeviceReused: self = .trustedDeviceReused
        case .settingsWeakened: self = .settingsWeakened
        case .weakeningProposed: self = .weakeningProposed
        case .resetRequested: self = .resetRequested
        case .addressChanged: self = .addressChanged
        }
    }

    init(codeFor purpose: Purpose) {
        switch purpose {
        case .signIn: self = .signInCode
        case .bind: self = .bindingCode
        case .stepUp, .unbind: self = .stepUpCode
        }
    }

    /// For how long it is tried: what it says would not be of use any more.
    var lifetime: Duration {
        switch self {
        case .authenticatorBound, .authenticatorUnbound, .authenticatorDisabled,
            .recoveryCodeUsed, .recoveryCodesMade, .passwordChanged, .passwordDisabled,
            .passkeyDisabled, .newDevice, .reportedNotMe, .trustedDeviceReused, .settingsWeakened,
            .weakeningProposed, .signUpKnown, .resetRequested, .addressChanged:
            .seconds(3 * 24 * 3600)
        case .passwordReset: .seconds(30 * 60)
        case .invitation: .seconds(7 * 24 * 3600)
        case .signUp: .seconds(24 * 3600)
        case .signInCode, .bindingCode, .stepUpCode, .test: MessageCode.lifetime
        }
    }
}

/// A message as the outbox holds it, sealed. It says what is told and whom; the text is made when
/// it is sent, by the settings of that moment.
struct OutboundMessage: Message {
    static let name = "OutboundMessage"
    static let about = "A message that waits in the outbox."

    var subject: MessageSubject
    /// An address or a number.
    var receiver: String
    var locale: String
    var displayName: String
    /// From where, as far as known.
    var place = ""
    /// The title of the verifier that it is about, or the name of a device.
    var title = ""
    /// Recovery codes that are left.
    var left: UInt32 = 0
    /// A code, or a link's token.
    var secret = ""
    /// The verifier whose settings say how it is sent, where a verifier says it.
    var verifier = ""

    init(_ subject: MessageSubject, to receiver: NoticeReceiver) {
        self.subject = subject
        self.receiver = receiver.address
        locale = receiver.locale
        displayName = receiver.displayName
    }

    init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        subject = try coder.required(1, "subject", it?.subject, "What it is about.")
        receiver = try coder.field(2, "receiver", it?.receiver, max: 320, "Whom it goes to.")
        locale = try coder.field(3, "locale", it?.locale, max: 35, "The language of its text.")
        displayName = try coder.field(
            4, "displayName", it?.displayName, max: 256, "How the receiver is called.")
        place = try coder.field(5, "place", it?.place, max: 128, "From where.")
        title = try coder.field(6, "title", it?.title, max: 256, "Of the verifier or device.")
        left = try coder.field(7, "left", it?.left, "Recovery codes.")
        secret = try coder.field(8, "secret", it?.secret, max: 64, "A code or a token.")
        verifier = try coder.field(9, "verifier", it?.verifier, max: 64, "Whose settings.")
    }
}

extension OutboundMessage: CustomStringConvertible, CustomReflectable {
    /// Nothing of it but its subject, so that no log shows whom it goes to or what it says.
    var description: String { "a message: \(subject.rawValue)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
