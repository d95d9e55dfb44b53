import Audit
import Contracts
import Postgres
import Wire

/// `verification.imports`: of whom what he brought from another system has been taken, once.
struct Imports: Sendable {
    let pool: ConnectionPool

    /// What one user brings, sealed for its rows.
    struct Brought: Sendable {
        let user: UserID
        let passwordID: AuthenticatorID
        let password: SealedValue?
        let factors: [Factor]
    }

    struct Factor: Sendable {
        let id: AuthenticatorID
        let verifier: VerifierUID
        let type: VerifierType
        let sealed: SealedValue
        /// As in the column: empty for what is usual.
        let parameters: String
        /// The counter that counts as used; nil for none.
        let lastStep: Int64?
    }

    struct Taken: Sendable {
        let passwordSet: Bool
        let bound: Int
    }

    /// Throws `.verifierNotFound` unless there are all of them, of these types.
    func require(_ wanted: [VerifierUID: VerifierType]) async throws(Fault) {
        guard !wanted.isEmpty else { return }
        let sql: SQL = """
            SELECT count(*) FROM unnest(\(wanted.keys.map(\.text)),
                \(wanted.values.map(\.rawValue))) AS w (uid, type)
            JOIN verification.verifiers v ON v.uid = w.uid AND v.type = w.type
            """
        let found = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self)
        }
        guard found == wanted.count else { throw Fault(.verifierNotFound) }
    }

    /// Takes all that of these users was not taken before, in one statement. Nothing is replaced:
    /// a password stays (but what stands in for one, where somebody tried the name), and where a
    /// second factor is bound no other one is put beside it. Whoever was taken before is not in
    /// the answer.
    func take(_ users: [Brought], _ audit: AuditContext) async throws(Fault) -> [UserID: Taken] {
        let entry = audit.entry(.authenticatorsImported, nil)
        let details: SQL =
            "jsonb_build_object('password', decision.has_password, 'bound', decision.bound)"
        let sql: SQL = """
            WITH given AS (\(Self.passwords(users))),
            taken AS (
                INSERT INTO verification.imports AS i (user_id)
                SELECT given.user_id FROM given ORDER BY given.user_id
                ON CONFLICT (user_id) DO NOTHING
                RETURNING i.user_id
            ),
            passwords AS (
                INSERT INTO verification.authenticators AS a (user_id, id, kind, sealed, key_id)
                SELECT given.user_id, given.id, 'password', given.sealed, given.key_id
                FROM given JOIN taken USING (user_id) WHERE given.sealed IS NOT NULL
                ON CONFLICT (user_id) WHERE kind = 'password'
                DO UPDATE SET id = EXCLUDED.id, sealed = EXCLUDED.sealed,
                    key_id = EXCLUDED.key_id, \(Passwords.freshAssignments)
                WHERE a.sealed IS NULL
                RETURNING a.user_id
            ),
            factors AS (
                INSERT INTO verification.authenticators AS a
                    (user_id, id, kind, verifier, sealed, key_id, parameters, last_step)
                SELECT f.* FROM (\(Self.factors(users))) AS f JOIN taken USING (user_id)
                WHERE NOT EXISTS (SELECT FROM verification.authenticators b
                    WHERE b.user_id = f.user_id AND b.kind <> 'password')
                RETURNING a.user_id
            ),
            bound AS (SELECT factors.user_id, count(*) AS count FROM factors GROUP BY 1),
            decision AS (
                SELECT taken.user_id, passwords.user_id IS NOT NULL AS has_password,
                    COALESCE(bound.count, 0) AS bound
                FROM taken LEFT JOIN passwords USING (user_id) LEFT JOIN bound USING (user_id)
            ),
            \(entry.row(from: "decision", subject: "decision.user_id", details: details))
            SELECT user_id, has_password, bound FROM decision
            """
        let rows = try await pool.all(sql) { (row) throws(PostgresFault) in
            let (user, passwordSet, bound) = try row.decode(UserID.self, Bool.self, Int.self)
            return (user, Taken(passwordSet: passwordSet, bound: bound))
        }
        return Dictionary(rows) { first, _ in first }
    }

    private static func passwords(_ users: [Brought]) -> SQL {
        """
        SELECT * FROM unnest(\(users.map(\.user)), \(users.map(\.passwordID)),
            \(users.map(\.password?.sealed)), \(users.map(\.password?.keyName)))
            AS g (user_id, id, sealed, key_id)
        """
    }

    private static func factors(_ users: [Brought]) -> SQL {
        let rows = users.flatMap { user in user.factors.map { (user.user, $0) } }
        return """
            SELECT * FROM unnest(\(rows.map(\.0)), \(rows.map(\.1.id)),
                \(rows.map(\.1.type.rawValue)), \(rows.map(\.1.verifier.text)),
                \(rows.map(\.1.sealed.sealed)), \(rows.map(\.1.sealed.keyName)),
                \(rows.map(\.1.parameters)), \(rows.map(\.1.lastStep)))
                AS g (user_id, id, kind, verifier, sealed, key_id, parameters, last_step)
            """
    }
}
