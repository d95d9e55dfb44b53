import Audit
import Contracts
import Crypto
import Postgres
import Wire

/// One row of a file that may become a user.
struct ImportRow: Sendable {
    let line: Int
    let user: ImportedUser
    let id: UserID

    init(line: Int, _ user: ImportedUser) {
        self.line = line
        self.user = user
        id = .imported(user.name)
    }
}

extension UserID {
    /// Of the user who is imported under a name: always the same, so that a file that is read
    /// again finds those whom it has brought already, in every service.
    static func imported(_ name: UserName) -> UserID {
        let digest = Digest.sha256(Array("dubbelslot imported \(name.key)".utf8))
        return UserID(random: digest.prefix(16))!
    }
}

/// How a row stands to the users there are.
enum ImportStanding: Sendable, Equatable {
    case free
    /// Its user was imported before.
    case present
    /// Somebody else has it.
    case taken(ImportedField)
}

/// Users are imported in batches, each by one statement.
extension Accounts {
    /// In the order of the rows.
    func standings(of rows: [ImportRow]) async throws(PostgresFault) -> [ImportStanding] {
        let sql: SQL = """
            SELECT EXISTS (SELECT FROM auth.users u WHERE u.id = g.id AND u.state <> 'erased'
                    AND u.email_key IS NOT DISTINCT FROM g.email_key
                    AND u.phone IS NOT DISTINCT FROM g.phone),
                EXISTS (SELECT FROM auth.users u WHERE u.name_key = g.name_key OR u.id = g.id),
                EXISTS (SELECT FROM auth.users u WHERE u.email_key = g.email_key),
                EXISTS (SELECT FROM auth.users u WHERE u.phone = g.phone)
            FROM unnest(\(rows.map(\.id)), \(rows.map(\.user.name.key)),
                \(rows.map(\.user.email?.key)), \(rows.map(\.user.phone?.text)))
                WITH ORDINALITY AS g (id, name_key, email_key, phone, place)
            ORDER BY g.place
            """
        var standings: [ImportStanding] = []
        for row in try await pool.query(sql) {
            let (isPresent, name, email, phone) = try row.decode(
                Bool.self, Bool.self, Bool.self, Bool.self)
            if isPresent {
                standings.append(.present)
            } else if name {
                standings.append(.taken(.userName))
            } else if email {
                standings.append(.taken(.email))
            } else if phone {
                standings.append(.taken(.phone))
            } else {
                standings.append(.free)
            }
        }
        guard standings.count == rows.count else { throw .decoding("rows were left out") }
        return standings
    }

    /// Adds those whose name, address and number are free still; who was added now.
    func add(
        _ rows: [ImportRow], defaultLocale: String, audit: AuditEntry
    ) async throws(PostgresFault) -> Set<UserID> {
        let roles = rows.map { $0.user.roles.map(\.rawValue).joined(separator: ",") }
        let sql: SQL = """
            WITH u AS (
                INSERT INTO auth.users (id, user_name, name_key, display_name, email, email_key,
                    phone, locale, roles, state)
                SELECT g.id, g.user_name, g.name_key, g.display_name, g.email, g.email_key,
                    g.phone, g.locale, string_to_array(g.roles, ','), 'active'
                FROM unnest(\(rows.map(\.id)), \(rows.map(\.user.name.text)),
                    \(rows.map(\.user.name.key)), \(rows.map(\.user.displayName.text)),
                    \(rows.map(\.user.email?.text)), \(rows.map(\.user.email?.key)),
                    \(rows.map(\.user.phone?.text)),
                    \(rows.map { $0.user.locale?.text ?? defaultLocale }), \(roles))
                    AS g (id, user_name, name_key, display_name, email, email_key, phone, locale,
                        roles)
                ORDER BY g.id
                ON CONFLICT DO NOTHING
                RETURNING id
            ), \(audit.row(from: "u", subject: "u.id"))
            SELECT id FROM u
            """
        var added: Set<UserID> = []
        for row in try await pool.query(sql) { added.insert(try row.decode(UserID.self)) }
        return added
    }
}
