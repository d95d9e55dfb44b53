import Contracts
import Crypto
import Postgres
import RPC
import Wire

/// `SessionService`: what services and proxies ask about a session. A token that opens nothing
/// tells nothing but that.
struct SessionHandlers: SessionDirectory {
    let gateway: Gateway

    func introspect(_ request: Introspect, _ call: Call) async throws(Fault) -> Introspection {
        guard let token = request.token ?? call.sessionToken else {
            return .inactive
        }
        let session = try await stored { () throws(PostgresFault) in
            try await gateway.sessions.find(token)
        }
        guard let session else { return .inactive }
        return Introspection(
            active: true, session: session.view(), userName: session.account.userName,
            roles: session.account.roles)
    }

    func issueToken(_ request: IssueToken, _ call: Call) async throws(Fault) -> IssuedToken {
        let session = try await gateway.session(of: call)
        guard let tokens = gateway.signedTokens, tokens.audiences.contains(request.audience)
        else { throw Fault(.audienceUnknown) }
        do throws(CryptoFault) {
            let signed = try tokens.sign(session, for: request.audience)
            return IssuedToken(token: signed.text, expiresAt: signed.expiresAt)
        } catch {
            throw Fault(.unavailable, detail: "signing: \(error)")
        }
    }
}

extension Introspection {
    fileprivate static var inactive: Introspection {
        Introspection(active: false, userName: "", roles: [])
    }
}
