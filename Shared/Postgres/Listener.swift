import Reactor

/// Notifications of one channel (`NOTIFY`) on a connection of its own that comes back when it is
/// lost. What was said in between is not heard, which is why `connected` is called each time the
/// channel is open again: the listener then reads the state anew.
///
/// `@unchecked Sendable`: touched on the loop's thread only.
package final class Listener: @unchecked Sendable {
    private let dialer: Dialer
    private let channel: String
    private let report: @Sendable (ConnectionPool.Event) -> Void
    private let connected: () -> Void
    private let received: (String) -> Void
    private var connection: Connection?
    private var isClosed = false

    /// An idle connection whose server has vanished is found by asking it something this often.
    private static let probeInterval = Duration.seconds(10)

    fileprivate init(
        _ pool: ConnectionPool, _ channel: String, connected: @escaping () -> Void,
        received: @escaping (String) -> Void
    ) {
        dialer = pool.dialer
        report = pool.report
        self.channel = channel
        self.connected = connected
        self.received = received
    }

    /// Nothing is heard any more. On the loop.
    package func close() {
        isClosed = true
        connection?.close("the listener is closed")
    }

    fileprivate func run() async {
        var failures = 0
        while !isClosed {
            do throws(PostgresFault) {
                let connection = try await dialer.connect()
                try await open(connection)
                failures = 0
                await untilEnded(connection)
            } catch {
                report(.failed(error.detail))
            }
            let pause = ConnectionPool.pauses[min(failures, ConnectionPool.pauses.count - 1)]
            failures += 1
            guard await dialer.loop.sleepWhole(pause * Double.random(in: 0.5...1)) else { return }
        }
    }

    private func open(_ connection: Connection) async throws(PostgresFault) {
        self.connection = connection
        connection.notified = { [weak self] name, payload in
            guard let self, name == channel else { return }
            received(payload)
        }
        let limit = dialer.loop.now + dialer.settings.statementTimeout
        _ = try await connection.perform("LISTEN \(unsafe: channel)", expires: limit)
        guard !isClosed else { return connection.close("the listener is closed") }
        connected()
    }

    private func untilEnded(_ connection: Connection) async {
        probe(connection)
        await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
            guard connection.isOpen else { return waiter.resume() }
            connection.ended = { [weak self] why in
                if let self, !isClosed { report(.lost(why)) }
                waiter.resume()
            }
        }
        self.connection = nil
    }

    private func probe(_ connection: Connection) {
        guard connection.isOpen else { return }
        let loop = dialer.loop
        loop.schedule(after: Self.probeInterval) { [weak self, weak connection] in
            guard let self, let connection, connection.isOpen else { return }
            let limit = loop.now + dialer.settings.statementTimeout
            let watch = loop.schedule(after: dialer.settings.statementTimeout) {
                [weak connection] in
                connection?.close("the server says nothing any more")
            }
            connection.send(
                Statement("SELECT 1", expires: limit) { [weak self, weak connection] _ in
                    watch.cancel()
                    if let connection { self?.probe(connection) }
                })
        }
    }
}

extension ConnectionPool {
    /// Listens to a channel until the listener is closed. On the loop, where both closures are
    /// called too.
    /// - Parameters:
    ///   - channel: Lower-case letters, digits and `_`; a name of ours, never one from outside.
    ///   - connected: The channel is open, for the first time or again.
    ///   - received: The payload of one notification.
    package func listen(
        to channel: String, connected: @escaping () -> Void,
        received: @escaping (_ payload: String) -> Void
    ) -> Listener {
        precondition(loop.isCurrent, "called outside the pool's loop")
        precondition(ConnectionSettings.isPlainName(channel), "a channel has a plain name")
        let listener = Listener(self, channel, connected: connected, received: received)
        loop.spawn { await listener.run() }
        return listener
    }
}

extension EventLoop {
    /// Sleeps; false when it ended early, because the loop ends or the task was cancelled. Timers
    /// never fire early.
    package func sleepWhole(_ duration: Duration) async -> Bool {
        let end = ContinuousClock.now + duration
        await sleep(for: duration)
        return ContinuousClock.now >= end
    }
}
