import Contracts
import Postgres
import RPC
import Wire

/// `auth.adoption`: for each day how many users there were, and how many of them had bound a
/// second factor. What was not noted on its day is not known.
struct Adoption: Sendable {
    let pool: ConnectionPool

    static let daysMax: Int32 = 90
    /// How often the day that has begun is noted.
    static let interval = Duration.seconds(3600)

    /// Whether nobody has noted this day, or not for a while.
    func isDue() async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            SELECT NOT EXISTS (SELECT FROM auth.adoption
                WHERE day = \(Self.today) AND noted_at > now() - \(Self.interval))
            """)
        guard let row = rows.first else { throw .decoding("no row of EXISTS") }
        return try row.decode(Bool.self)
    }

    /// Any number of gateways may do so; of several at once one writes.
    /// - Parameter bound: As the verification service has just counted.
    func note(bound: UInt32) async throws(PostgresFault) {
        _ = try await pool.execute(
            """
            INSERT INTO auth.adoption AS a (day, users, bound)
            SELECT \(Self.today), (\(Accounts.count)), \(Int64(bound))
            ON CONFLICT (day) DO UPDATE
                SET users = EXCLUDED.users, bound = EXCLUDED.bound, noted_at = EXCLUDED.noted_at
                WHERE a.noted_at <= now() - \(Self.interval)
            """)
    }

    /// The last days, oldest first; `daysMax` at most.
    func days() async throws(PostgresFault) -> [AdoptionDay] {
        let rows = try await pool.query(
            """
            SELECT to_char(day, 'YYYY-MM-DD'), users, bound FROM auth.adoption
            WHERE day > \(Self.today) - \(Self.daysMax) AND day <= \(Self.today) ORDER BY day
            """)
        var days: [AdoptionDay] = []
        for row in rows {
            let (day, users, bound) = try row.decode(String.self, Int64.self, Int64.self)
            days.append(
                AdoptionDay(
                    day: day, users: UInt32(clamping: users), bound: UInt32(clamping: bound)))
        }
        return days
    }

    private static let today: SQL = "(now() AT TIME ZONE 'UTC')::date"
}

extension Gateway {
    /// Notes how many have bound a second factor by now, where it was not noted lately.
    func noteAdoption(_ call: Call) async throws(Fault) {
        let isDue = try await stored { () throws(PostgresFault) in try await adoption.isDue() }
        guard isDue else { return }
        let evidence = try await verification.getOverview(GetEvidenceOverview(), call)
        try await stored { () throws(PostgresFault) in
            try await adoption.note(bound: evidence.bound)
        }
    }
}
