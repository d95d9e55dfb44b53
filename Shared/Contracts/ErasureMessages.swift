import Wire

/// Erases another user for good.
package struct EraseUser: Message {
    package static let name = "EraseUser"
    package static let about = "Erases another user for good."

    package var user: UserID
    package var reason: String

    package init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whom.")
        reason = try coder.field(
            2, "reason", it?.reason, max: 1024,
            "For the audit, which keeps it: no name of his belongs in it.")
    }
}

/// Nothing of the user is left but his identifier in the audit.
package struct UserErased: Message {
    package static let name = "UserErased"
    package static let about =
        "Nothing of the user is left but his identifier in the audit."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Erases one's own account for good.
package struct EraseAccount: Message {
    package static let name = "EraseAccount"
    package static let about = "Erases one's own account for good."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// The account is no more.
package struct AccountErased: Message {
    package static let name = "AccountErased"
    package static let about = "The account is no more."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Removes all that a user could prove himself with, and all that was sent to him.
package struct EraseEvidence: Message {
    package static let name = "EraseEvidence"
    package static let about =
        "Removes all that a user could prove himself with, and all that was sent to him."

    package var user: UserID
    package var actor: UserID?

    package init(user: UserID, actor: UserID? = nil) {
        self.user = user
        self.actor = actor
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        actor = try coder.optional(
            2, "actor", it?.actor, "Who wants it; absent for the installation itself.")
    }
}

/// Nothing is left of the user here but his identifier in the audit.
package struct EvidenceErased: Message {
    package static let name = "EvidenceErased"
    package static let about =
        "Nothing is left of the user here but his identifier in the audit."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Takes a user out of all rules that name him.
package struct EraseAssignments: Message {
    package static let name = "EraseAssignments"
    package static let about = "Takes a user out of all rules that name him."

    package var user: UserID
    package var actor: UserID?

    package init(user: UserID, actor: UserID? = nil) {
        self.user = user
        self.actor = actor
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whom.")
        actor = try coder.optional(
            2, "actor", it?.actor, "Who wants it; absent for the installation itself.")
    }
}

/// No rule in force names the user.
package struct AssignmentsErased: Message {
    package static let name = "AssignmentsErased"
    package static let about = "No rule in force names the user."

    package var version: UInt64

    package init(version: UInt64) {
        self.version = version
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(1, "version", it?.version, "Of the settings in force.")
    }
}
