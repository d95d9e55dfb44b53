import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What a browser came away with from a sign-in.
struct TrustVisit: Sendable {
    /// The step that the password alone led to, and the last one.
    let first: NextStep
    let last: NextStep
    let session: SessionToken?
    /// What it holds as a trusted device from now on; nil for nothing.
    let trust: TrustToken?
    let cookie: Door.TrustChange

    /// The factor was asked for.
    var wasAsked: Bool { first.name == "verify" }

    var view: SessionView? {
        if case .signedIn(let it) = last.step { it.session } else { nil }
    }
}

extension Gatehouse {
    /// Policy allows trusted devices from now on.
    func allowTrust(_ isAllowed: Bool = true) {
        policy.state.withLock { $0.parts.trustedDevices = isAllowed }
    }

    /// A user with one factor and an address that he is told at.
    func makeOwner(_ name: String = "ann", roles: [Role] = []) async throws -> TestUser {
        let user = try await makeUser(name, roles: roles, factors: 1)
        let address = "\(name)@example.org"
        try sql(
            """
            UPDATE auth.users SET email = '\(address)', email_key = '\(address)'
            WHERE id = '\(user.id)'
            """)
        return user
    }

    /// Signs in by cookie in a browser that holds `trust`, with a code where one is asked for.
    func visit(
        _ user: TestUser, holding trust: TrustToken? = nil, trusting: Bool = false,
        replica: Int = 0
    ) async throws -> TrustVisit {
        let door = Door(
            .http, trust: trust,
            agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        let start = StartSignIn(identifier: user.name, password: user.password, bearer: false)
        let first = try await on(replica) { try await $0.signIn(door).start(start, .from()) }
        var last = first
        if case .verify(let offer) = first.step {
            var request = complete(user, offer.ticket)
            request.trustDevice = trusting
            let proving = request
            last = try await on(replica) {
                try await $0.signIn(door).completeVerification(proving, .from())
            }
        }
        var session: SessionToken?
        if case .set(let token, _) = door.cookie { session = token }
        let held: TrustToken? =
            switch door.trustChange {
            case .none: trust
            case .set(let token, _): token
            case .clear: nil
            }
        return TrustVisit(
            first: first, last: last, session: session, trust: held, cookie: door.trustChange)
    }

    /// What a browser holds that its owner has just trusted.
    func trust(_ user: TestUser) async throws -> TrustToken {
        try #require(try await visit(user, trusting: true).trust)
    }

    /// Whether `token` still spares the factor. Uses it up.
    func spares(_ user: TestUser, _ token: TrustToken) async throws -> Bool {
        try await !visit(user, holding: token).wasAsked
    }

    /// So long ago was every token used that was.
    func letPass(seconds: Int) throws {
        try sql(
            "UPDATE auth.trusted_devices SET used_at = used_at - interval '\(seconds) s'")
    }

    func told(_ event: NoticeEvent) -> Int {
        verification.state.withLock { $0.notices.count { $0.event == event } }
    }
}
