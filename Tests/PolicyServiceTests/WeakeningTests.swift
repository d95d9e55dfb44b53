import Contracts
import Fixtures
import RPC
import Reactor
import Testing
import Wire

@testable import PolicyService

/// Changes that make the settings weaker, as they wait and come to be in force, over a real
/// database and several replicas.
struct WeakeningTests {
    private static let author = UserID(high: 1, low: 1)
    private static let other = UserID(high: 1, low: 2)

    private static func change(
        _ version: UInt64, _ enforcement: Enforcement, _ protection: WeakeningProtection? = nil
    ) -> ChangeSettings {
        ChangeSettings(
            actor: author,
            settings: UpdateTwoFactorSettings(
                version: version, enforcement: enforcement, verifiers: [Council.totp],
                reason: "tests", book: protection.map { RuleBook(protection: $0) }))
    }

    /// Everybody is asked, by version 2, and the first day is over.
    private func withStrict<T: Sendable>(
        _ protection: WeakeningProtection? = nil,
        _ body: @escaping @Sendable (Council) async throws -> T
    ) async throws -> T {
        try await withCouncil(replicas: 2) { council in
            _ = try await council.on {
                try await $0.updateSettings(Self.change(1, .everyone, protection), Council.call)
            }
            try council.sql(
                """
                UPDATE policy.settings SET changed_at = changed_at - interval '24 hours'
                WHERE version = 1
                """)
            return try await body(council)
        }
    }

    /// Asks for weaker settings, which wait.
    private func weaken(_ council: Council) async throws -> PendingSettings {
        let answer = try await council.on {
            try await $0.updateSettings(Self.change(2, .administrators), Council.call)
        }
        #expect(answer.version == 2 && answer.enforcement == .everyone)
        return try #require(answer.pending)
    }

    private func approve(
        _ pending: PendingSettings, by actor: UserID, at replica: Int = 1, _ council: Council
    ) async throws -> Reason? {
        try await council.refusal(replica) {
            try await $0.approvePending(
                DecideChange(actor: actor, change: pending.id, reason: "seen"), Council.call)
        }
    }

    private func isAsked(_ council: Council, _ replica: Int = 0) async throws -> Bool {
        try await council.on(replica) {
            try await $0.decide(.by(), Council.call).outcome == .bind
        }
    }

    @Test func `P-05 weaker settings wait a day, and are then in force at every replica`()
        async throws
    {
        try await withStrict { council in
            let pending = try await weaken(council)
            #expect(pending.version == 2 && pending.weakened == [.enforcement, .grace])
            #expect(pending.proposedBy == Self.author && pending.reason == "tests")
            let wait = try #require(pending.dueAt).seconds - pending.proposedAt.seconds
            #expect((86_399...86_401).contains(wait))
            try council.sql(
                "UPDATE policy.pending_settings SET due_at = due_at - interval '23 h 59 min'")
            for replica in 0...1 {
                _ = try await council.on(replica) { await $0.refresh() }
                #expect(try await isAsked(council, replica))
            }
            try council.sql(
                "UPDATE policy.pending_settings SET due_at = due_at - interval '1 min'")
            // Both look at once; one puts it in force, and the other finds it so.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await council.on(number % 2) { await $0.refresh() }
                    }
                }
                try await group.waitForAll()
            }
            for replica in 0...1 {
                try await council.on(replica) { await $0.refresh() }
                #expect(try await !isAsked(council, replica))
            }
            #expect(try council.sql("SELECT max(version) FROM policy.settings") == "3")
            let row = try council.sql(
                """
                SELECT count(*) || (payload ->> 'because') || (payload ->> 'version')
                    || (payload ->> 'proposed_by') || (actor IS NULL)
                FROM policy.audit WHERE payload ? 'because' GROUP BY actor, payload
                """)
            #expect(row == "1waited3\(Self.author)true")
        }
    }

    @Test func `P-05 a poll alone puts in force what has waited`() async throws {
        try await withStrict { council in
            let watch = try await council.on(1) { handlers in
                let watch = SettingsWatch(handlers)
                await handlers.refresh()
                watch.start()
                return watch
            }
            _ = try await weaken(council)
            try council.sql("UPDATE policy.pending_settings SET due_at = clock_timestamp()")
            #expect(try await council.await(3, at: 1) < .seconds(5))
            try await council.on(1) { _ in watch.stop() }
        }
    }

    @Test func `P-05 another administrator ends the wait, and nobody his own`() async throws {
        try await withStrict { council in
            let pending = try await weaken(council)
            let own = try await approve(pending, by: Self.author, council)
            #expect(own == .anotherAdministrator)
            #expect(try await isAsked(council))
            #expect(try await approve(pending, by: Self.other, council) == nil)
            try await council.on { await $0.refresh() }
            #expect(try await !isAsked(council))
            // Once.
            #expect(try await approve(pending, by: Self.other, council) == .versionConflict)
            let settings = try await council.on {
                try await $0.getSettings(GetTwoFactorSettings(), Council.call)
            }
            #expect(settings.version == 3 && settings.changedBy == Self.author)
        }
    }

    @Test func `P-06 of 16 approvals and changes at once one makes the next version`()
        async throws
    {
        try await withStrict { council in
            let pending = try await weaken(council)
            let reasons = try await withThrowingTaskGroup(of: Reason?.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        guard number % 4 == 0 else {
                            return try await approve(
                                pending, by: Self.other, at: number % 2, council)
                        }
                        return try await council.refusal(number % 2) {
                            try await $0.updateSettings(Self.change(2, .everyone), Council.call)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reasons.count { $0 == nil } == 1)
            #expect(reasons.count { $0 == .versionConflict } == 15)
            #expect(try council.sql("SELECT max(version) FROM policy.settings") == "3")
        }
    }

    @Test func `where a second administrator is wanted no time replaces him`() async throws {
        try await withStrict(WeakeningProtection(delayHours: 1, secondAdministrator: true)) {
            council in
            let pending = try await weaken(council)
            #expect(pending.dueAt == nil)
            try council.sql(
                """
                UPDATE policy.pending_settings
                SET proposed_at = proposed_at - interval '1 year'
                """)
            try await council.on { await $0.refresh() }
            #expect(try await isAsked(council))
            #expect(try await approve(pending, by: Self.other, council) == nil)
        }
    }

    @Test func `P-05 what protects against weaker settings is taken away like them`() async throws {
        try await withStrict(WeakeningProtection(delayHours: 48, secondAdministrator: true)) {
            council in
            for less in [
                WeakeningProtection(delayHours: 48), WeakeningProtection(delayHours: 0),
                WeakeningProtection(delayHours: 24, secondAdministrator: true),
            ] {
                let answer = try await council.on {
                    try await $0.updateSettings(Self.change(2, .everyone, less), Council.call)
                }
                #expect(answer.pending?.weakened.contains(.protection) == true, "\(less)")
            }
            #expect(try council.sql("SELECT max(version) FROM policy.settings") == "2")
        }
    }

    @Test func `a change is taken back by any administrator, and void after another one`()
        async throws
    {
        try await withStrict { council in
            let withdraw = { @Sendable (pending: PendingSettings) async throws -> Reason? in
                try await council.refusal(1) {
                    try await $0.withdrawPending(
                        DecideChange(actor: Self.other, change: pending.id), Council.call)
                }
            }
            let list = { @Sendable () async throws -> [SettingsChangeID] in
                try await council.on(1) {
                    try await $0.listPending(ListPendingSettings(), Council.call)
                }.pending.map(\.id)
            }
            let (first, second) = (try await weaken(council), try await weaken(council))
            #expect(try await list() == [first.id, second.id])
            let found = try await council.on {
                try await $0.compareSettings(
                    CompareSettings(from: 2, to: 0, pending: first.id), Council.call)
            }
            #expect(found.differences.map(\.field) == ["enforcement"])
            #expect(try await withdraw(first) == nil)
            #expect(try await withdraw(first) == .versionConflict)
            #expect(try await approve(first, by: Self.other, council) == .versionConflict)
            #expect(try await list() == [second.id])
            // Something stricter is in force at once, and what was asked for before is void.
            let stricter = try await council.on { handlers in
                var change = Self.change(2, .everyone)
                let now = try await handlers.getSettings(GetTwoFactorSettings(), Council.call)
                change.settings.book = RuleBook(
                    rules: now.book.rules, protection: WeakeningProtection(delayHours: 72))
                return try await handlers.updateSettings(change, Council.call)
            }
            #expect(stricter.version == 3)
            #expect(try await list() == [])
            #expect(try await approve(second, by: Self.other, council) == .versionConflict)
            #expect(try await withdraw(second) == .versionConflict)
            try council.sql("UPDATE policy.pending_settings SET due_at = clock_timestamp()")
            try await council.on { await $0.refresh() }
            #expect(try council.sql("SELECT max(version) FROM policy.settings") == "3")
        }
    }

    @Test func `only so many changes wait at once`() async throws {
        try await withStrict { council in
            for _ in 0..<PendingChanges.countMax { _ = try await weaken(council) }
            let reason = try await council.refusal {
                try await $0.updateSettings(Self.change(2, .administrators), Council.call)
            }
            #expect(reason == .versionConflict)
        }
    }

    @Test func `on the first day nothing waits, unless the settings say so`() async throws {
        try await withCouncil { council in
            let answers = try await council.on { handlers in
                [
                    try await handlers.updateSettings(Self.change(1, .everyone), Council.call),
                    try await handlers.updateSettings(
                        Self.change(2, .administrators), Council.call),
                    try await handlers.updateSettings(
                        Self.change(3, .everyone, WeakeningProtection(delayHours: 24)),
                        Council.call),
                    try await handlers.updateSettings(
                        Self.change(4, .administrators), Council.call),
                    // Nor is the word that made it wait taken back by saying nothing.
                    try await handlers.updateSettings(
                        Self.change(4, .everyone, WeakeningProtection()), Council.call),
                ]
            }
            #expect(answers.map(\.version) == [2, 3, 4, 4, 4])
            #expect(answers.map { $0.pending == nil } == [true, true, true, false, false])
        }
    }

    @Test func `what a change would do is told before it is made`() async throws {
        try await withStrict { council in
            let weigh = { @Sendable (change: ChangeSettings) async throws -> SettingsWeighed in
                try await council.on {
                    try await $0.weighSettings(
                        WeighSettings(settings: change.settings), Council.call)
                }
            }
            let weaker = try await weigh(Self.change(2, .administrators))
            #expect(weaker.weight == .weakening && weaker.delayHours == 24 && weaker.waits)
            let same = try await weigh(Self.change(2, .everyone))
            #expect(same == SettingsWeighed(weight: .neutral))
            let reason = try await council.refusal {
                try await $0.weighSettings(
                    WeighSettings(settings: Self.change(1, .everyone).settings), Council.call)
            }
            #expect(reason == .versionConflict)
        }
    }

    @Test func `the table itself refuses what nobody may put in force`() async throws {
        try await withStrict { council in
            _ = try await weaken(council)
            for change in [
                "state = 'in_force', decided_at = clock_timestamp(), decided_by = proposed_by",
                "state = 'in_force', decided_at = clock_timestamp()", "state = 'in_force'",
            ] {
                let error = #expect(throws: PostgresCluster.Failure.self, "\(change)") {
                    try council.sql("UPDATE policy.pending_settings SET \(change)")
                }
                #expect(error?.description.contains("violates check constraint") == true)
            }
        }
    }

    @Test func `a delay beyond three days is refused`() async throws {
        try await withCouncil { council in
            let reason = try await council.refusal {
                try await $0.updateSettings(
                    Self.change(1, .everyone, WeakeningProtection(delayHours: 73)), Council.call)
            }
            #expect(reason == .malformed)
        }
    }

    @Test func `what waited in a backup is never in force after a restore`() async throws {
        try await withStrict { council in
            let waiting = try await weaken(council)
            let pool = council.replicas[0].pool
            let withdraw = {
                try await council.replicas[0].loop.run {
                    try await PendingChanges(pool: pool).withdrawAll(Council.call)
                }
            }
            #expect(try await withdraw() == 1)
            #expect(try await withdraw() == 0)
            let state = "SELECT state FROM policy.pending_settings WHERE id = '\(waiting.id)'"
            #expect(try council.sql(state) == "withdrawn")
        }
    }
}
