import Daemon
import HTTP
import Postgres
import Reactor
import Synchronization
import Wire

/// Something without which a service cannot do its work.
package struct Condition: Sendable {
    /// As `/readyz` names it when it is missing.
    package let name: StaticString
    let isMet: @Sendable () async -> Bool

    /// - Parameter isMet: Asked from any thread, at every `/readyz`.
    package init(_ name: StaticString, isMet: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.isMet = isMet
    }

    /// Met when it is for every part, each of which is asked on its own loop.
    package init<Part: Sendable>(
        _ name: StaticString, ofEach parts: [Part],
        on loop: @escaping @Sendable (Part) -> EventLoop,
        isMet: @escaping @Sendable (Part) -> Bool
    ) {
        self.init(name) {
            for part in parts {
                do {
                    guard try await loop(part).run({ isMet(part) }) else { return false }
                } catch {
                    return false
                }
            }
            return true
        }
    }
}

/// The operations port, which is not for the outside: `/livez` answers while the process works,
/// `/readyz` says whether it should be sent requests, and what is missing if not, `/metrics` what
/// it has done and what is under way.
package final class Operations: Sendable {
    private let conditions: [Condition]
    private let metrics: Metrics
    private let isDraining = Atomic(false)

    package init(_ conditions: [Condition], _ metrics: Metrics = Metrics()) {
        self.conditions = conditions
        self.metrics = metrics
    }

    /// From now on the service is not ready, so that a balancer sends nothing more.
    package func drain() { isDraining.store(true, ordering: .relaxed) }

    /// What `/readyz` misses now; empty when the service is ready.
    func missing() async -> [String] {
        guard !isDraining.load(ordering: .relaxed) else { return ["draining"] }
        var missing: [String] = []
        for condition in conditions {
            guard await !condition.isMet() else { continue }
            missing.append(condition.name.description)
        }
        return missing
    }
}

extension Operations: HTTPHandler {
    package func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard let page = Page(rawValue: request.path) else {
            return Self.text(.notFound, "there are /livez, /readyz and /metrics")
        }
        guard request.method == .get || request.method == .head else {
            var response = Self.text(.methodNotAllowed, "only asking is possible here")
            response.headers.add("Allow", "GET, HEAD")
            return response
        }
        switch page {
        case .live: return Self.text(.ok, "ok")
        case .ready: return await readiness()
        case .metrics:
            return HTTPResponse(
                .ok, type: HeaderValue(stringLiteral: Metrics.contentType),
                body: await metrics.text())
        }
    }

    private enum Page: String {
        case live = "/livez"
        case ready = "/readyz"
        case metrics = "/metrics"
    }

    private func readiness() async -> HTTPResponse {
        let missing = await missing()
        return missing.isEmpty
            ? Self.text(.ok, "ok")
            : Self.text(
                .serviceUnavailable, missing.map { "missing: \($0)" }.joined(separator: "\n"))
    }

    private static func text(_ status: HTTPStatus, _ text: String) -> HTTPResponse {
        HTTPResponse(status, type: "text/plain", body: Array((text + "\n").utf8))
    }
}

/// The operations port as it listens, on one loop.
package struct OperationsDoor: Sendable {
    private let operations: Operations
    private let door: ServiceDoor

    /// Where it listens; with the port that the kernel chose when 0 was asked for.
    package let address: SocketAddress

    init(
        _ operations: Operations, loop: EventLoop, at address: SocketAddress, clock: WallClock
    ) throws {
        var limits = HTTPServer.Limits()
        limits.connectionsMax = 64
        limits.parser.bodyMax = 0
        let server = HTTPServer(
            loop: loop, handler: operations, limits: limits, isSecure: false,
            wallClock: { clock.now() })
        // Two services given the same port would answer for each other.
        let listener = try TCPListener(
            loop: loop, address: address, reusePort: false, connectionsMax: 64
        ) { server.accept($0) }
        self.operations = operations
        self.address = listener.address
        door = ServiceDoor(listeners: [listener]) { await server.drain() }
    }

    /// The service ends: it is no longer ready, but it lives.
    package func drain() { operations.drain() }

    package func close() async { await door.close() }
}

extension ServiceHost {
    /// Opens the operations port. That every loop has the database is a condition of each service.
    package func openOperations(
        _ conditions: [Condition] = [], _ runtime: Runtime
    ) throws -> OperationsDoor {
        let database = Condition("database", ofEach: islands, on: { $0.loop }) {
            $0.pool.isConnected
        }
        let door = try OperationsDoor(
            Operations([database] + conditions, metrics), loop: runtime.mainLoop,
            at: settings.operationsListen, clock: runtime.clock)
        log.info("operations_listening", ["address": .address(door.address)])
        return door
    }
}
