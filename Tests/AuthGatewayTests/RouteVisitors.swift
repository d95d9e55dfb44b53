import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What somebody holds who calls a method: the columns of the route table.
enum Situation: String, CaseIterable {
    case nothing = "no session"
    /// The ticket of a pending sign-in where a session's token belongs.
    case ticket
    /// Password only, just now, by a user without a second factor.
    case weak
    /// The same, more than five minutes ago.
    case weakStale = "weak stale"
    /// Password only, just now, by a user who has a second factor.
    case bound
    case strong
    /// Both factors, more than five minutes ago.
    case stale
    case idle
    /// Older than sessions get, and used until now.
    case expired
    case ended
    /// The password was changed in another session.
    case changed
    /// A strong session of a user whose password and second factor failures have locked.
    case locked
    case disabled
    /// A session of level 1 of an administrator without a second factor.
    case adminWeak = "admin weak"
    case adminStrong = "admin strong"
    case adminStale = "admin stale"

    var isAdministrator: Bool {
        switch self {
        case .adminWeak, .adminStrong, .adminStale: true
        case .nothing, .ticket, .weak, .weakStale, .bound, .strong, .stale, .idle, .expired,
            .ended, .changed, .locked, .disabled:
            false
        }
    }

    var hasFactor: Bool { self != .weak && self != .weakStale && self != .adminWeak }

    /// Nil where there is no session at all.
    var level: Int32? {
        switch self {
        case .nothing, .ticket: nil
        case .weak, .weakStale, .bound, .adminWeak: 1
        case .strong, .stale, .idle, .expired, .ended, .changed, .locked, .disabled, .adminStrong,
            .adminStale:
            2
        }
    }

    var isStale: Bool { self == .weakStale || self == .stale || self == .adminStale }
}

/// How a call comes in.
enum Entry: String, CaseIterable {
    case cookie, bearer, rpc
}

/// Somebody in a situation, and what a request of his can name. Made anew for every cell.
struct Visitor: Sendable {
    let user: TestUser
    let authenticator: AuthenticatorID
    let entry: Entry
    let credential: String?
    /// A sign-in of the same user at the stage that the method goes on from.
    let ticket: Ticket
    /// Another user, with a second factor.
    let other: UserID
    /// The other user's second factor.
    let foreign: AuthenticatorID
    let policyVersion: UInt64
    /// His own, and the other user's; one that never was where there is none.
    let session: SessionID
    let foreignSession: SessionID
    /// A device that the user trusts, and one of the other's.
    let trust: TrustedDeviceID
    let foreignTrust: TrustedDeviceID
    /// From a link that was sent to the user.
    let reset: ResetToken
    /// Another administrator's change of the settings, which waits.
    let change: SettingsChangeID
    let accounts: RouteAccounts
    /// Like no other visitor's.
    let number: Int

    func unique(_ text: String) -> String { "\(text)\(number)" }
}

extension Gatehouse {
    /// Makes a visitor: what he holds was made in the ordinary way, and then came what made it
    /// void.
    func visitor(
        _ situation: Situation, _ entry: Entry, _ number: Int, for route: Route? = nil
    ) async throws -> Visitor {
        let user = try await makeUser(
            "user\(number)", roles: situation.isAdministrator ? [.administrator] : [],
            factors: route?.hasFactor ?? situation.hasFactor ? 1 : 0)
        let account = try await account(user)
        let needsOther = route.map { $0.service == AdminContract.service || $0.namesOther }
        let other = needsOther ?? false ? try await makeUser("other\(number)", factors: 1) : user
        let ticket = try Ticket.fresh()
        let authenticator = try user.factors.first?.id ?? .fresh()
        if situation == .ticket || route?.service == SignInContract.service {
            let flow = Self.flow(route?.stage ?? .verifying, user.factors.first, authenticator)
            try await begin(ticket, account, flow, bearer: entry != .cookie)
        }
        var credential: String?
        var own = SessionID.sample
        if situation == .ticket { credential = ticket.text }
        if let level = situation.level {
            let (id, token) = try await session(of: account, situation, level)
            credential = token.text
            own = id
            if route?.method.number == AccountContract.confirmBinding.number {
                awaitCode(of: user.id, in: ContextID(high: id.high, low: id.low))
            }
        }
        var foreign = SessionID.sample
        if other.id != user.id, route?.concernsSessions ?? false {
            foreign = try await session(of: try await self.account(other), .strong, 2).0
        }
        let needsTrust = route?.method.number == AccountContract.forgetTrustedDevice.number
        let trusts = needsTrust ? [try trusted(by: user.id), try trusted(by: other.id)] : []
        let version = policy.state.withLock { $0.version }
        let reset = try ResetToken.fresh()
        verification.state.withLock { $0.resets[reset] = user.id }
        let change = try SettingsChangeID.fresh()
        policy.propose(change)
        let accounts = try await prepare(route, user, other, number)
        return Visitor(
            user: user, authenticator: authenticator, entry: entry, credential: credential,
            ticket: ticket, other: other.id,
            foreign: other.factors.first?.id ?? authenticator, policyVersion: version,
            session: own, foreignSession: foreign, trust: trusts.first ?? .sample,
            foreignTrust: trusts.last ?? .sample, reset: reset, change: change,
            accounts: accounts, number: number)
    }

    private func trusted(by user: UserID) throws -> TrustedDeviceID {
        let id = try Random.identifier(TrustedDeviceKind.self)
        try sql(
            """
            INSERT INTO auth.trusted_devices (id, user_id, user_epoch, digest, authenticator_id,
                verifier, kind, bound_authenticators, title, place, expires_at)
            SELECT '\(id)', id, epoch, sha256('\(id)'), '\(id)', 'totp', 'totp', '{}', '', '',
                clock_timestamp() + interval '1 day'
            FROM auth.users WHERE id = '\(user)'
            """)
        return id
    }

    /// A pending sign-in at the step that the method goes on from.
    private func begin(
        _ ticket: Ticket, _ account: AccountRecord, _ flow: SignInFlow, bearer: Bool
    ) async throws {
        let id = try Random.identifier(ContextKind.self)
        try await on { gateway in
            let new = NewPendingSignIn(
                id: id, ticket: ticket, trace: TraceID(Call.from().trace),
                password: .sample, account: account,
                flow: flow, policyVersion: 1, bearer: bearer)
            _ = try await gateway.pendingSignIns.add(
                new, audit: Call.from().audit(.signInStarted, subject: account.id))
        }
        verification.state.withLock { _ = $0.passkeyContexts.insert(ticket.passkeyContext) }
        if case .binding = flow.state { awaitCode(of: account.id, in: id) }
    }

    /// A binding that waits for its first code.
    private func awaitCode(of user: UserID, in context: ContextID) {
        verification.state.withLock {
            $0.begun[user] = BeginBinding(
                user: user, verifier: VerificationDouble.totp, context: context, accountName: "",
                additional: false)
        }
    }

    private static func flow(
        _ stage: Route.Stage, _ factor: AuthenticatorView?, _ authenticator: AuthenticatorID
    ) -> SignInFlow {
        let proved = factor.map {
            SignInFlow.Factor(authenticator: $0.id, verifier: $0.verifier, kind: .totp)
        }
        return switch stage {
        case .verifying:
            SignInFlow(
                state: .verifying(offered: [authenticator]), mustChangePassword: false, proved: [])
        case .binding:
            SignInFlow(
                state: .binding(offered: [VerificationDouble.totp]), mustChangePassword: false,
                proved: [])
        case .changingPassword:
            SignInFlow(
                state: .changingPassword, mustChangePassword: true,
                proved: proved.map { [$0] } ?? [])
        }
    }

    private func session(
        of account: AccountRecord, _ situation: Situation, _ level: Int32
    ) async throws -> (SessionID, SessionToken) {
        let id = try Random.identifier(SessionKind.self)
        let token = try SessionToken.fresh()
        let limits = SessionLimits.of(account)
        let proved: Int64 = situation.isStale ? SessionRecord.freshSeconds + 2 : 1
        let used: Int64 = situation == .idle ? limits.idleSeconds + 1 : 1
        let age: Int64 = situation == .expired ? limits.overallSeconds + 1 : proved
        try await on { gateway in
            _ = try await gateway.sessions.pool.execute(
                """
                INSERT INTO auth.sessions (id, token_digest, user_id, user_epoch, methods, level,
                    created_at, proved_at, last_used_at, idle_seconds, expires_at)
                SELECT \(id), \(token.digest), \(account.id), \(account.epoch), '{pwd}', \(level),
                    now - make_interval(secs => \(age)::bigint),
                    now - make_interval(secs => \(proved)::bigint),
                    now - make_interval(secs => \(used)::bigint), \(limits.idleSeconds),
                    now + make_interval(secs => \(limits.overallSeconds - age)::bigint)
                FROM clock_timestamp() AS now
                """)
        }
        return (id, token)
    }

    /// What voids what the visitor holds, done as the services do it.
    func turn(
        _ situation: Situation, against visitor: Visitor, for route: Route
    ) async throws {
        let user = visitor.user.id
        let audit = Call.from().audit(.sessionsEnded, subject: user)
        switch situation {
        case .ended:
            let token = try SessionToken(raw: try #require(visitor.credential))
            try await on { gateway in
                let session = try #require(try await gateway.sessions.find(token))
                try await gateway.sessions.end(session, audit: audit)
            }
        case .changed:
            _ = try await on { try await $0.accounts.endEverything(of: user, audit: audit) }
        case .disabled:
            _ = try await on { try await $0.accounts.setDisabled(true, user, audit: audit) }
        case .nothing, .ticket, .weak, .weakStale, .bound, .strong, .stale, .idle, .expired,
            .locked, .adminWeak, .adminStrong, .adminStale:
            break
        }
        // Whoever sets a password after a proof, or by a link, is not asked for the old one.
        let asksNot = [
            SignInContract.changePassword.number, SignInContract.completePasswordReset.number,
        ]
        let asks = !asksNot.contains(route.method.number)
        for method in ["checkPassword", "checkCode"] + (asks ? ["replacePassword"] : []) {
            verification.stand.before(method) {
                if situation == .locked { throw Fault(.attemptsDelayed, retryAfterSeconds: 30) }
            }
        }
    }
}
