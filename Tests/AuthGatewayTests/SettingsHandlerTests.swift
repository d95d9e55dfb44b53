import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Changes of the settings as administrators make them: what is refused, and what is told before.
struct SettingsHandlerTests {
    private static let denying = RuleBook(rules: [
        Rule(name: RuleName("closed")!, requirements: Requirements(denied: true))
    ])

    private func admin(_ house: Gatehouse) async throws -> Call {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return .from(try await house.session(user))
    }

    private func update(
        _ version: UInt64, _ verifiers: [VerifierUID] = [VerificationDouble.totp],
        _ enforcement: Enforcement = .administrators, book: RuleBook? = nil
    ) -> UpdateTwoFactorSettings {
        UpdateTwoFactorSettings(
            version: version, enforcement: enforcement, verifiers: verifiers, reason: "tests",
            book: book)
    }

    @Test func `P-08 settings by which no administrator could sign in are not saved`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await admin(house)
            let denying = update(1, book: Self.denying)
            let reason = try await house.refusal {
                try await $0.admin.updateTwoFactorSettings(denying, call)
            }
            #expect(reason == .lastAdministrator)
            #expect(house.policy.state.withLock { $0.version } == 1)
            let tried = try await house.on {
                try await $0.admin.tryTwoFactorSettings(
                    TryTwoFactorSettings(settings: denying), call)
            }
            #expect(!tried.administratorsLeft && tried.caller == .lockedOut)
        }
    }

    @Test func `a rule that names a verifier that does not exist is refused`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let rule = Rule(
                name: RuleName("gone")!,
                requirements: Requirements(verifiers: [VerifierUID("gone")!]))
            let change = update(1, book: RuleBook(rules: [rule]))
            let reasons = [
                try await house.refusal {
                    try await $0.admin.updateTwoFactorSettings(change, call)
                },
                try await house.refusal {
                    try await $0.admin.tryTwoFactorSettings(
                        TryTwoFactorSettings(settings: change), call)
                },
            ]
            #expect(reasons == [.verifierNotFound, .verifierNotFound])
        }
    }

    @Test func `a dry run names whom proposed settings touch, and changes nothing`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            _ = try await house.makeUser("ann")
            _ = try await house.makeUser("bob", factors: 1)
            let carl = try await house.makeUser("carl", factors: 1)
            house.verification.disable(carl.id)
            let proposed = update(1, [VerificationDouble.totp], .everyone)
            let tried = try await house.on {
                try await $0.admin.tryTwoFactorSettings(
                    TryTwoFactorSettings(settings: proposed), call)
            }
            #expect(tried.examined == 4 && tried.next == "")
            #expect(tried.bind == 1 && tried.verify == 2 && tried.lockedOut == 1)
            let told = tried.users.map { "\($0.userName) \($0.now.rawValue) \($0.then.rawValue)" }
            #expect(told == ["ann session bind", "carl locked_out locked_out"])
            #expect(tried.caller == .verify && tried.administratorsLeft)
            #expect(house.policy.state.withLock { $0.version } == 1)
        }
    }

    @Test func `a dry run goes page by page through all users`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            try house.sql(
                """
                INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
                SELECT gen_random_uuid(), 'user' || n, 'user' || n, 'User', 'en', '{}',
                    CASE WHEN n % 10 = 0 THEN 'disabled' ELSE 'active' END
                FROM generate_series(1, 249) n
                """)
            let proposed = update(1, [VerificationDouble.totp], .everyone)
            var (examined, bind, pages, after) = (0, 0, 0, "")
            var names: Set<String> = []
            repeat {
                let request = TryTwoFactorSettings(settings: proposed, after: after)
                let page = try await house.on {
                    try await $0.admin.tryTwoFactorSettings(request, call)
                }
                (examined, bind) = (examined + Int(page.examined), bind + Int(page.bind))
                names.formUnion(page.users.map(\.userName))
                (pages, after) = (pages + 1, page.next)
            } while !after.isEmpty
            #expect(examined == 226 && bind == 225 && names.count == 225 && pages == 3)
        }
    }

    @Test func `an earlier version is put back as a new one, with a reason`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            let restore = { @Sendable (version: UInt64, reason: String) in
                RestoreTwoFactorSettings(version: version, restored: 1, reason: reason)
            }
            let reasons = [
                try await house.refusal {
                    try await $0.admin.restoreTwoFactorSettings(restore(1, " "), call)
                },
                try await house.refusal {
                    try await $0.admin.restoreTwoFactorSettings(restore(9, "back"), call)
                },
            ]
            #expect(reasons == [.reasonRequired, .versionConflict])
            let back = try await house.on {
                try await $0.admin.restoreTwoFactorSettings(restore(1, "back"), call)
            }
            #expect(back.version == 2)
        }
    }

    @Test func `a change of the settings wants a proof of the last minutes`() async throws {
        try await withGatehouse { house in
            let call = try await admin(house)
            try house.sql("UPDATE auth.sessions SET proved_at = proved_at - interval '302 s'")
            let change = update(1)
            let restore = RestoreTwoFactorSettings(version: 1, restored: 1, reason: "back")
            let extend = ExtendGrace(user: .sample, until: Timestamp(seconds: 1), reason: "away")
            let reasons = [
                try await house.refusal {
                    try await $0.admin.updateTwoFactorSettings(change, call)
                },
                try await house.refusal {
                    try await $0.admin.restoreTwoFactorSettings(restore, call)
                },
                try await house.refusal { try await $0.admin.extendGrace(extend, call) },
            ]
            #expect(reasons == [.stepUpRequired, .stepUpRequired, .stepUpRequired])
        }
    }
}
