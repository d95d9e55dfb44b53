import Contracts
import Fixtures
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// `AdminService`: who may, and what each method does to others.
struct AdminHandlerTests {
    private static func creation(_ name: String, roles: [Role] = []) -> CreateUser {
        CreateUser(
            userName: name, displayName: "", email: "", phone: "", locale: "", roles: roles)
    }

    /// An administrator with a session of level 2.
    private func admin(
        _ house: Gatehouse, _ name: String = "root"
    ) async throws -> (TestUser, Call) {
        let user = try await house.makeUser(name, roles: [.administrator], factors: 1)
        return (user, .from(try await house.session(user)))
    }

    /// Every method with any request that decodes.
    private func refusals(_ house: Gatehouse, _ call: Call) async throws -> [String: Reason?] {
        var all: [String: Reason?] = [:]
        for method in AdminContract.methods {
            let body = try Self.sample(method.request)
            all[method.name] = try await house.refusal {
                try await GatewayDispatcher(gateway: $0).answer(method.number, .binary, body, call)
            }
        }
        return all
    }

    private static func sample<M: Message>(_ type: M.Type) throws -> [UInt8] {
        try RandomCoder.message(type, seed: 5).encoded()
    }

    @Test func `P-01 and P-02 no method is for anybody but an administrator of level 2`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let bob = try await house.makeUser("bob", roles: [.administrator], factors: 1)
            let low = try await house.session(bob)
            try house.sql("UPDATE auth.sessions SET level = 1")
            let cases: [(Call, Reason)] = [
                (.from(), .notSignedIn), (.from(.sample), .notSignedIn),
                (.from(try SessionToken(raw: try await house.verifying(user).text)), .notSignedIn),
                (.from(try await house.session(user)), .administratorRequired),
                (.from(low), .stepUpRequired),
            ]
            let before = try house.sql("SELECT * FROM auth.users ORDER BY id")
            for (call, reason) in cases {
                let all = try await refusals(house, call)
                #expect(all.count == AdminContract.methods.count)
                for (name, met) in all { #expect(met == reason, "\(name)") }
            }
            // Nobody tries these by mistake.
            #expect(try house.audited("caller_refused", user.id) == AdminContract.methods.count)
            let after = try house.sql("SELECT * FROM auth.users ORDER BY id")
            #expect(after == before)
        }
    }

    @Test func `what touches others or policy wants a fresh proof and a reason`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser().id
            let settings = UpdateTwoFactorSettings(
                version: 1, enforcement: .everyone, verifiers: [VerificationDouble.totp],
                reason: " \n")
            let methods: [@Sendable (AdminHandlers) async throws -> Void] = [
                { it in
                    _ = try await it.disableUser(DisableUser(user: user, reason: ""), call)
                },
                { it in
                    _ = try await it.enableUser(EnableUser(user: user, reason: "\u{a0}"), call)
                },
                { it in
                    _ = try await it.resetAuthenticators(
                        ResetAuthenticators(user: user, reason: " "), call)
                },
                { it in
                    _ = try await it.resetPassword(ResetPassword(user: user, reason: ""), call)
                },
                { it in _ = try await it.updateTwoFactorSettings(settings, call) },
            ]
            for method in methods {
                let reason = try await house.refusal { try await method($0.admin) }
                #expect(reason == .reasonRequired)
            }
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '301 s'")
            for method in methods {
                let reason = try await house.refusal { try await method($0.admin) }
                #expect(reason == .stepUpRequired)
            }
            let delete = DeleteVerifiers(uids: [VerificationDouble.spare], deleteBindings: true)
            let others = [
                try await house.refusal { try await $0.admin.deleteVerifiers(delete, call) },
                try await house.refusal {
                    try await $0.admin.createUser(
                        Self.creation("eve", roles: [.administrator]), call)
                },
                try await house.refusal {
                    try await $0.admin.createUser(Self.creation("eve"), call)
                },
            ]
            #expect(others == [.stepUpRequired, .stepUpRequired, .stepUpRequired])
        }
    }

    @Test func `P-02 a proof of six minutes ago serves for looking and for no change`()
        async throws
    {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '360 s'")
            let all = try await refusals(house, call)
            for (name, met) in all {
                let isLook = ["Get", "List", "Compare", "Try"].contains { name.hasPrefix($0) }
                #expect((met == .stepUpRequired) != isLook, "\(name): \(String(describing: met))")
            }
            try house.sql(
                "UPDATE auth.sessions SET last_used_at = clock_timestamp() - interval '901 s'")
            for (name, met) in try await refusals(house, call) {
                #expect(met == .notSignedIn, "\(name)")
            }
        }
    }

    // MARK: Users

    @Test func `a new user is told back as stored, with his initial password`() async throws {
        try await withGatehouse { house in
            let (root, call) = try await admin(house)
            let request = CreateUser(
                userName: "Zoe\u{308}", displayName: "", email: "Zoe@Example.org",
                phone: "+31201234567", locale: "nl-NL", roles: [.administrator, .administrator])
            let made = try await house.on { try await $0.admin.createUser(request, call) }
            #expect(made.user.userName == "Zoë" && made.user.displayName == "Zoë")
            #expect(made.user.email == "Zoe@Example.org" && made.user.locale == "nl-NL")
            #expect(made.user.roles == [.administrator] && !made.user.disabled)
            #expect(made.initialPassword == "initial-password")
            let found = try await house.on {
                try await $0.admin.getUser(GetUser(user: made.user.id), call)
            }
            #expect(found == made.user)
            #expect(
                try house.sql(
                    "SELECT actor FROM auth.audit WHERE event = 'user_created' "
                        + "AND subject = '\(made.user.id)'") == "\(root.id)")
        }
    }

    @Test func `H-80 each part of a new user has its own refusal, and none takes a line end`()
        async throws
    {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            var first = Self.creation("ann")
            first.email = "ann@example.org"
            first.phone = "+31201234567"
            let taken = first
            _ = try await house.on { try await $0.admin.createUser(taken, call) }
            let changes: [(Reason, @Sendable (inout CreateUser) -> Void)] = [
                (.userNameTaken, { $0.userName = "ANN" }),
                (.userNameInvalid, { $0.userName = "a@b" }),
                (.userNameInvalid, { $0.userName = "" }),
                (.emailTaken, { $0.email = "ANN@example.org" }),
                (.emailInvalid, { $0.email = "ann" }),
                (.phoneTaken, { $0.phone = "+31201234567" }),
                (.phoneInvalid, { $0.phone = "0201234567" }),
                (.malformed, { $0.displayName = "a\u{1b}[2Jb" }),
                (.malformed, { $0.locale = "en_US" }),
                (.userNameInvalid, { $0.userName = "bob\r\nSet-Cookie: a=b" }),
                (.emailInvalid, { $0.email = "bob@example.org\r\nBcc: a@b.c" }),
                (.phoneInvalid, { $0.phone = "+31201234567\r\nX: y" }),
                (.malformed, { $0.displayName = "bob\r\nX: y" }),
                (.malformed, { $0.locale = "en\r\nX: y" }),
            ]
            for (reason, change) in changes {
                var request = Self.creation("bob")
                change(&request)
                let changed = request
                #expect(
                    try await house.refusal { try await $0.admin.createUser(changed, call) }
                        == reason)
            }
            #expect(try house.number("SELECT count(*) FROM auth.users") == 2)
        }
    }

    /// The row is there and the password is not: he cannot sign in, and a reset mends it.
    @Test func `a user whose password could not be made gets it by a reset`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            house.verification.stand.before("setInitialPassword") { throw Fault(.unavailable) }
            let creation = Self.creation("ann")
            #expect(
                try await house.refusal { try await $0.admin.createUser(creation, call) }
                    == .unavailable)
            #expect(
                try await house.refusal { try await $0.admin.createUser(creation, call) }
                    == .userNameTaken)
            let list = ListUsers(after: "", limit: 0, search: "ann")
            let users = try await house.on { try await $0.admin.listUsers(list, call) }.users
            let id = try #require(users.first).id
            let guess = StartSignIn(identifier: "ann", password: "", bearer: true)
            #expect(
                try await house.refusal { try await $0.signIn().start(guess, .from()) }
                    == .passwordWrong)
            let reset = ResetPassword(user: id, reason: "half made")
            let initial = try await house.on { try await $0.admin.resetPassword(reset, call) }
            let start = StartSignIn(
                identifier: "ann", password: initial.initialPassword, bearer: true)
            let step = try await house.on { try await $0.signIn().start(start, .from()) }
            #expect(step.name == "changePassword")
        }
    }

    @Test func `pages of users follow one another, and a page has its bound`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            for number in 0..<7 { _ = try await house.makeUser("user \(number)") }
            var names: [String] = []
            var after = ""
            repeat {
                let request = ListUsers(after: after, limit: 3, search: "USER")
                let page = try await house.on { try await $0.admin.listUsers(request, call) }
                #expect(page.users.count <= 3)
                names += page.users.map(\.userName)
                after = page.next
            } while !after.isEmpty
            #expect(names == (0..<7).map { "user \($0)" })
            let large = ListUsers(after: "", limit: 201, search: "")
            #expect(
                try await house.refusal { try await $0.admin.listUsers(large, call) }
                    == .malformed)
        }
    }

    @Test func `who is disabled is out at once, and in again only when enabled`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let disable = DisableUser(user: user.id, reason: "left")
            let view = try await house.on { try await $0.admin.disableUser(disable, call) }
            #expect(view.disabled)
            #expect(!(try await house.opens(token, replica: 1)))
            let start = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            #expect(
                try await house.refusal { try await $0.signIn().start(start, .from()) }
                    == .passwordWrong)
            let enable = EnableUser(user: user.id, reason: "back")
            _ = try await house.on { try await $0.admin.enableUser(enable, call) }
            #expect(!(try await house.opens(token)))
            _ = try await house.session(user)
            #expect(
                try house.sql(
                    "SELECT payload ->> 'reason' FROM auth.audit WHERE event = 'user_disabled'")
                    == "left")
        }
    }

    @Test func `P-01 roles are given and taken, and what was begun under others ends`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            let token = try await house.session(user)
            func set(_ roles: [Role], _ reason: String = "helps out") async throws -> UserView {
                try await house.on {
                    try await $0.admin.setRoles(
                        SetRoles(user: user.id, roles: roles, reason: reason), call)
                }
            }
            #expect(try await set([]).roles.isEmpty)
            #expect(try await house.opens(token), "nothing has changed")
            #expect(try await set([.administrator, .administrator]).roles == [.administrator])
            #expect(!(try await house.opens(token, replica: 1)))
            #expect(try await set([]).roles.isEmpty)
            #expect(try house.audited("roles_changed", user.id) == 2)
            let mute = SetRoles(user: user.id, roles: [.administrator], reason: "")
            let refused = try await house.refusal { try await $0.admin.setRoles(mute, call) }
            #expect(refused == .reasonRequired)
        }
    }

    @Test func `C-13 no administrator loses his last factor with a verifier`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            house.policy.change(.administrators, [VerificationDouble.spare])
            let delete = DeleteVerifiers(uids: [VerificationDouble.totp], deleteBindings: true)
            let refused = try await house.refusal {
                try await $0.admin.deleteVerifiers(delete, call)
            }
            #expect(refused == .lastFactor)
        }
    }

    @Test func `P-08 of two administrators who take each other's role at once one stays`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            for round in 0..<8 {
                let (one, byOne) = try await admin(house, "one\(round)")
                let (two, byTwo) = try await admin(house, "two\(round)")
                try house.sql(
                    """
                    UPDATE auth.users SET roles = '{}' WHERE id NOT IN ('\(one.id)', '\(two.id)')
                    """)
                _ = try await house.parallel(2) { gateway, number in
                    let request = SetRoles(
                        user: number == 0 ? two.id : one.id, roles: [], reason: "quarrel")
                    do {
                        _ = try await gateway.admin.setRoles(request, number == 0 ? byOne : byTwo)
                    } catch is Fault {}
                }
                #expect(
                    try house.number(
                        """
                        SELECT count(*) FROM auth.users
                        WHERE state = 'active' AND 'administrator' = ANY (roles)
                        """) == 1)
            }
            let (root, call) = try await admin(house, "root")
            let own = SetRoles(user: root.id, roles: [], reason: "tired")
            let refused = try await house.refusal { try await $0.admin.setRoles(own, call) }
            #expect(refused == .ownAccount)
        }
    }

    @Test func `P-08 and C-13 nobody takes his own account, password or authenticators away`()
        async throws
    {
        try await withGatehouse { house in
            let (root, call) = try await admin(house)
            _ = try await admin(house, "second")
            let reasons = [
                try await house.refusal {
                    try await $0.admin.disableUser(DisableUser(user: root.id, reason: "x"), call)
                },
                try await house.refusal {
                    try await $0.admin.resetAuthenticators(
                        ResetAuthenticators(user: root.id, reason: "x"), call)
                },
                try await house.refusal {
                    try await $0.admin.resetPassword(
                        ResetPassword(user: root.id, reason: "x"), call)
                },
            ]
            #expect(reasons == [.ownAccount, .ownAccount, .ownAccount])
            #expect(house.verification.factors(of: root.id).count == 1)
            _ = try await house.session(root)
        }
    }

    @Test func `there is no user where there is none, for every method that names one`()
        async throws
    {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let none = UserID(high: 1, low: 1)
            let reasons = [
                try await house.refusal { try await $0.admin.getUser(GetUser(user: none), call) },
                try await house.refusal {
                    try await $0.admin.disableUser(DisableUser(user: none, reason: "x"), call)
                },
                try await house.refusal {
                    try await $0.admin.enableUser(EnableUser(user: none, reason: "x"), call)
                },
                try await house.refusal {
                    try await $0.admin.resetAuthenticators(
                        ResetAuthenticators(user: none, reason: "x"), call)
                },
                try await house.refusal {
                    try await $0.admin.resetPassword(ResetPassword(user: none, reason: "x"), call)
                },
            ]
            #expect(reasons.allSatisfy { $0 == .userNotFound }, "\(reasons)")
            #expect(house.verification.state.withLock { $0.passwords[none] } == nil)
        }
    }
}
