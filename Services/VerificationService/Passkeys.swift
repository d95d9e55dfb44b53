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

    /// A passkey that was looked for by what it says of itself.
    struct Found: Sendable {
        let user: UserID
        let authenticator: AuthenticatorID
        let sealed: Bytes
        let signCount: UInt32
        let isDisabled: Bool
    }

    func find(_ credential: CredentialID) async throws(Fault) -> Found? {
        let sql: SQL = """
            SELECT a.user_id, a.id, a.sealed, a.sign_count, a.state = 'disabled'
            FROM verification.authenticators a
            WHERE a.credential_digest = \(Self.digest(credential))
            """
        return try await pool.atMostOne(sql) { (row) throws(PostgresFault) in
            let (user, id, sealed, signCount, isDisabled) = try row.decode(
                UserID.self, AuthenticatorID.self, Bytes.self, Int64.self, Bool.self)
            return Found(
                user: user, authenticator: id, sealed: sealed,
                signCount: UInt32(clamping: signCount), isDisabled: isDisabled)
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

    /// - Parameter signCount: Of the row, which is to be that of the record.
    func open(
        _ sealed: Bytes, _ id: AuthenticatorID, of user: UserID, signCount: UInt32
    ) throws(Fault) -> PasskeyRecord {
        let record = try open(sealed, id, of: user)
        guard record.counter == signCount else {
            throw Fault(.internal, detail: "a signature counter is not the sealed one")
        }
        return record
    }

    // MARK: Settling

    /// A right assertion. False where the counter was raised meanwhile by another one, or the try
    /// is not the caller's any more: then nothing is proved. An authenticator without a counter
    /// says zero for ever (WebAuthn §6.1.1).
    func succeed(
        _ attempt: Attempt, _ record: PasskeyRecord, from origin: ProofOrigin?,
        _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let sealed = try seal(record, attempt.authenticator, of: attempt.user)
        let count = Int64(record.counter)
        let sql: SQL = """
            WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
            consumed AS (
                UPDATE verification.authenticators a
                SET \(Counting.successAssignments), sign_count = \(count),
                    \(SecondFactors.lastUse(origin, at: "clock.now")),
                    sealed = \(sealed.sealed), key_id = \(sealed.keyName)
                FROM clock
                WHERE \(Counting.settlingCondition(attempt)) AND \(Self.isGrown(to: count))
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

    /// A right signature whose counter has not grown: two may hold the key (WebAuthn §6.1.1), and
    /// nobody can tell which of them is the owner's. So it is disabled until it is bound anew, and
    /// its owner is told, once. False where it was disabled or gone before.
    /// - Parameters:
    ///   - attempt: The try that was counted, which is settled without a failure; nil for one
    ///     alone.
    ///   - count: The counter that it has to stand at by now; nil for whatever it is.
    func disableCopied(
        _ user: UserID, _ id: AuthenticatorID, _ attempt: Attempt?, standingAt count: UInt32?,
        telling queued: Outbox.Queued, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let mine: SQL = attempt.map { Counting.settlingCondition($0) } ?? "true"
        let released: SQL = attempt == nil ? "" : ", \(Counting.releaseAssignments)"
        let device: SQL =
            attempt.map {
                Counting.deviceSettlement($0, Counting.releaseAssignments, from: "disabled")
            } ?? "device AS (SELECT FROM disabled)"
        let count = count.map { Int64($0) }
        let sql: SQL = """
            WITH disabled AS (
                UPDATE verification.authenticators a SET state = 'disabled'\(released)
                WHERE a.user_id = \(user) AND a.id = \(id) AND a.state = 'active' AND \(mine)
                    AND (\(count) IS NULL OR a.sign_count = \(count))
                RETURNING a.id
            ),
            \(device),
            \(queued.row(from: "disabled")),
            \(audit.entry(.passkeyCounterRegressed, user).row(from: "disabled"))
            SELECT count(*) FROM disabled
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self) == 1
        }
    }

    private static func isGrown(to count: Int64) -> SQL {
        "(a.sign_count < \(count) OR a.sign_count = 0 AND \(count) = 0)"
    }

    // MARK: Alone

    /// The same without a try that was counted. False, too, where it is disabled or gone by now.
    func succeedAlone(
        _ found: Found, _ record: PasskeyRecord, from origin: ProofOrigin?, _ audit: AuditContext
    ) async throws(Fault) -> Bool {
        let sealed = try seal(record, found.authenticator, of: found.user)
        let count = Int64(record.counter)
        let sql: SQL = """
            WITH consumed AS (
                UPDATE verification.authenticators a
                SET failed = 0, delayed_until = NULL, sign_count = \(count),
                    \(SecondFactors.lastUse(origin, at: "clock_timestamp()")),
                    sealed = \(sealed.sealed), key_id = \(sealed.keyName)
                WHERE a.user_id = \(found.user) AND a.id = \(found.authenticator)
                    AND a.state = 'active' AND \(Self.isGrown(to: count))
                RETURNING a.id
            ),
            \(audit.entry(.factorProved, found.user).row(from: "consumed"))
            SELECT count(*) FROM consumed
            """
        return try await pool.one(sql) { (row) throws(PostgresFault) in
            try row.decode(Int.self) == 1
        }
    }

    /// Records a try that proved nothing and counts nowhere.
    func refused(_ found: Found, _ audit: AuditContext) async throws(Fault) {
        let sql: SQL = """
            WITH refusal AS (SELECT 1),
            \(audit.entry(.factorRefused, found.user).row(from: "refusal"))
            SELECT FROM refusal
            """
        do throws(PostgresFault) {
            try await pool.execute(sql)
        } catch {
            throw error.fault
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
