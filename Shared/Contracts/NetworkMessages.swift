import Reactor
import Wire

/// From where people may sign in.
package struct NetworkLists: Message {
    package static let name = "NetworkLists"
    package static let about = "From where people may sign in."

    package var denied: [NetworkRange]
    package var allowed: [NetworkRange]
    package var administratorsFrom: [NetworkRange]

    package init(
        denied: [NetworkRange] = [], allowed: [NetworkRange] = [],
        administratorsFrom: [NetworkRange] = []
    ) {
        self.denied = denied
        self.allowed = allowed
        self.administratorsFrom = administratorsFrom
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        denied = try coder.list(1, "denied", it?.denied, max: 128, "Nobody from there.")
        allowed = try coder.list(
            2, "allowed", it?.allowed, max: 32, "Nobody from elsewhere; empty for anywhere.")
        administratorsFrom = try coder.list(
            3, "administratorsFrom", it?.administratorsFrom, max: 32,
            """
            Administrators from nowhere else, whose sessions serve there alone too; empty for \
            anywhere.
            """)
    }

    /// Whether somebody may sign in from there. An address that nobody knows is in every network
    /// that is denied, and in none that is allowed.
    package func admit(_ address: SocketAddress?, isAdministrator: Bool) -> Bool {
        let isIn = { (networks: [NetworkRange], unknown: Bool) in
            address.map { address in networks.contains { $0.contains(address) } } ?? unknown
        }
        return (denied.isEmpty || !isIn(denied, true)) && (allowed.isEmpty || isIn(allowed, false))
            && (!isAdministrator || administratorsFrom.isEmpty || isIn(administratorsFrom, false))
    }

    /// Whether all who are not admitted by these are not by `others` either.
    package func isKept(by others: NetworkLists) -> Bool {
        denied.are(in: others.denied) && others.allowed.narrow(allowed)
            && others.administratorsFrom.narrow(administratorsFrom)
    }
}

extension [NetworkRange] {
    /// Whether each of them is within one of `others`.
    package func are(in others: [NetworkRange]) -> Bool {
        allSatisfy { range in others.contains { $0.contains(range) } }
    }

    /// Whether they let in no more than `others`, where an empty list lets in all.
    fileprivate func narrow(_ others: [NetworkRange]) -> Bool {
        others.isEmpty || !isEmpty && are(in: others)
    }
}

/// Asks what whoever stands at the outside has to know of policy.
package struct GetEdgePolicy: Message {
    package static let name = "GetEdgePolicy"
    package static let about = "Asks what whoever stands at the outside has to know of policy."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}

/// What is judged before anybody is known.
package struct EdgePolicy: Message {
    package static let name = "EdgePolicy"
    package static let about = "What is judged before anybody is known."

    package var version: UInt64
    package var networks: NetworkLists?
    package var limits: LimitSettings?

    package init(
        version: UInt64, networks: NetworkLists? = nil, limits: LimitSettings? = nil
    ) {
        self.version = version
        self.networks = networks
        self.limits = limits
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        version = try coder.field(1, "version", it?.version, "The version in force.")
        networks = try coder.optional(
            2, "networks", it?.networks, "From where people may sign in; absent for anywhere.")
        limits = try coder.optional(
            3, "limits", it?.limits, "How much may be tried and sent, where that is less.")
    }

    /// Whether somebody may sign in from there.
    /// - Parameter address: Without a port; empty where nobody can tell.
    package func admits(_ address: String, isAdministrator: Bool) -> Bool {
        networks?.admit(SocketAddress(plain: address), isAdministrator: isAdministrator) ?? true
    }
}
