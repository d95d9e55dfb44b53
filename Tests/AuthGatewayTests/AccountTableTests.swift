import Audit
import Contracts
import Crypto
import Postgres
import RPC
import Testing
import Wire

@testable import AuthGateway

/// `auth.users`: who is found, who is unique, and who stays.
struct AccountTableTests {
    private static func account(
        _ name: String, email: String? = nil, phone: String? = nil, roles: [Role] = []
    ) throws -> NewAccount {
        NewAccount(
            id: try Random.identifier(), name: try #require(UserName(parsing: name)),
            displayName: name,
            email: try email.map { try #require(EmailAddress(parsing: $0)) },
            phone: try phone.map { try #require(PhoneNumber(parsing: $0)) }, locale: "en",
            roles: roles)
    }

    private static func add(_ gateway: Gateway, _ new: NewAccount) async throws -> AccountRecord {
        try await gateway.accounts.add(
            new, audit: Call.from().audit(.userCreated, subject: new.id))
    }

    /// How adding ends: nil when it succeeds.
    private static func conflict(
        _ gateway: Gateway, _ new: NewAccount
    ) async throws -> AccountConflict? {
        do {
            _ = try await add(gateway, new)
            return nil
        } catch let conflict as AccountConflict {
            return conflict
        }
    }

    @Test func `L-20 a name, an address and a number belong to one user, however they are spelled`()
        async throws
    {
        try await withGatehouse { house in
            let first = try Self.account(
                "Straße", email: "Ann@Example.org", phone: "+31201234567")
            let taken: [(NewAccount, AccountConflict)] = [
                (try Self.account("straße"), .nameTaken),
                (try Self.account("STRASSE"), .nameTaken),
                (try Self.account("b", email: "ann@example.ORG"), .emailTaken),
                (try Self.account("c", phone: "+31201234567"), .phoneTaken),
            ]
            try await house.on { gateway in
                _ = try await Self.add(gateway, first)
                for (new, conflict) in taken {
                    #expect(try await Self.conflict(gateway, new) == conflict)
                }
            }
            #expect(try house.number("SELECT count(*) FROM auth.users") == 1)
            #expect(try house.audited("user_created") == 1)
        }
    }

    @Test func `of 16 who take one name at once one has it`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let conflicts = try await house.parallel(16) { gateway, number in
                try await Self.conflict(
                    gateway, try Self.account(number % 2 == 0 ? "Zoë" : "zoe\u{308}"))
            }
            #expect(conflicts.count { $0 == nil } == 1)
            #expect(conflicts.count { $0 == .nameTaken } == 15)
            #expect(try house.audited("user_created") == 1)
        }
    }

    @Test func `a user signs in by name, address or number, and not by a part of them`()
        async throws
    {
        try await withGatehouse { house in
            let new = try Self.account("Ann", email: "ann@example.org", phone: "+31201234567")
            try await house.on { gateway in
                _ = try await Self.add(gateway, new)
                func finds(_ typed: String) async throws -> Bool {
                    try await gateway.accounts.find(SignInKey(typed)) != nil
                }
                for typed in ["ann", "ANN", "Ann@Example.ORG", "+31201234567"] {
                    #expect(try await finds(typed), "\(typed)")
                }
                for typed in [
                    "", "an", "ann ", "ann%", "%", "_nn", "ann@", "31201234567", "' OR 1=1",
                ] {
                    #expect(!(try await finds(typed)), "\(typed)")
                }
            }
            try house.sql("UPDATE auth.users SET state = 'disabled'")
            let found = try await house.on { try await $0.accounts.find(SignInKey("ann")) }
            #expect(found == nil)
        }
    }

    @Test func `pages follow one another without gap or repetition`() async throws {
        try await withGatehouse { house in
            var names: Set<String> = []
            for number in 0..<23 { names.insert("user \(number)") }
            names.formUnion(["Ångström", "zebra", "Ωmega", "李"])
            for name in names { _ = try await house.makeUser(name) }
            var seen: [String] = []
            var after = ""
            repeat {
                let start = after
                let page = try await house.on { gateway in
                    try await gateway.accounts.page(after: start, limit: 5, search: "")
                }
                #expect(page.count <= 5)
                seen += page.map(\.userName)
                after = page.last.map { SignInKey($0.userName).text } ?? ""
            } while !after.isEmpty
            #expect(seen.count == names.count)
            #expect(Set(seen) == names)
        }
    }

    @Test func `signs of a pattern in a search are letters like others`() async throws {
        try await withGatehouse { house in
            for name in ["a_c", "abc", "100%", "100x", "back\\slash", "backslash"] {
                _ = try await house.makeUser(name)
            }
            func search(_ text: String) async throws -> Set<String> {
                let page = try await house.on { gateway in
                    try await gateway.accounts.page(after: "", limit: 50, search: text)
                }
                return Set(page.map(\.userName))
            }
            #expect(try await search("a_") == ["a_c"])
            #expect(try await search("100%") == ["100%"])
            #expect(try await search("%") == [])
            #expect(try await search("_") == [])
            #expect(try await search("back\\") == ["back\\slash"])
            #expect(try await search("\\") == [])
            #expect(try await search("back") == ["back\\slash", "backslash"])
            #expect(try await search("'; DROP TABLE auth.users; --") == [])
        }
    }

    // MARK: Disabling

    private static func disable(_ gateway: Gateway, _ user: TestUser) async throws -> Bool {
        let change = try await gateway.accounts.setDisabled(
            true, user.id, audit: Call.from().audit(.userDisabled, subject: user.id))
        switch change {
        case .done: return true
        case .lastAdministrator, .notFound: return false
        }
    }

    @Test func `P-08 of two administrators who disable each other at once one stays`() async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let admins = [
                try await house.makeUser("ann", roles: [.administrator]),
                try await house.makeUser("bob", roles: [.administrator]),
            ]
            for round in 1...20 {
                let done = try await house.parallel(2) { gateway, number in
                    try await Self.disable(gateway, admins[number])
                }
                #expect(done.count { $0 } == 1)
                let active = "SELECT count(*) FROM auth.users WHERE state = 'active'"
                #expect(try house.number(active) == 1)
                #expect(try house.audited("user_disabled") == round)
                try house.sql("UPDATE auth.users SET state = 'active'")
            }
        }
    }

    @Test func `P-08 of six administrators whom six disable at once one stays`() async throws {
        try await withGatehouse(replicas: 3) { house in
            var admins: [TestUser] = []
            for name in ["a", "b", "c", "d", "e", "f"] {
                admins.append(try await house.makeUser(name, roles: [.administrator]))
            }
            let all = admins
            let done = try await house.parallel(6) { gateway, number in
                try await Self.disable(gateway, all[number])
            }
            #expect(done.count { $0 } == 5)
            #expect(try await house.on { try await $0.accounts.hasAdministrator() })
        }
    }

    @Test func `users who are no administrators are disabled and enabled, and the epoch rises`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let before = try await house.account(user)
            #expect(try await house.on { try await Self.disable($0, user) })
            let disabled = try await house.account(user)
            #expect(disabled.disabled && disabled.epoch == before.epoch + 1)
            let change = try await house.on { gateway in
                try await gateway.accounts.setDisabled(
                    false, user.id, audit: Call.from().audit(.userEnabled, subject: user.id))
            }
            guard case .done(let enabled) = change else { throw Unexpected() }
            #expect(!enabled.disabled && enabled.epoch == before.epoch + 2)
            #expect(try house.audited("user_disabled", user.id) == 1)
            #expect(try house.audited("user_enabled", user.id) == 1)
        }
    }

    @Test func `whoever does not exist is neither disabled nor ended, and nothing is written`()
        async throws
    {
        try await withGatehouse { house in
            let nobody = try Random.identifier(UserKind.self)
            let audit = Call.from().audit(.userDisabled, subject: nobody)
            let (change, ended) = try await house.on { gateway in
                (
                    try await gateway.accounts.setDisabled(true, nobody, audit: audit),
                    try await gateway.accounts.endEverything(of: nobody, audit: audit)
                )
            }
            guard case .notFound = change else { throw Unexpected() }
            #expect(!ended)
            #expect(try house.number("SELECT count(*) FROM auth.audit") == 0)
        }
    }
}
