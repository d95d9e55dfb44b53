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
        for name in ["uri", "qr"] { #expect(methods(telling: [name]) == begun) }
        // A verifier has a field of this name for what its provider signs with, which stays empty
        // in answers; administrators alone are told of verifiers' settings.
        let verifiers: Set = [
            "AdminService/ListVerifiers", "AdminService/CreateVerifier",
            "AdminService/UpdateVerifier", "VerificationService/ListVerifiers",
            "VerificationService/CreateVerifier", "VerificationService/UpdateVerifier",
        ]
        #expect(methods(telling: ["secret"]) == begun.union(verifiers))
        #expect(methods(telling: ["seed", "code"]).isEmpty)
    }

    @Test func `from where an authenticator was used is told to whoever may see its owner's list`()
    {
        let told: Set = [
            "AccountService/ListAuthenticators", "AccountService/ConfirmBinding",
            "AccountService/RenameAuthenticator", "AdminService/ListUserAuthenticators",
            "VerificationService/ListAuthenticators", "VerificationService/ConfirmBinding",
            "VerificationService/CheckPasskey", "VerificationService/RenameAuthenticator",
        ]
        for name in ["last_used_from", "last_used_device"] {
            #expect(methods(telling: [name]) == told)
        }
    }

    @Test func `P-03, P-04 and S-09 a user names nobody, no session and nothing that ranks him`() {
        // What a passkey says of its owner is compared with what is stored of it.
        let answered = "user_handle"
        // And of which session is to end nobody else's is found.
        let ended = (AccountContract.endSession.number, "session")
        let own: [any Contract.Type] = [SignInContract.self, AccountContract.self]
        for contract in own {
            for method in contract.methods {
                let names = fields(method.request).map { $0.documentName.lowercased() }
                    .filter { $0 != answered && (method.number, $0) != ended }
                for word in ["user", "session", "role", "aal", "level", "amr"] {
                    #expect(!names.contains { $0.contains(word) }, "\(method.name): \(names)")
                }
            }
        }
    }
}
