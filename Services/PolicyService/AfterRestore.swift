import Audit
import Contracts
import Daemon
import Hosting
import Postgres
import RPC
import Wire

/// For a database that was set back to an earlier state, while the service does not serve: a
/// change that waited then may have been taken back since, so none of those waiting comes to be in
/// force. Running it again does no harm.
enum AfterRestore {
    static func run(_ settings: PolicySettings, _ runtime: Runtime) async throws -> ExitCode {
        guard runtime.arguments.isEmpty else {
            runtime.log.error("usage", ["text": .text("after-restore")])
            return .usage
        }
        let host = try await ServiceHost(.policy, settings.host, schema: "policy", runtime)
        guard let island = host.islands.first else { return .failure }
        do throws(PostgresFault) {
            let withdrawn = try await PendingChanges(pool: island.pool).withdrawAll(
                Call(caller: .service(identity: "after-restore")))
            runtime.log.info("changes_withdrawn", ["changes": .integer(withdrawn)])
            return .success
        } catch {
            runtime.log.error("not_all_withdrawn", ["why": .text(error.detail)])
            return .failure
        }
    }
}

extension PendingChanges {
    /// How many waited. Nobody is named as the one who decided.
    func withdrawAll(_ call: Call) async throws(PostgresFault) -> Int {
        let withdrawn = try await pool.execute(
            """
            UPDATE policy.pending_settings
            SET state = 'withdrawn', decided_at = clock_timestamp() WHERE state = 'waiting'
            """)
        _ = try await pool.execute(
            AuditEntry(
                .databaseRestored, requestID: Bytes(call.requestID.bytes),
                trace: call.trace.audited, source: call.caller.description
            ).insert)
        return withdrawn
    }
}
