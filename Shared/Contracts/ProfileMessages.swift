import Wire

/// The languages that mails are written in, as users may choose one.
package enum MessageLanguage: String, Sendable, CaseIterable {
    case english = "en"
    case dutch = "nl"
    case chinese = "zh"
}

/// Changes what one is called and the language of one's mails.
package struct UpdateProfile: Message {
    package static let name = "UpdateProfile"
    package static let about = "Changes what one is called and the language of one's mails."

    package var displayName: String
    package var locale: String

    package init(displayName: String, locale: String) {
        self.displayName = displayName
        self.locale = locale
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        displayName = try coder.field(
            1, "displayName", it?.displayName, max: 256,
            "The name to be called by; the user name when empty.")
        locale = try coder.field(
            2, "locale", it?.locale, max: 35,
            "`en`, `nl` or `zh`; empty for the installation's default.")
    }
}

/// Changes a user's name and addresses. What is empty is none from then on.
package struct UpdateUser: Message {
    package static let name = "UpdateUser"
    package static let about =
        "Changes a user's name and addresses. What is empty is none from then on."

    package var user: UserID
    package var displayName: String
    package var email: String
    package var phone: String
    package var locale: String
    package var reason: String

    package init(
        user: UserID, displayName: String, email: String, phone: String, locale: String,
        reason: String
    ) {
        self.user = user
        self.displayName = displayName
        self.email = email
        self.phone = phone
        self.locale = locale
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user; not oneself.")
        displayName = try coder.field(
            2, "displayName", it?.displayName, max: 256,
            "The name to be called by; the user name when empty.")
        email = try coder.field(
            3, "email", it?.email, max: 320,
            "Links that were sent to an earlier one work no more, and it is told; empty for none.")
        phone = try coder.field(
            4, "phone", it?.phone, max: 32, "In E.164 form; empty for none.")
        locale = try coder.field(
            5, "locale", it?.locale, max: 35,
            "BCP 47; empty for the installation's default.")
        reason = try coder.field(
            6, "reason", it?.reason, max: 1024,
            "For the audit; must not be empty.")
    }
}

/// Ends what was sent to an address that is a user's no more.
package struct EndLinks: Message {
    package static let name = "EndLinks"
    package static let about = "Ends what was sent to an address that is a user's no more."

    package var user: UserID
    package var notify: NoticeReceiver?

    package init(user: UserID, notify: NoticeReceiver? = nil) {
        self.user = user
        self.notify = notify
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        notify = try coder.optional(
            2, "notify", it?.notify, "The earlier address, where it is to be told.")
    }
}

/// No link of the user's works any more.
package struct LinksEnded: Message {
    package static let name = "LinksEnded"
    package static let about = "No link of the user's works any more."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}
