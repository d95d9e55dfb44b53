import Fixtures
import Foundation
import Postgres
import Reactor
import Testing
import Wire

struct MigratorTests {
    private let folder = TemporaryFolder("migrations")
    private let cluster: PostgresCluster
    private let database: String

    init() throws {
        cluster = try PostgresCluster.shared()
        database = try cluster.makeServiceDatabase()
        try folder.write(
            "0001_things.sql", "CREATE TABLE thing (n int); INSERT INTO thing VALUES (1);")
        try folder.write(
            "0002_more.sql",
            """
            -- Two statements and a body with semicolons.
            ALTER TABLE thing ADD COLUMN name text;
            CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$;
            GRANT SELECT ON thing TO dubbelslot_auth;
            """)
    }

    private func settings(_ user: String) throws -> ConnectionSettings {
        try ConnectionSettings(
            connection: cluster.connection(database: database, user: user), schema: "auth",
            application: "tests")
    }

    private func migrate() async throws -> [String] {
        let settings = try settings("dubbelslot_auth_owner")
        let migrations = try Migration.read(folder: folder.path)
        return try await withLoop { loop, resolver in
            let migrator = Migrator(
                migrations: migrations, loop: loop, settings: settings, resolver: resolver)
            return try await migrator.migrate()
        }
    }

    private func requireCurrent() async throws {
        let settings = try settings("dubbelslot_auth")
        let migrations = try Migration.read(folder: folder.path)
        try await withLoop { loop, resolver in
            let pool = ConnectionPool(loop: loop, settings: settings, resolver: resolver)
            try await pool.start()
            let result: Result<Void, MigrationFault>
            do throws(MigrationFault) {
                result = .success(try await Migrator.requireCurrent(migrations, pool))
            } catch {
                result = .failure(error)
            }
            await pool.close()
            try result.get()
        }
    }

    @Test func `files are applied once, in order, and the service sees its schema`() async throws {
        await #expect(throws: MigrationFault.pending(["0001_things", "0002_more"])) {
            try await requireCurrent()
        }
        #expect(try await migrate() == ["0001_things", "0002_more"])
        #expect(try await migrate() == [])
        try await requireCurrent()
        try folder.write("0003_last.sql", "CREATE TABLE last (n int)")
        await #expect(throws: MigrationFault.pending(["0003_last"])) { try await requireCurrent() }
        #expect(try await migrate() == ["0003_last"])
        try await requireCurrent()
        #expect(try cluster.run("SELECT n FROM auth.thing", database: database) == "1")
    }

    @Test func `several migrators at once apply each file once`() async throws {
        let applied = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<4 { group.addTask { try await migrate() } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(applied.sorted() == ["0001_things", "0002_more"])
        try await requireCurrent()
    }

    @Test func `an edited or renamed file is refused`() async throws {
        _ = try await migrate()
        try folder.write("0001_things.sql", "CREATE TABLE thing (n int); -- harmless")
        await #expect(throws: MigrationFault.changed("0001_things")) { _ = try await migrate() }
        await #expect(throws: MigrationFault.changed("0001_things")) { try await requireCurrent() }
    }

    @Test func `D-13 a schema newer than the program is refused`() async throws {
        try folder.write("0003_last.sql", "CREATE TABLE last (n int)")
        _ = try await migrate()
        try folder.write("0003_last.sql", "").removeFile()
        await #expect(throws: MigrationFault.newer("0003_last")) { _ = try await migrate() }
        await #expect(throws: MigrationFault.newer("0003_last")) { try await requireCurrent() }
    }

    @Test func `a failing file leaves nothing and those before it stay`() async throws {
        try folder.write("0003_bad.sql", "CREATE TABLE half (n int); SELECT 1 / 0;")
        let fault = await #expect(throws: MigrationFault.self) { _ = try await migrate() }
        guard case .failed("0003_bad", _)? = fault else { throw try #require(fault) }
        #expect(
            try cluster.run("SELECT to_regclass('auth.half') IS NULL", database: database) == "t")
        #expect(
            try cluster.run("SELECT max(number) FROM auth.migration", database: database) == "2")
        try folder.write("0003_bad.sql", "CREATE TABLE whole (n int)")
        #expect(try await migrate() == ["0003_bad"])
    }

    @Test func `a file that ends its transaction is refused`() async throws {
        for text in ["COMMIT", "COMMIT; BEGIN", "ROLLBACK; BEGIN", "COMMIT AND CHAIN"] {
            try folder.write("0003_sly.sql", "CREATE TABLE IF NOT EXISTS sly (n int); \(text);")
            let fault = await #expect(throws: MigrationFault.self) { _ = try await migrate() }
            guard case .endsTransaction("0003_sly")? = fault else { throw try #require(fault) }
        }
    }

    @Test func `a folder with anything else in it is refused`() throws {
        for name in [
            "1_a.sql", "0003_A.sql", "0003-a.sql", "0003_a.txt", "0004_gap.sql", "0002_twice.sql",
        ] {
            let path = try folder.write(name, "SELECT 1")
            #expect(throws: MigrationFault.self) { try Migration.read(folder: folder.path) }
            path.removeFile()
        }
        #expect(throws: MigrationFault.self) { try Migration.read(folder: folder.path + "/none") }
        #expect(
            try Migration.read(folder: folder.path).map(\.title) == ["0001_things", "0002_more"])
    }

    @Test func `the service's role can change neither schema nor history`() async throws {
        _ = try await migrate()
        let settings = try settings("dubbelslot_auth")
        try await withLoop { loop, resolver in
            let pool = ConnectionPool(loop: loop, settings: settings, resolver: resolver)
            try await pool.start()
            let forbidden: [SQL] = [
                "CREATE TABLE auth.t (n int)", "CREATE TABLE public.t (n int)",
                "CREATE TEMP TABLE t (n int)", "CREATE SCHEMA s", "DROP TABLE auth.thing",
                "DELETE FROM auth.migration", "UPDATE auth.migration SET digest = ''",
                "TRUNCATE auth.thing", "INSERT INTO auth.thing VALUES (1)", "SELECT auth.f()",
                "SET ROLE dubbelslot_auth_owner", "CREATE ROLE r",
                "COPY auth.thing TO PROGRAM 'true'",
                "SELECT 1 FROM verification.anything", "SELECT rolpassword FROM pg_authid",
            ]
            for sql in forbidden {
                do throws(PostgresFault) {
                    _ = try await pool.query(sql)
                    Issue.record("allowed: \(sql)")
                } catch .sqlState(.insufficientPrivilege, _) {
                } catch {
                    Issue.record(error, "\(sql)")
                }
            }
            #expect(try await pool.query("SELECT n FROM thing").count == 1)
            await pool.close()
        }
    }
}

extension String {
    fileprivate func removeFile() { unlink(self) }
}
