import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Lists of users of one kind, and what administrators see of what they have bound.
struct UserListTests {
    private func admin(_ house: Gatehouse) async throws -> Call {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return .from(try await house.session(user))
    }

    private func page(
        _ house: Gatehouse, _ call: Call, only: String, after: String = "", limit: UInt32 = 0,
        search: String = ""
    ) async throws -> UserList {
        let request = ListUsers(after: after, limit: limit, search: search, only: only)
        return try await house.on { try await $0.admin.listUsers(request, call) }
    }

    /// The names on all pages; each page holds no more than is asked for.
    private func names(
        _ house: Gatehouse, _ call: Call, only: String, limit: UInt32 = 0, search: String = ""
    ) async throws -> [String] {
        var names: [String] = []
        var after = ""
        repeat {
            let page = try await page(
                house, call, only: only, after: after, limit: limit, search: search)
            #expect(page.users.count <= (limit == 0 ? 50 : Int(limit)))
            names += page.users.map(\.userName)
            after = page.next
        } while !after.isEmpty
        return names
    }

    @Test func `each kind is those users and no others, and says what they have bound`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await admin(house)
            let ann = try await house.makeUser("ann", factors: 2)
            let bob = try await house.makeUser("bob")
            let cid = try await house.makeUser("cid", factors: 1)
            _ = try await house.makeUser("dan")
            house.verification.disable(cid.id)
            house.verification.state.withLock { $0.locked = [bob.id, cid.id] }
            try house.sql("UPDATE auth.users SET state = 'disabled' WHERE user_name = 'dan'")
            let kinds = [
                "": ["ann", "bob", "cid", "dan", "root"], "bound": ["ann", "cid", "root"],
                "not_bound": ["bob", "dan"], "locked": ["bob", "cid"], "disabled": ["dan"],
                "administrators": ["root"],
            ]
            #expect(Set(kinds.keys) == Set(UserFilter.allCases.map(\.rawValue)))
            for (kind, found) in kinds {
                #expect(try await names(house, call, only: kind) == found, "\(kind)")
                #expect(try await names(house, call, only: kind, limit: 1) == found, "\(kind)")
            }
            let users = try await page(house, call, only: "").users
            #expect(users.map(\.boundFactors) == [2, 0, 1, 0, 1])
            #expect(users.map(\.locked) == [false, true, true, false, false])
            let view = try await house.on {
                try await $0.admin.getUser(GetUser(user: ann.id), call)
            }
            #expect(view == users.first)
            #expect(
                try await house.refusal {
                    try await $0.admin.listUsers(
                        ListUsers(after: "", limit: 0, search: "", only: "Bound"), call)
                } == .malformed)
        }
    }

    @Test func `pages of one kind follow one another without gap or repetition`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            var bound: [String] = []
            for number in 100..<345 {
                let user = try await house.makeUser("user \(number)")
                guard number % 7 == 0 else { continue }
                house.verification.bind(user.id)
                bound.append(user.name)
            }
            for limit: UInt32 in [1, 4, 35, 200] {
                let found = try await names(house, call, only: "bound", limit: limit, search: "u")
                #expect(found == bound, "\(limit)")
            }
            #expect(
                try await names(house, call, only: "not_bound", limit: 50).count
                    == 245 - bound.count)
            // The page that the last one of them fills is the last.
            let all = try await page(
                house, call, only: "", limit: 200, search: "user 1")
            #expect(all.users.count == 100 && all.next.isEmpty)
        }
    }

    @Test func `a call looks at so many users, and its page may be empty`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            try house.sql(
                """
                INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
                SELECT gen_random_uuid(), 'many ' || n, 'many ' || n, '', 'en', '{}', 'active'
                FROM generate_series(10000, 12499) AS n
                """)
            let last = try await house.makeUser("zoe")
            house.verification.state.withLock { state in
                state.locked = [last.id]
                state.asked = []
            }
            let first = try await page(house, call, only: "locked")
            #expect(first.users.isEmpty && first.next == "many 11999")
            #expect(
                house.verification.state.withLock { $0.asked } == Array(repeating: 100, count: 20))
            let second = try await page(house, call, only: "locked", after: first.next)
            #expect(second.users.map(\.userName) == ["zoe"] && second.next.isEmpty)
            // What the gateway knows by itself is found at once.
            let administrators = try await page(house, call, only: "administrators")
            #expect(administrators.users.count == 1 && administrators.next.isEmpty)
        }
    }

    @Test func `without the verification service users are shown, but not by what they have bound`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await admin(house)
            let ann = try await house.makeUser(factors: 1)
            house.verification.stand.isAway = true
            let users = try await page(house, call, only: "").users
            #expect(users.map(\.userName) == ["ann", "root"])
            #expect(users.allSatisfy { $0.boundFactors == nil && $0.locked == nil })
            let disable = DisableUser(user: ann.id, reason: "left")
            let view = try await house.on { try await $0.admin.disableUser(disable, call) }
            #expect(view.disabled && view.boundFactors == nil)
            for kind in UserFilter.allCases where kind.isOfFactors {
                let request = ListUsers(after: "", limit: 0, search: "", only: kind.rawValue)
                #expect(
                    try await house.refusal { try await $0.admin.listUsers(request, call) }
                        == .unavailable)
            }
        }
    }

    @Test func `an administrator sees what a user has bound, as its owner sees it`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let user = try await house.makeUser(factors: 2)
            house.verification.giveRecoveryCodes(user.id)
            let own = try await house.session(user)
            let list = try await house.on {
                try await $0.admin.listUserAuthenticators(
                    ListUserAuthenticators(user: user.id), call)
            }
            let seen = try await house.on {
                try await $0.account().listAuthenticators(ListOwnAuthenticators(), .from(own))
            }
            #expect(list.authenticators == seen.authenticators)
            #expect(list.authenticators.map(\.id) == user.factors.map(\.id))
            #expect(list.recoveryCodesLeft == 3)
            let nobody = ListUserAuthenticators(user: .sample)
            #expect(
                try await house.refusal {
                    try await $0.admin.listUserAuthenticators(nobody, call)
                } == .userNotFound)
        }
    }
}
