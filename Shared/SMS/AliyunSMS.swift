import Crypto
import HTTP
import Wire

/// SendSms of Alibaba Cloud's Short Message Service (version 2017-05-25), signed by
/// ACS3-HMAC-SHA256.
package struct AliyunSMS: Sendable {
    private let accessKeyID: String
    private let accessKeySecret: SecretBytes
    private let signName: String
    private let templateCode: String
    private let endpoint: String

    package static let endpointDefault = "dysmsapi.aliyuncs.com"

    /// - Parameters:
    ///   - endpoint: Its host.
    ///   - signName: The signature that stands before the text, as approved.
    ///   - templateCode: An approved template with the parameter `code`.
    package init(
        accessKeyID: String, accessKeySecret: SecretBytes,
        endpoint: String = AliyunSMS.endpointDefault, signName: String, templateCode: String
    ) throws(SMSSettingRefusal) {
        self.accessKeyID = try SMSSetting.word(accessKeyID, "accessKeyId")
        self.accessKeySecret = try SMSSetting.secret(accessKeySecret, "accessKeySecret")
        self.endpoint = try SMSSetting.host(endpoint).origin.description
        self.signName = try SMSSetting.text(signName, "sign")
        self.templateCode = try SMSSetting.text(templateCode, "template")
    }

    func request(_ message: SMSMessage, now: Timestamp, nonce: [UInt8]) -> OutgoingRequest {
        let query = PercentEncoding.query([
            ("PhoneNumbers", Self.number(message.receiver)), ("SignName", signName),
            ("TemplateCode", templateCode), ("TemplateParam", Self.parameter(message.code)),
        ])
        guard let url = HTTPSURL(host: endpoint, target: "/?\(query)") else {
            preconditionFailure("a checked host and an encoded query are a URL")
        }
        let signed = [
            ("host", endpoint), ("x-acs-action", "SendSms"),
            ("x-acs-content-sha256", Base16.encode(Digest.sha256([UInt8]()))),
            ("x-acs-date", Timestamp(seconds: now.seconds).text),
            ("x-acs-signature-nonce", Base16.encode(nonce)), ("x-acs-version", "2017-05-25"),
        ]
        let canonical = CanonicalRequest(.post, query: query, headers: signed, body: [])
        var headers = HTTPHeaders()
        for (name, value) in signed.dropFirst() {
            guard let name = HeaderName(name) else { preconditionFailure("a name of ours") }
            headers.add(name, checked: value)
        }
        headers.add("Authorization", checked: authorization(canonical))
        return OutgoingRequest(.post, url, headers: headers)
    }

    func authorization(_ canonical: CanonicalRequest) -> String {
        let signature = HMAC.authenticate(
            .sha256, key: accessKeySecret, message: Array(Self.stringToSign(canonical).utf8))
        return "ACS3-HMAC-SHA256 Credential=\(accessKeyID)"
            + ",SignedHeaders=\(canonical.signedHeaders),Signature=\(Base16.encode(signature))"
    }

    static func stringToSign(_ canonical: CanonicalRequest) -> String {
        "ACS3-HMAC-SHA256\n\(canonical.digest)"
    }

    static func parameter(_ code: String) -> String {
        let object = JSON.object([JSON.Member("code", .string(code))])
        return String(decoding: object.serialized(), as: UTF8.self)
    }

    /// Mainland numbers without the country code, all others with it, none with a plus sign.
    private static func number(_ receiver: PhoneNumber) -> String {
        String(receiver.countryCode == "86" ? receiver.national : receiver.digits)
    }

    static func outcome(_ answer: ProviderAnswer) -> SMSOutcome {
        let word = answer.body["Code"]?.text
        if answer.status == 200, word == "OK" { return answer.accepted(answer.body["BizId"]) }
        return answer.refused(word, meaning)
    }

    /// The codes of the documentation's list, with and without the prefix that older interfaces
    /// put before them.
    private static func meaning(_ word: String) -> SMSRefusal {
        let plain = word.hasPrefix("isv.") ? String(word.dropFirst(4)) : word
        switch plain {
        case "MOBILE_NUMBER_ILLEGAL", "PHONE_NUMBER_ILLEGAL", "DOMESTIC_NUMBER_NOT_SUPPORTED",
            "NOT_SUPPORTED_COUNTRY", "COUNTRY_RESTRICTED":
            return .invalidReceiver
        case "BUSINESS_LIMIT_CONTROL", "BUSINESS_LIMIT_CONTROL_MINUTE",
            "BUSINESS_LIMIT_CONTROL_PHONE", "BUSINESS_LIMIT_HOUR", "BUSINESS_LIMIT_DAY",
            "DAY_LIMIT_CONTROL", "MONTH_LIMIT_CONTROL", "HOUR_LIMIT_CONTROL":
            return .rateLimited
        default:
            return plain == "Throttling" || plain.hasPrefix("Throttling.")
                ? .rateLimited : .sendFailed
        }
    }
}

extension AliyunSMS: CustomStringConvertible, CustomReflectable {
    package var description: String { "Aliyun at \(endpoint)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
