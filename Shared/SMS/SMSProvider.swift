import Crypto
import HTTP
import Wire

/// A service that delivers messages. Pure: what is sent and what an answer means are values; who
/// sends is somebody else.
package enum SMSProvider: Sendable {
    case aliyun(AliyunSMS)
    case tencentCloud(TencentCloudSMS)
    case twilio(TwilioSMS)
    case webhook(SMSWebhook)

    /// The request that sends the message.
    /// - Parameters:
    ///   - now: Providers refuse what is some minutes old or early.
    ///   - nonce: 16 random octets, new for each request.
    package func request(
        _ message: SMSMessage, now: Timestamp, nonce: [UInt8]
    ) -> OutgoingRequest {
        switch self {
        case .aliyun(let it): it.request(message, now: now, nonce: nonce)
        case .tencentCloud(let it): it.request(message, now: now)
        case .twilio(let it): it.request(message)
        case .webhook(let it): it.request(message, now: now)
        }
    }

    /// What the answer to that request means. Whatever is not understood is `sendFailed`.
    package func outcome(_ response: HTTPResponse) -> SMSOutcome {
        let answer = ProviderAnswer(response)
        return switch self {
        case .aliyun: AliyunSMS.outcome(answer)
        case .tencentCloud: TencentCloudSMS.outcome(answer)
        case .twilio: TwilioSMS.outcome(answer)
        case .webhook: SMSWebhook.outcome(answer)
        }
    }
}

/// A setting of a provider that cannot be right, by its name.
package struct SMSSettingRefusal: Error, Sendable, Equatable {
    package let field: String
}

/// A provider's answer: its status, and its body when that is JSON.
struct ProviderAnswer {
    let status: Int
    let body: JSON

    init(_ response: HTTPResponse) {
        status = response.status.code
        do throws(WireFault) {
            body = try JSON(parsing: response.body)
        } catch {
            body = .null
        }
    }

    func accepted(_ messageID: JSON?) -> SMSOutcome {
        let id = messageID?.text.map(ProviderMessageID.checked)
        return .accepted(messageID: id ?? nil)
    }

    /// By the provider's own word, or by the status alone: 429 says the same everywhere (RFC 6585
    /// §4).
    func refused(_ word: String?, _ meaning: (String) -> SMSRefusal) -> SMSOutcome {
        let code = word.map(ProviderCode.init) ?? ProviderCode(status: status)
        let refusal = status == 429 ? .rateLimited : word.map(meaning) ?? .sendFailed
        return .refused(refusal, code: code)
    }
}

private enum ProviderMessageID {
    static let bytesMax = 128

    /// Nil for what has no place in a line of a log.
    static func checked(_ text: String) -> String? {
        let isShort = (1...bytesMax).contains(text.utf8.count)
        return isShort && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } ? text : nil
    }
}

/// The checks that the providers' settings share.
enum SMSSetting {
    static let textMax = 255
    static let secretLengths = 1...255

    /// A word that goes into a header between signs of its own: letters, digits, `-`, `_`, `.`.
    static func word(_ text: String, _ field: String) throws(SMSSettingRefusal) -> String {
        let isWord = text.utf8.allSatisfy {
            PercentEncoding.isWord($0) || $0 == UInt8(ascii: ".")
        }
        guard isWord, (1...textMax).contains(text.utf8.count) else {
            throw SMSSettingRefusal(field: field)
        }
        return text
    }

    /// Any text without controls, for places where it is encoded.
    static func text(_ text: String, _ field: String) throws(SMSSettingRefusal) -> String {
        guard (1...textMax).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw SMSSettingRefusal(field: field) }
        return text
    }

    static func secret(
        _ secret: SecretBytes, _ field: String
    ) throws(SMSSettingRefusal) -> SecretBytes {
        guard secretLengths.contains(secret.count) else { throw SMSSettingRefusal(field: field) }
        return secret
    }

    static func host(_ text: String, target: String = "/") throws(SMSSettingRefusal) -> HTTPSURL {
        guard let url = HTTPSURL(host: text, target: target) else {
            throw SMSSettingRefusal(field: "endpoint")
        }
        return url
    }
}
