import Audit
import Contracts
import Postgres
import RPC
import Wire

/// What users call their authenticators. A name is shown and never compared; it opens nothing, so
/// whoever holds a session may change it.
extension VerificationHandlers {
    func renameAuthenticator(
        _ request: NameAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorView {
        try Self.requireShowable(request.name)
        let (user, id) = (request.user, request.authenticator)
        let audit = AuditContext(call, actor: user, ["authenticator": id.description])
        guard try await factors.rename(user, id, to: request.name, audit),
            let view = try await factors.list(user).first(where: { $0.id == id })
        else { throw Fault(.authenticatorNotFound) }
        return view
    }

    /// The gateway has judged the name; here it must not take over a terminal or a log.
    static func requireShowable(_ name: String) throws(Fault) {
        guard name.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            throw Fault(.malformed, detail: "control characters")
        }
    }
}

extension SecondFactors {
    /// False when the user has no such second factor. The name itself stays out of the audit.
    fileprivate func rename(
        _ user: UserID, _ id: AuthenticatorID, to name: String, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let sql: SQL = """
            WITH renamed AS (
                UPDATE verification.authenticators a SET name = \(name)
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.verifier IS NOT NULL
                RETURNING a.id
            ),
            \(audit.entry(.authenticatorRenamed, user).row(from: "renamed"))
            SELECT count(*) FROM renamed
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self) == 1
        }
    }
}
