import Audit
import Contracts
import Fixtures
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Sessions that their owner, or an administrator, sees and ends.
struct SessionListTests {
    private func list(_ house: Gatehouse, _ token: SessionToken) async throws -> [SessionSummary] {
        try await house.on {
            try await $0.account().listSessions(ListOwnSessions(), .from(token)).sessions
        }
    }

    private func end(
        _ house: Gatehouse, _ session: SessionID, _ token: SessionToken, replica: Int = 0
    ) async throws -> Reason? {
        try await house.refusal(replica) {
            try await $0.account().endSession(EndOwnSession(session: session), .from(token))
        }
    }

    @Test func `one's own sessions are listed, and one that is ended opens nothing anywhere`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let first = try await house.session(user)
            let second = try await house.session(user)
            let found = try await list(house, second)
            #expect(found.map(\.current) == [true, false])
            #expect(found.allSatisfy { $0.aal == 2 && $0.caller.isEmpty })
            #expect(found.allSatisfy { $0.place == "127.0.0.1" && $0.agent.isEmpty })
            let other = try #require(found.last?.id)
            #expect(try await end(house, other, second, replica: 1) == nil)
            for replica in 0...1 {
                #expect(!(try await house.opens(first, replica: replica)))
                #expect(try await house.opens(second, replica: replica))
            }
            #expect(try await list(house, second).count == 1)
            #expect(try house.audited("session_ended", user.id) == 1)
            #expect(try await end(house, other, second) == .sessionNotFound)
            #expect(try house.audited("session_ended", user.id) == 1)
        }
    }

    @Test func `a browser says what it is called, and an own session that is ended signs out`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let door = Door(.http, agent: "Firefox 144")
            let request = StartSignIn(
                identifier: user.name, password: user.password, bearer: false)
            _ = try await house.on { try await $0.signIn(door).start(request, .from()) }
            guard case .set(let token, _) = door.cookie else { throw Unexpected() }
            let own = try #require(try await list(house, token).first)
            #expect(own.agent == "Firefox 144" && own.current)
            let browser = Door(.http, byCookie: true)
            _ = try await house.on {
                try await $0.account(browser).endSession(
                    EndOwnSession(session: own.id), .from(token))
            }
            #expect(browser.cookie == .clear)
            #expect(!(try await house.opens(token)))
        }
    }

    @Test func `S-09 another's session is neither listed nor ended`() async throws {
        try await withGatehouse { house in
            let ann = try await house.session(try await house.makeUser())
            let bob = try await house.session(try await house.makeUser("bob"))
            let foreign = try #require(try await list(house, bob).first).id
            #expect(try await list(house, ann).allSatisfy { $0.id != foreign })
            #expect(try await end(house, foreign, ann) == .sessionNotFound)
            #expect(try await end(house, .sample, ann) == .sessionNotFound)
            #expect(try await house.opens(bob))
            #expect(try house.audited("session_ended") == 0)
        }
    }

    @Test func `S-05 a session ends once by its id, however many ask, and is not used after`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser()
            let mine = try await house.session(user)
            for round in 1...20 {
                let theirs = try await house.session(user)
                let listed = try await list(house, mine)
                let id = try #require(listed.first { !$0.current }).id
                let ended = try await house.parallel(16) { gateway, number in
                    guard number % 2 == 0 else {
                        _ = try await gateway.sessions.find(theirs)
                        return false
                    }
                    let isEnded = try await gateway.sessions.end(
                        id, of: user.id,
                        audit: Call.from().audit(.sessionEnded, subject: user.id))
                    let found = try await gateway.sessions.find(theirs)
                    #expect(found == nil)
                    return isEnded
                }
                #expect(ended.count { $0 } == 1)
                #expect(try house.audited("session_ended", user.id) == round)
            }
        }
    }

    @Test func `S-02 all others end, with the sign-ins under way, and this one goes on`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let mine = try await house.session(user)
            let others = [try await house.session(user), try await house.session(user)]
            let ticket = try await house.verifying(user)
            try await house.on(1) {
                _ = try await $0.account().endOtherSessions(EndOtherSessions(), .from(mine))
            }
            #expect(try await house.opens(mine))
            for token in others { #expect(!(try await house.opens(token))) }
            let pending = try await house.on { try await $0.pendingSignIns.find(ticket) }
            #expect(pending == nil)
            #expect(try house.audited("sessions_ended", user.id) == 1)
            let late = try await house.refusal {
                try await $0.account().endOtherSessions(EndOtherSessions(), .from(others[0]))
            }
            #expect(late == .notSignedIn)
        }
    }

    @Test func `P-01 an administrator sees and ends anybody's sessions, with a reason`()
        async throws
    {
        try await withGatehouse { house in
            let admin = try await house.session(
                try await house.makeUser("root", roles: [.administrator], factors: 1))
            let user = try await house.makeUser()
            let tokens = [try await house.session(user), try await house.session(user)]
            let found = try await house.on {
                try await $0.admin.listUserSessions(ListUserSessions(user: user.id), .from(admin))
            }
            #expect(found.sessions.count == 2 && found.sessions.allSatisfy { !$0.current })
            let oldest = try #require(found.sessions.last).id
            func end(_ session: SessionID?, _ reason: String = "lost") async throws -> Reason? {
                try await house.refusal {
                    try await $0.admin.endUserSessions(
                        EndUserSessions(user: user.id, session: session, reason: reason),
                        .from(admin))
                }
            }
            #expect(try await end(oldest, " ") == .reasonRequired)
            #expect(try await end(.sample) == .sessionNotFound)
            #expect(try await end(oldest) == nil)
            #expect(!(try await house.opens(tokens[0])))
            #expect(try await house.opens(tokens[1]))
            #expect(try await end(nil) == nil)
            #expect(!(try await house.opens(tokens[1])))
            #expect(try await house.opens(admin))
            let reasons = try house.number(
                """
                SELECT count(*) FROM auth.audit WHERE payload->>'reason' = 'lost'
                    AND event IN ('session_ended', 'sessions_ended') AND actor IS NOT NULL
                """)
            #expect(reasons == 2)
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '301 s'")
            #expect(try await end(nil) == .stepUpRequired)
        }
    }
}

/// "That was not me".
struct NotMeTests {
    private func report(_ house: Gatehouse, _ token: SessionToken) async throws -> Bool {
        try await house.on {
            try await $0.account().reportNotMe(ReportNotMe(), .from(token)).told
        }
    }

    private func isSuspect(_ house: Gatehouse) throws -> Bool {
        try house.number("SELECT count(*) FROM auth.users WHERE password_suspect") == 1
    }

    @Test func `all ends, browsers are forgotten, and a new password is wanted once`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let mine = try await house.session(user)
            let theirs = try await house.session(user)
            let ticket = try await house.verifying(user)
            _ = try await report(house, mine)
            for token in [mine, theirs] {
                for replica in 0...1 {
                    #expect(!(try await house.opens(token, replica: replica)))
                }
            }
            let pending = try await house.on { try await $0.pendingSignIns.find(ticket) }
            #expect(pending == nil)
            #expect(try house.audited("sessions_ended", user.id) == 1)

            // The second factor comes first, as ever.
            let next = try await house.verifying(user)
            let proved = try await house.on(1) {
                try await $0.signIn().completeVerification(house.complete(user, next), .from())
            }
            #expect(proved.name == "changePassword")
            #expect(try isSuspect(house))
            let change = ChangeSignInPassword(
                ticket: try #require(proved.ticket), newPassword: "a long new password of mine")
            let done = try await house.on { try await $0.signIn().changePassword(change, .from()) }
            #expect(done.name == "signedIn")
            #expect(try !isSuspect(house))
            let replaced = house.verification.state.withLock { $0.replaced.last }
            #expect(replaced?.proved != nil && replaced?.secondFactorAsked == true)
        }
    }

    @Test func `S-02 no browser is known any more, not even the one it is said on`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let door = Door(.http)
            let request = StartSignIn(
                identifier: user.name, password: user.password, bearer: false)
            _ = try await house.on { try await $0.signIn(door).start(request, .from()) }
            guard case .set(let token, _) = door.cookie, let device = door.rotation?.new else {
                throw Unexpected()
            }
            let before = try await house.on { try await $0.devices.find(device, of: user.id) }
            #expect(before != nil)
            let browser = Door(.http, byCookie: true, device: device)
            _ = try await house.on {
                try await $0.account(browser).reportNotMe(ReportNotMe(), .from(token))
            }
            #expect(browser.cookie == .clear)
            let after = try await house.on { try await $0.devices.find(device, of: user.id) }
            #expect(after == nil)
        }
    }

    @Test func `its owner is told by mail, and where none goes out all has ended all the same`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let silent = try await house.session(user)
            #expect(try await !report(house, silent))
            try house.sql(
                "UPDATE auth.users SET email = 'ann@x.example', email_key = 'ann@x.example'")
            // A new password, as it was asked for.
            try house.sql("UPDATE auth.users SET password_suspect = false")
            let told = try await house.session(user)
            #expect(try await report(house, told))
            let notice = house.verification.state.withLock { $0.notices.last }
            #expect(notice?.event == .reportedNotMe && notice?.user == user.id)
            #expect(notice?.receiver.address == "ann@x.example")
            try house.sql("UPDATE auth.users SET password_suspect = false")
            let alone = try await house.session(user)
            house.verification.stand.isAway = true
            #expect(try await !report(house, alone))
            #expect(!(try await house.opens(alone)))
            #expect(try isSuspect(house))
        }
    }

    @Test func `a new password by any other way is new enough`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            try house.sql("UPDATE auth.users SET password_suspect = true")
            _ = try await house.on {
                try await $0.account().changePassword(
                    ChangePassword(
                        currentPassword: user.password,
                        newPassword: "a long new password of mine"),
                    .from(token))
            }
            #expect(try !isSuspect(house))
            try house.sql("UPDATE auth.users SET password_suspect = true")
            let reset = try ResetToken.fresh()
            house.verification.state.withLock { $0.resets[reset] = user.id }
            _ = try await house.on {
                try await $0.signIn().completePasswordReset(
                    CompletePasswordReset(
                        token: reset, newPassword: "another long password of mine"),
                    .from())
            }
            #expect(try !isSuspect(house))
        }
    }

    @Test func `S-09 whoever holds no session reports nothing`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            for other in [nil, SessionToken.sample] {
                let refused = try await house.refusal {
                    try await $0.account().reportNotMe(ReportNotMe(), .from(other))
                }
                #expect(refused == .notSignedIn)
            }
            #expect(try await house.opens(token))
            #expect(try !isSuspect(house))
        }
    }
}
