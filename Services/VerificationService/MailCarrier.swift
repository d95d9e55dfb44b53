import Mail
import Reactor
import Wire

/// Makes mails of messages and hands them to the mail server.
struct MailCarrier: Sendable {
    private let client: Guarded<SMTPClient>
    private let from: MailMessage.Mailbox
    private let product: MailText
    private let address: PublicAddress

    /// - Parameter product: The title of what people sign in to.
    init(
        client: SMTPClient, from: MailMessage.Mailbox, product: MailText, address: PublicAddress
    ) {
        self.client = Guarded(client)
        self.from = from
        self.product = product
        self.address = address
    }

    /// From now on the server is shown the credentials that it has there.
    func renewCredentials(of server: SMTPServer) {
        client.withLock { $0.renewCredentials(of: server) }
    }

    func carry(
        _ message: OutboundMessage, _ taken: Outbox.Taken, on loop: EventLoop
    ) async -> MessageCarrier.Delivery {
        guard let mail = mail(message, taken) else {
            return .settled(.unreadable, why: "it holds no address that mail can go to")
        }
        let outcome = await client.withLock({ $0 }).send(
            SMTPEnvelope(mail), on: loop, within: MessageCarrier.patience)
        switch outcome {
        case .delivered: return .settled(.sent, why: outcome.logText)
        case .receiverRefused, .senderRefused, .messageRefused:
            return .settled(.refused, why: outcome.logText)
        case .tryAgainLater, .unreachable, .timedOut, .cancelled:
            return .later(why: outcome.logText)
        case .authenticationRefused, .tlsRefused, .protocolViolation:
            // The message is not to blame: an operator puts it right.
            return .later(why: outcome.logText)
        }
    }

    /// Nil when the receiver is no address. A message that is sent again is the same mail to the
    /// last octet, by its date and its identifier too.
    func mail(_ message: OutboundMessage, _ taken: Outbox.Taken) -> MailMessage? {
        guard let receiver = MailAddress(parsing: message.receiver),
            let notice = notice(message), let token = MailToken(taken.id.description)
        else { return nil }
        let name = MailText(showing: message.displayName)
        let circumstances = MailCircumstances(
            product: product, userName: name, time: taken.createdAt,
            place: MailText(showing: message.place), securityPage: address.page("/account"))
        let content = MailTemplates.content(
            notice, circumstances, in: MailLanguage(tag: message.locale))
        return MailMessage(
            from: from, to: MailMessage.Mailbox(name: nil, address: receiver),
            subject: content.subject, text: content.text, html: content.html,
            date: taken.createdAt, token: token)
    }

    private func notice(_ message: OutboundMessage) -> MailNotice? {
        let title = MailText(showing: message.title)
        switch message.subject {
        case .authenticatorBound: return .authenticatorBound(title ?? product)
        case .authenticatorUnbound: return .authenticatorUnbound(title ?? product)
        case .authenticatorDisabled: return .authenticatorDisabled(title ?? product)
        case .recoveryCodeUsed: return .recoveryCodeUsed(left: Int(message.left))
        case .recoveryCodesMade: return .recoveryCodesMade
        case .passwordChanged: return .passwordChanged
        case .passwordDisabled: return .passwordDisabled
        case .passkeyDisabled: return .passkeyDisabled(title ?? product)
        case .newDevice: return .newDevice(title)
        case .reportedNotMe: return .reportedNotMe
        case .trustedDeviceReused: return .trustedDeviceReused
        case .settingsWeakened: return .settingsWeakened
        case .weakeningProposed: return .weakeningProposed
        case .passwordReset:
            return address.page("/#reset=" + message.secret).map {
                .passwordReset($0, minutes: minutes(message))
            }
        case .invitation:
            return address.page("/#reset=" + message.secret).map {
                .invitation($0, days: minutes(message) / (24 * 60))
            }
        case .signUp:
            return address.page("/#sign-up=" + message.secret).map {
                .signUp($0, days: minutes(message) / (24 * 60))
            }
        case .signUpKnown: return .signUpKnown
        case .resetRequested: return .resetRequested
        case .addressChanged: return .addressChanged
        case .signInCode: return code(message, .signIn)
        case .bindingCode: return code(message, .bind)
        case .stepUpCode: return code(message, .stepUp)
        case .test: return .test
        }
    }

    private func code(
        _ message: OutboundMessage, _ purpose: MailNotice.CodePurpose
    ) -> MailNotice? {
        MailCode(message.secret).map { .code($0, purpose, minutes: minutes(message)) }
    }

    private func minutes(_ message: OutboundMessage) -> Int {
        Int(message.subject.lifetime.components.seconds / 60)
    }
}
