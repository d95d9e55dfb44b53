import RPC
import Wire

/// Sessions, for services and reverse proxies that rely on them.
package enum SessionContract: Contract {
    package static let service = ServiceName(0x12, "dubbelslot.v1.SessionService")
    package static let about =
        "Sessions, for services and reverse proxies that rely on them."

    package static let introspect = Method<Introspect, Introspection>(
        0x1201, "Introspect", callers: .registered,
        "Says whether a session is in force, and whose it is.")

    package static let issueToken = Method<IssueToken, IssuedToken>(
        0x1250, "IssueToken", callers: .registered,
        "Signs a statement about the caller's own session that others can check by themselves.")

    package static var methods: [MethodDescription] {
        [
            introspect.described, issueToken.described,
        ]
    }
}

/// What serves `SessionService`: its handlers, and at the other end of the wire its client.
package protocol SessionDirectory: Sendable {
    func introspect(_ request: Introspect, _ call: Call) async throws(Fault) -> Introspection
    func issueToken(_ request: IssueToken, _ call: Call) async throws(Fault) -> IssuedToken
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
        default: throw Fault(.methodUnknown)
        }
    }
}

/// Asks about a session.
package struct Introspect: Message {
    package static let name = "Introspect"
    package static let about = "Asks about a session."

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

/// What is known of a session. A token that is not in force tells nothing else.
package struct Introspection: Message {
    package static let name = "Introspection"
    package static let about =
        "What is known of a session. A token that is not in force tells nothing else."

    package var active: Bool
    package var session: SessionView?
    package var userName: String
    package var roles: [Role]

    package init(active: Bool, session: SessionView? = nil, userName: String, roles: [Role]) {
        self.active = active
        self.session = session
        self.userName = userName
        self.roles = roles
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        active = try coder.field(1, "active", it?.active, "True while the session is in force.")
        session = try coder.optional(2, "session", it?.session, "The session, when active.")
        userName = try coder.field(
            3, "userName", it?.userName, max: 256,
            "Its owner's user name, when active.")
        roles = try coder.list(4, "roles", it?.roles, max: 16, "Its owner's roles, when active.")
    }
}
