import Contracts
import RPC
import Testing
import Wire

/// What the messages cannot say: a method that has no field for it cannot be made to tell it, or
/// to be told it.
@Suite struct SecrecyTests {
    /// All fields of a message and of the messages in it.
    private func fields<M: Message>(_ type: M.Type) -> [FieldSchema] {
        fields(MessageSchema(of: type))
    }

    private func fields(_ schema: MessageSchema) -> [FieldSchema] {
        schema.fields + schema.nested.flatMap(fields)
    }

    private func methods(telling names: Set<String>) -> Set<String> {
        var found: Set<String> = []
        for contract in Documents.contracts {
            let service = contract.service.text.split(separator: ".").last ?? ""
            for method in contract.methods {
                let told = fields(method.response).map(\.documentName)
                if !names.isDisjoint(with: told) { found.insert("\(service)/\(method.name)") }
            }
        }
        return found
    }

    @Test func `O-15 a seed is told by the beginning of a binding alone`() {
        let begun: Set = [
            "SignInService/BeginBinding", "AccountService/BeginBinding",
            "VerificationService/BeginBinding",
        ]
        for name in ["secret", "uri", "qr"] { #expect(methods(telling: [name]) == begun) }
        #expect(methods(telling: ["seed", "code"]).isEmpty)
    }

    @Test func `P-03, P-04 and S-09 a user names nobody, no session and nothing that ranks him`() {
        let own: [any Contract.Type] = [SignInContract.self, AccountContract.self]
        for contract in own {
            for method in contract.methods {
                let names = fields(method.request).map { $0.documentName.lowercased() }
                for word in ["user", "session", "role", "aal", "level", "amr"] {
                    #expect(!names.contains { $0.contains(word) }, "\(method.name): \(names)")
                }
            }
        }
    }
}
