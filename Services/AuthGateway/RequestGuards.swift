import Audit
import Contracts
import Postgres
import RPC
import Wire

/// Who may: the checks that stand before an account's or an administrator's method. Each throws
/// what is missing, or returns the session.
extension Gateway {
    /// The session a call is made under: a browser's cookie, a bearer token, or the token a
    /// registered caller acts with. Throws `.notSignedIn`, or for an administrator who is not
    /// where he may be `.networkRefused`.
    func session(of call: Call) async throws(Fault) -> SessionRecord {
        guard let token = call.sessionToken else { throw Fault(.notSignedIn) }
        let session = try await session(of: token)
        try await admit(session, call)
        return session
    }

    func session(of token: SessionToken) async throws(Fault) -> SessionRecord {
        let session = try await stored { () throws(PostgresFault) in
            try await sessions.find(token)
        }
        guard let session else { throw Fault(.notSignedIn) }
        return session
    }

    /// A session whose owner proved himself within the last five minutes, with a second factor
    /// where he has one: what changes of authenticators, password and policy want. Mail raises no
    /// level, and serves whoever has bound nothing else.
    func freshSession(of call: Call) async throws(Fault) -> SessionRecord {
        let session = try await session(of: call)
        guard session.isFresh else { throw Fault(.stepUpRequired) }
        if session.level < 2 {
            let list = try await verification.listAuthenticators(
                ListAuthenticators(user: session.account.id), call)
            let kinds = list.authenticators.map(\.type)
            guard kinds.allSatisfy({ $0 == .email }), kinds.isEmpty || session.hasSecondFactor
            else { throw Fault(.stepUpRequired) }
        }
        return session
    }

    /// An administrator's session of level 2. A user who is none stands in the audit with his try:
    /// no page of ours leads him here.
    func administrator(of call: Call) async throws(Fault) -> SessionRecord {
        let session = try await session(of: call)
        guard session.account.isAdministrator else {
            let user = session.account.id
            try await stored { () throws(PostgresFault) in
                _ = try await accounts.pool.execute(
                    call.audit(.callerRefused, actor: user, subject: user).insert)
            }
            throw Fault(.administratorRequired)
        }
        guard session.level >= 2 else { throw Fault(.stepUpRequired) }
        return session
    }

    /// The same, freshly proved: what every method wants that changes something.
    func freshAdministrator(of call: Call) async throws(Fault) -> SessionRecord {
        let session = try await administrator(of: call)
        guard session.isFresh else { throw Fault(.stepUpRequired) }
        return session
    }

    /// The same, with a reason for the audit.
    func freshAdministrator(
        of call: Call, because reason: String
    ) async throws(Fault) -> SessionRecord {
        let session = try await freshAdministrator(of: call)
        guard reason.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw Fault(.reasonRequired)
        }
        return session
    }
}

extension Call {
    /// Nil when there is none or it is no token at all.
    var sessionToken: SessionToken? {
        guard let bearer, let text = String(validating: bearer.array, as: UTF8.self) else {
            return nil
        }
        do {
            return try SessionToken(raw: text)
        } catch {
            return nil
        }
    }
}
