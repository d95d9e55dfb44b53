import Fixtures
import Foundation
import Testing

/// What keeps containers safe and can be read in the files, where no engine runs.
@Suite struct ContainerTests {
    private let dockerfile: [Substring]
    private let compose: [Substring]

    init() throws {
        dockerfile = try Self.lines("Services/Dockerfile")
        compose = try Self.lines("docker-compose.yml")
    }

    private static func lines(_ path: String) throws -> [Substring] {
        try String(contentsOfFile: RepositoryRoot.path(path), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    private static let services = ["auth-gateway", "verification-service", "policy-service"]

    /// The lines of a block that stand deeper than its head.
    private static func block(_ head: String, of lines: [Substring]) -> [Substring] {
        let depth = head.prefix { $0 == " " }.count
        return Array(
            lines.drop { $0 != head && !$0.hasPrefix(head + " ") }.dropFirst()
                .prefix { $0.isEmpty || $0.prefix { $0 == " " }.count > depth })
    }

    /// The lines of a stage of the Dockerfile.
    private func stage(_ name: String) -> [Substring] {
        Array(
            dockerfile.drop { !($0.hasPrefix("FROM ") && $0.hasSuffix(" AS \(name)")) }
                .dropFirst().prefix { !$0.hasPrefix("FROM ") })
    }

    @Test func `images of services hold no system and run as a number`() {
        #expect(dockerfile.contains("FROM scratch AS service"))
        #expect(stage("service").contains("USER 10001:10001"))
        for name in Self.services {
            #expect(dockerfile.contains("FROM service AS \(name)"))
            let own = stage(name)
            #expect(own.contains("ENTRYPOINT [\"/app/\(name)\"]"))
            #expect(own.contains { $0.contains("CMD [\"/app/\(name)\", \"health\"]") })
            #expect(!own.contains { $0.hasPrefix("USER") || $0.hasPrefix("RUN") }, "\(name)")
        }
    }

    @Test func `images are built where no registry answers`() {
        #expect(!dockerfile.contains { $0.lowercased().hasPrefix("# syntax") })
        #expect(!(dockerfile + compose).contains { $0.contains("@sha256:") })
    }

    @Test func `every container gives up what it does not need`() {
        for kind in ["x-once: &once", "x-migration: &migration", "x-service: &service"] {
            let lines = Self.block(kind, of: compose).map { $0.drop { $0 == " " } }
            #expect(lines.contains("cap_drop: [ALL]"), "\(kind)")
            #expect(lines.contains("security_opt: [\"no-new-privileges:true\"]"), "\(kind)")
            #expect(lines.contains { $0.hasPrefix("mem_limit:") }, "\(kind)")
            #expect(lines.contains { $0.hasPrefix("pids_limit:") }, "\(kind)")
        }
        #expect(Self.block("x-service: &service", of: compose).contains("  read_only: true"))
        #expect(!compose.contains { $0.contains("privileged: true") || $0.contains("docker.sock") })
    }

    @Test func `nothing is published but doors for browsers, on this machine alone`() {
        let published = compose.filter { $0.contains("    ports:") }
        #expect(published.count == 3)
        #expect(published.allSatisfy { $0.contains("\"127.0.0.1:") && $0.hasSuffix(":8080\"]") })
        let inside = Self.block("x-verification-service:", of: compose)
        #expect(!inside.isEmpty && !inside.contains { $0.contains("ports") })
    }

    @Test func `networks between services lead nowhere else`() {
        let networks = Self.block("networks:", of: compose)
        let open = networks.filter { $0.hasPrefix("  ") && !$0.contains("internal: true") }
            .filter { !$0.hasPrefix("    ") }
        #expect(open == ["  messages: {}", "  edge:"])
        let edge = Self.block("  edge:", of: compose)
        #expect(edge.contains { $0.contains("enable_ip_masquerade: \"false\"") })
        let reached = { (name: String) in
            Self.block("x-\(name):", of: compose).first { $0.hasPrefix("  networks:") }
        }
        #expect(reached("policy-service") == "  networks: [database-policy, calls-policy]")
        #expect(
            reached("verification-service")
                == "  networks: [database-verification, calls-verification, messages]")
    }

    @Test func `no secret is told by the environment`() {
        let secret = /(PASSWORD|KEY|KEY_RING|TOKEN): *\S/
        #expect(!compose.contains { $0.firstMatch(of: secret) != nil })
        #expect("  DUBBELSLOT_MAIL_PASSWORD: a".firstMatch(of: secret) != nil)
    }
}
