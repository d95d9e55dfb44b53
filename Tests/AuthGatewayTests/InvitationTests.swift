import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Users who are invited by mail.
struct InvitationTests {
    private func admin(_ house: Gatehouse) async throws -> Call {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return .from(try await house.session(user))
    }

    private static func creation(_ name: String, email: String? = nil) -> CreateUser {
        CreateUser(
            userName: name, displayName: "", email: email ?? "\(name)@example.org", phone: "",
            locale: "nl", roles: [])
    }

    @Test func `whoever is invited is mailed, has no password, and chooses one by the link`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await admin(house)
            house.policy.change(.everyone)
            let invited = try await house.on {
                try await $0.admin.inviteUser(Self.creation("ann"), call)
            }
            let mail = try #require(house.verification.invited.first)
            #expect(mail.user == invited.user.id && mail.receiver.locale == "nl")
            let guess = StartSignIn(identifier: "ann", password: "", bearer: true)
            #expect(
                try await house.refusal { try await $0.signIn().start(guess, .from()) }
                    == .passwordWrong)
            let token = try ResetToken.fresh()
            house.verification.state.withLock { $0.resets[token] = invited.user.id }
            _ = try await house.on {
                try await $0.signIn().completePasswordReset(
                    CompletePasswordReset(token: token, newPassword: "four quiet grey herons"),
                    .from())
            }
            let start = StartSignIn(
                identifier: "ann@example.org", password: "four quiet grey herons", bearer: true)
            let step = try await house.on { try await $0.signIn().start(start, .from()) }
            #expect(step.name == "bind", "the second factor is bound as by everybody")
        }
    }

    @Test func `an invitation wants an address, and a name that is free`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            for (name, email, reason) in [
                ("ann", "", Reason.emailInvalid), ("root", "r@example.org", .userNameTaken),
                ("a@b", "a@example.org", .userNameInvalid),
            ] {
                let request = Self.creation(name, email: email)
                #expect(
                    try await house.refusal { try await $0.admin.inviteUser(request, call) }
                        == reason)
            }
            #expect(house.verification.invited.isEmpty)
            #expect(try house.number("SELECT count(*) FROM auth.users") == 1)
        }
    }

    @Test func `where no mail leaves there is nobody afterwards`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            house.verification.stand.before("sendInvitation") { throw Fault(.messageSendFailed) }
            let request = Self.creation("ann")
            #expect(
                try await house.refusal { try await $0.admin.inviteUser(request, call) }
                    == .messageSendFailed)
            #expect(
                try house.number("SELECT count(*) FROM auth.users WHERE state <> 'erased'") == 1)
            _ = try await house.on { try await $0.admin.inviteUser(request, call) }
        }
    }

    @Test func `an invitation is renewed until a password is chosen`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let user = try await house.on {
                try await $0.admin.inviteUser(Self.creation("ann"), call)
            }.user.id
            func renew(_ reason: String) async throws -> Reason? {
                try await house.refusal {
                    try await $0.admin.renewInvitation(
                        RenewInvitation(user: user, reason: reason), call)
                }
            }
            #expect(try await renew("") == .reasonRequired)
            #expect(try await renew("lost the mail") == nil)
            #expect(house.verification.invited.map(\.user) == [user, user])
            house.verification.state.withLock { $0.passwords[user] = "chosen" }
            #expect(try await renew("lost the mail") == .passwordExists)
            try house.sql("UPDATE auth.users SET state = 'disabled' WHERE id = '\(user)'")
            #expect(try await renew("lost the mail") == .userNotFound)
        }
    }
}
