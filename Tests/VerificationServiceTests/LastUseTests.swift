import Contracts
import Crypto
import Fixtures
import Testing
import Wire

@testable import VerificationService

/// From where and with what an authenticator was last used, and what its owner calls it.
@Suite struct LastUseTests {
    private static let home = ProofOrigin(address: "192.0.2.7", device: "Firefox on Linux")
    private static let away = ProofOrigin(address: "2001:db8::7", device: "Safari on iPhone")

    private func view(_ vault: Vault, _ user: UserID) async throws -> AuthenticatorView {
        let list = try await vault.on { (it) throws(Fault) in
            try await it.listAuthenticators(ListAuthenticators(user: user), Vault.call)
        }
        return try #require(list.authenticators.first)
    }

    private func shows(
        _ vault: Vault, _ user: UserID, _ origin: ProofOrigin
    ) async throws -> Bool {
        let view = try await view(vault, user)
        return view.lastUsedAt != nil && view.lastUsedFrom == origin.address
            && view.lastUsedDevice == origin.device
    }

    private func refusal(
        _ vault: Vault, _ check: CheckCode, from origin: ProofOrigin?
    ) async throws -> Reason? {
        var check = check
        check.origin = origin
        let request = check
        return try await vault.refusal { (it) throws(Fault) in
            try await it.checkCode(request, Vault.call)
        }?.reason
    }

    @Test func `only a right code says from where it came, and the next one says it anew`()
        async throws
    {
        try await withVault { vault in
            let bound = try await vault.bind()
            let fresh = try await view(vault, bound.user)
            #expect(fresh.lastUsedAt == nil && fresh.lastUsedFrom.isEmpty)
            let code = bound.check(bound.code(-1))
            #expect(try await refusal(vault, code, from: Self.home) == nil)
            #expect(try await shows(vault, bound.user, Self.home))
            #expect(try await refusal(vault, code, from: Self.away) == .codeUsed)
            let wrong = bound.check(bound.wrongCode())
            #expect(try await refusal(vault, wrong, from: Self.away) == .codeWrong)
            #expect(try await shows(vault, bound.user, Self.home))
            let next = bound.check(bound.code())
            #expect(try await refusal(vault, next, from: Self.away) == nil)
            #expect(try await shows(vault, bound.user, Self.away))
            // What nobody knows of this use is not told of another one.
            try vault.sql("UPDATE verification.authenticators SET last_step = last_step - 10")
            #expect(try await refusal(vault, bound.check(bound.code()), from: nil) == nil)
            let unknown = try await view(vault, bound.user)
            #expect(unknown.lastUsedAt != nil && unknown.lastUsedFrom.isEmpty)
            #expect(unknown.lastUsedDevice.isEmpty)
            // It is personal, and the audit of this service has it nowhere.
            let audit = try vault.sql("SELECT t::text FROM verification.audit t")
            #expect(!audit.contains("192.0.2.7") && !audit.contains("Firefox"))
        }
    }

    @Test func `a code that was sent says it too`() async throws {
        try await withMessages { it in
            let phone = try await it.bind()
            let context = try ContextID.fresh()
            let code = try await it.send(phone, context)
            let wrong = phone.check(otherCode(code), context)
            #expect(try await refusal(it.vault, wrong, from: Self.away) == .codeWrong)
            #expect(try await view(it.vault, phone.user).lastUsedFrom.isEmpty)
            let right = phone.check(code, context)
            #expect(try await refusal(it.vault, right, from: Self.home) == nil)
            #expect(try await shows(it.vault, phone.user, Self.home))
        }
    }

    @Test func `a passkey says it beside a password and alone`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            let beside = try ContextID.fresh()
            let assertion = try user.passkey.assertion(
                try await vault.challenge(user, in: beside))
            let check = user.check(assertion, in: beside)
            #expect(try await refusal(vault, check, from: Self.home) == nil)
            #expect(try await shows(vault, user.user, Self.home))
            let alone = try ContextID.fresh()
            let request = CheckPasskey(
                context: alone,
                passkey: try user.passkey.assertion(try await vault.challenge(in: alone)),
                origin: Self.away)
            let verdict = try await vault.on { (it) throws(Fault) in
                try await it.checkPasskey(request, Vault.call)
            }
            #expect(verdict.authenticator.lastUsedFrom == Self.away.address)
            #expect(try await shows(vault, user.user, Self.away))
        }
    }

    // MARK: Names

    private func rename(
        _ vault: Vault, _ user: UserID, _ id: AuthenticatorID, _ name: String
    ) async throws -> Reason? {
        try await vault.refusal { (it) throws(Fault) in
            try await it.renameAuthenticator(
                NameAuthenticator(user: user, authenticator: id, name: name), Vault.call)
        }?.reason
    }

    @Test func `an owner calls his authenticator what he likes, and the audit does not say what`()
        async throws
    {
        try await withVault { vault in
            let bound = try await vault.bind()
            let other = try await vault.bind()
            let long = String(repeating: "\u{1F511}", count: 64)
            for name in ["Work phone", long, ""] {
                let view = try await vault.on { (it) throws(Fault) in
                    try await it.renameAuthenticator(
                        NameAuthenticator(
                            user: bound.user, authenticator: bound.authenticator, name: name),
                        Vault.call)
                }
                #expect(view.name == name && view.id == bound.authenticator)
                #expect(try await self.view(vault, bound.user) == view)
            }
            #expect(try await view(vault, other.user).name.isEmpty)
            #expect(
                try vault.audited(
                    bound.user, "authenticator_renamed",
                    "actor = subject AND payload->>'authenticator' = '\(bound.authenticator)'")
                    == 3)
            let audit = try vault.sql("SELECT t::text FROM verification.audit t")
            #expect(!audit.contains("Work phone"))
        }
    }

    @Test func `P-04 another's authenticator, a password and recovery codes have no name to give`()
        async throws
    {
        try await withVault { vault in
            let bound = try await vault.bind(try await vault.makeUser())
            let other = try await vault.bind()
            let recovery = try #require(
                try await vault.on { (it) throws(Fault) in
                    try await it.listAuthenticators(
                        ListAuthenticators(user: bound.user), Vault.call
                    ).recovery
                })
            let ids = [
                other.authenticator, recovery, try vault.passwordID(bound.user), .sample,
            ]
            for id in ids {
                #expect(try await rename(vault, bound.user, id, "mine") == .authenticatorNotFound)
            }
            #expect(try await rename(vault, bound.user, bound.authenticator, "a\nb") == .malformed)
            #expect(
                try vault.sql(
                    "SELECT count(*) FROM verification.authenticators WHERE name <> ''") == "0")
            #expect(try vault.audited(bound.user, "authenticator_renamed") == 0)
        }
    }
}
