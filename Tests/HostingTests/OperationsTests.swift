import Fixtures
import HTTP
import Reactor
import Synchronization
import Testing
import Wire

@testable import Daemon
@testable import Hosting

/// A condition that the test decides.
private final class Switch: Sendable {
    private let state = Atomic(false)

    var isOn: Bool { state.load(ordering: .relaxed) }
    func set(_ isOn: Bool) { state.store(isOn, ordering: .relaxed) }
}

@Suite struct OperationsTests {
    /// Asks on a thread of its own, as the client blocks.
    private func ask(
        _ verb: String, _ path: String, at port: UInt16
    ) async -> (status: Int, text: String, allow: String?) {
        await Task.detached {
            do {
                let client = HTTPTestClient(port: port, seconds: 5)
                try client.send(verb, path, nil)
                if verb == "HEAD" { return (200, "", nil) }
                let answer = try client.receive()
                return (answer.status, answer.text, answer.header("allow"))
            } catch {
                return (0, "\(error)", nil)
            }
        }.value
    }

    private func withDoor(
        _ conditions: [Condition], _ metrics: Metrics = Metrics(),
        _ body: @escaping @Sendable (OperationsDoor, Operations) async throws -> Void
    ) async throws {
        let loop = try EventLoop(name: "operations")
        loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        let operations = Operations(conditions, metrics)
        let door = try OperationsDoor(
            operations, loop: loop, at: .ipv4(0x7f00_0001, port: 0), clock: .system)
        try await body(door, operations)
        await door.close()
    }

    @Test func `what is missing is named, and what lives says so`() async throws {
        let database = Switch()
        let policy = Switch()
        let conditions = [
            Condition("database") { database.isOn }, Condition("policy-service") { policy.isOn },
        ]
        try await withDoor(conditions) { door, _ in
            let port = door.address.port
            var answer = await ask("GET", "/readyz", at: port)
            #expect(answer.status == 503)
            #expect(answer.text == "missing: database\nmissing: policy-service\n")
            #expect(await ask("GET", "/livez", at: port).status == 200)
            database.set(true)
            answer = await ask("GET", "/readyz", at: port)
            #expect(answer.status == 503)
            #expect(answer.text == "missing: policy-service\n")
            policy.set(true)
            answer = await ask("GET", "/readyz", at: port)
            #expect(answer.status == 200)
            #expect(answer.text == "ok\n")
        }
    }

    @Test func `a service that drains is not ready and lives`() async throws {
        try await withDoor([]) { door, _ in
            let port = door.address.port
            #expect(await ask("GET", "/readyz", at: port).status == 200)
            door.drain()
            let answer = await ask("GET", "/readyz", at: port)
            #expect(answer.status == 503)
            #expect(answer.text == "missing: draining\n")
            #expect(await ask("GET", "/livez", at: port).status == 200)
        }
    }

    @Test func `P-12 nothing else is answered there`() async throws {
        try await withDoor([]) { door, _ in
            let port = door.address.port
            for path in ["/", "/metrics/", "/readyz/", "/dubbelslot.v1.SignInService/Start"] {
                #expect(await ask("GET", path, at: port).status == 404)
            }
            let answer = await ask("POST", "/readyz", at: port)
            #expect(answer.status == 405)
            #expect(answer.allow == "GET, HEAD")
        }
    }

    @Test func `figures are told as Prometheus reads them`() async throws {
        let metrics = Metrics()
        metrics.add(MetricReading(MetricFamily("test_open", .gauge, "Open things.")) { [7] })
        try await withDoor([], metrics) { door, _ in
            let answer = await ask("GET", "/metrics", at: door.address.port)
            #expect(answer.status == 200)
            #expect(answer.text.hasSuffix("\ntest_open 7\n"))
        }
    }

    @Test func `two services do not share a port`() async throws {
        try await withDoor([]) { door, operations in
            #expect(throws: (any Error).self) {
                _ = try OperationsDoor(
                    operations, loop: EventLoop(name: "other"), at: door.address, clock: .system)
            }
        }
    }
}
