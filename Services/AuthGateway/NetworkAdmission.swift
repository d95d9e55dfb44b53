import Audit
import Contracts
import Postgres
import RPC
import Wire

/// From where people may sign in, judged before a name is looked up or a password hashed: whoever
/// comes from a network that is refused is told so, whatever he types. Administrators who come
/// from elsewhere than they may do not exist there: their names are answered as names that nobody
/// has, and nobody there uses up their tries.
extension Gateway {
    /// Throws `.networkRefused` where nobody signs in from, `.unavailable` where policy has not
    /// been heard a moment ago either: it would be needed for the session all the same.
    func admission(of call: Call) async throws(Fault) -> EdgePolicy {
        let edge = try await edgePolicy(call)
        guard edge.admits(call.place, isAdministrator: false) else {
            try await refuse(
                AuditEntry(
                    .networkRefused, requestID: Bytes(call.requestID.bytes),
                    trace: call.trace.audited, source: call.caller.description))
        }
        return edge
    }

    /// The same for somebody who is known, at a step of his sign-in. He may have moved.
    func admit(_ account: AccountRecord, _ call: Call) async throws(Fault) {
        try await admit(account, by: try await edgePolicy(call), call)
    }

    /// An administrator's session serves where he may sign in from, and nowhere else. Policy away,
    /// what was last heard holds: sessions go on.
    func admit(_ session: SessionRecord, _ call: Call) async throws(Fault) {
        guard session.account.isAdministrator else { return }
        guard let edge = await heardEdge(call) else {
            throw Fault(.unavailable, retryAfterSeconds: 1, detail: "no word of policy yet")
        }
        try await admit(session.account, by: edge, call)
    }

    private func admit(
        _ account: AccountRecord, by edge: EdgePolicy, _ call: Call
    ) async throws(Fault) {
        guard !edge.admits(call.place, isAdministrator: account.isAdministrator) else { return }
        try await refuse(call.audit(.networkRefused, subject: account.id))
    }

    /// What policy says now, or has last said; nil before its first word.
    func heardEdge(_ call: Call) async -> EdgePolicy? {
        do throws(Fault) {
            return try await edgePolicy(call)
        } catch {
            return policyVersions.knownEdge
        }
    }

    private func edgePolicy(_ call: Call) async throws(Fault) -> EdgePolicy {
        if let fresh = policyVersions.freshEdge() { return fresh }
        let edge = try await policy.edgePolicy(GetEdgePolicy(), call)
        try policyVersions.accept(edge.version)
        policyVersions.note(edge)
        return edge
    }

    private func refuse(_ audit: AuditEntry) async throws(Fault) -> Never {
        _ = try await stored { () throws(PostgresFault) in
            try await accounts.pool.execute(audit.insert)
        }
        throw Fault(.networkRefused)
    }
}

extension EdgePolicy {
    /// The account, unless it is an administrator's who may not come from there. He stands in the
    /// audit, and is nobody to whoever asks.
    func visible(
        _ account: AccountRecord?, in gateway: Gateway, _ call: Call
    ) async throws(Fault) -> AccountRecord? {
        guard let account, account.isAdministrator,
            !admits(call.place, isAdministrator: true)
        else { return account }
        _ = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.pool.execute(
                call.audit(.networkRefused, subject: account.id).insert)
        }
        return nil
    }
}
