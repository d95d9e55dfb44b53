import Crypto
import Fixtures
import Foundation
import HTTP
import Testing
import Wire

@testable import SMS

/// Settings of each provider with invented values, those of the vectors.
enum SampleProvider {
    static let nonce = Base16.decode(Array("3156853299f313e23d1673dc12e1703d".utf8))!
    static let now = Timestamp("2026-01-02T03:04:05Z")!

    static func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

    static func aliyun(endpoint: String = AliyunSMS.endpointDefault) throws -> AliyunSMS {
        try AliyunSMS(
            accessKeyID: "testAccessKeyId", accessKeySecret: secret("testAccessKeySecret"),
            endpoint: endpoint, signName: "阿里云", templateCode: "SMS_154950909")
    }

    static func tencentCloud(
        endpoint: String = TencentCloudSMS.endpointDefault
    ) throws -> TencentCloudSMS {
        try TencentCloudSMS(
            secretID: "testSecretId", secretKey: secret("testSecretKey"), region: "ap-guangzhou",
            endpoint: endpoint, signName: "腾讯云", applicationID: "1400006666", templateID: "1234")
    }

    static func twilio(
        _ sender: TwilioSMS.Sender = .from("+15005550006"),
        endpoint: String = TwilioSMS.endpointDefault
    ) throws -> TwilioSMS {
        try TwilioSMS(
            accountSID: "AC" + String(repeating: "0", count: 32),
            authToken: secret("testAuthToken"), sender: sender, endpoint: endpoint)
    }

    static let webhookKey = Array("0123456789abcdef0123456789abcdef".utf8)

    static func webhook(_ url: String = "https://hook.example/sms?x=1") throws -> SMSWebhook {
        try SMSWebhook(url: url, secret: secret("whsec_" + Base64.encode(webhookKey)))
    }

    static func all() throws -> [SMSProvider] {
        [
            .aliyun(try aliyun()), .tencentCloud(try tencentCloud()), .twilio(try twilio()),
            .webhook(try webhook()),
        ]
    }

    static func message(
        to receiver: String = "+8613800138000", text: String = "code 123456",
        code: String = "123456"
    ) throws -> SMSMessage {
        let number = try #require(PhoneNumber(receiver))
        return try #require(SMSMessage(to: number, code: code, text: text, id: "msg_1"))
    }
}

@Suite struct SMSProviderTests {
    private func text(_ request: OutgoingRequest) -> String {
        var output = OutputBuffer()
        request.write(into: &output)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test func `Aliyun gets the fields of its action and a signature over them`() throws {
        let aliyun = try SampleProvider.aliyun()
        let request = aliyun.request(
            try SampleProvider.message(), now: SampleProvider.now, nonce: SampleProvider.nonce)
        let query =
            "PhoneNumbers=13800138000&SignName=%E9%98%BF%E9%87%8C%E4%BA%91"
            + "&TemplateCode=SMS_154950909&TemplateParam=%7B%22code%22%3A%22123456%22%7D"
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let fields = [
            "x-acs-action: SendSms", "x-acs-content-sha256: \(empty)",
            "x-acs-date: 2026-01-02T03:04:05Z",
            "x-acs-signature-nonce: 3156853299f313e23d1673dc12e1703d",
            "x-acs-version: 2017-05-25",
        ]
        let signed = ["host: dysmsapi.aliyuncs.com"] + fields
        let names = signed.map { $0.prefix { $0 != ":" } }.joined(separator: ";")
        let canonical =
            "POST\n/\n\(query)\n"
            + signed.map { $0.replacing(": ", with: ":", maxReplacements: 1) + "\n" }.joined()
            + "\n\(names)\n\(empty)"
        let toSign =
            "ACS3-HMAC-SHA256\n" + Base16.encode(Digest.sha256(Array(canonical.utf8)))
        let signature = HMAC.authenticate(
            .sha256, key: Array("testAccessKeySecret".utf8), message: Array(toSign.utf8))
        let authorization =
            "Authorization: ACS3-HMAC-SHA256 Credential=testAccessKeyId,"
            + "SignedHeaders=\(names),Signature=\(Base16.encode(signature))"
        let lines =
            ["POST /?\(query) HTTP/1.1", "Host: dysmsapi.aliyuncs.com"] + fields
            + [
                authorization, "Accept-Encoding: identity", "Content-Length: 0",
                "Connection: close", "", "",
            ]
        #expect(text(request) == lines.joined(separator: "\r\n"))
    }

    @Test(arguments: [
        ("+8613800138000", "13800138000"), ("+31612345678", "31612345678"),
        ("+85251234567", "85251234567"), ("+12025550142", "12025550142"),
    ])
    func `Aliyun gets mainland numbers bare and others with their country`(
        number: String, sent: String
    ) throws {
        let request = try SampleProvider.aliyun().request(
            try SampleProvider.message(to: number), now: SampleProvider.now,
            nonce: SampleProvider.nonce)
        #expect(request.url.target.hasPrefix("/?PhoneNumbers=\(sent)&"))
    }

    @Test func `Tencent Cloud gets the code alone in its template`() throws {
        let request = try SampleProvider.tencentCloud().request(
            try SampleProvider.message(), now: SampleProvider.now)
        let body =
            #"{"PhoneNumberSet":["+8613800138000"],"SmsSdkAppId":"1400006666","TemplateId":"1234","#
            + #""SignName":"腾讯云","TemplateParamSet":["123456"]}"#
        #expect(String(decoding: request.body, as: UTF8.self) == body)
        #expect(request.headers["X-TC-Action"] == "SendSms")
        #expect(request.headers["X-TC-Version"] == "2021-01-11")
        #expect(request.headers["X-TC-Timestamp"] == "1767323045")
        #expect(request.headers["X-TC-Region"] == "ap-guangzhou")
        #expect(request.headers["Content-Type"] == "application/json")
        #expect(request.url.origin.description == "sms.tencentcloudapi.com")
    }

    @Test func `Twilio gets the text, from a number or a messaging service`() throws {
        let service = "MG" + String(repeating: "2", count: 32)
        let request = try SampleProvider.twilio(.messagingService(service)).request(
            try SampleProvider.message())
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "To=%2B8613800138000&MessagingServiceSid=\(service)&Body=code+123456")
    }

    @Test func `a webhook can be verified by the standard's rule`() throws {
        let request = try SampleProvider.webhook().request(
            try SampleProvider.message(), now: SampleProvider.now)
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(
            body
                == #"{"messageId":"msg_1","timestamp":"2026-01-02T03:04:05Z","#
                + #""receiver":"+8613800138000","code":"123456","text":"code 123456"}"#)
        #expect(request.headers["webhook-id"] == "msg_1")
        #expect(request.headers["webhook-timestamp"] == "1767323045")
        let tag = HMAC.authenticate(
            .sha256, key: SampleProvider.webhookKey,
            message: Array("msg_1.1767323045.\(body)".utf8))
        #expect(request.headers["webhook-signature"] == "v1,\(Base64.encode(tag))")
        #expect(request.url.target == "/sms?x=1")
    }

    /// The one example of the Standard Webhooks specification's reference libraries.
    @Test func `the standard's own example has the standard's signature`() {
        let secret = Base64.decode(Array("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".utf8))!
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"
        let tag = HMAC.authenticate(.sha256, key: secret, message: Array(signed.utf8))
        #expect(Base64.encode(tag) == "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `no secret, code or number is shown by what holds it`() throws {
        let message = try SampleProvider.message(text: "the code 123456")
        let hidden = [
            "testAccessKeySecret", "testSecretKey", "testAuthToken", "MDEyMzQ1", "123456",
            "13800138000", "x=1",
        ]
        for provider in try SampleProvider.all() {
            let request = provider.request(
                message, now: SampleProvider.now, nonce: SampleProvider.nonce)
            var dumped = ""
            dump(provider, to: &dumped)
            dump(message, to: &dumped)
            dump(request, to: &dumped)
            dumped += "\(provider) \(message) \(request)" + String(reflecting: provider)
            dumped += String(reflecting: message) + String(reflecting: request)
            for word in hidden { #expect(!dumped.contains(word), "\(word) in \(dumped)") }
        }
    }
}

@Suite struct SMSSettingTests {
    private func field(_ make: () throws -> some Any) -> String? {
        do {
            _ = try make()
            return nil
        } catch let refusal as SMSSettingRefusal {
            return refusal.field
        } catch {
            return "\(error)"
        }
    }

    private static let injections = [
        "", "a\r\nX: y", "a\nb", "a\0b", "a\u{85}b", String(repeating: "a", count: 256),
    ]

    @Test(arguments: injections)
    func `a setting that could break a request is refused by its name`(bad: String) throws {
        let secret = SampleProvider.secret("s")
        #expect(
            field {
                try AliyunSMS(
                    accessKeyID: bad, accessKeySecret: secret, signName: "a", templateCode: "b")
            } == "accessKeyId")
        #expect(
            field {
                try AliyunSMS(
                    accessKeyID: "a", accessKeySecret: secret, signName: bad, templateCode: "b")
            } == "sign")
        #expect(
            field {
                try AliyunSMS(
                    accessKeyID: "a", accessKeySecret: secret, signName: "a", templateCode: bad)
            } == "template")
        #expect(field { try SampleProvider.aliyun(endpoint: bad) } == "endpoint")
        for name in ["secretId", "region", "signName", "smsSdkAppId", "templateId"] {
            #expect(
                field {
                    try TencentCloudSMS(
                        secretID: name == "secretId" ? bad : "a", secretKey: secret,
                        region: name == "region" ? bad : "a",
                        signName: name == "signName" ? bad : "a",
                        applicationID: name == "smsSdkAppId" ? bad : "a",
                        templateID: name == "templateId" ? bad : "a")
                } == name)
        }
        #expect(field { try SampleProvider.tencentCloud(endpoint: bad) } == "endpoint")
        #expect(field { try SampleProvider.twilio(.from(bad)) } == "from")
        #expect(
            field { try SampleProvider.twilio(.messagingService(bad)) } == "messagingServiceSid")
        #expect(field { try SampleProvider.webhook(bad) } == "url")
    }

    @Test func `what would end its place in a header is refused too`() {
        let secret = SampleProvider.secret("s")
        for bad in ["a,b", "a/b", "a b", "a=b", "é"] {
            #expect(
                field {
                    try AliyunSMS(
                        accessKeyID: bad, accessKeySecret: secret, signName: "a",
                        templateCode: "b")
                } == "accessKeyId")
        }
        for bad in ["a/b", "u@a", "a b", "http://a", "a?b", "a#b"] {
            #expect(field { try SampleProvider.aliyun(endpoint: bad) } == "endpoint")
        }
        for bad in ["AC", "AC" + String(repeating: "g", count: 32), "MG../../x"] {
            #expect(
                field {
                    try TwilioSMS(
                        accountSID: bad, authToken: secret, sender: .from("+15005550006"))
                } == "accountSid")
        }
        for bad in ["", "whsec_", "MDEyMzQ1", "whsec_MDEyMzQ1", "whsec_!"] {
            #expect(
                field {
                    try SMSWebhook(url: "https://a/", secret: SampleProvider.secret(bad))
                } == "secret")
        }
        #expect(field { try SampleProvider.webhook("http://a/") } == "url")
    }

    @Test(arguments: ["é", "a", "%", "\"", "张", "🔑"])
    func `settings of the greatest length make a request`(sign: String) throws {
        let text = String(repeating: sign, count: 255 / sign.utf8.count)
        let secret = SampleProvider.secret(String(repeating: "s", count: 255))
        let message = try SampleProvider.message(to: "+998123456789012")
        let aliyun = try AliyunSMS(
            accessKeyID: String(repeating: "a", count: 255), accessKeySecret: secret,
            endpoint: String(repeating: "a", count: 63) + ".example:65535", signName: text,
            templateCode: text)
        let request = SMSProvider.aliyun(aliyun).request(
            message, now: SampleProvider.now, nonce: SampleProvider.nonce)
        #expect(request.url.target.utf8.count <= HTTPSURL.bytesMax)
        let tencent = try TencentCloudSMS(
            secretID: "a", secretKey: secret, region: "a", signName: text, applicationID: text,
            templateID: text)
        let body = SMSProvider.tencentCloud(tencent).request(
            message, now: SampleProvider.now, nonce: SampleProvider.nonce
        ).body
        #expect(try JSON(parsing: body)["SignName"]?.text == text)
        let twilio = try SampleProvider.twilio(.from(text))
        #expect(!SMSProvider.twilio(twilio).request(message, now: .zero, nonce: []).body.isEmpty)
    }

    @Test func `a message has a code of digits in a text without controls`() throws {
        let number = try #require(PhoneNumber("+31612345678"))
        func isMade(_ code: String, _ text: String, _ id: String = "a") -> Bool {
            SMSMessage(to: number, code: code, text: text, id: id) != nil
        }
        #expect(isMade("1234", "1234"))
        #expect(isMade("0123456789", "Your code: 0123456789"))
        for code in ["", "123", "01234567890", "12345a", "12 345", "１２３４", "٣١٦١", "-1234"] {
            #expect(!isMade(code, "code \(code)"), "\(code)")
        }
        #expect(!isMade("123456", "no code"))
        #expect(!isMade("123456", "123456\r\nSTOP"))
        #expect(!isMade("123456", "123456" + String(repeating: "x", count: 595)))
        #expect(!isMade("123456", "123456", ""))
        #expect(!isMade("123456", "123456", "a\r\nb"))
        #expect(!isMade("123456", "123456", "a.b"))
        #expect(!isMade("123456", "123456", String(repeating: "a", count: 65)))
    }
}
