import Fixtures
import Testing

@testable import Daemon
@testable import PolicyService

@Suite struct ComposeTests {
    private let compose: ComposeFile

    init() throws {
        compose = try ComposeFile()
    }

    /// What the service declares when it is given `settings`.
    private func read(_ settings: [String: String]) -> SettingsReader {
        var reader = SettingsReader(SettingsSource(environment: settings))
        _ = DaemonSettings(&reader)
        _ = PolicySettings(&reader)
        return reader
    }

    @Test func `compose hands on every setting that is declared, and no other`() {
        let declared = read([:]).declarations.map { (name: $0.name, isSecret: $0.isSecret) }
        #expect(declared.count > 10)
        #expect(compose.differences("policy", declared: declared) == [])
        let more = declared + [(name: "DUBBELSLOT_NEW", isSecret: true)]
        #expect(
            compose.differences("policy", declared: more)
                == ["DUBBELSLOT_NEW_FILE is not handed on"])
        let fewer = declared.filter { $0.name != "DUBBELSLOT_LOOPS" }
        #expect(
            compose.differences("policy", declared: fewer) == ["DUBBELSLOT_LOOPS is not declared"])
    }

    @Test func `what compose says by itself is right`() {
        var told = compose.standard("policy")
        // Files of the container; their contents are for other tests.
        told["DUBBELSLOT_SETTINGS_FILE"] = nil
        for name in told.keys.filter({ $0.hasSuffix("_FILE") }) {
            let secret = String(name.dropLast("_FILE".utf8.count))
            guard read([:]).declarations.contains(where: { $0.name == secret }) else { continue }
            told[name] = nil
            told[secret] = "of the container"
        }
        let reader = read(told)
        #expect(reader.problems == [])
        #expect(reader.unknownNames == [])
    }
}
