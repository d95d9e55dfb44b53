import Audit
import Contracts
import Daemon
import Hosting
import OTP
import Postgres
import RPC
import Wire

/// For a database that was set back to an earlier state, while the service does not serve: what
/// was used since would be unused again. Running it again does no harm.
///
/// ```
///  codes of the time      none up to now works, nor that of the next step
///  codes of a counter     nobody knows how far it had come: disabled, and bound anew
///  recovery codes         nobody knows which were used: none works, new ones are made
///  what was under way     challenges, bindings, links and unsent messages are gone
/// ```
enum AfterRestore {
    static func run(_ settings: HostSettings, _ runtime: Runtime) async throws -> ExitCode {
        guard runtime.arguments.isEmpty else {
            runtime.log.error("usage", ["text": .text("after-restore")])
            return .usage
        }
        let host = try await ServiceHost(.verification, settings, schema: "verification", runtime)
        guard let island = host.islands.first else { return .failure }
        do throws(PostgresFault) {
            let voided = try await Restored(pool: island.pool).voidAll(
                Call(caller: .service(identity: "after-restore")))
            runtime.log.info("codes_voided", ["authenticators": .integer(voided)])
            return .success
        } catch {
            runtime.log.error("not_all_voided", ["why": .text(error.detail)])
            return .failure
        }
    }
}

/// The tables of a database that was set back.
struct Restored: Sendable {
    let pool: ConnectionPool

    /// Rows of one statement, so that none lasts long.
    private static let batch: Int64 = 1000

    /// How many authenticators were touched. The audit row comes last: without it, it broke off.
    func voidAll(_ call: Call) async throws(PostgresFault) -> Int {
        for table: SQL in [
            "verification.challenges", "verification.bindings", "verification.resets",
            "verification.invitations",
        ] {
            _ = try await pool.execute("DELETE FROM \(table)")
        }
        _ = try await pool.execute("DELETE FROM verification.outbox WHERE sealed IS NOT NULL")
        var touched = try await untilNone(Self.counters)
        _ = try await untilNone(Self.recoveryCodes)
        for period in OneTimePassword.periods {
            touched += try await advance(period: Int64(period))
        }
        _ = try await pool.execute(
            AuditEntry(
                .databaseRestored, requestID: Bytes(call.requestID.bytes),
                trace: call.trace.audited, source: call.caller.description
            ).insert)
        return touched
    }

    private func untilNone(_ sql: SQL) async throws(PostgresFault) -> Int {
        var touched = 0
        while case let count = try await pool.execute(sql), count > 0 { touched += count }
        return touched
    }

    /// The step to come is accepted from a clock that runs fast, so it counts as used too.
    /// `period`: seconds; the usual one stands in no column.
    private func advance(period: Int64) async throws(PostgresFault) -> Int {
        let isUsual = period == Int64(OneTimePassword.standard.periodSeconds)
        let rows = try await pool.query(
            "SELECT floor(extract(epoch FROM clock_timestamp()) / \(period))::bigint + 1")
        guard let step = try rows.first?.decode(Int64.self) else { return 0 }
        return try await untilNone(
            """
            UPDATE verification.authenticators a SET last_step = \(step)
            FROM (
                SELECT user_id, id FROM verification.authenticators
                WHERE kind = 'totp' AND COALESCE(last_step, -1) < \(step)
                    AND (\(isUsual) AND parameters = ''
                        OR parameters LIKE 'totp-%-' || \(period)::text)
                LIMIT \(Self.batch) FOR UPDATE
            ) b
            WHERE a.user_id = b.user_id AND a.id = b.id
            """)
    }

    private static let counters: SQL = """
        UPDATE verification.authenticators a SET state = 'disabled'
        FROM (
            SELECT user_id, id FROM verification.authenticators
            WHERE kind = 'totp' AND state = 'active' AND parameters LIKE 'hotp-%'
            LIMIT \(batch) FOR UPDATE
        ) b
        WHERE a.user_id = b.user_id AND a.id = b.id
        """

    private static let recoveryCodes: SQL = """
        UPDATE verification.recovery_codes c SET used_at = clock_timestamp()
        FROM (
            SELECT user_id, digest FROM verification.recovery_codes WHERE used_at IS NULL
            LIMIT \(batch) FOR UPDATE
        ) b
        WHERE c.user_id = b.user_id AND c.digest = b.digest
        """
}
