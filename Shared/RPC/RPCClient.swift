import Reactor
import Wire

/// Calls the methods of one service on whichever of its peers answers. It belongs to one loop.
///
/// Each peer has a fixed number of connections, made at once and remade with growing, jittered
/// pauses. Only a connection whose peer has said hello is given calls; when there is none, calls
/// fail with `.unavailable` at once instead of waiting.
///
/// Unchecked: every mutable member is touched on `loop` only; calls from elsewhere go there first.
package final class RPCClient: @unchecked Sendable {
    /// Makes a stream to a peer, named as in `peers`; for mutual TLS it has verified the peer.
    /// Called on the loop. Whatever it throws counts as a failed attempt.
    package typealias Connect = @Sendable (_ peer: String) async throws -> any ByteStream

    package let loop: EventLoop
    private let seats: [ClientSeat]
    private var rotation = 0
    private var isClosed = false

    /// Connections tried for one call.
    private static let attemptsMax = 3

    /// - Parameters:
    ///   - peers: The addresses of the service's instances, as `connect` understands them.
    ///   - connectionsPerPeer: At least 1.
    ///   - notice: Called on the loop, for the log.
    package init(
        loop: EventLoop, peers: [String], connectionsPerPeer: Int = 1,
        limits: RPCLimits = RPCLimits(), backoff: Backoff = Backoff(),
        notice: @escaping @Sendable (RPCNotice) -> Void = { _ in }, connect: @escaping Connect
    ) {
        self.loop = loop
        seats = peers.flatMap { peer in
            (0..<max(1, connectionsPerPeer)).map { _ in
                ClientSeat(peer, loop, limits, backoff, notice, connect)
            }
        }
    }

    /// Begins to connect. From anywhere, once.
    package func start() {
        loop.perform { for seat in self.seats { seat.connect() } }
    }

    /// Ends every connection once its calls are answered; new calls fail. From anywhere.
    package func close() {
        loop.perform {
            self.isClosed = true
            for seat in self.seats { seat.close() }
        }
    }

    /// Whether some peer answers now. On the loop.
    package var isHealthy: Bool { seats.contains { $0.isAvailable } }

    /// Waits until some peer answers. False when none did in time. From anywhere.
    package func waitUntilHealthy(within limit: Duration) async -> Bool {
        do {
            return try await loop.run {
                let end = self.loop.now.advanced(by: limit)
                while !self.isHealthy {
                    guard self.loop.now < end, !Task.isCancelled else { return false }
                    await self.loop.sleep(for: .milliseconds(5))
                }
                return true
            }
        } catch {
            return false
        }
    }

    /// Calls a method and waits for its answer. Cancelling the task cancels the call.
    ///
    /// A call whose connection was lost is tried on another one under the same request id when it
    /// was never sent or its method is idempotent; else it ends as `.unavailable` and its effect
    /// is unknown.
    ///
    /// - Parameters:
    ///   - deadline: Time for the whole of it, tries included.
    ///   - requestID: The same again for a repetition of an earlier call.
    ///   - bearer: At most 255 bytes: the session token of the user acted for.
    /// - Throws: What the peer refused with; `.unavailable`, `.overloaded`, `.deadlineExceeded`,
    ///   `.canceled`, `.tooLarge` from here; `.internal` when the answer does not decode.
    package func call<Request, Response>(
        _ method: Method<Request, Response>, _ request: Request, deadline: Duration,
        requestID: RequestID = .random(), trace: Trace = .random(), bearer: Bytes? = nil
    ) async throws(Fault) -> Response {
        if let bearer, bearer.count > RequestFields.bearerBytesMax {
            throw Fault(.malformed, detail: "bearer of \(bearer.count) bytes")
        }
        let fields = RequestFields(requestID: requestID, trace: trace, bearer: bearer)
        let payload = request.encoded()
        let answer: [UInt8]
        if loop.isCurrent {
            answer = try await exchange(
                method.number, method.idempotent, fields, payload, deadline)
        } else {
            answer = try await exchangeFromElsewhere(
                method.number, method.idempotent, fields, payload, deadline)
        }
        do throws(WireFault) {
            return try Response(decoding: answer)
        } catch {
            throw Fault(.internal, detail: "answer of \(method.name): \(error)")
        }
    }

    private func exchangeFromElsewhere(
        _ method: UInt16, _ idempotent: Bool, _ fields: RequestFields, _ payload: [UInt8],
        _ deadline: Duration
    ) async throws(Fault) -> [UInt8] {
        let result: Result<[UInt8], Fault>
        do {
            result = try await loop.run {
                do throws(Fault) {
                    return .success(
                        try await self.exchange(method, idempotent, fields, payload, deadline))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw Fault(.unavailable, detail: "the loop has ended")
        }
        return try result.get()
    }

    private func exchange(
        _ method: UInt16, _ idempotent: Bool, _ fields: RequestFields, _ payload: [UInt8],
        _ deadline: Duration
    ) async throws(Fault) -> [UInt8] {
        let end = loop.now.advanced(by: deadline)
        var fields = fields
        for _ in 0..<Self.attemptsMax {
            if Task.isCancelled { throw Fault(.canceled) }
            let left = end - loop.now
            guard left > .zero else { throw Fault(.deadlineExceeded) }
            fields.deadlineMilliseconds = left.millisecondsRoundedUp
            let connection = try pick()
            switch await connection.exchange(method, fields, payload, deadline: end) {
            case .answer(let bytes): return bytes
            case .fault(let fault): throw fault
            case .notSent: continue
            case .lost:
                if !idempotent {
                    throw Fault(.unavailable, detail: "connection lost, outcome unknown")
                }
            }
        }
        throw Fault(.unavailable, retryAfterSeconds: 1, detail: "connections lost")
    }

    /// The available connection with the fewest open calls; among equals they take turns.
    private func pick() throws(Fault) -> ClientConnection {
        rotation = (rotation + 1) % max(1, seats.count)
        var best: ClientConnection?
        var isSomeHealthy = false
        for offset in seats.indices {
            guard let connection = seats[(rotation + offset) % seats.count].connection else {
                continue
            }
            isSomeHealthy = true
            guard connection.isAvailable else { continue }
            if best.map({ connection.load < $0.load }) ?? true { best = connection }
        }
        if let best, !isClosed { return best }
        if isSomeHealthy, !isClosed { throw Fault(.overloaded, retryAfterSeconds: 1) }
        throw Fault(.unavailable, retryAfterSeconds: 1, detail: "no peer answers")
    }
}

extension Duration {
    /// Whole milliseconds for a deadline field: at least 1, at most what 32 bits hold.
    var millisecondsRoundedUp: UInt32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 1 }
        guard seconds < 4_000_000 else { return .max }
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let milliseconds = seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond
        return UInt32(clamping: max(1, milliseconds))
    }
}
