import Wire

package enum UserKind: IdentifierKind { package static let noun = "user" }
package enum AuthenticatorKind: IdentifierKind { package static let noun = "authenticator" }
package enum SessionKind: IdentifierKind { package static let noun = "session" }
package enum DeviceKind: IdentifierKind { package static let noun = "known device" }
package enum TrustedDeviceKind: IdentifierKind { package static let noun = "trusted device" }
package enum ContextKind: IdentifierKind {
    package static let noun = "pending sign-in or session"
}

package typealias UserID = Identifier<UserKind>
package typealias AuthenticatorID = Identifier<AuthenticatorKind>
package typealias SessionID = Identifier<SessionKind>
/// A browser that has signed in to one account before. No secret: what the browser holds is a
/// `DeviceToken`.
package typealias DeviceID = Identifier<DeviceKind>
/// A device that its owner trusts. No secret: what the device holds is a `TrustToken`.
package typealias TrustedDeviceID = Identifier<TrustedDeviceKind>
/// What a binding belongs to: it can be confirmed only where it was begun.
package typealias ContextID = Identifier<ContextKind>

/// The name an administrator gives a verifier: 1 to 64 of `a-z A-Z 0-9 _ -`, fixed once made.
package struct VerifierUID: Scalar, Hashable {
    package let text: String

    package init?(_ text: String) {
        let allowed = text.utf8.allSatisfy { character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard allowed, (1...64).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    package init(raw: String) throws(ScalarRefusal) {
        guard let it = Self(raw) else { throw ScalarRefusal() }
        self = it
    }
    package var raw: String { text }
    package static var sizeMax: Int? { 64 }
    package static var sample: VerifierUID { VerifierUID("v_sample")! }
    package static var note: String { "1 to 64 of a-z A-Z 0-9 _ -." }
}

extension VerifierUID: CustomStringConvertible {
    package var description: String { text }
}

/// 256 random bits as 43 characters of base64url, shown to one party and kept elsewhere only as
/// a digest. Never printed.
package struct OpaqueToken<Kind: IdentifierKind>: Scalar, Hashable {
    /// The 43 characters.
    package let text: String

    /// From 32 random bytes, else nil.
    package init?(random bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        text = Base64URL.encode(bytes)
    }

    package init(raw: String) throws(ScalarRefusal) {
        guard raw.utf8.count == 43, let bytes = Base64URL.decode(raw.utf8), bytes.count == 32
        else { throw ScalarRefusal() }
        text = raw
    }
    package var raw: String { text }
    package static var sizeMax: Int? { 43 }
    package static var sample: OpaqueToken {
        OpaqueToken(random: [UInt8](repeating: 7, count: 32))!
    }
    package static var note: String { "43 characters of base64url; a secret." }
}

extension OpaqueToken: CustomStringConvertible {
    /// Blank, so that no log or error shows it by accident.
    package var description: String { "(\(Kind.noun))" }
}

package enum TicketKind: IdentifierKind { package static let noun = "ticket" }
package enum SessionTokenKind: IdentifierKind { package static let noun = "session token" }
package enum DeviceTokenKind: IdentifierKind { package static let noun = "device token" }

package enum TrustTokenKind: IdentifierKind { package static let noun = "trust token" }
package enum ResetTokenKind: IdentifierKind { package static let noun = "reset token" }

/// What a link to choose a new password carries.
package typealias ResetToken = OpaqueToken<ResetTokenKind>

package enum HandOverChallengeKind: IdentifierKind {
    package static let noun = "hand-over challenge"
}
/// The SHA-256 digest of what a browser holds at a protected host while its owner signs in.
package typealias HandOverChallenge = OpaqueToken<HandOverChallengeKind>

/// The handle of a pending sign-in. It opens nothing but that sign-in's next steps.
package typealias Ticket = OpaqueToken<TicketKind>
package typealias SessionToken = OpaqueToken<SessionTokenKind>
/// What a browser is known again by. It opens nothing.
package typealias DeviceToken = OpaqueToken<DeviceTokenKind>
/// What stands in for a second factor once, beside the right password and where policy allows it.
package typealias TrustToken = OpaqueToken<TrustTokenKind>

/// The kinds of verifier.
package enum VerifierType: String, Word {
    case totp, sms, email, passkey
}

/// What an authenticator proves by: the password, or a verifier's kind.
package enum ProofKind: String, Word {
    case password, totp, sms, email, passkey, recovery
}

extension ProofKind {
    package init(_ type: VerifierType) {
        switch type {
        case .totp: self = .totp
        case .sms: self = .sms
        case .email: self = .email
        case .passkey: self = .passkey
        }
    }
}

/// What a user may do beyond his own account.
package enum Role: String, Word {
    case administrator
}

/// How somebody proved himself, in the words of RFC 8176 §2.
package enum AuthenticationMethod: String, Word {
    case password = "pwd"
    case oneTimePassword = "otp"
    case textMessage = "sms"
    case proofOfPossession = "pop"
    case multipleFactors = "mfa"
}

/// How a sign-in began.
package enum SignInMethod: String, Word {
    case password, passkey
    /// An identity provider has signed the user in.
    case singleSignOn = "single_sign_on"
}

/// What a proved code is to open.
package enum Purpose: String, Word {
    case signIn = "sign_in"
    case stepUp = "step_up"
    case unbind
    case bind
}

/// Who is asked for a second factor. A user who has bound one is asked for it in any case.
package enum Enforcement: String, Word {
    case administrators, everyone
}

/// What policy wants of a sign-in.
package enum Outcome: Int32, Enumeration {
    case deny = 0
    case allow = 1
    case verify = 2
    case bind = 3

    package static let name = "Outcome"
    package static let about = "What a sign-in needs before its session opens."
    package var name: String {
        switch self {
        case .deny: "OUTCOME_DENY"
        case .allow: "OUTCOME_ALLOW"
        case .verify: "OUTCOME_VERIFY"
        case .bind: "OUTCOME_BIND"
        }
    }
    package var about: String {
        switch self {
        case .deny: "It cannot be completed."
        case .allow: "Nothing more."
        case .verify: "One of the verifiers has to be proved."
        case .bind: "One of the verifiers has to be bound."
        }
    }
}

/// What a user is told of by mail.
package enum NoticeEvent: String, Word {
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
    /// To every administrator: the two-factor settings ask less than before.
    case settingsWeakened = "settings_weakened"
    /// To every administrator: somebody wants that, and it waits.
    case weakeningProposed = "weakening_proposed"
    case resetRequested = "reset_requested"
    /// To the earlier address.
    case addressChanged = "address_changed"
}
