import Wire

/// A user who was sent a link to choose his first password.
package struct UserInvited: Message {
    package static let name = "UserInvited"
    package static let about = "A user who was sent a link to choose his first password."

    package var user: UserView
    package var expiresAt: Timestamp

    package init(user: UserView, expiresAt: Timestamp) {
        self.user = user
        self.expiresAt = expiresAt
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "As stored.")
        expiresAt = try coder.required(
            2, "expiresAt", it?.expiresAt, "When the link works no more.")
    }
}

/// Sends a user, who has chosen no password yet, another link.
package struct RenewInvitation: Message {
    package static let name = "RenewInvitation"
    package static let about =
        "Sends a user, who has chosen no password yet, another link."

    package var user: UserID
    package var reason: String

    package init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whom.")
        reason = try coder.field(2, "reason", it?.reason, max: 1024, "For the audit.")
    }
}

/// Wants a link to be sent with which a user chooses his first password.
package struct SendInvitation: Message {
    package static let name = "SendInvitation"
    package static let about =
        "Wants a link to be sent with which a user chooses his first password."

    package var user: UserID
    package var receiver: NoticeReceiver
    package var actor: UserID?

    package init(user: UserID, receiver: NoticeReceiver, actor: UserID? = nil) {
        self.user = user
        self.receiver = receiver
        self.actor = actor
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        receiver = try coder.required(2, "receiver", it?.receiver, "Where to.")
        actor = try coder.optional(
            3, "actor", it?.actor,
            "The administrator; absent for the installation itself.")
    }
}

/// The link is on its way.
package struct InvitationSent: Message {
    package static let name = "InvitationSent"
    package static let about = "The link is on its way."

    package var expiresAt: Timestamp

    package init(expiresAt: Timestamp) {
        self.expiresAt = expiresAt
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        expiresAt = try coder.required(
            1, "expiresAt", it?.expiresAt, "When it works no more.")
    }
}
