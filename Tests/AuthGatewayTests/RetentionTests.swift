import Testing

@testable import AuthGateway

/// What nobody will ask for again goes by itself; other tables have their tests with what they
/// hold.
@Suite struct RetentionTests {
    @Test func `sessions go a month after they expired, with their cookies, and codes at once`()
        async throws
    {
        try await withGatehouse { house in
            let user = try await house.makeUser("ann", factors: 1)
            _ = try await house.session(user)
            let kept = try await house.session(user)
            try house.sql(
                """
                INSERT INTO auth.host_sessions (session_id, host, token_digest, level)
                SELECT id, 'wiki', sha256(id::text::bytea), 1 FROM auth.sessions;
                INSERT INTO auth.hand_overs
                    (code_digest, session_id, level, host, challenge, target, expires_at)
                SELECT sha256(id::text::bytea), id, 1, 'wiki', sha256('secret'), '/',
                    clock_timestamp() + CASE WHEN created_at = max(created_at) OVER ()
                        THEN interval '1 minute' ELSE interval '-1 second' END
                FROM auth.sessions
                """)
            #expect(try await house.on { try await $0.handOvers.sweep() } == 1)
            #expect(try house.number("SELECT count(*) FROM auth.hand_overs") == 1)
            for (days, gone) in [(29, 0), (31, 1)] {
                try house.sql(
                    """
                    UPDATE auth.sessions SET expires_at = clock_timestamp() - interval '\(days) d'
                    WHERE id = (SELECT id FROM auth.sessions ORDER BY created_at LIMIT 1)
                    """)
                #expect(try await house.on { try await $0.sessions.sweep() } == gone)
                #expect(try house.number("SELECT count(*) FROM auth.host_sessions") == 2 - gone)
            }
            #expect(try await house.opens(kept))
        }
    }
}
