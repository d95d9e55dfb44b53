import Contracts
import Daemon
import Hosting
import Postgres
import RPC
import Reactor
import Wire

/// Starts the policy service: the settings are in memory before the door opens, and are read
/// anew whenever the database announces a change, and by a poll besides.
enum PolicyServing {
    static func start(
        _ settings: PolicySettings, _ runtime: Runtime
    ) async throws -> Serving<PolicySettings> {
        try settings.host.requireFreePorts()
        let host = try await ServiceHost(.policy, settings.host, schema: "policy", runtime)
        let memory = PolicyMemory()
        guard let first = host.islands.first else { throw SettingsUnread() }
        let reader = PolicyHandlers(memory: memory, table: SettingsTable(pool: first.pool))
        let watch = SettingsWatch(reader)
        try await first.loop.run {
            await reader.refresh()
            _ = try memory.current(at: .now)
            watch.start()
        }
        let door = try host.openRPC(contracts: [PolicyContract.self]) { island in
            PolicyDecisionDispatcher(
                PolicyHandlers(memory: memory, table: SettingsTable(pool: island.pool)))
        }
        host.addCertificates()
        let settingsKnown = Condition("settings") { memory.isCurrent(at: .now) }
        let operations = try host.openOperations([settingsKnown], runtime)
        return Serving(
            announce: { operations.drain() },
            drain: {
                await door.close()
                first.loop.perform { watch.stop() }
                await host.closeDatabase()
                await operations.close()
            }, reload: { host.reload($0.host) })
    }
}

/// The settings could not be read at the start.
struct SettingsUnread: Error {}
