import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Wire

/// `SessionService`: what services and proxies ask about a session. A token that opens nothing
/// tells nothing but that.
struct SessionHandlers: SessionDirectory {
    let gateway: Gateway
    let door: Door

    /// A frontend may want a fresher proof than policy does, never be content with an older one.
    func introspect(_ request: Introspect, _ call: Call) async throws(Fault) -> Introspection {
        guard request.level <= 2 else { throw Fault(.malformed, detail: "no level") }
        guard let token = request.token ?? call.sessionToken else {
            return .inactive
        }
        let session = try await stored { () throws(PostgresFault) in
            try await gateway.sessions.find(token)
        }
        guard let session else { return .inactive }
        let isFresh = request.maxAgeSeconds.map { session.isProved(within: Int64($0)) } ?? true
        return Introspection(
            active: true, session: session.view(), userName: session.account.userName,
            roles: session.account.roles,
            stepUpRequired: !isFresh || session.level < request.level,
            freshUntil: session.freshUntil, keepUntil: session.restsUntil)
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

    /// Whoever holds a session may end it.
    func end(_ request: EndSession, _ call: Call) async throws(Fault) -> SessionsEnded {
        guard let token = request.token ?? call.sessionToken else { throw Fault(.notSignedIn) }
        let session = try await gateway.session(of: token)
        let user = session.account.id
        try await stored { () throws(PostgresFault) in
            try await gateway.sessions.end(
                session, audit: call.audit(.sessionEnded, actor: user, subject: user))
        }
        if token == call.sessionToken { door.forget() }
        return SessionsEnded()
    }

    // MARK: Watching

    static let waitSecondsMax: UInt32 = 20

    /// A long poll: it answers as soon as anything has ended. For services alone: it tells of
    /// everybody's sessions.
    func watch(_ request: WatchSessions, _ call: Call) async throws(Fault) -> Revocations {
        guard case .service = call.caller else {
            throw Fault(.callerNotAllowed, detail: "sessions are watched by RPC")
        }
        guard request.waitSeconds <= Self.waitSecondsMax else {
            throw Fault(.malformed, detail: "a wait of \(request.waitSeconds) seconds")
        }
        var cursor: RevocationLog.Cursor?
        if !request.cursor.isEmpty {
            cursor = RevocationLog.Cursor(request.cursor)
            guard cursor != nil else { throw Fault(.malformed, detail: "no cursor of ours") }
        }
        guard !gateway.revocations.bell.isCrowded else {
            throw Fault(.overloaded, retryAfterSeconds: 1, detail: "too many watch")
        }
        let wait = Duration.seconds(Int64(request.waitSeconds))
        // Who asked has to get the answer before he stops waiting for it.
        let left = call.timeLeft(otherwise: wait + .seconds(1)) - .seconds(1)
        return try await gateway.revocations.next(since: cursor, within: min(wait, left))
    }

    // MARK: Single sign-on

    /// The word of the identity provider stands in the place of the password, and has the level
    /// that the setting grants this caller. What rules ask of single sign-on, and what the user
    /// has bound here, is asked for as in every sign-in.
    func openForSSO(_ request: OpenForSSO, _ call: Call) async throws(Fault) -> NextStep {
        let id = try ContextID.fresh()
        let call = call.step(of: id)
        door.joined(call.trace)
        guard case .service(let identity) = call.caller,
            let grant = gateway.ssoCallers.grant(of: identity)
        else { throw Fault(.callerNotAllowed, detail: "no caller for single sign-on") }
        guard !request.amr.isEmpty, !request.provider.isEmpty else {
            throw Fault(.malformed, detail: "no proof or no provider")
        }
        // Where the user is nobody says, so no list of networks lets him in.
        _ = try await gateway.admission(of: call)
        let account = try await stored { () throws(PostgresFault) in
            try await gateway.accounts.find(SignInKey(request.identifier))
        }
        guard let account else { throw Fault(.userNotFound) }
        guard grant.includes(account) else {
            try await stored { () throws(PostgresFault) in
                _ = try await gateway.accounts.pool.execute(
                    call.audit(
                        .callerRefused, subject: account.id,
                        details: ["method": SessionContract.openForSSO.name]
                    ).insert)
            }
            throw Fault(.callerNotAllowed, detail: "not for this user")
        }
        let proof = SessionProof(elsewhere: request.amr, atMost: grant.level)
        return try await SignInHandlers(gateway: gateway, door: door).begin(
            SignInFlow(singleSignOn: proof),
            SignInHandlers.Beginning(
                id: id, account: account, password: nil, bearer: true, device: nil,
                changed: .userNotFound,
                sso: SingleSignOn(caller: identity, provider: request.provider, proof: proof),
                provedAt: request.authTime),
            call)
    }
}

extension RevocationLog {
    /// Between two looks where nothing rings, which is so only while the database cannot ring.
    static let lookInterval: Duration = .seconds(2)

    /// What has ended since, as soon as anything has; nothing when the time is over.
    func next(
        since cursor: Cursor?, within time: Duration, looking interval: Duration = lookInterval
    ) async throws(Fault) -> Revocations {
        let end = ContinuousClock.now + time
        while true {
            let heard = bell.rings
            let found = try await stored { () throws(PostgresFault) in
                try await look(since: cursor)
            }
            let left = end - .now
            guard !found.isNews, left > .zero, !bell.isStopped, !bell.isCrowded else {
                return found
            }
            await bell.wait(since: heard, atMost: min(left, interval))
        }
    }
}

extension Revocations {
    fileprivate var isNews: Bool { reset || !sessions.isEmpty || !users.isEmpty }
}

extension Introspection {
    fileprivate static var inactive: Introspection {
        Introspection(active: false, userName: "", roles: [])
    }
}
