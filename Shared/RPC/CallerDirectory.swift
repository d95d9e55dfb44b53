// Who may call which method: worked out once per identity, asked once per request.

/// A caller that an operator has registered: the identity in its certificate and the methods it
/// may call among those whose rule is `.registered`.
package struct RegisteredCaller: Sendable, Equatable {
    package let identity: String
    package let methods: Set<UInt16>

    package init(identity: String, methods: Set<UInt16>) {
        self.identity = identity
        self.methods = methods
    }
}

/// The identities a server knows.
package struct CallerDirectory: Sendable {
    package let trustDomain: String
    package let registered: [RegisteredCaller]

    package init(trustDomain: String, registered: [RegisteredCaller] = []) {
        self.trustDomain = trustDomain
        self.registered = registered
    }

    /// Whether the identity of a verified certificate may call the method. Without an identity
    /// nobody may call anything.
    package func allows(_ identity: String?, _ method: MethodDescription) -> Bool {
        guard let identity else { return false }
        switch method.callers {
        case .services(let roles):
            return roles.contains { $0.identity(in: trustDomain) == identity }
        case .registered:
            return registered.contains {
                $0.identity == identity && $0.methods.contains(method.number)
            }
        }
    }
}

/// What one identity may call, as a table, shared by all its connections.
final class CallerGrants {
    enum Permission: UInt8 { case unknown, refused, allowed }

    /// For each high byte of a method number the row it has in `cells`, or -1.
    private var rows = [Int16](repeating: -1, count: 256)
    private var cells: [Permission] = []

    init(_ identity: String?, _ methods: [MethodDescription], _ directory: CallerDirectory) {
        for method in methods {
            let high = Int(method.number >> 8)
            if rows[high] < 0 {
                rows[high] = Int16(cells.count / 256)
                cells += [Permission](repeating: .unknown, count: 256)
            }
            cells[Int(rows[high]) * 256 + Int(method.number & 0xff)] =
                directory.allows(identity, method) ? .allowed : .refused
        }
    }

    func permission(_ method: UInt16) -> Permission {
        let row = rows[Int(method >> 8)]
        return row < 0 ? .unknown : cells[Int(row) * 256 + Int(method & 0xff)]
    }
}
