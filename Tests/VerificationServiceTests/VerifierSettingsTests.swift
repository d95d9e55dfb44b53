import Contracts
import Testing
import Wire

@testable import VerificationService

@Suite struct VerifierSettingsTests {
    private static let webhook = SMSSettings.Provider.webhook(
        WebhookSettings(
            url: "https://sms.example.com/send",
            secret: "whsec_" + String(repeating: "canary", count: 6)))
    private static let account = "AC" + String(repeating: "0a", count: 16)
    private static let twilio = SMSSettings.Provider.twilio(
        TwilioSettings(
            accountSid: account, authToken: "twilio-canary", from: "+31600000000",
            messagingServiceSid: ""))

    private static func sms(_ provider: SMSSettings.Provider, digits: UInt32 = 0) -> SMSSettings {
        SMSSettings(codeDigits: digits, provider: provider)
    }

    private func make(_ vault: Vault, _ new: CreateVerifier) async throws -> VerifierView {
        try await vault.on { (it) throws(Fault) in
            try await it.createVerifier(MakeVerifier(verifier: new), Vault.call)
        }
    }

    private func change(
        _ vault: Vault, _ view: VerifierView, _ provider: SMSSettings.Provider
    ) async throws -> VerifierView {
        let actor = try UserID.fresh()
        let change = UpdateVerifier(
            uid: view.uid, version: view.version, title: "Other", description: "",
            sms: Self.sms(provider))
        return try await vault.on { (it) throws(Fault) in
            try await it.updateVerifier(
                ChangeVerifier(actor: actor, verifier: change), Vault.call)
        }
    }

    private func settings(_ vault: Vault, _ uid: VerifierUID) async throws -> VerifierSettings? {
        try await vault.on { (it) throws(Fault) in try await it.verifiers.find(uid)?.settings }
    }

    @Test func `every kind can be set up, and usual values are filled in`() async throws {
        try await withVault { vault in
            let email = try await make(
                vault, CreateVerifier(type: .email, title: "Mail", description: ""))
            #expect(email.email == EmailSettings(codeDigits: 8))
            let passkey = try await make(
                vault, CreateVerifier(type: .passkey, title: "Passkey", description: ""))
            #expect(
                passkey.passkey == PasskeySettings(userVerification: false, attestation: false))
            let sms = try await make(
                vault,
                CreateVerifier(
                    type: .sms, title: "Phone", description: "", sms: Self.sms(Self.twilio)))
            #expect(sms.sms?.codeDigits == 6 && sms.totp == nil && sms.email == nil)
        }
    }

    @Test func `a provider's secret is taken, kept sealed and never told`() async throws {
        try await withVault { vault in
            let made = try await make(
                vault,
                CreateVerifier(
                    type: .sms, title: "Phone", description: "", sms: Self.sms(Self.webhook)))
            guard case .webhook(let shown)? = made.sms?.provider else {
                Issue.record("another provider")
                return
            }
            #expect(shown.secret.isEmpty && shown.url == "https://sms.example.com/send")
            let stored = try await settings(vault, made.uid)
            #expect(stored == .sms(Self.sms(Self.webhook, digits: 6)))
            let dump = try vault.sql(
                "SELECT encode(settings, 'escape') FROM verification.verifiers")
            #expect(!dump.contains("canary"))

            // Sent back as it was shown, the secret stays.
            let changed = try await change(vault, made, .webhook(shown))
            #expect(changed.version == 2)
            #expect(try await settings(vault, made.uid) == .sms(Self.sms(Self.webhook, digits: 6)))
        }
    }

    @Test func `a secret does not follow to another address or account`() async throws {
        try await withVault { vault in
            let made = try await make(
                vault,
                CreateVerifier(
                    type: .sms, title: "Phone", description: "", sms: Self.sms(Self.webhook)))
            for elsewhere in [
                SMSSettings.Provider.webhook(
                    WebhookSettings(url: "https://evil.example.com/", secret: "")),
                .twilio(
                    TwilioSettings(
                        accountSid: Self.account, authToken: "", from: "+1",
                        messagingServiceSid: "")),
            ] {
                let actor = try UserID.fresh()
                let change = UpdateVerifier(
                    uid: made.uid, version: 1, title: "Other", description: "",
                    sms: Self.sms(elsewhere))
                let fault = try await vault.refusal { (it) throws(Fault) in
                    try await it.updateVerifier(
                        ChangeVerifier(actor: actor, verifier: change), Vault.call)
                }
                #expect(fault?.reason == .verifierSettingsInvalid)
            }
            #expect(try await settings(vault, made.uid) == .sms(Self.sms(Self.webhook, digits: 6)))
        }
    }

    @Test func `settings moved to another verifier do not open`() async throws {
        try await withVault { vault in
            let one = try await make(
                vault,
                CreateVerifier(
                    type: .sms, title: "One", description: "", sms: Self.sms(Self.webhook)))
            let other = try await make(
                vault,
                CreateVerifier(
                    type: .sms, title: "Other", description: "", sms: Self.sms(Self.twilio)))
            try vault.sql(
                "UPDATE verification.verifiers v SET settings = o.settings "
                    + "FROM verification.verifiers o "
                    + "WHERE v.uid = '\(one.uid.text)' AND o.uid = '\(other.uid.text)'")
            let fault = try await vault.refusal { (it) throws(Fault) in
                _ = try await it.verifiers.find(one.uid)
            }
            #expect(fault?.reason == .internal)
        }
    }

    @Test(arguments: [
        CreateVerifier(type: .sms, title: "No provider", description: ""),
        CreateVerifier(
            type: .sms, title: "No secret", description: "",
            sms: sms(.webhook(WebhookSettings(url: "https://a.example", secret: "")))),
        CreateVerifier(
            type: .sms, title: "Digits", description: "", sms: sms(webhook, digits: 5)),
        CreateVerifier(
            type: .sms, title: "A short secret", description: "",
            sms: sms(.webhook(WebhookSettings(url: "https://a.example", secret: "short")))),
        CreateVerifier(
            type: .sms, title: "Controls", description: "",
            sms: sms(.webhook(WebhookSettings(url: "https://a\r\nb", secret: "x")))),
        CreateVerifier(
            type: .email, title: "Another kind's", description: "", sms: sms(webhook)),
        CreateVerifier(
            type: .totp, title: "Another kind's", description: "",
            email: EmailSettings(codeDigits: 8)),
        CreateVerifier(
            type: .email, title: "Digits", description: "", email: EmailSettings(codeDigits: 9)),
    ])
    func `settings that cannot work are refused`(new: CreateVerifier) async throws {
        try await withVault { vault in
            let fault = try await vault.refusal { (it) throws(Fault) in
                try await it.createVerifier(MakeVerifier(verifier: new), Vault.call)
            }
            #expect(fault?.reason == .verifierSettingsInvalid)
        }
    }
}
