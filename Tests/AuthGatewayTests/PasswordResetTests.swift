import Contracts
import Crypto
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// A forgotten password and what its owner is told, as the gateway sees it.
struct PasswordResetTests {
    private static let address = "ann@example.org"

    private func addressed(_ house: Gatehouse, _ user: TestUser) throws {
        try house.sql(
            "UPDATE auth.users SET email = '\(Self.address)', email_key = '\(Self.address)', "
                + "locale = 'nl' WHERE id = '\(user.id)'")
    }

    private func link(_ house: Gatehouse, _ user: TestUser) throws -> ResetToken {
        let token = try ResetToken.fresh()
        house.verification.state.withLock { $0.resets[token] = user.id }
        return token
    }

    @Test func `a link is asked for in the same way for every name`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            try addressed(house, user)
            let silent = try await house.makeUser("silent")
            for name in [user.name, Self.address, silent.name, "nobody at all"] {
                let answer = try await house.on {
                    try await $0.signIn().beginPasswordReset(
                        BeginPasswordReset(identifier: name), .from())
                }
                #expect(answer == PasswordResetSent())
            }
            let begun = house.verification.state.withLock { $0.begunResets }
            #expect(begun.map(\.user).prefix(3) == [user.id, user.id, silent.id])
            #expect(begun.map { $0.receiver?.address } == [Self.address, Self.address, nil, nil])
            #expect(begun[0].receiver?.locale == "nl")
        }
    }

    @Test func `C-08 C-11 a reset opens no session, ends all, and leaves the second factor asked`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            try addressed(house, user)
            let session = try await house.session(user)
            let ticket = try await house.verifying(user)
            let token = try link(house, user)
            let door = Door(.http)
            let answer = try await house.on {
                try await $0.signIn(door).completePasswordReset(
                    CompletePasswordReset(token: token, newPassword: "four quiet grey herons"),
                    .from())
            }
            #expect(answer == PasswordWasReset())
            #expect(door.cookie == .none && door.rotation == nil)
            #expect(!(try await house.opens(session)))
            let late = house.complete(user, ticket)
            #expect(
                try await house.refusal {
                    try await $0.signIn().completeVerification(late, .from())
                } == .signInExpired)
            let replaced = try #require(
                house.verification.state.withLock { $0.replaced.last })
            #expect(replaced.reset == token && replaced.secondFactorAsked)
            #expect(replaced.currentPassword == nil && replaced.proved == nil)
            #expect(replaced.notify?.address == Self.address)
            let next = try await house.on {
                try await $0.signIn().start(
                    StartSignIn(
                        identifier: user.name, password: "four quiet grey herons", bearer: true),
                    .from())
            }
            #expect(next.name == "verify")
        }
    }

    @Test func `C-09 a link that is unknown, used or of a disabled user changes nothing`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let session = try await house.session(user)
            func reset(_ token: ResetToken) async throws -> Reason? {
                try await house.refusal {
                    try await $0.signIn().completePasswordReset(
                        CompletePasswordReset(token: token, newPassword: "x"), .from())
                }
            }
            #expect(try await reset(.fresh()) == .resetExpired)
            #expect(try await house.opens(session))
            let token = try link(house, user)
            #expect(try await reset(token) == nil)
            #expect(try await reset(token) == .resetExpired)
            let later = try link(house, user)
            try house.sql("UPDATE auth.users SET state = 'disabled'")
            #expect(try await reset(later) == .resetExpired)
            #expect(house.verification.state.withLock { $0.replaced.count } == 1)
        }
    }

    // MARK: Notices

    private func signIn(
        _ house: Gatehouse, _ user: TestUser, showing token: DeviceToken? = nil
    ) async throws -> DeviceToken {
        let door = Door(.http, device: token)
        let start = StartSignIn(identifier: user.name, password: user.password, bearer: false)
        let step = try await house.on { try await $0.signIn(door).start(start, .from()) }
        let request = house.complete(user, try #require(step.ticket))
        _ = try await house.on { try await $0.signIn(door).completeVerification(request, .from()) }
        return try #require(door.rotation).new
    }

    @Test func `of a browser that was not known the owner is told, but not of the first`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            try addressed(house, user)
            let known = try await signIn(house, user)
            _ = try await signIn(house, user, showing: known)
            #expect(house.verification.notices.isEmpty)
            _ = try await signIn(house, user)
            let notice = try #require(house.verification.notices.first)
            #expect(notice.event == .newDevice && notice.user == user.id)
            #expect(notice.place == "127.0.0.1")
            #expect(notice.receiver.address == Self.address && notice.receiver.locale == "nl")
        }
    }

    @Test func `no session opens on a new browser of which the owner cannot be told`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            try addressed(house, user)
            _ = try await signIn(house, user)
            house.verification.stand.before("sendNotice") { throw Fault(.unavailable) }
            await #expect(throws: Fault.self) { _ = try await signIn(house, user) }
            #expect(try house.number("SELECT count(*) FROM auth.sessions") == 1)
        }
    }

    @Test func `every call whose effect is told names the receiver`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            try addressed(house, user)
            let session = try await house.session(user)
            let change = ChangePassword(
                currentPassword: user.password, newPassword: "four quiet grey herons")
            _ = try await house.on {
                try await $0.account().changePassword(change, .from(session))
            }
            let notified = house.verification.state.withLock { $0.notified }
            #expect(notified.map { $0?.address } == [Self.address, Self.address])
        }
    }
}
