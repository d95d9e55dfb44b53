import Fixtures
import Foundation
import Testing

extension FaultTests {
    /// Users of another system, brought into a whole installation. `DUBBELSLOT_IMPORTS` says how
    /// many while everything is killed in between.
    @Suite(.serialized) struct ImportTests {
        private static let rows = setting("DUBBELSLOT_IMPORTS", default: 2_000)
        private static let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

        /// With hashes of the usual cost: those of the system that is replaced want 16 MiB.
        private static let installation = Result { try Installation(gateways: 1) }

        private func start(
            _ client: HTTPTestClient, _ name: String, _ password: String
        ) throws -> HTTPTestClient.Answer {
            try client.call(
                "SignInService/Start",
                json(["identifier": name, "password": password, "bearer": true]))
        }

        private func sealed(_ installation: Installation, _ name: String) throws -> String {
            try installation.sql(
                """
                SELECT encode(a.sealed, 'hex') FROM verification.authenticators a
                JOIN auth.users u ON u.id = a.user_id
                WHERE u.user_name = '\(name)' AND a.kind = 'password'
                """)
        }

        @Test func `stored passwords of the system that is replaced open once, then are our own`()
            throws
        {
            let installation = try Self.installation.get()
            try installation.importUsers(
                lines: ImportLines.vectors.enumerated().map { number, it in
                    #"{"userName": "vector-\#(number)", "passwordRecord": "\#(it.record)"}"#
                })
            let client = try installation.client()
            for (number, vector) in ImportLines.vectors.enumerated() {
                let name = "vector-\(number)"
                let before = try sealed(installation, name)
                let step = try start(client, name, vector.password ?? "admin123")
                #expect((step.status == 200) == (vector.password != nil), "\(step.text)")
                #expect(try (sealed(installation, name) != before) == (vector.password != nil))
                guard let password = vector.password else { continue }
                #expect(try start(client, name, password).status == 200)
            }
        }

        @Test(arguments: [
            ("", ["--totp"]),
            ("&algorithm=SHA256&digits=8", ["--totp=sha256", "-d", "8"]),
            ("&algorithm=SHA512&period=60", ["--totp=sha512", "-s", "60"]),
            ("&counter=7", ["--hotp", "-c", "7"]),
        ])
        func `an imported second factor is asked for, and signs in once`(
            parameters: String, words: [String]
        ) throws {
            let installation = try Self.installation.get()
            let name = EnumerationCases.nobody()
            let kind = words[0] == "--hotp" ? "hotp" : "totp"
            let uri = "otpauth://\(kind)/x?secret=\(Self.seed)\(parameters)"
            try installation.importUsers(
                lines: [
                    #"{"userName": "\#(name)", "otp": ["\#(uri)"],"#
                        + #" "passwordRecord": "\#(ImportLines.vectors[0].record)"}"#
                ], "--totp-verifier", "totp")
            let client = try installation.client()
            let code = try ChildProcess.run("oathtool", words + ["-b", Self.seed]).output
                .filter { !$0.isWhitespace }
            var answers: [HTTPTestClient.Answer] = []
            for _ in 0..<2 {
                let step = try start(client, name, "admin123")
                let verify = try #require(step.value("verify") as? [String: Any], "\(step.text)")
                let offered = try #require(verify["authenticators"] as? [[String: Any]])
                answers.append(
                    try client.call(
                        "SignInService/CompleteVerification",
                        json([
                            "ticket": try #require(verify["ticket"] as? String),
                            "authenticator": try #require(offered.first?["id"] as? String),
                            "code": code,
                        ])))
            }
            #expect(answers[0].string("signedIn", "session", "token") != nil, "\(answers[0].text)")
            #expect(answers[1].text.contains("code_used"), "\(answers[1].text)")
        }

        @Test func `an import that is killed, and all it needs with it, loses and doubles nothing`()
            throws
        {
            let installation = try Self.installation.get()
            let folder = TemporaryFolder("import")
            let file = folder.file("users")
            try ImportLines.write(Self.rows, "killed", to: file)
            let words = [file, "--totp-verifier", "totp"]
            for victim in [Installation.Name.gateway, .verification, .postgres] {
                let command = try installation.importUsers(words)
                usleep(UInt32.random(in: 200_000...700_000))
                try installation.kill(victim)
                if victim == .gateway { command.signal(SIGKILL) }
                try installation.start(victim)
                // What was away for a moment only has been waited for.
                let status = command.waitForExit(seconds: 120)
                #expect(status != nil && status != 65, "\(command.output)")
            }
            let last = try installation.importUsers(words)
            #expect(last.waitForExit(seconds: 120) == 0, "\(last.output)")
            let counts = try installation.sql(
                """
                WITH u AS (SELECT id FROM auth.users WHERE user_name LIKE 'killed-%'),
                a AS (SELECT v.* FROM verification.authenticators v JOIN u ON u.id = v.user_id)
                SELECT (SELECT count(*) FROM u),
                    (SELECT count(*) FROM a WHERE kind = 'password' AND sealed IS NOT NULL),
                    (SELECT count(*) FROM a WHERE kind = 'totp'),
                    (SELECT count(*) FROM auth.audit JOIN u ON u.id = subject
                        WHERE event = 'user_imported'),
                    (SELECT count(*) FROM verification.audit JOIN u ON u.id = subject
                        WHERE event = 'authenticators_imported')
                """)
            let rows = Self.rows
            #expect(counts.contains("\(rows)|\(rows)|\(rows / 4)|\(rows)|\(rows)"), "\(counts)")
        }

        @Test func `what is told of refused rows holds nothing that stands in them`() throws {
            let installation = try Self.installation.get()
            let name = EnumerationCases.nobody()
            let line = #"{"userName": "\#(name)", "phone": "+31canary", "otp": ["canary"]}"#
            let told = try installation.importUsers(
                lines: [line, "canary", #"{"userName": "canary@"}"#], status: 65)
            #expect(told.contains("line 1: phone: ") && told.contains("line 1: otp: "))
            #expect(told.contains("line 2: ") && told.contains("line 3: userName: "))
            #expect(told.contains("0 imported, 0 there already, 3 refused"))
            #expect(!told.contains("canary") && !told.contains(name))
        }
    }
}
