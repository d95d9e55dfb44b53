import Audit
import Contracts
import Daemon
import Postgres
import Wire

/// `verification.device_counters`: one for each authenticator and each browser that has signed in
/// to the account before (the gateway's known devices; OWASP, *Slow Down Online Guessing Attacks
/// with Device Cookies*). With it, whoever fails from elsewhere delays strangers only.
///
/// ```
///                   rests after             is admitted while
///  a known device   its own 5th failure     failed + reserved < limit, all together
///  anybody else     the 5th of all          the same
/// ```
/// A device's failure is also one of the authenticator's, so the limit that disables (NIST SP
/// 800-63B-4 §3.2.2) stands over all, and no number of devices makes more guesses of it. A device
/// whose own counter has reached the limit all the same, because others succeeded in between, is
/// treated as unknown.
///
/// The device's reservation is made first and committed by itself. Should the process end before
/// the authenticator's, it becomes a failure of the device: stricter than it need be, never laxer.
struct DeviceCounters: Sendable {
    let pool: ConnectionPool

    /// After so long no cookie of the gateway's is good any more, so no device comes back to a
    /// counter that was swept: the longest life that `DUBBELSLOT_KNOWN_DEVICE_DAYS` allows.
    static let lifetime = Duration.seconds(400 * 24 * 3600)

    /// Whose tries are meant.
    enum Target: Sendable {
        case password
        case code(AuthenticatorID)

        fileprivate var condition: SQL {
            switch self {
            case .password: "t.kind = 'password'"
            case .code(let id): "t.kind <> 'password' AND t.id = \(id)"
            }
        }

        fileprivate func limits(of all: GuessLimits) -> AttemptLimits {
            switch self {
            case .password: all.password
            case .code: all.code
            }
        }
    }

    /// Reserves a try at the device's own counter. Nil where it has none: there is no such
    /// authenticator, or its own failures have used it up.
    func admit(
        _ device: DeviceID, at target: Target, of user: UserID,
        _ limits: GuessLimits, _ refusal: AuditEntry
    ) async throws(Fault) -> Admission<DeviceReservation>? {
        let counting = Counting(limits: target.limits(of: limits), now: "EXCLUDED.reserved_at")
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            target AS (
                SELECT t.id FROM verification.authenticators t
                WHERE t.user_id = \(user) AND \(target.condition)
            ),
            seen AS (
                SELECT c.state, c.delayed_until
                FROM target JOIN verification.device_counters c ON c.authenticator_id = target.id
                WHERE c.user_id = \(user) AND c.device_id = \(device)
            ),
            tried AS (
                INSERT INTO verification.device_counters AS a
                    (user_id, authenticator_id, device_id, reserved, reserved_at)
                SELECT \(user), target.id, \(device), 1, clock.now FROM target, clock
                ON CONFLICT (user_id, authenticator_id, device_id)
                DO UPDATE SET \(counting.admittingAssignments)
                WHERE \(counting.admittingCondition)
                RETURNING a.reserved, a.round, a.state, a.delayed_until
            ),
            refused AS (
                SELECT FROM target
                WHERE NOT EXISTS (SELECT FROM tried WHERE tried.reserved > 0)
                    AND COALESCE(
                        (SELECT tried.state FROM tried), (SELECT seen.state FROM seen), 'active')
                        = 'active'
            ),
            \(refusal.row(from: "refused", details: Counting.notAdmitted))
            SELECT clock.now, tried.reserved > 0, tried.round,
                COALESCE(tried.state, seen.state, 'active') = 'disabled',
                COALESCE(tried.delayed_until, seen.delayed_until)
            FROM clock, target LEFT JOIN seen ON true LEFT JOIN tried ON true
            """
        let admission = try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try Self.admission(device, row)
        }
        return admission ?? nil
    }

    private static func admission(
        _ device: DeviceID, _ row: Row
    ) throws(PostgresFault) -> Admission<DeviceReservation>? {
        let (now, isAdmitted, round, isDisabled, delayedUntil) = try row.decode(
            Timestamp.self, Bool?.self, Int64?.self, Bool.self, Timestamp?.self)
        if isAdmitted == true, let round {
            return .admitted(DeviceReservation(id: device, round: round))
        }
        guard !isDisabled else { return nil }
        let standing = AttemptStanding(isDisabled: false, delayedUntil: delayedUntil)
        return .refused(standing.refusal(now: now))
    }

    /// Gives back what the authenticator did not admit.
    func release(
        _ reservation: DeviceReservation, at target: Target, of user: UserID
    ) async throws(Fault) {
        do throws(PostgresFault) {
            try await pool.execute(
                """
                UPDATE verification.device_counters a SET \(Counting.releaseAssignments)
                FROM verification.authenticators t
                WHERE t.user_id = \(user) AND \(target.condition) AND a.user_id = t.user_id
                    AND a.authenticator_id = t.id AND a.device_id = \(reservation.id)
                    AND a.round = \(reservation.round) AND a.reserved > 0
                """)
        } catch {
            throw error.fault
        }
    }
}

/// A try that a known device's own counter has admitted.
struct DeviceReservation: Sendable, Equatable {
    let id: DeviceID
    let round: Int64
}

extension VerificationHandlers {
    /// Has a try admitted: by the own counter of the device, where a known one tries, and then by
    /// `admit`, the authenticator's. What the second refuses, the first gets back.
    func admitting<Admitted>(
        _ device: DeviceID?, at target: DeviceCounters.Target, of user: UserID,
        _ refusal: AuditEntry,
        _ admit: (DeviceReservation?) async throws(Fault) -> Admission<Admitted>?
    ) async throws(Fault) -> Admission<Admitted>? {
        guard let device else { return try await admit(nil) }
        switch try await devices.admit(device, at: target, of: user, limits, refusal) {
        case nil: return try await admit(nil)
        case .refused(let fault): return .refused(fault)
        case .admitted(let reservation):
            let admission: Admission<Admitted>?
            do throws(Fault) {
                admission = try await admit(reservation)
            } catch {
                await giveBack(reservation, at: target, of: user)
                throw error
            }
            switch admission {
            case .admitted: break
            case .refused, nil: await giveBack(reservation, at: target, of: user)
            }
            return admission
        }
    }

    /// Which known device tried, as the audit tells it.
    static func audited(_ device: DeviceID?) -> String { device?.description ?? "none" }

    /// Should it fail, the reservation becomes a failure of the device within a minute.
    private func giveBack(
        _ reservation: DeviceReservation, at target: DeviceCounters.Target, of user: UserID
    ) async {
        do throws(Fault) {
            try await devices.release(reservation, at: target, of: user)
        } catch {
            log.warning("reservation_kept", ["why": .text(error.detail)])
        }
    }
}
