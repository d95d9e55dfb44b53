import Reactor

/// Sends a message that was taken from the outbox, each by its channel.
struct MessageCarrier: Sendable {
    let mail: MailCarrier?

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
                }
            })
    }

    func carry(
        _ message: OutboundMessage, _ taken: Outbox.Taken, by channel: MessageChannel,
        on loop: EventLoop
    ) async -> Delivery {
        switch channel {
        case .mail:
            guard let mail else { return .later(why: "there is no mail server") }
            return await mail.carry(message, taken, on: loop)
        }
    }
}
