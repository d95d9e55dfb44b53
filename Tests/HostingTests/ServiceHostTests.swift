import Fixtures
import Foundation
import Postgres
import RPC
import Reactor
import Testing
import Wire

@testable import Daemon
@testable import Hosting

/// One method, which answers what it was asked.
private enum EchoContract: Contract {
    static let service = ServiceName(0x7e, "test.EchoService")
    static let about = "Echoes."
    static let echo = Method<GoAway, GoAway>(
        0x7e01, "Echo", callers: .services([.gateway]), "Answers what it was asked.")
    static var methods: [MethodDescription] { [echo.described] }
}

private struct Echo: Dispatcher {
    func answer(
        _ method: UInt16, _ coding: Coding, _ body: [UInt8], _ call: Call
    ) async throws(Fault) -> [UInt8] {
        try await EchoContract.echo.serve(coding, body, call) {
            (request, _) throws(Fault) in request
        }
    }
}

private final class QuietOutput: LogOutput {
    func write(_ line: [UInt8]) {}
    func takeLostCount() -> Int? { nil }
}

/// The common frame of the services over a real database and real certificates.
@Suite struct ServiceHostTests {
    private let authority: TestAuthority
    private let folder = TemporaryFolder("hosting")
    private let database: String
    private let port = FreePort.take()

    init() throws {
        authority = try TestAuthority()
        database = try PostgresCluster.shared().makeServiceDatabase()
        try FileManager.default.createDirectory(
            atPath: folder.file("migrations"), withIntermediateDirectories: true)
        try folder.write("migrations/0001_nothing.sql", "SELECT 1;\n")
    }

    private func environment(_ service: String) throws -> [String: String] {
        let leaf = try authority.service(service)
        let cluster = try PostgresCluster.shared()
        return [
            "DUBBELSLOT_RPC_LISTEN": "127.0.0.1:\(port)",
            "DUBBELSLOT_TRUST_DOMAIN": TestAuthority.trustDomain,
            "DUBBELSLOT_CERTIFICATE_FILE": leaf.certificate, "DUBBELSLOT_KEY_FILE": leaf.key,
            "DUBBELSLOT_AUTHORITY_FILE": authority.file,
            "DUBBELSLOT_DATABASE": cluster.connection(
                database: database, user: "dubbelslot_policy"),
            "DUBBELSLOT_MIGRATIONS": folder.file("migrations"),
            "DUBBELSLOT_MIGRATION_DATABASE": cluster.connection(
                database: database, user: "dubbelslot_policy_owner"),
        ]
    }

    private func settings<S: Settings>(_ service: String, _: S.Type = S.self) throws -> S {
        var reader = SettingsReader(SettingsSource(environment: try environment(service)))
        let settings = S(&reader)
        try #require(reader.problems == [])
        return settings
    }

    private func runtime() throws -> Runtime {
        let loops = try EventLoopGroup(count: 2, name: "test")
        loops.start()
        return Runtime(
            log: Log(service: "test", output: QuietOutput()), clock: .system, loops: loops,
            arguments: [])
    }

    private func migrate(_ runtime: Runtime) async throws {
        let settings = try settings("policy-service", MigrationSettings.self)
        let code = try await runtime.mainLoop.run {
            try await ServiceHost.migrate(settings, schema: "policy", runtime)
        }
        #expect(code == .success)
    }

    private func host(
        _ role: ServiceRole, _ runtime: Runtime
    ) async throws -> ServiceHost {
        let settings = try settings(role.rawValue, HostSettings.self)
        return try await runtime.mainLoop.run {
            try await ServiceHost(role, settings, schema: "policy", runtime)
        }
    }

    @Test func `a service calls another over mutual TLS on every loop`() async throws {
        let runtime = try runtime()
        try await migrate(runtime)
        let host = try await host(.policy, runtime)
        let door = try host.openRPC(contracts: [EchoContract.self]) { _ in Echo() }
        let caller = try await self.host(.gateway, runtime)
        let peer = try #require(Endpoint("127.0.0.1:\(port)"))
        for island in caller.islands {
            let client = island.client(of: .policy, at: [peer])
            #expect(await client.waitUntilHealthy(within: .seconds(5)))
            let answer = try await client.call(
                EchoContract.echo, GoAway(reason: "hello"), deadline: .seconds(5))
            #expect(answer.reason == "hello")
            client.close()
        }
        let settings = try settings("policy-service", HostSettings.self)
        let isWell = try await runtime.mainLoop.run {
            try await Health.check(.policy, settings, runtime)
        }
        #expect(isWell == .success)
        await door.close()
        let isStillWell = try await runtime.mainLoop.run {
            try await Health.check(.policy, settings, runtime)
        }
        #expect(isStillWell == .failure)
        runtime.loops.stop()
        runtime.loops.join()
    }

    @Test func `F-29 a service may call only what its name allows`() async throws {
        let runtime = try runtime()
        try await migrate(runtime)
        let host = try await host(.policy, runtime)
        let door = try host.openRPC(contracts: [EchoContract.self]) { _ in Echo() }
        let caller = try await self.host(.verification, runtime)
        let client = caller.islands[0].client(
            of: .policy, at: [try #require(Endpoint("127.0.0.1:\(port)"))])
        #expect(await client.waitUntilHealthy(within: .seconds(5)))
        await #expect(throws: Fault.self) {
            try await client.call(
                EchoContract.echo, GoAway(reason: "hello"), deadline: .seconds(5))
        }
        client.close()
        await door.close()
        runtime.loops.stop()
        runtime.loops.join()
    }

    @Test func `a service does not start under another's certificate`() async throws {
        let runtime = try runtime()
        try await migrate(runtime)
        let settings = try settings("auth-gateway", HostSettings.self)
        await #expect(throws: (any Error).self) {
            try await runtime.mainLoop.run {
                _ = try await ServiceHost(.policy, settings, schema: "policy", runtime)
            }
        }
        runtime.loops.stop()
        runtime.loops.join()
    }

    @Test func `D-13 a service does not start on a schema that lacks a migration`() async throws {
        let runtime = try runtime()
        await #expect(throws: (any Error).self) {
            _ = try await host(.policy, runtime)
        }
        runtime.loops.stop()
        runtime.loops.join()
    }
}
