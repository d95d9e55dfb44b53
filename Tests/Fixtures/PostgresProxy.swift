import Foundation
import Synchronization

/// Stands between a service and PostgreSQL and knows enough of the protocol (version 3.0,
/// "Message Flow") to cut a connection at one exact statement: before the server has it, or after
/// the server has done it and before anybody hears so.
package final class PostgresProxy: Sendable {
    package enum Moment: CaseIterable, Sendable {
        case beforeItIsSent
        case beforeItIsAnswered
    }

    private struct Interruption: Sendable {
        let statement: Int
        let moment: Moment
        let action: @Sendable () -> Void
    }

    private struct State: Sendable {
        var statements = 0
        var interruption: Interruption?
    }

    package let port: UInt16
    private let server: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    /// - Parameter server: PostgreSQL's port on 127.0.0.1.
    package init(to server: UInt16) throws {
        self.server = server
        port = FreePort.take()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(4))
        var address = FreePort.loopback(port: port)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 64) == 0 else {
            throw Installation.Failed(description: "the proxy cannot listen on \(port)")
        }
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                open(client)
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Statements that were sent since this, or `interrupt`, was called last.
    package func countAnew() { state.withLock { $0 = State() } }
    package var statements: Int { state.withLock { $0.statements } }

    /// At the given statement from now on, the first being 1, `action` runs; then the statement's
    /// connection is cut.
    package func interrupt(
        at statement: Int, _ moment: Moment, _ action: @escaping @Sendable () -> Void = {}
    ) {
        state.withLock {
            $0 = State(
                interruption: Interruption(statement: statement, moment: moment, action: action))
        }
    }

    /// False once the statement has come.
    package var isArmed: Bool { state.withLock { $0.interruption != nil } }

    private func nextStatement() -> Interruption? {
        state.withLock { state in
            state.statements += 1
            guard let it = state.interruption, it.statement == state.statements else { return nil }
            state.interruption = nil
            return it
        }
    }

    private func open(_ client: Int32) {
        do {
            let passage = Passage(client: client, server: try connect())
            Thread.detachNewThread { [weak self] in
                passage.carryRequests { self?.nextStatement() }
                passage.cut()
            }
            Thread.detachNewThread {
                passage.carryAnswers()
                passage.cut()
            }
        } catch {
            close(client)
        }
    }

    private func connect() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = FreePort.loopback(port: server)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            throw Installation.Failed(description: "the server does not listen")
        }
        return descriptor
    }
}

extension PostgresProxy {
    /// One connection, carried by a thread for each direction.
    private final class Passage: Sendable {
        private struct State: Sendable {
            /// Statements sent and answered on this connection.
            var sent = 0
            var answered = 0
            var isReady = false
            /// The statement whose answer is held back, with what then happens.
            var held: (statement: Int, action: @Sendable () -> Void)?
            var ends = 0
        }

        private let client: Int32
        private let server: Int32
        private let state = Mutex(State())

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        /// Both directions end; the second to say so closes the sockets.
        func cut() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
            let ends = state.withLock { state in
                state.ends += 1
                return state.ends
            }
            if ends == 2 {
                close(client)
                close(server)
            }
        }

        func carryRequests(_ nextStatement: () -> Interruption?) {
            guard carryStartup() else { return }
            while let message = Self.message(client) {
                // Sync ends a statement of the extended protocol, Query is one of the simple.
                if message[0] == UInt8(ascii: "S") || message[0] == UInt8(ascii: "Q") {
                    let interruption = nextStatement()
                    if let it = interruption, it.moment == .beforeItIsSent { return it.action() }
                    state.withLock { state in
                        state.sent += 1
                        if let it = interruption { state.held = (state.sent, it.action) }
                    }
                }
                guard Self.write(server, message) else { return }
            }
        }

        /// The first packet has no kind. TLS is refused, or there would be nothing to read.
        private func carryStartup() -> Bool {
            while let head = Self.read(client, 8) {
                let size = Self.number(head[0..<4])
                let code = Self.number(head[4..<8])
                let requests: Set = [80_877_103, 80_877_104]  // SSLRequest, GSSENCRequest
                if requests.contains(code) {
                    guard Self.write(client, [UInt8(ascii: "N")]) else { return false }
                    continue
                }
                guard size >= 8, let rest = Self.read(client, size - 8) else { return false }
                return Self.write(server, head + rest)
            }
            return false
        }

        /// Answers go on in whole, so that of one that is held back nothing has gone.
        func carryAnswers() {
            var batch: [UInt8] = []
            while let message = Self.message(server) {
                batch += message
                let isEnd = message[0] == UInt8(ascii: "Z")
                let (isWaiting, action) = state.withLock { state in
                    defer { state.isReady = state.isReady || isEnd }
                    guard state.isReady, state.sent > state.answered else {
                        return (false, nil as (@Sendable () -> Void)?)
                    }
                    if isEnd { state.answered += 1 }
                    let isHeld = isEnd && state.held?.statement == state.answered
                    return (!isEnd, isHeld ? state.held?.action : nil)
                }
                if let action { return action() }
                if isWaiting { continue }
                guard Self.write(client, batch) else { return }
                batch = []
            }
        }

        private static func message(_ descriptor: Int32) -> [UInt8]? {
            guard let head = read(descriptor, 5), number(head[1..<5]) >= 4,
                let rest = read(descriptor, number(head[1..<5]) - 4)
            else { return nil }
            return head + rest
        }

        private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
            bytes.reduce(0) { $0 << 8 | Int($1) }
        }

        private static func read(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            var at = 0
            while at < count {
                let more = bytes.withUnsafeMutableBytes {
                    recv(descriptor, $0.baseAddress! + at, count - at, 0)
                }
                guard more > 0 else { return nil }
                at += more
            }
            return bytes
        }

        private static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
            var at = 0
            while at < bytes.count {
                let more = bytes.withUnsafeBytes {
                    send(descriptor, $0.baseAddress! + at, bytes.count - at, Int32(MSG_NOSIGNAL))
                }
                guard more > 0 else { return false }
                at += more
            }
            return true
        }
    }
}
