import RPC
import Wire

/// Sessions, for services and reverse proxies that rely on them.
package enum SessionContract: Contract {
    package static let service = ServiceName(0x12, "dubbelslot.v1.SessionService")
    package static let about =
        "Sessions, for services and reverse proxies that rely on them."

    package static let introspect = Method<Introspect, Introspection>(
        0x1201, "Introspect", callers: .registered,
        "Says whether a session is in force, whose it is, and whether its proof will do.")

    package static let end = Method<EndSession, SessionsEnded>(
        0x1202, "End", callers: .registered,
        "Ends a session everywhere before it answers.")

    package static let openForSSO = Method<OpenForSSO, NextStep>(
        0x1203, "OpenForSSO", callers: .registered,
        """
        Begins a sign-in of somebody whom an identity provider has signed in: by RPC alone, for \
        callers that a setting names, and never for an administrator. What policy asks for \
        besides, or has been bound here, is proved in the steps of SignInService.
        """)

    package static let watch = Method<WatchSessions, Revocations>(
        0x1204, "Watch", callers: .registered,
        """
        Says which sessions have ended as soon as any has, by RPC alone: so a service may keep \
        what Introspect has told it, for as long as it watches.
        """)

    package static let issueToken = Method<IssueToken, IssuedToken>(
        0x1250, "IssueToken", callers: .registered,
        "Signs a statement about the caller's own session that others can check by themselves.")

    package static var methods: [MethodDescription] {
        [
            introspect.described,
            end.described,
            openForSSO.described,
            watch.described,
            issueToken.described,
        ]
    }
}

/// What serves `SessionService`: its handlers, and at the other end of the wire its client.
package protocol SessionDirectory: Sendable {
    func introspect(_ request: Introspect, _ call: Call) async throws(Fault) -> Introspection
    func issueToken(_ request: IssueToken, _ call: Call) async throws(Fault) -> IssuedToken
    func end(_ request: EndSession, _ call: Call) async throws(Fault) -> SessionsEnded
    func openForSSO(_ request: OpenForSSO, _ call: Call) async throws(Fault) -> NextStep
    func watch(_ request: WatchSessions, _ call: Call) async throws(Fault) -> Revocations
}

/// Decodes, calls the handler and encodes, for each method of `SessionService`.
package struct SessionDirectoryDispatcher<Handlers: SessionDirectory>: Dispatcher {
    package let handlers: Handlers

    package init(_ handlers: Handlers) { self.handlers = handlers }

    package func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        typealias Methods = SessionContract
        switch method {
        case Methods.introspect.number:
            return try await Methods.introspect.serve(
                coding, body, call, handlers.introspect)
        case Methods.issueToken.number:
            return try await Methods.issueToken.serve(
                coding, body, call, handlers.issueToken)
        case Methods.end.number:
            return try await Methods.end.serve(coding, body, call, handlers.end)
        case Methods.openForSSO.number:
            return try await Methods.openForSSO.serve(coding, body, call, handlers.openForSSO)
        case Methods.watch.number:
            return try await Methods.watch.serve(coding, body, call, handlers.watch)
        default: throw Fault(.methodUnknown)
        }
    }
}

/// Asks about a session.
package struct Introspect: Message {
    package static let name = "Introspect"
    package static let about = "Asks about a session."

    package var token: SessionToken?
    package var maxAgeSeconds: UInt32?
    package var level: UInt32

    package init(token: SessionToken? = nil, maxAgeSeconds: UInt32? = nil, level: UInt32 = 0) {
        self.token = token
        self.maxAgeSeconds = maxAgeSeconds
        self.level = level
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        token = try coder.optional(
            1, "token", it?.token,
            "The session's token; without it, the caller's own session.")
        maxAgeSeconds = try coder.optional(
            2, "maxAgeSeconds", it?.maxAgeSeconds,
            """
            How old the last proof may be for what is asked next. Policy's own time holds where \
            it is shorter.
            """)
        level = try coder.field(
            3, "level", it?.level, "The level that is needed next, 1 or 2; zero for any.")
    }
}

/// What is known of a session. A token that is not in force tells nothing else.
package struct Introspection: Message {
    package static let name = "Introspection"
    package static let about =
        "What is known of a session. A token that is not in force tells nothing else."

    package var active: Bool
    package var session: SessionView?
    package var userName: String
    package var roles: [Role]
    package var stepUpRequired: Bool
    package var freshUntil: Timestamp?
    package var keepUntil: Timestamp?

    package init(
        active: Bool, session: SessionView? = nil, userName: String, roles: [Role],
        stepUpRequired: Bool = false, freshUntil: Timestamp? = nil, keepUntil: Timestamp? = nil
    ) {
        self.active = active
        self.session = session
        self.userName = userName
        self.roles = roles
        self.stepUpRequired = stepUpRequired
        self.freshUntil = freshUntil
        self.keepUntil = keepUntil
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        active = try coder.field(1, "active", it?.active, "True while the session is in force.")
        session = try coder.optional(2, "session", it?.session, "The session, when active.")
        userName = try coder.field(
            3, "userName", it?.userName, max: 256,
            "Its owner's user name, when active.")
        roles = try coder.list(4, "roles", it?.roles, max: 16, "Its owner's roles, when active.")
        stepUpRequired = try coder.field(
            5, "stepUpRequired", it?.stepUpRequired,
            "Its proof is older, or of a lower level, than was asked for: StepUp mends that.")
        freshUntil = try coder.optional(
            6, "freshUntil", it?.freshUntil,
            "When policy wants its owner to prove himself again for what is grave, when active.")
        keepUntil = try coder.optional(
            7, "keepUntil", it?.keepUntil,
            "When it ends if nobody uses it: who watches may keep this answer until then.")
    }
}
