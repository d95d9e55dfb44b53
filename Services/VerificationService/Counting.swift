import Postgres

/// Tries are counted in three steps, so that any number of them in parallel, on any number of
/// replicas, and processes that die at any point, never get past the limit:
///
/// 1. *Admit*: one statement reserves a try while `failed + reserved < failuresMax`, no rest is
///    under way and, once failures make it rest, no other try is under way. Committed by itself.
/// 2. *Check* the password or code.
/// 3. *Settle*: one statement turns the reservation into a success or a failure, or releases it.
///
/// A reservation that nobody settles within a minute becomes a failure at the next admission, and
/// the round rises: whoever settles a try of an older round changes nothing.
///
/// A known device's try is admitted twice, first by the device's own counter and then by the
/// authenticator's (`DeviceCounters`); both are settled by one statement.
///
/// This type has the parts of these statements that all counters share. `a` is the row.
struct Counting: Sendable {
    let limits: AttemptLimits
    /// The moment of the statement, one for all its parts.
    let now: SQL
    /// False where the rests are kept by another counter, and this one only bounds the whole.
    var rests = true

    /// The row as it stands once stale reservations have become failures.
    private var isStale: SQL {
        "(a.reserved > 0 AND a.reserved_at <= \(now) - interval '60 seconds')"
    }
    private var failed: SQL {
        "(a.failed + CASE WHEN \(isStale) THEN a.reserved ELSE 0 END)"
    }
    private var reserved: SQL { "CASE WHEN \(isStale) THEN 0 ELSE a.reserved END" }
    private var delayedUntil: SQL {
        """
        CASE WHEN \(isStale) THEN GREATEST(a.delayed_until, a.reserved_at + \(rest(after: failed)))
        ELSE a.delayed_until END
        """
    }

    private var admits: SQL {
        let isRested: SQL = """
            AND COALESCE(\(delayedUntil) <= \(now), true)
            AND (\(failed) < \(limits.rests.from) OR \(reserved) = 0)
            """
        return """
            (a.state = 'active' AND \(failed) + \(reserved) < \(limits.failuresMax)
            \(rests ? isRested : ""))
            """
    }

    /// Where admitting has something to write. The try is admitted where `reserved` is above zero
    /// afterwards: stale reservations may become failures that admit no more. Failures that were
    /// within the limit when they were counted, and by a stricter one are not, disable; but never
    /// beside a reservation, which would be taken for this one.
    var admittingCondition: SQL {
        """
        a.state = 'active' AND (\(isStale) OR \(admits)
            OR a.reserved = 0 AND a.failed >= \(limits.failuresMax))
        """
    }

    var admittingAssignments: SQL {
        """
        failed = \(failed),
        reserved = \(reserved) + CASE WHEN \(admits) THEN 1 ELSE 0 END,
        reserved_at = CASE WHEN \(admits) THEN \(now) ELSE a.reserved_at END,
        round = a.round + CASE WHEN \(isStale) THEN 1 ELSE 0 END,
        delayed_until = \(delayedUntil),
        state = CASE WHEN \(failed) >= \(limits.failuresMax) THEN 'disabled' ELSE a.state END
        """
    }

    var failureAssignments: SQL {
        """
        failed = a.failed + 1, reserved = a.reserved - 1,
        delayed_until = GREATEST(a.delayed_until, \(now) + \(rest(after: "a.failed + 1"))),
        state = CASE WHEN a.failed + 1 >= \(limits.failuresMax) THEN 'disabled' ELSE a.state END
        """
    }

    static let successAssignments: SQL =
        "failed = 0, reserved = a.reserved - 1, delayed_until = NULL"

    static let releaseAssignments: SQL = "reserved = a.reserved - 1"

    /// Success and release in one, for a statement that learns only at the end which it is:
    /// `settled.is_right` says so.
    static let onceOnlyAssignments: SQL = """
        reserved = a.reserved - 1, failed = CASE WHEN settled.is_right THEN 0 ELSE a.failed END,
        delayed_until = CASE WHEN NOT settled.is_right THEN a.delayed_until END
        """

    /// Where the try is still the caller's to settle.
    static func settlingCondition(_ attempt: Attempt) -> SQL {
        """
        a.user_id = \(attempt.user) AND a.id = \(attempt.authenticator)
        AND a.round = \(attempt.round) AND a.reserved > 0
        """
    }

    /// The common table expression `device AS (…)`, which settles the try at its device's counter
    /// too. Where the device's reservation has become a failure meanwhile, it stays one.
    /// - Parameter gate: Has a row where the authenticator's reservation was settled; with `clock`
    ///   where the assignments want the time.
    static func deviceSettlement(
        _ attempt: Attempt, _ assignments: SQL, from gate: StaticString
    ) -> SQL {
        guard let device = attempt.device else { return "device AS (SELECT 0 AS failed LIMIT 0)" }
        return """
            device AS (
                UPDATE verification.device_counters a SET \(assignments)
                FROM \(unsafe: gate.description)
                WHERE a.user_id = \(attempt.user) AND a.authenticator_id = \(attempt.authenticator)
                    AND a.device_id = \(device.id) AND a.round = \(device.round)
                    AND a.reserved > 0
                RETURNING a.failed
            )
            """
    }

    /// What the audit says of a try that was not admitted.
    static let notAdmitted: SQL = "jsonb_build_object('reason', 'not_admitted')"

    /// NULL, which GREATEST passes over, where no rest follows: a statement that waited for this
    /// row would else take the moment of the failure for the end of a rest.
    private func rest(after failures: SQL) -> SQL {
        let rests = limits.rests.table
        return """
            make_interval(secs =>
            NULLIF((\(rests))[LEAST(\(failures), \(rests.count))::integer], 0))
            """
    }
}
