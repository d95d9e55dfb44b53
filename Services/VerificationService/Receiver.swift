import Contracts
import Crypto
import Mail
import SMS
import Wire

/// Where codes of one authenticator go. It is sealed at rest, and shown masked.
enum Receiver: Sendable, Equatable {
    case phone(PhoneNumber)
    case address(MailAddress)

    /// What a user typed.
    /// - Throws: `.phoneInvalid` or `.emailInvalid`.
    init(_ type: VerifierType, typed: String) throws(Fault) {
        switch type {
        case .sms:
            guard let number = PhoneNumber(typed) else { throw Fault(.phoneInvalid) }
            self = .phone(number)
        case .email:
            guard let address = MailAddress(parsing: typed) else { throw Fault(.emailInvalid) }
            self = .address(address)
        case .totp, .passkey: throw Fault(.internal, detail: "nothing is sent to a \(type)")
        }
    }

    /// As it was sealed.
    init(_ type: VerifierType, _ opened: SecretBytes) throws(Fault) {
        let text = opened.lend { String(validating: $0, as: UTF8.self) }
        guard let text else { throw Fault(.internal, detail: "a stored receiver is no text") }
        try self.init(type, typed: text)
    }

    var text: String {
        switch self {
        case .phone(let it): it.text
        case .address(let it): it.text
        }
    }

    var masked: String {
        switch self {
        case .phone(let it): it.masked
        case .address(let it): it.masked
        }
    }
}
