import Reactor
import Wire

/// The database as one loop sees it: a few pipelined connections that carry the statements of all
/// its tasks. A task that awaits one statement before the next keeps their order; so nothing else
/// is promised, statements of different tasks run side by side.
///
/// It says no early rather than late: with nothing connected and the last attempt failed, a
/// statement is `.unavailable` at once; with the queue full, `.overloaded`. Connections come back
/// by themselves. A cancelled task does not stop its statement: settling what was reserved must
/// also work for callers who are gone, and the deadline bounds it.
///
/// `@unchecked Sendable`: everything is touched on the loop's thread only; `query` checks it.
package final class ConnectionPool: @unchecked Sendable {
    package let loop: EventLoop
    let dialer: Dialer
    let limits: Limits
    let report: @Sendable (Event) -> Void
    private var slots: [Slot]
    private var waiting = Line<Statement>()
    private var sweep: Timer?
    private var state = State.fresh
    private var firstConnected: [UnsafeContinuation<PostgresFault?, Never>] = []
    let leases: LeaseStand

    package struct Limits: Sendable {
        /// Connections that share the statements.
        package var connections = 2
        /// Statements in flight on one connection; more wait in the queue.
        package var inFlightMax = 64
        /// Statements waiting; one more is `.overloaded`.
        package var waitingMax = 1024
        /// Connections for transactions of several statements, each lent to one task at a time.
        package var leases = 2
        /// Tasks waiting for such a connection; one more is `.overloaded`.
        package var leaseWaitingMax = 256
        package init() {}
    }

    /// What the log should know. The text is the server's or libpq's and holds no secret.
    package enum Event: Sendable, Equatable {
        case connected
        case lost(String)
        case failed(String)
    }

    /// What of a pool is used at one moment.
    package struct Use: Sendable, Equatable {
        /// That stand, and those of them with statements in flight.
        package var connections: Int
        package var connectionsBusy = 0
        package var statementsInFlight = 0
        package var statementsWaiting = 0
        /// Connections lent to transactions, and tasks that wait for one.
        package var leased = 0
        package var leasesWaiting = 0
    }

    private enum Slot {
        case connecting
        case open(Connection)
    }

    private enum State: Equatable {
        case fresh
        case running
        /// No connection stands and the last attempt failed.
        case down(String)
        case closed
    }

    /// Times that pass before the next attempt to connect, each taken between its half and the
    /// whole at random, so that many loops and processes do not come back at one moment.
    static let pauses: [Duration] = [
        .milliseconds(50), .milliseconds(200), .milliseconds(500), .seconds(1),
    ]
    private static let sweepInterval = Duration.milliseconds(25)
    /// Beyond the server's own `statement_timeout`, a connection that says nothing is dead.
    private static let silenceGrace = Duration.seconds(2)
    /// Tries of a statement that fell to a deadlock or a serialization failure.
    static let triesMax = 5

    /// - Parameters:
    ///   - resolver: Looks up host names beside the loop, where libpq would stop it.
    ///   - report: Called on the loop when connections come and go.
    package init(
        loop: EventLoop, settings: ConnectionSettings, limits: Limits = Limits(),
        resolver: Resolver,
        report: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.loop = loop
        self.limits = limits
        self.report = report
        dialer = Dialer(settings: settings, loop: loop, resolver: resolver)
        leases = LeaseStand(dialer, limits: limits)
        slots = Array(repeating: .connecting, count: max(1, limits.connections))
    }

    package var settings: ConnectionSettings { dialer.settings }

    // MARK: Life

    /// Begins to connect and waits for the first attempt. Throws when it failed; the pool goes on
    /// trying. On the loop.
    package func start() async throws(PostgresFault) {
        precondition(loop.isCurrent && state == .fresh, "a pool is started once, on its loop")
        state = .running
        let fault = await withUnsafeContinuation { waiter in
            firstConnected.append(waiter)
            for index in slots.indices { loop.spawn { await self.fill(index) } }
        }
        if let fault { throw fault }
    }

    /// Statements sent are waited for until `within`, waiting ones are `.unavailable`. On the loop.
    package func close(within time: Duration = .seconds(5)) async {
        precondition(loop.isCurrent, "called outside the pool's loop")
        guard state != .closed else { return }
        state = .closed
        for statement in waiting.removeAll() {
            statement.finish(.failure(.unavailable("the pool is closed")))
        }
        leases.close()
        let end = loop.now + time
        while ContinuousClock.now < end, open.contains(where: { $0.load > 0 }) {
            await loop.sleep(for: .milliseconds(5))
        }
        for connection in open { connection.close("the pool is closed") }
        sweep?.cancel()
    }

    /// A connection stands.
    package var isConnected: Bool { !open.isEmpty }

    /// What is under way. On the loop.
    package var use: Use {
        let open = open
        var use = Use(connections: open.count)
        for connection in open where connection.load > 0 {
            use.connectionsBusy += 1
            use.statementsInFlight += connection.load
        }
        use.statementsWaiting = waiting.count
        use.leased = leases.lent
        use.leasesWaiting = leases.waitingCount
        return use
    }

    private var open: [Connection] {
        slots.compactMap { slot in
            switch slot {
            case .open(let connection): connection
            case .connecting: nil
            }
        }
    }

    /// Keeps one slot connected until the pool is closed or its loop ends.
    private func fill(_ index: Int) async {
        var failures = 0
        while state != .closed {
            do throws(PostgresFault) {
                let connection = try await dialer.connect()
                guard state != .closed else { return connection.close("the pool is closed") }
                return take(connection, index)
            } catch {
                failed(error)
            }
            let pause = Self.pauses[min(failures, Self.pauses.count - 1)]
            failures += 1
            // A sleep that ends early means that the loop does too.
            guard await loop.sleepWhole(pause * Double.random(in: 0.5...1)) else {
                return failed(.unavailable("the loop has ended"))
            }
        }
    }

    private func take(_ connection: Connection, _ index: Int) {
        slots[index] = .open(connection)
        connection.answered = { [weak self] in self?.pump() }
        connection.ended = { [weak self] why in self?.lost(index, why) }
        state = .running
        report(.connected)
        announce(nil)
        pump()
    }

    private func lost(_ index: Int, _ why: String) {
        slots[index] = .connecting
        guard state != .closed else { return }
        report(.lost(why))
        loop.spawn { await self.fill(index) }
    }

    private func failed(_ fault: PostgresFault) {
        guard state != .closed else { return }
        report(.failed(fault.detail))
        guard open.isEmpty else { return }
        state = .down(fault.detail)
        for statement in waiting.removeAll() { statement.finish(.failure(fault)) }
        announce(fault)
    }

    private func announce(_ fault: PostgresFault?) {
        let waiters = firstConnected
        firstConnected = []
        for waiter in waiters { waiter.resume(returning: fault) }
    }

    // MARK: Statements

    /// The rows of one statement, which is a transaction by itself; tried again after a deadlock.
    /// - Parameter within: Time from now on, also in the queue; else the `statementTimeout`.
    package func query(
        _ sql: SQL, within time: Duration? = nil
    ) async throws(PostgresFault) -> [Row] {
        try await perform(sql, within: time).rows
    }

    /// Like `query`, for the number of rows inserted, updated or deleted.
    @discardableResult
    package func execute(
        _ sql: SQL, within time: Duration? = nil
    ) async throws(PostgresFault) -> Int {
        try await perform(sql, within: time).affected
    }

    private func perform(_ sql: SQL, within time: Duration?) async throws(PostgresFault)
        -> ResultSet
    {
        precondition(loop.isCurrent, "called outside the pool's loop")
        let expires = loop.now + (time ?? settings.statementTimeout)
        var tries = 1
        while true {
            let outcome = await withUnsafeContinuation {
                (waiter: UnsafeContinuation<Outcome, Never>) in
                submit(Statement(sql, expires: expires) { waiter.resume(returning: $0) })
            }
            guard case .failure(.sqlState(let state, _)) = outcome, state.isRetryable,
                tries < Self.triesMax, ContinuousClock.now < expires
            else { return try outcome.get() }
            await loop.sleep(for: .milliseconds(Int64.random(in: 1...10) << tries))
            tries += 1
        }
    }

    private func submit(_ statement: Statement) {
        guard statement.sql.binds.count <= SQL.bindsMax else {
            let message = ServerMessage(text: "\(statement.sql.binds.count) binds")
            return statement.finish(.failure(.sqlState(.tooManyArguments, message)))
        }
        switch state {
        case .down(let why): return statement.finish(.failure(.unavailable(why)))
        case .fresh, .closed: return statement.finish(.failure(.unavailable("the pool is closed")))
        case .running: break
        }
        if let connection = waiting.isEmpty ? leastLoaded : nil {
            connection.send(statement)
        } else if waiting.count < limits.waitingMax {
            waiting.append(statement)
        } else {
            return statement.finish(.failure(.overloaded))
        }
        keepSweeping()
    }

    private var leastLoaded: Connection? {
        var least: Connection?
        var load = limits.inFlightMax
        for case .open(let connection) in slots where connection.load < load {
            least = connection
            load = connection.load
        }
        return least
    }

    private func pump() {
        while !waiting.isEmpty, let connection = leastLoaded, let next = waiting.removeFirst() {
            connection.send(next)
        }
    }

    // MARK: Deadlines

    /// One timer for all: it looks every few milliseconds, and only while something is under way.
    private func keepSweeping() {
        guard sweep == nil else { return }
        sweep = loop.schedule(after: Self.sweepInterval) { [weak self] in
            guard let self else { return }
            sweep = nil
            expire()
            if !waiting.isEmpty || open.contains(where: { $0.load > 0 }) { keepSweeping() }
        }
    }

    private func expire() {
        let now = loop.now
        waiting.removeAll { statement in
            guard statement.expires <= now else { return false }
            statement.finish(.failure(.deadline))
            return true
        }
        let silence = settings.statementTimeout + Self.silenceGrace
        for connection in open where connection.load > 0 {
            connection.expire(now)
            if connection.heardAt + silence < now {
                connection.close("the server says nothing any more")
            }
        }
    }
}
