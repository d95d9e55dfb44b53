import Audit
import Contracts
import Postgres
import RPC
import Wire

/// A user as the gateway knows him. No secret is among it.
struct AccountRecord: Sendable, Equatable {
    let id: UserID
    let userName: String
    let displayName: String
    let email: String?
    let phone: String?
    let locale: String
    let roles: [Role]
    var epoch: Int64
    let disabled: Bool
    let createdAt: Timestamp
    let lastSignInAt: Timestamp?

    var isAdministrator: Bool { roles.contains(.administrator) }

    /// Who is told what happens to the account; nil without an address.
    var notify: NoticeReceiver? {
        email.map { NoticeReceiver(address: $0, locale: locale, displayName: displayName) }
    }

    /// - Parameter standing: Nil where nobody can tell.
    func view(_ standing: FactorStanding?) -> UserView {
        UserView(
            id: id, userName: userName, displayName: displayName, email: email ?? "",
            phone: phone ?? "", locale: locale, roles: roles, disabled: disabled,
            createdAt: createdAt, lastSignInAt: lastSignInAt, boundFactors: standing?.bound,
            locked: standing?.isLocked)
    }
}

/// What a new user is made of; every part has been parsed.
struct NewAccount: Sendable {
    let id: UserID
    let name: UserName
    let displayName: String
    let email: EmailAddress?
    let phone: PhoneNumber?
    let locale: String
    let roles: [Role]
}

/// Why an account was not stored.
enum AccountConflict: Error, Sendable, Equatable {
    case nameTaken, emailTaken, phoneTaken
    case store(PostgresFault)

    init(_ error: PostgresFault) {
        guard case .sqlState(.uniqueViolation, let message) = error else {
            self = .store(error)
            return
        }
        switch message.constraint {
        case "users_name_key_key": self = .nameTaken
        case "users_email_key_key": self = .emailTaken
        case "users_phone_key": self = .phoneTaken
        case _: self = .store(error)
        }
    }

    var fault: Fault {
        switch self {
        case .nameTaken: Fault(.userNameTaken)
        case .emailTaken: Fault(.emailTaken)
        case .phoneTaken: Fault(.phoneTaken)
        case .store(let fault): fault.fault
        }
    }
}

/// `auth.users`.
struct Accounts: Sendable {
    let pool: ConnectionPool

    static let columns: SQL = """
        u.id, u.user_name, u.display_name, u.email, u.phone, u.locale, u.roles, u.epoch,
        u.state <> 'active', u.created_at, u.last_sign_in_at
        """

    /// The active user who signs in so. One statement for names, addresses and numbers, known and
    /// unknown. Each address and number there is somebody answers for: an administrator who wrote
    /// it, or its owner, who has followed a link.
    func find(_ key: SignInKey) async throws(PostgresFault) -> AccountRecord? {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM auth.users u
            WHERE (u.name_key = \(key.text(.name)) OR u.email_key = \(key.text(.email))
                    OR u.phone = \(key.text(.phone)))
                AND u.state = 'active'
            """)
        guard rows.count <= 1 else { throw .decoding("one key of \(rows.count) users") }
        return try rows.first.map { row throws(PostgresFault) in try AccountRecord(row) }
    }

    func get(_ id: UserID) async throws(PostgresFault) -> AccountRecord? {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM auth.users u
            WHERE u.id = \(id) AND u.state <> 'erased'
            """)
        return try rows.first.map { row throws(PostgresFault) in try AccountRecord(row) }
    }

    /// Users in the order of their names, behind `after`, at most `limit`. Of a filter by what
    /// they have bound nothing is known here.
    func page(
        after: String, limit: Int64, search: String, only filter: UserFilter = .everybody
    ) async throws(PostgresFault) -> [AccountRecord] {
        let prefix = Self.likePrefix(search)
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM auth.users u
            WHERE u.name_key > \(after) AND u.state <> 'erased'
                AND (u.name_key LIKE \(prefix) OR u.email_key LIKE \(prefix)
                    OR u.phone LIKE \(prefix))
                AND \(filter.condition)
            ORDER BY u.name_key LIMIT \(limit)
            """)
        var page: [AccountRecord] = []
        for row in rows { page.append(try AccountRecord(row)) }
        return page
    }

    /// - Parameter work: What has to follow before the user is whole.
    func add(
        _ account: NewAccount, awaiting work: Unfinished.Work? = nil, by actor: UserID? = nil,
        audit: AuditEntry
    ) async throws(AccountConflict) -> AccountRecord {
        do throws(PostgresFault) {
            let rows = try await pool.query(
                """
                WITH u AS (
                    INSERT INTO auth.users (id, user_name, name_key, display_name, email,
                        email_key, phone, locale, roles, state)
                    VALUES (\(account.id), \(account.name.text), \(account.name.key),
                        \(account.displayName), \(account.email?.text), \(account.email?.key),
                        \(account.phone?.text), \(account.locale),
                        \(account.roles.map(\.rawValue)), 'active')
                    RETURNING *
                ), \(Unfinished.begun(work, by: actor, from: "u")), \(audit.row(from: "u"))
                SELECT \(Self.columns) FROM u
                """)
            guard let row = rows.first else { throw .decoding("nothing was inserted") }
            return try AccountRecord(row)
        } catch {
            throw AccountConflict(error)
        }
    }

    /// What a change of state did.
    enum StateChange: Sendable {
        case done(AccountRecord)
        case notFound
        case lastAdministrator
    }

    /// Disables or enables a user and raises the epoch, so that nothing begun before works on.
    /// The rows of all active administrators are locked first: of two administrators who disable
    /// each other at once, one stays.
    func setDisabled(
        _ disabled: Bool, _ id: UserID, audit: AuditEntry
    ) async throws(PostgresFault) -> StateChange {
        let state = disabled ? "disabled" : "active"
        let rows = try await pool.query(
            """
            WITH administrators AS (
                SELECT id FROM auth.users
                WHERE state = 'active' AND 'administrator' = ANY (roles)
                ORDER BY id FOR UPDATE
            ), u AS (
                UPDATE auth.users SET state = \(state), epoch = epoch + 1
                WHERE id = \(id) AND state IN ('active', 'disabled') AND (\(!disabled)
                    OR NOT 'administrator' = ANY (roles)
                    OR (SELECT count(*) FROM administrators a WHERE a.id <> \(id)) > 0)
                RETURNING *
            ), \(audit.row(from: "u"))
            SELECT \(Self.columns) FROM u
            """)
        if let row = rows.first { return .done(try AccountRecord(row)) }
        guard let account = try await get(id), account.isAdministrator else { return .notFound }
        return .lastAdministrator
    }

    /// Gives a user these roles and no others, and raises the epoch: what he had begun has the
    /// limits and the obligations of what he was. One active administrator stays. Roles that he
    /// has already change nothing.
    func setRoles(
        _ roles: [Role], of id: UserID, audit: AuditEntry
    ) async throws(PostgresFault) -> StateChange {
        let rows = try await pool.query(
            """
            WITH called AS MATERIALIZED (
                SELECT auth.set_roles(\(id), \(roles.map(\.rawValue))) AS done
            ), changed AS (SELECT \(id)::uuid AS id FROM called WHERE done),
            \(audit.row(from: "changed"))
            SELECT true FROM changed
            """)
        guard let account = try await get(id) else { return .notFound }
        return !rows.isEmpty || account.roles == roles ? .done(account) : .lastAdministrator
    }

    /// How long an administrator has been one who gives the second word on something, so that
    /// nobody makes his own.
    static let standingMin = Duration.seconds(24 * 3600)

    /// Whether an administrator has been one for so long.
    func isStanding(_ id: UserID) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            SELECT roles_since <= clock_timestamp() - \(Self.standingMin)
            FROM auth.users WHERE id = \(id)
            """)
        return try rows.first?.decode(Bool.self) ?? false
    }

    /// What becomes of a password when everything ends.
    enum PasswordChange: Sendable {
        case none
        /// Somebody else may know it: it is replaced at the next sign-in with it.
        case suspected
        case replaced

        fileprivate var isSuspect: SQL {
            switch self {
            case .none: "password_suspect"
            case .suspected: "true"
            case .replaced: "false"
            }
        }
    }

    /// Whether somebody else may know the password, as its owner has said.
    func isPasswordSuspect(_ id: UserID) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            "SELECT password_suspect FROM auth.users WHERE id = \(id)")
        return try rows.first?.decode(Bool.self) ?? false
    }

    /// Raises the epoch: every session and pending sign-in of the user ends with this statement,
    /// but the session `kept` and the browser it was opened on, which go on under the new epoch.
    /// Every other browser is known no more. False when there is no such user.
    ///
    /// `kept` is locked, and read as it is then, only once the user's row is ours: of two calls
    /// at once that keep one session, the second finds it under the epoch that the first made. A
    /// session that the first has ended is not brought back by the second.
    /// - Parameter works: What was begun with the user and is done with this.
    func endEverything(
        of id: UserID, keeping kept: SessionID? = nil, password: PasswordChange = .none,
        finishing works: [Unfinished.Work] = [],
        audit: AuditEntry
    ) async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            WITH u AS (
                UPDATE auth.users SET epoch = epoch + 1, password_suspect = \(password.isSuspect)
                WHERE id = \(id) RETURNING id, epoch
            ), locked AS (
                SELECT s.id, s.user_epoch, s.ended_at FROM u JOIN auth.sessions s
                    ON s.user_id = u.id
                WHERE s.id = \(kept) FOR UPDATE OF s
            ), kept AS (
                UPDATE auth.sessions s SET user_epoch = u.epoch FROM u, locked
                WHERE s.id = locked.id AND locked.user_epoch = u.epoch - 1
                    AND locked.ended_at IS NULL
                RETURNING s.user_id, s.user_epoch, s.device_id
            ), \(KnownDevices.keep(from: "kept")), \(Unfinished.ended(works, from: "u")),
            \(audit.row(from: "u"))
            SELECT true FROM u
            """)
        return !rows.isEmpty
    }

    /// Administrators who are not disabled, at most `limit`.
    func administrators(limit: Int64) async throws(PostgresFault) -> [AccountRecord] {
        let rows = try await pool.query(
            """
            SELECT \(Self.columns) FROM auth.users u
            WHERE u.state = 'active' AND 'administrator' = ANY (u.roles)
            ORDER BY u.last_sign_in_at DESC NULLS LAST, u.id LIMIT \(limit)
            """)
        var found: [AccountRecord] = []
        for row in rows { found.append(try AccountRecord(row)) }
        return found
    }

    /// All who are, or would be again if they were enabled, administrators, at most `limit`.
    func everyAdministrator(limit: Int64) async throws(PostgresFault) -> [UserID] {
        let rows = try await pool.query(
            """
            SELECT id FROM auth.users WHERE 'administrator' = ANY (roles)
            ORDER BY created_at, id LIMIT \(limit)
            """)
        var found: [UserID] = []
        for row in rows { found.append(try row.decode(UserID.self)) }
        return found
    }

    /// True when there is an administrator who is not disabled.
    func hasAdministrator() async throws(PostgresFault) -> Bool {
        let rows = try await pool.query(
            """
            SELECT EXISTS (SELECT FROM auth.users
                WHERE state = 'active' AND 'administrator' = ANY (roles))
            """)
        guard let row = rows.first else { throw .decoding("no row of EXISTS") }
        return try row.decode(Bool.self)
    }

    /// `text` as a LIKE pattern for what begins with it.
    private static func likePrefix(_ text: String) -> String {
        var pattern = ""
        for character in text.unicodeScalars {
            if character == "%" || character == "_" || character == "\\" { pattern += "\\" }
            pattern.unicodeScalars.append(character)
        }
        return pattern + "%"
    }
}

extension AccountRecord {
    init(_ row: Row) throws(PostgresFault) {
        let (
            id, userName, displayName, email, phone, locale, roles, epoch, disabled, createdAt,
            lastSignInAt
        ) = try row.decode(
            UserID.self, String.self, String.self, String?.self, String?.self, String.self,
            [String].self, Int64.self, Bool.self, Timestamp.self, Timestamp?.self)
        self.init(
            id: id, userName: userName, displayName: displayName, email: email, phone: phone,
            locale: locale, roles: roles.compactMap(Role.init), epoch: epoch, disabled: disabled,
            createdAt: createdAt, lastSignInAt: lastSignInAt)
    }
}
