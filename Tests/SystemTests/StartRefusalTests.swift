import Fixtures
import Foundation
import Testing

/// What a service has to be told before it starts, with a database where somebody only listens:
/// whoever begins anything goes there first.
private struct Premises {
    static let services = ["auth-gateway", "verification-service", "policy-service"]

    let database: SilentListener
    let taken: SilentListener
    private let authority: TestAuthority
    private let leaf: TestAuthority.Leaf
    private let folder = TemporaryFolder("premises")
    private let service: String
    var environment: [String: String]

    init(_ service: String) throws {
        self.service = service
        database = try SilentListener()
        taken = try SilentListener()
        authority = try TestAuthority()
        leaf = try authority.service(service)
        try folder.write("password", "a password\n")
        try folder.write("ring", "one \(Data(repeating: 7, count: 32).base64EncodedString())\n")
        let sources = service.split(separator: "-").map(\.capitalized).joined()
        environment = [
            "RPC_LISTEN": "127.0.0.1:0", "OPERATIONS_LISTEN": "127.0.0.1:0",
            "TRUST_DOMAIN": TestAuthority.trustDomain, "CERTIFICATE_FILE": leaf.certificate,
            "KEY_FILE": leaf.key, "AUTHORITY_FILE": authority.file,
            "DATABASE": "host=127.0.0.1 port=\(database.port) dbname=none user=nobody",
            "DATABASE_PASSWORD_FILE": folder.file("password"),
            "MIGRATIONS": RepositoryRoot.path("Services/\(sources)/Migrations"),
        ]
        switch service {
        case "auth-gateway":
            environment["HTTP_LISTEN"] = "127.0.0.1:0"
            environment["VERIFICATION_PEERS"] = "127.0.0.1:\(database.port)"
            environment["POLICY_PEERS"] = "127.0.0.1:\(database.port)"
        case "verification-service": environment["KEY_RING_FILE"] = folder.file("ring")
        case _: break
        }
    }

    /// How it ends, and what it says.
    func start() throws -> ChildProcess.Outcome {
        let settings = environment.map { ("DUBBELSLOT_" + $0.key, $0.value) }
        return try ChildProcess.run(
            RepositoryRoot.binaries + "/" + service, ["serve"],
            environment: Dictionary(uniqueKeysWithValues: settings), seconds: 30)
    }

    func file(_ text: String) throws -> String {
        let name = UUID().uuidString
        try folder.write(name, text)
        return folder.file(name)
    }

    func openKey() throws -> String {
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: leaf.key)
        return leaf.key
    }

    /// Of the service, as it was two days ago.
    mutating func takeExpiredCertificate() throws {
        let expired = try authority.leaf(
            TestAuthority.Wish {
                $0.alternativeNames = ["URI:\(TestAuthority.identity(service))"]
                $0.days = -1
            })
        environment["CERTIFICATE_FILE"] = expired.certificate
        environment["KEY_FILE"] = expired.key
    }

    mutating func takeCertificate(of other: String) throws {
        let leaf = try authority.service(other)
        environment["CERTIFICATE_FILE"] = leaf.certificate
        environment["KEY_FILE"] = leaf.key
    }
}

/// Listens, and accepts nobody.
private final class SilentListener {
    let port: UInt16
    private let descriptor: Int32

    struct Failed: Error { let code: Int32 }

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isListening else { throw Failed(code: errno) }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Nobody has come.
    var isUntouched: Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) == 0
    }
}

/// A service that is told something it cannot start with says so in one sentence and begins
/// nothing.
@Suite struct StartRefusalTests {
    /// What is wrong, and the setting that is named.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let setting: String
        fileprivate let spoil: @Sendable (inout Premises) throws -> Void

        fileprivate init(
            _ testDescription: String, _ setting: String,
            _ spoil: @escaping @Sendable (inout Premises) throws -> Void
        ) {
            self.testDescription = testDescription
            self.setting = setting
            self.spoil = spoil
        }
    }

    static let faults = [
        Fault("a wrong setting", "LOOPS") { $0.environment["LOOPS"] = "many" },
        Fault("an unknown setting", "LOOP") { $0.environment["LOOP"] = "1" },
        Fault("a missing setting", "AUTHORITY_FILE") { $0.environment["AUTHORITY_FILE"] = nil },
        Fault("a missing secret", "DATABASE_PASSWORD_FILE") {
            $0.environment["DATABASE_PASSWORD_FILE"] = "/nowhere/password"
        },
        Fault("a key that is none", "KEY_FILE") {
            $0.environment["KEY_FILE"] = try $0.file("none")
        },
        Fault("a key that others may read", "KEY_FILE") {
            $0.environment["KEY_FILE"] = try $0.openKey()
        },
        Fault("an expired certificate", "CERTIFICATE_FILE") { try $0.takeExpiredCertificate() },
        Fault("another one's certificate", "CERTIFICATE_FILE") {
            try $0.takeCertificate(of: "demo-caller")
        },
        Fault("a taken port", "RPC_LISTEN") {
            $0.environment["RPC_LISTEN"] = "127.0.0.1:\($0.taken.port)"
        },
        Fault("a taken operations port", "OPERATIONS_LISTEN") {
            $0.environment["OPERATIONS_LISTEN"] = "127.0.0.1:\($0.taken.port)"
        },
        Fault("one port for two", "OPERATIONS_LISTEN") {
            let address = "127.0.0.1:\(FreePort.take())"
            $0.environment["RPC_LISTEN"] = address
            $0.environment["OPERATIONS_LISTEN"] = address
        },
        Fault("no migrations", "MIGRATIONS") { $0.environment["MIGRATIONS"] = "/nowhere" },
    ]

    private func check(_ service: String, _ fault: Fault) throws {
        var premises = try Premises(service)
        try fault.spoil(&premises)
        let outcome = try premises.start()
        #expect(outcome.status == 2, "\(outcome.output)")
        let lines = outcome.output.split(separator: "\n")
        let line = try #require(lines.first)
        #expect(lines.count == 1, "\(outcome.output)")
        #expect(line.hasPrefix("\(service): DUBBELSLOT_\(fault.setting)"), "\(line)")
        #expect(line.hasSuffix(".") || line.hasSuffix("?"), "\(line)")
        #expect(premises.database.isUntouched)
    }

    @Test(arguments: Premises.services, faults)
    func `each says what is wrong in one sentence, and starts nothing`(
        service: String, fault: Fault
    ) throws {
        try check(service, fault)
    }

    static let gatewayFaults = [
        Fault("a taken port for browsers", "HTTP_LISTEN") {
            $0.environment["HTTP_LISTEN"] = "127.0.0.1:\($0.taken.port)"
        },
        Fault("an expired certificate for browsers", "HTTPS_CERTIFICATE_FILE") {
            let own = ($0.environment["CERTIFICATE_FILE"], $0.environment["KEY_FILE"])
            try $0.takeExpiredCertificate()
            $0.environment["HTTPS_CERTIFICATE_FILE"] = $0.environment["CERTIFICATE_FILE"]
            $0.environment["HTTPS_KEY_FILE"] = $0.environment["KEY_FILE"]
            ($0.environment["CERTIFICATE_FILE"], $0.environment["KEY_FILE"]) = own
        },
        Fault("no pages", "WEB") { $0.environment["WEB"] = "/nowhere" },
    ]

    @Test(arguments: gatewayFaults)
    func `so does the gateway of what it alone has`(fault: Fault) throws {
        try check("auth-gateway", fault)
    }

    static let vaultFaults = [
        Fault("a key ring that is none", "KEY_RING") {
            $0.environment["KEY_RING_FILE"] = try $0.file("one AAAA")
        },
        Fault("nobody to believe in the world", "SMS_AUTHORITY_FILE") {
            $0.environment["SMS_AUTHORITY_FILE"] = "/nowhere"
        },
    ]

    @Test(arguments: vaultFaults)
    func `so does the verification service of what it alone has`(fault: Fault) throws {
        try check("verification-service", fault)
    }

    @Test(arguments: Premises.services)
    func `with all in order each goes to its database`(service: String) throws {
        let premises = try Premises(service)
        let settings = premises.environment.map { ("DUBBELSLOT_" + $0.key, $0.value) }
        let process = try ChildProcess(
            RepositoryRoot.binaries + "/" + service, ["serve"],
            environment: Dictionary(uniqueKeysWithValues: settings))
        var turns = 300
        while premises.database.isUntouched, process.exitStatus == nil, turns > 0 {
            usleep(100_000)
            turns -= 1
        }
        #expect(!premises.database.isUntouched, "\(process.output)")
        _ = process.end(seconds: 10)
    }
}
