import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Testing
import Wire

@testable import AuthGateway

/// `auth.pending_sign_ins` under parallel steps, time and changes of its user.
struct PendingSignInTests {
    private static let phone = SignInFlow.Factor(
        authenticator: AuthenticatorID(high: 1, low: 1), verifier: VerificationDouble.totp,
        kind: .totp)

    private static let flows: [SignInFlow] = [
        SignInFlow(
            state: .verifying(offered: [phone.authenticator, AuthenticatorID(high: 2, low: 2)]),
            mustChangePassword: false, proved: []),
        SignInFlow(
            state: .binding(offered: [VerificationDouble.spare]), mustChangePassword: true,
            proved: [phone]),
        SignInFlow(state: .changingPassword, mustChangePassword: true, proved: [phone]),
    ]

    private static func audit(_ user: UserID) -> AuditEntry {
        Call.from().audit(.signInStarted, subject: user)
    }

    private func add(
        _ house: Gatehouse, _ user: TestUser, _ flow: SignInFlow = flows[0]
    ) async throws -> Ticket {
        let ticket = try #require(Ticket(random: try Random.bytes(32)))
        let account = try await house.account(user)
        let new = NewPendingSignIn(
            id: try Random.identifier(), ticket: ticket, trace: TraceID(high: 3, low: 4),
            password: .sample,
            account: account, flow: flow, policyVersion: 7, bearer: true)
        let expiresAt = try await house.on { gateway in
            try await gateway.pendingSignIns.add(new, audit: Self.audit(user.id))
        }
        _ = try #require(expiresAt)
        return ticket
    }

    private func find(_ house: Gatehouse, _ ticket: Ticket) async throws -> PendingSignIn? {
        try await house.on { try await $0.pendingSignIns.find(ticket) }
    }

    @Test(arguments: flows) func `a flow comes back as it was stored`(flow: SignInFlow) async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let found = try #require(try await find(house, try await add(house, user, flow)))
            #expect(found.flow == flow)
            #expect(found.trace == TraceID(high: 3, low: 4))
            #expect(found.policyVersion == 7 && found.bearer && found.version == 1)
            #expect(found.account == (try await house.account(user)))
            #expect(try house.audited("sign_in_started", user.id) == 1)
        }
    }

    @Test func `L-02 of 32 steps at once one is stored, round after round`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            let ticket = try await add(house, user)
            for round in 1...10 {
                let pending = try #require(try await find(house, ticket))
                #expect(pending.version == Int64(round))
                let saved = try await house.parallel(32) { gateway, _ in
                    try await gateway.pendingSignIns.save(pending)
                }
                #expect(saved.count { $0 } == 1)
            }
        }
    }

    @Test func `of 32 endings at once one raises the epoch, and only its sign-in goes on`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            let ticket = try await add(house, user)
            let other = try await add(house, user)
            let session = try await house.session(user)
            let pending = try #require(try await find(house, ticket))
            let adopted = try await house.parallel(32) { gateway, _ in
                try await gateway.pendingSignIns.endEverythingElse(
                    pending, audit: Call.from().audit(.sessionsEnded, subject: user.id)
                ).map { [$0.version, $0.epoch] }
            }
            #expect(adopted.compactMap { $0 } == [[2, pending.account.epoch + 1]])
            #expect(try house.audited("sessions_ended", user.id) == 1)
            #expect(try await find(house, ticket)?.account.epoch == pending.account.epoch + 1)
            #expect(try await find(house, other) == nil)
            #expect(!(try await house.opens(session)))
        }
    }

    /// Ways in which a sign-in ends; after each of them no step of it is stored.
    @Test(arguments: [
        "UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp()",
        "UPDATE auth.pending_sign_ins SET stage = 'finished'",
        "UPDATE auth.pending_sign_ins SET version = version + 1",
        "UPDATE auth.users SET epoch = epoch + 1",
        "UPDATE auth.users SET state = 'disabled'",
        "DELETE FROM auth.pending_sign_ins",
    ]) func `L-05 and L-11 nothing is stored for a sign-in that has ended or moved on`(end: String)
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let ticket = try await add(house, user)
            let pending = try #require(try await find(house, ticket))
            try house.sql(end)
            if !end.contains("version") { #expect(try await find(house, ticket) == nil) }
            let new = try Self.session(pending.account)
            let audit = Self.audit(user.id)
            let done = try await house.on { gateway in
                [
                    try await gateway.pendingSignIns.save(pending),
                    try await gateway.pendingSignIns.endEverythingElse(pending, audit: audit)
                        != nil,
                    try await gateway.sessions.open(
                        new, finishing: pending, audit: audit, auditOfEnded: audit) != nil,
                ]
            }
            #expect(done == [false, false, false])
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 0)
            #expect(try house.audited("sign_in_started") == 1)
        }
    }

    @Test func `L-04 and L-09 an expiry holds to the moment`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let ticket = try await add(house, user)
            #expect(
                try house.sql(
                    """
                    SELECT expires_at - started_at BETWEEN interval '599 s' AND interval '601 s'
                    FROM auth.pending_sign_ins
                    """) == "t")
            let left = "UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp()"
            try house.sql(left + " + interval '5 s'")
            #expect(try await find(house, ticket) != nil)
            try house.sql(left)
            #expect(try await find(house, ticket) == nil)
        }
    }

    @Test func `a sign-in of an older epoch is not carried over into a newer one`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            var pending = try #require(try await find(house, try await add(house, user)))
            try house.sql("UPDATE auth.users SET epoch = epoch + 1")
            pending.account.epoch += 1
            let stale = pending
            let adopted = try await house.on { gateway in
                try await gateway.pendingSignIns.endEverythingElse(
                    stale, audit: Self.audit(user.id)) != nil
            }
            #expect(!adopted)
        }
    }

    @Test func `a sign-in of a user changed meanwhile is not begun`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let account = try await house.account(user)
            for change in ["epoch = epoch + 1", "state = 'disabled'"] {
                try house.sql("UPDATE auth.users SET \(change)")
                let new = NewPendingSignIn(
                    id: try Random.identifier(), ticket: .sample, trace: TraceID(high: 3, low: 4),
                    password: .sample,
                    account: account, flow: Self.flows[0], policyVersion: 1, bearer: true)
                let expiresAt = try await house.on { gateway in
                    try await gateway.pendingSignIns.add(new, audit: Self.audit(user.id))
                }
                #expect(expiresAt == nil)
            }
            #expect(try house.audited("sign_in_started") == 0)
        }
    }

    @Test func `D-04 finishing and going on at once is one of the two, and never a deadlock`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            for _ in 0..<30 {
                let pending = try #require(try await find(house, try await add(house, user)))
                let new = try Self.session(pending.account)
                let audit = Self.audit(user.id)
                let done = try await house.parallel(4) { gateway, number in
                    if number < 2 {
                        return try await gateway.sessions.open(
                            new, finishing: pending, audit: audit, auditOfEnded: audit) != nil
                    }
                    return try await gateway.pendingSignIns.endEverythingElse(
                        pending, audit: audit) != nil
                }
                #expect(done.count { $0 } == 1)
            }
            // A deadlock would be found and tried again, and show in nothing but time.
            #expect(
                try house.number(
                    "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
                    == 0)
        }
    }

    @Test func `L-19 one user has twenty sign-ins pending, and the oldest goes`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let other = try await add(house, try await house.makeUser("bob"))
            var tickets: [Ticket] = []
            for _ in 0..<200 { tickets.append(try await add(house, user)) }
            for (number, ticket) in tickets.enumerated() {
                #expect(try await (find(house, ticket) != nil) == (number >= 180), "\(number)")
            }
            #expect(try await find(house, other) != nil)
        }
    }

    @Test func `what is given up opens nothing, and what expired long ago is swept away`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let ticket = try await add(house, user)
            let old = try await add(house, user)
            try await house.on { try await $0.pendingSignIns.cancel(ticket) }
            #expect(try await find(house, ticket) == nil)
            let pending = try #require(try await find(house, old))
            try house.sql(
                """
                UPDATE auth.pending_sign_ins SET expires_at = clock_timestamp() - interval '25 h'
                WHERE id = '\(pending.id)'
                """)
            #expect(try await house.on { try await $0.pendingSignIns.sweep() } == 1)
            #expect(try house.number("SELECT count(*) FROM auth.pending_sign_ins") == 1)
        }
    }

    private static func session(_ account: AccountRecord) throws -> NewSession {
        NewSession(
            id: try Random.identifier(),
            token: try #require(SessionToken(random: try Random.bytes(32))), account: account,
            methods: [.password], level: 1)
    }
}
