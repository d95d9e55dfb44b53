import Wire

/// Lets a user put off binding for longer; wants a fresh proof and a reason.
package struct ExtendGrace: Message {
    package static let name = "ExtendGrace"
    package static let about =
        "Lets a user put off binding for longer; wants a fresh proof and a reason."

    package var user: UserID
    package var until: Timestamp
    package var reason: String

    package init(user: UserID, until: Timestamp, reason: String) {
        self.user = user
        self.until = until
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Who.")
        until = try coder.required(
            2, "until", it?.until, "Until when; at most 90 days from now. The past ends it.")
        reason = try coder.field(
            3, "reason", it?.reason, max: 1024, "For the audit; must not be empty.")
    }
}

/// A user may put off binding, as long as policy knows any grace.
package struct GraceExtended: Message {
    package static let name = "GraceExtended"
    package static let about = "A user may put off binding, as long as policy knows any grace."

    package var until: Timestamp

    package init(until: Timestamp) {
        self.until = until
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        until = try coder.required(1, "until", it?.until, "Until when.")
    }
}
