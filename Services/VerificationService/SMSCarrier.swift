import Contracts
import Crypto
import Daemon
import HTTP
import Hosting
import Mail
import Postgres
import Reactor
import SMS
import Wire

/// Makes text messages and hands them to the provider of their verifier.
struct SMSCarrier: Sendable {
    /// A client on a loop, which believes the authorities of the settings and nobody else.
    let client: @Sendable (EventLoop) -> HTTPClient
    /// The title of what people sign in to.
    let product: String
    var clock = WallClock.system

    /// An answer takes no longer, or is none.
    static let patience = Duration.seconds(10)

    func carry(
        _ message: OutboundMessage, _ taken: Outbox.Taken, _ verifiers: Verifiers
    ) async -> MessageCarrier.Delivery {
        do throws(Fault) {
            guard let uid = VerifierUID(message.verifier),
                case .sms(let settings) = try await verifiers.find(uid)?.settings,
                let receiver = PhoneNumber(message.receiver),
                let sms = SMSMessage(
                    to: receiver, code: message.secret,
                    text: SMSText.text(message, product: product), id: taken.id.description)
            else { return .settled(.unreadable, why: "it is no text message") }
            let provider = try settings.provider.made()
            let request = provider.request(sms, now: clock.now(), nonce: try Self.nonce())
            return await send(request, provider, on: verifiers.pool.loop)
        } catch {
            return .settled(.failed, why: error.detail)
        }
    }

    private func send(
        _ request: OutgoingRequest, _ provider: SMSProvider, on loop: EventLoop
    ) async -> MessageCarrier.Delivery {
        do throws(HTTPClientFault) {
            let response = try await client(loop).exchange(request, deadline: Self.patience)
            switch provider.outcome(response) {
            case .accepted(let id): return .settled(.sent, why: "accepted as \(id ?? "unnamed")")
            case .refused(.invalidReceiver, let code):
                return .settled(.refused, why: code.description)
            case .refused(.rateLimited, let code):
                return .settled(.limited, why: code.description)
            case .refused(.sendFailed, let code):
                return .settled(.failed, why: code.description)
            }
        } catch {
            // Also where nobody knows what became of it: whoever waits has been told, and asks
            // again, which is counted. What is sent twice is paid twice.
            return .settled(.failed, why: "\(error)")
        }
    }

    private static func nonce() throws(Fault) -> [UInt8] {
        do throws(CryptoFault) {
            return try Random.bytes(16)
        } catch {
            throw error.fault
        }
    }
}

/// What a text message says, in the receiver's language.
enum SMSText {
    /// Octets of the title; the message fits into two parts then.
    private static let productMax = 40

    static func text(_ message: OutboundMessage, product: String) -> String {
        let scalars = product.unicodeScalars.filter {
            $0.properties.generalCategory != .control
        }
        var product = String(String.UnicodeScalarView(scalars))
        while product.utf8.count > productMax { product.removeLast() }
        let code = message.secret
        let minutes = message.subject.lifetime.components.seconds / 60
        switch (message.subject, MailLanguage(tag: message.locale)) {
        case (.test, .english): return "\(product): a test message, \(code)."
        case (.test, .dutch): return "\(product): een testbericht, \(code)."
        case (.test, .chinese): return "\(product)：测试短信，\(code)。"
        case (_, .english):
            return "\(code) is your code for \(product). It works for \(minutes) minutes. "
                + "Tell it to nobody."
        case (_, .dutch):
            return "\(code) is je code voor \(product). Deze werkt \(minutes) minuten. "
                + "Geef hem aan niemand."
        case (_, .chinese):
            return "\(product)验证码：\(code)，\(minutes)分钟内有效，请勿告诉他人。"
        }
    }
}

extension SMSSettings.Provider {
    /// Throws `.verifierSettingsInvalid` for what the provider could never use, by the setting's
    /// name.
    func made() throws(Fault) -> SMSProvider {
        do throws(SMSSettingRefusal) {
            switch self {
            case .aliyun(let it):
                return .aliyun(
                    try AliyunSMS(
                        accessKeyID: it.accessKeyId,
                        accessKeySecret: SecretBytes(copying: Array(it.accessKeySecret.utf8)),
                        endpoint: it.endpoint.isEmpty ? AliyunSMS.endpointDefault : it.endpoint,
                        signName: it.sign, templateCode: it.template))
            case .tencent(let it):
                return .tencentCloud(
                    try TencentCloudSMS(
                        secretID: it.secretId,
                        secretKey: SecretBytes(copying: Array(it.secretKey.utf8)),
                        region: it.region,
                        endpoint: it.endpoint.isEmpty
                            ? TencentCloudSMS.endpointDefault : it.endpoint,
                        signName: it.signName, applicationID: it.smsSdkAppId,
                        templateID: it.templateId))
            case .twilio(let it):
                return .twilio(
                    try TwilioSMS(
                        accountSID: it.accountSid,
                        authToken: SecretBytes(copying: Array(it.authToken.utf8)),
                        sender: it.messagingServiceSid.isEmpty
                            ? .from(it.from) : .messagingService(it.messagingServiceSid)))
            case .webhook(let it):
                return .webhook(
                    try SMSWebhook(
                        url: it.url, secret: SecretBytes(copying: Array(it.secret.utf8))))
            }
        } catch {
            throw Fault(.verifierSettingsInvalid, detail: "\(error.field) is not of its form")
        }
    }
}
