import Audit
import Contracts
import Daemon
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Users who are erased, in this schema and against what runs at the same time.
struct ErasureTests {
    private static let canary = "canary-Qx7"
    private static let address = "canary-qx7@example.org"

    private func admin(
        _ house: Gatehouse, _ name: String = "root"
    ) async throws -> (TestUser, Call) {
        let user = try await house.makeUser(name, roles: [.administrator], factors: 1)
        return (user, .from(try await house.session(user)))
    }

    /// A user with everything that this schema may hold of one.
    private func canary(_ house: Gatehouse) async throws -> TestUser {
        let user = try await house.makeUser(Self.canary, factors: 1)
        try house.sql(
            "UPDATE auth.users SET email = '\(Self.address)', email_key = '\(Self.address)', "
                + "phone = '+31207654321', display_name = 'Canary Qx7' WHERE id = '\(user.id)'")
        let door = Door(.http)
        let start = StartSignIn(identifier: user.name, password: user.password, bearer: false)
        let step = try await house.on { try await $0.signIn(door).start(start, .from()) }
        let request = house.complete(user, try #require(step.ticket))
        _ = try await house.on { try await $0.signIn(door).completeVerification(request, .from()) }
        _ = try await house.verifying(user)
        try house.sql(
            "INSERT INTO auth.grace_grants (user_id, until) VALUES ('\(user.id)', now())")
        return user
    }

    private func erase(
        _ house: Gatehouse, _ user: UserID, _ call: Call, reason: String = "left"
    ) async throws -> Reason? {
        try await house.refusal {
            try await $0.admin.eraseUser(EraseUser(user: user, reason: reason), call)
        }
    }

    private func mend(_ house: Gatehouse, replica: Int = 0) async throws -> Int {
        try await house.on(replica) {
            try await Mending(
                gateway: $0, log: Log(service: "tests", output: NoOutput())
            ).once()
        }
    }

    /// Every row of every table of the schema.
    private func dump(_ house: Gatehouse) throws -> String {
        let tables = try house.sql(
            "SELECT string_agg(table_name, ' ') FROM information_schema.tables "
                + "WHERE table_schema = 'auth' AND table_type = 'BASE TABLE'")
        return try tables.split(separator: " ").map { table in
            try house.sql("SELECT t::text FROM auth.\(table) t")
        }.joined(separator: "\n")
    }

    @Test func `nothing of an erased user is left in this schema but his identifier in the audit`()
        async throws
    {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await canary(house)
            let before = try dump(house)
            for word in [Self.canary, Self.address, "+31207654321", "Canary Qx7"] {
                #expect(before.contains(word))
            }
            #expect(try await erase(house, user.id, call) == nil)
            let after = try dump(house).lowercased()
            for word in ["canary", "qx7", "31207654321"] { #expect(!after.contains(word)) }
            // Every table that says whose a row is has none of his but the bare row itself, and
            // what comes round once more.
            let owned = try house.sql(
                """
                SELECT string_agg(table_name, ' ' ORDER BY table_name)
                FROM information_schema.columns
                WHERE table_schema = 'auth' AND column_name = 'user_id'
                """)
            for table in owned.split(separator: " ")
            where table != "unfinished" && table != "revocations" {
                let rows = try house.number(
                    "SELECT count(*) FROM auth.\(table) WHERE user_id = '\(user.id)'")
                #expect(rows == 0, "\(table)")
            }
            let own = "actor = '\(user.id)' OR (subject = '\(user.id)' AND actor IS NULL)"
            #expect(
                try house.sql("SELECT DISTINCT source FROM auth.audit WHERE \(own)") == "erased")
            #expect(try house.audited("user_erasure_begun", user.id) == 1)
            #expect(try house.audited("user_erased", user.id) == 1)
            #expect(house.verification.erased == [user.id])
            #expect(house.policy.state.withLock { $0.erased } == [user.id])
        }
    }

    @Test func `an erased user signs in by nothing, is found by nothing, and his name is free`()
        async throws
    {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await canary(house)
            let token = try await house.session(user)
            let ticket = try await house.verifying(user)
            #expect(try await erase(house, user.id, call) == nil)
            #expect(!(try await house.opens(token)))
            let late = house.complete(user, ticket)
            #expect(
                try await house.refusal {
                    try await $0.signIn().completeVerification(late, .from())
                } == .signInExpired)
            for identifier in [Self.canary, Self.address, "+31207654321"] {
                let start = StartSignIn(
                    identifier: identifier, password: user.password, bearer: true)
                #expect(
                    try await house.refusal { try await $0.signIn().start(start, .from()) }
                        == .passwordWrong)
            }
            let get = GetUser(user: user.id)
            #expect(
                try await house.refusal { try await $0.admin.getUser(get, call) }
                    == .userNotFound)
            #expect(try await erase(house, user.id, call) == .userNotFound)
            let enable = EnableUser(user: user.id, reason: "is back")
            #expect(
                try await house.refusal { try await $0.admin.enableUser(enable, call) }
                    == .userNotFound)
            let list = try await house.on {
                try await $0.admin.listUsers(ListUsers(after: "", limit: 0, search: ""), call)
            }
            #expect(list.users.map(\.userName) == ["root"])
            let again = CreateUser(
                userName: Self.canary, displayName: "", email: Self.address,
                phone: "+31207654321", locale: "", roles: [])
            let made = try await house.on { try await $0.admin.createUser(again, call) }
            #expect(made.user.id != user.id)
        }
    }

    @Test func `P-08 the last administrator and oneself are not erased`() async throws {
        try await withGatehouse { house in
            let (root, call) = try await admin(house)
            let (second, other) = try await admin(house, "second")
            #expect(try await erase(house, root.id, call) == .ownAccount)
            #expect(try await erase(house, second.id, call, reason: " ") == .reasonRequired)
            #expect(try await erase(house, second.id, call) == nil)
            #expect(try await erase(house, root.id, other) == .notSignedIn)
            let none = try await house.on {
                try await $0.accounts.beginErasure(
                    of: root.id, by: nil, because: "",
                    audit: call.audit(.userErasureBegun, subject: root.id))
            }
            guard case .lastAdministrator = none else { throw Unexpected() }
            let own = try await house.refusal { try await $0.account().erase(EraseAccount(), call) }
            #expect(own == .ownAccount)
        }
    }

    @Test func `P-08 of two administrators who erase each other at once one stays`() async throws {
        try await withGatehouse(replicas: 2) { house in
            for round in 0..<6 {
                let (one, byOne) = try await admin(house, "one \(round)")
                let (two, byTwo) = try await admin(house, "two \(round)")
                try house.sql(
                    "UPDATE auth.users SET roles = '{}' "
                        + "WHERE id NOT IN ('\(one.id)', '\(two.id)')")
                _ = try await house.parallel(2) { gateway, number in
                    do {
                        _ = try await gateway.admin.eraseUser(
                            EraseUser(user: number == 0 ? two.id : one.id, reason: "x"),
                            number == 0 ? byOne : byTwo)
                    } catch is Fault {}
                }
                #expect(
                    try house.number(
                        "SELECT count(*) FROM auth.users WHERE state = 'active' "
                            + "AND 'administrator' = ANY (roles)") >= 1)
            }
        }
    }

    @Test func `L-11 a sign-in that is under way while its user is erased opens nothing`()
        async throws
    {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            house.verification.stand.before("checkCode") {
                _ = try await erase(house, user.id, call)
            }
            let request = house.complete(user, ticket)
            #expect(
                try await house.refusal {
                    try await $0.signIn().completeVerification(request, .from())
                } != nil)
            #expect(
                try house.number(
                    "SELECT count(*) FROM auth.sessions WHERE user_id = '\(user.id)'") == 0)
        }
    }

    @Test func `a user erases himself after a fresh proof, and his cookie goes`() async throws {
        try await withGatehouse { house in
            let user = try await canary(house)
            let token = try await house.session(user)
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '301 s'")
            let stale = Call.from(token)
            #expect(
                try await house.refusal { try await $0.account().erase(EraseAccount(), stale) }
                    == .stepUpRequired)
            try house.sql("UPDATE auth.sessions SET proved_at = clock_timestamp()")
            let door = Door(.http, byCookie: true)
            let call = Call.from(token)
            try await house.on { gateway in
                let own = AccountHandlers(gateway: gateway, door: door)
                _ = try await own.erase(EraseAccount(), call)
            }
            #expect(door.cookie == .clear)
            #expect(!(try await house.opens(token)))
            #expect(!(try dump(house).contains("anary")))
        }
    }

    // MARK: Cut between the steps

    @Test(arguments: ["verification", "policy", "auth"])
    func `an erasure that breaks off is nobody at once, and is brought to its end`(
        cut: String
    ) async throws {
        try await withGatehouse(replicas: 2) { house in
            let (_, call) = try await admin(house)
            let user = try await canary(house)
            let token = try await house.session(user)
            switch cut {
            case "verification": house.verification.stand.isAway = true
            case "policy": house.policy.stand.isAway = true
            case _:
                try house.sql(
                    "ALTER TABLE auth.audit ADD CONSTRAINT cut CHECK (event <> 'user_erased') "
                        + "NOT VALID")
            }
            #expect(try await erase(house, user.id, call) != nil)
            #expect(!(try await house.opens(token)))
            #expect(try dump(house).contains("anary"))
            // Nobody takes it up while its caller may be at it.
            #expect(try await mend(house) == 0)
            try house.sql("UPDATE auth.unfinished SET due_at = clock_timestamp()")
            #expect(try await mend(house) == 0, "it does not succeed yet")
            house.verification.stand.isAway = false
            house.policy.stand.isAway = false
            try house.sql("ALTER TABLE auth.audit DROP CONSTRAINT IF EXISTS cut")
            #expect(try await mend(house) == 0, "and is not tried again at once")
            try house.sql("UPDATE auth.unfinished SET due_at = clock_timestamp()")
            async let one = mend(house)
            async let two = mend(house, replica: 1)
            #expect(try await one + two == 1)
            #expect(!(try dump(house).contains("anary")))
            #expect(try house.audited("user_erased", user.id) == 1)
        }
    }

    @Test func `what calls under way wrote behind an erasure goes a while later`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            #expect(try await erase(house, user.id, call) == nil)
            house.verification.state.withLock { $0.passwords[user.id] = "written late" }
            #expect(try await mend(house) == 0)
            let due = "SELECT extract(epoch FROM due_at - clock_timestamp()) FROM auth.unfinished"
            #expect(try #require(Double(try house.sql(due))) > 600)
            try house.sql("UPDATE auth.unfinished SET due_at = clock_timestamp()")
            #expect(try await mend(house) == 1)
            #expect(house.verification.state.withLock { $0.passwords[user.id] } == nil)
            #expect(try house.number("SELECT count(*) FROM auth.unfinished") == 0)
        }
    }

    @Test func `P-10 the role erases nobody but whoever is being erased`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let erased = try house.sql(
                "SET SESSION AUTHORIZATION dubbelslot_auth; SELECT auth.erase('\(user.id)')")
            #expect(erased.hasSuffix("f"))
            #expect(try house.sql("SELECT user_name FROM auth.users") == "ann")
            for role in ["dubbelslot_policy", "dubbelslot_verification"] {
                #expect(throws: (any Error).self) {
                    try house.sql(
                        "SET SESSION AUTHORIZATION \(role); SELECT auth.erase('\(user.id)')")
                }
            }
        }
    }
}
