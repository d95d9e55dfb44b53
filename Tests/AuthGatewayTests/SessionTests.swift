import Audit
import Contracts
import Crypto
import RPC
import Testing
import Wire

@testable import AuthGateway

/// `auth.sessions` under parallel finishes, time, and whatever ends them.
struct SessionTests {
    private func token() throws -> SessionToken {
        try #require(SessionToken(random: try Random.bytes(32)))
    }

    private func new(_ account: AccountRecord, _ token: SessionToken) throws -> NewSession {
        NewSession(
            id: try Random.identifier(), token: token, account: account,
            methods: [.password, .oneTimePassword, .multipleFactors], level: 2)
    }

    private func record(
        _ house: Gatehouse, _ token: SessionToken, replica: Int = 0
    ) async throws -> SessionRecord? {
        try await house.on(replica) { try await $0.sessions.find(token) }
    }

    /// Nil for what is no token at all.
    private static func parse(_ text: String) -> SessionToken? {
        do {
            return try SessionToken(raw: text)
        } catch {
            return nil
        }
    }

    @Test func `L-06 of 64 finishes at once one opens a session`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            for round in 1...5 {
                let ticket = try await house.verifying(user)
                let found = try await house.on { try await $0.pendingSignIns.find(ticket) }
                let pending = try #require(found)
                let opened = try await house.parallel(64) { gateway, _ in
                    let audit = Call.from().audit(.signInCompleted, subject: user.id)
                    return try await gateway.sessions.open(
                        new(pending.account, token()), finishing: pending, audit: audit,
                        auditOfEnded: audit) != nil
                }
                #expect(opened.count { $0 } == 1)
                #expect(try house.number("SELECT count(*) FROM auth.sessions") == round)
                #expect(try house.audited("sign_in_completed", user.id) == round)
            }
        }
    }

    @Test func `S-03 and S-11 a session opens by its token alone, and says whose it is`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let token = try await house.session(user)
            let session = try #require(try await record(house, token))
            #expect(session.account == (try await house.account(user)))
            #expect(session.level == 2)
            #expect(session.methods == [.password, .oneTimePassword, .multipleFactors])
            #expect(session.isFresh)
            #expect(session.account.lastSignInAt != nil)
            // Its digest, which a reader of the database has, is no token.
            let digest = Array(token.digest.array)
            let stolen = try #require(SessionToken(random: digest))
            #expect(try await record(house, stolen) == nil)
            for place in token.text.indices {
                var changed = Array(token.text)
                changed[token.text.distance(from: token.text.startIndex, to: place)] =
                    token.text[place] == "A" ? "B" : "A"
                guard let near = Self.parse(String(changed)) else { continue }
                #expect(try await record(house, near) == nil)
            }
            for other in [String(token.text.dropLast()), token.text + "A", token.text + "=", ""] {
                #expect(Self.parse(other) == nil)
            }
            #expect(
                try house.number(
                    "SELECT count(*) FROM auth.sessions s WHERE s::text LIKE '%\(token.text)%'")
                    == 0)
        }
    }

    /// What ends every session and every pending sign-in of a user, at once and everywhere.
    @Test(arguments: [
        "UPDATE auth.users SET state = 'disabled'", "UPDATE auth.users SET epoch = epoch + 1",
    ]) func `S-02 an older epoch and a disabled user open nothing`(change: String) async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let token = try await house.session(user)
            let ticket = try await house.verifying(user)
            #expect(try await house.opens(token, replica: 1))
            try house.sql(change)
            for replica in 0...1 {
                #expect(!(try await house.opens(token, replica: replica)))
                let pending = try await house.on(replica) {
                    try await $0.pendingSignIns.find(ticket)
                }
                #expect(pending == nil)
            }
        }
    }

    /// Limits in seconds: users 24 h and 1 h idle, administrators 12 h and 15 min.
    @Test(arguments: [(false, 86_400, 3_600), (true, 43_200, 900)])
    func `S-04 idleness and age end a session`(isAdmin: Bool, overall: Int, idle: Int) async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(
                roles: isAdmin ? [.administrator] : [], factors: 1)
            let token = try await house.session(user)
            func rest(_ seconds: Int) async throws -> Bool {
                try house.sql(
                    """
                    UPDATE auth.sessions
                    SET last_used_at = clock_timestamp() - interval '\(seconds) s'
                    """)
                return try await house.opens(token)
            }
            #expect(!(try await rest(idle)))
            #expect(try await rest(idle - 5))
            // Using it has begun the time of rest anew.
            #expect(
                try house.sql(
                    """
                    SELECT clock_timestamp() - last_used_at < interval '5 s' FROM auth.sessions
                    """) == "t")
            let left = try #require(try await record(house, token))
            #expect(
                (overall - 5...overall).contains(
                    Int(left.expiresAt.seconds - left.readAt.seconds)))
            // Use does not prolong the whole.
            try house.sql("UPDATE auth.sessions SET expires_at = clock_timestamp()")
            #expect(!(try await house.opens(token)))
        }
    }

    @Test func `use is noted once a minute at most`() async throws {
        try await withGatehouse { house in
            let token = try await house.session(try await house.makeUser(factors: 1))
            let noted = "SELECT last_used_at FROM auth.sessions"
            let before = try house.sql(noted)
            #expect(try await house.opens(token))
            #expect(try house.sql(noted) == before)
            try house.sql(
                "UPDATE auth.sessions SET last_used_at = clock_timestamp() - interval '61 s'")
            #expect(try await house.opens(token))
            #expect(try house.sql(noted) > before)
        }
    }

    @Test func `S-02 and S-06 raising the level changes the token, and the old one dies`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            let old = try await house.session(user)
            let session = try #require(try await record(house, old))
            #expect(session.level == 1)
            let new = try token()
            let raised = try await house.on { gateway in
                try await gateway.sessions.renew(
                    session, by: SessionProof(password: true, [.totp]), token: new,
                    audit: Call.from().audit(.steppedUp, subject: user.id))
            }
            #expect(raised?.level == 2)
            #expect(raised?.expiresAt == session.expiresAt)
            for replica in 0...1 {
                #expect(!(try await house.opens(old, replica: replica)))
                let found = try #require(try await record(house, new, replica: replica))
                #expect(found.id == session.id && found.level == 2)
            }
            #expect(try house.audited("stepped_up", user.id) == 1)
        }
    }

    @Test(arguments: [
        "UPDATE auth.sessions SET ended_at = clock_timestamp()",
        "UPDATE auth.sessions SET expires_at = clock_timestamp()",
        "UPDATE auth.users SET epoch = epoch + 1", "UPDATE auth.users SET state = 'disabled'",
    ]) func `S-02 a session that has ended is not renewed by a proof`(end: String) async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let session = try #require(
                try await record(house, try await house.session(user)))
            try house.sql(end)
            let new = try token()
            let raised = try await house.on { gateway in
                try await gateway.sessions.renew(
                    session, by: SessionProof(password: true, [.totp]), token: new,
                    audit: Call.from().audit(.steppedUp, subject: user.id))
            }
            #expect(raised == nil)
            #expect(try house.audited("stepped_up") == 0)
            #expect(!(try await house.opens(new)))
        }
    }

    @Test func `S-05 a session ends once, however many ask, and using it does not bring it back`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            for round in 1...30 {
                let token = try await house.session(user)
                let session = try #require(try await record(house, token))
                try house.sql(
                    "UPDATE auth.sessions SET last_used_at = clock_timestamp() - interval '2 min'")
                _ = try await house.parallel(32) { gateway, number in
                    guard number % 2 == 0 else {
                        _ = try await gateway.sessions.find(token)
                        return
                    }
                    try await gateway.sessions.end(
                        session, audit: Call.from().audit(.sessionEnded, subject: user.id))
                    let found = try await gateway.sessions.find(token)
                    #expect(found == nil)
                }
                #expect(try house.audited("session_ended", user.id) == round)
                #expect(!(try await house.opens(token)))
            }
        }
    }

    @Test func `S-08 one user has twenty sessions, and the oldest ends`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let other = try await house.session(try await house.makeUser("bob"))
            var tokens: [SessionToken] = []
            for _ in 0..<21 { tokens.append(try await house.session(user)) }
            #expect(!(try await house.opens(tokens[0])))
            #expect(try await house.opens(tokens[1]))
            #expect(try await house.opens(tokens[20]))
            #expect(try await house.opens(other))
            #expect(try house.audited("session_ended", user.id) == 1)
        }
    }
}

/// Ending everything but one session.
struct KeptSessionTests {
    private func end(
        _ gateway: Gateway, _ user: TestUser, keeping session: SessionID?
    ) async throws {
        _ = try await gateway.accounts.endEverything(
            of: user.id, keeping: session,
            audit: Call.from().audit(.sessionsEnded, subject: user.id))
    }

    private func id(_ house: Gatehouse, _ token: SessionToken) async throws -> SessionID {
        let session = try await house.on { try await $0.sessions.find(token) }
        return try #require(session).id
    }

    @Test func `S-02 the kept session goes on, the others and all sign-ins end`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let kept = try await house.session(user)
            let other = try await house.session(user)
            let ticket = try await house.verifying(user)
            let id = try await id(house, kept)
            try await house.on { try await end($0, user, keeping: id) }
            #expect(try await house.opens(kept))
            #expect(!(try await house.opens(other)))
            let pending = try await house.on { try await $0.pendingSignIns.find(ticket) }
            #expect(pending == nil)
            try await house.on { try await end($0, user, keeping: nil) }
            #expect(!(try await house.opens(kept)))
        }
    }

    @Test func `16 at once that keep one session keep it`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            let kept = try await house.session(user)
            let other = try await house.session(user)
            let id = try await id(house, kept)
            _ = try await house.parallel(16) { gateway, _ in
                try await end(gateway, user, keeping: id)
            }
            #expect(try await house.opens(kept))
            #expect(!(try await house.opens(other)))
            #expect(try house.audited("sessions_ended", user.id) == 16)
        }
    }

    @Test func `of two that each keep their own, no ended one comes back`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            for _ in 0..<10 {
                let tokens = [try await house.session(user), try await house.session(user)]
                let ids = [try await id(house, tokens[0]), try await id(house, tokens[1])]
                _ = try await house.parallel(2) { gateway, number in
                    try await end(gateway, user, keeping: ids[number])
                }
                let open = [try await house.opens(tokens[0]), try await house.opens(tokens[1])]
                #expect(!(open[0] && open[1]))
            }
        }
    }

    @Test func `a session signed out, or of somebody else, is not kept`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let other = try await house.makeUser("bob")
            let foreign = try await house.session(other)
            let foreignID = try await id(house, foreign)
            try await house.on { try await end($0, user, keeping: foreignID) }
            #expect(try await house.opens(foreign))
            let token = try await house.session(user)
            let own = try await id(house, token)
            try house.sql("UPDATE auth.sessions SET ended_at = clock_timestamp()")
            try await house.on { try await end($0, user, keeping: own) }
            #expect(!(try await house.opens(token)))
        }
    }

    @Test func `a sign-in that finishes while everything ends is ended or refused`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            for _ in 0..<20 {
                let ticket = try await house.verifying(user)
                let found = try await house.on { try await $0.pendingSignIns.find(ticket) }
                let pending = try #require(found)
                let token = try #require(SessionToken(random: try Random.bytes(32)))
                let new = NewSession(
                    id: try Random.identifier(), token: token, account: pending.account,
                    methods: [.password], level: 1)
                _ = try await house.parallel(2) { gateway, number in
                    if number == 0 { return try await end(gateway, user, keeping: nil) }
                    let audit = Call.from().audit(.signInCompleted, subject: user.id)
                    _ = try await gateway.sessions.open(
                        new, finishing: pending, audit: audit, auditOfEnded: audit)
                }
                #expect(!(try await house.opens(token)))
            }
        }
    }
}
