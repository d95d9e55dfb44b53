import Contracts
import Testing
import Wire

@testable import VerificationService

@Suite struct VerifierTests {
    private func make(
        _ uid: String?, type: VerifierType = .totp, title: String = "App", description: String = "",
        issuer: String? = nil
    ) -> MakeVerifier {
        MakeVerifier(
            verifier: CreateVerifier(
                uid: uid.flatMap { VerifierUID($0) }, type: type, title: title,
                description: description, totp: issuer.map { TOTPSettings(issuer: $0) }))
    }

    private func created(
        _ vault: Vault, _ request: MakeVerifier
    ) async throws -> VerifierView {
        try await vault.on { (it) throws(Fault) in
            try await it.createVerifier(request, Vault.call)
        }
    }

    @Test func `a uid is made when none is given and taken only once`() async throws {
        try await withVault { vault in
            let made = try await created(vault, make(nil, issuer: "Example"))
            #expect(made.uid.text.hasPrefix("v_") && made.uid.text.utf8.count == 12)
            #expect(made.totp == TOTPSettings(issuer: "Example"))
            #expect(made.version == 1)
            let answers = try await vault.parallel(8) { (it, _) throws(Fault) in
                try await it.createVerifier(make("Same_uid-1"), Vault.call)
            }
            #expect(answers.count { $0 == nil } == 1)
            #expect(answers.count { $0 == .verifierExists } == 7)
            #expect(
                try vault.sql(
                    "SELECT count(*) FROM verification.audit WHERE event = 'verifier_created' "
                        + "AND payload->>'verifier' = 'Same_uid-1'") == "1")
        }
    }

    @Test func `making a verifier that stands already changes nothing`() async throws {
        try await withVault { vault in
            for _ in 0..<3 {
                try await vault.on { (it) throws(Fault) in
                    try await it.ensureVerifier()
                }
            }
            let list = try await vault.on { (it) throws(Fault) in
                try await it.listVerifiers(ListVerifiers(), Vault.call)
            }
            #expect(list.verifiers.map(\.uid.text) == ["totp"])
            #expect(list.verifiers[0].title == "Authenticator app")
            #expect(list.verifiers[0].version == 1)
        }
    }

    @Test func `texts say something and hold no control characters`() async throws {
        try await withVault { vault in
            for request in [
                make("x", title: " "), make("x", title: "a\u{0}"),
                make("x", description: "a\u{1b}[31m"), make("x", issuer: "a\n"),
            ] {
                let refusal = try await vault.refusal { (it) throws(Fault) in
                    try await it.createVerifier(request, Vault.call)
                }
                #expect(refusal?.reason == .verifierSettingsInvalid)
            }
        }
    }

    @Test func `there are at most 64`() async throws {
        try await withVault { vault in
            for number in 0..<64 { _ = try await created(vault, make("v\(number)")) }
            let refusal = try await vault.refusal { (it) throws(Fault) in
                try await it.createVerifier(make("v64"), Vault.call)
            }
            #expect(refusal?.reason == .tooLarge)
        }
    }

    @Test func `P-06 a change wants the version that was read`() async throws {
        try await withVault { vault in
            let made = try await created(vault, make("a"))
            let admin = try Vault.newUser()
            @Sendable func change(_ uid: String, _ version: UInt64) -> ChangeVerifier {
                ChangeVerifier(
                    actor: admin,
                    verifier: UpdateVerifier(
                        uid: VerifierUID(uid)!, version: version, title: "New",
                        description: "d", totp: TOTPSettings(issuer: "i")))
            }
            let changed = try await vault.on { (it) throws(Fault) in
                try await it.updateVerifier(change("a", made.version), Vault.call)
            }
            #expect(changed.title == "New" && changed.version == 2)
            let stale = try await vault.refusal { (it) throws(Fault) in
                try await it.updateVerifier(change("a", 1), Vault.call)
            }
            #expect(stale == Fault(.versionConflict))
            let huge = try await vault.refusal { (it) throws(Fault) in
                try await it.updateVerifier(change("a", .max), Vault.call)
            }
            #expect(huge == Fault(.versionConflict))
            let missing = try await vault.refusal { (it) throws(Fault) in
                try await it.updateVerifier(change("b", 1), Vault.call)
            }
            #expect(missing == Fault(.verifierNotFound))
        }
    }

    @Test func `several are deleted together or not at all`() async throws {
        try await withVault { vault in
            let bound = try await vault.bind()
            _ = try await created(vault, make("spare"))
            let admin = try Vault.newUser()
            @Sendable func delete(_ uids: [String], bindings: Bool = false) -> RemoveVerifiers {
                RemoveVerifiers(
                    actor: admin,
                    verifiers: DeleteVerifiers(
                        uids: uids.map { VerifierUID($0)! }, deleteBindings: bindings))
            }
            @Sendable func refusal(_ request: RemoveVerifiers) async throws -> Reason? {
                let fault = try await vault.refusal { (it) throws(Fault) in
                    try await it.deleteVerifiers(request, Vault.call)
                }
                return fault?.reason
            }
            #expect(try await refusal(delete([])) == .malformed)
            #expect(try await refusal(delete(["spare", "none"])) == .verifierNotFound)
            #expect(try await refusal(delete(["spare", "totp"])) == .verifierHasBindings)
            #expect(try vault.sql("SELECT count(*) FROM verification.verifiers") == "2")
            #expect(try vault.standing(bound.user) == "0 0 active")
            let deleted = try await vault.on { (it) throws(Fault) in
                try await it.deleteVerifiers(
                    delete(["spare", "totp", "spare"], bindings: true), Vault.call)
            }
            #expect(deleted.bindings == 1)
            #expect(try vault.sql("SELECT count(*) FROM verification.verifiers") == "0")
            #expect(try vault.standing(bound.user).isEmpty)
            #expect(
                try vault.sql(
                    "SELECT count(*) FROM verification.audit WHERE event = 'verifier_deleted'")
                    == "1")
        }
    }

    @Test func `a list counts the bindings of each`() async throws {
        try await withVault { vault in
            _ = try await created(vault, make("B"))
            _ = try await vault.bind()
            _ = try await vault.bind()
            let list = try await vault.on { (it) throws(Fault) in
                try await it.listVerifiers(ListVerifiers(), Vault.call)
            }
            #expect(list.verifiers.map(\.uid.text) == ["B", "totp"])
            #expect(list.verifiers.map(\.bindings) == [0, 2])
        }
    }
}
