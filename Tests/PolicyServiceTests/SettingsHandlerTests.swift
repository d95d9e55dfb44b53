import Contracts
import Fixtures
import RPC
import Testing
import Wire

@testable import PolicyService

/// Rules as they are stored, changed, listed, compared and put back, over a real database.
struct SettingsHandlerTests {
    private static let strong = Rule(
        name: RuleName("strong")!, roles: [.administrator],
        networks: [NetworkRange("192.0.2.0/24")!],
        requirements: Requirements(strength: .phishingResistant, denied: false))

    private static func change(
        _ version: UInt64, _ book: RuleBook?, because reason: String = "tests"
    ) -> ChangeSettings {
        ChangeSettings(
            actor: .sample,
            settings: UpdateTwoFactorSettings(
                version: version, enforcement: .everyone, verifiers: [Council.totp, Council.keys],
                reason: reason, book: book))
    }

    @Test func `a fresh installation has one rule, and it shortens administrators' sessions`()
        async throws
    {
        try await withCouncil { council in
            let (settings, decisions) = try await council.on { handlers in
                (
                    try await handlers.getSettings(GetTwoFactorSettings(), Council.call),
                    [
                        try await handlers.decide(.by(), Council.call),
                        try await handlers.decide(.by([.administrator]), Council.call),
                    ]
                )
            }
            #expect(settings.book.rules.map(\.name.text) == ["administrators"])
            #expect(settings.book.base == Requirements())
            #expect(decisions.map(\.sessionSeconds) == [86_400, 43_200])
            #expect(decisions.map(\.idleSeconds) == [3600, 900])
            #expect(decisions.allSatisfy { $0.stepUpSeconds == 300 && !$0.trustedDevices })
        }
    }

    @Test func `rules are decided by as soon as they are saved, and the decision names them`()
        async throws
    {
        try await withCouncil(replicas: 2) { council in
            let saved = try await council.on {
                try await $0.updateSettings(
                    Self.change(1, RuleBook(rules: [Self.strong])), Council.call)
            }
            #expect(saved.version == 2 && saved.book.rules == [Self.strong])
            var facts = Decide.by([.administrator], bound: [Council.totp], since: 2)
            facts.address = "192.0.2.7"
            let asked = facts
            let decision = try await council.on(1) { try await $0.decide(asked, Council.call) }
            #expect(decision.outcome == .bind && decision.strength == .phishingResistant)
            let strength = decision.decided.first { $0.part == .strength }
            #expect(strength?.rules == [Self.strong.name])
            facts.address = "198.51.100.7"
            let outside = facts
            let other = try await council.on(1) { try await $0.decide(outside, Council.call) }
            #expect(other.outcome == .verify && other.strength == .any)
        }
    }

    @Test func `a change that says nothing on rules keeps them`() async throws {
        try await withCouncil { council in
            let kept = try await council.on { handlers in
                _ = try await handlers.updateSettings(
                    Self.change(1, RuleBook(rules: [Self.strong])), Council.call)
                return try await handlers.updateSettings(.to(2, .administrators), Council.call)
            }
            #expect(kept.version == 3 && kept.book.rules == [Self.strong])
            let rules = try council.sql(
                "SELECT string_agg(payload ->> 'rules', ' ' ORDER BY id) FROM policy.audit")
            #expect(rules == "1 unchanged")
        }
    }

    @Test func `a book that nobody can have meant is refused`() async throws {
        func book(_ said: Requirements) -> RuleBook {
            RuleBook(rules: [Rule(name: RuleName("one")!, requirements: said)])
        }
        let base = Rule(name: .base, requirements: Requirements())
        let refused: [RuleBook] = [
            RuleBook(base: Requirements(denied: true)),
            RuleBook(base: Requirements(verifiers: [Council.totp])),
            RuleBook(rules: [base]), RuleBook(rules: [Self.strong, Self.strong]),
            book(Requirements(sessionSeconds: 299)), book(Requirements(sessionSeconds: 2_592_001)),
            book(Requirements(idleSeconds: 59)), book(Requirements(stepUpSeconds: 59)),
            book(Requirements(stepUpSeconds: 3601)), book(Requirements(passwordLengthMin: 7)),
            book(Requirements(passwordLengthMin: 65)),
            book(Requirements(verifiers: [Council.totp, Council.totp])),
        ]
        try await withCouncil { council in
            for book in refused {
                let reasons = [
                    try await council.refusal {
                        try await $0.updateSettings(Self.change(1, book), Council.call)
                    },
                    try await council.refusal {
                        try await $0.decideProposed(
                            DecideProposed(
                                proposed: Self.change(1, book).settings, facts: [.by()]),
                            Council.call)
                    },
                ]
                #expect(reasons == [.malformed, .malformed], "\(book)")
            }
            #expect(try council.sql("SELECT max(version) FROM policy.settings") == "1")
        }
    }

    @Test func `versions are listed with author and reason, compared, and put back as new ones`()
        async throws
    {
        try await withCouncil { council in
            try await council.on { handlers in
                _ = try await handlers.updateSettings(
                    Self.change(1, RuleBook(rules: [Self.strong]), because: "strong"),
                    Council.call)
                var weaker = Self.strong
                weaker.requirements.strength = nil
                weaker.requirements.sessionSeconds = 600
                _ = try await handlers.updateSettings(
                    Self.change(2, RuleBook(rules: [weaker]), because: "weaker"), Council.call)
                let first = try await handlers.listVersions(
                    ListSettingsVersions(limit: 2), Council.call)
                #expect(first.versions.map(\.version) == [3, 2] && first.next == 2)
                #expect(first.versions.map(\.reason) == ["weaker", "strong"])
                #expect(first.versions.allSatisfy { $0.changedBy == .sample })
                let last = try await handlers.listVersions(
                    ListSettingsVersions(before: first.next, limit: 2), Council.call)
                #expect(last.versions.map(\.version) == [1] && last.next == 0)

                let found = try await handlers.compareSettings(
                    CompareSettings(from: 2, to: 0), Council.call)
                #expect(found.from == 2 && found.to == 3 && !found.more)
                let told = found.differences.map {
                    "\($0.rule) \($0.field) \($0.before)>\($0.after)"
                }
                #expect(
                    told == [
                        "strong requirements.strength phishing_resistant>",
                        "strong requirements.sessionSeconds >600",
                    ])
                let old = try await handlers.getSettings(
                    GetTwoFactorSettings(version: 2), Council.call)
                let back = try await handlers.updateSettings(
                    Self.change(3, old.book, because: "back"), Council.call)
                #expect(back.version == 4 && back.book == old.book)
                let same = try await handlers.compareSettings(
                    CompareSettings(from: 2, to: 4), Council.call)
                #expect(same.differences == [])
            }
            let unknown = try await council.refusal {
                try await $0.getSettings(GetTwoFactorSettings(version: 9), Council.call)
            }
            #expect(unknown == .versionConflict)
        }
    }

    @Test func `rules that came and went are differences, the base's first`() {
        let settings = { (version: UInt64, enforcement: Enforcement, book: RuleBook) in
            TwoFactorSettings(
                version: version, enforcement: enforcement, verifiers: [Council.totp],
                changedAt: Timestamp(seconds: 1), reason: "", book: book)
        }
        var many: [Rule] = []
        for number in 0..<50 {
            many.append(
                Rule(name: RuleName("r\(number)")!, requirements: Requirements(denied: true)))
        }
        let found = SettingsComparison.compare(
            settings(1, .administrators, RuleBook(rules: [Self.strong])),
            settings(
                2, .everyone, RuleBook(base: Requirements(trustedDevices: true), rules: many)))
        #expect(found.differences.count == 53 && !found.more)
        #expect(found.differences.prefix(2).map(\.rule) == [.base, .base])
        #expect(found.differences.last?.field == "" && found.differences.last?.after == "")
        #expect(found.differences.last?.before.contains("phishing_resistant") == true)
    }

    @Test func `proposed settings decide nothing but what they are asked`() async throws {
        try await withCouncil { council in
            let proposed = Self.change(1, RuleBook(rules: [Self.strong])).settings
            try await council.on { handlers in
                let facts = [Decide.by(), .by([.administrator], bound: [Council.totp])]
                let then = try await handlers.decideProposed(
                    DecideProposed(proposed: proposed, facts: facts), Council.call)
                #expect(then.decisions.map(\.outcome) == [.bind, .bind])
                let now = try await handlers.decideProposed(
                    DecideProposed(proposed: nil, facts: facts), Council.call)
                #expect(now.decisions.map(\.outcome) == [.allow, .verify])
                let settings = try await handlers.getSettings(GetTwoFactorSettings(), Council.call)
                #expect(settings.version == 1)
            }
        }
    }

    @Test func `the audit is told with who changed the settings, and why`() async throws {
        try await withCouncil { council in
            try await council.on { handlers in
                _ = try await handlers.updateSettings(.to(1, because: "From today"), Council.call)
                let page = try await handlers.listAudit(
                    ReadAudit(events: ["two_factor_settings_changed"], limit: 10), Council.call)
                let row = try #require(page.rows.first)
                #expect(page.rows.count == 1 && page.reached == nil)
                #expect(row.actor == .sample && row.subject == nil)
                #expect(row.details.contains(AuditDetail(key: "reason", value: "From today")))
                let ofOthers = try await handlers.listAudit(
                    ReadAudit(user: UserID(high: 1, low: 1), limit: 10), Council.call)
                #expect(ofOthers == AuditPage(rows: []))
            }
        }
    }

    @Test func `the largest book of rules goes through in one frame`() throws {
        let user = UserID(high: .max, low: .max)
        let network = NetworkRange("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/128")!
        let verifiers = (0..<16).map {
            VerifierUID(String(repeating: "v", count: 62) + "\($0 + 10)")!
        }
        let rules = (0..<50).map { number in
            Rule(
                name: RuleName(String(repeating: "r", count: 62) + "\(number + 10)")!,
                description: String(repeating: "d", count: 256), roles: [.administrator],
                users: Array(repeating: user, count: 32),
                networks: Array(repeating: network, count: 16),
                exceptNetworks: Array(repeating: network, count: 16),
                methods: SignInMethod.allCases,
                requirements: Requirements(
                    enforcement: .required, verifiers: verifiers, strength: .phishingResistant,
                    graceUntil: Timestamp(seconds: 1_800_000_000), trustedDevices: false,
                    sessionSeconds: .max, idleSeconds: .max, stepUpSeconds: .max,
                    passwordLengthMin: .max, denied: true))
        }
        let size = RuleBook(rules: rules).encoded().count
        #expect(size + 8192 < RPCLimits().frameBytesMax, "\(size)")
    }
}
