import Audit
import Contracts
import RPC
import Wire

/// What every audit row of one call shares. The details name the authenticator and what the
/// proof was for, never what was typed.
struct AuditContext: Sendable {
    private let requestID: Bytes
    let trace: Trace
    private let source: String
    private let actor: UserID?
    private let details: KeyValuePairs<String, String>

    /// - Parameter actor: Nobody is known before a password is right; afterwards the user
    ///   himself, or the administrator who does it to him.
    init(_ call: Call, actor: UserID?, _ details: KeyValuePairs<String, String> = [:]) {
        requestID = Bytes(call.requestID.bytes)
        trace = call.trace
        source = call.caller.description
        self.actor = actor
        self.details = details
    }

    func entry(_ event: AuditEvent, _ subject: UserID?) -> AuditEntry {
        AuditEntry(
            event, actor: actor, subject: subject, requestID: requestID,
            trace: trace.audited, source: source, details)
    }
}
