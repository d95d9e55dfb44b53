import Audit
import Contracts
import RPC
import Reactor
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What happened to one's own account: all of it, and nothing of anybody else.
struct AccountEventTests {
    private static func page(
        _ house: Gatehouse, _ token: SessionToken, _ request: ListEvents
    ) async throws -> EventList {
        try await house.on { try await $0.account().listEvents(request, .from(token)) }
    }

    /// All pages in one.
    private static func events(
        _ house: Gatehouse, _ token: SessionToken, limit: UInt32 = 200
    ) async throws -> [AccountEvent] {
        var events: [AccountEvent] = []
        var after = ""
        repeat {
            let page = try await page(house, token, ListEvents(after: after, limit: limit))
            #expect(page.events.count <= Int(limit))
            events += page.events
            after = page.next
        } while !after.isEmpty
        return events
    }

    /// An administrator's call from an address of his own.
    private static func admin(_ house: Gatehouse, at address: String) async throws -> Call {
        let user = try await house.makeUser("root", roles: [.administrator], factors: 1)
        let token = try await house.session(user)
        return Call(
            caller: .outside(try #require(SocketAddress(host: address, port: 80))),
            bearer: Bytes(utf8: token.text))
    }

    @Test func `one sees what happened to oneself, the newest first`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser("ann", factors: 1)
            let door = Door(.http, agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
            let start = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            let step = try await house.on { try await $0.signIn(door).start(start, .from()) }
            let request = house.complete(user, try #require(step.ticket))
            let done = try await house.on {
                try await $0.signIn(door).completeVerification(request, .from())
            }
            guard case .signedIn(let it) = done.step else { throw Unexpected() }
            let token = try #require(it.session.token)
            let events = try await Self.events(house, token)
            #expect(events.map(\.event) == ["sign_in_completed", "user_created"])
            let signIn = try #require(events.first)
            #expect(signIn.source == "127.0.0.1" && signIn.device == "Firefox on Linux")
            #expect(!signIn.byOther && signIn.details.isEmpty)
            #expect(try await Self.events(house, token, limit: 1) == events)
        }
    }

    @Test func `where a second factor was tried is known from the sign-in that it belongs to`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser("ann", factors: 1)
            let token = try await house.session(user)
            let trace = try house.sql(
                "SELECT payload->>'trace' FROM auth.audit WHERE event = 'sign_in_completed'")
            let seconds = try house.number("SELECT extract(epoch FROM now())::bigint + 1")
            func refused(_ id: Int64, _ trace: String) -> AuditRecord {
                AuditRecord(
                    id: id, at: Timestamp(seconds: Int64(seconds)), event: "factor_refused",
                    actor: user.id, subject: user.id, source: "spiffe://test/auth-gateway",
                    trace: trace,
                    details: [
                        AuditDetail(key: "kind", value: "totp"),
                        AuditDetail(key: "reason", value: "not_admitted"),
                    ])
            }
            house.verification.state.withLock {
                // Whoever asks chooses the part before the dash.
                let chosen = "\(trace.prefix(32))-00f067aa0ba902b7"
                let joined = "00f067aa0ba902b700f067aa0ba902b7-\(trace.suffix(16))"
                $0.reading.audit = [
                    refused(4, chosen), refused(3, joined), refused(2, trace),
                    refused(1, "of another call"),
                ]
            }
            let seen = try await Self.events(house, token).filter { $0.event == "factor_refused" }
            #expect(seen.map(\.source) == ["", "127.0.0.1", "127.0.0.1", ""])
            #expect(seen.allSatisfy { $0.details == [AuditDetail(key: "kind", value: "totp")] })
        }
    }

    @Test func `of an administrator one sees that it was another, not where he was nor his words`()
        async throws
    {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann", factors: 1)
            let token = try await house.session(ann)
            let call = try await Self.admin(house, at: "198.51.100.23")
            _ = try await house.on {
                try await $0.admin.setRoles(
                    SetRoles(user: ann.id, roles: [.administrator], reason: "Bob asked for it"),
                    call)
            }
            let again = try await house.session(ann)
            let seen = try await Self.events(house, again)
            let change = try #require(seen.first { $0.event == "roles_changed" })
            #expect(change.byOther && change.source.isEmpty && change.device.isEmpty)
            #expect(change.details == [AuditDetail(key: "roles", value: "administrator")])
            #expect(!seen.contains { "\($0)".contains("198.51") || "\($0)".contains("Bob") })
            #expect(try await !house.opens(token))
        }
    }

    @Test func `what one did to others, and what was done to others, is not among it`()
        async throws
    {
        try await withGatehouse { house in
            let root = try await house.makeUser("root", roles: [.administrator], factors: 1)
            let ann = try await house.makeUser("ann")
            let bob = try await house.makeUser("bob")
            let ofRoot = try await house.session(root)
            let ofAnn = try await house.session(ann)
            let before = try await Self.events(house, ofAnn)
            _ = try await house.session(bob)
            for disabled in [true, false] {
                try await house.on {
                    _ =
                        disabled
                        ? try await $0.admin.disableUser(
                            DisableUser(user: bob.id, reason: "left"), .from(ofRoot))
                        : try await $0.admin.enableUser(
                            EnableUser(user: bob.id, reason: "is back"), .from(ofRoot))
                }
            }
            house.verification.state.withLock {
                $0.reading.audit = [
                    AuditRecord(
                        id: 1, at: Timestamp(seconds: 1), event: "authenticators_reset",
                        actor: root.id, subject: bob.id),
                    AuditRecord(
                        id: 2, at: Timestamp(seconds: 1), event: "password_refused",
                        subject: bob.id),
                ]
            }
            #expect(try await Self.events(house, ofAnn) == before)
            let seen = try await Self.events(house, ofRoot).map(\.event)
            #expect(seen == ["sign_in_completed", "user_created"])
            let asked = house.verification.state.withLock { $0.reading.asked }
            #expect(asked.allSatisfy { $0.subjectOnly && [ann.id, root.id].contains($0.user) })
            let ofBob = try await Self.events(house, try await house.session(bob)).map(\.event)
            #expect(ofBob.contains("authenticators_reset") && ofBob.contains("user_disabled"))
        }
    }

    @Test func `every event is asked for that owners see, and no other`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser("ann")
            let token = try await house.session(user)
            for (number, event) in AuditEvent.allCases.enumerated() {
                try house.sql(
                    "INSERT INTO auth.audit (at, event, subject, source) VALUES "
                        + "(to_timestamp(\(number)), '\(event.rawValue)', '\(user.id)', 'x')")
            }
            let words = Set(try await Self.events(house, token, limit: 9).map(\.event))
            #expect(words == Set(AuditEvent.shownToOwner.map(\.rawValue)))
            #expect(!words.contains("sign_in_started") && words.contains("password_refused"))
        }
    }

    @Test func `a cursor of somebody else, or of the audit, is refused`() async throws {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann")
            let bob = try await house.makeUser("bob")
            let token = try await house.session(ann)
            let stranger = try await house.session(bob)
            let own = try await Self.page(house, token, ListEvents(limit: 1)).next
            let foreign = try await Self.page(house, stranger, ListEvents(limit: 1)).next
            let place = try AuditPlace(cursor: own, of: ann.id)
            for request in [
                ListEvents(after: foreign), ListEvents(after: place.cursor(of: nil)),
                ListEvents(after: "x"), ListEvents(limit: 201),
            ] {
                let refusal = try await house.refusal {
                    try await $0.account().listEvents(request, .from(token))
                }
                #expect(refusal == .malformed)
            }
            #expect(try await !Self.page(house, token, ListEvents(after: own)).events.isEmpty)
        }
    }

    @Test func `without a session, or while a service is away, there is no list`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser("ann")
            let token = try await house.session(user)
            func refusal(_ call: Call) async throws -> Reason? {
                try await house.refusal { try await $0.account().listEvents(ListEvents(), call) }
            }
            #expect(try await refusal(.from()) == .notSignedIn)
            house.policy.stand.isAway = true
            #expect(try await refusal(.from(token)) == nil, "it has nothing to tell")
            house.verification.stand.isAway = true
            #expect(try await refusal(.from(token)) == .unavailable)
        }
    }

    @Test func `with what somebody signed in goes when he is erased`() async throws {
        try await withGatehouse { house in
            let call = try await Self.admin(house, at: "198.51.100.23")
            let user = try await house.makeUser("ann")
            let door = Door(.http, agent: "curl/8.0")
            let start = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            _ = try await house.on { try await $0.signIn(door).start(start, .from()) }
            let told = "SELECT count(*) FROM auth.audit WHERE payload->>'agent' = 'curl'"
            #expect(try house.number(told) == 1)
            _ = try await house.on {
                try await $0.admin.eraseUser(EraseUser(user: user.id, reason: "left"), call)
            }
            #expect(try house.number(told) == 0)
            #expect(try house.audited("sign_in_completed", user.id) == 1)
        }
    }
}
