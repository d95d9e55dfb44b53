import Audit
import Contracts
import Postgres
import RPC
import Wire

/// `policy.pending_settings`: changes that make the settings weaker, until they are in force,
/// taken back, or void because another version is the newest. The database's clock decides, and
/// each way out is one guarded statement, so of any number of replicas one puts a change in force.
struct PendingChanges: Sendable {
    let pool: ConnectionPool

    /// Changes that may wait for one version.
    static let countMax: Int64 = 4

    /// The changes that still wait, over `p`.
    private static let waiting: SQL = """
        p.state = 'waiting' AND p.version = (SELECT max(version) FROM policy.settings)
        """

    /// The change whose time is over, the oldest of several.
    static let due: SQL = """
        SELECT p.id FROM policy.pending_settings p
        WHERE \(waiting) AND p.due_at <= clock_timestamp() ORDER BY p.due_at, p.id LIMIT 1
        """

    private static let columns: SQL =
        "p.id, p.version, p.weakened, p.reason, p.proposed_by, p.proposed_at, p.due_at"

    /// Whether the installation is so young that nobody waits in it.
    func isFirstDay() async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            SELECT coalesce(bool_or(
                changed_at > clock_timestamp() - \(WeakeningDelay.firstDay)), false)
            FROM policy.settings WHERE version = 1
            """)
        guard let row = rows.first else { throw .decoding("no row of an aggregate") }
        return try row.decode(Bool.self)
    }

    /// Stores a change that waits, with its audit row. Nil when another version is the newest by
    /// now, or as many wait as may.
    /// - Parameter wait: How long, and for whom, as it was weighed.
    func add(
        _ change: UpdateTwoFactorSettings, _ wait: SettingsWeighed, by actor: UserID, _ call: Call
    ) async throws(PostgresFault) -> PendingSettings? {
        let expected = Int64(clamping: change.version)
        let parts = wait.weakened.map(\.rawValue)
        let delay: Duration? =
            wait.secondAdministrator ? nil : .seconds(Int64(wait.delayHours) * 3600)
        let audit = AuditEntry(
            .settingsChangeProposed, actor: actor, subject: UserID?.none,
            requestID: Bytes(call.requestID.bytes), trace: call.trace.audited,
            source: call.caller.description,
            [
                "version": "\(expected)", "weakened": parts.joined(separator: " "),
                "reason": change.reason,
            ])
        let rows = try await pool.query(
            """
            WITH p AS (
                INSERT INTO policy.pending_settings (version, enforcement, verifiers, book,
                    weakened, reason, proposed_by, due_at)
                SELECT \(expected), \(change.enforcement.rawValue),
                    \(change.verifiers.map(\.text)), coalesce(\(change.book?.stored), s.book),
                    \(parts), \(change.reason), \(actor),
                    clock_timestamp() + \(delay)
                FROM policy.settings s
                WHERE s.version = \(expected)
                    AND (SELECT max(version) FROM policy.settings) = \(expected)
                    AND (SELECT count(*) FROM policy.pending_settings p WHERE \(Self.waiting))
                        < \(Self.countMax)
                RETURNING *
            ), \(audit.row(from: "p", details: "jsonb_build_object('change', p.id)"))
            SELECT \(Self.columns) FROM p
            """)
        return try rows.first.map { row throws(PostgresFault) in try PendingSettings(row) }
    }

    /// What waits, the oldest first.
    func list() async throws(PostgresFault) -> [PendingSettings] {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM policy.pending_settings p
            WHERE \(Self.waiting) ORDER BY p.proposed_at, p.id LIMIT \(Self.countMax)
            """)
        var found: [PendingSettings] = []
        for row in rows { found.append(try PendingSettings(row)) }
        return found
    }

    /// What a change says, while it waits.
    func find(_ change: SettingsChangeID) async throws(PostgresFault) -> ProposedSettings? {
        let rows = try await pool.query(
            """
            SELECT p.version, p.enforcement, p.verifiers, p.book, p.reason, p.proposed_by
            FROM policy.pending_settings p WHERE p.id = \(change) AND \(Self.waiting)
            """)
        guard let row = rows.first else { return nil }
        let (version, enforcement, verifiers, book, reason, proposedBy) = try row.decode(
            Int64.self, String.self, [String].self, JSONDocument.self, String.self, UserID.self)
        let said = try StoredSettings(version, enforcement, verifiers, book)
        return ProposedSettings(
            settings: UpdateTwoFactorSettings(
                version: UInt64(clamping: version), enforcement: said.enforcement,
                verifiers: said.verifiers, reason: reason, book: said.book),
            proposedBy: proposedBy)
    }

    /// Puts a change in force by another administrator's word. Nil where it does not wait any
    /// more, or is his own.
    func approve(
        _ word: DecideChange, _ call: Call
    ) async throws(PostgresFault) -> TwoFactorSettings? {
        let audit = AuditEntry(
            .twoFactorSettingsChanged, actor: word.actor, subject: UserID?.none,
            requestID: Bytes(call.requestID.bytes), trace: call.trace.audited,
            source: call.caller.description,
            ["because": "approved", "change": "\(word.change)", "approved": word.reason])
        return try await enact(
            "p.id = \(word.change) AND p.proposed_by <> \(word.actor)", by: word.actor, audit)
    }

    /// Puts the change in force whose time is over. Nil where there is none, or somebody else has
    /// done it.
    func enactDue() async throws(PostgresFault) -> TwoFactorSettings? {
        let audit = AuditEntry(
            .twoFactorSettingsChanged, source: "policy-service", ["because": "waited"])
        return try await enact(
            "p.id = (\(Self.due)) AND p.due_at <= clock_timestamp()", by: nil, audit)
    }

    private func enact(
        _ condition: SQL, by actor: UserID?, _ audit: AuditEntry
    ) async throws(PostgresFault) -> TwoFactorSettings? {
        let details: SQL = """
            jsonb_build_object('version', added.version::text, 'proposed_by', added.changed_by,
                'enforcement', added.enforcement, 'reason', added.reason,
                'verifiers', array_to_string(added.verifiers, ' '))
            """
        do {
            let rows = try await pool.query(
                """
                WITH taken AS (
                    UPDATE policy.pending_settings p
                    SET state = 'in_force', decided_by = \(actor), decided_at = clock_timestamp()
                    WHERE \(condition) AND \(Self.waiting)
                    RETURNING p.version, p.enforcement, p.verifiers, p.proposed_by, p.reason, p.book
                ), added AS (
                    INSERT INTO policy.settings
                        (version, enforcement, verifiers, changed_by, reason, book)
                    SELECT version + 1, enforcement, verifiers, proposed_by, reason, book FROM taken
                    RETURNING \(SettingsTable.columns)
                ), \(audit.row(from: "added", details: details))
                SELECT \(SettingsTable.columns),
                    pg_notify(\(SettingsTable.channel), version::text)::text
                FROM added
                """)
            return try rows.first.map(SettingsTable.announced)
        } catch .sqlState(.uniqueViolation, _) {
            return nil
        }
    }

    /// Takes a change back. False where it does not wait any more.
    func withdraw(_ word: DecideChange, _ call: Call) async throws(PostgresFault) -> Bool {
        let audit = AuditEntry(
            .settingsChangeWithdrawn, actor: word.actor, subject: UserID?.none,
            requestID: Bytes(call.requestID.bytes), trace: call.trace.audited,
            source: call.caller.description, ["change": "\(word.change)"])
        let rows = try await pool.query(
            """
            WITH taken AS (
                UPDATE policy.pending_settings p
                SET state = 'withdrawn', decided_by = \(word.actor),
                    decided_at = clock_timestamp()
                WHERE p.id = \(word.change) AND \(Self.waiting)
                RETURNING p.id
            ), \(audit.row(from: "taken"))
            SELECT true FROM taken
            """)
        return !rows.isEmpty
    }
}

extension PendingSettings {
    fileprivate init(_ row: Row) throws(PostgresFault) {
        let (id, version, weakened, reason, proposedBy, proposedAt, dueAt) = try row.decode(
            SettingsChangeID.self, Int64.self, [String].self, String.self, UserID.self,
            Timestamp.self, Timestamp?.self)
        self.init(
            id: id, version: UInt64(clamping: version),
            weakened: weakened.compactMap(PolicyPart.init), reason: reason,
            proposedBy: proposedBy, proposedAt: proposedAt, dueAt: dueAt)
    }
}
