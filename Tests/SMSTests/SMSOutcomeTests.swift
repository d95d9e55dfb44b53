import Fixtures
import HTTP
import Testing

@testable import SMS

@Suite struct SMSOutcomeTests {
    private func answer(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(HTTPStatus(status), body: Array(text.utf8))
    }

    private func refusal(_ outcome: SMSOutcome) -> SMSRefusal? {
        guard case .refused(let refusal, _) = outcome else { return nil }
        return refusal
    }

    @Test(arguments: [
        ("isv.MOBILE_NUMBER_ILLEGAL", SMSRefusal.invalidReceiver),
        ("MOBILE_NUMBER_ILLEGAL", .invalidReceiver),
        ("isv.DOMESTIC_NUMBER_NOT_SUPPORTED", .invalidReceiver),
        ("isv.BUSINESS_LIMIT_CONTROL", .rateLimited), ("isv.DAY_LIMIT_CONTROL", .rateLimited),
        ("isv.MONTH_LIMIT_CONTROL", .rateLimited), ("Throttling", .rateLimited),
        ("Throttling.User", .rateLimited), ("ThrottlingX", .sendFailed),
        ("isv.OUT_OF_SERVICE", .sendFailed), ("isv.AMOUNT_NOT_ENOUGH", .sendFailed),
        ("isv.SMS_TEMPLATE_ILLEGAL", .sendFailed), ("InvalidAccessKeyId.NotFound", .sendFailed),
        ("isv.", .sendFailed), ("", .sendFailed), ("ok", .sendFailed),
    ])
    func `a code of Aliyun`(code: String, meaning: SMSRefusal) throws {
        let provider = SMSProvider.aliyun(try SampleProvider.aliyun())
        for status in [200, 400, 403, 500] {
            #expect(refusal(provider.outcome(answer(status, #"{"Code":"\#(code)"}"#))) == meaning)
        }
        #expect(refusal(provider.outcome(answer(500, #"{"Code":"OK"}"#))) == .sendFailed)
    }

    @Test(arguments: [
        ("InvalidParameterValue.IncorrectPhoneNumber", SMSRefusal.invalidReceiver),
        ("FailedOperation.PhoneNumberInBlacklist", .invalidReceiver),
        ("LimitExceeded.AppCountryOrRegionInBlacklist", .invalidReceiver),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", .rateLimited),
        ("LimitExceeded.PhoneNumberOneHourLimit", .rateLimited),
        ("LimitExceeded.PhoneNumberDailyLimit", .rateLimited),
        ("LimitExceeded.DeliveryFrequencyLimit", .rateLimited), ("LimitExceeded", .rateLimited),
        ("RequestLimitExceeded", .rateLimited),
        ("RequestLimitExceeded.IPLimitExceeded", .rateLimited),
        ("LimitExceeded.PhoneNumberCountLimit", .sendFailed), ("LimitExceededX", .sendFailed),
        ("FailedOperation.InsufficientBalanceInSmsPackage", .sendFailed),
        ("AuthFailure.SignatureFailure", .sendFailed), ("", .sendFailed),
    ])
    func `a code of Tencent Cloud, of the request or of the one message`(
        code: String, meaning: SMSRefusal
    ) throws {
        let provider = SMSProvider.tencentCloud(try SampleProvider.tencentCloud())
        for text in [
            #"{"Response":{"Error":{"Code":"\#(code)"}}}"#,
            #"{"Response":{"SendStatusSet":[{"Code":"\#(code)"}]}}"#,
            #"{"Response":{"Error":{"Code":"\#(code)"},"SendStatusSet":[{"Code":"Ok"}]}}"#,
        ] {
            #expect(refusal(provider.outcome(answer(200, text))) == meaning)
        }
    }

    @Test(arguments: [
        ("21211", SMSRefusal.invalidReceiver), ("21614", .invalidReceiver),
        ("21610", .invalidReceiver), ("21408", .invalidReceiver), ("20429", .rateLimited),
        ("63038", .rateLimited), ("20003", .sendFailed), ("21606", .sendFailed),
        ("0", .sendFailed), ("\"21211\"", .sendFailed), ("21211.5", .sendFailed),
    ])
    func `a code of Twilio, of the request or of the message`(
        code: String, meaning: SMSRefusal
    ) throws {
        let provider = SMSProvider.twilio(try SampleProvider.twilio())
        #expect(refusal(provider.outcome(answer(400, #"{"code":\#(code)}"#))) == meaning)
        guard Int(code) != nil else { return }
        let sent = #"{"sid":"SM1","error_code":\#(code)}"#
        #expect(refusal(provider.outcome(answer(201, sent))) == meaning)
    }

    @Test func `a webhook answers by its status, or by a word`() throws {
        let provider = SMSProvider.webhook(try SampleProvider.webhook())
        for status in [200, 202, 204] {
            #expect(provider.outcome(answer(status, "")) == .accepted(messageID: nil))
        }
        #expect(
            provider.outcome(answer(200, #"{"messageId":"a-1"}"#)) == .accepted(messageID: "a-1"))
        #expect(
            refusal(provider.outcome(answer(422, #"{"error":"invalid_receiver"}"#)))
                == .invalidReceiver)
        #expect(
            refusal(provider.outcome(answer(503, #"{"error":"rate_limited"}"#))) == .rateLimited)
        #expect(refusal(provider.outcome(answer(500, #"{"error":"other"}"#))) == .sendFailed)
    }

    @Test(arguments: [
        "", "null", "{}", "[]", "\"OK\"", "OK", "<html>busy</html>", #"{"Code":1}"#,
        #"{"Code":["OK"]}"#, #"{"Code":"OK","Code":"OK"}"#, #"{"Code":"OK"} x"#,
        #"{"Response":{}}"#, #"{"Response":{"SendStatusSet":[]}}"#, #"{"Response":[]}"#,
        #"{"Response":{"SendStatusSet":{"Code":"Ok"}}}"#, #"{"sid":1}"#, #"{"code":null}"#,
        String(repeating: "[", count: 10_000),
    ])
    func `an answer that is not understood is a failure, and a busy server is a rate`(
        text: String
    ) throws {
        for provider in try SampleProvider.all().dropLast() {
            for status in [200, 201, 302, 404, 500] {
                #expect(refusal(provider.outcome(answer(status, text))) == .sendFailed)
            }
            #expect(refusal(provider.outcome(answer(429, text))) == .rateLimited)
        }
    }

    @Test func `what a provider says is kept only as a short word`() throws {
        let provider = SMSProvider.aliyun(try SampleProvider.aliyun())
        for (code, kept) in [
            ("isv.X_1", "isv.X_1"), ("a b", "unreadable"), (#"a\r\nb"#, "unreadable"),
            ("+8613800138000", "unreadable"), (String(repeating: "a", count: 81), "unreadable"),
            ("é", "unreadable"),
        ] {
            guard
                case .refused(_, let word) = provider.outcome(
                    answer(400, #"{"Code":"\#(code)"}"#))
            else {
                Issue.record("\(code) was accepted")
                continue
            }
            #expect(word.description == kept)
        }
        guard case .refused(_, let word) = provider.outcome(answer(503, "")) else { return }
        #expect(word.description == "HTTP_503")
        for id in [#"a b"#, #"a\nb"#, "", String(repeating: "a", count: 129), "é"] {
            let text = #"{"Code":"OK","BizId":"\#(id)"}"#
            #expect(provider.outcome(answer(200, text)) == .accepted(messageID: nil))
        }
    }
}
