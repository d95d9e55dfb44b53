import Contracts
import Fixtures
import Testing
import Wire

@testable import AuthGateway
@testable import PolicyService

/// What a dry run foretells is what then happens: 100 policies by dice, each tried on 10,000 users
/// by dice and then lived by them. The living choose by dice among what they are offered, where
/// the rehearsal takes the first; they bind for good, and come from where they come from.
struct DryRunTests {
    private static let users = 10_000
    private static let policies = 100
    private static let hands = 4

    @Test func `what a dry run foretells is what then happens`() async {
        let seed = UInt64.random(in: 0 ... .max)
        var dice = SeededGenerator(seed: seed)
        let people = (0..<Self.users).map { User.random(UInt64($0), &dice) }
        let seeds = (0..<Self.policies).map { _ in dice.next() }
        var counts: [Prospect: Int] = [:]
        await withTaskGroup(of: [Prospect: Int].self) { group in
            for hand in 0..<Self.hands {
                group.addTask {
                    var counts: [Prospect: Int] = [:]
                    for index in stride(from: hand, to: Self.policies, by: Self.hands) {
                        Self.tally(seeds[index], people, &counts)
                    }
                    return counts
                }
            }
            for await some in group { counts.merge(some, uniquingKeysWith: +) }
        }
        // Everything that can become of a sign-in became of some.
        for prospect in Prospect.allCases {
            #expect(counts[prospect, default: 0] > 0, "\(prospect), seed \(seed)")
        }
    }

    private static func tally(
        _ seed: UInt64, _ people: [User], _ counts: inout [Prospect: Int]
    ) {
        var dice = SeededGenerator(seed: seed)
        let world = Policy.random(&dice)
        for user in people {
            let foretold = world.rehearse(user)
            var life = Life(user, world)
            let lived = life.signIn(&dice)
            counts[lived, default: 0] += 1
            guard foretold == lived else {
                Issue.record("\(foretold) was foretold, \(lived) came: \(user) \(world)")
                return
            }
        }
    }
}

/// Somebody as the tables hold him.
private struct User: Sendable {
    let account: AccountRecord
    let active: [SignInFlow.Factor]
    let disabled: [ProofKind]
    let recovery: AuthenticatorID?
    let grant: GraceGrant?
    let address: String

    var bound: SignInFlow.Bound {
        SignInFlow.Bound(active: active, disabled: disabled, recovery: recovery)
    }

    static func random(_ number: UInt64, _ dice: inout SeededGenerator) -> User {
        let id = UserID(high: 7, low: number)
        let kinds = Policy.verifiers.filter { _ in Int.random(in: 0..<4, using: &dice) == 0 }
        let active = kinds.enumerated().map { index, verifier in
            SignInFlow.Factor(
                authenticator: AuthenticatorID(high: UInt64(index), low: number),
                verifier: verifier.uid, kind: ProofKind(verifier.type))
        }
        let kind = ProofKind(Policy.verifiers.randomElement(using: &dice)!.type)
        let disabled = Int.random(in: 0..<10, using: &dice) == 0 ? [kind] : []
        let hasRecovery = (disabled + active.map(\.kind)).count > 0 && Bool.random(using: &dice)
        let grant = GraceGrant(
            until: Timestamp(seconds: .random(in: 50...150, using: &dice)),
            extended: Bool.random(using: &dice))
        return User(
            account: AccountRecord(
                id: id, userName: "user\(number)", displayName: "", email: nil, phone: nil,
                locale: "en",
                roles: Int.random(in: 0..<5, using: &dice) == 0 ? [.administrator] : [],
                epoch: 1, disabled: false, createdAt: Timestamp(seconds: 1), lastSignInAt: nil),
            active: active, disabled: disabled,
            recovery: hasRecovery ? AuthenticatorID(high: 99, low: number) : nil,
            grant: Int.random(in: 0..<3, using: &dice) == 0 ? grant : nil,
            address: ["192.0.2.7", "198.51.100.7", ""].randomElement(using: &dice)!)
    }
}

/// Settings, the verifiers there are, and the hour.
private struct Policy: Sendable {
    static let now = Timestamp(seconds: 100)
    static let verifiers = [
        ("totp", VerifierType.totp), ("sms", .sms), ("keys", .passkey), ("mail", .email),
    ].map { name, type in
        VerifierView(
            uid: VerifierUID(name)!, type: type, title: name, description: "", bindings: 0,
            version: 1)
    }

    let settings: SettingsVersion
    let existing: [VerifierView]

    func decide(_ facts: Decide) -> Decision {
        Decision(Verdict(settings, facts), version: settings.version)
    }

    func rehearse(_ user: User) -> Prospect {
        var rehearsal = Rehearsal(of: user.account, user.bound, user.grant, at: Self.now)
        while rehearsal.prospect == nil {
            rehearsal.take(decide(rehearsal.facts(from: user.address)), existing)
        }
        return rehearsal.prospect!
    }

    static func random(_ dice: inout SeededGenerator) -> Policy {
        let uids = verifiers.map(\.uid)
        func some<T>(_ all: [T], _ oneIn: Int) -> [T] {
            all.filter { _ in Int.random(in: 0..<oneIn, using: &dice) == 0 }
        }
        func requirements() -> Requirements {
            Requirements(
                enforcement: some(EnforcementLevel.allCases, 2).first,
                verifiers: Int.random(in: 0..<4, using: &dice) == 0 ? some(uids, 2) : [],
                strength: some(FactorStrength.allCases.reversed(), 6).first,
                graceUntil: some([90, 110, 130] as [Int64], 3).first.map { Timestamp(seconds: $0) },
                denied: Int.random(in: 0..<20, using: &dice) == 0)
        }
        let networks = ["192.0.2.0/24", "198.51.100.0/24"].map { NetworkRange($0)! }
        let rules = (0..<Int.random(in: 0...4, using: &dice)).map { number in
            Rule(
                name: RuleName("rule-\(number)")!, roles: some([.administrator], 4),
                users: some((0..<8).map { UserID(high: 7, low: $0) }, 16),
                networks: some(networks, 6), exceptNetworks: some(networks, 6),
                methods: some([.password], 4), requirements: requirements())
        }
        var base = requirements()
        (base.verifiers, base.denied) = ([], false)
        let chosen = some(uids, 2)
        return Policy(
            settings: SettingsVersion(
                version: 1, enforcement: Enforcement.allCases.randomElement(using: &dice)!,
                verifiers: chosen.isEmpty ? uids : chosen,
                book: RuleBook(base: base, rules: rules)),
            // Now and then a verifier is gone that settings still name.
            existing: verifiers.filter { _ in Int.random(in: 0..<12, using: &dice) > 0 })
    }
}

/// One sign-in as it is lived, with right answers to everything: after `SignInHandlers`.
private struct Life {
    let user: User
    let policy: Policy
    var active: [SignInFlow.Factor]
    var grant: GraceGrant?

    init(_ user: User, _ policy: Policy) {
        self.user = user
        self.policy = policy
        active = user.active
        grant = user.grant
    }

    mutating func signIn(_ dice: inout SeededGenerator) -> Prospect {
        var flow = SignInFlow(mustChangePassword: false)
        var hasBound = false
        while true {
            var bound = SignInFlow.Bound(
                active: active, disabled: user.disabled, recovery: user.recovery)
            let decision = policy.decide(
                flow.facts(of: user.account, bound, since: 0, from: user.address))
            bound.mayPutOff = mayPutOff(decision)
            let strong = policy.existing.filter { $0.withstands(decision.strength) }
            switch flow.on(.decided(decision, bound, verifiers: strong.map(\.uid))) {
            case .openSession:
                if hasBound { return .bind }
                if !flow.proved.isEmpty { return .verify }
                return decision.outcome == .bind ? .grace : .session
            case .offerVerification(let offered):
                let id = offered.randomElement(using: &dice)!
                let factor =
                    active.first { $0.authenticator == id }
                    ?? SignInFlow.Factor(authenticator: id, verifier: nil, kind: .recovery)
                guard flow.on(.proved(factor)) == .askPolicy else { return .lockedOut }
            case .offerBinding(let offered):
                let uid = offered.randomElement(using: &dice)!
                let verifier = policy.existing.first { $0.uid == uid }!
                let factor = SignInFlow.Factor(
                    authenticator: AuthenticatorID(high: 1000, low: dice.next()), verifier: uid,
                    kind: ProofKind(verifier.type))
                active.append(factor)
                hasBound = true
                guard flow.on(.bound(factor)) == .askPolicy else { return .lockedOut }
            case .refuse, .offerNewPassword, .askPolicy, .beginChallenge, .checkCode,
                .beginBinding, .confirmBinding, .replacePassword:
                return .lockedOut
            }
        }
    }

    /// The first time that it is asked for, the one grant is given.
    private mutating func mayPutOff(_ decision: Decision) -> Bool {
        guard active.isEmpty, user.disabled.isEmpty, let date = decision.graceUntil else {
            return false
        }
        if grant == nil, date > Policy.now { grant = GraceGrant(until: date, extended: false) }
        guard let grant else { return false }
        return (grant.extended ? grant.until : min(grant.until, date)) > Policy.now
    }
}
