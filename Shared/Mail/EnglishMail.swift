/// The sentences of mails in English.
extension MailSentence {
    var english: String {
        switch self {
        case .subject(let kind, let product): "\(product): \(Self.englishSubject(kind))"
        case .greeting(nil): "Hello,"
        case .greeting(let name?): "Hello \(name),"
        case .lead(let kind, let title, let product): Self.englishLead(kind, title, product)
        case .recoveryCodesLeft(0): "You have no recovery code left. Make new ones soon."
        case .recoveryCodesLeft(1): "You have 1 recovery code left. Make new ones soon."
        case .recoveryCodesLeft(let left): "You have \(left) recovery codes left."
        case .codeWorksFor(1): "The code works once, within 1 minute."
        case .codeWorksFor(let minutes): "The code works once, within \(minutes) minutes."
        case .linkWorksFor(1): "The link works once, within 1 minute."
        case .linkWorksFor(let minutes): "The link works once, within \(minutes) minutes."
        case .linkWorksForDays(1): "The link works once, within a day."
        case .linkWorksForDays(let days): "The link works once, within \(days) days."
        case .neverTellCode: "Tell it to nobody. Nobody of ours will ever ask you for it."
        case .linkLabel: "Choose a new password"
        case .accountLinkLabel: "Set up your account"
        case .ignoreIfUnknown:
            "If you do not know what this is about, you need not do anything."
        case .ignoreIfNotYou:
            "If you have not asked for this, you need not do anything. Should it happen again, "
                + "change your password."
        case .notYouHeading: "Was that not you?"
        case .notYouWithPage:
            "Then somebody else may have got into your account. End all sessions and choose a new "
                + "password on the security page:"
        case .notYouWithoutPage:
            "Then somebody else may have got into your account. Sign in, end all sessions, choose "
                + "a new password, and tell your administrator."
        case .securityPageLabel: "Security page"
        case .timeLabel: "Time"
        case .placeLabel: "Place"
        case .deviceLabel: "Device"
        case .automatic(let product):
            "\(product) has sent this mail by itself. Answers are not read."
        }
    }

    private static func englishSubject(_ kind: MailNotice.Kind) -> String {
        switch kind {
        case .codeForSignIn: "your code to sign in"
        case .codeForBinding: "your code to confirm this address"
        case .codeForStepUp: "your code to confirm that it is you"
        case .passwordReset: "choose a new password"
        case .authenticatorBound: "a second factor was added"
        case .authenticatorUnbound: "a second factor was removed"
        case .recoveryCodeUsed: "a recovery code was used"
        case .recoveryCodesMade: "new recovery codes were made"
        case .passwordChanged: "your password was changed"
        case .passwordDisabled: "your password was switched off"
        case .newDevice: "a new device signed in"
        case .trustedDeviceReused: "a trusted device is trusted no more"
        case .settingsWeakened: "the two-factor settings ask for less"
        case .weakeningProposed: "weaker two-factor settings are asked for"
        case .test: "a test message"
        case .authenticatorDisabled: "a second factor was switched off"
        case .passkeyDisabled: "a passkey was switched off"
        case .reportedNotMe: "all your sessions were ended"
        case .invitation: "you are invited"
        case .signUp: "confirm your address"
        case .signUpKnown: "you have an account already"
        case .resetRequested: "a reset waits for a second administrator"
        case .addressChanged: "your e-mail address was changed"
        }
    }

    private static func englishLead(
        _ kind: MailNotice.Kind, _ title: String, _ product: String
    ) -> String {
        switch kind {
        case .codeForSignIn: "This is your code to sign in to \(product):"
        case .codeForBinding:
            "This is the code to confirm this address as a second factor at \(product):"
        case .codeForStepUp: "This is the code to confirm at \(product) that it is you:"
        case .passwordReset:
            "Somebody, hopefully you, has asked for a new password for your account at \(product)."
        case .recoveryCodeUsed: "A recovery code was used to sign in to \(product)."
        case .recoveryCodesMade:
            "New recovery codes were made for your account at \(product); the old ones work no "
                + "more."
        case .passwordChanged: "The password of your account at \(product) was changed."
        case .invitation:
            "An account at \(product) was made for you. Choose a password to set it up."
        case .signUp:
            "Somebody, hopefully you, wants to make an account at \(product) with this address."
        case .signUpKnown:
            "Somebody, hopefully you, wanted to make an account at \(product) with this address. "
                + "There is one already: sign in, or ask for a new password there."
        case .resetRequested:
            "An administrator of \(product) has asked for the second factors of another one to be "
                + "removed. A second administrator has to approve it; any can refuse it."
        case .addressChanged:
            "An administrator has changed the e-mail address of your account at \(product). What "
                + "is told about the account goes to another address from now on."
        case .passwordDisabled:
            "The password of your account at \(product) was switched off after too many wrong "
                + "tries. An administrator can switch it on again."
        case .test: "Mail from \(product) arrives. There is nothing to do."
        case .trustedDeviceReused:
            "Somebody with your password signed in to \(product) with what a trusted device of "
                + "yours had used before, so it may have been copied. The device is trusted no "
                + "more; the second factor is asked for on it again."
        case .newDevice: "Your account at \(product) was signed in to from a new device."
        case .reportedNotMe:
            "In your account at \(product) it was said that somebody else was there. All sessions "
                + "were ended, and the next sign-in with the password asks for a new one."
        case .settingsWeakened:
            "An administrator has made the two-factor settings of \(product) weaker. If you do "
                + "not know why, look at them now: they can be put back."
        case .weakeningProposed:
            "An administrator of \(product) wants weaker two-factor settings. They wait. If you "
                + "do not know why, take the change back before its time is over."
        case .authenticatorBound:
            "“\(title)” was added to your account at \(product) as a second factor."
        case .authenticatorUnbound:
            "“\(title)” was removed from your account at \(product) as a second factor."
        case .authenticatorDisabled:
            "“\(title)” of your account at \(product) was switched off after too many wrong "
                + "codes. An administrator can help you to set it up again."
        case .passkeyDisabled:
            "“\(title)” of your account at \(product) was switched off, because it was used in a "
                + "way that shows when a passkey has been copied. An administrator can help you "
                + "to set up another one."
        }
    }
}
