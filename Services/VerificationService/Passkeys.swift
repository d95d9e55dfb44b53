import Audit
import Contracts
import Crypto
import Postgres
import WebAuthn
import Wire

/// The passkeys in `verification.authenticators`, and whose handle they bear.
struct Passkeys: Sendable {
    let pool: ConnectionPool
    let sealing: Sealing

    /// What a passkey is found by.
    static func digest(_ credential: CredentialID) -> Bytes {
        Bytes(Digest.sha256(credential.bytes))
    }

    // MARK: Owners

    /// The user's handle, made when it is first asked for.
    func handle(of user: UserID) async throws(Fault) -> UserHandle {
        let fresh = Bytes(try Challenge.fresh().bytes)
        let sql: SQL = """
            INSERT INTO verification.passkey_owners AS o (user_id, handle)
            VALUES (\(user), \(fresh))
            ON CONFLICT (user_id) DO UPDATE SET handle = o.handle
            RETURNING o.handle
            """
        let bytes = try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Bytes.self)
        }
        guard let handle = UserHandle(bytes.array) else {
            throw Fault(.internal, detail: "a stored handle is none")
        }
        return handle
    }

    // MARK: Records

    /// All that a user has bound, disabled ones too.
    func records(of user: UserID) async throws(Fault) -> [PasskeyRecord] {
        let sql: SQL = """
            SELECT a.id, a.sealed FROM verification.authenticators a
            WHERE a.user_id = \(user) AND a.kind = 'passkey' ORDER BY a.bound_at, a.id
            """
        let rows = try await pool.all(sql) { (row) throws(PostgresFault) in
            try row.decode(AuthenticatorID.self, Bytes.self)
        }
        var records: [PasskeyRecord] = []
        for (id, sealed) in rows { records.append(try open(sealed, id, of: user)) }
        return records
    }

    /// One of a user's, and the verifier that it is bound under.
    func record(
        _ id: AuthenticatorID, of user: UserID
    ) async throws(Fault) -> (PasskeyRecord, VerifierUID)? {
        let sql: SQL = """
            SELECT a.sealed, a.verifier FROM verification.authenticators a
            WHERE a.user_id = \(user) AND a.id = \(id) AND a.kind = 'passkey'
            """
        let row = try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(Bytes.self, VerifierUID.self)
        }
        guard let (sealed, verifier) = row else { return nil }
        return (try open(sealed, id, of: user), verifier)
    }

    /// Whose a credential is.
    func find(_ credential: CredentialID) async throws(Fault) -> (UserID, AuthenticatorID)? {
        let sql: SQL = """
            SELECT a.user_id, a.id FROM verification.authenticators a
            WHERE a.credential_digest = \(Self.digest(credential))
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            try row.decode(UserID.self, AuthenticatorID.self)
        }
    }

    func seal(
        _ record: PasskeyRecord, _ id: AuthenticatorID, of user: UserID
    ) throws(Fault) -> SealedValue {
        try sealing.seal(SecretBytes(copying: record.encoded), authenticator: id, of: user)
    }

    func open(
        _ sealed: Bytes, _ id: AuthenticatorID, of user: UserID
    ) throws(Fault) -> PasskeyRecord {
        let plaintext = try sealing.open(sealed, authenticator: id, of: user).revealed()
        guard let record = PasskeyRecord(decoding: plaintext) else {
            throw Fault(.internal, detail: "a stored passkey is none")
        }
        return record
    }

    // MARK: Settling

    /// A right assertion. False where the counter was raised meanwhile by another one, or the try
    /// is not the caller's any more: then nothing is proved. An authenticator without a counter
    /// says zero for ever (WebAuthn §6.1.1).
    func succeed(
        _ attempt: Attempt, _ record: PasskeyRecord, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let sealed = try seal(record, attempt.authenticator, of: attempt.user)
        let count = Int64(record.counter)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            consumed AS (
                UPDATE verification.authenticators a
                SET \(Counting.successAssignments), sign_count = \(count),
                    last_used_at = clock.now, sealed = \(sealed.sealed), key_id = \(sealed.keyName)
                FROM clock
                WHERE \(Counting.settlingCondition(attempt))
                    AND (a.sign_count < \(count) OR a.sign_count = 0 AND \(count) = 0)
                RETURNING a.id
            ),
            \(Counting.deviceSettlement(attempt, Counting.successAssignments, from: "consumed")),
            \(audit.entry(.factorProved, attempt.user).row(from: "consumed"))
            SELECT count(*) FROM consumed
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self) == 1
        }
    }
}

extension Challenge {
    static func fresh() throws(Fault) -> Challenge {
        do throws(CryptoFault) {
            return try random()
        } catch {
            throw error.fault
        }
    }
}
