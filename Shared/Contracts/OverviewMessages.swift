import Wire

/// Asks for the figures of the installation.
package struct GetOverview: Message {
    package static let name = "GetOverview"
    package static let about = "Asks for the figures of the installation."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// The figures of the installation.
package struct Overview: Message {
    package static let name = "Overview"
    package static let about = "The figures of the installation, as they are now."

    package var users: UInt32
    package var bound: UInt32
    package var disabled: UInt32
    package var locked: UInt32
    package var administrators: UInt32
    package var adoption: [AdoptionDay]
    package var hours: [SignInHour]
    package var kinds: [BoundKind]
    package var messages: MessageFigures
    package var enforcement: Enforcement
    package var pendingChanges: UInt32
    package var resetRequests: UInt32

    package init(
        users: UInt32, bound: UInt32, disabled: UInt32, locked: UInt32, administrators: UInt32,
        adoption: [AdoptionDay], hours: [SignInHour], kinds: [BoundKind],
        messages: MessageFigures, enforcement: Enforcement, pendingChanges: UInt32,
        resetRequests: UInt32
    ) {
        self.users = users
        self.bound = bound
        self.disabled = disabled
        self.locked = locked
        self.administrators = administrators
        self.adoption = adoption
        self.hours = hours
        self.kinds = kinds
        self.messages = messages
        self.enforcement = enforcement
        self.pendingChanges = pendingChanges
        self.resetRequests = resetRequests
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        users = try coder.field(1, "users", it?.users, "All there are, disabled ones too.")
        bound = try coder.field(2, "bound", it?.bound, "Those who have bound a second factor.")
        disabled = try coder.field(
            3, "disabled", it?.disabled, "Those whom an administrator has disabled.")
        locked = try coder.field(4, "locked", it?.locked, "Those whom failures keep out now.")
        administrators = try coder.field(
            5, "administrators", it?.administrators, "Administrators who are not disabled.")
        adoption = try coder.list(
            6, "adoption", it?.adoption, max: 90,
            "The last 90 days as far as they are known, today last.")
        hours = try coder.list(
            7, "hours", it?.hours, max: 48,
            """
            The last 48 hours, this one last; fewer where more happened in them than is counted.
            """)
        kinds = try coder.list(8, "kinds", it?.kinds, max: 8, "What is bound, by kind.")
        messages = try coder.required(9, "messages", it?.messages, "Messages with codes.")
        enforcement = try coder.required(
            10, "enforcement", it?.enforcement, "Who is asked for a second factor.")
        pendingChanges = try coder.field(
            11, "pendingChanges", it?.pendingChanges, "Changes of the settings that wait.")
        resetRequests = try coder.field(
            12, "resetRequests", it?.resetRequests,
            "Requests for resets of administrators that wait.")
    }
}

/// How many had bound a second factor on a day.
package struct AdoptionDay: Message {
    package static let name = "AdoptionDay"
    package static let about = "How many had bound a second factor on a day."

    package var day: String
    package var users: UInt32
    package var bound: UInt32

    package init(day: String, users: UInt32, bound: UInt32) {
        self.day = day
        self.users = users
        self.bound = bound
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        day = try coder.field(1, "day", it?.day, max: 10, "In UTC, as 2026-11-23.")
        users = try coder.field(2, "users", it?.users, "All there were.")
        bound = try coder.field(3, "bound", it?.bound, "Those who had bound one.")
    }
}

/// What became of the sign-ins of an hour.
package struct SignInHour: Message {
    package static let name = "SignInHour"
    package static let about = "What became of the sign-ins of an hour."

    package var start: Timestamp
    package var completed: UInt32
    package var refused: UInt32

    package init(start: Timestamp, completed: UInt32, refused: UInt32) {
        self.start = start
        self.completed = completed
        self.refused = refused
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        start = try coder.required(1, "start", it?.start, "The hour's first moment.")
        completed = try coder.field(2, "completed", it?.completed, "Sessions that were opened.")
        refused = try coder.field(
            3, "refused", it?.refused,
            "Passwords, second factors and networks that were refused.")
    }
}

/// How many users have bound a kind.
package struct BoundKind: Message {
    package static let name = "BoundKind"
    package static let about = "How many users have bound second factors of a kind."

    package var type: VerifierType
    package var users: UInt32

    package init(type: VerifierType, users: UInt32) {
        self.type = type
        self.users = users
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        type = try coder.required(1, "type", it?.type, "The kind.")
        users = try coder.field(2, "users", it?.users, "Users who have one or more of it.")
    }
}

/// How many messages with codes were sent, and how many may be.
package struct MessageFigures: Message {
    package static let name = "MessageFigures"
    package static let about = "How many messages with codes were sent, and how many may be."

    package var sentThisHour: UInt32
    package var sentToday: UInt32
    package var verifiedToday: UInt32
    package var hourMax: UInt32
    package var fullestThisHour: UInt32
    package var alarm: Bool

    package init(
        sentThisHour: UInt32, sentToday: UInt32, verifiedToday: UInt32, hourMax: UInt32,
        fullestThisHour: UInt32, alarm: Bool
    ) {
        self.sentThisHour = sentThisHour
        self.sentToday = sentToday
        self.verifiedToday = verifiedToday
        self.hourMax = hourMax
        self.fullestThisHour = fullestThisHour
        self.alarm = alarm
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        sentThisHour = try coder.field(
            1, "sentThisHour", it?.sentThisHour, "Messages of the last sixty minutes.")
        sentToday = try coder.field(
            2, "sentToday", it?.sentToday, "Messages since midnight, UTC.")
        verifiedToday = try coder.field(
            3, "verifiedToday", it?.verifiedToday, "Codes of messages that were right since then.")
        hourMax = try coder.field(
            4, "hourMax", it?.hourMax,
            """
            What may be sent in an hour: by SMS, by mail, for binding and for proving, each \
            counted apart.
            """)
        fullestThisHour = try coder.field(
            5, "fullestThisHour", it?.fullestThisHour,
            "Of these the one that has sent most in the last sixty minutes.")
        alarm = try coder.field(
            6, "alarm", it?.alarm,
            "True when within the last hour messages cost more than they were of use.")
    }
}

// MARK: - Between services

/// Asks the verification service for its part of the figures.
package struct GetEvidenceOverview: Message {
    package static let name = "GetEvidenceOverview"
    package static let about = "Asks the verification service for its part of the figures."

    package var limits: LimitSettings?

    package init(limits: LimitSettings? = nil) {
        self.limits = limits
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        limits = try coder.optional(
            1, "limits", it?.limits, "Those of policy, where they are stricter than others.")
    }
}

/// The verification service's part of the figures.
package struct EvidenceOverview: Message {
    package static let name = "EvidenceOverview"
    package static let about = "The verification service's part of the figures."

    package var bound: UInt32
    package var kinds: [BoundKind]
    package var locked: UInt32
    package var hours: [SignInHour]
    package var completeSince: Timestamp?
    package var messages: MessageFigures

    package init(
        bound: UInt32, kinds: [BoundKind], locked: UInt32, hours: [SignInHour],
        completeSince: Timestamp? = nil, messages: MessageFigures
    ) {
        self.bound = bound
        self.kinds = kinds
        self.locked = locked
        self.hours = hours
        self.completeSince = completeSince
        self.messages = messages
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        bound = try coder.field(1, "bound", it?.bound, "Users who have bound a second factor.")
        kinds = try coder.list(2, "kinds", it?.kinds, max: 8, "Of them, by kind.")
        locked = try coder.field(3, "locked", it?.locked, "Users whom failures keep out now.")
        hours = try coder.list(
            4, "hours", it?.hours, max: 64, "What was refused here; hours without are left out.")
        completeSince = try coder.optional(
            5, "completeSince", it?.completeSince,
            "Of earlier hours not all was counted; absent where all was.")
        messages = try coder.required(6, "messages", it?.messages, "Messages with codes.")
    }
}
