import Contracts
import Crypto
import Daemon
import Fixtures
import OTP
import Postgres
import RPC
import Reactor
import Testing
import Wire

@testable import VerificationService

/// The service's handlers over a real database of their own, one instance per replica, each with
/// its own loop and connections as in earnest.
struct Vault: Sendable {
    let cluster: PostgresCluster
    let database: String
    let keys: KeyRing
    let replicas: [Replica]

    struct Replica: Sendable {
        let loop: EventLoop
        let pool: ConnectionPool
        let handlers: VerificationHandlers
    }

    /// The cheapest parameters there are: what is tested is the counting, not scrypt.
    static let cheap = PasswordHash.Parameters(log2N: 10, r: 1, p: 1)!
    static let call = Call(caller: .service(identity: "spiffe://test/auth-gateway"))

    /// What an instance is made with, beside its database.
    struct Making: Sendable {
        var replicas = 1
        var cost = Vault.cheap
        var queueMax = 256
        var clock = WallClock.system
        var keys: KeyRing?
    }

    /// Runs a call on a replica.
    func on<T: Sendable>(
        _ replica: Int = 0,
        _ body: @escaping @Sendable (VerificationHandlers) async throws(Fault) -> T
    ) async throws -> T {
        let handlers = replicas[replica].handlers
        return try await replicas[replica].loop.run { try await body(handlers) }
    }

    /// The refusal that a call meets; nil when it succeeds.
    func refusal<T: Sendable>(
        _ replica: Int = 0,
        _ body: @escaping @Sendable (VerificationHandlers) async throws(Fault) -> T
    ) async throws -> Fault? {
        do {
            _ = try await on(replica, body)
            return nil
        } catch let fault as Fault {
            return fault
        }
    }

    /// The answers of so many calls at once, spread over the replicas: nil for a success.
    func parallel<T: Sendable>(
        _ count: Int,
        _ body: @escaping @Sendable (VerificationHandlers, Int) async throws(Fault) -> T
    ) async throws -> [Reason?] {
        try await withThrowingTaskGroup(of: Fault?.self) { group in
            for number in 0..<count {
                group.addTask {
                    try await refusal(number % replicas.count) { (handlers) throws(Fault) in
                        try await body(handlers, number)
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1?.reason) }
        }
    }

    /// SQL as the superuser: to look, and to let time pass.
    @discardableResult
    func sql(_ text: String) throws -> String { try cluster.run(text, database: database) }
}

// MARK: - Making one

/// Runs a test with a vault that ends with it.
func withVault<T: Sendable>(
    _ making: Vault.Making = .init(), cluster: PostgresCluster? = nil,
    _ body: @escaping @Sendable (Vault) async throws -> T
) async throws -> T {
    let database: String
    if let cluster {
        database = try await MigratedDatabase.make(in: cluster)
    } else {
        database = try await MigratedDatabase.shared.copy()
    }
    let cluster = try cluster ?? PostgresCluster.shared()
    let threads = BlockingPool(name: "names", threads: 1, queueMax: 16)
    let hashes = BlockingPool(name: "hash", threads: 2, queueMax: making.queueMax)
    let group = try EventLoopGroup(count: making.replicas, name: "test")
    group.start()
    defer {
        group.stop()
        group.join()
        hashes.stop()
        threads.stop()
    }
    let keys = try making.keys ?? KeyRing(parsing: Array(#require(try KeyRing.generate()).utf8))
    let hashing = try PasswordHashing(pool: hashes, parameters: making.cost)
    let settings = try ConnectionSettings(
        connection: cluster.connection(database: database, user: "dubbelslot_verification"),
        schema: "verification", application: "tests")
    let replicas = group.loops.map { loop in
        let pool = ConnectionPool(
            loop: loop, settings: settings, resolver: Resolver(pool: threads))
        let handlers = VerificationHandlers(
            pool: pool, sealing: Sealing(keys: keys), hashing: hashing, issuer: "Dubbelslot",
            relyingParty: Vault.relyingParty, clock: making.clock, log: .silent)
        return Vault.Replica(loop: loop, pool: pool, handlers: handlers)
    }
    for replica in replicas { try await replica.loop.run { try await replica.pool.start() } }
    let vault = Vault(cluster: cluster, database: database, keys: keys, replicas: replicas)
    let result: Result<T, any Error>
    do { result = .success(try await body(vault)) } catch { result = .failure(error) }
    for replica in replicas { try await replica.loop.run { await replica.pool.close() } }
    return try result.get()
}

extension Log {
    static var silent: Log { Log(service: "tests", output: SilentOutput()) }
}

private struct SilentOutput: LogOutput {
    func write(_ line: [UInt8]) {}
    func takeLostCount() -> Int? { nil }
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

    static func make(in cluster: PostgresCluster) async throws -> String {
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
                folder: RepositoryRoot.path("Services/VerificationService/Migrations")),
            loop: loop,
            settings: try ConnectionSettings(
                connection: cluster.connection(
                    database: database, user: "dubbelslot_verification_owner"),
                schema: "verification", application: "tests"),
            resolver: Resolver(pool: threads))
        _ = try await loop.run { try await migrator.migrate() }
        return database
    }
}

// MARK: - Nouns

/// A user with an authenticator app.
struct BoundUser: Sendable {
    let user: UserID
    let authenticator: AuthenticatorID
    let seed: SecretBytes
    /// What was told with it.
    var recoveryCodes: [String] = []

    /// The code of the time step so many steps from now.
    func code(_ offset: Int64 = 0) -> String {
        let parameters = OneTimePassword.standard
        let step = parameters.step(at: WallClock.system.now()) + offset
        return parameters.code(seed: seed, counter: UInt64(clamping: step)).text
    }

    /// Six digits that no step near now has.
    func wrongCode(_ number: Int = 0) -> String {
        let near = (-4...4).map { code($0) }
        var digits = number
        while true {
            let text = String(digits % 1_000_000)
            let code = String(repeating: "0", count: 6 - text.count) + text
            if !near.contains(code) { return code }
            digits += 500_000
        }
    }

    func check(_ code: String) -> CheckCode {
        CheckCode(user: user, authenticator: authenticator, code: code, purpose: .signIn)
    }
}

extension Vault {
    static let verifier = VerifierUID("totp")!
    static let password = "correct horse battery staple"

    static func newUser() throws -> UserID { try Random.identifier() }

    /// A user with a password of his own choice.
    func makeUser(password: String = Vault.password) async throws -> UserID {
        let user = try Self.newUser()
        try await on { (handlers) throws(Fault) in
            _ = try await handlers.setInitialPassword(SetInitialPassword(user: user), Self.call)
        }
        let initial = try passwordID(user)
        try await on { (handlers) throws(Fault) in
            _ = try await handlers.replacePassword(
                ReplacePassword(
                    user: user, newPassword: password, secondFactorAsked: false, contextWords: [],
                    proved: initial),
                Self.call)
        }
        return user
    }

    /// What a check of the user's password would name as proved; anything for nobody.
    func passwordID(_ user: UserID) throws -> AuthenticatorID {
        let row = try sql(
            """
            SELECT id FROM verification.authenticators
            WHERE user_id = '\(user)' AND kind = 'password'
            """)
        return AuthenticatorID(row.filter { !$0.isWhitespace }) ?? .sample
    }

    /// Binds an app. Its codes are as fresh as if it had been bound long ago.
    func bind(_ given: UserID? = nil, additional: Bool = false) async throws -> BoundUser {
        let user = try given ?? Self.newUser()
        let context = try ContextID.fresh()
        let started = try await on { (handlers) throws(Fault) in
            try await handlers.ensureVerifier()
            return try await handlers.beginBinding(
                BeginBinding(
                    user: user, verifier: Self.verifier, context: context, accountName: "alice",
                    additional: additional), Self.call)
        }
        guard case .totp(let enrolment) = started.enrolment else { throw Unexpected() }
        let seed = SecretBytes(
            copying: try #require(Base32.decode(Array(enrolment.secret.utf8))))
        let pending = BoundUser(user: user, authenticator: try .fresh(), seed: seed)
        let told = try await on { (handlers) throws(Fault) in
            try await handlers.confirmBinding(
                ConfirmBinding(
                    user: user, context: context, code: pending.code(), additional: additional),
                Self.call)
        }
        let view = told.authenticator
        try sql(
            "UPDATE verification.authenticators SET last_step = last_step - 10 "
                + "WHERE id = '\(view.id)'")
        return BoundUser(
            user: user, authenticator: view.id, seed: seed, recoveryCodes: told.recoveryCodes)
    }

    /// `failed reserved state` of a row.
    func standing(_ user: UserID, kind: String = "totp") throws -> String {
        try sql(
            "SELECT failed || ' ' || reserved || ' ' || state FROM verification.authenticators "
                + "WHERE user_id = '\(user)' AND kind = '\(kind)'")
    }

    /// How many audit rows a user has of an event.
    func audited(_ user: UserID, _ event: String, _ condition: String = "true") throws -> Int {
        Int(
            try sql(
                "SELECT count(*) FROM verification.audit WHERE subject = '\(user)' "
                    + "AND event = '\(event)' AND \(condition)")) ?? -1
    }

    /// Ends all rests, as if their time had passed.
    func endRests() throws {
        try sql("UPDATE verification.authenticators SET delayed_until = clock_timestamp()")
    }
}

extension VerificationHandlers {
    /// The verifier that `create-admin` makes too; made once, whoever asks.
    func ensureVerifier() async throws(Fault) {
        let new = CreateVerifier(
            uid: Vault.verifier, type: .totp, title: "Authenticator app", description: "")
        do throws(Fault) {
            _ = try await createVerifier(MakeVerifier(verifier: new), Vault.call)
        } catch {
            guard error.reason == .verifierExists else { throw error }
        }
    }
}

struct Unexpected: Error {}
