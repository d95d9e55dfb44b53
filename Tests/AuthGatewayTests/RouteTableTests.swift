import Contracts
import Daemon
import Fixtures
import Foundation
import HTTP
import RPC
import Reactor
import Testing
import Wire

@testable import AuthGateway

/// Who may what, as tables that people read: every method of every contract against everything
/// that somebody may hold, through each door, compared with the committed `routes.txt`.
/// `DUBBELSLOT_WRITE_DOCUMENTS=1 swift test --filter RouteTableTests` writes it anew; what then
/// differs is a change of who may what, and is reviewed as such.
struct RouteTableTests {
    @Test func `P-01, P-02 and P-04 every method answers every visitor as the table says`()
        async throws
    {
        async let cookie = Self.rows(.cookie)
        async let bearer = Self.rows(.bearer)
        async let rpc = Self.rows(.rpc)
        let rows = try await [(Entry.cookie, cookie), (.bearer, bearer), (.rpc, rpc)]
        var table = TextTable(
            ["method", "door"] + Situation.allCases.map(\.rawValue),
            of: Reason.allCases.map(\.rawValue))
        for (index, route) in Route.all.enumerated() {
            var left = rows.map { (door: $0.rawValue, cells: $1[index]) }
            while let first = left.first {
                let same = left.filter { $0.cells == first.cells }.map(\.door)
                table.add([route.label, same.joined(separator: " ")] + first.cells)
                left.removeAll { same.contains($0.door) }
            }
        }
        try Snapshot.compare(section: "public", table.text)
    }

    /// For each route the cells of one door.
    private static func rows(_ entry: Entry) async throws -> [[String]] {
        try await withGatehouse { house in
            var rows: [[String]] = []
            for route in Route.all {
                var cells: [String] = []
                for situation in Situation.allCases {
                    let number = rows.count * Situation.allCases.count + cells.count
                    cells.append(try await answer(house, route, situation, entry, number))
                }
                rows.append(cells)
            }
            return rows
        }
    }

    @Test func `the methods between services are for services, as the table says`() throws {
        let domain = "example.test"
        let contracts = Documents.contracts
        let numbers = contracts.flatMap { $0.methods.map(\.number) }
        let directory = CallerDirectory(
            trustDomain: domain,
            registered: [
                RegisteredCaller(identity: "spiffe://\(domain)/portal", methods: Set(numbers)),
                RegisteredCaller(
                    identity: "spiffe://\(domain)/proxy",
                    methods: [SessionContract.introspect.number]),
            ])
        let callers: [(String, String?)] =
            ServiceRole.allCases.map { ($0.rawValue, $0.identity(in: domain)) } + [
                ("registered", "spiffe://\(domain)/portal"),
                ("proxy", "spiffe://\(domain)/proxy"),
                ("stranger", "spiffe://\(domain)/stranger"),
                ("gateway elsewhere", ServiceRole.gateway.identity(in: "elsewhere.test")),
                ("gateway longer", ServiceRole.gateway.identity(in: domain) + "/"),
                ("no certificate", nil),
            ]
        var table = TextTable(["method"] + callers.map(\.0))
        for contract in contracts {
            let service = contract.service.text.split(separator: ".").last ?? ""
            for method in contract.methods {
                table.add(
                    ["\(service)/\(method.name)"]
                        + callers.map { directory.allows($0.1, method) ? "ok" : "-" })
            }
        }
        try Snapshot.compare(section: "callers", table.text)
    }

    @Test func `no method between services is reached from outside`() async throws {
        try await withGatehouse { house in
            let contracts: [any Contract.Type] = [VerificationContract.self, PolicyContract.self]
            let visitor = try await house.visitor(.adminStrong, .bearer, 1)
            for contract in contracts {
                for method in contract.methods {
                    let path = "/\(contract.service.text)/\(method.name)"
                    for entry in Entry.allCases {
                        let found = try await Self.call(
                            house, entry, path, method.number, visitor.credential,
                            binary: [], json: Array("{}".utf8))
                        #expect(found.word == "method_unknown", "\(path)")
                    }
                }
            }
        }
    }
}

extension RouteTableTests {
    /// The word of a cell: `ok`, the refusal's, or what an answer that is always given says.
    private static func answer(
        _ house: Gatehouse, _ route: Route, _ situation: Situation, _ entry: Entry, _ number: Int
    ) async throws -> String {
        let visitor = try await house.visitor(situation, entry, number, for: route)
        try await house.turn(situation, against: visitor, for: route)
        guard let request = route.request(visitor) else {
            Issue.record("\(route.label) has no request here: say what a good one is")
            return "?"
        }
        let found = try await call(
            house, entry, route.path, route.method.number, visitor.credential,
            binary: request.encoded(), json: request.json())
        guard route.method.number == SessionContract.introspect.number, found.word == "ok" else {
            return found.word
        }
        let told =
            entry == .cookie
            ? try Introspection(json: found.body) : try Introspection(decoding: found.body)
        #expect(told.active == (told.session != nil))
        return told.active ? "ok" : "inactive"
    }

    private struct Found: Sendable {
        let word: String
        let body: [UInt8]
    }

    private static func call(
        _ house: Gatehouse, _ entry: Entry, _ path: String, _ method: UInt16,
        _ credential: String?, binary: [UInt8], json: [UInt8]
    ) async throws -> Found {
        switch entry {
        case .cookie:
            let fields = [("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")]
            let cookie = credential.map { [("Cookie", "__Host-dubbelslot=\($0)")] } ?? []
            return try await post(house, path, fields + cookie, json)
        case .bearer:
            let fields = [("Content-Type", "application/proto")]
            let token = credential.map { [("Authorization", "Bearer \($0)")] } ?? []
            return try await post(house, path, fields + token, binary)
        case .rpc:
            return try await house.on { gateway in
                let call = Call(
                    caller: .service(identity: "spiffe://example.test/portal"),
                    bearer: credential.map { Bytes(utf8: $0) })
                do throws(Fault) {
                    let body = try await GatewayDispatcher(gateway: gateway)
                        .answer(method, .binary, binary, call)
                    return Found(word: "ok", body: body)
                } catch {
                    return Found(word: error.reason.rawValue, body: [])
                }
            }
        }
    }

    private static func post(
        _ house: Gatehouse, _ path: String, _ fields: [(String, String)], _ body: [UInt8]
    ) async throws -> Found {
        var text = "POST \(path) HTTP/1.1\r\nHost: example.test\r\n"
        for (name, value) in fields + [("Content-Length", "\(body.count)")] {
            text += "\(name): \(value)\r\n"
        }
        let bytes = Array((text + "\r\n").utf8) + body
        var parser = RequestParser()
        let (_, event) = bytes.withUnsafeBytes { parser.take($0) }
        guard case .request(let head, let whole) = event else { throw Unexpected() }
        let request = HTTPRequest(
            head: head, body: whole, remoteAddress: .ipv4(0x7f00_0001, port: 5))
        let response = try await house.on { await (try edge($0)).answer(request) }
        guard response.status != .ok else { return Found(word: "ok", body: response.body) }
        #expect(!response.headers.contains("Set-Cookie"), "a refusal at \(path) sets a cookie")
        guard let field = response.headers["Dubbelslot-Reason"] else {
            return Found(word: "\(response.status.code)", body: [])
        }
        let reason = try #require(Reason(rawValue: field))
        #expect(response.status.code == reason.httpStatus)
        return Found(word: field, body: [])
    }

    /// The HTTP door as it is in earnest.
    private static func edge(_ gateway: Gateway) throws -> GatewayHTTP {
        GatewayHTTP(
            dispatcher: GatewayDispatcher(gateway: gateway),
            log: Log(service: "tests", output: NoOutput()), ownOrigins: [],
            pages: try WebPages(folder: nil))
    }
}

struct NoOutput: LogOutput {
    func write(_ line: [UInt8]) {}
    func takeLostCount() -> Int? { nil }
}

/// Columns as wide as their widest cell, and wide enough for any word that may come to stand in
/// them: so a cell that changes is one line that differs.
struct TextTable {
    private var rows: [[String]]
    private let widthMin: Int

    init(_ head: [String], of words: [String] = []) {
        rows = [head]
        widthMin = words.map(\.count).max() ?? 0
    }

    mutating func add(_ row: [String]) { rows.append(row) }

    var text: String {
        let widths = rows[0].indices.map { column in
            rows.reduce(widthMin) { max($0, $1[column].count) }
        }
        return rows.map { row in
            let padded = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            var line = padded.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

/// `routes.txt`: sections that begin with their name in brackets.
enum Snapshot {
    private static let lock = NSLock()
    private static let file = URL(
        fileURLWithPath: RepositoryRoot.path("Tests/AuthGatewayTests/routes.txt"))

    static func compare(section name: String, _ text: String) throws {
        try lock.withLock {
            var sections = try read()
            if ProcessInfo.processInfo.environment["DUBBELSLOT_WRITE_DOCUMENTS"] == "1" {
                sections[name] = text
                let all = sections.sorted { $0.key > $1.key }.map { "[\($0.key)]\n\($0.value)" }
                try all.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
            }
            let committed = (sections[name] ?? "").split(separator: "\n")
            let found = text.split(separator: "\n")
            for line in found where !committed.contains(line) {
                Issue.record("routes.txt does not have: \(line)")
            }
            #expect(committed == found, "review who may what, then write routes.txt anew")
        }
    }

    private static func read() throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: file.path) else { return [:] }
        var sections: [String: String] = [:]
        var name = ""
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("["), line.hasSuffix("]") {
                name = String(line.dropFirst().dropLast())
            } else {
                sections[name, default: ""] += line + "\n"
            }
        }
        return sections
    }
}
