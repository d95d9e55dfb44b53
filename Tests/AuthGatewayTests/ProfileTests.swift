import Contracts
import Daemon
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What users are called and where they are reached, changed by themselves and for them.
struct ProfileTests {
    private func admin(_ house: Gatehouse) async throws -> (TestUser, Call) {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return (user, .from(try await house.session(user)))
    }

    private static func update(
        _ user: UserID, name: String = "Ann", email: String = "", phone: String = "",
        locale: String = "", reason: String = "has moved"
    ) -> UpdateUser {
        UpdateUser(
            user: user, displayName: name, email: email, phone: phone, locale: locale,
            reason: reason)
    }

    private func refusal(
        _ house: Gatehouse, _ request: UpdateUser, _ call: Call
    ) async throws -> Reason? {
        try await house.refusal { try await $0.admin.updateUser(request, call) }
    }

    private func row(_ house: Gatehouse, _ user: UserID) throws -> String {
        try house.sql(
            "SELECT concat_ws('|', display_name, email, email_key, phone, locale) "
                + "FROM auth.users WHERE id = '\(user)'")
    }

    /// The fields that the last audit row of an event names.
    private func fields(_ house: Gatehouse, _ event: String) throws -> String {
        try house.sql(
            "SELECT payload->>'fields' FROM auth.audit WHERE event = '\(event)' "
                + "ORDER BY id DESC LIMIT 1")
    }

    // MARK: One's own

    @Test func `a user changes his name and language in any session, and nothing else`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let other = try await house.makeUser("bob")
            let token = try await house.session(user)
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '1 hour'")
            let before = try row(house, other.id)
            func update(_ name: String, _ locale: String) async throws -> AccountView {
                try await house.on {
                    try await $0.account().updateProfile(
                        UpdateProfile(displayName: name, locale: locale), .from(token))
                }
            }
            let view = try await update("Zoe\u{308} <b>", "zh")
            #expect(view.displayName == "Zo\u{EB} <b>" && view.locale == "zh")
            #expect(view.userName == "ann" && view.email.isEmpty)
            #expect(try fields(house, "profile_changed") == "display_name,locale")
            // Empty is the user name, and the language of the installation.
            let plain = try await update("", "")
            #expect(plain.displayName == "ann" && plain.locale == "en")
            #expect(try await update("", "en") == plain)
            #expect(try house.audited("profile_changed", user.id) == 2)
            #expect(try row(house, other.id) == before)
            let audit = try house.sql("SELECT t::text FROM auth.audit t")
            #expect(!audit.contains("Zo"))
            #expect(try await house.opens(token))
        }
    }

    @Test func `a name that cannot be shown and a language of no mail are refused`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser()
            let token = try await house.session(user)
            let before = try row(house, user.id)
            let long = String(repeating: "x", count: 257)
            for (name, locale) in [
                (long, "en"), ("a\nb", "en"), ("  ", "en"), ("\u{202E}ann", "en"), ("Ann", "fr"),
                ("Ann", "nl-NL"), ("Ann", "NL"), ("Ann", "en\r\nX: y"),
            ] {
                let request = UpdateProfile(displayName: name, locale: locale)
                #expect(
                    try await house.refusal {
                        try await $0.account().updateProfile(request, .from(token))
                    } == .malformed)
            }
            #expect(try row(house, user.id) == before)
            #expect(try house.audited("profile_changed") == 0)
        }
    }

    // MARK: Another's

    @Test func `an administrator changes name and addresses, and sessions go on`() async throws {
        try await withGatehouse { house in
            let (root, call) = try await admin(house)
            let user = try await house.makeUser(factors: 1)
            let token = try await house.session(user)
            let request = Self.update(
                user.id, name: "Ann B.", email: "Ann@Example.org", phone: "+31201234567",
                locale: "nl-NL")
            let view = try await house.on { try await $0.admin.updateUser(request, call) }
            #expect(view.displayName == "Ann B." && view.email == "Ann@Example.org")
            #expect(view.phone == "+31201234567" && view.locale == "nl-NL")
            #expect(view.boundFactors == 1)
            #expect(
                try row(house, user.id)
                    == "Ann B.|Ann@Example.org|ann@example.org|+31201234567|nl-NL")
            #expect(try fields(house, "user_updated") == "display_name,locale,email,phone")
            #expect(
                try house.sql(
                    "SELECT actor || (payload->>'reason') FROM auth.audit "
                        + "WHERE event = 'user_updated'") == "\(root.id)has moved")
            #expect(try await house.opens(token))
            // There was no address before, so no link of one, and nobody to tell.
            #expect(house.verification.state.withLock { $0.endedLinks.isEmpty })
            _ = try await house.on { try await $0.admin.updateUser(request, call) }
            #expect(try house.audited("user_updated") == 1)
            // What is empty is none.
            let emptied = try await house.on {
                try await $0.admin.updateUser(Self.update(user.id, name: ""), call)
            }
            #expect(emptied.email.isEmpty && emptied.phone.isEmpty)
            #expect(emptied.displayName == "ann" && emptied.locale == "en")
            let audit = try house.sql("SELECT t::text FROM auth.audit t").lowercased()
            #expect(!audit.contains("example.org") && !audit.contains("31201234567"))
        }
    }

    @Test func `each refusal changes nothing`() async throws {
        try await withGatehouse { house in
            let (root, call) = try await admin(house)
            let user = try await house.makeUser()
            let other = try await house.makeUser("bob")
            let taken = Self.update(
                other.id, name: "Bob", email: "bob@example.org", phone: "+31201234567")
            #expect(try await refusal(house, taken, call) == nil)
            let erased = try await house.makeUser("eve")
            try house.sql("UPDATE auth.users SET state = 'erasing' WHERE id = '\(erased.id)'")
            let before = try row(house, user.id)
            let audited = try house.audited("user_updated")
            for (reason, request) in [
                (Reason.emailTaken, Self.update(user.id, email: "BOB@example.org")),
                (.phoneTaken, Self.update(user.id, phone: "+31201234567")),
                (.emailInvalid, Self.update(user.id, email: "ann")),
                (.emailInvalid, Self.update(user.id, email: "a@example.org\r\nBcc: a@b.c")),
                (.phoneInvalid, Self.update(user.id, phone: "0201234567")),
                (.malformed, Self.update(user.id, name: "a\u{1b}[2Jb")),
                (.malformed, Self.update(user.id, locale: "en_US")),
                (.reasonRequired, Self.update(user.id, reason: " ")),
                (.ownAccount, Self.update(root.id, email: "new@example.org")),
                (.userNotFound, Self.update(.sample)), (.userNotFound, Self.update(erased.id)),
            ] {
                #expect(try await refusal(house, request, call) == reason)
            }
            #expect(try row(house, user.id) == before)
            #expect(try house.audited("user_updated") == audited)
            #expect(try house.number("SELECT count(*) FROM auth.unfinished") == 0)
            try house.sql(
                "UPDATE auth.sessions SET proved_at = clock_timestamp() - interval '360 s'")
            #expect(try await refusal(house, Self.update(user.id), call) == .stepUpRequired)
        }
    }

    @Test func `of many users who are to have one address at once one has it`() async throws {
        try await withGatehouse(replicas: 2) { house in
            let (_, call) = try await admin(house)
            var users: [UserID] = []
            for number in 0..<12 { users.append(try await house.makeUser("user \(number)").id) }
            let all = users
            let reasons = try await house.parallel(all.count) { gateway, number in
                let email = number % 2 == 0 ? "one@example.org" : "ONE@example.org"
                do {
                    _ = try await gateway.admin.updateUser(
                        Self.update(all[number], email: email), call)
                    return Reason?.none
                } catch let fault as Fault {
                    return fault.reason
                }
            }
            #expect(reasons.count { $0 == nil } == 1)
            #expect(reasons.count { $0 == .emailTaken } == 11)
            #expect(
                try house.number(
                    "SELECT count(*) FROM auth.users WHERE email_key = 'one@example.org'") == 1)
            #expect(try house.audited("user_updated") == 1)
        }
    }

    // MARK: The earlier address

    @Test func `links to the earlier address end, and it is told`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser()
            _ = try await refusal(
                house, Self.update(user.id, email: "old@example.org", locale: "nl"), call)
            let link = try ResetToken.fresh()
            house.verification.state.withLock { $0.resets[link] = user.id }
            // Written otherwise it is the same one still.
            let same = Self.update(user.id, email: "OLD@Example.org", locale: "nl")
            #expect(try await refusal(house, same, call) == nil)
            #expect(house.verification.state.withLock { $0.endedLinks.isEmpty })
            let moved = Self.update(user.id, email: "new@example.org", locale: "nl")
            #expect(try await refusal(house, moved, call) == nil)
            let ended = house.verification.state.withLock { $0.endedLinks }
            let earlier = NoticeReceiver(
                address: "OLD@Example.org", locale: "nl", displayName: "Ann")
            #expect(ended == [EndLinks(user: user.id, notify: earlier)])
            let used = CompletePasswordReset(token: link, newPassword: "four quiet grey herons")
            #expect(
                try await house.refusal {
                    try await $0.signIn().completePasswordReset(used, .from())
                } == .resetExpired)
            #expect(try house.number("SELECT count(*) FROM auth.unfinished") == 0)
        }
    }

    @Test func `what breaks off behind a change of the address is done later`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin(house)
            let user = try await house.makeUser()
            _ = try await refusal(house, Self.update(user.id, email: "old@example.org"), call)
            house.verification.stand.before("endLinks") { throw Fault(.unavailable) }
            let moved = Self.update(user.id, email: "new@example.org")
            #expect(try await refusal(house, moved, call) == .unavailable)
            #expect(try row(house, user.id).contains("new@example.org"))
            try house.sql("UPDATE auth.unfinished SET due_at = clock_timestamp()")
            let mended = try await house.on {
                try await Mending(
                    gateway: $0, log: Log(service: "tests", output: NoOutput())
                ).once()
            }
            #expect(mended == 1)
            let ended = house.verification.state.withLock { $0.endedLinks }
            #expect(ended.map { $0.notify?.address } == ["old@example.org"])
            #expect(try house.number("SELECT count(*) FROM auth.unfinished") == 0)
        }
    }
}
