import Contracts
import RPC

/// What an operator writes of the services that may call by RPC.
extension RegisteredCaller {
    /// - Parameter word: `spiffe://domain/name` for all public methods, or with those that it may
    ///   call: `spiffe://domain/name=SessionService/Introspect+AccountService`. Nil for anything
    ///   else.
    init?(_ word: String) {
        let parts = word.split(separator: "=", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts[0].hasPrefix("spiffe://") else { return nil }
        var methods: Set<UInt16> = []
        if parts.count == 1 {
            methods = Set(GatewayDispatcher.methods.map(\.number))
        } else {
            for name in parts[1].split(separator: "+", omittingEmptySubsequences: false) {
                let named = Self.methods(named: name)
                guard !named.isEmpty else { return nil }
                methods.formUnion(named)
            }
        }
        self.init(identity: String(parts[0]), methods: methods)
    }

    /// Of a service, or one of its methods; none for a name that nothing has.
    private static func methods(named name: Substring) -> [UInt16] {
        let contracts: [any Contract.Type] = [
            SignInContract.self, AccountContract.self, SessionContract.self, AdminContract.self,
        ]
        return contracts.flatMap { contract in
            let service = contract.service.text.split(separator: ".").last ?? ""
            return contract.methods
                .filter { name == service || name == "\(service)/\($0.name)" }
                .map(\.number)
        }
    }
}
