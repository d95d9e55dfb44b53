import Contracts
import Fixtures
import RPC
import Testing
import Wire

@testable import PolicyService

/// Decisions and changes over a real database, by several replicas.
struct PolicyHandlerTests {
    @Test func `a fresh installation asks administrators, and nobody else`() async throws {
        try await withCouncil { council in
            let settings = try await council.on {
                try await $0.getSettings(GetTwoFactorSettings(), Council.call)
            }
            #expect(settings.version == 1 && settings.enforcement == .administrators)
            #expect(settings.verifiers == [Council.totp] && settings.changedBy == nil)
            let outcomes = try await council.on { handlers in
                [
                    try await handlers.decide(.by(), Council.call).outcome,
                    try await handlers.decide(.by([.administrator]), Council.call).outcome,
                    try await handlers.decide(
                        .by([.administrator], bound: [Council.totp]), Council.call
                    ).outcome,
                ]
            }
            #expect(outcomes == [.allow, .bind, .verify])
        }
    }

    @Test func `a change is the next version, says who and why, and is decided by at once`()
        async throws
    {
        try await withCouncil { council in
            let changed = try await council.on { handlers in
                let change = ChangeSettings.to(1, .everyone, [Council.keys, Council.totp])
                let changed = try await handlers.updateSettings(change, Council.call)
                let decision = try await handlers.decide(.by(), Council.call)
                #expect(decision.version == 2 && decision.outcome == .bind)
                #expect(decision.verifiers == [Council.keys, Council.totp])
                return changed
            }
            #expect(changed.version == 2 && changed.changedBy == .sample)
            #expect(changed.reason == "tests")
            let row = try council.sql(
                """
                SELECT event || ' ' || (actor = '\(UserID.sample)')
                    || ' ' || (payload ->> 'trace' = '\(Council.call.trace.audited)')
                    || ' ' || (payload ->> 'version') || ' ' || (payload ->> 'enforcement')
                    || ' ' || (payload ->> 'verifiers') || ' ' || (payload ->> 'reason')
                FROM policy.audit
                """)
            #expect(row == "two_factor_settings_changed true true 2 everyone keys totp tests")
        }
    }

    @Test func `P-06 of 32 changes at once one is made, and one is told of`() async throws {
        try await withCouncil(replicas: 2) { council in
            for round in 1...5 {
                let version = UInt64(round)
                let reasons = try await withThrowingTaskGroup(of: Reason?.self) { group in
                    for number in 0..<32 {
                        group.addTask {
                            try await council.refusal(number % 2) {
                                try await $0.updateSettings(
                                    .to(version, because: "\(number)"), Council.call)
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(reasons.count { $0 == nil } == 1)
                #expect(reasons.count { $0 == .versionConflict } == 31)
                #expect(try council.sql("SELECT count(*) FROM policy.audit") == "\(round)")
                #expect(
                    try council.sql("SELECT max(version) FROM policy.settings") == "\(round + 1)")
            }
        }
    }

    @Test func `a change wants a verifier, each once, a reason, and the version that was read`()
        async throws
    {
        try await withCouncil { council in
            let refused: [(ChangeSettings, Reason)] = [
                (.to(1, .everyone, []), .verifierRequired),
                (.to(1, .everyone, [Council.totp, Council.totp]), .malformed),
                (.to(1, because: ""), .reasonRequired), (.to(1, because: " \n"), .reasonRequired),
                (.to(0), .versionConflict), (.to(2), .versionConflict),
                (.to(UInt64(Int64.max)), .versionConflict), (.to(.max), .versionConflict),
            ]
            for (change, reason) in refused {
                let met = try await council.refusal {
                    try await $0.updateSettings(change, Council.call)
                }
                #expect(met == reason)
            }
            #expect(try council.sql("SELECT count(*) FROM policy.settings") == "1")
            #expect(try council.sql("SELECT count(*) FROM policy.audit") == "0")
        }
    }

    // MARK: Versions under way

    @Test func `P-05 a sign-in is judged by the stricter of its start and now`() async throws {
        try await withCouncil { council in
            try await council.on { handlers in
                _ = try await handlers.updateSettings(.to(1, .everyone), Council.call)
                let strict = try await handlers.decide(.by(since: 1), Council.call)
                #expect(strict.outcome == .bind && strict.version == 2)
                _ = try await handlers.updateSettings(.to(2, .administrators), Council.call)
                let before = try await handlers.decide(.by(since: 2), Council.call)
                #expect(before.outcome == .bind && before.version == 3)
                let after = try await handlers.decide(.by(since: 3), Council.call)
                #expect(after.outcome == .allow)
            }
        }
    }

    @Test func `a version that never was is not decided by`() async throws {
        try await withCouncil { council in
            let reason = try await council.refusal {
                try await $0.decide(.by(since: 9), Council.call)
            }
            #expect(reason == .unavailable)
        }
    }

    @Test func `a replica asked by a version it has not heard of asks the database`() async throws {
        try await withCouncil(replicas: 2) { council in
            _ = try await council.on(1) { try await $0.decide(.by(), Council.call) }
            _ = try await council.on(0) { try await $0.updateSettings(.to(1), Council.call) }
            let decision = try await council.on(1) {
                try await $0.decide(.by(since: 2), Council.call)
            }
            #expect(decision.version == 2 && decision.outcome == .bind)
        }
    }

    @Test func `only so many versions are remembered, the newest`() async throws {
        try await withCouncil { council in
            try council.sql(
                """
                INSERT INTO policy.settings (version, enforcement, verifiers, reason, book)
                SELECT n, 'everyone', '{totp}', 'many', '{"base": {}}'
                FROM generate_series(2, 300) n
                """)
            let oldest = UInt64(300 - SettingsTable.versionsMax + 1)
            let reasons = [
                try await council.refusal {
                    try await $0.decide(.by(since: oldest), Council.call)
                },
                try await council.refusal {
                    try await $0.decide(.by(since: oldest - 1), Council.call)
                },
            ]
            #expect(reasons == [nil, .unavailable])
        }
    }

    @Test func `settings that are none are not decided by`() async throws {
        try await withCouncil { council in
            for column in ["verifiers = '{not a uid}'", "book = '{\"base\": {\"denied\": 1}}'"] {
                try council.sql("UPDATE policy.settings SET \(column)")
                let reason = try await council.refusal {
                    try await $0.decide(.by(), Council.call)
                }
                #expect(reason == .unavailable, "\(column)")
                try council.sql("UPDATE policy.settings SET verifiers = '{totp}'")
            }
        }
    }
}
