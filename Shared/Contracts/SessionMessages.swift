import Wire

/// A session in a list.
package struct SessionSummary: Message {
    package static let name = "SessionSummary"
    package static let about = "A session in a list."

    package var id: SessionID
    package var createdAt: Timestamp
    package var lastUsedAt: Timestamp
    package var expiresAt: Timestamp
    package var amr: [AuthenticationMethod]
    package var aal: UInt32
    package var current: Bool
    package var place: String
    package var agent: String
    package var caller: String

    package init(
        id: SessionID, createdAt: Timestamp, lastUsedAt: Timestamp, expiresAt: Timestamp,
        amr: [AuthenticationMethod], aal: UInt32, current: Bool, place: String, agent: String,
        caller: String
    ) {
        self.id = id
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.expiresAt = expiresAt
        self.amr = amr
        self.aal = aal
        self.current = current
        self.place = place
        self.agent = agent
        self.caller = caller
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "The session's identifier; it opens nothing.")
        createdAt = try coder.required(2, "createdAt", it?.createdAt, "When it was opened.")
        lastUsedAt = try coder.required(
            3, "lastUsedAt", it?.lastUsedAt, "When it was last used, within a minute.")
        expiresAt = try coder.required(
            4, "expiresAt", it?.expiresAt, "When it ends at the latest.")
        amr = try coder.list(5, "amr", it?.amr, max: 8, "How its owner proved himself (RFC 8176).")
        aal = try coder.field(6, "aal", it?.aal, "The level of that proof, 1 or 2.")
        current = try coder.field(7, "current", it?.current, "This is asked under it.")
        place = try coder.field(
            8, "place", it?.place, max: 64, "From where it was opened, as far as known.")
        agent = try coder.field(
            9, "agent", it?.agent, max: 256,
            "What the browser that it was opened with calls itself, as far as known.")
        caller = try coder.field(
            10, "caller", it?.caller, max: 256,
            "The service that opened it for a single sign-on; empty for a sign-in here.")
    }
}

/// Sessions in force, the newest first.
package struct SessionList: Message {
    package static let name = "SessionList"
    package static let about = "Sessions in force, the newest first."

    package var sessions: [SessionSummary]

    package init(sessions: [SessionSummary]) {
        self.sessions = sessions
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        sessions = try coder.list(1, "sessions", it?.sessions, max: 100, "The sessions.")
    }
}

/// Asks for one's own sessions.
package struct ListOwnSessions: Message {
    package static let name = "ListOwnSessions"
    package static let about = "Asks for one's own sessions."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Ends one of one's own sessions.
package struct EndOwnSession: Message {
    package static let name = "EndOwnSession"
    package static let about = "Ends one of one's own sessions."

    package var session: SessionID

    package init(session: SessionID) {
        self.session = session
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        session = try coder.required(1, "session", it?.session, "The session.")
    }
}

/// Ends all of one's own sessions but the one this is asked under.
package struct EndOtherSessions: Message {
    package static let name = "EndOtherSessions"
    package static let about =
        "Ends all of one's own sessions but the one this is asked under."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Says that somebody else was at one's account.
package struct ReportNotMe: Message {
    package static let name = "ReportNotMe"
    package static let about = "Says that somebody else was at one's account."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// All sessions have ended, and the password is to be replaced.
package struct NotMeReported: Message {
    package static let name = "NotMeReported"
    package static let about = "All sessions have ended, and the password is to be replaced."

    package var told: Bool

    package init(told: Bool) {
        self.told = told
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        told = try coder.field(
            1, "told", it?.told,
            "A mail about it is on its way; else there is no address, or no mail goes out now.")
    }
}

/// What was to end opens nothing any more, anywhere.
package struct SessionsEnded: Message {
    package static let name = "SessionsEnded"
    package static let about = "What was to end opens nothing any more, anywhere."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// Asks for a user's sessions.
package struct ListUserSessions: Message {
    package static let name = "ListUserSessions"
    package static let about = "Asks for a user's sessions."

    package var user: UserID

    package init(user: UserID) {
        self.user = user
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
    }
}

/// Ends one session of a user, or all.
package struct EndUserSessions: Message {
    package static let name = "EndUserSessions"
    package static let about = "Ends one session of a user, or all."

    package var user: UserID
    package var session: SessionID?
    package var reason: String

    package init(user: UserID, session: SessionID? = nil, reason: String) {
        self.user = user
        self.session = session
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "The user.")
        session = try coder.optional(
            2, "session", it?.session,
            "The session; without it all end, and sign-ins under way too.")
        reason = try coder.field(3, "reason", it?.reason, max: 500, "Why; kept in the audit.")
    }
}

/// Ends a session.
package struct EndSession: Message {
    package static let name = "EndSession"
    package static let about = "Ends a session."

    package var token: SessionToken?

    package init(token: SessionToken? = nil) {
        self.token = token
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        token = try coder.optional(
            1, "token", it?.token,
            "The session's token; without it, the caller's own session.")
    }
}

/// Waits for sessions to end.
package struct WatchSessions: Message {
    package static let name = "WatchSessions"
    package static let about = "Waits for sessions to end."

    package var cursor: String
    package var waitSeconds: UInt32

    package init(cursor: String, waitSeconds: UInt32) {
        self.cursor = cursor
        self.waitSeconds = waitSeconds
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        cursor = try coder.field(
            1, "cursor", it?.cursor, max: 8192,
            "From the answer before; empty at the beginning.")
        waitSeconds = try coder.field(
            2, "waitSeconds", it?.waitSeconds,
            "How long to wait where nothing has ended yet, 20 at most.")
    }
}

/// What has ended since the cursor. A session that expires, or was not used for too long, is not
/// told. What `Introspect` was asked for before this came is not to be kept: it may be older.
package struct Revocations: Message {
    package static let name = "Revocations"
    package static let about =
        """
        What has ended since the cursor. A session that expires, or was not used for too long, is \
        not told. What Introspect was asked for before this came is not to be kept.
        """

    package var cursor: String
    package var reset: Bool
    package var sessions: [SessionID]
    package var users: [UserID]

    package init(cursor: String, reset: Bool, sessions: [SessionID], users: [UserID]) {
        self.cursor = cursor
        self.reset = reset
        self.sessions = sessions
        self.users = users
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        cursor = try coder.field(1, "cursor", it?.cursor, max: 8192, "For the next call.")
        reset = try coder.field(
            2, "reset", it?.reset,
            "All that was kept of any session has to be asked for anew.")
        sessions = try coder.list(
            3, "sessions", it?.sessions, max: 1000,
            "Sessions that have ended, or have another token and level now.")
        users = try coder.list(
            4, "users", it?.users, max: 1000,
            """
            Users all of whose sessions have ended, but perhaps for one, or whose roles have \
            changed: ask for each anew.
            """)
    }
}

/// Says that an identity provider has signed somebody in.
package struct OpenForSSO: Message {
    package static let name = "OpenForSSO"
    package static let about = "Says that an identity provider has signed somebody in."

    package var identifier: String
    package var provider: String
    package var amr: [AuthenticationMethod]
    package var authTime: Timestamp

    package init(
        identifier: String, provider: String, amr: [AuthenticationMethod], authTime: Timestamp
    ) {
        self.identifier = identifier
        self.provider = provider
        self.amr = amr
        self.authTime = authTime
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        identifier = try coder.field(
            1, "identifier", it?.identifier, max: 320,
            "The user name, e-mail address or phone number.")
        provider = try coder.field(
            2, "provider", it?.provider, max: 200,
            "Who has signed him in, as the audit is to have it.")
        amr = try coder.list(
            3, "amr", it?.amr, max: 5,
            """
            How he proved himself there (RFC 8176); with mfa the session has level 2, where this \
            caller may open such.
            """)
        authTime = try coder.required(
            4, "authTime", it?.authTime,
            "When he proved himself there: the session is as fresh as that.")
    }
}
