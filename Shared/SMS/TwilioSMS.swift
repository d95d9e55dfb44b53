import Crypto
import HTTP
import Wire

/// The Messages resource of Twilio's REST API (version 2010-04-01), with basic authentication.
package struct TwilioSMS: Sendable {
    /// Who the message comes from.
    package enum Sender: Sendable {
        /// A number or an alphanumeric sender.
        case from(String)
        /// The SID of a messaging service, which chooses among its numbers.
        case messagingService(String)
    }

    private let accountSID: String
    private let authToken: SecretBytes
    private let sender: (name: String, value: String)
    private let url: HTTPSURL

    package static let endpointDefault = "api.twilio.com"

    /// - Parameter endpoint: Its host; regions have their own.
    package init(
        accountSID: String, authToken: SecretBytes, sender: Sender,
        endpoint: String = TwilioSMS.endpointDefault
    ) throws(SMSSettingRefusal) {
        self.accountSID = try Self.sid(accountSID, "AC", "accountSid")
        self.authToken = try SMSSetting.secret(authToken, "authToken")
        switch sender {
        case .from(let text): self.sender = ("From", try SMSSetting.text(text, "from"))
        case .messagingService(let text):
            self.sender = (
                "MessagingServiceSid", try Self.sid(text, "MG", "messagingServiceSid")
            )
        }
        url = try SMSSetting.host(
            endpoint, target: "/2010-04-01/Accounts/\(accountSID)/Messages.json")
    }

    /// Two letters for the kind and 32 hexadecimal digits.
    private static func sid(
        _ text: String, _ kind: String, _ field: String
    ) throws(SMSSettingRefusal) -> String {
        let digits = text.utf8.dropFirst(2)
        guard text.hasPrefix(kind), digits.count == 32, Base16.decode(digits) != nil else {
            throw SMSSettingRefusal(field: field)
        }
        return text
    }

    func request(_ message: SMSMessage) -> OutgoingRequest {
        let body = PercentEncoding.form([
            ("To", message.receiver.text), sender, ("Body", message.text),
        ])
        var headers = HTTPHeaders()
        headers.add("Accept", "application/json")
        headers.add("Content-Type", "application/x-www-form-urlencoded")
        let credentials = authToken.withBytes { Array("\(accountSID):".utf8) + Array($0) }
        headers.add("Authorization", checked: "Basic \(Base64.encode(credentials))")
        return OutgoingRequest(.post, url, headers: headers, body: Array(body.utf8))
    }

    static func outcome(_ answer: ProviderAnswer) -> SMSOutcome {
        if (200...299).contains(answer.status), answer.body["sid"]?.text != nil {
            let failure: Int? = answer.body["error_code"]?.integer()
            guard let failure else { return answer.accepted(answer.body["sid"]) }
            return answer.refused(String(failure), meaning)
        }
        let code: Int? = answer.body["code"]?.integer()
        return answer.refused(code.map { String($0) }, meaning)
    }

    /// The codes of Twilio's error dictionary that speak of the receiver or of a rate.
    private static func meaning(_ word: String) -> SMSRefusal {
        switch word {
        // No valid number; not reachable from the sender; a region, a short code, a landline that
        // gets none; opted out; not mobile; not verified on a trial account.
        case "21211", "21214", "21217", "21265", "21408", "21608", "21610", "21612", "21614",
            "21635":
            .invalidReceiver
        // Requests, replies, queue of the sender, the rate and the day of the account.
        case "20429", "14107", "21611", "63017", "63038": .rateLimited
        default: .sendFailed
        }
    }
}

extension TwilioSMS: CustomStringConvertible, CustomReflectable {
    package var description: String { "Twilio at \(url.origin)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
