import Contracts
import Fixtures
import RPC
import Testing
import WebAuthn
import Wire

@testable import VerificationService

/// Passkeys over the real tables; what a single response is refused for is tested with the
/// library.
struct PasskeyTests {
    @Test func `a passkey is bound, and proves beside a password`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            for _ in 1...2 {
                let context = try ContextID.fresh()
                let options = try await vault.challenge(user, in: context)
                let assertion = try user.passkey.assertion(options)
                let proof = try await vault.on { (handlers) throws(Fault) in
                    try await handlers.checkCode(user.check(assertion, in: context), Vault.call)
                }
                #expect(proof.authenticator == user.authenticator)
                #expect(proof.kind == .passkey)
                #expect(proof.verifier == Vault.passkeyVerifier)
            }
            let list = try await vault.on { (handlers) throws(Fault) in
                try await handlers.listAuthenticators(
                    ListAuthenticators(user: user.user), Vault.call)
            }
            #expect(list.authenticators.map(\.name) == ["Grey key"])
            #expect(list.authenticators.map(\.type) == [.passkey])
            #expect(list.authenticators[0].lastUsedAt != nil)
            #expect(try vault.standing(user.user, kind: "passkey") == "0 0 active")
            #expect(try vault.signCount(user) == "3")
            #expect(try vault.audited(user.user, "factor_proved") == 2)
        }
    }

    @Test func `W-131 of any number of answers to one challenge one is taken`() async throws {
        try await withVault(.init(replicas: 3)) { vault in
            let user = try await vault.bindPasskey()
            let context = try ContextID.fresh()
            let options = try await vault.challenge(user, in: context)
            let assertion = try user.passkey.assertion(options)
            let answers = try await vault.parallel(4) { (handlers, _) throws(Fault) in
                try await handlers.checkCode(user.check(assertion, in: context), Vault.call)
            }
            #expect(answers.filter { $0 == nil }.count == 1)
            #expect(answers.compactMap { $0 }.allSatisfy { $0 == .challengeExpired })
            let again = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(user.check(assertion, in: context), Vault.call)
            }
            #expect(again?.reason == .challengeExpired)
            #expect(try vault.audited(user.user, "factor_proved") == 1)
        }
    }

    @Test func `W-131 a challenge of a binding is good for one try, right or wrong`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let (user, context) = (try Vault.newUser(), try ContextID.fresh())
            let options = try await vault.beginPasskey(user, in: context)
            let passkeys = try (0..<4).map { _ in try SoftwarePasskey() }
            let answers = try await vault.parallel(4) { (handlers, number) throws(Fault) in
                try await handlers.confirmBinding(
                    ConfirmBinding(
                        user: user, context: context, code: "", additional: false,
                        passkey: Vault.made(passkeys[number], options)),
                    Vault.call)
            }
            #expect(answers.filter { $0 == nil }.count == 1)
            #expect(answers.compactMap { $0 }.allSatisfy { $0 == .bindingExpired })

            let other = try Vault.newUser()
            let others = try await vault.beginPasskey(other, in: context)
            let wrong = try SoftwarePasskey().attestation(
                others, .init(origin: "https://dubbelslot.example"))
            let refusals =
                try await vault.confirm(other, context, [wrong])
                + vault.confirm(other, context, [try SoftwarePasskey().attestation(others)])
            #expect(refusals == [.passkeyRefused, .bindingExpired])
            let why = "payload ->> 'refusal' = 'originNotAllowed'"
            #expect(try vault.audited(other, "binding_refused", why) == 1)
        }
    }

    @Test func `W-132 a challenge belongs to its user, place and purpose`() async throws {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            let other = try await vault.bindPasskey()
            let context = try ContextID.fresh()
            let options = try await vault.challenge(user, in: context, for: .stepUp)
            let assertion = try user.passkey.assertion(options)
            let elsewhere = try ContextID.fresh()
            let othersAssertion = try other.passkey.assertion(options)
            for check in [
                user.check(assertion, in: context, for: .unbind),
                user.check(assertion, in: elsewhere, for: .stepUp),
                other.check(othersAssertion, in: context, for: .stepUp),
            ] {
                let refusal = try await vault.refusal { (handlers) throws(Fault) in
                    try await handlers.checkCode(check, Vault.call)
                }
                #expect(refusal?.reason == .challengeExpired)
            }
            let alone = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.checkPasskey(
                    CheckPasskey(context: context, passkey: assertion), Vault.call)
            }
            #expect(alone?.reason == .passkeyRefused)
            // None of these has consumed it.
            let proof = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(
                    user.check(assertion, in: context, for: .stepUp), Vault.call)
            }
            #expect(proof == nil)
        }
    }

    @Test func `W-133 a challenge ends with its time, and a later one takes its place`()
        async throws
    {
        try await withVault { vault in
            let user = try await vault.bindPasskey()
            let context = try ContextID.fresh()
            let first = try await vault.challenge(user, in: context)
            let second = try await vault.challenge(user, in: context)
            let early = try user.passkey.assertion(first)
            let refusal = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(user.check(early, in: context), Vault.call)
            }
            #expect(refusal?.reason == .passkeyRefused)

            _ = second
            let third = try await vault.challenge(user, in: context)
            try vault.sql(
                "UPDATE verification.challenges SET expires_at = clock_timestamp()")
            let late = try user.passkey.assertion(third)
            let expired = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.checkCode(user.check(late, in: context), Vault.call)
            }
            #expect(expired?.reason == .challengeExpired)

            let options = try await vault.beginPasskey(user.user, in: context, additional: true)
            try vault.sql("UPDATE verification.bindings SET expires_at = clock_timestamp()")
            let made = try SoftwarePasskey().attestation(options)
            #expect(try await vault.confirm(user.user, context, [made]) == [.bindingExpired])
        }
    }

    @Test func `W-135 a user has one binding under way, and sixteen authenticators at most`()
        async throws
    {
        try await withVault { vault in
            let user = try Vault.newUser()
            for _ in 1...BoundFactors.countMax {
                _ = try await vault.bindPasskey(user, additional: true)
            }
            let context = try ContextID.fresh()
            let refusal = try await vault.refusal { (handlers) throws(Fault) in
                try await handlers.beginBinding(
                    BeginBinding(
                        user: user, verifier: Vault.passkeyVerifier, context: context,
                        accountName: "alice", additional: true), Vault.call)
            }
            #expect(refusal?.reason == .alreadyBound)
            let other = try Vault.newUser()
            for _ in 1...20 { _ = try await vault.beginPasskey(other, in: .fresh()) }
            #expect(try vault.sql("SELECT count(*) FROM verification.bindings") == "1")
        }
    }

    @Test func `W-134 of two users who bind one credential at once one does`() async throws {
        try await withVault(.init(replicas: 2)) { vault in
            let passkey = try SoftwarePasskey()
            let users = try (0..<4).map { _ in try Vault.newUser() }
            let contexts = try (0..<4).map { _ in try ContextID.fresh() }
            var made: [PasskeyAttestation] = []
            for (user, context) in zip(users, contexts) {
                made.append(
                    try passkey.attestation(try await vault.beginPasskey(user, in: context)))
            }
            let attestations = made
            let answers = try await vault.parallel(4) { (handlers, number) throws(Fault) in
                try await handlers.confirmBinding(
                    ConfirmBinding(
                        user: users[number], context: contexts[number], code: "",
                        additional: false, passkey: attestations[number]),
                    Vault.call)
            }
            #expect(answers.filter { $0 == nil }.count == 1)
            #expect(answers.compactMap { $0 }.allSatisfy { $0 == .passkeyRefused })
            #expect(
                try vault.sql(
                    "SELECT count(*) FROM verification.authenticators WHERE kind = 'passkey'")
                    == "1")
        }
    }
}

extension Vault {
    /// What a passkey answers, within a call.
    static func made(
        _ passkey: SoftwarePasskey, _ options: String
    ) throws(Fault) -> PasskeyAttestation {
        do {
            return try passkey.attestation(options)
        } catch {
            throw Fault(.internal, detail: "\(error)")
        }
    }

    /// The refusals of confirmations, one after another; nil for a success.
    func confirm(
        _ user: UserID, _ context: ContextID, _ attestations: [PasskeyAttestation]
    ) async throws -> [Reason?] {
        var answers: [Reason?] = []
        for attestation in attestations {
            answers.append(
                try await refusal { (handlers) throws(Fault) in
                    try await handlers.confirmBinding(
                        ConfirmBinding(
                            user: user, context: context, code: "", additional: true,
                            passkey: attestation),
                        Self.call)
                }?.reason)
        }
        return answers
    }
}
