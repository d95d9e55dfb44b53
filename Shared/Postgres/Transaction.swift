import Reactor

/// How a transaction ends, and what it gives.
package enum TransactionEnd<Value: Sendable>: Sendable {
    case commit(Value)
    case rollBack(Value)
}

/// How much a transaction sees of others ("Transaction Isolation").
package enum Isolation: Sendable {
    case readCommitted
    case repeatableRead
    case serializable

    fileprivate var begin: SQL {
        switch self {
        case .readCommitted: "BEGIN ISOLATION LEVEL READ COMMITTED"
        case .repeatableRead: "BEGIN ISOLATION LEVEL REPEATABLE READ"
        case .serializable: "BEGIN ISOLATION LEVEL SERIALIZABLE"
        }
    }
}

/// Several statements that take effect together, on a connection lent to them alone. Valid only
/// inside the body it is given to.
///
/// `@unchecked Sendable`: touched on the loop's thread only, as the connection behind it.
package final class Transaction: @unchecked Sendable {
    private let connection: Connection
    private let expires: ContinuousClock.Instant

    fileprivate init(_ connection: Connection, _ expires: ContinuousClock.Instant) {
        self.connection = connection
        self.expires = expires
    }

    /// A connection lost here is `.unavailable`: the server rolls back what is not committed.
    package func query(_ sql: SQL) async throws(PostgresFault) -> [Row] {
        try await perform(sql).rows
    }

    @discardableResult
    package func execute(_ sql: SQL) async throws(PostgresFault) -> Int {
        try await perform(sql).affected
    }

    fileprivate func perform(_ sql: SQL) async throws(PostgresFault) -> ResultSet {
        try await connection.perform(sql, expires: expires, isRolledBackWhenLost: true)
    }

    fileprivate func commit() async throws(PostgresFault) {
        let result = try await connection.perform("COMMIT", expires: expires)
        // A transaction in which a statement failed answers COMMIT with ROLLBACK, as a success.
        guard result.command == "COMMIT" else {
            let message = ServerMessage(text: "committed after a statement of it had failed")
            throw .sqlState(.inFailedTransaction, message)
        }
    }

    /// A connection that cannot even roll back is closed, which does the same.
    fileprivate func rollBack() async {
        guard connection.isOpen else { return }
        do throws(PostgresFault) {
            let limit = connection.loop.now + .seconds(1)
            _ = try await connection.perform("ROLLBACK", expires: limit, isRolledBackWhenLost: true)
        } catch {
            connection.close("it could not roll back")
        }
    }
}

extension ConnectionPool {
    /// Runs several statements as one transaction on a connection of their own. For what one
    /// statement cannot say; it costs a round trip for each, and two.
    ///
    /// After a deadlock or a serialization failure the body runs again, up to five times: it must
    /// do nothing but work on the transaction. When it throws, everything is rolled back. When
    /// the connection is lost during COMMIT, `.outcomeUnknown`.
    /// - Parameter within: Time for all of it; else the `statementTimeout`.
    package func transaction<Value: Sendable>(
        _ isolation: Isolation = .readCommitted, within time: Duration? = nil,
        _ body: (Transaction) async throws(PostgresFault) -> TransactionEnd<Value>
    ) async throws(PostgresFault) -> Value {
        precondition(loop.isCurrent, "called outside the pool's loop")
        let expires = loop.now + (time ?? settings.statementTimeout)
        var tries = 1
        while true {
            do throws(PostgresFault) {
                return try await once(isolation, expires, body)
            } catch {
                guard case .sqlState(let state, _) = error, state.isRetryable,
                    tries < Self.triesMax, ContinuousClock.now < expires
                else { throw error }
            }
            await loop.sleep(for: .milliseconds(Int64.random(in: 1...10) << tries))
            tries += 1
        }
    }

    private func once<Value: Sendable>(
        _ isolation: Isolation, _ expires: ContinuousClock.Instant,
        _ body: (Transaction) async throws(PostgresFault) -> TransactionEnd<Value>
    ) async throws(PostgresFault) -> Value {
        let connection = try await leases.take(expires: expires)
        defer { leases.giveBack(connection) }
        let transaction = Transaction(connection, expires)
        do throws(PostgresFault) {
            _ = try await transaction.perform(isolation.begin)
            switch try await body(transaction) {
            case .commit(let value):
                try await transaction.commit()
                return value
            case .rollBack(let value):
                await transaction.rollBack()
                return value
            }
        } catch {
            await transaction.rollBack()
            throw error
        }
    }
}

/// Connections lent to one task at a time, made when they are first needed.
/// Invariant: `made` counts those lent, idle, and being established; made ≤ limit.
///
/// `@unchecked Sendable`: touched on the loop's thread only.
final class LeaseStand: @unchecked Sendable {
    private let dialer: Dialer
    private let limit: Int
    private let waitingMax: Int
    private var made = 0
    private var idle: [Connection] = []
    private var waiting = Line<Waiter>()
    private var isClosed = false

    /// `@unchecked Sendable`: touched on the loop's thread only.
    private final class Waiter: @unchecked Sendable {
        var timer: Timer?
        private var continuation: UnsafeContinuation<Result<Connection?, PostgresFault>, Never>?

        init(_ continuation: UnsafeContinuation<Result<Connection?, PostgresFault>, Never>) {
            self.continuation = continuation
        }

        var isGone: Bool { continuation == nil }

        func resume(_ result: Result<Connection?, PostgresFault>) {
            timer?.cancel()
            timer = nil
            let waiting = continuation
            continuation = nil
            waiting?.resume(returning: result)
        }
    }

    init(_ dialer: Dialer, limits: ConnectionPool.Limits) {
        self.dialer = dialer
        limit = max(1, limits.leases)
        waitingMax = limits.leaseWaitingMax
    }

    /// Connections that are out, or on their way.
    var lent: Int { made - idle.count }

    /// Those whose time is up are among them until the next one looks.
    var waitingCount: Int { waiting.count }

    /// An idle connection, a new one, or the next that comes back. Whoever takes gives back.
    func take(expires: ContinuousClock.Instant) async throws(PostgresFault) -> Connection {
        guard !isClosed else { throw .unavailable("the pool is closed") }
        while let connection = idle.popLast() {
            if connection.isOpen { return connection }
            made -= 1
        }
        if made < limit {
            made += 1
        } else if let connection = try await wait(expires) {
            return connection
        }
        return try await establish()
    }

    func giveBack(_ connection: Connection) {
        if isClosed { connection.close("the pool is closed") }
        let next = nextWaiter()
        if connection.isOpen {
            guard let next else { return idle.append(connection) }
            next.resume(.success(connection))
        } else {
            handOver(to: next)
        }
    }

    /// The place of a connection that is no more goes to the next who waits.
    private func handOver(to next: Waiter?) {
        guard let next else { return made -= 1 }
        next.resume(.success(nil))
    }

    /// Ends the idle ones; those lent are closed when they come back.
    func close() {
        isClosed = true
        for connection in idle { connection.close("the pool is closed") }
        idle = []
        for waiter in waiting.removeAll() {
            waiter.resume(.failure(.unavailable("the pool is closed")))
        }
    }

    /// Makes a connection for a place already counted.
    private func establish() async throws(PostgresFault) -> Connection {
        do throws(PostgresFault) {
            return try await dialer.connect()
        } catch {
            handOver(to: nextWaiter())
            throw error
        }
    }

    /// nil when a place has become the caller's, in which he makes a connection himself.
    private func wait(
        _ expires: ContinuousClock.Instant
    ) async throws(PostgresFault) -> Connection? {
        waiting.removeAll(where: \.isGone)
        guard waiting.count < waitingMax else { throw .overloaded }
        let result = await withUnsafeContinuation { continuation in
            let waiter = Waiter(continuation)
            waiter.timer = dialer.loop.schedule(after: expires - dialer.loop.now) {
                waiter.resume(.failure(.deadline))
            }
            waiting.append(waiter)
        }
        return try result.get()
    }

    private func nextWaiter() -> Waiter? {
        while let waiter = waiting.removeFirst() {
            if !waiter.isGone { return waiter }
        }
        return nil
    }
}
