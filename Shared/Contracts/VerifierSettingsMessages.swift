import Wire

/// How codes go out as text messages. Secrets are taken and never returned.
package struct SMSSettings: Message {
    package static let name = "SMSSettings"
    package static let about =
        "How codes go out as text messages. Secrets are taken and never returned."

    package enum Provider: Sendable, Equatable {
        case aliyun(AliyunSettings)
        case tencent(TencentSettings)
        case twilio(TwilioSettings)
        case webhook(WebhookSettings)

        fileprivate var aliyun: AliyunSettings? {
            if case .aliyun(let it) = self { it } else { nil }
        }
        fileprivate var tencent: TencentSettings? {
            if case .tencent(let it) = self { it } else { nil }
        }
        fileprivate var twilio: TwilioSettings? {
            if case .twilio(let it) = self { it } else { nil }
        }
        fileprivate var webhook: WebhookSettings? {
            if case .webhook(let it) = self { it } else { nil }
        }
    }

    package var codeDigits: UInt32
    package var provider: Provider

    package init(codeDigits: UInt32, provider: Provider) {
        self.codeDigits = codeDigits
        self.provider = provider
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        codeDigits = try coder.field(1, "codeDigits", it?.codeDigits, "6 to 8; 6 when absent.")
        var one = OneOf<Provider>("provider")
        try one.take(
            coder.option(
                of: "provider", 2, "aliyun", it?.provider.aliyun, "Alibaba Cloud's Dysmsapi."),
            Provider.aliyun)
        try one.take(
            coder.option(
                of: "provider", 3, "tencent", it?.provider.tencent, "Tencent Cloud's SMS."),
            Provider.tencent)
        try one.take(
            coder.option(of: "provider", 4, "twilio", it?.provider.twilio, "Twilio's Messages."),
            Provider.twilio)
        try one.take(
            coder.option(of: "provider", 5, "webhook", it?.provider.webhook, "One's own address."),
            Provider.webhook)
        provider = try one.picked()
    }
}

/// An account at Alibaba Cloud.
package struct AliyunSettings: Message {
    package static let name = "AliyunSettings"
    package static let about = "An account at Alibaba Cloud."

    package var accessKeyId: String
    package var accessKeySecret: String
    package var endpoint: String
    package var sign: String
    package var template: String

    package init(
        accessKeyId: String, accessKeySecret: String, endpoint: String, sign: String,
        template: String
    ) {
        self.accessKeyId = accessKeyId
        self.accessKeySecret = accessKeySecret
        self.endpoint = endpoint
        self.sign = sign
        self.template = template
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        accessKeyId = try coder.field(
            1, "accessKeyId", it?.accessKeyId, max: 128, "The access key.")
        accessKeySecret = try coder.field(
            2, "accessKeySecret", it?.accessKeySecret, max: 256,
            "Its secret; never returned, and kept when empty in a change.")
        endpoint = try coder.field(
            3, "endpoint", it?.endpoint, max: 256, "A host name; dysmsapi.aliyuncs.com when empty.")
        sign = try coder.field(4, "sign", it?.sign, max: 128, "The registered signature.")
        template = try coder.field(
            5, "template", it?.template, max: 128,
            "The registered template; it takes a parameter named code.")
    }
}

/// An account at Tencent Cloud.
package struct TencentSettings: Message {
    package static let name = "TencentSettings"
    package static let about = "An account at Tencent Cloud."

    package var secretId: String
    package var secretKey: String
    package var region: String
    package var endpoint: String
    package var signName: String
    package var smsSdkAppId: String
    package var templateId: String

    package init(
        secretId: String, secretKey: String, region: String, endpoint: String, signName: String,
        smsSdkAppId: String, templateId: String
    ) {
        self.secretId = secretId
        self.secretKey = secretKey
        self.region = region
        self.endpoint = endpoint
        self.signName = signName
        self.smsSdkAppId = smsSdkAppId
        self.templateId = templateId
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        secretId = try coder.field(
            1, "secretId", it?.secretId, max: 128, "The secret's identifier.")
        secretKey = try coder.field(
            2, "secretKey", it?.secretKey, max: 256,
            "The secret; never returned, and kept when empty in a change.")
        region = try coder.field(3, "region", it?.region, max: 64, "For example ap-guangzhou.")
        endpoint = try coder.field(
            4, "endpoint", it?.endpoint, max: 256,
            "A host name; sms.tencentcloudapi.com when empty.")
        signName = try coder.field(
            5, "signName", it?.signName, max: 128, "The registered signature.")
        smsSdkAppId = try coder.field(
            6, "smsSdkAppId", it?.smsSdkAppId, max: 64, "The application.")
        templateId = try coder.field(
            7, "templateId", it?.templateId, max: 64,
            "The registered template; it takes the code as its only parameter.")
    }
}

/// An account at Twilio.
package struct TwilioSettings: Message {
    package static let name = "TwilioSettings"
    package static let about = "An account at Twilio."

    package var accountSid: String
    package var authToken: String
    package var from: String
    package var messagingServiceSid: String

    package init(accountSid: String, authToken: String, from: String, messagingServiceSid: String) {
        self.accountSid = accountSid
        self.authToken = authToken
        self.from = from
        self.messagingServiceSid = messagingServiceSid
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        accountSid = try coder.field(1, "accountSid", it?.accountSid, max: 64, "The account.")
        authToken = try coder.field(
            2, "authToken", it?.authToken, max: 256,
            "Its secret; never returned, and kept when empty in a change.")
        from = try coder.field(
            3, "from", it?.from, max: 32, "The sender's number; empty with a messaging service.")
        messagingServiceSid = try coder.field(
            4, "messagingServiceSid", it?.messagingServiceSid, max: 64,
            "The messaging service; empty with a number.")
    }
}

/// An address that sends messages for us; calls are signed.
package struct WebhookSettings: Message {
    package static let name = "WebhookSettings"
    package static let about = "An address that sends messages for us; calls are signed."

    package var url: String
    package var secret: String

    package init(url: String, secret: String) {
        self.url = url
        self.secret = secret
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        url = try coder.field(1, "url", it?.url, max: 512, "https.")
        secret = try coder.field(
            2, "secret", it?.secret, max: 256,
            "For HMAC-SHA-256; never returned, and kept when empty in a change.")
    }
}

/// How codes go out as e-mail, by the installation's mail server.
package struct EmailSettings: Message {
    package static let name = "EmailSettings"
    package static let about = "How codes go out as e-mail, by the installation's mail server."

    package var codeDigits: UInt32

    package init(codeDigits: UInt32) {
        self.codeDigits = codeDigits
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        codeDigits = try coder.field(1, "codeDigits", it?.codeDigits, "6 to 8; 8 when absent.")
    }
}

/// What is asked of passkeys.
package struct PasskeySettings: Message {
    package static let name = "PasskeySettings"
    package static let about = "What is asked of passkeys."

    package var userVerification: Bool
    package var attestation: Bool

    package init(userVerification: Bool, attestation: Bool) {
        self.userVerification = userVerification
        self.attestation = attestation
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        userVerification = try coder.field(
            1, "userVerification", it?.userVerification,
            "True when the device must verify its user, by a PIN or a finger.")
        attestation = try coder.field(
            2, "attestation", it?.attestation,
            "True when the maker of the device is asked for, and its statement checked.")
    }
}

/// Sends a message that is no code, to see whether a verifier's settings work.
package struct TestVerifier: Message {
    package static let name = "TestVerifier"
    package static let about =
        "Sends a message that is no code, to see whether a verifier's settings work."

    package var uid: VerifierUID
    package var receiver: String

    package init(uid: VerifierUID, receiver: String) {
        self.uid = uid
        self.receiver = receiver
    }

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {
        uid = try coder.required(1, "uid", it?.uid, "Which.")
        receiver = try coder.field(
            2, "receiver", it?.receiver, max: 320, "A phone number or an e-mail address.")
    }
}

/// The provider has taken it.
package struct TestSent: Message {
    package static let name = "TestSent"
    package static let about = "The provider has taken it."

    package init() {}

    package init(_ coder: inout some Coder, _ it: Self?) throws(WireFault) {}
}
