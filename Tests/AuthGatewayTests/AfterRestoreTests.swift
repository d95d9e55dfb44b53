import Contracts
import RPC
import Testing
import Wire

@testable import AuthGateway

@Suite struct AfterRestoreTests {
    private static let call = Call(caller: .service(identity: "after-restore"))

    @Test func `everything that was open ends, and a new sign-in opens a session`() async throws {
        try await withGatehouse { house in
            let ann = try await house.makeUser("ann", factors: 1)
            let bob = try await house.makeUser("bob", factors: 1)
            let open = [try await house.session(ann), try await house.session(bob)]
            let ticket = try await house.verifying(ann)
            let ended = try await house.on { try await $0.accounts.endEverything(Self.call) }
            #expect(ended == 2)
            for token in open { #expect(!(try await house.opens(token))) }
            try house.sql(
                """
                INSERT INTO auth.reset_requests (id, user_id, asked_by, reason, expires_at)
                SELECT gen_random_uuid(), a.id, b.id, 'lost', clock_timestamp() + interval '1 day'
                FROM auth.users a, auth.users b WHERE a.name_key = 'ann' AND b.name_key = 'bob';
                INSERT INTO auth.sign_ups
                    (email_key, email, locale, user_id, digest, expires_at, begun, begun_since)
                VALUES ('c@example.org', 'c@example.org', 'en', gen_random_uuid(), NULL,
                    clock_timestamp() + interval '1 hour', 1, clock_timestamp())
                """)
            _ = try await house.on { try await $0.accounts.endEverything(Self.call) }
            #expect(try house.number("SELECT count(*) FROM auth.sign_ups") == 0)
            let left = "SELECT count(*) FROM auth.reset_requests WHERE expires_at > now()"
            #expect(try house.number(left) == 0)
            let pending = try await house.on { try await $0.pendingSignIns.find(ticket) }
            #expect(pending == nil)
            #expect(try house.audited("database_restored") == 2)
            let fresh = try await house.session(ann)
            #expect(try await house.opens(fresh))
        }
    }

    @Test func `nobody is left out where there are more than one statement takes`() async throws {
        try await withGatehouse { house in
            try house.sql(
                """
                INSERT INTO auth.users (id, user_name, name_key, display_name, locale, roles, state)
                SELECT gen_random_uuid(), 'user-' || n, 'user-' || n, '', 'en', '{}', 'active'
                FROM generate_series(1, 1201) n
                """)
            let ended = try await house.on { try await $0.accounts.endEverything(Self.call) }
            #expect(ended == 1201)
            #expect(try house.number("SELECT count(*) FROM auth.users WHERE epoch <> 2") == 0)
        }
    }
}
