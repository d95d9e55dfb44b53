import Fixtures
import Foundation
import Testing

extension Installation {
    /// What the doctor printed, and how he ended.
    /// - Parameter settings: Instead of those that the installation has.
    func doctor(
        _ settings: [String: String] = [:]
    ) throws -> ChildProcess.Outcome {
        guard settings.isEmpty else {
            return try ChildProcess.run(
                RepositoryRoot.binaries + "/auth-gateway", ["doctor"],
                environment: try doctorEnvironment().merging(settings) { _, new in new },
                seconds: 120)
        }
        var environment = ProcessInfo.processInfo.environment
        environment["DUBBELSLOT_DATA"] = data
        return try ChildProcess.run(
            RepositoryRoot.path("Services/up"), ["run", "auth-gateway", "doctor"],
            environment: environment, seconds: 120)
    }

    /// What `Services/up` tells him.
    fileprivate func doctorEnvironment() throws -> [String: String] {
        var environment = try environment(of: .gateway)
        environment["DUBBELSLOT_DOCTOR_DATABASE"] = """
            host=127.0.0.1 port=\(try port("postgres")) dbname=dubbelslot \
            user=dubbelslot_verification
            """
        environment["DUBBELSLOT_DOCTOR_DATABASE_PASSWORD_FILE"] =
            file("secrets/verification.password")
        return environment
    }
}

extension FaultTests {
    /// The doctor on a whole installation, in order and broken in one way after another.
    @Suite(.serialized) struct DoctorTests {
        static let installation = Result { try Installation(gateways: 1) }

        typealias Look = @Sendable (_ settings: [String: String]) throws -> ChildProcess.Outcome

        /// A way to break it.
        struct Breakage: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// The check that finds it.
            let line: String
            /// Breaks it, has the doctor look, and mends it.
            let look: @Sendable (Installation, Look) throws -> ChildProcess.Outcome

            init(
                _ testDescription: String, _ line: String,
                _ look: @escaping @Sendable (Installation, Look) throws -> ChildProcess.Outcome
            ) {
                self.testDescription = testDescription
                self.line = line
                self.look = look
            }

            /// As the superuser of the database.
            init(
                _ testDescription: String, _ line: String, breaking: [String], mending: [String]
            ) {
                self.init(testDescription, line) { installation, look in
                    defer {
                        for statement in mending {
                            #expect(throws: Never.self) { try installation.sql(statement) }
                        }
                    }
                    for statement in breaking { try installation.sql(statement) }
                    return try look([:])
                }
            }

            /// In the folder of certificates, by lines of shell.
            init(
                _ testDescription: String, _ line: String, breaking: String, mending: String
            ) {
                self.init(testDescription, line) { installation, look in
                    defer {
                        #expect(throws: Never.self) { try run(mending, in: installation) }
                    }
                    try run(breaking, in: installation)
                    return try look([:])
                }
            }
        }

        /// Changes what the verification service writes about authenticators behind its back.
        private static func meddling(
            _ what: String, _ line: String, _ assignments: String
        ) -> Breakage {
            Breakage(
                what, line, breaking: meddler(assignments),
                mending: ["DROP FUNCTION public.meddle() CASCADE"])
        }

        private static func meddler(_ work: String) -> [String] {
            [
                """
                CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN \(work) RETURN NEW; END$$
                """,
                """
                CREATE TRIGGER meddle BEFORE UPDATE ON verification.authenticators
                FOR EACH ROW EXECUTE FUNCTION public.meddle()
                """,
            ]
        }

        private static let roles = "roles see their own schema only"
        private static let durability = "what is answered is on the disk"

        /// By statements of the superuser.
        static let databaseBreakages = [
            meddling("used codes are forgotten", "a code works once", "NEW.last_step := NULL;"),
            meddling(
                "failures are forgotten", "wrong codes are counted",
                "NEW.failed := 0; NEW.delayed_until := NULL;"),
            Breakage(
                "something is not sealed", "seeds are sealed",
                breaking: [
                    """
                    UPDATE verification.authenticators SET key_id = key_id || '-other'
                    WHERE kind = 'password'
                    """
                ],
                mending: [
                    """
                    UPDATE verification.authenticators SET key_id = replace(key_id, '-other', '')
                    """
                ]),
            Breakage(
                "the gateway may look into the vault", roles,
                breaking: ["GRANT USAGE ON SCHEMA verification TO dubbelslot_auth"],
                mending: ["REVOKE USAGE ON SCHEMA verification FROM dubbelslot_auth"]),
            Breakage(
                "everybody may read seeds", roles,
                breaking: ["GRANT SELECT (sealed) ON verification.authenticators TO PUBLIC"],
                mending: ["REVOKE SELECT (sealed) ON verification.authenticators FROM PUBLIC"]),
            Breakage(
                "a role is another one's member", roles,
                breaking: ["GRANT dubbelslot_verification TO dubbelslot_policy"],
                mending: ["REVOKE dubbelslot_verification FROM dubbelslot_policy"]),
            Breakage(
                "a role is a superuser", roles,
                breaking: ["ALTER ROLE dubbelslot_policy SUPERUSER"],
                mending: ["ALTER ROLE dubbelslot_policy NOSUPERUSER"]),
            Breakage(
                "a role does not wait for the disk", durability,
                breaking: [
                    "ALTER ROLE dubbelslot_policy IN DATABASE dubbelslot "
                        + "SET synchronous_commit = off"
                ],
                mending: [
                    "ALTER ROLE dubbelslot_policy IN DATABASE dubbelslot RESET synchronous_commit"
                ]),
            Breakage(
                "nothing is synced", durability,
                breaking: ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"],
                mending: ["ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()"]),
            Breakage(
                "the database's clock is ahead", "clocks agree",
                breaking: [
                    """
                    ALTER FUNCTION pg_catalog.clock_timestamp() RENAME TO clock_timestamp_kept
                    """,
                    """
                    CREATE FUNCTION pg_catalog.clock_timestamp() RETURNS timestamptz LANGUAGE sql
                    AS $$SELECT pg_catalog.clock_timestamp_kept() + interval '20 s'$$
                    """,
                ],
                mending: [
                    "DROP FUNCTION IF EXISTS pg_catalog.clock_timestamp()",
                    """
                    ALTER FUNCTION pg_catalog.clock_timestamp_kept() RENAME TO clock_timestamp
                    """,
                ]),
        ]

        /// Makes a service's certificate one of five days, and keeps the other beside it.
        static func endingSoon(_ name: Installation.Name) -> String {
            """
            cp \(name.rawValue).pem kept
            printf '%s\\n' '[req]' 'distinguished_name = name' '[name]' > request.form
            printf '%s\\n' 'basicConstraints = critical, CA:FALSE' \\
                'keyUsage = critical, digitalSignature' \\
                'extendedKeyUsage = serverAuth, clientAuth' \\
                'subjectAltName = URI:spiffe://dubbelslot.internal/\(name.rawValue)' > form
            openssl req -new -key \(name.rawValue).key -subj /CN=x -config request.form |
                openssl x509 -req -CA authority.pem -CAkey authority.key -days 5 \\
                    -set_serial 0x1234567890 -extfile form -out \(name.rawValue).pem
            """
        }

        private static let certificates = "certificates have time left"

        /// Lines of shell in the folder of certificates.
        static func run(_ script: String, in installation: Installation) throws {
            let outcome = try ChildProcess.run(
                "bash", ["-euo", "pipefail", "-c", script],
                workingFolder: installation.file("certificates"))
            #expect(outcome.status == 0, "\(outcome.output)")
        }

        static let otherBreakages = [
            Breakage(
                "a certificate ends in days", certificates, breaking: endingSoon(.gateway),
                mending: "mv kept auth-gateway.pem; rm form request.form"),
            Breakage("another service's certificate ends in days", certificates) {
                installation, look in
                defer {
                    #expect(throws: Never.self) {
                        try run(
                            "mv kept policy-service.pem; rm form request.form", in: installation)
                        try installation.reload(.policy)
                    }
                }
                try run(endingSoon(.policy), in: installation)
                try installation.reload(.policy)
                return try look([:])
            },
            Breakage(
                "a key is open to others", "secrets are closed to others",
                breaking: "chmod 644 auth-gateway.key", mending: "chmod 600 auth-gateway.key"),
            Breakage(
                "a password is open to others", "secrets are closed to others",
                breaking: "chmod 604 ../secrets/auth.password",
                mending: "chmod 600 ../secrets/auth.password"),
            Breakage("a door lets strangers in", "TLS refuses strangers") { installation, look in
                // TLS under the right name, and nobody is asked who he is.
                let port = FreePort.take()
                let door = try ChildProcess(
                    "openssl",
                    [
                        "s_server", "-accept", "127.0.0.1:\(port)", "-quiet", "-tls1_3", "-alpn",
                        "dubbelslot/1", "-cert", "policy-service.pem", "-key",
                        "policy-service.key",
                    ], workingFolder: installation.file("certificates"))
                defer { door.end(seconds: 2) }
                let right = try installation.port("policy-service.rpc")
                return try look([
                    "DUBBELSLOT_POLICY_PEERS": "127.0.0.1:\(right),127.0.0.1:\(port)"
                ])
            },
        ]

        @Test func `a system in order passes every check, and nothing of the trial stays`() throws {
            let installation = try Self.installation.get()
            let count = "SELECT count(*) FROM verification.authenticators"
            let before = try installation.sql(count)
            let outcome = try installation.doctor()
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(try installation.sql(count) == before)
        }

        private func check(_ breakage: Breakage) throws {
            let installation = try Self.installation.get()
            let outcome = try breakage.look(installation) { try installation.doctor($0) }
            #expect(outcome.status == 1, "\(outcome.output)")
            let line = outcome.output.split(separator: "\n").first { $0.hasPrefix(breakage.line) }
            #expect(line?.contains("FAILED") == true, "\(outcome.output)")
        }

        @Test(arguments: databaseBreakages)
        func `what is broken in the database is found, and said in its line`(
            breakage: Breakage
        ) throws {
            try check(breakage)
        }

        @Test(arguments: otherBreakages)
        func `what is broken elsewhere is found, and said in its line`(
            breakage: Breakage
        ) throws {
            try check(breakage)
        }

        @Test func `what a killed doctor has left is gone after the next`() throws {
            let installation = try Self.installation.get()
            let count = """
                SELECT count(*) FROM verification.authenticators
                WHERE user_id = 'd0c70000-0000-8000-8000-000000000001' AND kind = 'totp'
                """
            func installed() throws -> String { try installation.sql(count).filter(\.isNumber) }
            // His trial takes long enough to be killed in.
            for statement in Self.meddler("PERFORM pg_sleep(3);") {
                try installation.sql(statement)
            }
            let doctor = try ChildProcess(
                RepositoryRoot.binaries + "/auth-gateway", ["doctor"],
                environment: try installation.doctorEnvironment())
            var turns = 600
            while try installed() != "1", doctor.exitStatus == nil, turns > 0 {
                usleep(20_000)
                turns -= 1
            }
            doctor.signal(SIGKILL)
            #expect(doctor.waitForExit(seconds: 10) == 128 + SIGKILL, "\(doctor.output)")
            try installation.sql("DROP FUNCTION public.meddle() CASCADE")
            let busy = """
                SELECT count(*) FROM pg_stat_activity
                WHERE usename = 'dubbelslot_verification' AND state = 'active'
                """
            while try installation.sql(busy).filter(\.isNumber) != "0", turns > 0 {
                usleep(20_000)
                turns -= 1
            }
            #expect(try installed() == "1")
            let outcome = try installation.doctor()
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(try installed() == "0")
        }

        @Test func `a service that is away leaves its checks untried, and the others are made`()
            throws
        {
            let installation = try Self.installation.get()
            try installation.stop(.verification)
            let outcome = try installation.doctor()
            try installation.start(.verification)
            #expect(outcome.status == 3, "\(outcome.output)")
            let lines = outcome.output.split(separator: "\n")
            let untried = lines.filter { $0.contains("not tried") }
            #expect(untried.contains { $0.hasPrefix("a code works once") })
            #expect(lines.contains { $0.hasPrefix("roles see") && $0.hasSuffix("passed") })
        }
    }
}
