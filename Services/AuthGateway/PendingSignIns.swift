import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Wire

/// A pending sign-in as stored, with its user as he is now.
struct PendingSignIn: Sendable {
    let id: ContextID
    let trace: TraceID
    /// The password that it began with; nil where something else did.
    let password: AuthenticatorID?
    /// How it began where an identity provider has signed the user in.
    let sso: SingleSignOn?
    var version: Int64
    var flow: SignInFlow
    /// Of the settings in force when it began.
    let policyVersion: Int64
    let bearer: Bool
    /// The browser that it began on, where that was known to the user.
    let device: DeviceID?
    /// The fewest code points of a password that replaces the initial one, as policy last
    /// decided; zero for what any password needs.
    var passwordLengthMin: UInt32
    let expiresAt: Timestamp
    /// Read in the same statement, so that its epoch is the one this sign-in belongs to.
    var account: AccountRecord
}

/// What a sign-in that waits for its next step is stored with.
struct NewPendingSignIn: Sendable {
    let id: ContextID
    let ticket: Ticket
    let trace: TraceID
    let password: AuthenticatorID?
    let account: AccountRecord
    let flow: SignInFlow
    let policyVersion: UInt64
    let bearer: Bool
    var device: DeviceID?
    var passwordLengthMin: UInt32 = 0
    var sso: SingleSignOn?
}

/// `auth.pending_sign_ins`. A row is found by the digest of its ticket, only while it is neither
/// finished nor expired and its user is active under the same epoch. Every step compares and
/// raises the row's version in one statement, so of two steps at once one is refused.
struct PendingSignIns: Sendable {
    /// Fixed upper bound of `product.md`: a sign-in that takes longer begins again.
    static let lifetimeSeconds: Int64 = 600

    /// Sign-ins that one user has pending; with one more the oldest is given up.
    static let countMax: Int64 = 20

    let pool: ConnectionPool

    /// When it expires; nil when the user was disabled or his epoch raised since he was read.
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
                FOR NO KEY UPDATE
            ), given_up AS (
                UPDATE auth.pending_sign_ins SET stage = 'finished', version = version + 1
                WHERE stage <> 'finished' AND id IN (
                    SELECT p.id FROM u JOIN auth.pending_sign_ins p ON p.user_id = u.id
                    WHERE p.stage <> 'finished' AND p.expires_at > clock_timestamp()
                    ORDER BY p.started_at DESC OFFSET \(Self.countMax - 1))
            ), p AS (
                INSERT INTO auth.pending_sign_ins (id, ticket_digest, trace_id, password_id,
                    user_id, user_epoch, stage, offered_authenticators, offered_verifiers,
                    proved_authenticators, proved_verifiers, proved_kinds, must_change_password,
                    trusting, bearer, device_id, password_length_min, policy_version, expires_at,
                    sso_caller, sso_provider, sso_methods, sso_level)
                SELECT \(new.id), \(new.ticket.digest), \(new.trace), \(new.password),
                    u.id, u.epoch, \(stored.stage),
                    \(stored.offeredAuthenticators), \(stored.offeredVerifiers),
                    \(stored.provedAuthenticators), \(stored.provedVerifiers),
                    \(stored.provedKinds), \(new.flow.mustChangePassword),
                    \(new.flow.isTrusting), \(new.bearer), \(new.device),
                    \(Int32(clamping: new.passwordLengthMin)),
                    \(Int64(clamping: new.policyVersion)),
                    clock_timestamp() + make_interval(secs => \(Self.lifetimeSeconds)::bigint),
                    \(new.sso?.caller), \(new.sso?.provider),
                    \(new.sso?.proof.methods.map(\.rawValue)),
                    \(new.sso.map { Int32(clamping: $0.proof.level) })
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
            SELECT p.id, p.trace_id, p.password_id, p.version, p.stage, p.offered_authenticators,
                p.offered_verifiers, p.proved_authenticators, p.proved_verifiers, p.proved_kinds,
                p.must_change_password, p.trusting, p.policy_version, p.bearer, p.device_id,
                p.password_length_min, p.expires_at, p.sso_caller, p.sso_provider, p.sso_methods,
                p.sso_level, \(Accounts.columns)
            FROM auth.pending_sign_ins p JOIN auth.users u ON u.id = p.user_id
            WHERE p.ticket_digest = \(ticket.digest) AND p.expires_at > clock_timestamp()
                AND p.stage <> 'finished' AND u.state = 'active' AND u.epoch = p.user_epoch
            """)
        return try rows.first.map { row throws(PostgresFault) in try PendingSignIn(row) }
    }

    /// Stores the flow's next state. False when the row has moved on, ended or expired since, or
    /// its user may not go on.
    func save(_ pending: PendingSignIn) async throws(PostgresFault) -> Bool {
        let stored = StoredFlow(pending.flow)
        let rows = try await pool.query(
            """
            UPDATE auth.pending_sign_ins p SET version = p.version + 1, stage = \(stored.stage),
                offered_authenticators = \(stored.offeredAuthenticators),
                offered_verifiers = \(stored.offeredVerifiers),
                proved_authenticators = \(stored.provedAuthenticators),
                proved_verifiers = \(stored.provedVerifiers),
                proved_kinds = \(stored.provedKinds),
                must_change_password = \(pending.flow.mustChangePassword),
                trusting = \(pending.flow.isTrusting),
                password_length_min = \(Int32(clamping: pending.passwordLengthMin))
            FROM auth.users u
            WHERE p.id = \(pending.id) AND p.version = \(pending.version)
                AND p.expires_at > clock_timestamp() AND p.stage <> 'finished'
                AND u.id = p.user_id AND u.state = 'active' AND u.epoch = p.user_epoch
            RETURNING true
            """)
        return !rows.isEmpty
    }

    /// Raises the epoch of the user, so that everything begun before ends, but for this sign-in,
    /// which goes on under the new one, with the browser it began on. Nil when the row has moved
    /// on, ended or expired since, or the epoch was raised by somebody else.
    ///
    /// The user's row is locked before the sign-in's, as in every statement that takes both.
    func endEverythingElse(
        _ pending: PendingSignIn, passwordReplaced: Bool = false, audit: AuditEntry
    ) async throws(PostgresFault) -> (version: Int64, epoch: Int64)? {
        let rows = try await pool.query(
            """
            WITH u AS (
                SELECT id, epoch FROM auth.users
                WHERE id = \(pending.account.id) AND epoch = \(pending.account.epoch)
                    AND state = 'active'
                FOR NO KEY UPDATE
            ), p AS (
                UPDATE auth.pending_sign_ins p
                SET user_epoch = u.epoch + 1, version = p.version + 1
                FROM u
                WHERE p.id = \(pending.id) AND p.version = \(pending.version)
                    AND p.user_id = u.id AND p.user_epoch = u.epoch AND p.stage <> 'finished'
                    AND p.expires_at > clock_timestamp()
                RETURNING p.user_id, p.user_epoch, p.version, p.device_id
            ), raised AS (
                UPDATE auth.users SET epoch = p.user_epoch,
                    password_suspect = password_suspect AND NOT \(passwordReplaced)
                FROM p WHERE users.id = p.user_id
            ), \(KnownDevices.keep(from: "p")), \(audit.row(from: "p"))
            SELECT version, user_epoch FROM p
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

extension PendingSignIn {
    init(_ row: Row) throws(PostgresFault) {
        let (
            id, trace, password, version, stage, offeredAuthenticators, offeredVerifiers,
            provedAuthenticators, provedVerifiers, provedKinds, mustChange, trusting, policyVersion,
            bearer, device, passwordLengthMin, expiresAt, caller, provider, methods, level,
            userID, userName, displayName, email, phone, locale, roles, epoch, disabled,
            createdAt, lastSignInAt
        ) = try row.decode(
            ContextID.self, TraceID.self, AuthenticatorID?.self, Int64.self, String.self,
            [AuthenticatorID].self,
            [String].self, [AuthenticatorID].self, [String].self, [String].self, Bool.self,
            Bool.self, Int64.self,
            Bool.self, DeviceID?.self, Int32.self, Timestamp.self, String?.self, String?.self,
            [String]?.self, Int32?.self, UserID.self, String.self, String.self,
            String?.self, String?.self, String.self, [String].self, Int64.self, Bool.self,
            Timestamp.self, Timestamp?.self)
        let stored = StoredFlow(
            stage: stage, offeredAuthenticators: offeredAuthenticators,
            offeredVerifiers: offeredVerifiers, provedAuthenticators: provedAuthenticators,
            provedVerifiers: provedVerifiers, provedKinds: provedKinds)
        let sso = SingleSignOn(
            caller: caller, provider: provider, methods: methods, level: level)
        let began: SignInFlow.Beginning =
            if let sso { .singleSignOn(sso.proof) } else { password == nil ? .passkey : .password }
        guard
            let flow = stored.flow(
                began: began, mustChangePassword: mustChange, isTrusting: trusting)
        else {
            throw .decoding("auth.pending_sign_ins \(id) holds no flow")
        }
        self.init(
            id: id, trace: trace, password: password, sso: sso, version: version, flow: flow,
            policyVersion: policyVersion,
            bearer: bearer, device: device, passwordLengthMin: UInt32(clamping: passwordLengthMin),
            expiresAt: expiresAt,
            account: AccountRecord(
                id: userID, userName: userName, displayName: displayName, email: email,
                phone: phone, locale: locale, roles: roles.compactMap(Role.init), epoch: epoch,
                disabled: disabled, createdAt: createdAt, lastSignInAt: lastSignInAt))
    }
}

extension SingleSignOn {
    /// Nil for columns that hold none.
    fileprivate init?(caller: String?, provider: String?, methods: [String]?, level: Int32?) {
        guard let caller, let provider, let methods, let level else { return nil }
        self.init(
            caller: caller, provider: provider,
            proof: SessionProof(
                methods: methods.compactMap(AuthenticationMethod.init),
                level: UInt32(clamping: level)))
    }
}

/// A flow as the columns hold it.
private struct StoredFlow {
    let stage: String
    var offeredAuthenticators: [AuthenticatorID] = []
    var offeredVerifiers: [String] = []
    let provedAuthenticators: [AuthenticatorID]
    /// Empty where a recovery code was proved.
    let provedVerifiers: [String]
    let provedKinds: [String]

    /// A flow that is still deciding is never stored: the answer of policy comes first.
    init(_ flow: SignInFlow) {
        provedAuthenticators = flow.proved.map(\.authenticator)
        provedVerifiers = flow.proved.map { $0.verifier?.text ?? "" }
        provedKinds = flow.proved.map(\.kind.rawValue)
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
        provedAuthenticators: [AuthenticatorID], provedVerifiers: [String], provedKinds: [String]
    ) {
        self.stage = stage
        self.offeredAuthenticators = offeredAuthenticators
        self.offeredVerifiers = offeredVerifiers
        self.provedAuthenticators = provedAuthenticators
        self.provedVerifiers = provedVerifiers
        self.provedKinds = provedKinds
    }

    /// Nil for columns that are no flow.
    func flow(
        began: SignInFlow.Beginning, mustChangePassword: Bool, isTrusting: Bool
    ) -> SignInFlow? {
        guard let proved else { return nil }
        let state: SignInFlow.State
        switch stage {
        case "verifying": state = .verifying(offered: offeredAuthenticators)
        case "binding": state = .binding(offered: offeredVerifiers.compactMap(VerifierUID.init))
        case "changing_password": state = .changingPassword
        case _: return nil
        }
        return SignInFlow(
            state: state, began: began, mustChangePassword: mustChangePassword, proved: proved,
            isTrusting: isTrusting)
    }
}

extension StoredFlow {
    /// Nil for columns that disagree.
    private var proved: [SignInFlow.Factor]? {
        let count = provedAuthenticators.count
        guard provedVerifiers.count == count, provedKinds.count == count else { return nil }
        var factors: [SignInFlow.Factor] = []
        for index in 0..<count {
            guard let kind = ProofKind(rawValue: provedKinds[index]) else { return nil }
            let verifier = VerifierUID(provedVerifiers[index])
            guard (verifier == nil) == (kind == .recovery) else { return nil }
            factors.append(
                SignInFlow.Factor(
                    authenticator: provedAuthenticators[index], verifier: verifier, kind: kind))
        }
        return factors
    }
}

extension OpaqueToken {
    /// What is stored in its place. 256 random bits need no salt and no slow hash.
    var digest: Bytes { Bytes(Digest.sha256(Array(text.utf8))) }
}
