import Contracts
import Fixtures
import RPC
import Testing
import WebAuthn
import Wire

@testable import VerificationService

/// A user with a passkey.
struct PasskeyUser: Sendable {
    let user: UserID
    let authenticator: AuthenticatorID
    let passkey: SoftwarePasskey
}

extension Vault {
    static let relyingParty = PublicAddress(SoftwarePasskey.origin).flatMap {
        RelyingParty(name: "Dubbelslot", address: $0)
    }
    static let passkeyVerifier = VerifierUID("passkey")!

    func ensurePasskeyVerifier() async throws {
        let new = CreateVerifier(
            uid: Self.passkeyVerifier, type: .passkey, title: "Passkey", description: "")
        let refusal = try await refusal { (handlers) throws(Fault) in
            try await handlers.createVerifier(MakeVerifier(verifier: new), Self.call)
        }
        #expect(refusal == nil || refusal?.reason == .verifierExists)
    }

    /// Begins to bind; the options for the browser.
    func beginPasskey(
        _ user: UserID, in context: ContextID, additional: Bool = false
    ) async throws -> String {
        try await ensurePasskeyVerifier()
        let started = try await on { (handlers) throws(Fault) in
            try await handlers.beginBinding(
                BeginBinding(
                    user: user, verifier: Self.passkeyVerifier, context: context,
                    accountName: "alice", additional: additional), Self.call)
        }
        guard case .passkey(let request) = started.enrolment else { throw Unexpected() }
        return request.options
    }

    /// Binds a passkey.
    func bindPasskey(
        _ given: UserID? = nil, _ passkey: SoftwarePasskey? = nil, additional: Bool = false,
        saying: SoftwarePasskey.Saying = .init()
    ) async throws -> PasskeyUser {
        let user = try given ?? Self.newUser()
        let passkey = try passkey ?? SoftwarePasskey()
        let context = try ContextID.fresh()
        let options = try await beginPasskey(user, in: context, additional: additional)
        let attestation = try passkey.attestation(options, saying)
        let bound = try await on { (handlers) throws(Fault) in
            try await handlers.confirmBinding(
                ConfirmBinding(
                    user: user, context: context, code: "", additional: additional,
                    passkey: attestation, name: "Grey key"),
                Self.call)
        }
        return PasskeyUser(user: user, authenticator: bound.authenticator.id, passkey: passkey)
    }

    /// Asks the user's passkey; the options for the browser.
    func challenge(
        _ user: PasskeyUser, in context: ContextID, for purpose: Purpose = .signIn
    ) async throws -> String {
        let started = try await on { (handlers) throws(Fault) in
            try await handlers.beginChallenge(
                BeginChallenge(
                    user: user.user, authenticator: user.authenticator, context: context,
                    purpose: purpose, locale: "en"), Self.call)
        }
        guard case .passkey(let request) = started.challenge else { throw Unexpected() }
        return request.options
    }

    /// Asks any passkey.
    func challenge(in context: ContextID) async throws -> String {
        try await on { (handlers) throws(Fault) in
            try await handlers.beginPasskeyChallenge(
                BeginPasskeyChallenge(context: context), Self.call
            ).passkey.options
        }
    }

    func signCount(_ user: PasskeyUser) throws -> String {
        try sql(
            "SELECT sign_count FROM verification.authenticators WHERE id = "
                + "'\(user.authenticator)'")
    }
}

extension PasskeyUser {
    func check(
        _ assertion: PasskeyAssertion?, in context: ContextID, for purpose: Purpose = .signIn
    ) -> CheckCode {
        CheckCode(
            user: user, authenticator: authenticator, code: "", purpose: purpose,
            context: context, passkey: assertion)
    }
}
