import Contracts
import Crypto
import Daemon
import Postgres
import RPC
import SMS
import WebAuthn
import Wire

/// The verification service's answers, on one event loop. What each of them does stands in the
/// file of its subject; the tables decide, in one statement each.
struct VerificationHandlers: Sendable {
    let passwords: Passwords
    let factors: SecondFactors
    let codes: CodeAuthenticators
    let passkeys: Passkeys
    let passkeyChallenges: PasskeyChallenges
    let recovery: RecoverySets
    let bindings: Bindings
    let verifiers: Verifiers
    let attempts: Attempts
    let devices: DeviceCounters
    let locks: Locks
    let resets: Resets
    let invitations: Invitations
    let imports: Imports
    let messages: MessageChallenges
    let counters: MessageCounters
    private(set) var budget: MessageBudget
    private(set) var limits = GuessLimits()
    let sealing: Sealing
    let outbox: Outbox
    let hashing: PasswordHashing
    /// What authenticator apps show where the verifier does not say.
    let issuer: String
    /// Whom passkeys are made for; nil where nobody has said.
    let relyingParty: RelyingParty?
    let clock: WallClock
    let log: Log
    /// Nil where nobody counts.
    let meter: FactorMeter?

    /// - Parameters:
    ///   - pool: Of the loop that the handlers are called on.
    ///   - hashing: One for all loops of the process.
    ///   - exits: How messages leave this process.
    ///   - budget: How many may.
    ///   - meters: Of the service; nil where nobody counts.
    init(
        pool: ConnectionPool, sealing: Sealing, hashing: PasswordHashing, issuer: String,
        relyingParty: RelyingParty? = nil, exits: MessageExits = .none,
        budget: MessageBudget = MessageBudget(), clock: WallClock = .system, log: Log,
        meters: VerificationMeters? = nil
    ) {
        passwords = Passwords(pool: pool)
        codes = CodeAuthenticators(pool: pool)
        recovery = RecoverySets(pool: pool)
        bindings = Bindings(pool: pool)
        attempts = Attempts(pool: pool)
        devices = DeviceCounters(pool: pool)
        locks = Locks(pool: pool)
        resets = Resets(pool: pool)
        invitations = Invitations(pool: pool)
        imports = Imports(pool: pool)
        messages = MessageChallenges(pool: pool)
        counters = MessageCounters(pool: pool, sealing: sealing)
        self.budget = budget
        self.sealing = sealing
        meter = meters?.factors(on: pool.loop)
        outbox = Outbox(
            pool: pool, sealing: sealing, exits: exits, meter: meters?.messages(on: pool.loop))
        verifiers = Verifiers(pool: pool, sealing: sealing)
        factors = SecondFactors(pool: pool, sealing: sealing)
        passkeys = Passkeys(pool: pool, sealing: sealing)
        passkeyChallenges = PasskeyChallenges(pool: pool)
        self.relyingParty = relyingParty
        self.hashing = hashing
        self.issuer = issuer
        self.clock = clock
        self.log = log
    }

    /// These, by policy's limits where they are stricter than what holds anyway.
    func under(_ said: LimitSettings?) -> VerificationHandlers {
        guard let said else { return self }
        var stricter = self
        stricter.limits = limits.tightened(by: said)
        stricter.budget = budget.tightened(by: said)
        return stricter
    }

    /// The most that this machine's clock and the database's may differ.
    static let clockSkewMax = Duration.seconds(5)

    /// Codes of the time are judged only where two clocks agree on it.
    func requireClock(_ now: Timestamp) throws(Fault) {
        let (skew, overflow) = clock.now().microseconds.subtractingReportingOverflow(
            now.microseconds)
        guard !overflow, Duration.microseconds(skew.magnitude) <= Self.clockSkewMax else {
            log.error("clock_skew", ["microseconds": .integer(skew)])
            throw Fault(.unavailable, detail: "the clock differs from the database's")
        }
    }

    /// Gives a reservation back when its check could not be made. Should that fail too, the
    /// reservation becomes a failure within a minute: stricter than it need be, never laxer.
    func giveBack(_ attempt: Attempt) async {
        do throws(Fault) {
            try await attempts.release(attempt)
        } catch {
            log.warning("reservation_kept", ["why": .text(error.detail)])
        }
    }
}

extension VerificationHandlers: Verification {
    // MARK: Authenticators

    func listAuthenticators(
        _ request: ListAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorList {
        let list = try await factors.list(request.user)
        guard !list.isEmpty, let left = try await recovery.left(request.user) else {
            return AuthenticatorList(authenticators: list)
        }
        let isUsable = left.count > 0 && !left.isDisabled
        return AuthenticatorList(
            authenticators: list, recovery: isUsable ? left.authenticator : nil,
            recoveryCodesLeft: UInt32(clamping: left.count))
    }

    func listBound(_ request: ListBound, _ call: Call) async throws(Fault) -> BoundFactorList {
        BoundFactorList(
            factors: try await factors.listBound(request.users),
            locked: try await locks.those(among: request.users))
    }

    func unbind(
        _ request: RemoveAuthenticator, _ call: Call
    ) async throws(Fault) -> AuthenticatorRemoved {
        let audit = AuditContext(
            call, actor: request.user, ["authenticator": request.authenticator.description])
        var notice = Outbox.Queued.nothing
        if request.notify != nil {
            let bound = try await factors.list(request.user)
            let title = bound.first { $0.id == request.authenticator }?.title ?? ""
            notice = try outbox.notice(
                .authenticatorUnbound, to: request.notify, of: request.user
            ) { $0.title = title }
        }
        let unbinding = try await factors.unbind(
            request.user, request.authenticator, keepingOne: request.keepsOne, telling: notice,
            audit)
        switch unbinding {
        case .unbound:
            outbox.wake()
            return AuthenticatorRemoved()
        case .notFound: throw Fault(.authenticatorNotFound)
        case .last: throw Fault(.lastFactor)
        }
    }

    func resetAuthenticators(
        _ request: RemoveAuthenticators, _ call: Call
    ) async throws(Fault) -> AuthenticatorsReset {
        let audit = AuditContext(call, actor: request.actor, ["reason": request.reason])
        let removed = try await factors.reset(request.user, audit)
        return AuthenticatorsReset(removed: UInt32(clamping: removed))
    }

    // MARK: Verifiers

    func createVerifier(
        _ request: MakeVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        let new = request.verifier
        let settings = try VerifierSettings(new.type, VerifierSettings.Given(new))
        try Self.check(new.title, new.description, settings)
        let uid: VerifierUID
        if let given = new.uid { uid = given } else { uid = try Self.randomUID() }
        return try await verifiers.create(
            uid, new, settings, AuditContext(call, actor: request.actor)
        ).view
    }

    func listVerifiers(
        _ request: ListVerifiers, _ call: Call
    ) async throws(Fault) -> VerifierList {
        VerifierList(verifiers: try await verifiers.list().map(\.view))
    }

    func updateVerifier(
        _ request: ChangeVerifier, _ call: Call
    ) async throws(Fault) -> VerifierView {
        let change = request.verifier
        guard let old = try await verifiers.find(change.uid) else {
            throw Fault(.verifierNotFound)
        }
        let settings = try VerifierSettings(
            old.type, VerifierSettings.Given(change), old: old.settings)
        try Self.check(change.title, change.description, settings)
        let audit = AuditContext(call, actor: request.actor, ["verifier": change.uid.text])
        return try await verifiers.update(change, settings, audit).view
    }

    func deleteVerifiers(
        _ request: RemoveVerifiers, _ call: Call
    ) async throws(Fault) -> VerifiersDeleted {
        let uids = request.verifiers.uids
        guard !uids.isEmpty else { throw Fault(.malformed, detail: "no uid") }
        let names = uids.map(\.text).joined(separator: " ")
        let bindings = try await verifiers.delete(
            uids, withBindings: request.verifiers.deleteBindings,
            AuditContext(call, actor: request.actor, ["verifiers": names]))
        return VerifiersDeleted(bindings: UInt32(clamping: bindings))
    }

    /// A title says something, and no text can take over a terminal or a log.
    private static func check(
        _ title: String, _ description: String, _ settings: VerifierSettings
    ) throws(Fault) {
        guard title.contains(where: { !$0.isWhitespace }) else {
            throw Fault(.verifierSettingsInvalid, detail: "a verifier without a title")
        }
        for text in [title, description, settings.issuer] {
            guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw Fault(.verifierSettingsInvalid, detail: "control characters") }
        }
    }

    /// `v_` and 50 random bits.
    private static func randomUID() throws(Fault) -> VerifierUID {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)
        do throws(CryptoFault) {
            // 256 is a multiple of 32: no character is likelier than another.
            let characters = try Random.bytes(10).map { alphabet[Int($0 % 32)] }
            guard let uid = VerifierUID("v_" + String(decoding: characters, as: UTF8.self)) else {
                throw CryptoFault.malformed
            }
            return uid
        } catch {
            throw error.fault
        }
    }
}
