import Crypto
import HTTP
import Wire

/// Any service that takes a JSON body by HTTPS and checks its signature by the Standard Webhooks
/// specification (version 1), for which libraries exist in most languages: the fields
/// `webhook-id`, `webhook-timestamp` and `webhook-signature`, and HMAC-SHA256 over
/// `id.timestamp.body`.
///
/// It answers with any 2xx when it has taken the message, 429 when it is asked too often, or
/// another status with `{"error": "invalid_receiver"}` or `{"error": "rate_limited"}`.
package struct SMSWebhook: Sendable {
    private let url: HTTPSURL
    private let secret: SecretBytes

    /// Before a secret, in the standard's form.
    package static let secretPrefix = "whsec_"
    /// Octets of a secret.
    package static let secretLengths = 24...64

    /// - Parameter secret: `whsec_` and base64, as the receiver's library takes it.
    package init(url: String, secret: SecretBytes) throws(SMSSettingRefusal) {
        guard let url = HTTPSURL(url) else { throw SMSSettingRefusal(field: "url") }
        self.url = url
        let key = secret.withBytes { octets -> SecretBytes? in
            guard octets.starts(with: Self.secretPrefix.utf8),
                var key = Base64.decode(octets.dropFirst(Self.secretPrefix.utf8.count))
            else { return nil }
            return SecretBytes(taking: &key)
        }
        guard let key, Self.secretLengths.contains(key.count) else {
            throw SMSSettingRefusal(field: "secret")
        }
        self.secret = key
    }

    func request(_ message: SMSMessage, now: Timestamp) -> OutgoingRequest {
        let body = JSON.object([
            JSON.Member("messageId", .string(message.id)),
            JSON.Member("timestamp", .string(Timestamp(seconds: now.seconds).text)),
            JSON.Member("receiver", .string(message.receiver.text)),
            JSON.Member("code", .string(message.code)),
            JSON.Member("text", .string(message.text)),
        ]).serialized()
        var headers = HTTPHeaders()
        headers.add("Content-Type", "application/json")
        headers.add("webhook-id", checked: message.id)
        headers.add("webhook-timestamp", HeaderValue(now.seconds))
        let signed = Array("\(message.id).\(now.seconds).".utf8) + body
        let signature = HMAC.authenticate(.sha256, key: secret, message: signed)
        headers.add("webhook-signature", checked: "v1,\(Base64.encode(signature))")
        return OutgoingRequest(.post, url, headers: headers, body: body)
    }

    static func outcome(_ answer: ProviderAnswer) -> SMSOutcome {
        if (200...299).contains(answer.status) {
            return answer.accepted(answer.body["messageId"])
        }
        return answer.refused(answer.body["error"]?.text) { word in
            switch word {
            case "invalid_receiver": .invalidReceiver
            case "rate_limited": .rateLimited
            default: .sendFailed
            }
        }
    }
}

extension SMSWebhook: CustomStringConvertible, CustomReflectable {
    package var description: String { "webhook at \(url.origin)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
