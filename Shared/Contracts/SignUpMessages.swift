import Wire

package enum SignUpTokenKind: IdentifierKind { package static let noun = "sign-up token" }

/// What a link carries with which somebody makes himself an account.
package typealias SignUpToken = OpaqueToken<SignUpTokenKind>

/// Wants a link to be sent to an address, with which its owner makes himself an account.
package struct SignUp: Message {
    package static let name = "SignUp"
    package static let about =
        "Wants a link to be sent to an address, with which its owner makes himself an account."

    package var email: String
    package var locale: String

    package init(email: String, locale: String = "") {
        self.email = email
        self.locale = locale
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        email = try coder.field(1, "email", it?.email, max: 320, "His address.")
        locale = try coder.field(
            2, "locale", it?.locale, max: 35,
            "Of the mail and of the account (BCP 47); empty for the installation's default.")
    }
}

/// A mail is on its way; what it says, its reader knows.
package struct SignUpSent: Message {
    package static let name = "SignUpSent"
    package static let about = "A mail is on its way; what it says, its reader knows."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Makes an account by a link that was sent.
package struct ConfirmSignUp: Message {
    package static let name = "ConfirmSignUp"
    package static let about = "Makes an account by a link that was sent."

    package var token: SignUpToken
    package var name: String
    package var displayName: String
    package var newPassword: String

    package init(token: SignUpToken, name: String, displayName: String, newPassword: String) {
        self.token = token
        self.name = name
        self.displayName = displayName
        self.newPassword = newPassword
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        token = try coder.required(1, "token", it?.token, "From the link.")
        name = try coder.field(
            2, "name", it?.name, max: 256,
            "The name to sign in with: 1 to 50 characters without @ < > quotes or slash.")
        displayName = try coder.field(
            3, "displayName", it?.displayName, max: 256,
            "The name to be called by; the other when empty.")
        newPassword = try coder.field(
            4, "newPassword", it?.newPassword, max: 1024,
            "8 code points at least where a second factor is asked, 15 else.")
    }
}

/// The account is there; its owner signs in like everybody.
package struct SignUpConfirmed: Message {
    package static let name = "SignUpConfirmed"
    package static let about = "The account is there; its owner signs in like everybody."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Wants the mail to be sent that answers a sign-up. Whatever it says takes as long.
package struct SendSignUp: Message {
    package static let name = "SendSignUp"
    package static let about =
        "Wants the mail to be sent that answers a sign-up. Whatever it says takes as long."

    package var user: UserID
    package var receiver: NoticeReceiver?
    package var token: SignUpToken?

    package init(user: UserID, receiver: NoticeReceiver?, token: SignUpToken?) {
        self.user = user
        self.receiver = receiver
        self.token = token
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Who becomes of it.")
        receiver = try coder.optional(
            2, "receiver", it?.receiver, "Where to; absent where enough was sent.")
        token = try coder.optional(
            3, "token", it?.token, "Of the link; absent where there is an account already.")
    }
}

/// Whether or not there was anybody to send it to.
package struct SignUpQueued: Message {
    package static let name = "SignUpQueued"
    package static let about = "Whether or not there was anybody to send it to."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Sets the first password of somebody who chose it himself and has never proved one.
package struct SetChosenPassword: Message {
    package static let name = "SetChosenPassword"
    package static let about =
        "Sets the first password of somebody who chose it himself and has never proved one."

    package var user: UserID
    package var password: String
    package var secondFactorAsked: Bool
    package var contextWords: [String]
    package var lengthMin: UInt32

    package init(
        user: UserID, password: String, secondFactorAsked: Bool, contextWords: [String],
        lengthMin: UInt32
    ) {
        self.user = user
        self.password = password
        self.secondFactorAsked = secondFactorAsked
        self.contextWords = contextWords
        self.lengthMin = lengthMin
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        password = try coder.field(
            2, "password", it?.password, max: 1024, "As typed.")
        secondFactorAsked = try coder.field(
            3, "secondFactorAsked", it?.secondFactorAsked,
            "True when policy asks for a second factor: the password may be shorter.")
        contextWords = try coder.list(
            4, "contextWords", it?.contextWords, max: 8, each: 320,
            "What the password must not be.")
        lengthMin = try coder.field(
            5, "lengthMin", it?.lengthMin, "The fewest code points; zero for what any needs.")
    }
}

/// It is in force, for whoever comes to be the user.
package struct ChosenPasswordSet: Message {
    package static let name = "ChosenPasswordSet"
    package static let about = "It is in force, for whoever comes to be the user."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Asks what a page for signing in may offer.
package struct GetSignInOptions: Message {
    package static let name = "GetSignInOptions"
    package static let about = "Asks what a page for signing in may offer."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// What a page for signing in may offer.
package struct SignInOptions: Message {
    package static let name = "SignInOptions"
    package static let about = "What a page for signing in may offer."

    package var signUp: Bool

    package init(signUp: Bool) {
        self.signUp = signUp
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        signUp = try coder.field(
            1, "signUp", it?.signUp, "True where people may make accounts of their own.")
    }
}
