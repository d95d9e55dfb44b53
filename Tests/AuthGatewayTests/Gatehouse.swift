import Audit
import Contracts
import Crypto
import Fixtures
import HTTP
import Postgres
import RPC
import Reactor
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// The gateway's handlers over a real database of their own, one instance per replica with its
/// own loop, connections and memory as in earnest. The two services behind are doubles.
struct Gatehouse: Sendable {
    let cluster: PostgresCluster
    let database: String
    let verification: VerificationDouble
    let policy: PolicyDouble
    let replicas: [Replica]

    struct Replica: Sendable {
        let loop: EventLoop
        let pool: ConnectionPool
        let gateway: Gateway
    }

    /// The pages are at `gate.example`, which is protected itself.
    static let hosts = ProtectedHosts(
        [
            "https://wiki.example=1", "https://notes.example=1", "https://vault.example=2",
            "https://gate.example=2",
        ], publicOrigins: [Origin("https://gate.example")!])!

    /// Statements about sessions are for `shop.example`, and signed by the key of RFC 8037 A.1.
    static func signedTokens() throws -> SignedTokens? {
        SignedTokens(
            keys: try SigningKey.all(pem: Array(SigningKey.exampleText.utf8)),
            issuer: "https://gate.example", audiences: ["https://shop.example"],
            lifetimeSeconds: 300)
    }

    static let ssoCallers = SSOCallers([
        "spiffe://example.test/portal=2", "spiffe://example.test/weak=1",
        "spiffe://example.test/mail=2@example.org",
    ])!

    /// Runs something on a replica.
    func on<T: Sendable>(
        _ replica: Int = 0,
        _ body: @escaping @Sendable (Gateway) async throws -> T
    ) async throws -> T {
        let gateway = replicas[replica].gateway
        return try await replicas[replica].loop.run { try await body(gateway) }
    }

    /// The refusal that a call meets; nil when it succeeds.
    func refusal<T: Sendable>(
        _ replica: Int = 0,
        _ body: @escaping @Sendable (Gateway) async throws -> T
    ) async throws -> Reason? {
        do {
            _ = try await on(replica, body)
            return nil
        } catch let fault as Fault {
            return fault.reason
        }
    }

    /// Runs something so many times at once, spread over the replicas.
    func parallel<T: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Gateway, Int) async throws -> T
    ) async throws -> [T] {
        try await withThrowingTaskGroup(of: T.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await on(number % replicas.count) { try await body($0, number) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// SQL as the superuser: to look, and to let time pass.
    @discardableResult
    func sql(_ text: String) throws -> String { try cluster.run(text, database: database) }

    func number(_ text: String) throws -> Int { try #require(Int(try sql(text))) }

    /// How many audit rows there are of an event.
    func audited(_ event: String, _ user: UserID? = nil) throws -> Int {
        let whose = user.map { "AND subject = '\($0)'" } ?? ""
        return try number("SELECT count(*) FROM auth.audit WHERE event = '\(event)' \(whose)")
    }
}

/// Runs a test with a gatehouse that ends with it.
func withGatehouse<T: Sendable>(
    replicas: Int = 1, _ body: @escaping @Sendable (Gatehouse) async throws -> T
) async throws -> T {
    let cluster = try PostgresCluster.shared()
    let database = try await MigratedDatabase.shared.copy()
    let threads = BlockingPool(name: "names", threads: 1, queueMax: 16)
    let group = try EventLoopGroup(count: replicas, name: "test")
    group.start()
    defer {
        group.stop()
        group.join()
        threads.stop()
    }
    let settings = try ConnectionSettings(
        connection: cluster.connection(database: database, user: "dubbelslot_auth"),
        schema: "auth", application: "tests")
    let verification = VerificationDouble()
    let policy = PolicyDouble()
    let all = try group.loops.map { loop in
        let pool = ConnectionPool(
            loop: loop, settings: settings, resolver: Resolver(pool: threads))
        return Gatehouse.Replica(
            loop: loop, pool: pool,
            gateway: Gateway(
                pool: pool, verification: verification, policy: policy,
                policyVersions: PolicyVersions(), defaultLocale: "en",
                knownDeviceLifetime: .seconds(86_400), protectedHosts: Gatehouse.hosts,
                signedTokens: try Gatehouse.signedTokens(), ssoCallers: Gatehouse.ssoCallers,
                allowsSignUp: true))
    }
    for replica in all { try await replica.loop.run { try await replica.pool.start() } }
    let house = Gatehouse(
        cluster: cluster, database: database, verification: verification, policy: policy,
        replicas: all)
    let result: Result<T, any Error>
    do { result = .success(try await body(house)) } catch { result = .failure(error) }
    for replica in all { try await replica.loop.run { await replica.pool.close() } }
    return try result.get()
}

/// Migrated once under the owner's role; every test gets a copy.
private actor MigratedDatabase {
    static let shared = MigratedDatabase()
    private var template: Task<String, any Error>?

    func copy() async throws -> String {
        let cluster = try PostgresCluster.shared()
        let template = template ?? Task { try await Self.make(in: cluster) }
        self.template = template
        return try cluster.makeDatabase(template: try await template.value)
    }

    private static func make(in cluster: PostgresCluster) async throws -> String {
        let database = try cluster.makeServiceDatabase()
        let threads = BlockingPool(name: "names", threads: 1, queueMax: 16)
        let loop = try EventLoop(name: "migrator")
        loop.start()
        defer {
            loop.stop()
            loop.join()
            threads.stop()
        }
        let migrator = Migrator(
            migrations: try Migration.read(
                folder: RepositoryRoot.path("Services/AuthGateway/Migrations")),
            loop: loop,
            settings: try ConnectionSettings(
                connection: cluster.connection(database: database, user: "dubbelslot_auth_owner"),
                schema: "auth", application: "tests"),
            resolver: Resolver(pool: threads))
        _ = try await loop.run { try await migrator.migrate() }
        return database
    }
}

// MARK: - Nouns

/// A user in both places.
struct TestUser: Sendable {
    let id: UserID
    let name: String
    let password: String
    let factors: [AuthenticatorView]

    var authenticator: AuthenticatorID { factors[0].id }
}

extension Call {
    /// Somebody outside, or under a session's token.
    static func from(_ token: SessionToken? = nil) -> Call {
        Call(
            caller: .outside(.ipv4(0x7f00_0001, port: 5)),
            bearer: token.map { Bytes(utf8: $0.text) })
    }
}

extension Gateway {
    func signIn(_ door: Door = Door(.http)) -> SignInHandlers {
        SignInHandlers(gateway: self, door: door)
    }

    func account(_ door: Door = Door(.http)) -> AccountHandlers {
        AccountHandlers(gateway: self, door: door)
    }

    var admin: AdminHandlers { AdminHandlers(gateway: self) }
    func directory(_ door: Door = Door(.rpc)) -> SessionHandlers {
        SessionHandlers(gateway: self, door: door)
    }
}

extension Gatehouse {
    /// A user with a password of his own choice and so many factors under `totp`.
    func makeUser(
        _ name: String = "ann", roles: [Role] = [], factors: Int = 0, initial: Bool = false
    ) async throws -> TestUser {
        let id = try Random.identifier(UserKind.self)
        let new = NewAccount(
            id: id, name: try #require(UserName(parsing: name)), displayName: name, email: nil,
            phone: nil, locale: "en", roles: roles)
        _ = try await on { gateway in
            try await gateway.accounts.add(new, audit: Call.from().audit(.userCreated, subject: id))
        }
        let password = "password of \(name)"
        verification.state.withLock {
            $0.passwords[id] = password
            if initial { $0.initial.insert(id) }
        }
        return TestUser(
            id: id, name: name, password: password,
            factors: (0..<factors).map { _ in verification.bind(id) })
    }

    func start(
        _ user: TestUser, bearer: Bool = true, replica: Int = 0
    ) async throws -> NextStep {
        let request = StartSignIn(identifier: user.name, password: user.password, bearer: bearer)
        return try await on(replica) { try await $0.signIn().start(request, .from()) }
    }

    /// The ticket of a sign-in that waits for a code.
    func verifying(_ user: TestUser) async throws -> Ticket {
        guard case .verify(let offer) = try await start(user).step else { throw Unexpected() }
        return offer.ticket
    }

    /// The ticket of a sign-in that waits for a binding.
    func binding(_ user: TestUser) async throws -> Ticket {
        guard case .bind(let offer) = try await start(user).step else { throw Unexpected() }
        return offer.ticket
    }

    func complete(_ user: TestUser, _ ticket: Ticket) -> CompleteVerification {
        CompleteVerification(
            ticket: ticket, authenticator: user.authenticator, code: VerificationDouble.rightCode)
    }

    /// The token of a session that the user has just opened.
    func session(_ user: TestUser) async throws -> SessionToken {
        let step = try await start(user).step
        if case .signedIn(let it) = step { return try #require(it.session.token) }
        guard case .verify(let offer) = step else { throw Unexpected() }
        let request = complete(user, offer.ticket)
        let done = try await on { try await $0.signIn().completeVerification(request, .from()) }
        guard case .signedIn(let it) = done.step else { throw Unexpected() }
        return try #require(it.session.token)
    }

    /// Whether the token still opens a session, at any replica.
    func opens(_ token: SessionToken, replica: Int = 0) async throws -> Bool {
        try await on(replica) { try await $0.sessions.find(token) != nil }
    }

    func account(_ user: TestUser) async throws -> AccountRecord {
        try #require(try await on { try await $0.accounts.get(user.id) })
    }
}

extension NextStep {
    var ticket: Ticket? {
        switch step {
        case .signedIn: nil
        case .bind(let it): it.ticket
        case .verify(let it): it.ticket
        case .changePassword(let it): it.ticket
        }
    }

    /// The step by its name in JSON.
    var name: String {
        switch step {
        case .signedIn: "signedIn"
        case .bind: "bind"
        case .verify: "verify"
        case .changePassword: "changePassword"
        }
    }
}

struct Unexpected: Error {}
