import Wire

/// What a sign-in would come to that gives every proof its user has.
package enum Prospect: String, Word {
    /// A session after the first proof.
    case session
    /// A session, because binding may still be put off.
    case grace
    /// A session after a second factor was proved.
    case verify
    /// A session after one was bound.
    case bind
    /// No session.
    case lockedOut = "locked_out"
}

/// Asks whom proposed settings would touch, before they are saved.
package struct TryTwoFactorSettings: Message {
    package static let name = "TryTwoFactorSettings"
    package static let about = "Asks whom proposed settings would touch, before they are saved."

    package var settings: UpdateTwoFactorSettings
    package var after: String
    package var address: String

    package init(settings: UpdateTwoFactorSettings, after: String = "", address: String = "") {
        self.settings = settings
        self.after = after
        self.address = address
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        settings = try coder.required(
            1, "settings", it?.settings, "As they would be saved; the reason may be empty.")
        after = try coder.field(
            2, "after", it?.after, max: 256,
            "The last page's `next`; empty for the first page.")
        address = try coder.field(
            3, "address", it?.address, max: 64,
            "As if everybody signed in from there; empty for where the caller is.")
    }
}

/// A user whom proposed settings touch.
package struct TouchedUser: Message {
    package static let name = "TouchedUser"
    package static let about = "A user whom proposed settings touch."

    package var user: UserID
    package var userName: String
    package var displayName: String
    package var now: Prospect
    package var then: Prospect

    package init(
        user: UserID, userName: String, displayName: String, now: Prospect, then: Prospect
    ) {
        self.user = user
        self.userName = userName
        self.displayName = displayName
        self.now = now
        self.then = then
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Who.")
        userName = try coder.field(
            2, "userName", it?.userName, max: 256, "The name to sign in with.")
        displayName = try coder.field(
            3, "displayName", it?.displayName, max: 256, "The name to be called by.")
        now = try coder.required(4, "now", it?.now, "By the settings in force.")
        then = try coder.required(5, "then", it?.then, "By the proposed ones.")
    }
}

/// Whom proposed settings would touch, of a page of users. The counts are this page's: a caller
/// adds the pages up.
package struct SettingsTried: Message {
    package static let name = "SettingsTried"
    package static let about =
        """
        Whom proposed settings would touch, of a page of users. The counts are this page's: a \
        caller adds the pages up.
        """

    package var examined: UInt32
    package var bind: UInt32
    package var verify: UInt32
    package var grace: UInt32
    package var lockedOut: UInt32
    package var users: [TouchedUser]
    package var next: String
    package var caller: Prospect
    package var administratorsLeft: Bool

    package init(
        examined: UInt32, bind: UInt32, verify: UInt32, grace: UInt32, lockedOut: UInt32,
        users: [TouchedUser], next: String, caller: Prospect, administratorsLeft: Bool
    ) {
        self.examined = examined
        self.bind = bind
        self.verify = verify
        self.grace = grace
        self.lockedOut = lockedOut
        self.users = users
        self.next = next
        self.caller = caller
        self.administratorsLeft = administratorsLeft
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        examined = try coder.field(1, "examined", it?.examined, "Active users of this page.")
        bind = try coder.field(2, "bind", it?.bind, "Of these, asked to bind.")
        verify = try coder.field(3, "verify", it?.verify, "Asked to prove a second factor.")
        grace = try coder.field(4, "grace", it?.grace, "Let in, because they may put it off.")
        lockedOut = try coder.field(5, "lockedOut", it?.lockedOut, "Not let in at all.")
        users = try coder.list(
            6, "users", it?.users, max: 200,
            "Those for whom something changes, or who are locked out.")
        next = try coder.field(
            7, "next", it?.next, max: 256, "For the next page; empty at the last.")
        caller = try coder.required(8, "caller", it?.caller, "What it means for the caller.")
        administratorsLeft = try coder.field(
            9, "administratorsLeft", it?.administratorsLeft,
            "False where no administrator could sign in: such settings are not saved.")
    }
}

/// Asks for decisions by proposed settings, or by those in force.
package struct DecideProposed: Message {
    package static let name = "DecideProposed"
    package static let about = "Asks for decisions by proposed settings, or by those in force."

    package var proposed: UpdateTwoFactorSettings?
    package var facts: [Decide]

    package init(proposed: UpdateTwoFactorSettings?, facts: [Decide]) {
        self.proposed = proposed
        self.facts = facts
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        proposed = try coder.optional(
            1, "proposed", it?.proposed, "Absent for the settings in force.")
        facts = try coder.list(2, "facts", it?.facts, max: 50, "Of one sign-in each.")
    }
}

/// Decisions, in the order of their facts.
package struct DecisionList: Message {
    package static let name = "DecisionList"
    package static let about = "Decisions, in the order of their facts."

    package var decisions: [Decision]

    package init(decisions: [Decision]) {
        self.decisions = decisions
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        decisions = try coder.list(
            1, "decisions", it?.decisions, max: 50, "Without which rules decided which part.")
    }
}

/// Asks what users have bound.
package struct ListBound: Message {
    package static let name = "ListBound"
    package static let about = "Asks what users have bound."

    package var users: [UserID]

    package init(users: [UserID]) {
        self.users = users
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        users = try coder.list(1, "users", it?.users, max: 100, "Whose.")
    }
}

/// One second factor, without what it shows its owner.
package struct BoundFactor: Message {
    package static let name = "BoundFactor"
    package static let about = "One second factor, without what it shows its owner."

    package var user: UserID
    package var authenticator: AuthenticatorID
    package var kind: ProofKind
    package var verifier: VerifierUID?
    package var disabled: Bool

    package init(
        user: UserID, authenticator: AuthenticatorID, kind: ProofKind, verifier: VerifierUID?,
        disabled: Bool
    ) {
        self.user = user
        self.authenticator = authenticator
        self.kind = kind
        self.verifier = verifier
        self.disabled = disabled
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        authenticator = try coder.required(2, "authenticator", it?.authenticator, "Which.")
        kind = try coder.required(3, "kind", it?.kind, "What it proves by.")
        verifier = try coder.optional(
            4, "verifier", it?.verifier, "Under which; absent for recovery codes that are left.")
        disabled = try coder.field(5, "disabled", it?.disabled, "True after too many failures.")
    }
}

/// What users have bound.
package struct BoundFactorList: Message {
    package static let name = "BoundFactorList"
    package static let about = "What users have bound."

    package var factors: [BoundFactor]
    package var locked: [UserID]

    package init(factors: [BoundFactor], locked: [UserID]) {
        self.factors = factors
        self.locked = locked
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        factors = try coder.list(1, "factors", it?.factors, max: 1700, "Of all of them.")
        locked = try coder.list(
            2, "locked", it?.locked, max: 100,
            "Those of whom something admits no tries, be it the password.")
    }
}
