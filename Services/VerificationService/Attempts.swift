import Audit
import Contracts
import Postgres
import Wire

/// Settling what passwords and codes have in common: a wrong one, and one that was not checked.
struct Attempts: Sendable {
    let pool: ConnectionPool

    /// A failure: counted, and followed by a rest or by disabling.
    /// - Parameters:
    ///   - drift: What a wrong code tells of the device's clock.
    ///   - queued: What the owner is told where it disables.
    func fail(
        _ attempt: Attempt, _ limits: AttemptLimits, drift: Int64? = nil,
        telling queued: Outbox.Queued = .nothing, _ event: AuditEvent, _ audit: AuditContext
    ) async throws(Fault) -> Failures {
        let counting = Counting(limits: limits, now: "clock.now")
        let refusal = audit.entry(event, attempt.user)
        let disabling = audit.entry(.authenticatorDisabled, attempt.user)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            settled AS (
                UPDATE verification.authenticators a
                SET \(counting.failureAssignments), drift = COALESCE(\(drift), a.drift)
                FROM clock WHERE \(Counting.settlingCondition(attempt))
                RETURNING a.failed, a.state
            ),
            \(Counting.deviceSettlement(
                attempt, counting.failureAssignments, from: "clock, settled")),
            refused AS (SELECT FROM settled WHERE settled.state = 'active'),
            disabled AS (SELECT FROM settled WHERE settled.state = 'disabled'),
            \(queued.row(from: "disabled")),
            \(refusal.row(from: "refused", named: "audited_refusal")),
            \(disabling.row(from: "disabled", named: "audited_disabling"))
            SELECT settled.failed, device.failed FROM settled LEFT JOIN device ON true
            """
        let failures = try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (all, ofDevice) = try row.decode(Int.self, Int?.self)
            return Failures(all: all, here: ofDevice ?? all)
        }
        guard let failures else { throw .overtaken }
        return failures
    }

    /// Gives a reservation back that led to no check. Whether it still stood does not matter.
    func release(_ attempt: Attempt) async throws(Fault) {
        let sql: SQL = """
            WITH settled AS (
                UPDATE verification.authenticators a SET \(Counting.releaseAssignments)
                WHERE \(Counting.settlingCondition(attempt))
                RETURNING a.id
            ),
            \(Counting.deviceSettlement(attempt, Counting.releaseAssignments, from: "settled"))
            SELECT FROM settled
            """
        do throws(PostgresFault) {
            try await pool.execute(sql)
        } catch {
            throw error.fault
        }
    }
}

/// An admitted try, which has to be settled once.
struct Attempt: Sendable, Equatable {
    let user: UserID
    let authenticator: AuthenticatorID
    let round: Int64
    /// Where a known device tries: its own counter's reservation.
    var device: DeviceReservation?
}

/// Failures in a row at an authenticator.
struct Failures: Sendable, Equatable {
    /// Wherever they came from: what disables.
    let all: Int
    /// Those that the one who tries has to wait for: a known device's own, else all.
    let here: Int
}

/// What the admitting statement says.
enum Admission<Admitted: Sendable>: Sendable {
    case admitted(Admitted)
    case refused(Fault)
}

/// The word for the log when a try could not be settled: its reservation was older than a minute,
/// or what it was checked against is gone. Whatever the check said opens nothing then.
extension Fault {
    static let overtaken = Fault(.unavailable, detail: "the try was settled by another")
}
