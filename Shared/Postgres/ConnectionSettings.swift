import CPostgres
import Reactor
import Wire

/// How a service reaches its database, checked before anything connects.
///
/// The connection string is libpq's (`host=… dbname=… user=…` or `postgresql://…`; libpq manual,
/// "Connection Strings"), with several hosts if there are several. The password never stands in
/// it: it comes from a secret of its own. What is not said is as safe as can be: `verify-full`
/// for every host beyond this machine, no GSSAPI, UTF-8, UTC. A server that only reads is no
/// server of ours: a standby may still have the session that has just ended.
package struct ConnectionSettings: Sendable {
    /// Host, address or folder of the Unix socket, and port, in the order they are tried.
    let hosts: [Host]
    /// Every other parameter by libpq's keyword.
    private(set) var parameters: [String: String]
    /// Shared by all copies, so that it can be replaced for connections that are made later.
    private let password: Guarded<Bytes?>
    /// The schema in which names are looked up, behind `pg_catalog` and before nothing else.
    package let schema: String

    /// Time to connect to one host.
    package var connectTimeout: Duration = .seconds(3)
    /// The server ends a statement after this; also the default time a caller waits.
    package var statementTimeout: Duration = .seconds(5)
    /// The server gives up waiting for a lock after this.
    package var lockTimeout: Duration = .seconds(2)
    /// The server ends a transaction in which nothing happens for this long.
    package var idleInTransactionTimeout: Duration = .seconds(10)
    /// A server that may forget what it has acknowledged is connected to all the same: for those
    /// who look at it, never for those who rely on it.
    package var toleratesForgetting = false

    struct Host: Sendable, Equatable {
        /// A name, an address, or the absolute path of a socket's folder.
        let name: String
        /// An address given beside the name, which then only serves to check the certificate.
        let address: String?
        let port: String
        var isSocket: Bool { name.hasPrefix("/") || name.hasPrefix("@") }
        /// On this machine, so nobody on the way can listen.
        var isLocal: Bool {
            let place = address ?? name
            return isSocket || place == "localhost" || place == "::1" || place.hasPrefix("127.")
        }
    }

    /// Why settings are refused; never repeats the string, which may hold a secret by mistake.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - schema: Lower-case letters, digits and `_`.
    ///   - application: The name by which the server's own lists show the connection.
    package init(
        connection: String, password: Bytes? = nil, schema: String, application: String
    ) throws(Refusal) {
        guard Self.isPlainName(schema) else {
            throw Refusal(description: "a schema is named by lower-case letters, digits and _")
        }
        var parameters = try Self.parse(connection)
        guard parameters["password"] == nil else {
            throw Refusal(description: "the password must not stand in the connection string")
        }
        guard parameters["service"] == nil, parameters["options"] == nil else {
            throw Refusal(description: "`service` and `options` cannot be set")
        }
        try Self.check(password)
        hosts = try Self.hosts(&parameters)
        let remote = hosts.contains { !$0.isLocal }
        parameters["sslmode"] = parameters["sslmode"] ?? (remote ? "verify-full" : "prefer")
        parameters["gssencmode"] = parameters["gssencmode"] ?? "disable"
        let attributes = parameters["target_session_attrs"] ?? "read-write"
        guard ["read-write", "primary"].contains(attributes) else {
            throw Refusal(description: "`target_session_attrs` must be read-write or primary")
        }
        parameters["target_session_attrs"] = attributes
        parameters["client_encoding"] = "UTF8"
        parameters["application_name"] = application
        // A machine that is gone without a word is given up after 7 seconds, whether something was
        // asked of it or not: another is in its place 15 seconds after its end.
        let keepalive = [
            "keepalives_idle": "3", "keepalives_interval": "2", "keepalives_count": "2",
        ]
        parameters.merge(keepalive) { given, _ in given }
        parameters["tcp_user_timeout"] = parameters["tcp_user_timeout"] ?? "7000"
        self.parameters = parameters
        self.password = Guarded(password)
        self.schema = schema
    }

    private static func check(_ password: Bytes?) throws(Refusal) {
        guard !(password?.array.contains(0) ?? false) else {
            throw Refusal(description: "the password holds a NUL")
        }
    }

    /// Connections made from now on, by whoever holds a copy of these settings, give this one.
    package func replace(password: Bytes?) throws(Refusal) {
        try Self.check(password)
        self.password.withLock { $0 = password }
    }

    /// The same database under another role, for tests of what a role may do.
    package func user(_ name: String) -> ConnectionSettings {
        var it = self
        it.parameters["user"] = name
        return it
    }

    static func isPlainName(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 63 else { return false }
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return (letters.contains(first) || first == UInt8(ascii: "_"))
            && name.utf8.allSatisfy {
                letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    private static func parse(_ connection: String) throws(Refusal) -> [String: String] {
        var words: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(words) }
        guard !connection.utf8.contains(0), let list = PQconninfoParse(connection, &words) else {
            throw Refusal(description: "the connection string is malformed")
        }
        defer { PQconninfoFree(list) }
        var parameters: [String: String] = [:]
        var option = list
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return parameters
    }

    /// Takes `host`, `hostaddr` and `port` out of the parameters: comma-separated lists of which
    /// `port` may name one for all.
    private static func hosts(_ parameters: inout [String: String]) throws(Refusal) -> [Host] {
        func list(_ keyword: String) -> [String]? {
            parameters.removeValue(forKey: keyword).map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
        }
        let addresses = list("hostaddr")
        let names = list("host") ?? addresses
        let ports = list("port") ?? ["5432"]
        guard let names, names.allSatisfy({ !$0.isEmpty }) else {
            throw Refusal(description: "the connection string names no host")
        }
        guard addresses == nil || addresses?.count == names.count,
            ports.count == 1 || ports.count == names.count
        else { throw Refusal(description: "host, hostaddr and port differ in number") }
        return names.indices.map { index in
            let address = addresses?[index] ?? ""
            let port = ports.count == 1 ? ports[0] : ports[index]
            return Host(
                name: names[index], address: address.isEmpty ? nil : address,
                port: port.isEmpty ? "5432" : port)
        }
    }

    /// All parameters for one host. The session's settings travel in the start-up message, so
    /// they cost no round trip and are in force before the first statement.
    func parameters(for host: Host) -> [(keyword: String, value: [UInt8])] {
        var all = parameters.map { (keyword: $0.key, value: [UInt8]($0.value.utf8)) }
        all.append(("host", [UInt8](host.name.utf8)))
        all.append(("port", [UInt8](host.port.utf8)))
        if let address = host.address { all.append(("hostaddr", [UInt8](address.utf8))) }
        if let password = password.withLock({ $0 }) { all.append(("password", password.array)) }
        all.append(("options", [UInt8](sessionOptions.utf8)))
        return all
    }

    /// `pg_catalog` is searched first because it is not named (manual, "The Schema Search Path"),
    /// so no object of ours can stand in for one of the server's; `pg_temp` last for the same
    /// reason. `jit` does not pay for statements this short.
    var sessionOptions: String {
        [
            ("search_path", "\(schema),pg_temp"),
            ("statement_timeout", "\(statementTimeout.milliseconds)"),
            ("lock_timeout", "\(lockTimeout.milliseconds)"),
            ("idle_in_transaction_session_timeout", "\(idleInTransactionTimeout.milliseconds)"),
            ("default_transaction_isolation", "read\\ committed"),
            ("TimeZone", "UTC"),
            ("client_min_messages", "warning"),
            ("jit", "off"),
        ].map { "-c \($0.0)=\($0.1)" }.joined(separator: " ")
    }
}

extension ConnectionSettings: CustomStringConvertible {
    /// Where to and as whom; no secret.
    package var description: String {
        let places = hosts.map { "\($0.name):\($0.port)" }.joined(separator: ",")
        let user = parameters["user"] ?? "?"
        let database = parameters["dbname"] ?? user
        return "\(user)@\(places)/\(database)"
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, from 0 to what the server's settings hold.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, seconds < 2_000_000 else { return seconds < 0 ? 0 : 2_000_000_000 }
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
