import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Reactor
import Synchronization
import Wire

/// What the gateway's handlers work with, on one event loop.
struct Gateway: Sendable {
    let accounts: Accounts
    let pendingSignIns: PendingSignIns
    let sessions: Sessions
    let devices: KnownDevices
    let trustedDevices: TrustedDevices
    let grace: GraceGrants
    let handOvers: HandOvers
    let unfinished: Unfinished
    let resetRequests: ResetRequests
    let signUps: SignUps
    let adoption: Adoption
    let audit: AuditLog
    let protectedHosts: ProtectedHosts
    private let tokens: Guarded<SignedTokens?>
    let ssoCallers: SSOCallers
    let revocations: RevocationLog
    let verification: any Verification
    let policy: any PolicyDecision
    let policyVersions: PolicyVersions
    let defaultLocale: String
    /// Whether people may make accounts of their own.
    let allowsSignUp: Bool
    /// Nil where nobody counts.
    var signIns: SignInMeter? = nil

    init(
        pool: ConnectionPool, verification: any Verification, policy: any PolicyDecision,
        policyVersions: PolicyVersions, defaultLocale: String, knownDeviceLifetime: Duration,
        trustLifetimes: TrustLifetimes = .standard, protectedHosts: ProtectedHosts = .none,
        signedTokens: SignedTokens? = nil, ssoCallers: SSOCallers = .none,
        allowsSignUp: Bool = false
    ) {
        accounts = Accounts(pool: pool)
        pendingSignIns = PendingSignIns(pool: pool)
        sessions = Sessions(pool: pool)
        devices = KnownDevices(pool: pool, lifetime: knownDeviceLifetime)
        trustedDevices = TrustedDevices(pool: pool, lifetimes: trustLifetimes)
        grace = GraceGrants(pool: pool)
        handOvers = HandOvers(pool: pool)
        unfinished = Unfinished(pool: pool)
        resetRequests = ResetRequests(pool: pool)
        signUps = SignUps(pool: pool)
        adoption = Adoption(pool: pool)
        audit = AuditLog(pool: pool)
        self.allowsSignUp = allowsSignUp
        self.protectedHosts = protectedHosts
        tokens = Guarded(signedTokens)
        self.ssoCallers = ssoCallers
        revocations = RevocationLog(pool: pool, bell: RevocationBell(loop: pool.loop))
        self.verification = verification
        self.policy = policy
        self.policyVersions = policyVersions
        self.defaultLocale = defaultLocale
    }
}

extension Gateway {
    /// Nil where no statements about sessions are signed.
    var signedTokens: SignedTokens? { tokens.withLock { $0 } }

    /// From now on statements are signed so.
    func replace(_ fresh: SignedTokens?) { tokens.withLock { $0 = fresh } }

    /// The two-factor settings in force. Throws `.unavailable` when they are older than what has
    /// been seen.
    func settings(_ call: Call) async throws(Fault) -> TwoFactorSettings {
        let settings = try await policy.getSettings(GetTwoFactorSettings(), call)
        try policyVersions.accept(settings.version)
        return settings
    }
}

/// The newest version of the settings this process has seen. An answer by an older version, from
/// a policy service that was cut off or set back, is not used: nobody is let in by old rules.
/// Where the settings were set back on purpose, with the whole database, the gateways are started
/// anew.
final class PolicyVersions: Sendable {
    private let newest = Atomic<UInt64>(0)
    private let edge = Guarded<(policy: EdgePolicy, heardAt: ContinuousClock.Instant)?>(nil)
    private let edgeLifetime: Duration

    /// - Parameter edgeLifetime: For how long what was heard of networks and limits is not asked
    ///   for again: a flood of sign-ins, each of which wants it, is no flood of policy then.
    init(edgeLifetime: Duration = .zero) { self.edgeLifetime = edgeLifetime }

    /// What was last heard of who may come from where; nil before the first word.
    var knownEdge: EdgePolicy? { edge.withLock { $0?.policy } }

    /// What was heard a moment ago; nil where a newer version of the settings has been seen since.
    func freshEdge(now: ContinuousClock.Instant = .now) -> EdgePolicy? {
        let newest = newest.load(ordering: .relaxed)
        return edge.withLock { known in
            guard let known, known.policy.version >= newest, now - known.heardAt < edgeLifetime
            else { return nil }
            return known.policy
        }
    }

    /// Takes what was heard, unless something newer has been.
    func note(_ heard: EdgePolicy, now: ContinuousClock.Instant = .now) {
        edge.withLock { known in
            if heard.version >= known?.policy.version ?? 0 { known = (heard, now) }
        }
    }

    /// Throws `.unavailable` for a version older than one that has been seen.
    func accept(_ version: UInt64) throws(Fault) {
        let before = newest.max(version, ordering: .relaxed).oldValue
        guard version >= before else {
            throw Fault(
                .unavailable, retryAfterSeconds: 1,
                detail: "policy answered by version \(version), seen was \(before)")
        }
    }

    /// Notes a version that somebody else has seen: whoever made it, or the gateway at which a
    /// sign-in began.
    func note(_ version: UInt64) {
        newest.max(version, ordering: .relaxed)
    }
}

/// Runs a statement; what the caller cannot mend crosses as the fault that says so.
func stored<Result>(
    _ statement: () async throws(PostgresFault) -> Result
) async throws(Fault) -> Result {
    do throws(PostgresFault) {
        return try await statement()
    } catch {
        throw error.fault
    }
}

extension OpaqueToken {
    /// 256 bits from the system. Fails closed when there are none.
    static func fresh() throws(Fault) -> Self {
        let bytes = try random { () throws(CryptoFault) in try Random.bytes(32) }
        guard let token = Self(random: bytes) else {
            throw Fault(.internal, detail: "short random bytes")
        }
        return token
    }
}

extension Identifier {
    static func fresh() throws(Fault) -> Self {
        try random { () throws(CryptoFault) in try Random.identifier(Kind.self) }
    }
}

private func random<Value>(_ make: () throws(CryptoFault) -> Value) throws(Fault) -> Value {
    do throws(CryptoFault) {
        return try make()
    } catch {
        throw Fault(.internal, detail: "no random bytes")
    }
}

extension UserID {
    /// Who stands in for a name that nobody has: always the same for one name, so that the
    /// verification service counts failures against it as against anybody.
    static func nobody(_ key: SignInKey) -> UserID {
        let digest = Digest.sha256(Array("dubbelslot nobody ".utf8) + Array(key.text.utf8))
        return UserID(random: digest.prefix(16))!
    }
}

extension AccountRecord {
    /// What the user's password must not be.
    var contextWords: [String] {
        [userName, displayName, email, phone].compactMap { $0 }.filter { !$0.isEmpty }
    }
}

enum TraceKind: IdentifierKind { static let noun = "trace" }
/// The trace that a sign-in began under, as it is stored.
typealias TraceID = Identifier<TraceKind>

extension TraceID {
    init(_ trace: Trace) { self.init(high: trace.high, low: trace.low) }
}

extension Call {
    /// An audit row for a decision made in this call.
    /// - Parameter actor: Who has proved himself; nil for somebody who has only given a password.
    func audit(
        _ event: AuditEvent, actor: UserID? = nil, subject: UserID,
        details: KeyValuePairs<String, String> = [:]
    ) -> AuditEntry {
        AuditEntry(
            event, actor: actor, subject: subject, requestID: Bytes(requestID.bytes),
            trace: trace.audited, source: caller.description, details)
    }

    /// Where it comes from, as its owner may be told; empty for a service that speaks for others.
    var place: String {
        switch caller {
        case .outside(let address): address.host
        case .service: ""
        }
    }

    /// The same call under a span of our own, whatever span its caller has named.
    var entered: Call { under(trace.child()) }

    /// The same call as a step of a sign-in, all of whose steps share one span.
    /// - Parameter trace: Of the sign-in; nil where the call's own is kept.
    func step(of signIn: ContextID, in trace: TraceID? = nil) -> Call {
        // No span is zero, which W3C Trace Context reserves.
        under(
            Trace(
                high: trace?.high ?? self.trace.high, low: trace?.low ?? self.trace.low,
                parentSpan: max(1, signIn.low)))
    }

    func under(_ trace: Trace) -> Call {
        Call(
            caller: caller, requestID: requestID, trace: trace, deadline: deadline, bearer: bearer)
    }
}
