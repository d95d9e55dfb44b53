import Audit
import Contracts
import Fixtures
import Postgres
import RPC
import Reactor
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What services are told of sessions: ending, watching, and whether a proof will do.
struct RevocationTests {
    private static let portal = Call(caller: .service(identity: "spiffe://example.test/portal"))

    private func watch(
        _ house: Gatehouse, _ cursor: String, wait: UInt32 = 0
    ) async throws -> Revocations {
        try await house.on {
            try await $0.directory().watch(
                WatchSessions(cursor: cursor, waitSeconds: wait), Self.portal)
        }
    }

    private func id(_ house: Gatehouse, _ token: SessionToken) async throws -> SessionID {
        let found = try await house.on { try await $0.sessions.find(token) }
        return try #require(found).id
    }

    /// As the process does it.
    private func listen(_ house: Gatehouse) async throws -> RevocationWatch {
        let watch = RevocationWatch(house.replicas.map { $0.gateway.revocations.bell })
        let pool = house.replicas[0].pool
        try await house.replicas[0].loop.run { watch.start(pool) }
        return watch
    }

    @Test func `a watcher is told of every end once, and not of what goes on`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let user = try await house.makeUser(factors: 1)
            let tokens = [try await house.session(user), try await house.session(user)]
            let ids = [try await id(house, tokens[0]), try await id(house, tokens[1])]
            let first = try await watch(house, "")
            #expect(first.reset && first.sessions.isEmpty)
            let quiet = try await watch(house, first.cursor)
            #expect(!quiet.reset && quiet.sessions.isEmpty && quiet.users.isEmpty)
            _ = try await house.on(1) {
                try await $0.directory().end(EndSession(token: tokens[0]), Self.portal)
            }
            #expect(!(try await house.opens(tokens[0])))
            let told = try await watch(house, quiet.cursor)
            #expect(told.sessions == [ids[0]] && told.users.isEmpty && !told.reset)
            #expect(try await watch(house, told.cursor).sessions.isEmpty)
            #expect(try await watch(house, quiet.cursor).sessions == [ids[0]])
            // A token that was replaced is worth as little.
            _ = try await house.on {
                try await $0.account().stepUp(
                    StepUp(authenticator: user.authenticator, code: VerificationDouble.rightCode),
                    .from(tokens[1]))
            }
            #expect(try await watch(house, told.cursor).sessions == [ids[1]])
        }
    }

    @Test(arguments: [
        "epoch = epoch + 1", "state = 'disabled'", "roles = '{administrator}'",
    ])
    func `S-02 what ends or changes all sessions of a user is told by his name`(
        change: String
    ) async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let start = try await watch(house, "").cursor
            try house.sql("UPDATE auth.users SET \(change)")
            #expect(try await watch(house, start).users == [user.id])
            // Signing in is no such thing.
            let after = try await watch(house, start).cursor
            try house.sql("UPDATE auth.users SET last_sign_in_at = clock_timestamp()")
            #expect(try await watch(house, after).users.isEmpty)
        }
    }

    @Test func `the session that has to make room is told, and so is everything of a report`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let oldest = try await id(house, try await house.session(user))
            for _ in 0..<19 { _ = try await house.session(user) }
            let start = try await watch(house, "").cursor
            let last = try await house.session(user)
            let told = try await watch(house, start)
            #expect(told.sessions == [oldest])
            _ = try await house.on {
                try await $0.account().reportNotMe(ReportNotMe(), .from(last))
            }
            #expect(try await watch(house, told.cursor).users == [user.id])
        }
    }

    @Test func `S-12 an end that is committed late, behind later ones, is told all the same`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let tokens = [try await house.session(user), try await house.session(user)]
            let ids = [try await id(house, tokens[0]), try await id(house, tokens[1])]
            let start = try await watch(house, "").cursor
            let early = try await house.on { gateway in
                let pool = gateway.sessions.pool
                func end(_ session: SessionID) -> SQL {
                    "UPDATE auth.sessions SET ended_at = clock_timestamp() WHERE id = \(session)"
                }
                return try await pool.transaction { (slow) async throws(PostgresFault) in
                    _ = try await slow.execute(end(ids[0]))
                    _ = try await pool.execute(end(ids[1]))
                    return .commit(try await gateway.revocations.look(since: .init(start)))
                }
            }
            #expect(early.sessions == [ids[1]])
            #expect(try await watch(house, early.cursor).sessions == [ids[0]])
        }
    }

    @Test func `of many that end at once, each for as long as it likes, none is lost`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            var users: Set<UserID> = []
            for number in 0..<24 { users.insert(try await house.makeUser("u\(number)").id) }
            let all = Array(users)
            var cursor = try await watch(house, "").cursor
            for _ in 0..<4 {
                async let ending: [()] = house.parallel(all.count) { gateway, number in
                    let loop = gateway.revocations.bell.loop
                    let pause = Duration.milliseconds(Int64.random(in: 0...40))
                    try await gateway.sessions.pool.transaction {
                        (own) async throws(PostgresFault) in
                        try await own.execute(
                            "UPDATE auth.users SET epoch = epoch + 1 WHERE id = \(all[number])")
                        await loop.sleep(for: pause)
                        return .commit(())
                    }
                }
                var told: [UserID] = []
                for _ in 0..<40 {
                    let found = try await watch(house, cursor)
                    told += found.users
                    cursor = found.cursor
                }
                _ = try await ending
                let last = try await watch(house, cursor)
                told += last.users
                cursor = last.cursor
                #expect(Set(told) == users && told.count == users.count)
            }
        }
    }

    @Test func `whoever waits holds no connection, and is told as soon as it happens`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let bells = try await listen(house)
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let session = try await id(house, token)
            let cursor = try await watch(house, "").cursor
            // No look but the first and the one after the bell.
            let waiting = Task {
                try await house.parallel(200) { gateway, _ in
                    try await gateway.revocations.next(
                        since: .init(cursor), within: .seconds(60), looking: .seconds(60))
                }
            }
            let busy = """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                    AND usename = 'dubbelslot_auth' AND state <> 'idle'
                """
            let deadline = ContinuousClock.now + .seconds(20)
            while try house.number(busy) > 0, ContinuousClock.now < deadline {
                try await house.replicas[0].loop.run { [loop = house.replicas[0].loop] in
                    await loop.sleep(for: .milliseconds(50))
                }
            }
            #expect(try house.number(busy) == 0)
            _ = try await house.on(1) {
                try await $0.directory().end(EndSession(token: token), Self.portal)
            }
            let told = try await waiting.value
            #expect(told.count == 200 && told.allSatisfy { $0.sessions == [session] })
            bells.stop()
        }
    }

    @Test func `whoever waits is let go when the process ends, and too many come again`()
        async throws
    {
        try await withGatehouse { house in
            let cursor = try await watch(house, "").cursor
            let count = RevocationBell.waitersMax
            let waiting = Task {
                try await house.parallel(count) { gateway, _ in
                    try await gateway.revocations.next(
                        since: .init(cursor), within: .seconds(60), looking: .seconds(60))
                }
            }
            let deadline = ContinuousClock.now + .seconds(20)
            var met: Reason?
            while met != .overloaded, ContinuousClock.now < deadline {
                met = try await house.refusal {
                    try await $0.directory().watch(
                        WatchSessions(cursor: cursor, waitSeconds: 0), Self.portal)
                }
            }
            #expect(met == .overloaded)
            RevocationWatch([house.replicas[0].gateway.revocations.bell]).stop()
            #expect(try await waiting.value.count == count)
        }
    }

    @Test func `who has missed too much, or holds another's cursor, begins anew or is refused`()
        async throws
    {
        try await withGatehouse { house in
            let cursor = try await watch(house, "").cursor
            let snapshot = try #require(cursor.split(separator: "/").last)
            #expect(try await watch(house, "1000/\(snapshot)").reset)
            let now = try #require(cursor.split(separator: "/").first)
            // Of a database that was ahead of this one.
            #expect(try await watch(house, "\(now)/999999:999999:").reset)
            for bad in [
                "x", "1", "1/", "1/2", "1/2:1:", "1/0:1:", "1/1:2:3", "1/1:5:2,2", "-1/1:1:",
                "1/1:5:,", "1/1:1:\u{661}", "1/1:99999999999999999999:",
            ] {
                let found = try await house.refusal {
                    try await $0.directory().watch(
                        WatchSessions(cursor: bad, waitSeconds: 0), Self.portal)
                }
                #expect(found == .malformed, "\(bad)")
            }
            let outside = try await house.refusal {
                try await $0.directory().watch(
                    WatchSessions(cursor: "", waitSeconds: 0), .from())
            }
            #expect(outside == .callerNotAllowed)
            let long = try await house.refusal {
                try await $0.directory().watch(
                    WatchSessions(cursor: cursor, waitSeconds: 21), Self.portal)
            }
            #expect(long == .malformed)
            try house.sql(
                """
                INSERT INTO auth.revocations (session_id)
                SELECT gen_random_uuid() FROM generate_series(1, 1001)
                """)
            let many = try await watch(house, cursor)
            #expect(many.reset && many.sessions.isEmpty)
        }
    }

    @Test func `whatever is taken for a cursor, the database takes for one too`() async throws {
        try await withGatehouse { house in
            var generator = SeededGenerator(seed: .random(in: 0 ... .max))
            var taken = 0
            for _ in 0..<400 {
                let text = Self.randomCursor(&generator)
                guard let cursor = RevocationLog.Cursor(text) else { continue }
                taken += 1
                let refused = try await house.refusal {
                    try await $0.revocations.next(since: cursor, within: .zero)
                }
                #expect(refused == nil, "\(text), seed \(generator.seed)")
            }
            #expect(taken > 50)
        }
    }

    /// Mostly one that is right, with a digit or sign that may not be.
    private static func randomCursor(_ generator: inout SeededGenerator) -> String {
        func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        let first = number(0...6), last = first + number(-1...9)
        let between = (0..<number(0...4)).map { _ in String(number(0...12)) }.sorted()
        var text = "\(number(0...9))/\(first):\(last):\(between.joined(separator: ","))"
        if number(0...3) == 0 {
            let place = text.index(text.startIndex, offsetBy: number(0...text.count))
            text.insert("0123456789:,/- ".randomElement(using: &generator)!, at: place)
        }
        return text
    }

    @Test func `a cursor of a busy database stays a cursor`() throws {
        let many = (2...900).map { "1234567890123\($0 + 1000)" }.joined(separator: ",")
        let text = RevocationLog.Cursor.text(5, "12345678901231001:12345678901239999:\(many)")
        #expect(text == "5/12345678901231001:12345678901231001:")
        #expect(RevocationLog.Cursor(text) != nil)
    }

    @Test func `what no cursor looks for any more is swept away`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            try house.sql("UPDATE auth.users SET epoch = epoch + 1")
            #expect(try await house.on { try await $0.revocations.sweep() } == 0)
            try house.sql("UPDATE auth.revocations SET at = at - interval '25 hours'")
            #expect(try await house.on { try await $0.revocations.sweep() } == 1)
            _ = user
        }
    }

    @Test func `a browser that ends its own session through SessionService forgets its cookie`()
        async throws
    {
        try await withGatehouse { house in
            let token = try await house.session(try await house.makeUser())
            let door = Door(.http, byCookie: true)
            _ = try await house.on {
                try await $0.directory(door).end(EndSession(), .from(token))
            }
            #expect(door.cookie == .clear)
            #expect(!(try await house.opens(token)))
            let again = try await house.refusal {
                try await $0.directory(door).end(EndSession(token: token), .from())
            }
            #expect(again == .notSignedIn)
        }
    }

    /// Proved 100 seconds ago, policy's time is 300: what is asked, and whether that is too old.
    @Test(
        arguments: [
            (nil, 0, false), (nil, 1, false), (nil, 2, true), (200, 0, false), (200, 2, true),
            (50, 0, true), (0, 0, true), (100_000, 1, false),
        ] as [(UInt32?, UInt32, Bool)])
    func `a frontend asks for a fresher proof, or a higher level`(
        maxAge: UInt32?, level: UInt32, isRequired: Bool
    ) async throws {
        try await withGatehouse { house in
            let token = try await house.session(try await house.makeUser())
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '100 s'")
            let found = try await house.on {
                try await $0.directory().introspect(
                    Introspect(token: token, maxAgeSeconds: maxAge, level: level), Self.portal)
            }
            #expect(found.active && found.stepUpRequired == isRequired)
            let until = try #require(found.freshUntil), proved = try #require(found.session)
            #expect(until.seconds - proved.authTime.seconds == 300)
        }
    }

    @Test func `P-02 no frontend is content with an older proof than policy`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            func ask(_ age: UInt32) async throws -> Bool {
                try await house.on {
                    try await $0.directory().introspect(
                        Introspect(token: token, maxAgeSeconds: age), Self.portal)
                }.stepUpRequired
            }
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '301 s'")
            #expect(try await ask(3600))
            let refused = try await house.refusal {
                try await $0.directory().introspect(
                    Introspect(token: token, level: 3), Self.portal)
            }
            #expect(refused == .malformed)
            let raised = try await house.on {
                try await $0.account().stepUp(StepUp(password: user.password), .from(token))
            }
            let new = try #require(raised.session.token)
            let found = try await house.on {
                try await $0.directory().introspect(
                    Introspect(token: new, maxAgeSeconds: 5), Self.portal)
            }
            #expect(found.active && !found.stepUpRequired)
            #expect(!(try await house.opens(token)))
        }
    }

    @Test func `S-06 what raises no level is not even tried where a raise is asked for`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let byPassword = try await house.refusal {
                try await $0.account().stepUp(
                    StepUp(password: user.password, raising: true), .from(token))
            }
            #expect(byPassword == .authenticatorNotOffered)
            let mail = house.verification.bind(user.id, VerificationDouble.spare, .email)
            let byMail = try await house.refusal {
                try await $0.account().stepUp(
                    StepUp(
                        authenticator: mail.id, code: VerificationDouble.rightCode, raising: true),
                    .from(token))
            }
            #expect(byMail == .authenticatorNotOffered)
            #expect(house.verification.state.withLock { $0.checks.isEmpty })
            #expect(try await house.opens(token))
            let app = house.verification.bind(user.id)
            let raised = try await house.on {
                try await $0.account().stepUp(
                    StepUp(
                        authenticator: app.id, code: VerificationDouble.rightCode, raising: true),
                    .from(token))
            }
            #expect(raised.session.aal == 2)
        }
    }
}
