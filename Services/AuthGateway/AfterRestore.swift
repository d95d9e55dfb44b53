import Audit
import Contracts
import Daemon
import Hosting
import Postgres
import RPC
import Wire

/// For a database that was set back to an earlier state, while no gateway serves: what was ended
/// since would be open again. Every session, sign-in under way, known and trusted device ends, by
/// the epoch of its user. Running it again ends all of it again.
///
/// What it cannot know is said in the README: passwords, authenticators and settings are those of
/// the backup. The other services have a command of the same name: for used codes, and for weaker
/// settings that waited.
enum AfterRestore {
    static func run(_ settings: HostSettings, _ runtime: Runtime) async throws -> ExitCode {
        guard runtime.arguments.isEmpty else {
            runtime.log.error("usage", ["text": .text("after-restore")])
            return .usage
        }
        let host = try await ServiceHost(.gateway, settings, schema: "auth", runtime)
        guard let island = host.islands.first else { return .failure }
        do throws(PostgresFault) {
            let users = try await Accounts(pool: island.pool).endEverything(
                Call(caller: .service(identity: "after-restore")))
            runtime.log.info("all_ended", ["users": .integer(users)])
            return .success
        } catch {
            runtime.log.error("not_all_ended", ["why": .text(error.detail)])
            return .failure
        }
    }
}

extension Accounts {
    /// Users of one statement, so that none lasts long.
    private static let endingBatch: Int64 = 500

    /// Raises everybody's epoch, and how many were raised. The audit row comes last: without it,
    /// it broke off.
    func endEverything(_ call: Call) async throws(PostgresFault) -> Int {
        var last = UserID(high: 0, low: 0)
        var count = 0
        while true {
            let rows = try await pool.query(
                """
                WITH batch AS (
                    SELECT id FROM auth.users WHERE id > \(last) ORDER BY id
                    LIMIT \(Self.endingBatch) FOR UPDATE
                ), raised AS (
                    UPDATE auth.users u SET epoch = u.epoch + 1 FROM batch b WHERE u.id = b.id
                    RETURNING u.id
                )
                SELECT id FROM raised ORDER BY id
                """)
            guard let row = rows.last else { break }
            last = try row.decode(UserID.self)
            count += rows.count
        }
        // Links and codes of one use, which no epoch voids.
        _ = try await pool.execute("DELETE FROM auth.hand_overs")
        _ = try await pool.execute("DELETE FROM auth.sign_ups")
        // Asked for then, it may have been refused since.
        _ = try await pool.execute(
            """
            UPDATE auth.reset_requests SET expires_at = clock_timestamp()
            WHERE settled_at IS NULL AND expires_at > clock_timestamp()
            """)
        _ = try await pool.execute(
            AuditEntry(
                .databaseRestored, requestID: Bytes(call.requestID.bytes),
                trace: call.trace.audited, source: call.caller.description
            ).insert)
        return count
    }
}
