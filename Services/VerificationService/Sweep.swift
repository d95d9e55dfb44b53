import Daemon
import Postgres
import Reactor
import SMS
import Wire

/// Clears away what nobody will ask for again: bindings that were not confirmed, and counters of
/// names that do not exist. The counters are kept for a month after their last try, so that to
/// tell who exists by their disappearance takes a month per name. Counters of devices go when no
/// browser can be known by them any more.
struct Sweep: Sendable {
    let pool: ConnectionPool
    let log: Log

    static let interval = Duration.seconds(600)
    static let decoyLifetime = Duration.seconds(30 * 24 * 3600)
    /// What became of a message is known for so long.
    static let messageLifetime = Duration.seconds(30 * 24 * 3600)
    /// Rows of one statement, so that none runs long.
    static let rowsMax = 5000

    /// Sweeps until the task is cancelled. Any number of replicas may do so at once.
    func run() async {
        while !Task.isCancelled {
            await pool.loop.sleep(for: Self.interval * Double.random(in: 0.5...1))
            if Task.isCancelled { return }
            do throws(Fault) {
                var removed = 0
                var last: Int
                // What anybody may begin, such as challenges, must not grow faster than it goes.
                repeat {
                    last = try await once()
                    removed += last
                } while last >= Self.rowsMax
                if removed > 0 { log.info("swept", ["rows": .integer(removed)]) }
            } catch {
                log.warning("sweep_failed", ["why": .text(error.detail)])
            }
        }
    }

    /// How many rows went.
    func once() async throws(Fault) -> Int {
        let expired: SQL = """
            DELETE FROM verification.bindings b WHERE b.user_id IN (
                SELECT e.user_id FROM verification.bindings e
                WHERE e.expires_at <= clock_timestamp() LIMIT \(Self.rowsMax)
            ) AND b.expires_at <= clock_timestamp()
            """
        let challenges: SQL = """
            DELETE FROM verification.challenges c
            WHERE (c.context, c.purpose, c.subject) IN (
                SELECT e.context, e.purpose, e.subject FROM verification.challenges e
                WHERE e.expires_at <= clock_timestamp() LIMIT \(Self.rowsMax)
            ) AND c.expires_at <= clock_timestamp()
            """
        let decoys: SQL = """
            DELETE FROM verification.authenticators a WHERE (a.user_id, a.id) IN (
                SELECT d.user_id, d.id FROM verification.authenticators d
                WHERE d.sealed IS NULL
                    AND d.reserved_at <= clock_timestamp() - \(Self.decoyLifetime)
                LIMIT \(Self.rowsMax)
            ) AND a.sealed IS NULL AND a.reserved_at <= clock_timestamp() - \(Self.decoyLifetime)
            """
        let devices: SQL = """
            DELETE FROM verification.device_counters a
            WHERE (a.user_id, a.authenticator_id, a.device_id) IN (
                SELECT d.user_id, d.authenticator_id, d.device_id
                FROM verification.device_counters d
                WHERE d.reserved_at <= clock_timestamp() - \(DeviceCounters.lifetime)
                LIMIT \(Self.rowsMax)
            ) AND a.reserved_at <= clock_timestamp() - \(DeviceCounters.lifetime)
            """
        let messages: SQL = """
            DELETE FROM verification.outbox o WHERE o.id IN (
                SELECT s.id FROM verification.outbox s
                WHERE s.settled_at <= clock_timestamp() - \(Self.messageLifetime)
                LIMIT \(Self.rowsMax)
            )
            """
        let counters: SQL = """
            DELETE FROM verification.message_counters c WHERE (c.scope, c.key) IN (
                SELECT e.scope, e.key FROM verification.message_counters e
                WHERE e.touched_at <= clock_timestamp() - \(MessageBudget.windowMax * 2)
                LIMIT \(Self.rowsMax) FOR UPDATE SKIP LOCKED
            ) AND c.touched_at <= clock_timestamp() - \(MessageBudget.windowMax * 2)
            """
        let resets: SQL = """
            DELETE FROM verification.resets r WHERE r.user_id IN (
                SELECT e.user_id FROM verification.resets e
                WHERE e.expires_at <= clock_timestamp() - \(Resets.budgetSpan)
                LIMIT \(Self.rowsMax)
            ) AND r.expires_at <= clock_timestamp() - \(Resets.budgetSpan)
            """
        let invitations: SQL = """
            DELETE FROM verification.invitations i WHERE i.user_id IN (
                SELECT e.user_id FROM verification.invitations e
                WHERE e.expires_at <= clock_timestamp() LIMIT \(Self.rowsMax)
            ) AND i.expires_at <= clock_timestamp()
            """
        do throws(PostgresFault) {
            return try await pool.execute(expired) + pool.execute(challenges) + pool.execute(decoys)
                + pool.execute(devices) + pool.execute(messages) + pool.execute(resets)
                + pool.execute(counters) + pool.execute(invitations)
        } catch {
            throw error.fault
        }
    }
}
