import Audit
import Contracts
import Postgres
import RPC
import Wire

/// `verification.invitations`: links with which somebody chooses his first password, kept as
/// digests like those that replace a forgotten one, and used in the same way.
struct Invitations: Sendable {
    let pool: ConnectionPool

    /// A new link makes an earlier one void. When it works no more; nil where there is a password.
    func begin(
        _ user: UserID, _ token: ResetToken, _ queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) -> Timestamp? {
        let lifetime = MessageSubject.invitation.lifetime
        let sql: SQL = """
            WITH begun AS (
                INSERT INTO verification.invitations AS i (user_id, digest, expires_at)
                SELECT \(user), \(token.digest), clock_timestamp() + \(lifetime)
                WHERE NOT EXISTS (
                    SELECT FROM verification.authenticators a
                    WHERE a.user_id = \(user) AND a.kind = 'password' AND a.sealed IS NOT NULL)
                ON CONFLICT (user_id)
                DO UPDATE SET digest = EXCLUDED.digest, expires_at = EXCLUDED.expires_at
                RETURNING i.expires_at
            ),
            \(queued.row(from: "begun")),
            \(audit.entry(.invitationSent, user).row(from: "begun"))
            SELECT expires_at FROM begun
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(Timestamp.self)
        }
    }
}

extension VerificationHandlers {
    func sendInvitation(
        _ request: SendInvitation, _ call: Call
    ) async throws(Fault) -> InvitationSent {
        try requireMail()
        let token = try ResetToken.fresh()
        let queued = try outbox.queue(
            .invitation, toWhomever: request.receiver, of: request.user
        ) { $0.secret = token.text }
        let expiresAt = try await invitations.begin(
            request.user, token, queued, AuditContext(call, actor: request.actor))
        guard let expiresAt else { throw Fault(.passwordExists) }
        outbox.wake()
        return InvitationSent(expiresAt: expiresAt)
    }

    /// Whether there is an account, and whether enough was sent already: one row is written.
    func sendSignUp(_ request: SendSignUp, _ call: Call) async throws(Fault) -> SignUpQueued {
        try requireMail()
        let queued = try outbox.queue(
            request.token == nil ? .signUpKnown : .signUp, toWhomever: request.receiver,
            of: request.user
        ) { $0.secret = request.token?.text ?? "" }
        try await outbox.add(queued)
        return SignUpQueued()
    }

    /// Throws where no mail leaves this installation, so that nobody waits for one.
    private func requireMail() throws(Fault) {
        guard outbox.exits.channels.contains(.mail) else {
            throw Fault(.messageSendFailed, detail: "there is no mail server")
        }
    }
}
