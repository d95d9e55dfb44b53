import Contracts
import Fixtures
import Postgres
import RPC
import Testing
import Wire

@testable import AuthGateway

/// The addresses beside the methods, against everything that somebody may hold: the section
/// `doors` of `routes.txt`.
struct DoorTableTests {
    /// A row: what is asked of the gateway by whom.
    private struct Row: Sendable {
        let label: String
        let path: String
        var host = "wiki.example"
        /// Where the cookie was brought to.
        var brought = "https://wiki.example"
        var isProxied = true
    }

    private static let rows = [
        Row(label: "/forward-auth (level 1)", path: "/forward-auth"),
        Row(
            label: "/forward-auth (level 2)", path: "/forward-auth", host: "vault.example",
            brought: "https://vault.example"),
        Row(label: "/forward-auth (our own host)", path: "/forward-auth", host: "gate.example"),
        Row(
            label: "/forward-auth (another host's cookie)", path: "/forward-auth",
            host: "notes.example"),
        Row(
            label: "/forward-auth (no protected host)", path: "/forward-auth",
            host: "other.example"),
        Row(label: "/forward-auth (by no proxy)", path: "/forward-auth", isProxied: false),
        Row(label: "/forward-auth/redirect", path: "/forward-auth/redirect"),
        Row(label: "/.dubbelslot/start", path: "/.dubbelslot/start"),
        Row(label: "/.dubbelslot/return (no code)", path: "/.dubbelslot/return"),
        Row(
            label: "/.dubbelslot/start (no protected host)", path: "/.dubbelslot/start",
            host: "other.example"),
        Row(label: "/livez", path: "/livez"),
    ]

    @Test func `P-01 the addresses beside the methods answer every visitor as the table says`()
        async throws
    {
        let text = try await withGatehouse { house in
            var table = TextTable(
                ["address", "door"] + Situation.allCases.map(\.rawValue),
                of: Reason.allCases.map(\.rawValue))
            var number = 0
            for row in Self.rows {
                for entry in [Entry.cookie, .bearer] {
                    var cells: [String] = []
                    for situation in Situation.allCases {
                        number += 1
                        cells.append(try await Self.answer(house, row, situation, entry, number))
                    }
                    table.add([row.label, entry.rawValue] + cells)
                }
            }
            return table.text
        }
        try Snapshot.compare(section: "doors", text)
    }

    private static func answer(
        _ house: Gatehouse, _ row: Row, _ situation: Situation, _ entry: Entry, _ number: Int
    ) async throws -> String {
        let visitor = try await house.visitor(situation, entry, number)
        var headers = ["X-Forwarded-Host": row.host, "X-Forwarded-Proto": "https"]
        if let credential = visitor.credential {
            switch entry {
            case .cookie:
                let token = try await house.bring(credential, to: row.brought)
                headers["Cookie"] =
                    "__Host-dubbelslot=\(credential); __Host-dubbelslot-host=\(token)"
            case .bearer, .rpc: headers["Authorization"] = "Bearer \(credential)"
            }
        }
        if let route = Route.all.first {
            try await house.turn(situation, against: visitor, for: route)
        }
        var edge = Edge(house: house)
        if row.isProxied { edge.proxies = try #require(TrustedProxies(["127.0.0.1"])) }
        let answer = try await edge.send("GET", row.path, headers, "")
        if answer.status == 200 { return "ok" }
        return answer.reason ?? "\(answer.status)"
    }
}

extension Gatehouse {
    /// What a browser with this session holds at a protected host; something that opens nothing
    /// where there is no session.
    func bring(_ credential: String, to host: String) async throws -> String {
        let token = try HostToken.fresh()
        let session = try SessionToken(raw: credential)
        _ = try await on { gateway in
            try await gateway.sessions.pool.execute(
                """
                INSERT INTO auth.host_sessions (session_id, host, token_digest, level)
                SELECT id, \(host), \(token.digest), level FROM auth.sessions
                WHERE token_digest = \(session.digest)
                """)
        }
        return token.text
    }
}
