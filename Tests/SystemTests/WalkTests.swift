import Fixtures
import Foundation
import Testing

/// The README's walk with curl, word for word, on a fresh installation.
@Suite struct WalkTests {
    /// What stands in the fenced blocks of that language.
    static func lines(of language: String, in text: String) -> String {
        var script: [Substring] = []
        var inside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```\(language)" {
                inside = true
            } else if line == "```" {
                inside = false
            } else if inside {
                script.append(line)
            }
        }
        return script.joined(separator: "\n")
    }

    @Test func `the walk of the README goes from password to session, twice and for two people`()
        throws
    {
        let installation = try Installation(gateways: 1)
        let secrets = installation.file("secrets/initial-password")
        try Data(installation.initialPassword.utf8).write(to: URL(fileURLWithPath: secrets))
        let readme = try String(contentsOfFile: RepositoryRoot.path("README.md"), encoding: .utf8)
        let script = "set -eu\n" + Self.lines(of: "sh", in: readme)
        var environment = ProcessInfo.processInfo.environment
        environment["DUBBELSLOT_URL"] =
            "http://localhost:\(try installation.port("auth-gateway.http"))"
        environment["DUBBELSLOT_DATA"] = installation.data
        let outcome = try ChildProcess.run(
            "bash", ["-c", script], environment: environment, seconds: 200)
        #expect(outcome.status == 0, "\(outcome.output)")
        let output = outcome.output.filter { !$0.isWhitespace }
        #expect(output.contains(#""title":"Authenticatorapp""#), "\(outcome.output)")
        #expect(output.contains(#""userName":"admin","roles":["administrator"]"#))
        #expect(output.contains(#""version":"2","enforcement":"everyone""#))
        // The administrator's second session is told only by what it may do; Ann's are printed.
        #expect(output.components(separatedBy: #""aal":2"#).count == 4, "\(outcome.output)")
    }
}
