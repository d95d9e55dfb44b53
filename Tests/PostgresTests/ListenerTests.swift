import Fixtures
import Postgres
import Reactor
import Testing
import Wire

struct ListenerTests {
    private enum Heard: Sendable, Equatable {
        case connected
        case payload(String)
    }

    @Test func `a channel is heard, and again after its session was terminated`() async throws {
        try await withPool { pool in
            let (stream, feed) = AsyncStream.makeStream(of: Heard.self)
            var heard = stream.makeAsyncIterator()
            let listener = pool.listen(
                to: "news", connected: { feed.yield(.connected) },
                received: { feed.yield(.payload($0)) })
            #expect(await heard.next() == .connected)
            for round in 0..<3 {
                let text = "round \(round) 'quoted' é"
                _ = try await pool.query("SELECT pg_notify('other', 'unheard')::text")
                _ = try await pool.query("SELECT pg_notify('news', \(text))::text")
                #expect(await heard.next() == .payload(text))
                _ = try await pool.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE query LIKE 'LISTEN%' AND datname = current_database()
                    """)
                #expect(await heard.next() == .connected)
            }
            listener.close()
        }
    }

    @Test func `many notifications arrive all and in order`() async throws {
        try await withPool { pool in
            let (stream, feed) = AsyncStream.makeStream(of: Heard.self)
            var heard = stream.makeAsyncIterator()
            let listener = pool.listen(
                to: "news", connected: { feed.yield(.connected) },
                received: { feed.yield(.payload($0)) })
            #expect(await heard.next() == .connected)
            _ = try await pool.query(
                "SELECT count(pg_notify('news', n::text)::text) FROM generate_series(1, 2000) n")
            for number in 1...2000 { #expect(await heard.next() == .payload("\(number)")) }
            listener.close()
        }
    }
}
