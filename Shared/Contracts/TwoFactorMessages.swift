import Wire

/// Asks for one version of the settings.
package struct GetTwoFactorSettings: Message {
    package static let name = "GetTwoFactorSettings"
    package static let about = "Asks for one version of the settings."

    package var version: UInt64

    package init(version: UInt64 = 0) {
        self.version = version
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(1, "version", it?.version, "Zero for the one in force.")
    }
}

/// Who is asked for a second factor, and with what.
package struct TwoFactorSettings: Message {
    package static let name = "TwoFactorSettings"
    package static let about = "Who is asked for a second factor, and with what."

    package var version: UInt64
    package var enforcement: Enforcement
    package var verifiers: [VerifierUID]
    package var changedAt: Timestamp
    package var changedBy: UserID?
    package var reason: String
    package var book: RuleBook
    package var pending: PendingSettings?

    package init(
        version: UInt64, enforcement: Enforcement, verifiers: [VerifierUID],
        changedAt: Timestamp, changedBy: UserID? = nil, reason: String,
        book: RuleBook = RuleBook(), pending: PendingSettings? = nil
    ) {
        self.version = version
        self.enforcement = enforcement
        self.verifiers = verifiers
        self.changedAt = changedAt
        self.changedBy = changedBy
        self.reason = reason
        self.book = book
        self.pending = pending
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(1, "version", it?.version, "Raised by every change.")
        enforcement = try coder.required(2, "enforcement", it?.enforcement, "Who is asked.")
        verifiers = try coder.list(3, "verifiers", it?.verifiers, max: 64, "What may serve.")
        changedAt = try coder.required(4, "changedAt", it?.changedAt, "Since when.")
        changedBy = try coder.optional(
            5, "changedBy", it?.changedBy,
            "By whom; absent for what the installation began with.")
        reason = try coder.field(6, "reason", it?.reason, max: 1024, "Why.")
        book = try coder.required(7, "book", it?.book, "What is asked besides, and the rules.")
        pending = try coder.optional(
            8, "pending", it?.pending,
            "In the answer to a change that makes them weaker and waits: these are in force still.")
    }
}

/// Changes the settings; wants a fresh proof and a reason.
package struct UpdateTwoFactorSettings: Message {
    package static let name = "UpdateTwoFactorSettings"
    package static let about = "Changes the settings; wants a fresh proof and a reason."

    package var version: UInt64
    package var enforcement: Enforcement
    package var verifiers: [VerifierUID]
    package var reason: String
    package var book: RuleBook?

    package init(
        version: UInt64, enforcement: Enforcement, verifiers: [VerifierUID], reason: String,
        book: RuleBook? = nil
    ) {
        self.version = version
        self.enforcement = enforcement
        self.verifiers = verifiers
        self.reason = reason
        self.book = book
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(
            1, "version", it?.version,
            "The version that was read; another one is a conflict.")
        enforcement = try coder.required(2, "enforcement", it?.enforcement, "Who is asked.")
        verifiers = try coder.list(
            3, "verifiers", it?.verifiers, max: 64,
            "What may serve; at least one unless nobody is asked.")
        reason = try coder.field(
            4, "reason", it?.reason, max: 1024,
            "For the audit; must not be empty.")
        book = try coder.optional(
            5, "book", it?.book, "In the place of all rules; absent, they stay as they are.")
    }
}

/// Puts an earlier version in force again, as a new one.
package struct RestoreTwoFactorSettings: Message {
    package static let name = "RestoreTwoFactorSettings"
    package static let about = "Puts an earlier version in force again, as a new one."

    package var version: UInt64
    package var restored: UInt64
    package var reason: String

    package init(version: UInt64, restored: UInt64, reason: String) {
        self.version = version
        self.restored = restored
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(
            1, "version", it?.version,
            "The version that was read; another one is a conflict.")
        restored = try coder.field(2, "restored", it?.restored, "The version to go back to.")
        reason = try coder.field(
            3, "reason", it?.reason, max: 1024, "For the audit; must not be empty.")
    }
}

/// Asks for a page of versions, the newest first.
package struct ListSettingsVersions: Message {
    package static let name = "ListSettingsVersions"
    package static let about = "Asks for a page of versions, the newest first."

    package var before: UInt64
    package var limit: UInt32

    package init(before: UInt64 = 0, limit: UInt32 = 0) {
        self.before = before
        self.limit = limit
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        before = try coder.field(
            1, "before", it?.before,
            "Only those before it: the last page's `next`; zero for the first page.")
        limit = try coder.field(2, "limit", it?.limit, "Versions a page, 1 to 100; 20 when zero.")
    }
}

/// A version of the settings, without what it says.
package struct SettingsVersionView: Message {
    package static let name = "SettingsVersionView"
    package static let about = "A version of the settings, without what it says."

    package var version: UInt64
    package var changedAt: Timestamp
    package var changedBy: UserID?
    package var reason: String

    package init(
        version: UInt64, changedAt: Timestamp, changedBy: UserID? = nil, reason: String
    ) {
        self.version = version
        self.changedAt = changedAt
        self.changedBy = changedBy
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(1, "version", it?.version, "Which.")
        changedAt = try coder.required(2, "changedAt", it?.changedAt, "Since when.")
        changedBy = try coder.optional(
            3, "changedBy", it?.changedBy,
            "By whom; absent for what the installation began with.")
        reason = try coder.field(4, "reason", it?.reason, max: 1024, "Why.")
    }
}

/// A page of versions.
package struct SettingsVersionList: Message {
    package static let name = "SettingsVersionList"
    package static let about = "A page of versions."

    package var versions: [SettingsVersionView]
    package var next: UInt64

    package init(versions: [SettingsVersionView], next: UInt64) {
        self.versions = versions
        self.next = next
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        versions = try coder.list(1, "versions", it?.versions, max: 100, "The newest first.")
        next = try coder.field(2, "next", it?.next, "For the next page; zero at the last.")
    }
}

/// Asks what differs between two versions.
package struct CompareSettings: Message {
    package static let name = "CompareSettings"
    package static let about = "Asks what differs between two versions."

    package var from: UInt64
    package var to: UInt64
    package var pending: SettingsChangeID?

    package init(from: UInt64, to: UInt64, pending: SettingsChangeID? = nil) {
        self.from = from
        self.to = to
        self.pending = pending
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        from = try coder.field(1, "from", it?.from, "The one before.")
        to = try coder.field(2, "to", it?.to, "The one after; zero for the one in force.")
        pending = try coder.optional(
            3, "pending", it?.pending, "In the place of the one after, a change that waits.")
    }
}

/// One difference.
package struct SettingsDifference: Message {
    package static let name = "SettingsDifference"
    package static let about = "One difference."

    package var rule: RuleName
    package var field: String
    package var before: String
    package var after: String

    package init(rule: RuleName, field: String, before: String, after: String) {
        self.rule = rule
        self.field = field
        self.before = before
        self.after = after
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        rule = try coder.required(
            1, "rule", it?.rule, "Whose; `base` for what is asked of everybody.")
        field = try coder.field(
            2, "field", it?.field, max: 64,
            "Which of its fields; empty for a rule that came or went.")
        before = try coder.field(
            3, "before", it?.before, max: 1024, "Cut where long; empty for nothing.")
        after = try coder.field(
            4, "after", it?.after, max: 1024, "Cut where long; empty for nothing.")
    }
}

/// What differs between two versions.
package struct SettingsDifferences: Message {
    package static let name = "SettingsDifferences"
    package static let about = "What differs between two versions."

    package var from: UInt64
    package var to: UInt64
    package var differences: [SettingsDifference]
    package var more: Bool

    package init(from: UInt64, to: UInt64, differences: [SettingsDifference], more: Bool) {
        self.from = from
        self.to = to
        self.differences = differences
        self.more = more
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        from = try coder.field(1, "from", it?.from, "The one before.")
        to = try coder.field(2, "to", it?.to, "The one after.")
        differences = try coder.list(
            3, "differences", it?.differences, max: 100, "Base first, then by rule.")
        more = try coder.field(4, "more", it?.more, "True when there are more than these.")
    }
}
