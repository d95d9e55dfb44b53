import Contracts
import Crypto
import Fixtures
import OTP
import Testing
import WebAuthn
import Wire

@testable import VerificationService

/// Everything that is good once.
enum OneTimeThing: String, CaseIterable, Sendable {
    case appCode, smsCode, mailCode, recoveryCode
    case passkeyChallenge, passkeyAlone
    case appBinding, smsBinding, mailBinding, passkeyBinding

    /// What stands in the audit for each success.
    var event: String {
        switch self {
        case .appCode, .smsCode, .mailCode, .passkeyChallenge, .passkeyAlone: "factor_proved"
        case .recoveryCode: "recovery_code_used"
        case .appBinding, .smsBinding, .mailBinding, .passkeyBinding: "authenticator_bound"
        }
    }

    /// What those are told that are not the one, where tries are not held back.
    var refusals: Set<Reason> {
        switch self {
        case .appCode, .recoveryCode: [.codeUsed]
        case .smsCode, .mailCode: [.codeUsed, .challengeExpired]
        case .passkeyChallenge: [.challengeExpired]
        case .passkeyAlone: [.passkeyRefused]
        case .appBinding, .smsBinding, .mailBinding, .passkeyBinding:
            [.bindingExpired, .alreadyBound]
        }
    }
}

/// A right use of one of them, which can be sent any number of times.
struct OneTimeUse: Sendable {
    enum Request: Sendable {
        case check(CheckCode)
        case alone(CheckPasskey)
        case confirm(ConfirmBinding)
    }

    let thing: OneTimeThing
    let user: UserID
    let request: Request

    func send(to handlers: VerificationHandlers) async throws(Fault) {
        switch request {
        case .check(let it): _ = try await handlers.checkCode(it, Vault.call)
        case .alone(let it): _ = try await handlers.checkPasskey(it, Vault.call)
        case .confirm(let it): _ = try await handlers.confirmBinding(it, Vault.call)
        }
    }
}

extension MessageVault {
    private static let mail = VerifierUID("mail")!
    static let address = "ann.canary@example.org"

    /// All that comes before the use.
    func prepare(_ thing: OneTimeThing) async throws -> OneTimeUse {
        let context = try ContextID.fresh()
        func use(_ user: UserID, _ request: OneTimeUse.Request) -> OneTimeUse {
            OneTimeUse(thing: thing, user: user, request: request)
        }
        switch thing {
        case .appCode:
            let bound = try await vault.bind()
            return use(bound.user, .check(bound.check(bound.code())))
        case .smsCode:
            let phone = try await bind()
            let code = try await send(phone, context)
            return use(phone.user, .check(phone.check(code, context)))
        case .mailCode:
            let box = try await bindMail()
            let code = try await mailed { (it) throws(Fault) in
                _ = try await it.beginChallenge(box.begin(context), Vault.call)
            }
            return use(box.user, .check(box.check(code, context)))
        case .recoveryCode:
            let bound = try await vault.bind()
            let list = try await vault.on { (it) throws(Fault) in
                try await it.listAuthenticators(
                    ListAuthenticators(user: bound.user), Vault.call)
            }
            let check = CheckCode(
                user: bound.user, authenticator: try #require(list.recovery),
                code: bound.recoveryCodes[0], purpose: .signIn)
            return use(bound.user, .check(check))
        case .passkeyChallenge:
            let user = try await vault.bindPasskey()
            let options = try await vault.challenge(user, in: context)
            let assertion = try user.passkey.assertion(options)
            return use(user.user, .check(user.check(assertion, in: context)))
        case .passkeyAlone:
            let user = try await vault.bindPasskey()
            let assertion = try user.passkey.assertion(try await vault.challenge(in: context))
            return use(user.user, .alone(CheckPasskey(context: context, passkey: assertion)))
        case .appBinding, .smsBinding, .mailBinding, .passkeyBinding:
            let user = try Vault.newUser()
            return use(user, .confirm(try await confirmation(of: thing, user, context)))
        }
    }

    /// Begins a binding of such a kind; what confirms it.
    private func confirmation(
        of thing: OneTimeThing, _ user: UserID, _ context: ContextID
    ) async throws -> ConfirmBinding {
        var confirm = ConfirmBinding(user: user, context: context, code: "", additional: false)
        switch thing {
        case .appBinding:
            let started = try await vault.on { (handlers) throws(Fault) in
                try await handlers.ensureVerifier()
                return try await handlers.beginBinding(
                    BeginBinding(
                        user: user, verifier: Vault.verifier, context: context,
                        accountName: "ann", additional: false), Vault.call)
            }
            guard case .totp(let enrolment) = started.enrolment,
                let seed = Base32.decode(Array(enrolment.secret.utf8))
            else { throw Unexpected() }
            confirm.code =
                BoundUser(
                    user: user, authenticator: .sample, seed: SecretBytes(copying: seed)
                ).code()
        case .smsBinding:
            _ = try await on { (it) throws(Fault) in
                try await it.beginBinding(Self.beginBinding(user, context), Vault.call)
            }
            confirm.code = sink.code
            try forgetMessages()
        case .mailBinding: confirm.code = try await beginMailBinding(user, context)
        case .passkeyBinding:
            let options = try await vault.beginPasskey(user, in: context)
            confirm.passkey = try SoftwarePasskey().attestation(options)
        case .appCode, .smsCode, .mailCode, .recoveryCode, .passkeyChallenge, .passkeyAlone:
            throw Unexpected()
        }
        return confirm
    }

    /// A user whose second factor is a mail address.
    func bindMail(_ given: UserID? = nil) async throws -> BoundPhone {
        let (user, context) = (try given ?? Vault.newUser(), try ContextID.fresh())
        let code = try await beginMailBinding(user, context)
        let bound = try await on { (it) throws(Fault) in
            try await it.confirmBinding(
                ConfirmBinding(user: user, context: context, code: code, additional: false),
                Vault.call)
        }
        return BoundPhone(user: user, authenticator: bound.authenticator.id)
    }

    private func beginMailBinding(
        _ user: UserID, _ context: ContextID
    ) async throws -> String {
        let new = CreateVerifier(uid: Self.mail, type: .email, title: "Mail", description: "")
        _ = try await refusal { (it) throws(Fault) in
            try await it.createVerifier(MakeVerifier(verifier: new), Vault.call)
        }
        return try await mailed { (it) throws(Fault) in
            _ = try await it.beginBinding(
                BeginBinding(
                    user: user, verifier: Self.mail, context: context, accountName: "ann",
                    additional: false, receiver: Self.address, locale: "en"), Vault.call)
        }
    }

    /// The code that a call sends by mail. There is no mail server, so the caller is told that it
    /// was not sent yet, and the code waits in the outbox.
    private func mailed(
        _ begin: @escaping @Sendable (VerificationHandlers) async throws(Fault) -> Void
    ) async throws -> String {
        #expect(try await refusal(0, begin)?.reason == .messageSendFailed)
        try forgetMessages()
        try vault.sql(
            "UPDATE verification.outbox SET due_at = clock_timestamp() WHERE sealed IS NOT NULL")
        let outbox = Outbox(
            pool: vault.replicas[0].pool, sealing: Sealing(keys: vault.keys), exits: .none)
        let taken = try await vault.on { (_) throws(Fault) in try await outbox.take(.mail, max: 9) }
        let newest = try #require(taken.max { $0.createdAt < $1.createdAt })
        return try outbox.open(newest).secret
    }
}
