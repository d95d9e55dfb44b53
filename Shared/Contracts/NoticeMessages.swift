import Wire

/// Whom a notice goes to.
package struct NoticeReceiver: Message {
    package static let name = "NoticeReceiver"
    package static let about = "Whom a notice goes to."

    package var address: String
    package var locale: String
    package var displayName: String

    package init(address: String, locale: String, displayName: String) {
        self.address = address
        self.locale = locale
        self.displayName = displayName
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        address = try coder.field(1, "address", it?.address, max: 320, "An e-mail address.")
        locale = try coder.field(
            2, "locale", it?.locale, max: 35, "The language it is written in (BCP 47).")
        displayName = try coder.field(
            3, "displayName", it?.displayName, max: 256, "How the receiver is called.")
    }
}

/// Tells a user what happened to his account.
package struct SendNotice: Message {
    package static let name = "SendNotice"
    package static let about = "Tells a user what happened to his account."

    package var user: UserID
    package var receiver: NoticeReceiver
    package var event: NoticeEvent
    package var place: String

    package init(user: UserID, receiver: NoticeReceiver, event: NoticeEvent, place: String) {
        self.user = user
        self.receiver = receiver
        self.event = event
        self.place = place
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        receiver = try coder.required(2, "receiver", it?.receiver, "Where to.")
        event = try coder.required(3, "event", it?.event, "What happened.")
        place = try coder.field(4, "place", it?.place, max: 128, "From where, as far as known.")
    }
}

/// It goes out as soon as the mail server takes it.
package struct NoticeQueued: Message {
    package static let name = "NoticeQueued"
    package static let about = "It goes out as soon as the mail server takes it."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Wants a link for a new password to be sent. An unknown user is counted and answered alike.
package struct BeginReset: Message {
    package static let name = "BeginReset"
    package static let about =
        "Wants a link for a new password to be sent. An unknown user is counted and answered alike."

    package var user: UserID
    package var receiver: NoticeReceiver?

    package init(user: UserID, receiver: NoticeReceiver? = nil) {
        self.user = user
        self.receiver = receiver
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        receiver = try coder.optional(
            2, "receiver", it?.receiver, "Where to; absent for names that nobody has.")
    }
}

/// Whether or not there was anybody to send it to.
package struct ResetBegun: Message {
    package static let name = "ResetBegun"
    package static let about = "Whether or not there was anybody to send it to."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Whose password a link may replace.
package struct FindReset: Message {
    package static let name = "FindReset"
    package static let about = "Whose password a link may replace."

    package var token: ResetToken

    package init(token: ResetToken) {
        self.token = token
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        token = try coder.required(1, "token", it?.token, "From the link.")
    }
}

/// The link is good still.
package struct ResetFound: Message {
    package static let name = "ResetFound"
    package static let about = "The link is good still."

    package var user: UserID

    package init(user: UserID) {
        self.user = user
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
    }
}
