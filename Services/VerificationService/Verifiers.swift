import Audit
import Contracts
import Postgres
import Wire

/// `verification.verifiers`: what administrators set up, each with the number of its bindings.
struct Verifiers: Sendable {
    let pool: ConnectionPool

    /// As many as a list returns and a policy names.
    static let countMax = 64

    /// The columns `view` takes but for the count, of a row called `v`.
    static let columns: SQL = "v.uid, v.type, v.title, v.description, v.issuer, v.version"

    static func view(
        _ uid: VerifierUID, _ type: VerifierType, _ title: String, _ description: String,
        _ issuer: String, bindings: Int64, version: Int64
    ) -> VerifierView {
        VerifierView(
            uid: uid, type: type, title: title, description: description,
            totp: TOTPSettings(issuer: issuer), bindings: UInt32(clamping: bindings),
            version: UInt64(clamping: version))
    }

    private static func view(_ row: Row) throws(PostgresFault) -> VerifierView {
        let (uid, type, title, description, issuer, version, bindings) = try row.decode(
            VerifierUID.self, VerifierType.self, String.self, String.self, String.self,
            Int64.self, Int64.self)
        return view(uid, type, title, description, issuer, bindings: bindings, version: version)
    }

    private static let bindings: SQL = """
        (SELECT count(*) FROM verification.authenticators a WHERE a.verifier = v.uid)
        """

    func list() async throws(Fault) -> [VerifierView] {
        let sql: SQL = """
            SELECT \(Self.columns), \(Self.bindings)
            FROM verification.verifiers v ORDER BY v.uid COLLATE "C"
            """
        return try await pool.all(sql, Self.view)
    }

    func find(_ uid: VerifierUID) async throws(Fault) -> VerifierView? {
        let sql: SQL = """
            SELECT \(Self.columns), \(Self.bindings)
            FROM verification.verifiers v WHERE v.uid = \(uid)
            """
        return try await pool.atMostOne(sql, Self.view)
    }

    /// Throws `.verifierExists`, or `.tooLarge` when there are as many as may be.
    func create(
        _ uid: VerifierUID, _ new: CreateVerifier, _ audit: AuditContext
    ) async throws(Fault) -> VerifierView {
        let entry = audit.entry(.verifierCreated, nil)
        let sql: SQL = """
            WITH made AS (
                INSERT INTO verification.verifiers AS v (uid, type, title, description, issuer)
                SELECT \(uid), \(new.type), \(new.title), \(new.description),
                    \(new.totp?.issuer ?? "")
                WHERE (SELECT count(*) FROM verification.verifiers) < \(Self.countMax)
                ON CONFLICT (uid) DO NOTHING
                RETURNING \(Self.columns)
            ),
            \(entry.row(from: "made", details: "jsonb_build_object('verifier', made.uid)"))
            SELECT made.*, 0::bigint FROM made
            """
        if let made = try await pool.atMostOne(sql, Self.view) { return made }
        if try await find(uid) != nil { throw Fault(.verifierExists) }
        throw Fault(.tooLarge, detail: "there are \(Self.countMax) verifiers")
    }

    /// Throws `.verifierNotFound`, or `.versionConflict` when it was changed since it was read.
    func update(_ change: UpdateVerifier, _ audit: AuditContext) async throws(Fault) -> VerifierView
    {
        let entry = audit.entry(.verifierUpdated, nil)
        let sql: SQL = """
            WITH changed AS (
                UPDATE verification.verifiers v
                SET title = \(change.title), description = \(change.description),
                    issuer = \(change.totp?.issuer ?? ""), version = v.version + 1
                WHERE v.uid = \(change.uid) AND v.version = \(Int64(clamping: change.version))
                RETURNING \(Self.columns)
            ),
            \(entry.row(from: "changed"))
            SELECT \(Self.columns), \(Self.bindings) FROM changed v
            """
        if let changed = try await pool.atMostOne(sql, Self.view) { return changed }
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
