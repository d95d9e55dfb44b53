import Contracts
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

/// What the audit tells of a sign-in: one row per decision, all of one span and, where its steps
/// bring no other, one trace.
struct SignInAuditTests {
    @Test func `all steps of a sign-in, and every call they make, belong to its trace`()
        async throws
    {
        try await withGatehouse(replicas: 2) { house in
            house.policy.change(.everyone)
            let user = try await house.makeUser(initial: true)
            let first = Call.from()
            let start = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            let step = try await house.on { try await $0.signIn().start(start, first) }
            let ticket = try #require(step.ticket)
            let door = Door(.http)
            _ = try await house.on(1) {
                try await $0.signIn(door).beginBinding(
                    BeginSignInBinding(ticket: ticket, verifier: VerificationDouble.totp), .from())
            }
            #expect(door.trace?.description == first.trace.description)
            _ = try await house.on {
                try await $0.signIn().confirmBinding(
                    ConfirmSignInBinding(ticket: ticket, code: VerificationDouble.rightCode),
                    .from())
            }
            _ = try await house.on(1) {
                try await $0.signIn().changePassword(
                    ChangeSignInPassword(ticket: ticket, newPassword: "a new one"), .from())
            }
            let traces = house.verification.stand.traces + house.policy.stand.traces
            #expect(traces.count >= 10)
            #expect(Set(traces.map(\.description)) == [first.trace.description])
            // And share a span, which is not the one that the caller has named.
            #expect(Set(traces.map(\.span)).count == 1 && traces[0].span != first.trace.span)
            let rows = try house.sql(
                """
                SELECT concat_ws(' ', event, CASE WHEN actor = subject THEN 'himself' END,
                    payload ->> 'because')
                FROM auth.audit WHERE payload ->> 'trace' LIKE '\(first.trace)-%'
                    AND subject = '\(user.id)' AND octet_length(request_id) = 16
                    AND source = '127.0.0.1:5' ORDER BY id
                """)
            #expect(
                rows == """
                    sign_in_started
                    sessions_ended himself authenticator_bound
                    sessions_ended himself password_changed
                    sign_in_completed himself
                    """)
        }
    }

    @Test func `two sign-ins of one trace, and two requests, are told apart by their spans`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let start = StartSignIn(identifier: "ann", password: user.password, bearer: true)
            let trace = Trace.random()
            for _ in 0..<2 {
                _ = try await house.on {
                    try await $0.signIn(Door(.http, isTraced: true))
                        .start(start, Call.from().under(trace))
                }
            }
            let call = Call.from().under(trace)
            #expect(call.entered.trace.description == trace.description)
            #expect(call.entered.trace.span != trace.span)
            #expect(
                try house.sql(
                    """
                    SELECT count(DISTINCT payload->>'trace'), count(*) FROM auth.audit
                    WHERE event = 'sign_in_started' AND payload->>'trace' LIKE '\(trace)-%'
                        AND payload->>'trace' NOT LIKE '%-\(trace.span)'
                    """) == "2|2")
        }
    }

    @Test func `two sign-ins are two traces`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            for _ in 0..<2 { _ = try await house.session(user) }
            #expect(
                try house.number(
                    """
                    SELECT count(DISTINCT payload ->> 'trace') FROM auth.audit
                    WHERE event IN ('sign_in_started', 'sign_in_completed')
                    """) == 2)
            #expect(try house.audited("sign_in_started", user.id) == 2)
            #expect(try house.audited("sign_in_completed", user.id) == 2)
        }
    }

    @Test func `a step that is refused writes no row of its own`() async throws {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            let before = try house.number("SELECT count(*) FROM auth.audit")
            let wrong = CompleteVerification(
                ticket: ticket, authenticator: user.authenticator, code: "000000")
            _ = try await house.refusal {
                try await $0.signIn().completeVerification(wrong, .from())
            }
            house.policy.stand.isAway = true
            let right = house.complete(user, ticket)
            _ = try await house.refusal {
                try await $0.signIn().completeVerification(right, .from())
            }
            #expect(try house.number("SELECT count(*) FROM auth.audit") == before)
        }
    }

    @Test func `S-10 and S-11 no password, code, ticket or token stands in the database`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser(factors: 1)
            let ticket = try await house.verifying(user)
            let token = try await house.session(user)
            let tables = try ["users", "sessions", "pending_sign_ins", "audit"].map {
                try house.sql("SELECT * FROM auth.\($0)")
            }
            for secret in [user.password, ticket.text, token.text, VerificationDouble.rightCode] {
                #expect(!tables.contains { $0.contains(secret) })
            }
        }
    }
}
