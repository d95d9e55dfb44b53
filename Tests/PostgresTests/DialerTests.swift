import Fixtures
import Foundation
import Postgres
import Reactor
import Testing
import Wire

struct DialerTests {
    private func connect(
        _ connection: String, password: String? = nil
    ) async throws -> String {
        var settings = try ConnectionSettings(
            connection: connection, password: password.map(Bytes.init(utf8:)), schema: "auth",
            application: "tests")
        settings.connectTimeout = .milliseconds(500)
        return try await withLoop { [settings] loop, resolver in
            let pool = ConnectionPool(loop: loop, settings: settings, resolver: resolver)
            do throws(PostgresFault) {
                try await pool.start()
                let row = try await pool.query("SELECT current_user::text")[0]
                let user = try row.decode(String.self)
                await pool.close()
                return user
            } catch {
                await pool.close()
                throw error
            }
        }
    }

    @Test func `a host name is resolved beside the loop, and the password is a secret`()
        async throws
    {
        let cluster = try PostgresCluster.shared()
        let database = try cluster.makeServiceDatabase()
        let place = "host=localhost port=\(cluster.port) dbname=\(database) user=dubbelslot_auth"
        #expect(try await connect(place, password: PostgresCluster.password) == "dubbelslot_auth")
        let fault = await #expect(throws: PostgresFault.self) {
            _ = try await connect(place, password: "wrong-secret")
        }
        #expect(try #require(fault).detail.contains("password authentication failed"))
        #expect(try !#require(fault).detail.contains("wrong-secret"))
    }

    @Test func `the next host is tried when one is away or silent`() async throws {
        let cluster = try PostgresCluster.shared()
        let database = try cluster.makeDatabase()
        let silent = try SilentServer()
        let hosts = "host=127.0.0.1,127.0.0.1,\(cluster.socketFolder)"
        let ports = "port=\(FreePort.take()),\(silent.port),\(cluster.port)"
        let user = try await connect(
            "\(hosts) \(ports) dbname=\(database) user=postgres sslmode=disable")
        #expect(user == "postgres")
    }

    /// A standby, which may lag behind, tells that it only reads; so does this database.
    @Test func `S-12 a server that only reads is not asked`() async throws {
        let cluster = try PostgresCluster.shared()
        let database = try cluster.makeDatabase()
        try cluster.run("ALTER DATABASE \(database) SET default_transaction_read_only = on")
        let place = cluster.connection(database: database)
        for attributes in ["", " target_session_attrs=read-write"] {
            await #expect(throws: PostgresFault.self) { _ = try await connect(place + attributes) }
        }
        try cluster.run("ALTER DATABASE \(database) RESET default_transaction_read_only")
        #expect(try await connect(place) == "postgres")
    }

    @Test(arguments: ["host=no-such-host.invalid", "host=127.0.0.1 port="])
    func `an unknown name or no server at all is a fault`(_ place: String) async throws {
        let host = place.hasSuffix("=") ? "\(place)\(FreePort.take())" : place
        let fault = await #expect(throws: PostgresFault.self) {
            _ = try await connect("\(host) dbname=a user=a")
        }
        guard case .unavailable? = fault else { throw try #require(fault) }
    }
}

/// Takes connections and never says a word.
private final class SilentServer {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor) = (descriptor)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isListening)
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}
