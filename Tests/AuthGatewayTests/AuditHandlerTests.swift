import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// The audit of all services, for administrators.
struct AuditHandlerTests {
    /// Of nothing else that happens here.
    private static let start = Timestamp(seconds: 1_600_000_000)

    private static func admin(_ house: Gatehouse) async throws -> (TestUser, Call) {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        return (user, .from(try await house.session(user)))
    }

    private static func list(
        _ house: Gatehouse, _ request: ListAudit, _ call: Call
    ) async throws -> AuditList {
        try await house.on { try await $0.admin.listAudit(request, call) }
    }

    /// Two rows of each service for each of three moments, all with `ann` in them.
    private static func fill(_ house: Gatehouse, _ ann: UserID, by actor: UserID) throws {
        try house.sql(
            """
            INSERT INTO auth.audit (at, event, actor, subject, source, payload)
            SELECT to_timestamp(1600000000 + n / 2), 'user_disabled', '\(actor)', '\(ann)',
                '192.0.2.7:99', jsonb_build_object('trace', 'abc', 'reason', n::text)
            FROM generate_series(0, 5) AS n
            """)
        func records(_ event: String, actor: UserID?, subject: UserID?) -> [AuditRecord] {
            (0..<6).map { n in
                AuditRecord(
                    id: n + 1, at: Timestamp(seconds: start.seconds + n / 2), event: event,
                    actor: actor, subject: subject, source: "spiffe://test/auth-gateway",
                    details: [AuditDetail(key: "n", value: "\(n)")])
            }
        }
        house.verification.state.withLock {
            $0.reading.audit = records("password_refused", actor: nil, subject: ann)
        }
        house.policy.state.withLock {
            $0.audit = records("two_factor_settings_changed", actor: ann, subject: nil)
        }
    }

    /// Within the time of what was filled in.
    private static func filled(
        _ house: Gatehouse, limit: UInt32 = 200, _ call: Call,
        _ change: (inout ListAudit) -> Void = { _ in }
    ) async throws -> [AuditRow] {
        var request = ListAudit(until: Timestamp(seconds: start.seconds + 100), limit: limit)
        change(&request)
        var rows: [AuditRow] = []
        repeat {
            let page = try await list(house, request, call)
            #expect(page.rows.count <= Int(limit))
            rows += page.rows
            request.after = page.next
        } while !request.after.isEmpty
        return rows
    }

    @Test func `rows of three services stand in one order, also where their times are one`()
        async throws
    {
        try await withGatehouse { house in
            let (root, call) = try await Self.admin(house)
            let ann = try await house.makeUser("ann")
            try Self.fill(house, ann.id, by: root.id)
            let all = try await Self.filled(house, call)
            #expect(all.count == 18)
            let services = ["auth-gateway", "verification-service", "policy-service"]
            let order = [2, 1, 0].flatMap { moment in
                services.flatMap { service in
                    [1, 0].map { "\(service) \(Int64(moment))" + ($0 == 1 ? " later" : "") }
                }
            }
            let shown = all.map { row in
                let n = row.details.first.map(\.value) ?? ""
                let isLater = Int64(n).map { $0 % 2 == 1 } ?? false
                return "\(row.service) \(row.at.seconds - Self.start.seconds)"
                    + (isLater ? " later" : "")
            }
            #expect(shown == order)
            for limit in [UInt32(1), 2, 3, 5, 17, 18] {
                #expect(try await Self.filled(house, limit: limit, call) == all, "\(limit)")
            }
            let own = try #require(all.first)
            #expect(own.actor == root.id && own.actorName == "root")
            #expect(own.subject == ann.id && own.subjectName == "ann")
            #expect(own.source == "192.0.2.7:99" && own.trace == "abc")
            #expect(own.details == [AuditDetail(key: "reason", value: "5")])
            let ofPolicy = try #require(all.last)
            #expect(ofPolicy.actorName == "ann" && ofPolicy.subject == nil)
            #expect(ofPolicy.subjectName.isEmpty)
        }
    }

    @Test func `what is asked for is all that is shown`() async throws {
        try await withGatehouse { house in
            let (root, call) = try await Self.admin(house)
            let ann = try await house.makeUser("ann")
            try house.sql(
                "UPDATE auth.users SET email = 'Ann@a.example', email_key = 'ann@a.example' "
                    + "WHERE id = '\(ann.id)'")
            try Self.fill(house, ann.id, by: root.id)
            func count(_ change: (inout ListAudit) -> Void) async throws -> Int {
                try await Self.filled(house, limit: 4, call, change).count
            }
            let second = Timestamp(seconds: Self.start.seconds + 1)
            #expect(try await count { $0.from = second } == 12)
            #expect(try await count { $0.until = second } == 6)
            #expect(try await count { $0.service = "policy-service" } == 6)
            #expect(try await count { $0.events = ["user_disabled"] } == 6)
            #expect(try await count { $0.events = ["user_disabled", "password_refused"] } == 12)
            #expect(try await count { $0.events = ["user_erased"] } == 0)
            for name in ["ann", "ANN", "ann@a.example", ann.id.description] {
                #expect(try await count { $0.user = name } == 18, "\(name)")
            }
            #expect(try await count { $0.user = "root" } == 6, "what he did")
            #expect(
                try await count { ($0.user, $0.events) = ("root", ["password_refused"]) } == 0)
        }
    }

    @Test func `a name that nobody has is asked of no service`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await Self.admin(house)
            house.verification.stand.isAway = true
            for name in ["nobody", "no@body.example", "+31612345678", "' OR true --"] {
                let page = try await Self.list(house, ListAudit(user: name), call)
                #expect(page == AuditList(rows: [], next: ""), "\(name)")
            }
        }
    }

    @Test func `what cannot be asked for is refused`() async throws {
        try await withGatehouse { house in
            let (root, call) = try await Self.admin(house)
            let place = AuditPlace(at: Self.start, service: .gateway, id: 1)
            for request in [
                ListAudit(limit: 201), ListAudit(events: ["no_such_word"]), ListAudit(events: [""]),
                ListAudit(service: "x"), ListAudit(service: "Auth-Gateway"),
                ListAudit(after: "x"), ListAudit(after: place.cursor(of: root.id)),
            ] {
                let refusal = try await house.refusal {
                    try await $0.admin.listAudit(request, call)
                }
                #expect(refusal == .malformed, "\(request)")
            }
            let whole = try await Self.list(
                house, ListAudit(after: place.cursor(of: nil)), call)
            #expect(whole.rows.isEmpty)
        }
    }

    @Test func `while one of the services is away there is no page`() async throws {
        try await withGatehouse { house in
            let (_, call) = try await Self.admin(house)
            func refusal() async throws -> Reason? {
                try await house.refusal { try await $0.admin.listAudit(ListAudit(), call) }
            }
            #expect(try await refusal() == nil)
            for stand in [house.verification.stand, house.policy.stand] {
                stand.isAway = true
                #expect(try await refusal() == .unavailable)
                stand.isAway = false
            }
            let own = ListAudit(service: "auth-gateway")
            house.verification.stand.isAway = true
            #expect(try await !Self.list(house, own, call).rows.isEmpty)
        }
    }

    @Test func `the audit and the figures are for administrators`() async throws {
        try await withGatehouse { house in
            let plain = try await house.session(try await house.makeUser("ann", factors: 1))
            let weak = try await house.makeUser("weak", roles: [.administrator], factors: 1)
            let token = try await house.session(weak)
            try house.sql("UPDATE auth.sessions SET level = 1 WHERE user_id = '\(weak.id)'")
            for (token, expected) in [
                (nil, Reason.notSignedIn), (plain, .administratorRequired),
                (token, .stepUpRequired),
            ] {
                let ofAudit = try await house.refusal {
                    try await $0.admin.listAudit(ListAudit(), .from(token))
                }
                let ofFigures = try await house.refusal {
                    try await $0.admin.getOverview(GetOverview(), .from(token))
                }
                #expect(ofAudit == expected && ofFigures == expected)
            }
        }
    }
}
