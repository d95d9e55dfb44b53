import Contracts
import Wire

/// The services that may open sessions for people whom an identity provider has signed in, each
/// with the highest level and with whom: all but administrators, or those of one mail domain.
struct SSOCallers: Sendable {
    struct Grant: Sendable, Equatable {
        /// The highest that the provider's word alone gives; what is proved here counts beside it.
        let level: UInt32
        /// In lower case; nil for everybody.
        let domain: String?

        func includes(_ account: AccountRecord) -> Bool {
            guard !account.isAdministrator else { return false }
            guard let domain else { return true }
            guard let email = account.email, let at = email.lastIndex(of: "@") else {
                return false
            }
            return email[email.index(after: at)...].lowercased() == domain
        }
    }

    private let grants: [String: Grant]

    static let none = SSOCallers([])!

    /// - Parameter words: `spiffe://domain/name=2`, or `=1@example.org` for the people of a mail
    ///   domain. Nil when one is neither, or a caller stands twice.
    init?(_ words: [String]) {
        var grants: [String: Grant] = [:]
        for word in words {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].hasPrefix("spiffe://"),
                let grant = Self.grant(parts[1]),
                grants.updateValue(grant, forKey: String(parts[0])) == nil
            else { return nil }
        }
        self.grants = grants
    }

    private static func grant(_ text: Substring) -> Grant? {
        let level: UInt32
        switch text.first {
        case "1": level = 1
        case "2": level = 2
        case _: return nil
        }
        let rest = text.dropFirst()
        if rest.isEmpty { return Grant(level: level, domain: nil) }
        let domain = rest.dropFirst()
        guard rest.first == "@", !domain.isEmpty, !domain.contains("@") else { return nil }
        return Grant(level: level, domain: domain.lowercased())
    }

    var identities: [String] { Array(grants.keys) }

    func grant(of identity: String) -> Grant? { grants[identity] }
}

/// How somebody came in whom an identity provider has signed in.
struct SingleSignOn: Sendable, Equatable {
    /// The service that says so.
    let caller: String
    /// As that service calls it.
    let provider: String
    /// What the provider's word is worth here.
    let proof: SessionProof

    /// What the audit has of it.
    var details: KeyValuePairs<String, String> {
        ["method": SignInMethod.singleSignOn.rawValue, "provider": provider, "by": caller]
    }
}

extension SessionProof {
    /// - Parameters:
    ///   - amr: How somebody has proved himself elsewhere. Of what is not believed to be two
    ///     factors nothing but a password is noted: it proves no second factor here.
    ///   - max: The highest level that this is believed to have.
    init(elsewhere amr: [AuthenticationMethod], atMost max: UInt32) {
        let isRaised = amr.contains(.multipleFactors) && max >= 2
        self.init(
            noting: isRaised ? amr : amr.filter { $0 == .password }, level: isRaised ? 2 : 1)
    }

    /// The same with second factors that were proved here.
    func with(_ kinds: [ProofKind]) -> SessionProof {
        let own = SessionProof(password: false, kinds)
        return SessionProof(noting: methods + own.methods, level: max(level, own.level))
    }

    /// Each method once, and that they are several as the level has it.
    fileprivate init(noting words: [AuthenticationMethod], level: UInt32) {
        var methods: [AuthenticationMethod] = []
        for word in words where word != .multipleFactors && !methods.contains(word) {
            methods.append(word)
        }
        self.init(methods: methods + (level >= 2 ? [.multipleFactors] : []), level: level)
    }
}

extension SessionRecord {
    /// What the session has proved once its owner has given this proof in it. The word of an
    /// identity provider is noted on, and gives no level any more.
    func proof(with kind: ProofKind) -> SessionProof {
        let own = SessionProof(password: caller == nil && !isWithoutPassword, [kind])
        guard caller != nil else { return own }
        return SessionProof(noting: methods + own.methods, level: own.level)
    }
}
