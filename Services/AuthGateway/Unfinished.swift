import Contracts
import Postgres
import Wire

/// `auth.unfinished`: what was begun with a user and has steps in other services left. Its row is
/// written by the statement that begins, and goes with the one that ends it. So wherever a gateway
/// dies between, the row says what is half done, and `Mending` does the rest.
struct Unfinished: Sendable {
    let pool: ConnectionPool

    /// What is done in several steps. The raw value is stored.
    enum Work: String, Sendable, CaseIterable {
        /// The user waits for an initial password, which nobody was told.
        case creation
        /// The user waits for the mail with his link.
        case invitation
        case authenticatorsReset = "authenticators_reset"
        case passwordReset = "password_reset"
        /// Links went to an earlier address, which is to be told; the reason is that address.
        case addressChange = "address_change"
        case erasure
        /// The user is erased; calls that were under way then may have written since.
        case erasureAgain = "erasure_again"
    }

    /// Work that nobody is at.
    struct Item: Sendable, Equatable {
        let user: UserID
        let work: Work
        /// Who began it; nil for the system.
        let actor: UserID?
        let reason: String
    }

    /// Longer than the call that began it may take, so that only what was left is taken up.
    static let patience = Duration.seconds(60)
    /// Longer than a pending sign-in and every call of it.
    static let aftermath = Duration.seconds(900)
    /// Of the doublings of `patience` between two tries.
    private static let doublingsMax = 6

    /// The common table expression `begun AS (…)`: where `gate` has a row with the user's `id`,
    /// the work is begun, or begun anew.
    static func begun(
        _ work: Work?, by actor: UserID?, because reason: String = "", from gate: StaticString
    ) -> SQL {
        guard let work else { return "begun AS (SELECT WHERE false)" }
        return """
            begun AS (
                INSERT INTO auth.unfinished AS w (user_id, work, actor, reason, due_at)
                SELECT g.id, \(work.rawValue), \(actor), \(reason),
                    clock_timestamp() + \(patience)
                FROM \(unsafe: gate.description) g
                ON CONFLICT (user_id, work) DO UPDATE
                    SET actor = EXCLUDED.actor, reason = EXCLUDED.reason,
                        due_at = EXCLUDED.due_at, tries = 0
                RETURNING w.user_id
            )
            """
    }

    /// The common table expression `ended AS (…)`: where `gate` has a row with the user's `id`,
    /// the work is done.
    static func ended(_ works: [Work], from gate: StaticString) -> SQL {
        """
        ended AS (
            DELETE FROM auth.unfinished w USING \(unsafe: gate.description) g
            WHERE w.user_id = g.id AND w.work = ANY (\(works.map(\.rawValue)))
            RETURNING w.work
        )
        """
    }

    /// False when there is no such user.
    func begin(
        _ work: Work, of user: UserID, by actor: UserID?, because reason: String
    ) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            WITH u AS (
                SELECT id FROM auth.users WHERE id = \(user) AND state IN ('active', 'disabled')
            ), \(Self.begun(work, by: actor, because: reason, from: "u"))
            SELECT user_id FROM begun
            """)
        return !rows.isEmpty
    }

    /// False when the work is no more: somebody else has taken it up and done otherwise.
    func end(_ work: Work, of user: UserID) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            DELETE FROM auth.unfinished WHERE user_id = \(user) AND work = \(work.rawValue)
            RETURNING true
            """)
        return !rows.isEmpty
    }

    /// Takes up what is due, at most `max`: of any number of gateways each piece of work is taken
    /// by one, which then has `patience` for it, more after each try. No lock is held meanwhile.
    func take(max: Int64) async throws(PostgresFault) -> [Item] {
        let rows = try await pool.query(
            """
            WITH due AS (
                SELECT user_id, work FROM auth.unfinished
                WHERE due_at <= clock_timestamp()
                ORDER BY due_at LIMIT \(max) FOR UPDATE SKIP LOCKED
            )
            UPDATE auth.unfinished w
            SET tries = w.tries + 1, due_at = clock_timestamp()
                + \(Self.patience) * (2 ^ least(w.tries, \(Self.doublingsMax)))
            FROM due WHERE w.user_id = due.user_id AND w.work = due.work
            RETURNING w.user_id, w.work, w.actor, w.reason
            """)
        var items: [Item] = []
        for row in rows {
            let (user, word, actor, reason) = try row.decode(
                UserID.self, String.self, UserID?.self, String.self)
            guard let work = Work(rawValue: word) else { throw .decoding("work \(word)") }
            items.append(Item(user: user, work: work, actor: actor, reason: reason))
        }
        return items
    }
}
