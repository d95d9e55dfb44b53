import Contracts
import Daemon
import Fixtures
import Postgres
import RPC
import Synchronization
import Testing
import Wire

@testable import AuthGateway

private let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
private let record = "0123456789abcdefef463267ba5d15cd06568ce3c0261025c05e1edc7aa7fdae"

/// Bringing a file of users in: who comes, who is refused, and that it can be done again.
@Suite struct ImportRunTests {
    private let folder = TemporaryFolder("import")

    private func options(_ words: String...) throws -> ImportOptions {
        try #require(ImportOptions([folder.file("users")] + words))
    }

    /// What became of each line, and the totals.
    private struct Outcome: Sendable, Equatable {
        var imported = 0
        var present = 0
        var refused = 0
        var withoutPassword = 0
        var told: [String] = []
    }

    private func run(
        _ house: Gatehouse, _ lines: [String], _ options: ImportOptions
    ) async throws -> Outcome {
        let path = try folder.write("users", lines.joined(separator: "\n"))
        return try await house.on { gateway in
            let file = try LineFile(path, lineMax: ImportedUser.lineMax)
            var told: [String] = []
            let log = Log(service: "tests", output: SilentOutput())
            var report = ImportReport(isDryRun: options.isDryRun, log: log) { told.append($0) }
            try await ImportRun(gateway, options, on: gateway.accounts.pool.loop)
                .run(file, &report)
            return Outcome(
                imported: report.imported, present: report.present, refused: report.refused,
                withoutPassword: report.withoutPassword, told: told)
        }
    }

    @Test func `a file that is read again brings nobody back who was erased`() async throws {
        try await withGatehouse { house in
            let lines = [#"{"userName": "bare", "passwordRecord": "\#(record)"}"#]
            let options = try options()
            #expect(try await run(house, lines, options).imported == 1)
            let brought = house.verification.state.withLock { $0.brought.map(\.user) }
            let user = try #require(brought.first)
            try await house.on { gateway in
                try await gateway.erase(user, by: nil, because: "left", .from())
            }
            house.verification.state.withLock { $0.imported = [] }
            let again = try await run(house, lines, options)
            #expect(again.refused == 1 && again.present == 0 && again.imported == 0)
            #expect(house.verification.state.withLock { $0.brought.count } == 1)
        }
    }

    @Test func `a file is brought in once, however often it is read`() async throws {
        try await withGatehouse { house in
            let lines = (1...700).map {
                #"{"userName": "user \#($0)", "email": "u\#($0)@example.org","#
                    + #" "passwordRecord": "\#(record)"}"#
            }
            let options = try options()
            let dry = try self.options("--dry-run")
            let all = Outcome(imported: 700)
            #expect(try await run(house, lines, dry) == all)
            #expect(try house.number("SELECT count(*) FROM auth.users") == 0)
            #expect(house.verification.state.withLock { $0.brought.isEmpty })
            #expect(try await run(house, lines, options) == all)
            #expect(try await run(house, lines, options) == Outcome(present: 700))
            #expect(try house.number("SELECT count(*) FROM auth.users") == 700)
            #expect(try house.audited("user_imported") == 700)
            #expect(
                try house.number(
                    "SELECT count(DISTINCT subject) FROM auth.audit JOIN auth.users u "
                        + "ON u.id = subject WHERE event = 'user_imported'") == 700)
            #expect(house.verification.state.withLock { $0.brought.count } == 700)
        }
    }

    @Test func `each part of a row stands where a new user's does`() async throws {
        try await withGatehouse { house in
            let line = """
                {"userName": "Älice", "email": "A@Example.org", "phone": "+31612345678", \
                "displayName": "Alice B.", "roles": ["administrator"], "locale": "nl", \
                "passwordRecord": "\(record)", "otp": [{"seed": "\(seed)"}]}
                """
            let options = try options("--totp-verifier", "totp", "--phone-verifier", "sms")
            #expect(try await run(house, [line], options) == Outcome(imported: 1))
            #expect(
                try house.sql(
                    """
                    SELECT user_name, name_key, display_name, email, email_key, phone, locale,
                        roles, state FROM auth.users
                    """)
                    == "Älice|älice|Alice B.|A@Example.org|a@example.org|+31612345678|nl|"
                    + "{administrator}|active")
            let brought = try #require(house.verification.state.withLock { $0.brought.first })
            #expect(brought.user == .imported(try #require(UserName(parsing: "älice"))))
            #expect(brought.password.hasPrefix("$scrypt$ln=14,r=8,p=1$"))
            #expect(brought.totp.count == 1 && brought.totp[0].contains("secret=\(seed)"))
            #expect(brought.totpVerifier == VerifierUID("totp"))
            #expect(brought.phone == "+31612345678" && brought.phoneVerifier?.text == "sms")
        }
    }

    @Test func `rows that cannot come are refused, and the others come`() async throws {
        try await withGatehouse { house in
            let taken = try await house.makeUser("native").name
            let late = UserID.imported(try #require(UserName(parsing: "costly")))
            house.verification.state.withLock { _ = $0.refused.insert(late) }
            let lines = [
                #"{"userName": "\#(taken)"}"#, #"{"userName": "costly"}"#, "nonsense",
                #"{"userName": "ann", "email": "x"}"#,
                #"{"userName": "ann", "otp": [{"seed": "\#(seed)"}]}"#, "",
                #"{"userName": "ann", "phone": "+31612345678"}"#, #"{"userName": "ANN"}"#,
                #"{"userName": "ben", "phone": "+31612345678"}"#, #"{"userName": "ben"}"#,
            ]
            let options = try options()
            let why: [(Int, RowRefusal)] = [
                (1, .taken(.userName)), (2, .refused(.passwordCost)), (3, .unread(.noObject)),
                (4, .unread(.field(.email))), (5, .noVerifier), (8, .repeated(.userName)),
                (9, .repeated(.phone)),
            ]
            #expect(
                try await run(house, lines, options)
                    == Outcome(
                        imported: 2, refused: 7, withoutPassword: 2,
                        told: why.map { "line \($0.0): \($0.1)" }))
            #expect(
                try house.sql("SELECT user_name FROM auth.users ORDER BY 1")
                    == ["ann", "ben", taken].sorted().joined(separator: "\n"))
            // The same name with another address is not the one that came.
            let other = #"{"userName": "ben", "email": "ben@example.org"}"#
            #expect(
                try await run(house, [other], options)
                    == Outcome(refused: 1, told: ["line 1: \(RowRefusal.taken(.userName))"]))
        }
    }

    @Test func `who was stored there and not yet here is brought by beginning again`()
        async throws
    {
        try await withGatehouse { house in
            let options = try options()
            let line = #"{"userName": "ann", "passwordRecord": "\#(record)"}"#
            house.verification.stand.before("importAuthenticators") {
                throw Fault(.internal, detail: "killed")
            }
            await #expect(throws: Fault.self) { try await run(house, [line], options) }
            #expect(try house.number("SELECT count(*) FROM auth.users") == 0)
            // A service that is away for a moment is waited for.
            house.verification.stand.before("importAuthenticators") {
                throw Fault(.unavailable)
            }
            #expect(try await run(house, [line], options) == Outcome(imported: 1))
            try house.sql("DELETE FROM auth.users")
            #expect(try await run(house, [line], options) == Outcome(imported: 1))
            #expect(house.verification.state.withLock { $0.brought.count } == 1)
        }
    }

    @Test(arguments: [
        [], ["--dry-run"], ["a", "b"], ["a", "--dry-run", "--dry-run"], ["a", "--totp-verifier"],
        ["a", "--totp-verifier", "a b"], ["a", "--phone-verifier", "x", "--phone-verifier", "y"],
        ["a", "--loud"],
    ])
    func `words that say something else are not understood`(words: [String]) {
        #expect(ImportOptions(words) == nil)
    }

    @Test func `the words say what is wanted`() throws {
        let options = try #require(
            ImportOptions(["f", "--phone-verifier", "p", "--dry-run", "--totp-verifier", "t"]))
        #expect(options.file == "f" && options.isDryRun)
        #expect(options.totpVerifier?.text == "t" && options.phoneVerifier?.text == "p")
    }

    @Test func `no refusal repeats what stands in a line`() {
        let all: [RowRefusal] =
            ImportedField.allCases.flatMap { field in
                [.unread(.field(field)), .repeated(field), .taken(field)]
            } + ImportRefusal.allCases.map(RowRefusal.refused)
            + [.unread(.tooLong), .unread(.noObject), .unread(.unknownField), .noVerifier]
        #expect(Set(all.map(\.description)).count == all.count - 1)
        #expect(all.allSatisfy { $0.description.hasSuffix(".") })
    }
}

private struct SilentOutput: LogOutput {
    func write(_ line: [UInt8]) {}
    func takeLostCount() -> Int? { nil }
}
