import Contracts
import RPC
import Wire

extension SignInFlow {
    /// What policy is told of this sign-in.
    ///
    /// A recovery code stands in for whatever is bound, and resists phishing no more than
    /// anything else that is typed.
    /// - Parameters:
    ///   - version: Of the settings at its start, zero at the start.
    ///   - address: Where it comes from; empty where nobody can tell.
    func facts(
        of account: AccountRecord, _ bound: Bound, since version: UInt64, from address: String
    ) -> Decide {
        let hasRecovered = proved.contains { $0.kind == .recovery }
        let proving = hasRecovered ? bound.active : proved
        return Decide(
            roles: account.roles, method: began.method,
            bound: bound.active.compactMap(\.verifier), proved: proving.compactMap(\.verifier),
            sinceVersion: version, user: account.id, address: address,
            boundResistant: bound.active.filter(\.resistsPhishing).compactMap(\.verifier),
            provedResistant: proved.filter(\.resistsPhishing).compactMap(\.verifier))
    }
}

extension SignInFlow.Beginning {
    /// The word that rules know it by.
    var method: SignInMethod {
        switch self {
        case .password: .password
        case .passkey: .passkey
        case .singleSignOn: .singleSignOn
        }
    }
}

extension SignInFlow.Factor {
    /// Whether nobody can be talked into giving it to another site.
    var resistsPhishing: Bool { kind == .passkey }
}

extension VerifierView {
    /// Whether what is bound under it is strong enough.
    func withstands(_ strength: FactorStrength) -> Bool {
        switch strength {
        case .any: true
        case .phishingResistant: type == .passkey
        }
    }
}

extension Gateway {
    /// What policy in force says of this user, had he bound nothing and signed in by password.
    /// - Parameter address: Where he is; empty for the strictest of all places.
    func standing(
        of account: AccountRecord, from address: String = "", _ call: Call
    ) async throws(Fault) -> Decision {
        let decision = try await policy.decide(
            Decide(
                roles: account.roles, method: .password, bound: [], proved: [], sinceVersion: 0,
                user: account.id, address: address),
            call)
        try policyVersions.accept(decision.version)
        return decision
    }

    /// Whether this user, had he bound nothing, would be asked to bind: administrators always,
    /// whose methods want a second factor, others where policy in force says so of any place.
    func asksForFactor(_ account: AccountRecord, _ call: Call) async throws(Fault) -> Bool {
        if account.isAdministrator { return true }
        return try await standing(of: account, call).outcome != .allow
    }
}
