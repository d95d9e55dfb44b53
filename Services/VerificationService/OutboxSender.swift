import Daemon
import Postgres
import Reactor
import Wire

/// Sends what the outbox holds: one for each process, on one of its loops. It is woken by whoever
/// has queued something here, and looks by itself for what others have left.
///
/// Unchecked: touched on its loop's thread only; `wake` goes there first.
final class OutboxSender: @unchecked Sendable {
    private let outbox: Outbox
    private let carrier: MessageCarrier
    private let loop: EventLoop
    private let log: Log
    private var underWay: [MessageChannel: Int] = [:]
    private var isWoken = false
    private var isDraining = false
    private var waiter: UnsafeContinuation<Void, Never>?
    private var timer: Timer?

    /// Sendings at once by one channel, each a connection.
    static let underWayMax = 4
    /// How long a message may lie that nobody woke this process for.
    static let interval = Duration.seconds(5)
    /// How long the end of the process waits for sendings. A message whose sending is cut off is
    /// taken by another process once its lease is over.
    static let drainMax = Duration.seconds(10)

    /// - Parameter outbox: With the pool of the loop that it sends on.
    init(_ outbox: Outbox, _ carrier: MessageCarrier, _ log: Log) {
        self.outbox = outbox
        self.carrier = carrier
        loop = outbox.pool.loop
        self.log = log
    }

    /// Something was queued. From any thread.
    func wake() {
        guard loop.isCurrent else { return loop.perform { self.wake() } }
        isWoken = true
        endRest()
    }

    /// Sends until it is drained. On the loop.
    func run() async {
        while !isDraining {
            isWoken = false
            do throws(Fault) {
                let expired = try await outbox.expire()
                if expired > 0 { log.warning("messages_expired", ["count": .integer(expired)]) }
                for channel in carrier.channels { try await take(channel) }
            } catch {
                log.warning("outbox_unread", ["why": .text(error.detail)])
            }
            await rest()
        }
    }

    /// Takes no more, and waits for what is under way. On the loop.
    func drain() async {
        isDraining = true
        endRest()
        let end = loop.now + Self.drainMax
        while ContinuousClock.now < end, underWay.values.contains(where: { $0 > 0 }) {
            await loop.sleep(for: .milliseconds(10))
        }
    }

    private func take(_ channel: MessageChannel) async throws(Fault) {
        let room = Self.underWayMax - underWay[channel, default: 0]
        guard room > 0, !isDraining else { return }
        for taken in try await outbox.take(channel, max: room) {
            underWay[channel, default: 0] += 1
            loop.spawn { [self] in
                await send(taken, by: channel)
                underWay[channel, default: 0] -= 1
                // There may be others that found no room.
                wake()
            }
        }
    }

    private func send(_ taken: Outbox.Taken, by channel: MessageChannel) async {
        do throws(Fault) {
            let message = try outbox.open(taken)
            let delivery = await carrier.carry(message, taken, by: channel, from: outbox)
            try await outbox.settle(taken, delivery, message.subject, by: channel, log)
        } catch {
            // The lease ends by itself.
            log.error(
                "message_unsettled",
                ["message": .text(taken.id.description), "why": .text(error.detail)])
        }
    }

    /// 5 seconds after the first try, doubled up to 10 minutes, and a part of it by chance.
    static func rest(after tries: Int) -> Duration {
        let seconds = min(5 << min(max(tries - 1, 0), 10), 600)
        return .seconds(seconds) * Double.random(in: 0.75...1)
    }

    // MARK: Resting

    private func rest() async {
        guard !isWoken, !isDraining else { return }
        await withUnsafeContinuation { waiter in
            self.waiter = waiter
            timer = loop.schedule(after: Self.interval * Double.random(in: 0.75...1)) {
                self.endRest()
            }
        }
    }

    private func endRest() {
        timer?.cancel()
        timer = nil
        let waiting = waiter
        waiter = nil
        waiting?.resume()
    }
}
