import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// Weaker settings as administrators ask for them: who is told, and who may say yes.
struct WeakeningTests {
    private static let weakening = SettingsWeighed(weight: .weakening, weakened: [.enforcement])
    private static let waiting = SettingsWeighed(
        weight: .weakening, weakened: [.enforcement], delayHours: 24)

    private func update(
        _ protection: WeakeningProtection? = nil, because reason: String = "tests"
    ) -> UpdateTwoFactorSettings {
        UpdateTwoFactorSettings(
            version: 1, enforcement: .administrators, verifiers: [VerificationDouble.totp],
            reason: reason, book: protection.map { RuleBook(protection: $0) })
    }

    /// An administrator with an address, in a fresh session.
    private func admin(_ name: String, _ house: Gatehouse) async throws -> (TestUser, Call) {
        let user = try await house.makeUser(name, roles: [.administrator], factors: 1)
        try house.sql(
            """
            UPDATE auth.users SET email = '\(name)@example.org', email_key = '\(name)@example.org'
            WHERE id = '\(user.id)'
            """)
        return (user, .from(try await house.session(user)))
    }

    private func weigh(_ weighed: SettingsWeighed, _ house: Gatehouse) {
        house.policy.state.withLock { $0.weighed = weighed }
    }

    private func told(_ house: Gatehouse) -> [String] {
        house.verification.notices.filter { $0.event != .newDevice }
            .map { "\($0.event.rawValue) \($0.receiver.address)" }.sorted()
    }

    @Test func `P-05 of weaker settings every administrator is told, and of others nobody`()
        async throws
    {
        try await withGatehouse { house in
            let (_, call) = try await admin("ann", house)
            _ = try await admin("ben", house)
            _ = try await house.makeUser("carl")
            let change = update()
            weigh(SettingsWeighed(weight: .strengthening), house)
            let strict = try await house.on {
                try await $0.admin.updateTwoFactorSettings(change, call)
            }
            #expect(strict.version == 2 && told(house) == [])
            weigh(Self.weakening, house)
            let weaker = try await house.on {
                var change = change
                change.version = 2
                return try await $0.admin.updateTwoFactorSettings(change, call)
            }
            #expect(weaker.version == 3 && weaker.pending == nil)
            #expect(
                told(house) == [
                    "settings_weakened ann@example.org", "settings_weakened ben@example.org",
                ])
        }
    }

    @Test func `P-05 what administrators cannot be told of is not done`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin("ann", house)
            weigh(Self.weakening, house)
            house.verification.stand.before("sendNotice") { throw Fault(.unavailable) }
            let change = update()
            let reason = try await house.refusal {
                try await $0.admin.updateTwoFactorSettings(change, call)
            }
            #expect(reason == .unavailable)
            #expect(house.policy.state.withLock { $0.version } == 1)
        }
    }

    @Test func `P-05 what waits is put in force by another administrator, never by its author`()
        async throws
    {
        try await withGatehouse { house in
            let (ann, call) = try await admin("ann", house)
            let (_, other) = try await admin("ben", house)
            try house.sql("UPDATE auth.users SET roles_since = roles_since - interval '2 days'")
            let (_, newcomer) = try await admin("cem", house)
            weigh(Self.waiting, house)
            let change = update()
            let answer = try await house.on {
                try await $0.admin.updateTwoFactorSettings(change, call)
            }
            let pending = try #require(answer.pending)
            #expect(answer.version == 1 && pending.proposedBy == ann.id)
            #expect(told(house).allSatisfy { $0.hasPrefix("weakening_proposed ") })
            let list = try await house.on {
                try await $0.admin.listPendingSettings(ListPendingSettings(), other)
            }
            #expect(list.pending == [pending])
            let approve = ApproveSettings(change: pending.id, reason: "seen")
            let refusals = [
                try await house.refusal { try await $0.admin.approveSettings(approve, call) },
                try await house.refusal { try await $0.admin.approveSettings(approve, newcomer) },
                try await house.refusal {
                    try await $0.admin.approveSettings(
                        ApproveSettings(change: pending.id, reason: " "), other)
                },
                try await house.refusal {
                    try await $0.admin.deleteVerifiers(
                        DeleteVerifiers(uids: [VerificationDouble.totp], deleteBindings: true),
                        call)
                },
            ]
            #expect(
                refusals == [
                    .anotherAdministrator, .anotherAdministrator, .reasonRequired, .verifierInUse,
                ])
            let approved = try await house.on {
                try await $0.admin.approveSettings(approve, other)
            }
            #expect(approved.version == 2)
            #expect(told(house).count { $0.hasPrefix("settings_weakened ") } == 3)
        }
    }

    @Test func `P-02 a word on what waits wants a proof of the last minutes`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin("ann", house)
            house.policy.propose(.sample)
            try house.sql("UPDATE auth.sessions SET proved_at = proved_at - interval '302 s'")
            let reasons = [
                try await house.refusal {
                    try await $0.admin.approveSettings(
                        ApproveSettings(change: .sample, reason: "seen"), call)
                },
                try await house.refusal {
                    try await $0.admin.withdrawSettings(WithdrawSettings(change: .sample), call)
                },
            ]
            #expect(reasons == [.stepUpRequired, .stepUpRequired])
            #expect(house.policy.state.withLock { $0.pending.count } == 1)
        }
    }

    @Test func `a change that waits is rehearsed anew before it is approved`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin("ann", house)
            try house.sql("UPDATE auth.users SET roles_since = roles_since - interval '2 days'")
            house.policy.propose(.sample)
            house.policy.state.withLock { state in
                let denying = Rule(
                    name: RuleName("closed")!, requirements: Requirements(denied: true))
                state.pending[0].settings.book = RuleBook(rules: [denying])
            }
            let approve = ApproveSettings(change: .sample, reason: "seen")
            let reasons = [
                try await house.refusal { try await $0.admin.approveSettings(approve, call) },
                try await house.refusal {
                    try await $0.admin.approveSettings(
                        ApproveSettings(change: SettingsChangeID(high: 9, low: 9), reason: "seen"),
                        call)
                },
            ]
            #expect(reasons == [.lastAdministrator, .versionConflict])
            #expect(told(house) == [])
        }
    }

    @Test func `one administrator alone cannot ask for a second one`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await admin("ann", house)
            let change = update(WeakeningProtection(secondAdministrator: true))
            let alone = try await house.refusal {
                try await $0.admin.updateTwoFactorSettings(change, call)
            }
            #expect(alone == .anotherAdministrator)
            _ = try await admin("ben", house)
            let settings = try await house.on {
                try await $0.admin.updateTwoFactorSettings(change, call)
            }
            #expect(settings.version == 2)
        }
    }

    @Test func `P-05 every step of a sign-in is asked about by the version it began under`()
        async throws
    {
        try await withGatehouse { house in
            house.policy.change(.everyone)
            let ann = try await house.makeUser("ann", factors: 1)
            let ticket = try await house.verifying(ann)
            house.policy.change(.administrators)
            house.policy.change(.administrators)
            let request = house.complete(ann, ticket)
            _ = try await house.on { try await $0.signIn().completeVerification(request, .from()) }
            let asked = house.policy.state.withLock { $0.asked.map(\.sinceVersion) }
            #expect(asked == [0, 2])
        }
    }
}
