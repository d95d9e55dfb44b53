import Wire

/// A one-time code on its way to a telephone. Providers with approved templates get the code
/// alone, the others the whole text.
package struct SMSMessage: Sendable {
    package let receiver: PhoneNumber
    let code: String
    let text: String
    /// The same at every attempt to send the message, so that a receiver of webhooks can tell a
    /// repetition.
    package let id: String

    /// Digits.
    package static let codeLengths = 4...10
    /// Octets: about what fits into four parts of a message.
    package static let textMax = 600
    package static let idMax = 64

    /// Nil for a code of other characters than ASCII digits or of another length, a text that does
    /// not hold it or holds controls, and an id of other characters than letters, digits, hyphen
    /// and underscore.
    package init?(to receiver: PhoneNumber, code: String, text: String, id: String) {
        let isCode = code.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isCode, Self.codeLengths.contains(code.utf8.count),
            text.utf8.count <= Self.textMax, text.contains(code),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
            (1...Self.idMax).contains(id.utf8.count), id.utf8.allSatisfy(PercentEncoding.isWord)
        else { return nil }
        self.receiver = receiver
        self.code = code
        self.text = text
        self.id = id
    }
}

extension SMSMessage: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "message \(id) to \(receiver)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a provider made of a message.
package enum SMSOutcome: Sendable, Equatable {
    /// It will try to deliver it. Its own number for the message, when it told one that can be
    /// logged.
    case accepted(messageID: String?)
    case refused(SMSRefusal, code: ProviderCode)
}

/// All that a user can be told of it. Each provider's codes are mapped to these; what is not known
/// is a failure to send.
package enum SMSRefusal: String, Sendable, Equatable, CaseIterable {
    /// Another number may do.
    case invalidReceiver
    /// A later attempt may do.
    case rateLimited
    /// Only an operator can help.
    case sendFailed
}

/// A provider's own word for a refusal, for the log: texts are not kept, since they repeat numbers.
package struct ProviderCode: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package static let bytesMax = 80

    /// What is no word of visible ASCII is not repeated.
    init(_ text: String) {
        let isWord =
            (1...Self.bytesMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { PercentEncoding.isWord($0) || $0 == UInt8(ascii: ".") }
        description = isWord ? text : "unreadable"
    }

    /// For an answer that says nothing but its status.
    init(status: Int) { description = "HTTP_\(status)" }
}
