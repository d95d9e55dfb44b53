import Audit
import Contracts
import Postgres
import RPC
import Wire

/// `policy.settings`: every version of the two-factor settings, the newest in force.
struct SettingsTable: Sendable {
    let pool: ConnectionPool

    /// Where the number of every new version is announced, to all replicas.
    static let channel = "policy_settings"

    /// Versions held in memory. A sign-in asks by the version it began under, minutes ago; were
    /// there more changes than this in between, it would begin again.
    static let versionsMax: Int64 = 256

    static let columns: SQL =
        "version, enforcement, verifiers, changed_at, changed_by, reason, book"

    /// The newest versions, oldest of them first, with when, by whom and why.
    func newestVersions() async throws(PostgresFault) -> [TwoFactorSettings] {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM policy.settings
            ORDER BY version DESC LIMIT \(Self.versionsMax)
            """)
        var versions: [TwoFactorSettings] = []
        for row in rows.reversed() { versions.append(try Self.settings(row)) }
        return versions
    }

    /// The newest version's number, and whether a change that waited is due; what a poll asks for.
    func newest() async throws(PostgresFault) -> (version: UInt64, isChangeDue: Bool) {
        let rows = try await pool.query(
            """
            SELECT coalesce(max(version), 0), EXISTS (\(PendingChanges.due))
            FROM policy.settings
            """)
        guard let row = rows.first else { throw .decoding("no row of an aggregate") }
        let (version, isChangeDue) = try row.decode(Int64.self, Bool.self)
        return (UInt64(version), isChangeDue)
    }

    /// One version, however old; nil when it never was.
    func version(_ number: UInt64) async throws(PostgresFault) -> TwoFactorSettings? {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM policy.settings
            WHERE version = \(Int64(clamping: number))
            """)
        return try rows.first.map { row throws(PostgresFault) in try Self.settings(row) }
    }

    /// Versions before one, the newest first, without what they say.
    func page(before: Int64, limit: Int64) async throws(PostgresFault) -> [SettingsVersionView] {
        let rows = try await pool.query(
            """
            SELECT version, changed_at, changed_by, reason FROM policy.settings
            WHERE version < \(before) ORDER BY version DESC LIMIT \(limit)
            """)
        var versions: [SettingsVersionView] = []
        for row in rows {
            let (version, changedAt, changedBy, reason) = try row.decode(
                Int64.self, Timestamp.self, UserID?.self, String.self)
            versions.append(
                SettingsVersionView(
                    version: UInt64(version), changedAt: changedAt, changedBy: changedBy,
                    reason: reason))
        }
        return versions
    }

    /// Makes the next version if `change.version` is still the newest, announces it and writes the
    /// audit row, all in one statement; nil when somebody was faster. Rules that the change has no
    /// word on are those of the version before.
    func add(
        _ change: UpdateTwoFactorSettings, by actor: UserID?, _ call: Call
    ) async throws(PostgresFault) -> TwoFactorSettings? {
        guard change.version < Int64.max else { return nil }
        let expected = Int64(change.version)
        let book = change.book?.stored
        let audit = AuditEntry(
            .twoFactorSettingsChanged, actor: actor, subject: UserID?.none,
            requestID: Bytes(call.requestID.bytes), trace: call.trace.audited,
            source: call.caller.description,
            [
                "version": "\(expected + 1)",
                "enforcement": change.enforcement.rawValue,
                "verifiers": change.verifiers.map(\.text).joined(separator: " "),
                "rules": change.book.map { "\($0.rules.count)" } ?? "unchanged",
                "reason": change.reason,
            ])
        do {
            let rows = try await pool.query(
                """
                WITH added AS (
                    INSERT INTO policy.settings
                        (version, enforcement, verifiers, changed_by, reason, book)
                    SELECT \(expected + 1), \(change.enforcement.rawValue),
                        \(change.verifiers.map(\.text)), \(actor), \(change.reason),
                        coalesce(\(book), before.book)
                    FROM policy.settings before
                    WHERE before.version = \(expected)
                        AND (SELECT max(version) FROM policy.settings) = \(expected)
                    RETURNING \(Self.columns)
                ), \(audit.row(from: "added"))
                SELECT \(Self.columns), pg_notify(\(Self.channel), version::text)::text
                FROM added
                """)
            return try rows.first.map(Self.announced)
        } catch .sqlState(.uniqueViolation, _) {
            return nil
        }
    }

    /// A version that was announced by the statement that made it.
    static func announced(_ row: Row) throws(PostgresFault) -> TwoFactorSettings {
        let (version, enforcement, verifiers, changedAt, changedBy, reason, book, _) =
            try row.decode(
                Int64.self, String.self, [String].self, Timestamp.self, UserID?.self,
                String.self, JSONDocument.self, String.self)
        return try settings(version, enforcement, verifiers, changedAt, changedBy, reason, book)
    }

    private static func settings(_ row: Row) throws(PostgresFault) -> TwoFactorSettings {
        let (version, enforcement, verifiers, changedAt, changedBy, reason, book) =
            try row.decode(
                Int64.self, String.self, [String].self, Timestamp.self, UserID?.self,
                String.self, JSONDocument.self)
        return try settings(version, enforcement, verifiers, changedAt, changedBy, reason, book)
    }

    private static func settings(
        _ version: Int64, _ enforcement: String, _ verifiers: [String], _ changedAt: Timestamp,
        _ changedBy: UserID?, _ reason: String, _ book: JSONDocument
    ) throws(PostgresFault) -> TwoFactorSettings {
        let said = try StoredSettings(version, enforcement, verifiers, book)
        return TwoFactorSettings(
            version: UInt64(version), enforcement: said.enforcement, verifiers: said.verifiers,
            changedAt: changedAt, changedBy: changedBy, reason: reason, book: said.book)
    }
}

/// What the columns of a version hold, or of a change that waits for one.
struct StoredSettings: Sendable {
    let enforcement: Enforcement
    let verifiers: [VerifierUID]
    let book: RuleBook

    init(
        _ version: Int64, _ enforcement: String, _ verifiers: [String], _ book: JSONDocument
    ) throws(PostgresFault) {
        self.verifiers = verifiers.compactMap(VerifierUID.init)
        guard let enforcement = Enforcement(rawValue: enforcement),
            self.verifiers.count == verifiers.count
        else { throw .decoding("settings at version \(version)") }
        self.enforcement = enforcement
        do throws(WireFault) {
            self.book = try RuleBook(json: Array(book.text.utf8))
        } catch {
            throw .decoding("settings at version \(version): the rules are none")
        }
    }
}

extension RuleBook {
    /// As it is stored.
    var stored: JSONDocument { JSONDocument(text: String(decoding: json(), as: UTF8.self)) }
}
