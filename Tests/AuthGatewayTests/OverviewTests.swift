import Audit
import Contracts
import Postgres
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// The figures of the installation, and how adoption is noted from day to day.
struct OverviewTests {
    private static func admin(_ house: Gatehouse) async throws -> Call {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return .from(try await house.session(user))
    }

    private static func overview(_ house: Gatehouse, _ call: Call) async throws -> Overview {
        try await house.on { try await $0.admin.getOverview(GetOverview(), call) }
    }

    private static func tell(_ house: Gatehouse, bound: UInt32) {
        house.verification.state.withLock { $0.reading.overview.bound = bound }
    }

    private static func today(_ house: Gatehouse) throws -> String {
        try house.sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
    }

    @Test func `users are counted as they stand`() async throws {
        try await withGatehouse { house in
            let call = try await Self.admin(house)
            for name in ["ann", "bob", "eve", "old"] { _ = try await house.makeUser(name) }
            try house.sql("UPDATE auth.users SET state = 'disabled' WHERE name_key = 'bob'")
            try house.sql("UPDATE auth.users SET state = 'erased' WHERE name_key = 'eve'")
            try house.sql(
                "UPDATE auth.users SET state = 'disabled', roles = '{administrator}' "
                    + "WHERE name_key = 'old'")
            house.policy.change(.everyone)
            house.policy.propose(SettingsChangeID(high: 1, low: 1))
            let figures = MessageFigures(
                sentThisHour: 5, sentToday: 9, verifiedToday: 7, hourMax: 1000,
                fullestThisHour: 3, alarm: true)
            let kinds = [BoundKind(type: .totp, users: 2), BoundKind(type: .sms, users: 1)]
            house.verification.state.withLock { state in
                state.reading.overview = EvidenceOverview(
                    bound: 2, kinds: kinds, locked: 1, hours: [], messages: figures)
            }
            let overview = try await Self.overview(house, call)
            #expect(overview.users == 4 && overview.disabled == 2)
            #expect(overview.administrators == 1)
            #expect(overview.bound == 2 && overview.locked == 1 && overview.kinds == kinds)
            #expect(overview.messages == figures)
            #expect(overview.enforcement == .everyone && overview.pendingChanges == 1)
            #expect(overview.resetRequests == 0)
            let day = AdoptionDay(day: try Self.today(house), users: 4, bound: 2)
            #expect(overview.adoption == [day], "today is known before it is noted")
        }
    }

    @Test func `requests for resets are counted while they wait`() async throws {
        try await withGatehouse { house in
            let call = try await Self.admin(house)
            let other = try await house.makeUser("other", roles: [.administrator], factors: 1)
            _ = try await house.on {
                try await $0.admin.requestReset(
                    RequestReset(user: other.id, reason: "lost the phone"), call)
            }
            #expect(try await Self.overview(house, call).resetRequests == 1)
            try house.sql("UPDATE auth.reset_requests SET expires_at = now()")
            #expect(try await Self.overview(house, call).resetRequests == 0)
        }
    }

    @Test func `sign-ins of the last 48 hours are told hour by hour, quiet ones too`()
        async throws
    {
        try await withGatehouse { house in
            let call = try await Self.admin(house)
            try house.sql(
                """
                INSERT INTO auth.audit (at, event, source)
                SELECT date_trunc('hour', now(), 'UTC') - make_interval(hours => h.n), e.event, 'x'
                FROM unnest(ARRAY[1, 1, 47, 48, 49]) AS h (n),
                    (VALUES ('sign_in_completed'), ('network_refused'), ('sign_in_started'))
                        AS e (event)
                """)
            let seconds = Int64(try house.number("SELECT extract(epoch FROM now())::bigint"))
            let latest = seconds - seconds % 3600
            house.verification.state.withLock { state in
                state.reading.overview.hours = [1, 2].map { back in
                    SignInHour(
                        start: Timestamp(seconds: latest - back * 3600), completed: 0, refused: 5)
                }
            }
            let hours = try await Self.overview(house, call).hours
            let starts = hours.map(\.start.seconds)
            #expect(starts.count == 48 && starts.last == latest)
            #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 == 3600 })
            func hour(_ back: Int64) -> [UInt32] {
                hours.filter { $0.start.seconds == latest - back * 3600 }
                    .flatMap { [$0.completed, $0.refused] }
            }
            #expect(hour(0) == [1, 0], "this administrator's own")
            #expect(hour(1) == [2, 7] && hour(2) == [0, 5] && hour(3) == [0, 0])
            #expect(hour(48).isEmpty)
        }
    }

    @Test func `hours of which not all was counted are left out`() {
        let now = Timestamp(seconds: 100 * 3600 + 7)
        let own = AuditHours(counts: [], completeSince: Timestamp(seconds: 98 * 3600))
        var evidence = EvidenceOverview(
            bound: 0, kinds: [], locked: 0, hours: [],
            completeSince: Timestamp(seconds: 97 * 3600),
            messages: MessageFigures(
                sentThisHour: 0, sentToday: 0, verifiedToday: 0, hourMax: 0, fullestThisHour: 0,
                alarm: false))
        func hours() -> [Int64] {
            SignInHour.last(48, until: now, own, evidence).map { $0.start.seconds / 3600 }
        }
        #expect(hours() == [98, 99, 100])
        evidence.completeSince = Timestamp(seconds: 100 * 3600)
        #expect(hours() == [100])
    }

    @Test func `a day is noted once an hour, by one gateway`() async throws {
        try await withGatehouse(replicas: 2) { house in
            _ = try await house.makeUser("ann")
            let service = Call(caller: .service(identity: "tests"))
            let row = "SELECT users || ' ' || bound FROM auth.adoption"
            Self.tell(house, bound: 1)
            _ = try await house.parallel(8) { gateway, _ in
                try await gateway.noteAdoption(service)
            }
            #expect(try house.sql(row) == "1 1")
            _ = try await house.makeUser("bob")
            Self.tell(house, bound: 2)
            try await house.on { try await $0.noteAdoption(service) }
            #expect(try house.sql(row) == "1 1")
            try house.sql("UPDATE auth.adoption SET noted_at = now() - interval '1 hour'")
            try await house.on(1) { try await $0.noteAdoption(service) }
            #expect(try house.sql(row) == "2 2")
            try house.sql("UPDATE auth.adoption SET day = day - 1")
            Self.tell(house, bound: 0)
            try await house.on { try await $0.noteAdoption(service) }
            #expect(try house.sql(row + " ORDER BY day").split(separator: "\n") == ["2 2", "2 0"])
        }
    }

    @Test func `a day is not noted by guess while the verification service is away`() async throws {
        try await withGatehouse { house in
            house.verification.stand.isAway = true
            let refusal = try await house.refusal {
                try await $0.noteAdoption(Call(caller: .service(identity: "tests")))
            }
            #expect(refusal == .unavailable)
            #expect(try house.number("SELECT count(*) FROM auth.adoption") == 0)
        }
    }

    @Test func `adoption goes back ninety days, today as it is now`() async throws {
        try await withGatehouse { house in
            let call = try await Self.admin(house)
            try house.sql(
                """
                INSERT INTO auth.adoption (day, users, bound)
                SELECT (now() AT TIME ZONE 'UTC')::date - n, 200 - n, 100 - n
                FROM generate_series(0, 100) AS n
                """)
            Self.tell(house, bound: 7)
            let days = try await Self.overview(house, call).adoption
            #expect(days.count == 90)
            #expect(days.map(\.day) == days.map(\.day).sorted())
            #expect(days.first.map { [$0.users, $0.bound] } == [111, 11])
            #expect(days.last == AdoptionDay(day: try Self.today(house), users: 1, bound: 7))
        }
    }

    @Test func `while a service is away there are no figures`() async throws {
        try await withGatehouse { house in
            let call = try await Self.admin(house)
            for stand in [house.verification.stand, house.policy.stand] {
                stand.isAway = true
                let refusal = try await house.refusal {
                    try await $0.admin.getOverview(GetOverview(), call)
                }
                #expect(refusal == .unavailable)
                stand.isAway = false
            }
        }
    }

    @Test func `no figure reads a table of users from end to end`() async throws {
        try await withGatehouse { house in
            try house.sql(
                """
                INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
                SELECT gen_random_uuid(), 'u' || n, 'u' || n, repeat('x', 200), 'en',
                    CASE WHEN n = 1 THEN '{administrator}' ELSE '{}' END::text[], 'active'
                FROM generate_series(1, 20000) AS n
                """)
            try house.sql("VACUUM ANALYZE auth.users")
            let plan = try await house.on { gateway in
                var plan = ""
                for row in try await gateway.accounts.pool.query("EXPLAIN \(Accounts.counting)") {
                    plan += try row.decode(String.self) + "\n"
                }
                return plan
            }
            #expect(plan.contains("users_state") && plan.contains("administrators"), "\(plan)")
            #expect(!plan.contains("Seq Scan on users"), "\(plan)")
        }
    }
}
