import Wire

/// Asks for a page of the security events of one's own account.
package struct ListEvents: Message {
    package static let name = "ListEvents"
    package static let about = "Asks for a page of the security events of one's own account."

    package var after: String
    package var limit: UInt32

    package init(after: String = "", limit: UInt32 = 0) {
        self.after = after
        self.limit = limit
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        after = try coder.field(
            1, "after", it?.after, max: 64,
            "The last page's `next`; empty for the first page.")
        limit = try coder.field(2, "limit", it?.limit, "Events a page, 1 to 200; 50 when zero.")
    }
}

/// A page of the security events of one's own account.
package struct EventList: Message {
    package static let name = "EventList"
    package static let about = "A page of the security events of one's own account."

    package var events: [AccountEvent]
    package var next: String

    package init(events: [AccountEvent], next: String) {
        self.events = events
        self.next = next
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        events = try coder.list(1, "events", it?.events, max: 200, "The newest first.")
        next = try coder.field(
            2, "next", it?.next, max: 64,
            """
            What to ask for next; empty on the last page. A page may hold fewer events than were \
            asked for, even none, and have a next one.
            """)
    }
}

/// Something that happened to one's own account.
package struct AccountEvent: Message {
    package static let name = "AccountEvent"
    package static let about = "Something that happened to one's own account."

    package var at: Timestamp
    package var event: String
    package var source: String
    package var device: String
    package var details: [AuditDetail]
    package var byOther: Bool

    package init(
        at: Timestamp, event: String, source: String, device: String, details: [AuditDetail],
        byOther: Bool
    ) {
        self.at = at
        self.event = event
        self.source = source
        self.device = device
        self.details = details
        self.byOther = byOther
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        at = try coder.required(1, "at", it?.at, "When.")
        event = try coder.field(
            2, "event", it?.event, max: 64, "What, as one of the audit's words.")
        source = try coder.field(
            3, "source", it?.source, max: 64,
            "The network address that it came from; empty where that is not known or another's.")
        device = try coder.field(
            4, "device", it?.device, max: 64,
            "What the device said of itself, as `Firefox on Linux`; empty where that is not known.")
        details = try coder.list(5, "details", it?.details, max: 32, "What else is known of it.")
        byOther = try coder.field(
            6, "byOther", it?.byOther, "True where somebody else did it, as an administrator.")
    }
}

/// Something that is known of an event.
package struct AuditDetail: Message {
    package static let name = "AuditDetail"
    package static let about = "Something that is known of an event."

    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        key = try coder.field(1, "key", it?.key, max: 64, "What it is.")
        value = try coder.field(
            2, "value", it?.value, max: 4096, "What it says; cut where it is very long.")
    }
}

/// Asks for a page of the audit.
package struct ListAudit: Message {
    package static let name = "ListAudit"
    package static let about = "Asks for a page of the audit of all services."

    package var from: Timestamp?
    package var until: Timestamp?
    package var events: [String]
    package var user: String
    package var service: String
    package var after: String
    package var limit: UInt32

    package init(
        from: Timestamp? = nil, until: Timestamp? = nil, events: [String] = [],
        user: String = "", service: String = "", after: String = "", limit: UInt32 = 0
    ) {
        self.from = from
        self.until = until
        self.events = events
        self.user = user
        self.service = service
        self.after = after
        self.limit = limit
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        from = try coder.optional(1, "from", it?.from, "Nothing before it.")
        until = try coder.optional(2, "until", it?.until, "Nothing from it on.")
        events = try coder.list(
            3, "events", it?.events, max: 128, each: 64,
            "Only these, as the audit's words; all when empty.")
        user = try coder.field(
            4, "user", it?.user, max: 320,
            """
            Only what this user did, or what was done to him: by id, name, e-mail address or \
            phone number. Empty for everyone.
            """)
        service = try coder.field(
            5, "service", it?.service, max: 32,
            """
            Only the rows of `auth-gateway`, `verification-service` or `policy-service`; empty \
            for all.
            """)
        after = try coder.field(
            6, "after", it?.after, max: 64,
            "The last page's `next`, asked for by the same filters; empty for the first page.")
        limit = try coder.field(7, "limit", it?.limit, "Rows a page, 1 to 200; 50 when zero.")
    }
}

/// A page of the audit.
package struct AuditList: Message {
    package static let name = "AuditList"
    package static let about = "A page of the audit of all services."

    package var rows: [AuditRow]
    package var next: String

    package init(rows: [AuditRow], next: String) {
        self.rows = rows
        self.next = next
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        rows = try coder.list(
            1, "rows", it?.rows, max: 200, "The newest first, of all services in one order.")
        next = try coder.field(
            2, "next", it?.next, max: 64,
            """
            What to ask for next; empty on the last page. A page may hold fewer rows than were \
            asked for, even none, and have a next one.
            """)
    }
}

/// A row of the audit, with the names that its users have now.
package struct AuditRow: Message {
    package static let name = "AuditRow"
    package static let about = "A row of the audit, with the names that its users have now."

    package var service: String
    package var id: Int64
    package var at: Timestamp
    package var event: String
    package var actor: UserID?
    package var actorName: String
    package var subject: UserID?
    package var subjectName: String
    package var source: String
    package var trace: String
    package var details: [AuditDetail]

    package init(
        service: String, record: AuditRecord, actorName: String, subjectName: String
    ) {
        self.service = service
        id = record.id
        at = record.at
        event = record.event
        actor = record.actor
        self.actorName = actorName
        subject = record.subject
        self.subjectName = subjectName
        source = record.source
        trace = record.trace
        details = record.details
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        service = try coder.field(1, "service", it?.service, max: 32, "Whose audit it stands in.")
        id = try coder.field(2, "id", it?.id, "Its number there.")
        at = try coder.required(3, "at", it?.at, "When.")
        event = try coder.field(4, "event", it?.event, max: 64, "What, in one word.")
        actor = try coder.optional(
            5, "actor", it?.actor,
            "Who did it; absent where nobody was known yet, or the system did it by itself.")
        actorName = try coder.field(
            6, "actorName", it?.actorName, max: 256, "His user name; empty where there is none.")
        subject = try coder.optional(7, "subject", it?.subject, "To whom it was done.")
        subjectName = try coder.field(
            8, "subjectName", it?.subjectName, max: 256,
            "His user name; empty where there is none.")
        source = try coder.field(
            9, "source", it?.source, max: 256,
            "Where it came from: a network address, or a service.")
        trace = try coder.field(
            10, "trace", it?.trace, max: 64,
            """
            The trace of the request, which may be its sender's choice, and behind a dash what \
            joins it with the rows of other services, which is ours.
            """)
        details = try coder.list(11, "details", it?.details, max: 32, "What else is known of it.")
    }
}

// MARK: - Between services

/// Asks a service for a page of its own audit.
package struct ReadAudit: Message {
    package static let name = "ReadAudit"
    package static let about = "Asks a service for a page of its own audit."

    package var before: AuditPosition?
    package var from: Timestamp?
    package var until: Timestamp?
    package var events: [String]
    package var user: UserID?
    package var subjectOnly: Bool
    package var limit: UInt32

    package init(
        before: AuditPosition? = nil, from: Timestamp? = nil, until: Timestamp? = nil,
        events: [String] = [], user: UserID? = nil, subjectOnly: Bool = false, limit: UInt32
    ) {
        self.before = before
        self.from = from
        self.until = until
        self.events = events
        self.user = user
        self.subjectOnly = subjectOnly
        self.limit = limit
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        before = try coder.optional(
            1, "before", it?.before, "Only what is older than this; absent for the newest.")
        from = try coder.optional(2, "from", it?.from, "Nothing before it.")
        until = try coder.optional(3, "until", it?.until, "Nothing from it on.")
        events = try coder.list(
            4, "events", it?.events, max: 128, each: 64, "Only these; all when empty.")
        user = try coder.optional(
            5, "user", it?.user, "Only what he did, or what was done to him; absent for everyone.")
        subjectOnly = try coder.field(
            6, "subjectOnly", it?.subjectOnly, "Of these only what was done to him.")
        limit = try coder.field(7, "limit", it?.limit, "Rows a page, 1 to 200.")
    }
}

/// A place in a service's audit, whose rows are ordered by time and number.
package struct AuditPosition: Message {
    package static let name = "AuditPosition"
    package static let about =
        "A place in a service's audit, whose rows are ordered by time and number."

    package var at: Timestamp
    package var id: Int64

    package init(at: Timestamp, id: Int64) {
        self.at = at
        self.id = id
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        at = try coder.required(1, "at", it?.at, "The time.")
        id = try coder.field(2, "id", it?.id, "The number, among rows of the same time.")
    }
}

/// A page of a service's own audit.
package struct AuditPage: Message {
    package static let name = "AuditPage"
    package static let about = "A page of a service's own audit."

    package var rows: [AuditRecord]
    package var reached: AuditPosition?

    package init(rows: [AuditRecord], reached: AuditPosition? = nil) {
        self.rows = rows
        self.reached = reached
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        rows = try coder.list(1, "rows", it?.rows, max: 200, "The newest first.")
        reached = try coder.optional(
            2, "reached", it?.reached,
            """
            How far was looked: down to this, all that was asked for stands here. Absent where \
            nothing is left.
            """)
    }
}

/// A row of a service's own audit.
package struct AuditRecord: Message {
    package static let name = "AuditRecord"
    package static let about = "A row of a service's own audit."

    package var id: Int64
    package var at: Timestamp
    package var event: String
    package var actor: UserID?
    package var subject: UserID?
    package var source: String
    package var trace: String
    package var details: [AuditDetail]

    package init(
        id: Int64, at: Timestamp, event: String, actor: UserID? = nil, subject: UserID? = nil,
        source: String = "", trace: String = "", details: [AuditDetail] = []
    ) {
        self.id = id
        self.at = at
        self.event = event
        self.actor = actor
        self.subject = subject
        self.source = source
        self.trace = trace
        self.details = details
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.field(1, "id", it?.id, "Its number.")
        at = try coder.required(2, "at", it?.at, "When.")
        event = try coder.field(3, "event", it?.event, max: 64, "What.")
        actor = try coder.optional(4, "actor", it?.actor, "Who did it.")
        subject = try coder.optional(5, "subject", it?.subject, "To whom it was done.")
        source = try coder.field(6, "source", it?.source, max: 256, "Where it came from.")
        trace = try coder.field(7, "trace", it?.trace, max: 64, "Of the call, and its span.")
        details = try coder.list(8, "details", it?.details, max: 32, "What else is known of it.")
    }
}
