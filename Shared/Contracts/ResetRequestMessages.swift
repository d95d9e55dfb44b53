import Wire

package enum ResetRequestKind: IdentifierKind { package static let noun = "request to reset" }
package typealias ResetRequestID = Identifier<ResetRequestKind>

/// Asks for another administrator's second factors to be removed.
package struct RequestReset: Message {
    package static let name = "RequestReset"
    package static let about =
        "Asks for another administrator's second factors to be removed."

    package var user: UserID
    package var reason: String

    package init(user: UserID, reason: String) {
        self.user = user
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        user = try coder.required(1, "user", it?.user, "Whose.")
        reason = try coder.field(
            2, "reason", it?.reason, max: 1024, "For whoever approves, and for the audit.")
    }
}

/// A request that waits for an administrator who is neither of the two.
package struct ResetRequestView: Message {
    package static let name = "ResetRequestView"
    package static let about =
        "A request that waits for an administrator who is neither of the two."

    package var id: ResetRequestID
    package var user: UserID
    package var userName: String
    package var askedBy: UserID
    package var askedByName: String
    package var reason: String
    package var askedAt: Timestamp
    package var expiresAt: Timestamp

    package init(
        id: ResetRequestID, user: UserID, userName: String, askedBy: UserID,
        askedByName: String, reason: String, askedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.user = user
        self.userName = userName
        self.askedBy = askedBy
        self.askedByName = askedByName
        self.reason = reason
        self.askedAt = askedAt
        self.expiresAt = expiresAt
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        id = try coder.required(1, "id", it?.id, "The request.")
        user = try coder.required(2, "user", it?.user, "Whose second factors.")
        userName = try coder.field(3, "userName", it?.userName, max: 256, "His name.")
        askedBy = try coder.required(4, "askedBy", it?.askedBy, "Who asked.")
        askedByName = try coder.field(
            5, "askedByName", it?.askedByName, max: 256, "His name.")
        reason = try coder.field(6, "reason", it?.reason, max: 1024, "Why.")
        askedAt = try coder.required(7, "askedAt", it?.askedAt, "When.")
        expiresAt = try coder.required(
            8, "expiresAt", it?.expiresAt, "When nobody can approve it any more.")
    }
}

/// Asks for the requests that wait.
package struct ListResetRequests: Message {
    package static let name = "ListResetRequests"
    package static let about = "Asks for the requests that wait."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// The requests that wait, oldest first.
package struct ResetRequestList: Message {
    package static let name = "ResetRequestList"
    package static let about = "The requests that wait, oldest first."

    package var requests: [ResetRequestView]

    package init(requests: [ResetRequestView]) {
        self.requests = requests
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        requests = try coder.list(1, "requests", it?.requests, max: 100, "At most one a user.")
    }
}

/// Approves a request, which removes the second factors.
package struct ApproveReset: Message {
    package static let name = "ApproveReset"
    package static let about = "Approves a request, which removes the second factors."

    package var request: ResetRequestID
    package var reason: String

    package init(request: ResetRequestID, reason: String) {
        self.request = request
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        request = try coder.required(1, "request", it?.request, "Which.")
        reason = try coder.field(2, "reason", it?.reason, max: 1024, "For the audit.")
    }
}

/// Ends a request that waits.
package struct RefuseReset: Message {
    package static let name = "RefuseReset"
    package static let about = "Ends a request that waits."

    package var request: ResetRequestID
    package var reason: String

    package init(request: ResetRequestID, reason: String) {
        self.request = request
        self.reason = reason
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        request = try coder.required(1, "request", it?.request, "Which.")
        reason = try coder.field(2, "reason", it?.reason, max: 1024, "For the audit.")
    }
}

/// Nobody can approve it any more.
package struct ResetRefused: Message {
    package static let name = "ResetRefused"
    package static let about = "Nobody can approve it any more."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}
