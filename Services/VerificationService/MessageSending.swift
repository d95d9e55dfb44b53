import Contracts
import Daemon
import Postgres
import Reactor
import Wire

/// Messages that somebody waits for: sent by the process that wrote them, as soon as they are
/// committed. Should it end in between, the sweeper of any process sends the same message.
///
/// A sending that has begun goes on to its end, whatever becomes of the call that wants it: whoever
/// hung up early could else have one message, which was counted once, sent twice.
extension Outbox {
    /// Sends what was queued as taken. Throws what the user can be told.
    func send(
        _ message: OutboundMessage, _ taken: Taken, by channel: MessageChannel, _ log: Log
    ) async throws(Fault) {
        guard let carrier = exits.carrier else { throw Fault(.messageSendFailed) }
        let result: Result<MessageCarrier.Delivery, Fault>
        // The continuation of a task that nobody cancels.
        result = await withUnsafeContinuation { (waiter) in
            pool.loop.spawn {
                let delivery = await carrier.carry(message, taken, by: channel, from: self)
                do throws(Fault) {
                    try await settle(taken, delivery, message.subject, by: channel, log)
                    waiter.resume(returning: .success(delivery))
                } catch {
                    waiter.resume(returning: .failure(error))
                }
            }
        }
        if let reason = try result.get().refusal { throw Fault(reason) }
    }

    /// Writes down what came of a sending.
    func settle(
        _ taken: Taken, _ delivery: MessageCarrier.Delivery, _ subject: MessageSubject,
        by channel: MessageChannel, _ log: Log
    ) async throws(Fault) {
        meter?.count(delivery, by: channel)
        let log = log.with([
            "message": .text(taken.id.description), "channel": .text(channel.rawValue),
            "subject": .text(subject.rawValue), "tries": .integer(taken.tries),
        ])
        switch delivery {
        case .settled(let outcome, let why):
            try await settle(taken, outcome)
            let fields: Log.Fields = ["outcome": .text(outcome.rawValue), "why": .text(why)]
            switch outcome {
            case .sent: log.info("message_settled", fields)
            case .refused, .limited, .failed, .expired, .replaced, .nobody, .unreadable:
                log.warning("message_settled", fields)
            }
        case .later(let why):
            try await putBack(taken, for: OutboxSender.rest(after: taken.tries))
            log.warning("message_delayed", ["why": .text(why)])
        }
    }
}

extension MessageCarrier.Delivery {
    /// What the one who waits for the message is told; nil when it is on its way. What goes out
    /// later works too, if it is not replaced before.
    var refusal: Reason? {
        switch self {
        case .settled(.sent, _): nil
        case .settled(.refused, _): .receiverInvalid
        case .settled(.limited, _): .messageRateLimited
        case .settled(.failed, _), .settled(.expired, _), .settled(.replaced, _),
            .settled(.nobody, _), .settled(.unreadable, _), .later:
            .messageSendFailed
        }
    }
}
