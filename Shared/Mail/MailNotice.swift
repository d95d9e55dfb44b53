import Wire

/// The languages that mails are written in.
package enum MailLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case dutch = "nl"
    case chinese = "zh"

    /// The language of a tag as users have it (RFC 5646), by its first part; English for others.
    package init(tag: String) {
        let first = tag.split(separator: "-").first.map { $0.lowercased() } ?? ""
        self = MailLanguage(rawValue: first) ?? .english
    }
}

/// Why somebody gets a mail, with what it has to say.
package enum MailNotice: Sendable, Equatable {
    /// A one-time code, and for how many minutes it works.
    case code(MailCode, CodePurpose, minutes: Int)
    case passwordReset(MailLink, minutes: Int)
    /// An administrator has made an account, whose first password is chosen by the link.
    case invitation(MailLink, days: Int)
    /// Somebody wants to make himself an account with this address.
    case signUp(MailLink, days: Int)
    /// The same, with an address that has an account.
    case signUpKnown
    /// To administrators: one wants another's second factors removed.
    case resetRequested
    /// Something was bound: the title of its verifier.
    case authenticatorBound(MailText)
    case authenticatorUnbound(MailText)
    case recoveryCodeUsed(left: Int)
    /// A new set, which makes the old one void.
    case recoveryCodesMade
    case passwordChanged
    /// Too many wrong ones were tried.
    case passwordDisabled
    /// Somebody signed in with a browser not seen before, and what it calls itself.
    case newDevice(MailText?)
    /// What a trusted device holds came twice, so two have it.
    case trustedDeviceReused
    /// To an administrator: the settings ask less of somebody from now on, or will.
    case settingsWeakened
    case weakeningProposed
    /// An operator tries whether mail arrives.
    case test
    case authenticatorDisabled(MailText)
    /// Its counter had not grown.
    case passkeyDisabled(MailText)
    /// Somebody in a session of the user has said that another sign-in was not his.
    case reportedNotMe
    /// To the earlier address of an account.
    case addressChanged

    package enum CodePurpose: Sendable, CaseIterable {
        case signIn, bind, stepUp
    }

    /// What it is about, without any value: all that a subject gets to see.
    package enum Kind: Sendable, Hashable, CaseIterable {
        case codeForSignIn, codeForBinding, codeForStepUp
        case passwordReset, authenticatorBound, authenticatorUnbound, recoveryCodeUsed
        case recoveryCodesMade, passwordChanged, passwordDisabled, newDevice
        case trustedDeviceReused, authenticatorDisabled, passkeyDisabled, reportedNotMe
        case settingsWeakened, weakeningProposed, test
        case invitation, signUp, signUpKnown, resetRequested, addressChanged
    }

    package var kind: Kind {
        switch self {
        case .code(_, .signIn, _): .codeForSignIn
        case .code(_, .bind, _): .codeForBinding
        case .code(_, .stepUp, _): .codeForStepUp
        case .passwordReset: .passwordReset
        case .authenticatorBound: .authenticatorBound
        case .authenticatorUnbound: .authenticatorUnbound
        case .recoveryCodeUsed: .recoveryCodeUsed
        case .recoveryCodesMade: .recoveryCodesMade
        case .passwordChanged: .passwordChanged
        case .passwordDisabled: .passwordDisabled
        case .newDevice: .newDevice
        case .trustedDeviceReused: .trustedDeviceReused
        case .settingsWeakened: .settingsWeakened
        case .weakeningProposed: .weakeningProposed
        case .test: .test
        case .authenticatorDisabled: .authenticatorDisabled
        case .passkeyDisabled: .passkeyDisabled
        case .reportedNotMe: .reportedNotMe
        case .invitation: .invitation
        case .signUp: .signUp
        case .signUpKnown: .signUpKnown
        case .resetRequested: .resetRequested
        case .addressChanged: .addressChanged
        }
    }

    /// Of the verifier that it is about.
    var title: MailText? {
        switch self {
        case .authenticatorBound(let title), .authenticatorUnbound(let title),
            .authenticatorDisabled(let title), .passkeyDisabled(let title):
            title
        case .code, .passwordReset, .recoveryCodeUsed, .recoveryCodesMade, .passwordChanged,
            .passwordDisabled, .newDevice, .reportedNotMe, .trustedDeviceReused,
            .settingsWeakened, .weakeningProposed, .test, .invitation, .signUp, .signUpKnown,
            .resetRequested, .addressChanged:
            nil
        }
    }
}

/// A one-time code of 4 to 10 digits, which nothing prints by accident.
package struct MailCode: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    let digits: String

    package init?(_ digits: String) {
        guard (4...10).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.digits = digits
    }

    package var description: String { "a code" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What is known beside the notice itself.
package struct MailCircumstances: Sendable, Equatable {
    /// The title of the product that somebody signs in to.
    package let product: MailText
    /// How the user is called; one that looks like a link is left out.
    package let userName: MailText?
    package let time: Timestamp
    /// Where from, as far as it is known.
    package let place: MailText?
    /// The page on which he can undo it, where our own address is set.
    package let securityPage: MailLink?

    package init(
        product: MailText, userName: MailText?, time: Timestamp, place: MailText?,
        securityPage: MailLink?
    ) {
        self.product = product
        self.userName = userName.flatMap { $0.looksLikeLink ? nil : $0 }
        self.time = time
        self.place = place
        self.securityPage = securityPage
    }
}

/// Every sentence that a mail may hold. Each language is one switch over them, so that none can
/// lack one.
enum MailSentence: Sendable, Equatable {
    case subject(MailNotice.Kind, product: String)
    case greeting(name: String?)
    /// What happened, or what follows; to the verifier of this title, where it is about one.
    case lead(MailNotice.Kind, title: String, product: String)
    case recoveryCodesLeft(Int)
    case codeWorksFor(minutes: Int)
    case linkWorksFor(minutes: Int)
    case linkWorksForDays(Int)
    case neverTellCode
    case linkLabel
    /// Of a first password.
    case accountLinkLabel
    /// Of something that was asked for: nothing happens unless it is used.
    case ignoreIfNotYou
    /// The same to somebody who may have no account.
    case ignoreIfUnknown
    case notYouHeading
    case notYouWithPage
    case notYouWithoutPage
    case securityPageLabel
    case timeLabel
    case placeLabel
    case deviceLabel
    case automatic(product: String)

    func text(in language: MailLanguage) -> String {
        switch language {
        case .english: english
        case .dutch: dutch
        case .chinese: chinese
        }
    }
}
