import Wire

/// What a server or client tells the log: refusals and the ends of connections. Never on the way
/// of a call that succeeds.
package enum RPCNotice: Sendable {
    /// A method unknown to the server, or not allowed to the caller.
    case callRefused(caller: Caller, method: UInt16, reason: RefusedCall)
    /// A handler refused; the fault's detail is for the log.
    case callFaulted(
        caller: Caller, method: UInt16, requestID: RequestID, trace: Trace, fault: Fault)
    /// The connection was closed because of what the peer did.
    case violation(Violation, peer: String)
    /// Client: a peer answers, or does so no more, and why.
    case peerHealthy(peer: String)
    case peerLost(peer: String, why: String)

    package enum RefusedCall: String, Sendable {
        case methodUnknown = "method_unknown"
        case callerNotAllowed = "caller_not_allowed"
    }
}
