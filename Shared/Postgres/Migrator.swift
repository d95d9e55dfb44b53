import Reactor
import Wire

/// Brings a service's schema to the newest of its migrations: forward only, each file in one
/// transaction, one migrator at a time however many start, under the owner's role. A service
/// itself never migrates: it asks `requireCurrent` at start under its own, lesser role.
///
/// The digest of each applied file is kept, computed by the server (`sha256`), so that an edited
/// file is found.
package struct Migrator: Sendable {
    private let migrations: [Migration]
    private let dialer: Dialer
    private let schema: String

    /// Time for one file, and for waiting until another migrator is done.
    private static let timeMax = Duration.seconds(600)

    /// - Parameters:
    ///   - settings: With the role that owns the schema, `dubbelslot_auth_owner` for `auth`.
    package init(
        migrations: [Migration], loop: EventLoop, settings: ConnectionSettings, resolver: Resolver
    ) {
        self.migrations = migrations
        schema = settings.schema
        var patient = settings
        patient.statementTimeout = Self.timeMax
        patient.idleInTransactionTimeout = Self.timeMax
        patient.lockTimeout = .seconds(10)
        dialer = Dialer(settings: patient, loop: loop, resolver: resolver)
    }

    /// Applies what is missing and returns the titles of what was applied now. On the loop.
    package func migrate() async throws(MigrationFault) -> [String] {
        let result: Result<[String], MigrationFault>
        do throws(PostgresFault) {
            let connection = try await dialer.connect()
            defer { connection.close("migrated") }
            result = try await migrate(connection)
        } catch {
            throw .database(error)
        }
        return try result.get()
    }

    /// Throws unless exactly the known migrations are applied. On the pool's loop.
    package static func requireCurrent(
        _ migrations: [Migration], _ pool: ConnectionPool
    ) async throws(MigrationFault) {
        let places: [Place]
        do throws(PostgresFault) {
            places = try await pool.query(comparison(migrations, pool.settings.schema))
                .map(Place.init)
        } catch .sqlState(.undefinedTable, _) {
            throw .pending(migrations.map(\.title))
        } catch {
            throw .database(error)
        }
        let pending = try judge(migrations, places)
        guard pending.isEmpty else { throw .pending(pending.map(\.title)) }
    }

    // MARK: Steps

    private func migrate(
        _ connection: Connection
    ) async throws(PostgresFault) -> Result<[String], MigrationFault> {
        try await lock(connection)
        try await makeTable(connection)
        let rows = try await query(connection, Self.comparison(migrations, schema))
        let places = try rows.map(Place.init)
        let pending: [Migration]
        do throws(MigrationFault) {
            pending = try Self.judge(migrations, places)
        } catch {
            return .failure(error)
        }
        for migration in pending {
            do throws(PostgresFault) {
                guard try await apply(migration, connection) else {
                    return .failure(.endsTransaction(migration.title))
                }
            } catch {
                return .failure(.failed(migration.title, error))
            }
        }
        return .success(pending.map(\.title))
    }

    /// A lock of the session, gone with the connection. Asked for again and again rather than
    /// waited for, so that no server-side timeout cuts in.
    private func lock(_ connection: Connection) async throws(PostgresFault) {
        let end = dialer.loop.now + Self.timeMax
        let name = "dubbelslot migration of \(schema)"
        while ContinuousClock.now < end {
            let rows = try await query(
                connection, "SELECT pg_try_advisory_lock(hashtextextended(\(name), 0))")
            if try rows.first?.decode(Bool.self) ?? false { return }
            guard await dialer.loop.sleepWhole(.milliseconds(50)) else { break }
        }
        throw .unavailable("another migration goes on")
    }

    /// The table of what is applied. The service's role may read it, for `requireCurrent`.
    private func makeTable(_ connection: Connection) async throws(PostgresFault) {
        let found = try await query(
            connection,
            """
            SELECT to_regnamespace(\(schema)) IS NOT NULL,
                to_regclass(\(schema + ".migration")) IS NOT NULL,
                to_regrole(\("dubbelslot_" + schema)) IS NOT NULL
            """)
        guard let row = found.first else { throw .decoding("no row") }
        let (hasSchema, hasTable, hasRole) = try row.decode(Bool.self, Bool.self, Bool.self)
        guard !hasTable else { return }
        var script = hasSchema ? "" : "CREATE SCHEMA \(schema);"
        script += """
            CREATE TABLE \(schema).migration (
                number bigint PRIMARY KEY CHECK (number > 0),
                name text NOT NULL,
                digest bytea NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
            );
            """
        if hasRole {
            script += "GRANT USAGE ON SCHEMA \(schema) TO dubbelslot_\(schema);"
            script += "GRANT SELECT ON \(schema).migration TO dubbelslot_\(schema);"
        }
        _ = try await connection.run(script: script)
    }

    /// False when the file did not leave the transaction as it found it.
    private func apply(
        _ migration: Migration, _ connection: Connection
    ) async throws(PostgresFault) -> Bool {
        let transaction: SQL = "SELECT pg_current_xact_id()::text"
        _ = try await connection.run(script: "BEGIN")
        let before = try await query(connection, transaction).first?.decode(String.self)
        _ = try await connection.run(
            script: String(decoding: migration.text.array, as: UTF8.self))
        let after = try await query(connection, transaction).first?.decode(String.self)
        guard before == after else { return false }
        _ = try await query(
            connection,
            """
            INSERT INTO \(unsafe: schema).migration (number, name, digest)
            VALUES (\(migration.number), \(migration.name), sha256(\(migration.text)))
            """)
        let end = try await connection.run(script: "COMMIT")
        return end.command == "COMMIT"
    }

    private func query(_ connection: Connection, _ sql: SQL) async throws(PostgresFault) -> [Row] {
        try await connection.query(sql, expires: dialer.loop.now + Self.timeMax)
    }

    // MARK: Judging

    /// One number in the folder, in the database, or in both.
    struct Place: Equatable {
        let number: Int
        let name: String
        let isKnown: Bool
        let isApplied: Bool
        let isSame: Bool
    }

    private static func comparison(_ migrations: [Migration], _ schema: String) -> SQL {
        """
        SELECT number, coalesce(file.name, applied.name), file.name IS NOT NULL,
            applied.name IS NOT NULL,
            coalesce(file.name = applied.name AND sha256(file.body) = applied.digest, false)
        FROM unnest(\(migrations.map(\.number)), \(migrations.map(\.name)),
            \(migrations.map(\.text))) AS file (number, name, body)
        FULL JOIN \(unsafe: schema).migration AS applied USING (number)
        ORDER BY number
        """
    }

    /// The migrations to apply, in order.
    static func judge(
        _ migrations: [Migration], _ places: [Place]
    ) throws(MigrationFault) -> [Migration] {
        let last = places.last { $0.isApplied }?.number ?? 0
        for place in places {
            let title = Migration.title(place.number, place.name)
            switch (place.isKnown, place.isApplied) {
            case (false, _): throw .newer(title)
            case (true, true) where !place.isSame: throw .changed(title)
            case (true, false) where place.number < last: throw .outOfOrder(title)
            case (true, _): continue
            }
        }
        return migrations.filter { $0.number > last }
    }
}

extension Migrator.Place {
    init(_ row: Row) throws(PostgresFault) {
        (number, name, isKnown, isApplied, isSame) = try row.decode(
            Int.self, String.self, Bool.self, Bool.self, Bool.self)
    }
}
