import Reactor
import TLS
import Wire

/// Sends mail to one server: a connection for each mail, over which an `SMTPConversation` decides
/// what is said. May be used from every loop.
package struct SMTPClient: Sendable {
    package private(set) var server: SMTPServer
    private let resolver: Resolver
    private let context: TLSContext?

    /// Addresses of a host that are tried; a name with more is none of a mail server.
    package static let addressesMax = 4

    /// - Parameters:
    ///   - resolver: Names are looked up in its pool, as the system may take its time.
    ///   - context: Of the role `.outbound`; nil only where the server is on this machine and
    ///     nothing is protected.
    package init(_ server: SMTPServer, resolver: Resolver, context: TLSContext?) {
        precondition(
            server.security == .plainOnLoopback || context?.role == .outbound,
            "a protected connection needs to know whom to believe")
        self.server = server
        self.resolver = resolver
        self.context = context
    }

    /// Shows the credentials of `fresh` from now on, where that is the same server: those of
    /// another are not for this one.
    package mutating func renewCredentials(of fresh: SMTPServer) {
        guard fresh.host == server.host, fresh.port == server.port,
            fresh.security == server.security
        else { return }
        server = fresh
    }

    /// Sends one mail, and comes back with the outcome, at the latest when the time is up. The
    /// leave that is taken afterwards is not waited for.
    package func send(
        _ envelope: SMTPEnvelope, on loop: EventLoop, within limit: Duration
    ) async -> SMTPOutcome {
        let delivery = SMTPDelivery(envelope, server, resolver, context, loop)
        do {
            return try await loop.run { await delivery.outcome(within: limit) }
        } catch {
            // The loop has ended, or the caller's task before it began.
            return .cancelled(.resolving)
        }
    }
}

/// One mail on its way. It lives until the connection has ended.
///
/// Unchecked: touched on its loop's thread only; `cancel` goes there first.
private final class SMTPDelivery: @unchecked Sendable {
    private let loop: EventLoop
    private let server: SMTPServer
    private let resolver: Resolver
    private let context: TLSContext?
    private var conversation: SMTPConversation

    /// Before the conversation begins; then it knows where it stands.
    private var stepBefore: SMTPStep? = .resolving
    private var stream: (any ByteStream)?
    private var plain: HandoverStream?
    private var waiter: UnsafeContinuation<SMTPOutcome, Never>?
    private var told: SMTPOutcome?
    /// The caller's time.
    private var timer: Timer?
    /// That of the step under way.
    private var stepTimer: Timer?
    private var expires: ContinuousClock.Instant

    init(
        _ envelope: SMTPEnvelope, _ server: SMTPServer, _ resolver: Resolver,
        _ context: TLSContext?, _ loop: EventLoop
    ) {
        self.loop = loop
        self.server = server
        self.resolver = resolver
        self.context = context
        conversation = SMTPConversation(envelope, to: server)
        expires = .now
    }

    func outcome(within limit: Duration) async -> SMTPOutcome {
        expires = loop.now + limit
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                if let told { return waiter.resume(returning: told) }
                self.waiter = waiter
                timer = loop.schedule(after: limit) { self.give(up: .timedOut) }
                loop.spawn { await self.dial() }
            }
        } onCancel: {
            cancel()
        }
    }

    private func cancel() {
        guard loop.isCurrent else { return loop.perform { self.cancel() } }
        give(up: .cancelled)
    }

    private func give(up event: SMTPConversation.Event) {
        guard let step = stepBefore else { return perform(conversation.on(event)) }
        tell(event == .cancelled ? .cancelled(step) : .timedOut(step))
        stream?.abort()
    }

    private func tell(_ outcome: SMTPOutcome) {
        guard told == nil else { return }
        told = outcome
        timer?.cancel()
        timer = nil
        let waiting = waiter
        waiter = nil
        waiting?.resume(returning: outcome)
    }
}

// MARK: - The connection

extension SMTPDelivery {
    private func dial() async {
        let addresses: [SocketAddress]
        do {
            addresses = try await resolver.resolve(server.host, port: server.port)
        } catch {
            return tell(.unreachable(.resolving, why: error.description))
        }
        stepBefore = .connecting
        if server.security == .plainOnLoopback, !addresses.allSatisfy(\.isLoopback) {
            return tell(.tlsRefused(.plainOutsideLoopback))
        }
        for address in addresses.prefix(SMTPClient.addressesMax) {
            // Given up, or out of time.
            guard told == nil else { return }
            do {
                let limit = min(SMTPStep.connecting.patience, expires - loop.now)
                return await adopt(
                    try await SocketStream.connect(to: address, on: loop, timeout: limit))
            } catch {
                if address == addresses.prefix(SMTPClient.addressesMax).last {
                    tell(.unreachable(.connecting, why: "\(address): \(error)"))
                }
            }
        }
    }

    private func adopt(_ stream: SocketStream) async {
        guard told == nil else { return stream.abort() }
        guard server.security == .implicitTLS else {
            let plain = HandoverStream(stream)
            self.plain = plain
            return open(plain)
        }
        stepBefore = .handshake
        self.stream = stream
        switch await seal(stream) {
        case .success(let sealed): told == nil ? open(sealed) : sealed.abort()
        case .failure(let fault):
            tell(
                TLSRefusal(fault, host: server.host).map { .tlsRefused($0) }
                    ?? .timedOut(.handshake))
        }
    }

    private func open(_ stream: any ByteStream) {
        stepBefore = nil
        self.stream = stream
        perform(conversation.on(.connected))
        stream.start(self)
    }

    private func seal(_ stream: any ByteStream) async -> Result<TLSStream, TLSFault> {
        guard let context else { return .failure(.library("no context")) }
        let limit = min(SMTPStep.handshake.patience, expires - loop.now)
        do throws(TLSFault) {
            return .success(
                try await TLSStream.connect(
                    over: stream, context: context, host: server.host, timeout: limit))
        } catch {
            return .failure(error)
        }
    }

    /// The plain stream's reader goes, and TLS reads in its place.
    private func sealPlain() {
        guard let plain else { preconditionFailure("STARTTLS on a sealed connection") }
        plain.release()
        // Not within the call in which its last octets came.
        loop.soon { [self] in
            loop.spawn { [self] in
                switch await seal(plain) {
                case .success(let sealed):
                    guard told == nil else { return sealed.abort() }
                    stream = sealed
                    perform(conversation.on(.sealed))
                    sealed.start(self)
                case .failure(let fault):
                    let refusal = TLSRefusal(fault, host: server.host)
                    perform(conversation.on(refusal.map { .sealRefused($0) } ?? .timedOut))
                }
            }
        }
    }

    private func perform(_ effects: [SMTPConversation.Effect]) {
        for effect in effects {
            switch effect {
            case .send(let bytes): stream?.write { $0.append(bytes.array) }
            case .startTLS: sealPlain()
            case .wait(let step): wait(step)
            case .tell(let outcome): tell(outcome)
            case .close:
                stepTimer?.cancel()
                stepTimer = nil
                stream?.close()
            }
        }
    }

    private func wait(_ step: SMTPStep) {
        if let stepTimer { return stepTimer.restart(after: step.patience) }
        stepTimer = loop.schedule(after: step.patience) { [weak self] in
            guard let self else { return }
            perform(conversation.on(.timedOut))
        }
    }
}

extension SMTPDelivery: ByteStreamReceiver {
    func received(_ bytes: UnsafeRawBufferPointer, _ output: inout OutputBuffer) -> Int {
        perform(conversation.on(.received(Array(bytes))))
        return bytes.count
    }

    func ended(_ end: StreamEnd) {
        let why = if case .failed(let reason) = end { reason } else { "the server hung up" }
        perform(conversation.on(.ended(why)))
        stream = nil
        plain = nil
    }
}

extension TLSRefusal {
    /// Nil for a handshake that only took too long.
    init?(_ fault: TLSFault, host: String) {
        switch fault {
        case .certificate(let why): self = .certificate(why)
        case .identity: self = .name(host)
        case .handshake(let why), .library(let why), .ownCertificate(let why):
            self = .handshake(why)
        case .file(let path, let why): self = .handshake("\(path): \(why)")
        case .timeout: return nil
        case .overloaded: self = .handshake("too many handshakes are under way")
        case .cancelled: self = .handshake("cancelled")
        }
    }
}

extension SocketAddress {
    /// This very machine, and nobody else's.
    var isLoopback: Bool {
        switch self {
        case .ipv4(let address, _): address >> 24 == 127
        case .ipv6(0, 1, _, _), .unix: true
        case .ipv6: false
        }
    }
}
