import Daemon
import Postgres
import RPC
import Wire

extension Log {
    /// What the database connections tell.
    package func heard(_ event: ConnectionPool.Event) {
        switch event {
        case .connected: debug("database_connected")
        case .lost(let why): warning("database_connection_lost", ["why": .text(why)])
        case .failed(let why): warning("database_unreachable", ["why": .text(why)])
        }
    }

    /// What a server tells of its callers, or a client (then `role` says whose) of its peers.
    /// - Parameter methods: What a server serves.
    package func heard(
        _ notice: RPCNotice, from role: ServiceRole? = nil, of methods: MethodRows = MethodRows([])
    ) {
        let service = LogValue.text(role?.rawValue ?? "")
        switch notice {
        case .callRefused(let caller, let method, let reason):
            warning(
                "call_not_allowed",
                [
                    "caller": .text(caller.description),
                    "method": .text(methods.text(of: method)), "reason": .text(reason.rawValue),
                ])
        case .callFaulted(let caller, let method, let requestID, let trace, let fault):
            let fields: Log.Fields = [
                "caller": .text(caller.description),
                "method": .text(methods.text(of: method)),
                "request_id": .text(requestID.description),
                "trace_id": .text(trace.description), "span_id": .text(trace.span),
                "reason": .text(fault.reason.rawValue), "detail": .text(fault.detail),
            ]
            switch fault.reason {
            case .internal: error("call_failed", fields)
            case _: info("call_refused", fields)
            }
        case .violation(let violation, let peer):
            warning(
                "protocol_violated",
                ["peer": .text(peer), "what": .text(violation.rawValue), "peer_service": service])
        case .peerHealthy(let peer):
            info("peer_answers", ["peer": .text(peer), "peer_service": service])
        case .peerLost(let peer, let why):
            warning("peer_lost", ["peer": .text(peer), "peer_service": service, "why": .text(why)])
        }
    }
}
