import Foundation

/// What docker-compose.yml tells a service, read from the file itself: the blocks
/// `x-NAME-settings`, which may begin with another of them. Only the YAML that stands there.
package struct ComposeFile {
    private let lines: [Substring]

    package init() throws {
        self.init(
            try String(contentsOfFile: RepositoryRoot.path("docker-compose.yml"), encoding: .utf8))
    }

    package init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The settings of the block `x-NAME-settings` by their names. The value is nil for one that
    /// is handed on from where compose is run.
    package func settings(_ name: String) -> [String: String?] {
        var found: [String: String?] = [:]
        var open: String?
        let head = "x-\(name)-settings:"
        for line in lines.drop(while: { !$0.hasPrefix(head) }).dropFirst() {
            if line.hasPrefix("    "), let setting = open {
                let before = (found[setting] ?? nil) ?? ""
                let part = line.trimmingCharacters(in: .whitespaces)
                found[setting] = before.isEmpty ? part : "\(before) \(part)"
            } else if let other = line.wholeMatch(of: #/  <<: \*([a-z]+)-settings/#) {
                found.merge(settings(String(other.1))) { _, new in new }
            } else if let setting = line.wholeMatch(of: #/  (DUBBELSLOT_[A-Z_]+): *(.*)/#) {
                let isFolded = setting.2 == ">-"
                open = isFolded ? String(setting.1) : nil
                found[String(setting.1)] = .some(setting.2.isEmpty ? nil : String(setting.2))
                if isFolded { found[String(setting.1)] = .some("") }
            } else if !line.hasPrefix("  #") {
                break
            }
        }
        return found
    }

    /// What is told by that block where compose is run with nothing set.
    package func standard(_ name: String) -> [String: String] {
        settings(name).compactMapValues { $0.map(Self.withoutEnvironment) }
    }

    /// `${NAME:-text}` is its text, also inside of another.
    static func withoutEnvironment(_ value: String) -> String {
        var value = value
        while let variable = value.firstMatch(of: /\$\{[A-Z_]+:-([^${}]*)\}/) {
            value.replaceSubrange(variable.range, with: variable.1)
        }
        return value
    }

    /// One sentence for each difference between that block and what a service declares. Secrets
    /// come as files alone.
    package func differences(
        _ name: String, declared: [(name: String, isSecret: Bool)]
    ) -> [String] {
        let told = Set(settings(name).keys)
        let wanted = Set(declared.map { $0.isSecret ? $0.name + "_FILE" : $0.name })
        return wanted.subtracting(told).map { "\($0) is not handed on" }.sorted()
            + told.subtracting(wanted).map { "\($0) is not declared" }.sorted()
    }
}
