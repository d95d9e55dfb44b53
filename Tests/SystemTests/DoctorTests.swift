import Fixtures
import Foundation
import Testing

extension Installation {
    /// What the doctor printed, and how he ended.
    fileprivate func doctor() throws -> ChildProcess.Outcome {
        var environment = ProcessInfo.processInfo.environment
        environment["DUBBELSLOT_DATA"] = data
        return try ChildProcess.run(
            RepositoryRoot.path("Services/up"), ["run", "auth-gateway", "doctor"],
            environment: environment, seconds: 120)
    }
}

extension FaultTests {
    /// The doctor on a whole installation, in order and broken in one way after another.
    @Suite(.serialized) struct DoctorTests {
        private static let installation = Result { try Installation(gateways: 1) }

        /// A way to break it as its superuser, and to mend it again.
        struct Breakage: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let line: String
            let breaking: [String]
            let mending: [String]
        }

        /// Changes what the verification service writes about authenticators behind its back.
        private static func meddling(
            _ what: String, _ line: String, _ assignments: String
        ) -> Breakage {
            Breakage(
                testDescription: what, line: line,
                breaking: [
                    """
                    CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS
                    $$BEGIN \(assignments) RETURN NEW; END$$
                    """,
                    """
                    CREATE TRIGGER meddle BEFORE UPDATE ON verification.authenticators
                    FOR EACH ROW EXECUTE FUNCTION public.meddle()
                    """,
                ],
                mending: ["DROP FUNCTION public.meddle() CASCADE"])
        }

        static let breakages = [
            meddling("used codes are forgotten", "a code works once", "NEW.last_step := NULL;"),
            meddling(
                "failures are forgotten", "wrong codes are counted",
                "NEW.failed := 0; NEW.delayed_until := NULL;"),
            Breakage(
                testDescription: "something is not sealed", line: "seeds are sealed",
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
                testDescription: "the gateway may look into the vault",
                line: "roles see their own schema only",
                breaking: ["GRANT USAGE ON SCHEMA verification TO dubbelslot_auth"],
                mending: ["REVOKE USAGE ON SCHEMA verification FROM dubbelslot_auth"]),
            Breakage(
                testDescription: "the gateway may read seeds",
                line: "roles see their own schema only",
                breaking: ["GRANT SELECT (sealed) ON verification.authenticators TO PUBLIC"],
                mending: ["REVOKE SELECT (sealed) ON verification.authenticators FROM PUBLIC"]),
            Breakage(
                testDescription: "a role is another one's member",
                line: "roles see their own schema only",
                breaking: ["GRANT dubbelslot_verification TO dubbelslot_policy"],
                mending: ["REVOKE dubbelslot_verification FROM dubbelslot_policy"]),
            Breakage(
                testDescription: "a role is a superuser", line: "roles see their own schema only",
                breaking: ["ALTER ROLE dubbelslot_policy SUPERUSER"],
                mending: ["ALTER ROLE dubbelslot_policy NOSUPERUSER"]),
            Breakage(
                testDescription: "a role does not wait for the disk",
                line: "what is answered is on the disk",
                breaking: [
                    "ALTER ROLE dubbelslot_policy IN DATABASE dubbelslot "
                        + "SET synchronous_commit = off"
                ],
                mending: [
                    "ALTER ROLE dubbelslot_policy IN DATABASE dubbelslot RESET synchronous_commit"
                ]),
            Breakage(
                testDescription: "nothing is synced", line: "what is answered is on the disk",
                breaking: ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"],
                mending: ["ALTER SYSTEM RESET fsync", "SELECT pg_reload_conf()"]),
        ]

        @Test func `a system in order passes every check, and nothing of the trial stays`() throws {
            let installation = try Self.installation.get()
            let count = "SELECT count(*) FROM verification.authenticators"
            let before = try installation.sql(count)
            let outcome = try installation.doctor()
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(try installation.sql(count) == before)
        }

        @Test(arguments: breakages)
        func `what is broken is found, and said in its line`(breakage: Breakage) throws {
            let installation = try Self.installation.get()
            defer {
                for statement in breakage.mending {
                    #expect(throws: Never.self) { try installation.sql(statement) }
                }
            }
            for statement in breakage.breaking { try installation.sql(statement) }
            let outcome = try installation.doctor()
            #expect(outcome.status == 1, "\(outcome.output)")
            let line = outcome.output.split(separator: "\n").first { $0.hasPrefix(breakage.line) }
            #expect(line?.contains("FAILED") == true, "\(outcome.output)")
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
