import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Wire

/// A pending sign-in as stored, with its user as he is now.
struct PendingSignIn: Sendable {
    let id: ContextID
    let version: Int64
    var flow: SignInFlow
    let policyVersion: Int64
    let bearer: Bool
    let expiresAt: Timestamp
    let account: AccountRecord
}

/// What a sign-in that waits for its next step is stored with.
struct NewPendingSignIn: Sendable {
    let id: ContextID
    let ticket: Ticket
    let account: AccountRecord
    let flow: SignInFlow
    let policyVersion: UInt64
    let bearer: Bool
}

/// `auth.pending_sign_ins`. A row is found by the digest of its ticket, only while it is neither
/// finished nor expired and its user is active under the same epoch. Every step compares and
/// raises the row's version in one statement, so of two steps at once one is refused.
struct PendingSignIns: Sendable {
    /// Fixed upper bound of `product.md`: a sign-in that takes longer begins again.
    static let lifetimeSeconds: Int64 = 600

    let pool: ConnectionPool

    func add(
        _ new: NewPendingSignIn, audit: AuditEntry
    ) async throws(PostgresFault) -> Timestamp? {
        let stored = StoredFlow(new.flow)
        let rows = try await pool.query(
            """
            WITH u AS (
                SELECT id, epoch FROM auth.users
                WHERE id = \(new.account.id) AND epoch = \(new.account.epoch)
                    AND state = 'active'
                FOR SHARE
            ), p AS (
                INSERT INTO auth.pending_sign_ins (id, ticket_digest, user_id, user_epoch, stage,
                    offered_authenticators, offered_verifiers, proved_authenticators,
                    proved_verifiers, must_change_password, bearer, policy_version, expires_at)
                SELECT \(new.id), \(new.ticket.digest), u.id, u.epoch, \(stored.stage),
                    \(stored.offeredAuthenticators), \(stored.offeredVerifiers),
                    \(stored.provedAuthenticators), \(stored.provedVerifiers),
                    \(new.flow.mustChangePassword), \(new.bearer),
                    \(Int64(clamping: new.policyVersion)),
                    clock_timestamp() + make_interval(secs => \(Self.lifetimeSeconds)::bigint)
                FROM u RETURNING expires_at
            ), \(audit.row(from: "p"))
            SELECT expires_at FROM p
            """)
        guard let row = rows.first else { return nil }
        return try row.decode(Timestamp.self)
    }

    /// The pending sign-in that `ticket` opens; nil when it opens nothing.
    func find(_ ticket: Ticket) async throws(PostgresFault) -> PendingSignIn? {
        let rows = try await pool.query(
            """
            SELECT p.id, p.version, p.stage, p.offered_authenticators, p.offered_verifiers,
                p.proved_authenticators, p.proved_verifiers, p.must_change_password,
                p.policy_version, p.bearer, p.expires_at, u.id
            FROM auth.pending_sign_ins p JOIN auth.users u ON u.id = p.user_id
            WHERE p.ticket_digest = \(ticket.digest) AND p.expires_at > clock_timestamp()
                AND p.stage <> 'finished' AND u.state = 'active' AND u.epoch = p.user_epoch
            """)
        guard let row = rows.first else { return nil }
        let (
            id, version, stage, offeredAuthenticators, offeredVerifiers, provedAuthenticators,
            provedVerifiers, mustChange, policyVersion, bearer, expiresAt, userID
        ) = try row.decode(
            ContextID.self, Int64.self, String.self, [AuthenticatorID].self, [String].self,
            [AuthenticatorID].self, [String].self, Bool.self, Int64.self, Bool.self,
            Timestamp.self, UserID.self)
        let stored = StoredFlow(
            stage: stage, offeredAuthenticators: offeredAuthenticators,
            offeredVerifiers: offeredVerifiers, provedAuthenticators: provedAuthenticators,
            provedVerifiers: provedVerifiers)
        guard let account = try await Accounts(pool: pool).get(userID),
            let flow = stored.flow(mustChangePassword: mustChange)
        else { return nil }
        return PendingSignIn(
            id: id, version: version, flow: flow, policyVersion: policyVersion, bearer: bearer,
            expiresAt: expiresAt, account: account)
    }

    /// Stores the flow's next state. False when the row has moved on, ended or expired since.
    func save(_ pending: PendingSignIn) async throws(PostgresFault) -> Bool {
        let stored = StoredFlow(pending.flow)
        let rows = try await pool.query(
            """
            UPDATE auth.pending_sign_ins SET version = version + 1, stage = \(stored.stage),
                offered_authenticators = \(stored.offeredAuthenticators),
                offered_verifiers = \(stored.offeredVerifiers),
                proved_authenticators = \(stored.provedAuthenticators),
                proved_verifiers = \(stored.provedVerifiers),
                must_change_password = \(pending.flow.mustChangePassword)
            WHERE id = \(pending.id) AND version = \(pending.version)
                AND expires_at > clock_timestamp() AND stage <> 'finished'
            RETURNING true
            """)
        return !rows.isEmpty
    }

    /// Ends everything else of the user after his password was replaced inside this sign-in,
    /// which alone goes on under the new epoch. Nil when the row has moved on since.
    func adoptNewPassword(
        _ pending: PendingSignIn, audit: AuditEntry
    ) async throws(PostgresFault) -> (version: Int64, epoch: Int64)? {
        let rows = try await pool.query(
            """
            WITH mine AS (
                SELECT id, user_id FROM auth.pending_sign_ins
                WHERE id = \(pending.id) AND version = \(pending.version)
                    AND expires_at > clock_timestamp() AND stage = 'changing_password'
                FOR UPDATE
            ), u AS (
                UPDATE auth.users u SET epoch = u.epoch + 1 FROM mine
                WHERE u.id = mine.user_id AND u.epoch = \(pending.account.epoch)
                    AND u.state = 'active'
                RETURNING u.id, u.epoch
            ), p AS (
                UPDATE auth.pending_sign_ins p SET user_epoch = u.epoch, version = p.version + 1,
                    must_change_password = false
                FROM u, mine WHERE p.id = mine.id
                RETURNING p.version, u.epoch
            ), \(audit.row(from: "p"))
            SELECT version, epoch FROM p
            """)
        guard let row = rows.first else { return nil }
        let (version, epoch) = try row.decode(Int64.self, Int64.self)
        return (version, epoch)
    }

    /// Gives a pending sign-in up; nothing happens when there is none.
    func cancel(_ ticket: Ticket) async throws(PostgresFault) {
        _ = try await pool.query(
            """
            UPDATE auth.pending_sign_ins SET stage = 'finished', version = version + 1
            WHERE ticket_digest = \(ticket.digest) AND stage <> 'finished'
            """)
    }

    /// Removes rows that expired more than a day ago.
    func sweep() async throws(PostgresFault) -> Int {
        try await pool.execute(
            """
            DELETE FROM auth.pending_sign_ins
            WHERE expires_at < clock_timestamp() - interval '1 day'
            """)
    }
}

/// A flow as the columns hold it.
private struct StoredFlow {
    let stage: String
    var offeredAuthenticators: [AuthenticatorID] = []
    var offeredVerifiers: [String] = []
    let provedAuthenticators: [AuthenticatorID]
    let provedVerifiers: [String]

    /// A flow that is still deciding is never stored: the answer of policy comes first.
    init(_ flow: SignInFlow) {
        provedAuthenticators = flow.proved.map(\.authenticator)
        provedVerifiers = flow.proved.map(\.verifier.text)
        switch flow.state {
        case .verifying(let offered):
            stage = "verifying"
            offeredAuthenticators = offered
        case .binding(let offered):
            stage = "binding"
            offeredVerifiers = offered.map(\.text)
        case .changingPassword:
            stage = "changing_password"
        case .deciding, .finished:
            stage = "finished"
        }
    }

    init(
        stage: String, offeredAuthenticators: [AuthenticatorID], offeredVerifiers: [String],
        provedAuthenticators: [AuthenticatorID], provedVerifiers: [String]
    ) {
        self.stage = stage
        self.offeredAuthenticators = offeredAuthenticators
        self.offeredVerifiers = offeredVerifiers
        self.provedAuthenticators = provedAuthenticators
        self.provedVerifiers = provedVerifiers
    }

    /// Nil for columns that are no flow.
    func flow(mustChangePassword: Bool) -> SignInFlow? {
        let proved = zip(provedAuthenticators, provedVerifiers.compactMap(VerifierUID.init))
            .map(SignInFlow.Factor.init)
        guard proved.count == provedVerifiers.count else { return nil }
        let state: SignInFlow.State
        switch stage {
        case "verifying": state = .verifying(offered: offeredAuthenticators)
        case "binding": state = .binding(offered: offeredVerifiers.compactMap(VerifierUID.init))
        case "changing_password": state = .changingPassword
        case _: return nil
        }
        return SignInFlow(state: state, mustChangePassword: mustChangePassword, proved: proved)
    }
}

extension OpaqueToken {
    /// What is stored in its place. 256 random bits need no salt and no slow hash.
    var digest: Bytes { Bytes(Digest.sha256(Array(text.utf8))) }
}
