import Wire

package enum SettingsChangeKind: IdentifierKind { package static let noun = "settings change" }
/// A change of the settings that waits before it is in force.
package typealias SettingsChangeID = Identifier<SettingsChangeKind>

/// What a change of the settings does to what they ask.
package enum SettingsWeight: String, Word {
    /// It asks the same.
    case neutral
    /// It asks more of somebody and less of nobody.
    case strengthening
    /// It asks less of somebody, or it cannot be told that it does not.
    case weakening
}

/// What stands between an administrator and weaker settings.
package struct WeakeningProtection: Message {
    package static let name = "WeakeningProtection"
    package static let about = "What stands between an administrator and weaker settings."

    package var delayHours: UInt32?
    package var secondAdministrator: Bool

    package init(delayHours: UInt32? = nil, secondAdministrator: Bool = false) {
        self.delayHours = delayHours
        self.secondAdministrator = secondAdministrator
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        delayHours = try coder.optional(
            1, "delayHours", it?.delayHours,
            """
            Hours that a weaker version waits, 0 to 72; another administrator's word ends the \
            wait. Absent: 24, and none on the installation's first day.
            """)
        secondAdministrator = try coder.field(
            2, "secondAdministrator", it?.secondAdministrator,
            "Whether it waits for another administrator's word, however long.")
    }
}

/// A change that waits.
package struct PendingSettings: Message {
    package static let name = "PendingSettings"
    package static let about = "A change that waits."

    package var id: SettingsChangeID
    package var version: UInt64
    package var weakened: [PolicyPart]
    package var reason: String
    package var proposedBy: UserID
    package var proposedAt: Timestamp
    package var dueAt: Timestamp?

    package init(
        id: SettingsChangeID, version: UInt64, weakened: [PolicyPart], reason: String,
        proposedBy: UserID, proposedAt: Timestamp, dueAt: Timestamp?
    ) {
        self.id = id
        self.version = version
        self.weakened = weakened
        self.reason = reason
        self.proposedBy = proposedBy
        self.proposedAt = proposedAt
        self.dueAt = dueAt
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "Which.")
        version = try coder.field(
            2, "version", it?.version, "The version it replaces; with another one it is void.")
        weakened = try coder.list(
            3, "weakened", it?.weakened, max: 16, "The parts that may be asked less of.")
        reason = try coder.field(4, "reason", it?.reason, max: 1024, "Why.")
        proposedBy = try coder.required(
            5, "proposedBy", it?.proposedBy, "Who; somebody else has to approve it.")
        proposedAt = try coder.required(6, "proposedAt", it?.proposedAt, "Since when it waits.")
        dueAt = try coder.optional(
            7, "dueAt", it?.dueAt,
            "When it is in force by itself; absent where it waits for an administrator.")
    }
}

/// Asks what waits.
package struct ListPendingSettings: Message {
    package static let name = "ListPendingSettings"
    package static let about = "Asks what waits."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// What waits.
package struct PendingSettingsList: Message {
    package static let name = "PendingSettingsList"
    package static let about = "What waits."

    package var pending: [PendingSettings]

    package init(pending: [PendingSettings]) {
        self.pending = pending
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        pending = try coder.list(1, "pending", it?.pending, max: 4, "The oldest first.")
    }
}

/// Puts a change in force that another administrator has asked for; wants a fresh proof and a
/// reason.
package struct ApproveSettings: Message {
    package static let name = "ApproveSettings"
    package static let about =
        """
        Puts a change in force that another administrator has asked for; wants a fresh proof and \
        a reason.
        """

    package var change: SettingsChangeID
    package var reason: String

    package init(change: SettingsChangeID, reason: String) {
        self.change = change
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        change = try coder.required(1, "change", it?.change, "Which.")
        reason = try coder.field(
            2, "reason", it?.reason, max: 1024, "For the audit; must not be empty.")
    }
}

/// Takes a change back before it is in force, one's own or another's; wants a fresh proof.
package struct WithdrawSettings: Message {
    package static let name = "WithdrawSettings"
    package static let about =
        "Takes a change back before it is in force, one's own or another's; wants a fresh proof."

    package var change: SettingsChangeID

    package init(change: SettingsChangeID) {
        self.change = change
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        change = try coder.required(1, "change", it?.change, "Which.")
    }
}

/// The change is void.
package struct SettingsWithdrawn: Message {
    package static let name = "SettingsWithdrawn"
    package static let about = "The change is void."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

// MARK: - Between the services

/// Asks what a change would do to what the settings ask.
package struct WeighSettings: Message {
    package static let name = "WeighSettings"
    package static let about = "Asks what a change would do to what the settings ask."

    package var settings: UpdateTwoFactorSettings

    package init(settings: UpdateTwoFactorSettings) {
        self.settings = settings
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        settings = try coder.required(1, "settings", it?.settings, "What shall be in force.")
    }
}

/// What a change does to what the settings ask, and whether it would wait.
package struct SettingsWeighed: Message {
    package static let name = "SettingsWeighed"
    package static let about =
        "What a change does to what the settings ask, and whether it would wait."

    package var weight: SettingsWeight
    package var weakened: [PolicyPart]
    package var delayHours: UInt32
    package var secondAdministrator: Bool

    package init(
        weight: SettingsWeight, weakened: [PolicyPart] = [], delayHours: UInt32 = 0,
        secondAdministrator: Bool = false
    ) {
        self.weight = weight
        self.weakened = weakened
        self.delayHours = delayHours
        self.secondAdministrator = secondAdministrator
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        weight = try coder.required(1, "weight", it?.weight, "What it does.")
        weakened = try coder.list(
            2, "weakened", it?.weakened, max: 16, "The parts that may be asked less of.")
        delayHours = try coder.field(
            3, "delayHours", it?.delayHours, "How long it would wait; zero for not at all.")
        secondAdministrator = try coder.field(
            4, "secondAdministrator", it?.secondAdministrator,
            "Whether it would wait for another administrator.")
    }

    /// Whether it is in force later than at once.
    package var waits: Bool { delayHours > 0 || secondAdministrator }
}

/// Asks what a change that waits says.
package struct GetPendingSettings: Message {
    package static let name = "GetPendingSettings"
    package static let about = "Asks what a change that waits says."

    package var change: SettingsChangeID

    package init(change: SettingsChangeID) {
        self.change = change
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        change = try coder.required(1, "change", it?.change, "Which.")
    }
}

/// What a change that waits says, and whose it is.
package struct ProposedSettings: Message {
    package static let name = "ProposedSettings"
    package static let about = "What a change that waits says, and whose it is."

    package var settings: UpdateTwoFactorSettings
    package var proposedBy: UserID

    package init(settings: UpdateTwoFactorSettings, proposedBy: UserID) {
        self.settings = settings
        self.proposedBy = proposedBy
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        settings = try coder.required(1, "settings", it?.settings, "What shall be in force.")
        proposedBy = try coder.required(2, "proposedBy", it?.proposedBy, "The administrator.")
    }
}

/// Another administrator's word on a change that waits.
package struct DecideChange: Message {
    package static let name = "DecideChange"
    package static let about = "An administrator's word on a change that waits."

    package var actor: UserID
    package var change: SettingsChangeID
    package var reason: String

    package init(actor: UserID, change: SettingsChangeID, reason: String = "") {
        self.actor = actor
        self.change = change
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        actor = try coder.required(1, "actor", it?.actor, "The administrator.")
        change = try coder.required(2, "change", it?.change, "Which.")
        reason = try coder.field(3, "reason", it?.reason, max: 1024, "For the audit.")
    }
}
