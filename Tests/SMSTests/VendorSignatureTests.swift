import Crypto
import Fixtures
import Testing
import Wire

@testable import HTTP
@testable import SMS

/// The vendors' SDKs and these signers come to the same signature of the same request.
@Suite(.enabled(if: Vectors.folder != nil, Vectors.whyAbsent))
struct VendorSignatureTests {
    private static let aliyun = ["ok", "special", "sts", "limit", "badsig"].map {
        "aliyun-acs3-\($0)"
    }
    private static let tencentCloud = ["ok", "error", "limit", "get", "token-zh"].map {
        "tencent-tc3-\($0)"
    }

    @Test(arguments: aliyun)
    func `ACS3 signs as the vendor's SDK does`(name: String) throws {
        let vector = try VendorVector(name)
        // The SDK's library writes a blank of the query as a plus sign; what it signs, it does not.
        let canonical = CanonicalRequest(
            vector.method, path: vector.path, query: vector.query.replacing("+", with: "%20"),
            headers: try vector.signedFields(), body: vector.body)
        #expect(canonical.text == (try vector.text("canonical_request")))
        #expect(AliyunSMS.stringToSign(canonical) == (try vector.text("string_to_sign")))
        let authorization = try SampleProvider.aliyun().authorization(canonical)
        #expect(authorization == (try vector.field("Authorization")))
    }

    @Test(arguments: tencentCloud)
    func `TC3 signs as the vendor's SDK does`(name: String) throws {
        let vector = try VendorVector(name)
        let now = Timestamp(seconds: try vector.number("timestamp"))
        let canonical = CanonicalRequest(
            vector.method, path: vector.path, query: vector.query,
            headers: try vector.signedFields(), body: vector.body)
        #expect(
            TencentCloudSMS.stringToSign(canonical, now: now)
                == (try vector.text("string_to_sign")))
        let authorization = try SampleProvider.tencentCloud().authorization(canonical, now: now)
        #expect(authorization == (try vector.field("Authorization")))
    }

    @Test func `what we send to Aliyun is what the SDK sends`() throws {
        let vector = try VendorVector("aliyun-acs3-ok")
        let request = try SampleProvider.aliyun().request(
            try SampleProvider.message(), now: SampleProvider.now, nonce: SampleProvider.nonce)
        #expect(request.url.target == vector.target)
        #expect(request.body == vector.body)
        for name in [
            "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce",
            "x-acs-version",
        ] {
            let field = try #require(HeaderName(name))
            #expect(request.headers[field] == (try vector.field(name)))
        }
    }

    @Test func `a text with every kind of sign is encoded as the SDK does`() throws {
        let vector = try VendorVector("aliyun-acs3-special")
        let query = PercentEncoding.query([
            ("TemplateParam", #"{"code":"0 1+2%3*~","name":"张三"}"#),
            ("SignName", "测试 A+B*~/&="), ("OutId", "out id/1"),
            ("PhoneNumbers", "13800138000"), ("TemplateCode", "SMS_154950909"),
        ])
        let canonical = try vector.text("canonical_request")
        #expect(canonical.split(separator: "\n")[2] == query)
    }

    @Test func `what we send to Twilio is what the SDK sends`() throws {
        let vector = try VendorVector("twilio-ok")
        let request = try SampleProvider.twilio().request(
            try SampleProvider.message(text: "验证码 code 123456 + & ="))
        #expect(request.url.target == vector.target)
        #expect(request.url.origin.description == (try vector.field("Host")))
        #expect(request.body == vector.body)
        #expect(request.headers["Authorization"] == (try vector.field("Authorization")))
        #expect(request.headers["Content-Type"] == (try vector.field("Content-Type")))
    }

    @Test func `what we send to Tencent Cloud means what the SDK's means`() throws {
        let vector = try VendorVector("tencent-tc3-ok")
        let request = try SampleProvider.tencentCloud().request(
            try SampleProvider.message(), now: SampleProvider.now)
        let (theirs, ours) = (try JSON(parsing: vector.body), try JSON(parsing: request.body))
        for name in ["PhoneNumberSet", "SmsSdkAppId", "TemplateId", "SignName"] {
            #expect(ours[name] == theirs[name])
        }
        #expect(ours["TemplateParamSet"]?[0] == theirs["TemplateParamSet"]?[0])
        for name in ["X-TC-Action", "X-TC-Version", "X-TC-Timestamp", "X-TC-Region"] {
            let field = try #require(HeaderName(name))
            #expect(request.headers[field] == (try vector.field(name)))
        }
    }

    @Test(arguments: [
        ("aliyun-acs3-ok", 200, SMSOutcome.accepted(messageID: "900619746936498440^0")),
        (
            "aliyun-acs3-limit", 200,
            .refused(.rateLimited, code: ProviderCode("isv.BUSINESS_LIMIT_CONTROL"))
        ),
        (
            "aliyun-acs3-badsig", 400,
            .refused(.sendFailed, code: ProviderCode("SignatureDoesNotMatch"))
        ),
        (
            "tencent-tc3-ok", 200,
            .accepted(messageID: "5000:1045710669157053657849499619")
        ),
        (
            "tencent-tc3-limit", 200,
            .refused(.rateLimited, code: ProviderCode("LimitExceeded.PhoneNumberThirtySecondLimit"))
        ),
        (
            "tencent-tc3-error", 200,
            .refused(.sendFailed, code: ProviderCode("AuthFailure.SignatureFailure"))
        ),
        ("twilio-ok", 201, .accepted(messageID: "SM11111111111111111111111111111111")),
        ("twilio-error", 400, .refused(.invalidReceiver, code: ProviderCode("21211"))),
    ])
    func `the SDK's answers mean what they say`(
        name: String, status: Int, outcome: SMSOutcome
    ) throws {
        let provider: SMSProvider =
            switch name.prefix(3) {
            case "ali": .aliyun(try SampleProvider.aliyun())
            case "ten": .tencentCloud(try SampleProvider.tencentCloud())
            default: .twilio(try SampleProvider.twilio())
            }
        #expect(provider.outcome(try VendorVector(name).response(status: status)) == outcome)
    }
}
