import Crypto
import HTTP
import SMS
import Wire

/// Answers of the providers of SMS, of any status and body: only a success is acceptance, 429 is a
/// rate, and what is kept for the log is short and visible.
func fuzz(_ input: UnsafeRawBufferPointer) {
    var choices = Choices(input)
    let status = statuses[choices.number(below: statuses.count)]
    let provider = providers[choices.number(below: providers.count)]
    let response = HTTPResponse(HTTPStatus(status), body: Array(choices.rest))
    switch provider.outcome(response) {
    case .accepted(let id):
        must((200...299).contains(status), "accepted with \(status)")
        guard let id else { return }
        must((1...128).contains(id.utf8.count), "an id over its limit")
        must(id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "an id of other octets")
    case .refused(let refusal, let code):
        if status == 429 { must(refusal == .rateLimited, "429 is \(refusal)") }
        let text = code.description.utf8
        must((1...ProviderCode.bytesMax).contains(text.count), "a code over its limit")
        must(text.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a code of other octets")
    }
}

private let statuses = [200, 201, 204, 302, 400, 429, 500]

private let providers: [SMSProvider] = {
    let secret = SecretBytes(copying: Array("secret".utf8))
    let key = SecretBytes(copying: Array("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=".utf8))
    do throws(SMSSettingRefusal) {
        return [
            .aliyun(
                try AliyunSMS(
                    accessKeyID: "a", accessKeySecret: secret, signName: "b", templateCode: "c")),
            .tencentCloud(
                try TencentCloudSMS(
                    secretID: "a", secretKey: secret, region: "b", signName: "c",
                    applicationID: "d", templateID: "e")),
            .twilio(
                try TwilioSMS(
                    accountSID: "AC00000000000000000000000000000000", authToken: secret,
                    sender: .from("+15005550006"))),
            .webhook(try SMSWebhook(url: "https://a/", secret: key)),
        ]
    } catch {
        preconditionFailure("\(error)")
    }
}()
