import Contracts
import Daemon
import Fixtures
import HTTP
import Reactor
import Synchronization
import Testing
import Wire

@testable import VerificationService

/// A provider of ours behind a real socket: keeps what it is given to send.
final class MessageSink: HTTPHandler {
    struct Sent: Sendable, Equatable {
        let id: String
        let receiver: String
        let code: String
        let text: String
    }

    private struct State {
        var sent: [Sent] = []
        var status = 200
        var answer = "{}"
        var rest = Duration.zero
    }

    private let state = Mutex(State())

    var sent: [Sent] { state.withLock { $0.sent } }
    var code: String { sent.last?.code ?? "" }

    func answers(_ status: Int, _ text: String = "{}") {
        state.withLock { ($0.status, $0.answer) = (status, text) }
    }

    /// Answers come so late from now on.
    func rests(_ rest: Duration) { state.withLock { $0.rest = rest } }

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let message: JSON
        do {
            message = try JSON(parsing: request.body)
        } catch {
            return HTTPResponse(HTTPStatus(400), type: "application/json", body: [])
        }
        let text = { (name: String) in message[name]?.text ?? "" }
        let (status, answer, rest) = state.withLock { state in
            state.sent.append(
                Sent(
                    id: text("messageId"), receiver: text("receiver"), code: text("code"),
                    text: text("text")))
            return (state.status, state.answer, state.rest)
        }
        if rest > .zero { await EventLoop.current?.sleep(for: rest) }
        return HTTPResponse(
            HTTPStatus(status), type: "application/json", body: Array(answer.utf8))
    }
}

/// A vault whose messages go to a sink.
struct MessageVault: Sendable {
    let vault: Vault
    let sink: MessageSink
    let carrier: MessageCarrier

    static let sms = VerifierUID("sms")!
    static let number = "+31612345678"

    /// The handlers with a way out.
    func open(_ handlers: VerificationHandlers, sends: Bool = true) -> VerificationHandlers {
        VerificationHandlers(
            pool: handlers.passwords.pool, sealing: Sealing(keys: vault.keys),
            hashing: handlers.hashing,
            issuer: "Dubbelslot", relyingParty: Vault.relyingParty,
            exits: MessageExits(
                channels: Set(MessageChannel.allCases), carrier: sends ? carrier : nil
            ) {},
            log: .silent)
    }

    func on<T: Sendable>(
        _ replica: Int = 0,
        _ body: @escaping @Sendable (VerificationHandlers) async throws(Fault) -> T
    ) async throws -> T {
        try await vault.on(replica) { (it) throws(Fault) in try await body(open(it)) }
    }

    func refusal<T: Sendable>(
        _ replica: Int = 0,
        _ body: @escaping @Sendable (VerificationHandlers) async throws(Fault) -> T
    ) async throws -> Fault? {
        try await vault.refusal(replica) { (it) throws(Fault) in try await body(open(it)) }
    }

    func parallel<T: Sendable>(
        _ count: Int,
        _ body: @escaping @Sendable (VerificationHandlers, Int) async throws(Fault) -> T
    ) async throws -> [Reason?] {
        try await vault.parallel(count) { (it, number) throws(Fault) in
            try await body(open(it), number)
        }
    }

    /// As if nothing had been sent for an hour.
    func forgetMessages() throws {
        try vault.sql("UPDATE verification.message_counters SET sent = '{}'")
    }
}

/// Runs a test with a vault and a sink that end with it.
func withMessages<T: Sendable>(
    _ making: Vault.Making = .init(), cluster: PostgresCluster? = nil,
    _ body: @escaping @Sendable (MessageVault) async throws -> T
) async throws -> T {
    let sink = MessageSink()
    let loop = try EventLoop(name: "sink")
    loop.start()
    defer {
        loop.stop()
        loop.join()
    }
    let listener = try await loop.run {
        let server = HTTPServer(
            loop: loop, handler: sink, isSecure: true, wallClock: { WallClock.system.now() })
        return try TCPListener(
            loop: loop, address: .ipv4(0x7f00_0001, port: 0), accept: { server.accept($0) })
    }
    let address = listener.address
    let carrier = MessageCarrier(
        sms: SMSCarrier(
            client: { own in
                HTTPClient(loop: own) { _ in
                    try await SocketStream.connect(to: address, on: own, timeout: .seconds(5))
                }
            }, product: "Dubbelslot"))
    let result = try await withVault(making, cluster: cluster) { vault in
        let secret = "whsec_" + Base64.encode([UInt8](repeating: 7, count: 32))
        try await vault.on { (it) throws(Fault) in
            let webhook = WebhookSettings(url: "https://sms.example.org/send", secret: secret)
            _ = try await it.createVerifier(
                MakeVerifier(
                    verifier: CreateVerifier(
                        uid: MessageVault.sms, type: .sms, title: "SMS", description: "",
                        sms: SMSSettings(codeDigits: 6, provider: .webhook(webhook)))),
                Vault.call)
        }
        return try await body(MessageVault(vault: vault, sink: sink, carrier: carrier))
    }
    try await loop.run { listener.close() }
    return result
}

/// A user with a telephone.
struct BoundPhone: Sendable {
    let user: UserID
    let authenticator: AuthenticatorID

    func begin(_ context: ContextID, _ purpose: Purpose = .signIn) -> BeginChallenge {
        BeginChallenge(
            user: user, authenticator: authenticator, context: context, purpose: purpose,
            locale: "nl")
    }

    func check(
        _ code: String, _ context: ContextID, _ purpose: Purpose = .signIn
    ) -> CheckCode {
        CheckCode(
            user: user, authenticator: authenticator, code: code, purpose: purpose,
            context: context)
    }
}

extension MessageVault {
    static func beginBinding(
        _ user: UserID, _ context: ContextID, _ receiver: String = MessageVault.number,
        additional: Bool = false
    ) -> BeginBinding {
        BeginBinding(
            user: user, verifier: sms, context: context, accountName: "ann",
            additional: additional, receiver: receiver, locale: "en")
    }

    /// Binds a telephone, long ago.
    func bind(
        _ given: UserID? = nil, number: String = MessageVault.number, additional: Bool = false
    ) async throws -> BoundPhone {
        let user = try given ?? Vault.newUser()
        let context = try ContextID.fresh()
        let view = try await on { (it) throws(Fault) in
            _ = try await it.beginBinding(
                Self.beginBinding(user, context, number, additional: additional), Vault.call)
            return try await it.confirmBinding(
                ConfirmBinding(
                    user: user, context: context, code: sink.code, additional: additional),
                Vault.call
            ).authenticator
        }
        try forgetMessages()
        return BoundPhone(user: user, authenticator: view.id)
    }

    /// Sends a code and gives what was sent.
    func send(
        _ phone: BoundPhone, _ context: ContextID, _ purpose: Purpose = .signIn
    ) async throws -> String {
        _ = try await on { (it) throws(Fault) in
            try await it.beginChallenge(phone.begin(context, purpose), Vault.call)
        }
        try forgetMessages()
        return sink.code
    }
}

/// Another code of as many digits, for each number below 1000 another.
func otherCode(_ code: String, _ number: Int = 1) -> String {
    let digits = String(((Int(code) ?? 0) + number) % 1_000_000)
    return String(repeating: "0", count: 6 - digits.count) + digits
}
