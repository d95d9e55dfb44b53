import Reactor
import Wire

/// Serves the methods of a dispatcher to the connections of one loop. Streams are handed to it;
/// it knows nothing of sockets or TLS.
///
/// Unchecked: every mutable member is touched on `loop` only; the other members are constants.
package final class RPCServer<D: Dispatcher>: @unchecked Sendable {
    private let loop: EventLoop
    private let dispatcher: D
    private let methods: [MethodDescription]
    private let directory: CallerDirectory
    private let limits: RPCLimits
    private let notice: (RPCNotice) -> Void
    private let observer: (any CallObserver)?
    private var grants: [String: CallerGrants] = [:]
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var isDraining = false
    private var whenEmpty: [() -> Void] = []

    /// Identities whose grants are kept; more than that many are worked out each time.
    private static var grantsKeptMax: Int { 256 }

    /// - Parameters:
    ///   - methods: What `dispatcher` answers, for example all `methods` of its contracts.
    ///   - notice: Called on the loop, for the log.
    ///   - observer: Of this loop.
    package init(
        loop: EventLoop, dispatcher: D, methods: [MethodDescription], callers: CallerDirectory,
        limits: RPCLimits = RPCLimits(),
        notice: @escaping @Sendable (RPCNotice) -> Void = { _ in },
        observer: (any CallObserver)? = nil
    ) {
        self.loop = loop
        self.dispatcher = dispatcher
        self.methods = methods
        directory = callers
        self.limits = limits
        self.notice = notice
        self.observer = observer
    }

    /// Connections now. On the loop.
    package var connectionCount: Int { connections.count }

    /// Serves a stream whose peer is who its certificate says; without one it may call nothing.
    /// On the loop.
    package func accept(_ stream: any ByteStream) {
        accept(stream, as: stream.peerIdentity)
    }

    /// Serves a stream whose peer's identity was proved in another way than by its certificate.
    /// On the loop.
    package func accept(_ stream: any ByteStream, as identity: String?) {
        if isDraining { return stream.abort() }
        let caller =
            identity.map { Caller.service(identity: $0) } ?? .outside(stream.remoteAddress)
        let connection = DispatchingConnection(
            dispatcher, stream, caller: caller, grants: grants(for: identity), limits: limits,
            notice: notice, observer: observer, onEnd: { [weak self] in self?.forget($0) })
        connections[ObjectIdentifier(connection)] = connection
        connection.start()
    }

    /// Says goaway on every connection and returns when all have ended, or after the limits'
    /// `drainTimeMax`. New streams are turned away. From anywhere.
    package func drain() async {
        do {
            try await loop.run { await self.drainOnLoop() }
        } catch {
            // The loop has ended, and every connection with it.
        }
    }

    private func drainOnLoop() async {
        isDraining = true
        guard !connections.isEmpty else { return }
        for connection in connections.values { connection.drain() }
        await withUnsafeContinuation { done in whenEmpty.append { done.resume() } }
    }

    private func forget(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        let waiting = whenEmpty
        whenEmpty = []
        for done in waiting { done() }
    }

    private func grants(for identity: String?) -> CallerGrants {
        let key = identity ?? ""
        if let known = grants[key] { return known }
        let made = CallerGrants(identity, methods, directory)
        if grants.count < Self.grantsKeptMax { grants[key] = made }
        return made
    }
}

/// A connection with the dispatcher that answers its calls.
///
/// Unchecked: as its superclass says; the dispatcher is a constant.
private final class DispatchingConnection<D: Dispatcher>: ServerConnection, @unchecked Sendable {
    private let dispatcher: D

    init(
        _ dispatcher: D, _ stream: any ByteStream, caller: Caller, grants: CallerGrants,
        limits: RPCLimits, notice: @escaping (RPCNotice) -> Void,
        observer: (any CallObserver)?, onEnd: @escaping (ServerConnection) -> Void
    ) {
        self.dispatcher = dispatcher
        super.init(
            stream, caller: caller, grants: grants, limits: limits, notice: notice,
            observer: observer, onEnd: onEnd)
    }

    override func answerInline(
        _ method: UInt16, _ body: UnsafeRawBufferPointer, _ head: borrowing CallHead,
        _ output: inout OutputBuffer
    ) -> InlineAnswer {
        dispatcher.answerInline(method, body, head, &output)
    }

    override func startHandler(
        _ method: UInt16, _ body: [UInt8], _ call: Call, number: UInt32
    ) -> Task<Void, Never> {
        Task.immediateDetached(executorPreference: loop) { [self] in
            let answer: Result<[UInt8], Fault>
            do throws(Fault) {
                answer = .success(try await dispatcher.answer(method, .binary, body, call))
            } catch {
                answer = .failure(error)
            }
            answered(number, answer)
        }
    }
}
