import Audit
import Contracts
import Postgres
import Wire

/// A verifier with what only this service may know of it.
struct Verifier: Sendable {
    let uid: VerifierUID
    let title: String
    let description: String
    let settings: VerifierSettings
    let bindings: Int64
    let version: Int64

    var type: VerifierType { settings.type }

    /// As administrators see it; secrets stay here.
    var view: VerifierView {
        var view = VerifierView(
            uid: uid, type: type, title: title, description: description,
            bindings: UInt32(clamping: bindings), version: UInt64(clamping: version))
        settings.show(in: &view)
        return view
    }
}

/// `verification.verifiers`: what administrators set up, each with the number of its bindings.
struct Verifiers: Sendable {
    let pool: ConnectionPool
    let sealing: Sealing

    /// As many as a list returns and a policy names.
    static let countMax = 64

    /// A row as it stands in the table.
    private struct Stored: Sendable {
        let uid: VerifierUID
        let type: VerifierType
        let title: String
        let description: String
        let issuer: String
        let settings: Bytes?
        let version: Int64
        let bindings: Int64

        init(_ row: Row) throws(PostgresFault) {
            (uid, type, title, description, issuer, settings, version, bindings) = try row.decode(
                VerifierUID.self, VerifierType.self, String.self, String.self, String.self,
                Bytes?.self, Int64.self, Int64.self)
        }

        func opened(_ sealing: Sealing) throws(Fault) -> Verifier {
            Verifier(
                uid: uid, title: title, description: description,
                settings: try VerifierSettings(
                    type, issuer: issuer, sealed: settings, uid, sealing),
                bindings: bindings, version: version)
        }
    }

    /// The columns of a row called `v`, as `Stored` takes them.
    private static let columns: SQL = """
        v.uid, v.type, v.title, v.description, v.issuer, v.settings, v.version,
        (SELECT count(*) FROM verification.authenticators a WHERE a.verifier = v.uid)
        """

    private func first(_ sql: SQL) async throws(Fault) -> Verifier? {
        let stored = try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try Stored(row)
        }
        return try stored?.opened(sealing)
    }

    func list() async throws(Fault) -> [Verifier] {
        let sql: SQL = """
            SELECT \(Self.columns) FROM verification.verifiers v ORDER BY v.uid COLLATE "C"
            """
        let rows = try await pool.all(sql) { (row) throws(PostgresFault) in try Stored(row) }
        var verifiers: [Verifier] = []
        for row in rows { verifiers.append(try row.opened(sealing)) }
        return verifiers
    }

    func find(_ uid: VerifierUID) async throws(Fault) -> Verifier? {
        try await first("SELECT \(Self.columns) FROM verification.verifiers v WHERE v.uid = \(uid)")
    }

    /// Throws `.verifierExists`, or `.tooLarge` when there are as many as may be.
    func create(
        _ uid: VerifierUID, _ new: CreateVerifier, _ settings: VerifierSettings,
        _ audit: AuditContext
    ) async throws(Fault) -> Verifier {
        let entry = audit.entry(.verifierCreated, nil)
        let sealed = try settings.sealed(uid, sealing)
        let sql: SQL = """
            WITH made AS (
                INSERT INTO verification.verifiers AS v
                    (uid, type, title, description, issuer, settings, settings_key)
                SELECT \(uid), \(settings.type), \(new.title), \(new.description),
                    \(settings.issuer), \(sealed?.sealed), \(sealed?.keyName)
                WHERE (SELECT count(*) FROM verification.verifiers) < \(Self.countMax)
                ON CONFLICT (uid) DO NOTHING
                RETURNING v.*
            ),
            \(entry.row(from: "made", details: "jsonb_build_object('verifier', made.uid)"))
            SELECT \(Self.columns) FROM made v
            """
        if let made = try await first(sql) { return made }
        if try await find(uid) != nil { throw Fault(.verifierExists) }
        throw Fault(.tooLarge, detail: "there are \(Self.countMax) verifiers")
    }

    /// Throws `.verifierNotFound`, or `.versionConflict` when it was changed since it was read.
    func update(
        _ change: UpdateVerifier, _ settings: VerifierSettings, _ audit: AuditContext
    ) async throws(Fault) -> Verifier {
        let entry = audit.entry(.verifierUpdated, nil)
        let sealed = try settings.sealed(change.uid, sealing)
        let sql: SQL = """
            WITH changed AS (
                UPDATE verification.verifiers v
                SET title = \(change.title), description = \(change.description),
                    issuer = \(settings.issuer), settings = \(sealed?.sealed),
                    settings_key = \(sealed?.keyName), version = v.version + 1
                WHERE v.uid = \(change.uid) AND v.version = \(Int64(clamping: change.version))
                RETURNING v.*
            ),
            \(entry.row(from: "changed"))
            SELECT \(Self.columns) FROM changed v
            """
        if let changed = try await first(sql) { return changed }
        throw try await find(change.uid) == nil
            ? Fault(.verifierNotFound) : Fault(.versionConflict)
    }

    /// Deletes all of them or none; how many authenticators went with them. Throws
    /// `.verifierNotFound` when one is missing, `.verifierHasBindings` when users have bound
    /// them and that was not confirmed.
    func delete(
        _ uids: [VerifierUID], withBindings: Bool, _ audit: AuditContext
    ) async throws(Fault) -> Int {
        let names = Set(uids.map(\.text)).sorted()
        let entry = audit.entry(.verifierDeleted, nil)
        let sql: SQL = """
            WITH wanted AS MATERIALIZED (
                SELECT v.uid FROM verification.verifiers v WHERE v.uid = ANY(\(names)) FOR UPDATE
            ),
            found AS MATERIALIZED (
                SELECT (SELECT count(*) FROM wanted) AS verifiers,
                    (SELECT count(*) FROM verification.authenticators a
                        WHERE a.verifier = ANY(\(names))) AS bindings
            ),
            allowed AS MATERIALIZED (
                SELECT FROM found WHERE found.verifiers = \(names.count)
                    AND (\(withBindings) OR found.bindings = 0)
            ),
            waiting AS (
                DELETE FROM verification.bindings b
                WHERE b.verifier = ANY(\(names)) AND EXISTS (SELECT FROM allowed)
            ),
            bound AS (
                DELETE FROM verification.authenticators a
                WHERE a.verifier = ANY(\(names)) AND EXISTS (SELECT FROM allowed)
                RETURNING a.id
            ),
            gone AS (
                DELETE FROM verification.verifiers v
                WHERE v.uid = ANY(\(names)) AND EXISTS (SELECT FROM allowed)
            ),
            \(entry.row(from: "allowed"))
            SELECT found.verifiers, found.bindings, EXISTS (SELECT FROM allowed),
                (SELECT count(*) FROM bound)
            FROM found
            """
        let (found, bindings, isAllowed, gone) = try await pool.one(sql) {
            (row) throws(PostgresFault) in
            try row.decode(Int.self, Int.self, Bool.self, Int.self)
        }
        if isAllowed { return gone }
        throw found < names.count
            ? Fault(.verifierNotFound)
            : Fault(.verifierHasBindings, detail: "\(bindings) bindings")
    }
}
