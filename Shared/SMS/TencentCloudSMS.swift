import Crypto
import HTTP
import Wire

/// SendSms of Tencent Cloud's SMS (version 2021-01-11), signed by TC3-HMAC-SHA256.
package struct TencentCloudSMS: Sendable {
    private let secretID: String
    private let secretKey: SecretBytes
    private let region: String
    private let endpoint: HTTPSURL
    private let signName: String
    private let applicationID: String
    private let templateID: String

    package static let endpointDefault = "sms.tencentcloudapi.com"
    private static let contentType = "application/json"

    /// - Parameters:
    ///   - region: For example `ap-guangzhou`.
    ///   - endpoint: Its host.
    ///   - signName: The signature, as approved.
    ///   - applicationID: SmsSdkAppId.
    ///   - templateID: An approved template with one parameter, the code.
    package init(
        secretID: String, secretKey: SecretBytes, region: String,
        endpoint: String = TencentCloudSMS.endpointDefault, signName: String,
        applicationID: String, templateID: String
    ) throws(SMSSettingRefusal) {
        self.secretID = try SMSSetting.word(secretID, "secretId")
        self.secretKey = try SMSSetting.secret(secretKey, "secretKey")
        self.region = try SMSSetting.word(region, "region")
        self.endpoint = try SMSSetting.host(endpoint)
        self.signName = try SMSSetting.text(signName, "signName")
        self.applicationID = try SMSSetting.text(applicationID, "smsSdkAppId")
        self.templateID = try SMSSetting.text(templateID, "templateId")
    }

    func request(_ message: SMSMessage, now: Timestamp) -> OutgoingRequest {
        let body = JSON.object([
            JSON.Member("PhoneNumberSet", .array([.string(message.receiver.text)])),
            JSON.Member("SmsSdkAppId", .string(applicationID)),
            JSON.Member("TemplateId", .string(templateID)),
            JSON.Member("SignName", .string(signName)),
            JSON.Member("TemplateParamSet", .array([.string(message.code)])),
        ]).serialized()
        let canonical = CanonicalRequest(
            .post,
            headers: [("content-type", Self.contentType), ("host", endpoint.origin.description)],
            body: body)
        var headers = HTTPHeaders()
        headers.add("Content-Type", checked: Self.contentType)
        headers.add("X-TC-Action", "SendSms")
        headers.add("X-TC-Version", "2021-01-11")
        headers.add("X-TC-Timestamp", HeaderValue(now.seconds))
        headers.add("X-TC-Region", checked: region)
        headers.add("Authorization", checked: authorization(canonical, now: now))
        return OutgoingRequest(.post, endpoint, headers: headers, body: body)
    }

    /// The key is derived for one day and one service, so what signs is never the secret itself.
    func authorization(_ canonical: CanonicalRequest, now: Timestamp) -> String {
        let scope = Self.scope(now)
        let start = secretKey.withBytes { secret in
            var first = Array("TC3".utf8) + Array(secret)
            return SecretBytes(taking: &first)
        }
        let key = scope.split(separator: "/").reduce(start) { key, part in
            var next = HMAC.authenticate(.sha256, key: key, message: Array(part.utf8))
            return SecretBytes(taking: &next)
        }
        let signature = HMAC.authenticate(
            .sha256, key: key, message: Array(Self.stringToSign(canonical, now: now).utf8))
        return "TC3-HMAC-SHA256 Credential=\(secretID)/\(scope), "
            + "SignedHeaders=\(canonical.signedHeaders), Signature=\(Base16.encode(signature))"
    }

    static func stringToSign(_ canonical: CanonicalRequest, now: Timestamp) -> String {
        "TC3-HMAC-SHA256\n\(now.seconds)\n\(scope(now))\n\(canonical.digest)"
    }

    /// The day in UTC, the service, and how it ends.
    private static func scope(_ now: Timestamp) -> String {
        "\(now.text.prefix(10))/sms/tc3_request"
    }

    static func outcome(_ answer: ProviderAnswer) -> SMSOutcome {
        let response = answer.body["Response"]
        let sent = response?["SendStatusSet"]?[0]
        let word = response?["Error"]?["Code"]?.text ?? sent?["Code"]?.text
        if answer.status == 200, response?["Error"] == nil, word == "Ok" {
            return answer.accepted(sent?["SerialNo"])
        }
        return answer.refused(word, meaning)
    }

    /// The codes of the documentation's list. Beyond the named ones all limits are of rate; the
    /// count limit is of numbers in one request, of which there is one.
    private static func meaning(_ word: String) -> SMSRefusal {
        switch word {
        case "InvalidParameterValue.IncorrectPhoneNumber",
            "FailedOperation.PhoneNumberInBlacklist",
            "LimitExceeded.AppCountryOrRegionInBlacklist",
            "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
            "UnsupportedOperation.GlobalTemplateToChineseMainlandPhone",
            "UnsupportedOperation.UnsupportedRegion", "UnsupportedOperation.UnsuportedRegion":
            return .invalidReceiver
        case "LimitExceeded.PhoneNumberCountLimit":
            return .sendFailed
        default:
            let isLimit = ["LimitExceeded", "RequestLimitExceeded"].contains {
                word == $0 || word.hasPrefix("\($0).")
            }
            return isLimit ? .rateLimited : .sendFailed
        }
    }
}

extension TencentCloudSMS: CustomStringConvertible, CustomReflectable {
    package var description: String { "Tencent Cloud at \(endpoint.origin)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
