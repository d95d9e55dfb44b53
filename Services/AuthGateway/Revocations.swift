import Contracts
import Postgres
import Wire

/// `auth.revocations`: which sessions have ended, for services that keep what `Introspect` told
/// them. The rows are made by the database with whatever ends a session.
///
/// A row is made in the transaction that ends the session, so it appears when that is committed,
/// which may be later than rows that were made after it. So a watcher stands at no number: his
/// cursor is the snapshot that he looked with (PostgreSQL, "Transaction ID and Snapshot
/// Information"), and he is told what that did not see.
struct RevocationLog: Sendable {
    let pool: ConnectionPool
    let bell: RevocationBell

    /// Rows of one answer; who has missed more begins anew.
    static let countMax: Int64 = 1000
    /// How old a cursor may be, in seconds.
    static let cursorAgeMax: Int64 = 12 * 3600

    /// Where a watcher stands: the moment and the snapshot of his last look, `seconds/snapshot`.
    /// Each row is visible in one of his snapshots for the first time, and told then.
    struct Cursor: Sendable, Equatable {
        let seconds: Int64
        /// As PostgreSQL writes it, `xmin:xmax:xip,xip`.
        let snapshot: String

        /// One that is too long for a message counts whatever was under way as not seen: some of
        /// it is told twice.
        static func text(_ seconds: Int64, _ snapshot: String) -> String {
            let isLong = snapshot.utf8.count > 8000
            let first = snapshot.split(separator: ":").first ?? "1"
            return "\(seconds)/" + (isLong ? "\(first):\(first):" : snapshot)
        }

        /// Nil for what was never one.
        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let seconds = Self.number(parts[0]) else { return nil }
            let snapshot = parts[1].split(separator: ":", omittingEmptySubsequences: false)
            guard snapshot.count == 3, let first = Self.number(snapshot[0]), first > 0,
                let end = Self.number(snapshot[1]), first <= end
            else { return nil }
            var last = first - 1
            for text in snapshot[2].split(separator: ",", omittingEmptySubsequences: false)
            where !snapshot[2].isEmpty {
                guard let number = Self.number(text), number > last, number < end else {
                    return nil
                }
                last = number
            }
            self.seconds = seconds
            self.snapshot = String(parts[1])
        }

        private static func number(_ digits: Substring) -> Int64? {
            guard (1...18).contains(digits.utf8.count),
                digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
            else { return nil }
            return Int64(digits)
        }
    }

    /// What has ended since the watcher looked last; everything has to be asked for anew where he
    /// has not looked yet, or not for so long that rows may be gone, or the database was set back.
    func look(since cursor: Cursor?) async throws(PostgresFault) -> Revocations {
        let snapshot = cursor?.snapshot ?? "1:1:"
        let rows = try await pool.query(
            """
            SELECT extract(epoch FROM clock_timestamp())::bigint,
                pg_current_snapshot()::text,
                pg_snapshot_xmax(\(snapshot)::text::pg_snapshot)
                    > pg_snapshot_xmax(pg_current_snapshot()), r.session_id, r.user_id
            FROM (SELECT 1) AS one LEFT JOIN (
                SELECT id, session_id, user_id FROM auth.revocations
                WHERE \(cursor != nil)
                    AND made_by >= pg_snapshot_xmin(\(snapshot)::text::pg_snapshot)
                    AND NOT pg_visible_in_snapshot(made_by, \(snapshot)::text::pg_snapshot)
                ORDER BY id LIMIT \(Self.countMax + 1)) r ON true
            """)
        var found = Revocations(cursor: "", reset: cursor == nil, sessions: [], users: [])
        for row in rows {
            let (seconds, now, isSetBack, session, user) = try row.decode(
                Int64.self, String.self, Bool.self, SessionID?.self, UserID?.self)
            found.cursor = Cursor.text(seconds, now)
            let age = seconds - (cursor?.seconds ?? 0)
            if isSetBack || age > Self.cursorAgeMax || age < 0 { found.reset = true }
            if let session { found.sessions.append(session) }
            if let user { found.users.append(user) }
        }
        if rows.count > Self.countMax { found.reset = true }
        if found.reset { (found.sessions, found.users) = ([], []) }
        return found
    }

    /// Removes what no cursor looks for any more.
    func sweep() async throws(PostgresFault) -> Int {
        try await pool.execute(
            "DELETE FROM auth.revocations WHERE at < clock_timestamp() - interval '1 day'")
    }
}
