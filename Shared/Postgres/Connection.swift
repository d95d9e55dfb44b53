import CPostgres
import Glibc
import Reactor

/// One connection in libpq's pipeline mode (libpq manual, "Pipeline Mode"), driven by its loop.
///
/// Statements are sent as they come and answered in order, each with a Sync of its own: a failing
/// one takes no other with it, and each is a transaction. A text is prepared once and then runs
/// by name. Invariant: `inFlight` holds, in order, the statements whose Sync is not yet answered.
///
/// `@unchecked Sendable`: everything is touched on the loop's thread only; the loop checks it.
final class Connection: Watcher, @unchecked Sendable {
    let loop: EventLoop
    private var handle: OpaquePointer?
    private let descriptor: Int32
    private var isWaitingToWrite = false
    private var inFlight = Line<Statement>()
    private var prepared: [String: Prepared] = [:]
    private var preparedNumber = 0
    private var script: ((Outcome) -> Void)?
    private var scriptAnswer: Outcome?
    /// When the server was last heard, or first spoken to after a silence without questions.
    private(set) var heardAt: ContinuousClock.Instant

    /// Called when a statement has been answered, so that another can be sent.
    var answered: () -> Void = {}
    /// Called once when the connection has ended, after its statements have been told.
    var ended: (String) -> Void = { _ in }
    var notified: (_ channel: String, _ payload: String) -> Void = { _, _ in }

    private struct Prepared {
        let name: String
        let types: [UInt32]
    }

    /// Texts kept prepared; further ones run without.
    private static let preparedMax = 1000

    /// Takes over an established connection.
    init(_ handle: OpaquePointer, on loop: EventLoop) {
        self.handle = handle
        self.loop = loop
        descriptor = PQsocket(handle)
        heardAt = loop.now
        let isReady = PQsetnonblocking(handle, 1) == 0 && PQenterPipelineMode(handle) == 1
        precondition(isReady, "a fresh connection enters the pipeline mode")
        loop.watch(descriptor, .read, self)
    }

    deinit { PQfinish(handle) }

    var isOpen: Bool { handle != nil }
    var load: Int { inFlight.count }

    /// A setting the server reports by itself (libpq manual, `PQparameterStatus`).
    func reported(_ name: String) -> String? {
        handle.flatMap { PQparameterStatus($0, name) }.map { String(cString: $0) }
    }

    /// Closes at once; statements in flight are told that their outcome is unknown.
    func close(_ why: String) { lose(why) }

    /// Tells the statements whose time is over; their answers are dropped when they come.
    func expire(_ now: ContinuousClock.Instant) {
        inFlight.forEach { statement in
            if !statement.isAnswered, statement.expires <= now { statement.lose("out of time") }
        }
    }

    // MARK: Sending

    func send(_ statement: Statement) {
        guard let handle, script == nil else {
            return statement.finish(.failure(.unavailable("the connection is closed")))
        }
        if inFlight.isEmpty { heardAt = loop.now }
        inFlight.append(statement)
        guard hand(statement, to: handle), PQpipelineSync(handle) == 1 else {
            return lose(errorText)
        }
        flush()
    }

    private func hand(_ statement: Statement, to handle: OpaquePointer) -> Bool {
        let sql = statement.sql
        let types = sql.types
        statement.isPreparing = false
        statement.isUsingPrepared = false
        if let known = prepared[sql.template] {
            guard known.types == types else { return runOnce(sql, types, handle) }
            statement.isUsingPrepared = true
            return run(sql, known.name, handle)
        }
        guard prepared.count < Self.preparedMax else { return runOnce(sql, types, handle) }
        preparedNumber += 1
        let name = "s\(preparedNumber)"
        prepared[sql.template] = Prepared(name: name, types: types)
        statement.isPreparing = true
        let count = Int32(types.count)
        return PQsendPrepare(handle, name, sql.text, count, types) == 1 && run(sql, name, handle)
    }

    private func run(_ sql: SQL, _ name: String, _ handle: OpaquePointer) -> Bool {
        sql.withParameters { values, lengths, formats in
            let count = Int32(sql.binds.count)
            return PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
        }
    }

    private func runOnce(_ sql: SQL, _ types: [UInt32], _ handle: OpaquePointer) -> Bool {
        sql.withParameters { values, lengths, formats in
            let count = Int32(types.count)
            return PQsendQueryParams(handle, sql.text, count, types, values, lengths, formats, 1)
                == 1
        }
    }

    private func flush() {
        guard let handle else { return }
        switch PQflush(handle) {
        case 0: watchWriting(false)
        case 1: watchWriting(true)
        case _: lose(errorText)
        }
    }

    private func watchWriting(_ isWaiting: Bool) {
        guard isWaiting != isWaitingToWrite else { return }
        isWaitingToWrite = isWaiting
        loop.update(descriptor, isWaiting ? [.read, .write] : .read)
    }

    // MARK: Receiving

    func ready(_ events: Interest) {
        guard let handle else { return }
        if events.contains(.write) { flush() }
        guard self.handle != nil else { return }
        heardAt = loop.now
        let isAlive = PQconsumeInput(handle) == 1
        if script == nil { takeAnswers() } else { takeScriptAnswers() }
        takeNotifications()
        if !isAlive { lose(errorText) }
        answered()
    }

    func loopEnded() { lose("the loop has ended") }

    private func takeAnswers() {
        // libpq separates the answers by one nil; two in a row mean that it has none to give.
        var isSeparated = false
        while let handle, let statement = inFlight.first, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle).map(ResultSet.init) else {
                if isSeparated { return lose("answers out of step") }
                isSeparated = true
                continue
            }
            isSeparated = false
            take(result, for: statement)
        }
    }

    private func take(_ result: ResultSet, for statement: Statement) {
        switch PQresultStatus(result.handle) {
        case PGRES_PIPELINE_SYNC:
            inFlight.removeFirst()
            finish(statement)
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            if statement.isPreparing {
                statement.isPreparing = false
            } else {
                statement.answer = .success(result)
            }
        case PGRES_FATAL_ERROR:
            guard let refusal = result.refusal, !refusal.endsConnection else {
                return lose(result.refusal?.message.text ?? errorText)
            }
            if statement.isPreparing { prepared[statement.sql.template] = nil }
            statement.answer = .failure(.sqlState(refusal.state, refusal.message))
        case PGRES_PIPELINE_ABORTED:
            // What was behind a failed preparation; its refusal stands.
            break
        case _:
            lose("an answer that no statement of ours asks for")
        }
    }

    private func finish(_ statement: Statement) {
        let answer = statement.answer ?? .failure(.outcomeUnknown("no answer"))
        guard case .failure(.sqlState(let state, _)) = answer, statement.isUsingPrepared,
            state == .featureNotSupported || state == .statementNameUnknown
        else { return statement.finish(answer) }
        // The columns of a table changed under the plan, or the statement that was to prepare
        // this text failed: neither ran, so the next one prepares it anew.
        prepared[statement.sql.template] = nil
        guard !statement.isRepeated, !statement.isAnswered, !statement.isRolledBackWhenLost else {
            return statement.finish(answer)
        }
        statement.isRepeated = true
        statement.answer = nil
        send(statement)
    }

    private func takeNotifications() {
        while let handle, let notification = PQnotifies(handle) {
            let channel = String(cString: notification.pointee.relname)
            let payload = String(cString: notification.pointee.extra)
            PQfreemem(notification)
            notified(channel, payload)
        }
    }

    // MARK: Scripts

    /// Runs text of several statements as it is, without binds (the simple protocol), outside the
    /// pipeline: for migrations. Nothing else may be in flight.
    func run(script text: String) async throws(PostgresFault) -> ResultSet {
        let outcome = await withUnsafeContinuation { (waiter: UnsafeContinuation<Outcome, Never>) in
            guard let handle, inFlight.isEmpty, script == nil else {
                return waiter.resume(returning: .failure(.unavailable("the connection is in use")))
            }
            script = { waiter.resume(returning: $0) }
            scriptAnswer = nil
            guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, text) == 1 else {
                return lose(errorText)
            }
            flush()
        }
        return try outcome.get()
    }

    private func takeScriptAnswers() {
        while let handle, script != nil, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle).map(ResultSet.init) else {
                let waiting = script
                script = nil
                guard PQenterPipelineMode(handle) == 1 else { return lose(errorText) }
                waiting?(scriptAnswer ?? .failure(.outcomeUnknown("no answer")))
                return
            }
            switch PQresultStatus(result.handle) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                scriptAnswer = .success(result)
            case PGRES_FATAL_ERROR:
                guard let refusal = result.refusal, !refusal.endsConnection else {
                    return lose(result.refusal?.message.text ?? errorText)
                }
                scriptAnswer = .failure(.sqlState(refusal.state, refusal.message))
            case _: return lose("a script must not copy from or to the client")
            }
        }
    }

    // MARK: Ending

    private var errorText: String {
        guard let handle else { return "closed" }
        let text = String(cString: PQerrorMessage(handle))
        let line = text.split(separator: "\n").first.map(String.init)
        return line ?? "the connection broke"
    }

    private func lose(_ why: String) {
        guard let handle else { return }
        self.handle = nil
        loop.unwatch(descriptor)
        PQfinish(handle)
        for statement in inFlight.removeAll() { statement.lose(why) }
        let waiting = script
        script = nil
        waiting?(.failure(.outcomeUnknown(why)))
        ended(why)
        ended = { _ in }
        answered = {}
        notified = { _, _ in }
    }
}
