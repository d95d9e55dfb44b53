import CPostgres
import Reactor
import Wire

/// Establishes connections: tries the hosts in order, each address with a time of its own (libpq
/// by itself would wait for a silent host until the whole time is gone), and lets nothing pass
/// that could lose what it acknowledged.
struct Dialer: Sendable {
    let settings: ConnectionSettings
    let loop: EventLoop
    let resolver: Resolver

    /// A connection ready for statements. Throws `.unavailable` with what the last host said.
    func connect() async throws(PostgresFault) -> Connection {
        var fault = PostgresFault.unavailable("no host has an address")
        for host in settings.hosts {
            let candidates: [ConnectionSettings.Host]
            do throws(ResolveFault) {
                candidates = try await addresses(of: host)
            } catch {
                fault = .unavailable(error.description)
                continue
            }
            for candidate in candidates {
                do throws(PostgresFault) {
                    return try await verify(establish(candidate))
                } catch {
                    fault = .unavailable("\(candidate.name):\(candidate.port): \(error.why)")
                }
            }
        }
        throw fault
    }

    private func addresses(
        of host: ConnectionSettings.Host
    ) async throws(ResolveFault) -> [ConnectionSettings.Host] {
        if host.isSocket || host.address != nil { return [host] }
        return try await resolver.resolve(host.name, port: 0).map { address in
            ConnectionSettings.Host(name: host.name, address: address.host, port: host.port)
        }
    }

    private func establish(
        _ host: ConnectionSettings.Host
    ) async throws(PostgresFault) -> Connection {
        guard let handle = start(settings.parameters(for: host)) else {
            throw .unavailable("no memory")
        }
        // Without a processor libpq writes the server's notices to standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        let handshake = Handshake(handle, on: loop, limit: settings.connectTimeout)
        guard let refusal = await handshake.run() else { return Connection(handle, on: loop) }
        PQfinish(handle)
        throw .unavailable(refusal)
    }

    private func start(_ parameters: [(keyword: String, value: [UInt8])]) -> OpaquePointer? {
        // Every keyword and value ends in a NUL; none holds one (checked by the settings).
        var text: [CChar] = []
        var offsets: [Int] = []
        for (keyword, value) in parameters {
            offsets.append(text.count)
            text += keyword.utf8.map(CChar.init(bitPattern:)) + [0]
            offsets.append(text.count)
            text += value.map(CChar.init(bitPattern:)) + [0]
        }
        return text.withUnsafeBufferPointer { text -> OpaquePointer? in
            let words = offsets.map { text.baseAddress?.advanced(by: $0) }
            let keywords = stride(from: 0, to: words.count, by: 2).map { words[$0] } + [nil]
            let values = stride(from: 1, to: words.count, by: 2).map { words[$0] } + [nil]
            return PQconnectStartParams(keywords, values, 0)
        }
    }

    /// `synchronous_commit` below `on` or no `fsync` would forget acknowledged work in a crash,
    /// so that a used code would work again; they are refused, not changed behind the operator's
    /// back.
    private func verify(_ connection: Connection) async throws(PostgresFault) -> Connection {
        do throws(PostgresFault) {
            for (name, wanted) in [
                ("standard_conforming_strings", "on"), ("integer_datetimes", "on"),
            ] {
                guard connection.reported(name) == wanted else {
                    throw PostgresFault.unavailable("the server's \(name) is not \(wanted)")
                }
            }
            let rows = try await connection.query(
                """
                SELECT current_setting('synchronous_commit'), current_setting('fsync'),
                    current_setting('server_encoding')
                """, expires: loop.now + settings.connectTimeout)
            guard let row = rows.first else { throw PostgresFault.decoding("no settings") }
            let (commit, sync, encoding) = try row.decode(String.self, String.self, String.self)
            let tolerates = settings.toleratesForgetting
            guard tolerates || commit == "on" || commit == "remote_apply" else {
                throw PostgresFault.unavailable("the server's synchronous_commit is \(commit)")
            }
            guard tolerates || sync == "on" else {
                throw PostgresFault.unavailable("the server's fsync is \(sync)")
            }
            guard encoding == "UTF8" else {
                throw PostgresFault.unavailable("the database's encoding is \(encoding)")
            }
            return connection
        } catch {
            connection.close("refused")
            throw error
        }
    }
}

extension PostgresFault {
    /// The words of the cause, without the sentence before them.
    fileprivate var why: String {
        switch self {
        case .unavailable(let why), .outcomeUnknown(let why), .decoding(let why): why
        case .sqlState(_, let message): message.text
        case .overloaded, .deadline: description
        }
    }
}

extension Connection {
    /// Sends one statement and waits for its outcome, at most until it expires; the connection is
    /// closed then, because its state is not known any more.
    func perform(
        _ sql: SQL, expires: ContinuousClock.Instant, isRolledBackWhenLost: Bool = false
    ) async throws(PostgresFault) -> ResultSet {
        let timer = loop.schedule(after: expires - loop.now) { self.close("out of time") }
        defer { timer.cancel() }
        let outcome = await withUnsafeContinuation { (waiter: UnsafeContinuation<Outcome, Never>) in
            let statement = Statement(
                sql, expires: expires, isRolledBackWhenLost: isRolledBackWhenLost
            ) { waiter.resume(returning: $0) }
            send(statement)
        }
        return try outcome.get()
    }

    func query(
        _ sql: SQL, expires: ContinuousClock.Instant
    ) async throws(PostgresFault) -> [Row] {
        try await perform(sql, expires: expires).rows
    }
}

/// Drives `PQconnectPoll` until the connection stands or does not. libpq may close its socket and
/// open another on the way, so the socket is watched anew for each step.
///
/// `@unchecked Sendable`: touched on the loop's thread only.
private final class Handshake: Watcher, @unchecked Sendable {
    private let handle: OpaquePointer
    private let loop: EventLoop
    private let limit: Duration
    private var watched: Int32?
    private var timer: Timer?
    private var waiter: UnsafeContinuation<String?, Never>?

    init(_ handle: OpaquePointer, on loop: EventLoop, limit: Duration) {
        self.handle = handle
        self.loop = loop
        self.limit = limit
    }

    /// nil when the connection stands, else why not.
    func run() async -> String? {
        await withUnsafeContinuation { waiter in
            self.waiter = waiter
            timer = loop.schedule(after: limit) { self.finish("no answer in time") }
            // "Behave as if PQconnectPoll last returned PGRES_POLLING_WRITING."
            if PQstatus(handle) == CONNECTION_BAD { finish(errorText) } else { watch(.write) }
        }
    }

    func ready(_ events: Interest) { step() }

    func loopEnded() {
        watched = nil
        finish("the loop has ended")
    }

    private func step() {
        unwatch()
        switch PQconnectPoll(handle) {
        case PGRES_POLLING_READING: watch(.read)
        case PGRES_POLLING_WRITING: watch(.write)
        case PGRES_POLLING_OK: finish(nil)
        case _: finish(errorText)
        }
    }

    private func watch(_ interest: Interest) {
        let descriptor = PQsocket(handle)
        guard descriptor >= 0 else { return finish(errorText) }
        watched = descriptor
        loop.watch(descriptor, interest, self)
    }

    private func unwatch() {
        if let watched { loop.unwatch(watched) }
        watched = nil
    }

    private func finish(_ refusal: String?) {
        unwatch()
        timer?.cancel()
        timer = nil
        let waiting = waiter
        waiter = nil
        waiting?.resume(returning: refusal)
    }

    private var errorText: String {
        String(cString: PQerrorMessage(handle)).split(separator: "\n").joined(separator: "; ")
    }
}
