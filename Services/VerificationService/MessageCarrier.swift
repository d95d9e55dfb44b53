import Postgres

/// Sends a message that was taken from the outbox, each by its channel.
struct MessageCarrier: Sendable {
    var mail: MailCarrier?
    var sms: SMSCarrier?

    /// What came of one sending.
    enum Delivery: Sendable, Equatable {
        case settled(MessageOutcome, why: String)
        /// The same may go better in a while.
        case later(why: String)
    }

    /// A sending takes no longer; less than `Outbox.lease`.
    static let patience = Duration.seconds(60)

    var channels: Set<MessageChannel> {
        Set(
            MessageChannel.allCases.filter { channel in
                switch channel {
                case .mail: mail != nil
                case .sms: sms != nil
                }
            })
    }

    func carry(
        _ message: OutboundMessage, _ taken: Outbox.Taken, by channel: MessageChannel,
        from outbox: Outbox
    ) async -> Delivery {
        switch channel {
        case .mail:
            guard let mail else { return .later(why: "there is no mail server") }
            return await mail.carry(message, taken, on: outbox.pool.loop)
        case .sms:
            guard let sms else { return .later(why: "nothing goes out by SMS") }
            let verifiers = Verifiers(pool: outbox.pool, sealing: outbox.sealing)
            return await sms.carry(message, taken, verifiers)
        }
    }
}
