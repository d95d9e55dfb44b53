import Reactor
import Wire

/// The name of a rule: 1 to 64 of `a-z A-Z 0-9 _ -`. Decisions name the rules that made them.
package struct RuleName: Scalar, Hashable {
    package let text: String

    package init?(_ text: String) {
        guard let it = VerifierUID(text) else { return nil }
        self.text = it.text
    }

    package init(raw: String) throws(ScalarRefusal) {
        guard let it = Self(raw) else { throw ScalarRefusal() }
        self = it
    }
    package var raw: String { text }
    package static var sizeMax: Int? { 64 }
    package static var sample: RuleName { RuleName("office")! }
    package static var note: String { "1 to 64 of a-z A-Z 0-9 _ -." }

    /// What is asked of everybody, before any rule.
    package static let base = RuleName("base")!
}

extension RuleName: CustomStringConvertible {
    package var description: String { text }
}

/// A range of addresses as `AddressRange` reads it, in the words it was written in.
package struct NetworkRange: Scalar, Hashable {
    package let text: String
    private let range: AddressRange

    package init?(_ text: String) {
        guard let range = AddressRange(text) else { return nil }
        self.text = text
        self.range = range
    }

    package func contains(_ address: SocketAddress) -> Bool { range.contains(address) }
    /// Whether all of `other` is in it.
    package func contains(_ other: NetworkRange) -> Bool { range.contains(other.range) }

    package init(raw: String) throws(ScalarRefusal) {
        guard let it = Self(raw) else { throw ScalarRefusal() }
        self = it
    }
    package var raw: String { text }
    /// The longest address, eight groups of which the last two are four bytes, and its prefix.
    package static var sizeMax: Int? { 49 }
    package static var sample: NetworkRange { NetworkRange("192.0.2.0/24")! }
    package static var note: String { "An address, or a range in CIDR form: 192.0.2.0/24." }
}

/// How much a rule asks for a second factor, from the least to the most.
package enum EnforcementLevel: String, Word, Comparable {
    /// Nothing is asked. The gateway asks whoever has bound a second factor all the same.
    case off
    /// Whoever has bound a verifier that serves is asked for it; nobody has to bind one.
    case optional
    /// A verifier that serves is proved, or bound.
    case required

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .off: 0
        case .optional: 1
        case .required: 2
        }
    }
}

/// What a second factor has to withstand at least, from the least to the most.
package enum FactorStrength: String, Word, Comparable {
    /// Whatever the verifiers allow.
    case any
    /// Nothing that its owner could be talked into typing at another site (NIST SP 800-63B
    /// §3.2.5): passkeys.
    case phishingResistant = "phishing_resistant"

    package static func < (left: Self, right: Self) -> Bool {
        left == .any && right == .phishingResistant
    }
}

/// The parts of what a policy asks, each of which is judged by itself.
package enum PolicyPart: String, Word {
    case enforcement, verifiers, strength, grace
    case trustedDevices = "trusted_devices"
    case sessionLifetime = "session_lifetime"
    case sessionIdle = "session_idle"
    case stepUp = "step_up"
    case passwordLength = "password_length"
    case denied
    /// What stands before weaker settings.
    case protection
    /// From where people may sign in.
    case networks
    /// How much may be tried and sent.
    case limits
}
