import Contracts
import Crypto
import Wire

/// What a verifier of each kind needs to know.
enum VerifierSettings: Sendable, Equatable {
    case totp(TOTPSettings)
    case sms(SMSSettings)
    case email(EmailSettings)
    case passkey(PasskeySettings)

    /// What a caller sent, for each kind a field.
    struct Given {
        var totp: TOTPSettings?
        var sms: SMSSettings?
        var email: EmailSettings?
        var passkey: PasskeySettings?

        init(_ new: CreateVerifier) {
            (totp, sms, email, passkey) = (new.totp, new.sms, new.email, new.passkey)
        }

        init(_ change: UpdateVerifier) {
            (totp, sms, email, passkey) = (change.totp, change.sms, change.email, change.passkey)
        }

        fileprivate var others: [VerifierType: Bool] {
            [.totp: totp != nil, .sms: sms != nil, .email: email != nil, .passkey: passkey != nil]
        }
    }

    /// The settings of a kind from what was sent; usual ones where a kind has them.
    /// - Parameter old: What they were until now: an empty secret keeps the old one.
    /// - Throws: `.verifierSettingsInvalid` for settings of another kind, missing ones, and what
    ///   no provider could use.
    init(_ type: VerifierType, _ given: Given, old: VerifierSettings? = nil) throws(Fault) {
        guard given.others.allSatisfy({ $0.key == type || !$0.value }) else {
            throw Fault(
                .verifierSettingsInvalid, detail: "settings of another kind than \(type.rawValue)")
        }
        switch type {
        case .totp: self = .totp(given.totp ?? TOTPSettings(issuer: ""))
        case .sms:
            guard var sms = given.sms else {
                throw Fault(.verifierSettingsInvalid, detail: "no provider of text messages")
            }
            sms.codeDigits = try Self.digits(sms.codeDigits, usual: 6)
            if case .sms(let old) = old { sms.provider.keepSecrets(of: old.provider) }
            try sms.provider.check()
            self = .sms(sms)
        case .email:
            let digits = try Self.digits(given.email?.codeDigits ?? 0, usual: 8)
            self = .email(EmailSettings(codeDigits: digits))
        case .passkey:
            self = .passkey(
                given.passkey ?? PasskeySettings(userVerification: false, attestation: false))
        }
    }

    /// Digits of a code that is sent.
    private static let digitsRange: ClosedRange<UInt32> = 6...8

    private static func digits(_ given: UInt32, usual: UInt32) throws(Fault) -> UInt32 {
        guard given != 0 else { return usual }
        guard digitsRange.contains(given) else {
            throw Fault(.verifierSettingsInvalid, detail: "a code has 6 to 8 digits")
        }
        return given
    }

    var type: VerifierType {
        switch self {
        case .totp: .totp
        case .sms: .sms
        case .email: .email
        case .passkey: .passkey
        }
    }

    /// Everything that people may read, for controls and length checks.
    var issuer: String {
        if case .totp(let it) = self { it.issuer } else { "" }
    }

    /// Without secrets.
    func show(in view: inout VerifierView) {
        switch self {
        case .totp(let it): view.totp = it
        case .sms(var it):
            it.provider.dropSecrets()
            view.sms = it
        case .email(let it): view.email = it
        case .passkey(let it): view.passkey = it
        }
    }
}

// MARK: - At rest

extension VerifierSettings {
    /// For `verifiers.settings`; nil for a kind without any, whose one text stands in a column.
    func sealed(_ uid: VerifierUID, _ sealing: Sealing) throws(Fault) -> SealedValue? {
        let plaintext: [UInt8]
        switch self {
        case .totp: return nil
        case .sms(let it): plaintext = it.encoded()
        case .email(let it): plaintext = it.encoded()
        case .passkey(let it): plaintext = it.encoded()
        }
        // Never empty: a message of nothing but zeros encodes to nothing.
        return try sealing.seal(SecretBytes(copying: [1] + plaintext), settingsOf: uid)
    }

    init(
        _ type: VerifierType, issuer: String, sealed: Bytes?, _ uid: VerifierUID,
        _ sealing: Sealing
    ) throws(Fault) {
        guard type != .totp else {
            self = .totp(TOTPSettings(issuer: issuer))
            return
        }
        guard let sealed else { throw Fault(.internal, detail: "a verifier without settings") }
        let plaintext = try sealing.open(sealed, settingsOf: uid).lend {
            [UInt8]($0.dropFirst())
        }
        do throws(WireFault) {
            switch type {
            case .totp: self = .totp(TOTPSettings(issuer: issuer))
            case .sms: self = .sms(try SMSSettings(decoding: plaintext))
            case .email: self = .email(try EmailSettings(decoding: plaintext))
            case .passkey: self = .passkey(try PasskeySettings(decoding: plaintext))
            }
        } catch {
            throw Fault(.internal, detail: "stored settings: \(error)")
        }
    }
}

// MARK: - Providers' secrets

extension SMSSettings.Provider {
    /// Takes the secret of what was there before where none is given, if the provider is the
    /// same and the account too: a secret never goes to another address than it was given for.
    mutating func keepSecrets(of old: SMSSettings.Provider) {
        switch (self, old) {
        case (.aliyun(var new), .aliyun(let old)):
            guard new.accessKeySecret.isEmpty, new.accessKeyId == old.accessKeyId,
                new.endpoint == old.endpoint
            else { return }
            new.accessKeySecret = old.accessKeySecret
            self = .aliyun(new)
        case (.tencent(var new), .tencent(let old)):
            guard new.secretKey.isEmpty, new.secretId == old.secretId,
                new.endpoint == old.endpoint
            else { return }
            new.secretKey = old.secretKey
            self = .tencent(new)
        case (.twilio(var new), .twilio(let old)):
            guard new.authToken.isEmpty, new.accountSid == old.accountSid else { return }
            new.authToken = old.authToken
            self = .twilio(new)
        case (.webhook(var new), .webhook(let old)):
            guard new.secret.isEmpty, new.url == old.url else { return }
            new.secret = old.secret
            self = .webhook(new)
        case (.aliyun, _), (.tencent, _), (.twilio, _), (.webhook, _): break
        }
    }

    mutating func dropSecrets() {
        switch self {
        case .aliyun(var it):
            it.accessKeySecret = ""
            self = .aliyun(it)
        case .tencent(var it):
            it.secretKey = ""
            self = .tencent(it)
        case .twilio(var it):
            it.authToken = ""
            self = .twilio(it)
        case .webhook(var it):
            it.secret = ""
            self = .webhook(it)
        }
    }

    /// Refuses what the provider could never use: an administrator learns of it here, and not a
    /// user from a code that does not come.
    func check() throws(Fault) {
        let needed: [(String, String)] =
            switch self {
            case .aliyun(let it):
                [
                    ("accessKeyId", it.accessKeyId), ("accessKeySecret", it.accessKeySecret),
                    ("sign", it.sign), ("template", it.template),
                ]
            case .tencent(let it):
                [
                    ("secretId", it.secretId), ("secretKey", it.secretKey),
                    ("region", it.region), ("signName", it.signName),
                    ("smsSdkAppId", it.smsSdkAppId), ("templateId", it.templateId),
                ]
            case .twilio(let it):
                [
                    ("accountSid", it.accountSid), ("authToken", it.authToken),
                    ("from or messagingServiceSid", it.from + it.messagingServiceSid),
                ]
            case .webhook(let it): [("url", it.url), ("secret", it.secret)]
            }
        for (name, value) in needed {
            guard !value.isEmpty else {
                throw Fault(.verifierSettingsInvalid, detail: "\(name) is empty")
            }
            guard value.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
            else { throw Fault(.verifierSettingsInvalid, detail: "control characters in \(name)") }
        }
        _ = try made()
    }
}
